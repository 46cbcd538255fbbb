"""A batch of clips, and the memory it lies in: given out again once nobody holds an array of it."""

from __future__ import annotations

import math
import mmap
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import MissingExtra
from lifeworld.core.signal import Stored
from lifeworld.core.time import Times
from lifeworld.episode.clips.shuffle import Numbers

SPARE_BYTES = 2**31
"""How much unused memory is kept for the next batches."""


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Arrays of different lengths, one after the other: item i is `values[offsets[i] : offsets[i + 1]]`.

    Of a signal with rows there is an item for each instant of each clip, clip after clip; of a stream taken by `all`, one for each clip,
    and `times_ns` says when each value was.
    """

    values: Any
    offsets: Numbers
    times_ns: Times | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, item: int) -> Any:
        if not -len(self) <= item < len(self):
            raise IndexError(f"item {item} of {len(self)}")
        item %= len(self)
        return self.values[self.offsets[item] : self.offsets[item + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch(Mapping[str, Any]):
    """Clips that were read together: `batch["rgb@front"]` is (clips, length, height, width, 3).

    `times_ns` (clips, length) int64 are the instants, from each episode's start; `bundle`, `episode` and `start` (clips,) say which clip
    each is; `known[stream]` (clips, length) is False where the stream's rule had no answer and its nearest sample stands in.
    """

    streams: Mapping[str, Any]
    times_ns: Times
    bundle: Numbers
    episode: Numbers
    start: Numbers
    known: Mapping[str, NDArray[np.bool_]]

    def __getitem__(self, stream: str) -> Any:
        return self.streams[stream]

    def __iter__(self) -> Iterator[str]:
        return iter(self.streams)

    def __len__(self) -> int:
        return len(self.streams)

    @property
    def clips(self) -> int:
        """How many clips it holds."""
        return len(self.start)

    def torch(self) -> dict[str, Any]:
        """The streams of numbers as tensors over the same memory, and `times_ns`; words and ragged streams stay behind.

        Raises:
            MissingExtra: if torch is not installed.
        """
        try:
            from_numpy = import_module("torch").from_numpy  # by name: nothing else of this floor knows of it
        except ModuleNotFoundError:
            raise MissingExtra("tensors", "learn") from None
        numbers = {name: v for name, v in self.streams.items() if isinstance(v, np.ndarray) and v.dtype.kind in "biuf"}
        return {name: from_numpy(v) for name, v in (numbers | {"times_ns": self.times_ns}).items()}

    def __repr__(self) -> str:
        said = (f"{name} {v.dtype} {v.shape}" if isinstance(v, np.ndarray) else f"{name} ragged" for name, v in self.streams.items())
        return f"<Batch of {self.clips} clips: {', '.join(said)}>"


class Memory:
    """Arrays in memory that comes back: when the last array over a piece of it is gone, the piece is used again, its pages warm.

    So an array may be kept as long as one likes, and nothing is overwritten under somebody's hands.
    """

    def __init__(self) -> None:
        self._free: dict[int, deque[mmap.mmap]] = {}

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array, not cleared."""
        size = math.prod(shape) * dtype.itemsize
        if size < mmap.PAGESIZE or dtype.hasobject:
            return np.empty(shape, dtype=dtype)
        free = self._free.setdefault(size, deque())
        try:
            piece = free.pop()
        except IndexError:
            piece = _pages(size)
        whole = np.frombuffer(piece, dtype=dtype)  # all views have this one as their base
        weakref.finalize(whole, _came_back, free, piece).atexit = False
        return whole.reshape(shape)


def _pages(size: int) -> mmap.mmap:
    if not hasattr(mmap, "MAP_PRIVATE"):  # Windows
        return mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(AttributeError, OSError):  # fewer, larger ones, where the system has them
        pages.madvise(mmap.MADV_HUGEPAGE)
    return pages


def _came_back(free: deque[mmap.mmap], piece: mmap.mmap) -> None:
    if (len(free) + 1) * len(piece) <= SPARE_BYTES:
        free.append(piece)


def joined_rows(items: list[Any], times_ns: list[Times] | None = None) -> Ragged:
    """Arrays, one an item, as one."""
    offsets = np.concatenate([[0], np.cumsum([len(item) for item in items])]).astype(np.int64)
    values = np.concatenate([np.asarray(item) if isinstance(item, Stored) else item for item in items]) if items else np.zeros(0)
    return Ragged(values, offsets, None if times_ns is None else np.concatenate(times_ns))
