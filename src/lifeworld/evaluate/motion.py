"""What was done, read from how pictures move: a linear probe on the products of change and slope, fitted to real clips.

Where something of one look moves by a little, the sum over the picture of (change in time) × (slope in space) is proportional to how fast
it goes (the optical flow constraint); its colour says who. So a ridge regression from these sums, at three scales and for each colour, to
what was done is a judge that no model had a hand in.

Source: Lucas & Kanade, An iterative image registration technique (1981); "keyboard accuracy": Zhang et al., Matrix-Game (2025).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError

SCALES = (1, 2, 4)
REACH = 2
"""Intervals that are looked at for each action, its own and those after it: what is done shows late."""

Array = NDArray[np.float64]


def motion(pictures: NDArray[np.uint8]) -> Array:
    """The sums (N, T - 1, 18) of pictures (N, T, H, W, 3), per pixel."""
    found = []
    for clip in pictures:
        x = clip.astype(np.float32) / 255
        parts = []
        for scale in SCALES:
            if min(x.shape[1:3]) // scale < 4:
                break
            small = _smaller(x, scale)
            change = small[1:] - small[:-1]
            middle = (small[1:] + small[:-1]) / 2
            slopes = [np.roll(middle, -1, axis) - np.roll(middle, 1, axis) for axis in (2, 1)]
            inner = (slice(None), slice(1, -1), slice(1, -1))
            parts += [(change * slope)[inner].mean((1, 2)) for slope in slopes]
        found.append(np.concatenate(parts, axis=1))
    return np.stack(found).astype(np.float64)


def rows(moved: Array, actions: Array) -> tuple[Array, Array]:
    """What is seen of each action (N, M, F) and the action (N, M, A), from sums (N, T, F) and actions (N, T, A) of the same intervals."""
    count = moved.shape[1] - REACH + 1
    if moved.shape[:2] != actions.shape[:2] or count < 1:
        raise ShapeError("an action is between two pictures", got=(moved.shape, actions.shape), expected=f"{REACH} intervals or more")
    return np.concatenate([moved[:, i : i + count] for i in range(REACH)], axis=2), actions[:, :count]


def pearson(sums: Array) -> Array:
    """The correlation (…, A), from the sums over rows (…, A, 6) of 1, x, y, xx, yy, xy; 0 where either never varies."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    n = np.maximum(n, 1)
    spread = (xx - x * x / n) * (yy - y * y / n)
    # a constant leaves rounding: of what its sum of squares is, not of 1
    told = spread > 1e-12 * xx * yy
    found: Array = np.where(told, (xy - x * y / n) / np.sqrt(np.where(told, spread, 1)), 0)
    return found


def products(x: Array, y: Array) -> Array:
    """The sums that `pearson` is of, for each clip (N, A, 6), from x and y (N, M, A)."""
    return np.stack([np.ones_like(x).sum(1), x.sum(1), y.sum(1), (x * x).sum(1), (y * y).sum(1), (x * y).sum(1)], axis=-1)


def _smaller(pictures: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Pictures (T, H, W, 3) averaged over squares, and blurred a little so that slopes reach as far as things move."""
    count, height, width, _ = pictures.shape
    cut = pictures[:, : height // scale * scale, : width // scale * scale]
    x = np.asarray(cut.reshape(count, height // scale, scale, width // scale, scale, 3).mean((2, 4)), np.float32)
    for axis in (1, 2):
        x = np.asarray((np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4, np.float32)
    return x
