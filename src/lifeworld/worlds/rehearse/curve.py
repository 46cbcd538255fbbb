"""When it happens: the share of futures in which it has happened by a time, where some were cut before anybody could know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.core.interval import CONFIDENCE, normal_quantile
from lifeworld.worlds.rehearse.share import checked

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Steps (k,): from `times_s` [s] on, the share in which it has happened is `share`, between `low` and `high`; before the first it is 0.

    `at_risk` (k,) is how many futures were still looked at just before each step.
    """

    times_s: Array
    share: Array
    low: Array
    high: Array
    at_risk: NDArray[np.int64]

    def at(self, times_s: ArrayLike) -> tuple[Array, Array, Array]:
        """The share, and its low and high, at some times (…) [s]."""
        step = np.searchsorted(self.times_s, np.asarray(times_s, dtype=np.float64), side="right")
        share, low, high = (np.concatenate([[0.0], values])[step] for values in (self.share, self.low, self.high))
        return share, low, high

    def quantile(self, share: float) -> float | None:
        """The first time [s] by which it has happened in so large a share; None if it never has."""
        reached = np.flatnonzero(self.share >= share - 1e-12)
        return float(self.times_s[reached[0]]) if len(reached) else None


def curve(times_s: ArrayLike, happened: ArrayLike, weights: ArrayLike | None = None, *, confidence: float = CONFIDENCE) -> Curve:
    """The product-limit curve of futures that were looked at until `times_s` (n,) [s] and in which it `happened` (n,) then, or not yet.

    Its variance is the one that follows from each future's influence on it, which weights do not fool; without weights it is Greenwood's.
    The interval is that of log(−log), so that it stays between 0 and 1.

    Raises:
        LimitError: if there is no future, a time is negative or not finite, or a weight is not one.

    Source: E. L. Kaplan and P. Meier (1958); D. Y. Lin and L. J. Wei (1989) for weights; J. D. Kalbfleisch and R. L. Prentice (1980).
    """
    end, hit = np.asarray(times_s, dtype=np.float64), np.asarray(happened, dtype=bool)
    w = checked(weights, end.shape)
    if hit.shape != end.shape:
        raise ShapeError("every future ends with it or without", got=hit.shape, expected=end.shape)
    if not (np.isfinite(end).all() and (end >= 0).all()):
        raise LimitError("a time is finite and not negative", got=f"{end.min()} to {end.max()} s")
    steps = np.unique(end[hit])
    order = np.argsort(end, kind="stable")
    ends, weight = end[order], w[order]
    first = np.searchsorted(ends, steps, side="left")  # who is still looked at just before each step
    left = np.concatenate([np.cumsum(weight[::-1])[::-1], [0.0]])[first]
    fell = np.bincount(np.searchsorted(steps, end[hit]), weights=w[hit], minlength=len(steps))
    survive = np.cumprod(np.maximum(1.0 - fell / left, 0.0))
    variance = _influence(end, hit, w, steps, left, np.maximum(left - fell, 1e-12 * left))  # where nothing is left, nothing is asked
    low, high = _bounds(survive, variance, normal_quantile(confidence))
    return Curve(times_s=steps, share=1.0 - survive, low=1.0 - high, high=1.0 - low, at_risk=(len(end) - first).astype(np.int64))


def _influence(end: Array, hit: NDArray[np.bool_], w: Array, steps: Array, left: Array, stay: Array) -> Array:
    """The variance (k,) of the logarithm of what survives each step: the sum of the squares of each future's influence on it.

    With Y = `left` at risk at a step, Y − d = `stay` after it, and H the sum of d / (Y (Y − d)) so far: one that fell at step j counts
    w (1 / (Y_j − d_j) − H_j) from then on, one that was cut after it −w H_j, and one still looked at −w H_k.
    """
    if not len(steps):
        return np.zeros(0)
    hazard = np.cumsum((left - stay) / (left * stay))
    reached = np.searchsorted(steps, end, side="right")  # how many steps a future was there for
    own = np.where(hit, 1.0 / stay[np.maximum(reached - 1, 0)], 0.0) - np.concatenate([[0.0], hazard])[reached]
    settled = np.where(hit, reached - 1, reached)  # the step from which on its influence stays what it is
    gone = np.cumsum(np.bincount(settled, weights=(w * own) ** 2, minlength=len(steps) + 1)[: len(steps)])
    waiting = (w * w).sum() - np.cumsum(np.bincount(settled, weights=w * w, minlength=len(steps) + 1)[: len(steps)])
    return np.asarray(gone + np.maximum(waiting, 0.0) * hazard**2)


def _bounds(survive: Array, variance: Array, z: float) -> tuple[Array, Array]:
    """The interval (k,), (k,) of what survives, by log(−log)."""
    inside = (survive > 0.0) & (survive < 1.0)
    log = np.log(np.where(inside, survive, 0.5))
    reach = np.exp(np.clip(z * np.sqrt(variance) / -log, 0.0, 700.0))
    return np.where(inside, np.exp(log * reach), survive), np.where(inside, np.exp(log / reach), survive)
