"""What came of errands as pictures: a page with a row of moments for each, and a film of several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.core.origin import Origin
from lifeworld.core.write import replace_file
from lifeworld.episode.formats.film_write import write_pages
from lifeworld.episode.sheet.colors import BRIGHTER, DARKER
from lifeworld.episode.sheet.paper import INK, MARGIN, NAME, RULE, SMALL, SOFT, TITLE, sheet_of_paper, write
from lifeworld.worlds.planning.errand import Errand
from lifeworld.worlds.planning.judge import Judged
from lifeworld.worlds.planning.mind import Mind
from lifeworld.worlds.planning.pursue import Pursuit
from lifeworld.worlds.world import World

Picture = NDArray[np.uint8]
MOMENTS = 7
"""Pictures of the way in a row, from the start to the end."""
SIDE_PX, GAP_PX, HEADED = 128, 8, 104
MOST_SHOWN, ACROSS = 8, 4
HOLD = 4
"""How many decisions long the film stays at its end."""


def page(judged: Judged, true: World[Any], mind: Mind, *, camera: str, title: str, said: str) -> Image.Image:
    """The first few errands, each in a row: the goal, the way there, and under it what the first plan was expected to lead to.

    That is drawn where the world that plans has pictures, and dreamed where it dreams.
    """
    some = list(zip(judged.errands, judged.pursuits, judged.floors, strict=True))[:MOST_SHOWN]
    foreseen = [_foreseen(errand, pursuit, true, mind, camera) for errand, pursuit, _ in some]
    rows = [1 + (len(each) > 0) for each in foreseen]
    wide = 2 * MARGIN + (MOMENTS + 1) * (SIDE_PX + GAP_PX) + GAP_PX
    high = HEADED + sum(34 + n * (SIDE_PX + GAP_PX) for n in rows) + MARGIN
    sheet, draw = sheet_of_paper(wide, high)
    write(draw, (MARGIN, 34), title, TITLE, room_px=wide - 2 * MARGIN)
    write(draw, (MARGIN, 62), said, NAME, color=SOFT, room_px=wide - 2 * MARGIN)
    write(draw, (MARGIN, HEADED - 12), "goal" if some[0][0].goal is not None else "", SMALL, color=SOFT)
    write(draw, (_left(1), HEADED - 12), "the way", SMALL, color=SOFT)
    top = HEADED
    for (errand, pursuit, floor), plan in zip(some, foreseen, strict=True):
        draw.line((MARGIN, top, wide - MARGIN, top), fill=RULE)
        end = write(draw, (MARGIN, top + 16), verdict(pursuit), NAME, color=DARKER if pursuit.moderate is not None else BRIGHTER)
        write(draw, (end + 16, top + 17), f"at random: {verdict(floor)}", SMALL, color=SOFT)
        top += 34
        if errand.goal is not None:
            _put(sheet, _seen(true, errand.goal, camera), _left(0), top)
        for column, at in enumerate(_moments(pursuit.decisions)):
            _put(sheet, _seen(true, pursuit.states[at], camera), _left(1 + column), top)
        top += SIDE_PX + GAP_PX
        if plan:
            word = "dreamed" if mind.world.spec.origin is Origin.DREAMED else "simulated"
            write(draw, (MARGIN, top + 14), "as the first", SMALL, color=INK)
            write(draw, (MARGIN, top + 30), "plan foresaw it:", SMALL, color=INK)
            write(draw, (MARGIN, top + 46), word, SMALL, color=BRIGHTER)
            for column, picture in enumerate(plan[: MOMENTS + 1]):
                _put(sheet, picture, _left(1 + column), top)
            top += SIDE_PX + GAP_PX
    return sheet


def write_page(path: Path, sheet: Image.Image) -> None:
    """A page as a PNG, whole or not at all."""
    with replace_file(path) as beside:
        sheet.save(beside, format="PNG")


def write_film(path: Path, judged: Judged, true: World[Any], *, camera: str, title: str) -> None:
    """The first few errands at once, decision by decision; a frame around those who got there."""
    some = list(zip(judged.errands, judged.pursuits, strict=True))[:MOST_SHOWN]
    hold_ns = true.spec.tick_ns * max(round(np.mean([_ticks(p, true) for _, p in some])), 1)
    fps = Fraction(10**9, hold_ns).limit_denominator(1000)
    write_pages(_frames(some, true, camera), path, fps=min(fps, Fraction(10)), title=title, comment="simulated; made by lifeworld")


def verdict(pursuit: Pursuit) -> str:
    """What came of it: `there after 7 decisions`."""
    if pursuit.moderate is None:
        return f"not there after {pursuit.decisions} decisions"
    strictly = "" if pursuit.strict is not None else ", not strictly"
    return f"there after {pursuit.moderate} decision{'s' * (pursuit.moderate != 1)}{strictly}"


def _frames(some: Sequence[tuple[Errand, Pursuit]], true: World[Any], camera: str) -> Iterator[Picture]:
    """The course of each, under its goal and what has come of it so far."""
    across = min(ACROSS, len(some))
    side, head = 2 * SIDE_PX, SIDE_PX // 2
    wide, high = side + 2 * GAP_PX, side + head + 3 * GAP_PX
    courses = [[_fitted(_seen(true, state, camera), side) for state in pursuit.states] for _, pursuit in some]
    goals = [None if errand.goal is None else _fitted(_seen(true, errand.goal, camera), head) for errand, _ in some]
    for at in range(max(len(course) for course in courses) + HOLD):
        sheet, draw = sheet_of_paper(across * wide, -(-len(some) // across) * high)
        for i, ((_, pursuit), course, goal) in enumerate(zip(some, courses, goals, strict=True)):
            left, top = GAP_PX + i % across * wide, GAP_PX + i // across * high
            there = pursuit.moderate is not None and at >= pursuit.moderate
            word, color = (verdict(pursuit), DARKER) if there else (f"decision {min(at, pursuit.decisions)}", INK)
            if goal is not None:
                sheet.paste(goal, (left, top))
            write(draw, (left + head + GAP_PX, top + head / 2 - 10), "goal" if goal is not None else "", SMALL, color=SOFT)
            write(draw, (left + head + GAP_PX, top + head / 2 + 10), word, NAME, color=color)
            sheet.paste(course[min(at, len(course) - 1)], (left, top + head + GAP_PX))
            if there:
                box = (left - 3, top + head + GAP_PX - 3, left + side + 2, top + head + GAP_PX + side + 2)
                draw.rectangle(box, outline=DARKER, width=3)
        yield np.asarray(sheet)[: sheet.height // 2 * 2, : sheet.width // 2 * 2]


def _foreseen(errand: Errand, pursuit: Pursuit, true: World[Any], mind: Mind, camera: str) -> list[Picture]:
    """What the first plan was expected to look like, decision by decision; nothing where the world that plans shows no such pictures."""
    if mind.world is true or camera not in mind.world.spec.signals or not pursuit.plans:
        return []
    start = mind.enter(true, [errand.start])
    told = {name: np.asarray(value)[None] for name, value in pursuit.plans[0].actions.items()}
    _, seen = mind.world.rollout([start], told, (camera,))
    return [mind.world.observe(start, (camera,))[camera], *seen[camera][0, mind.hold - 1 :: mind.hold]]


def _moments(decisions: int) -> list[int]:
    """Some of the states of a course, evenly taken, the first and the last among them."""
    return [int(at) for at in np.unique(np.linspace(0, decisions, min(decisions + 1, MOMENTS)).round())]


def _ticks(pursuit: Pursuit, true: World[Any]) -> float:
    """How many ticks a decision of a course lasts."""
    first, last = (true.observe(state, ()).time_ns for state in (pursuit.states[0], pursuit.states[-1]))
    return (last - first) / true.spec.tick_ns / max(pursuit.decisions, 1)


def _seen(true: World[Any], state: Any, camera: str) -> Picture:
    return np.asarray(true.observe(state, (camera,))[camera])


def _left(column: int) -> int:
    return MARGIN + column * (SIDE_PX + GAP_PX) + (GAP_PX if column else 0)


def _put(sheet: Image.Image, picture: Picture, left: int, top: int) -> None:
    sheet.paste(_fitted(picture, SIDE_PX), (left, top))


def _fitted(picture: Picture, side: int) -> Image.Image:
    """A picture in a square, its middle cut out where it is not square; pixels of small ones stay square."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    least = min(image.size)
    left, top = (image.width - least) // 2, (image.height - least) // 2
    way = Image.Resampling.NEAREST if least <= side and side % least == 0 else Image.Resampling.BICUBIC
    return image.crop((left, top, left + least, top + least)).resize((side, side), way)
