"""Starter scenes: ten and more, each with its line; they begin apart, and stay put unless motion is their point."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from lifeworld.scene import starter
from lifeworld.scene.relation import why_not
from lifeworld.scene.text import parse, to_text
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import drift, settle

NAMES = starter.names()


def deepest_m(state: PhysicsState) -> float:
    """The deepest overlap of any contact [m]."""
    model = state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(model, data)
    return max((-float(d) for d in data.contact.dist), default=0.0)


def test_there_are_enough_and_each_says_what_it_is() -> None:
    assert len(NAMES) >= 10
    for name in NAMES:
        scene = starter.load(name)
        assert scene.name == name
        assert 10 < len(scene.title) <= 80
        assert scene.cameras


@pytest.mark.parametrize("name", NAMES)
def test_a_starter_begins_apart_and_stays_put(name: str) -> None:
    world = WorldPhysics(renderer="rays")
    scene = starter.load(name)
    state = world.reset(scene, seed=0)
    assert deepest_m(state) < 0.002
    if not scene.moving:
        state = world.reset(settle(world, scene, seed=0), seed=0)
    begin = world.scene(state)
    for _ in range(250):
        state = world.step(state, {})
    end = world.scene(state)
    moved, turned = drift(begin, end)
    if scene.moving:
        opened = [dict(a.joints) != dict(b.joints) for a, b in zip(begin.things, end.things, strict=True)]
        assert moved > 0.05 or any(opened)
        return
    assert moved < 0.01
    assert turned < np.deg2rad(5)
    for thing in end.things:
        for relation in thing.relations:
            assert why_not(relation, end, thing=thing.name) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_settled_starter_is_a_text_like_any_other(name: str) -> None:
    scene = settle(WorldPhysics(renderer="rays"), starter.load(name), seed=1)
    assert parse(to_text(scene)) == scene
    assert all(t.pose is not None for t in scene.things)


def test_all_dominoes_fall() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(starter.load("dominoes"), seed=0)
    for _ in range(250):
        state = world.step(state, {})
    up = [t.pose.rotation[2, 2] for t in world.scene(state).things if t.kind == "domino" and t.pose is not None]
    assert len(up) == 24
    assert max(up) < 0.9
