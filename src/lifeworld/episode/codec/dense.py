"""Pixel maps and large rows as a Zarr v3 array: one folder, one file of all chunks, any moments read without the rest.

    DEPTH.zarr/zarr.json      shape, dtype and codecs, by the Zarr v3 specification
    DEPTH.zarr/c/0/0/0        the one shard: chunks of some moments each, then where each lies, then a CRC-32C of that

Each chunk is transposed so that time runs fastest (what stands still becomes runs of equal bytes), its bytes or bits are shuffled, which
of both is tried, and Zstandard packs it. The numbers are measured in docs/codecs.md. Any Zarr v3 reader opens it; this one maps the file.

Source: Zarr v3 core specification; its `sharding_indexed`, `transpose`, `bytes`, `blosc` and `crc32c` codecs.
"""

from __future__ import annotations

import json
import math
import mmap
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.crc32c import crc32c

MOMENTS = 16
"""Moments in a chunk."""
MOST_CHUNK_BYTES = 32 * 2**20
"""Chunks of larger samples hold fewer moments."""
LEVEL = 5
SHUFFLES = {"shuffle": 1, "bitshuffle": 2}
"""Blosc's names of shuffling bytes and bits, as Zarr says them, and its numbers."""
STRIP = 4096
"""Values of a sample that are turned back together: what they touch stays in the cache."""
MOST_BYTES = 2**46
"""An array that claims to be larger is not believed."""
MISSING = 2**64 - 1
DTYPES = {
    "bool": "|b1", "int8": "|i1", "uint8": "|u1", "int16": "<i2", "uint16": "<u2", "int32": "<i4", "uint32": "<u4",
    "int64": "<i8", "uint64": "<u8", "float16": "<f2", "float32": "<f4", "float64": "<f8",
}  # fmt: skip


def write_dense(folder: Path, values: NDArray[Any] | Stored) -> None:
    """Write an array (moments, ...) of numbers, one dimension or more, to the bit. Stored values are read a chunk at a time.

    Raises:
        InputError: if its dtype is not one of numbers, a sample has no values, or there is something at `folder`.
    """
    name = values.dtype.name
    if name not in DTYPES or 0 in values.shape[1:]:
        raise InputError("not an array of numbers", where=str(folder), got=f"{values.dtype} {values.shape}", expected=" or ".join(DTYPES))
    dtype, shape = np.dtype(DTYPES[name]), values.shape
    sample_bytes = dtype.itemsize * math.prod(shape[1:])
    moments = max(1, min(MOMENTS, MOST_CHUNK_BYTES // sample_bytes, shape[0]))
    shuffle = _better(values, moments, dtype)
    if folder.exists() or folder.is_symlink():
        raise InputError("there is something at this place", where=str(folder), fix="Choose another folder.")
    if shape[0]:
        with replace_file(folder / "c" / "/".join("0" * len(shape))) as shard, shard.open("wb") as file:
            spans = []
            for packed in _packed(_chunks(values, moments), dtype, shuffle):
                spans.append((file.tell(), len(packed)))
                file.write(packed)
            table = np.array(spans, dtype="<u8").tobytes()
            file.write(table + crc32c(table).to_bytes(4, "little"))
    with replace_file(folder / "zarr.json") as described:  # last: a folder without it is no array
        described.write_text(json.dumps(_metadata(name, shape, moments, shuffle), indent=1) + "\n", encoding="utf-8")


class Dense(Stored):
    """An array (moments, ...) that `write_dense` wrote, read a chunk at a time; `shard` is its one large file, where that is not in the
    folder. `moments` is how many samples a chunk holds. Any number of threads may read at once.

    Raises:
        UnreadableFile: if the folder holds no such array, or its parts do not agree.
        FileTooLarge: if it claims to be larger than its file can be.
    """

    def __init__(self, folder: Path, *, shard: bytes | None = None) -> None:
        self.folder = folder
        self.shape, self.dtype, self.moments = _read_metadata(folder / "zarr.json")
        self._chunk = (self.moments, *self.shape[1:])
        self._bytes = math.prod(self._chunk) * self.dtype.itemsize
        self._file = folder / "c" / "/".join("0" * len(self.shape))
        self._shard: memoryview | None = None
        self._spans: NDArray[np.uint64] | None = None
        if shard is not None:
            self._shard = memoryview(shard)

    def take(self, index: Index) -> NDArray[Any]:
        out = np.empty((len(index), *self.shape[1:]), dtype=self.dtype)
        self.read_into(out, index)
        return out

    def read_into(self, out: NDArray[Any], index: Index) -> None:
        """The samples at `index` (k,), in any order and with repeats, into `out` (k, ...); each chunk is unpacked once.

        Raises:
            UnreadableFile: naming the file and the chunk, if one is damaged.
        """
        if not len(index):
            return
        numbers = index // self.moments
        for number in np.unique(numbers).tolist():
            here = np.flatnonzero(numbers == number)
            _turned_back(self._unpacked(number), index[here] - number * self.moments, out, here)

    def _unpacked(self, number: int) -> NDArray[Any]:
        """A chunk as it was packed, (..., moments)."""
        from numcodecs.blosc import Blosc

        shard, spans = self._opened()
        start, size = (int(n) for n in spans[number])
        if start == size == MISSING:  # as other writers leave out what is all zero
            return np.zeros((*self._chunk[1:], self.moments), dtype=self.dtype)
        if start + size > len(shard) or size < 16:
            raise self._broken(number, f"bytes {start}..{start + size} of {len(shard)}")
        packed = shard[start : start + size]
        claimed = int.from_bytes(packed[4:8], "little")
        if claimed != self._bytes or int.from_bytes(packed[12:16], "little") != size:
            raise self._broken(number, f"{claimed} bytes", f"{self._bytes} bytes")
        flat = np.empty(self._bytes, dtype=np.uint8)
        try:
            Blosc().decode(packed, out=flat)
        except (RuntimeError, ValueError) as error:
            raise self._broken(number, str(error)) from error
        return flat.view(self.dtype).reshape(*self._chunk[1:], self.moments)

    def _opened(self) -> tuple[memoryview, NDArray[np.uint64]]:
        if self._shard is None:
            self._shard = _mapped(self._file)
        if self._spans is None:
            self._spans = _read_spans(self._shard, math.ceil(self.shape[0] / self.moments), self._file)
        return self._shard, self._spans

    def _broken(self, number: int, got: str, expected: str | None = None) -> UnreadableFile:
        return UnreadableFile(f"chunk {number} is damaged", where=str(self._file), got=got, expected=expected)


# -- writing ---------------------------------------------------------------------------------------------------------------


def _chunks(values: NDArray[Any] | Stored, moments: int) -> Iterator[NDArray[Any]]:
    for start in range(0, values.shape[0], moments):
        chunk = np.asarray(values[start : start + moments])
        missing = moments - len(chunk)
        yield np.concatenate([chunk, np.repeat(chunk[-1:], missing, axis=0)]) if missing else chunk


def _packed(chunks: Iterable[NDArray[Any]], dtype: np.dtype[Any], shuffle: str) -> Iterator[bytes]:
    from numcodecs.blosc import Blosc

    codec = Blosc(cname="zstd", clevel=LEVEL, shuffle=SHUFFLES[shuffle])

    def pack(chunk: NDArray[Any]) -> bytes:
        return bytes(codec.encode(np.ascontiguousarray(np.moveaxis(chunk, 0, -1), dtype=dtype)))

    # Off the main thread Blosc uses that thread alone, and the same values give the same bytes.
    with ThreadPoolExecutor(1) as pool:
        for chunk in chunks:
            yield pool.submit(pack, chunk).result()


def _better(values: NDArray[Any] | Stored, moments: int, dtype: np.dtype[Any]) -> str:
    """The shuffle that makes the middle chunk smaller: bits where numbers are noisy, bytes elsewhere, by up to a half."""
    middle = len(values) // 2
    chunk = np.asarray(values[middle : middle + moments])
    if not len(chunk):
        return "shuffle"
    return min(SHUFFLES, key=lambda shuffle: len(next(_packed([chunk], dtype, shuffle))))


def _metadata(name: str, shape: tuple[int, ...], moments: int, shuffle: str) -> dict[str, Any]:
    rank, size = len(shape), np.dtype(DTYPES[name]).itemsize
    chunk = [moments, *shape[1:]]
    endian = {"configuration": {"endian": "little"}} if size > 1 else {}
    index = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
    blosc = {"typesize": size, "cname": "zstd", "clevel": LEVEL, "shuffle": shuffle, "blocksize": 0}
    inner = [
        {"name": "transpose", "configuration": {"order": [*range(1, rank), 0]}},
        {"name": "bytes"} | endian,
        {"name": "blosc", "configuration": blosc},
    ]
    sharding = {"chunk_shape": chunk, "codecs": inner, "index_codecs": index, "index_location": "end"}
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [max(1, math.ceil(shape[0] / moments)) * moments, *shape[1:]]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": False if name == "bool" else 0.0 if name.startswith("float") else 0,
        "codecs": [{"name": "sharding_indexed", "configuration": sharding}],
        "attributes": {},
    }


# -- reading ---------------------------------------------------------------------------------------------------------------


def _read_metadata(file: Path) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Shape, dtype and moments in a chunk, if it is an array as `write_dense` writes them."""
    try:
        raw = file.read_bytes() if file.stat().st_size < 2**20 else b""
        found = msgspec.json.decode(raw, type=dict[str, Any])
        shape = msgspec.convert(found["shape"], tuple[int, ...])
        name = found["data_type"]
        chunk = msgspec.convert(found["codecs"][0]["configuration"]["chunk_shape"], tuple[int, ...])
    except OSError as error:
        raise UnreadableFile("there is no such array", where=str(file), got=error.strerror) from None
    except (msgspec.DecodeError, msgspec.ValidationError, LookupError, TypeError) as error:
        raise UnreadableFile("not the description of an array", where=str(file), got=f"{type(error).__name__}: {error}") from error
    if (
        not isinstance(name, str)
        or name not in DTYPES
        or not shape
        or len(chunk) != len(shape)
        or min(chunk) < 1
        or shape[0] < 0
        or chunk[1:] != shape[1:]
    ):
        raise UnreadableFile(
            "not an array of ours", where=str(file), got=f"{name} {shape} in chunks {chunk}", expected="whole samples a chunk"
        )
    dtype = np.dtype(DTYPES[name])
    if math.prod(chunk) * dtype.itemsize >= 2**31 or math.prod(shape) * dtype.itemsize > MOST_BYTES:
        raise FileTooLarge("an array larger than any is", where=str(file), got=f"{shape} in chunks {chunk}")
    wanted = _metadata(name, shape, chunk[0], "shuffle")
    for key in ("zarr_format", "node_type", "chunk_grid", "chunk_key_encoding", "codecs", "fill_value"):
        if not _alike(found.get(key), wanted[key]):
            raise UnreadableFile(f"an array with another {key}", where=str(file), got=found.get(key), expected=wanted[key])
    return shape, dtype, chunk[0]


def _alike(got: Any, wanted: Any) -> bool:
    """Equal but for how it was packed, which Blosc says of each chunk itself."""
    if isinstance(wanted, dict):
        free = {"clevel", "blocksize", "shuffle"}
        return isinstance(got, dict) and all(_alike(got.get(key), value) for key, value in wanted.items() if key not in free)
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(_alike, got, wanted))
    return bool(got == wanted)


def _turned_back(packed: NDArray[Any], moments: NDArray[np.int64], out: NDArray[Any], rows: NDArray[np.int64]) -> None:
    """Moments of a chunk (..., moments) into rows of `out` (k, ...): in strips where they lie in order, as those of a clip do."""
    first, row = int(moments[0]), int(rows[0])
    in_order = moments[-1] - first == rows[-1] - row == len(rows) - 1 and (np.diff(moments) == 1).all()
    if not (in_order and out.flags.c_contiguous):
        out[rows] = np.moveaxis(packed, -1, 0)[moments]
        return
    values = packed.reshape(-1, packed.shape[-1])[:, first : first + len(rows)]
    target = out.reshape(len(out), -1)[row : row + len(rows)]
    for start in range(0, len(values), STRIP):
        target[:, start : start + STRIP] = values[start : start + STRIP].T


def _mapped(file: Path) -> memoryview:
    try:
        with file.open("rb") as open_file:
            if os.fstat(open_file.fileno()).st_size == 0:
                raise UnreadableFile("the file of an array is empty", where=str(file))
            return memoryview(mmap.mmap(open_file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise UnreadableFile("the file of an array cannot be read", where=str(file), got=error.strerror) from None


def _read_spans(shard: memoryview, chunks: int, file: Path) -> NDArray[np.uint64]:
    size = 16 * chunks + 4
    if len(shard) < size:
        raise UnreadableFile(
            "the file of an array is cut off", where=str(file), got=f"{len(shard)} bytes", expected=f"an index of {size} at the end"
        )
    table = bytes(shard[len(shard) - size : len(shard) - 4])
    if crc32c(table) != int.from_bytes(shard[-4:], "little"):
        raise UnreadableFile("the index of an array is damaged or cut off", where=str(file), got="another CRC-32C than it says")
    return np.frombuffer(table, dtype="<u8").reshape(chunks, 2)
