"""Zip archives from strangers: counted before they are listed, measured while they are unpacked, never written to disk.

Source: APPNOTE 6.3.10 (PKWARE), sections 4.3.7–4.3.16.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import struct
import zipfile
import zlib
from pathlib import Path

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile
from lifeworld.scene.formats.asset import AssetFile
from lifeworld.scene.formats.limits import Limits
from lifeworld.scene.formats.source import admit, confined, remember

_END = b"PK\5\6"
_LEAST_FOR_RATIO = 1_000_000


class ArchiveSource:
    """The files inside one zip.

    Raises:
        UnreadableFile: if it is no zip, is encrypted or is broken.
        UnsafeFile: if an entry's name leaves the archive, or an entry is a link.
        FileTooLarge: over the limits of entries, of unpacked bytes or of the packing ratio.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.limits = limits
        self.read_files: dict[str, AssetFile] = {}
        size = path.stat().st_size
        if size > limits.source_bytes:
            raise FileTooLarge("the archive is too large", got=f"{size:,} bytes", expected=f"at most {limits.source_bytes:,}")
        data = path.read_bytes()
        self.whole = AssetFile(name=path.name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        _count(data, limits)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError) as error:
            raise UnreadableFile(f"not a zip archive that can be read: {error}") from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._folded: dict[str, str] = {}
        total = 0
        if len(self._zip.infolist()) > limits.zip_entries:
            raise FileTooLarge("too many entries in the archive", expected=f"at most {limits.zip_entries:,}")
        for entry in self._zip.infolist():
            if not entry.filename:
                raise UnreadableFile("an entry without a name in the archive")
            total += entry.file_size
            self._check(entry)
            if not entry.is_dir():
                name = confined(entry.filename, "")
                if name in self._entries:
                    raise UnsafeFile("two entries of one name in the archive", got=name[:200])
                self._entries[name] = entry
                self._folded.setdefault(name.lower(), name)
        if total > limits.zip_bytes:
            raise FileTooLarge("the archive unpacks to too much", got=f"{total:,} bytes", expected=f"at most {limits.zip_bytes:,}")

    @property
    def names(self) -> list[str]:
        """Every file in it."""
        return list(self._entries)

    def find(self, reference: str, *, beside: str = "") -> str | None:
        name = confined(reference, beside)
        return name if name in self._entries else self._folded.get(name.lower())  # archives made on Windows mix their cases

    def read(self, name: str, *, most: int, what: str) -> bytes:
        entry = self._entries[name]
        admit(self, name, entry.file_size, most=most, what=what)
        data = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(1 << 20):
                    data += chunk
                    if len(data) > min(entry.file_size, most):  # it holds more than it says
                        raise FileTooLarge(f"the {what} unpacks to more than it says", where=name, expected=f"{entry.file_size:,} bytes")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, RuntimeError) as error:
            raise UnreadableFile(f"the {what} cannot be unpacked: {error}", where=name) from error
        return remember(self, name, bytes(data))

    def _check(self, entry: zipfile.ZipInfo) -> None:
        shown = entry.filename[:200]
        confined(entry.filename, "")
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise UnsafeFile("a symbolic link in the archive", got=shown)
        if entry.flag_bits & 1:
            raise UnreadableFile("the archive is encrypted", where=shown)
        if entry.file_size > _LEAST_FOR_RATIO and entry.file_size > self.limits.zip_ratio * max(entry.compress_size, 1):
            raise FileTooLarge(
                "an entry is packed too tightly to be what it says",
                where=shown,
                got=f"{entry.compress_size:,} bytes for {entry.file_size:,}",
                expected=f"at most {self.limits.zip_ratio} to 1",
            )


def folder_of(name: str) -> str:
    """The folder of an entry, without the last `/`."""
    return posixpath.dirname(name)


def _count(data: bytes, limits: Limits) -> None:
    """Reads the number of entries where the archive ends, before anything makes a list of them."""
    at = data.rfind(_END, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise UnreadableFile("not a zip archive: it has no end record")
    if data[max(0, at - 20) : at].startswith(b"PK\6\7"):
        raise UnreadableFile("a zip64 archive", expected="an ordinary zip archive, under 4 GB and 65,535 entries")
    entries, size = struct.unpack_from("<HI", data, at + 10)
    # every entry of the directory takes 46 bytes or more, whatever the count beside it says
    if entries > limits.zip_entries or size > limits.zip_entries * 400:
        raise FileTooLarge("too many entries in the archive", got=f"{entries:,}", expected=f"at most {limits.zip_entries:,}")
