"""Which futures to look at: the one that shows best how it happens, the one that got away narrowly, the one against the odds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.worlds.rehearse.share import checked

Array = NDArray[np.float64]
Why = Literal["typical", "narrow escape", "against the odds", "likeliest yet", "wildest", "calmest"]
RIDGE = 1.0
MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructive:
    """A future worth looking at, by its number, why, and how likely its outcome seemed from what was drawn for it."""

    future: int
    why: Why
    odds: float


def instructive(columns: Mapping[str, ArrayLike], hit: ArrayLike, weights: ArrayLike | None = None) -> tuple[Instructive, ...]:
    """At most three of the futures (n,), each another one.

    With hits and misses: the hit whose odds are the middle ones of all hits (`typical`), the miss of the highest odds (`narrow escape`) and
    the hit of the lowest (`against the odds`). The odds are those of a logistic law of the drawn numbers. Where all or none were hits there
    are no odds: then those farthest from (`wildest`) and nearest to (`calmest`) the mean of what was drawn, and one between.
    """
    hit = np.asarray(hit, dtype=bool)
    w = checked(weights, hit.shape)
    x = standardised(columns, len(hit))
    if not (hit.any() and not hit.all()):
        return _by_size(x, float(hit[0]))
    odds = logistic(x, hit, w)
    hits, misses = np.flatnonzero(hit), np.flatnonzero(~hit)
    ranked = hits[np.argsort(odds[hits], kind="stable")]
    middle = int(ranked[np.searchsorted(np.cumsum(w[ranked]), w[ranked].sum() / 2)])
    chosen: list[tuple[int, Why]] = [(middle, "typical"), (int(misses[np.argmax(odds[misses])]), "narrow escape")]
    others = [int(i) for i in ranked if i != middle]
    if others:
        chosen.append((others[0], "against the odds"))
    else:  # a single hit
        near = [int(i) for i in misses[np.argsort(-odds[misses], kind="stable")] if i != chosen[1][0]]
        chosen += [(near[0], "likeliest yet")] if near else []
    return tuple(Instructive(future=i, why=why, odds=float(odds[i])) for i, why in chosen)


def standardised(columns: Mapping[str, ArrayLike], count: int) -> Array:
    """The columns that are not the same in all futures, side by side (n, k), each with mean 0 and deviation 1."""
    x = np.column_stack([np.asarray(c, dtype=np.float64) for c in columns.values()]) if columns else np.zeros((count, 0))
    x = x - x.mean(axis=0)
    deviation = x.std(axis=0)
    return np.asarray(x[:, deviation > 1e-12] / deviation[deviation > 1e-12])


def logistic(x: Array, hit: NDArray[np.bool_], weights: Array) -> Array:
    """The probability (n,) that a logistic law of x (n, k), fitted to `hit` with a ridge by Newton's steps, gives each future.

    Source: S. le Cessie and J. C. van Houwelingen, Ridge estimators in logistic regression (1992).
    """
    design = np.column_stack([np.ones(len(x)), x])
    w = weights * len(weights) / weights.sum()
    ridge = np.full(design.shape[1], RIDGE)
    ridge[0] = 1e-6
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_ROUNDS):
        p = _sigmoid(design @ beta)
        slope = design.T @ (w * (hit - p)) - ridge * beta
        curvature = (design * (w * p * (1 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curvature, slope)
        beta += step / max(1.0, float(np.abs(step).max()))  # never far at once: it cannot overshoot for ever
        if np.abs(step).max() < 1e-8:
            break
    return _sigmoid(design @ beta)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0))))


def _by_size(x: Array, odds: float) -> tuple[Instructive, ...]:
    size = np.linalg.norm(x, axis=1)
    order = np.argsort(-size, kind="stable")
    chosen: dict[int, Why] = {int(order[0]): "wildest"}
    chosen.setdefault(int(order[-1]), "calmest")
    chosen.setdefault(int(order[len(order) // 2]), "typical")
    return tuple(Instructive(future=i, why=why, odds=odds) for i, why in chosen.items())
