"""Pictures to H.264 that keep what is promised of them: each is decoded again at once and held against what was given.

Halving the colours (4:2:0), as most players want it, costs recordings little: their cameras did that already. The edges of small renders
are one pixel wide and lose more by it than by all the rest. So the first of `QUALITIES` is tried, and where a picture comes back with less
than `KEPT_DB`, all are encoded anew with the next. What each costs stands in docs/codecs.md.

The same pictures give the same bytes, on any machine with the same FFmpeg.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.episode.codec.decoder import RESIZING, planes

GOP = 16
"""Frames from one that can be decoded by itself to the next."""
PRESET = "veryfast"
KEPT_DB = 38.0
"""The least peak signal-to-noise ratio of any picture, over its red, green and blue."""
HALVED_DB = 40.0
"""The same of the first picture with its colours halved and nothing else, below which there is no hope for it."""
BT709, LIMITED = 1, 1
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Quality:
    """At which resolution colours are encoded, and x264's `crf`: 0 the best, 51 the worst."""

    pixels: str
    crf: int


HALVED = Quality("yuv420p", 18)
WHOLE = Quality("yuv444p", 18)
QUALITIES = (HALVED, WHOLE, *(Quality("yuv444p", crf) for crf in (15, 10, 0)))
"""From what every player shows to what loses nothing but by the conversion of colours: 52 dB, of noise too."""


def prepare(context: Any, picture: Picture, quality: Quality, *, more: str, tune: str | None = None) -> None:
    """Set up an H.264 encoder that is not open yet for pictures like this one; `more` are parameters of x264."""
    height, width = picture.shape[:2]
    context.width, context.height, context.pix_fmt = width + width % 2, height + height % 2, quality.pixels
    context.thread_count = 1  # more threads, other bytes
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    params = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:open-gop=0:sliced-threads=0:{more}"
    context.options = {"crf": str(quality.crf), "preset": PRESET, "x264-params": params, **({"tune": tune} if tune else {})}


def coded(picture: Picture, shaper: Any, pixels: str = "yuv420p") -> Any:
    """A picture (height, width, 3) as the encoder takes it, its sides padded to even ones."""
    import av

    height, width = picture.shape[:2]
    if height % 2 or width % 2:  # 4:2:0 wants them
        picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    frame = shaper.reformat(frame, format=pixels, dst_colorspace=BT709, dst_color_range=LIMITED, interpolation=RESIZING, threads=1)
    frame.color_primaries = frame.color_trc = BT709
    return frame


def quality_of(picture: Picture) -> Quality:
    """What pictures like this one are encoded with where there is no second try."""
    import av

    shaper = av.video.reformatter.VideoReformatter()
    return HALVED if _kept_db(picture, coded(picture, shaper), shaper) >= HALVED_DB else WHOLE


class TooLossy(Exception):
    """A picture came back with less than `KEPT_DB`; encode them all with the next quality."""


class Proof:
    """Decodes what was encoded, packet by packet, and holds it against what was given."""

    def __init__(self, extradata: bytes) -> None:
        """`extradata` are the encoder's parameter sets."""
        import av

        self._context: Any = av.CodecContext.create("h264", "r")
        self._context.extradata, self._context.thread_count = extradata, 1
        self._shaper = av.video.reformatter.VideoReformatter()
        self._given: deque[Picture] = deque()

    def give(self, picture: Picture) -> None:
        """The next picture that was encoded. It is kept until its packet comes: 40 of them at most, as far as x264 looks ahead."""
        self._given.append(picture)

    def see(self, packet: Any | None) -> None:
        """The next packet; None after the last.

        Raises:
            TooLossy: if a picture in it is not what it was.
        """
        for frame in self._context.decode(packet):
            if _kept_db(self._given.popleft(), frame, self._shaper) < KEPT_DB:
                raise TooLossy


def _kept_db(picture: Picture, frame: Any, shaper: Any) -> float:
    height, width = picture.shape[:2]
    error = 0.0
    for channel, plane in enumerate(planes(frame, shaper)):
        apart = plane[:height, :width].astype(np.float32) - picture[..., channel]
        error += float(np.vdot(apart, apart))
    return math.inf if error == 0 else 10 * math.log10(255**2 * picture.size / error)
