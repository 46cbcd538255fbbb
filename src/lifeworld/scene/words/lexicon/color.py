"""Colours as people name them: words to colours, colours to words, and how far two would be called the same.

What `color_of` gives goes into a scene as it is: a name of `scene/material.py` or `#rrggbb`. How alike colours are is measured in
CIE L*a*b* (D65), where equal distances look about equally far (CIE 15:2004).
"""

from __future__ import annotations

import colorsys
import math
import re
from functools import lru_cache

from lifeworld.scene.material import COLORS, rgba
from lifeworld.scene.words.lexicon.qualities import table

_APART = re.compile(r"[-_\s]+|colou?red")
Lab = tuple[float, float, float]
_SAME = 18.0  # ΔE that nobody takes for two colours across a room
_OTHER = 75.0  # ΔE of plainly different ones


@lru_cache(maxsize=1 << 10)
def color_of(words: str) -> str | None:
    """The colour of a word or two ("red", "light blue", "sky-blue"), a name of the scene's colours or `#rrggbb`; None if it is none."""
    parts = _APART.sub(" ", words.casefold()).split()
    if not parts:
        return None
    joined = "_".join(parts)
    whole = COLORS.keys() & {joined, joined.replace("gray", "grey")}
    if whole:
        return min(whole)
    found: str | None = table()["colors"].get("".join(parts))
    if found is not None or len(parts) == 1:
        return found
    base = color_of(" ".join(parts[1:]))
    if base is None:
        return None
    if parts[0] in table()["shades"]:
        return _shaded(base, *table()["shades"][parts[0]])
    first = color_of(parts[0])
    if first is None:
        return None
    return first if _basic(first) == _basic(base) else _mixed(first, base)  # "navy blue" is navy, "blue green" between the two


@lru_cache(maxsize=1 << 10)
def color_name(color: str) -> str:
    """The name of the scene's colours that comes nearest to a word for a colour or `#rrggbb[aa]`.

    Raises:
        UnknownName: if it is neither.
    """
    if color in COLORS:
        return color
    here = _lab(color)
    return min(COLORS, key=lambda name: (math.dist(here, _lab(name)), name))


@lru_cache(maxsize=1 << 12)
def alike(one: str, other: str) -> float:
    """How far two colours would be called the same, 1 surely to 0 not at all; each a word or `#rrggbb[aa]`.

    Raises:
        UnknownName: if one is neither.
    """
    if one == other or _basic(one) == _basic(other):
        return 1.0
    return min(1.0, max(0.0, (_OTHER - math.dist(_lab(one), _lab(other))) / (_OTHER - _SAME)))


def _basic(color: str) -> str:
    """The basic colour term of a colour: "dark_red" and "#b01020" are red (Berlin and Kay's eleven, with beige)."""
    name = color_name(color)
    rename = {"navy": "blue", "lime": "green", "teal": "green", "cyan": "blue", "ivory": "white", "gold": "yellow", "silver": "grey"}
    return rename.get(name, name.removeprefix("dark_").removeprefix("light_"))


def _shaded(color: str, lighter: float, livelier: float) -> str:
    """A colour mixed with white (lighter > 0) or black, its saturation moved."""
    red, green, blue, _ = rgba(color_of(color) or color)
    hue, light, full = colorsys.rgb_to_hls(red, green, blue)
    light = light + lighter * (1 - light) if lighter > 0 else light * (1 + lighter)
    full = full + livelier * (1 - full) if livelier > 0 else full * (1 + livelier)
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, full))


def _mixed(one: str, other: str) -> str:
    """Half of the one and half of the other."""
    return "#" + "".join(f"{round(255 * (a + b) / 2):02x}" for a, b in zip(rgba(one)[:3], rgba(other)[:3], strict=True))


@lru_cache(maxsize=1 << 10)
def _lab(color: str) -> Lab:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgba(color_of(color) or color)[:3]]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = [sum(m * part for m, part in zip(row, linear, strict=True)) / w for row, w in zip(matrix, white, strict=True)]
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return (116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))
