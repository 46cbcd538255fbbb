"""WorldFlat: rules of rows under the World protocol; many futures are one array.

    world = WorldFlat(TwoRoom())
    state = world.reset(None, seed=0)
    state = world.step(state, {"agent": np.array([1.0, 0.0])})
    ends, seen = world.rollout([state] * 300, {"agent": tried}, ["rgb"])

A state holds all there is, so forks are free and bytes are small. Nothing here can be edited: the rules are what is published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from lifeworld.core.errors import EditError, StateError
from lifeworld.core.origin import Origin
from lifeworld.scene.edit import Edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.flat.rules import Rows, Rules
from lifeworld.worlds.futures import told_of
from lifeworld.worlds.sealed import digest_of, sealed, unsealed
from lifeworld.worlds.world import Action, Observation, WorldSpec

MOST_TICKS = 2**40
DRAWN_AT_ONCE = 256
"""Pictures that are drawn in one piece: more need more memory and are no quicker."""


@dataclass(frozen=True, slots=True, eq=False)
class FlatState:
    """One moment: the row (size,), which cannot be written to, and how many ticks it took."""

    row: Rows
    tick: int


class WorldFlat:
    """A World made alive by rules of rows."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.spec = WorldSpec(
            engine="flat",
            engine_version=f"{rules.name}, {rules.version}",
            tick_ns=rules.tick_ns,
            actions=(rules.action,),
            signals=rules.signals,
            things=rules.things,
            origin=Origin.SIMULATED,
            renderer="flat",
            frame_ticks=rules.hold,
            cannot=("edits",),
            editable=False,
        )
        self._told = (rules.name, rules.version, msgspec.json.encode(dict(sorted(rules.options.items()))).decode())

    def state(self, row: ArrayLike, *, tick: int = 0) -> FlatState:
        """The state of these numbers.

        Raises:
            StateError: if they are not as many as the rules have, or not finite.
        """
        made = np.array(row, dtype=np.float64)
        if made.shape != (self.rules.size,) or not np.isfinite(made).all():
            raise StateError("this is no state of these rules", got=f"{made.shape}", expected=f"{self.rules.size} finite numbers")
        return _state(made, tick)

    # -- the protocol ------------------------------------------------------------------------------------------------------

    def reset(self, start: None = None, *, seed: int) -> FlatState:
        """A first moment, drawn by the rules.

        Raises:
            StateError: for a start: `state` makes one of numbers.
        """
        if start is not None:
            raise StateError("a flat world begins by its rules", got=type(start).__name__, expected="reset(None, seed=…)")
        return _state(self.rules.begin(seed=seed), 0)

    def step(self, state: FlatState, action: Action) -> FlatState:
        """The moment one tick later.

        Raises:
            ActionError: for a wrong name, a wrong size or a value that is not finite.
        """
        told = told_of(self.spec, {name: np.asarray(value)[None, None] for name, value in action.items()}, 1, 1)
        return _state(self.rules.step(state.row[None], told[:, 0])[0], state.tick + 1)

    def observe(self, state: FlatState, signals: Collection[str], *, then: FlatState | None = None) -> Observation:
        """The asked-for signals; none of them looks ahead.

        Raises:
            SignalUnavailable: naming those there are.
        """
        values = {stream: self.rules.show(stream, state.row[None])[0] for stream in self.spec.streams(signals)}
        return Observation(time_ns=state.tick * self.spec.tick_ns, values=values, origin=Origin.SIMULATED)

    def edit(self, state: FlatState, edit: Edits) -> FlatState:
        """Nothing here can be edited.

        Raises:
            EditError: always.
        """
        raise EditError(
            "a flat world cannot be edited",
            reason="cannot",
            got=edit,
            fix="Its options vary it: TwoRoom(door_px=…); or make a world from a scene (WorldPhysics).",
        )

    def scene(self, state: FlatState) -> Scene:
        """What there is, as the rules say it."""
        return self.rules.scene(state.row)

    def save(self, state: FlatState) -> bytes:
        """The state as bytes: whose rules, the tick, the row."""
        saved = _Saved(*self._told, state.tick, state.row.tobytes(), "")
        return sealed(saved)

    def load(self, data: bytes) -> FlatState:
        """The state that `save` wrote.

        Raises:
            StateError: for bytes that are no state, are damaged, or are of other rules.
        """
        saved = unsealed(data, _Saved)
        if (of := (saved.rules, saved.version, saved.options)) != self._told:
            raise StateError("the state belongs to other rules", got=" ".join(of), expected=" ".join(self._told))
        if digest_of(saved) != saved.digest or len(saved.row) != 8 * self.rules.size or not 0 <= saved.tick <= MOST_TICKS:
            raise StateError("the saved state is damaged", got=f"digest {digest_of(saved)[:12]}…", expected=f"{saved.digest[:12]}…")
        return self.state(np.frombuffer(saved.row), tick=saved.tick)

    def rollout(
        self,
        states: Sequence[FlatState],
        actions: Mapping[str, ArrayLike],
        signals: Collection[str] = ("rgb",),
        *,
        ticks: int | None = None,
    ) -> tuple[list[FlatState], Observation]:
        """Many futures at once: `actions` name → (n, ticks, size); values (n, ticks, …).

        Raises:
            StateError: without a state.
            ActionError: for shapes that disagree, or no tick at all.
        """
        told, streams = told_of(self.spec, actions, len(states), ticks), self.spec.streams(signals)
        rows = np.stack([state.row for state in states])
        course = np.empty((*told.shape[:2], self.rules.size))
        for tick in range(told.shape[1]):
            rows = course[:, tick] = self.rules.step(rows, told[:, tick])
        flat = course.reshape(-1, self.rules.size)
        values = {}
        for stream in streams:
            parts = [self.rules.show(stream, flat[i : i + DRAWN_AT_ONCE]) for i in range(0, len(flat), DRAWN_AT_ONCE)]
            whole = np.concatenate(parts)
            values[stream] = whole.reshape(*course.shape[:2], *whole.shape[1:])
        ends = [_state(row, state.tick + told.shape[1]) for row, state in zip(rows, states, strict=True)]
        return ends, Observation(time_ns=ends[0].tick * self.spec.tick_ns, values=values, origin=Origin.SIMULATED)


class _Saved(msgspec.Struct):
    """What is written, as msgpack; `digest` is over all the rest."""

    rules: str
    version: str
    options: str
    tick: int
    row: bytes
    digest: str


def _state(row: Rows, tick: int) -> FlatState:
    own = row.copy()
    own.flags.writeable = False
    return FlatState(own, tick)
