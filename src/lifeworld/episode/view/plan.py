"""What of an episode LeRobot sees: one clock, the pictures taken by it, and the numbers brought to it.

LeRobot knows one rate and fixed shapes. The clock is that of most cameras; cameras on other clocks stay out of the view, and so do all
other streams: nothing is lost by that, they lie beside it. Frame k is at k / fps in the view, whatever its true time is.

| feature | is made of |
|---|---|
| `observation.images.CAM` | `rgb@CAM`, the frames as they are |
| `action` | every `action@…`, joined in the order of the streams: what holds at the frame; before the first action, the first one |
| `observation.state` | every `embodiment_state@…`, else `joint_position`: on a straight line between samples, outside them the nearest |
| `next.reward` | the rewards after the frame, up to and at the next one, summed |
| `next.done` | whether the task had ended by the next frame |
| `task_index` | the `instruction` that holds, else the label "task", else the title |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import Stream
from lifeworld.core.time import Times, align
from lifeworld.episode.codec.dense import Dense
from lifeworld.episode.codec.table import Table
from lifeworld.episode.entry import codec_of, nominal_fps
from lifeworld.episode.episode import Episode

PICTURES = "observation.images."
FEWEST = 5
"""Frames of an episode that begins a view: fewer do not say how fast it is."""
ABOUT = 0.01
"""How far the rate of an episode may be from the view's; true times are kept beside it."""
_COUNTED = {
    "timestamp": {"dtype": "float32", "shape": [1], "names": None},
    "frame_index": {"dtype": "int64", "shape": [1], "names": None},
    "episode_index": {"dtype": "int64", "shape": [1], "names": None},
    "index": {"dtype": "int64", "shape": [1], "names": None},
    "task_index": {"dtype": "int64", "shape": [1], "names": None},
}


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the view: its feature, and the size [px] of its pictures as players show them, sides even (docs/codecs.md)."""

    key: str
    height: int
    width: int

    @classmethod
    def of(cls, key: str, height: int, width: int) -> Camera:
        """Of pictures of this size."""
        return cls(key, height + height % 2, width + width % 2)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What LeRobot sees of one episode of n frames.

    `times_ns` (n,) are the true times of the frames, `cameras` the streams of pictures by name, `columns` the numbers: float32 (n, k),
    float32 (n,) or bool (n,). `tasks` are the texts that hold in it, in the order of their first frames, `task` (n,) which of them at
    each frame. `features` is what `meta/info.json` says of all this, without how the videos are encoded.
    """

    times_ns: Times
    fps: Fraction
    cameras: Mapping[str, Camera]
    columns: Mapping[str, NDArray[Any]]
    tasks: tuple[str, ...]
    task: NDArray[np.int64]
    features: Mapping[str, Any]
    robot_type: str | None

    def __len__(self) -> int:
        return len(self.times_ns)


def plan_view(episode: Episode, *, exact_too: bool = False) -> Plan | None:
    """What LeRobot sees of an episode; None if there are neither pictures nor actions nor states in it.

    Pictures that are kept without loss are no video and not in the view, unless `exact_too`.
    """
    names = _by_signal(episode)
    clock, cameras = _cameras(episode, names.get("rgb", []), exact_too)
    bodies = names.get("embodiment_state") or [n for n in names.get("joint_position", []) if n == "joint_position"]
    actions = names.get("action", [])
    if clock is None:
        clock = next((episode[n].times_ns for n in (*actions, *bodies) if len(episode[n])), None)
        if clock is None:
            return None
    columns: dict[str, NDArray[Any]] = {}
    features: dict[str, Any] = {}
    for key, held in (("action", actions), ("observation.state", bodies)):
        held = [n for n in held if len(episode[n]) and episode[n].values.shape[1]]
        if held:
            columns[key] = np.concatenate([_vector(episode[n], clock) for n in held], axis=1)
            features[key] = {"dtype": "float32", "shape": [columns[key].shape[1]], "names": _names(episode, held)}
    for camera in cameras.values():
        features[camera.key] = {
            "dtype": "video",
            "shape": [camera.height, camera.width, 3],
            "names": ["height", "width", "channels"],
        }
    if "reward" in names.get("reward", []):
        columns["next.reward"] = _rewards(episode["reward"], clock)
        features["next.reward"] = {"dtype": "float32", "shape": [1], "names": None}
    if "terminated" in names.get("terminated", []):
        columns["next.done"] = _done(episode["terminated"], clock)
        features["next.done"] = {"dtype": "bool", "shape": [1], "names": None}
    tasks, task = _tasks(episode, clock)
    robots = sorted({episode[n].source for n in (*actions, *bodies) if episode[n].source})
    return Plan(
        times_ns=clock,
        fps=nominal_fps(clock),
        cameras=cameras,
        columns=columns,
        tasks=tasks,
        task=task,
        features=features | _COUNTED,
        robot_type=" + ".join(robots) or None,
    )


def fits(info: Mapping[str, Any], plan: Plan) -> str | None:
    """Why an episode cannot join the view that `info` (`meta/info.json`) describes, in words; None if it can."""
    there, here = info["features"], plan.features
    if not there:
        return None if len(plan) >= FEWEST else f"{len(plan)} frames do not say the rate of a view that begins"
    if abs(float(plan.fps) / info["fps"] - 1) > ABOUT:
        return f"{float(plan.fps):g} frames/s, the view has {info['fps']:g}"
    for key in [*there, *here]:
        if key not in here:
            return f"there is no {key}, the view has it"
        if key not in there:
            return f"the view has no {key}"
        mine, theirs = here[key], there[key]
        if list(mine["shape"]) != list(theirs["shape"]):
            if mine["dtype"] == "video":
                return f"{key} of {_size(mine)} px, the view has {_size(theirs)}"
            return f"{mine['shape'][0]} numbers of {key}, the view has {theirs['shape'][0]}"
        if mine["dtype"] != theirs["dtype"]:
            return f"{key} is {mine['dtype']}, the view has {theirs['dtype']}"
        if mine["dtype"] != "video" and mine["names"] != theirs["names"]:
            return f"the numbers of {key} are others than those of the view"
    return None


def at_rate(info: Mapping[str, Any], plan: Plan) -> Plan:
    """The plan at the rate of the view that it joins: real clocks are about as fast as they say, and the view has one rate."""
    return replace(plan, fps=Fraction(info["fps"]).limit_denominator(1001)) if info["features"] else plan


def _size(feature: Mapping[str, Any]) -> str:
    return f"{feature['shape'][1]} x {feature['shape'][0]}"


def number(fps: Fraction) -> int | float:
    """A rate as `meta/info.json` has it."""
    return int(fps) if fps.denominator == 1 else float(fps)


def _by_signal(episode: Episode) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in episode.streams:
        found.setdefault(name.partition("@")[0], []).append(name)
    return found


def _cameras(episode: Episode, names: Sequence[str], exact_too: bool) -> tuple[Times | None, dict[str, Camera]]:
    clocks: dict[bytes, list[str]] = {}
    for name in names:
        stream = episode[name]
        exact = isinstance(stream.values, Dense | Table)
        if len(stream) and codec_of(stream, exact=False) == "video" and (exact_too or not exact):
            clocks.setdefault(stream.times_ns.tobytes(), []).append(name)
    if not clocks:
        return None, {}
    chosen = max(clocks.values(), key=lambda names: (len(names), len(episode[names[0]])))
    cameras = {}
    for name in chosen:
        height, width, _ = episode[name].values.shape[1:]
        cameras[name] = Camera.of(f"{PICTURES}{episode[name].source}", int(height), int(width))
    return episode[chosen[0]].times_ns, cameras


@np.errstate(invalid="ignore", over="ignore")  # a float64 that float32 does not hold is infinite in the view
def _vector(stream: Stream, at_ns: Times) -> NDArray[np.float32]:
    found = align(stream.times_ns, at_ns, "linear" if stream.signal.blend == "linear" else "hold")
    values = np.asarray(stream.values, dtype=np.float64).reshape(len(stream), -1)
    before, weight = values[found.before], found.weight[:, None]
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(weight > 0, (1 - weight) * before + weight * values[found.after], before).astype(np.float32)


def _names(episode: Episode, streams: Sequence[str]) -> list[str]:
    named = []
    for name in streams:
        stream = episode[name]
        count = int(np.prod(stream.values.shape[1:]))
        words = episode.legend.get(name, ())
        if len(words) != count:
            words = tuple(f"{name.partition('@')[0]}_{i}" for i in range(count))
        named += [f"{stream.source}.{word}" for word in words] if len(streams) > 1 else list(words)
    return named


@np.errstate(invalid="ignore", over="ignore")
def _rewards(stream: Stream, at_ns: Times) -> NDArray[np.float32]:
    first = np.searchsorted(stream.times_ns, at_ns, side="right")  # of each frame, the first reward after it
    stop = np.append(first[1:], len(stream))
    sums = np.add.reduceat(np.append(np.asarray(stream.values, dtype=np.float64), 0.0), first)
    return np.where(stop > first, sums, 0.0).astype(np.float32)


def _done(stream: Stream, at_ns: Times) -> NDArray[np.bool_]:
    ended = np.concatenate([[False], np.logical_or.accumulate(np.asarray(stream.values, dtype=bool))])
    after = np.searchsorted(stream.times_ns, at_ns, side="right")
    return ended[[*after[1:], len(stream)]]


def _tasks(episode: Episode, at_ns: Times) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    told = episode["instruction"] if "instruction" in episode.streams else None
    if told is None or not len(told):
        return (episode.labels.get("task") or episode.title,), np.zeros(len(at_ns), dtype=np.int64)
    texts = [str(text) for text in told.values]
    held = [texts[i] for i in align(told.times_ns, at_ns, "hold").before]
    tasks = list(dict.fromkeys(held))
    return tuple(tasks), np.array([tasks.index(text) for text in held], dtype=np.int64)
