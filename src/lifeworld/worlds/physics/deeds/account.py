"""What loads gave: momentum, angular momentum and energy, from the forces and how what they act on moved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import mujoco
import numpy as np

from lifeworld.worlds.physics.build import TIMESTEP_S
from lifeworld.worlds.physics.deeds.handle import Array, Handle
from lifeworld.worlds.physics.deeds.load import TICK_S, Load
from lifeworld.worlds.physics.deeds.stance import Stance
from lifeworld.worlds.physics.senses.poser import cross

Vec3 = tuple[float, float, float]
NOTHING: Vec3 = (0.0, 0.0, 0.0)
FAR_RAD = 0.2
LEAST = 1e-9
"""Less than this is what rounding leaves."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one thing was given in one tick: `momentum_n_s`, `angular_n_m_s` about its centre of mass, world frame, and `energy_j`."""

    thing: str
    momentum_n_s: Vec3 = NOTHING
    angular_n_m_s: Vec3 = NOTHING
    energy_j: float = 0.0


def account(load: Load, thing: Handle, before: Stance, after: Stance, steps: Sequence[Stance] = ()) -> Given:
    """What a load gave in the tick from one stance to the other; `steps` are those after each of the engine's steps, of what turns far.

    The engine changes velocities first and places by the new ones, so the work of a constant force over steps of h is F·(Δx − ½ h Δv): the
    sum of F·½(v + v')·h, which is what the energy of motion changes by.
    """
    if load.dof >= 0:
        joint = next(j for j in thing.joints.values() if j.dof == load.dof)
        went, gained = after.qpos[joint.qpos] - before.qpos[joint.qpos], after.qvel[joint.dof] - before.qvel[joint.dof]
        return Given(thing.name, energy_j=float(load.effort * (went - 0.5 * TIMESTEP_S * gained)))
    at = load.bodies
    share = thing.mass_kg / thing.total_kg
    middle = share @ before.centre_m[thing.bodies]
    given, torque = load.force_n * TICK_S, load.torque_n_m * TICK_S
    angular = torque.sum(axis=0) + cross(before.centre_m[at] - middle, given).sum(axis=0)
    if steps:
        pairs = list(pairwise((before, *steps)))
        went = sum(0.5 * TIMESTEP_S * (a.velocity_m_s[at] + b.velocity_m_s[at]) for a, b in pairs)
        turned = sum(0.5 * TIMESTEP_S * (a.spin_rad_s[at] + b.spin_rad_s[at]) for a, b in pairs)
    else:
        went = after.centre_m[at] - before.centre_m[at] - 0.5 * TIMESTEP_S * (after.velocity_m_s[at] - before.velocity_m_s[at])
        turned = _turned(before.axes[at], after.axes[at]) - 0.5 * TIMESTEP_S * (after.spin_rad_s[at] - before.spin_rad_s[at])
    work = (load.force_n * went).sum() + (load.torque_n_m * turned).sum()
    return Given(thing.name, _vec3(given.sum(axis=0)), _vec3(angular), float(work))


def turns_far(load: Load, before: Stance, after: Stance) -> bool:
    """Whether what a torque is put on turns so far in the tick that its way is not told by both ends."""
    if not load.torque_n_m.any():
        return False
    spins = (before.spin_rad_s[load.bodies], after.spin_rad_s[load.bodies])
    return bool(max(np.abs(spin).max() for spin in spins) * TICK_S > FAR_RAD)


def motion_of(model: mujoco.MjModel, thing: Handle, stance: Stance, energy_j: float) -> Given:
    """What a thing has, as if it had been given it: its momentum, its angular momentum about its centre of mass, its energy."""
    at, mass = thing.bodies, thing.mass_kg[:, None]
    if not len(at):
        return Given(thing.name, energy_j=energy_j)
    momentum, axes = mass * stance.velocity_m_s[at], stance.axes[at]
    own = np.einsum("kji,kj->ki", axes, stance.spin_rad_s[at]) * model.body_inertia[at]
    arm = stance.centre_m[at] - (mass * stance.centre_m[at]).sum(axis=0) / thing.total_kg
    angular = cross(arm, momentum) + np.einsum("kij,kj->ki", axes, own)
    return Given(thing.name, _vec3(momentum.sum(axis=0)), _vec3(angular.sum(axis=0)), energy_j)


def gains(before: Mapping[str, Given], after: Mapping[str, Given]) -> list[Given]:
    """What each thing has more after than before; of who has the same, nothing. Who is not there has nothing."""
    out = []
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name, Given(name)), after.get(name, Given(name))
        gained = [a - b for a, b in zip(_numbers(other), _numbers(one), strict=True)]
        if max(map(abs, gained)) > LEAST:
            out.append(Given(name, (gained[0], gained[1], gained[2]), (gained[3], gained[4], gained[5]), gained[6]))
    return out


def _numbers(given: Given) -> tuple[float, ...]:
    return (*given.momentum_n_s, *given.angular_n_m_s, given.energy_j)


def _turned(before: Array, after: Array) -> Array:
    """The rotation vectors (k, 3) that lead from axes (k, 3, 3) to others within a tick, by less than half a turn."""
    step = after @ np.swapaxes(before, -1, -2)
    axis = np.stack([step[:, 2, 1] - step[:, 1, 2], step[:, 0, 2] - step[:, 2, 0], step[:, 1, 0] - step[:, 0, 1]], axis=1) / 2
    sine, cosine = np.linalg.norm(axis, axis=1), (np.trace(step, axis1=1, axis2=2) - 1) / 2
    angle = np.arctan2(sine, cosine)
    return axis * np.where(sine > 1e-9, angle / np.maximum(sine, 1e-12), 1.0)[:, None]


def _vec3(value: Array) -> Vec3:
    x, y, z = value.tolist()
    return (x, y, z)
