"""The arena `gap_table`: two rooms on a board and a gap in the wall between them; drive the pusher to where it is in the goal's picture.

TwoRoom with weight, motors and a camera that looks from aside. A goal is where somebody who drives about came to within a second, in the
other room. Moderate: within 4 cm; strict: within 2 cm, on the goal's side of the wall, for a tenth of a second.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, LimitError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_scene import ArenaScene
from lifeworld.worlds.world import Action, Observation, WorldSpec

NEAR_M, STRICT_M = 0.04, 0.02
LEFT_M, RIGHT_M, FRONT_M, BACK_M = -0.25, 0.25, -0.03, 0.47
"""The inner sides of the board's walls."""
MIDDLE_M, THICK_M = 0.2, 0.03
BODY_M = 0.03
"""How far the pusher's middle keeps from a wall it goes round."""


def scene(
    *,
    gap_m: float = 0.1,
    width_m: float = 0.12,
    wall_height_m: float = 0.05,
    wall_color: str = "grey",
    board_color: str = "",
    size_px: int = 64,
) -> Scene:
    """The board of the starter `push_table` with a wall across instead of things: its gap's middle [m from the middle] and width.

    Raises:
        LimitError: for a gap that is not in the wall, or that the pusher does not fit through.
    """
    if not 0.08 <= width_m <= 0.3 or not LEFT_M <= gap_m - width_m / 2 <= gap_m + width_m / 2 <= RIGHT_M:
        got = f"{width_m:g} m wide at {gap_m:g} m"
        raise LimitError("there is no such gap", got=got, expected=f"0.08 to 0.3 m wide, within {LEFT_M:g} to {RIGHT_M:g} m")
    board = starter.load("push_table")
    kept = []
    for thing in board.things:
        if thing.fixed:
            ground = thing.name in ("board", "lane")
            kept.append(replace(thing, color=(board_color or thing.color) if ground else wall_color))
    sides = {"divider_left": (LEFT_M, gap_m - width_m / 2), "divider_right": (gap_m + width_m / 2, RIGHT_M)}
    walls = [
        Thing(
            name=name,
            kind="cube",
            material="stone",
            color=wall_color,
            size_m=(high - low, THICK_M, wall_height_m),
            pose=Pose(((low + high) / 2, MIDDLE_M, 0.0201)),
            fixed=True,
        )
        for name, (low, high) in sides.items()
        if high - low > 0.005
    ]
    cameras = tuple(replace(camera, width_px=size_px, height_px=size_px) for camera in board.cameras)
    title = "Two rooms on a board, a gap between them, and a pusher"
    return replace(board, name="gap_table", title=title, things=(*kept, *walls), cameras=cameras)


def gap_table() -> ArenaScene:
    return ArenaScene(
        name="gap_table",
        source="lifeworld, this file",
        camera="rgb@above",
        hold=10,
        budget=10,
        ahead=5,
        still=5,
        seconds=20.0,
        signals=("rgb@above", "embodiment_state@pusher"),
        variations={
            "gap": ({"gap_m": -0.1}, {"gap_m": 0.0}, {"gap_m": 0.16}),
            "gap_width": ({"width_m": 0.09}, {"width_m": 0.2}),
            "wall_height": ({"wall_height_m": 0.03}, {"wall_height_m": 0.12}),
            "wall_colour": ({"wall_color": "red"}, {"wall_color": "white"}),
            "background": ({"board_color": "grey"}, {"board_color": "white"}),
        },
        scene=scene,
        who=AgentDriver,
        looks=("embodiment_state@pusher",),
        near=_near,
        worth=_worth,
    )


class AgentDriver:
    """Drives to places drawn in both rooms, through the gap where one lies beyond the wall; now and then it just drives.

    How fast, how straight and for how long is drawn too, so that no action follows from the picture alone. It takes the pusher's state for
    its place: pushers begin at the origin.
    """

    signals: tuple[str, ...] = ("embodiment_state@pusher",)

    def __init__(self, stage: Scene) -> None:
        solid = [_span(thing) for thing in stage.things if thing.name.startswith("divider")]
        low = max((high for _, high in solid if high < RIGHT_M - 1e-6), default=LEFT_M)
        high = min((low for low, _ in solid if low > LEFT_M + 1e-6), default=RIGHT_M)
        self._gap, self._half = (low + high) / 2, (high - low) / 2

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._rng = generator(seed, "agent", "driver")
        self._left = 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        here, rng = observation["embodiment_state@pusher"][:2], self._rng
        if self._left == 0:
            self._left = int(rng.integers(3, 12))
            self._aim = rng.uniform([LEFT_M + BODY_M, FRONT_M + BODY_M], [RIGHT_M - BODY_M, BACK_M - BODY_M])
            self._pace, self._wanders = rng.uniform(0.15, 0.6), rng.random() < 0.2
        self._left -= 1
        if self._wanders:
            return {"pusher": rng.uniform(-0.6, 0.6, 2)}
        way = self._waypoint(here) - here
        straight = self._pace * way / max(float(np.linalg.norm(way)), 0.05)
        return {"pusher": np.clip(straight + rng.normal(0.0, 0.08, 2), -1.0, 1.0)}

    def _waypoint(self, here: NDArray[np.float64]) -> NDArray[np.float64]:
        """The aim, or the way to it through the gap: first before it, then behind."""
        if (here[1] > MIDDLE_M) == (self._aim[1] > MIDDLE_M):
            return self._aim
        beyond = (THICK_M / 2 + BODY_M) * (1.0 if self._aim[1] > MIDDLE_M else -1.0)
        before = abs(here[0] - self._gap) < self._half - 0.02 and abs(here[1] - MIDDLE_M) < 2.0 * abs(beyond)
        return np.array([self._gap, MIDDLE_M + (beyond if before else -beyond)])


def _near(stage: Scene, seen: Observation, goal: Observation) -> Reached:
    here, there = _place(seen), _place(goal)
    far = float(np.linalg.norm(here - there))
    return Reached(far < NEAR_M, far < STRICT_M and bool((here[1] > MIDDLE_M) == (there[1] > MIDDLE_M)))


def _worth(stage: Scene, seen: Observation, goal: Observation) -> bool:
    """Whether the one is in the one room, the other in the other, neither in the gap."""
    offsets = [float(_place(one)[1] - MIDDLE_M) for one in (seen, goal)]
    return min(map(abs, offsets)) > THICK_M / 2 + BODY_M and offsets[0] * offsets[1] < 0


def _place(seen: Observation) -> NDArray[np.float64]:
    return np.asarray(seen["embodiment_state@pusher"][:2], dtype=np.float64)


def _span(thing: Thing) -> tuple[float, float]:
    assert thing.pose is not None
    assert thing.size_m is not None
    middle, half = float(thing.pose.position_m[0]), thing.size_m[0] / 2
    return middle - half, middle + half
