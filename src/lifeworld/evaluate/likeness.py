"""How like two pictures are: squared errors, of all pixels and of those that change, and structural similarity.

Pictures are bytes; errors are of colours in 0..1. *Changing* pixels are those with a colour that differs by more than a tenth from the last
real picture: where nothing happens, copying is perfect and says nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError

CHANGING = 0.1
RIGHT = 0.1
"""A pixel is right if no colour of it is farther from the truth than this: what certainty is told of."""
LEAST = 1e-10
"""Less squared error than this is told as 100 dB."""
WINDOW, SPREAD = 11, 1.5
K1, K2 = 0.01, 0.03

Sums = NDArray[np.float64]


def squared(guess: NDArray[np.uint8], truth: NDArray[np.uint8], last: NDArray[np.uint8]) -> Sums:
    """For pictures (N, T, H, W, 3): (N, T, 4), the squared error summed and of how many colours, of all pixels and of changing ones."""
    if guess.shape != truth.shape:
        raise ShapeError("what is compared has one shape", got=guess.shape, expected=truth.shape)
    found = np.empty((*truth.shape[:2], 4))
    found[..., 1] = np.prod(truth.shape[2:])
    for i in range(len(truth)):  # clip by clip: small enough for the caches
        off = guess[i].astype(np.int32) - truth[i]
        by_pixel = (off * off).sum(-1)
        changed = changing(truth[i], last[i])
        found[i, :, 0] = by_pixel.sum((1, 2)) / 255**2
        found[i, :, 2] = (by_pixel * changed).sum((1, 2)) / 255**2
        found[i, :, 3] = 3 * changed.sum((1, 2))
    return found


def changing(truth: NDArray[np.uint8], last: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels (…, H, W) differ from the last real picture."""
    found: NDArray[np.bool_] = np.abs(truth.astype(np.int16) - last).max(-1) > CHANGING * 255
    return found


def right(guess: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels (…, H, W) are right."""
    found: NDArray[np.bool_] = np.abs(guess.astype(np.int16) - truth).max(-1) <= RIGHT * 255
    return found


def psnr(sums: Sums) -> Sums:
    """PSNR [dB] of summed squared errors and counts (…, 2); not a number where nothing was counted."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return -10 * np.log10(np.maximum(LEAST, sums[..., 0] / sums[..., 1]))


def ssim(guess: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Structural similarity (N,) of pictures (N, H, W, 3): mean over colours and over all windows that lie within the picture.

    Windows are 11 × 11, Gaussian with a spread of 1.5 px; colours range over 0..1; K1 = 0.01, K2 = 0.03.

    Source: Wang, Bovik, Sheikh & Simoncelli, Image quality assessment (2004).

    Raises:
        ShapeError: for pictures of different shapes, or smaller than a window.
    """
    if guess.shape != truth.shape or min(truth.shape[1:3]) < WINDOW:
        raise ShapeError("what is compared has one shape", got=guess.shape, expected=f"{truth.shape}, {WINDOW} px or more")
    x, y = (np.ascontiguousarray(np.moveaxis(each, -1, 1), np.float64) / 255 for each in (guess, truth))
    mean_x, mean_y, xx, yy, xy = (_blurred(each) for each in (x, y, x * x, y * y, x * y))
    both, c1, c2 = mean_x * mean_y, K1**2, K2**2
    squares = mean_x**2 + mean_y**2
    similar: NDArray[np.float64] = (2 * both + c1) * (2 * (xy - both) + c2) / ((squares + c1) * (xx + yy - squares + c2))
    return np.asarray(similar.mean((1, 2, 3)), np.float64)


def _blurred(pictures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian means of the windows within pictures (N, C, H, W)."""
    return _band(pictures.shape[2]) @ pictures @ _band(pictures.shape[3]).T


@lru_cache
def _band(size: int) -> NDArray[np.float64]:
    """What takes a row of pixels to the weighted means of its windows (size - WINDOW + 1, size)."""
    weights = np.exp(-0.5 * ((np.arange(WINDOW) - WINDOW // 2) / SPREAD) ** 2)
    band = np.zeros((size - WINDOW + 1, size))
    for i in range(len(band)):
        band[i, i : i + WINDOW] = weights / weights.sum()
    return band
