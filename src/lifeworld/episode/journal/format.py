"""What stands in a journal, beside H.264: its header, what is said of each stream, and values as bytes.

The file is MCAP (https://mcap.dev/spec) in chunks that are not compressed, each with its CRC and its message indexes, which Rerun asks
for. It has no summary and no end: it is read through once, when it is sealed.

| record | holds |
|---|---|
| Metadata `lifeworld.journal` | `header`: a `Header` as JSON; `scene`: TOML, if there is one |
| Metadata `lifeworld.note` | `note`: a `Note` as JSON: labels and legend that were known later |
| Metadata `lifeworld.stream` | `name`, `stream`: of a stream that was opened before its first value |
| Channel | topic: the stream's name; metadata `stream`: a `Line` as JSON, `sizes`: the shape of one value, without rows if ragged |
| Message | `log_time`: `epoch_ns` of the header + the value's own time; `sequence`: counts the stream's values from 0 |

A channel of the encoding `protobuf` holds pictures as `foxglove.CompressedVideo`; one of `x-lifeworld-array` holds values as they are:

    u8   0: bytes as they are, 1: Blosc
    u8   n, number of axes
    u32  × n, the shape (rows first if the signal is ragged)
    …    the values, little-endian, in C order
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Consent, Origin, Provenance
from lifeworld.core.time import Clock
from lifeworld.episode.manifest import Kind

SCHEMA = "lifeworld-journal/1"
HEADER, NOTE, STREAM = "lifeworld.journal", "lifeworld.note", "lifeworld.stream"
ARRAY, PROTOBUF = "x-lifeworld-array", "protobuf"
MOST_BYTES = 2**30
"""What one value may hold."""
_SQUEEZED_BYTES = 512
"""Smaller values are kept as they are: there is nothing to win."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an episode when it begins: `epoch_ns` is when that was, since 1970; `encrypted`, whether streams of people are to
    be when it is sealed."""

    schema: str = SCHEMA
    uid: str
    epoch_ns: int
    title: str
    provenance: Provenance
    labels: dict[str, str]
    legend: dict[str, tuple[str, ...]]
    exact: tuple[str, ...]
    encrypted: bool


class Note(msgspec.Struct, frozen=True):
    """What became known later."""

    labels: dict[str, str]
    legend: dict[str, tuple[str, ...]]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a stream, in the words of the manifest."""

    signal: Kind
    source: str
    origin: Origin
    clock: Clock
    license: str
    consents: tuple[Consent, ...]
    provenance: Provenance | None


def pack(value: NDArray[Any]) -> bytes:
    """A value as bytes, to the bit; Blosc (LZ4) where that is shorter."""
    from numcodecs import Blosc

    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")).reshape(value.shape)
    head = struct.pack(f"<B{little.ndim}I", little.ndim, *little.shape)
    if little.nbytes >= _SQUEEZED_BYTES:
        squeezed = Blosc(cname="lz4", clevel=3, shuffle=Blosc.AUTOSHUFFLE).encode(_numbers(little))
        if len(squeezed) < little.nbytes:
            return b"\1" + head + bytes(squeezed)
    return b"\0" + head + little.tobytes()


def unpack(data: bytes, dtype: np.dtype[Any], *, where: str) -> NDArray[Any]:
    """What `pack` was given.

    Raises:
        UnreadableFile: if the bytes are not such a value.
    """
    try:
        how, axes = struct.unpack_from("<BB", data)
        shape = struct.unpack_from(f"<{axes}I", data, 2)
        body = memoryview(data)[2 + 4 * axes :]
        size = dtype.itemsize
        for n in shape:
            size *= n
        if size > MOST_BYTES or how > 1 or (how == 0 and len(body) != size):
            raise ValueError(f"{len(body)} bytes, packed by {how}, for {shape} of {dtype}")
        if how == 1:
            body = memoryview(_loosened(body, size))
        return np.frombuffer(body, dtype.newbyteorder("<")).reshape(shape).astype(dtype, copy=True)
    except (struct.error, ValueError, RuntimeError, TypeError) as error:
        raise UnreadableFile("a value in the journal is damaged", where=where, got=str(error)) from error


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    """The same bytes as numbers that Blosc can shuffle: letters as the 4 bytes they are, rows of a table as bytes."""
    flat = array.reshape(-1)
    if array.dtype.kind == "U":
        return flat.view("<u4")
    return flat if array.dtype.kind in "biuf" else flat.view(np.uint8)


def _loosened(body: memoryview, size: int) -> bytes:
    from numcodecs import Blosc

    if len(body) < 16 or struct.unpack_from("<I", body, 4)[0] != size:  # Blosc's own header: nothing is allocated that it only claims
        raise ValueError(f"Blosc of another size, expected {size} bytes")
    return bytes(Blosc().decode(bytes(body)))
