"""Where a number lies along a line, and which numbers are written beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NICE = (1, 2, 5, 10)
FEW = 9
"""So many different numbers at most are all written."""
SAME = 1e-9
"""Numbers nearer to each other than this share of them are the same."""
SKEWED = 0.3
"""Numbers whose middle one lies within this share of their range double from one to the next, and are drawn so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From `low` to `high`, by doublings if `doubling`; `ticks` are the numbers written."""

    low: float
    high: float
    ticks: tuple[float, ...]
    doubling: bool = False

    def at(self, value: float) -> float:
        """Where a number lies, 0 at the low end to 100 at the high one."""
        low, high, here = (math.log(v) if self.doubling else v for v in (self.low, self.high, value))
        return round(100 * (here - low) / (high - low), 3)


def along(values: Sequence[float]) -> Axis:
    """An axis for what is told of given numbers, which lie at its ends: horizons, shares."""
    known = sorted({v for v in values if math.isfinite(v)}) or [0.0]
    low, high = known[0], known[-1]
    if high - low <= SAME * max(abs(low), abs(high), SAME):
        return Axis(low=low - 0.5, high=high + 0.5, ticks=(low,))
    doubling = low > 0 and len(known) > 3 and (known[len(known) // 2] - low) < SKEWED * (high - low)
    ticks = tuple(known) if len(known) <= FEW else nice(low, high)
    return Axis(low=low, high=high, ticks=ticks, doubling=doubling)


def around(values: Sequence[float]) -> Axis:
    """An axis that holds all of the numbers, with nice ones at its ends."""
    known = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(known), max(known)
    large = max(abs(low), abs(high))
    if high - low <= SAME * max(large, SAME):  # one number, as far as can be told
        half = 0.5 * large if large > SAME else 0.5
        low, high = low - half, high + half
    step = _step(low, high)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(low=low, high=high, ticks=_steps(low, high, step))


def nice(low: float, high: float, *, about: int = 4) -> tuple[float, ...]:
    """Round numbers from low to high."""
    return _steps(low, high, _step(low, high, about=about))


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    first = math.ceil(low / step - 1e-9)
    return tuple(round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1))


def _step(low: float, high: float, *, about: int = 4) -> float:
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in NICE if nice * power >= rough * (1 - 1e-9))
