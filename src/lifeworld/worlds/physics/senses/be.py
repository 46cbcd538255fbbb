"""How things are: poses, velocities, joints, embodiments. Read from the engine, no pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.look import Look, Sense

Array = NDArray[np.float64]


def _embodiment_state(look: Look, name: str) -> Array:
    one = next(e for e in look.compiled.embodied if e.embodiment.name == name)
    return np.concatenate([look.data.qpos[one.qpos], look.data.qvel[one.qvel]])


SENSES: dict[str, Sense] = {
    "position_m": lambda look, _: look.poser.position_m(look.data.xpos),
    "quat_wxyz": lambda look, _: look.poser.quat_wxyz(look.data.xquat),
    "linear_velocity_m_s": lambda look, _: look.poser.linear_velocity_m_s(look.data.cvel, look.data.xpos, look.data.subtree_com),
    "angular_velocity_rad_s": lambda look, _: look.poser.angular_velocity_rad_s(look.data.cvel),
    "joint_position": lambda look, _: look.data.qpos[look.poser.joint_qpos],
    "joint_velocity": lambda look, _: look.data.qvel[look.poser.joint_dof],
    "embodiment_state": _embodiment_state,
}
