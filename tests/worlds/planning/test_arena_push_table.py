"""The arena `push_table`: goals are what somebody pushed, and things are where they are in the goal's picture or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lifeworld.core.errors import InputError
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import Move
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.planning import manifest
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_push_table import PERIODS, push_table, yaw
from lifeworld.worlds.planning.arena_scene import WorldStaged
from lifeworld.worlds.planning.play import play

ARENA = push_table()


@pytest.fixture(scope="module")
def world() -> WorldStaged:
    return ARENA.world()


@pytest.fixture(scope="module")
def pair(world: WorldStaged) -> tuple[PhysicsState, PhysicsState]:
    start = ARENA.start(world, seed=5)
    return start, ARENA.goal(world, start, seed=5)


def test_a_goal_has_something_pushed_and_is_not_reached_yet(world: WorldStaged, pair: tuple[PhysicsState, PhysicsState]) -> None:
    start, goal = pair
    before, after = (world.observe(state, ["position_m"])["position_m"] for state in pair)
    assert np.linalg.norm(after - before, axis=1).max() > 0.06
    assert ARENA.reached(world, start, goal) == Reached(False, False)
    assert ARENA.reached(world, goal, goal) == Reached(True, True)
    assert np.abs(world.observe(start, ["linear_velocity_m_s"])["linear_velocity_m_s"]).max() < 0.02
    assert np.array_equal(ARENA.goal(world, ARENA.start(world, seed=5), seed=5).vector, goal.vector)


@pytest.mark.parametrize(("name", "shift_m", "turn_deg", "expected"), [
    ("block", 0.01, 0.0, (True, True)),
    ("block", 0.02, 0.0, (True, False)),
    ("block", 0.04, 0.0, (False, False)),
    ("block", 0.0, 90.0, (True, True)),  # a square block looks the same after a quarter turn
    ("block", 0.0, 45.0, (True, False)),
    ("brick", 0.0, 180.0, (True, True)),
    ("brick", 0.0, 90.0, (True, False)),
    ("drum", 0.0, 70.0, (True, True)),
])  # fmt: skip
def test_near_and_strict(
    world: WorldStaged, pair: tuple[PhysicsState, PhysicsState], name: str, shift_m: float, turn_deg: float, expected: tuple[bool, bool]
) -> None:
    goal = pair[1]
    here = world.scene(goal).thing(name).pose
    assert here is not None
    half = np.deg2rad(turn_deg) / 2
    turned = Pose(quat_wxyz=(np.cos(half), 0.0, 0.0, np.sin(half))) @ Pose(quat_wxyz=here.quat_wxyz)
    pose = Pose(here.position_m + [shift_m, 0.0, 0.0], turned.quat_wxyz)
    assert ARENA.reached(world, world.edit(goal, Move(name, pose)), goal) == Reached(*expected)


def test_its_errands_can_be_frozen(tmp_path: Path) -> None:
    """Bytes of our physics come back in another world of the arena, to the bit."""
    made = manifest.freeze(ARENA, count=1, seed=3)
    manifest.write(made, tmp_path / "m.json")
    again = manifest.read(tmp_path / "m.json")
    world = again.world()
    ((start, goal, seed),) = again.errands(world)
    assert again.arena().reached(world, start, goal) == Reached(False, False)
    drawn = ARENA.start(ARENA.world(), seed=seed)
    assert np.array_equal(start.vector, drawn.vector)
    assert np.array_equal(world.step(start, {}).vector, ARENA.world().step(drawn, {}).vector)


def test_turns_are_about_the_vertical() -> None:
    for angle in np.linspace(-3.0, 3.0, 7):
        assert yaw(np.array([np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)])) == pytest.approx(angle)


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_factor_varied_is_seen_or_felt(factor: str) -> None:
    plain = ARENA.world()
    shown = plain.observe(ARENA.begin(plain, seed=1), ["rgb", "mass_kg"])
    for how in ARENA.variations[factor]:
        world = ARENA.world(**how)
        there = world.observe(ARENA.begin(world, seed=1), ["rgb", "mass_kg"])
        differs = not np.array_equal(shown["rgb"], there["rgb"]) or not np.array_equal(shown["mass_kg"], there["mass_kg"])
        assert differs or world.stage.thing("board").friction != plain.stage.thing("board").friction
        assert world.spec.things == plain.spec.things


def test_a_play_has_a_picture_a_decision(world: WorldStaged) -> None:
    episode = play(ARENA, world, seed=1, seconds=2.0)
    done = np.asarray(episode["action@pusher"].values)
    assert np.array_equal(episode["rgb@above"].times_ns, np.arange(11) * 200_000_000)
    assert np.array_equal(done[::10], done[9::10])
    assert {"position_m", "quat_wxyz", "embodiment_state@pusher"} <= set(episode.streams)
    assert set(PERIODS) <= set(world.spec.things)


def test_another_world_is_refused() -> None:
    with pytest.raises(InputError, match=r"arena\.world"):
        ARENA.begin(WorldPhysics(), seed=0)
