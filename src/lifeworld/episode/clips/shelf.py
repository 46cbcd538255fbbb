"""Samples kept decoded in one flat file, mapped into memory: reading them again is copying.

    CACHE/<bundle>/rgb@front.96x96/rows.bin      sample after sample, episode after episode, as the index counts them; holes until read
    CACHE/<bundle>/rgb@front.96x96/there.bin     one byte a sample: 1 once its bytes are on the disk
    CACHE/<bundle>/rgb@front.96x96/about.json    what it is of

Derived: it may be deleted at any time, also while in use. A process that is killed loses at most the marks of what it wrote last. Several
may fill one shelf: the same sample has the same bytes, whoever writes them. Appending to the bundle keeps it (episodes are only added at
the end), erasing does not (a new generation of the index is another bundle here).
"""

from __future__ import annotations

import json
import math
import mmap
import os
import re
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.write import replace_file

VERSION = 1
"""Another decoder, another version: what was kept by the old one is not read any more."""
FLUSH_BYTES = 256 * 2**20
"""How much may be written before its marks are set."""


@dataclass(slots=True)
class Budget:
    """How many bytes may yet be written to caches, and why not when not."""

    left: int
    refused: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self, size: int) -> bool:
        with self._lock:
            if self.refused:
                return False
            if size > self.left:
                self.refused = "the cache has reached its limit"
                return False
            self.left -= size
            return True

    def refuse(self, why: str) -> None:
        with self._lock:
            self.refused = self.refused or why


class Shelf:
    """`count` samples of one shape and dtype. `rows` (count, *shape) shows all, those that are not there as zeros; `there` (count,) is 1
    for those that are.

    Raises:
        InputError: if the folder cannot be written to.
        UnreadableFile: if it holds something else under this name.
    """

    def __init__(self, folder: Path, *, count: int, shape: tuple[int, ...], dtype: np.dtype[Any], identity: str, budget: Budget) -> None:
        self.folder, self.budget = folder, budget
        self.row_bytes = math.prod(shape) * dtype.itemsize
        self._lock = threading.Lock()
        self._unmarked: list[tuple[int, int]] = []
        self._unmarked_bytes = 0
        about = {"version": VERSION, "shape": list(shape), "dtype": dtype.str, "identity": identity}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._check(about)
            self._rows = self._held(folder / "rows.bin", count * self.row_bytes)
            self._there = self._held(folder / "there.bin", count)
        except OSError as error:
            raise InputError(
                "the cache cannot be kept here", where=str(folder), got=error.strerror, fix="Give cache= another folder, or False."
            ) from error
        self._map = mmap.mmap(self._rows, count * self.row_bytes, access=mmap.ACCESS_READ)
        self.rows: NDArray[Any] = np.frombuffer(self._map, dtype=dtype).reshape(count, *shape)
        private = mmap.mmap(self._there, count, access=mmap.ACCESS_COPY)  # ours to mark at once; the file's bytes follow the data's
        self.there: NDArray[np.uint8] = np.frombuffer(private, dtype=np.uint8)

    def put(self, first: int, block: NDArray[Any]) -> bool:
        """Keep samples from number `first` on; whether there was room."""
        data = np.ascontiguousarray(block).data.cast("B")
        if not self.budget.spend(len(data)):
            return False
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._rows, data[written:], first * self.row_bytes + written)
        except OSError as error:  # a full disk: training goes on without
            self.budget.refuse(f"the cache cannot be written: {error.strerror}")
            return False
        self.there[first : first + len(block)] = 1
        with self._lock:
            self._unmarked.append((first, len(block)))
            self._unmarked_bytes += len(data)
            due = self._unmarked_bytes >= FLUSH_BYTES
        if due:
            self.flush()
        return True

    def flush(self) -> None:
        """Ask the disk to have what was written, then mark it as there for those to come."""
        with self._lock:
            marks, self._unmarked, self._unmarked_bytes = self._unmarked, [], 0
        if not marks:
            return
        try:
            os.fdatasync(self._rows)
            for first, count in marks:
                os.pwrite(self._there, b"\1" * count, first)
        except OSError as error:
            self.budget.refuse(f"the cache cannot be written: {error.strerror}")

    def _held(self, path: Path, size: int) -> int:
        """A file that is open as long as somebody has the shelf: clips have no end that their user would have to call."""
        handle = _opened(path, size)
        weakref.finalize(self, os.close, handle).atexit = False
        return handle

    def _check(self, about: dict[str, Any]) -> None:
        path = self.folder / "about.json"
        if not path.exists():
            with replace_file(path) as beside:
                beside.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
            return
        try:
            found = json.loads(path.read_bytes())
        except ValueError:
            found = None
        if found != about:
            raise UnreadableFile("the cache is not of this bundle", where=str(path), fix="Delete the folder: it is made again.")


def shelf_name(stream: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """What a shelf's folder is called: streams by name, sizes and type."""
    return re.sub(r"[^\w@.-]", "_", f"{stream}.{'x'.join(map(str, shape)) or 'one'}.{dtype.str[1:]}")


def _opened(path: Path, size: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if os.fstat(handle).st_size < size:
            os.ftruncate(handle, size)
    except OSError:
        os.close(handle)
        raise
    return handle
