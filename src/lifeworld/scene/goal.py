"""Goals: what is to become so in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.scene.bounds import check_name

GoalPredicate = Literal[
    "on", "in", "under", "beside", "left_of", "right_of", "in_front_of", "behind", "facing", "touching", "open", "closed", "upright"
]
GOAL_PREDICATES: tuple[GoalPredicate, ...] = get_args(GoalPredicate)
ALONE: frozenset[str] = frozenset({"open", "closed", "upright"})
"""Predicates of one thing; all others are of two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to become so: `predicate` of `thing`, to the thing `to` where the predicate takes two (`joint`: which one is to be open)."""

    name: str
    predicate: GoalPredicate
    thing: str
    to: str | None = None
    joint: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "goal")
        where = f"goal {self.name!r}"
        if self.predicate not in GOAL_PREDICATES:
            raise UnknownName("predicate", str(self.predicate), GOAL_PREDICATES, where=where)
        check_name(self.thing, "thing")
        if (self.to is None) != (self.predicate in ALONE):
            needs = "is of one thing" if self.predicate in ALONE else "needs a second thing"
            raise SceneError(f"{self.predicate!r} {needs}", where=where, got=self.to, fix="Add or take away the line: to = …")
        if self.to is not None:
            check_name(self.to, "thing")
        if self.joint is not None:
            check_name(self.joint, "joint")
            if self.predicate not in ("open", "closed"):
                raise SceneError("only what opens has a joint to say", where=where, got=self.joint)

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.thing,) if self.to is None else (self.thing, self.to)
