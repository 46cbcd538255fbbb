"""Probes and intervals: what follows scores one, what is independent nothing, and an interval holds what it says it holds."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.interval import interval
from lifeworld.core.seed import generator
from lifeworld.models.actions.codes import levels
from lifeworld.models.actions.inferred import loudness
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.layers.fsq import codes, levels_of
from lifeworld.models.meaning.probe import Probed, classified, nmi, pressed_of, probed, r2, worth
from lifeworld.models.zoo.kinds import fresh

SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(2, 9))
@settings(max_examples=20, deadline=None)
def test_renaming_scores_one_and_independence_nothing(seed: int, count: int) -> None:
    rng = generator(seed, "nmi")
    a = rng.integers(count, size=400)
    a[:count] = np.arange(count)
    assert nmi(a, rng.permutation(count)[a] * 7 - 3) == pytest.approx(1)
    every = np.repeat(np.arange(count), count), np.tile(np.arange(count), count)
    assert nmi(*every) == pytest.approx(0, abs=1e-9)
    b = np.where(rng.random(400) < 0.5, a, rng.integers(count, size=400))
    assert 0 < nmi(a, b) < 1
    assert nmi(a, b) == pytest.approx(nmi(b, a))


def test_one_name_for_all_tells_nothing() -> None:
    assert nmi(np.zeros(5, int), np.zeros(5, int)) == 0
    assert nmi(np.zeros(5, int), np.arange(5)) == 0
    with pytest.raises(ShapeError):
        nmi(np.zeros(5, int), np.zeros(4, int))


def test_a_guess_of_the_mean_explains_nothing() -> None:
    y = generator(0, "numbers").normal(size=100)
    assert r2(y, y) == 1
    assert r2(np.full(100, y.mean()), y) == pytest.approx(0, abs=1e-9)


def test_classes_that_lie_apart_are_told_apart() -> None:
    rng = generator(0, "classes")
    middles, classes = np.array([[0.0, 0], [5, 0], [0, 5]]), rng.integers(3, size=300)
    x = middles[classes] + rng.normal(size=(300, 2)) * 0.5
    assert (classified(x[:200], classes[:200] * 10, x[200:]) == classes[200:] * 10).mean() > 0.99


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, held = generator(1, "cover"), 0
    for seed in range(60):
        values = rng.normal(3.0, 2.0, size=50)
        found = interval(lambda rows, values=values: float(values[rows].mean()), np.arange(50), seed=seed)  # type: ignore[misc]
        assert found.low < found.value < found.high
        held += found.low <= 3.0 <= found.high
    assert 51 <= held <= 60


def test_the_same_clip_many_times_makes_nobody_surer() -> None:
    values = generator(2, "twice").normal(size=30)
    once = interval(lambda rows: float(values[rows].mean()), np.arange(30), seed=0)
    many = interval(lambda rows: float(np.repeat(values, 8)[rows].mean()), np.repeat(np.arange(30), 8), seed=0)
    assert many.high - many.low == pytest.approx(once.high - once.low, rel=0.1)


def test_what_true_actions_are_worth() -> None:
    rng = generator(3, "worth")
    true = rng.uniform(0.5, 1.5, 80)
    found = worth(true, 10 * true, np.arange(80) // 4, seed=0)
    assert (found.value, found.low, found.high) == pytest.approx((10, 10, 10))
    found = worth(true, rng.permutation(true), np.arange(80), seed=0)
    assert found.low < 0 < found.high


@pytest.mark.parametrize("count", [2, 3, 6, 7, 8, 12, 64])
def test_codes_and_their_levels_are_one_to_one(count: int) -> None:
    sizes = levels(count)
    assert prod(sizes) == count
    stands = levels_of(torch.arange(count), sizes)
    assert len({tuple(row) for row in stands.tolist()}) == count
    assert torch.equal(codes(stands, sizes), torch.arange(count))
    assert stands.abs().max() == 1


def test_latents_that_never_differ_cost_and_those_that_do_are_free() -> None:
    drawn = torch.randn(64, 5, 3, generator=torch.Generator().manual_seed(0))
    assert float(loudness(torch.full((8, 5, 3), 0.3), 0)) > 0.2
    assert float(loudness(0.31 * drawn, 0)) == 0
    assert float(loudness(torch.sign(drawn), 0)) > 1  # shouting yes and no
    assert float(loudness(torch.sign(drawn), 8)) == 0
    assert float(loudness(torch.ones(8, 5, 3), 8)) > 0.3


def test_only_a_model_of_codes_has_so_many() -> None:
    found = fresh(Shape(height=16, width=16, wide=8, fine=4, latent=True, codes=6, actions=2), None, seed=0)
    said = found.between(torch.rand(3, 6, 3, 16, 16))
    assert set(codes(said, levels(6)).flatten().tolist()) <= set(range(6))
    for wrong in ({"codes": 6, "latent": False, "actions": 2}, {"codes": 6, "latent": True, "actions": 3}, {"codes": 1, "latent": True}):
        with pytest.raises(InputError, match="codes of a model"):
            Shape(**wrong)  # type: ignore[arg-type]


def test_probes_see_other_episodes_than_they_are_fitted_to(footage: Footage, tmp_path: Path) -> None:
    model = fresh(replace(tiny.SHAPE, latent=True, actions=3), None, seed=0)
    found = probed(model, footage.cut(8))
    assert found.names == ("number_0", "number_1")
    assert len(found.latents[0]) == len(found.actions[0]) > len(found.latents[1]) == len(found.actions[1]) > 0
    assert set(found.r2()) == {"number_0", "number_1"}
    assert [len(each) for each in found.episodes] == [len(each) for each in found.latents]
    assert not set(found.episodes[0]) & set(found.episodes[1])
    assert 0 <= found.nmi("number_0", after=2) <= 1
    with pytest.raises(InputError, match="not so long"):
        found.r2(after=99)
    with pytest.raises(InputError, match="no such key"):
        found.nmi("jump")
    silent = open_footage(tiny.bundle(tmp_path / "silent", 4, acts=False), size=(16, 16), length=8, cache=tmp_path)
    with pytest.raises(InputError, match="no true actions"):
        probed(model, silent)


def test_what_shows_late_is_found_where_the_probe_looks() -> None:
    rng = generator(4, "late")
    actions = rng.normal(size=(60, 14, 1))
    latents = np.concatenate([rng.normal(size=(60, 2, 1)), actions[:, :-2]], axis=1)  # two moments later
    of = np.arange(60)
    both = {"latents": (latents[:40], latents[40:]), "actions": (actions[:40], actions[40:]), "episodes": (of[:40], of[40:])}
    found = Probed(names=("steering",), **both)  # type: ignore[arg-type]
    assert found.r2()["steering"] < 0.1
    assert found.r2(after=2)["steering"] > 0.99


def test_which_keys_were_pressed_is_one_number() -> None:
    assert pressed_of(np.array([[0, 0], [1, 0], [0, 0.5], [0.9, 1]])).tolist() == [0, 1, 2, 3]
