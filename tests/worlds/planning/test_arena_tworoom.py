"""The arena `tworoom` by CLEAR-LeWM's rules, and plays of it as episodes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lifeworld.cli import main
from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.episode.bundle import open_bundle
from lifeworld.worlds.flat import WorldFlat
from lifeworld.worlds.flat.tworoom import MIDDLE_PX, TwoRoom
from lifeworld.worlds.planning.arena import Reached, judged
from lifeworld.worlds.planning.arena_tworoom import ArenaTwoRoom
from lifeworld.worlds.planning.arenas import ARENAS, named
from lifeworld.worlds.planning.play import play, play_to

ARENA = ArenaTwoRoom()


@pytest.mark.parametrize("seed", range(6))
def test_a_goal_is_in_the_other_room_not_reached_and_can_be(seed: int) -> None:
    """It is where a play of 25 ticks from the start ends: what led there reaches it."""
    world = ARENA.world()
    start = ARENA.start(world, seed=seed)
    goal = ARENA.goal(world, start, seed=seed)
    assert (start.row[0] - MIDDLE_PX) * (goal.row[0] - MIDDLE_PX) < 0
    assert ARENA.reached(world, start, goal) == Reached(False, False)
    assert np.array_equal(ARENA.goal(world, start, seed=seed).row, goal.row)
    assert start.tick == goal.tick == 0


def test_near_is_16_px_and_strict_8_on_the_goals_side() -> None:
    world = ARENA.world()
    goal = world.state([130.0, 49.0])
    assert ARENA.reached(world, world.state([145.9, 49.0]), goal) == Reached(True, False)
    assert ARENA.reached(world, world.state([146.1, 49.0]), goal) == Reached(False, False)
    assert ARENA.reached(world, world.state([137.9, 49.0]), goal) == Reached(True, True)
    at_the_door = world.state([123.5, 49.0])  # 6.5 px away, not yet out of the doorway
    assert ARENA.reached(world, at_the_door, goal) == Reached(True, False)


def test_a_course_is_judged_tick_by_tick() -> None:
    """Moderate counts at the first hit; strict has to hold for as long as the arena says."""

    class Twice(ArenaTwoRoom):
        still = 2

    world, goal = ARENA.world(), ARENA.world().state([150.0, 49.0])
    far, near, there = (world.state([x, 49.0]) for x in (190.0, 160.0, 151.0))
    assert judged(ARENA, world, goal, [far, near, far]) == Reached(True, False)
    assert judged(ARENA, world, goal, [far, there, far]) == Reached(True, True)
    assert judged(Twice(), world, goal, [there, far, there]) == Reached(True, False)
    assert judged(Twice(), world, goal, [there, there]) == Reached(True, True)


@pytest.mark.parametrize("factor", ARENA.variations)
def test_a_factor_varied_still_has_pairs(factor: str) -> None:
    for how in ARENA.variations[factor]:
        world = ARENA.world(**how)
        start = ARENA.start(world, seed=1)
        assert not ARENA.reached(world, start, ARENA.goal(world, start, seed=1)).moderate
        assert not np.array_equal(world.observe(start, ["rgb"])["rgb"], ARENA.world().observe(start, ["rgb"])["rgb"]) or "speed" in factor


def test_the_player_decides_at_the_pace_and_goes_everywhere() -> None:
    world, crossed, places = ARENA.world(), 0, []
    for seed in range(8):
        episode = play(ARENA, world, seed=seed, seconds=20.0)
        done = np.asarray(episode["action@agent"].values)
        assert np.array_equal(done[::5], done[4::5])
        assert len(np.unique(done[::5], axis=0)) > 30
        rows = np.asarray(episode["embodiment_state@agent"].values)
        crossed += int(np.any(rows[:, 0] < 90) and np.any(rows[:, 0] > 134))
        places.append(rows)
        assert len(episode["rgb@above"]) == 41
    everywhere = np.concatenate(places)
    assert crossed >= 4
    assert np.ptp(everywhere, axis=0).min() > 150


def test_plays_are_a_bundle_and_come_again(tmp_path: Path) -> None:
    counted = []
    for folder in ("one", "two"):
        play_to(tmp_path / folder, ARENA, episodes=3, seed=4, seconds=3.0, workers=1, on_episode=lambda: counted.append(1))
    one, two = (open_bundle(tmp_path / folder) for folder in ("one", "two"))
    assert len(one) == len(two) == 3
    assert len(counted) == 6
    for a, b in zip(one, two, strict=True):
        for stream in ("action@agent", "embodiment_state@agent", "rgb@above"):
            assert np.array_equal(np.asarray(a[stream].values[:]), np.asarray(b[stream].values[:]))
    assert not np.array_equal(np.asarray(one[0]["action@agent"].values), np.asarray(one[1]["action@agent"].values))


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="tworoom"):
        named("tworom")
    with pytest.raises(LimitError, match="episodes"):
        play_to(tmp_path / "none", ARENA, episodes=0, seed=0)
    with pytest.raises(UnknownName, match="player"):
        play_to(tmp_path / "none", ARENA, episodes=1, seed=0, agent="plaer")
    assert not (tmp_path / "none").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "data").mkdir()
    with pytest.raises(InputError, match="no bundle"):
        play_to(tmp_path / "mine", ARENA, episodes=1, seed=0, anew=True)
    assert (tmp_path / "mine" / "data").is_dir()
    world = WorldFlat(TwoRoom())
    with pytest.raises(InputError, match="other room"):
        ARENA.goal(world, world.state([21.0, 203.0]), seed=0)


def test_every_arena_is_called_as_it_is_named() -> None:
    for name in ARENAS:
        assert named(name).name == name


def test_make_plays_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`lifeworld make tworoom`: pictures at the pace of decisions; what belongs to scenes is refused."""
    assert main(["make", "tworoom", "-o", str(tmp_path / "out"), "--episodes", "2", "--seconds", "4", "--pixels", "32x32", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    episode = open_bundle(said["bundle"]).episode(said["episodes"][0])
    assert np.array_equal(episode["rgb@above"].times_ns, np.arange(9) * 500_000_000)
    assert episode["rgb@above"].values.shape == (9, 32, 32, 3)
    assert len(episode["action@agent"]) == 40
    assert main(["make", "tworoom", "-o", str(tmp_path / "no"), "--events", "gust", "--json"]) == 2
    assert "--events" in capsys.readouterr().out
    assert main(["make", "tworoom", "-o", str(tmp_path / "no"), "--pixels", "32x48", "--json"]) == 2
    assert not (tmp_path / "no").exists()
