"""Values that lie elsewhere (in a file, encoded) and are read when they are asked for, as one reads an array.

    frames = stream.values            # a video of 10,000 frames: nothing is decoded yet
    frames[40:56]                     # (16, height, width, 3): these are
    np.asarray(frames)                # all of them

What is read is a fresh array each time, for the reader to keep or change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Index = NDArray[np.int64]
BLOCK = 64
"""How many moments an iteration reads at a time."""


class Stored(ABC):
    """The values of a stream, one for each of `shape[0]` moments, not in memory.

    `shape` is (moments, *sizes) and `dtype` theirs; of a ragged signal the shape leaves out the rows, of which each moment has another
    number, and what is read is a tuple of arrays.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    ragged: bool = False

    @abstractmethod
    def take(self, index: Index) -> Any:
        """The values at these moments, (k,) int64 within bounds, in any order and with repeats: (k, *sizes), or k arrays if ragged.

        Raises:
            UnreadableFile: if the file is damaged; names it.
        """

    def part(self, start: int, stop: int) -> Stored:
        """The moments from `start` to before `stop`, still unread."""
        return _Part(self, start, stop)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: int | slice | ArrayLike) -> Any:
        """As of an array, along the moments: a number gives one value, a slice or numbers several."""
        every: Any = np.arange(len(self), dtype=np.int64)
        moments = every[key]
        if np.ndim(moments) == 0:
            return self.take(np.array([moments], dtype=np.int64))[0]
        got = self.take(moments)
        return tuple(got) if self.ragged else got

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), BLOCK):
            yield from self[start : start + BLOCK]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if self.ragged:
            raise TypeError("a ragged signal has no array of all values; index it")
        return np.asarray(self[:], dtype=dtype)


class _Part(Stored):
    def __init__(self, whole: Stored, start: int, stop: int) -> None:
        self.whole, self.start = whole, start
        self.shape, self.dtype, self.ragged = (stop - start, *whole.shape[1:]), whole.dtype, whole.ragged

    def take(self, index: Index) -> Any:
        return self.whole.take(index + self.start)
