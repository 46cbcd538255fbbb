"""The arena `drawer`: how far a drawer stands open is what counts."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.origin import Origin
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_drawer import drawer
from lifeworld.worlds.planning.arena_scene import WorldStaged
from lifeworld.worlds.planning.play import play
from lifeworld.worlds.world import Observation

ARENA = drawer()


@pytest.fixture(scope="module")
def world() -> WorldStaged:
    return ARENA.world()


def test_a_goal_has_the_drawer_elsewhere(world: WorldStaged) -> None:
    start = ARENA.start(world, seed=2)
    goal = ARENA.goal(world, start, seed=2)
    out = [world.observe(state, ["joint_position"])["joint_position"][0] for state in (start, goal)]
    assert abs(out[0] - out[1]) > 0.08
    assert 0.03 < out[1] < 0.32
    assert ARENA.reached(world, start, goal) == Reached(False, False)
    assert ARENA.reached(world, goal, goal) == Reached(True, True)


@pytest.mark.parametrize(("off_m", "expected"), [(0.009, (True, True)), (-0.012, (True, False)), (0.03, (False, False))])
def test_near_and_strict(world: WorldStaged, off_m: float, expected: tuple[bool, bool]) -> None:
    seen, goal = (
        Observation(time_ns=0, values={"joint_position": np.array([out, 0.0, 0.0])}, origin=Origin.SIMULATED) for out in (0.2 + off_m, 0.2)
    )
    assert ARENA.near(world.stage, seen, goal) == Reached(*expected)


def test_the_player_opens_and_shuts_at_the_pace(world: WorldStaged) -> None:
    agent, out = ARENA.player(world), []
    for seed in range(2):
        agent.begin(world.spec, seed=seed)
        state = ARENA.begin(world, seed=seed)
        for tick in range(300):
            seen = world.observe(state, (*agent.signals, "joint_position"))
            state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
            out.append(seen["joint_position"][0])
    assert np.ptp(out) > 0.2
    episode = play(ARENA, world, seed=0, seconds=1.0)
    assert len(episode["rgb@front"]) == 6
    assert np.array_equal(episode["action@hand"].values[::10], episode["action@hand"].values[9::10])


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_factor_varied_is_seen(factor: str, world: WorldStaged) -> None:
    shown = world.observe(ARENA.begin(world, seed=0), [ARENA.camera])[ARENA.camera]
    other = ARENA.world(**ARENA.variations[factor][0])
    assert not np.array_equal(other.observe(ARENA.begin(other, seed=0), [ARENA.camera])[ARENA.camera], shown)
