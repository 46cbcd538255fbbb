"""Single pictures one after the other as a video file, their bytes untouched: each JPEG or PNG becomes one packet of an mp4.

Any frame can then be decoded by itself, players play it, and sealing copies it as it copies a camera's video.
"""

from __future__ import annotations

import io
import os
import tempfile
import weakref
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.time import Times
from lifeworld.episode.codec.video import Video, scan_video

CODECS = {"JPEG": "mjpeg", "PNG": "png"}
MOST_PIXELS = 64_000_000
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
        with Image.open(path, formats=tuple(CODECS)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise FileTooLarge("the picture is too large", where=path.name, got=f"{image.width} x {image.height}")
            if (pictures := getattr(image, "n_frames", 1)) > 1:
                raise UnreadableFile("it holds several pictures", where=path.name, got=pictures, expected="one")
            codec = CODECS[str(image.format)]
            image.load()
            return codec, image.height, image.width
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableFile("the picture is broken", where=path.name, got=str(error), expected="a JPEG or PNG") from error


def reel(paths: Sequence[Path], times_ns: Times, *, codec: str, height: int, width: int) -> Video:
    """Pictures of one codec and size as a video that lies in a file of its own until nobody uses it any more.

    Raises:
        UnreadableFile: if FFmpeg reads other frames from it than went in.
    """
    import av

    handle, name = tempfile.mkstemp(prefix="lifeworld-reel-", suffix=".mp4")
    os.close(handle)
    file = Path(name)
    try:
        with av.open(name, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            track: Any = out.add_stream(codec)
            track.width, track.height, track.pix_fmt = width, height, "yuvj420p" if codec == "mjpeg" else "rgb24"
            track.time_base = _TICK
            for path, time_ns in zip(paths, times_ns.tolist(), strict=True):
                packet = av.Packet(path.read_bytes())
                packet.stream, packet.time_base, packet.is_keyframe = track, _TICK, True
                packet.pts = packet.dts = time_ns // 1000
                out.mux(packet)
        info = scan_video(file)
        if len(info.times_ns) != len(paths):
            raise UnreadableFile(
                "the pictures make another number of frames", where=paths[0].name, got=len(info.times_ns), expected=len(paths)
            )
        video = Video(file, count=len(paths), height=info.height, width=info.width)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    weakref.finalize(video, file.unlink, missing_ok=True)
    return video


def turned(path: Path) -> int:
    """The EXIF orientation of a picture: 1 is upright, 2, 4, 5 and 7 are mirrored, which no video can say."""
    from PIL import Image

    with Image.open(io.BytesIO(path.read_bytes()), formats=tuple(CODECS)) as image:
        return int(image.getexif().get(274, 1))
