"""What became of each sentence of a set, and the rates of the set: right, answered, abstained, wrong but confident; and the time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.row import Row

LANGUAGE = Path(os.environ.get("LIFEWORLD_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")) / "language"
TRUSTED, CONFIDENT = 0.4, 0.7
"""A score below the first is an abstention, one of the second or more a confident answer; a guess among several (0.53) is an unsure one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one sentence: what was `wanted`, what was `made` of it, with which `score` (0: refused), and the processor time [s].

    `sort` is the group of the set it is counted in beside the whole.
    """

    task: str
    text: str
    sort: str
    wanted: str
    made: str
    right: bool
    score: float
    seconds: float

    @property
    def answered(self) -> bool:
        return self.score >= TRUSTED

    @property
    def correct(self) -> bool:
        return self.right and self.answered

    @property
    def misleading(self) -> bool:
        return not self.right and self.score >= CONFIDENT


def rows(name: str, outcomes: Sequence[Outcome], *, bar: float | None, confident_bar: float | None = 2.0) -> list[Row]:
    """The rates [%] of a set, and the processor times [ms] at the middle and at the 95th percentile of its sentences."""
    n = len(outcomes)
    answered = [o for o in outcomes if o.answered]
    times = np.array([o.seconds for o in outcomes]) * 1000
    return [
        Row(f"{name}: accuracy", _percent([o.correct for o in outcomes]), "%", bar, n=n),
        Row(f"{name}: coverage", _percent([o.answered for o in outcomes]), "%", n=n),
        Row(f"{name}: abstention", _percent([not o.answered for o in outcomes]), "%", n=n),
        Row(f"{name}: accuracy of what is answered", _percent([o.correct for o in answered]), "%", n=len(answered)),
        Row(f"{name}: confident", _percent([o.score >= CONFIDENT for o in outcomes]), "%", n=n),
        Row(f"{name}: wrong but confident", _percent([o.misleading for o in outcomes]), "%", confident_bar, lower=True, n=n),
        Row(f"{name}: time, median", float(np.percentile(times, 50)), "ms", n=n),
        Row(f"{name}: time, 95th percentile", float(np.percentile(times, 95)), "ms", 20.0, lower=True, n=n),
    ]


def parts(name: str, outcomes: Sequence[Outcome]) -> list[Row]:
    """The accuracy [%] of each sort of a set's sentences."""
    sorts = sorted({o.sort for o in outcomes})
    few = [[o.correct for o in outcomes if o.sort == sort] for sort in sorts]
    return [Row(f"{name}, {sort}: accuracy", _percent(some), "%", n=len(some)) for sort, some in zip(sorts, few, strict=True)]


def _percent(flags: Sequence[bool]) -> float:
    return 100.0 * sum(flags) / max(len(flags), 1)
