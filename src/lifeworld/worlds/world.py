"""The World protocol: what every engine promises, so that agents, recorders and planners need not know which one they are in.

State is a value: keep it and you have forked the world. Fork, undo, what-if, planning and replay are one mechanism.
The laws are in `lifeworld.testing.check_world`; every engine passes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, SignalUnavailable, did_you_mean
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene

S = TypeVar("S")

Action = Mapping[str, NDArray[np.float64]]
"""What each embodiment does during one step: embodiment name → numbers (see `ActionSpec`). A name left out does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """The action of one embodiment: `labels` name each number with its unit; `low`/`high` (n,) bound it; `rest` (n,) does nothing."""

    name: str
    labels: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    rest: tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """What a world takes and gives. `signals` maps every stream it can show (`rgb@front`, `position_m`) to the signal's name in the table.

    `tick_ns` is how long one step lasts, `frame_ticks` how many of them lie between two pictures; `legend` names the numbers of signals
    that hold numbers for words (`semantic_ids`, `events` …); `cannot` lists in words what this engine does not do. `off` are the signals
    that it could give and was not asked to when it was made: name → how to ask. `editable` is whether `edit` changes anything here: games
    and dreams are what they are.
    """

    engine: str
    engine_version: str
    tick_ns: int
    actions: tuple[ActionSpec, ...]
    signals: Mapping[str, str]
    things: tuple[str, ...]
    origin: Origin
    renderer: str
    frame_ticks: int = 2
    legend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cannot: tuple[str, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    editable: bool = True

    def action(self, name: str) -> ActionSpec:
        """The spec of one embodiment's action.

        Raises:
            ActionError: if there is none of this name.
        """
        for spec in self.actions:
            if spec.name == name:
                return spec
        names = [spec.name for spec in self.actions]
        raise ActionError(
            f"no embodiment {name!r} in this world. {did_you_mean(name, names)}".rstrip(), expected=", ".join(names) or "none at all"
        )

    def streams(self, signals: Collection[str]) -> tuple[str, ...]:
        """The streams asked for, in order: a stream by its name, or by the name of a signal or a family all of its streams.

        Raises:
            SignalUnavailable: naming those there are.
        """
        wanted: dict[str, None] = {}
        for name in (signals,) if isinstance(signals, str) else signals:
            if name in self.signals:
                wanted[name] = None
                continue
            streams = [stream for stream, signal in self.signals.items() if name in (signal, SIGNALS[signal].family)]
            if not streams:
                why = [how for off, how in self.off.items() if str(name).partition("@")[0] in (off, SIGNALS[off].family)]
                signals = set(self.signals.values())
                known = set(self.signals) if "@" in str(name) else signals | {SIGNALS[signal].family for signal in signals}
                raise SignalUnavailable(str(name), known, why=why[0] if why else None)
            wanted.update(dict.fromkeys(streams))
        return tuple(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was shown at one moment: stream name → array, where it came from and, from a model, how sure it is.

    Look a value up by its stream (`rgb@front`) or, when only one camera or embodiment has it, by the signal (`rgb`).
    """

    time_ns: int
    values: Mapping[str, NDArray[Any]]
    origin: Origin
    certainty: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name in self.values:
            return self.values[name]
        streams = [stream for stream in self.values if stream.partition("@")[0] == name]
        if len(streams) != 1:
            raise SignalUnavailable(name, self.values, why="more than one stream has it" if streams else None)
        return self.values[streams[0]]

    def __contains__(self, name: str) -> bool:
        return name in self.values or sum(stream.partition("@")[0] == name for stream in self.values) == 1


class World(Protocol[S]):
    """A scene made alive. `step`, `observe`, `edit` and `save` leave the state they are given as it was."""

    @property
    def spec(self) -> WorldSpec:
        """What the world of the last `reset` or `edit` takes and gives."""
        ...

    def reset(self, start: Any, *, seed: int) -> S:
        """The first state; the same start and seed give the same state.

        A start is what the engine begins from: a `Scene` in physics, an `Episode` (what was seen so far) in a dream, None in a game.
        """
        ...

    def step(self, state: S, action: Action) -> S:
        """The state one tick later."""
        ...

    def observe(self, state: S, signals: Collection[str], *, then: S | None = None) -> Observation:
        """The asked-for signals at this state.

        What looks forward (`flow_forward` …) goes to `then`, the state of the next frame; without it the world goes on by itself for
        one frame, with the last commands held.
        """
        ...

    def edit(self, state: S, edit: Edits) -> S:
        """The state with the change made, now; what fails leaves everything as it was.

        Raises:
            EditError: if it does not fit, or (`reason` "cannot") this engine is not `editable`.
        """
        ...

    def scene(self, state: S) -> Scene:
        """The scene as it stands at this state, poses and velocities included; one without things where the engine knows of none."""
        ...

    def save(self, state: S) -> bytes:
        """The state as bytes; `load` gives it back, in this process or another."""
        ...

    def load(self, data: bytes) -> S:
        """The state that `save` wrote."""
        ...

    def rollout(
        self, states: Sequence[S], actions: Mapping[str, ArrayLike], signals: Collection[str], *, ticks: int | None = None
    ) -> tuple[list[S], Observation]:
        """Many futures at once: actions (n, ticks, size) each; last states, and signals stacked to (n, ticks, …).

        `ticks` is needed only where there are no actions: then every embodiment rests.
        """
        ...
