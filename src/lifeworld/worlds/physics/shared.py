"""What two models of one world share: where the places and speeds of those who are in both lie in the state rows of each."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.state import Array

_SIZES = {int(mujoco.mjtJoint.mjJNT_FREE): (7, 6), int(mujoco.mjtJoint.mjJNT_BALL): (4, 3)}


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Numbers `here` of a row of `old` and `there` of a row of `new` are the same ones; None where all are."""

    old: Compiled
    new: Compiled
    here: NDArray[np.int64] | None
    there: NDArray[np.int64] | None

    @classmethod
    def of(cls, old: Compiled, new: Compiled) -> Shared:
        """Bodies are matched by name, and their joints by their order."""
        a, b = _places(old.model), _places(new.model)
        if a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a) and old.state_size == new.state_size:
            return cls(old, new, None, None)
        both = [name for name in a if name in b and len(a[name]) == len(b[name])]
        none = np.zeros(0, dtype=np.int64)
        return cls(old, new, np.concatenate([none, *(a[n] for n in both)]), np.concatenate([none, *(b[n] for n in both)]))

    def row(self, row: Array, rest: Array) -> Array:
        """A state row of `new` as one of `old`, with the numbers of `rest` (of `old`) for those who are in it alone."""
        if self.here is None or self.there is None:
            return row
        out = rest.copy()
        out[self.here] = row[self.there]
        return out


def _places(model: mujoco.MjModel) -> dict[str, NDArray[np.int64]]:
    """Body → where in a state row its position, its velocity or its mocap pose lie."""
    slices = Layout.of(model).slices
    qpos, qvel, pos, quat = (slices[name].start for name in ("qpos", "qvel", "mocap_pos", "mocap_quat"))
    out = {}
    for body in range(1, model.nbody):
        at: list[int] = []
        for j in range(int(model.body_jntadr[body]), int(model.body_jntadr[body]) + int(model.body_jntnum[body])):
            wide, dofs = _SIZES.get(int(model.jnt_type[j]), (1, 1))
            q, v = qpos + int(model.jnt_qposadr[j]), qvel + int(model.jnt_dofadr[j])
            at += [*range(q, q + wide), *range(v, v + dofs)]
        mocap = int(model.body_mocapid[body])
        if mocap >= 0:
            at += [*range(pos + 3 * mocap, pos + 3 * mocap + 3), *range(quat + 4 * mocap, quat + 4 * mocap + 4)]
        if at:
            out[model.body(body).name] = np.array(at, dtype=np.int64)
    return out
