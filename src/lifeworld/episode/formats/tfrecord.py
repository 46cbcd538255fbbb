"""TFRecord files and the `tf.train.Example` in each record, read by hand: no TensorFlow, no generated protobuf code.

    record    uint64 length, uint32 masked CRC-32C of the length, the bytes, uint32 masked CRC-32C of the bytes; little-endian
    Example   { Features features = 1 }
    Features  { map<string, Feature> feature = 1 }
    Feature   one of { BytesList = 1, FloatList = 2, Int64List = 3 }, each { repeated value = 1 }, numbers packed or not

Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/example/{example,feature}.proto, protobuf.dev (wire format).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.episode.formats.crc32c import crc32c, masked

MOST_RECORD_BYTES = 1 << 30
MOST_FEATURES = 4096
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

Feature = tuple[bytes, ...] | NDArray[Any]
"""Texts and pictures as bytes; numbers as float32 or int64 (n,)."""


def records(path: Path, *, most_bytes: int = MOST_RECORD_BYTES) -> Iterator[bytes]:
    """The records of a file, in order, each checked.

    Raises:
        UnreadableFile: at a record that is cut off or whose check is wrong; says where it begins. Those before have been given.
        FileTooLarge: at a record that says it is longer than `most_bytes`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        at = number = 0
        while head := file.read(12):
            where = f"{path.name}, record {number} at byte {at}"
            if len(head) < 12 or masked(crc32c(head[:8])) != struct.unpack_from("<I", head, 8)[0]:
                raise UnreadableFile("this is not the head of a record", where=where, got=head.hex(), fix="Copy the file anew.")
            (length,) = struct.unpack_from("<Q", head)
            if length > most_bytes:
                raise FileTooLarge("a record is too long", where=where, got=f"{length:,} bytes", expected=f"at most {most_bytes:,}")
            if at + 16 + length > size:
                raise UnreadableFile("the file ends within a record", where=where, got=f"{size - at - 12:,} bytes", expected=f"{length:,}")
            body, check = file.read(length), file.read(4)
            if masked(crc32c(body)) != struct.unpack("<I", check)[0]:
                raise UnreadableFile("a record does not match its checksum", where=where, fix="Copy the file anew.")
            yield body
            at, number = at + 16 + length, number + 1


def example(record: bytes, *, where: str) -> dict[str, Feature]:
    """The features of a record by name.

    Raises:
        UnreadableFile: if these bytes are not an Example.
    """
    found: dict[str, Feature] = {}
    try:
        for number, wire, features in _fields(memoryview(record)):
            for inner, inner_wire, entry in _fields(features) if (number, wire) == (1, BYTES) else ():
                if (inner, inner_wire) == (1, BYTES):
                    name, value = _entry(entry)
                    found[name] = value
                    if len(found) > MOST_FEATURES:
                        raise FileTooLarge("a record has too many features", where=where, expected=f"at most {MOST_FEATURES}")
    except (ValueError, IndexError, struct.error) as error:
        raise UnreadableFile("a record is not a tf.train.Example", where=where, got=str(error)) from error
    if not found:
        raise UnreadableFile("a record is not a tf.train.Example", where=where, got="no features")
    return found


def _entry(entry: memoryview) -> tuple[str, Feature]:
    """One entry of the map: its key and its list."""
    name, value = "", memoryview(b"")
    for number, wire, field in _fields(entry):
        if wire == BYTES and number == 1:
            name = bytes(field).decode("utf-8")
        elif wire == BYTES and number == 2:
            value = field
    for number, wire, held in _fields(value):
        if wire == BYTES and number == 1:
            return name, tuple(bytes(text) for _, kind, text in _fields(held) if kind == BYTES)
        if wire == BYTES and number == 2:
            return name, np.frombuffer(b"".join(part for _, _, part in _fields(held)), dtype="<f4").astype(np.float32, copy=False)
        if wire == BYTES and number == 3:
            return name, varints(b"".join(part for _, _, part in _fields(held)))
    return name, ()


def _fields(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Field number, wire type and content (of a varint its own bytes) of each field of a message."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        wire = key & 7
        start = at
        if wire == VARINT:
            _, at = _varint(data, at)
        elif wire == BYTES:
            length, start = _varint(data, at)
            at = start + length
        elif wire in (FIXED32, FIXED64):
            at += 4 if wire == FIXED32 else 8
        else:
            raise ValueError(f"wire type {wire}")
        if at > end:
            raise ValueError(f"a field of {at - start} bytes where {end - start} are left")
        yield key >> 3, wire, data[start:at]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
    raise ValueError("a varint of more than ten bytes")


def varints(data: bytes) -> NDArray[np.int64]:
    """All varints of packed bytes as int64 (n,)."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 128)
    if raw.size and (not ends.size or ends[-1] != raw.size - 1):
        raise ValueError("the last varint is cut off")
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if ends.size else ends
    lengths = ends - starts + 1
    if lengths.size and lengths.max() > 10:
        raise ValueError("a varint of more than ten bytes")
    out = np.zeros(len(ends), dtype=np.uint64)
    for place in range(int(lengths.max(initial=0))):
        has = lengths > place
        out[has] |= (raw[starts[has] + place].astype(np.uint64) & np.uint64(127)) << np.uint64(7 * place)
    return out.astype(np.int64)
