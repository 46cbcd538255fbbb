"""A pane: one signal as a page is sent it. Pictures are encoded for showing, numbers come as rows, sound as samples, words as lines.

What it is and what its colours and columns mean is said once (`said`, a `panes` message); said anew when that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import RATE_HZ, SIGNALS, Signal
from lifeworld.episode.sheet import colors
from lifeworld.scene.scene import Scene
from lifeworld.studio import paint, wire
from lifeworld.studio.scenery import encoded
from lifeworld.worlds.world import Observation, WorldSpec

CERTAINTY = "certainty"
"""`certainty@above`: of each pixel of a dream the chance that it is right."""
MOST_ROWS = 1_000
IDS = {"instance_ids": "instance_ids", "part_ids": "part_ids", "semantic_ids": "semantic_ids"}
NAMED = {
    "body_a": "instance_ids", "body_b": "instance_ids", "a": "instance_ids", "b": "instance_ids", "thing": "instance_ids",
    "part_a": "part_ids", "part_b": "part_ids", "predicate": "relations", "event": "happened", "deed": "deeds", "safety": "safety",
    "kind": "events",
}  # fmt: skip
"""Columns of tables that hold numbers for words, and the legend that names them."""
AXES = {3: ("x", "y", "z"), 2: ("x", "y"), 4: ("w", "x", "y", "z"), 7: ("x", "y", "z", "qw", "qx", "qy", "qz")}
CALLED = {
    "energy_j": ("kinetic", "potential"),
    "box_2d_px": ("left", "top", "right", "bottom"),
    "box_2d_amodal_px": ("left", "top", "right", "bottom"),
    "camera_intrinsics_px": ("fx", "fy", "cx", "cy"),
    "box_3d": ("x", "y", "z", "qw", "qx", "qy", "qz", "size x", "size y", "size z"),
}
"""What the columns of some signals are called; others' are x, y, z, or numbers."""


def shows(signal: Signal) -> str:
    """What a signal is shown as: picture, sound, text, table or numbers."""
    if signal.shape[:2] == ("height", "width") or signal.name == "pixel_events":
        return "picture"
    if signal.family == "hear":
        return "sound"
    names = signal.dtype.names
    if signal.dtype.kind == "U" or (names and all(signal.dtype[name].kind == "U" for name in names)):
        return "text"
    return "table" if names else "numbers"


def offered(spec: WorldSpec) -> tuple[dict[str, Any], ...]:
    """All signals that can be watched in a world, each with its streams."""
    streams: dict[str, list[str]] = {}
    for stream, signal in spec.signals.items():
        streams.setdefault(signal, []).append(stream)
    rows = [
        {
            "signal": name,
            "family": SIGNALS[name].family,
            "meaning": SIGNALS[name].meaning,
            "unit": SIGNALS[name].unit,
            "shows": shows(SIGNALS[name]),
            "streams": sorted(of),
        }
        for name, of in streams.items()
    ]
    if spec.engine == "dream":
        sure = [f"{CERTAINTY}@{stream.partition('@')[2]}" for stream, signal in spec.signals.items() if signal == "rgb"]
        meaning = "For each pixel of the dreamed picture the chance that it is right."
        rows.append({"signal": CERTAINTY, "family": "see", "meaning": meaning, "unit": "1", "shows": "picture", "streams": sure})
    return tuple(rows)


@dataclass(slots=True, eq=False)
class Pane:
    """A stream that is watched: its `number` on the wire; `version` counts how often what is said of it has changed."""

    stream: str
    number: int
    version: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    last: NDArray[Any] | None = None
    _reach: paint.Range | None = None

    @property
    def signal(self) -> str:
        return self.stream.partition("@")[0]

    @property
    def asks(self) -> str:
        """The stream that the world is asked for."""
        return "rgb" + self.stream.removeprefix(CERTAINTY) if self.signal == CERTAINTY else self.stream

    @property
    def sounds(self) -> bool:
        return self.signal != CERTAINTY and shows(SIGNALS[self.signal]) == "sound"

    def of(self, seen: Observation) -> NDArray[Any]:
        return seen.certainty[self.asks] if self.signal == CERTAINTY else seen[self.stream]

    def encode(self, value: NDArray[Any], spec: WorldSpec, scene: Callable[[], Scene]) -> tuple[int, bytes]:
        """The type and the payload of a binary message; `said` is as it is now. `scene` is asked for where the signal itself does not say
        of whom it is, or how large."""
        self.last = value
        if self.signal == CERTAINTY:
            return self._picture(value, paint.CERTAINTY, spec)
        signal = SIGNALS[self.signal]
        match shows(signal):
            case "picture" if self.signal in IDS:
                return self._names(value, spec)
            case "picture" if self.signal == "pixel_events":
                (camera,) = [c for c in scene().cameras if c.name == self.stream.partition("@")[2]]
                height, width = camera.height_px, camera.width_px
                self._say(spec, {"key": paint.EVENTS_KEY, "width": width, "height": height})
                return wire.PICTURE, encoded(paint.pixel_events(value, (height, width)), flat=True)
            case "picture":
                return self._picture(value, paint.PAINTS.get(self.signal) or _amount(signal), spec)
            case "sound":
                sound = value[:, None] if value.ndim == 1 else value
                self._say(spec, {"rate_hz": RATE_HZ, "channels": sound.shape[1]})
                return wire.SOUND, np.rint(np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
            case "text":
                self._say(spec, {"columns": [{"name": name, "legend": None} for name in (value.dtype.names or (self.signal,))]})
                lines = [list(row) if value.dtype.names else [str(row)] for row in value[:MOST_ROWS].tolist()]
                return wire.TEXT, msgspec.json.encode(lines)
            case "table":
                columns, rows = _table(value[:MOST_ROWS])
                legends = {said["legend"] for said in columns if said["legend"]} & set(spec.legend)
                self._say(spec, {"columns": columns, "legend": {name: spec.legend[name] for name in sorted(legends)}})
                return wire.NUMBERS, rows.tobytes()
        rows = np.asarray(value, dtype="<f4")
        rows = rows.reshape(len(rows), int(np.prod(rows.shape[1:]))) if rows.ndim > 1 else rows.reshape(1, -1)
        if value.ndim == 1 and signal.shape[0] in ("things", "joints", "goals", "beams"):
            rows = rows.T
        self._say(spec, _labelled(signal, rows[:MOST_ROWS], spec, scene))
        return wire.NUMBERS, np.ascontiguousarray(rows[:MOST_ROWS]).tobytes()

    def probed(self, x: int, y: int, spec: WorldSpec) -> tuple[tuple[float | None, ...], str, str] | None:
        """What the picture that was sent last holds at a pixel: numbers, their unit, and in words; None where there is no such pixel."""
        value = self.last
        if value is None or value.ndim < 2 or value.dtype.names or not (0 <= y < value.shape[0] and 0 <= x < value.shape[1]):
            return None
        numbers = tuple(float(n) if np.isfinite(n) else None for n in np.atleast_1d(value[y, x]).astype(np.float64))
        unit = "1" if self.signal == CERTAINTY else SIGNALS[self.signal].unit
        if self.signal in IDS:
            names, number = spec.legend.get(IDS[self.signal], ()), int(value[y, x])
            return numbers, unit, names[number] if number < len(names) else str(number)
        plain = "" if unit in ("1", "sRGB level") else f" {unit}"
        return numbers, unit, ", ".join("not known" if n is None else f"{n:.3g}" for n in numbers) + plain

    # -- below -------------------------------------------------------------------------------------------------------------

    def _picture(self, value: NDArray[Any], how: paint.Paint, spec: WorldSpec) -> tuple[int, bytes]:
        self._reach = paint.kept(self._reach, how.reach(value))
        self._say(spec, {"key": how.key(self._reach), "width": value.shape[1], "height": value.shape[0]})
        return wire.PICTURE, encoded(how.draw(value, self._reach), flat=value.dtype == bool)

    def _names(self, value: NDArray[Any], spec: WorldSpec) -> tuple[int, bytes]:
        legend = spec.legend.get(IDS[self.signal], ())
        if self.signal == "part_ids" and legend:
            tints = colors.part_colors(legend, spec.legend.get("instance_ids", ()))
        else:
            tints = colors.name_colors(256 * (1 + max(int(value.max(initial=0)), len(legend) - 1) // 256))
        here = [int(n) for n in np.unique(value) if 0 <= n < len(legend) and legend[int(n)]]
        known = set(self.said.get("_shown", ()))
        if not set(here) <= known:
            known |= set(here)  # who has been seen stays in the key, so that it does not flicker
        shown = sorted(n for n in known if n < len(legend))  # who was seen before an undo may be nobody now
        names = tuple(legend[n] for n in shown)
        said = {"key": paint.names_key(names, tints[shown]), "width": value.shape[1], "height": value.shape[0], "_shown": shown}
        self._say(spec, said)
        return wire.PICTURE, encoded(tints[np.clip(value, 0, len(tints) - 1)], flat=True)

    def _say(self, spec: WorldSpec, more: dict[str, Any]) -> None:
        """What is said of this pane from now on; a new version where it is not what was said before."""
        if self.signal == CERTAINTY:
            meaning, unit, frame, sort = "The chance that each pixel is right.", "1", "camera", "picture"
        else:
            signal = SIGNALS[self.signal]
            meaning, unit, frame, sort = signal.meaning, signal.unit, signal.frame, shows(signal)
        said = {
            "pane": self.number, "stream": self.stream, "signal": self.signal, "shows": sort, "meaning": meaning, "unit": unit,
            "frame": frame, "origin": spec.origin.value, **more,
        }  # fmt: skip
        if said != self.said:
            self.said, self.version = said, self.version + 1


def _amount(signal: Signal) -> paint.Paint:
    """How a picture of plain numbers that no paint is known for is drawn: from the least to the greatest."""

    def reach(values: NDArray[Any]) -> paint.Range:
        known = values[np.isfinite(values)]
        return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)

    def draw(value: NDArray[Any], over: paint.Range) -> colors.Picture:
        flat = value if value.ndim == 2 else np.linalg.norm(value, axis=-1)
        return colors.through(colors.MAGNITUDE, (flat - over[0]) / max(over[1] - over[0], 1e-9))

    return paint.Paint(draw=draw, key=paint.bar(colors.MAGNITUDE, signal.unit), reach=reach)


def _table(rows: NDArray[Any]) -> tuple[list[dict[str, Any]], NDArray[np.float32]]:
    """A structured array as columns with names, and float32 rows; times are in seconds."""
    columns: list[dict[str, Any]] = []
    parts: list[NDArray[np.float64]] = []
    for name in rows.dtype.names or ():
        values = rows[name].reshape(len(rows), int(np.prod(rows.dtype[name].shape))).astype(np.float64)
        said = name
        if name.endswith("_ns"):
            values, said = values * 1e-9, name.removesuffix("_ns") + "_s"
        axes = AXES.get(values.shape[1], tuple(map(str, range(values.shape[1])))) if values.shape[1] > 1 else ("",)
        columns += [{"name": f"{said}.{axis}" if axis else said, "legend": NAMED.get(name)} for axis in axes]
        parts.append(values)
    return columns, np.ascontiguousarray(np.concatenate(parts, axis=1), dtype="<f4") if parts else np.zeros((0, 0), "<f4")


def _labelled(signal: Signal, rows: NDArray[Any], spec: WorldSpec, scene: Callable[[], Scene]) -> dict[str, Any]:
    count, width = rows.shape
    called: Sequence[str] = CALLED.get(signal.name) or (AXES.get(width) if 1 < width <= 7 else None) or ()
    if len(called) != width:
        called = (signal.name,) if width == 1 else tuple(str(i) for i in range(width))
    names: Sequence[str] = spec.legend.get(signal.name, ())
    if "things" in signal.shape:
        names = spec.things
    elif "goals" in signal.shape:
        names = [goal.name for goal in scene().goals]
    if len(names) == width and count == 1 and width > 1:
        called, names = names, ()
    return {
        "columns": [{"name": name, "legend": None} for name in called],
        "rows": list(names) if len(names) == count else [str(i) for i in range(count)] if count > 1 else [""],
    }
