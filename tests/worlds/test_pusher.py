"""Somebody who pushes things about: everything gets its turn, nothing leaves the board, and one seed is one play."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import ActionError
from lifeworld.scene import starter
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.pusher import AgentPusher
from lifeworld.worlds.record import record

MOVABLE = ("brick", "drum", "block", "tile")


def test_things_are_pushed_about_and_stay_on_the_board() -> None:
    world, scene = WorldPhysics(renderer="rays"), starter.load("push_table")
    went = np.zeros(len(scene.things))
    for seed in range(3):
        place = record(world, AgentPusher(), scene, seconds=12, seed=seed, signals=["position_m"])["position_m"].values
        went += np.abs(np.diff(place[..., :2], axis=0)).sum(axis=(0, 2))
        assert (place[:, 6:, 2] > 0.01).all()  # nobody fell
    moved = {thing.name for thing, far in zip(scene.things, went, strict=True) if far > 0.05}
    assert moved == set(MOVABLE)


def test_one_seed_is_one_play_and_another_is_another() -> None:
    world, scene = WorldPhysics(renderer="rays"), starter.load("push_table")
    plays = [record(world, AgentPusher(), scene, seconds=2, seed=7 + i, signals=["position_m"])["action@pusher"].values for i in (0, 0, 1)]
    np.testing.assert_array_equal(plays[0], plays[1])
    assert not np.array_equal(plays[0], plays[2])
    assert (np.abs(plays[0]) <= 1).all()


def test_where_nobody_pushes_it_says_so() -> None:
    world = WorldPhysics(renderer="rays")
    world.reset(starter.load("pendulum"), seed=0)
    with pytest.raises(ActionError, match="nobody here pushes"):
        AgentPusher().begin(world.spec, seed=0)
