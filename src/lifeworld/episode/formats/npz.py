"""NumPy archives (.npz) of logs: arrays that share their first axis, one row a moment, cut into episodes where the file says so.

    time        t, time, timestamp … [s; ms, us, ns by suffix], or a rate: rate_hz, fps, dt_s, there or in params.json or STEM.json beside
    episodes    offsets (episodes + 1) or episode_ends (episodes): rows of each; otherwise the file is one
    arrays      known by name and shape (KNOWN); any other of numbers is a reading under its own name

Nothing is unpickled, and sizes are bounded before anything is read (npz_arrays.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.pose import quat_canonical, quat_conjugate, quat_multiply, rotate, wxyz_from_xyzw
from lifeworld.core.signal import SIGNALS, Stream, stream_name
from lifeworld.core.time import Times
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate, given_rate, in_ns, time_unit, told_unit
from lifeworld.episode.formats.npz_arrays import read_arrays
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.sidecar import sidecars
from lifeworld.episode.formats.source import Source, word

MOST_SIDECAR = 1_000_000

KNOWN = {
    "position": "position_m", "positions": "position_m", "pos": "position_m", "position_m": "position_m", "xyz": "position_m",
    "quaternion": "quat_wxyz", "quat": "quat_wxyz", "quat_wxyz": "quat_wxyz", "orientation": "quat_wxyz",
    "quaternion_xyzw": "quat_xyzw", "quat_xyzw": "quat_xyzw",
    "linear_velocity": "linear_velocity_m_s", "velocity": "linear_velocity_m_s", "linear_velocity_m_s": "linear_velocity_m_s",
    "angular_velocity": "angular_velocity_rad_s", "omega": "angular_velocity_rad_s", "gyro": "angular_velocity_rad_s",
    "angular_velocity_rad_s": "angular_velocity_rad_s",
    "rgb": "rgb", "image": "rgb", "images": "rgb", "frames": "rgb", "video": "rgb", "pixels": "rgb",
    "depth_m": "depth_m",
    "action": "action", "actions": "action",
    "state": "embodiment_state", "states": "embodiment_state", "qpos": "embodiment_state", "embodiment_state": "embodiment_state",
    "reward": "reward", "rewards": "reward",
    "terminated": "terminated", "terminal": "terminated", "terminals": "terminated", "done": "terminated", "dones": "terminated",
    "truncated": "truncated", "timeout": "truncated", "timeouts": "truncated",
}  # fmt: skip
"""array → signal, if its shape and type fit too."""
_VELOCITIES = ("linear_velocity_m_s", "angular_velocity_rad_s")
_CUTS = ("offsets", "episode_offsets", "episode_ends")


@dataclass(frozen=True, slots=True)
class _Track:
    """One array as a stream: its rows are the file's."""

    signal: str
    source: str
    values: NDArray[Any]

    @property
    def name(self) -> str:
        return stream_name(self.signal, self.source)


def read(path: Path, *, report: Report, fps: float | None = None) -> Iterator[Episode]:
    """The episodes of an .npz file; `fps` is the rate of its rows where the file does not say it.

    Raises:
        UnreadableFile: if it is broken, no array has a row for each moment, or nothing says when the rows are.
        UnsafeFile: if it holds Python objects.
        FileTooLarge: if it unpacks to more than MOST_BYTES, or to more than MOST_RATIO times its size.
    """
    arrays = read_arrays(path)
    about = {**_beside(path), **{name: array.item() for name, array in arrays.items() if array.ndim == 0}}
    bounds, cut = _bounds(arrays, path)
    if not bounds[-1]:
        raise UnreadableFile("there are no rows of numbers", where=path.name, got=_listed(arrays))
    times, took = _times(arrays, bounds[-1], about, fps, path, report)
    rest = {name: array for name, array in arrays.items() if name not in (cut, took)}
    tracks, legend = _tracks(rest, bounds, times, str(about.get("object") or path.stem), report)
    if not tracks:
        raise UnreadableFile(
            "no array has one row of numbers for each moment", where=path.name, got=_listed(rest), expected=f"{bounds[-1]} rows"
        )
    source = Source.of(path)
    for number, (start, stop) in enumerate(pairwise(bounds)):
        part, here = (None, path.name) if len(bounds) == 2 else (number, f"{path.name}, episode {number}")
        moments = times[start:stop] - times[start : start + 1]
        late = np.flatnonzero(np.diff(moments) <= 0)
        if late.size or start == stop:
            report.skip(here, f"its clock does not run forward at row {start + int(late[0]) + 1}" if late.size else "it has no rows")
            continue
        streams = {}
        for each in tracks:
            values = each.values[start:stop]
            streams[each.name] = Stream(SIGNALS[each.signal], moments, values, origin=Origin.MEASURED, source=each.source)
        yield Episode(
            streams=streams,
            provenance=source.provenance("npz", part),
            title=path.stem if part is None else f"{path.stem} {number}",
            labels=_labels(rest, about, number, len(bounds) - 1),
            legend=legend,
        )


def _beside(path: Path) -> dict[str, Any]:
    """What params.json, or STEM.json, beside the file says: its plain values."""
    for sidecar in sidecars(path):
        if sidecar.stat().st_size <= MOST_SIDECAR:
            try:
                said = msgspec.json.decode(sidecar.read_bytes())
            except (msgspec.DecodeError, RecursionError):
                continue  # not ours to judge: it is somebody else's file
            if isinstance(said, dict):
                return {key: value for key, value in said.items() if isinstance(value, str | int | float | bool)}
    return {}


def _bounds(arrays: dict[str, NDArray[Any]], path: Path) -> tuple[list[int], str]:
    """The rows where episodes begin, and the end of the last; and the array that says so, if one does."""
    for name in _CUTS:
        found = arrays.get(name)
        if found is not None and found.ndim == 1 and found.dtype.kind in "iu" and len(found):
            bounds = [int(b) for b in found]
            bounds = bounds if bounds[0] == 0 else [0, *bounds]
            rows = bounds[-1]
            if any(b < a for a, b in pairwise(bounds)) or not any(a.ndim and len(a) == rows for n, a in arrays.items() if n != name):
                raise UnreadableFile(f"{name} does not cut the rows into episodes", where=path.name, got=bounds[:8])
            return bounds, name
    lengths = [len(a) for a in arrays.values() if a.ndim and a.dtype.kind in "biufM"]
    timed = [len(a) for name, a in arrays.items() if a.ndim == 1 and len(a) and time_unit(name)[0]]
    if not lengths or not max(timed or lengths):
        raise UnreadableFile("there are no rows of numbers", where=path.name, got=_listed(arrays))
    return [0, timed[0] if timed else max(lengths, key=lambda n: (lengths.count(n), n))], ""


def _times(
    arrays: dict[str, NDArray[Any]], rows: int, about: dict[str, Any], fps: float | None, path: Path, report: Report
) -> tuple[Times, str]:
    for name, array in arrays.items():
        is_time, unit = time_unit(name)
        if is_time and array.shape == (rows,) and array.dtype.kind in "iufM":
            if unit is None and array.dtype.kind != "M":
                unit, why = told_unit(array)
                report.note(f"{path.name}: {name} is {why}")
            try:
                return in_ns(array, unit or 1), name
            except InputError as error:
                raise UnreadableFile(str(error), where=f"{path.name}, {name}") from error
    rate = fps or given_rate(about)
    if rate is None:
        raise UnreadableFile(
            "nothing says when the rows were taken",
            where=path.name,
            got=_listed(arrays),
            expected="an array t, time_ns, timestamp_ms …, or a number rate_hz, fps or dt_s in it or in params.json beside it",
            fix="Or give the rate: --fps 30.",
        )
    report.note(f"{path.name}: times made from a steady rate of {rate:g} Hz")
    return from_rate(rows, rate), ""


def _tracks(
    arrays: dict[str, NDArray[Any]], bounds: list[int], times: Times, thing: str, report: Report
) -> tuple[list[_Track], dict[str, tuple[str, ...]]]:
    rows, tracks = bounds[-1], list[_Track]()
    legend: dict[str, tuple[str, ...]] = {}
    known = {KNOWN[name.lower()]: array for name, array in arrays.items() if name.lower() in KNOWN}
    quats = _quats(known, rows)
    for name, array in arrays.items():
        if array.ndim == 0 or len(array) != rows or array.dtype.kind not in "biuf":
            if array.ndim and len(array) != len(bounds) - 1:
                report.note(f"{name} {array.shape} of {array.dtype} is left out: it has no number for each of {rows} rows")
            continue
        signal = KNOWN.get(name.lower(), "")
        if signal in _VELOCITIES and array.shape == (rows, 3):
            array, signal = _in_world(signal, array.astype(np.float64), known, quats, bounds, times, name, report)
        track = _known(signal, array, quats, name, report)
        if track is None and array.ndim <= 2:
            track = _Track("reading", word(name), array.reshape(rows, -1).astype(np.float64))
        if track is None:
            report.note(f"{name} {array.shape} of {array.dtype} is left out: no signal is like it")
            continue
        tracks.append(track)
        if SIGNALS[track.signal].per == "thing":
            legend[track.name] = (thing,)
        elif track.signal in ("reading", "action", "embodiment_state"):
            width = track.values.shape[1]
            legend[track.name] = (name,) if width == 1 else tuple(f"{name}[{i}]" for i in range(width))
    return tracks, legend


def _known(signal: str, array: NDArray[Any], quats: NDArray[np.float64] | None, name: str, report: Report) -> _Track | None:
    """The array as the signal it is called like, if its shape and type are that signal's."""
    rows = len(array)
    if signal in ("quat_wxyz", "quat_xyzw") and quats is not None:
        report.note(
            f"{name} normalised, with the sign that makes w at least 0" + (", x y z w put into w x y z" if "xyzw" in signal else "")
        )
        return _Track("quat_wxyz", "", quats.reshape(rows, 1, 4))
    if signal in ("position_m", *_VELOCITIES) and array.shape == (rows, 3):
        return _Track(signal, "", array.astype(np.float64).reshape(rows, 1, 3))
    if signal == "rgb" and array.dtype == np.uint8 and array.ndim == 4 and min(array.shape) > 0:
        if array.shape[3] == 3:
            return _Track("rgb", "camera", array)
        if array.shape[1] == 3:
            report.note(f"{name}: colours moved from the second to the last axis")
            return _Track("rgb", "camera", np.ascontiguousarray(np.moveaxis(array, 1, -1)))
    if signal == "depth_m" and array.ndim == 3 and array.dtype.kind == "f":
        return _Track("depth_m", "camera", array.astype(np.float32))
    if signal in ("action", "embodiment_state") and array.ndim <= 2:
        return _Track(signal, "robot", array.reshape(rows, -1).astype(np.float64))
    if signal == "reward" and array.shape in ((rows,), (rows, 1)):
        return _Track("reward", "", array.reshape(rows).astype(np.float64))
    if signal in ("terminated", "truncated") and array.shape in ((rows,), (rows, 1)) and np.isin(array, (0, 1)).all():
        return _Track(signal, "", array.reshape(rows).astype(np.bool_))
    return None


def _quats(known: dict[str, NDArray[Any]], rows: int) -> NDArray[np.float64] | None:
    """(rows, 4) wxyz, if there are unit quaternions."""
    for signal in ("quat_wxyz", "quat_xyzw"):
        array = known.get(signal)
        if array is not None and array.shape == (rows, 4) and array.dtype.kind == "f":
            quats = array.astype(np.float64)
            # no number of a unit quaternion is beyond one; the squares of larger ones may not be numbers
            if np.all(np.abs(quats) < 1.01) and np.all(np.abs(np.linalg.norm(quats, axis=1) - 1.0) < 1e-3):
                return quat_canonical(wxyz_from_xyzw(quats) if signal == "quat_xyzw" else quats)
    return None


def _in_world(
    signal: str,
    velocity: NDArray[np.float64],
    known: dict[str, NDArray[Any]],
    quats: NDArray[np.float64] | None,
    bounds: list[int],
    times: Times,
    name: str,
    report: Report,
) -> tuple[NDArray[np.float64], str]:
    """A velocity in world axes, and its signal: which axes it is in, a file rarely says, but the change of the poses does.

    In the axes in which it is nearer to that change (by half or more), or, where nothing can be told, no signal but a plain reading.
    """
    within = np.ones(len(times) - 1, dtype=bool)
    within[[b - 1 for b in bounds[1:-1] if 0 < b < len(times)]] = False
    dt = np.diff(times) / 1e9
    usable = within & (dt > 0)
    position = known.get("position_m")
    if quats is None or not usable.any() or (signal == "linear_velocity_m_s" and (position is None or position.shape != velocity.shape)):
        report.note(f"{name} is kept as a reading: without poses beside it nobody knows in which axes it is")
        return velocity, ""
    if signal == "linear_velocity_m_s":
        assert position is not None
        change = np.diff(position.astype(np.float64), axis=0)[usable] / dt[usable, None]
    else:
        change = _rotation_vector(quat_multiply(quats[1:], quat_conjugate(quats[:-1])))[usable] / dt[usable, None]
    with np.errstate(over="ignore", invalid="ignore"):  # numbers so large that they are near nothing
        turned = rotate(quats, velocity)
        as_world, as_body = (float(np.median(np.linalg.norm(v[1:][usable] - change, axis=1))) for v in (velocity, turned))
    unit = signal.partition("velocity_")[2].replace("_", "/")
    near = f"off the change of the poses by {as_world:.3g} {unit} as one, by {as_body:.3g} as the other"
    if as_world < 0.5 * as_body:
        report.note(f"{name} is in world axes, not the thing's: {near}")
        return velocity, signal
    if as_body < 0.5 * as_world:
        report.note(f"{name} was not in world axes but the thing's, and was turned: {near}")
        return turned, signal
    report.note(f"{name} is kept as a reading, in world axes or the thing's: {near}")
    return velocity, ""


def _rotation_vector(quats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Axis times angle [rad] of unit quaternions, the short way round."""
    quats = np.where(quats[:, :1] < 0, -quats, quats)
    sine = np.linalg.norm(quats[:, 1:], axis=1)
    scale = np.where(sine > 1e-12, 2 * np.arctan2(sine, quats[:, 0]) / np.maximum(sine, 1e-12), 2.0)
    return np.asarray(quats[:, 1:] * scale[:, None])


def _labels(rest: dict[str, NDArray[Any]], about: dict[str, Any], number: int, episodes: int) -> dict[str, str]:
    """What is said once: of the file, and of this episode of several."""
    labels = {name: str(value)[:200] for name, value in about.items()}
    for name, array in rest.items():
        if episodes > 1 and array.shape == (episodes,) and array.dtype.kind in "biufU":
            labels[name] = str(array[number])[:200]
    return labels


def _listed(arrays: dict[str, NDArray[Any]]) -> str:
    return ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in list(arrays.items())[:8]) or "no arrays"
