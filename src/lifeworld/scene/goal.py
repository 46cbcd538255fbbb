"""Goals: what is to become so in a scene, or to stay so; in order, with hints and points, they make a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import LifeworldError, LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.condition import Condition
from lifeworld.scene.predicate import PREDICATES

GoalPredicate = Literal[
    "on", "in", "under", "beside", "left_of", "right_of", "in_front_of", "behind", "facing", "touching", "open", "closed", "upright",
    "toppled", "still", "held", "higher", "beyond",
]  # fmt: skip
GOAL_PREDICATES: tuple[GoalPredicate, ...] = get_args(GoalPredicate)
ALONE: frozenset[str] = frozenset(p for p in GOAL_PREDICATES if PREDICATES[p].to in ("none", "maybe"))
"""Predicates of one thing; all others are of two."""
MAX_HINT, MAX_POINTS = 500, 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to become so: `predicate` of `thing`, to the thing or ground `to` where it takes two (`joint`: which one is to be open).

    `amount` is how far, as in conditions. It counts once the goal `after` is reached; with `keep` it has to be so from then on, to the end.
    `hint` helps who does not know how; `points` are what it is worth.
    """

    name: str
    predicate: GoalPredicate
    thing: str
    to: str | None = None
    joint: str | None = None
    amount: float | None = None
    after: str | None = None
    keep: bool = False
    hint: str = ""
    points: float = 1.0

    def __post_init__(self) -> None:
        check_name(self.name, "goal")
        where = f"goal {self.name!r}"
        if self.predicate not in GOAL_PREDICATES:
            raise UnknownName("predicate", str(self.predicate), GOAL_PREDICATES, where=where)
        if self.predicate in ALONE and self.to is not None:
            raise SceneError(f"{self.predicate!r} is of one thing", where=where, got=self.to, fix="Take away the line: to = …")
        try:
            _ = self.condition
        except LifeworldError as error:
            error.where = where
            raise
        if self.after is not None:
            check_name(self.after, "goal")
        if len(self.hint) > MAX_HINT or not self.hint.isprintable():
            raise LimitError("hint is not a line of text", where=where, got=self.hint, expected=f"at most {MAX_HINT} characters")
        finite("points", (self.points,), least=0.0, most=MAX_POINTS, where=where)

    @property
    def condition(self) -> Condition:
        """What is to be so."""
        return Condition(predicate=self.predicate, thing=self.thing, to=self.to, joint=self.joint, amount=self.amount)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of things it speaks of; the ground is none."""
        return self.condition.targets


def check_order(goals: Sequence[Goal]) -> None:
    """Raise where a goal waits for one that is not there, or for one that waits for it.

    Raises:
        UnknownName, SceneError
    """
    named = {goal.name: goal for goal in goals}
    for goal in goals:
        where, way = f"goal {goal.name!r}", [goal.name]
        if goal.after is not None and goal.after not in named:
            raise UnknownName("goal", goal.after, named, where=where)
        while (after := named[way[-1]].after) is not None:
            if after in way:
                raise SceneError("goals that wait for each other are never reached", where=where, got=" after ".join([*way, after]))
            if after not in named:
                break
            way.append(after)
