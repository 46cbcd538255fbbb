"""A kitchen of Overcooked seen from above: what stands where, and a picture of it, the same on every machine."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

WIDTH_PX, HEIGHT_PX, TILE_PX = 128, 80, 14
FINE = 4
"""How many times finer it is drawn than shown."""
MOST_TILES = (9, 5)
COOKS_S = 20
"""Steps that a soup of three onions cooks."""

FLOOR, COUNTER, EDGE = (226, 214, 190), (158, 116, 78), (124, 88, 58)
POT, RIM, HOT = (58, 62, 70), (98, 104, 114), (226, 122, 52)
ONION, DISH, SERVE, SOUP = (242, 200, 76), (244, 246, 248), (112, 158, 118), (222, 154, 66)
COOKS = ((58, 110, 196), (64, 158, 92))
HAT, SKIN = (250, 250, 250), (236, 190, 150)


@dataclass(frozen=True, slots=True)
class Kitchen:
    """`grid` (rows of letters: X counter, O onions, D dishes, P pot, S serving, blank floor); cooks as (x, y), (dx, dy), what they hold;

    things as (x, y), name, number of onions, steps cooked.
    """

    grid: tuple[str, ...]
    cooks: tuple[tuple[tuple[int, int], tuple[int, int], str | None], ...]
    things: tuple[tuple[tuple[int, int], str, int, int], ...]

    @classmethod
    def of(cls, grid: str, state: Mapping[str, Any]) -> Kitchen:
        """From what a row of trials says.

        Raises:
            ValueError, KeyError, TypeError: if it is not said as it should be.
        """
        rows = _grid(grid)
        cooks = tuple(
            (_cell(p["position"]), _cell(p["orientation"]), str(held["name"]) if (held := p.get("held_object")) else None)
            for p in state["players"]
        )
        found = state["objects"]
        things = []
        for one in found.values() if isinstance(found, dict) else found:
            _, onions, steps = one["state"] if one.get("state") else (None, 0, 0)
            things.append((_cell(one["position"]), str(one["name"]), int(onions), int(steps)))
        return cls(rows, cooks, tuple(things))


@lru_cache(maxsize=1024)  # cooks often wait, and pictures are kept by the thousand anyway
def draw(kitchen: Kitchen) -> NDArray[np.uint8]:
    """The picture (80, 128, 3) uint8, the kitchen in its middle, read-only."""
    rows, columns = len(kitchen.grid), len(kitchen.grid[0])
    across, down = (WIDTH_PX - columns * TILE_PX) * FINE // 2, (HEIGHT_PX - rows * TILE_PX) * FINE // 2
    picture = _room(kitchen.grid).copy()
    pen = ImageDraw.Draw(picture)

    def middle(cell: tuple[int, int]) -> tuple[float, float]:
        return across + (cell[0] + 0.5) * TILE_PX * FINE, down + (cell[1] + 0.5) * TILE_PX * FINE

    for cell, name, onions, steps in kitchen.things:
        in_pot = name == "soup" and kitchen.grid[cell[1]][cell[0]] == "P"
        _thing(pen, middle(cell), name, 1.0, onions if in_pot else None, steps)
    for number, (cell, way, held) in enumerate(kitchen.cooks):
        _cook(pen, middle(cell), way, held, COOKS[number % len(COOKS)])
    return np.asarray(picture.reduce(FINE), dtype=np.uint8)


@lru_cache(maxsize=64)
def _grid(text: str) -> tuple[str, ...]:
    """Rows of letters, of one length, no more than can be drawn; the cooks' own places are floor."""
    rows = ast.literal_eval(text)
    grid = tuple("".join(" " if c in "12" else c for c in row) for row in rows)
    if not grid or len({len(row) for row in grid}) != 1 or not 0 < len(grid[0]) <= MOST_TILES[0] or len(grid) > MOST_TILES[1]:
        raise ValueError(f"a kitchen of {len(grid)} rows")
    if set("".join(grid)) - set("XODPS "):
        raise ValueError(f"a kitchen with {''.join(sorted(set(''.join(grid)) - set('XODPS ')))!r} in it")
    return grid


def _cell(pair: Any) -> tuple[int, int]:
    x, y = pair
    return int(x), int(y)


@lru_cache(maxsize=64)
def _room(grid: tuple[str, ...]) -> Image.Image:
    """Floor, counters and what never moves, drawn finely."""
    picture = Image.new("RGB", (WIDTH_PX * FINE, HEIGHT_PX * FINE), (38, 36, 40))
    pen = ImageDraw.Draw(picture)
    side = TILE_PX * FINE
    left, top = (WIDTH_PX * FINE - len(grid[0]) * side) // 2, (HEIGHT_PX * FINE - len(grid) * side) // 2
    for y, row in enumerate(grid):
        for x, letter in enumerate(row):
            box = (left + x * side, top + y * side, left + (x + 1) * side - 1, top + (y + 1) * side - 1)
            if letter == " ":
                shade = 0 if (x + y) % 2 else 6
                pen.rectangle(box, fill=tuple(c - shade for c in FLOOR))
                continue
            pen.rectangle(box, fill=COUNTER, outline=EDGE, width=FINE // 2)
            at = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            if letter == "P":
                _disc(pen, at, 0.42, RIM)
                _disc(pen, at, 0.34, POT)
            elif letter == "S":
                pen.rectangle((box[0] + FINE, box[1] + FINE, box[2] - FINE, box[3] - FINE), fill=SERVE)
            elif letter in "OD":
                for dx, dy in ((-0.18, 0.12), (0.18, 0.12), (0.0, -0.16)):
                    spot = (at[0] + dx * side, at[1] + dy * side)
                    _disc(pen, spot, 0.17, ONION if letter == "O" else DISH)
    return picture


def _thing(pen: ImageDraw.ImageDraw, at: tuple[float, float], name: str, size: float, in_pot: int | None, steps: int) -> None:
    if in_pot is not None:
        hot = in_pot >= 3
        done = min(steps / COOKS_S, 1.0)
        _disc(pen, at, 0.30, tuple(round(a + (b - a) * done) for a, b in zip(ONION, HOT, strict=True)) if hot else POT)
        for k in range(min(in_pot, 3) if not hot else 0):
            turn = 2 * np.pi * k / 3
            spot = (at[0] + 0.15 * TILE_PX * FINE * float(np.cos(turn)), at[1] + 0.15 * TILE_PX * FINE * float(np.sin(turn)))
            _disc(pen, spot, 0.13, ONION)
        if hot and done >= 1.0:
            _disc(pen, at, 0.14, DISH)
    elif name == "onion":
        _disc(pen, at, 0.22 * size, ONION)
    elif name in ("dish", "soup"):
        _disc(pen, at, 0.30 * size, DISH)
        if name == "soup":
            _disc(pen, at, 0.20 * size, SOUP)


def _cook(pen: ImageDraw.ImageDraw, at: tuple[float, float], way: tuple[int, int], held: str | None, color: tuple[int, int, int]) -> None:
    side = TILE_PX * FINE
    ahead = (at[0] + 0.26 * side * way[0], at[1] + 0.26 * side * way[1])
    _disc(pen, at, 0.40, color)
    _disc(pen, (at[0] + 0.20 * side * way[0], at[1] + 0.20 * side * way[1]), 0.17, SKIN)
    _disc(pen, (at[0] - 0.08 * side * way[0], at[1] - 0.08 * side * way[1]), 0.22, HAT)
    if held is not None:
        _thing(pen, ahead, held, 0.8, None, 0)


def _disc(pen: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, color: tuple[int, ...]) -> None:
    reach = radius * TILE_PX * FINE
    pen.ellipse((at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach), fill=color)
