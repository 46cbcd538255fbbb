"""The index of a plain mp4, read from its `moov` box without FFmpeg: where each packet lies, when it is shown, which are keyframes.

Plain is what `write_video` writes and much of what cameras do: H.264 whose frames are shown in the order they are decoded, whole, upright
and from the start. Of anything else, damage too, `read_plain` says None, and FFmpeg is asked, which takes longer and knows what is wrong.

Source: ISO/IEC 14496-12 (boxes) and 14496-15 (`avc1`, `avcC`).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lifeworld.episode.codec.packets import Packets, ordered

MOST_MOOV_BYTES = 2**28
UPRIGHT = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
Box = memoryview


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Where the packets of a plain mp4 lie, frame by frame, and what a decoder must know: `extradata` (the `avcC` box) and colours.

    `colours` are primaries, transfer, matrix and whether the range is full, by ITU-T H.273; None where the file does not say.
    """

    packets: Packets
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    extradata: bytes
    colours: tuple[int, int, int, bool] | None

    @property
    def alike(self) -> tuple[object, ...]:
        """Equal of files that one decoder can go through, one after the other."""
        return (self.extradata, self.colours)


def read_plain(handle: int | bytes) -> Plain | None:
    """The index of an open file (or of all its bytes), if it is plain."""
    try:
        return _read(handle)
    except (_NotPlain, struct.error, ValueError, IndexError):
        return None


def read_at(handle: int | bytes, offset: int, size: int) -> bytes:
    """Some bytes of an open file, or of all its bytes."""
    return handle[offset : offset + size] if isinstance(handle, bytes) else os.pread(handle, size, offset)


class _NotPlain(Exception):
    pass


def _read(handle: int | bytes) -> Plain:
    total = len(handle) if isinstance(handle, bytes) else os.fstat(handle).st_size
    movie = _inside(_moov(handle, total))
    tracks = [t for t in (_inside(b) for name, b in movie if name == b"trak") if _is_video(t)]
    if not tracks or any(name == b"mvex" for name, _ in movie):
        raise _NotPlain
    track = tracks[0]
    header, media = _one(track, b"tkhd"), _inside(_one(track, b"mdia"))
    if bytes(header[52:88] if header[0] else header[40:76]) != UPRIGHT:
        raise _NotPlain
    clock = _one(media, b"mdhd")
    (scale,) = struct.unpack_from(">I", clock, 20 if clock[0] else 12)
    tables = _inside(_one(_inside(_one(media, b"minf")), b"stbl"))
    if any(name in (b"ctts", b"senc", b"sgpd") for name, _ in tables):
        raise _NotPlain
    extradata, colours = _described(_one(tables, b"stsd"))
    sizes = _sizes(_one(tables, b"stsz"))
    count = len(sizes)
    offsets = _offsets(tables, sizes)
    steps = _pairs(_one(tables, b"stts"))
    if not count or steps[:, 0].sum() != count or scale == 0 or (offsets + sizes).max() > total or sizes.min() < 1:
        raise _NotPlain
    length = np.repeat(steps[:, 1], steps[:, 0])
    pts = np.cumsum(length) - length
    if not (length[:-1] > 0).all() or not _from_the_start(movie, track, int(length.sum()), scale, int(length[-1])):
        raise _NotPlain
    key = np.ones(count, dtype=np.bool_)
    if any(name == b"stss" for name, _ in tables):
        numbers = _numbers(_one(tables, b"stss"), ">u4").astype(np.int64)
        key[:] = False
        key[numbers[(numbers > 0) & (numbers <= count)] - 1] = True
    return Plain(ordered(pts, pts, key, Fraction(1, scale)), offsets, sizes, extradata, colours)


def _moov(handle: int | bytes, total: int) -> Box:
    at = 0
    for _ in range(64):  # boxes at the top: ftyp, moov, free, mdat
        head = read_at(handle, at, 16)
        size, name = struct.unpack_from(">I4s", head)
        if size == 1:
            (size,) = struct.unpack_from(">Q", head, 8)
        if size == 0:
            size = total - at
        if size < 8 or at + size > total or (at == 0 and name != b"ftyp") or name == b"moof":
            raise _NotPlain
        if name == b"moov":
            if size > MOST_MOOV_BYTES:
                raise _NotPlain
            return memoryview(read_at(handle, at, size))[8:]
        at += size
    raise _NotPlain


def _is_video(track: list[tuple[bytes, Box]]) -> bool:
    return bytes(_one(_inside(_one(track, b"mdia")), b"hdlr")[8:12]) == b"vide"


def _inside(box: Box) -> list[tuple[bytes, Box]]:
    """Name and content of each box in a box."""
    return list(_walked(box))


def _walked(box: Box) -> Iterator[tuple[bytes, Box]]:
    at = 0
    while at + 8 <= len(box):
        size, name = struct.unpack_from(">I4s", box, at)
        if size < 8 or at + size > len(box):
            raise _NotPlain
        yield name, box[at + 8 : at + size]
        at += size


def _one(boxes: list[tuple[bytes, Box]], name: bytes) -> Box:
    found = [box for each, box in boxes if each == name]
    if len(found) != 1:
        raise _NotPlain
    return found[0]


def _described(box: Box) -> tuple[bytes, tuple[int, int, int, bool] | None]:
    """The `avcC` of the one sample description, and its colours."""
    entries = _inside(box[8:])
    if len(entries) != 1 or entries[0][0] != b"avc1":
        raise _NotPlain
    parts = _inside(entries[0][1][78:])
    if any(name not in (b"avcC", b"colr", b"pasp", b"btrt") for name, _ in parts):
        raise _NotPlain  # clean apertures, stereo …
    colours = None
    if any(name == b"colr" for name, _ in parts):
        colr = _one(parts, b"colr")
        if bytes(colr[:4]) != b"nclx":
            raise _NotPlain
        primaries, transfer, matrix, full = struct.unpack_from(">HHHB", colr, 4)
        colours = (primaries, transfer, matrix, bool(full & 0x80))
    return bytes(_one(parts, b"avcC")), colours


def _sizes(box: Box) -> NDArray[np.int64]:
    fixed, count = struct.unpack_from(">II", box, 4)
    if fixed or len(box) < 12 + 4 * count:
        raise _NotPlain
    return np.frombuffer(box, ">u4", count, 12).astype(np.int64)


def _offsets(tables: list[tuple[bytes, Box]], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Packets lie one after the other in chunks; a table says where each chunk lies, another how many it holds from which on."""
    wide = any(name == b"co64" for name, _ in tables)
    chunks = _numbers(_one(tables, b"co64" if wide else b"stco"), ">u8" if wide else ">u4").astype(np.int64)
    box = _one(tables, b"stsc")
    (count,) = struct.unpack_from(">I", box, 4)
    runs = np.frombuffer(box, ">u4", 3 * count, 8).reshape(-1, 3).astype(np.int64)
    if not count or runs[0, 0] != 1 or (np.diff(runs[:, 0]) < 1).any() or runs[-1, 0] > len(chunks) or (runs[:, 2] != 1).any():
        raise _NotPlain
    held = np.repeat(runs[:, 1], np.diff(runs[:, 0], append=len(chunks) + 1))
    if held.sum() != len(sizes) or (held < 1).any():
        raise _NotPlain
    before = np.cumsum(sizes) - sizes
    first = np.cumsum(held) - held
    return np.asarray(before + np.repeat(chunks - before[first], held), dtype=np.int64)


def _from_the_start(movie: list[tuple[bytes, Box]], track: list[tuple[bytes, Box]], length: int, scale: int, last: int) -> bool:
    """Whether the edit list, if there is one, shows the track as it is."""
    edits = [box for name, box in track if name == b"edts"]
    if not edits:
        return True
    box = _one(_inside(edits[0]), b"elst")
    (count,) = struct.unpack_from(">I", box, 4)
    shown, start, rate = struct.unpack_from(">QqI" if box[0] else ">IiI", box, 8)
    header = _one(movie, b"mvhd")
    (movie_scale,) = struct.unpack_from(">I", header, 20 if header[0] else 12)
    reaches = (shown + 1) * scale >= (length - last) * movie_scale  # durations are rounded
    return len(edits) == 1 and count == 1 and start == 0 and rate == 0x10000 and (shown == 0 or reaches)


def _numbers(box: Box, dtype: str) -> NDArray[np.unsignedinteger]:
    (count,) = struct.unpack_from(">I", box, 4)
    return np.frombuffer(box, dtype, count, 8)


def _pairs(box: Box) -> NDArray[np.int64]:
    (count,) = struct.unpack_from(">I", box, 4)
    return np.frombuffer(box, ">u4", 2 * count, 8).reshape(-1, 2).astype(np.int64)
