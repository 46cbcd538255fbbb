"""Video and sound files (mp4, mov, mkv, webm, avi, gif …): `rgb@camera`, `audio_mono@camera` or `audio_stereo@camera`.

A film is cut into episodes: where one of its shots ends (shots.py), and long shots into pieces of about 20 s, or as `cut` says. Each
knows its place in the film, and put one after the other they are the film (parted.py). A film of one short shot is one episode.

Frames stand at the times the file says, however uneven, and are shown the way round it says. The camera's own bitstream is kept: the
values are a `Video` over the file, whose packets sealing copies untouched. What an mp4 cannot hold is encoded anew, and the report says
so: gif and what keeps every pixel as FFV1, without loss; VP8, WMV … as H.264 when it is sealed; and so are pieces that are cut between
keyframes. Sound shares the clock of the pictures; the episode starts with whichever starts first. Every frame is decoded once, to see
that it is whole: a file that is broken anywhere is refused.

A .json, .txt or .srt of the same name becomes instruction, captions and labels (sidecar.py). Places, names and other metadata of the file
are left behind, but for the time of recording.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS, Index, Stored, Stream
from lifeworld.core.time import NS_PER_S, Clock, Times
from lifeworld.episode.codec.excerpt import excerpt, partings
from lifeworld.episode.codec.packets import MP4_CODECS, OPTIONS, VideoInfo, scan_video, source, ticks_to_ns
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.played import Played
from lifeworld.episode.formats.reel import lossless
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.shots import Glances, Piece, cutting, planned
from lifeworld.episode.formats.sidecar import read_sidecars
from lifeworld.episode.formats.sound_track import SoundTrack, read_sound
from lifeworld.episode.formats.source import Source
from lifeworld.episode.formats.stills import MOST_PIXELS
from lifeworld.episode.parted import parted

CAMERA = "camera"
LOSSLESS = (
    "gif",
    "rawvideo",
    "huffyuv",
    "ffvhuff",
    "utvideo",
    "magicyuv",
    "qtrle",
    "zmbv",
    "flashsv",
    "cscd",
    "msrle",
    "8bps",
    "bmp",
    "png",
    "v210",
)
"""Codecs that keep every pixel, or palettes, which a lossy one would smear."""
SLACK_NS = NS_PER_S // 2
"""A file may say that it lasts so much longer than its last frame."""
_TRACKS = {
    "video": "pictures",
    "audio": "sound",
    "subtitle": "subtitles",
    "data": "data (time codes and the like)",
    "attachment": "attachments",
}
_CLOCK = Clock(source="camera", uncertainty_ns=None)


class Reencoded(Stored):
    """The frames of a video that no mp4 can hold as it is: read from the file, encoded anew where they are sealed."""

    def __init__(self, video: Video) -> None:
        self.video, self.shape, self.dtype = video, video.shape, video.dtype

    def take(self, index: Index) -> NDArray[np.uint8]:
        return self.video.take(index)


def read(path: Path, *, report: Report, cut: str = "shots") -> Iterator[Episode]:
    """The episodes of a media file: the pieces it is cut into, in their order.

    Args:
        cut: shots, none, or about how long pieces are in seconds.

    Raises:
        InputError: if it cannot be cut so.
        UnreadableFile: if there is neither video nor sound in it, it holds no frames, or one is broken; says which.
        FileTooLarge: if its frames or its sound are beyond all measure.
    """
    about_s, about = cutting(cut), _about(path, report)
    seen = None if about_s is None else Glances()
    sound = read_sound(path) if about.sounds else None
    info = scan_video(path) if about.pictures else None
    if info is None and sound is None:
        raise UnreadableFile("there is neither video nor sound in this file", where=path.name)
    times, frames = _pictures(path, info, _decoded(path, info, sound, seen, report), report) if info is not None else (None, None)
    zero_ns = min(([int(times[0])] if times is not None else []) + ([sound.start_ns] if sound is not None else []))
    said = read_sidecars(path, start_ns=zero_ns, report=report)
    streams = said.streams(zero_ns)
    if times is not None and frames is not None:
        streams.append(Stream(SIGNALS["rgb"], times - zero_ns, frames, origin=Origin.MEASURED, source=CAMERA, clock=_CLOCK))
    if sound is not None:
        signal = SIGNALS["audio_mono" if sound.values.ndim == 2 else "audio_stereo"]
        streams.append(Stream(signal, sound.times_ns - zero_ns, sound.values, origin=Origin.MEASURED, source=CAMERA, clock=_CLOCK))
    if about.recorded:
        said.labels.setdefault("recorded", about.recorded)
    episode = Episode(streams={}, provenance=Source.of(path).provenance("media"), title=path.stem, labels=said.labels)
    for stream in streams:
        episode = episode.with_stream(stream)
    if info is None or times is None or frames is None or about_s is None or seen is None:
        yield episode
        return
    fit = partings(frames.file) if isinstance(frames, Video) and isinstance(frames.file, Path) else frozenset[int]()
    pieces = planned(times, seen.cuts(times), fit, about_s)
    if len(pieces) == 1:
        yield episode
        return
    codec = "ffv1" if info.codec in LOSSLESS else info.codec
    values = [_part(frames, codec, piece) for piece in pieces]
    report.note(_told(path, pieces, values, isinstance(frames, Video)))
    starts_ns = [0, *(int(times[piece.first]) - zero_ns for piece in pieces[1:])]
    for done, (piece, one) in enumerate(zip(pieces, parted(episode, starts_ns, values={f"rgb@{CAMERA}": values}), strict=True)):
        report.on_read(f"taking in {path.name}, pieces", done, len(pieces))
        yield replace(one, labels={**one.labels, "shot": f"{piece.shot + 1} of {pieces[-1].shot + 1}"})
    report.on_read(f"taking in {path.name}, pieces", len(pieces), len(pieces))


def _part(frames: Stored, codec: str, piece: Piece) -> Stored:
    if isinstance(frames, Video):
        return excerpt(frames, codec=codec, first=piece.first, stop=piece.stop)
    return frames.part(piece.first, piece.stop)


def _told(path: Path, pieces: list[Piece], values: list[Stored], whole: bool) -> str:
    shots, anew = pieces[-1].shot + 1, sum(not isinstance(each, Video) for each in values)
    told = f"{path.name}: cut into {len(pieces)} pieces of {shots} {'shot' if shots == 1 else 'shots'}"
    return f"{told}; {anew} of them encoded anew, with a small loss: they are not cut at keyframes" if anew and whole else told


class _About:
    """What the file says it holds, before anything of it is decoded."""

    def __init__(self) -> None:
        self.pictures = self.sounds = False
        self.recorded = ""


def _about(path: Path, report: Report) -> _About:
    import av

    about = _About()
    try:
        with av.open(source(path), metadata_errors="replace", options=dict(OPTIONS)) as container:
            about.recorded = str(container.metadata.get("creation_time", ""))[:40]
            video = [t for t in container.streams.video if t.codec_context is not None]
            sound = [t for t in container.streams.audio if t.codec_context is not None]
            if video and video[0].width * video[0].height > MOST_PIXELS:
                raise UnreadableFile("its frames are too large", where=path.name, got=f"{video[0].width} x {video[0].height}")
            left = [t for t in container.streams.get() if t not in (video[:1] + sound[:1])]
            others = Counter(_TRACKS.get(t.type, t.type) for t in left)
            if others:
                which = ", ".join(f"{count} of {sort}" for sort, count in others.items())
                report.note(f"{path.name}: tracks left out: {which}; one of pictures and one of sound are taken")
            ratio = video[0].sample_aspect_ratio if video else None
            if ratio and ratio != 1:
                report.note(f"{path.name}: its pixels are not square ({ratio}); they are kept as they are")
            if sound and sound[0].channels > 2:
                report.note(f"{path.name}: {sound[0].channels} channels of sound mixed to two")
            about.pictures, about.sounds = bool(video), bool(sound)
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        raise UnreadableFile("not a video or sound that can be read", where=path.name, got=str(error)) from error
    return about


def _pictures(path: Path, info: VideoInfo, shown: Times, report: Report) -> tuple[Times, Stored]:
    """Times and frames; `shown` are the times of the frames that came out of the decoder, in the order they came."""
    video = Video(path, count=len(info.times_ns), height=info.height, width=info.width)
    if not np.array_equal(shown, info.times_ns):
        report.note(f"{path.name}: its packets do not say which frame is shown when; played in order and encoded anew, with a small loss")
        return _times(path, shown), Played(path, count=len(shown), height=info.height, width=info.width)
    if info.codec in LOSSLESS:
        report.note(f"{path.name}: an mp4 cannot hold {info.codec}; its frames are encoded anew as FFV1, without loss")
        return info.times_ns, lossless(video, info.times_ns, where=path.name)
    if info.codec not in MP4_CODECS:
        report.note(f"{path.name}: an mp4 cannot hold {info.codec}; its frames are encoded anew as H.264, with a small loss")
        return info.times_ns, Reencoded(video)
    return info.times_ns, video


def _times(path: Path, shown: Times) -> Times:
    """Of frames whose times are not those of their packets: their own if they rise, else those at which the packets are decoded (AVI)."""
    import av

    if np.all(np.diff(shown) > 0):
        return shown
    with av.open(source(path), metadata_errors="replace", options=dict(OPTIONS)) as container:
        reader: Any = container
        track: Any = reader.streams.video[0]
        decoded = np.unique([packet.dts for packet in reader.demux(track) if packet.size and packet.dts is not None])
    if len(decoded) != len(shown):
        raise UnreadableFile("its frames do not say when they are shown", where=path.name, got=f"{len(decoded)} times, {len(shown)} frames")
    return ticks_to_ns(decoded.astype(np.int64), track.time_base)


def _decoded(path: Path, info: VideoInfo, sound: SoundTrack | None, seen: Glances | None, report: Report) -> Times:
    """When each frame is shown [ns], by decoding all of them; `seen` glances at each, and the report's `on_read` is told.

    Raises:
        UnreadableFile: if one is broken or of another size, or there are fewer than the file promises.
    """
    import av

    shown: list[int] = []
    reading, promises = f"reading {path.name}, frames", len(info.times_ns)
    try:
        with av.open(source(path), metadata_errors="replace", options=dict(OPTIONS)) as container:
            reader: Any = container
            track: Any = reader.streams.video[0]
            track.thread_type = "AUTO"
            # the index of an mp4 counts its frames; other files say at most how long they last
            promised = int(track.frames or 0) if "mp4" in reader.format.name else 0
            lasts_ns = 0 if "mp4" in reader.format.name else int(reader.duration or 0) * 1000
            first = None
            for frame in reader.decode(track):
                first = first or (frame.width, frame.height)
                if frame.is_corrupt or (frame.width, frame.height) != first:
                    got = "it is damaged" if frame.is_corrupt else f"{frame.width} x {frame.height}, the first {first[0]} x {first[1]}"
                    raise UnreadableFile(f"frame {len(shown)} cannot be used", where=path.name, got=got)
                shown.append(frame.pts if frame.pts is not None else -1)
                if seen is not None:
                    seen.see(frame)
                report.on_read(reading, min(len(shown), promises), promises)
            times = ticks_to_ns(np.array(shown, dtype=np.int64), track.time_base)
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        raise UnreadableFile(f"frame {len(shown)} cannot be decoded", where=path.name, got=str(error)) from error
    if not shown or len(shown) < promised:
        raise UnreadableFile("the video is cut off", where=path.name, got=f"{len(shown)} frames", expected=f"{max(promised, 1)}")
    ends_ns = max([int(info.times_ns[-1]), *([int(sound.times_ns[-1])] if sound else [])]) - int(info.times_ns[0])
    slack_ns = SLACK_NS + int(np.max(np.diff(info.times_ns), initial=0))
    if lasts_ns > ends_ns + slack_ns:
        raise UnreadableFile("the video is cut off", where=path.name, got=f"{ends_ns / 1e9:.2f} s", expected=f"{lasts_ns / 1e9:.2f} s")
    return times
