"""Probes: readers that find what is there, truth that is read as it was recorded, and numbers known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import known
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.interval import interval, jackknife
from lifeworld.core.ridge import ridge
from lifeworld.core.seed import generator
from lifeworld.evaluate.heldout import HeldOut, taken
from lifeworld.evaluate.pairs.possible import possible_to
from lifeworld.evaluate.probe import network, rankme
from lifeworld.evaluate.probes import _mse, _r, probes
from lifeworld.evaluate.subject import Ahead, Gift
from lifeworld.evaluate.truth import quantities


@dataclass(kw_only=True)
class Still:
    """Shows the last picture for ever; its embedding is how light rows and columns are, 0 where it is blind."""

    name: str = "still"
    sha256: str = "0" * 64
    context: int = 2
    size: tuple[int, int] = (64, 64)
    frame_ns: int = 80_000_000
    actions: int = 0
    latent: bool = False
    stream: str | None = None
    learned: frozenset[str] | None = None
    blind: bool = False
    gives: frozenset[Gift] = field(default_factory=lambda: frozenset(("pictures", "embeddings")))

    def embed(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        told = np.concatenate([pictures.mean((3, 4)), pictures.mean((2, 4))], axis=-1).astype(np.float32)
        return np.zeros_like(told) if self.blind else told

    def begin(self, pictures: NDArray[np.uint8]) -> Any:
        return pictures[:, -1:]

    def ahead(self, state: NDArray[np.uint8], actions: NDArray[np.float32]) -> Ahead:
        told = np.repeat(state, actions.shape[1], 1)
        return Ahead(state=None, pictures=told, embeddings=self.embed(told))

    def between(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise AssertionError


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    from lifeworld.models.data.footage import open_footage

    folder: Path = tmp_path_factory.mktemp("possible") / "videos"
    possible_to(folder, episodes=9, seed=2, workers=1)
    footage = open_footage(folder, size=(64, 64), length=20, cache=folder / "cache")
    numbers = np.array([footage.clips_of(e).start for e in range(9)])
    return taken(footage, numbers, context=2)


@pytest.mark.parametrize("fit", [ridge, network])
def test_readers_find_what_is_there(fit: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 5))
    y = x[:, :2] @ np.array([[1.0, -2.0], [0.5, 3.0]]) + 7
    said = fit(x[:500], y[:500])(x[500:])
    assert np.corrcoef(said[:, 0], y[500:, 0])[0, 1] > 0.98
    assert abs(said.mean() - y[500:].mean()) < 0.3


def test_only_the_network_bends() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(800, 2))
    y = np.sin(2 * x[:, :1])
    wrong = [((fit(x[:700], y[:700])(x[700:]) - y[700:]) ** 2).mean() / y.var() for fit in (ridge, network)]
    assert wrong[1] < 0.2 < 0.6 < wrong[0]


@given(st.integers(1, 12))
@settings(max_examples=10)
def test_rankme_counts_directions(rank: int) -> None:
    rng = generator(rank, "test")
    basis = np.linalg.qr(rng.normal(size=(400, rank)))[0] @ np.linalg.qr(rng.normal(size=(12, rank)))[0].T
    assert rankme(basis) == pytest.approx(rank, abs=0.01)
    assert rankme(np.zeros((10, 3))) == 1


def test_the_interval_of_rankme_is_around_it() -> None:
    """Where there are not many times as many rows as numbers, rows drawn twice lower it so far that it lay outside its own interval."""
    rng = generator(0, "test")
    rows, groups = rng.normal(size=(160, 48)), np.repeat(np.arange(40), 4)
    drawn = interval(lambda some: rankme(rows[some]), groups, seed=0, draws=100)
    assert drawn.high < drawn.value
    found = jackknife(lambda some: rankme(rows[some]), groups)
    again = [rankme(rng.normal(size=(160, 48))) for _ in range(40)]
    assert found.low < np.mean(again) < found.high
    assert 0.5 < (found.high - found.low) / (2 * 1.96 * np.std(again)) < 2


def test_r_and_squares_are_those_of_numpy() -> None:
    rng = np.random.default_rng(2)
    true = rng.normal(size=(12, 6, 2)) + 3
    said = true + rng.normal(size=true.shape)
    true[0, 0] = np.nan
    rows = np.isfinite(true).all(-1)
    groups = np.arange(12)
    pearson = np.mean([np.corrcoef(said[rows][:, k], true[rows][:, k])[0, 1] for k in range(2)])
    assert _r(said, true, groups, 0).value == pytest.approx(pearson)
    share = (((said - true)[rows] ** 2) / true[rows].var(0)).mean()
    assert _mse(said, true, groups, 0).value == pytest.approx(share)
    assert _r(np.full_like(true, 4.0), true, groups, 0).value == 0


def test_truth_is_what_was_recorded(clips: HeldOut) -> None:
    found = {quantity.name: quantity for quantity in quantities(clips)}
    assert {"position_mover", "velocity_mover"} <= found.keys()
    assert clips.footage is not None
    episode = clips.footage.bundle[3]
    where = np.asarray(episode["position_m"].values[:])[::4, 0]
    values = found["position_mover"].values[3]
    assert values.shape[0] == 20
    assert np.isin(np.round(values, 9), np.round(where[:20], 9)).all()
    gone = [i for i in range(9) if "mover" not in [t.name for t in clips.footage.bundle[i].scene.things]]  # type: ignore[union-attr]
    assert gone
    assert np.isnan(found["position_mover"].values[gone]).all()


def test_who_is_read_by_pictures_is_its_own_floor(clips: HeldOut) -> None:
    section = probes(Still(gives=frozenset(("pictures",))), clips, seed=0)
    numbers = {one.name: one for one in section.measured}
    one = numbers["probe_r_position_mover"]
    assert one.value == pytest.approx(one.floors[0].value)
    for h in (1, 8):  # it shows the last picture for ever
        ahead = numbers[f"imagined_r_position_mover@{h}"]
        assert ahead.value == pytest.approx(ahead.floors[0].value)
    assert numbers["energy_mover@8"].value == 0
    assert numbers["momentum_error_mover@8"].value == pytest.approx(1)
    assert "rankme" not in numbers


def test_who_sees_nothing_knows_nothing(clips: HeldOut) -> None:
    section = probes(Still(blind=True), clips, seed=0)
    numbers = {one.name: one for one in section.measured}
    assert numbers["rankme"].value == 1
    assert abs(numbers["probe_r_position_mover"].value) < 0.6
    assert numbers["probe_mse_position_mover"].value > 0.95
    assert "energy_mover" in section.without


def test_clips_from_nowhere_are_told() -> None:
    section = probes(Still(size=(16, 16)), known.heldout(), seed=0)
    assert not section.measured
    assert "position_m" in section.without["probe"]
