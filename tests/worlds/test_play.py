"""Plays of games: what is held lies within bounds, one arrow at a time; each game is an episode; what lies there is not played again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import ActionError, InputError, LimitError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.worlds.game.agent import AgentSticky
from lifeworld.worlds.game.game import keys
from lifeworld.worlds.game.play import games, play_to, sessions
from lifeworld.worlds.world import ActionSpec, WorldSpec

CAR = ActionSpec(name="car", labels=("number_0", "number_1", "number_2"), low=(-1.0, 0.0, 0.0), high=(1.0, 1.0, 1.0), rest=(0.0, 0.0, 0.0))
TICK_NS = 50_000_000


def spec(action: ActionSpec) -> WorldSpec:
    return WorldSpec(
        engine="test", engine_version="1", tick_ns=TICK_NS, actions=(action,), signals={}, things=(), origin="simulated", renderer="none"  # type: ignore[arg-type]
    )  # fmt: skip


def held(action: ActionSpec, seed: int, ticks: int = 400) -> np.ndarray:
    agent = AgentSticky()
    agent.begin(spec(action), seed=seed)
    return np.array([agent.act(None, time_ns=i * TICK_NS)[action.name] for i in range(ticks)])


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_keys_are_pressed_or_not_and_opposites_exclude_each_other(seed: int) -> None:
    found = held(keys("player", ("left", "right", "up", "down", "fire", "look")), seed)
    assert set(np.unique(found)) <= {0.0, 1.0}
    assert not (found[:, 0] * found[:, 1]).any()
    assert not (found[:, 2] * found[:, 3]).any()
    assert not (found[:, 4] * found[:, 5]).any()
    assert np.array_equal(found, held(keys("player", ("left", "right", "up", "down", "fire", "look")), seed))


def test_rather_right_than_left_and_for_about_half_a_second() -> None:
    found = np.concatenate([held(keys("player", ("left", "right")), seed) for seed in range(10)])
    assert 0.4 < found[:, 1].mean() < 0.6
    assert 0.1 < found[:, 0].mean() < 0.3
    changes = (np.diff(found, axis=0) != 0).any(axis=1).mean()
    assert 0.03 < changes < 0.1  # every tenth tick draws anew, and may draw the same


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_numbers_keep_their_bounds_and_one_pedal_is_pressed_at_a_time(seed: int) -> None:
    found = held(CAR, seed)
    assert (np.abs(found[:, 0]) <= 1).all()
    assert (found[:, 1:] >= 0).all()
    assert not (found[:, 1] * found[:, 2]).any()
    assert (found[:, 0] == 0).any()
    assert (found[:, 1] > 0).any()


def test_keys_without_arrows_are_all_tried_and_nobody_acts_before_beginning() -> None:
    assert (held(keys("player", tuple(f"choice_{i}" for i in range(5))), 0, 2000).mean(axis=0) > 0.05).all()
    with pytest.raises(ActionError, match="has not begun"):
        AgentSticky().act(None, time_ns=0)


@given(st.lists(st.integers(0, 99), max_size=4, unique=True))
@settings(max_examples=25, deadline=None)
def test_what_was_recorded_is_cut_at_the_ends_of_games(ends: list[int]) -> None:
    times, over = np.arange(100) * TICK_NS, np.zeros(100, bool)
    over[ends] = True
    pictures = np.arange(100, dtype=np.uint8)[:, None, None, None].repeat(8, 1).repeat(8, 2).repeat(3, 3)
    streams = {
        "rgb@screen": Stream(SIGNALS["rgb"], times, pictures, origin="simulated", source="screen"),
        "reward": Stream(SIGNALS["reward"], times, np.zeros(100), origin="simulated", source=""),
        "terminated": Stream(SIGNALS["terminated"], times, over, origin="simulated", source=""),
        "action@player": Stream(SIGNALS["action"], times, np.arange(100.0)[:, None], origin="simulated", source="player"),
    }
    whole = Episode(streams=streams, provenance=Provenance.now(engine="test", engine_version="1", seed=0), title="game")
    for part in games(whole):
        shown, done = part["rgb@screen"], part["action@player"]
        assert shown.times_ns[0] == done.times_ns[0] == 0
        assert len(shown) == len(done) >= 31  # a second and a half
        numbers = shown.values[:, 0, 0, 0].astype(int)
        assert np.array_equal(numbers, done.values[:, 0])
        assert not set(numbers.tolist()) & set(ends)
        assert np.array_equal(np.diff(numbers), np.ones(len(numbers) - 1))
    edges = [-1, *sorted(ends), 100]
    assert len(games(whole)) == sum(b - a - 1 >= 31 for a, b in pairwise(edges))


def test_sessions_are_minutes() -> None:
    assert (sessions(0.1), sessions(1), sessions(2.5)) == (1, 1, 3)
    for minutes in (0, -1, float("nan"), 1e9):
        with pytest.raises(LimitError, match="nobody plays"):
            sessions(minutes)


@pytest.mark.slow
def test_a_game_is_played_into_a_bundle_once(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    folder = tmp_path / "play"
    play_to(folder, "MountainCar-v0", minutes=0.2, seed=3)
    bundle = open_bundle(folder)
    assert len(bundle) >= 1
    assert bundle[0].legend["action@player"] == ("choice_0", "choice_1", "choice_2")
    uids, told = bundle.uids, list[int]()
    play_to(folder, "MountainCar-v0", minutes=0.2, seed=3, on_session=lambda: told.append(1))
    assert open_bundle(folder).uids == uids
    assert told == [1]
    with pytest.raises(InputError, match="something else"):
        play_to(folder, "MountainCar-v0", minutes=0.2, seed=4)
    with pytest.raises(InputError):
        play_to(tmp_path / "none", "NoSuchGame-v0", minutes=0.2, seed=0)
    assert not (tmp_path / "none").exists()
