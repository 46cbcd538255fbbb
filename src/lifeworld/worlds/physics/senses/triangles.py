"""Which of many triangles the rays of a camera meet first, without a loop over either: how soft bodies are hit where there is no OpenGL.

A ray r meets the plane of corners a, b, c at barycentric weights r·(b×c), r·(c×a), r·(a×b) over their sum, at the depth det(a, b, c) over
that sum. On a side that two triangles share, one's weight is minus the other's to the bit: no ray slips through between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera

Array = NDArray[np.float64]
NEAREST_M = 0.001
_MOST_PAIRS = 2**20
_ROUNDING_PX = 1e-6


def meet(camera: Camera, corners: Array, pixels: Array | None = None) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    """The first of triangles `corners` (n, 3, 3) [m], camera frame, that the ray through each pixel meets; both sides count.

    `pixels` (m, 2) are places in the picture, None the middle of every pixel. Gives, of the rays that meet any: which ray (k,) of
    `pixels` or row by row, the depth (k,) [m], and which triangle (k,).
    """
    found = [(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))]
    sides, volume = planes(corners)
    for triangle, ray, toward in _near(camera, corners, pixels):
        weights = np.einsum("nij,nj->in", sides[triangle], toward)
        total = weights.sum(axis=0)
        inside = ((weights >= 0).all(axis=0) | (weights <= 0).all(axis=0)) & (total != 0)
        triangle, ray = triangle[inside], ray[inside]
        depth = volume[triangle] / total[inside]
        ahead = depth > NEAREST_M
        found.append((ray[ahead], depth[ahead], triangle[ahead]))
    ray, depth, triangle = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((triangle, depth, ray))
    first = order[np.concatenate([[True], np.diff(ray[order]) > 0])] if len(order) else order
    return ray[first], depth[first], triangle[first]


def planes(corners: Array) -> tuple[Array, Array]:
    """b×c, c×a, a×b (n, 3, 3) and a·(b×c) (n,) of triangles a, b, c."""
    following, last = np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1)
    sides = np.cross(following, last)
    return sides, np.einsum("nj,nj->n", corners[:, 0], sides[:, 0])


def _near(camera: Camera, corners: Array, pixels: Array | None) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Array]]:
    """Pairs that may meet, a bounded number at a time: triangle (p,), ray (p,), its direction (p, 3)."""
    width, height = camera.width_px, camera.height_px
    low, high = _outline(camera, corners)
    if pixels is None:
        rays, order, cell = camera.rays().reshape(-1, 3), None, None
        start, end = np.ceil(low - 0.5 - _ROUNDING_PX), np.floor(high + 0.5 + _ROUNDING_PX)
    else:
        cells = np.floor(pixels).astype(np.int64) @ (1, width)
        order = np.argsort(cells, kind="stable")
        cell, rays = cells[order], camera.unproject(pixels[order], 1.0)
        start, end = np.floor(low - _ROUNDING_PX), np.floor(high + _ROUNDING_PX) + 1
    start, end = (np.clip(edge, 0, (width, height)).astype(np.int64) for edge in (start, end))
    triangle, row = _ranges(start[:, 1], np.where(end[:, 0] > start[:, 0], end[:, 1], start[:, 1]))
    first, past = row * width + start[triangle, 0], row * width + end[triangle, 0]
    if cell is not None:
        first, past = np.searchsorted(cell, first), np.searchsorted(cell, past)
    pairs = np.cumsum(past - first)
    for k in range(int(pairs[-1] - 1) // _MOST_PAIRS + 1 if len(pairs) else 0):
        some = slice(*np.searchsorted(pairs, (k * _MOST_PAIRS, (k + 1) * _MOST_PAIRS), side="right"))
        which, ray = _ranges(first[some], past[some])
        yield triangle[some][which], ray if order is None else order[ray], rays[ray]


def _outline(camera: Camera, corners: Array) -> tuple[Array, Array]:
    """The box around each triangle in the picture, low and high (n, 2) [px]; high below low for those behind the camera.

    What lies nearer than `NEAREST_M` is cut off, corner by corner and side by side.
    """
    z, following = corners[..., 2], np.roll(corners, -1, axis=1)
    ahead = z > NEAREST_M
    with np.errstate(divide="ignore", invalid="ignore"):
        cut = corners + ((NEAREST_M - z) / (following[..., 2] - z))[..., None] * (following - corners)
        cut[..., 2] = NEAREST_M
        points = np.concatenate([corners, cut], axis=1)
        seen = np.concatenate([ahead, ahead != np.roll(ahead, -1, axis=1)], axis=1)[..., None]
        pixels = points[..., :2] / points[..., 2:] * (camera.fx_px, camera.fy_px) + (camera.cx_px, camera.cy_px)
    return np.where(seen, pixels, np.inf).min(axis=1), np.where(seen, pixels, -np.inf).max(axis=1)


def _ranges(start: NDArray[np.int64], end: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every whole number of [start, end) (n,) (k,), and which range each is of (k,)."""
    sizes = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return which, np.arange(len(which)) - before[which] + start[which]
