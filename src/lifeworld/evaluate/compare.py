"""Models side by side: each number of one less the same number of another, with an interval of the difference.

Both saw the same episodes, pairs or starts, so what is hard is hard for both: the difference is taken thing by thing and averaged over
them, and its interval is narrower than the two would let one think. What is drawn anew are things, for both models the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.interval import of_sums
from lifeworld.evaluate.judged import Report
from lifeworld.evaluate.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much more a number is for a model than for the first, and where that lies with 95 % certainty.

    `value` is the mean over things of their differences. Where there are none to pair it is the difference of the two numbers, with the
    wider bounds that it would have had the models been judged on different data, and `why` says why. `better`: whether this model is
    surely better (True), surely worse (False).
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    why: str = ""
    better: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of all models: `measured` in their order, `differences` of the second and all later ones to the first."""

    name: str
    unit: str
    better: str
    measured: tuple[Measured, ...]
    differences: tuple[Difference, ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(each.value for each in self.measured)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Reports side by side: rows by section, and `only_of_some`, numbers that not all have (`section/name` → the models that have it)."""

    reports: tuple[Report, ...]
    sections: Mapping[str, tuple[Row, ...]]
    only_of_some: Mapping[str, tuple[str, ...]]


def compared(reports: Sequence[Report]) -> Comparison:
    """Put reports of several models side by side.

    Raises:
        InputError: if they are fewer than two, or were not judged on the same data with the same seed.
    """
    if len(reports) < 2:
        raise InputError("two models or more are compared", got=len(reports))
    first = reports[0]
    for other in reports[1:]:
        if (first.data.sha256, first.seed) != (other.data.sha256, other.seed):
            raise InputError(
                "models that were judged on different clips cannot be compared",
                where=f"{first.model.name}, {other.model.name}",
                got=f"data {first.data.sha256[:12]} seed {first.seed}, data {other.data.sha256[:12]} seed {other.seed}",
                fix="Judge them on one bundle; they must see pictures of one size at one pace.",
            )
    names = list(dict.fromkeys(section.name for report in reports for section in report.sections))
    sections, some = {}, dict[str, tuple[str, ...]]()
    for name in names:
        found = [{m.name: m for s in report.sections if s.name == name for m in s.measured} for report in reports]
        rows = []
        for number in dict.fromkeys(each for one in found for each in one):
            who = [i for i, one in enumerate(found) if number in one]
            if len(who) < len(reports):
                some[f"{name}/{number}"] = tuple(reports[i].model.name for i in who)
            else:
                rows.append(_row(tuple(one[number] for one in found), first.seed))
        sections[name] = tuple(rows)
    return Comparison(reports=tuple(reports), sections=sections, only_of_some=some)


def difference(first: Measured, other: Measured, *, seed: int) -> Difference:
    """A number less the same number of another model; positive is more."""
    if (first.unit, first.better) != (other.unit, other.better):
        return Difference(value=other.value - first.value, why="they do not mean the same")
    if why := _unpaired(first, other):
        low, high = _apart(first, other)
        return Difference(value=other.value - first.value, low=low, high=high, why=why, better=_surely(first, low, high))
    more = np.asarray(other.raw, dtype=np.float64) - np.asarray(first.raw, dtype=np.float64)
    sums = np.stack([more, np.ones_like(more)], axis=1)
    found = of_sums(sums, lambda each: np.asarray(each[..., 0] / each[..., 1]), np.arange(len(more)), seed=seed)
    low, high = float(found.low), float(found.high)
    return Difference(value=float(found.value), low=low, high=high, better=_surely(first, low, high))


def _row(measured: tuple[Measured, ...], seed: int) -> Row:
    first = measured[0]
    differences = tuple(difference(first, other, seed=seed) for other in measured[1:])
    return Row(name=first.name, unit=first.unit, better=first.better, measured=measured, differences=differences)


def _unpaired(first: Measured, other: Measured) -> str:
    """Why two numbers cannot be taken thing by thing; nothing if they can."""
    if not first.raw or not other.raw:
        return "single things have no such number"
    if first.data_sha256 != other.data_sha256 or len(first.raw) != len(other.raw):
        return "they are of different things"
    return ""


def _apart(first: Measured, other: Measured) -> tuple[float, float]:
    """Where the difference of two numbers lies that have nothing to do with each other; NaN where they have no bounds.

    What is hard for one is hard for the other, so it lies in narrower bounds than these.

    Source: Zou & Donner, Construction of confidence limits about effect measures (2008), without correlation.
    """
    value = other.value - first.value
    down = math.hypot(other.value - other.low, first.high - first.value)
    up = math.hypot(other.high - other.value, first.value - first.low)
    return value - down, value + up


def _surely(first: Measured, low: float, high: float) -> bool | None:
    """Whether a difference within these bounds is for the better."""
    if first.better == "exact" or not (low > 0 or high < 0):
        return None
    return (low > 0) == (first.better == "higher")
