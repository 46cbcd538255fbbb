"""Ridge regression: it finds what is linear, in any units, and makes nothing of what never varies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import ShapeError
from lifeworld.core.ridge import ridge

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_it_finds_a_linear_map_in_any_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, units = rng.normal(size=(300, 4)), np.array([1, 1e5, 1e-5, 3])
    y = x @ rng.normal(size=(4, 2)) + 5
    said = ridge(x[:200] * units + 7, y[:200])(x[200:] * units + 7)
    assert (((said - y[200:]) ** 2).mean(0) < 1e-3 * y[200:].var(0) + 1e-9).all()
    np.testing.assert_allclose(said, ridge(x[:200], y[:200])(x[200:]), atol=1e-6)


@given(SEEDS, st.sampled_from([1e-6, 1e-3, 1.0]))
@settings(max_examples=20, deadline=None)
def test_it_is_the_least_of_squares_and_weights(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))
    x = (x - x.mean(0)) / x.std(0)
    found = ridge(x, y, strength=strength)

    def cost(level: np.ndarray, weights: np.ndarray) -> float:
        return float(((x @ weights + level - y) ** 2).mean(0).sum() + strength * (weights**2).sum())

    least = cost(found.level, found.weights)
    for _ in range(5):
        assert least <= cost(found.level + 1e-3 * rng.normal(size=2), found.weights + 1e-3 * rng.normal(size=(3, 2)))


def test_what_never_varied_says_nothing() -> None:
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=80), np.full(80, 0.1), np.zeros(80)])
    found = ridge(x, x[:, :1])
    np.testing.assert_array_equal(found.weights[1:], 0)
    assert found(np.array([[0.0, 1e9, 1e9]])) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("x", "y"), [((5, 2), (4, 1)), ((0, 2), (0, 1)), ((5,), (5, 1)), ((5, 2), (5,))])
def test_rows_belong_together(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="belong together"):
        ridge(np.zeros(x), np.zeros(y))
