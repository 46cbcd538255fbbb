"""A future as a film: its pictures over a line of time on which its events stand, with a ring around whoever one befalls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lifeworld.episode.formats.film_write import write_pages
from lifeworld.episode.sheet.colors import BRIGHTER, DARKER
from lifeworld.episode.sheet.paper import INK, MARGIN, NAME, PAPER, RULE, SMALL, SOFT, plain, sheet_of_paper, width, write
from lifeworld.worlds.rehearse.filming import FRAME_TICKS, STRIDE_TICKS, Picture, Shot, latest
from lifeworld.worlds.rehearse.future import Fate, Occurrence
from lifeworld.worlds.rehearse.roll import TICK_S

HEADED, FOOT = 64, 78
SHOWN_S = 1.2
"""For how long a ring stays around whom an event befell."""
HOLD_S = 1.5
"""How long the last picture stays."""
RING_PX = 34
FPS = Fraction(1, 1) / Fraction(str(FRAME_TICKS * TICK_S)).limit_denominator(1000)


def film(shots: Iterable[Shot], fate: Fate, *, path: Path, title: str, why: str, which: int, seconds: float) -> list[Shot]:
    """Write the film of a future as .mp4; a few of its shots for a strip, the first, what led to the end, and the end.

    `title` is what was asked, `why` what this future is an example of, `which` the number of the outcome, `seconds` [s] how long it
    could have lasted.
    """
    kept: list[Shot] = []
    write_pages(_pages(shots, kept, fate, title, why, which, seconds), path, fps=FPS, title=title, comment="simulated; made by lifeworld")
    return kept


def said(one: Occurrence) -> str:
    """An event in a few words: `bump of the mug, 0.31 N·s`."""
    who = "" if not one.who else f" of {one.who[0]}" if len(one.who) == 1 else f" of {len(one.who)} things"
    much = f", {one.momentum_n_s:.2g} N·s" if one.momentum_n_s > 5e-4 else ""
    return f"{one.event.replace('_', ' ')}{who.replace('_', ' ')}{much}" + (" (nothing came of it)" if one.why else "")


def verdict(fate: Fate, which: int) -> str:
    """What came of it: `it happens at 3.42 s`."""
    time_s = fate.time_s[which]
    if time_s is not None:
        return f"it happens at {time_s:.2f} s"
    return "so it ends" if fate.came[which] else "it does not happen"


def _pages(
    shots: Iterable[Shot], kept: list[Shot], fate: Fate, title: str, why: str, which: int, seconds: float
) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    blank: Image.Image | None = None
    page = np.zeros((0, 0, 3), dtype=np.uint8)
    for shot in shots:
        kept.append(shot)
        if blank is None:
            high, wide = shot.picture.shape[:2]
            blank = _blank((wide + 2 * MARGIN, HEADED + high + FOOT), fate, title, why, which, seconds)
        page = _page(blank, shot, fate, which, seconds)
        yield page
    for _ in range(round(HOLD_S * FPS)):
        yield page


def _blank(size: tuple[int, int], fate: Fate, title: str, why: str, which: int, seconds: float) -> Image.Image:
    """All that stays as it is: the head, the line of time and the events on it."""
    page, draw = sheet_of_paper(size[0] + size[0] % 2, size[1] + size[1] % 2)
    room = size[0] - 2 * MARGIN
    write(draw, (MARGIN, 22), plain(title), NAME + 4, room_px=room)
    end = write(draw, (MARGIN, 46), f"{why}: {verdict(fate, which)}", NAME, color=SOFT, room_px=room)
    write(draw, (end + 12, 46), f"future {fate.number}", SMALL, color=RULE, room_px=max(size[0] - MARGIN - end - 12, 0))
    y = size[1] - FOOT + 26
    draw.line((MARGIN, y, MARGIN + room, y), fill=RULE, width=2)
    for one in fate.happened:
        x = _x(one.time_s, seconds, room)
        draw.line((x, y - 7, x, y + 7), fill=BRIGHTER, width=2)
    time_s = fate.time_s[which]
    if time_s is not None:
        x = _x(time_s, seconds, room)
        draw.polygon([(x, y - 9), (x + 7, y), (x, y + 9), (x - 7, y)], fill=DARKER)
    write(draw, (MARGIN, size[1] - 14), "simulated", SMALL, color=SOFT)
    return page


def _page(blank: Image.Image, shot: Shot, fate: Fate, which: int, seconds: float) -> Picture:
    page = blank.copy()
    wide = shot.picture.shape[1]
    page.paste(ringed(shot, fate), (MARGIN, HEADED))
    draw, y = ImageDraw.Draw(page), page.height - FOOT + 26
    x = _x(shot.time_s, seconds, wide)
    draw.line((MARGIN, y, x, y), fill=INK, width=2)
    draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=INK)
    time = f"{shot.time_s:.2f} s" + (f"   quiet, {STRIDE_TICKS // FRAME_TICKS} x as fast" if shot.quiet else "")
    write(draw, (MARGIN, y + 24), time, NAME)
    one = latest(fate, shot.time_s)
    if one is not None:
        told = plain(said(one))
        write(draw, (MARGIN + wide - width(told, NAME), y + 24), told, NAME, color=BRIGHTER, room_px=wide)
    time_s = fate.time_s[which]
    if time_s is not None and shot.time_s >= time_s:
        told = "it has happened"
        write(draw, (MARGIN + wide - width(told, SMALL), page.height - 14), told, SMALL, color=DARKER)
    return np.asarray(page)


def ringed(shot: Shot, fate: Fate) -> Image.Image:
    """The picture, with a ring around whom an event befell just now."""
    image = Image.fromarray(shot.picture)
    high, wide = shot.picture.shape[:2]
    for one in fate.happened:
        age = shot.time_s - one.time_s
        if not 0 <= age <= SHOWN_S or one.why:
            continue
        for who in one.who[:4]:
            if who in shot.where_px:
                x, y = shot.where_px[who]
                if 0 <= x < wide and 0 <= y < high:
                    _ring(image, (x, y), RING_PX * (1 + 0.5 * age / SHOWN_S), who.replace("_", " "))
    return image


def _ring(image: Image.Image, at: tuple[float, float], radius: float, name: str) -> None:
    """Drawn twice as fine and made smaller, so that it is round."""
    side = int(2 * radius + 8)
    fine = Image.new("RGBA", (2 * side, 2 * side), (*BRIGHTER, 0))
    ImageDraw.Draw(fine).ellipse((8, 8, 2 * side - 8, 2 * side - 8), outline=(*BRIGHTER, 255), width=5)
    ring = fine.resize((side, side), Image.Resampling.LANCZOS)
    image.paste(ring, (int(at[0] - side / 2), int(at[1] - side / 2)), ring)
    draw, text = ImageDraw.Draw(image), plain(name)
    wide = width(text, SMALL) + 8
    x = min(max(at[0] - wide / 2, 1), image.width - wide - 1)
    y = at[1] - side / 2 - SMALL - 8
    y = y if y > 1 else at[1] + side / 2 + 4
    draw.rectangle((x, y, x + wide, y + SMALL + 5), fill=PAPER)
    write(draw, (x + 4, y + (SMALL + 5) / 2), text, SMALL, color=BRIGHTER)


def _x(time_s: float, seconds: float, room: float) -> float:
    return MARGIN + room * min(time_s / seconds, 1.0)
