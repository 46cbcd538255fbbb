"""How much: what is drawn lies within its bounds, is distributed as its density says, and takes one number from the generator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import SceneError
from lifeworld.core.seed import generator
from lifeworld.scene.magnitude import Magnitude

LAWS = {
    "fixed": Magnitude(a=0.3),
    "uniform": Magnitude(law="uniform", a=-1.0, b=2.0),
    "uniform, cut": Magnitude(law="uniform", a=-1.0, b=2.0, low=0.0, high=1.5),
    "normal": Magnitude(law="normal", a=1.0, b=2.0),
    "normal, cut": Magnitude(law="normal", a=0.0, b=1.0, low=1.0, high=3.0),
    "lognormal": Magnitude(law="lognormal", a=0.5, b=0.4),
    "lognormal, cut": Magnitude(law="lognormal", a=0.8, b=0.5, low=0.3, high=2.5),
    "exponential": Magnitude(law="exponential", a=2.0),
    "exponential, cut": Magnitude(law="exponential", a=2.0, low=0.5, high=3.0),
}


@pytest.mark.parametrize("name", LAWS)
def test_what_is_drawn_is_distributed_as_the_density_says(name: str) -> None:
    """Kolmogorov–Smirnov against the integral of the density: 4,000 draws are farther off than this once in 10,000 tests of a true law."""
    law = LAWS[name]
    rng = generator(7, "magnitude", name)
    drawn = np.sort([law.draw(rng) for _ in range(4000)])
    low, high = law.span
    assert low <= drawn[0]
    assert drawn[-1] <= high
    if law.law == "fixed":
        assert set(drawn) == {0.3}
        assert law.density(0.3) == 1.0
        assert law.density(0.31) == 0.0
        return
    ends = max(low, drawn[0] - 10 * np.std(drawn)), min(high, drawn[-1] + 10 * np.std(drawn))
    grid = np.linspace(*ends, 20_001)
    density = np.array([law.density(float(x)) for x in grid])
    share = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    assert share[-1] == pytest.approx(1.0, abs=2e-3)
    seen = (np.arange(len(drawn)) + 0.5) / len(drawn)
    assert np.abs(np.interp(drawn, grid, share) - seen).max() < 2.23 / math.sqrt(len(drawn))
    assert np.interp(law.median, grid, share) == pytest.approx(0.5, abs=2e-3)


@given(st.sampled_from(sorted(LAWS)), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_one_number_is_taken_whatever_the_law(name: str, seed: int) -> None:
    ours, plain = generator(seed, "law"), generator(seed, "law")
    LAWS[name].draw(ours)
    plain.random()
    assert ours.random() == plain.random()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"law": "gamma", "a": 1.0}, "there is no law"),
        ({"a": math.nan}, "out of bounds"),
        ({"a": math.inf}, "out of bounds"),
        ({"a": 1.0, "b": 1.0}, "one number"),
        ({"a": 1.0, "low": 0.0}, "no bounds"),
        ({"law": "uniform", "a": 1.0, "b": 1.0}, "less to more"),
        ({"law": "normal", "a": 1.0, "b": 0.0}, "spread"),
        ({"law": "lognormal", "a": -1.0, "b": 1.0}, "above zero"),
        ({"law": "exponential", "a": 0.0}, "above zero"),
        ({"law": "uniform", "a": 0.0, "b": 1.0, "low": 1.0, "high": 0.5}, "low lies below high"),
        ({"law": "uniform", "a": 0.0, "b": 1.0, "low": 2.0}, "leave nothing"),
        ({"law": "normal", "a": 0.0, "b": 1.0, "low": 50.0}, "leave nothing"),
    ],
)
def test_magnitudes_that_are_none(given: dict[str, object], says: str) -> None:
    with pytest.raises(SceneError, match=says):
        Magnitude(**given)  # type: ignore[arg-type]
