"""What pulls and pushes in joints: springs, dampers, dry friction, stops and motors."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled

Array = NDArray[np.float64]
_DRY, _STOP = int(mujoco.mjtConstraint.mjCNSTR_FRICTION_DOF), int(mujoco.mjtConstraint.mjCNSTR_LIMIT_JOINT)


class Efforts:
    """Which degrees of freedom are the joints of things, and which actuators are each embodiment's."""

    def __init__(self, compiled: Compiled) -> None:
        model = compiled.model
        self.dof = np.array([d for b in compiled.bounds for _, _, d in b.joints], dtype=np.int64)
        self._row = np.full(model.nv, -1)
        self._row[self.dof] = np.arange(len(self.dof))
        names = [model.actuator(a).name for a in range(model.nu)]
        self.actuators = {
            e.embodiment.name: np.array([a for a, name in enumerate(names) if name.startswith(f"{e.embodiment.name}/")], dtype=np.int64)
            for e in compiled.embodied
        }

    def joint_force(self, model: mujoco.MjModel, data: mujoco.MjData) -> Array:
        """(joints,) [N·m or N], in the joint's own direction."""
        out: Array = (data.qfrc_spring + data.qfrc_damper + data.qfrc_actuator).take(self.dof)
        # The engine's constraints come in this order: equalities, dry friction, stops, contacts.
        friction = slice(data.ne, data.ne + data.nf)
        stops = slice(friction.stop, friction.stop + data.nl)
        if data.nf:
            of_joint = np.flatnonzero(data.efc_type[friction] == _DRY)
            row = self._row[data.efc_id[friction][of_joint]]
            out[row[row >= 0]] += data.efc_force[friction][of_joint][row >= 0]
        if data.nl:
            of_joint = np.flatnonzero(data.efc_type[stops] == _STOP)
            row = self._row[model.jnt_dofadr[data.efc_id[stops][of_joint]]]
            force = self._towards(model, data, stops)[of_joint] * data.efc_force[stops][of_joint]
            out[row[row >= 0]] += force[row >= 0]  # a joint is at one of its two stops at a time
        return out

    @staticmethod
    def _towards(model: mujoco.MjModel, data: mujoco.MjData, stops: slice) -> Array:
        """The only number in each of these rows of the Jacobian: 1 where a stop pushes forward, −1 where it pushes back."""
        if mujoco.mj_isSparse(model):
            return np.asarray(data.efc_J.ravel()[data.efc_J_rowadr[stops]])
        return np.asarray(data.efc_J.reshape(-1, model.nv)[stops].sum(axis=1))
