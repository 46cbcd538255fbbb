"""Convex outlines in the plane: where a thing touches what it stands on, and whether its centre of mass is safely over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Pair = Array | tuple[float, float]


def hull(points_m: ArrayLike) -> Array:
    """The corners (k, 2) of the convex hull of points (n, 2) [m], counter-clockwise; one or two where they are no more.

    Source: Andrew, Another efficient algorithm for convex hulls in two dimensions (1979).
    """
    # To the nanometre: what differs by less is one point, and no sign of a turn is lost in rounding.
    points = sorted({(round(float(x), 9), round(float(y), 9)) for x, y in np.asarray(points_m, dtype=np.float64)})
    if len(points) <= 2:
        return np.array(points)
    halves = []
    for way in (points, points[::-1]):
        chain: list[tuple[float, float]] = []
        for p in way:
            while len(chain) >= 2 and _turn(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        halves.append(chain[:-1])
    return np.array(halves[0] + halves[1])


def within_m(outline_m: Array, point_m: ArrayLike) -> float:
    """How far [m] a point (2,) is inside a convex outline (k, 2); negative outside, and never above 0 for a point or a line."""
    point = np.asarray(point_m, dtype=np.float64)
    if len(outline_m) == 0:
        return -np.inf
    if len(outline_m) <= 2:
        a, b = outline_m[0], outline_m[-1]
        along = b - a
        square = float(along @ along)
        t = float(np.clip((point - a) @ along / square, 0.0, 1.0)) if square > 0 else 0.0
        return -float(np.linalg.norm(point - a - t * along))
    edges = np.roll(outline_m, -1, axis=0) - outline_m
    length = np.maximum(np.linalg.norm(edges, axis=1), 1e-12)
    left = (edges[:, 0] * (point[1] - outline_m[:, 1]) - edges[:, 1] * (point[0] - outline_m[:, 0])) / length
    return float(left.min())


def inside(outline_m: Array, points_m: Array) -> NDArray[np.bool_]:
    """Whether points (n, 2) [m] are inside a convex outline (k, 2), counter-clockwise; never for a point or a line."""
    if len(outline_m) <= 2:
        return np.zeros(len(points_m), dtype=bool)
    edges = np.roll(outline_m, -1, axis=0) - outline_m
    off = points_m[:, None] - outline_m
    return np.asarray((edges[:, 0] * off[..., 1] - edges[:, 1] * off[..., 0] >= 0).all(axis=1))


def clip(outline_m: Array, by_m: Array) -> Array:
    """The part (k, 2) of a convex outline that lies within another (≥ 3 corners); empty when none does.

    Source: Sutherland & Hodgman, Reentrant polygon clipping (1974).
    """
    points = [np.asarray(p) for p in outline_m]
    for a, b in zip(by_m, np.roll(by_m, -1, axis=0), strict=True):
        inside = [_turn(a, b, p) >= 0 for p in points]
        kept = []
        for i, p in enumerate(points):
            j = (i + 1) % len(points)
            if inside[i]:
                kept.append(p)
            if inside[i] != inside[j]:
                q = points[j]
                s, t = _turn(a, b, p), _turn(a, b, q)
                kept.append(p + (q - p) * (s / (s - t)))
        points = kept
        if not points:
            break
    return np.array(points).reshape(-1, 2)


def area_m2(outline_m: Array) -> float:
    """The area [m²] of a convex outline (k, 2)."""
    if len(outline_m) < 3:
        return 0.0
    x, y = outline_m[:, 0], outline_m[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def rectangle(size_m: ArrayLike) -> Array:
    """The corners (4, 2) of a rectangle of full sizes about the origin."""
    x, y = np.asarray(size_m, dtype=np.float64)[:2] / 2
    return np.array([(-x, -y), (x, -y), (x, y), (-x, y)])


def disc(diameter_m: float, *, corners: int = 24) -> Array:
    """A disc about the origin as an outline (corners, 2) that lies within it."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return diameter_m / 2 * np.column_stack([np.cos(angles), np.sin(angles)])


def _turn(a: Pair, b: Pair, c: Pair) -> float:
    (ax, ay), (bx, by), (cx, cy) = a, b, c
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
