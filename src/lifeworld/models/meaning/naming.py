"""What each action of a model does, seen from the same beginnings: in words where it can be measured, and as a strip to look at.

    found = meanings(world, starts)                 # [Meaning(name="code_3", words="the scene moves left, 1.6 px a picture", …), …]
    picture = strip(found)                          # uint8 (height, width, 3): a row an action, some pictures of each beginning

Pictures are cut into blocks, and each block is looked for where it could have gone to in the next picture. Where most blocks with
something in them went somewhere, the scene moves (the camera does); where some did, something in it. What goes on at rest is not an
action's doing: where there is a rest, the others are said beside it.

Source: Jain & Jain, Displacement Measurement and Its Application in Interframe Image Coding (1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifeworld.models.play.dream import NOTHING, DreamState, WorldDream
from lifeworld.models.play.steer import Row

AHEAD = 8
"""How many pictures an action is held for."""
REACH_PX, BLOCK_PX = 5, 8
"""How far a block is looked for from one picture to the next, and how large it is."""
SHOWS = 0.02
"""A block has something in it if its brightness varies by so much, of 1; less of a change than this is none."""
BETTER = 0.6
"""A block has moved if it is found elsewhere with so much of the error that it has in its place, or less."""
MOST = 0.4
"""The share of the blocks with something in them that have to move for the scene to."""
CHANGED, SMALL = 25, 0.003
"""Something is other than at rest where more of the pixels than SMALL, as a share, are by more than CHANGED of 255."""
FEW = 0.02
"""Where a smaller share of the blocks moves, nothing does."""
STILL_PX = 0.25
"""Slower than this [px a picture] is still."""
SHOWN = 4
REST = "rest"

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """An action by name, what it does in words, how far its dreams are from those of all actions together (of 1), and the dreams themselves
    (starts, AHEAD, H, W, 3)."""

    name: str
    words: str
    apart: float
    pictures: Pictures


def meanings(world: WorldDream, starts: Sequence[DreamState]) -> list[Meaning]:
    """What every action does that is one key pressed, or one number at an end; and doing nothing, where that is none of them."""
    rows = each_action(world)
    dreamt = {}
    for name, row in rows.items():
        actions = {who: np.broadcast_to(value, (len(starts), AHEAD, len(value))) for who, value in row.items()}
        _, seen = world.rollout(starts, actions)
        dreamt[name] = np.asarray(seen["rgb"])
    first = np.stack([np.asarray(world.observe(start, ["rgb"])["rgb"]) for start in starts])
    mean = np.mean([each.astype(np.float32) for each in dreamt.values()], axis=0)
    found = []
    for name, pictures in dreamt.items():
        apart = float(np.abs(pictures.astype(np.float32) - mean).mean() / 255)
        words = described(first, pictures, rest=None if name == REST else dreamt.get(REST))
        found.append(Meaning(name, words, apart, pictures))
    return found


def each_action(world: WorldDream) -> dict[str, Row]:
    """Actions by what one types for them: one key pressed, or one number at an end, all others at rest."""
    specs, rows = world.spec.actions, dict[str, Row]()
    keyed = all(low == 0 for spec in specs for low in spec.low)
    if not (keyed and world.told is None):  # of codes one is always taken
        rows[REST] = {spec.name: np.array(spec.rest) for spec in specs}
    for spec in specs:
        for i, label in enumerate(spec.labels):
            for sign, end in (("", spec.high[i]), ("-", spec.low[i])):
                if end != spec.rest[i]:
                    row = {other.name: np.array(other.rest) for other in specs}
                    row[spec.name][i] = end
                    rows[sign + (label if len(specs) == 1 else f"{spec.name}/{label}")] = row
    return rows


def described(first: Pictures, pictures: Pictures, *, rest: Pictures | None = None) -> str:
    """In words what goes on in dreams (starts, AHEAD, H, W, 3) that begin with `first` (starts, H, W, 3), beside those at `rest`."""
    each, light, changes = _seen(first, pictures)
    than = ""
    if rest is not None:
        each_at_rest, light_at_rest, _ = _seen(first, rest)
        other = (np.abs(pictures.astype(np.int16) - rest) > CHANGED).any(-1).mean((1, 2, 3))  # small things move few blocks, or none
        changes = float(np.median(other)) > SMALL
        each[:, 1:] -= each_at_rest[:, 1:]  # start by start: they differ more than actions do
        each[:, 0] = np.maximum(each[:, 0], each_at_rest[:, 0])  # holding still what moves by itself is doing something
        light -= light_at_rest
        than = " than at rest" if float(np.median(each_at_rest[:, 0])) > FEW else ""
    share, dx, dy = (float(part) for part in np.median(each, axis=0))  # where one beginning is in the middle of a jump, the others say
    if share > FEW and np.hypot(dx, dy) >= STILL_PX:
        what, more = "the scene" if share >= MOST else "something", " more" if than else ""
        return f"{what} moves{more} {_way(dx, dy)}{than}, {np.hypot(dx, dy):.1f} px a picture"
    if abs(lighter := float(np.median(light))) > 2 * SHOWS:
        return f"it gets {'lighter' if lighter > 0 else 'darker'}"
    return "something changes" if changes else NOTHING


def _seen(first: Pictures, pictures: Pictures) -> tuple[NDArray[np.float64], NDArray[np.float32], bool]:
    """Share and shift (starts, 3) of what moves, how much lighter it gets (starts,), and whether pictures change at all."""
    films = np.concatenate([first[:, None], pictures], axis=1).astype(np.float32) / 255
    change = float(np.median(np.abs(np.diff(films, axis=1)).mean((1, 2, 3, 4))))
    return np.array([_film(film) for film in films]), (films[:, -1] - films[:, 0]).mean((1, 2, 3)), change > SHOWS


def _film(film: NDArray[np.float32]) -> tuple[float, float, float]:
    """The mean share of blocks that move, and how far those do [px a picture], to the right and down."""
    moves = [moved(before, after) for before, after in pairwise(film)]
    weights = [each.share + 1e-9 for each in moves]
    dx, dy = (float(np.average([getattr(each, part) for each in moves], weights=weights)) for part in ("dx_px", "dy_px"))
    return float(np.mean(weights)), dx, dy


@dataclass(frozen=True, slots=True)
class Moved:
    """The share of blocks with something in them that moved, and how far the middle one of those did [px], to the right and down."""

    share: float
    dx_px: float
    dy_px: float


def moved(before: NDArray[np.float32], after: NDArray[np.float32]) -> Moved:
    """How blocks of one picture (H, W, 3) in 0..1 went until the next."""
    height, width = (size // BLOCK_PX * BLOCK_PX for size in before.shape[:2])
    before, after = before[:height, :width].mean(-1), after[:height, :width].mean(-1)
    shifts = [(dx, dy) for dx in range(-REACH_PX, REACH_PX + 1) for dy in range(-REACH_PX, REACH_PX + 1)]
    shifts.sort(key=lambda shift: shift[0] ** 2 + shift[1] ** 2)  # of equals the least
    padded = np.pad(after, REACH_PX, constant_values=np.nan)
    errors = []
    for dx, dy in shifts:
        there = padded[REACH_PX + dy : REACH_PX + dy + height, REACH_PX + dx : REACH_PX + dx + width]
        apart = _blocks(there - before)
        errors.append(np.square(apart).mean((1, 3)) - np.square(apart.mean((1, 3))))  # what gets lighter has not moved
    error = np.nan_to_num(np.stack(errors), nan=np.inf)  # a block that would have left the picture is not known to have gone there
    best, still = error.min(0), error[0]
    shows = _blocks(before).std((1, 3)) > SHOWS
    gone = shows & (still > (SHOWS / 4) ** 2) & (best < BETTER * still)
    if not gone.any():
        return Moved(0.0, 0.0, 0.0)
    went = np.array(shifts)[error.argmin(0)][gone]
    return Moved(float(gone.sum() / shows.sum()), *(float(each) for each in np.median(went, axis=0)))


def _blocks(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """(rows, BLOCK_PX, columns, BLOCK_PX) of a picture (height, width)."""
    return picture.reshape(picture.shape[0] // BLOCK_PX, BLOCK_PX, picture.shape[1] // BLOCK_PX, BLOCK_PX)


def _way(dx: float, dy: float) -> str:
    across, along = ("left" if dx < 0 else "right"), ("up" if dy < 0 else "down")
    if abs(dx) > 2 * abs(dy):
        return across
    return along if abs(dy) > 2 * abs(dx) else f"{across} and {along}"


def strip(found: Sequence[Meaning], *, most_starts: int = 3) -> Pictures:
    """A row an action with its name and what it does: for some beginnings four of its pictures, the first to the last."""
    from PIL import Image, ImageDraw, ImageFont

    at = np.unique(np.linspace(0, AHEAD - 1, SHOWN).round().astype(int))
    larger = max(1, 64 // found[0].pictures.shape[2])
    rows = []
    for each in found:
        cells = [np.concatenate([film[i] for i in at], axis=1) for film in each.pictures[:most_starts]]
        gap = np.full((cells[0].shape[0], 4, 3), 255, np.uint8)
        row = np.concatenate([part for cell in cells for part in (cell, gap)][:-1], axis=1).repeat(larger, 0).repeat(larger, 1)
        label = Image.new("RGB", (row.shape[1], 18), "white")
        ImageDraw.Draw(label).text((4, 2), f"{each.name}: {each.words}", fill="black", font=ImageFont.load_default(12))
        rows += [np.asarray(label), row]
    return np.concatenate(rows, axis=0)
