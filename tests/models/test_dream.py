"""A model as a world: the laws of worlds, and what is particular to a dream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import ActionError, EditError, SignalUnavailable, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.seed import generator
from lifeworld.episode.bundle import open_bundle
from lifeworld.models.play.dream import WorldDream, opening
from lifeworld.scene.edit import Remove
from lifeworld.testing.trial import Trial
from lifeworld.testing.world import WORLD_LAWS


@pytest.fixture(scope="module")
def world(model: Path) -> WorldDream:
    return WorldDream(model)


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Callable[[Trial], None], world: WorldDream) -> None:
    law(Trial(world, tiny.episode(100), seed=3, ticks=5, tolerance=1e-2))


def test_what_is_dreamed_says_so_and_how_sure_it_is(world: WorldDream) -> None:
    state = world.step(world.reset(tiny.episode(100), seed=0), {})
    seen = world.observe(state, ["rgb"])
    assert seen.origin is Origin.DREAMED is world.spec.origin
    assert seen["rgb"].shape == (16, 16, 3)
    sure = seen.certainty["rgb@above"]
    assert sure.shape == (16, 16)
    assert sure.dtype == np.float32
    assert sure.min() >= 0
    assert sure.max() <= 1


def test_it_begins_with_the_last_real_picture_and_does_what_it_is_told(world: WorldDream) -> None:
    frames, _ = tiny.play(5)
    state = world.reset(frames[:2], seed=0)
    np.testing.assert_array_equal(world.observe(state, ["rgb"])["rgb"], frames[1])

    def middle(*action: float) -> np.ndarray[Any, Any]:
        """Where the square is (x, y) after four pictures of an action."""
        here = state
        for _ in range(4):
            here = world.step(here, {"square": np.array(action)})
        bright = world.observe(here, ["rgb"])["rgb"][..., 0].astype(float) - 30
        return np.array([(bright.sum(axis=0) * np.arange(16)).sum(), (bright.sum(axis=1) * np.arange(16)).sum()]) / bright.sum()

    right, left, down, up = middle(20, 0), middle(-20, 0), middle(0, 20), middle(0, -20)
    assert right[0] > left[0] + 1
    assert down[1] > up[1] + 1


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 5), ticks=st.integers(1, 4))
def test_a_rollout_is_stepping_up_to_rounding(seed: int, n: int, ticks: int, world: WorldDream) -> None:
    starts = [world.reset(tiny.episode(seed + i), seed=0) for i in range(n)]
    actions = generator(seed, "actions").uniform(-20, 20, (n, ticks, 2))
    ends, seen = world.rollout(starts, {"square": actions}, ["rgb"])
    assert seen["rgb"].shape == (n, ticks, 16, 16, 3)
    assert seen.certainty["rgb@above"].shape == (n, ticks, 16, 16)
    for i, state in enumerate(starts):
        for tick in range(ticks):
            state = world.step(state, {"square": actions[i, tick]})
        alone = world.observe(state, ["rgb"])["rgb"].astype(int)
        assert np.abs(alone - seen["rgb"][i, -1]).max() <= 6
        assert ends[i].tick == state.tick == ticks


def test_a_saved_dream_goes_on_to_the_bit_and_damage_is_noticed(world: WorldDream) -> None:
    state = world.step(world.reset(tiny.episode(1), seed=0), {"square": np.array([5.0, 5.0])})
    data = world.save(state)
    one, other = (world.observe(world.step(s, {}), ["rgb"]) for s in (state, world.load(data)))
    np.testing.assert_array_equal(one["rgb"], other["rgb"])
    np.testing.assert_array_equal(one.certainty["rgb@above"], other.certainty["rgb@above"])
    for at in generator(0, "damage").integers(0, len(data), 30).tolist():
        spoiled = bytearray(data)
        spoiled[at] ^= 0x55
        with pytest.raises(StateError):
            world.load(bytes(spoiled))


def test_a_thousand_steps_do_not_blow_up(world: WorldDream) -> None:
    state = world.reset(tiny.episode(2), seed=0)
    actions = generator(2, "long").uniform(-20, 20, (1, 1000, 2))
    (end,), _ = world.rollout([state], {"square": actions}, [])
    hidden = end.inner["hidden"]
    assert np.isfinite(hidden).all()
    assert np.abs(hidden).max() < 100
    assert world.observe(end, ["rgb"])["rgb"].std() > 3  # still a square on a ground


def test_what_does_not_fit_is_refused(world: WorldDream, model: Path) -> None:
    state = world.reset(tiny.episode(1), seed=0)
    wrong: list[tuple[type[Exception], Callable[[], object]]] = [
        (ActionError, lambda: world.step(state, {"somebody": np.zeros(2)})),
        (ActionError, lambda: world.step(state, {"square": np.zeros(3)})),
        (ActionError, lambda: world.step(state, {"square": np.array([np.nan, 0])})),
        (ActionError, lambda: world.rollout([state], {"square": np.zeros((2, 3, 2))})),
        (ActionError, lambda: world.rollout([state], {})),
        (StateError, lambda: world.rollout([], {}, ticks=2)),
        (StateError, lambda: world.reset(tiny.play(1)[0][:1], seed=0)),
        (StateError, lambda: world.reset(np.zeros((2, 16, 16)), seed=0)),  # type: ignore[arg-type]
        (StateError, lambda: opening(tiny.episode(1, pictures=3), world.card, pictures=9)),
        (SignalUnavailable, lambda: world.observe(state, ["depth_m"])),
        (EditError, lambda: world.edit(state, Remove(name="square"))),
    ]
    for error, attempt in wrong:
        with pytest.raises(error):
            attempt()


def test_pictures_of_another_size_and_pace_are_brought_to_the_models(world: WorldDream, tmp_path: Path) -> None:
    large = open_bundle(tiny.bundle(tmp_path / "large", 1, pictures=20, size=32))[0]
    pictures = opening(large, world.card, first=3)
    assert pictures.shape == (2, 16, 16, 3)
    state = world.reset(large, seed=0)
    assert world.observe(state, ["rgb"])["rgb"].shape == (16, 16, 3)
