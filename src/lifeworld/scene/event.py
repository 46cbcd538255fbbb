"""Events: what a scene itself brings about, at a time or once something becomes so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.goal import ALONE, GOAL_PREDICATES, GoalPredicate
from lifeworld.scene.naming import mentions
from lifeworld.scene.shape import Vec3

if TYPE_CHECKING:  # edits are about scenes, and a scene keeps those that its events will make
    from lifeworld.scene.edit.values import Edit

GROUND = "ground"
"""What a condition calls the ground, where no thing is called so."""
MAX_AT_S = 86_400.0
MAX_IMPULSE_N_S = 10_000.0
MAX_DEEDS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What has to become so: as a goal's, but `to` may be the ground."""

    predicate: GoalPredicate
    thing: str
    to: str | None = None
    joint: str | None = None

    def __post_init__(self) -> None:
        if self.predicate not in GOAL_PREDICATES:
            raise UnknownName("predicate", str(self.predicate), GOAL_PREDICATES)
        check_name(self.thing, "thing")
        if (self.to is None) != (self.predicate in ALONE):
            needs = "is of one thing" if self.predicate in ALONE else "needs a second thing"
            raise SceneError(f"{self.predicate!r} {needs}", got=self.to, fix="Add or take away: to = …")
        if self.to is not None:
            check_name(self.to, "thing")
        if self.joint is not None:
            check_name(self.joint, "joint")
            if self.predicate not in ("open", "closed"):
                raise SceneError("only what opens has a joint to say", got=self.joint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impulse:
    """A push of no duration: `impulse_n_s` (x, y, z) [N·s], world frame, at `at_m` (x, y, z) [m] in the thing's frame.

    None for `at_m` is its centre of mass.
    """

    thing: str
    impulse_n_s: Vec3
    at_m: Vec3 | None = None

    def __post_init__(self) -> None:
        check_name(self.thing, "thing")
        finite("impulse_n_s", self.impulse_n_s, most=MAX_IMPULSE_N_S)
        if self.at_m is not None:
            finite("at_m", self.at_m, most=100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Once, at `at_s` [s] of the episode or when `when` first becomes so: `impulses`, then `edits` in their order.

    Kept and checked with the scene; `edits` may speak of what they or other events' edits bring.
    """

    name: str
    at_s: float | None = None
    when: Condition | None = None
    impulses: tuple[Impulse, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "event")
        where = f"event {self.name!r}"
        if (self.at_s is None) == (self.when is None):
            raise SceneError("an event has one trigger", where=where, expected="at_s = … or when = { … }, and not both")
        if self.at_s is not None:
            finite("at_s", (self.at_s,), least=0.0, most=MAX_AT_S, where=where)
        count = len(self.impulses) + len(self.edits)
        if not count:
            raise SceneError("an event that does nothing", where=where, fix="Give it impulses or edits.")
        if count > MAX_DEEDS:
            raise LimitError("an event that does too much", where=where, got=count, expected=f"at most {MAX_DEEDS} impulses and edits")
        for edit in self.edits:
            if getattr(edit, "event", None) is not None:
                raise SceneError("an event that makes events", where=where, fix="Let the scene have both.")

    @property
    def targets(self) -> frozenset[str]:
        """The names it speaks of and does not bring itself."""
        ground = {GROUND} if self.when is not None and self.when.to == GROUND else set()
        return mentions((self.when, self.impulses, self.edits)) - self.brings - ground

    @property
    def brings(self) -> frozenset[str]:
        """The names its edits bring into the scene."""
        return frozenset(name for edit in self.edits for name in edit.brings)
