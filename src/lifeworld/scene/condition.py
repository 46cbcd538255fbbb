"""Conditions: what has to become so. Events wait for one, outcomes ask for some."""

from __future__ import annotations

from dataclasses import dataclass

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.predicate import PREDICATE_NAMES, PREDICATES, PredicateName

GROUND = "ground"
"""What a condition calls the ground, where no thing is called so."""
MAX_AMOUNT = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What has to become so: `predicate` of `thing`, to the thing, space or ground `to` where it takes another.

    `joint` says which one is to be open, `amount` how far, how fast or how hard (in the predicate's unit; None is the usual). With
    `holds = false` it has to be not so.
    """

    predicate: PredicateName
    thing: str
    to: str | None = None
    joint: str | None = None
    amount: float | None = None
    holds: bool = True

    def __post_init__(self) -> None:
        if self.predicate not in PREDICATE_NAMES:
            raise UnknownName("predicate", str(self.predicate), PREDICATE_NAMES)
        known = PREDICATES[self.predicate]
        check_name(self.thing, "thing")
        if known.to != "maybe" and (self.to is None) != (known.to == "none"):
            needs = "is of one thing" if known.to == "none" else "needs a second thing"
            raise SceneError(f"{self.predicate!r} {needs}", got=self.to, fix="Add or take away: to = …")
        if self.to is not None:
            check_name(self.to, "thing")
            if self.to == self.thing:
                raise SceneError(f"{self.thing!r} cannot be {self.predicate!r} itself", got=self.to, fix="Name another thing: to = …")
        if self.joint is not None:
            check_name(self.joint, "joint")
            if not known.joint:
                raise SceneError("only what opens has a joint to say", got=self.joint)
        elif self.predicate == "beyond":
            raise SceneError("beyond is of a joint", fix='Name it: joint = "swing".')
        if self.amount is not None:
            if known.amount is None:
                raise SceneError(f"{self.predicate!r} takes no amount", got=self.amount)
            finite("amount", (self.amount,), least=0.0, most=MAX_AMOUNT)
        elif self.predicate in ("higher", "beyond"):
            raise SceneError(f"{self.predicate!r} needs an amount", expected=f"a number of {known.amount}", fix="Add: amount = …")

    @property
    def much(self) -> float:
        """The amount, the usual one where none was said."""
        return PREDICATES[self.predicate].usual if self.amount is None else self.amount

    @property
    def targets(self) -> tuple[str, ...]:
        """The names it speaks of; the ground is none."""
        return (self.thing,) if self.to is None or self.to == GROUND else (self.thing, self.to)
