"""A file that only grows: the end of a journal that faces the disk."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from lifeworld.core.errors import StorageError
from lifeworld.core.storage import on_disk, refusal


class Log:
    """Takes bytes, and puts them at the end of a file when told to; as long as it is open, the file is locked.

    What the disk refuses stays here, in order, until it is taken. Not for two threads at once, but for `sync`.
    """

    def __init__(self, path: Path, *, named: Path) -> None:
        """Make the file at `path`, which will be known as `named`."""
        self.named = named
        self.refused: StorageError | None = None
        """Why the disk did not take what it was given last."""
        self.waiting = 0
        """How many bytes are not written yet."""
        self._pieces: list[memoryview] = []
        self._end = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def write(self, data: bytes) -> int:
        if data:
            self._pieces.append(memoryview(data))
            self.waiting += len(data)
            self._end += len(data)
        return len(data)

    def tell(self) -> int:
        return self._end

    def flush(self) -> None:
        """What the MCAP writer calls; what is kept here is written by `push`."""

    def push(self) -> None:
        """Write all that waits; wait for the disk.

        Raises:
            StorageError: if the disk refuses. What it refused still waits.
        """
        try:
            with on_disk(self.named):
                while self._pieces:
                    taken = os.write(self._file, self._pieces[0])
                    self.waiting -= taken
                    self._pieces[0] = self._pieces[0][taken:]
                    if not self._pieces[0]:
                        del self._pieces[0]
        except StorageError as error:
            self.refused = error
            raise
        self.refused = None

    def sync(self) -> None:
        """Ask the disk to keep what is written even without power; if it refuses, `refused` says so."""
        try:
            os.fdatasync(self._file)
        except OSError as error:
            self.refused = refusal(error, self.named) or self.refused

    def close(self) -> None:
        os.close(self._file)
