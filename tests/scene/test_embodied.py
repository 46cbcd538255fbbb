"""Bodies for scenes that have none: free of everything, on the floor, over what there is to take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.embodied import WALKER_M, embodied
from lifeworld.scene.homes import home, room
from lifeworld.scene.place import place
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics

DRAWS: dict[str, Callable[[], Scene]] = {
    "kitchen": lambda: room("kitchen", seed=3),
    "bathroom": lambda: room("bathroom", seed=1),
    "hall": lambda: room("hall", seed=2),
    "home": lambda: home(4, seed=5),
}


@pytest.mark.parametrize("name", DRAWS)
def test_who_walks_stands_free_and_the_hand_touches_nothing(name: str) -> None:
    scene = embodied(DRAWS[name]())
    bodies = {e.kind: e for e in scene.embodiments}
    at = bodies["walker"].pose.position_m
    assert at[2] == 0
    rooms = [(np.array(s.low_m) + WALKER_M - 1e-6, np.array(s.high_m) - WALKER_M + 1e-6) for s in scene.spaces]
    assert any(np.all(at[:2] > low) and np.all(at[:2] < high) for low, high in rooms)
    world = WorldPhysics(renderer="rays")
    state = world.step(world.reset(scene, seed=0), {})
    ids = {1 + len(scene.things) + i for i in range(len(scene.embodiments))}
    contacts = world.observe(state, ["contacts"])["contacts"]
    assert not [c for c in contacts if {int(c["body_a"]), int(c["body_b"])} & ids and 0 not in (c["body_a"], c["body_b"])]


def test_the_hand_is_over_what_most_stands_on() -> None:
    bare = place(replace(starter.load("tabletop"), embodiments=(), goals=(), sensors=(), cameras=()), seed=0)
    (hand,) = embodied(bare).embodiments
    low, high = Room(bare)["table"].bounds_m
    assert np.all(hand.pose.position_m[:2] > low[:2])
    assert np.all(hand.pose.position_m[:2] < high[:2])
    assert 0.2 < hand.pose.position_m[2] - high[2] < 0.35


def test_who_has_a_body_keeps_it_and_names_are_not_taken() -> None:
    tabletop = starter.load("tabletop")
    assert embodied(tabletop) is tabletop
    kitchen = room("kitchen", seed=3)
    named = replace(kitchen, things=(*kitchen.things, Thing(name="hand", kind="block", pose=Pose((9.0, 9.0, 0.05)))))
    assert {e.name for e in embodied(named).embodiments} == {"me", "hand_2"}


def test_where_there_is_nothing_nobody_is() -> None:
    assert embodied(Scene(name="empty")).embodiments == ()
    assert embodied(starter.load("cube_toss")).embodiments == ()
