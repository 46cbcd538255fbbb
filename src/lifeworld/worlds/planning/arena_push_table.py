"""The arena `push_table`: four things on a walled board; push them to where they are in the goal's picture.

A goal is where somebody who pushes things about came to within a second, at least one thing 6 cm from where it was. Moderate: every thing
within 3 cm of its place; strict: within 1.5 cm and 15° of it (as far as its shape can tell), for a tenth of a second.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene import starter
from lifeworld.scene.scene import Scene
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_scene import ArenaScene
from lifeworld.worlds.pusher import AgentPusher
from lifeworld.worlds.world import Observation

NEAR_M, STRICT_M, STRICT_RAD, PUSHED_M = 0.03, 0.015, np.deg2rad(15.0), 0.06
PERIODS = {"brick": np.pi, "drum": 0.0, "block": np.pi / 2, "tile": np.pi / 2}
"""The things that are pushed, and after what turn each looks the same [rad]; 0 where every turn does."""


def scene(
    *,
    colors: tuple[str, ...] = (),
    board_color: str = "",
    scale: float = 1.0,
    friction: float | None = None,
    mass: float = 1.0,
    round_brick: bool = False,
    size_px: int = 64,
) -> Scene:
    """The starter `push_table`, varied: the things' `colors` in their order, their `scale` and `mass` as factors, the board's friction."""
    as_is = starter.load("push_table")
    things = []
    for thing in as_is.things:
        if thing.name in PERIODS:
            number = list(PERIODS).index(thing.name)
            assert thing.size_m is not None
            assert thing.mass_kg is not None
            x, y, z = thing.size_m
            thing = replace(
                thing,
                size_m=(x * scale, y * scale, z),
                mass_kg=thing.mass_kg * mass,
                color=colors[number] if colors else thing.color,
                kind="cylinder" if round_brick and thing.name == "brick" else thing.kind,
            )
        elif thing.name in ("board", "lane"):
            thing = replace(thing, color=board_color or thing.color, friction=thing.friction if friction is None else friction)
        things.append(thing)
    cameras = tuple(replace(camera, width_px=size_px, height_px=size_px) for camera in as_is.cameras)
    return replace(as_is, things=tuple(things), cameras=cameras)


def near(stage: Scene, seen: Observation, goal: Observation) -> Reached:
    """Whether every thing lies where it lies in the goal."""
    rows, periods = _pushed(stage)
    far = np.linalg.norm(seen["position_m"][rows] - goal["position_m"][rows], axis=1)
    turned = yaw(seen["quat_wxyz"][rows]) - yaw(goal["quat_wxyz"][rows])
    within = np.where(periods > 0, np.maximum(periods, 1e-9), 1.0)
    off = np.where(periods > 0, np.abs((turned + within / 2) % within - within / 2), 0.0)
    return Reached(bool(np.all(far < NEAR_M)), bool(np.all(far < STRICT_M) and np.all(off < STRICT_RAD)))


def worth(stage: Scene, seen: Observation, goal: Observation) -> bool:
    """Whether something has been pushed far."""
    rows, _ = _pushed(stage)
    return bool(np.any(np.linalg.norm(seen["position_m"][rows] - goal["position_m"][rows], axis=1) > PUSHED_M))


def yaw(quat_wxyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turn about the vertical of quaternions (…, 4) [rad]."""
    w, x, y, z = np.moveaxis(quat_wxyz, -1, 0)
    turn: NDArray[np.float64] = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return turn


def push_table() -> ArenaScene:
    return ArenaScene(
        name="push_table",
        source="lifeworld, this file",
        camera="rgb@above",
        hold=10,
        budget=10,
        ahead=5,
        still=5,
        seconds=20.0,
        signals=("rgb@above", "position_m", "quat_wxyz", "linear_velocity_m_s", "embodiment_state@pusher", "mass_kg"),
        variations={
            "colour": ({"colors": ("red", "purple", "orange", "black")}, {"colors": ("white", "green", "blue", "yellow")}),
            "size": ({"scale": 0.8}, {"scale": 1.2}),
            "shape": ({"round_brick": True},),
            "background": ({"board_color": "grey"}, {"board_color": "white"}),
            "friction": ({"friction": 0.2}, {"friction": 0.8}),
            "mass": ({"mass": 0.5}, {"mass": 2.0}),
        },
        scene=scene,
        who=lambda _stage: AgentPusher(),
        looks=("position_m", "quat_wxyz"),
        near=near,
        worth=worth,
    )


def _pushed(stage: Scene) -> tuple[list[int], NDArray[np.float64]]:
    """The rows of the things that are pushed, and their periods."""
    names = [thing.name for thing in stage.things]
    return [names.index(name) for name in PERIODS], np.array(list(PERIODS.values()))
