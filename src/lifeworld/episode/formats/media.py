"""Video and sound files (mp4, mov, mkv, webm, avi, gif …), each an episode: `rgb@camera`, `audio_mono@camera` or `audio_stereo@camera`.

Frames stand at the times the file says, however uneven, and are shown the way round it says. The camera's own bitstream is kept: the
values are a `Video` over the file, whose packets sealing copies untouched. What an mp4 cannot hold (gif, VP8, raw …) is encoded anew when
it is sealed, and the report says so. Sound shares the clock of the pictures; the episode starts with whichever starts first. Every frame
is decoded once, to see that it is whole: a file that is broken anywhere is refused.

A .json, .txt or .srt of the same name becomes instruction, captions and labels (sidecar.py). Places, names and other metadata of the file
are left behind, but for the time of recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS, Index, Stored, Stream
from lifeworld.core.time import Clock
from lifeworld.episode.codec.packets import MP4_CODECS, OPTIONS, VideoInfo, scan_video, source
from lifeworld.episode.codec.video import Video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.sidecar import read_sidecars
from lifeworld.episode.formats.sound_track import SoundTrack, read_sound
from lifeworld.episode.formats.source import Source

CAMERA = "camera"
MOST_PIXELS = 64_000_000
"""Of one frame: 8K has half of that."""
_CLOCK = Clock(source="camera", uncertainty_ns=None)


class Reencoded(Stored):
    """The frames of a video that no mp4 can hold as it is: read from the file, encoded anew where they are sealed."""

    def __init__(self, video: Video) -> None:
        self.video, self.shape, self.dtype = video, video.shape, video.dtype

    def take(self, index: Index) -> NDArray[np.uint8]:
        return self.video.take(index)


def read(path: Path, *, report: Report) -> Iterator[Episode]:
    """The one episode of a media file.

    Raises:
        UnreadableFile: if there is neither video nor sound in it, it holds no frames, or one is broken; says which.
        FileTooLarge: if its frames or its sound are beyond all measure.
    """
    about = _about(path, report)
    sound = read_sound(path) if about.sounds else None
    info = scan_video(path) if about.pictures else None
    if info is None and sound is None:
        raise UnreadableFile("there is neither video nor sound in this file", where=path.name)
    starts = ([int(info.times_ns[0])] if info else []) + ([sound.start_ns] if sound else [])
    zero_ns = min(starts)
    said = read_sidecars(path, start_ns=zero_ns, report=report)
    streams = said.streams(zero_ns)
    if info is not None:
        _verify(path, len(info.times_ns))
        streams.append(_pictures(path, info, zero_ns, report))
    if sound is not None:
        streams.append(_sound(sound, zero_ns))
    if about.recorded:
        said.labels.setdefault("recorded", about.recorded)
    episode = Episode(streams={}, provenance=Source.of(path).provenance("media"), title=path.stem, labels=said.labels)
    for stream in streams:
        episode = episode.with_stream(stream)
    yield episode


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
            others = len(container.streams.get()) - len(video[:1]) - len(sound[:1])
            if others:
                report.note(f"{path.name}: {others} of its tracks left out: one of pictures and one of sound are taken")
            ratio = video[0].sample_aspect_ratio if video else None
            if ratio and ratio != 1:
                report.note(f"{path.name}: its pixels are not square ({ratio}); they are kept as they are")
            if sound and sound[0].channels > 2:
                report.note(f"{path.name}: {sound[0].channels} channels of sound mixed to two")
            about.pictures, about.sounds = bool(video), bool(sound)
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        raise UnreadableFile("not a video or sound that can be read", where=path.name, got=str(error)) from error
    return about


def _pictures(path: Path, info: VideoInfo, zero_ns: int, report: Report) -> Stream:
    video = Video(path, count=len(info.times_ns), height=info.height, width=info.width)
    values: Stored = video
    if info.codec not in MP4_CODECS:
        values = Reencoded(video)
        report.note(f"{path.name}: an mp4 cannot hold {info.codec}; its frames are encoded anew as H.264, with a small loss")
    return Stream(SIGNALS["rgb"], info.times_ns - zero_ns, values, origin=Origin.MEASURED, source=CAMERA, clock=_CLOCK)


def _sound(track: SoundTrack, zero_ns: int) -> Stream:
    signal = SIGNALS["audio_mono" if track.values.ndim == 2 else "audio_stereo"]
    return Stream(signal, track.times_ns - zero_ns, track.values, origin=Origin.MEASURED, source=CAMERA, clock=_CLOCK)


def _verify(path: Path, frames: int) -> None:
    import av

    found = 0
    try:
        with av.open(source(path), metadata_errors="replace", options=dict(OPTIONS)) as container:
            reader: Any = container
            track: Any = container.streams.video[0]
            track.thread_type = "AUTO"
            promised = int(track.frames or 0)
            for frame in reader.decode(track):
                if frame.is_corrupt:
                    raise UnreadableFile(f"frame {found} is damaged", where=path.name)
                found += 1
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        raise UnreadableFile(f"frame {found} cannot be decoded", where=path.name, got=str(error)) from error
    if found < max(frames, promised):
        raise UnreadableFile("the video is cut off", where=path.name, got=f"{found} frames", expected=f"{max(frames, promised)}")
