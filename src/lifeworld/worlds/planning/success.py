"""How often goals are reached, and how much more often than at random: counted pair by pair, each with the interval it lies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.core.interval import Interval, wilson
from lifeworld.worlds.planning.pursue import Pursuit

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """The share of errands that were done by one of the rules, that of the same ones at `random`, and by how much it is more (`excess`)."""

    reached: Interval
    random: Interval
    excess: Interval
    n: int

    @classmethod
    def of(cls, mine: Truth, floor: Truth) -> Success:
        """From who reached what (n,), and at random (n,)."""
        return cls(reached=rate(mine), random=rate(floor), excess=excess(mine, floor), n=len(mine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a plan took: `ms` of processor time and `steps` of tried futures, the median of all `plans`; `decisions` were done."""

    ms: float
    steps: float
    plans: int
    decisions: int


def success(pursuits: Sequence[Pursuit], floors: Sequence[Pursuit], *, strict: bool) -> Success:
    """Of errands gone about twice, with plans and at random."""
    mine, floor = (np.array([(p.strict if strict else p.moderate) is not None for p in each]) for each in (pursuits, floors))
    return Success.of(mine, floor)


def price(pursuits: Sequence[Pursuit]) -> Price:
    """What the plans of some pursuits took."""
    spent = [s for p in pursuits for s in p.plan_s]
    steps = [plan.steps for p in pursuits for plan in p.plans]
    return Price(
        ms=1e3 * float(np.median(spent)), steps=float(np.median(steps)), plans=len(spent), decisions=sum(p.decisions for p in pursuits)
    )


def rate(hits: Truth) -> Interval:
    """The share of those that are so (n,), with Wilson's interval."""
    return Interval(float(np.mean(hits)), *wilson(int(np.sum(hits)), len(hits)))


def excess(mine: Truth, floor: Truth) -> Interval:
    """By how much the share of `mine` (n,) is more than that of `floor` (n,), each pair being of the same thing.

    Source: R. G. Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data (1998),
    method 10.

    Raises:
        ShapeError: if they are not pairs.
    """
    if mine.shape != floor.shape or mine.ndim != 1:
        raise ShapeError("pairs are as many of one as of the other", got=mine.shape, expected=floor.shape)
    n = len(mine)
    both, first, second = int((mine & floor).sum()), int((mine & ~floor).sum()), int((~mine & floor).sum())
    neither = n - both - first - second
    spread = math.sqrt((both + first) * (second + neither) * (both + second) * (first + neither))
    apart = both * neither - first * second
    alike = (max(apart - n / 2, 0.0) if apart > 0 else float(apart)) / spread if spread else 0.0
    (p, p_low, p_high), (q, q_low, q_high) = rate(mine), rate(floor)
    low = math.sqrt(max((p - p_low) ** 2 - 2 * alike * (p - p_low) * (q_high - q) + (q_high - q) ** 2, 0.0))
    high = math.sqrt(max((p_high - p) ** 2 - 2 * alike * (p_high - p) * (q - q_low) + (q - q_low) ** 2, 0.0))
    return Interval(p - q, p - q - low, p - q + high)
