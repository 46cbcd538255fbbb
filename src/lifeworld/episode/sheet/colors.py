"""Numbers as colours: one table for amounts, one for distances, a wheel for directions, far-apart colours for names.

Every picture is (height, width, 3) uint8 sRGB. What is not known is VOID in all of them. Lightness grows or falls steadily along each
table, so that order survives print and colour blindness; hues of wheel and names have like lightness.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = NDArray[np.uint8]
VOID = (188, 184, 176)
GROUND = (225, 221, 212)  # the background among things with names
GOLDEN_DEG = 137.50776

MAGNITUDE = np.array(  # viridis (Smith & van der Walt, CC0), ten of its 256 colours
    [
        *([68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142]),
        *([31, 158, 137], [53, 183, 121], [110, 206, 88], [181, 222, 43], [253, 231, 37]),
    ]
)
NEAR_TO_FAR = np.array(  # magma (the same authors, CC0) from light to dark, without its black
    [[252, 253, 191], [254, 194, 135], [251, 135, 97], [229, 80, 100], [181, 54, 122], [129, 37, 129], [79, 18, 123], [36, 18, 84]]
)
HEAT = np.array([[250, 214, 137], [244, 158, 76], [224, 91, 50], [168, 36, 52], [98, 12, 48]])
BRIGHTER, DARKER = (196, 58, 48), (44, 92, 172)
HIDDEN = (212, 92, 62)


def through(table: NDArray[np.int_], t: ArrayLike) -> Picture:
    """The colours (…, 3) at places t (…) from 0 to 1 of a table; VOID where t is NaN."""
    t = np.asarray(t, dtype=np.float64)
    at = np.clip(np.nan_to_num(t), 0, 1) * (len(table) - 1)
    colors = np.stack([np.interp(at, np.arange(len(table)), table[:, k]) for k in range(3)], axis=-1)
    colors[np.isnan(t)] = VOID
    return colors.round().astype(np.uint8)


def oklch(lightness: ArrayLike, chroma: ArrayLike, hue_deg: ArrayLike) -> Picture:
    """sRGB (…, 3) of a colour of even lightness: what lies outside of sRGB is cut.

    Source: B. Ottosson, A perceptual color space for image processing (2020).
    """
    lightness, chroma, hue = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (lightness, chroma, np.deg2rad(hue_deg))))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    lms = (lab @ _LMS_FROM_LAB.T) ** 3
    linear = np.clip(lms @ _RGB_FROM_LMS.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray((encoded * 255).round(), dtype=np.uint8)


_LMS_FROM_LAB = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]])
_RGB_FROM_LMS = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@lru_cache(maxsize=8)
def name_colors(count: int) -> Picture:
    """A colour for each of `count` numbers (count, 3): hues far apart for neighbours, 0 the background."""
    number = np.arange(count)
    colors = oklch(np.array([0.68, 0.56, 0.80])[number % 3], np.array([0.14, 0.13, 0.12])[number % 3], 20 + number * GOLDEN_DEG)
    colors[:1] = GROUND
    return colors


def id_colors(ids: NDArray[np.int32]) -> Picture:
    """Ids (…) as colours (…, 3), the same for the same number in every picture."""
    table = name_colors(256 * (1 + int(ids.max(initial=0)) // 256))
    return table[np.maximum(ids, 0)]


def part_colors(parts: tuple[str, ...], things: tuple[str, ...]) -> Picture:
    """A colour for each part (n, 3): that of its thing, each part another lightness. Parts are called thing/part."""
    owner = {name: number for number, name in enumerate(things)}
    ids = np.array([owner.get(part.partition("/")[0], 0) for part in parts], dtype=np.int64)
    nth = np.array([int(np.count_nonzero(ids[:i] == ids[i])) for i in range(len(ids))])
    count = np.bincount(ids, minlength=len(things))[ids]
    spread = np.where(count > 1, nth / np.maximum(count - 1, 1), 0.5)
    colors = oklch(0.42 + 0.42 * spread, 0.13, 20 + ids * GOLDEN_DEG)
    colors[ids == 0] = GROUND
    return colors


def depth_range(depth_m: ArrayLike) -> tuple[float, float]:
    """From where to where the depths (…) [m] of some pictures reach, without the outermost hundredths; (0, 0) if nothing is known."""
    depth = np.asarray(depth_m)
    known = depth[np.isfinite(depth) & (depth > 0)]
    if not known.size:
        return 0.0, 0.0
    low, high = np.percentile(known, [1, 99])
    return float(low), float(high)


def depth_colors(depth_m: NDArray[np.float32], reach_m: tuple[float, float] | None = None) -> Picture:
    """Depth (…) [m] as colours: near is light and warm, far dark, nothing is VOID.

    Even in 1/depth over `reach_m` (by default that of this picture), so that a horizon leaves something for the table.
    """
    near, far = 1 / np.maximum(reach_m or depth_range(depth_m), 1e-3)
    known = np.asarray(np.isfinite(depth_m) & (depth_m > 0))
    inverse = 1 / np.where(known, depth_m, 1.0).astype(np.float64)
    return through(NEAR_TO_FAR, np.where(known, (near - inverse) / max(near - far, 1e-6), np.nan))


def normal_colors(normals: NDArray[np.float32]) -> Picture:
    """Unit normals (…, 3) of the camera's frame: to the right is red, up is green, towards the camera is blue."""
    known = np.asarray(np.isfinite(normals).all(axis=-1))
    colors = (128 + 112 * np.nan_to_num(normals) * (1, -1, -1)).round().astype(np.uint8)
    colors[~known] = VOID
    return np.asarray(colors)


def flow_colors(flow_px: NDArray[np.float32], most_px: float) -> Picture:
    """Flow (…, 2) [px]: the hue is where to, the fuller the farther, up to `most_px`; grey stands still, VOID is not known."""
    flow = np.asarray(flow_px, dtype=np.float64)
    known = np.asarray(np.isfinite(flow).all(axis=-1))
    dx, dy = np.where(known[..., None], flow, 0.0).transpose(-1, *range(flow.ndim - 1))
    share = np.minimum(np.hypot(dx, dy) / max(most_px, 1e-9), 1.0)
    colors = oklch(0.93 - 0.25 * share, 0.17 * share, np.rad2deg(np.arctan2(-dy, dx)) + 30)
    colors[~known] = VOID
    return colors


def lifted(rgb: Picture) -> Picture:
    """A picture in pale grey, to draw on."""
    light = rgb @ np.array([0.299, 0.587, 0.114])
    return np.repeat((96 + 0.58 * light).round().astype(np.uint8)[..., None], 3, axis=-1)
