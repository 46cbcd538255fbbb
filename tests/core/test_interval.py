"""Intervals by resampling: what no number comes of in a draw does not count."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import LimitError
from lifeworld.core.interval import jackknife, of_sums


def test_a_draw_of_which_no_number_comes_does_not_count():
    """Rows of which two have a denominator: in some draws there is none, and a share of nothing is endless."""
    sums = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [1.0, 0.0], [5.0, 0.0], [1.0, 1.0]])
    found = of_sums(sums, lambda each: each[..., 0] / each[..., 1], np.arange(6), seed=0)
    assert found.value == 6.5
    assert 1 <= found.low < 6.5 < found.high <= 30


def test_a_number_that_comes_of_no_draw_has_no_bounds():
    found = of_sums(np.ones((6, 2)) * [1.0, 0.0], lambda each: each[..., 0] / each[..., 1], np.arange(6), seed=0)
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_leaving_out_gives_a_mean_its_standard_error():
    values = np.random.default_rng(0).normal(3, 2, 40)
    found = jackknife(lambda rows: float(values[rows].mean()), np.arange(40))
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.value == pytest.approx(1.96 * values.std(ddof=1) / np.sqrt(40), rel=1e-3)
    assert found.value - found.low == pytest.approx(found.high - found.value)


def test_groups_are_left_out_whole_and_several_at_once_where_there_are_many():
    values, asked = np.repeat(np.random.default_rng(1).normal(size=400), 3), list[int]()

    def mean(rows):
        asked.append(len(rows))
        assert (np.bincount(rows // 3, minlength=400) % 3 == 0).all()
        return float(values[rows].mean())

    found = jackknife(mean, np.arange(1200) // 3)
    assert len(asked) == 51
    assert found.high - found.value == pytest.approx(1.96 * values[::3].std() / 20, rel=0.4)
    with pytest.raises(LimitError, match="left out"):
        jackknife(mean, np.zeros(1, int))
