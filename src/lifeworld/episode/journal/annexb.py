"""Pictures as H.264 access units, one at once for each, and such units as an mp4: what is sealed is what was journalled, to the bit.

An access unit is one coded picture as a byte stream (ITU-T H.264, Annex B). Every 16th begins a closed group, with the parameter sets
before it, so that a reader may begin there; no unit waits for a later picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError
from lifeworld.episode.codec.encoder import coded, prepare, quality_of

_TIME_BASE = Fraction(1, 1_000_000)
_USUAL_STEP = 33_333
_START = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)
_SLICE, _KEY_SLICE = 1, 5


class Encoder:
    """Encodes the pictures of one camera as they come, all of one size, as `codec/video.py` does but for looking ahead and second tries."""

    def __init__(self, first: NDArray[np.uint8]) -> None:
        """`first` (height, width, 3) is the first picture, or one like it."""
        import av

        context: Any = av.CodecContext.create("libx264", "w")
        context.time_base, context.framerate = _TIME_BASE, Fraction(30)
        quality = quality_of(first)
        prepare(context, first, quality, more="repeat-headers=1", tune="zerolatency")
        self._context, self._pixels = context, quality.pixels
        self._shaper = av.video.reformatter.VideoReformatter()
        self._count = 0

    def encode(self, picture: NDArray[np.uint8]) -> bytes:
        """The access unit of the next picture (height, width, 3).

        Raises:
            EngineError: if the encoder gives none, or several.
        """
        frame = coded(picture, self._shaper, self._pixels)
        frame.pts, frame.time_base = self._count * _USUAL_STEP, _TIME_BASE  # the quality of a frame does not hang on its time
        self._count += 1
        packets = self._context.encode(frame)
        if len(packets) != 1:
            raise EngineError("the encoder did not give one unit for one picture", got=len(packets), expected=1)
        return bytes(packets[0])


def is_key(unit: bytes) -> bool:
    """Whether decoding may begin at this access unit: its first slice is one of an IDR picture."""
    for found in _START.finditer(unit):
        kind = found[1][0] & 0x1F
        if _SLICE <= kind <= _KEY_SLICE:
            return kind == _KEY_SLICE
    return False


def write_mp4(path: Path, units: Iterable[bytes], times_ns: Iterable[int], *, height: int, width: int) -> None:
    """Access units as they are, each at its time [ns] after the first, in whole microseconds."""
    import av

    start = last = None
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
        track: Any = out.add_mux_stream("h264", width=width + width % 2, height=height + height % 2)
        track.time_base = _TIME_BASE
        for unit, time_ns in zip(units, times_ns, strict=True):
            start = time_ns if start is None else start
            at = (time_ns - start) // 1000
            at = at if last is None else max(at, last + 1)
            packet = av.Packet(unit)
            packet.duration = _USUAL_STEP if last is None else at - last  # of the last it counts: without it that would be cut off
            packet.pts = packet.dts = last = at
            packet.time_base, packet.stream, packet.is_keyframe = _TIME_BASE, track, is_key(unit)
            out.mux(packet)
