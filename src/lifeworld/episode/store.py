"""Episodes on disk, the plain first store: one folder an episode, whole or not there.

    episode.json     provenance, streams and where each lies; format version
    scene.toml       the scene as it stood at the start
    streams.npz      arrays: `<stream>/times_ns` and `<stream>/values`; ragged ones with `/offsets`
    <stream>.mp4     pictures for people and for training, H.264 (lossy: the manifest says so)
    <stream>.wav     sound, 32-bit floats at 48 kHz (lossless), all ticks one after the other

The bundle of `docs/episode-format.md` will take its place behind the same two functions.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.write import replace_folder
from lifeworld.episode.codec.sound import Sound, write_sound
from lifeworld.episode.episode import Episode
from lifeworld.scene.text import parse, to_text

FORMAT = 2
MANIFEST = "episode.json"
PICTURES = ("rgb", "rgb_blurred", "rgb_noisy")
_STREAM = re.compile(r"\w+(@\w+)?")


class _Entry(msgspec.Struct):
    """What the manifest says of a stream."""

    signal: str
    source: str
    origin: Origin
    count: int
    file: str
    lossless: bool
    height: int | None = None
    width: int | None = None


class _Manifest(msgspec.Struct):
    """`episode.json`, as read: what is written may say more."""

    format: int
    title: str
    provenance: Provenance
    labels: dict[str, str]
    legend: dict[str, tuple[str, ...]]
    streams: dict[str, _Entry]


# What json, zip, zlib, NumPy and FFmpeg raise for files that are damaged.
_BROKEN = (OSError, ValueError, LookupError, TypeError, EOFError, RecursionError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def write_episode(episode: Episode, folder: Path | str, *, overwrite: bool = False) -> Path:
    """Write an episode beside `folder`, then rename it there.

    Raises:
        InputError: if the folder holds other files and `overwrite` is false.
    """
    folder = Path(folder)
    with replace_folder(folder, overwrite=overwrite) as out:
        arrays: dict[str, NDArray[Any]] = {}
        streams = {}
        for name, stream in episode.streams.items():
            entry = {"signal": stream.signal.name, "source": stream.source, "origin": stream.origin.value, "count": len(stream)}
            arrays[f"{name}/times_ns"] = stream.times_ns
            if stream.signal.name in PICTURES and len(stream) > 1:
                entry |= {"file": f"{name}.mp4", "lossless": False, "height": stream.values.shape[1], "width": stream.values.shape[2]}
                _write_video(out / f"{name}.mp4", stream)
            elif stream.signal.family == "hear" and stream.values.nbytes > 0:
                entry |= {"file": f"{name}.wav", "lossless": True}
                write_sound(out / f"{name}.wav", np.asarray(stream.values))
            else:
                entry |= {"file": "streams.npz", "lossless": True}
                if stream.signal.ragged:
                    arrays[f"{name}/offsets"] = np.cumsum([0, *(len(v) for v in stream.values)], dtype=np.int64)
                    arrays[f"{name}/values"] = np.concatenate([np.zeros(0, stream.signal.dtype), *stream.values])
                else:
                    arrays[f"{name}/values"] = np.asarray(stream.values)
            streams[name] = entry
        _write_npz(out / "streams.npz", arrays)
        if episode.scene is not None:
            (out / "scene.toml").write_text(to_text(episode.scene), encoding="utf-8")
        manifest = {
            "format": FORMAT,
            "title": episode.title,
            "origin": episode.origin.value,
            "provenance": msgspec.to_builtins(episode.provenance),
            "labels": dict(episode.labels),
            "legend": dict(episode.legend),
            "streams": streams,
        }
        (out / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return folder


def read_episode(folder: Path | str) -> Episode:
    """The episode in a folder; pictures are decoded.

    Raises:
        UnreadableFile: naming the file and what is wrong with it.
    """
    folder = Path(folder)
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Manifest)
        if manifest.format != FORMAT:
            raise UnreadableFile("an episode of another format", where=str(folder), got=manifest.format, expected=FORMAT)
        streams = {}
        with (folder / "streams.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for name, entry in manifest.streams.items():
                if not _STREAM.fullmatch(name):  # it names a file
                    raise UnreadableFile("not the name of a stream", where=str(folder), got=name, expected="signal or signal@source")
                times = arrays[f"{name}/times_ns"]
                values: Any
                if entry.file.endswith(".mp4"):
                    values = _read_video(folder / f"{name}.mp4", len(times))[:, : entry.height, : entry.width]
                elif entry.file.endswith(".wav"):
                    values = _read_sound(folder / f"{name}.wav", len(times), channels=2 if entry.signal == "audio_stereo" else 1)
                elif f"{name}/offsets" in arrays:
                    offsets = arrays[f"{name}/offsets"]
                    flat = arrays[f"{name}/values"]
                    values = [flat[a:b] for a, b in pairwise(offsets)]
                else:
                    values = arrays[f"{name}/values"]
                streams[name] = Stream(SIGNALS[entry.signal], times, values, origin=entry.origin, source=entry.source)
        scene = folder / "scene.toml"
        return Episode(
            streams=streams,
            provenance=manifest.provenance,
            scene=parse(scene.read_text(encoding="utf-8"), source=str(scene)) if scene.exists() else None,
            title=manifest.title,
            labels=manifest.labels,
            legend=manifest.legend,
        )
    except _BROKEN as error:
        raise UnreadableFile("not a whole episode", where=str(folder), got=f"{type(error).__name__}: {error}") from error


def _write_npz(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """As `numpy.savez_compressed`, at the fastest level: half the time for a tenth more bytes on depth maps."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)


def _write_video(path: Path, stream: Stream) -> None:
    import av

    height, width = stream.values.shape[1:3]
    step_ns = int(stream.times_ns[1] - stream.times_ns[0])
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        video: Any = out.add_stream("libx264", rate=Fraction(1_000_000_000, step_ns).limit_denominator(1000))
        video.width, video.height, video.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        video.options = {"crf": "18", "preset": "veryfast", "g": "16", "bf": "0"}
        video.codec_context.time_base = Fraction(1, 1_000_000)
        for time_ns, picture in zip(stream.times_ns, stream.values, strict=True):
            if height % 2 or width % 2:  # 4:2:0 wants even sides; the reader crops
                picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = int(time_ns) // 1000, Fraction(1, 1_000_000)
            for packet in video.encode(frame):
                out.mux(packet)
        for packet in video.encode(None):
            out.mux(packet)


def _read_sound(path: Path, count: int, *, channels: int) -> NDArray[np.float32]:
    samples = (path.stat().st_size - 58) // 4 // channels // max(count, 1)  # 58 bytes are the head that `write_sound` writes
    return np.asarray(Sound(path, count=count, sizes=(samples,) if channels == 1 else (samples, channels)))


def _read_video(path: Path, count: int) -> NDArray[np.uint8]:
    import av

    try:
        with av.open(str(path)) as source:
            frames = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    except av.error.FFmpegError as error:
        raise UnreadableFile("the video is broken", where=str(path), got=str(error)) from error
    if len(frames) != count:
        raise UnreadableFile("the video has another number of pictures", where=str(path), got=len(frames), expected=count)
    return np.stack(frames)
