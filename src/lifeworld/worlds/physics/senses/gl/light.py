"""The lights of a model as they are now."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_LIGHTS = 16
STRENGTH = 1.3  # linear light of a light of intensity 1: the engine's numbers were made for light that adds up in sRGB


@dataclass(frozen=True, slots=True, eq=False)
class Lamp:
    """One light: where, which way, how wide; `light` (3,) linear; `fading` by 1, d and d²; `rim` how it falls off towards its rim."""

    sun: bool
    position_m: Array
    way: Array
    cosine: float  # of half its spread; −1 shines all around
    light: Array
    fading: Array
    rim: float
    casts: bool


def lamps(model: mujoco.MjModel, data: mujoco.MjData) -> list[Lamp]:
    """The lights that are on, the strongest MOST_LIGHTS of them."""
    out = []
    for index in range(model.nlight):
        sun = model.light_type[index] == int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
        if not model.light_active[index] or not model.light_diffuse[index].any():
            continue
        cutoff = float(model.light_cutoff[index])
        around = not sun and (model.light_type[index] == int(mujoco.mjtLightType.mjLIGHT_POINT) or cutoff >= 179.0)
        out.append(
            Lamp(
                sun=bool(sun),
                position_m=data.light_xpos[index].copy(),
                way=data.light_xdir[index].copy(),
                cosine=-1.0 if around else float(np.cos(np.deg2rad(cutoff))),
                light=STRENGTH * model.light_diffuse[index].astype(np.float64),
                fading=model.light_attenuation[index].astype(np.float64),
                rim=0.0 if around else min(float(model.light_exponent[index]), 64.0),
                casts=bool(model.light_castshadow[index]) and not around,
            )
        )
    return sorted(out, key=lambda lamp: -float(lamp.light.sum()))[:MOST_LIGHTS]
