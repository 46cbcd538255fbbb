"""A contact sheet: an episode's pictures side by side, times across, signals down, with words that say what each row is."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode

MARGIN_PX, LABEL_PX, TITLE_PX = 6, 18, 26
INK, PAPER, SOFT_INK = (34, 36, 40), (250, 250, 248), (110, 114, 120)


def sheet(episode: Episode, *, columns: int = 6, width_px: int = 240, streams: Sequence[str] | None = None) -> Image.Image:
    """All pictures of an episode at `columns` times, each row one stream.

    Raises:
        InputError: if the episode has no pictures.
    """
    rows = [s for s in (streams or episode.streams) if _drawable(episode.streams[s])]
    if not rows:
        raise InputError("this episode has no pictures to put on a sheet", fix="Record it with the signals rgb, depth_m or instance_ids.")
    tiles = [[_tile(episode.streams[s], i, width_px) for i in _evenly(len(episode.streams[s]), columns)] for s in rows]
    heights = [row[0].height + LABEL_PX for row in tiles]
    across, down = MARGIN_PX + columns * (width_px + MARGIN_PX), TITLE_PX + sum(heights) + MARGIN_PX * (len(rows) + 1)
    page = Image.new("RGB", (across, down), PAPER)
    draw, top = ImageDraw.Draw(page), TITLE_PX + MARGIN_PX
    head = f"{episode.title}  ·  {episode.origin.value} by {episode.provenance.engine_version}  ·  seed {episode.provenance.seed}"
    draw.text((MARGIN_PX, 6), head, fill=INK, font=_font(14))
    for name, row, height in zip(rows, tiles, heights, strict=True):
        stream = episode.streams[name]
        for column, (index, tile) in enumerate(zip(_evenly(len(stream), columns), row, strict=False)):
            left = MARGIN_PX + column * (width_px + MARGIN_PX)
            page.paste(tile, (left, top + LABEL_PX))
            words = f"{stream.times_ns[index] * 1e-9:.2f} s" if column else f"{name}   {stream.times_ns[index] * 1e-9:.2f} s"
            draw.text((left, top + 2), words, fill=INK if column == 0 else SOFT_INK, font=_font(11))
        top += height + MARGIN_PX
    return page


def depth_colors(depth_m: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Depth (h, w) [m] as colours (h, w, 3): near is warm and light, far cool and dark, nothing is grey.

    Logarithmic, from the nearest to the farthest of this picture, so that a horizon leaves something for the table.
    """
    known = np.isfinite(depth_m)
    if not known.any():
        return np.full((*depth_m.shape, 3), 128, np.uint8)
    low, high = np.log(np.maximum(np.percentile(depth_m[known], [1, 99]), 1e-3))
    log = np.log(np.maximum(np.where(known, depth_m, 1.0), 1e-3))
    t = np.clip((log - low) / max(high - low, 1e-6), 0, 1)[..., None]
    stops = np.array([[252, 231, 159], [240, 130, 90], [150, 45, 110], [45, 20, 80]], dtype=np.float64)
    at = t[..., 0] * 3
    below = np.clip(np.floor(at).astype(int), 0, 2)
    mix = (at - below)[..., None]
    colors = stops[below] * (1 - mix) + stops[below + 1] * mix
    colors[~known] = 128
    return np.asarray(colors, dtype=np.uint8)


def id_colors(ids: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Instance ids (h, w) as colours (h, w, 3): hues far apart for neighbouring ids, background dark."""
    hues = [colorsys.hsv_to_rgb((i * 0.61803398875) % 1.0, 0.55 + 0.25 * (i % 2), 0.95) for i in range(int(ids.max(initial=0)) + 1)]
    table = (np.array(hues) * 255).astype(np.uint8)
    table[0] = (40, 42, 48)
    return np.asarray(table[ids])


def _drawable(stream: Stream) -> bool:
    return stream.signal.name in ("rgb", "depth_m", "instance_ids") and len(stream) > 0


def _tile(stream: Stream, index: int, width_px: int) -> Image.Image:
    value: Any = stream.values[index]
    if stream.signal.name == "depth_m":
        value = depth_colors(value)
    elif stream.signal.name == "instance_ids":
        value = id_colors(value)
    picture = Image.fromarray(np.ascontiguousarray(value))
    return picture.resize((width_px, round(width_px * picture.height / picture.width)), Image.Resampling.LANCZOS)


def _evenly(count: int, most: int) -> list[int]:
    return sorted({int(i) for i in np.linspace(0, count - 1, min(most, count)).round()})


def _font(size: int) -> Any:
    return ImageFont.load_default(size)
