"""Push and Turn: half a sine of force whose integral is an impulse, on a thing or on one of its joints."""

from __future__ import annotations

import math

import numpy as np

from lifeworld.scene.deed import Push, Turn
from lifeworld.scene.shape import Vec3
from lifeworld.worlds.physics.deeds.handle import Array, Handle
from lifeworld.worlds.physics.deeds.load import Load, swell
from lifeworld.worlds.physics.deeds.stance import Stance
from lifeworld.worlds.physics.senses.poser import cross


def push(deed: Push, thing: Handle, stance: Stance, since_s: float) -> Load:
    """The forces of one tick of a push whose impulse is known, `since_s` [s] after it began."""
    assert deed.impulse_n_s is not None
    share = swell(since_s, deed.duration_s) * math.pi / (2 * deed.duration_s)  # half a sine's mean is 2 / π
    return grip(thing, stance, np.multiply(deed.impulse_n_s, share), deed.at_m, np.multiply(deed.spin_n_m_s, share))


def turn(deed: Turn, thing: Handle, since_s: float) -> Load:
    """The effort of one tick of a turn whose impulse is known."""
    assert deed.impulse is not None
    joint = thing.joints[deed.joint]
    effort = deed.impulse * joint.opens * swell(since_s, deed.duration_s) * math.pi / (2 * deed.duration_s)
    return Load(thing.name, thing.bodies[:0], np.zeros((0, 3)), np.zeros((0, 3)), dof=joint.dof, effort=effort)


def grip(thing: Handle, stance: Stance, force_n: Array, at_m: Vec3 | None, torque_n_m: Array | float = 0.0) -> Load:
    """A force (…, 3) [N] on a thing, at a point of its frame or shared by mass, which turns nothing; and a torque (…, 3) [N·m] on its root.

    On a soft thing a point is the vertices around it, and a torque does nothing.
    """
    if at_m is not None and not thing.soft:
        root = thing.root
        arm = stance.place_m[..., root, :] + stance.turn[..., root, :, :] @ np.asarray(at_m) - stance.centre_m[..., root, :]
        torque = cross(arm, np.broadcast_to(force_n, arm.shape)) + torque_n_m
        return Load(thing.name, np.array([root]), force_n[..., None, :], torque[..., None, :])
    which = thing.patch(at_m) if at_m is not None else np.arange(len(thing.bodies))
    bodies, mass = thing.bodies[which], thing.mass_kg[which]
    force = force_n[..., None, :] * (mass / mass.sum())[:, None]
    torque = np.zeros_like(force)
    if not thing.soft:
        torque[..., bodies == thing.root, :] = torque_n_m
    return Load(thing.name, bodies, force, torque)
