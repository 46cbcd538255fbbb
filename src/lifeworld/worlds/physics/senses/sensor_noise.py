"""The noise of a camera's sensor: light comes in electrons, reading them adds some, and a few pixels are broken.

Shot noise is drawn as a Gaussian with Poisson's variance: read noise hides the difference (the skew of their sum is below 0.13 at any
light). A pixel cannot be darker than black or brighter than white, so near both the mean gives way.

Source: European Machine Vision Association, EMVA Standard 1288, the linear camera model.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator
from lifeworld.worlds.physics.senses.linear import LIGHT, levels
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.see import rgb

FULL_WELL = 4_000.0
"""Electrons that a pixel holds at white: that of a small camera."""
READ_NOISE = 3.0
"""Standard deviation of reading [electrons]."""
BROKEN = 5e-5
"""The share of pixels that are dead, and of those that are hot."""

_SIGMA = np.sqrt(LIGHT * FULL_WELL + READ_NOISE**2).astype(np.float32) / np.float32(FULL_WELL)


def moment(look: Look, purpose: str, source: str) -> np.random.Generator:
    """Chance that belongs to a state: another at each tick, in each episode and of each camera, the same for the same state."""
    of_state = look.once("digest", lambda: int.from_bytes(hashlib.sha256(look.state.vector.tobytes()).digest()[:8], "little"))
    return generator(look.state.tick, purpose, source, of_state)


def noisy(picture: NDArray[np.uint8], rng: np.random.Generator, broken: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.uint8]:
    """A picture (height, width, 3) as a sensor reads it; `broken` are the dead and the hot pixels (flat)."""
    light = rng.standard_normal(picture.shape, dtype=np.float32)
    light *= _SIGMA[picture]
    light += LIGHT[picture]
    out = levels(light)
    flat = out.reshape(-1, 3)
    for pixels, level in zip(broken, (0, 255), strict=True):
        flat[pixels] = level
    return out


@lru_cache(maxsize=64)
def broken_pixels(camera: str, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The dead and the hot of so many pixels: the same ones in every picture of the camera."""
    rng = generator(0, "broken pixels", camera)
    each = round(BROKEN * count)
    chosen = rng.choice(count, size=2 * each, replace=False)
    return chosen[:each], chosen[each:]


def _rgb_noisy(look: Look, camera: str) -> NDArray[np.uint8]:
    picture = rgb(look, camera)
    return noisy(picture, moment(look, "rgb_noisy", camera), broken_pixels(camera, picture.shape[0] * picture.shape[1]))


SENSES: dict[str, Sense] = {"rgb_noisy": _rgb_noisy}
