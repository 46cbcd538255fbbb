"""sRGB levels and the linear light they stand for: what lenses and sensors add up is light, not levels.

Source: IEC 61966-2-1 (sRGB); the weights of luminance are those of its primaries (ITU-R BT.709).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""What red, green and blue light give to brightness."""
_STEPS = 2**14


def linear(srgb: ArrayLike) -> NDArray[np.float64]:
    """Linear light 0 to 1 of sRGB values 0 to 1."""
    value = np.asarray(srgb, dtype=np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def srgb(light: ArrayLike) -> NDArray[np.float64]:
    """sRGB values 0 to 1 of linear light 0 to 1."""
    value = np.asarray(light, dtype=np.float64)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 0.0031308) ** (1 / 2.4) - 0.055)


LIGHT: Floats = linear(np.arange(256) / 255).astype(np.float32)
"""The linear light (256,) of each sRGB level."""

# One entry more than steps, so that light 1 has its own; finer than a level everywhere: the steepest level is 5 entries wide.
_LEVEL = np.rint(srgb(np.arange(_STEPS + 1) / _STEPS) * 255).astype(np.uint8)


def levels(light: Floats) -> NDArray[np.uint8]:
    """The nearest sRGB level of linear light (…); what is below 0 or above 1 is black or white."""
    step = light * np.float32(_STEPS)
    step += np.float32(0.5)
    np.clip(step, 0, _STEPS, out=step)
    return np.asarray(_LEVEL[step.astype(np.int32)])


def luminance(rgb: NDArray[np.uint8]) -> Floats:
    """Linear luminance (…) 0 to 1 of a picture (…, 3) of sRGB levels."""
    red, green, blue = (_SHARE[band][rgb[..., band]] for band in range(3))
    return np.asarray(red + green + blue)


_SHARE = (LIGHT * LUMINANCE[:, None]).astype(np.float32)
