"""Games keep the laws of worlds: a state is a value, forks are exact, whatever plays underneath."""

import numpy as np
import pytest

from lifeworld.core.errors import ActionError, EditError, StateError, UnknownName
from lifeworld.scene.edit import Remove
from lifeworld.testing.trial import Trial
from lifeworld.testing.world import WORLD_LAWS, Law
from lifeworld.worlds.agent import AgentRandom
from lifeworld.worlds.game import WorldGame
from lifeworld.worlds.game.procgen import KEYS, combination


@pytest.fixture(scope="module", params=["coinrun", "CarRacing-v3"])
def world(request: pytest.FixtureRequest):
    made = WorldGame(request.param)
    yield made
    made.close()


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_games_keep_the_laws_of_worlds(world: WorldGame, law: Law) -> None:
    law(Trial(world, None, seed=3, ticks=4))


def test_a_fork_far_back_is_exact(world: WorldGame) -> None:
    agent = AgentRandom(scale=2.0)
    agent.begin(world.spec, seed=1)
    states = [world.reset(None, seed=5)]
    actions = [agent.act(None, time_ns=0) for _ in range(40)]
    for action in actions:
        states.append(world.step(states[-1], action))
    rng = np.random.default_rng(0)
    for tick in rng.integers(0, 39, 6):
        again = world.step(states[tick], actions[tick])
        assert np.array_equal(again.shown.rgb, states[tick + 1].shown.rgb)
        assert again.shown.reward == states[tick + 1].shown.reward


def test_seeds_begin_other_games(world: WorldGame) -> None:
    """A few steps in: some games begin with the same picture."""
    seen = []
    for seed in (1, 2):
        state = world.reset(None, seed=seed)
        for _ in range(5):
            state = world.step(state, {})
        seen.append(state.shown.rgb)
    assert not np.array_equal(*seen)


def test_another_process_goes_on_from_saved_bytes() -> None:
    one, other = WorldGame("coinrun"), WorldGame("coinrun")
    state = one.reset(None, seed=7)
    for _ in range(10):
        state = one.step(state, {"player": one.keys("right")})
    back = other.load(one.save(state))
    for _ in range(10):
        state, back = one.step(state, {"player": one.keys("right", "up")}), other.step(back, {"player": other.keys("right", "up")})
        assert np.array_equal(state.shown.rgb, back.shown.rgb)
    with pytest.raises(StateError, match="another game"):
        WorldGame("maze").load(one.save(state))


def test_keys_are_procgen_combinations() -> None:
    """In procgen's order (procgen/env.py, get_combos)."""
    combos = [
        ("left", "down"), ("left",), ("left", "up"), ("down",), (), ("up",), ("right", "down"), ("right",), ("right", "up"),
        ("d",), ("a",), ("w",), ("s",), ("q",), ("e",),
    ]  # fmt: skip
    for number, pressed in enumerate(combos):
        assert combination(np.array([float(key in pressed) for key in KEYS])) == number
    assert combination(np.array([float(key in ("left", "right")) for key in KEYS])) == 4


def test_an_end_is_told_and_the_next_game_begins() -> None:
    """CarRacing is cut after 1,000 ticks by its own limit; here after 30."""
    world = WorldGame("CarRacing-v3", max_episode_steps=30)
    state = world.reset(None, seed=0)
    for _ in range(30):
        state = world.step(state, {})
    assert state.shown.truncated
    after = world.step(state, {})
    assert not after.shown.truncated
    again = world.step(state, {})
    assert np.array_equal(after.shown.rgb, again.shown.rgb)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownName, match="coinrun"):
        WorldGame("coinrum")
    with pytest.raises(UnknownName, match="CarRacing"):
        WorldGame("CarRacin-v3")
    world = WorldGame("coinrun")
    state = world.reset(None, seed=0)
    with pytest.raises(EditError, match="cannot be edited"):
        world.edit(state, Remove("coin"))
    with pytest.raises(ActionError, match="no such key"):
        world.keys("jump")
    with pytest.raises(StateError, match="begins by itself"):
        world.reset("a scene", seed=0)  # type: ignore[arg-type]
    with pytest.raises(StateError):
        world.load(world.save(state)[:-5])
