"""What every importer says of the file it reads: its digest, the names made of its own, and how it came in."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lifeworld.core.errors import UnreadableFile, UnsafeFile
from lifeworld.core.origin import Provenance

READER_VERSION = "2"
"""Goes up when a reader makes other episodes of the same file."""
MOST_FILES = 1_000_000
"""In one folder of recordings."""


@dataclass(frozen=True, slots=True)
class Source:
    """The file or folder that episodes are read from: its name, and the sha256 of what it holds."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Source:
        return cls(path.resolve().name, digest(path))

    def parent(self, part: int | None = None) -> str:
        """`sha256:DIGEST NAME`, or `sha256:DIGEST#3 NAME` of the episode 3 in it: what provenance keeps, and what is known again."""
        return f"sha256:{self.sha256}{'' if part is None else f'#{part}'} {self.name}"

    def provenance(self, format: str, part: int | None = None) -> Provenance:
        """Of an episode read from it here and now."""
        return Provenance.now(engine=f"import {format}", engine_version=READER_VERSION, parents=(self.parent(part),))


def digest(path: Path) -> str:
    """sha256 of a file's bytes; of a folder, of its files' relative paths, sizes and bytes, in the order of the paths.

    Raises:
        UnreadableFile: if there are more than MOST_FILES files.
    """
    whole = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    for each in files_in(path):
        with each.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            whole.update(f"{each.relative_to(path).as_posix()}\0{size}\0".encode("utf-8", "surrogateescape"))
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """The plain files below a folder, in the order of their paths; hidden ones, and links that lead out of it, are left alone.

    Raises:
        UnreadableFile: if there are more than MOST_FILES.
    """
    count = 0
    root = folder.resolve()
    for here, folders, files in os.walk(folder):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural)
        for name in sorted((f for f in files if not f.startswith(".")), key=natural):
            path = Path(here) / name
            if not path.is_file() or (path.is_symlink() and not path.resolve().is_relative_to(root)):
                continue
            count += 1
            if count > MOST_FILES:
                raise UnreadableFile("the folder holds too many files", where=str(folder), expected=f"at most {MOST_FILES:,}")
            yield path


def inside(folder: Path, name: object) -> Path:
    """A file that another one names, which must lie below `folder`.

    Raises:
        UnsafeFile: if it lies elsewhere.
    """
    path = folder / str(name)
    if not isinstance(name, str) or "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
        raise UnsafeFile("a name leads out of the folder", where=str(folder), got=name, expected="a file below it")
    return path


def natural(name: str) -> tuple[object, ...]:
    """A key that sorts `frame10` after `frame9`."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part)


def word(text: str, *, otherwise: str = "it") -> str:
    """A name of a file or column as one word of letters, digits and _, as sources of streams are called."""
    return re.sub(r"\W+", "_", text).strip("_")[:64] or otherwise
