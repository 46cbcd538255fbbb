"""How things are: poses, motion, joints, embodiments, mass, energy, materials. Read from the engine, no pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.energy import Masses, center_of_mass_m
from lifeworld.worlds.physics.senses.inertia import of_things
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.stuff import material_ids

Array = NDArray[np.float64]


def _embodiment_state(look: Look, name: str) -> Array:
    one = next(e for e in look.compiled.embodied if e.embodiment.name == name)
    return np.concatenate([look.data.qpos[one.qpos], look.data.qvel[one.qvel]])


def _energy_j(look: Look, _: str) -> Array:
    data = look.data
    return look.tables(Masses).energy_j(data.cvel, data.subtree_com, data.xipos, data.ximat)


SENSES: dict[str, Sense] = {
    "position_m": lambda look, _: look.poser.position_m(look.data.xpos),
    "quat_wxyz": lambda look, _: look.poser.quat_wxyz(look.data.xquat),
    "linear_velocity_m_s": lambda look, _: look.poser.linear_velocity_m_s(look.data.cvel, look.data.xpos, look.data.subtree_com),
    "angular_velocity_rad_s": lambda look, _: look.poser.angular_velocity_rad_s(look.data.cvel),
    "linear_acceleration_m_s2": lambda look, _: of_things(look)[0],
    "angular_acceleration_rad_s2": lambda look, _: of_things(look)[1],
    "joint_position": lambda look, _: look.data.qpos[look.poser.joint_qpos],
    "joint_velocity": lambda look, _: look.data.qvel[look.poser.joint_dof],
    "embodiment_state": _embodiment_state,
    "soft_vertices_m": lambda look, _: look.data.flexvert_xpos[look.poser.vertex],
    "soft_vertex_ids": lambda look, _: look.poser.vertex_instance.copy(),
    "material_ids": lambda look, _: look.tables(material_ids).copy(),
    "mass_kg": lambda look, _: look.tables(Masses).mass_kg.copy(),
    "center_of_mass_m": lambda look, _: center_of_mass_m(look),
    "energy_j": _energy_j,
}
