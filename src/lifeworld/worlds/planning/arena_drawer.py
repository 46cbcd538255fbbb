"""The arena `drawer`: a hand, and a drawer that is to stand as far open as in the goal's picture.

A goal is where somebody whose hand went about in and before the drawer left it within a second, 8 cm from where it was and neither shut nor
out to its stop: into those any blow sends it. Moderate: within 2.5 cm; strict: within 1 cm, for a tenth of a second.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lifeworld.core.errors import ActionError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene import starter
from lifeworld.scene.scene import CameraMount, Scene
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_scene import ArenaScene
from lifeworld.worlds.world import Action, Observation, WorldSpec

NEAR_M, STRICT_M, CHANGED_M = 0.025, 0.01, 0.08
SHUT_M, OUT_M = 0.03, 0.32
LOW_M, ABOVE_M = 0.67, 0.95
"""How high the palm is when its fingers are in the drawer, and when they pass over its front [m]."""
BEFORE_M, WITHIN_M = -0.75, -0.2
"""How far out and in the hand goes: +Y is into the cabinet [m]."""


def scene(
    *,
    unit_color: str | None = None,
    ball_color: str | None = None,
    ball_m: float = 0.06,
    ground: str = "floorboard",
    alone: bool = False,
    size_px: int = 64,
) -> Scene:
    """The starter `drawer` seen from nearer, varied; `alone` takes what stands on top of it away."""
    as_is = starter.load("drawer")
    camera = CameraMount(
        name="front", pose=Pose.look_at((0.5, -1.0, 1.25), (0.0, -0.2, 0.62)), fov_y_deg=48.0, width_px=size_px, height_px=size_px
    )
    things = []
    for thing in as_is.things:
        if thing.name == "drawers":
            thing = replace(thing, color=unit_color or thing.color)
        elif thing.name == "ball":
            thing = replace(thing, color=ball_color or thing.color, size_m=(ball_m,) * 3)
        elif alone:
            continue
        things.append(thing)
    floor = None if as_is.ground is None else replace(as_is.ground, material=ground)
    return replace(as_is, things=tuple(things), cameras=(camera,), sensors=(), goals=(), ground=floor)


def drawer() -> ArenaScene:
    return ArenaScene(
        name="drawer",
        source="lifeworld, this file",
        camera="rgb@front",
        hold=10,
        budget=10,
        ahead=5,
        still=5,
        seconds=20.0,
        signals=("rgb@front", "joint_position", "position_m", "embodiment_state@hand"),
        variations={
            "colour": ({"unit_color": "white"}, {"unit_color": "blue"}),
            "ball": ({"ball_color": "green"}, {"ball_m": 0.09}),
            "background": ({"ground": "dark_wood"}, {"ground": "stone"}),
            "clutter": ({"alone": True},),
        },
        scene=scene,
        who=lambda _stage: AgentRummager(),
        looks=("joint_position",),
        near=_near,
        worth=_worth,
    )


class AgentRummager:
    """Puts its fingers into the drawer or before it and goes out or in, lifts them, comes down elsewhere; now and then it just wanders.

    How fast, how straight and for how long is drawn too, so that no action follows from the picture alone.
    """

    signals: tuple[str, ...] = ("embodiment_state@hand",)

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._rng = generator(seed, "agent", "rummager")
        self._left, self._low = 0, False

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        if observation is None:
            raise ActionError("this agent looks before it acts", expected=", ".join(self.signals))
        here, rng = observation["embodiment_state@hand"][:3], self._rng
        if self._left == 0:
            self._left = int(rng.integers(2, 8))
            lifted = rng.random() < 0.2
            self._aim = np.array([rng.uniform(-0.1, 0.1), rng.uniform(BEFORE_M, WITHIN_M), ABOVE_M if lifted else LOW_M])
            self._pace, self._wanders = rng.uniform(0.1, 0.5), rng.random() < 0.1
        self._left -= 1
        numbers = np.zeros(7)  # neither turns nor opens: closed fingers are a hook
        if self._wanders:
            numbers[:3] = rng.uniform(-0.3, 0.3, 3)
        else:
            way = self._aim - here
            numbers[:2] = self._pace * way[:2] / max(float(np.linalg.norm(way[:2])), 0.1)
            numbers[2] = np.clip(2.0 * way[2], -0.6, 0.6)
            numbers[:2] += rng.normal(0.0, 0.04, 2)
        return {"hand": numbers}


def _near(stage: Scene, seen: Observation, goal: Observation) -> Reached:
    far = _apart(seen, goal)
    return Reached(far < NEAR_M, far < STRICT_M)


def _worth(stage: Scene, seen: Observation, goal: Observation) -> bool:
    return _apart(seen, goal) > CHANGED_M and SHUT_M < float(goal["joint_position"][0]) < OUT_M


def _apart(seen: Observation, goal: Observation) -> float:
    """How differently far the first drawer stands open [m]."""
    return abs(float(seen["joint_position"][0] - goal["joint_position"][0]))
