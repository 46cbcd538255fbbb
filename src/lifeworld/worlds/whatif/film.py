"""What if, to look at: both futures side by side as a film, both in one picture as another, and a strip of a few moments as one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.errors import InputError
from lifeworld.core.write import replace_file
from lifeworld.episode.formats.film_write import write_pages
from lifeworld.episode.sheet.frame import provenance
from lifeworld.episode.sheet.paper import (
    GUTTER,
    HEAD,
    INK,
    MARGIN,
    NAME,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    Color,
    chip,
    plain,
    sheet_of_paper,
    width,
    write,
)
from lifeworld.worlds.whatif.curves import FOOT, KEYS, at_x, latest, plot
from lifeworld.worlds.whatif.divergence import Side
from lifeworld.worlds.whatif.report import SIDES, gathered, length, said, sentence
from lifeworld.worlds.whatif.scenery import WAS, Scenery
from lifeworld.worlds.whatif.whatif import WhatIf

LINE = 24
PLOT = 150
COLUMNS, COLUMN, GAP = 5, 252, 8
ROW, MOST_ROWS = 19, 12
HOLD_S = 1.0
"""How long the last picture stays."""
Page = tuple[Image.Image, ImageDraw.ImageDraw]
Line = tuple[Color | None, str, str]
"""A line of a block: the colour of its thing, what it says, and in soft ink how much or when."""


def side_by_side(found: WhatIf, path: Path | str) -> None:
    """A film of both futures beside each other over the curves of who is how far from where they would have been.

    Raises:
        InputError: if no camera looked on.
    """
    scenery = _scenery(found, path)
    wide, high = scenery.wide, scenery.high
    size = (2 * MARGIN + 2 * wide + GUTTER, 2 * MARGIN + HEAD + LINE + high + GUTTER // 2 + PLOT)
    page, draw = _paper(found, size)
    lefts: dict[Side, int] = {"base": MARGIN, "branch": MARGIN + wide + GUTTER}
    for side, left in lefts.items():
        write(draw, (left, MARGIN + HEAD + 8), SIDES[side], NAME)
    plotted = _plotted(found, scenery, (size[0] - 2 * MARGIN, PLOT))
    top = MARGIN + HEAD + LINE
    page.paste(plotted, (MARGIN, top + high + GUTTER // 2))

    def drawn(frame: int) -> Image.Image:
        now = page.copy()
        pen, time_s = ImageDraw.Draw(now), float(scenery.times_ns[frame]) * 1e-9
        for side, left in lefts.items():
            now.paste(scenery.alone(side, frame), (left, top))
            said = latest([e for e in found.divergence.events if e.side == side], time_s)
            write(pen, (left + 130, MARGIN + HEAD + 8), said, NAME, color=SOFT, room_px=wide - 130)
        _now(pen, found, plotted.size, time_s, top + high + GUTTER // 2)
        return now

    _write(found, scenery, path, drawn)


def overlay(found: WhatIf, path: Path | str) -> None:
    """A film of both futures in one picture: the branch, and in blue, as ghosts, those who would have been elsewhere.

    Raises:
        InputError: if no camera looked on.
    """
    scenery = _scenery(found, path)
    size = (2 * MARGIN + scenery.wide, 2 * MARGIN + HEAD + LINE + scenery.high + GUTTER // 2 + PLOT)
    page, draw = _paper(found, size)
    end = write(draw, (MARGIN, MARGIN + HEAD + 8), SIDES["branch"], NAME)
    write(draw, (end + 12, MARGIN + HEAD + 8), f"in blue: {SIDES['base']}", NAME, color=WAS)
    plotted = _plotted(found, scenery, (scenery.wide, PLOT))
    top = MARGIN + HEAD + LINE
    page.paste(plotted, (MARGIN, top + scenery.high + GUTTER // 2))

    def drawn(frame: int) -> Image.Image:
        now = page.copy()
        now.paste(scenery.both(frame), (MARGIN, top))
        _now(ImageDraw.Draw(now), found, plotted.size, float(scenery.times_ns[frame]) * 1e-9, top + scenery.high + GUTTER // 2)
        return now

    _write(found, scenery, path, drawn)


def strip(found: WhatIf, path: Path | str) -> None:
    """One page: a few moments of both futures and of both in one picture, the curves, and what came of it in words.

    Raises:
        InputError: if no camera looked on.
    """
    scenery = _scenery(found, path)
    inner = COLUMNS * COLUMN + (COLUMNS - 1) * GAP
    small = (COLUMN, round(COLUMN * scenery.high / scenery.wide))
    blocks = _blocks(found, scenery)
    words = max(len(lines) for _, lines in blocks) * ROW + LINE + GUTTER
    page, draw = _paper(found, (2 * MARGIN + inner, 2 * MARGIN + HEAD + LINE + 3 * (small[1] + LINE) + GUTTER + PLOT + GUTTER + words))
    frames = _moments(found, scenery)
    top = MARGIN + HEAD
    for column, frame in enumerate(frames):
        write(draw, (MARGIN + column * (COLUMN + GAP), top + 8), f"{scenery.times_ns[frame] * 1e-9:.2f} s", NAME)
    top += LINE
    rows: list[tuple[str, str, Callable[[int], Image.Image]]] = [
        (SIDES["base"], "", lambda frame: scenery.alone("base", frame)),
        (SIDES["branch"], "", lambda frame: scenery.alone("branch", frame)),
        ("both", f"in blue {SIDES['base']}", scenery.both),
    ]
    for name, note, picture in rows:
        for column, frame in enumerate(frames):
            page.paste(picture(frame).resize(small, Image.Resampling.LANCZOS), (MARGIN + column * (COLUMN + GAP), top))
        end = write(draw, (MARGIN, top + small[1] + 10), name, SMALL, color=SOFT)
        write(draw, (end + 8, top + small[1] + 10), note, SMALL, color=WAS)
        top += small[1] + LINE
    top += GUTTER // 2
    write(draw, (MARGIN, top), "how far from where they would have been", SMALL, color=SOFT)
    page.paste(_plotted(found, scenery, (inner, PLOT)), (MARGIN, top + 12))
    top += PLOT + GUTTER + 12
    wide = inner // len(blocks)
    for column, (title, lines) in enumerate(blocks):
        left = MARGIN + column * wide
        end = write(draw, (left, top), title, NAME, color=SOFT)
        draw.line((end + 8, top + 1, left + wide - GUTTER, top + 1), fill=RULE)
        for number, (color, line, more) in enumerate(lines):
            y = top + LINE + number * ROW
            if color is not None:
                chip(draw, left, y, color)
            right = left + wide - GUTTER
            write(draw, (left + 14, y), line, SMALL, room_px=wide - GUTTER - 18 - width(plain(more), SMALL))
            write(draw, (right - width(plain(more), SMALL), y), more, SMALL, color=SOFT)
    with replace_file(path) as beside:
        page.save(beside, format="PNG")


# -- below -----------------------------------------------------------------------------------------------------------------


def _scenery(found: WhatIf, path: Path | str) -> Scenery:
    if found.camera is None:
        raise InputError("nobody looked on, so that there is nothing to draw", where=str(path), fix="Give the scene a camera.")
    return Scenery(found)


def _paper(found: WhatIf, size: tuple[int, int]) -> Page:
    """An empty page with what is asked and of what."""
    size = (size[0] + size[0] % 2, size[1] + size[1] % 2)  # films want even sides
    page, draw = sheet_of_paper(*size)
    room = size[0] - 2 * MARGIN
    write(draw, (MARGIN, MARGIN + 10), f"What if: {found.change.said}", TITLE, room_px=room - 120)
    scene = found.base.title.rpartition(":")[0]
    facts = [f"forked at {found.at_s:.2f} s", f"seen by {found.camera}", scene, provenance(found.branch)]
    write(draw, (MARGIN, MARGIN + 40), "  ·  ".join(filter(None, facts)), NAME, color=SOFT, room_px=room)
    return page, draw


def _blocks(found: WhatIf, scenery: Scenery) -> list[tuple[str, list[Line]]]:
    """What came of it in a few columns of lines."""
    apart = found.divergence
    colors = {each.name: each.color for each in scenery.marked}
    moved: list[Line] = [
        (colors.get(m.thing), m.thing, f"{length(m.most_m)}, in the end {length(float(m.apart_m[-1]))}") for m in apart.moved
    ]
    moved = [*((None, name, "is new") for name in apart.came), *((None, name, "is gone") for name in apart.gone), *moved]
    blocks: list[tuple[str, list[Line]]] = [("who is elsewhere", moved)]
    for side, words in SIDES.items():
        happened: list[Line] = [
            (colors.get(e.a), sentence(e) + (f", {n} times" if n > 1 else ""), f"{e.time_s:.2f} s") for e, n in gathered(apart.events, side)
        ]
        so: list[Line] = [(colors.get(each.a), sentence(each), "in the end") for each in apart.relations if each.side == side]
        blocks.append((f"only {words}", happened[: MOST_ROWS - len(so[:4])] + so[:4]))
    asked = zip(found.outcomes, found.base_results, found.branch_results, strict=True)
    blocks.append(("what was asked", [(colors.get(o.conditions[0].thing), o.name, f"{said(a)} / {said(b)}") for o, a, b in asked]))
    return [(title, lines[:MOST_ROWS] or [(None, "nothing", "")]) for title, lines in blocks]


def _plotted(found: WhatIf, scenery: Scenery, size: tuple[int, int]) -> Image.Image:
    tick_s = float(np.median(np.diff(found.base["position_m"].times_ns))) * 1e-9
    told = [each for side in SIDES for each, _ in gathered(found.divergence.events, side)]
    return plot(scenery.marked, found.base.duration_ns * 1e-9, tick_s, size, told)


def _now(pen: ImageDraw.ImageDraw, found: WhatIf, size: tuple[int, int], time_s: float, top: int) -> None:
    """The line across the curves that says when this is."""
    x = MARGIN + at_x(time_s, found.base.duration_ns * 1e-9, size[0])
    pen.line((x, top, x, top + size[1] - FOOT - KEYS), fill=INK)
    text = f"{found.at_s + time_s:.2f} s"
    write(pen, (MARGIN + size[0] - width(text, TITLE), MARGIN + 10), text, TITLE)


def _write(found: WhatIf, scenery: Scenery, path: Path | str, drawn: Callable[[int], Image.Image]) -> None:
    fps = Fraction(1_000_000_000, int(np.median(np.diff(scenery.times_ns)))) if len(scenery.times_ns) > 1 else Fraction(25)

    def pages() -> Iterator[NDArray[np.uint8]]:
        last = np.zeros(0, np.uint8)
        for frame in range(len(scenery.times_ns)):
            last = np.asarray(drawn(frame))
            yield last
        for _ in range(int(HOLD_S * fps)):
            yield last

    comment = f"{found.base.origin.value}, {found.branch.origin.value}; made by lifeworld"
    write_pages(pages(), path, fps=fps, title=found.branch.title, comment=comment)


def _moments(found: WhatIf, scenery: Scenery) -> list[int]:
    """Frames for a strip: the fork, then evenly until things have calmed down again."""
    last = len(scenery.times_ns) - 1
    ends = [scenery.tick(last)]
    if found.divergence.moved:
        apart = np.stack([each.apart_m for each in found.divergence.moved])
        stirring = np.flatnonzero((np.abs(np.diff(apart, axis=1)) > 4e-4).any(axis=0))  # faster than 2 cm/s from where it was
        ends = [int(stirring[-1]) + 10] if stirring.size else ends
    ticks = [scenery.tick(frame) for frame in range(last + 1)]
    until = min(int(np.searchsorted(ticks, ends[0])), last)
    return [round(f) for f in np.linspace(0, max(until, min(last, COLUMNS - 1)), COLUMNS).tolist()]
