"""Watched signals as pictures in colours, and the key that says what the colours mean. The colours are those of a sheet (`episode/sheet`).

A range is found once and kept while what is shown keeps near it, so that a colour goes on meaning the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.colors import Picture

Range = tuple[float, float]
STOPS = 9
AROUND = 12
OUTSIDE = 0.35
"""A range is found anew where what is shown ends so far outside of it or inside of it, as a share of its width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """How a signal is painted: `draw` over a range, which `reach` finds; `key` says what the colours mean, in JSON."""

    draw: Callable[[NDArray[Any], Range], Picture]
    key: Callable[[Range], dict[str, Any]]
    reach: Callable[[NDArray[Any]], Range] = lambda _values: (0.0, 1.0)


def kept(now: Range | None, found: Range) -> Range:
    """The range to go on with: the one there is, unless what was found ends elsewhere."""
    if now is None:
        return found
    width = max(now[1] - now[0], 1e-9)
    near = abs(found[0] - now[0]) <= OUTSIDE * width and -OUTSIDE * width <= now[1] - found[1] <= 2 * OUTSIDE * width
    return now if near else found


def words(said: str) -> Callable[[Range], dict[str, Any]]:
    return lambda _range: {"sort": "words", "said": said}


def _hex(color: NDArray[Any] | tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(int(c) for c in color))


def bar(table: NDArray[Any], unit: str, *, inverse: bool = False) -> Callable[[Range], dict[str, Any]]:
    """A bar of colours from the least to the greatest; `inverse` where they are even in one over the number."""
    stops = [_hex(c) for c in colors.through(table, np.linspace(0, 1, STOPS))]

    def key(reach: Range) -> dict[str, Any]:
        return {"sort": "bar", "low": reach[0], "high": reach[1], "unit": unit, "stops": stops, "inverse": inverse}

    return key


def _wheel(unit: str) -> Callable[[Range], dict[str, Any]]:
    angles = np.arange(AROUND) * 2 * np.pi / AROUND
    full = np.stack([np.cos(angles), -np.sin(angles)], axis=-1).astype(np.float32)  # to the right first, then on to up
    around = [_hex(c) for c in colors.flow_colors(full, 1.0)]
    return lambda reach: {"sort": "wheel", "full": reach[1], "unit": unit, "around": around}


def _length_of(least: float) -> Callable[[NDArray[Any]], Range]:
    def reach(values: NDArray[Any]) -> Range:
        length = np.linalg.norm(np.asarray(values, dtype=np.float64), axis=-1)
        known = length[np.isfinite(length)]
        moving = known[known > 0.05 * known.max(initial=0.0)]
        return 0.0, max(float(np.percentile(moving, 95)) if moving.size else 0.0, least)

    return reach


def _lengths(unit: str, least: float) -> Paint:
    return Paint(
        draw=lambda v, r: colors.through(colors.MAGNITUDE, np.linalg.norm(np.asarray(v, dtype=np.float64), axis=-1) / r[1]),
        key=bar(colors.MAGNITUDE, unit),
        reach=_length_of(least),
    )


def _mask(value: NDArray[Any], _range: Range) -> Picture:
    return np.where(value[..., None], np.array(colors.HIDDEN, np.uint8), np.array(colors.GROUND, np.uint8))


def _coords(value: NDArray[Any], reach: Range) -> Picture:
    known = np.isfinite(value).all(axis=-1)
    picture = (30 + 215 * (np.clip(np.nan_to_num(value), reach[0], reach[1]) - reach[0]) / max(reach[1] - reach[0], 1e-6)).astype(np.uint8)
    picture[~known] = colors.VOID
    return np.asarray(picture)


def _bits(value: NDArray[Any], _range: Range) -> Picture:
    """How many things lie behind one another at each pixel."""
    return colors.through(colors.MAGNITUDE, np.bitwise_count(value).sum(axis=-1) / 4.0)


def pixel_events(events: NDArray[Any], size: tuple[int, int]) -> Picture:
    """Where it became brighter or darker during the last frame, on a picture of (height, width)."""
    total = np.zeros(size)
    np.add.at(total, (events["y"].astype(np.int64), events["x"].astype(np.int64)), events["polarity"].astype(np.float64))
    picture = np.full((*size, 3), colors.GROUND, np.uint8)
    picture[total > 0], picture[total < 0] = colors.BRIGHTER, colors.DARKER
    return picture


def names_key(names: tuple[str, ...], tints: Picture) -> dict[str, Any]:
    """The names that numbers stand for, each with its colour."""
    return {"sort": "names", "names": [[name, _hex(tint)] for name, tint in zip(names, tints, strict=True)]}


EVENTS_KEY = {"sort": "names", "names": [["brighter", _hex(colors.BRIGHTER)], ["darker", _hex(colors.DARKER)]]}
_DEPTH = Paint(draw=lambda v, r: colors.depth_colors(v, r), key=bar(colors.NEAR_TO_FAR, "m", inverse=True), reach=colors.depth_range)
_AS_IT_IS = Paint(draw=lambda v, _: np.ascontiguousarray(v), key=words("as the camera takes it"))
_FLOW = Paint(draw=lambda v, r: colors.flow_colors(v, r[1]), key=_wheel("px"), reach=_length_of(0.5))
CERTAINTY = Paint(draw=lambda v, _: colors.through(colors.MAGNITUDE, v), key=bar(colors.MAGNITUDE, "chance of being right"))

PAINTS: dict[str, Paint] = {
    "rgb": _AS_IT_IS,
    "rgb_blurred": _AS_IT_IS,
    "rgb_noisy": _AS_IT_IS,
    "depth_m": _DEPTH,
    "depth_noisy_m": _DEPTH,
    "normals": Paint(draw=lambda v, _: colors.normal_colors(v), key=words("where a surface faces: right red, up green, towards us blue")),
    "flow_forward": _FLOW,
    "flow_backward": _FLOW,
    "scene_flow_m": _lengths("m", 1e-3),
    "occluded_forward": Paint(draw=_mask, key=words("red: not seen in the next frame")),
    "occluded_backward": Paint(draw=_mask, key=words("red: not seen in the last frame")),
    "object_coords_m": Paint(
        draw=_coords,
        key=lambda r: {"sort": "words", "said": f"x y z in the thing's own frame as red green blue, {r[0]:.2g} to {r[1]:.2g} m"},
        reach=lambda _v: (-0.25, 0.25),
    ),
    "amodal_bits": Paint(draw=_bits, key=words("how many things lie behind one another: dark none, yellow four")),
}
"""The signals of the shape of a picture that hold no names."""
