"""What it hangs on: which of the numbers that were drawn for each future tell those in which it happened from the others.

Every number was drawn by chance and on its own, so what goes with the outcome brings it about, or is brought about by what does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.core.interval import CONFIDENCE, normal_quantile
from lifeworld.worlds.rehearse.share import Share, checked, difference, effective, share

Array = NDArray[np.float64]
MOST = 0.95
"""Effects beyond are given the interval of this one, whose lower end still means something: at 1 the tangent has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One drawn number and what hangs on it.

    `effect` is how much likelier a future with the outcome has more of it than one without, less the other way round: 1 if always more,
    −1 if always less, 0 if it says nothing (Somers' D). `low` and `high` hold it with the confidence asked for, shared among all factors
    that were looked at, so that among many that say nothing none seems to. Of the futures (or `of` what it is a number of) with more than
    `split` a share `above` had the outcome, of the others `below`.
    """

    name: str
    of: str
    effect: float
    low: float
    high: float
    split: float
    above: Share
    below: Share

    @property
    def clear(self) -> bool:
        """Whether it says anything: 0 is not among what the effect may be."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def difference(self) -> tuple[float, float]:
        """The interval of the share above less the share below."""
        return difference(self.above, self.below)


def factors(
    columns: Mapping[str, ArrayLike],
    hit: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    of: str = "futures",
    among: int = 0,
    confidence: float = CONFIDENCE,
) -> tuple[Factor, ...]:
    """The factors in order of their influence: `columns` name → (n,) numbers of each future, `hit` (n,) which had the outcome.

    Those that are the same in all futures are left out; there are none where the outcome came in all futures or in none. `among` is how
    many are looked at in all, here and elsewhere; `of` what the numbers are of, in the plural.

    Raises:
        ShapeError: if a column has not one number for each future.

    Source of the interval: E. R. DeLong et al., Comparing the areas under two or more correlated ROC curves (1988), with weights.
    """
    hit = np.asarray(hit, dtype=bool)
    w = checked(weights, hit.shape)
    if not (w[hit].any() and w[~hit].any()):
        return ()
    told = {}
    for name, column in columns.items():
        values = np.asarray(column, dtype=np.float64)
        if values.shape != hit.shape:
            raise ShapeError(f"factor {name!r} has one number for each future", got=values.shape, expected=hit.shape)
        if (values != values[0]).any():
            told[name] = values
    each = 1.0 - (1.0 - confidence) / max(len(told), among, 1)  # Bonferroni's share
    return ranked(_factor(name, of, values, hit, w, each, confidence) for name, values in told.items())


def ranked(found: Iterable[Factor]) -> tuple[Factor, ...]:
    """Factors in order of their influence: those that are clear first."""
    return tuple(sorted(found, key=lambda f: (not f.clear, -abs(f.effect), f.name)))


def _factor(name: str, of: str, values: Array, hit: NDArray[np.bool_], w: Array, each: float, confidence: float) -> Factor:
    effect, deviation = somers(values, hit, w)
    low, high = _bounds(effect, deviation, normal_quantile(each))
    split = _split(values, w)
    above = values > split
    return Factor(
        name=name,
        of=of,
        effect=effect,
        low=low,
        high=high,
        split=split,
        above=share(hit[above], w[above], confidence=confidence),
        below=share(hit[~above], w[~above], confidence=confidence),
    )


def somers(values: ArrayLike, hit: ArrayLike, weights: ArrayLike | None = None) -> tuple[float, float]:
    """Somers' D of some numbers (n,) between futures with the outcome and without, and its standard deviation.

    The deviation is DeLong's, and never less than what numbers that say nothing would have: with a few hits the former is too sure.
    """
    x, h = np.asarray(values, dtype=np.float64), np.asarray(hit, dtype=bool)
    w = checked(weights, x.shape)
    over_misses = _ahead(x[~h], w[~h], x[h])  # (hits,): the share of misses it exceeds, less that which exceeds it
    under_hits = -_ahead(x[h], w[h], x[~h])
    effect = float(w[h] @ over_misses / w[h].sum())
    variance = sum(
        float((one * one) @ (part - effect) ** 2) / float(one.sum()) ** 2 for one, part in ((w[h], over_misses), (w[~h], under_hits))
    )
    hits, misses = effective(w[h]), effective(w[~h])
    _, same = np.unique(x, return_inverse=True)
    tied = float(((np.bincount(same, weights=w) / w.sum()) ** 3).sum())
    silent = (hits + misses + 1.0) / (3.0 * hits * misses) * (1.0 - tied)  # Mann and Whitney's, with ties
    return effect, math.sqrt(max(variance, silent))


def _ahead(among: Array, weights: Array, at: Array) -> Array:
    """For each number of `at`, the share of `among` that lies below it less the share above it."""
    order = np.argsort(among, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    below = total[np.searchsorted(among[order], at, side="left")]
    above = total[-1] - total[np.searchsorted(among[order], at, side="right")]
    return np.asarray((below - above) / total[-1])


def _bounds(effect: float, deviation: float, z: float) -> tuple[float, float]:
    """The interval of an effect by its inverse hyperbolic tangent, so that it stays between −1 and 1."""
    inner = math.copysign(min(abs(effect), MOST), effect)
    reach = z * deviation / (1.0 - inner * inner)
    low, high = math.tanh(math.atanh(inner) - reach), math.tanh(math.atanh(inner) + reach)
    return min(low, effect), max(high, effect)


def _split(values: Array, w: Array) -> float:
    """Where to part more from less: the weighted median, or the next lower number where nothing lies above it."""
    order = np.argsort(values, kind="stable")
    middle = float(values[order][np.searchsorted(np.cumsum(w[order]), w.sum() / 2)])
    most = float(values.max())
    return middle if middle < most else float(values[values < most].max())
