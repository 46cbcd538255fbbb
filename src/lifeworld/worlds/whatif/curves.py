"""How far everybody is from where they would have been, over time, as a plot on the paper of sheets."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.paper import INK, PAPER, RULE, SMALL, SOFT, chip, lettered, plain, width, write
from lifeworld.worlds.whatif.divergence import Told
from lifeworld.worlds.whatif.report import sentence
from lifeworld.worlds.whatif.scenery import Marked

LEFT, FOOT, KEYS = 52, 20, 22
"""Room for the scale, the times and the names."""
TICKS_PX = 110
"""Between two times that are written."""


def plot(marked: Sequence[Marked], seconds: float, tick_s: float, size: tuple[int, int], events: Sequence[Told] = ()) -> Image.Image:
    """Lines of `marked` over `seconds` [s]; small marks on top where `events` happened."""
    wide, high = size
    page = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(page)
    right, bottom = wide, high - FOOT - KEYS
    draw.rectangle((LEFT, 0, right, bottom), fill=colors.GROUND)
    most = max((float(np.nanmax(each.apart_m)) for each in marked), default=0.0)
    top_m = _round_up(most) if most > 0 else 0.01
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * (bottom - 10)
        draw.line((LEFT, y, right, y), fill=RULE)
        text = plain(_metres(share * top_m))
        lettered(draw, (LEFT - 8 - width(text, SMALL), max(y, 7)), text, SMALL, SOFT)
    step = _round_up(max(seconds * TICKS_PX / max(right - LEFT, 1), tick_s))
    for time in np.arange(0.0, seconds + 1e-9, step):
        x = at_x(float(time), seconds, wide)
        draw.line((x, bottom, x, bottom + 4), fill=SOFT)
        text = f"{time:.3g} s"
        lettered(draw, (min(x + 4, right - width(text, SMALL)), bottom + 11), text, SMALL, SOFT)
    fine = page.crop((LEFT, 0, right, bottom)).resize((3 * (right - LEFT), 3 * bottom))
    pen = ImageDraw.Draw(fine)
    for each in reversed(marked):
        known = [(i * tick_s, metres / top_m) for i, metres in enumerate(each.apart_m.tolist()) if math.isfinite(metres)]
        points = [(3 * (at_x(time, seconds, wide) - LEFT), 3 * (bottom - share * (bottom - 10))) for time, share in known]
        pen.line(points, fill=each.color, width=6, joint="curve")
    page.paste(fine.resize((right - LEFT, bottom), Image.Resampling.LANCZOS), (LEFT, 0))
    for told in events:
        if told.time_s is not None:
            x = at_x(told.time_s, seconds, wide)
            draw.polygon([(x - 4, 0), (x + 4, 0), (x, 7)], fill=INK if told.side == "branch" else SOFT)
    x_px = float(LEFT)
    for each in marked:
        if x_px + 14 + width(plain(each.name), SMALL) > right:
            break
        chip(draw, x_px, high - KEYS / 2, each.color)
        x_px = write(draw, (x_px + 14, high - KEYS / 2), each.name, SMALL, color=SOFT) + 16
    return page


def at_x(time_s: float, seconds: float, wide: int) -> float:
    """Where a time is across a plot so wide."""
    return LEFT + (wide - LEFT - 1) * time_s / max(seconds, 1e-9)


def latest(events: Sequence[Told], time_s: float, *, lasts_s: float = 1.2) -> str:
    """The last thing that happened by a time, if it is not long ago."""
    past = [each for each in events if each.time_s is not None and each.time_s <= time_s + 1e-9 < each.time_s + lasts_s]
    return sentence(past[-1]) if past else ""


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8, 10 …"""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(n * power for n in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if n * power >= value * (1 - 1e-9)))


def _metres(metres: float) -> str:
    return f"{metres:.3g} m" if metres >= 0.1 else f"{metres * 100:.3g} cm" if metres >= 0.01 else f"{metres * 1000:.3g} mm"
