"""What a sheet can show of a camera: each signal as a picture in colours, over what range, and the key to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.colors import Picture
from lifeworld.episode.sheet.glance import Glance
from lifeworld.episode.sheet.paper import Ball, Bar, Chips, Key, Label, Wheel, Words, labels

Scale = tuple[float, float]
Size = tuple[int, int]
LABELLED_PX = 240
SQUARE_M = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How a signal is drawn.

    `scale` finds the range of the colours over all glances that stand side by side, so that they can be compared; `draw` gives a
    picture of (width, height) px; `key` says what its colours mean. `needs` are the other signals it takes.
    """

    signal: str
    note: str
    draw: Callable[[Glance, Scale, Size], Image.Image]
    key: Callable[[Scale], Key]
    scale: Callable[[Sequence[Glance]], Scale] = lambda _glances: (0.0, 1.0)
    needs: tuple[str, ...] = ()

    def of(self, glance: Glance) -> bool:
        """Whether the episode has what this panel shows."""
        return all(signal in glance for signal in (self.signal, *self.needs))


def printed(picture: Picture, size: Size) -> Image.Image:
    """The picture at another size: averaged if smaller, in plain squares if larger, so that no pixel shows what is not there."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    return image.resize(size, Image.Resampling.BOX if image.width > size[0] else Image.Resampling.NEAREST)


def grown(mask: NDArray[np.bool_], size: Size) -> NDArray[np.bool_]:
    """A mask at another size."""
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST), dtype=bool)


def backdrop(glance: Glance, size: Size) -> Image.Image:
    """The camera's picture in pale grey, or void where there is none."""
    if "rgb" in glance:
        return Image.fromarray(colors.lifted(glance["rgb"])).resize(size, Image.Resampling.LANCZOS)
    return Image.new("RGB", size, colors.VOID)


def amount(value: float, unit: str) -> str:
    """A number of three digits with its unit; small lengths in mm."""
    if unit == "m" and abs(value) < 0.1:
        return amount(1000 * value, "mm")
    return f"{float(f'{value:.3g}'):g} {unit}"


def largest(glances: Sequence[Glance], signal: str, *, least: float) -> Scale:
    """(0, the length that 95 % of what moves keeps within), so that neither stillness nor one fast pixel sets the scale."""
    lengths = [np.linalg.norm(np.asarray(g[signal], dtype=np.float64), axis=-1) for g in glances]
    known = np.concatenate([each[np.isfinite(each)] for each in lengths])
    moving = known[known > 0.05 * known.max(initial=0.0)]
    return 0.0, max(float(np.percentile(moving, 95)) if moving.size else 0.0, least)


# Pictures and distances ----------------------------------------------------------------------------------------------------


def _photo(signal: str, note: str) -> Panel:
    def draw(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(glance[signal])).resize(size, Image.Resampling.LANCZOS)

    return Panel(signal=signal, note="sRGB", draw=draw, key=lambda _: Words(note))


def _depth(signal: str) -> Panel:
    def scale(glances: Sequence[Glance]) -> Scale:
        return colors.depth_range(np.concatenate([g[signal].ravel() for g in glances]))

    def draw(glance: Glance, reach: Scale, size: Size) -> Image.Image:
        return printed(colors.depth_colors(glance[signal], reach), size)

    def key(reach: Scale) -> Key:
        return Bar(colors.NEAR_TO_FAR, amount(reach[0], "m"), amount(reach[1], "m")) if reach[1] > 0 else Words("no distance is known")

    return Panel(signal=signal, note="m, even in 1/m", draw=draw, key=key, scale=scale)


def _coords(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
    """Each thing from its least to its greatest coordinates seen; the ground in squares."""
    coords = glance["object_coords_m"].astype(np.float64)
    known = np.asarray(np.isfinite(coords).all(axis=-1))
    squares = np.floor(np.where(known[..., None], coords, 0.0)[..., :2] / SQUARE_M).sum(axis=-1) % 2
    picture = np.where(squares[..., None] > 0, np.array(colors.GROUND), np.array(colors.GROUND) - 18).astype(np.uint8)
    picture[~known] = colors.VOID
    ids = np.where(known, glance["instance_ids"], 0)
    for instance in np.unique(ids[ids > 0]):
        mask = ids == instance
        own = coords[mask]
        low, high = own.min(axis=0), own.max(axis=0)
        picture[mask] = 30 + 215 * (own - low) / np.maximum(high - low, 1e-6)
    return printed(picture, size)


# Names ---------------------------------------------------------------------------------------------------------------------


def _names(signal: str, note: str) -> Panel:
    def draw(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
        ids = glance[signal]
        if signal == "part_ids" and glance.names(signal):
            picture = colors.part_colors(glance.names(signal), glance.names("instance_ids"))[np.maximum(ids, 0)]
        else:
            picture = colors.id_colors(ids)
        image = printed(picture, size)
        if signal == "instance_ids" and size[0] >= LABELLED_PX:
            labels(image, named(glance, ids, size))
        return image

    return Panel(signal=signal, note="", draw=draw, key=lambda _: Words(note))


def named(glance: Glance, ids: NDArray[np.int32], size: Size) -> list[Label]:
    """The names of the things seen, each at its middle, the largest first."""
    out = []
    numbers, counts = np.unique(ids[ids > 0], return_counts=True)
    for number in numbers[np.argsort(-counts)]:
        mask = ids == number
        out.append(Label(middle(mask, size), around(mask, size), glance.name(int(number)), color_of(int(number))))
    return out


def around(mask: NDArray[np.bool_], size: Size) -> tuple[float, float, float, float]:
    """The box (left, top, right, bottom) around a mask, in px of a picture of another size."""
    y, x = np.nonzero(mask)
    across, down = size[0] / mask.shape[1], size[1] / mask.shape[0]
    return float(x.min() * across), float(y.min() * down), float((x.max() + 1) * across), float((y.max() + 1) * down)


def middle(mask: NDArray[np.bool_], size: Size) -> tuple[float, float]:
    """The pixel of a mask nearest to the median of its pixels, in px of a picture of another size."""
    y, x = np.nonzero(mask)
    nearest = int(np.argmin((x - np.median(x)) ** 2 + (y - np.median(y)) ** 2))
    return (x[nearest] + 0.5) * size[0] / mask.shape[1], (y[nearest] + 0.5) * size[1] / mask.shape[0]


def color_of(instance: int) -> tuple[int, int, int]:
    red, green, blue = colors.id_colors(np.array([instance], np.int32))[0].tolist()
    return red, green, blue


# Motion --------------------------------------------------------------------------------------------------------------------


def _flow(signal: str) -> Panel:
    def draw(glance: Glance, scale: Scale, size: Size) -> Image.Image:
        return printed(colors.flow_colors(glance[signal], scale[1]), size)

    return Panel(
        signal=signal,
        note="px, hue: direction",
        draw=draw,
        key=lambda scale: Wheel(f"full: {amount(scale[1], 'px')}"),
        scale=lambda glances: largest(glances, signal, least=0.1),
    )


def _occluded(signal: str, when: str) -> Panel:
    def draw(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
        picture = np.array(backdrop(glance, size))
        mask = grown(glance[signal], size)
        picture[mask] = (0.15 * picture[mask] + 0.85 * np.array(colors.HIDDEN)).astype(np.uint8)
        return Image.fromarray(picture)

    return Panel(signal=signal, note="", draw=draw, key=lambda _: Chips(((colors.HIDDEN, f"not seen in the {when} frame"),)))


def _lengths(signal: str, unit: str) -> Panel:
    def draw(glance: Glance, scale: Scale, size: Size) -> Image.Image:
        length: NDArray[Any] = np.linalg.norm(glance[signal].astype(np.float64), axis=-1)
        return printed(colors.through(colors.MAGNITUDE, length / scale[1]), size)

    return Panel(
        signal=signal,
        note=f"{unit} to the next frame",
        draw=draw,
        key=lambda scale: Bar(colors.MAGNITUDE, "0", amount(scale[1], unit)),
        scale=lambda glances: largest(glances, signal, least=1e-3),
    )


def _events(glance: Glance, _scale: Scale, size: Size) -> Image.Image:
    events, shape = glance["pixel_events"], glance.shape
    if shape is None:
        return backdrop(glance, size)
    total = np.zeros(shape)
    np.add.at(total, (events["y"].astype(np.int64), events["x"].astype(np.int64)), events["polarity"].astype(np.float64))
    picture = np.array(backdrop(glance, size))
    for mask, color in ((total > 0, colors.BRIGHTER), (total < 0, colors.DARKER)):
        picture[grown(mask, size)] = color
    return Image.fromarray(picture)


PANELS: tuple[Panel, ...] = (
    _photo("rgb", "as the camera takes it"),
    _photo("rgb_blurred", "shutter open for half a frame"),
    _photo("rgb_noisy", "shot and read noise, dead pixels"),
    Panel(
        signal="pixel_events", note="of the last frame", draw=_events, needs=("rgb",),
        key=lambda _: Chips(((colors.BRIGHTER, "brighter"), (colors.DARKER, "darker"))),
    ),
    _depth("depth_m"),
    _depth("depth_noisy_m"),
    Panel(
        signal="normals", note="camera frame", key=lambda _: Ball("where a surface faces"),
        draw=lambda glance, _scale, size: printed(colors.normal_colors(glance["normals"]), size),
    ),
    Panel(
        signal="object_coords_m", note="m, thing's frame", draw=_coords, needs=("instance_ids",),
        key=lambda _: Words(f"x y z as r g b; ground: {SQUARE_M:g} m squares"),
    ),
    _names("instance_ids", "named at the foot"),
    _names("part_ids", "shades of the thing's colour"),
    _names("semantic_ids", "kinds, named at the foot"),
    _flow("flow_forward"),
    _occluded("occluded_forward", "next"),
    _flow("flow_backward"),
    _occluded("occluded_backward", "last"),
    _lengths("scene_flow_m", "m"),
)  # fmt: skip
"""What follows from pixels alone; `overlay.py` draws lines over pictures, `sensed.py` what is no picture."""
