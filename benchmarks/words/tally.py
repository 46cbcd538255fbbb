"""What became of each sentence of a set, and the rates of the set: right, answered, abstained, wrong but confident; and the time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.row import Row

LANGUAGE = Path(os.environ.get("LIFEWORLD_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")) / "language"
PRIOR = 5.0
STEPS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
TRUSTED, CONFIDENT = 0.5, 0.7  # a score below the first is an abstention, one of the second or more a confident answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one sentence: what was `wanted`, what was `made` of it, with which `score` (0: refused), and the processor time [s].

    `sort` is the group of the set it is counted in beside the whole; `answer` what was made of it in short, for `calibrated`.
    """

    task: str
    text: str
    sort: str
    wanted: str
    made: str
    right: bool
    score: float
    seconds: float
    answer: str = ""

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
        Row(f"{name} ({n} sentences): accuracy", _percent([o.correct for o in outcomes]), "%", bar),
        Row(f"{name}: coverage", _percent([o.answered for o in outcomes]), "%"),
        Row(f"{name}: abstention", _percent([not o.answered for o in outcomes]), "%"),
        Row(f"{name}: accuracy of what is answered", _percent([o.correct for o in answered]), "%"),
        Row(f"{name}: wrong but confident", _percent([o.misleading for o in outcomes]), "%", confident_bar, lower=True),
        Row(f"{name}: time, median", float(np.percentile(times, 50)), "ms"),
        Row(f"{name}: time, 95th percentile", float(np.percentile(times, 95)), "ms", 20.0, lower=True),
    ]


def calibrated(outcomes: Sequence[Outcome], learned: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes, each as sure as such answers were right among others (the half that was developed on).

    Such answers are those of a like score and the same words; where these are few, PRIOR answers' weight comes from those of a like score
    and the same first word, and where these are few, from all of a like score.
    """

    def kinds(o: Outcome) -> tuple[tuple[int, str], ...]:
        like = sum(o.score >= step for step in STEPS)
        return (like, ""), (like, o.answer.partition(" ")[0]), (like, o.answer)

    seen = Counter(kind for o in learned for kind in kinds(o))
    right = Counter(kind for o in learned for kind in kinds(o) if o.right)
    out = []
    for outcome in outcomes:
        rate = 0.0
        for kind in kinds(outcome):
            rate = (right[kind] + PRIOR * rate) / (seen[kind] + PRIOR)
        out.append(replace(outcome, score=rate if outcome.score else 0.0))
    return out


def parts(name: str, outcomes: Sequence[Outcome]) -> list[Row]:
    """The accuracy [%] of each sort of a set's sentences."""
    sorts = sorted({o.sort for o in outcomes})
    few = [[o.correct for o in outcomes if o.sort == sort] for sort in sorts]
    return [Row(f"{name}, {sort} ({len(some)} sentences): accuracy", _percent(some), "%") for sort, some in zip(sorts, few, strict=True)]


def _percent(flags: Sequence[bool]) -> float:
    return 100.0 * sum(flags) / max(len(flags), 1)
