"""How sure a measured number is: intervals by resampling, and of counted shares.

    interval(lambda rows: float(errors[rows].mean()), episodes, seed=0)      # any statistic of rows
    of_sums(sums, psnr, episodes, seed=0)                                    # one of summed rows, many at once

    jackknife(lambda rows: rank(rows), episodes)                             # one that the same row drawn twice would change

Rows that belong together (clips of one episode) are drawn together, since they are alike.

Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), 11 and 13.3; on groups: Davison & Hinkley, Bootstrap Methods and
their Application (1997), 3.8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import generator

CONFIDENCE = 0.95
DRAWS = 2000
MOST_LEFT_OUT = 50
"""In so many parts rows are left out at most."""
LEAST_GROUPS = 5
"""Of fewer groups too few different draws are made to bound anything: rows are drawn then."""


class Interval(NamedTuple):
    """A number and the bounds within which it lies with 95 % certainty, were other rows drawn."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


class Intervals(NamedTuple):
    """Many at once, arrays of one shape."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def at(self, *i: int) -> Interval:
        """One of them."""
        return Interval(float(self.value[i]), float(self.low[i]), float(self.high[i]))


def interval(statistic: Callable[[NDArray[np.int64]], float], groups: NDArray[np.int64], *, seed: int, draws: int = DRAWS) -> Interval:
    """A statistic of all rows, with the percentile interval of the same of rows drawn anew; `groups` (n,) says which belong together."""
    groups = grouped(groups)
    names, rng = np.unique(groups), generator(seed, "bootstrap")
    rows = [np.flatnonzero(groups == name) for name in names]
    drawn = [statistic(np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])) for _ in range(draws)]
    low, high = np.percentile(drawn, [50 - 50 * CONFIDENCE, 50 + 50 * CONFIDENCE])
    return Interval(statistic(np.arange(len(groups))), float(low), float(high))


def jackknife(statistic: Callable[[NDArray[np.int64]], float], groups: NDArray[np.int64]) -> Interval:
    """A statistic of all rows, with the normal interval of how it changes as one group after the other is left out.

    For smooth statistics of which a bootstrap is biased: ranks, entropies and other counts of what is different fall where rows are drawn
    twice. More than MOST_LEFT_OUT groups are left out several at a time.

    Raises:
        LimitError: for fewer than two rows.
    """
    groups = grouped(groups)
    if len(groups) < 2:
        raise LimitError("nothing can be left out of so few rows", got=len(groups), expected="2 or more")
    names, numbers = np.unique(groups, return_inverse=True)
    parts = min(len(names), MOST_LEFT_OUT)
    part = numbers * parts // len(names)
    value = statistic(np.arange(len(groups)))
    without = np.array([statistic(np.flatnonzero(part != i)) for i in range(parts)])
    reach = normal_quantile(CONFIDENCE) * math.sqrt((parts - 1) * float(without.var()))
    return Interval(value, value - reach, value + reach)


def of_sums(
    sums: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]], groups: NDArray[np.int64], *, seed: int
) -> Intervals:
    """A statistic of sums over rows, as `interval`, of many numbers at once.

    `sums` (n, …, K) are what each row adds to the K sums that the statistic is of; it maps (…, K) to (…). A number that is none (0/0),
    or endless (1/0), in a draw does not count.
    """
    groups = grouped(groups)
    names, numbers = np.unique(groups, return_inverse=True)
    by_group = np.zeros((len(names), *sums.shape[1:]))
    np.add.at(by_group, numbers, np.asarray(sums, dtype=np.float64))
    drawn = generator(seed, "bootstrap").multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = statistic(np.einsum("dg,g...->d...", drawn, by_group))  # no BLAS: its threads wait for each other on a busy machine
        value = statistic(by_group.sum(0))
    found = np.where(np.isfinite(found), found, np.nan)
    bounds = np.full((2, *value.shape), np.nan)
    some = np.isfinite(found).any(0)
    bounds[:, some] = np.nanpercentile(found[:, some], [50 - 50 * CONFIDENCE, 50 + 50 * CONFIDENCE], axis=0)
    return Intervals(value, bounds[0], bounds[1])


def grouped(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which rows are drawn together: those of one group, or each by itself where there are fewer than LEAST_GROUPS."""
    return groups if len(np.unique(groups)) >= LEAST_GROUPS else np.arange(len(groups))


def wilson(hits: float, count: float, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a probability of which `hits` of `count` were counted; neither needs to be whole.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).

    Raises:
        LimitError: for no count, more hits than that, or a confidence that is none.
    """
    if not (count > 0 and 0 <= hits <= count):
        raise LimitError("hits are counted among some", got=f"{hits} of {count}")
    z = normal_quantile(confidence)
    p, z2 = hits / count, z * z
    middle = (p + z2 / (2 * count)) / (1 + z2 / count)
    reach = z / (1 + z2 / count) * math.sqrt(p * (1 - p) / count + z2 / (4 * count * count))
    # At the ends the sum is exact only up to rounding.
    return (0.0 if hits == 0 else max(middle - reach, 0.0)), (1.0 if hits == count else min(middle + reach, 1.0))


def normal_quantile(confidence: float) -> float:
    """How many standard deviations either side of the mean hold `confidence` of a normal law.

    Raises:
        LimitError: unless it lies between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        raise LimitError("a confidence lies between 0 and 1", got=confidence, expected="0.95, most often")
    return NormalDist().inv_cdf(0.5 + confidence / 2)
