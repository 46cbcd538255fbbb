"""The arena `gap_table`: two rooms in our own physics."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import LimitError
from lifeworld.worlds.physics.engine import PhysicsState
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_gap_table import MIDDLE_M, gap_table, scene
from lifeworld.worlds.planning.arena_scene import WorldStaged
from lifeworld.worlds.planning.play import play

ARENA = gap_table()


@pytest.fixture(scope="module")
def world() -> WorldStaged:
    return ARENA.world()


def place(world: WorldStaged, state: PhysicsState) -> np.ndarray:  # type: ignore[type-arg]
    return world.observe(state, ARENA.looks)["embodiment_state@pusher"][:2]


@pytest.mark.parametrize("seed", range(2))
def test_a_goal_is_in_the_other_room(world: WorldStaged, seed: int) -> None:
    start = ARENA.start(world, seed=seed)
    goal = ARENA.goal(world, start, seed=seed)
    assert (place(world, start)[1] > MIDDLE_M) != (place(world, goal)[1] > MIDDLE_M)
    assert ARENA.reached(world, start, goal) == Reached(False, False)
    assert ARENA.reached(world, goal, goal) == Reached(True, True)


def test_the_wall_holds_and_the_gap_lets_through(world: WorldStaged) -> None:
    """Straight on from its beginning it comes to the wall and no further; by way of the gap it gets into the other room."""
    state = ARENA.begin(world, seed=0)
    for _ in range(75):
        state = world.step(state, {"pusher": np.array([0.0, 0.6])})
    assert 0.1 < place(world, state)[1] < MIDDLE_M
    state = ARENA.begin(world, seed=0)
    for way in ((0.2, 0.0), (0.0, 0.4)):
        for _ in range(25 if way[0] else 50):
            state = world.step(state, {"pusher": np.array(way)})
    assert place(world, state)[1] > MIDDLE_M + 0.05


def test_the_player_goes_through(world: WorldStaged) -> None:
    agent, crossed = ARENA.player(world), 0
    for seed in range(3):
        agent.begin(world.spec, seed=seed)
        state, along = ARENA.begin(world, seed=seed), []
        for tick in range(400):
            seen = world.observe(state, agent.signals)
            state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
            along.append(seen["embodiment_state@pusher"][1])
        crossed += int(max(along) > MIDDLE_M + 0.05)
    assert crossed >= 2


def test_a_play_has_a_picture_a_decision(world: WorldStaged) -> None:
    episode = play(ARENA, world, seed=0, seconds=2.0)
    done = np.asarray(episode["action@pusher"].values)
    assert np.array_equal(done[::10], done[9::10])
    assert len(episode["rgb@above"]) == 11


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_factor_varied_is_seen(factor: str) -> None:
    plain = ARENA.world()
    shown = plain.observe(ARENA.begin(plain, seed=1), ["rgb"])["rgb"]
    for how in ARENA.variations[factor]:
        world = ARENA.world(**how)
        assert not np.array_equal(world.observe(ARENA.begin(world, seed=1), ["rgb"])["rgb"], shown)


def test_a_gap_that_cannot_be_is_refused() -> None:
    with pytest.raises(LimitError, match="no such gap"):
        scene(gap_m=0.24)
    with pytest.raises(LimitError, match="no such gap"):
        scene(width_m=0.01)
