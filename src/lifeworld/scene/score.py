"""The score of a lesson: which goals were reached, in their order, when, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lifeworld.core.errors import ShapeError
from lifeworld.scene.goal import Goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How one goal went: whether it was `reached` (of one to keep: kept to the end), in which `tick` that was decided (None: it was not),

    and how far it came in the end, from 0 to 1.
    """

    goal: Goal
    reached: bool
    tick: int | None
    progress: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a lesson went: a mark for each goal, in the scene's order."""

    marks: tuple[Mark, ...]

    @property
    def points(self) -> float:
        """The points that were won."""
        return sum(mark.goal.points for mark in self.marks if mark.reached)

    @property
    def most(self) -> float:
        """The points there were to win."""
        return sum(mark.goal.points for mark in self.marks)

    @property
    def reached(self) -> tuple[str, ...]:
        """The names of the goals that were reached."""
        return tuple(mark.goal.name for mark in self.marks if mark.reached)

    @property
    def passed(self) -> bool:
        """Whether every goal was reached."""
        return all(mark.reached for mark in self.marks)

    @property
    def next(self) -> Goal | None:
        """What is to be done next: the first goal that is not reached and waits for nobody; None where all is done."""
        done = set(self.reached)
        return next((m.goal for m in self.marks if not m.reached and not m.goal.keep and m.goal.after in (None, *done)), None)

    @property
    def labels(self) -> Mapping[str, str]:
        """What an episode says of it, in labels."""
        if not self.marks:
            return {}
        return {"score": f"{self.points:g} of {self.most:g}", "goals_reached": ", ".join(self.reached)}


def score(goals: Sequence[Goal], progress: ArrayLike) -> Score:
    """The score of a history by how far each goal was at each tick: `progress` (ticks, goals), as the signal `goal_progress` tells it.

    Raises:
        ShapeError: if there are not so many columns as goals.
    """
    rows = np.asarray(progress, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(goals):
        raise ShapeError("progress is told goal by goal", got=rows.shape, expected=f"(ticks, {len(goals)})")
    column = {goal.name: i for i, goal in enumerate(goals)}
    begins: dict[str, int | None] = {}

    def begin(goal: Goal) -> int | None:
        """The tick from which a goal counts; None if it never does."""
        if goal.after is None:
            return 0
        if goal.after not in begins:
            begins[goal.after] = reached(goals[column[goal.after]])
        return begins[goal.after]

    def reached(goal: Goal) -> int | None:
        """The tick in which a goal is reached; None if it is not."""
        first = begin(goal)
        if first is None or first >= len(rows):
            return None
        so = rows[first:, column[goal.name]] == 1.0
        if goal.keep:
            return first if bool(so.all()) else None
        return first + int(so.argmax()) if bool(so.any()) else None

    marks = []
    for i, goal in enumerate(goals):
        first, tick = begin(goal), reached(goal)
        counts = first is not None and len(rows) > 0
        if goal.keep and tick is not None:
            tick = len(rows) - 1
        marks.append(Mark(goal=goal, reached=tick is not None, tick=tick, progress=float(rows[-1, i]) if counts else 0.0))
    return Score(marks=tuple(marks))
