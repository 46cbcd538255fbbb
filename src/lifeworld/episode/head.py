"""The head of a bundle: `meta/info.json`, whose replacement is the one moment at which a change becomes true, and the chain of snapshots.

Whatever is written before it (files of an episode, rows of the index, a snapshot) counts for nothing until the head names it, and a
process that dies in between leaves the bundle as it was, with files too many that the next writer removes.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.write import replace_file
from lifeworld.episode.manifest import SCHEMA, File

INFO = "meta/info.json"
LOCK = ".lock"
KEY = "x_world"
_MOST_BYTES = 64 * 2**20


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What `x_world` in `meta/info.json` says: how many episodes of which index count, and the last snapshot (0: none yet).

    `next_number` is the number that the next episode of the LeRobot view gives its files; numbers are never used again.
    """

    schema: str = SCHEMA
    episodes: int = 0
    snapshot: int = 0
    index: str = "index/g0000"
    streams_path: str = "streams"
    next_number: int = 0


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one change added and removed, `snapshots/<number>.json`; `parent` is the sha256 of the snapshot file before, "" of the first."""

    number: int
    parent: str
    created: str
    added: tuple[File, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Info:
    """`meta/info.json` as read: what LeRobot reads, and our head."""

    lerobot: dict[str, Any]
    head: Head


def is_bundle(path: Path | str) -> bool:
    """Whether a folder is a bundle of ours, of whatever version."""
    try:
        return KEY in json.loads((Path(path) / INFO).read_bytes()[:_MOST_BYTES])
    except (OSError, ValueError, TypeError):
        return False


def read_info(root: Path) -> Info:
    """The head of a bundle.

    Raises:
        UnreadableFile: if there is none, or it is damaged or of another format.
    """
    path = root / INFO
    try:
        raw = json.loads(path.read_bytes())
        said = raw.pop(KEY)
        schema = said["schema"]
        head = msgspec.convert(said, Head) if schema == SCHEMA else None
    except FileNotFoundError:
        raise UnreadableFile(
            "this is no bundle", where=str(root), expected=INFO, fix="`lifeworld import` makes one of recordings from elsewhere."
        ) from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, msgspec.MsgspecError) as error:
        raise UnreadableFile(
            "the head of the bundle is damaged", where=str(path), got=f"{type(error).__name__}: {error}", expected=f"JSON with {KEY!r}"
        ) from error
    if head is None:
        raise UnreadableFile(
            "a bundle of another format", where=str(path), got=schema, expected=SCHEMA, fix="A newer lifeworld may read it."
        )
    return Info(raw, head)


def write_info(root: Path, lerobot: dict[str, Any], head: Head) -> None:
    """Replace the head: what it names is true from now on."""
    with replace_file(root / INFO) as beside:
        beside.write_text(json.dumps(lerobot | {KEY: msgspec.to_builtins(head)}, indent=1) + "\n", encoding="utf-8")


def write_snapshot(root: Path, before: int, added: Iterable[File], removed: Iterable[str] = ()) -> int:
    """Append a snapshot to the chain; its number, which counts once the head names it."""
    parent = hashlib.sha256((root / snapshot_path(before)).read_bytes()).hexdigest() if before else ""
    snapshot = Snapshot(
        number=before + 1,
        parent=parent,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        added=tuple(added),
        removed=tuple(removed),
    )
    with replace_file(root / snapshot_path(before + 1)) as beside:
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(snapshot), indent=1) + b"\n")
    return before + 1


def read_snapshot(root: Path, number: int) -> Snapshot:
    """One snapshot.

    Raises:
        UnreadableFile: if it is missing or damaged.
    """
    path = root / snapshot_path(number)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Snapshot)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableFile("the snapshot is damaged", where=str(path), got=str(error)) from error


def snapshot_path(number: int) -> str:
    return f"snapshots/{number:06d}.json"


def file_of(root: Path, path: str) -> File:
    """A file as a snapshot lists it; `path` from the root, with /."""
    with (root / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return File(path, os.fstat(file.fileno()).st_size, digest)


@contextmanager
def locked(root: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Be the only one who writes to the bundle; the lock ends with the process, however it ends.

    Raises:
        InputError: if another process holds it for longer than `wait_s`.
    """
    import fcntl

    handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise InputError(
                        "another process is writing to this bundle", where=str(root), fix="Wait until it is done, or write to another one."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)
