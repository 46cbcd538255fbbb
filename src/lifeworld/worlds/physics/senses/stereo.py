"""Depth as a stereo camera measures it: by the disparity between two eyes, in steps, with holes where they do not agree.

The second eye's picture is not drawn: what it sees of the first eye's points follows from their disparities, row by row.

Source: Keselman et al., Intel RealSense stereoscopic depth cameras (CVPR Workshops 2017), for baseline, steps and why there are holes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.sensor_noise import moment

Floats = NDArray[np.float32]
BASELINE_M = 0.055
"""How far to the right of the camera the second eye is."""
STEP_PX = 1 / 8
NEAR_M, FAR_M = 0.2, 10.0
GRAZING = np.float32(np.cos(np.deg2rad(80.0)))
EDGE_PX = 1.0
"""A jump of disparity from one pixel to the next that leaves no one patch to match."""


def stereo(depth_m: Floats, normal: Floats, camera: Camera, rng: np.random.Generator, *, baseline_m: float = BASELINE_M) -> Floats:
    """Measured depth (height, width) [m] of true depth and normals (camera frame); NaN where nothing is measured.

    Disparity is rounded to steps after noise even over one step is added, so that rounding has no bias and the error stays within
    a step. Neighbours' errors have nothing to do with each other.
    """
    disparity = np.nan_to_num(np.float32(camera.fx_px * baseline_m) / depth_m)
    lost = ~((depth_m >= NEAR_M) & (depth_m <= FAR_M))
    lost |= _grazing(normal, camera) | _edges(disparity) | hidden(disparity)
    noise = rng.random(depth_m.shape, dtype=np.float32)
    steps = np.floor(disparity * np.float32(1 / STEP_PX) + noise)  # round(d + u − ½) of noise u − ½
    lost |= steps < 1
    measured = np.float32(camera.fx_px * baseline_m / STEP_PX) / np.maximum(steps, 1)
    measured[lost] = np.nan
    return np.asarray(measured)


def _grazing(normal: Floats, camera: Camera) -> NDArray[np.bool_]:
    """Surfaces met at more than 80 degrees: their texture is squeezed to nothing."""
    across = (np.arange(camera.width_px, dtype=np.float32) + np.float32(0.5 - camera.cx_px)) / np.float32(camera.fx_px)
    down = (np.arange(camera.height_px, dtype=np.float32) + np.float32(0.5 - camera.cy_px)) / np.float32(camera.fy_px)
    facing = normal[..., 0] * across + normal[..., 1] * down[:, None] + normal[..., 2]
    length = np.sqrt(across**2 + down[:, None] ** 2 + np.float32(1))
    return np.asarray(~(-facing >= GRAZING * length))  # so that NaN is lost too


def _edges(disparity: Floats) -> NDArray[np.bool_]:
    """Pixels beside a jump of disparity."""
    out = np.zeros(disparity.shape, dtype=bool)
    for axis in (0, 1):
        jump = np.abs(np.diff(disparity, axis=axis)) > EDGE_PX
        low, high = (slice(None),) * axis + (slice(None, -1),), (slice(None),) * axis + (slice(1, None),)
        out[low] |= jump
        out[high] |= jump
    return out


def hidden(disparity: Floats) -> NDArray[np.bool_]:
    """Points that the second eye does not see: out of its picture, or behind what it sees there (a depth buffer in each of its rows)."""
    height, width = disparity.shape
    column = np.arange(width, dtype=np.float32) - disparity  # of the pixel's left edge; the second eye sees a point `disparity` to the left
    left = np.floor(column).astype(np.int32)
    row = np.arange(height, dtype=np.int32)[:, None] * (width + 2)
    nearest = np.zeros(height * (width + 2), dtype=np.float32)
    # A pixel covers parts of two of the other eye's. Those out of its picture share one bin at the rim.
    bins = [(row + np.clip(left + side, -1, width) + 1).ravel() for side in (0, 1)]
    for covered in bins:
        np.maximum.at(nearest, covered, disparity.ravel())
    there = np.minimum(nearest[bins[0]], nearest[bins[1]]).reshape(height, width)
    return np.asarray((column < 0) | (there > disparity + np.float32(EDGE_PX)))


def _depth_noisy(look: Look, camera: str) -> Floats:
    hits = look.now.hits(camera)
    return stereo(hits.depth_m, hits.normal, hits.camera, moment(look, "depth_noisy_m", camera))


SENSES: dict[str, Sense] = {"depth_noisy_m": _depth_noisy}
