"""The kind jepa: embeddings foreseen at once as one by one, what a cost's slope and an aim say of them, and states that draw nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import ActionError, InputError, LimitError
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.jepa.network import Jepa, JepaShape
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.kinds import fresh
from lifeworld.testing.trial import Trial
from lifeworld.testing.world import WORLD_LAWS
from lifeworld.worlds.world import Observation

SHAPE = JepaShape(height=16, width=16, actions=2, context=2, numbers=16, wide=8, deep=32, layers=2, heads=2, reach=3)


def shaken(shape: JepaShape, footage: Footage) -> Jepa:
    """A model that has learned nothing, none of whose weights is nought: what begins at nothing would hide what it does."""
    model: Any = fresh(shape, footage.doing, seed=1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def world(footage: Footage, tmp_path_factory: pytest.TempPathFactory) -> WorldDream:
    folder = tmp_path_factory.mktemp("jepa") / "model"
    save(folder, shaken(SHAPE, footage), Card.of(SHAPE, footage, steps=1, seed=0))
    return WorldDream(folder)


@pytest.fixture(scope="module")
def unacted(tmp_path_factory: pytest.TempPathFactory) -> WorldDream:
    """One that learned from pictures alone."""
    folder = tmp_path_factory.mktemp("unacted")
    footage = open_footage(tiny.bundle(folder / "play", 3, acts=False), size=(16, 16), length=6, cache=folder)
    shape = replace(SHAPE, actions=0, latent=True)
    save(folder / "model", shaken(shape, footage), Card.of(shape, footage, steps=1, seed=0))
    return WorldDream(folder / "model")


@dataclass(frozen=True)
class Near:
    """A cost as CostImage says it: the mean squared distance from an embedding."""

    goal: NDArray[np.float32]
    signals: tuple[str, ...] = ("embedding",)

    def of(self, seen: Observation) -> NDArray[np.float64]:
        return np.square(seen["embedding"] - self.goal).mean(-1, dtype=np.float64)


def told(rng: np.random.Generator, n: int, ticks: int) -> dict[str, NDArray[np.float64]]:
    return {"square": rng.uniform(-18, 18, (n, ticks, 2))}


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_laws(law: Callable[[Trial], None], world: WorldDream) -> None:
    law(Trial(world, tiny.episode(100), seed=3, ticks=5, tolerance=2e-3))


@pytest.mark.parametrize("law", [law for law in WORLD_LAWS if "rest_and" not in law.__name__], ids=lambda law: law.__name__)
def test_laws_where_nobody_acts(law: Callable[[Trial], None], unacted: WorldDream) -> None:
    law(Trial(unacted, tiny.episode(100, acts=False), seed=3, ticks=4, tolerance=2e-3))


@given(before=st.integers(0, 4), ticks=st.integers(1, 8), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_at_once_is_one_by_one(world: WorldDream, before: int, ticks: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    state = world.reset(tiny.episode(100), seed=0)
    for _ in range(before):
        state = world.step(state, {"square": rng.uniform(-18, 18, 2)})
    actions = told(rng, 2, ticks)
    ends, at_once = world.rollout([state, state], actions, ["embedding"])
    _, both = world.rollout([state, state], actions, ["embedding", "rgb"])
    np.testing.assert_allclose(at_once["embedding"], both["embedding"], atol=1e-4)
    one = state
    for t in range(ticks):
        one = world.step(one, {"square": actions["square"][1, t]})
        seen = world.observe(one, ["embedding", "rgb"])
        np.testing.assert_allclose(seen["embedding"], at_once["embedding"][1, t], atol=1e-4)
        np.testing.assert_allclose(seen.certainty["embedding"], at_once.certainty["embedding"][1, t], atol=1e-4)
    end = world.observe(ends[1], ["rgb", "embedding"])  # drawn only now
    assert np.abs(end["rgb"].astype(int) - seen["rgb"].astype(int)).max() <= 3
    np.testing.assert_allclose(world.observe(world.step(ends[1], {}), ["embedding"])["embedding"],
                               world.observe(world.step(one, {}), ["embedding"])["embedding"], atol=1e-4)  # fmt: skip


def test_states_of_different_ages_go_on_together(world: WorldDream) -> None:
    young = world.reset(tiny.episode(100), seed=0)
    old = world.step(world.step(young, {}), {})
    actions = told(np.random.default_rng(0), 2, 5)
    _, together = world.rollout([young, old], actions, ["embedding"])
    for i, state in enumerate((young, old)):
        _, alone = world.rollout([state], {"square": actions["square"][i : i + 1]}, ["embedding"])
        np.testing.assert_allclose(together["embedding"][i], alone["embedding"][0], atol=1e-4)


def test_an_embedding_is_that_of_the_last_picture(world: WorldDream) -> None:
    pictures = tiny.play(5)[0][:2]
    moving, still = (world.reset(each, seed=0) for each in (pictures, pictures[[1, 1]]))
    seen = [world.observe(state, ["embedding"]) for state in (moving, still)]
    np.testing.assert_array_equal(seen[0]["embedding"], seen[1]["embedding"])
    assert seen[0].certainty["embedding"] == 1


def test_no_later_action_is_seen(world: WorldDream) -> None:
    state, actions = world.reset(tiny.episode(100), seed=0), told(np.random.default_rng(1), 1, 6)
    _, seen = world.rollout([state], actions, ["embedding"])
    for t in range(6):
        other = actions["square"].copy()
        other[:, t:] = -other[:, t:]
        _, changed = world.rollout([state], {"square": other}, ["embedding"])
        np.testing.assert_array_equal(seen["embedding"][:, :t], changed["embedding"][:, :t])
        assert not np.allclose(seen["embedding"][:, t], changed["embedding"][:, t], atol=1e-5)


def test_nothing_is_drawn_where_only_embeddings_are_asked_for(world: WorldDream, monkeypatch: pytest.MonkeyPatch) -> None:
    def draws(*_: object) -> None:
        raise AssertionError("drawn")

    state = world.reset(tiny.episode(100), seed=0)
    monkeypatch.setattr(Jepa, "painted", draws)
    ends, seen = world.rollout([state] * 3, told(np.random.default_rng(0), 3, 5), ["embedding"])
    assert seen["embedding"].shape == (3, 5, 16)
    assert seen.certainty["embedding"].shape == (3, 5)
    world.observe(ends[0], ["embedding"])
    with pytest.raises(AssertionError, match="drawn"):
        world.observe(ends[0], ["rgb"])


def test_a_slope_is_what_the_cost_changes_by(world: WorldDream) -> None:
    state, goal = world.reset(tiny.episode(100), seed=0), world.reset(tiny.episode(7), seed=0)
    cost = Near(world.observe(goal, ["embedding"])["embedding"])
    actions = np.random.default_rng(2).uniform(-15, 15, (2, 5, 2))
    costs, slope = world.slope(state, actions, cost)
    _, seen = world.rollout([state] * 2, {"square": actions}, ["embedding"])
    np.testing.assert_allclose(costs, cost.of(seen).sum(1), rtol=1e-4)
    step = 0.5
    for t, a in ((0, 0), (2, 1), (4, 0)):
        moved = np.stack([actions, actions])
        moved[0, :, t, a] += step
        moved[1, :, t, a] -= step
        up, down = (world.slope(state, each, cost)[0] for each in moved)
        np.testing.assert_allclose(slope[:, t, a], (up - down) / (2 * step), rtol=0.05, atol=2e-5)


def test_beyond_its_bounds_nothing_slopes(world: WorldDream) -> None:
    state = world.reset(tiny.episode(100), seed=0)
    _, slope = world.slope(state, np.full((1, 3, 2), 1e6), Near(np.zeros(16, np.float32)))
    assert not slope.any()


def test_an_aim_is_as_long_as_asked_and_within_bounds(world: WorldDream) -> None:
    state, spec = world.reset(tiny.episode(100), seed=0), world.spec.action("square")
    for ticks in (1, 3, 7):
        said = world.toward(state, Near(np.full(16, 3.0, np.float32)), ticks=ticks)["square"]
        assert said.shape == (ticks, 2)
        assert (said >= spec.low).all()
        assert (said <= spec.high).all()


def test_what_is_no_goal_among_embeddings_is_refused(world: WorldDream, model: Path) -> None:
    state = world.reset(tiny.episode(100), seed=0)
    for cost in (Near(np.zeros(5, np.float32)), Near(np.zeros(16, np.float32), ("rgb",))):
        with pytest.raises(InputError, match="embedding"):
            world.slope(state, np.zeros((1, 2, 2)), cost)
    with pytest.raises(ActionError, match="size"):
        world.slope(state, np.zeros((1, 2, 3)), Near(np.zeros(16, np.float32)))
    other = WorldDream(model)
    with pytest.raises(InputError, match="jepa"):
        other.toward(other.reset(tiny.episode(100), seed=0), Near(np.zeros(16, np.float32)), ticks=2)


def test_where_nobody_acts_it_goes_on_by_itself(unacted: WorldDream) -> None:
    assert unacted.spec.actions == ()
    state = unacted.reset(tiny.episode(100, acts=False), seed=0)
    _, seen = unacted.rollout([state] * 2, {}, ["embedding"], ticks=5)
    assert seen["embedding"].shape == (2, 5, 16)
    np.testing.assert_array_equal(seen["embedding"][0], seen["embedding"][1])
    with pytest.raises(InputError, match="no actions"):
        unacted.toward(state, Near(np.zeros(16, np.float32)), ticks=2)


def test_sizes_that_do_not_fit_are_refused() -> None:
    for wrong in ({"height": 24}, {"heads": 3}, {"actions": 0}, {"latent": True}, {"numbers": 4}):
        with pytest.raises(LimitError):
            replace(SHAPE, **wrong)
