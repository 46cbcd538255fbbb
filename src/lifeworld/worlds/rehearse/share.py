"""Shares: how likely something is, counted from futures that may weigh differently, with the interval it lies in.

Futures drawn from other laws than the natural ones carry weights, natural density over that drawn from. Everything here is
self-normalised: weights count only against each other, and equal ones are as if there were none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.core.interval import CONFIDENCE, wilson

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A probability: the best guess, and the interval it lies in with `confidence`.

    `count` futures were looked at and `hits` of them had it. `effective` is how many futures drawn by the natural laws would say as much:
    `count` itself without weights.
    """

    value: float
    low: float
    high: float
    hits: int
    count: int
    effective: float
    confidence: float = CONFIDENCE

    @property
    def width(self) -> float:
        return self.high - self.low


def share(hit: ArrayLike, weights: ArrayLike | None = None, *, confidence: float = CONFIDENCE) -> Share:
    """How likely it is: `hit` (n,) says which futures had it, `weights` (n,) how much each counts (None: all alike).

    The interval is Wilson's for as many futures as would, drawn by the natural laws, have the variance that the weighted share has. Where
    none or all had it that cannot be told, and Kish's effective number stands in for it.

    Raises:
        LimitError: if there is no future, or a weight is negative or not finite.
    """
    hit = np.asarray(hit, dtype=bool)
    w = checked(weights, hit.shape)
    value = float(w[hit].sum() / w.sum())
    if 0.0 < value < 1.0:
        variance = float((w * w) @ (hit - value) ** 2) / float(w.sum()) ** 2
        number = value * (1.0 - value) / variance
    else:
        number = effective(w)
    low, high = wilson(min(value * number, number), number, confidence=confidence)
    return Share(value=value, low=low, high=high, hits=int(hit.sum()), count=len(hit), effective=number, confidence=confidence)


def effective(weights: ArrayLike) -> float:
    """How many futures of equal weight are worth these (n,): (Σw)² / Σw².

    Source: L. Kish, Survey Sampling (1965).
    """
    w = np.asarray(weights, dtype=np.float64)
    return float(w.sum() ** 2 / (w * w).sum()) if w.any() else 0.0


def difference(a: Share, b: Share) -> tuple[float, float]:
    """The interval of a's probability less b's, from the intervals of both.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions (1998), method 10.
    """
    apart = a.value - b.value
    return apart - math.hypot(a.value - a.low, b.high - b.value), apart + math.hypot(a.high - a.value, b.value - b.low)


def checked(weights: ArrayLike | None, shape: tuple[int, ...]) -> Array:
    """Weights (n,) as they may be used: some, finite, not negative; ones where there are none.

    Raises:
        LimitError, ShapeError
    """
    if shape == (0,):
        raise LimitError("there is no future to count", expected="at least 1")
    w = np.ones(shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != shape or len(shape) != 1:
        raise ShapeError("every future has one weight", got=w.shape, expected=shape)
    if not (np.isfinite(w).all() and (w >= 0).all() and w.any()):
        raise LimitError("weights are finite, not negative, and not all zero", got=f"{w.min()} to {w.max()}")
    return w
