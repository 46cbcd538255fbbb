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

errors = st.lists(st.floats(1e-4, 1.0), min_size=8, max_size=30)


@given(errors, st.floats(-0.4, 0.4), st.sampled_from(["mean", "psnr"]))
@settings(max_examples=40)
def test_the_difference_is_that_of_the_values_and_lies_in_its_interval(raw, shift, pooled):
    other = [max(1e-5, v + shift) for v in raw]
    first, second = (measured(each, pooled=pooled, better="higher") for each in (raw, other))
    found = difference(first, second, seed=3)
    assert found.value == pytest.approx(second.value - first.value)
    assert found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9


@given(errors, st.sampled_from(["mean", "psnr"]))
@settings(max_examples=20)
def test_a_model_does_not_differ_from_itself(raw, pooled):
    one = measured(raw, pooled=pooled)
    found = difference(one, one, seed=0)
    assert (found.value, found.low, found.high, found.better) == (0.0, 0.0, 0.0, None)


@given(errors, st.floats(-0.4, 0.4))
@settings(max_examples=20)
def test_there_and_back_is_the_same(raw, shift):
    one, other = measured(raw), measured([v + shift for v in raw])
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


def test_clips_of_one_episode_are_drawn_together():
    """Ten times the same six episodes say no more than the six."""
    rng = np.random.default_rng(1)
    shifts = np.repeat(rng.normal(0.2, 0.5, 6), 10)
    groups = np.repeat(np.arange(6), 10).tolist()
    together = [measured(each, groups=groups) for each in ([0.0] * 60, shifts.tolist())]
    alone = [measured(each) for each in ([0.0] * 60, shifts.tolist())]
    wide, narrow = (difference(*each, seed=0) for each in (together, alone))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@pytest.mark.parametrize(("better", "said"), [("higher", True), ("lower", False), ("exact", None)])
def test_more_is_better_where_higher_is(better, said):
    one, other = measured([1.0, 1.1] * 10, better=better), measured([2.0, 2.2] * 10, better=better)
    assert difference(one, other, seed=0).better is said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"raw": ()}, "no mean over things"),
        ({"raw": (1.0, 2.0, 4.0)}, "no mean over things"),
        ({"data_sha256": "e" * 64}, "different things"),
        ({"raw": (1.5, 2.5), "value": 2.0}, "different things"),
        ({"groups": (1, 1, 2)}, "different things"),
        ({"unit": "%"}, "do not mean the same"),
    ],
)
def test_what_cannot_be_paired_has_no_interval_and_says_why(change, why):
    one = measured([1.0, 2.0, 3.0])
    found = difference(one, replace(one, **change), seed=0)
    assert math.isnan(found.low)
    assert why in found.why
    assert found.better is None


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
