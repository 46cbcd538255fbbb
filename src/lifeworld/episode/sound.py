"""Sound as a .wav that any player plays and that is read back to the bit: 32-bit floats, the blocks of all ticks one after the other.

A block is the tick that leads to its moment, so the first, that of an episode's start, is silent and the file runs a tick (20 ms) late.

Source: Microsoft, Multiple Channel Audio Data and WAVE Files; format tag 3 is IEEE float, which needs a `fact` chunk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.signal import RATE_HZ, Stream

IEEE_FLOAT = 3
MOST_BYTES = 2**32 - 64
"""A .wav says its size in 32 bits: six hours of stereo."""


def is_sound(stream: Stream) -> bool:
    """Whether a stream can be kept as a .wav."""
    return stream.signal.family == "hear" and 0 < stream.values.nbytes < MOST_BYTES


def write_sound(path: Path, stream: Stream) -> None:
    """All blocks (n, samples) or (n, samples, channels) of a stream, one after the other."""
    values = np.ascontiguousarray(stream.values, dtype="<f4")
    channels = 1 if values.ndim == 2 else values.shape[2]
    frame = 4 * channels
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, IEEE_FLOAT, channels, RATE_HZ, RATE_HZ * frame, frame, 32, 0)
    fact = struct.pack("<4sII", b"fact", 4, values.nbytes // frame)
    head = b"WAVE" + form + fact + struct.pack("<4sI", b"data", values.nbytes)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI", b"RIFF", len(head) + values.nbytes) + head)
        file.write(values.data)


def read_sound(path: Path, count: int) -> NDArray[np.float32]:
    """What `write_sound` wrote of so many moments: (count, samples), or (count, samples, channels) where there are more than one.

    Raises:
        UnreadableFile: if it is not such a file, or cannot be cut into so many blocks.
    """
    raw = path.read_bytes()
    if raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
        raise UnreadableFile("not a .wav file", where=str(path), got=raw[:12])
    chunks = dict(_chunks(raw))
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise UnreadableFile("the sound is cut off", where=str(path), got=f"{len(raw)} bytes")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if (tag, rate, bits) != (IEEE_FLOAT, RATE_HZ, 32) or channels < 1:
        got = f"format {tag}, {channels} channels, {rate} Hz, {bits} bits"
        raise UnreadableFile("the sound is of another format", where=str(path), got=got, expected=f"floats of 32 bits at {RATE_HZ} Hz")
    data = chunks[b"data"]
    if count < 1 or len(data) == 0 or len(data) % (4 * channels * count):
        raise UnreadableFile("the sound has another length", where=str(path), got=f"{len(data)} bytes", expected=f"{count} equal blocks")
    values: NDArray[Any] = np.frombuffer(data, dtype="<f4").astype(np.float32, copy=False)
    return values.reshape(count, -1) if channels == 1 else values.reshape(count, -1, channels)


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks that are whole."""
    at = 12
    while at + 8 <= len(raw):
        name, size = struct.unpack_from("<4sI", raw, at)
        if at + 8 + size > len(raw):
            return
        yield name, raw[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
