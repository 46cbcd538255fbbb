"""The voice of a thing: the frequencies it rings at, how long, how loud, from its size, its mass and the sound class of its stuff.

A physical sketch, not a finite-element analysis: a thing is taken for the simplest vibrating shape it resembles (bar, plate, cup,
block), struck free in the air, and large panels for the patch around the blow.

Sources: Fletcher & Rossing, The Physics of Musical Instruments (bars, plates, bells); Leissa, Vibration of Plates (NASA SP-160; free
square plates); Chadwick, Zheng & James, Precomputed Acceleration Noise
(SIGGRAPH 2012), for the click of a body that is stopped; Klatzky, Pai & Krotkov, Perception of Material from Contact Sounds (2000), for
loss factors being what materials are told by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.sound import MODES

Array = NDArray[np.float64]
FULL_SCALE_PA = 10.0
AIR_KG_M3, SOUND_M_S = 1.2, 343.0
PATCH_M = 0.8  # a blow is felt by so much of a panel
HIGHEST_HZ = 16_000.0
HEARD_PER_M = 1.0  # up to so many times its speed of sound a stuff is heard: metal to 5 kHz, wood to 2.6 kHz
SMALL_M = 0.3  # small solids ring above hearing, at about 0.5 · speed / size; here as if they were larger: by this they are told by ear
SUPPORT_PER_S = 2.5  # what any thing loses to the air and to what holds it
STANDING_PER_S = 25.0  # and what heavy things lose by their joints and to what they stand on
HEAVY_KG = 3.0
COUPLING = 0.05  # the share of a blow that bends what is struck, for full-scale levels like those of a kitchen


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuff:
    """A sound class: `speed_m_s` of sound along it, `loss` factor of its vibrations, `hardness_pa` of a contact with it; and of its surface
    the `grain_m` of its roughness, and how much of the pressing force becomes noise (`rough`, 1 for wood).
    """

    speed_m_s: float
    loss: float
    hardness_pa: float
    grain_m: float
    rough: float


STUFF: dict[str, Stuff] = {
    "metal": Stuff(speed_m_s=5000, loss=0.0008, hardness_pa=1e11, grain_m=3e-5, rough=0.5),
    "glass": Stuff(speed_m_s=5300, loss=0.002, hardness_pa=6e10, grain_m=3e-5, rough=0.3),
    "ceramic": Stuff(speed_m_s=4800, loss=0.005, hardness_pa=6e10, grain_m=4e-5, rough=0.7),
    "stone": Stuff(speed_m_s=3800, loss=0.02, hardness_pa=3e10, grain_m=1.5e-4, rough=1.5),
    "wood": Stuff(speed_m_s=2600, loss=0.02, hardness_pa=1e9, grain_m=8e-5, rough=1.0),
    "plastic": Stuff(speed_m_s=1600, loss=0.06, hardness_pa=1.5e9, grain_m=6e-5, rough=0.6),
    "paper": Stuff(speed_m_s=1200, loss=0.25, hardness_pa=3e7, grain_m=1e-4, rough=1.0),
    "rubber": Stuff(speed_m_s=150, loss=0.8, hardness_pa=5e6, grain_m=3e-4, rough=1.0),
    "cloth": Stuff(speed_m_s=60, loss=0.7, hardness_pa=2e5, grain_m=4e-4, rough=0.7),
    "dull": Stuff(speed_m_s=250, loss=0.4, hardness_pa=1e6, grain_m=3e-4, rough=0.6),
}
"""By `scene.material.Material.sound`. Round numbers near the literature's, as of a stuff that is alike in all directions: wood is between
along and across its grain. `rough`, and the losses within a factor of two, are set so that spectra and decays are told apart; no recording
was fitted."""

_BAR = np.array([1.0, 2.756, 5.404, 8.933, 13.34, 18.64, 24.8, 31.9, 39.8, 48.6, 58.3, 68.8])  # ((2n+1)/3.0112)²
_PLATE = np.array([13.47, 19.60, 24.27, 34.80, 34.80, 61.09, 63.69, 69.27, 77.17, 105.5, 117.1, 122.8])
_BLOCK = np.array([1.0, 1.13, 1.31, 1.56, 1.74, 1.97, 2.18, 2.43, 2.65, 2.92, 3.14, 3.4])


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a thing vibrates: as a `bar`, `plate`, `cup` or `block` with sides `size_m` (long, middle, short) and walls `thickness_m`.

    Of a cup `size_m` is (height, diameter, diameter).
    """

    shape: str
    size_m: tuple[float, float, float]
    thickness_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """Twelve modes: `frequency_hz`, `decay_per_s` (amplitude), `gain` [full scales · m / (N·s)], the wave at 1 m after a blow of 1 N·s.

    Modes beyond hearing have no gain. `click` [full scales · m / (N/s)] is what the thing as a whole pushes the air.
    `radius_m`, `mass_kg` and `stuff` decide how long its contacts last.
    """

    frequency_hz: Array
    decay_per_s: Array
    gain: Array
    click: float
    radius_m: float
    mass_kg: float
    stuff: Stuff


def voice(form: Form, *, sound: str, mass_kg: float, fixed: bool) -> Voice:
    """The voice of a thing of this form, mass and sound class; a fixed one does not click, and weighs without end in a blow."""
    stuff = STUFF[sound]
    long, middle, short = form.size_m
    patch = Form(shape=form.shape, size_m=(min(long, PATCH_M), min(middle, PATCH_M), short), thickness_m=form.thickness_m)
    moving_kg = mass_kg if form.shape != "plate" else mass_kg * (patch.size_m[0] * patch.size_m[1]) / (long * middle)
    frequency = _frequencies(patch, stuff.speed_m_s)
    stands = 1.0 if fixed else (mass_kg / (mass_kg + HEAVY_KG)) ** 2
    decay = SUPPORT_PER_S + STANDING_PER_S * stands + np.pi * stuff.loss * frequency
    area = patch.size_m[0] * patch.size_m[1] * (1.0 if form.shape in ("bar", "plate") else np.pi)
    reach = 2 * np.pi * frequency / SOUND_M_S * np.sqrt(area / (4 * np.pi))  # of its size in wavelengths: small things move little air
    # What moves one way here moves the other way there: long waves go around it.
    radiated = reach**2 / (1.0 + reach**2) * np.sqrt(area / (4 * np.pi))
    gain = COUPLING * AIR_KG_M3 * SOUND_M_S * radiated / (moving_kg / 4) / FULL_SCALE_PA
    gain = np.where(frequency < HIGHEST_HZ, gain / (1.0 + 0.15 * np.arange(MODES)), 0.0)
    radius = 0.62 * float(np.cbrt(long * middle * short))
    click = 0.0 if fixed else COUPLING * AIR_KG_M3 * radius**3 / (2 * SOUND_M_S * mass_kg) / FULL_SCALE_PA
    return Voice(frequency, decay, gain, click, float(np.clip(short / 2, 0.002, 0.05)), np.inf if fixed else mass_kg, stuff)


def _frequencies(form: Form, speed_m_s: float) -> Array:
    """(modes,) [Hz], ascending."""
    long, middle, short = form.size_m
    thick = form.thickness_m
    match form.shape:
        case "bar":
            return 1.028 * thick / long**2 * speed_m_s * _BAR
        case "plate":
            # Poisson's ratio 0.3. A dished plate is stiffer than a flat one.
            dished = np.sqrt(1.0 + 0.1 * (short / thick) ** 2) if short > 2 * thick else 1.0
            first = _PLATE[0] / (2 * np.pi) * thick / (long * middle) * speed_m_s / np.sqrt(12 * 0.91) * dished
            # A thin panel has hundreds of modes. Those that stand for them all are spread up to where its stuff is still heard.
            ratios = _PLATE / _PLATE[0]
            spread = max(1.0, np.log(HEARD_PER_M * speed_m_s / first) / np.log(ratios[-1]))
            return np.asarray(first * ratios**spread)
        case "cup":
            # n waves around the rim; the bottom stiffens a shallow cup. Beyond six waves the wall bends along its height too.
            radius, waves = middle / 2, np.arange(2, 2 + MODES)
            rim = waves * (waves**2 - 1) / np.sqrt(waves**2 + 1)
            shallow = np.sqrt(1.0 + 4 / 3 * (radius / long) ** 4)
            return np.asarray(thick / radius**2 * speed_m_s / (2 * np.pi * np.sqrt(12)) * rim * shallow)
        case _:
            return np.asarray(0.35 * speed_m_s / (SMALL_M + 1.5 * float(np.cbrt(long * middle * short))) * _BLOCK)
