"""Events: what a scene itself brings about: at a time, once something becomes so, now and then, or after another event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.condition import GROUND, Condition
from lifeworld.scene.deed import Deed
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.naming import mentions
from lifeworld.scene.shape import Vec3

if TYPE_CHECKING:  # edits are about scenes, and a scene keeps those that its events will make
    from lifeworld.scene.edit.values import Edit

MAX_AT_S = 86_400.0
MAX_RATE_PER_MIN = 6_000.0
MAX_TIMES = 10_000
MAX_DEEDS = 64

Safety = Literal["harmless", "caution", "hazard"]
SAFETIES: tuple[Safety, ...] = get_args(Safety)
Pick = Literal["any", "all", "nearest", "heaviest", "lightest", "highest"]
PICKS: tuple[Pick, ...] = get_args(Pick)
TRIGGERS = ("at_s", "when", "rate_per_min", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom an event befalls, asked of the scene as it stands then: those of whom all is true that is said here.

    `names` of things, cameras or embodiments; the `category`, `kind` or one `affordance` of a thing's kind; `on`: what it stands on (or
    `ground`); `free` to move, or not. Of those, `pick`: `any` one drawn by chance, `all`, the one `nearest` to the middle of the scene,
    the `heaviest`, the `lightest` or the `highest`.
    """

    names: tuple[str, ...] = ()
    category: str | None = None
    kind: str | None = None
    affordance: str | None = None
    on: str | None = None
    free: bool | None = None
    pick: Pick = "any"

    def __post_init__(self) -> None:
        for name in self.names:
            check_name(name, "thing")
        if self.on is not None:
            check_name(self.on, "thing")
        if self.pick not in PICKS:
            raise UnknownName("pick", str(self.pick), PICKS, fix=f"It is one of {', '.join(PICKS)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happens when its one trigger is so: a `kind` of the library draws what, or `edits` and then `deeds` say it.

    `at_s` [s] of the episode; `when` it becomes so; by chance, `rate_per_min` times a minute on average; or `delay_s` [s] `after` another
    event. At most `most` times: None is once for a time and a condition, and any number of times for the others.

    Of a kind, `who` it befalls, its `strength`, its `direction` (x, y, z), world frame, and what is thrown, dropped or rolled
    in, a kind of thing it is `of`; None: as the kind has it. `expects` is what is
    likely to come of it, `safety` how bad that is. Kept and checked with the scene; `edits` may speak of what they or other events bring.
    """

    name: str
    at_s: float | None = None
    when: Condition | None = None
    rate_per_min: float | None = None
    after: str | None = None
    delay_s: float = 0.0
    kind: str | None = None
    who: Who | None = None
    strength: Magnitude | None = None
    direction: Vec3 | None = None
    of: str | None = None
    edits: tuple[Edit, ...] = ()
    deeds: tuple[Deed, ...] = ()
    expects: Condition | None = None
    safety: Safety | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "event")
        where = f"event {self.name!r}"
        self._check_trigger(where)
        count = len(self.deeds) + len(self.edits)
        if self.kind is None:
            if not count:
                raise SceneError("an event that does nothing", where=where, fix="Give it a kind, deeds or edits.")
            for key in ("who", "strength", "direction", "of"):
                if getattr(self, key) is not None:
                    raise SceneError(f"only an event of a kind has: {key} = …", where=where, fix="The deeds say it themselves.")
        elif count:
            raise SceneError("an event of a kind draws its deeds itself", where=where, fix="Leave out the kind, or deeds and edits.")
        if self.kind is not None:
            check_name(self.kind, "kind of event")
        if self.of is not None:
            check_name(self.of, "kind of thing")
        if count > MAX_DEEDS:
            raise LimitError("an event that does too much", where=where, got=count, expected=f"at most {MAX_DEEDS} deeds and edits")
        for edit in self.edits:
            if getattr(edit, "event", None) is not None:
                raise SceneError("an event that makes events", where=where, fix="Let the scene have both.")
        if self.direction is not None:
            finite("direction", self.direction, most=1e6, where=where)
            if not any(self.direction):
                raise LimitError("direction has no length", where=where, got=self.direction)
        if self.safety is not None and self.safety not in SAFETIES:
            raise UnknownName("safety", str(self.safety), SAFETIES, where=where, fix=f"It is one of {', '.join(SAFETIES)}.")

    def _check_trigger(self, where: str) -> None:
        if sum(getattr(self, key) is not None for key in TRIGGERS) != 1:
            fix = "at_s = …, when = { … }, rate_per_min = … or after = …, and only one"
            raise SceneError("an event has one trigger", where=where, expected=fix)
        if self.at_s is not None:
            finite("at_s", (self.at_s,), least=0.0, most=MAX_AT_S, where=where)
        if self.rate_per_min is not None:
            finite("rate_per_min", (self.rate_per_min,), least=0.0, most=MAX_RATE_PER_MIN, where=where)
            if not self.rate_per_min:
                raise LimitError("an event that never happens", where=where, got=0.0, fix="Give it a rate above zero, or leave it out.")
        if self.after is not None:
            check_name(self.after, "event")
        elif self.delay_s:
            raise SceneError("only what comes after another event has a delay", where=where, got=self.delay_s, fix="Take away: delay_s = …")
        finite("delay_s", (self.delay_s,), least=0.0, most=MAX_AT_S, where=where)
        if self.most is not None and (isinstance(self.most, bool) or not isinstance(self.most, int) or not 1 <= self.most <= MAX_TIMES):
            raise LimitError("most is out of bounds", where=where, got=self.most, expected=f"a whole number from 1 to {MAX_TIMES}")
        if self.at_s is not None and self.most not in (None, 1):
            raise SceneError("a time comes once", where=where, got=self.most, fix="Say rate_per_min = … for what comes again.")

    @property
    def times(self) -> int | None:
        """How often it may happen; None: as often as it comes to."""
        return 1 if self.most is None and self.rate_per_min is None and self.after is None else self.most

    @property
    def targets(self) -> frozenset[str]:
        """The names it speaks of and does not bring itself."""
        spoken = mentions((self.when, self.who, self.edits, self.deeds, self.expects))
        after = {self.after} if self.after is not None else set()
        return (spoken - self.brings - ({GROUND} if self.speaks_of_ground else set())) | after

    @property
    def speaks_of_ground(self) -> bool:
        """Whether it calls the ground by its name."""
        said = (self.when and self.when.to, self.expects and self.expects.to, self.who and self.who.on)
        return GROUND in said

    @property
    def brings(self) -> frozenset[str]:
        """The names its edits bring into the scene."""
        return frozenset(name for edit in self.edits for name in edit.brings)


def check_events(events: Sequence[Event], known: Iterable[str]) -> None:
    """Raise where an event speaks of what is not there, or waits for one that waits for it.

    Raises:
        UnknownName, SceneError
    """
    names = {event.name: event for event in events}
    known = {*known}.union(*(event.brings for event in events))
    for event in events:
        where = f"event {event.name!r}"
        if event.after is not None and event.after not in names:
            raise UnknownName("event", event.after, names, where=where)
        for target in sorted(event.targets - known):
            raise UnknownName("thing", target, known, where=where)
        way = [event.name]
        while (after := names[way[-1]].after) is not None:
            if after in way:
                raise SceneError("events that wait for each other never happen", where=where, got=" after ".join([*way, after]))
            way.append(after)
