"""What is needed to do deeds on states of one model: its handles, scratch data, and the models in which joints are held."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace

import mujoco
import numpy as np

from lifeworld.core.errors import PlacementError
from lifeworld.scene.deed import Deed, Latch
from lifeworld.worlds.physics.compile import TICK_STEPS, Compiled
from lifeworld.worlds.physics.deeds.account import Given, account, motion_of, turns_far
from lifeworld.worlds.physics.deeds.handle import Array, Handles
from lifeworld.worlds.physics.deeds.load import Load, write
from lifeworld.worlds.physics.deeds.running import Running, begin, follow, load
from lifeworld.worlds.physics.deeds.stance import Stance
from lifeworld.worlds.physics.senses.energy import Masses
from lifeworld.worlds.physics.state import FULL, PhysicsState, frozen

UNYIELDING = 1e4
"""What holds against whatever comes [N·m or N]: more than anything in a scene can put up."""

OVERLAP_M = 0.002
"""How far what an event brings may begin inside another thing: what the solver leaves is less."""

MOST_STANCES = 3
"""How many are kept in mind: of the state before a tick, of the one after it, and of that with the next tick's forces in it."""

Held = tuple[tuple[int, float], ...]
"""Degrees of freedom with the dry friction [N·m or N] that holds them, in their order."""


class DeedBench:
    """Works on states of one model, however its joints are held."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.model = compiled, compiled.model
        self.handles = Handles(compiled)
        self._data = mujoco.MjData(compiled.model)
        self._masses = Masses(compiled)
        self._stances: list[tuple[Array, Stance]] = []
        self._loads: tuple[Array | None, Sequence[Running], list[tuple[Running, Load]]] = (None, (), [])
        self._held: dict[Held, Compiled] = {(): compiled}

    def knows(self, compiled: Compiled) -> bool:
        """Whether this is the bench of a model, its joints held or not."""
        return any(one is compiled for one in self._held.values())

    def stance(self, state: PhysicsState) -> Stance:
        """Where all bodies are and how they move; of the last few states it is known."""
        for vector, stance in self._stances:
            if vector is state.vector:
                return stance
        return self._know(state.vector, Stance.at(self.model, self._data, state.vector))

    def _know(self, vector: Array, stance: Stance) -> Stance:
        self._stances = [(vector, stance), *self._stances[: MOST_STANCES - 1]]
        return stance

    def begin(self, number: int, deed: Deed, state: PhysicsState) -> Running:
        """A deed that begins at a state.

        Raises:
            SceneError: why nothing can come of it.
        """
        stance = Stance.at(self.model, self._data, state.vector)  # the data too are to be at it
        return begin(number, deed, state.tick, self.compiled, self.handles, stance, self._data)

    def follow(self, running: Iterable[Running], state: PhysicsState) -> tuple[Running, ...]:
        """What of it goes on from a state, with what it remembers there."""
        stance = self.stance(state)
        return tuple(follow(one, state.tick, self.handles, stance) for one in running)

    def loads(self, running: Sequence[Running], state: PhysicsState) -> list[tuple[Running, Load]]:
        """The forces of the tick that begins at a state; of the last one they are known."""
        vector, known, loads = self._loads
        if vector is state.vector and known == running:
            return loads
        stance = self.stance(state)
        return [(one, put) for one in running if one.lasts(state.tick) for put in load(one, state.tick, self.handles, stance)]

    def prepared(self, running: Sequence[Running], state: PhysicsState) -> PhysicsState:
        """The state with the forces of the coming tick in it, and no others."""
        loads = self.loads(running, state)
        row = state.vector.copy()
        write((put for _, put in loads), self.handles.layout, row)
        ready = state if np.array_equal(row, state.vector) else replace(state, vector=frozen(row))
        self._know(ready.vector, self.stance(state))
        self._loads = (ready.vector, running, loads)
        return ready

    def without_forces(self, state: PhysicsState) -> PhysicsState:
        row: Array = state.vector.copy()
        write((), self.handles.layout, row)
        return state if np.array_equal(row, state.vector) else replace(state, vector=frozen(row))

    def given(self, running: Sequence[Running], before: PhysicsState, after: PhysicsState) -> list[tuple[Running, Given]]:
        """What the forces of the tick from one state to the next gave to whom."""
        start, end, loads = self.stance(before), self.stance(after), self.loads(running, before)
        steps = self._steps(after) if any(turns_far(put, start, end) for _, put in loads) else ()
        return [(one, account(put, self.handles[put.thing], start, end, steps)) for one, put in loads]

    def _steps(self, after: PhysicsState) -> tuple[Stance, ...]:
        """The stances after each of the engine's steps that led to a state, taken again."""
        model, data, out = self.model, mujoco.MjData(self.model), []
        mujoco.mj_setState(model, data, after.past[-1].commanded, FULL)
        vector = np.empty(after.vector.size)
        for _ in range(TICK_STEPS):
            mujoco.mj_step(model, data)
            mujoco.mj_getState(model, data, vector, FULL)
            out.append(Stance.at(model, self._data, vector))
        return tuple(out)

    def motion(self, state: PhysicsState) -> dict[str, Given]:
        """The momentum, the angular momentum and the energy (of motion and height) that each thing has."""
        stance = Stance.at(self.model, self._data, state.vector)  # the data too are to be at it
        energy = self._masses.energy_j(self._data.cvel, self._data.subtree_com, self._data.xipos, self._data.ximat).sum(axis=-1)
        return {name: motion_of(self.model, thing, stance, float(energy[thing.instance - 1])) for name, thing in self.handles.items()}

    def check_room(self, state: PhysicsState, name: str) -> None:
        """Raise PlacementError if a thing is inside another one, or in the ground."""
        mujoco.mj_setState(self.model, self._data, state.vector, FULL)
        mujoco.mj_fwdPosition(self.model, self._data)
        contact, mine = self._data.contact, self.handles[name].instance
        for i in np.flatnonzero(contact.dist < -OVERLAP_M):
            sides = self.compiled.geom_instance[contact.geom[i]]
            if mine in sides and sides[0] != sides[1]:
                other = (int(sides.sum()) - mine) - 1
                names = [*(t.name for t in self.compiled.scene.things), *(e.name for e in self.compiled.scene.embodiments)]
                what = "the ground" if other < 0 else repr(names[other])
                raise PlacementError(f"{name!r} would begin inside {what}", reason="no_room", where=f"thing {name!r}")

    def held(self, running: Iterable[Running]) -> Held:
        """The joints that latches hold or let go; of two that speak of one joint the later one counts."""
        out: dict[int, float] = {}
        for deed in (one.deed for one in running):
            if isinstance(deed, Latch) and deed.thing in self.handles and deed.joint in self.handles[deed.thing].joints:
                most = UNYIELDING if deed.most is None else deed.most
                out[self.handles[deed.thing].joints[deed.joint].dof] = most if deed.held else 0.0
        return tuple(sorted(out.items()))

    def latched(self, state: PhysicsState, held: Held) -> PhysicsState:
        """The same state with these joints held, and no others."""
        if held not in self._held:
            model = copy.copy(self.model)
            for dof, most in held:
                model.dof_frictionloss[dof] = most
            self._held[held] = replace(self.compiled, model=model)
        compiled = self._held[held]
        return state if state.compiled is compiled else replace(state, compiled=compiled, before=())
