"""The files an import may read: those inside one folder, or inside one archive, and nothing else.

Every reference a foreign file makes goes through `Source.find`; what is read is counted against the limits and remembered with
its digest, so that an asset can say exactly what it was made from.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
from pathlib import Path
from typing import Protocol

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.asset import AssetFile
from lifeworld.scene.formats.limits import Limits


class Source(Protocol):
    """Files by name, `/` between folders, relative to one root that nothing leaves."""

    limits: Limits
    read_files: dict[str, AssetFile]

    def find(self, reference: str, *, beside: str = "") -> str | None:
        """The name of the file that `reference`, written in the folder `beside`, means; None if there is none.

        Raises:
            UnsafeFile: if it is absolute, or leaves the root.
        """
        ...

    def read(self, name: str, *, most: int, what: str) -> bytes:
        """The bytes of a file that `find` named; `what` says what sort of file it is.

        Raises:
            FileTooLarge: over `most` bytes, or over the limits of the whole import.
        """
        ...


class FolderSource:
    """The files under one folder. Links are followed only as long as they stay inside it."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.root = Path(os.path.realpath(root))
        self.limits = limits
        self.read_files: dict[str, AssetFile] = {}

    def find(self, reference: str, *, beside: str = "") -> str | None:
        name = confined(reference, beside, root=self.root)
        real = os.path.realpath(self.root / name)
        if os.path.commonpath([self.root, real]) != str(self.root):
            raise UnsafeFile("a link leads out of its folder", got=reference[:200], fix="Put the real file there.")
        if not os.path.exists(real):
            return None
        if not stat.S_ISREG(os.stat(real).st_mode):
            raise UnsafeFile("this is not a plain file", got=reference[:200])
        return os.path.relpath(real, self.root).replace(os.sep, "/")

    def read(self, name: str, *, most: int, what: str) -> bytes:
        with (self.root / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            admit(self, name, size, most=most, what=what)
            data = file.read(size + 1)
        if len(data) != size:
            raise UnreadableFile(f"the {what} changed while it was read", where=name)
        return remember(self, name, data)


def confined(reference: str, beside: str, *, root: Path | None = None) -> str:
    """The name that a reference means, without `.` and `..`.

    Raises:
        UnsafeFile: if it is absolute, leaves the root, or is no plain path; says which folder would hold it, where `root` is known.
    """
    fix = "Copy the files it uses beside it."
    if "\0" in reference or len(reference) > 1000:
        raise UnsafeFile("a file name that is none", got=reference[:100])
    reference = reference.replace("\\", "/")
    if reference.startswith(("/", "~")) or re.match(r"[a-zA-Z]+:", reference):
        raise UnsafeFile("an absolute path, or an address", got=reference[:200], expected="a path inside its own folder", fix=fix)
    name = posixpath.normpath(posixpath.join(beside, reference))
    if name == ".." or name.startswith(("../", "/")):
        up = name.split("/").count("..")
        if root is not None and 0 < up < len(root.parents):  # never the whole disk
            fix += f" Or name the folder that holds them all, {up} above, with --root (`root` in Python): …/{root.parents[up - 1].name}."
        raise UnsafeFile("a path that leaves its folder", got=name[:200], expected="a path inside its own folder", fix=fix)
    return name


def admit(source: Source, name: str, size: int, *, most: int, what: str) -> None:
    """Says no to a file before it is read.

    Raises:
        FileTooLarge: over `most` bytes, or over the limits of the whole import.
    """
    if size > most:
        raise FileTooLarge(f"the {what} is too large", where=name, got=f"{size:,} bytes", expected=f"at most {most:,}")
    if name not in source.read_files:
        if len(source.read_files) >= source.limits.files:
            raise FileTooLarge(f"more than {source.limits.files:,} files", where=name)
        if size + sum(each.bytes for each in source.read_files.values()) > source.limits.source_bytes:
            raise FileTooLarge(f"more than {source.limits.source_bytes:,} bytes in all its files", where=name)


def remember(source: Source, name: str, data: bytes) -> bytes:
    """Notes the digest of what was read, and gives it on."""
    source.read_files[name] = AssetFile(name=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    return data


def bounded_text(text: str, most: int = 300) -> str:
    """Foreign text made fit to be kept and shown: no control characters or broken surrogates, one line, not endless."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
