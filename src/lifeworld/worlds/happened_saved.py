"""States of a world with events as bytes, with all that is going on in them; deeds and events are the tables of scene text."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LifeworldError, StateError
from lifeworld.scene.condition import Condition
from lifeworld.scene.deed import Deed
from lifeworld.scene.deed_table import deed_table, read_deeds
from lifeworld.scene.event import SAFETIES, Event
from lifeworld.scene.lines import Path
from lifeworld.scene.tables import read_table, write_table
from lifeworld.worlds.happened import Entry, EventfulState, Happened, Waiting
from lifeworld.worlds.physics.deeds.account import Given
from lifeworld.worlds.physics.deeds.running import Running
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.watch import Seen
from lifeworld.worlds.sealed import digest_of, sealed, unsealed
from lifeworld.worlds.watching import Watcher, Watching

FORMAT = 1
Vec3 = tuple[float, float, float]


class _Array(msgspec.Struct, array_like=True):
    dtype: str
    shape: list[int]
    content: bytes


class _Running(msgspec.Struct, array_like=True):
    number: int
    deed: dict[str, Any]
    since: int
    until: int | None
    keep: list[float]


class _Happened(msgspec.Struct, array_like=True):
    tick: int
    event: str
    kind: str | None
    deeds: list[dict[str, Any]]
    edits: list[str]
    who: list[str]
    momentum: Vec3
    angular: Vec3
    energy: float
    strength: float | None
    expects: dict[str, Any] | None
    safety: str | None
    why: str


class _Watching(msgspec.Struct, array_like=True):
    events: list[str]
    was: list[bool]
    tick: int
    told: list[_Array]
    memory: list[list[_Array]]


class _Saved(msgspec.Struct):
    """What is written, as msgpack; `digest` is over all the rest. What is due follows from the seed, the events and what has happened."""

    format: int
    inner: bytes
    seed: int
    watching: _Watching | None
    waiting: list[tuple[int, int, dict[str, Any]]]
    running: list[_Running]
    happened: list[_Happened]
    entries: list[tuple[int, str, str, Vec3, Vec3, float]]
    extra: list[dict[str, Any]]
    seen: list[tuple[int, bytes]]
    digest: str


def to_bytes(state: EventfulState, world: WorldPhysics) -> bytes:
    """A state as bytes; its physical part as `world` writes it."""
    saved = _Saved(
        format=FORMAT,
        inner=world.save(state.inner),
        seed=state.seed,
        watching=None if state.watching is None else _watching_saved(state.watching),
        waiting=[(one.tick, one.number, deed_table(one.deed)) for one in state.waiting],
        running=[_Running(one.number, deed_table(one.deed), one.since, one.until, list(one.keep)) for one in state.running],
        happened=[
            _Happened(
                one.tick, one.event, one.kind, [deed_table(deed) for deed in one.deeds], list(one.edits), list(one.who), one.momentum_n_s,
                one.angular_n_m_s, one.energy_j, one.strength, None if one.expects is None else write_table(one.expects), one.safety,
                one.why,
            )
            for one in state.happened
        ],
        entries=[
            (one.number, one.sort, one.given.thing, one.given.momentum_n_s, one.given.angular_n_m_s, one.given.energy_j)
            for one in state.entries
        ],
        extra=[write_table(event) for event in state.extra],
        seen=[(number, world.save(one)) for number, one in state.seen],
        digest="",
    )  # fmt: skip
    return sealed(saved)


def from_bytes(data: bytes, world: WorldPhysics, watcher: Watcher) -> EventfulState:
    """The state that `to_bytes` wrote, but for what is due.

    Raises:
        StateError: for bytes that are no state, are damaged, or are of another format or engine version.
    """
    saved = unsealed(data, _Saved, what="saved state of a world with events")
    if saved.format != FORMAT:
        raise StateError("the state is of another format", got=saved.format, expected=FORMAT)
    if digest_of(saved) != saved.digest:
        raise StateError("the saved state is damaged", got=f"digest {digest_of(saved)[:12]}…", expected=f"{saved.digest[:12]}…")
    try:
        return _read(saved, world, watcher)
    except StateError:
        raise
    except (LifeworldError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise StateError("what is going on in the saved state cannot be read", got=str(error)) from error


def _read(saved: _Saved, world: WorldPhysics, watcher: Watcher) -> EventfulState:
    seen = tuple((number, world.load(one)) for number, one in saved.seen)
    happened = tuple(
        Happened(
            tick=one.tick,
            event=one.event,
            kind=one.kind,
            deeds=tuple(map(_deed, one.deeds)),
            edits=tuple(one.edits),
            who=tuple(one.who),
            momentum_n_s=one.momentum,
            angular_n_m_s=one.angular,
            energy_j=one.energy,
            strength=one.strength,
            expects=None if one.expects is None else read_table(Condition, one.expects, path=("expects",), where=_where),
            safety=None if one.safety is None else next(s for s in SAFETIES if s == one.safety),
            why=one.why,
        )
        for one in saved.happened
    )
    numbers = [*(w[1] for w in saved.waiting), *(r.number for r in saved.running), *(e[0] for e in saved.entries), *(n for n, _ in seen)]
    if not all(0 <= number < len(happened) for number in numbers):
        raise StateError("the saved state speaks of what has not happened", got=max(numbers), expected=f"less than {len(happened)}")
    inner = world.load(saved.inner)
    extra = tuple(read_table(Event, table, path=("event",), where=_where) for table in saved.extra)
    events = {event.name: event for event in (*inner.scene.events, *extra)}
    return EventfulState(
        inner,
        saved.seed,
        watching=None if saved.watching is None else _watching_read(saved.watching, inner, events, watcher),
        waiting=tuple(Waiting(tick, number, _deed(deed)) for tick, number, deed in saved.waiting),
        running=tuple(Running(one.number, _deed(one.deed), one.since, one.until, tuple(one.keep)) for one in saved.running),
        happened=happened,
        entries=tuple(Entry(number, sort, Given(thing, p, a, energy)) for number, sort, thing, p, a, energy in saved.entries),
        extra=extra,
        seen=seen,
    )


def _watching_saved(watching: Watching) -> _Watching:
    seen = watching.seen
    memory = [[_array_saved(part) for part in parts] for parts in seen.memory]
    told = [_array_saved(part) for part in (seen.held, seen.failed, seen.last)]
    return _Watching(list(watching.events), list(watching.was), seen.tick, told, memory)


def _watching_read(saved: _Watching, inner: PhysicsState, events: dict[str, Event], watcher: Watcher) -> Watching:
    begun = watcher.begin(inner, events, saved.events)
    held, failed, last = (_array_read(part) for part in saved.told)
    memory = tuple(tuple(_array_read(part) for part in parts) for parts in saved.memory)
    seen = Seen(saved.tick, memory, held, failed, last)
    alike = begun is not None and [[(p.dtype, p.shape) for p in parts] for parts in begun.seen.memory] == [
        [(p.dtype, p.shape) for p in parts] for parts in memory
    ]
    if begun is None or not alike or len(saved.was) != len(saved.events) or last.shape != begun.seen.last.shape:
        raise StateError("what was seen in the saved state does not fit its events")
    return Watching(begun.watch, tuple(saved.events), seen, tuple(saved.was))


def _array_saved(array: NDArray[Any]) -> _Array:
    return _Array(array.dtype.str, list(array.shape), np.ascontiguousarray(array).tobytes())


def _array_read(saved: _Array) -> NDArray[Any]:
    if saved.dtype.lstrip("<|=")[:1] not in ("f", "i", "b", "u"):
        raise StateError("the saved state holds what are no numbers", got=saved.dtype)
    return np.frombuffer(saved.content, dtype=np.dtype(saved.dtype)).reshape(saved.shape)


def _deed(table: dict[str, Any]) -> Deed:
    return read_deeds([table], path=("deed",), where=_where)[0]


def _where(path: Path) -> str:
    return "saved state, " + ".".join(map(str, path))
