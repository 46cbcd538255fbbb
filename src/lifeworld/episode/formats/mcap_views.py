"""What viewers can show of an episode beside its own channels: where cameras and things are, boxes, sound, words, numbers to plot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lifeworld.core.signal import RATE_HZ, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.foxglove import INFO, pose, quaternion, stamp, vector
from lifeworld.episode.sheet.colors import id_colors

WORLD = "world"
MOST_PLOTTED = 64
NUMBERS = '{"type":"object","additionalProperties":{"type":"number"}}'


@dataclass(frozen=True, slots=True)
class View:
    """A channel made of a stream: `made(value, stamp_ns)` is a message of `schema`, or its bytes; `values` are (time_ns, value)."""

    topic: str
    schema: str
    of: str
    values: Iterator[tuple[int, Any]]
    made: Callable[[Any, int], Any]
    encoding: str = "protobuf"


def views(episode: Episode) -> Iterator[View]:
    """All there are."""
    streams = {name: stream for name, stream in episode.streams.items() if len(stream)}
    names = episode.legend.get("instance_ids", ())
    for name, stream in streams.items():
        signal, source = stream.signal, stream.source
        if signal.name == "camera_pose":
            yield View(f"/tf/{source}", "foxglove.FrameTransforms", name, _timed(stream), _camera(source))
        elif signal.name == "camera_intrinsics_px":
            size = _size(streams, source)
            if size is not None:
                yield View(f"/calibration/{source}", "foxglove.CameraCalibration", name, _timed(stream), _lens(source, *size))
        elif signal.name == "position_m" and "quat_wxyz" in streams and _alike(stream, streams["quat_wxyz"]):
            both = zip(_timed(stream), streams["quat_wxyz"].values, strict=True)
            yield View("/tf/things", "foxglove.FrameTransforms", name, ((t, (p, q)) for (t, p), q in both), _things(names))
        elif signal.name == "box_3d":
            yield View("/boxes", "foxglove.SceneUpdate", name, _timed(stream), _boxes(names))
        elif signal.name in ("audio_mono", "audio_stereo"):
            yield View(f"/sound/{source}", "foxglove.RawAudio", name, _timed(stream), _sound)
        elif signal.name in ("instruction", "captions"):
            yield View(f"/log/{signal.name}", "foxglove.Log", name, _timed(stream), _log(signal.name))
        elif signal.name == "skeleton_pose":
            yield View(f"/skeleton/{source}", "foxglove.PosesInFrame", name, _timed(stream), _skeleton)
        elif signal.dtype.kind in "fib" and not signal.ragged and np.prod(stream.values.shape[1:]) <= MOST_PLOTTED:
            words = episode.legend.get(name) or episode.legend.get(signal.name, ())
            yield View(f"/plot/{name}", NUMBERS, name, _timed(stream), _plot(words), "json")


def _timed(stream: Stream) -> Iterator[tuple[int, Any]]:
    return zip(stream.times_ns.tolist(), stream.values, strict=True)


def _alike(a: Stream, b: Stream) -> bool:
    return np.array_equal(a.times_ns, b.times_ns) and a.values.shape[1] == b.values.shape[1]


def _size(streams: dict[str, Stream], source: str) -> tuple[int, int] | None:
    return next((s.values.shape[1:3] for s in streams.values() if s.source == source and s.signal.shape[:2] == ("height", "width")), None)


def _transform(time_ns: int, child: str, position: Any, quat: Any) -> dict[str, Any]:
    return {
        "timestamp": stamp(time_ns),
        "parent_frame_id": WORLD,
        "child_frame_id": child,
        "translation": vector(position),
        "rotation": quaternion(quat),
    }


def _camera(source: str) -> Callable[[Any, int], Any]:
    return lambda value, t: {"transforms": [_transform(t, source, value[:3], value[3:])]}


def _named(names: tuple[str, ...], index: int) -> str:
    """Thing `index` is instance `index + 1`."""
    return names[index + 1] if index + 1 < len(names) else f"thing_{index}"


def _things(names: tuple[str, ...]) -> Callable[[Any, int], Any]:
    def made(value: Any, t: int) -> Any:
        return {"transforms": [_transform(t, _named(names, i), p, q) for i, (p, q) in enumerate(zip(*value, strict=True))]}

    return made


def _boxes(names: tuple[str, ...]) -> Callable[[Any, int], Any]:
    def made(value: Any, t: int) -> Any:
        entities = []
        for index, box in enumerate(np.asarray(value)):
            if np.isfinite(box).all():
                r, g, b = (float(c) / 255 for c in id_colors(np.array([[index + 1]], np.int32))[0, 0])
                cube = {"pose": pose(box[:7]), "size": vector(box[7:]), "color": {"r": r, "g": g, "b": b, "a": 0.5}}
                entities.append({"timestamp": stamp(t), "frame_id": WORLD, "id": _named(names, index), "cubes": [cube]})
        return {"entities": entities}

    return made


def _lens(source: str, height: int, width: int) -> Callable[[Any, int], Any]:
    def made(value: Any, t: int) -> Any:
        fx, fy, cx, cy = (float(v) for v in value)
        cx, cy = cx - 0.5, cy - 0.5  # their pixel centres lie at whole numbers
        return {
            "timestamp": stamp(t),
            "frame_id": source,
            "width": width,
            "height": height,
            "K": [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
            "R": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            "P": [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
        }

    return made


def _sound(value: Any, t: int) -> Any:
    samples = np.asarray(value)
    whole = np.clip(np.rint(samples * 32_767), -32_768, 32_767).astype("<i2")
    start = t - len(samples) * 1_000_000_000 // RATE_HZ  # a block leads to its time; theirs begins at it
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    return {
        "timestamp": stamp(start),
        "data": whole.tobytes(),
        "format": "pcm-s16",
        "sample_rate": RATE_HZ,
        "number_of_channels": channels,
    }


def _log(name: str) -> Callable[[Any, int], Any]:
    def made(value: Any, t: int) -> Any:
        text = " ".join(str(row) for row in np.atleast_1d(value))
        return {"timestamp": stamp(t), "level": INFO, "message": text, "name": name}

    return made


def _skeleton(value: Any, t: int) -> Any:
    known = [limb for limb in np.asarray(value) if np.isfinite(limb).all()]
    return {"timestamp": stamp(t), "frame_id": WORLD, "poses": [pose(limb) for limb in known]}


def _plot(words: tuple[str, ...]) -> Callable[[Any, int], Any]:
    def made(value: Any, _t: int) -> bytes:
        numbers = np.ravel(np.asarray(value, dtype=np.float64))
        keys = words if len(words) == len(numbers) else [f"{i:02d}" for i in range(len(numbers))] if len(numbers) > 1 else ["value"]
        return json.dumps({key: float(n) for key, n in zip(keys, numbers, strict=True) if np.isfinite(n)}).encode()

    return made
