"""What the engine's solver found where things touch: who, where, and the force and friction there, world frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import CONTACT_DTYPE
from lifeworld.worlds.physics.senses.energy import center_of_mass_m
from lifeworld.worlds.physics.senses.poser import Poser, cross

if TYPE_CHECKING:  # a look keeps what is noted here
    from lifeworld.worlds.physics.senses.look import Look

Array = NDArray[np.float64]
Ints = NDArray[np.int32]
_SIX = np.arange(6)


class Raw(NamedTuple):
    """The engine's own arrays of its contacts and of the rows of its solver, for one moment or several after one another."""

    address: Ints  # the first row of each contact; −1 for pairs merely near, which are not solved for
    size: Ints
    frame: Array
    adhesion: Array
    geom: Ints
    flex: Ints
    force: Array
    velocity: Array

    @classmethod
    def of(cls, data: mujoco.MjData) -> Raw:
        """Views of the data, valid until they change."""
        c = data.contact
        return cls(c.efc_address, c.dim, c.frame, c.adhesion, c.geom, c.flex, data.efc_force, data.efc_vel)

    def copied(self) -> Raw:
        return Raw._make(part.copy() for part in self)

    @classmethod
    def joined(cls, moments: list[Raw]) -> Raw:
        """One after the other; their rows are counted on."""
        joined = cls._make(np.concatenate(parts) for parts in zip(*moments, strict=True))
        first = np.cumsum([0, *(len(m.force) for m in moments[:-1])])
        counted = joined.address + np.repeat(first, [len(m.address) for m in moments])
        return joined._replace(address=np.where(joined.address >= 0, counted, -1))


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The contacts (n,) that the engine solves for, in its order; forces and torques are what side a puts on side b, world frame.

    `index` (n,) are their numbers among all, `surface` (n, 2) who touches (geoms, or ngeom + flex), `frame` (n, 3, 3) has the normal
    from a to b and two tangents as rows. `along` (n, 3 to 6) are forces along them, then torques about them, `moving` (n, 2) velocities
    along the tangents; `rubs` says whether they are known: without friction the engine does not look along the surface.
    """

    index: NDArray[np.int64]
    surface: NDArray[np.int64]
    frame: Array
    along: Array
    moving: Array
    rubs: NDArray[np.bool_]

    @property
    def normal(self) -> Array:
        return self.frame[:, 0]

    @property
    def normal_n(self) -> Array:
        return self.along[:, 0]

    @property
    def force_n(self) -> Array:
        return _world(self.along[:, :3], self.frame)

    @property
    def tangential_n(self) -> Array:
        return _world(self.along[:, 1:3], self.frame[:, 1:])

    @property
    def torque_n_m(self) -> Array:
        """That of friction against spinning and rolling."""
        return _world(self.along[:, 3:], self.frame[:, : self.along.shape[1] - 3])

    @property
    def slip_m_s(self) -> Array:
        """The velocity of b's surface over a's; that of a belt with it."""
        return _world(self.moving, self.frame[:, 1:])


def _world(parts: Array, axes: Array) -> Array:
    """Vectors (n, 3) from their parts (n, k) along axes (n, k, 3)."""
    return np.asarray((parts[:, None] @ axes)[:, 0])


def solve(raw: Raw, ngeom: int) -> Solved:
    """The contacts of a model with elliptic friction cones, from data that were forwarded or stepped.

    An elliptic cone's rows are the force itself: along the normal and two tangents, then (from condim 4) the torque about the normal,
    then (condim 6) about the tangents. What adhesion pulls is in another of the engine's terms and is taken off, as mj_contactForce does.
    """
    index = np.flatnonzero(raw.address >= 0)
    if not len(index):
        sides = np.zeros((0, 2), np.int64)
        return Solved(index, sides, np.zeros((0, 3, 3)), np.zeros((0, 3)), np.zeros((0, 2)), np.zeros(0, np.bool_))
    size = raw.size.take(index)
    geom, flex = raw.geom.take(index, 0), raw.flex.take(index, 0)
    most = max(int(size.max()), 3)
    has = _SIX[:most] < size[:, None]
    rows = raw.address.take(index)[:, None] + _SIX[:most]
    along = raw.force.take(rows, mode="clip") * has
    along[:, 0] -= raw.adhesion.take(index)
    return Solved(
        index=index,
        surface=np.where(flex >= 0, ngeom + flex, geom),
        frame=raw.frame.take(index, 0).reshape(-1, 3, 3),
        along=along,
        moving=raw.velocity.take(rows[:, 1:3], mode="clip") * has[:, 1:3],
        rubs=size > 1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Touching:
    """The contacts of a look: `rows` in CONTACT_DTYPE, the instances and bodies (n, 2) of both sides, what a puts on b, world frame."""

    rows: NDArray[np.void]
    instance: Ints
    body: Ints
    force_n: Array
    torque_n_m: Array


def touching(look: Look) -> Touching:
    """Who touches whom now, in the engine's order; pairs merely near are left out."""
    return look.once("touching", lambda: _touching(look))


def _touching(look: Look) -> Touching:
    raw, contact, tables = Raw.of(look.data), look.data.contact, look.compiled.surfaces
    solved = solve(raw, look.model.ngeom)
    instance, part, body = (table.take(solved.surface) for table in (tables.instance, tables.part, tables.body))
    rows = np.zeros(len(instance), dtype=CONTACT_DTYPE)
    rows["body_a"], rows["body_b"] = instance.T
    rows["part_a"], rows["part_b"] = part.T
    rows["position_m"], rows["distance_m"] = contact.pos.take(solved.index, 0), contact.dist.take(solved.index)
    rows["normal"] = solved.normal
    rows["force_n"] = solved.normal_n
    rows["tangential_force_n"] = solved.tangential_n
    rows["slip_m_s"] = solved.slip_m_s
    smooth = np.flatnonzero(~solved.rubs)
    if len(smooth):
        rows["slip_m_s"][smooth] = _slip(look.model, look.data, look.poser, rows[smooth], body[smooth])
    return Touching(rows, instance, body, solved.force_n, solved.torque_n_m)


def _slip(model: mujoco.MjModel, data: mujoco.MjData, poser: Poser, rows: NDArray[np.void], body: Ints) -> Array:
    """The velocity (n, 3) of b's surface over a's across the normal, by how the bodies move; of a soft thing by its mean velocity."""
    twist = data.cvel[body]
    arm = rows["position_m"][:, None] - data.subtree_com[model.body_rootid[body]]
    velocity = twist[..., 3:] + cross(twist[..., :3], arm)
    for thing, bodies in poser.soft.items():
        mean = data.cvel[bodies, 3:].mean(axis=0)
        for side, ids in enumerate((rows["body_a"], rows["body_b"])):
            velocity[ids == thing + 1, side] = mean
    over, normal = velocity[:, 1] - velocity[:, 0], rows["normal"]
    return np.asarray(over - (over * normal).sum(axis=1, keepdims=True) * normal)


def wrenches(look: Look) -> tuple[Array, Array]:
    """The sum of contact forces [N] on each thing, and of their torques [N·m] about its centre of mass: (things, 3) each, world frame."""
    return look.once("wrenches", lambda: _wrenches(look))


def _wrenches(look: Look) -> tuple[Array, Array]:
    touch, things = touching(look), len(look.compiled.bounds)
    owner = touch.instance.T
    instances = 1 + things + len(look.compiled.embodied)
    centre = np.zeros((instances, 3))
    centre[1 : things + 1] = center_of_mass_m(look)
    wrench = np.empty((2, len(touch.rows), 6))
    wrench[..., :3] = touch.force_n
    wrench[..., 3:] = touch.torque_n_m + cross(touch.rows["position_m"] - centre.take(owner, 0), touch.force_n)
    np.negative(wrench[0], out=wrench[0])
    sums = np.bincount((owner[..., None] * 6 + _SIX).ravel(), wrench.ravel(), 6 * instances)
    total: Array = sums.astype(np.float64, copy=False).reshape(-1, 6)[1 : things + 1]  # of nothing, bincount makes whole numbers
    return total[:, :3], total[:, 3:]
