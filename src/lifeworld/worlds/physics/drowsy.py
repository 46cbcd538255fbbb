"""WorldDrowsy: one future of a physical moment, in which what has come to rest sleeps until something touches it.

A rehearsal spends most of its time on things that lie where they lay. Here the engine puts them to sleep: a tick of twenty things at rest
costs a hundredth, and one in which all sleep changes nothing but the time, so that any number of them is one. What sleeps is kept outside
of the state, so this world goes forwards only: every state is gone on from once. The forces of what is awake are found island by island,
and what trembles by less than SLEEP_M_S is held still; so its futures are as likely as WorldPhysics' own, but not the same to the bit.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import mujoco
import numpy as np

from lifeworld.core.errors import LimitError
from lifeworld.scene import edit as edits
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.compile import TICK_NS, TICK_STEPS, Compiled
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.state import FULL, Array, Before, PhysicsState, frozen, scene_now
from lifeworld.worlds.world import Action

SLEEP_M_S = 1e-3
"""What is slower for ten of the engine's steps, 20 ms, may sleep [m/s; rad/s times a body's length]; the engine's own measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How much more of something a thing has than its scene says: mass and inertia together, and sliding friction."""

    mass: float = 1.0
    friction: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("mass", self.mass), ("friction", self.friction)):
            if not 1e-3 <= value <= 1e3:
                raise LimitError(f"{name} is that many times what it was", got=value, expected="0.001 to 1000")


class WorldDrowsy(WorldPhysics):
    """The future of `start`, whose things weigh and rub as `ratios` say; without pictures, and without sound.

    Args:
        start: where it begins; `reset` gives it back, with the events of the scene it is given.
    """

    def __init__(self, start: PhysicsState, *, ratios: Mapping[str, Ratio] | None = None) -> None:
        super().__init__(renderer="rays", assets=start.compiled.assets)
        self._ratios = {name: ratio for name, ratio in (ratios or {}).items() if ratio != Ratio()}
        self._drowsy: dict[Compiled, Compiled] = {}
        self.start = replace(start, compiled=self._of(start.compiled), before=(), past=())
        self._sleeper: _Sleeper | None = None
        self.stepped = 0

    def reset(self, start: Scene, *, seed: int) -> PhysicsState:
        """Where the future begins, with the events of `start`, a scene of the same things; nothing is placed, whatever the seed."""
        state = replace(self.start, scene=start)
        self._spec = self.spec_of(state)
        return state

    def step(self, state: PhysicsState, action: Action) -> PhysicsState:
        """As WorldPhysics, with what is at rest asleep.

        Raises:
            ActionError, Diverged: as WorldPhysics.
        """
        bench, sleeper = self._bench(state.compiled), self._sleeper
        row = state.vector
        if sleeper is None or sleeper.compiled is not state.compiled:
            sleeper = self._sleeper = _Sleeper(state.compiled)
        if action or not sleeper.resting or row is not sleeper.last:
            rows = row.copy()[None]
            bench.command(rows, {name: np.asarray(numbers)[None] for name, numbers in action.items()})
            sleeper.resting = not action and np.array_equal(rows[0], row)
            row = rows[0]
        vector, warnings = sleeper.tick(row)
        self.stepped += 1
        after = bench.after(state, vector, 1, (Before.of(state.vector, row),), warnings)
        sleeper.last = after.vector
        return after

    def asleep(self, state: PhysicsState) -> bool:
        """Whether ticks that begin here, with everybody at rest, change nothing but the time."""
        sleeper = self._sleeper
        return sleeper is not None and sleeper.still and sleeper.resting and state.vector is sleeper.last

    def later(self, state: PhysicsState, ticks: int) -> PhysicsState:
        """The state so many ticks on, where all is asleep."""
        assert self.asleep(state)
        assert self._sleeper is not None
        time = self._sleeper.time
        vector = state.vector.copy()  # of its time nothing is summed up, so that a hundred ticks are ten times ten
        vector[time] = self.start.vector[time] + (state.tick + ticks - self.start.tick) * TICK_NS * 1e-9
        self._sleeper.last = frozen(vector)
        return PhysicsState(state.compiled, self._sleeper.last, state.tick + ticks, state.scene)

    def edit(self, state: PhysicsState, edit: edits.Edits) -> PhysicsState:
        """As WorldPhysics; things keep their ratios."""
        edited = super().edit(state, edit)
        return replace(edited, compiled=self._of(edited.compiled), before=())

    def scene(self, state: PhysicsState) -> Scene:
        return scene_now(state, Layout.of(state.compiled.model))

    def _of(self, compiled: Compiled) -> Compiled:
        """The same with a model in which things sleep, and have their ratios; one that is so already is as it is."""
        if compiled in self._drowsy.values():
            return compiled
        if compiled not in self._drowsy:
            self._drowsy[compiled] = _varied(compiled, self._ratios) if self._ratios else drowsy(compiled)
        return self._drowsy[compiled]


class _Sleeper:
    """The engine's data of one future, in a model in which islands sleep."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self._model = compiled, compiled.model
        self._data = mujoco.MjData(self._model)
        self._size = compiled.state_size
        self.time = Layout.of(self._model).slices["time"]
        self.last: Array | None = None
        self.resting = self.still = False

    def tick(self, row: Array) -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.int_]]]:
        """The state row one tick after `row`, and the engine's warnings."""
        data = self._data
        mujoco.mj_setState(self._model, data, row, FULL)  # what sleeps where it lay sleeps on
        data.warning.number[:] = 0
        mujoco.mj_step(self._model, data, nstep=TICK_STEPS)
        vector = np.empty(self._size)
        mujoco.mj_getState(self._model, data, vector, FULL)
        if data.ntree_awake == 0:
            before, after = row.copy(), vector.copy()
            before[self.time] = after[self.time] = 0.0
            self.still = np.array_equal(before, after)
        else:
            self.still = False
        return vector, data.warning.number


@lru_cache(maxsize=4)
def drowsy(compiled: Compiled) -> Compiled:
    """The same with a model in which all that has come to rest may sleep, embodiments too: they hold still unless they are told to move.

    Not of one with soft things, whose vertices the engine does not let sleep.
    """
    model = copy.copy(compiled.model)
    if not model.nflex:
        model.opt.disableflags &= ~int(mujoco.mjtDisableBit.mjDSBL_ISLAND)
        model.opt.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        model.opt.sleep_tolerance = SLEEP_M_S
        model.tree_sleep_policy[:] = int(mujoco.mjtSleepPolicy.mjSLEEP_ALLOWED)
    return replace(compiled, model=model)


def _varied(compiled: Compiled, ratios: Mapping[str, Ratio]) -> Compiled:
    """The same, drowsy, with other masses and other friction."""
    model = copy.copy(drowsy(compiled).model)
    instances = {t.name: i + 1 for i, t in enumerate(compiled.scene.things)}
    for name, ratio in ratios.items():
        if name in instances:
            own = compiled.body_instance == instances[name]
            model.body_mass[own] *= ratio.mass
            model.body_inertia[own] *= ratio.mass
            model.geom_friction[compiled.geom_instance == instances[name], 0] *= ratio.friction
    mujoco.mj_setConst(model, mujoco.MjData(model))
    return replace(compiled, model=model)
