"""Back into a recorded episode: its world made again, at any tick, to the bit.

    past = open_past(bundle[3])
    state = past.at(210)                         # 4.2 s after the start, whatever happened until then
    past.world.step(state, past.course.actions[210])

    world, state = restore(bundle[3], 210)       # the same, for one tick

An episode keeps every tenth state and all actions (`record.py`); what lies between is gone through again. That holds within one engine
version and machine architecture. Of another version, `replay` goes through the whole episode anew from its scene, and says how far that
leads away from what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, StateError
from lifeworld.core.pose import rotation_angle
from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode
from lifeworld.worlds.course import Course
from lifeworld.worlds.record import STATE, record_from
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.world import Action, World

S = TypeVar("S")
TICK_NS = "tick_ns"
BLOCK = 64
"""So many states are unpacked from a bundle at a time anyway, and kept: who seeks near by does not wait again."""
APART_M = 1e-3
"""From here on somebody has drifted."""


@dataclass(frozen=True, slots=True, eq=False)
class Past(Generic[S]):
    """A recorded episode, the world it was made in, and the course it took."""

    episode: Episode
    world: World[S]
    course: Course[S]

    @property
    def ticks(self) -> int:
        """How many ticks it lasts."""
        return self.course.ticks

    def at(self, tick: int) -> S:
        """The state `tick` ticks after its beginning.

        Raises:
            InputError: if it does not last so long.
            StateError, UnreadableFile: if what was kept is damaged.
        """
        return self.course.at(self.world, tick)

    def tick_at(self, seconds: float) -> int:
        """The tick nearest to a time of the episode [s].

        Raises:
            InputError: if it does not last so long.
        """
        tick = round(seconds * 1e9 / self.world.spec.tick_ns) if np.isfinite(seconds) else -1
        if not 0 <= tick <= self.ticks:
            raise InputError(
                "the episode has no such moment", got=f"{seconds:g} s", expected=f"0 to {self.ticks * self.world.spec.tick_ns * 1e-9:g} s"
            )
        return tick

    def timeline(self) -> Timeline[S]:
        """Its timeline, of one branch; now is its beginning."""
        return Timeline.along(self.world, self.course, self.episode.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Generic[S]):
    """An episode gone through again from its scene, and how far that leads from what was recorded.

    `exact`: every state that was kept came out the same to the bit. `apart_m`, `turned_rad` (things,): the most that each thing was apart
    from where it was recorded; NaN where places were not recorded. `since_s`: when the first was apart by more than 1 mm, None if none was.
    """

    past: Past[S]
    recorded_with: str
    replayed_with: str
    exact: bool
    things: tuple[str, ...]
    apart_m: tuple[float, ...]
    turned_rad: tuple[float, ...]
    since_s: float | None

    @property
    def told(self) -> str:
        """In one sentence."""
        if self.exact:
            return f"replayed by {self.replayed_with} to the bit"
        engines = f"recorded by {self.recorded_with}, replayed by {self.replayed_with}"
        if not self.apart_m or not np.isfinite(self.apart_m).any():
            return f"{engines}: not the same states; how far apart is not known, since places were not recorded"
        most = int(np.nanargmax(self.apart_m))
        when = "" if self.since_s is None else f", the first more than 1 mm after {self.since_s:.2f} s"
        return f"{engines}: {self.things[most]} drifts farthest, by {self.apart_m[most] * 1e3:.3g} mm{when}"


def open_past(episode: Episode, *, assets: Path | str = ".", renderer: str = "auto") -> Past[Any]:
    """The past of an episode that keeps its states. What its scene imports lies under `assets`.

    Raises:
        StateError: if it keeps none, or they are of another engine or version.
    """
    if STATE not in episode.streams or not len(episode[STATE]):
        raise StateError(
            "the episode keeps no states, so that nothing can go on from it",
            where=episode.title or None,
            got=", ".join(sorted(episode.streams)) or "no stream at all",
            expected=STATE,
            fix=_OTHERWISE if episode.scene is not None and episode.provenance.engine in _ENGINES else _DREAM,
        )
    said = dict(word.partition("=")[::2] for word in episode.legend.get(STATE, ()))
    return past_in(_world(said, assets=assets, renderer=renderer), episode)


def past_in(world: World[S], episode: Episode) -> Past[S]:
    """The past of an episode that keeps its states, in a world like the one it was recorded in.

    Raises:
        StateError: if they are of another engine, version or world.
    """
    said = dict(word.partition("=")[::2] for word in episode.legend.get(STATE, ()))
    stream = episode[STATE]
    try:
        tick_ns = int(said[TICK_NS])
        keys = _Keys(world, stream, tuple((stream.times_ns // tick_ns).tolist()))
        keys[0]
    except StateError as error:
        error.fix = f"{error.fix or ''} {_OTHERWISE}".strip()
        raise error.at(f"states of {episode.title!r}") from None
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise StateError("the episode's states do not begin at its start", where=episode.title or None, got=str(error)) from error
    actions = _Actions(episode, tick_ns)
    return Past(episode, world, Course(keys, actions, len(actions)))


def restore(episode: Episode, tick: int, *, assets: Path | str = ".", renderer: str = "auto") -> tuple[World[Any], Any]:
    """A recorded episode's world, and its state `tick` ticks after the beginning, to the bit.

    Raises:
        InputError: if the episode does not last so long.
        StateError: if it keeps no states, or they are of another engine or version.
    """
    past = open_past(episode, assets=assets, renderer=renderer)
    return past.world, past.at(tick)


def replay(episode: Episode, *, assets: Path | str = ".", renderer: str = "auto") -> Replay[Any]:
    """An episode gone through anew from its scene, with the same actions, by the engine that is here.

    Raises:
        StateError: if it has no scene, or was not made by an engine.
        Diverged, ActionError: if the engine that is here cannot go through it.
    """
    if episode.scene is None or episode.provenance.engine not in _ENGINES:
        raise StateError("the episode was not made by an engine of ours", got=episode.provenance.engine, fix=_DREAM)
    said = {"engine": episode.provenance.engine, "hearing": str(any(s.signal.family == "hear" for s in episode.streams.values())).lower()}
    said |= {"events": str("happened" in episode.streams).lower()}
    said |= dict(word.partition("=")[::2] for word in episode.legend.get(STATE, ()))
    world = _world(said, assets=assets, renderer=renderer)
    state = world.reset(episode.scene, seed=episode.provenance.seed or 0)
    course = Course.of(state)
    kept = _kept(episode, world.spec.tick_ns)
    exact = bool(kept)
    apart = _Apart(episode, world)
    for tick, action in enumerate([*_Actions(episode, world.spec.tick_ns), None]):
        if tick in kept:
            exact = exact and _is(world, state, kept[tick])
        apart.see(tick, state)
        if action is not None:
            state = world.step(state, action)
            course = course.then(action, state)
    return Replay(
        past=Past(episode, world, course),
        recorded_with=episode.provenance.engine_version,
        replayed_with=world.spec.engine_version,
        exact=exact,
        things=world.spec.things,
        apart_m=tuple(apart.most_m.tolist()),
        turned_rad=tuple(apart.most_rad.tolist()),
        since_s=apart.since_s,
    )


def record_line(
    world: World[S], line: Timeline[S], *, seed: int, signals: Collection[str], on_tick: Callable[[int, int], None] | None = None
) -> Episode:
    """The branch of a timeline that leads from its first state to now, as an episode: every tick and change of it can be gone back to.

    What was said of the changes stands in the labels.

    Raises:
        LimitError: for less than one tick or more than an hour, or if something was taken out that was there at the start.
        SignalUnavailable, Diverged: as the world does.
    """
    first, changes, tick_s = line.nodes[0], line.changes(), world.spec.tick_ns * 1e-9
    world.edit(first.course.start, ())  # what a world says of itself is of the state that was edited last
    return record_from(
        world,
        AgentRecorded(line.actions()),
        first.course.start,
        seconds=line.tick * tick_s,
        seed=seed,
        signals=signals,
        title=first.said,
        labels={"changes": "; ".join(f"{tick * tick_s:.2f} s: {said}" for tick, _, said in changes if said)} if changes else {},
        changed={tick: state for tick, state, _ in changes},
        on_tick=on_tick,
    )


class AgentRecorded:
    """Acts as somebody acted once: `actions` one after the other, for those embodiments that there are; rests when they are over."""

    signals: tuple[str, ...] = ()

    def __init__(self, actions: Sequence[Action]) -> None:
        self._actions = actions

    def begin(self, spec: Any, *, seed: int) -> None:
        self._tick, self._sizes = 0, {one.name: one.size for one in spec.actions}

    def act(self, observation: object, *, time_ns: int) -> Action:
        action = self._actions[self._tick] if self._tick < len(self._actions) else {}
        self._tick += 1
        return {name: numbers for name, numbers in action.items() if self._sizes.get(name) == len(numbers)}


# -- below -----------------------------------------------------------------------------------------------------------------

_ENGINES = ("physics",)
_DREAM = "What was not simulated here can only be dreamed on: learn a model of such episodes, and go on in its world."
_OTHERWISE = "replay(episode), or --replay on the command line, goes through it again from its scene and says how far it drifts."


def _world(said: Mapping[str, str], *, assets: Path | str, renderer: str) -> World[Any]:
    """A world like the one that said this of its states."""
    if said.get("engine") not in _ENGINES:
        raise StateError("there is no such engine here", got=said.get("engine"), expected=" or ".join(_ENGINES))
    from lifeworld.worlds.physics.engine import WorldPhysics

    frame_ticks = said.get("frame_ticks", "2")
    if not frame_ticks.isdecimal():
        raise StateError("the legend of the states is damaged", got=f"frame_ticks={frame_ticks}", expected="a whole number")
    physics = WorldPhysics(
        renderer=renderer,  # type: ignore[arg-type]  # checked there
        assets=assets,
        frame_ticks=int(frame_ticks),
        hearing=said.get("hearing") == "true",
    )
    if said.get("events") != "true":
        return physics
    from lifeworld.worlds.eventful import WorldEventful

    return WorldEventful(physics)


class _Keys(Mapping[int, S]):
    """The states that were kept, by tick; each is read when it is asked for."""

    def __init__(self, world: World[S], stream: Stream, ticks: tuple[int, ...]) -> None:
        self._world, self._stream, self._rows = world, stream, {tick: row for row, tick in enumerate(ticks)}
        self._block, self._held = -1, ()

    _held: Sequence[NDArray[np.uint8]]

    def __getitem__(self, tick: int) -> S:
        block, row = divmod(self._rows[tick], BLOCK)
        if block != self._block:
            self._block, self._held = block, self._stream.values[BLOCK * block : BLOCK * (block + 1)]
        return self._world.load(np.asarray(self._held[row]).tobytes())

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Actions(Sequence[Action]):
    """The recorded actions of all embodiments, for each tick that the episode lasts; where none was recorded, everybody rests."""

    def __init__(self, episode: Episode, tick_ns: int) -> None:
        streams = {name.partition("@")[2]: stream for name, stream in episode.streams.items() if name.startswith("action@")}
        self._numbers = {name: np.asarray(stream.values, dtype=np.float64) for name, stream in streams.items() if len(stream)}
        self._ticks = max([episode.duration_ns // tick_ns, *(len(numbers) for numbers in self._numbers.values())])

    @overload
    def __getitem__(self, tick: int) -> Action: ...
    @overload
    def __getitem__(self, tick: slice) -> list[Action]: ...
    def __getitem__(self, tick: int | slice) -> Action | list[Action]:
        if isinstance(tick, slice):
            return [self[i] for i in range(*tick.indices(self._ticks))]
        at = range(self._ticks)[tick]
        return {name: numbers[at] for name, numbers in self._numbers.items() if at < len(numbers)}

    def __len__(self) -> int:
        return self._ticks


def _kept(episode: Episode, tick_ns: int) -> dict[int, bytes]:
    if STATE not in episode.streams:
        return {}
    stream = episode[STATE]
    return {int(t) // tick_ns: np.asarray(row).tobytes() for t, row in zip(stream.times_ns, stream.values, strict=True)}


def _is(world: World[S], state: S, saved: bytes) -> bool:
    try:
        return bool(world.load(saved) == state)
    except StateError:  # of another engine or version
        return False


class _Apart:
    """How far things are from where they were recorded, as a replay goes on."""

    def __init__(self, episode: Episode, world: World[Any]) -> None:
        self._world, self._tick_ns = world, world.spec.tick_ns
        self.since_s: float | None = None
        known = [s for s in ("position_m", "quat_wxyz") if s in episode.streams]
        self._then = {s: (episode[s].times_ns // self._tick_ns, np.asarray(episode[s].values)) for s in known}
        self.most_m = np.full(len(world.spec.things), 0.0 if "position_m" in known else np.nan)
        self.most_rad = np.full(len(world.spec.things), 0.0 if "quat_wxyz" in known else np.nan)

    def see(self, tick: int, state: Any) -> None:
        for signal, (ticks, values) in self._then.items():
            row = int(np.searchsorted(ticks, tick))
            if row == len(ticks) or ticks[row] != tick:
                continue
            now = self._world.observe(state, [signal])[signal]
            if signal == "position_m":
                apart = np.linalg.norm(now - values[row], axis=1)
                self.most_m = np.maximum(self.most_m, apart)
                if self.since_s is None and apart.max(initial=0.0) > APART_M:
                    self.since_s = tick * self._tick_ns * 1e-9
            else:
                turned = np.where((now == values[row]).all(axis=1), 0.0, rotation_angle(now, values[row]))
                self.most_rad = np.maximum(self.most_rad, turned)
