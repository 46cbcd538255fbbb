"""WorldEventful: a physical world in which the scene's events happen. A World like any other, and without events the bare one to the bit.

    world = WorldEventful(WorldPhysics(), asked("bump:20/min,gust"))
    state = world.reset(scene, seed=7)
    state = world.step(state, {})
    state.happened                      # what happened so far, to whom, and what it gave

After each step what is due begins: edits are made, deeds begin, and the forces of the coming tick are written into the inner state, so that
whoever looks sees things accelerate as they are pushed. What is drawn hangs on the seed, the event and the tick, never on who asked when.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import Diverged, InputError, SceneError, StateError
from lifeworld.core.seed import generator
from lifeworld.core.signal import HAPPENED_DTYPE, SIGNALS
from lifeworld.scene.deed import Blind, Deed, Fault, Release
from lifeworld.scene.edit import Add, Detach, Edit, Edits, describe
from lifeworld.scene.edit.saved import TYPE_NAMES
from lifeworld.scene.event import SAFETIES, Event
from lifeworld.scene.events import Drawn, check_kinds, draw
from lifeworld.scene.scene import Scene
from lifeworld.worlds.fault import PICTURES, dimmed, faulted
from lifeworld.worlds.futures import ticks_of
from lifeworld.worlds.happened import NOT_SAID, SORTS, Due, Entry, EventfulState, Happened, Waiting, rows
from lifeworld.worlds.happened_saved import from_bytes, to_bytes
from lifeworld.worlds.physics.asset import stand_ins
from lifeworld.worlds.physics.bench import stacked
from lifeworld.worlds.physics.carry import carried
from lifeworld.worlds.physics.compile import TICK_NS, Compiled
from lifeworld.worlds.physics.deeds.account import Given, gains
from lifeworld.worlds.physics.deeds.bench import DeedBench
from lifeworld.worlds.physics.deeds.running import FOLLOWED, FORCES, Running
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.schedule import arrivals, following, is_spent, schedule
from lifeworld.worlds.watching import Watcher
from lifeworld.worlds.world import Action, Observation, WorldSpec

__all__ = ["EventfulState", "Happened", "WorldEventful"]

TICK_S = TICK_NS * 1e-9
MOST_BENCHES = 8


class WorldEventful:
    """A World whose scenes' events happen.

    Args:
        inner: the physical world they happen in.
        events: more events, which every scene has that is begun here.
    """

    def __init__(self, inner: WorldPhysics, events: Sequence[Event] = ()) -> None:
        self.inner, self.events = inner, tuple(events)
        self._benches: list[DeedBench] = []
        self._watcher = Watcher()
        self._spec: WorldSpec | None = None
        self._last: tuple[WorldSpec, tuple[str, ...], WorldSpec] | None = None

    @property
    def assets(self) -> Any:
        return self.inner.assets

    @property
    def spec(self) -> WorldSpec:
        """What the world of the last `reset`, `edit` or `load` takes and gives: the inner one's, and what happened.

        Raises:
            StateError: before the first of them.
        """
        return self.inner.spec if self._spec is None else self._spec

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: Scene, *, seed: int) -> EventfulState:
        """The first state; what is due at once has begun.

        Raises:
            SceneError, PlacementError: as the inner world; or if two events have one name, or speak of what is not there.
        """
        scene = replace(start, events=(*start.events, *self.events)) if self.events else start
        check_kinds(scene)
        state = EventfulState(self.inner.reset(scene, seed=seed), seed)
        state = replace(state, watching=self._watcher.begin(state.inner, _events(state), _events(state)))
        due = schedule(_events(state), seed=seed, after_tick=-1, happened=(), tick_s=TICK_S)
        return self._shown(self._arrive(replace(state, due=due)))

    def anew(self, state: EventfulState, *, seed: int) -> EventfulState:
        """The same moment with another future: what is still to come is drawn from another seed."""
        due = schedule(_events(state), seed=seed, after_tick=state.tick, happened=state.happened, tick_s=TICK_S)
        return self._shown(replace(state, seed=seed, due=due).settled())

    def step(self, state: EventfulState, action: Action) -> EventfulState:
        """The state one tick later, and what is due then begun.

        Raises:
            ActionError, Diverged: as the inner world.
        """
        if state.inner.tick + 1 < state.quiet_until:
            inner = self.inner.step(state.inner, action)
            return EventfulState(
                inner, state.seed, state.due, None, state.waiting, (), state.happened, (), state.extra, state.seen, state.quiet_until
            )
        acted, running = faulted(action, state.running, state.tick, self.inner.spec_of(state.inner))
        inner = self.inner.step(state.inner, acted)
        entries: list[Entry] = []
        happened = list(state.happened)
        if any(isinstance(one.deed, FORCES) for one in running):
            for one, given in self._bench(state.inner.compiled).given(running, state.inner, inner):
                entries.append(Entry(one.number, type(one.deed).__name__.lower(), given))
                happened[one.number] = happened[one.number].plus(given)
        after = self._arrive(replace(state, inner=inner, running=running, happened=tuple(happened), entries=tuple(entries)))
        return after if after.inner.compiled is state.inner.compiled else self._shown(after)

    def observe(self, state: EventfulState, signals: Collection[str], *, then: EventfulState | None = None) -> Observation:
        """The asked-for signals, computed together; what a blinded camera shows is what it shows.

        Raises:
            SignalUnavailable, LimitError, StateError: as the inner world.
        """
        spec = self._spec_of(state)
        wanted = spec.streams(signals)
        later = None if then is None else carried(then.inner, state.inner)
        shown = self.inner.observe(state.inner, [s for s in wanted if s != "happened"], then=later)
        values = dict(shown.values)
        if "happened" in wanted:
            values["happened"] = rows(state, _names(state), TICK_NS)
        for one in state.running:
            if isinstance(one.deed, Blind) and one.lasts(state.tick):
                values |= self._dimmed(state, one, values)
        return replace(shown, values={name: values[name] for name in wanted})

    def edit(self, state: EventfulState, edit: Edits) -> EventfulState:
        """The state with the change made, now; deeds that are going on go on.

        Raises:
            EditError, SceneError, PlacementError: as the inner world; the state is as it was.
        """
        inner = self.inner.edit(self._bench(state.inner.compiled).without_forces(state.inner), edit)
        return self._shown(self._prepared(self._changed(state, inner)))

    def inject(self, state: EventfulState, event: Event) -> EventfulState:
        """The state with an event happening now, whatever its trigger: what is drawn is drawn as at this tick.

        Raises:
            SceneError: if an event of the scene has its name already, or nothing can come of it.
        """
        if event.name in _events(state):
            raise SceneError("there is an event of this name already", where=f"event {event.name!r}", fix="Call it otherwise.")
        after = self._happen(replace(state, extra=(*state.extra, event)), event)
        if after.happened[-1].why:
            raise SceneError("this event cannot happen", where=f"event {event.name!r}", got=after.happened[-1].why)
        return self._shown(self._prepared(after))

    def scene(self, state: EventfulState) -> Scene:
        """The scene as it stands, as the inner world says it; all events are in it, those to come and those past."""
        return self.inner.scene(state.inner)

    def save(self, state: EventfulState) -> bytes:
        """The state as bytes, with what is due, waiting and going on."""
        return to_bytes(state, self.inner)

    def load(self, data: bytes) -> EventfulState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of another format or engine version.
        """
        state = from_bytes(data, self.inner, self._watcher)
        due = schedule(_events(state), seed=state.seed, after_tick=state.tick, happened=state.happened, tick_s=TICK_S)
        return self._shown(replace(state, inner=self._latched(state), due=due).settled())

    def rollout(
        self,
        states: Sequence[EventfulState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = ("position_m", "quat_wxyz"),
        *,
        ticks: int | None = None,
    ) -> tuple[list[EventfulState], Observation]:
        """Many futures, each stepped by itself: what happens in one does not happen in another. Where nothing will, all go at once.

        Raises:
            StateError: if there are no states, or somebody comes into one of the futures.
            ActionError: for shapes that disagree, or no tick at all.
            Diverged: naming the future that blew up.
        """
        count = ticks_of(actions, len(states), ticks)
        given = {name: np.asarray(value) for name, value in actions.items()}
        streams = self._spec_of(states[0]).streams(signals)
        if all(state.tick + count < state.quiet_until for state in states):
            return self._rolled_quietly(states, actions, streams, count)
        ends = list(states)
        parts: dict[str, list[NDArray[Any]]] = {stream: [] for stream in streams}
        for i, state in enumerate(states):
            seen = []
            for tick in range(count):
                try:
                    state = self.step(state, {name: value[i, tick] for name, value in given.items()})
                except Diverged as error:
                    raise error.at(f"future {i}") from None
                seen.append(self.observe(state, streams))
            ends[i] = state
            if len(state.inner.compiled.bounds) != len(states[i].inner.compiled.bounds):
                raise StateError("somebody comes into a future", where=f"future {i}", fix="Step it by itself, or record it.")
            for stream in streams:
                parts[stream].append(stacked([one[stream] for one in seen], ragged=SIGNALS[stream.partition("@")[0]].ragged))
        values = {stream: np.stack(part) for stream, part in parts.items()}
        return ends, Observation(time_ns=ends[0].time_ns, values=values, origin=self.spec.origin)

    def _rolled_quietly(
        self, states: Sequence[EventfulState], actions: Mapping[str, ArrayLike], streams: Sequence[str], ticks: int
    ) -> tuple[list[EventfulState], Observation]:
        """A rollout in which nothing happens: the inner world's, on all cores."""
        inner = [stream for stream in streams if stream != "happened"]
        ends, shown = self.inner.rollout([state.inner for state in states], actions, inner, ticks=ticks)
        after = [replace(state, inner=end, entries=()) for state, end in zip(states, ends, strict=True)]
        values = dict(shown.values)
        if "happened" in streams:
            nothing = stacked([np.zeros(0, HAPPENED_DTYPE)] * ticks, ragged=True)
            values["happened"] = np.stack([nothing] * len(states))
        return after, replace(shown, values={stream: values[stream] for stream in streams})

    # -- what happens --------------------------------------------------------------------------------------------------------

    def _arrive(self, state: EventfulState) -> EventfulState:
        """A state just come to: what is over ends, what is due begins, and the forces of the coming tick are in it."""
        tick = state.tick
        running = tuple(one for one in state.running if one.until is None or tick < one.until)
        ended = {one.number for one in state.running} - {one.number for one in running}
        if any(isinstance(one.deed, FOLLOWED) for one in running):
            running = self._bench(state.inner.compiled).follow(running, state.inner)
        state = replace(state, running=running, seen=tuple(one for one in state.seen if one[0] not in ended))
        watching = None if state.watching is None or tick == 0 else self._watcher.after(state.watching, state.inner)
        become = () if watching is None else watching.become
        state = state if watching is None else replace(state, watching=watching.asked())
        for waiting in [one for one in state.waiting if one.tick <= tick]:
            state = self._begin(replace(state, waiting=tuple(w for w in state.waiting if w is not waiting)), waiting.number, waiting.deed)
        while state.due and state.due[0].tick <= tick:
            due, events = state.due[0], _events(state)
            state = replace(state, due=state.due[1:])
            if due.event in events and not is_spent(events[due.event], state.happened):
                state = self._happen(state, events[due.event], arrival=due.arrival)
                if events[due.event].rate_per_min is not None and not is_spent(events[due.event], state.happened):
                    following_one = next(arrivals(events[due.event], state.seed, TICK_S, due))
                    state = replace(state, due=tuple(sorted((*state.due, following_one), key=_order)))
        for name in become:
            if name in (events := _events(state)) and not is_spent(events[name], state.happened):
                state = self._happen(state, events[name])
        if become and all(is_spent(_events(state)[name], state.happened) for name in _waiting(state)):
            state = replace(state, watching=None)
        return self._prepared(state)

    def _prepared(self, state: EventfulState) -> EventfulState:
        """With joints held as they are to be, and the forces of the coming tick."""
        inner = self._latched(state)
        if any(isinstance(one.deed, FORCES) for one in state.running) or state.entries:
            inner = self._bench(inner.compiled).prepared(state.running, inner)
        return replace(state, inner=inner).settled()

    def _happen(self, state: EventfulState, event: Event, *, arrival: int = 0) -> EventfulState:
        """The state with an event happening now."""
        drawn, why = Drawn(), ""
        try:
            here = self.scene(state)
            rng = generator(state.seed, "event", event.name, state.tick, arrival)
            drawn = draw(event, here, rng, assets=stand_ins(here, self.inner.assets))
        except InputError as error:  # nobody is there any more whom it could befall, or there is no room
            why = str(error)
        what = Happened(
            tick=state.tick,
            event=event.name,
            kind=event.kind,
            deeds=drawn.deeds,
            edits=tuple(describe(edit) for edit in drawn.edits),
            who=drawn.who,
            strength=drawn.strength,
            expects=drawn.expects,
            safety=drawn.safety,
            why=why,
        )
        number = len(state.happened)
        state = replace(state, happened=(*state.happened, what))
        for edit in drawn.edits:
            state = self._edited(state, number, edit)
        for deed in drawn.deeds:
            if deed.delay_s > 0:
                tick = state.tick + max(1, round(deed.delay_s / TICK_S))
                state = replace(state, waiting=(*state.waiting, Waiting(tick, number, deed)))
            else:
                state = self._begin(state, number, deed)
        after = [one for one in _events(state).values() if one.after == event.name and not is_spent(one, state.happened)]
        due = [*state.due, *(following(one, what, TICK_S) for one in after)]
        return replace(state, due=tuple(sorted(due, key=_order)))

    def _begin(self, state: EventfulState, number: int, deed: Deed) -> EventfulState:
        """The state with a deed begun, or with the reason why nothing comes of it."""
        if isinstance(deed, Release):
            return self._edited(state, number, Detach(deed.thing), sort="release")
        try:
            self._check_names(state, deed)
            running = self._bench(state.inner.compiled).begin(number, deed, state.inner)
        except InputError as error:
            return _noted(state, number, str(error))
        who = _who(deed) or tuple(load.thing for _, load in self._bench(state.inner.compiled).loads([running], state.inner))
        state = _touched(replace(state, running=(*state.running, running)), number, who)
        if isinstance(deed, FORCES):
            return state
        entry = Entry(number, type(deed).__name__.lower(), Given(getattr(deed, "thing", "")))
        seen = ((number, state.inner),) if isinstance(deed, Blind) and deed.how == "freeze" else ()
        return replace(state, entries=(*state.entries, entry), seen=(*state.seen, *seen))

    def _edited(self, state: EventfulState, number: int, edit: Edit, *, sort: str | None = None) -> EventfulState:
        """The state with an event's edit made and accounted for, or with the reason why not."""
        before = self._bench(state.inner.compiled).without_forces(state.inner)
        try:
            inner = self.inner.edit(before, edit)
            if isinstance(edit, Add):
                self._bench(inner.compiled).check_room(inner, edit.thing.name)
        except InputError as error:
            return _noted(state, number, str(error))
        gained = gains(self._bench(before.compiled).motion(before), self._bench(inner.compiled).motion(inner))
        state = self._changed(state, inner)
        for given in gained:
            state = _plus(state, number, given)
        entries = [Entry(number, sort or TYPE_NAMES[type(edit)], one) for one in gained or [Given(getattr(edit, "name", ""))]]
        touched = tuple(one.given.thing for one in entries if one.given.thing)
        return _touched(replace(state, entries=(*state.entries, *entries)), number, touched)

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _changed(self, state: EventfulState, inner: PhysicsState) -> EventfulState:
        """The state with an edited one inside; events that the edit brought are due as if they had been there from the start."""
        old = _events(state)
        state = replace(state, inner=inner)
        events = _events(state)
        if state.watching is not None or events != old:
            state = self._rewatched(state)
        if events == old:
            return state
        due = schedule(events, seed=state.seed, after_tick=state.tick, happened=state.happened, tick_s=TICK_S)
        now = tuple(one for one in state.due if one.tick <= state.tick)
        return replace(state, due=tuple(sorted((*now, *due), key=_order)))

    def _rewatched(self, state: EventfulState) -> EventfulState:
        """The state with what is watched for said of its scene as it is now."""
        events = _events(state)
        waiting = [name for name, event in events.items() if event.when is not None and not is_spent(event, state.happened)]
        return replace(state, watching=self._watcher.edited(state.watching, state.inner, events, waiting))

    def _latched(self, state: EventfulState) -> PhysicsState:
        """The inner state in the model in which joints are held as the latches of now say."""
        bench = self._bench(state.inner.compiled)
        return bench.latched(state.inner, bench.held([one for one in state.running if one.lasts(state.tick)]))

    def _check_names(self, state: EventfulState, deed: Deed) -> None:
        """Raise for an embodiment, one of its numbers or a camera that is not there."""
        spec = self.inner.spec_of(state.inner)
        if isinstance(deed, Fault):
            labels = spec.action(deed.embodiment).labels
            if deed.label is not None and deed.label not in labels:
                raise SceneError(f"{deed.embodiment!r} has no number {deed.label!r}", expected=", ".join(labels))
        elif isinstance(deed, Blind) and f"rgb@{deed.camera}" not in spec.signals:
            raise SceneError(f"there is no camera {deed.camera!r}")

    def _dimmed(self, state: EventfulState, one: Running, values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The pictures of a blinded camera among some values, as it shows them."""
        assert isinstance(one.deed, Blind)
        pictures = [s for s in values if s.partition("@")[2] == one.deed.camera and s.partition("@")[0] in PICTURES]
        seen = dict(state.seen).get(one.number)
        if seen is not None:
            frozen = self.inner.observe(seen, pictures)
            return {stream: frozen[stream] for stream in pictures}
        rng = generator(state.seed, "event", state.happened[one.number].event, one.number, state.tick)
        return {stream: dimmed(one.deed, values[stream], rng) for stream in sorted(pictures)}

    def _bench(self, compiled: Compiled) -> DeedBench:
        """Where deeds on states of a model are worked out; a handful are kept."""
        for bench in self._benches:
            if bench.knows(compiled):
                return bench
        self._benches = [DeedBench(compiled), *self._benches[: MOST_BENCHES - 1]]
        return self._benches[0]

    def _spec_of(self, state: EventfulState) -> WorldSpec:
        inner, names = self.inner.spec_of(state.inner), _names(state)
        if self._last is None or self._last[0] is not inner or self._last[1] != names:
            more = {"happened": names, "deeds": SORTS, "safety": (NOT_SAID, *SAFETIES)}
            spec = replace(inner, signals={**inner.signals, "happened": "happened"}, legend={**inner.legend, **more})
            self._last = (inner, names, spec)
        return self._last[2]

    def _shown(self, state: EventfulState) -> EventfulState:
        """The same state, whose world `spec` speaks of from now on."""
        self._spec = self._spec_of(state)
        return state


def _events(state: EventfulState) -> dict[str, Event]:
    return {event.name: event for event in (*state.inner.scene.events, *state.extra)}


def _waiting(state: EventfulState) -> tuple[str, ...]:
    """The events that are watched for and still there."""
    return () if state.watching is None else tuple(name for name in state.watching.events if name in _events(state))


def _names(state: EventfulState) -> tuple[str, ...]:
    """The events by number: those of the scene, those asked for by hand, and those that have happened and are no more."""
    if not (state.happened or state.extra):
        return tuple(event.name for event in state.inner.scene.events)
    return tuple(dict.fromkeys((*_events(state), *(one.event for one in state.happened))))


def _order(due: Due) -> tuple[int, str, int]:
    return (due.tick, due.event, due.arrival)


def _noted(state: EventfulState, number: int, why: str) -> EventfulState:
    """The state with a reason why not all came of what happened."""
    happened = list(state.happened)
    happened[number] = replace(happened[number], why="; ".join(filter(None, (happened[number].why, why))))
    return replace(state, happened=tuple(happened))


def _plus(state: EventfulState, number: int, given: Given) -> EventfulState:
    happened = list(state.happened)
    happened[number] = happened[number].plus(given)
    return replace(state, happened=tuple(happened))


def _touched(state: EventfulState, number: int, who: Sequence[str]) -> EventfulState:
    """The state with who had part in what happened."""
    happened = list(state.happened)
    happened[number] = replace(happened[number], who=tuple(dict.fromkeys((*happened[number].who, *who))))
    return replace(state, happened=tuple(happened))


def _who(deed: Deed) -> tuple[str, ...]:
    """Whom a deed names."""
    if isinstance(deed, Fault):
        return (deed.embodiment,)
    if isinstance(deed, Blind):
        return (deed.camera,)
    return getattr(deed, "things", None) or ((deed.thing,) if hasattr(deed, "thing") else ())
