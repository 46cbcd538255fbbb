"""Generated rooms rest: what was drawn stays where it was put, and every relation holds after it settled."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.scene.homes import home, room
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

ROOMS = (("kitchen", 0), ("bathroom", 0), ("clinic_ward", 4), ("hall", 4))


def gone(world: WorldPhysics, scene: Scene, seconds: float) -> list[str]:
    """What went farther than 1 cm, left alone."""
    state = world.reset(scene, seed=0)
    for _ in range(round(seconds / 0.02)):
        state = world.step(state, {})
    out = []
    for a, b in zip(scene.things, world.scene(state).things, strict=True):
        assert a.pose is not None
        assert b.pose is not None
        if np.linalg.norm(a.pose.position_m - b.pose.position_m) > 0.01:
            out.append(a.name)
    return out


@pytest.mark.parametrize(("kind", "seed"), ROOMS)
def test_rooms_rest_as_drawn(kind: str, seed: int) -> None:
    world = WorldPhysics(renderer="rays")
    scene = room(kind, seed=seed)  # type: ignore[arg-type]  # one of the kinds
    assert gone(world, scene, 3.0) == []
    settle(world, scene, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("rooms", [2, 5, 8])
def test_homes_rest(rooms: int) -> None:
    world = WorldPhysics(renderer="rays")
    assert gone(world, settle(world, home(rooms, seed=1), seed=0), 5.0) == []
