"""Bodies that were tracked, on a sheet: stick figures at a few times, seen from in front and from the side."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.core.signal import Stream
from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.paper import INK, SMALL, SOFT, write

HIGH, TIMES = 200, 6


def says(stream: Stream) -> str:
    """How many joints, and how high the figure reaches."""
    return f"{stream.values.shape[1]} joints; black from in front, red from the side"


def strip(stream: Stream, wide: int, parents: list[int] | None) -> Image.Image:
    """A picture (wide, HIGH) of a `skeleton_pose` at TIMES times, all at one scale; without parents the joints alone."""
    image = Image.new("RGB", (wide, HIGH), colors.GROUND)
    draw = ImageDraw.Draw(image)
    chosen = np.linspace(0, len(stream) - 1, min(TIMES, len(stream))).round().astype(int)
    places = np.stack([np.asarray(stream.values[int(i)])[:, :3] for i in chosen])
    known = np.isfinite(places).all(axis=-1)
    if not known.any():
        write(draw, (8, HIGH / 2), "not tracked", SMALL, color=SOFT)
        return image
    middle = np.nanmean(np.where(known[..., None], places, np.nan), axis=1, keepdims=True)
    moved = places - middle
    reach = float(np.nanmax(np.abs(np.where(known[..., None], moved, 0.0)))) or 1.0
    scale = (HIGH / 2 - 26) / reach
    across = wide / len(chosen)
    for column, index in enumerate(chosen.tolist()):
        for axis, color, offset in ((0, INK, 0.32), (1, colors.HIDDEN, 0.72)):
            x = across * (column + offset) + scale * moved[column, :, axis]
            y = HIGH / 2 + 8 - scale * moved[column, :, 2]
            for limb in np.flatnonzero(known[column]).tolist():
                parent = parents[limb] if parents is not None else -1
                if parent >= 0 and known[column, parent]:
                    draw.line((x[parent], y[parent], x[limb], y[limb]), fill=color, width=3)
                draw.ellipse((x[limb] - 2, y[limb] - 2, x[limb] + 2, y[limb] + 2), fill=color)
        write(draw, (across * column + 8, 12), f"{stream.times_ns[index] * 1e-9:.2f} s", SMALL, color=SOFT)
    return image


def parents_of(text: str | None, limbs: int) -> list[int] | None:
    """The parents of the joints as an importer labels them, `-1 0 1 …`; None if it did not."""
    try:
        found = [int(word) for word in (text or "").split()]
    except ValueError:
        return None
    return found if len(found) == limbs and all(-1 <= p < limbs for p in found) else None
