"""The arrays of an .npz archive, bounded before anything is read and never unpickled.

Source: NumPy, numpy.lib.format, "A simple file format for NumPy arrays" (NEP 1).
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile, UnsafeFile

MOST_BYTES = 16 * 2**30
"""Unpacked, of one archive."""
MOST_RATIO, ALWAYS_BYTES = 100, 256 * 2**20
"""An archive of more than ALWAYS_BYTES may unpack to so many times its size: what packs better than that is a bomb."""
MOST_HEADER = 10_000


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by name, none of them of Python objects.

    Raises:
        UnreadableFile: if it is broken.
        UnsafeFile: if it holds Python objects.
        FileTooLarge: if it unpacks to more than MOST_BYTES, or to more than MOST_RATIO times its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
            unpacked, packed = sum(m.file_size for m in members), path.stat().st_size
            if unpacked > min(MOST_BYTES, max(ALWAYS_BYTES, MOST_RATIO * packed)):
                raise FileTooLarge(
                    "the archive unpacks to too much",
                    where=path.name,
                    got=f"{unpacked:,} bytes from {packed:,}",
                    expected=f"at most {MOST_BYTES:,} bytes, and {MOST_RATIO} times its own",
                )
            return {m.filename[:-4]: _member(archive, m, path) for m in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise UnreadableFile("the archive is broken", where=path.name, got=str(error), expected="what numpy.savez writes") from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> NDArray[Any]:
    where = f"{path.name}, {member.filename}"
    with archive.open(member) as file:
        head = file.read(MOST_HEADER)
        start = io.BytesIO(head)
        version = np.lib.format.read_magic(start)
        if version not in ((1, 0), (2, 0)):
            raise UnreadableFile("an array of an unknown version", where=where, got=version, expected="1.0 or 2.0")
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = header(start, max_header_size=MOST_HEADER)
        if dtype.hasobject:
            raise UnsafeFile("an array holds Python objects, which would be unpickled", where=where, fix="Save it as plain numbers.")
        if member.file_size != start.tell() + math.prod(shape) * dtype.itemsize or any(size < 0 for size in shape):
            raise UnreadableFile("an array is not as long as it says", where=where, got=f"{shape} of {dtype}, {member.file_size} bytes")
        raw = head[start.tell() :] + file.read()
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise UnreadableFile("an array is cut off", where=where, got=f"{len(raw)} bytes")
    flat: NDArray[Any] = np.frombuffer(raw, dtype=dtype) if dtype.itemsize else np.zeros(math.prod(shape), dtype)
    return flat.reshape(shape[::-1]).T if by_columns else flat.reshape(shape)
