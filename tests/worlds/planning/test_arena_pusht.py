"""The arena `pusht` by CLEAR-LeWM's rules."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.arena_pusht import ArenaPushT
from lifeworld.worlds.planning.play import play

ARENA = ArenaPushT()


@pytest.mark.parametrize("seed", range(3))
def test_a_goal_has_the_block_moved_and_is_not_reached_yet(seed: int) -> None:
    world = ARENA.world()
    start = ARENA.start(world, seed=seed)
    goal = ARENA.goal(world, start, seed=seed)
    assert ARENA.reached(world, start, goal) == Reached(False, False)
    assert ARENA.reached(world, goal, goal) == Reached(True, True)
    assert not start.row[5:].any()
    assert start.tick == goal.tick == 0
    assert np.array_equal(ARENA.goal(world, ARENA.start(world, seed=seed), seed=seed).row, goal.row)


@pytest.mark.parametrize(("change", "expected"), [
    ({0: 19.0}, (True, True)),
    ({0: 21.0}, (False, True)),  # the disk counts by the published rules, not by the strict ones
    ({2: 9.0}, (True, True)),
    ({2: 11.0}, (True, False)),
    ({0: 15.0, 2: 15.0}, (False, False)),  # 21 px together
    ({4: np.deg2rad(9.0)}, (True, True)),
    ({4: np.deg2rad(-19.0)}, (True, False)),
    ({4: np.deg2rad(21.0)}, (False, False)),
    ({4: 2 * np.pi - 0.05}, (True, True)),
])  # fmt: skip
def test_near_and_strict(change: dict[int, float], expected: tuple[bool, bool]) -> None:
    world = ARENA.world()
    row = np.array([200.0, 200.0, 256.0, 300.0, 0.02, 0, 0, 0, 0, 0])
    other = row.copy()
    for number, by in change.items():
        other[number] += by
    assert ARENA.reached(world, world.state(other), world.state(row)) == Reached(*expected)


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_factor_varied_still_has_pairs(factor: str) -> None:
    how = ARENA.variations[factor][0]
    world = ARENA.world(**how)
    start = ARENA.start(world, seed=1)
    assert not any(ARENA.reached(world, start, ARENA.goal(world, start, seed=1)))


def test_the_player_pushes_and_decides_at_the_pace() -> None:
    world, far = ARENA.world(), []
    for seed in range(3):
        episode = play(ARENA, world, seed=seed, seconds=10.0)
        done, places = np.asarray(episode["action@agent"].values), np.asarray(episode["position_m"].values)
        assert np.array_equal(done[::5], done[4::5])
        assert len(episode["rgb@above"]) == 21
        far.append(np.linalg.norm(places[-1] - places[0], axis=1).max())
    assert max(far) > 0.03
