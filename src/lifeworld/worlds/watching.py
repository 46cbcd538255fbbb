"""What events wait for: their conditions, followed from state to state, so that each is told in the tick in which it becomes so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lifeworld.scene.event import Event
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.physics.engine import PhysicsState
from lifeworld.worlds.physics.watch import Seen, Watch

MOST_KEPT = 16


@dataclass(frozen=True, slots=True, eq=False)
class Watching:
    """What was seen so far of what `events` wait for: `seen`, and whether each condition `was` so when it was last asked.

    `earlier` are those of the states that edits since the last step began from: an edit taken back takes back what it made be seen anew.
    """

    watch: Watch
    events: tuple[str, ...]
    seen: Seen
    was: tuple[bool, ...]
    earlier: tuple[Watching, ...] = ()

    @property
    def now(self) -> tuple[bool, ...]:
        """Whether each condition is so."""
        return tuple(self.seen.last[0].tolist())

    @property
    def become(self) -> tuple[str, ...]:
        """The events whose condition has become so since it was last asked."""
        return tuple(name for name, now, was in zip(self.events, self.now, self.was, strict=True) if now and not was)

    def asked(self) -> Watching:
        """The same, asked now."""
        return replace(self, was=self.now)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Watching) or (self.events, self.was, self.seen.tick) != (other.events, other.was, other.seen.tick):
            return False
        return all(
            a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
            for one, two in zip(self.seen.memory, other.seen.memory, strict=True)
            for a, b in zip(one, two, strict=True)
        )

    def __hash__(self) -> int:
        return hash((self.events, self.was, self.seen.tick))


class Watcher:
    """Makes watches, and keeps those of the last scenes."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []

    def begin(self, state: PhysicsState, events: Mapping[str, Event], waiting: Iterable[str]) -> Watching | None:
        """The beginning of watching at a state for what some of the events wait for; None if none does.

        What is so from the start has not become so.

        Raises:
            UnknownName, SceneError: for a condition that can never be so.
        """
        names = tuple(name for name in waiting if events[name].when is not None)
        if not names:
            return None
        watch = self.watch(state, [events[name] for name in names])
        seen = watch.begin(state.vector[None])
        return Watching(watch, names, seen, tuple(seen.last[0].tolist()))

    def watch(self, state: PhysicsState, events: Iterable[Event]) -> Watch:
        """The watch of a state's scene for what some events wait for."""
        outcomes = _outcomes(events)
        for watch in self._watches:
            if _is_of(watch, state, outcomes):
                return watch
        self._watches = [Watch.of(state, outcomes), *self._watches[: MOST_KEPT - 1]]
        return self._watches[0]

    def after(self, watching: Watching, state: PhysicsState) -> Watching:
        """What is seen a tick later."""
        return replace(watching, seen=watching.watch.after(watching.seen, state.vector[None]), earlier=())

    def edited(
        self, watching: Watching | None, state: PhysicsState, events: Mapping[str, Event], waiting: Iterable[str]
    ) -> Watching | None:
        """What is watched after an edit: of an edited scene what happened before it does not count; taken back, it does again."""
        names = tuple(name for name in waiting if events[name].when is not None)
        outcomes = _outcomes(events[name] for name in names)
        history = () if watching is None else (watching, *watching.earlier)
        for i, one in enumerate(history):
            if one.events == names and _is_of(one.watch, state, outcomes):
                return replace(one, earlier=history[i + 1 :])
        begun = self.begin(state, events, names)
        if begun is None or watching is None:
            return begun
        was = dict(zip(watching.events, watching.was, strict=True))
        return replace(begun, was=tuple(was.get(n, now) for n, now in zip(begun.events, begun.now, strict=True)), earlier=history)


def _outcomes(events: Iterable[Event]) -> tuple[Outcome, ...]:
    return tuple(Outcome(name=e.name, conditions=(e.when,), how="at_end") for e in events if e.when is not None)


def _is_of(watch: Watch, state: PhysicsState, outcomes: tuple[Outcome, ...]) -> bool:
    """Whether a watch is one of a state's scene, for these outcomes."""
    return watch.compiled is state.compiled and watch.outcomes == outcomes and watch.scene.spaces == state.scene.spaces
