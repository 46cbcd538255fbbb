"""The bench a compiled scene is worked on: scratch data, commands, steps, readings, a painter made when first asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ActionError, Diverged, LimitError, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS
from lifeworld.scene.scene import MAX_JOINT, MAX_SPEED_M_S, MAX_SPIN_RAD_S, REACH_M
from lifeworld.worlds.physics import warning
from lifeworld.worlds.physics.compile import TICK_NS, TICK_STEPS, Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.senses import painter
from lifeworld.worlds.physics.senses.be import BULK
from lifeworld.worlds.physics.senses.contact import Raw
from lifeworld.worlds.physics.senses.hear import contact
from lifeworld.worlds.physics.senses.hear import listen as hear
from lifeworld.worlds.physics.senses.hear.resonate import Resonator, resonator
from lifeworld.worlds.physics.senses.look import Eyes, Look, Sense
from lifeworld.worlds.physics.senses.table import SENSES, legend, streams
from lifeworld.worlds.physics.state import FULL, Before, PhysicsState, frozen, scene_now
from lifeworld.worlds.world import Action, Observation, WorldSpec

Array = NDArray[np.float64]
HALF_STEPS = TICK_STEPS // 2
MOST_PIXELS = 2**27
"""Of one observation: eight cameras of 4096². All that can be seen of them takes 1.5 GB."""
MOST_ASKED = 256
"""How many ways of asking are kept in mind."""


class Bench:
    """What is needed to work on states of one model: scratch data, the layout, a painter made when first asked for."""

    def __init__(self, compiled: Compiled, backend: painter.Backend, quality: str, frame_ticks: int, hearing: bool) -> None:
        self.compiled, self.model, self._frame_ticks, self._hearing = compiled, compiled.model, frame_ticks, hearing
        self.data = mujoco.MjData(compiled.model)
        self.layout = Layout.of(compiled.model)
        self.eyes = Eyes(compiled, lambda: painter.painter(compiled, backend=backend, quality=quality), self.data, frame_ticks)
        self.poser = self.eyes.poser
        self._half: tuple[Before, Array] | None = None  # what the last tick began from, and how it stood after half of it
        self._known: dict[str | tuple[str, ...], tuple[tuple[str, Sense, str], ...]] = {}
        free = np.array([(b.qpos, b.dof) for b in compiled.bounds if b.qpos >= 0], dtype=np.int64).reshape(-1, 2)
        q, v = self.layout.slices["qpos"].start, self.layout.slices["qvel"].start
        watched = [
            (q + free[:, :1] + np.arange(3), REACH_M),
            (v + free[:, 1:] + np.arange(3), MAX_SPEED_M_S),
            (v + free[:, 1:] + np.arange(3, 6), MAX_SPIN_RAD_S / 2),  # in its own frame; half: no turn makes a number twice as large
            (q + self.poser.joint_qpos, MAX_JOINT),
        ]
        self._watched = np.concatenate([where.ravel() for where, _ in watched])
        self._most = np.concatenate([np.full(where.size, most) for where, most in watched])
        off = {} if hearing else dict.fromkeys(hear.SENSES, "this world does not listen: make it with WorldPhysics(hearing=True)")
        self.spec = WorldSpec(
            engine="physics",
            engine_version=f"mujoco {mujoco.__version__}",
            tick_ns=TICK_NS,
            actions=tuple(e.action for e in compiled.embodied),
            signals=streams(compiled, off=off),
            off=off,
            things=tuple(t.name for t in compiled.scene.things),
            origin=Origin.SIMULATED,
            renderer=painter.working_backend() if backend == "auto" else backend,
            frame_ticks=frame_ticks,
            legend=legend(compiled),
            cannot=("liquids", "breaking"),
        )

    def command(self, rows: Array, actions: Mapping[str, ArrayLike]) -> None:
        """Write actions (n, size) of each embodiment into state rows (n, …), clipped to what the embodiment can do; none is rest."""
        given = {}
        for name, numbers in actions.items():
            spec, value = self.spec.action(name), _numbers(name, numbers)
            if value.shape != (len(rows), spec.size):
                raise ActionError(
                    f"the action of {name!r} has the wrong size", got=value.shape[1:], expected=f"({spec.size},): {', '.join(spec.labels)}"
                )
            if not np.isfinite(value).all():
                raise ActionError(f"the action of {name!r} is not finite", got=value.tolist())
            given[name] = value
        for e in self.compiled.embodied:
            action = e.action
            if action.name in given:
                e.command(rows, np.clip(given[action.name], action.low, action.high))
            else:
                e.command(rows, np.broadcast_to(action.rest, (len(rows), action.size)))

    def step(self, state: PhysicsState, action: Action) -> PhysicsState:
        """The state one tick later."""
        row = state.vector.copy()[None]
        self.command(row, {name: _numbers(name, value)[None] for name, value in action.items()})
        before = Before.of(state.vector, row[0])
        mujoco.mj_setState(self.model, self.data, row[0], FULL)
        self.data.warning.number[:] = 0
        half = np.empty(self.layout.size)
        readings, notes = self._tick(half)
        vector = np.empty(self.layout.size)
        mujoco.mj_getState(self.model, self.data, vector, FULL)
        self._half = before, half
        if notes:
            self.eyes.noted = (vector, notes)
        sound = self.resonator.after(state.sound, self.compiled, readings, self.data) if self._hearing else None
        return replace(self.after(state, vector, 1, (before,), self.data.warning.number), sound=sound)

    @property
    def resonator(self) -> Resonator:
        return self.eyes.tables(resonator)

    def halfway(self, state: PhysicsState) -> Array | None:
        """The vector half a tick before the state that was stepped to last; None of any other."""
        return self._half[1] if self._half is not None and state.past and state.past[-1] is self._half[0] else None

    def _tick(self, half: Array) -> tuple[list[contact.Reading], list[Raw]]:
        """Take the engine's steps of a tick, one by one (to the same bits) where what sounds in them or touches is to be kept.

        How it stands after half of them is written to `half`.
        """
        readings: list[contact.Reading] = []
        notes: list[Raw] = []
        noting, self.eyes.noting = self.eyes.noting, False
        if not (self._hearing or noting):
            mujoco.mj_step(self.model, self.data, nstep=HALF_STEPS)
            mujoco.mj_getState(self.model, self.data, half, FULL)
            mujoco.mj_step(self.model, self.data, nstep=TICK_STEPS - HALF_STEPS)
            return readings, notes
        for step in range(TICK_STEPS):
            if step == HALF_STEPS:
                mujoco.mj_getState(self.model, self.data, half, FULL)
            mujoco.mj_step(self.model, self.data)
            if self._hearing:
                readings.append(contact.read(self.data))
            if noting:
                notes.append(Raw.of(self.data).copied())
        return readings, notes

    def observe(self, state: PhysicsState, signals: Collection[str], then: PhysicsState | None = None) -> Observation:
        """The asked-for signals, computed together."""
        asked = self._asked(signals)
        if then is not None and then.compiled is not state.compiled:
            raise StateError("the next frame's state is of another scene", fix="Look at the states before and after an edit apart.")
        look = Look(self.eyes, state, then)
        values = {stream: sense(look, source) for stream, sense, source in asked}
        return Observation(time_ns=state.time_ns, values=values, origin=Origin.SIMULATED)

    def _asked(self, signals: Collection[str]) -> tuple[tuple[str, Sense, str], ...]:
        """Streams, their senses and sources, as asked for by name; worked out once for the same names in the same order."""
        key = signals if isinstance(signals, str) else tuple(signals)
        if key not in self._known:
            streams = self.spec.streams(signals)
            self._check_pixels(streams)
            if len(self._known) >= MOST_ASKED:
                self._known.clear()
            self._known[key] = tuple((stream, SENSES[self.spec.signals[stream]], stream.partition("@")[2]) for stream in streams)
        return self._known[key]

    def _check_pixels(self, streams: Sequence[str]) -> None:
        cameras = {stream.partition("@")[2] for stream in streams if "height" in SIGNALS[self.spec.signals[stream]].shape}
        pixels = sum(self.eyes.cameras[name].width_px * self.eyes.cameras[name].height_px for name in cameras)
        if pixels > MOST_PIXELS:
            raise LimitError(
                "too many pixels at once",
                got=f"{pixels:,} of {len(cameras)} cameras",
                expected=f"at most {MOST_PIXELS:,}",
                fix="Ask for some of the cameras at a time (rgb@NAME), or make their pictures smaller.",
            )

    def after(
        self, state: PhysicsState, vector: Array, ticks: int, past: Iterable[Before], warnings: NDArray[np.int_], where: str = ""
    ) -> PhysicsState:
        """The state that `vector` is, some ticks after `state`; `past` are the last of them, what each began from.

        Raises:
            Diverged: if it is not finite, or something is farther or faster than a scene can say.
            EngineError: as `warning.check`.
        """
        at = f"{where}tick {state.tick + ticks}"
        warning.check(warnings, where=at)
        if not np.isfinite(vector).all():
            raise Diverged("the simulation blew up", where=at, fix="Look for things inside each other, or extreme masses.")
        kept = (*state.past, *past)[-self._frame_ticks :]
        new = PhysicsState(self.compiled, frozen(vector), state.tick + ticks, state.scene, past=kept)
        if self._doubtful(vector):
            try:
                scene_now(new, self.layout)
            except LimitError as error:
                raise Diverged(
                    "something is out of this world",
                    where=f"{at}, {error.where}",
                    got=f"{error.what}: {error.got}",
                    expected=error.expected,
                    fix="Look for things that start inside each other or have nothing below them.",
                ) from error
        return new

    def _doubtful(self, rows: Array) -> NDArray[np.bool_]:
        """Which state rows (…, size) hold a number that is not finite, or that may be more than a scene can say."""
        return np.asarray(~np.isfinite(rows).all(axis=-1) | (np.abs(rows[..., self._watched]) > self._most).any(axis=-1))

    def rollout(
        self, states: Sequence[PhysicsState], actions: Mapping[str, ArrayLike], ticks: int, signals: Collection[str], threads: int | None
    ) -> tuple[list[PhysicsState], Observation]:
        """Each state stepped `ticks` times with its own actions (n, ticks, size), all at once; signals stacked to (n, ticks, …)."""
        from mujoco.batch import Batch, SimulationError

        streams = self.spec.streams(signals)
        if self._hearing:
            return self._rollout_listening(states, actions, ticks, streams)
        batch = Batch(self.model, len(states), threads or 0)
        batch.state[:] = np.stack([s.vector for s in states])
        bulk = {s: BULK[signal] for s in streams if (signal := self.spec.signals[s]) in BULK}
        fields = {field: batch.bind(field) for one in bulk.values() for field in one.fields}
        single = [s for s in streams if s not in bulk]
        stage = mujoco.mjtStage.mjSTAGE_VEL if bulk else mujoco.mjtStage.mjSTAGE_NONE
        given = {name: _numbers(name, value) for name, value in actions.items()}
        rows: dict[str, list[NDArray[Any]]] = {s: [] for s in streams}
        now = list(states)
        past: list[deque[Before]] = [deque(maxlen=self._frame_ticks) for _ in states]
        for tick in range(ticks):
            remembered = bool(single) or tick >= ticks - self._frame_ticks
            began = batch.state.copy() if remembered else batch.state
            self.command(batch.state, {name: value[:, tick] for name, value in given.items()})
            if remembered:
                for i, row in enumerate(began):
                    past[i].append(Before.of(frozen(row), batch.state[i]))
            try:
                batch.step(nstep=TICK_STEPS, stage=int(stage))
            except SimulationError as error:
                raise Diverged("a future blew up", where=f"future {int(error.ids[0])}, tick {tick}", got=str(error)) from error
            doubtful = self._doubtful(batch.state) | batch.warning[..., 1].any(axis=1)
            for i in range(len(states)) if single or tick == ticks - 1 else np.flatnonzero(doubtful).tolist():
                now[i] = self.after(states[i], batch.state[i].copy(), tick + 1, past[i], batch.warning[i, :, 1], f"future {i}, ")
            for stream, one in bulk.items():
                rows[stream].append(one.read(self.eyes, stream.partition("@")[2], *[fields[field] for field in one.fields]))
            if single:
                seen = [self.observe(s, single) for s in now]
                for stream in single:
                    rows[stream].append(stacked([o[stream] for o in seen], ragged=SIGNALS[self.spec.signals[stream]].ragged))
        values = {stream: np.stack(parts, axis=1) for stream, parts in rows.items()}
        return now, Observation(time_ns=now[0].time_ns, values=values, origin=Origin.SIMULATED)

    def _rollout_listening(
        self, states: Sequence[PhysicsState], actions: Mapping[str, ArrayLike], ticks: int, streams: Sequence[str]
    ) -> tuple[list[PhysicsState], Observation]:
        """A rollout of one future after the other, each step by step: what sounds is read between the engine's steps."""
        given = {name: _numbers(name, value) for name, value in actions.items()}
        rows: dict[str, list[NDArray[Any]]] = {s: [] for s in streams}
        now = list(states)
        for tick in range(ticks):
            for i in range(len(now)):
                try:
                    now[i] = self.step(now[i], {name: value[i, tick] for name, value in given.items()})
                except Diverged as error:
                    raise error.at(f"future {i}") from None
            if streams:
                seen = [self.observe(s, streams) for s in now]
                for stream in streams:
                    rows[stream].append(stacked([o[stream] for o in seen], ragged=SIGNALS[self.spec.signals[stream]].ragged))
        values = {stream: np.stack(parts, axis=1) for stream, parts in rows.items()}
        return now, Observation(time_ns=now[0].time_ns, values=values, origin=Origin.SIMULATED)

    def close(self) -> None:
        self.eyes.close()


def stacked(parts: Sequence[NDArray[Any]], *, ragged: bool) -> NDArray[Any]:
    """Values one after another (n, …); ragged ones as an array (n,) of arrays of different lengths."""
    if not ragged:
        return np.stack(parts)
    out = np.empty(len(parts), dtype=object)
    for i, part in enumerate(parts):
        out[i] = part
    return out


def _numbers(name: str, value: ArrayLike) -> Array:
    try:
        array = np.asarray(value)
        if array.dtype.kind in "fiub":
            return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):  # lists of unequal lengths
        pass
    raise ActionError(f"the action of {name!r} is not made of numbers", got=value)
