"""Terms of how single things are and move: upright, open, fast, high; moved, fallen."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.condition import Condition
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.tell.facts import CLOSED, MOVING, STILL_M_S, STILL_RAD_S, TOPPLED_RAD, UPRIGHT_RAD
from lifeworld.worlds.physics.watch.moment import Company, Moment
from lifeworld.worlds.physics.watch.term import Memory, Truth, numbers

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FREELY = 0.8
"""What falls freely gains at least so much of gravity's speed in a tick: what pivots about an edge or slides on a slope gains less."""


class Alike:
    """Several conditions of one predicate, each of one thing: `at` (k,) are their rows in the company, `much` (k,) their amounts."""

    def __init__(self, compiled: Compiled, conditions: tuple[Condition, ...]) -> None:
        self.conditions, self.compiled, self.predicate = conditions, compiled, conditions[0].predicate
        things = [numbers(compiled, c)[0] for c in conditions]
        self.company = Company(compiled, things)
        self.at: Ints = np.array([self.company.local[t] for t in things], dtype=np.int64)
        self.thing: Ints = np.array(things, dtype=np.int64)
        self.much = np.array([c.much for c in conditions])


class Motion(Alike):
    """What a moment alone tells of things one by one."""

    def __init__(self, compiled: Compiled, conditions: tuple[Condition, ...]) -> None:
        super().__init__(compiled, conditions)
        cast, bounds = self.company.cast, compiled.bounds
        self._opening = [
            np.array([j for j, name in enumerate(cast.joint_name) if cast.joint_thing[j] == t and c.joint in (None, name)], dtype=np.int64)
            for t, c in zip(self.thing.tolist(), conditions, strict=True)
        ]
        self._qpos = [
            [q for name, q, _ in bounds[t].joints if name == c.joint] for t, c in zip(self.thing.tolist(), conditions, strict=True)
        ]
        self._swing = [_Joints(compiled, t) for t in self.thing.tolist()]
        self._free, self._stands = cast.free[self.thing], cast.stands[self.thing]

    def begin(self, rows: Array) -> Memory:
        return (self.holds(Moment(self.company, rows)),)

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        return self.begin(rows)

    def holds(self, moment: Moment) -> Truth:
        """What holds (n, k) at a moment."""
        at = self.at
        match self.predicate:
            case "upright":
                return np.asarray(self._stands & (moment.tilt_rad[:, at] < UPRIGHT_RAD))
            case "toppled":
                return np.asarray(self._stands & (moment.tilt_rad[:, at] > TOPPLED_RAD))
            case "still":
                return self._slow(moment, 1.0)
            case "moving":
                return ~self._slow(moment, MOVING)
            case "faster":
                return np.asarray(np.linalg.norm(moment.velocity_m_s[:, at], axis=2) > self.much)
            case "higher":
                return np.asarray(moment.centre_m[:, at, 2] > self.much)
            case "open":
                return np.asarray(self._openness(moment) > self.much)
            case "closed":
                far = self._openness(moment)
                return np.asarray((far < CLOSED) & np.isfinite(far))
            case "beyond":
                return np.column_stack(
                    [np.abs(moment.qpos[:, q]).max(axis=1, initial=0.0) > m for q, m in zip(self._qpos, self.much, strict=True)]
                )
            case other:
                raise AssertionError(other)

    def _slow(self, moment: Moment, times: float) -> Truth:
        """What moves slower (n, k) than so many times still: free things as a whole, others by their joints."""
        speed, spin = (np.linalg.norm(part[:, self.at], axis=2) for part in (moment.velocity_m_s, moment.spin_rad_s))
        slow = (speed < times * STILL_M_S) & (spin < times * STILL_RAD_S)
        for i in np.flatnonzero(~self._free).tolist():
            slow[:, i] = self._swing[i].slow(moment, times)
        return np.asarray(slow)

    def _openness(self, moment: Moment) -> Array:
        """How far (n, k) the widest of each condition's doors, drawers and lids is open; −inf where there is none."""
        cast = self.company.cast
        out = np.full((len(moment), len(self.conditions)), -np.inf)
        for i, j in enumerate(self._opening):
            closed, wide = cast.joint_closed[j], cast.joint_open[j] - cast.joint_closed[j]
            out[:, i] = ((moment.qpos[:, cast.joint_qpos[j]] - closed) / wide).max(axis=1, initial=-np.inf)
        return out


class _Joints:
    """How fast the joints of a thing move."""

    def __init__(self, compiled: Compiled, thing: int) -> None:
        dofs = [dof for _, _, dof in compiled.bounds[thing].joints]
        slides = [int(compiled.model.jnt_type[compiled.model.dof_jntid[d]]) == int(mujoco.mjtJoint.mjJNT_SLIDE) for d in dofs]
        self._dof: Ints = np.array(dofs, dtype=np.int64)
        self._most = np.where(np.array(slides, dtype=bool), STILL_M_S, STILL_RAD_S)

    def slow(self, moment: Moment, times: float) -> Truth:
        return np.asarray((np.abs(moment.qvel[:, self._dof]) < times * self._most).all(axis=1))


class Moves(Alike):
    """Whether the centre of mass came away from where it was when the watch began."""

    def begin(self, rows: Array) -> Memory:
        centre = Moment(self.company, rows).centre_m[:, self.at]
        return np.zeros(centre.shape[:2], dtype=bool), centre

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        moved, begun = memory
        far = np.linalg.norm(Moment(self.company, rows).centre_m[:, self.at] - begun, axis=2)
        return moved | (far > self.much), begun


class Falls(Alike):
    """Whether something came down freely: how far it has fallen counts from when gravity alone began to move it."""

    def __init__(self, compiled: Compiled, conditions: tuple[Condition, ...]) -> None:
        super().__init__(compiled, conditions)
        self._down, self._gravity = self.company.cast.down, self.company.cast.gravity_m_s2

    def begin(self, rows: Array) -> Memory:
        moment = Moment(self.company, rows)
        down = moment.velocity_m_s[:, self.at] @ self._down
        return np.zeros(down.shape, dtype=bool), down, moment.centre_m[:, self.at] @ self._down, np.zeros(down.shape)

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        fell, was_down, was_at, fallen = memory
        moment = Moment(self.company, rows)
        down, at = moment.velocity_m_s[:, self.at] @ self._down, moment.centre_m[:, self.at] @ self._down
        freely = down - was_down > FREELY * self._gravity * seconds
        fallen = np.where(freely, fallen + np.maximum(at - was_at, 0.0), 0.0)
        return fell | (fallen > self.much), down, at, fallen
