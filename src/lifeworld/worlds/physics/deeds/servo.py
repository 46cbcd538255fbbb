"""Pull and Walk: somebody moves a thing along, and is only so strong. A spring and damper to a target that goes ahead of it.

The target goes no farther ahead than the most force it may cost, so what is held up is not flung when it comes free.
"""

from __future__ import annotations

import numpy as np

from lifeworld.scene.deed import Pull, Walk
from lifeworld.worlds.physics.deeds.handle import Array, Handle
from lifeworld.worlds.physics.deeds.load import TICK_S, Load
from lifeworld.worlds.physics.deeds.push import grip
from lifeworld.worlds.physics.deeds.stance import Stance
from lifeworld.worlds.physics.senses.poser import cross

_POLE = 0.6
"""What a tick leaves of being off target: both poles of a mass under forces that are constant within a tick."""
STIFF_S2 = (1 - _POLE) ** 2 / TICK_S**2
DAMP_S = (2 - 2 * _POLE - (1 - _POLE) ** 2 / 2) / TICK_S
ARM_M = 0.3
"""How long a lever the force that moves a thing along has to turn it and to keep it upright."""


def pull(deed: Pull, thing: Handle, stance: Stance, target: Array) -> Load:
    """The force of one tick towards `target` (3,) [m], along the velocity only; if that is nothing, in every direction."""
    here, velocity, mass = held(deed, thing, stance)
    way = np.asarray(deed.velocity_m_s)
    force = mass * (STIFF_S2 * (target - here) + DAMP_S * (way - velocity))
    if way.any():
        along = way / np.linalg.norm(way)
        force = (force @ along)[..., None] * along
    return grip(thing, stance, _at_most(force, deed.most_n), deed.at_m)


def pulled(deed: Pull, thing: Handle, stance: Stance, target: Array) -> Array:
    """Where the target is a tick later."""
    here, _, mass = held(deed, thing, stance)
    return _leashed(target + np.multiply(deed.velocity_m_s, TICK_S), here, deed.most_n / (mass * STIFF_S2))


def held(deed: Pull, thing: Handle, stance: Stance) -> tuple[Array, Array, float]:
    """Where the point that is pulled at is [m], how fast it moves [m/s], and how much mass [kg] a hand there feels."""
    if deed.at_m is None or thing.soft:
        which = np.arange(len(thing.bodies)) if deed.at_m is None else thing.patch(deed.at_m)
        share = thing.mass_kg[which] / thing.mass_kg[which].sum()
        at = (..., thing.bodies[which], slice(None))
        here, velocity = (np.einsum("k,...ki->...i", share, values[at]) for values in (stance.centre_m, stance.velocity_m_s))
        return here, velocity, float(thing.mass_kg[which].sum())
    centre = stance.centre_m[..., thing.root, :]
    here = stance.place_m[..., thing.root, :] + stance.turn[..., thing.root, :, :] @ np.asarray(deed.at_m)
    return here, stance.velocity_m_s[..., thing.root, :] + cross(stance.spin_rad_s[..., thing.root, :], here - centre), thing.total_kg


def walk(deed: Walk, thing: Handle, stance: Stance, target: Array, inertia_kg_m2: Array) -> Load:
    """The forces of one tick towards `target` (x, y, yaw [rad]): along the ground, about the upright, and against tipping over."""
    here, velocity, mass = _middle(thing, stance)
    force = np.zeros_like(here)
    force[..., :2] = mass * (STIFF_S2 * (target[:2] - here[..., :2]) - DAMP_S * velocity[..., :2])
    force = _at_most(force, deed.most_n)
    speed = np.linalg.norm(velocity[..., :2], axis=-1)
    onward = (force[..., :2] * velocity[..., :2]).sum(axis=-1) > 0
    force = np.where((onward & (speed >= deed.most_m_s))[..., None], 0.0, force)
    turn, axes = stance.turn[..., thing.root, :, :], stance.axes[..., thing.root, :, :]
    up, forward = turn[..., :, 2], turn[..., :, 0]
    off = cross(up, np.broadcast_to([0.0, 0.0, 1.0], up.shape))
    yaw = np.arctan2(forward[..., 1], forward[..., 0])
    off[..., 2] += (target[2] - yaw + np.pi) % (2 * np.pi) - np.pi
    wanted = STIFF_S2 * off - DAMP_S * stance.spin_rad_s[..., thing.root, :]
    own = np.einsum("...ji,...j->...i", axes, wanted) * inertia_kg_m2
    torque = _at_most(np.einsum("...ij,...j->...i", axes, own), deed.most_n * ARM_M)
    load = grip(thing, stance, force, None)
    load.torque_n_m[..., load.bodies == thing.root, :] = torque[..., None, :]
    return load


def walked(deed: Walk, thing: Handle, stance: Stance, target: Array, start: Array, since_s: float) -> Array:
    """Where the target (x, y, yaw) is a tick later, `since_s` [s] after the way was begun at `start`: on the way, no faster than it may."""
    times = [0.0, *(t for t, *_ in deed.path)] if deed.path[0][0] > 0 else [t for t, *_ in deed.path]
    places = np.array([[x, y, np.deg2rad(yaw)] for _, x, y, yaw in deed.path])
    places = np.vstack([start, places]) if deed.path[0][0] > 0 else places
    places[:, 2] = np.unwrap(places[:, 2])
    goal = np.array([np.interp(since_s + TICK_S, times, column) for column in places.T])
    step = goal[:2] - target[:2]
    ahead = target[:2] + step * min(1.0, deed.most_m_s * TICK_S / max(float(np.linalg.norm(step)), 1e-12))
    here, _, mass = _middle(thing, stance)
    return np.append(_leashed(ahead, here[:2], deed.most_n / (mass * STIFF_S2) + deed.most_m_s * DAMP_S / STIFF_S2), goal[2])


def begun(thing: Handle, stance: Stance) -> Array:
    """Where a thing that begins to walk is: (x, y, yaw)."""
    here, _, _ = _middle(thing, stance)
    forward = stance.turn[thing.root, :, 0]
    return np.array([here[0], here[1], np.arctan2(forward[1], forward[0])])


def _middle(thing: Handle, stance: Stance) -> tuple[Array, Array, float]:
    share = thing.mass_kg / thing.total_kg
    at = (..., thing.bodies, slice(None))
    here, velocity = (np.einsum("k,...ki->...i", share, values[at]) for values in (stance.centre_m, stance.velocity_m_s))
    return here, velocity, thing.total_kg


def _at_most(force: Array, most: float) -> Array:
    return np.asarray(force * np.minimum(1.0, most / np.maximum(np.linalg.norm(force, axis=-1, keepdims=True), 1e-12)))


def _leashed(target: Array, here: Array, most_m: float) -> Array:
    ahead = target - here
    return np.asarray(here + ahead * min(1.0, most_m / max(float(np.linalg.norm(ahead)), 1e-12)))
