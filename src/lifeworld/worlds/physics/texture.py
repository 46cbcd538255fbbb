"""Procedural textures for materials: grain, weave, checker, speckle. Grey maps around white that tint a material's colour."""

from __future__ import annotations

from functools import lru_cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnknownName
from lifeworld.core.seed import generator

SIDE_PX = 256


def add(spec: mujoco.MjSpec, made: mujoco.MjsMaterial, name: str, *, repeat: float) -> None:
    """Give a material the texture of this name, `repeat` times per metre, shared by all materials that use it."""
    if spec.texture(name) is None:
        pixels = picture(name)
        texture = spec.add_texture(name=name, type=mujoco.mjtTexture.mjTEXTURE_2D)
        texture.width, texture.height, texture.nchannel = SIDE_PX, SIDE_PX, 3
        texture.data = pixels.tobytes()
    textures = list(made.textures)
    textures[int(mujoco.mjtTextureRole.mjTEXROLE_RGB)] = name
    made.textures = textures
    made.texuniform, made.texrepeat = True, (repeat, repeat)


@lru_cache(maxsize=8)
def picture(name: str) -> NDArray[np.uint8]:
    """The texture (256, 256, 3) uint8, the same on every machine.

    Raises:
        UnknownName: if there is none of this name.
    """
    rng = generator(0, "texture", name)
    v, u = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / SIDE_PX
    if name == "grain":  # boards run along u; each has its own tone and wavy rings
        board = np.floor(v * 4)
        tone = rng.uniform(-0.05, 0.05, 4)[board.astype(int)]
        waves = sum(
            rng.uniform(0.3, 1.0)
            * np.sin(2 * np.pi * (k * v * 6 + rng.uniform() + 0.4 * np.sin(2 * np.pi * (u * (k % 3 + 1) + rng.uniform()))))
            for k in range(1, 5)
        )
        shade = 0.92 + tone + 0.018 * waves - 0.10 * (np.abs(v * 4 - board) < 0.018)
    elif name == "weave":
        shade = 0.94 + 0.05 * np.sign(np.sin(2 * np.pi * 32 * u) * np.sin(2 * np.pi * 32 * v)) * np.abs(np.sin(2 * np.pi * 32 * u))
    elif name == "checker":
        shade = np.where((np.floor(u * 2) + np.floor(v * 2)) % 2 == 0, 1.0, 0.82)
    elif name == "speckle":
        shade = 0.93 + rng.normal(0.0, 0.035, (SIDE_PX, SIDE_PX))
    else:
        raise UnknownName("texture", name, ("grain", "weave", "checker", "speckle"))
    grey = (np.clip(shade, 0.0, 1.0) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)
