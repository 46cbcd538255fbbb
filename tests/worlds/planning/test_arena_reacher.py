"""The arena `reacher` by CLEAR-LeWM's rules."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import InputError
from lifeworld.worlds.flat import WorldFlat
from lifeworld.worlds.flat.tworoom import TwoRoom
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_reacher import ArenaReacher
from lifeworld.worlds.planning.play import play

ARENA = ArenaReacher()


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_goal_is_elsewhere_whatever_is_varied(factor: str) -> None:
    for how in ARENA.variations[factor]:
        world = ARENA.world(**how)
        start = ARENA.start(world, seed=1)
        goal = ARENA.goal(world, start, seed=1)
        assert ARENA.reached(world, start, goal) == Reached(False, False)
        assert ARENA.reached(world, goal, goal) == Reached(True, True)
        assert not start.row[2:].any()


@pytest.mark.parametrize(("change", "expected"), [
    ((0.03, 0.03), (True, False)),  # 24 cm of arm: 1 cm is 0.04 rad
    ((0.03, -0.03), (True, True)),
    ((0.06, 0.0), (False, False)),
    ((2 * np.pi + 0.01, 0.0), (True, True)),  # the shoulder turns without end
    ((-0.05, 0.09), (False, True)),  # the finger is there, the arm is not held so
])  # fmt: skip
def test_near_and_strict(change: tuple[float, float], expected: tuple[bool, bool]) -> None:
    world = ARENA.world()
    goal = world.state([0.5, 0.2, 0.0, 0.0])
    assert ARENA.reached(world, world.state([0.5 + change[0], 0.2 + change[1], 0.0, 0.0]), goal) == Reached(*expected)


def test_the_player_goes_everywhere_at_the_pace() -> None:
    world, rows = ARENA.world(), []
    for seed in range(4):
        episode = play(ARENA, world, seed=seed, seconds=10.0)
        done = np.asarray(episode["action@arm"].values)
        assert np.array_equal(done[::5], done[4::5])
        assert len(episode["rgb@above"]) == 101
        rows.append(np.asarray(episode["embodiment_state@arm"].values))
    spread = np.concatenate(rows)
    assert spread[:, 0].std() > 1.2
    assert spread[:, 1].std() > 0.8


def test_another_world_is_refused() -> None:
    world = WorldFlat(TwoRoom())
    with pytest.raises(InputError, match=r"arena\.world"):
        ARENA.reached(world, world.reset(None, seed=0), world.reset(None, seed=1))
