"""Where the bodies of a model are and how they move, at one state or at many: what forces and their work are reckoned from."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.poser import cross
from lifeworld.worlds.physics.state import FULL

Array = NDArray[np.float64]
FIELDS = ("xipos", "ximat", "cvel", "subtree_com", "xpos", "xmat", "qpos", "qvel")
"""The engine's arrays that a stance is made of, in their order; `Batch.bind` has them too."""


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """Of every body (…, nbody): the centre of mass `centre_m` [m], its `velocity_m_s` (…, 3) and `spin_rad_s` (…, 3), world frame.

    `axes` (…, 3, 3) are world_from_inertia, `place_m` and `turn` world_from_body. `qpos` and `qvel` (…, n) are the engine's.
    """

    centre_m: Array
    velocity_m_s: Array
    spin_rad_s: Array
    axes: Array
    place_m: Array
    turn: Array
    qpos: Array
    qvel: Array

    @classmethod
    def at(cls, model: mujoco.MjModel, data: mujoco.MjData, vector: Array) -> Stance:
        """That of a state, worked out on scratch data."""
        mujoco.mj_setState(model, data, vector, FULL)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_comVel(model, data)
        return cls.of(model, *(getattr(data, field).copy() for field in FIELDS))

    @classmethod
    def of(cls, model: mujoco.MjModel, *arrays: Array) -> Stance:
        """Made of the engine's arrays `FIELDS` (…, nbody, k) of one state or of many."""
        xipos, ximat, cvel, subtree_com, xpos, xmat, qpos, qvel = arrays
        spin = cvel[..., :3]
        velocity = cvel[..., 3:] + cross(spin, xipos - subtree_com.take(model.body_rootid, -2))
        shape = (*xipos.shape, 3)
        return cls(xipos, velocity, spin, ximat.reshape(shape), xpos, xmat.reshape(shape), qpos, qvel)
