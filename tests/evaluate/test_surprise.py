"""Surprise: who knows what comes tells every pair apart, who copies is told so, and disorder tells nobody anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.evaluate.certainty import auroc
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.subject import Ahead, Gift
from lifeworld.evaluate.surprise import _Told, surprise
from lifeworld.evaluate.violation import Surprises, fitted, in_disorder, paired_t, share, surprises

T, SIDE = 20, 8


@dataclass
class Foreseer:
    """Knows some films: what comes after pictures that are in one of them is what comes there; nothing else does it know."""

    films: NDArray[np.uint8]
    name: str = "foreseer"
    sha256: str = "0" * 64
    context: int = 2
    size: tuple[int, int] = (SIDE, SIDE)
    frame_ns: int = 80_000_000
    actions: int = 0
    latent: bool = False
    stream: str | None = None
    learned: frozenset[str] | None = None
    wrong: float = 0.0
    gives: frozenset[Gift] = field(default_factory=lambda: frozenset(("embeddings",)))

    def embed(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return pictures.reshape(*pictures.shape[:2], -1).astype(np.float32) / 255

    def begin(self, pictures: NDArray[np.uint8]) -> Any:
        return pictures

    def ahead(self, state: NDArray[np.uint8], actions: NDArray[np.float32]) -> Ahead:
        count, said = actions.shape[1], []
        for begun in state:
            after = [
                film[at + self.context : at + self.context + count]
                for film in self.films
                for at in range(T - self.context - count + 1)
                if np.array_equal(film[at : at + self.context], begun)
            ]
            said.append(after[0] if after else np.repeat(begun[-1:], count, 0))
        told = np.stack(said)
        return Ahead(state=None, pictures=told, embeddings=self.embed(told) + np.float32(self.wrong))

    def between(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise AssertionError


def films_of(rng: np.random.Generator, n: int) -> NDArray[np.uint8]:
    """Pairs that part in the middle, and a third film that is the first."""
    films = rng.integers(0, 256, (n, 3, T, SIDE, SIDE, 3), dtype=np.uint8)
    films[:, 1, : T // 2] = films[:, 0, : T // 2]
    films[:, 2] = films[:, 0]
    return films


@pytest.mark.parametrize("gives", ["embeddings", "pictures"])
def test_who_knows_what_comes_is_surprised_by_the_rest(gives: Gift) -> None:
    films = films_of(np.random.default_rng(0), 6)
    subject = Foreseer(films[:, 0], gives=frozenset((gives,)))
    found = surprises(subject, films)
    assert np.allclose(found.mean[:, 0], 0)
    assert np.allclose(found.mean[:, 2], 0)
    assert share(found.mean).all()
    assert share(found.copying).mean() < 1
    assert np.isnan(found.by_picture[:, :, : subject.context]).all()
    assert np.isfinite(found.by_picture[:, :, subject.context :]).all()
    assert np.allclose(found.by_picture[:, 1, : T // 2][:, subject.context :], 0)  # nothing is wrong yet


def test_a_known_error_is_what_is_measured() -> None:
    films = films_of(np.random.default_rng(1), 4)
    found = surprises(Foreseer(films[:, 0], wrong=0.25), films)
    assert np.allclose(found.mean[:, 0], 0.25**2, rtol=1e-4)


def test_who_copies_is_as_good_as_copying() -> None:
    films = films_of(np.random.default_rng(2), 4)
    found = surprises(Foreseer(films[:0, 0]), films)
    assert np.allclose(found.mean, found.copying, rtol=1e-5)


def test_disorder_keeps_pictures_and_pairs() -> None:
    films = films_of(np.random.default_rng(3), 3)
    films[:, 1] = films[:, 0]
    mixed = in_disorder(films, seed=1)
    assert np.array_equal(mixed[:, 1], mixed[:, 0])
    assert not np.array_equal(mixed, films)
    assert np.array_equal(np.sort(mixed.reshape(3, 3, T, -1).sum(-1)), np.sort(films.reshape(3, 3, T, -1).sum(-1)))
    assert np.array_equal(mixed, in_disorder(films, seed=1))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_auroc_is_the_chance_that_one_exceeds_another(high: list[int], low: list[int]) -> None:
    said = auroc(np.array(high, float), np.array(low, float))
    assert said == pytest.approx(np.mean([(a > b) + 0.5 * (a == b) for a in high for b in low]))
    assert said + auroc(np.array(low, float), np.array(high, float)) == pytest.approx(1)


def test_paired_t_is_students() -> None:
    from scipy.stats import ttest_1samp

    some = np.random.default_rng(4).normal(0.3, 1, 50)
    assert paired_t(some) == pytest.approx(ttest_1samp(some, 0).statistic)
    assert paired_t(np.zeros(5)) == paired_t(np.ones(1)) == 0


def test_twins_count_once() -> None:
    rng = np.random.default_rng(8)
    once = rng.normal(1, 0.2, (30, 3))
    twice = np.repeat(once, 2, axis=0)  # each twin says what the other says
    found = Surprises(mean=twice, by_picture=np.zeros((60, 3, 4)), copying=twice)
    (said,) = (
        one for one in _Told(Foreseer(films_of(rng, 1)[:, 0]), 0, "0" * 64, 60).family("gravity", found) if one.name[:8] == "paired_t"
    )
    assert said.value == pytest.approx(paired_t(once[:, 1] - once[:, 0]))
    assert said.low <= said.value <= said.high


def test_films_are_fitted_to_pace_and_size() -> None:
    films = films_of(np.random.default_rng(5), 1)
    slow = fitted(films, Foreseer(films[:, 0], frame_ns=160_000_000, size=(4, 4)))
    assert slow.shape == (1, 3, T // 2, 4, 4, 3)
    blocks = films[:, :, ::2].reshape(1, 3, T // 2, 4, 2, 4, 2, 3).mean((4, 6))
    assert np.abs(slow - blocks).max() <= 1


def test_who_cannot_be_asked_is_told_why(tmp_path: Path) -> None:
    films = films_of(np.random.default_rng(6), 2)
    heldout = HeldOut(
        pictures=films[:, 0], actions=None, context=2, episode=np.arange(2), moment=np.zeros(2, np.int64), mean=films[0, 0, 0],
        frame_ns=80_000_000, sha256="0" * 64,
    )  # fmt: skip
    section = surprise(Foreseer(films[:, 0], frame_ns=70_000_000), heldout, seed=0, cache=tmp_path)
    assert not section.measured
    assert "80" in section.without["pairs"]
    with pytest.raises(InputError, match="too short"):
        surprises(Foreseer(films[:, 0], context=T), films)
    with pytest.raises(InputError, match="finite"):
        surprises(Foreseer(films[:, 0], wrong=np.nan), films)


def test_the_section_has_a_floor_for_every_number(tmp_path: Path) -> None:
    films = films_of(np.random.default_rng(7), 2)
    heldout = HeldOut(
        pictures=films[:, 0], actions=None, context=2, episode=np.arange(2), moment=np.zeros(2, np.int64), mean=films[0, 0, 0],
        frame_ns=80_000_000, sha256="0" * 64,
    )  # fmt: skip
    sections = [surprise(Foreseer(films[:0, 0]), heldout, seed=0, count=4, families=("permanence",), cache=tmp_path) for _ in range(2)]
    section = sections[0]
    assert sections[1].measured == section.measured
    names = [one.name for one in section.measured]
    assert names == ["pairs_permanence", "auroc_permanence", "paired_t_permanence", "beyond_colour_permanence", "pairs_all", "pairs_open",
                     "pairs_hidden", "pairs_shuffled"]  # fmt: skip
    assert all(one.floors and one.low <= one.value <= one.high for one in section.measured)
    assert [one.n for one in section.measured][-3:] == [2, 2, 4]
    assert section.strips[0].pictures.shape[0] == 3
    assert len(section.curves[0].lines) == 3
