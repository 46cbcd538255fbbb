"""The harness is true: of subjects whose error, obedience and certainty are known, each number says what is known."""

from __future__ import annotations

import math

import known
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.seed import generator
from lifeworld.evaluate.certainty import auroc, certainty, conformal
from lifeworld.evaluate.control import control
from lifeworld.evaluate.fidelity import fidelity
from lifeworld.evaluate.measured import Measured
from lifeworld.evaluate.section import Section

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=5, deadline=None)


def by_name(section: Section) -> dict[str, Measured]:
    return {one.name: one for one in section.measured}


# -- fidelity --------------------------------------------------------------------------------------------------------------


@FEW
@given(SEEDS, st.integers(1, 40))
def test_a_known_error_is_told_to_the_digit(seed: int, wrong: int) -> None:
    clips = known.heldout(seed)
    found = by_name(fidelity(known.Prophet(of=clips, wrong=wrong), clips, seed=seed))
    expected = 20 * math.log10(255 / wrong)
    for h in (1, 2, 4, 8):
        for name in (f"psnr@{h}", f"changing_psnr@{h}"):
            one = found[name]
            assert (one.value, one.low, one.high) == pytest.approx((expected,) * 3, abs=1e-9)
            assert one.n == 12
            assert one.raw == pytest.approx([expected] * len(one.raw))
            assert one.raw or "changing" in name  # where an episode stands still it has no number, and there are no pairs


@FEW
@given(SEEDS, st.integers(1, 12), st.integers(1, 8))
def test_copying_breaks_even_where_it_is_as_good(seed: int, wrong: int, grows: int) -> None:
    clips = known.heldout(seed)
    found = fidelity(known.Prophet(of=clips, wrong=wrong, grows=grows), clips, seed=seed)
    copied = ((clips.truth.astype(float) - clips.last) ** 2).mean((0, 2, 3, 4))
    own = (wrong + grows * np.arange(clips.horizon)) ** 2.0
    expected = next((h for h in range(1, 9) if own[h - 1] >= copied[h - 1]), 9)
    even = by_name(found)["break_even"]
    assert even.value == expected
    assert even.low <= expected <= even.high
    assert ("break_even beyond 8" in found.without) == (expected == 9)


def test_who_copies_is_as_good_as_copying_and_who_knows_all_is_perfect() -> None:
    clips = known.heldout(3)
    still, all_knowing = (by_name(fidelity(subject, clips, seed=0)) for subject in (known.Mover(gain=0), known.Mover()))
    for h in (1, 8):
        for name in ("psnr", "ssim", "embedding_error", "r_fd"):
            one = still[f"{name}@{h}"]
            assert one.value == pytest.approx(one.floors[0].value, abs=1e-9)
            assert one.above_floor is None
        assert all_knowing[f"psnr@{h}"].value == 100
        assert all_knowing[f"ssim@{h}"].value == pytest.approx(1)
        assert all_knowing[f"embedding_error@{h}"].value == 0
        assert all_knowing[f"r_fd@{h}"].value == pytest.approx(0, abs=1e-9)
        assert all_knowing[f"psnr@{h}"].above_floor is True


# -- control ---------------------------------------------------------------------------------------------------------------


@FEW
@given(SEEDS, st.integers(1, 10), st.integers(1, 40))
def test_what_true_actions_are_worth_is_told_to_the_digit(seed: int, wrong: int, astray: int) -> None:
    clips = known.heldout(seed)
    found = by_name(control(known.Prophet(of=clips, wrong=wrong, astray=astray), clips, seed=seed))
    for h in (1, 4, 8):
        worth, ratio = found[f"delta_psnr@{h}"], found[f"shuffle_ratio@{h}"]
        assert (worth.value, worth.low, worth.high) == pytest.approx((20 * math.log10(astray / wrong),) * 3, abs=1e-9)
        assert ratio.value == pytest.approx((astray / wrong) ** 2)
        assert worth.above_floor is (None if astray == wrong else astray > wrong)


def test_the_response_tells_who_obeys_from_who_does_not() -> None:
    clips = known.heldout(5, clips=80, horizon=16, size=24)
    obeys, deaf, contrary = (
        by_name(control(known.Mover(gain=gain, size=(24, 24)), clips, seed=0))["response"] for gain in (1.0, 0.0, -1.0)
    )
    probe = float(obeys.of.rpartition("= ")[2])
    assert obeys.value == pytest.approx(probe, abs=0.1)  # as well as real clips are read
    assert obeys.above_floor is True
    assert deaf.value == pytest.approx(0, abs=1e-9)
    assert contrary.value == pytest.approx(-obeys.value, abs=0.15)


# -- certainty -------------------------------------------------------------------------------------------------------------


@FEW
@given(SEEDS, st.floats(0.05, 0.95), st.floats(0, 1))
def test_a_known_miscalibration_is_told(seed: int, chance: float, sure: float) -> None:
    clips = known.heldout(seed)
    subject = known.Prophet(of=clips, wrong=3, chance=chance, sure=sure, seed=seed)
    found = by_name(certainty(subject, clips, seed=seed))
    spread = 4 * math.sqrt(chance * (1 - chance) / (24 * 256))
    for h in (1, 8):
        ece, always = found[f"ece@{h}"], found[f"ece@{h}"].floors[0]
        assert ece.value == pytest.approx(abs(chance - sure), abs=spread)
        assert always.value == pytest.approx(1 - chance, abs=spread)
        share = 1 - always.value  # as it was drawn
        assert found[f"brier_skill@{h}"].value == pytest.approx(-((share - sure) ** 2) / (share * (1 - share)), abs=1e-6)
        assert found[f"aurc@{h}"].value == pytest.approx(1 - chance, abs=spread)  # who says the same of all orders nothing


@FEW
@given(SEEDS, st.floats(0.05, 0.6))
def test_who_sees_every_error_has_the_least_risk_there_is(seed: int, wrong: float) -> None:
    clips = known.heldout(seed)
    found = by_name(certainty(known.Prophet(of=clips, chance=1 - wrong, sees=True, seed=seed), clips, seed=seed))
    share = found["aurc@4"].floors[0].value
    assert found["aurc@4"].value == pytest.approx(share + (1 - share) * math.log(1 - share), abs=1e-6)
    assert found["ece@4"].value == 0
    assert found["brier_skill@4"].value == 1


def test_an_interval_holds_what_is_known() -> None:
    """Of 40 worlds, the interval of the calibration error holds the known one in nearly all."""
    held = 0
    for seed in range(40):
        clips = known.heldout(seed, clips=20, each=1, horizon=4)
        one = by_name(certainty(known.Prophet(of=clips, chance=0.7, sure=0.9, seed=seed), clips, seed=seed))["ece@4"]
        held += one.low <= 0.2 <= one.high
    assert held >= 33  # 95 % less what the percentile bootstrap loses on 20 groups; 33 of 40 has a chance of 0.2 %


@FEW
@given(SEEDS, st.integers(20, 400))
def test_a_conformal_bound_holds_as_promised(seed: int, count: int) -> None:
    rng = generator(seed, "scores")
    covered = [float(rng.exponential() <= conformal(rng.exponential(size=count))) for _ in range(400)]
    assert np.mean(covered) == pytest.approx(0.9, abs=0.07)
    assert conformal(np.arange(5.0)) == math.inf


@FEW
@given(st.lists(st.integers(0, 6), min_size=1, max_size=20), st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_auroc_counts_pairs(higher: list[int], lower: list[int]) -> None:
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in higher for b in lower]
    assert auroc(np.array(higher, float), np.array(lower, float)) == pytest.approx(np.mean(pairs))


# -- all of them -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", [fidelity, control, certainty])
def test_two_runs_agree_to_the_digit(section) -> None:  # type: ignore[no-untyped-def]
    clips = known.heldout(1)
    subject = known.Prophet(of=clips, wrong=4, astray=9, chance=0.8, sure=0.7)
    first, second = (section(subject, known.heldout(1), seed=4) for _ in range(2))
    assert first.measured == second.measured
    assert first.curves == second.curves
    assert first.without == second.without
    assert all((a.pictures == b.pictures).all() for a, b in zip(first.strips, second.strips, strict=True))


@pytest.mark.parametrize("section", [fidelity, control, certainty])
def test_what_cannot_be_had_says_why(section) -> None:  # type: ignore[no-untyped-def]
    clips = known.heldout(1)
    found = section(known.Prophet(of=clips, gives=frozenset(), actions=0), clips, seed=0)
    assert found.measured == ()
    assert all(found.without.values())
    assert found.without
