"""A session on disk: a file that only grows, in pieces that are whole or not there, so that who is killed has lost the last moments alone.

    file:   magic, pieces
    piece:  length u32, CRC-32 u32 (both little-endian), then zlib of msgpack: first the head, then batches

A batch is what was done since the one before: nodes that began, ticks that were gone through, states to begin from, where we are now. The
file is made beside and renamed once its head is in it; what follows is appended. A reader stops at the first piece that is not whole.
"""

from __future__ import annotations

import os
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from lifeworld.core.errors import StorageError, UnreadableFile
from lifeworld.core.write import replace_file

MAGIC = b"LWSESS01"
PIECE = struct.Struct("<II")
SUFFIX = ".session"
FORMAT = 1
MOST_PIECE = 2**30
MOST_BYTES = 2**30
"""Of a file: a day of a large world. What is done after that is not saved, and that is told."""
MOST_FILES, MOST_AGE_S = 20, 30 * 86_400.0
"""Of a folder: the oldest go first, and what nobody has gone on with for a month."""


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What was entered (`what`: the same for the same beginning), by which engine, what it is called, when it began [s, Unix]."""

    format: int
    what: str
    title: str
    seed: int
    engine: str
    began_s: float


class NodeSaved(msgspec.Struct, frozen=True, array_like=True):
    """A node that began: what was said, the place that it left (node, ticks), its first state; none where that is the one it left."""

    number: int
    said: str
    left: tuple[int, int] | None
    start: bytes


class Ticks(msgspec.Struct, frozen=True, array_like=True):
    """Ticks of a node from the `first` on, in runs of the same action: how often, embodiment → numbers."""

    node: int
    first: int
    runs: list[tuple[int, dict[str, list[float]]]]


class Key(msgspec.Struct, frozen=True, array_like=True):
    """The state so many ticks into a node."""

    node: int
    ticks: int
    state: bytes


class Now(msgspec.Struct, frozen=True, array_like=True):
    """Where we are, what redo leads to, the places that have names (name, node, ticks), and how fast time goes."""

    node: int
    ticks: int
    ahead: list[tuple[int, int]]
    marks: list[tuple[str, int, int]]
    speed: float


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What was done since the batch before, at `at_s` [s, Unix]."""

    at_s: float
    nodes: list[NodeSaved]
    ticks: list[Ticks]
    keys: list[Key]
    now: Now


_HEADS = msgspec.msgpack.Decoder(Head)
_BATCHES = msgspec.msgpack.Decoder(Batch)


class Book:
    """The file of one session, held by this process alone. `is_empty` where nothing but its head is in it.

    What is appended outlives this process at once, however that ends; a power cut from the next `sync` on, which may be called by another
    thread.
    """

    def __init__(self, path: Path, file: IO[bytes], end: int, *, is_empty: bool) -> None:
        self.path, self._file, self._end, self.is_empty = path, file, end, is_empty
        self._safe = end  # all before it lies on the disk
        self._unsafe: list[bytes] = []  # what was written since
        self._again = False  # the disk refused to keep it: it is to be written once more
        self._lock = threading.Lock()

    def append(self, batch: Batch) -> None:
        """A batch more.

        Raises:
            StorageError: if the disk refuses, or the file is full; the file ends where it did.
        """
        piece = _piece(msgspec.msgpack.encode(batch))
        if self._end + len(piece) > MOST_BYTES:
            raise StorageError(
                "this session is too long to be saved further", got=f"{self._end:,} bytes", expected=f"at most {MOST_BYTES:,}"
            )
        with self._lock:
            try:
                self._write(piece, self._end)
            except OSError as error:
                with suppress(OSError):
                    self._file.truncate(self._end)
                raise self._refused(error) from error
            self._end += len(piece)
            self._unsafe.append(piece)
            self.is_empty = False

    def sync(self) -> None:
        """All that was appended so far lies on the disk when this returns.

        Raises:
            StorageError: if the disk refuses; what it did not keep is written again by the next `sync`.
        """
        try:
            with self._lock:
                count = len(self._unsafe)
                if self._again:
                    self._write(b"".join(self._unsafe), self._safe)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._again = True
            raise self._refused(error) from error
        with self._lock:
            self._again = False
            self._safe += sum(map(len, self._unsafe[:count]))
            del self._unsafe[:count]

    def _write(self, data: bytes, at: int) -> None:
        self._file.seek(at)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    def _refused(self, error: OSError) -> StorageError:
        return StorageError("the session cannot be saved", where=str(self.path), got=error.strerror)

    def close(self) -> None:
        self._file.close()

    def forget(self) -> None:
        """Close it and take it from the disk."""
        self.close()
        self.path.unlink(missing_ok=True)


def begin(folder: Path, head: Head) -> Book:
    """A new file in a folder that nobody else can read.

    Raises:
        StorageError: if the disk refuses.
    """
    name = "".join(c if c.isalnum() else "-" for c in head.title.lower())[:40].strip("-") or "world"
    path = folder / f"{name}-{secrets.token_hex(4)}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replace_file(path) as beside:
            beside.touch(mode=0o600)
            beside.write_bytes(MAGIC + _piece(msgspec.msgpack.encode(head)))
    except OSError as error:
        raise StorageError(
            "sessions cannot be saved there", where=str(folder), got=error.strerror, fix="Name another: --state FOLDER"
        ) from error
    book = _held(path)
    assert book is not None  # nobody else knows of it
    return book[0]


def latest(folder: Path, what: str) -> tuple[Book, Head, list[Batch]] | None:
    """The session of this beginning that was gone on with last, unless somebody is in it; None where there is none."""
    for path in sorted(folder.glob(f"*{SUFFIX}"), key=_changed_s, reverse=True):
        try:
            head, _, _ = read(path, batches=False)
        except (UnreadableFile, OSError):
            continue
        if head.what != what or head.format != FORMAT:
            continue
        held = _held(path)
        if held is None:
            continue
        book, head, batches = held
        if batches:
            return book, head, batches
        book.forget()
    return None


def sweep(folder: Path) -> None:
    """Take away what is old or too much, of sessions that nobody is in."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=_changed_s, reverse=True)
    for i, path in enumerate(paths):
        if i >= MOST_FILES or time.time() - _changed_s(path) > MOST_AGE_S:
            with suppress(UnreadableFile, OSError):
                if (held := _held(path)) is not None:
                    held[0].forget()


def read(path: Path, *, batches: bool = True) -> tuple[Head, list[Batch], int]:
    """The head, all whole batches, and how many bytes of the file are whole.

    Raises:
        UnreadableFile: if it is no session.
    """
    with path.open("rb") as file:
        return _read(file, path, batches=batches)


def _read(file: IO[bytes], path: Path, *, batches: bool = True) -> tuple[Head, list[Batch], int]:
    end = len(MAGIC)
    pieces = _pieces(file, path)
    try:
        first, end = next(pieces)
        head = _HEADS.decode(first)
    except (StopIteration, msgspec.MsgspecError) as error:
        raise UnreadableFile("this is no saved session", where=str(path)) from error
    found: list[Batch] = []
    for piece, after in pieces if batches else ():
        try:
            found.append(_BATCHES.decode(piece))
        except msgspec.MsgspecError:
            break
        end = after
    return head, found, end


def _pieces(file: IO[bytes], path: Path) -> Iterator[tuple[bytes, int]]:
    """The pieces that are whole, each with where it ends."""
    if file.read(len(MAGIC)) != MAGIC:
        raise UnreadableFile("this is no saved session", where=str(path))
    end = len(MAGIC)
    while len(head := file.read(PIECE.size)) == PIECE.size:
        length, crc = PIECE.unpack(head)
        content = file.read(min(length, MOST_PIECE))
        if len(content) != length or zlib.crc32(content) != crc:
            return
        end += PIECE.size + length
        inflate = zlib.decompressobj()
        try:
            yield inflate.decompress(content, MOST_PIECE), end
        except zlib.error:
            return


def _piece(content: bytes) -> bytes:
    small = zlib.compress(content, 1)
    return PIECE.pack(len(small), zlib.crc32(small)) + small


def _held(path: Path) -> tuple[Book, Head, list[Batch]] | None:
    """A file opened to go on with, what is not whole at its end cut away; None while another process holds it."""
    file = path.open("r+b", buffering=0)
    if os.name != "nt":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go of by the kernel when we die
        except OSError:
            file.close()
            return None
    try:
        head, batches, end = _read(file, path)
    except UnreadableFile:
        file.close()
        raise
    file.truncate(end)
    return Book(path, file, end, is_empty=not batches), head, batches


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
