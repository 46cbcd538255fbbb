"""Models side by side: differences thing by thing, and nothing compared that is not the same."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reported import measured, report, section

from lifeworld.core.errors import InputError
from lifeworld.evaluate.compare import compared, difference

calm = settings(deadline=None, max_examples=30)
errors = st.lists(st.floats(1e-4, 1.0), min_size=8, max_size=30)


@given(errors, st.floats(-0.4, 0.4))
@calm
def test_the_difference_is_the_mean_one_and_lies_in_its_interval(raw, shift):
    other = [v + shift * v for v in raw]
    found = difference(measured(raw), measured(other), seed=3)
    assert found.value == pytest.approx(shift * float(np.mean(raw)))
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9


@given(errors)
@calm
def test_a_model_does_not_differ_from_itself(raw):
    found = difference(measured(raw), measured(raw), seed=0)
    assert (found.value, found.low, found.high, found.better) == (0.0, 0.0, 0.0, None)


@given(errors, st.floats(-0.4, 0.4))
@calm
def test_there_and_back_is_the_same(raw, shift):
    one, other = measured(raw), measured([v + shift * v for v in raw])
    there, back = difference(one, other, seed=1), difference(other, one, seed=1)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert there.better is None or there.better is not back.better


def test_what_is_hard_for_both_is_no_doubt():
    """Clips differ a hundred times more than the models do: each interval holds the other's value, the paired one is sure."""
    rng = np.random.default_rng(0)
    hard = rng.normal(0, 10, 60)
    one, other = measured(hard.tolist()), measured((hard - 0.1 + rng.normal(0, 0.01, 60)).tolist())
    found = difference(one, other, seed=0)
    assert found.better is True
    assert found.high - found.low < 0.02


def test_nineteen_of_twenty_intervals_hold_the_truth():
    """Models that differ by 0.3 of what a thing's difference spreads, 40 things, again and again."""
    rng, held = np.random.default_rng(2), 0
    for trial in range(100):
        hard = rng.normal(0, 5, 40)
        found = difference(measured(hard.tolist()), measured((hard + rng.normal(0.3, 1.0, 40)).tolist()), seed=trial)
        held += found.low <= 0.3 <= found.high
    assert 0.88 <= held / 100 <= 0.99


@pytest.mark.parametrize(("better", "said"), [("higher", True), ("lower", False), ("exact", None)])
def test_more_is_better_where_higher_is(better, said):
    one, other = measured([1.0, 1.1] * 10, better=better), measured([2.0, 2.2] * 10, better=better)
    assert difference(one, other, seed=0).better is said


@pytest.mark.parametrize(
    ("change", "why"),
    [({"raw": ()}, "no such number"), ({"raw": (1.0, 2.0)}, "different things"), ({"data_sha256": "e" * 64}, "different things")],
)
def test_what_cannot_be_paired_has_wider_bounds_and_says_why(change, why):
    rng = np.random.default_rng(3)
    hard = rng.normal(0, 1, 40)
    one, other = (
        replace(each, low=each.value - 0.31, high=each.value + 0.31)  # 1.96 spreads of the mean of 40
        for each in (measured(hard.tolist()), measured((hard + rng.normal(0.2, 0.1, 40)).tolist()))
    )
    paired, found = difference(one, other, seed=0), difference(one, replace(other, **change), seed=0)
    assert why in found.why
    assert found.value == pytest.approx(other.value - one.value)
    assert found.high - found.low == pytest.approx(2 * math.hypot(0.31, 0.31))
    assert found.low < paired.low < paired.high < found.high
    assert (paired.better, found.better) == (False, None)


def test_what_does_not_mean_the_same_has_no_bounds():
    one = measured([1.0, 2.0, 3.0])
    found = difference(one, replace(one, unit="%"), seed=0)
    assert math.isnan(found.low)
    assert found.why == "they do not mean the same"
    nowhere = difference(one, replace(one, raw=(), low=math.nan, high=math.nan), seed=0)
    assert (math.isnan(nowhere.low), nowhere.better) == (True, None)


def test_what_only_some_have_is_named():
    both, one = measured([1.0, 2.0]), measured([3.0, 4.0], name="ssim@8")
    found = compared([report(section(both, one), name="a"), report(section(both), name="b")])
    assert [row.name for row in found.sections["fidelity"]] == ["error@8"]
    assert found.only_of_some == {"fidelity/ssim@8": ("a",)}


@pytest.mark.parametrize("other", [report(data="e" * 64), report(seed=1)])
def test_models_judged_on_different_clips_are_refused(other):
    with pytest.raises(InputError, match="different clips"):
        compared([report(), other])


def test_one_model_is_no_comparison():
    with pytest.raises(InputError, match="two models or more"):
        compared([report()])
