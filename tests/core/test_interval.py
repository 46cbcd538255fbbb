"""Intervals by resampling: what no number comes of in a draw does not count."""

from __future__ import annotations

import numpy as np

from lifeworld.core.interval import of_sums


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
