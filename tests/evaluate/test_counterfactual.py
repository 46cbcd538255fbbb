"""Counterfactuals: who knows what comes of each deed ranks all of them right, who is deaf none; true worlds are gone on from to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import known
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.evaluate.counterfactual import COURSES, agreement, apart, coarse, counterfactual, spearman
from lifeworld.evaluate.forking import forking_of
from lifeworld.evaluate.heldout import HeldOut, open_heldout
from lifeworld.evaluate.measured import Measured

SIZE = 24


def found(clips: HeldOut, gain: float) -> dict[str, Measured]:
    """What is found of a mover in a world of movers."""
    mover = known.Mover(size=(SIZE, SIZE))

    def futures(clip: int, actions: NDArray[np.float32], at: Sequence[int]) -> NDArray[np.uint8]:
        begun = np.repeat(clips.begun[clip : clip + 1], len(actions), axis=0)
        pictures = mover.ahead(mover.begin(begun), actions).pictures
        assert pictures is not None
        return pictures[:, np.array(at) - 1]

    subject = known.Mover(size=(SIZE, SIZE), gain=gain, gives=frozenset({"pictures"}))
    return {one.name: one for one in counterfactual(subject, clips, seed=3, forking=futures).measured}


def test_obeying_is_told_from_deafness_and_from_the_contrary() -> None:
    clips = known.heldout(2, size=SIZE)
    obeys, deaf, contrary = (found(clips, gain) for gain in (1.0, 0.0, -1.0))
    for h in (4, 8):
        rank, first, regret = (f"counterfactual_{name}@{h}" for name in ("rank", "first", "regret"))
        assert obeys[rank].value == pytest.approx(1)
        assert obeys[first].value > 0.9  # two courses may lead to the same place
        assert obeys[regret].value == pytest.approx(0)
        assert (deaf[rank].value, deaf[first].value, deaf[regret].value) == pytest.approx((0, 1 / COURSES, 1))
        assert deaf[first].above_floor is None
        assert contrary[rank].value < 0
        assert contrary[regret].value > 0.8


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 4))
def test_the_rank_correlation_is_the_usual_one(seed: int, rows: int, columns: int) -> None:
    rng = generator(seed, "ranks")
    a, b = rng.integers(0, 5, (2, rows, columns)).astype(float)
    stats = pytest.importorskip("scipy.stats")
    for i, one in enumerate(spearman(a, b)):
        if np.ptp(a[:, i]) and np.ptp(b[:, i]):
            assert one == pytest.approx(stats.spearmanr(a[:, i], b[:, i]).statistic)
        else:
            assert one == 0
    assert spearman(a, a) == pytest.approx((np.ptp(a, axis=0) > 0).astype(float))


def test_farther_is_farther_even_where_nothing_overlaps() -> None:
    marks = np.zeros((4, 2))
    pictures = known.drawn(np.array([[2, 8], [6, 8], [10, 8], [18, 8]]), marks, SIZE)
    away = apart(coarse(pictures), coarse(pictures))[0]
    assert away[1] < 0.95 * away[2]
    assert (np.diff(away) >= 0).all()


def test_where_the_same_comes_of_all_there_is_no_number() -> None:
    assert np.isnan(agreement(np.zeros((4, 4)), np.ones((4, 4)))).all()


def test_clips_from_nowhere_cannot_be_gone_on_from() -> None:
    clips = known.heldout(0)
    with pytest.raises(InputError, match="nowhere"):
        forking_of(clips)
    section = counterfactual(known.Mover(), clips, seed=0)
    assert not section.measured
    assert "nowhere" in next(iter(section.without.values()))


def test_a_true_world_goes_on_as_it_went(tmp_path: Path) -> None:
    """With what was truly done, the fork shows what was recorded, but for what the video's codec loses."""
    from lifeworld.episode.seal import append_to
    from lifeworld.worlds.planning.arenas import named
    from lifeworld.worlds.planning.play import play

    arena = named("tworoom")
    with append_to(tmp_path / "bundle", exact=("rgb",)) as writer:
        writer.commit([writer.stage(play(arena, arena.world(), seed=seed, seconds=arena.seconds)) for seed in range(3)])
    subject = known.Mover(size=(64, 64), frame_ns=500_000_000)
    clips = open_heldout(tmp_path / "bundle", [subject], cache=tmp_path / "cache", horizon=4, clips=10)
    assert clips.actions is not None
    go = forking_of(clips)
    for i in range(0, len(clips.pictures), 4):
        future = go(i, clips.actions[i : i + 1, clips.context - 1 :], (1, 4))[0]
        assert np.array_equal(future, clips.truth[i][[0, 3]])
