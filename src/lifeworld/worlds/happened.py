"""What happened in a world with events: the ledger of each event's deeds, and what is due, going on and done at one state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import HAPPENED_DTYPE
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import DEEDS, Deed
from lifeworld.scene.edit.saved import TYPES
from lifeworld.scene.event import SAFETIES, Event, Safety
from lifeworld.scene.shape import Vec3
from lifeworld.worlds.physics.deeds.account import NOTHING, Given
from lifeworld.worlds.physics.deeds.running import Running
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.watching import Watching

SORTS: tuple[str, ...] = (*DEEDS, *TYPES)
"""What the numbers of deeds in rows stand for: deeds, then edits."""
NOT_SAID = "not said"
NEVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event that happened: when, to whom, by which deeds (with the numbers that were drawn) and edits (in words).

    `strength` is in the unit of its kind, `expects` what is likely to come of it. Momentum, angular momentum (about each thing's centre of
    mass, summed) and energy are what it gave so far to all things together.
    `why` says why nothing, or not all, came of it; it is empty where all did.
    """

    tick: int
    event: str
    kind: str | None = None
    deeds: tuple[Deed, ...] = ()
    edits: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    momentum_n_s: Vec3 = NOTHING
    angular_n_m_s: Vec3 = NOTHING
    energy_j: float = 0.0
    strength: float | None = None
    expects: Condition | None = None
    safety: Safety | None = None
    why: str = ""

    def plus(self, given: Given) -> Happened:
        """The same with what was given now."""
        return replace(
            self,
            momentum_n_s=_sum(self.momentum_n_s, given.momentum_n_s),
            angular_n_m_s=_sum(self.angular_n_m_s, given.angular_n_m_s),
            energy_j=self.energy_j + given.energy_j,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose time is known: at the beginning of a tick. Of one that comes by chance, `time_s` is when, `arrival` its number."""

    tick: int
    event: str
    time_s: float = 0.0
    arrival: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A deed of what happened (its `number`) that begins later."""

    tick: int
    number: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger: what one deed (`sort`) of what happened gave to one thing in the last tick."""

    number: int
    sort: str
    given: Given


@dataclass(frozen=True, slots=True)
class EventfulState:
    """One moment of a world with events.

    `inner` is the physical state, with the forces of the coming tick in it; `seed` what is drawn from. `due` are events whose time is
    known, `watching` what was seen of the conditions that others wait for, `waiting` deeds that begin later, `running` those going on.
    `happened` is all that happened since the reset; `entries` what it did in the last tick. `extra` are events that were asked for by hand.
    `seen` is what a camera that is frozen saw last, by the number of what happened.
    """

    inner: PhysicsState
    seed: int
    due: tuple[Due, ...] = ()
    watching: Watching | None = None
    waiting: tuple[Waiting, ...] = ()
    running: tuple[Running, ...] = ()
    happened: tuple[Happened, ...] = ()
    entries: tuple[Entry, ...] = ()
    extra: tuple[Event, ...] = ()
    seen: tuple[tuple[int, PhysicsState], ...] = ()
    quiet_until: int = field(default=0, compare=False)
    """Before this tick nothing begins, goes on or is to be looked for; 0 where something does."""

    @property
    def tick(self) -> int:
        return self.inner.tick

    @property
    def time_ns(self) -> int:
        return self.inner.time_ns

    def settled(self) -> EventfulState:
        """The same with `quiet_until` worked out."""
        busy = self.running or self.watching is not None
        return replace(self, quiet_until=0 if busy else min([*(d.tick for d in self.due), *(w.tick for w in self.waiting)], default=NEVER))


def rows(state: EventfulState, names: Sequence[str], tick_ns: int) -> NDArray[np.void]:
    """The ledger of the last tick (n,) in HAPPENED_DTYPE; `names` are the events' as the legend has them."""
    out = np.zeros(len(state.entries), HAPPENED_DTYPE)
    instance = {t.name: i + 1 for i, t in enumerate(state.inner.compiled.scene.things)}
    for row, entry in zip(out, state.entries, strict=True):
        what = state.happened[entry.number]
        row["time_ns"] = what.tick * tick_ns
        row["event"], row["deed"] = names.index(what.event), SORTS.index(entry.sort)
        row["thing"] = instance.get(entry.given.thing, 0)
        row["impulse_n_s"], row["angular_impulse_n_m_s"] = entry.given.momentum_n_s, entry.given.angular_n_m_s
        row["energy_j"] = entry.given.energy_j
        row["safety"] = 0 if what.safety is None else 1 + SAFETIES.index(what.safety)
    return out


def _sum(a: Vec3, b: Vec3) -> Vec3:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])
