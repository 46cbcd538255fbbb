"""TwoRoom: a dot, a wall and a doorway. Get to the other side.

    world = WorldFlat(TwoRoom())
    world = WorldFlat(TwoRoom(door_px=(49, 150), wall_px=20, background="#c0ffc0"))

Rules: `swm/TwoRoom-v1` of stable-worldmodel 0.1.1 (galilai-group, MIT), on a square of 224 px, with the collisions of CLEAR-LeWM v0.9's
EVALUATION_SPEC: the whole disk is swept along each move and goes through a doorway with its full radius, where the original looked only at
where a move ends. What is published in pixels stays in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import generator
from lifeworld.scene.scene import Scene
from lifeworld.worlds.flat.canvas import Level, centres, level, levels, painted, shrunk
from lifeworld.worlds.flat.rules import Rows
from lifeworld.worlds.world import ActionSpec

SIDE_PX = 224
BORDER_PX = 14
LINE_PX = 4
"""How thick the border is drawn, outwards."""
MIDDLE_PX = 112.0
FINE_PX = 0.5
"""How far the disk goes between two looks at the wall [px]; it is pushed out of what it came into, which is how it slides along."""
LEAST_PX = 32
MOST_PX = 512


@dataclass(frozen=True, kw_only=True)
class TwoRoom:
    """The rules. A state is where the dot is, (x, y) [px], y downwards.

    Args:
        door_px: the middle of each doorway along the wall [px], `door_half_px` half of its width.
        across: whether the wall lies across the picture (rooms above each other) instead of upright.
        speed_px: how far an action of 1 goes in a tick [px].
        size_px: the side of the picture that is seen [px].

    Raises:
        LimitError: for numbers that the published ranges do not have, or a doorway that the dot does not fit through.
    """

    radius_px: float = 7.0
    speed_px: float = 5.0
    wall_px: int = 10
    door_px: tuple[float, ...] = (49.0,)
    door_half_px: float = 14.0
    across: bool = False
    color: str = "#ff0000"
    wall_color: str = "#000000"
    door_color: str = "#ffffff"
    background: str = "#ffffff"
    size_px: int = 64

    name: ClassVar[str] = "tworoom"
    version: ClassVar[str] = "stable-worldmodel 0.1.1, collisions of CLEAR-LeWM 0.9"
    tick_ns: ClassVar[int] = 100_000_000
    hold: ClassVar[int] = 5
    action: ClassVar[ActionSpec] = ActionSpec(name="agent", labels=("x", "y"), low=(-1.0, -1.0), high=(1.0, 1.0), rest=(0.0, 0.0))
    things: ClassVar[tuple[str, ...]] = ()
    size: ClassVar[int] = 2
    signals: ClassVar[Mapping[str, str]] = {"rgb@above": "rgb", "embodiment_state@agent": "embodiment_state"}

    def __post_init__(self) -> None:
        bounds = {
            "radius_px": (7.0, 14.0),
            "speed_px": (1.75, 10.5),
            "wall_px": (7, 41),
            "door_half_px": (1.1 * self.radius_px, 21.0),
            "size_px": (LEAST_PX, MOST_PX),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise LimitError(f"{name} is out of bounds", got=getattr(self, name), expected=f"{least:g} to {most:g}")
        free = BORDER_PX + self.radius_px, SIDE_PX - BORDER_PX - self.radius_px
        if not 1 <= len(self.door_px) <= 3 or not all(free[0] <= door <= free[1] for door in self.door_px):
            raise LimitError("door_px is out of bounds", got=self.door_px, expected=f"1 to 3 numbers from {free[0]:g} to {free[1]:g}")

    @property
    def options(self) -> Mapping[str, Any]:
        return asdict(self)

    def begin(self, *, seed: int) -> Rows:
        """Anywhere in either room that the whole disk fits."""
        rng, low, high = generator(seed, "tworoom", "begin"), BORDER_PX + self.radius_px, SIDE_PX - BORDER_PX - self.radius_px
        while True:
            place = rng.uniform(low, high, 2)
            if abs(place[self.through] - MIDDLE_PX) > self.thick_px:
                return np.asarray(place, dtype=np.float64)

    def step(self, states: Rows, actions: Rows) -> Rows:
        """The disk goes where the action points, along what is in its way."""
        out = self._within(states + self.speed_px * actions)
        near = np.abs(states[:, self.through] - MIDDLE_PX) <= self.thick_px + self.speed_px
        if near.any():
            out[near] = self._along(states[near], actions[near])
        return out

    def scene(self, row: Rows) -> Scene:
        """A scene without things: a dot is none."""
        return Scene(name=self.name, title=f"{self.name}, {self.version}")

    def show(self, stream: str, states: Rows) -> NDArray[Any]:
        return self._drawn(states) if stream == "rgb@above" else states.copy()

    @property
    def thick_px(self) -> float:
        """Half of the wall and the disk's radius: so near to its middle the disk is in a doorway."""
        return self.wall_px // 2 + self.radius_px

    def side(self, places: Rows) -> NDArray[np.int64]:
        """The room that the whole disk is in, 0 or 1; -1 in a doorway."""
        offset = places[..., self.through] - MIDDLE_PX
        return np.where(np.abs(offset) < self.thick_px, -1, (offset > 0).astype(np.int64))

    def door(self, number: int) -> NDArray[np.float64]:
        """The middle (2,) of a doorway."""
        out = np.full(2, MIDDLE_PX)
        out[1 - self.through] = self.door_px[number]
        return out

    @property
    def through(self) -> int:
        """The axis that leads from room to room."""
        return 1 if self.across else 0

    @cached_property
    def _solid(self) -> list[tuple[float, float]]:
        """The parts of the wall between its doorways, from and to along it."""
        ends, at = [], 0.0
        for low, high in sorted((door - self.door_half_px, door + self.door_half_px) for door in self.door_px):
            if low > at:
                ends.append((at, low))
            at = max(at, high)
        return [*ends, (at, float(SIDE_PX))] if at < SIDE_PX else ends

    def _within(self, places: Rows) -> Rows:
        return _between(places, BORDER_PX + self.radius_px, SIDE_PX - BORDER_PX - self.radius_px)

    def _along(self, places: Rows, actions: Rows) -> Rows:
        """The way in small pieces: after each the disk is pushed out of the wall, so that none is ever in it or beyond it unseen."""
        pieces = int(np.ceil(np.sqrt(2.0) * self.speed_px / FINE_PX))
        piece, half, through = (self.speed_px / pieces) * actions, float(self.wall_px // 2), self.through
        for _ in range(pieces):
            places = self._within(places + piece)
            for low, high in self._solid:
                beyond = places[:, through] - _between(places[:, through], MIDDLE_PX - half, MIDDLE_PX + half)
                beside = places[:, 1 - through] - _between(places[:, 1 - through], low, high)
                distance = np.sqrt(beyond * beyond + beside * beside)
                inside = distance < self.radius_px
                if inside.any():
                    push = np.where(inside, self.radius_px / np.maximum(distance, 1e-9) - 1.0, 0.0)
                    places[:, through] += push * beyond
                    places[:, 1 - through] += push * beside
        return self._within(places)

    @cached_property
    def _empty(self) -> Level:
        """The picture without the dot."""
        along = np.arange(SIDE_PX, dtype=np.float64)
        half = self.wall_px // 2
        stripe = np.abs(along - MIDDLE_PX) <= half
        doorway = np.any([np.abs(along - door) <= self.door_half_px for door in self.door_px], axis=0)
        wall, door = (np.logical_and.outer(which, stripe) for which in (~doorway, doorway))
        if self.across:
            wall, door = wall.T, door.T
        picture = np.broadcast_to(level(self.background), (SIDE_PX, SIDE_PX, 3)).copy()
        picture[door] = level(self.door_color)
        for line in (slice(BORDER_PX - LINE_PX, BORDER_PX), slice(SIDE_PX - BORDER_PX, SIDE_PX - BORDER_PX + LINE_PX)):
            wall[:, line] = wall[line] = True
        picture[wall] = level(self.wall_color)
        return shrunk(picture, self.size_px)

    def _drawn(self, states: Rows) -> NDArray[np.uint8]:
        """The dot is a Gaussian whose spread is its radius, as published."""
        at = centres(SIDE_PX, self.size_px)
        across, down = (np.exp(-((at - states[:, i, None]) ** 2) / (2.0 * self.radius_px**2)) for i in (0, 1))
        return levels(painted(self._empty, down[:, :, None] * across[:, None, :], level(self.color)))


def _between(values: Rows, low: float, high: float) -> Rows:
    """As np.clip, which takes five times as long for a few numbers."""
    return np.minimum(np.maximum(values, low), high)
