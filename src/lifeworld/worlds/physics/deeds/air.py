"""Wind and Shake: forces on everything that stands in moving air, or on ground that moves."""

from __future__ import annotations

import math

import numpy as np

from lifeworld.scene.deed import Shake, Wind
from lifeworld.worlds.physics.deeds.handle import Array, Handle
from lifeworld.worlds.physics.deeds.load import TICK_S, Load, swell
from lifeworld.worlds.physics.deeds.stance import Stance

AIR_KG_M3 = 1.2
DRAG = 1.1
"""The drag coefficient of blunt bodies, a cube to a short cylinder, face on (Hoerner, Fluid-Dynamic Drag, 1965, ch. 3)."""
_SAMPLES = (np.arange(64) + 0.5) / 64


def wind(deed: Wind, thing: Handle, stance: Stance, since_s: float) -> Load:
    """The drag of one tick, ½ρcA|v|v with v the air's velocity over each body; nothing shelters anything.

    Over the tick a body is taken along by m dv/dt = −k|v|v, which has v / (1 + k|v|t/m) for its answer: so what is light goes with the wind
    and not past it.
    """
    bodies = thing.bodies
    over = np.multiply(deed.velocity_m_s, swell(since_s, deed.duration_s)) - stance.velocity_m_s[..., bodies, :]
    speed = np.linalg.norm(over, axis=-1, keepdims=True)
    own = np.abs(np.einsum("...ji,...j->...i", stance.axes[..., bodies, :, :], over / np.maximum(speed, 1e-12)))
    area = np.einsum("...i,...i->...", own, thing.area_m2)[..., None]
    k = 0.5 * AIR_KG_M3 * DRAG * area
    force = k * speed * over / (1.0 + k * speed * TICK_S / thing.mass_kg[:, None])
    return Load(thing.name, bodies, force, np.zeros_like(force))


def shake(deed: Shake, thing: Handle, since_s: float) -> Load:
    """The inertial forces −m a(t) of one tick, a sine that swells and ebbs; with the mean of a(t) over the tick."""
    t = since_s + TICK_S * _SAMPLES
    swells = np.where((t >= 0) & (t <= deed.duration_s), np.sin(np.pi * t / deed.duration_s), 0.0)
    mean = float(np.mean(np.sin(2 * math.pi * deed.frequency_hz * t) * swells))
    force: Array = -thing.mass_kg[:, None] * np.multiply(deed.acceleration_m_s2, mean)
    return Load(thing.name, thing.bodies, force, np.zeros_like(force))
