"""A video as it was encoded: when its frames are shown, where decoding may begin, and its packets copied as they are.

Frames are numbered in the order they are shown. Nothing is decoded but, by `scan_video`, the first frame.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.time import Times
from lifeworld.core.write import replace_file

MP4_CODECS = ("h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "png", "ffv1")
"""The codecs `copy_video` puts into mp4, as FFmpeg names them."""
MOST_FRAMES = 20_000_000
"""A week at 30 Hz: a file that claims more is not believed."""
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,ogg,asf,flv,ivf,flac,wav"
"""Files that hold what they show. Play lists, which name other files and addresses, are not among them."""


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """One sound track of a video file: where its first sample lies on the file's clock, and what it is."""

    codec: str
    rate_hz: int
    channels: int
    start_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class VideoInfo:
    """What a video file holds.

    `times_ns` (frames,) are the true times of the frames on the file's clock, which sound shares, strictly increasing: of two frames at
    one instant the first counts. `width` and `height` [px] are those of the picture as shown, turned by `rotation` degrees counter-
    clockwise from how it is coded. `fps` is the rate over the whole file. `keyframes` are the frames at which decoding may begin.
    """

    times_ns: Times
    width: int
    height: int
    fps: Fraction
    rotation: int
    codec: str
    keyframes: NDArray[np.int64]
    sound: tuple[SoundInfo, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """The packets of one video track: `pts` (frames,) in the order shown, `start` (frames,) the keyframe to decode each from.

    `seek[k]` is the time to seek to for keyframe `start[k]`; all in units of `time_base`.
    """

    pts: NDArray[np.int64]
    start: NDArray[np.int64]
    seek: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction


def scan_video(file: Path | bytes) -> VideoInfo:
    """What a video file holds; only its first frame is decoded.

    Raises:
        UnreadableFile: if there is no video in it, it holds no frames, or the first cannot be decoded.
    """
    with opened(file) as container:
        packets = read_packets(container, file)
        times_ns = ticks_to_ns(packets.pts, packets.time_base)
        track = container.streams.video[0]
        sound = tuple(
            SoundInfo(s.codec_context.name, s.rate, s.channels, round((s.start_time or 0) * s.time_base * 10**9))
            for s in container.streams.audio
            if s.codec_context is not None
        )
        container.seek(int(packets.seek[0]), stream=track)
        first = next(container.decode(track), None)
        if first is None:
            raise UnreadableFile("the first frame cannot be decoded", where=named(file))
        turned = first.rotation % 180 == 90
        span = int(times_ns[-1] - times_ns[0])
        rate = Fraction((len(times_ns) - 1) * 10**9, span) if span else Fraction(0)
        return VideoInfo(
            times_ns=times_ns,
            width=first.height if turned else first.width,
            height=first.width if turned else first.height,
            fps=track.average_rate or rate,
            rotation=first.rotation,
            codec=_codec(track),
            keyframes=packets.keyframes,
            sound=sound,
        )


def copy_video(source: Path | bytes, path: Path, *, fps: Fraction | None) -> None:
    """The first video track of a file as an mp4, its packets untouched and only their times written anew: frame k at k / `fps`, or
    with None at its true time. Sound is left out.

    Raises:
        InputError: if mp4 cannot hold such packets; keep the file as it is, then.
        UnreadableFile: if the source is broken.
        StorageError: if the disk refuses.
    """
    import av

    with opened(source) as container:
        track = container.streams.video[0]
        if (codec := _codec(track)) not in MP4_CODECS:
            raise InputError(
                "an mp4 cannot hold such video",
                where=named(source),
                got=codec,
                expected=" or ".join(MP4_CODECS),
                fix="Keep the file as it is.",
            )
        order = read_packets(container, source)
        with replace_file(path) as beside, opened(source) as again:
            track = again.streams.video[0]
            try:
                how = {"movflags": "+faststart", "fflags": "+bitexact"}
                with on_disk(path), av.open(str(beside), "w", format="mp4", options=how) as out:  # the disk's fault is not the video's
                    copied: Any = out.add_stream_from_template(track, opaque=True)
                    copied.time_base = 1 / fps if fps else order.time_base
                    for packet in retimed(again.demux(track), order, fps):
                        packet.stream = copied
                        out.mux(packet)
            except (ValueError, av.error.FFmpegError) as error:
                raise InputError(
                    "an mp4 cannot hold this video", where=named(source), got=str(error), fix="Keep the file as it is."
                ) from error


def retimed(packets: Iterator[Any], order: Packets, fps: Fraction | None) -> Iterator[Any]:
    """Packets in the order of decoding, with the time each is shown at and one, not later, to decode it at."""
    held = [p for p in packets if p.size and p.pts is not None and not p.is_discard]
    ranks = np.searchsorted(order.pts, [p.pts for p in held])
    delay = int(np.max(np.arange(len(held)) - ranks, initial=0))
    for i, (packet, rank) in enumerate(zip(held, ranks, strict=True)):
        if fps is None:
            # times to decode at are made of the times to show at: rising, and early enough
            packet.dts = int(order.pts[i - delay]) if i >= delay else int(order.pts[0]) - (delay - i)
        else:
            packet.pts, packet.dts, packet.duration, packet.time_base = int(rank), i - delay, 1, 1 / fps
        yield packet


OPTIONS = {"fflags": "+genpts", "format_whitelist": _FORMATS, "protocol_whitelist": "file"}
"""How FFmpeg is to open a file from elsewhere."""


@contextmanager
def opened(file: Path | bytes, *, sound: bool = False) -> Iterator[Any]:
    """A container to read from; what FFmpeg says is wrong is an UnreadableFile, and so is a file without video (or `sound`)."""
    import av

    try:
        with av.open(source(file), metadata_errors="replace", options=dict(OPTIONS)) as container:
            tracks = container.streams.audio if sound else container.streams.video
            if not tracks:
                raise UnreadableFile(f"there is no {'sound' if sound else 'video'} in this file", where=named(file))
            if tracks[0].codec_context is None:
                raise UnreadableFile(f"the {'sound' if sound else 'video'} is coded in a way that is not known", where=named(file))
            yield container
    except FileNotFoundError:
        raise UnreadableFile("there is no such file", where=named(file)) from None
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        raise UnreadableFile(f"not {'sound' if sound else 'a video'} that can be read", where=named(file), got=str(error)) from error


def source(file: Path | bytes) -> str | io.BytesIO:
    # `file:` keeps FFmpeg from taking a name for an address (http:, concat:, pipe:)
    return io.BytesIO(file) if isinstance(file, bytes) else f"file:{os.fspath(file)}"


def named(file: Path | bytes) -> str:
    return f"{len(file)} bytes" if isinstance(file, bytes) else str(file)


def read_packets(container: Any, file: Path | bytes) -> Packets:
    """Reads through a container once, decoding nothing."""
    track = container.streams.video[0]
    rows: list[tuple[int, int, bool]] = []
    for packet in container.demux(track):
        if packet.size and not packet.is_discard:
            if packet.pts is None:
                raise UnreadableFile("a frame does not say when it is shown", where=named(file), got=f"packet {len(rows)}")
            rows.append((packet.pts, packet.dts if packet.dts is not None else packet.pts, packet.is_keyframe))
            if len(rows) > MOST_FRAMES:
                raise UnreadableFile("more frames than a video has", where=named(file), expected=f"at most {MOST_FRAMES:,}")
    if not rows:
        raise UnreadableFile("the video has no frames", where=named(file))
    table = np.array(rows, dtype=np.int64)
    return ordered(table[:, 0], table[:, 1], table[:, 2] != 0, track.time_base)


def ordered(shown: NDArray[np.int64], decoded: NDArray[np.int64], key: NDArray[np.bool_], time_base: Fraction) -> Packets:
    """The frames of packets in the order of decoding, by when they are shown and decoded and which are keyframes."""
    pts = np.unique(shown)
    keyframes, chosen = np.unique(np.searchsorted(pts, shown[key]), return_index=True)
    seek = decoded[key][chosen]
    if not len(keyframes) or keyframes[0] != 0:  # what is before the first keyframe is decoded from the start, as well as it can be
        keyframes, seek = np.concatenate([[0], keyframes]), np.concatenate([decoded[:1], seek])
    which = np.searchsorted(keyframes, np.arange(len(pts)), side="right") - 1
    return Packets(pts=pts, start=keyframes[which], seek=seek[which], keyframes=keyframes, time_base=time_base)


def ticks_to_ns(pts: NDArray[np.int64], time_base: Fraction) -> Times:
    """Exact, rounded to the nearest nanosecond."""
    per_tick = time_base * 10**9
    top, bottom = per_tick.numerator, per_tick.denominator
    whole, rest = np.divmod(pts, bottom)
    return np.asarray(whole * top + (rest * top + bottom // 2) // bottom, dtype=np.int64)


def _codec(track: Any) -> str:
    return str(track.codec_context.codec.canonical_name)
