"""A world and an agent make an episode: reset, act, step, observe, each signal at its own pace.

Beside what is asked for, the actions and every tenth state are kept (`state`), so that the episode can be gone on from at any tick
(`replay.py`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Rate, Signal, Stream
from lifeworld.episode.episode import Episode
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import to_text
from lifeworld.worlds.agent import Agent, Noting
from lifeworld.worlds.cast import Cast, aligned
from lifeworld.worlds.course import KEY_TICKS
from lifeworld.worlds.world import Observation, World, WorldSpec

S = TypeVar("S")
STATE = "state"
HAPPENED = "happened"
"""Kept in every episode of a world in which something may happen by itself, whatever else is."""
MOST_SECONDS = 3_600.0
MOST_BYTES = 4 * 2**30
"""What one episode may hold: it is kept in memory until it is written."""


def record(
    world: World[S],
    agent: Agent,
    start: Scene,
    *,
    seconds: float,
    seed: int,
    signals: Collection[str],
    on_tick: Callable[[int, int], None] | None = None,
) -> Episode:
    """One episode of `agent` in `world` from `start`.

    Each signal is taken at its own rate: every tick, every frame (`frame_ticks` of the world's spec) or once at the start; actions at
    the start of their step. What looks forward (flow …) is taken when the next frame is known; in the last frame the world goes on
    by itself.
    `on_tick(tick, ticks)` is told how far it is.

    Raises:
        LimitError: for a duration of less than one tick or more than an hour, or more than 4 GB of pictures.
        SignalUnavailable, SceneError, Diverged: as the world does.
    """
    title = start.title or start.name
    return record_from(
        world, agent, world.reset(start, seed=seed), seconds=seconds, seed=seed, signals=signals, title=title, on_tick=on_tick
    )


def record_from(
    world: World[S],
    agent: Agent,
    state: S,
    *,
    seconds: float,
    seed: int,
    signals: Collection[str],
    title: str = "",
    labels: Mapping[str, str] | None = None,
    parents: tuple[str, ...] = (),
    on_tick: Callable[[int, int], None] | None = None,
    changed: Mapping[int, S] | None = None,
    on_state: Callable[[S], None] | None = None,
) -> Episode:
    """The same from any state on, as its beginning. `parents` are the uids of the episodes it goes on from.

    `changed` are the states, by tick, that somebody changed the world to, in place of those it had come to. `on_state` is shown every
    state there is, the first and the last too.

    Raises:
        LimitError, SignalUnavailable, Diverged: as `record`.
    """
    run = _Run(world, agent, state, seconds=seconds, seed=seed, signals=signals, parents=parents, changed=changed or {})
    check_size(world.observe(run.state, run.seen), world.spec, seconds)
    rows: dict[str, list[tuple[int, Any]]] = {name: [] for name in run.streams}
    for name, time_ns, value in run.values(on_tick, on_state):
        rows[name].append((time_ns, value))
    streams = {}
    for name, signal in run.streams.items():
        times = [t for t, _ in rows[name]]
        values = run.told([v for _, v in rows[name]], times, signal)
        stacked = values if signal.ragged else np.stack(values)
        streams[name] = Stream(signal, times, stacked, origin=world.spec.origin, source=name.partition("@")[2])
    return Episode(
        streams=streams,
        scene=run.begin,
        title=title or run.begin.title or run.begin.name,
        labels=labels or {},
        legend=run.legend,
        provenance=run.provenance,
    )


def record_to(
    bundle: Path | str,
    world: World[S],
    agent: Agent,
    start: Scene,
    *,
    seconds: float,
    seed: int,
    signals: Collection[str],
    exact: Collection[str] = (),
    on_tick: Callable[[int, int], None] | None = None,
) -> str:
    """The same episode into a bundle by way of a journal: as large as the disk, and kept up to its last second if the process dies.

    Its uid. Pictures are encoded as they come, but for those of `exact` (streams or signals). What `record` holds in memory this holds on
    the disk twice, until it is sealed. After an error in the world the journal stays, for `lifeworld recover`.

    Raises:
        LimitError: for a duration of less than one tick or more than an hour, or if somebody comes who was not there at the start.
        StorageError: if the disk refuses.
        SignalUnavailable, SceneError, Diverged: as the world does.
    """
    from lifeworld.episode.journal import Journal

    run = _Run(world, agent, world.reset(start, seed=seed), seconds=seconds, seed=seed, signals=signals)
    journal = Journal(bundle, provenance=run.provenance, title=start.title or start.name, scene=run.begin, legend=run.legend, exact=exact)
    with journal:
        for name, signal in run.streams.items():
            journal.open(signal, source=name.partition("@")[2], origin=world.spec.origin)
        for name, time_ns, value in run.values(on_tick):
            run.check_all_are_known()
            journal.write(name, time_ns, value)
    return journal.seal()


class _Run(Generic[S]):
    """One history as it happens, for whoever keeps it. `streams` are all it will have values of; `seen` those that are observed."""

    def __init__(
        self,
        world: World[S],
        agent: Agent,
        state: S,
        *,
        seconds: float,
        seed: int,
        signals: Collection[str],
        parents: tuple[str, ...] = (),
        changed: Mapping[int, S] = MappingProxyType({}),
    ) -> None:
        self.world, self.agent, self.state, self.changed = world, agent, state, changed
        spec = world.spec
        check_seconds(seconds, spec.tick_ns)
        self.ticks = round(seconds * 1e9 / spec.tick_ns)
        asked = spec.streams(signals)
        self.seen = asked if HAPPENED not in spec.signals else tuple(dict.fromkeys((*asked, HAPPENED)))
        self.streams = {name: SIGNALS[spec.signals[name]] for name in self.seen}
        self.streams |= {f"action@{one.name}": SIGNALS["action"] for one in spec.actions}
        self.streams[STATE] = SIGNALS[STATE]
        self.legend = {**spec.legend, STATE: described(spec)} | {f"action@{one.name}": one.labels for one in spec.actions}
        self.casts = [(0, Cast.of(spec))]
        agent.begin(spec, seed=seed)
        if isinstance(agent, Noting):
            self.streams |= {name: SIGNALS[signal] for name, signal in agent.notes.items()}
            self.legend |= agent.legend
        self.begin = world.scene(self.state)
        self.provenance = Provenance.now(
            engine=spec.engine,
            engine_version=spec.engine_version,
            renderer=spec.renderer,
            scene_sha256=hashlib.sha256(to_text(self.begin).encode()).hexdigest(),
            seed=seed,
            parents=parents,
        )

    def values(
        self, on_tick: Callable[[int, int], None] | None, on_state: Callable[[S], None] | None = None
    ) -> Iterator[tuple[str, int, Any]]:
        """Stream, time [ns] and value, of each stream in the order of their times."""
        world, spec, state = self.world, self.world.spec, self.state
        ahead = tuple(s for s in self.seen if self.streams[s].forward)
        frame: tuple[int, S] | None = None  # the last frame's time and state, whose forward signals are still to be taken
        for tick in range(self.ticks + 1):
            now_ns = tick * spec.tick_ns
            met = now_ns == self.casts[-1][0]  # what is said once at the start is said again when somebody comes
            rates = {name: self.streams[name].rate for name in self.seen}
            due = [s for s, rate in rates.items() if _is_due(rate, tick, spec.frame_ticks) or (met and rate == "start")]
            wanted = [s for s in due if s not in ahead]
            shown = world.observe(state, {*wanted, *self.agent.signals}) if wanted or self.agent.signals else None
            for stream in wanted:
                assert shown is not None
                yield stream, now_ns, shown[stream]
            if ahead and _is_due("frame", tick, spec.frame_ticks):
                if frame is not None:
                    seen = world.observe(frame[1], ahead, then=state)
                    yield from ((stream, frame[0], seen[stream]) for stream in ahead)
                frame = (now_ns, state)
            if tick % KEY_TICKS == 0 or tick in self.changed:
                yield STATE, now_ns, np.frombuffer(world.save(state), dtype=np.uint8)
            if on_state is not None:
                on_state(state)
            if on_tick is not None:
                on_tick(tick, self.ticks)
            if tick == self.ticks:
                break
            action = self.agent.act(shown, time_ns=now_ns)
            for one in spec.actions:
                yield f"action@{one.name}", now_ns, np.asarray(action.get(one.name, one.rest), dtype=np.float64)
            if isinstance(self.agent, Noting):
                yield from ((name, now_ns, value) for name, value in self.agent.noted().items())
            state = world.step(state, action)
            if tick + 1 in self.changed:
                state = self.changed[tick + 1]
                world.edit(state, ())  # what a world says of itself is of the state that was edited last
            if world.spec is not spec:
                spec = self._meet(world.spec, now_ns + spec.tick_ns)
        if frame is not None:
            seen = world.observe(frame[1], ahead)
            yield from ((stream, frame[0], seen[stream]) for stream in ahead)

    def _meet(self, spec: WorldSpec, now_ns: int) -> WorldSpec:
        """An event has brought somebody in; they are in the legend from now on."""
        cast = Cast.of(spec)
        cast.check_grown(self.casts[0][1])
        if cast != self.casts[-1][1]:
            self.casts.append((now_ns, cast))
        self.legend = {**self.legend, **spec.legend}
        return spec

    def told(self, values: list[Any], times_ns: list[int], signal: Signal) -> list[Any]:
        """Values of a stream in terms of all who were there at the end."""
        if len(self.casts) == 1:
            return values
        begins = [begin for begin, _ in self.casts]
        return aligned(values, [self.casts[bisect_right(begins, t) - 1][1] for t in times_ns], self.casts[-1][1], signal)

    def check_all_are_known(self) -> None:
        """Raise LimitError if somebody has come: what is on the disk already does not know them."""
        if self.casts[-1][1].things != self.casts[0][1].things:
            raise LimitError(
                "somebody came into the episode while it was written",
                got=", ".join(self.casts[-1][1].things[len(self.casts[0][1].things) :]),
                fix="Record it in memory: record(), or `lifeworld make`.",
            )


def described(spec: WorldSpec) -> tuple[str, ...]:
    """What a world has to be for the states it saved, as the legend of `state` has it."""
    hears = any(SIGNALS[signal].family == "hear" for signal in spec.signals.values())
    return (
        f"engine={spec.engine}",
        f"engine_version={spec.engine_version}",
        f"frame_ticks={spec.frame_ticks}",
        f"hearing={str(hears).lower()}",
        f"events={str('happened' in spec.signals).lower()}",
        f"tick_ns={spec.tick_ns}",
    )


def check_seconds(seconds: float, tick_ns: int) -> None:
    """Raise LimitError unless an episode can last this long."""
    if not tick_ns * 1e-9 <= seconds <= MOST_SECONDS:
        raise LimitError(
            "an episode lasts from one tick to an hour", got=f"{seconds} s", expected=f"{tick_ns * 1e-9:g} to {MOST_SECONDS:g} s"
        )


def check_size(shown: Observation, spec: WorldSpec, seconds: float) -> None:
    """Raise LimitError if an episode of what is shown here does not fit into memory."""
    ticks = round(seconds * 1e9 / spec.tick_ns) + 1
    times = {"tick": ticks, "frame": -(-ticks // spec.frame_ticks), "start": 1}
    size = sum(value.nbytes * times[SIGNALS[spec.signals[stream]].rate] for stream, value in shown.values.items())
    if size > MOST_BYTES:
        raise LimitError(
            "an episode is held in memory until it is written",
            got=f"{size / 2**30:.1f} GB in {seconds:g} s",
            expected=f"at most {MOST_BYTES / 2**30:g} GB",
            fix="Record shorter episodes, smaller pictures, fewer cameras or fewer signals.",
        )


def _is_due(rate: Rate, tick: int, frame_ticks: int) -> bool:
    return tick == 0 or rate == "tick" or (rate == "frame" and tick % frame_ticks == 0)
