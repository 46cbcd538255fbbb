"""What a sheet shows of sensors that are no cameras: a lidar's returns from above and all around, and what a fingertip feels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.panel import Panel, Scale, Size, amount
from lifeworld.episode.sheet.paper import INK, RULE, SOFT, Ball, Bar, Key, Words, write

_LIDAR = ("lidar_directions", "lidar_range_m")


def _reach(glances: Sequence[Glance]) -> Scale:
    """From where to where nearly all returns of things are [m]; the ground, which has no end, counts only where there is nothing else."""
    ranges = np.concatenate([g["lidar_range_m"] for g in glances])
    ids = np.concatenate([g["lidar_ids"] if "lidar_ids" in g else np.ones(len(g["lidar_range_m"])) for g in glances])
    known = np.isfinite(ranges)
    things = known & (ids > 0)
    chosen = ranges[things if things.any() else known]
    near, far = np.percentile(chosen, [5, 95]).tolist() if chosen.size else (0.1, 1.0)
    return max(0.8 * near, 0.01), max(1.1 * far, 0.1)


def _from_above(glance: Glance, scale: Scale, size: Size) -> Image.Image:
    """Where the beams end, seen from above with the sensor's forward up, rings at whole steps."""
    picture = np.full((size[1], size[0], 3), colors.GROUND, np.uint8)
    points = glance["lidar_directions"].astype(np.float64) * glance["lidar_range_m"][:, None]
    per_m = 0.46 * min(size) / scale[1]
    centre = np.array([size[0] / 2, size[1] / 2])
    image = Image.fromarray(picture)
    draw, step = ImageDraw.Draw(image), ring(scale[1])
    for n in range(1, math.ceil(max(size) / 2 / per_m / step) + 1):
        radius = n * step * per_m
        draw.ellipse((*(centre - radius), *(centre + radius)), outline=RULE if n % 2 else (201, 196, 185))
    picture = np.array(image)
    known = np.isfinite(points).all(axis=1)
    pixels = np.floor(centre + per_m * np.stack([-points[known, 1], -points[known, 0]], axis=1)).astype(int)
    tints = colors.id_colors(glance["lidar_ids"][known])
    tints[glance["lidar_ids"][known] == 0] = SOFT
    order = np.argsort(points[known, 2], kind="stable")  # what is higher is seen from above
    dotted(picture, pixels[order], tints[order], 2)
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    x, y = centre.tolist()
    draw.polygon(((x, y - 6), (x - 4, y + 4), (x + 4, y + 4)), fill=INK)
    write(draw, (8, size[1] - 12), f"rings {amount(step, 'm')}", 11, color=SOFT)
    return image


def ring(reach_m: float) -> float:
    """A round step of which there are two to five within the reach."""
    power = 10.0 ** math.floor(math.log10(reach_m))
    return next(step * power for step in (5.0, 2.0, 1.0, 0.5, 0.2) if reach_m / (step * power) >= 2)


def dotted(picture: colors.Picture, pixels: NDArray[np.int_], tints: colors.Picture, side: int) -> None:
    """Squares of `side` px at pixels (n, 2) (x, y), the last on top."""
    for dy in range(side):
        for dx in range(side):
            x, y = pixels[:, 0] + dx - side // 2, pixels[:, 1] + dy - side // 2
            inside = (x >= 0) & (y >= 0) & (x < picture.shape[1]) & (y < picture.shape[0])
            picture[y[inside], x[inside]] = tints[inside]


def panorama(glance: Glance, tints: colors.Picture, size: Size) -> Image.Image:
    """The beams' colours (beams, 3) by where they point: to the left is left, up is up, over the angles that the lidar covers."""
    toward = glance["lidar_directions"].astype(np.float64)
    across, up = np.arctan2(toward[:, 1], toward[:, 0]), np.arcsin(np.clip(toward[:, 2], -1, 1))
    rows, columns = (len(np.unique(angle.round(3))) for angle in (up, across))
    if rows * columns != len(toward):  # no grid: as many rows as would be square
        rows = columns = max(math.isqrt(len(toward)) * 2 // 3, 1)
    picture = np.full((rows, columns, 3), colors.VOID, np.uint8)
    picture[_spread(-up, rows), _spread(-across, columns)] = tints
    return Image.fromarray(picture).resize(size, Image.Resampling.NEAREST)


def _spread(angles: NDArray[np.float64], count: int) -> NDArray[np.int_]:
    """Which of `count` equal steps from the least to the greatest each angle is at."""
    low, high = float(angles.min(initial=np.inf)), float(angles.max(initial=-np.inf))
    share = (angles - low) / (high - low) if high > low else np.zeros(len(angles))
    return np.asarray((share * (count - 1)).round(), dtype=np.int_)


def _felt_scale(glances: Sequence[Glance]) -> Scale:
    return 0.0, max((float(np.abs(g["tactile_n"]).max(initial=0.0)) for g in glances), default=0.0) or 0.01


def _felt(glance: Glance, scale: Scale, size: Size) -> Image.Image:
    """Pressure as colour, shear as lines out of the middle of each taxel; x to the right, y up, as the sensor is looked at."""
    taxels = glance["tactile_n"][::-1].astype(np.float64)
    rows, columns = taxels.shape[:2]
    side = max(min((size[0] - 16) // columns, (size[1] - 16) // rows), 1)
    left, top = (size[0] - side * columns) // 2, (size[1] - side * rows) // 2
    image = Image.new("RGB", size, colors.GROUND)
    heat = Image.fromarray(colors.through(colors.MAGNITUDE, taxels[..., 2] / scale[1]))
    image.paste(heat.resize((side * columns, side * rows), Image.Resampling.NEAREST), (left, top))
    draw = ImageDraw.Draw(image)
    for row, column in np.argwhere(np.hypot(taxels[..., 0], taxels[..., 1]) > 0.05 * scale[1]).tolist():
        x, y = left + (column + 0.5) * side, top + (row + 0.5) * side
        shear = taxels[row, column, :2] / scale[1] * side
        draw.line((x, y, x + shear[0], y - shear[1]), fill=(255, 255, 255), width=2)
    return image


def _felt_key(scale: Scale) -> Key:
    return Bar(colors.MAGNITUDE, "0", f"{amount(scale[1], 'N')}, lines: shear")


def _brightest(glances: Sequence[Glance]) -> Scale:
    return 0.0, max(max(float(np.nanpercentile(g["lidar_intensity"], 98)) for g in glances), 1e-6)


SENSED: tuple[Panel, ...] = (
    Panel(
        signal="lidar_ids", note="from above", draw=_from_above, needs=_LIDAR, scale=_reach,
        key=lambda _: Words("forward is up; colours as of the things"),
    ),
    Panel(
        signal="lidar_range_m", note="m, all around", needs=_LIDAR, scale=_reach,
        draw=lambda glance, scale, size: panorama(glance, colors.depth_colors(glance["lidar_range_m"], scale), size),
        key=lambda scale: Bar(colors.NEAR_TO_FAR, amount(scale[0], "m"), amount(scale[1], "m")),
    ),
    Panel(
        signal="lidar_intensity", note="all around", needs=_LIDAR, scale=_brightest,
        draw=lambda glance, scale, size: panorama(glance, colors.through(colors.MAGNITUDE, glance["lidar_intensity"] / scale[1]), size),
        key=lambda scale: Bar(colors.MAGNITUDE, "0", amount(scale[1], "")),
    ),
    Panel(
        signal="lidar_normals", note="all around", needs=_LIDAR, key=lambda _: Ball("where a surface faces"),
        draw=lambda glance, _scale, size: panorama(glance, _normals(glance["lidar_normals"]), size),
    ),
    Panel(signal="tactile_n", note="N a taxel", draw=_felt, key=_felt_key, scale=_felt_scale),
)  # fmt: skip


def _normals(normals: NDArray[np.float32]) -> colors.Picture:
    """Normals of a sensor's frame (+X forward, +Z up) in the colours of a camera's."""
    return colors.normal_colors(np.stack([-normals[:, 1], -normals[:, 2], normals[:, 0]], axis=1))
