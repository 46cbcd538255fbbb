"""Let a scene come to rest, then write down where everything lies: poses beside the relations that asked for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError, PlacementError
from lifeworld.core.pose import rotation_angle
from lifeworld.scene.relation import why_not
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.asset import stand_ins
from lifeworld.worlds.physics.compile import TICK_NS
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.rest import STILL_M_S, STILL_RAD_S

LATELY_TICKS = 25
"""Half a second: over this long a time what trembles on its place is told from what moves on."""


def settle(world: WorldPhysics, scene: Scene, *, seed: int, most_seconds: float = 3.0) -> Scene:
    """The scene placed, let go until it is still, with its velocities at zero and its relations true.

    Scenes whose point is motion are only placed.

    Raises:
        PlacementError: `unstable`, if something still moves after `most_seconds`, or a relation does not hold at rest.
    """
    if most_seconds * 1e9 < 5 * TICK_NS:
        raise LimitError("nothing settles in so short a time", got=f"{most_seconds} s", expected="at least 0.1 s")
    state = world.reset(scene, seed=seed)
    if scene.moving:
        return world.scene(state)
    at_rest = rested(world, state, most_seconds=most_seconds)
    assets = stand_ins(at_rest, world.assets)
    for thing in at_rest.things:
        for relation in thing.relations:
            broken = why_not(relation, at_rest, thing=thing.name, assets=assets)
            if broken is not None:
                raise PlacementError(
                    f"{thing.name!r} does not stay {relation.kind.replace('_', ' ')} {relation.thing!r}: {broken}",
                    reason="unstable",
                    where=f"thing {thing.name!r}",
                    fix="Place it elsewhere, or with another seed.",
                )
    return at_rest


def rested(world: WorldPhysics, state: PhysicsState, *, most_seconds: float = 3.0) -> Scene:
    """The scene once everything is still, its velocities at zero.

    Raises:
        PlacementError: `unstable`, if something still moves after `most_seconds`.
    """
    ticks = round(most_seconds * 1e9 / TICK_NS)
    lately = min(LATELY_TICKS, ticks - 1)
    for left in reversed(range(ticks)):
        state = world.step(state, {})
        if left == lately:
            before = world.observe(state, ["position_m", "quat_wxyz"])
        if state.tick % 5 == 0:
            linear, angular = speeds(world, state)
            if linear.max(initial=0.0) < STILL_M_S and angular.max(initial=0.0) < STILL_RAD_S:
                break
    else:  # an apple that trembles in a bowl is where it was: what counts is how far things came of late
        now, lately_s = world.observe(state, ["position_m", "quat_wxyz"]), lately * TICK_NS / 1e9
        went = np.linalg.norm(now["position_m"] - before["position_m"], axis=-1)
        turned = rotation_angle(before["quat_wxyz"], now["quat_wxyz"])
        late = np.flatnonzero((went > 10 * STILL_M_S * lately_s) | (turned > 10 * STILL_RAD_S * lately_s))
        if len(late):
            name = state.scene.things[late[0]].name
            raise PlacementError(
                f"{name!r} still moves after {most_seconds:g} s",
                reason="unstable",
                where=f"thing {name!r}",
                fix="Place it elsewhere, or say moving = true if motion is the point of the scene.",
            )
    still = (0.0, 0.0, 0.0)
    things = world.scene(state).things
    return replace(world.scene(state), things=tuple(replace(t, linear_velocity_m_s=still, angular_velocity_rad_s=still) for t in things))


def speeds(world: WorldPhysics, state: PhysicsState) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear [m/s] and angular [rad/s] speed of every thing (things,)."""
    seen = world.observe(state, ["linear_velocity_m_s", "angular_velocity_rad_s"])
    return np.linalg.norm(seen["linear_velocity_m_s"], axis=-1), np.linalg.norm(seen["angular_velocity_rad_s"], axis=-1)


def drift(before: Scene, after: Scene) -> tuple[float, float]:
    """How far the most moved thing went [m] and how much the most turned one turned [rad], from one scene to another of the same things."""
    pairs = [(a.pose, b.pose) for a, b in zip(before.things, after.things, strict=True) if a.pose is not None and b.pose is not None]
    moved = max((float(np.linalg.norm(a.position_m - b.position_m)) for a, b in pairs), default=0.0)
    turned = max((float(rotation_angle(a.quat_wxyz, b.quat_wxyz)) for a, b in pairs), default=0.0)
    return moved, turned
