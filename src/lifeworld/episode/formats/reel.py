"""A video file made for what has none that an mp4 can hold, without loss; any frame of it can be decoded by itself.

`reel` makes each JPEG or PNG one packet: the bytes of its pixels untouched, its metadata left out (bare.py). `lossless` encodes frames anew
as FFV1. Sealing copies both as it copies a camera's video.
"""

from __future__ import annotations

import io
import os
import tempfile
import weakref
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.time import Times
from lifeworld.episode.codec.video import Video, scan_video
from lifeworld.episode.formats.bare import bare
from lifeworld.episode.formats.stills import MOST_PIXELS

CODECS = {"JPEG": "mjpeg", "MPO": "mjpeg", "PNG": "png"}
"""Of an MPO, which some telephones write, the first picture is the picture; the others are thrown out with its metadata."""
OPENED = ("JPEG", "PNG")
"""As Pillow calls what it is to open; what it opens as JPEG may turn out to be MPO."""
MOST_BYTES = 256 * 2**20
"""Of one picture's file."""
_TICK = Fraction(1, 1_000_000)


def picture(path: Path) -> tuple[str, int, int]:
    """The codec, height and width of a JPEG or PNG, which is decoded to see that it is whole.

    Raises:
        UnreadableFile: if it is neither, or broken.
        FileTooLarge: if it has more than MOST_PIXELS.
    """
    from PIL import Image

    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileTooLarge("the picture is too large", where=path.name, expected=f"at most {MOST_BYTES:,} bytes")
        with Image.open(path, formats=OPENED) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FileTooLarge("the picture is too large", where=path.name, got=f"{image.width} x {image.height}")
            if image.format == "PNG" and (pictures := getattr(image, "n_frames", 1)) > 1:
                raise UnreadableFile("it holds several pictures", where=path.name, got=pictures, expected="one")
            codec = CODECS[str(image.format)]
            image.load()
        bare(path.read_bytes(), where=path.name)
        return codec, image.height, image.width
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableFile("the picture is broken", where=path.name, got=str(error), expected="a JPEG or PNG") from error


def reel(encoded: Iterable[bytes], times_ns: Times, *, codec: str, height: int, width: int, where: str, turned: int = 1) -> Video:
    """Pictures of one codec, size and EXIF orientation as a video that lies in a file of its own until nobody uses it any more.

    Raises:
        UnreadableFile: if FFmpeg reads other frames from it than went in, or one is no JPEG or PNG.
    """
    import av

    def write(out: Any) -> None:
        track = out.add_stream(codec)
        track.width, track.height, track.pix_fmt = width, height, "yuvj420p" if codec == "mjpeg" else "rgb24"
        track.time_base = _TICK
        for number, (whole, time_ns) in enumerate(zip(encoded, (times_ns - times_ns[:1]).tolist(), strict=True)):
            packet: Any = av.Packet(bare(whole, where=f"{where}, picture {number}", turned=turned))
            packet.stream, packet.time_base, packet.is_keyframe = track, _TICK, True
            packet.pts = packet.dts = time_ns // 1000
            out.mux(packet)

    return _made(write, len(times_ns), where)


def lossless(frames: Iterable[NDArray[np.uint8]], times_ns: Times, *, where: str) -> Video:
    """Frames (height, width, 3) uint8 as a video of FFV1, equal to the bit, that lies in a file of its own while it is used."""
    import av

    def write(out: Any) -> None:
        track: Any = None
        for frame, time_ns in zip(frames, (times_ns - times_ns[:1]).tolist(), strict=True):
            if track is None:
                track = out.add_stream("ffv1", rate=1000, options={"level": "3", "g": "1"})
                track.height, track.width, track.pix_fmt = *frame.shape[:2], "bgr0"
                track.codec_context.time_base = _TICK
            coded = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(format="bgr0")
            coded.pts, coded.time_base = time_ns // 1000, _TICK
            out.mux(track.encode(coded))
        out.mux(track.encode(None))

    return _made(write, len(times_ns), where)


def _made(write: Callable[[Any], None], count: int, where: str) -> Video:
    """A video in a nameless place, which goes when nobody uses it any more."""
    import av

    handle, name = tempfile.mkstemp(prefix="lifeworld-reel-", suffix=".mp4")
    os.close(handle)
    file = Path(name)
    try:
        with av.open(name, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            write(out)
        info = scan_video(file)
        if len(info.times_ns) != count:
            raise UnreadableFile("the pictures make another number of frames", where=where, got=len(info.times_ns), expected=count)
        video = Video(file, count=count, height=info.height, width=info.width)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    weakref.finalize(video, file.unlink, missing_ok=True)
    return video


def orientation(path: Path) -> int:
    """The EXIF orientation of a picture: 1 is upright, 2, 4, 5 and 7 are mirrored, which no video can say."""
    from PIL import Image

    with Image.open(io.BytesIO(path.read_bytes()), formats=OPENED) as image:
        return int(image.getexif().get(274, 1))
