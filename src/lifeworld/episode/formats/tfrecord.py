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
from lifeworld.episode.codec.crc32c import crc32c
from lifeworld.episode.proto import BYTES, fields, varints

MOST_RECORD_BYTES = 1 << 30
MOST_FEATURES = 4096

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
        for number, wire, features in fields(memoryview(record)):
            for inner, inner_wire, entry in fields(features) if (number, wire) == (1, BYTES) else ():
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
    for number, wire, field in fields(entry):
        if wire == BYTES and number == 1:
            name = bytes(field).decode("utf-8")
        elif wire == BYTES and number == 2:
            value = field
    for number, wire, held in fields(value):
        if wire == BYTES and number == 1:
            return name, tuple(bytes(text) for _, kind, text in fields(held) if kind == BYTES)
        if wire == BYTES and number == 2:
            return name, np.frombuffer(b"".join(part for _, _, part in fields(held)), dtype="<f4").astype(np.float32, copy=False)
        if wire == BYTES and number == 3:
            return name, varints(b"".join(part for _, _, part in fields(held)))
    return name, ()


def masked(crc: int) -> int:
    """The check as TFRecord stores it: turned by 15 bits and moved, so that a check of a check is none."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
