"""Letting go: a state goes on by itself on scratch data, some of it held, until some of it is still."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import rotation_angle
from lifeworld.worlds.physics.bench import Bench
from lifeworld.worlds.physics.compile import TICK_STEPS, Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.state import FULL

Array = NDArray[np.float64]
STILL_M_S, STILL_RAD_S = 0.005, 0.05
"""Slower than that is still."""
_FREE, _BALL, _SLIDE = (int(t) for t in (mujoco.mjtJoint.mjJNT_FREE, mujoco.mjtJoint.mjJNT_BALL, mujoco.mjtJoint.mjJNT_SLIDE))
_SIZES = {_FREE: (7, 6), _BALL: (4, 3)}


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Whose (instance ids) the positions (nq,) and degrees of freedom (nv,) of a model are, and the speeds (nv,) that count as still."""

    qpos: NDArray[np.int32]
    dofs: NDArray[np.int32]
    still: Array

    @classmethod
    def of(cls, compiled: Compiled) -> Parts:
        """Those of a compiled scene."""
        model = compiled.model
        sizes = np.array([_SIZES.get(int(t), (1, 1)) for t in model.jnt_type], dtype=np.intp).reshape(-1, 2)
        owner = compiled.body_instance[model.jnt_bodyid] if model.njnt else np.zeros(0, np.int32)
        still = np.full(model.nv, STILL_RAD_S)
        for j in np.flatnonzero((model.jnt_type == _FREE) | (model.jnt_type == _SLIDE)):
            still[model.jnt_dofadr[j] : model.jnt_dofadr[j] + (3 if model.jnt_type[j] == _FREE else 1)] = STILL_M_S
        return cls(np.repeat(owner, sizes[:, 0]), np.repeat(owner, sizes[:, 1]), still)


class Fork:
    """A state going on by itself on a bench's scratch data: embodiments stay where they are, and so do the things that are held.

    With `only` all other things are held too, and touch nothing: what is out of reach costs no time.
    """

    def __init__(self, bench: Bench, vector: Array, *, hold: Collection[str] = (), only: Collection[str] | None = None) -> None:
        self.model, self.data, self._size = bench.model, bench.data, bench.layout.size
        self.parts = bench.eyes.tables(Parts.of)
        things = bench.compiled.scene.things
        self._ids = {t.name: i + 1 for i, t in enumerate(things)}
        out = [] if only is None else [i for name, i in self._ids.items() if name not in only]
        held = [*self._instances(hold), *out, *range(len(things) + 1, len(things) + len(bench.compiled.embodied) + 1)]
        self._qpos, self._dofs = np.isin(self.parts.qpos, held), np.isin(self.parts.dofs, held)
        if out:
            asleep = np.isin(bench.compiled.body_instance, out) & (self.model.body_weldid != 0)
            self.model = copy(self.model)  # others step the same one, perhaps in another thread
            self.data = mujoco.MjData(self.model)
            for masks, which in (
                (("geom_contype", "geom_conaffinity"), asleep[self.model.geom_bodyid]),
                (("body_contype", "body_conaffinity"), asleep),
            ):
                for mask in masks:
                    getattr(self.model, mask)[which] = 0
        row = vector.copy()
        bench.command(row[None], {})
        bench.layout.view(row, "qvel")[self._dofs] = 0.0
        mujoco.mj_setState(self.model, self.data, row, FULL)
        self._there = self.data.qpos[self._qpos]
        self.data.warning.number[:] = 0

    def run(self, ticks: int) -> None:
        """Let some ticks pass."""
        for _ in range(ticks):
            mujoco.mj_step(self.model, self.data, nstep=TICK_STEPS)
            self.data.qpos[self._qpos] = self._there
            self.data.qvel[self._dofs] = 0.0

    def speed(self, names: Collection[str]) -> float:
        """How fast the fastest part of some things is, in multiples of what counts as still."""
        mine = np.isin(self.parts.dofs, self._instances(names))
        return float((np.abs(self.data.qvel[mine]) / self.parts.still[mine]).max(initial=0.0))

    @property
    def blew_up(self) -> bool:
        return bool(self.data.warning.number.any()) or not bool(np.isfinite(self.data.qpos).all())

    @property
    def vector(self) -> Array:
        """Where it has come (state_size,)."""
        out = np.empty(self._size)
        mujoco.mj_getState(self.model, self.data, out, FULL)
        return out

    def _instances(self, names: Collection[str]) -> list[int]:
        return [self._ids[name] for name in names if name in self._ids]


def reach(bench: Bench, vector: Array, names: Collection[str], *, within_m: float) -> frozenset[str]:
    """Who can be touched at a state by some things that go no farther than `within_m`, and by whom those touch in turn; themselves too.

    Told by boxes around what can move of each thing. What is part of the building passes nothing on.
    """
    model, data, compiled = bench.model, bench.data, bench.compiled
    mujoco.mj_setState(model, data, vector, FULL)
    mujoco.mj_fwdPosition(model, data)
    things = [t.name for t in compiled.scene.things]
    low, high = np.full((len(things) + 1, 3), np.inf), np.full((len(things) + 1, 3), -np.inf)
    free: NDArray[np.bool_] = np.array([name in names for name in ("", *things)])
    turn = data.geom_xmat.reshape(-1, 3, 3)
    middle = data.geom_xpos + np.einsum("gij,gj->gi", turn, model.geom_aabb[:, :3])
    half = np.einsum("gij,gj->gi", np.abs(turn), model.geom_aabb[:, 3:])
    owner = np.where(compiled.geom_instance <= len(things), compiled.geom_instance, 0)
    counted = (owner > 0) & ((model.body_weldid[model.geom_bodyid] != 0) | free[owner])
    np.minimum.at(low, owner[counted], (middle - half)[counted])
    np.maximum.at(high, owner[counted], (middle + half)[counted])
    for flex in range(model.nflex):
        first, owner_of = int(model.flex_vertadr[flex]), int(compiled.flex_instance[flex])
        places = data.flexvert_xpos[first : first + int(model.flex_vertnum[flex])]
        low[owner_of], high[owner_of] = places.min(axis=0) - 0.01, places.max(axis=0) + 0.01
    spare = np.where(free, within_m, 0.005)[:, None]
    low, high = low - spare, high + spare
    touch = np.asarray(((low[:, None] <= high) & (low <= high[:, None])).all(axis=2))
    for i, thing in enumerate(compiled.scene.things, start=1):
        if thing.attach is not None:
            j = things.index(thing.attach) + 1
            touch[i, j] = touch[j, i] = True
    met = free
    while (more := met | touch[met].any(axis=0)).sum() > met.sum():
        met = more
    return frozenset(name for name, one in zip(things, met[1:], strict=True) if one)


def moving(bench: Bench, vector: Array) -> frozenset[str]:
    """The things that are not still at a state."""
    parts = bench.eyes.tables(Parts.of)
    late = parts.dofs[np.abs(bench.layout.view(vector, "qvel")) > parts.still]
    names = [t.name for t in bench.compiled.scene.things]
    return frozenset(names[i - 1] for i in np.unique(late) if 0 < i <= len(names))


def with_rest(bench: Bench, vector: Array, rest: Array, names: Collection[str]) -> Array:
    """The state `vector` with some things where, and as, they are in the state `rest`, and still."""
    out, parts, view = vector.copy(), bench.eyes.tables(Parts.of), bench.layout.view
    ids = [i + 1 for i, t in enumerate(bench.compiled.scene.things) if t.name in names]
    where, how = np.isin(parts.qpos, ids), np.isin(parts.dofs, ids)
    view(out, "qpos")[where] = view(rest, "qpos")[where]
    view(out, "warmstart")[how] = view(rest, "warmstart")[how]
    view(out, "qvel")[how] = 0.0
    return out


def shifts(compiled: Compiled, start: Array, end: Array) -> dict[str, tuple[float, float]]:
    """How far each thing, or the part of it that went farthest, went [m] and turned [rad] from one state to another of a model."""
    layout, model = Layout.of(compiled.model), compiled.model
    a, b = layout.view(start, "qpos"), layout.view(end, "qpos")
    gone = {t.name: [0.0, 0.0] for t in compiled.scene.things}
    names = ["", *gone]
    for j in range(model.njnt):
        owner = int(compiled.body_instance[model.jnt_bodyid[j]])
        if not 0 < owner < len(names):
            continue
        at, kind, far = int(model.jnt_qposadr[j]), int(model.jnt_type[j]), gone[names[owner]]
        if kind == _FREE:
            far[0] = max(far[0], float(np.linalg.norm(b[at : at + 3] - a[at : at + 3])))
        if kind in (_FREE, _BALL):
            at += 3 if kind == _FREE else 0
            far[1] = max(far[1], float(rotation_angle(a[at : at + 4], b[at : at + 4])))
        else:
            far[kind != _SLIDE] = max(far[kind != _SLIDE], abs(float(b[at] - a[at])))
    return {name: (moved, turned) for name, (moved, turned) in gone.items()}
