"""A number as the report says it: with its interval, its floor, and all that is needed to have it again.

A number without a floor cannot be made: what is good is good beside what costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lifeworld.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What costs nothing does as well as this: `name` says what (copying the last picture, random actions, chance)."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number, and where it lies with 95 % certainty were others like these drawn.

    Args:
        name: what it is, `psnr@8`, `success`; the same for every model, so that two can be compared.
        unit: `dB`, `%`, `ms`, "" for a share or a correlation.
        n: how many independent things it is of, and `of` what they are (`clips of 12 episodes`, `pairs`).
        seeds: of everything drawn.
        floors: one or more; the first is the one it is judged by.
        better: the direction of good; `exact`: the nearer to the first floor's value the better (a control that ought to be chance).
        raw: the same number of each of the n things alone, in the order of the data: two models are compared thing by thing.

    Raises:
        InputError: without a floor, or where the value or the floor's is no number.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    n: int
    of: str
    seeds: tuple[int, ...]
    floors: tuple[Floor, ...]
    better: Literal["higher", "lower", "exact"]
    data_sha256: str
    model_sha256: str
    raw: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.floors:
            raise InputError("a number without a floor says nothing", where=self.name, expected="what costs nothing, measured on the same")
        if bad := [n for n, v in ((self.name, self.value), *((f.name, f.value) for f in self.floors)) if not math.isfinite(v)]:
            raise InputError("what was measured is no number", where=self.name, got=", ".join(bad))

    @property
    def above_floor(self) -> bool | None:
        """Whether it is surely better than its floor; None where the interval holds the floor, or where being the floor is good."""
        floor = self.floors[0].value
        if self.better == "exact" or self.low <= floor <= self.high:
            return None
        return (self.low > floor) == (self.better == "higher")
