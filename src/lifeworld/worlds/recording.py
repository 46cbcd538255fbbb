"""WorldRecording: an episode as a World in which nothing can be done, so that whatever plays worlds can play it.

    world = WorldRecording(bundle[3])
    line = world.timeline()                     # all of it at once; now is its beginning
    world.observe(line.to(world, 40).state, ["rgb@front", "depth_m@front"])

All streams go by one clock, whose tick is the shortest time between two pictures. A stream shows its newest value; of sound all that was
heard during the last tick. What an episode keeps as states can be gone on from: that is `replay.open_past`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, EditError, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.course import Course
from lifeworld.worlds.record import STATE
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.world import Action, Observation, WorldSpec

TICK_NS = (10_000_000, 1_000_000_000)
"""A tick is this long at least and at most."""
MOST_TICKS = 2**40


@dataclass(frozen=True, slots=True)
class RecordedState:
    """A moment of a recording."""

    tick: int


class WorldRecording:
    """An episode under the World protocol. `ticks` is how long it lasts.

    Raises:
        StateError: if there is nothing in it.
    """

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self._streams = {name: stream for name, stream in episode.streams.items() if len(stream) and stream.signal.name != STATE}
        if not self._streams:
            raise StateError("there is nothing in this episode to be seen", where=episode.title or None)
        tick_ns = _tick_ns(self._streams.values())
        self.ticks = -(-episode.duration_ns // tick_ns)
        made = episode.provenance
        self.spec = WorldSpec(
            engine="recording",
            engine_version=f"of {made.engine} {made.engine_version}".rstrip(),
            tick_ns=tick_ns,
            actions=(),
            signals={name: stream.signal.name for name, stream in self._streams.items()},
            things=(),
            origin=Origin.mix(*(stream.origin for stream in self._streams.values())),
            renderer="recording",
            frame_ticks=1,
            legend=dict(episode.legend),
            cannot=("edits", "things", "acting"),
            editable=False,
        )

    def timeline(self) -> Timeline[RecordedState]:
        """All of it as one branch; now is its beginning."""
        return Timeline.along(self, Course(_Moments(self.ticks), [{}] * self.ticks, self.ticks), self.episode.title)

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: None = None, *, seed: int = 0) -> RecordedState:
        """Its beginning, whatever the seed.

        Raises:
            StateError: for a start: a recording has its own.
        """
        if start is not None:
            raise StateError("a recording begins where it began", got=type(start).__name__, expected="reset(None, seed=…)")
        return RecordedState(0)

    def step(self, state: RecordedState, action: Action) -> RecordedState:
        """A tick on; after its end all stays as it was.

        Raises:
            ActionError: for any action: there is nobody to act.
        """
        for name in action:
            self.spec.action(name)
        return RecordedState(state.tick + 1)

    def observe(self, state: RecordedState, signals: Collection[str], *, then: RecordedState | None = None) -> Observation:
        """What was recorded by then.

        Raises:
            SignalUnavailable: naming what there is.
        """
        streams = self.spec.streams(signals)
        at_ns = state.tick * self.spec.tick_ns
        values = {name: self._value(self._streams[name], at_ns) for name in streams}
        return Observation(time_ns=at_ns, values=values, origin=self.spec.origin, certainty=self._certainty(values))

    def edit(self, state: RecordedState, edit: Edits) -> RecordedState:
        """What has happened cannot be edited.

        Raises:
            EditError: always.
        """
        raise EditError(
            "a recording cannot be edited", reason="cannot", got=edit, fix="One that keeps states can be gone on from: open_past."
        )

    def scene(self, state: RecordedState) -> Scene:
        """A scene without things: where they were, streams say."""
        return Scene(name="recording", title=self.episode.title)

    def save(self, state: RecordedState) -> bytes:
        return msgspec.msgpack.encode(state.tick)

    def load(self, data: bytes) -> RecordedState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are none.
        """
        try:
            tick = msgspec.msgpack.decode(data, type=int)
        except (msgspec.MsgspecError, TypeError) as error:
            raise StateError("these bytes are no moment of a recording", got=str(error)) from error
        if not 0 <= tick <= MOST_TICKS:
            raise StateError("these bytes are no moment of a recording", got=tick)
        return RecordedState(tick)

    def rollout(
        self, states: Sequence[RecordedState], actions: Mapping[str, ArrayLike], signals: Collection[str] = (), *, ticks: int | None = None
    ) -> tuple[list[RecordedState], Observation]:
        """The only future there is, from each of some moments: values (n, ticks, …); only of signals of one size.

        Raises:
            StateError: without a state.
            ActionError: for any action, or no tick at all.
        """
        if not states:
            raise StateError("a rollout needs at least one state")
        for name in actions:
            self.spec.action(name)
        if ticks is None or ticks < 1:
            raise ActionError("a rollout lasts some ticks", got=ticks, expected="1 or more")
        streams = self.spec.streams(signals)
        seen = [[self.observe(RecordedState(state.tick + tick), streams) for tick in range(1, ticks + 1)] for state in states]
        values = {name: np.stack([np.stack([one[name] for one in row]) for row in seen]) for name in streams}
        ends = [RecordedState(state.tick + ticks) for state in states]
        return ends, Observation(time_ns=ends[0].tick * self.spec.tick_ns, values=values, origin=self.spec.origin)

    # -- below -------------------------------------------------------------------------------------------------------------

    def _value(self, stream: Stream, at_ns: int) -> NDArray[Any]:
        last = int(np.searchsorted(stream.times_ns, at_ns, side="right"))
        if stream.signal.family == "hear":
            first = int(np.searchsorted(stream.times_ns, at_ns - self.spec.tick_ns, side="right"))
            if first < last:
                return np.concatenate([np.asarray(stream.values[i]) for i in range(first, last)])
            return np.asarray(stream.values[0])[:0]
        return np.asarray(stream.values[max(last - 1, 0)])

    def _certainty(self, values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """How sure somebody was of what they dreamed is not recorded: nothing is said of it but that it is not known."""
        return (
            {name: np.full(value.shape[:2], np.nan, np.float32) for name, value in values.items()} if self.spec.origin == "dreamed" else {}
        )


class _Moments(Mapping[int, RecordedState]):
    """Every moment of a recording, by tick."""

    def __init__(self, ticks: int) -> None:
        self._ticks = ticks

    def __getitem__(self, tick: int) -> RecordedState:
        if not 0 <= tick <= self._ticks:
            raise KeyError(tick)
        return RecordedState(tick)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._ticks + 1))

    def __len__(self) -> int:
        return self._ticks + 1


def _tick_ns(streams: Collection[Stream]) -> int:
    periods = {True: [], False: []}  # type: dict[bool, list[int]]
    for stream in streams:
        if len(stream) > 1:
            periods[stream.signal.name == "rgb"].append(int(np.median(np.diff(stream.times_ns))))
    return int(np.clip(min(periods[True] or periods[False] or [TICK_NS[1]]), *TICK_NS))
