"""How things are: poses, motion, joints, embodiments, mass, energy, materials. Read from the engine, no pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.energy import Masses, center_of_mass_m
from lifeworld.worlds.physics.senses.inertia import of_things
from lifeworld.worlds.physics.senses.look import Eyes, Sense
from lifeworld.worlds.physics.senses.stuff import material_ids

Array = NDArray[np.float64]
Read = Callable[..., NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A signal that can be read of one state or of many at once: `read(eyes, source, *arrays)`, of the engine's `fields` (…, k)."""

    fields: tuple[str, ...]
    read: Read

    @property
    def sense(self) -> Sense:
        """Of one state."""
        return lambda look, source: self.read(look.eyes, source, *[getattr(look.data, field) for field in self.fields])


def _embodiment_state(eyes: Eyes, name: str, qpos: Array, qvel: Array) -> Array:
    one = next(e for e in eyes.compiled.embodied if e.embodiment.name == name)
    return np.concatenate([qpos[..., one.qpos], qvel[..., one.qvel]], axis=-1)


def _constant(value: Callable[[Eyes], NDArray[Any]]) -> Bulk:
    """What no state changes, as often as there are states."""

    def read(eyes: Eyes, _: str, qpos: Array) -> NDArray[Any]:
        one = value(eyes)
        return np.broadcast_to(one, (*qpos.shape[:-1], *one.shape)).copy()

    return Bulk(("qpos",), read)


BULK: Mapping[str, Bulk] = {
    "position_m": Bulk(("xpos",), lambda eyes, _, xpos: eyes.poser.position_m(xpos)),
    "quat_wxyz": Bulk(("xquat",), lambda eyes, _, xquat: eyes.poser.quat_wxyz(xquat)),
    "linear_velocity_m_s": Bulk(("cvel", "xpos", "subtree_com"), lambda eyes, _, *arrays: eyes.poser.linear_velocity_m_s(*arrays)),
    "angular_velocity_rad_s": Bulk(("cvel",), lambda eyes, _, cvel: eyes.poser.angular_velocity_rad_s(cvel)),
    "joint_position": Bulk(("qpos",), lambda eyes, _, qpos: qpos[..., eyes.poser.joint_qpos]),
    "joint_velocity": Bulk(("qvel",), lambda eyes, _, qvel: qvel[..., eyes.poser.joint_dof]),
    "embodiment_state": Bulk(("qpos", "qvel"), _embodiment_state),
    "soft_vertices_m": Bulk(("flexvert_xpos",), lambda eyes, _, xpos: xpos[..., eyes.poser.vertex, :]),
    "soft_vertex_ids": _constant(lambda eyes: eyes.poser.vertex_instance),
    "material_ids": _constant(lambda eyes: eyes.tables(material_ids)),
    "mass_kg": _constant(lambda eyes: eyes.tables(Masses).mass_kg),
    "center_of_mass_m": Bulk(("xipos", "xpos"), lambda eyes, _, *arrays: eyes.tables(Masses).center_of_mass_m(*arrays)),
    "energy_j": Bulk(("cvel", "subtree_com", "xipos", "ximat"), lambda eyes, _, *arrays: eyes.tables(Masses).energy_j(*arrays)),
}
"""What follows from positions and velocities alone. The same arithmetic for one state and for many, so the same bits."""

SENSES: dict[str, Sense] = {
    **{name: bulk.sense for name, bulk in BULK.items()},
    "center_of_mass_m": lambda look, _: center_of_mass_m(look),  # shared with who needs it for torques
    "linear_acceleration_m_s2": lambda look, _: of_things(look)[0],
    "angular_acceleration_rad_s2": lambda look, _: of_things(look)[1],
}
