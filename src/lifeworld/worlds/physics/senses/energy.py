"""How heavy things are, where their mass is, and the energy of its motion and its height: for one state, or for many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.poser import cross

if TYPE_CHECKING:
    from lifeworld.worlds.physics.senses.look import Look

Array = NDArray[np.float64]


class Masses:
    """The bodies (m,) of all things, thing by thing, with their masses and moments of inertia. Methods take engine arrays (…, nbody, k)."""

    def __init__(self, compiled: Compiled) -> None:
        model, things = compiled.model, len(compiled.bounds)
        owner = compiled.body_instance.astype(np.int64) - 1
        bodies = np.flatnonzero((owner >= 0) & (owner < things))
        self.body = bodies[np.argsort(owner[bodies], kind="stable")]
        self._first = np.searchsorted(owner[self.body], np.arange(things))  # every thing has at least one body
        self._root = model.body_rootid[self.body]
        self._mass = model.body_mass[self.body]
        self._inertia = model.body_inertia[self.body]
        self._gravity = model.opt.gravity.copy()
        self.frame = np.array([b.body for b in compiled.bounds], dtype=np.int64)
        self.mass_kg = self._sum(self._mass[:, None])[:, 0]
        self._light = np.flatnonzero(self.mass_kg == 0)
        self._share = self._mass / np.maximum(self.mass_kg, np.finfo(float).tiny)[owner[self.body]]

    def center_of_mass_m(self, xipos: Array, xpos: Array) -> Array:
        """(…, things, 3) [m]; of a thing without mass the origin of its frame."""
        out = self._sum(self._share[:, None] * xipos.take(self.body, -2))
        if len(self._light):
            out[..., self._light, :] = xpos[..., self.frame[self._light], :]
        return out

    def energy_j(self, cvel: Array, subtree_com: Array, xipos: Array, ximat: Array) -> Array:
        """(…, things, 2) [J]: of motion, ½ m v² + ½ ω·I ω about each body's centre of mass, and of height, −m g·x."""
        twist, centre = cvel.take(self.body, -2), xipos.take(self.body, -2)
        omega = twist[..., :3]
        velocity = twist[..., 3:] + cross(omega, centre - subtree_com.take(self._root, -2))
        axes = ximat.take(self.body, -2).reshape(*omega.shape, 3)  # columns: the principal axes of each body's inertia
        own = np.einsum("...ji,...j->...i", axes, omega)
        energy = np.empty((*omega.shape[:-1], 2))
        squares = self._mass * np.einsum("...i,...i->...", velocity, velocity) + np.einsum("mi,...mi,...mi->...m", self._inertia, own, own)
        np.multiply(squares, 0.5, out=energy[..., 0])
        np.multiply(centre @ self._gravity, -self._mass, out=energy[..., 1])
        return self._sum(energy)

    def _sum(self, of_bodies: Array) -> Array:
        """Of bodies (…, m, k), the sums over each thing's (…, things, k)."""
        if not len(self._first):
            return np.zeros((*of_bodies.shape[:-2], 0, of_bodies.shape[-1]))
        return np.asarray(np.add.reduceat(of_bodies, self._first, axis=-2))


def center_of_mass_m(look: Look) -> Array:
    """(things, 3) [m], world frame."""
    return look.once("centres of mass", lambda: look.tables(Masses).center_of_mass_m(look.data.xipos, look.data.xpos))
