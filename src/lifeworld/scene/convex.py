"""Convex pieces as arrays, and whether two of them meet: what the placement asks thousands of times a second.

A piece is a box plus an ellipsoid (their Minkowski sum: box, ball, cylinder, capsule and ellipsoid alike), or the hull of some
corners. `depth_m` is the separating-axis test over the likely axes; `gap_m` is GJK, exact, for what that test leaves open.

Source: Gottschalk, OBBTree (1996), for the axes; Gilbert, Johnson, Keerthi (1988) for the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose

Array = NDArray[np.float64]
Index = NDArray[np.intp]

APART_M = 1e-7
"""Closer than this, two pieces touch."""


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Convex pieces in one frame, arrays over (*batch): `centre_m` (3), `axes` (3, 3; columns are the piece's axes), `half_m` (3) of
    the box, `round_m` (3) radii of the ellipsoid, `corners_m` (v, 3) about the centre along the axes where `hull` says so.

    A hull's `half_m` is the box around its corners.
    """

    centre_m: Array
    axes: Array
    half_m: Array
    round_m: Array
    corners_m: Array
    hull: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.centre_m)

    def moved(self, pose: Pose) -> Solid:
        """The same pieces in another frame: `pose` is other_from_this; a pose (k,) of pieces (n,) gives (k, n)."""
        turn = pose.rotation[..., None, :, :]
        centre = (turn @ self.centre_m[..., None])[..., 0] + pose.position_m[..., None, :]
        shape = centre.shape[:-1]
        same: list[Any] = [
            np.broadcast_to(a, (*shape, *a.shape[self.hull.ndim :])) for a in (self.half_m, self.round_m, self.corners_m, self.hull)
        ]
        return Solid(centre, turn @ self.axes, *same)

    def flat(self) -> Solid:
        """All batch axes in one."""
        n = self.hull.ndim
        return Solid(*[a.reshape(-1, *a.shape[n:]) for a in self.arrays()])

    def take(self, which: Index | NDArray[np.bool_]) -> Solid:
        """Some of the pieces."""
        return Solid(*[a[which] for a in self.arrays()])

    def bounds(self) -> tuple[Array, Array]:
        """Least and greatest corner (*batch, 3) [m] of each piece."""
        reach = np.einsum("...ij,...j->...i", np.abs(self.axes), self.half_m)
        reach += np.sqrt(np.einsum("...ij,...j->...i", self.axes**2, self.round_m**2))
        low, high = self.centre_m - reach, self.centre_m + reach
        if self.hull.any():
            points = np.einsum("...ij,...vj->...vi", self.axes, self.corners_m) + self.centre_m[..., None, :]
            mask = self.hull[..., None]
            low, high = np.where(mask, points.min(axis=-2), low), np.where(mask, points.max(axis=-2), high)
        return low, high

    def support(self, directions: Array) -> Array:
        """The farthest point (*batch, 3) of each piece along its direction (*batch, 3)."""
        local = np.einsum("...ij,...i->...j", self.axes, directions)
        weighted = self.round_m * local
        length = np.linalg.norm(weighted, axis=-1, keepdims=True)
        point = np.sign(local) * self.half_m + self.round_m * weighted / np.where(length > 0, length, 1.0)
        if self.hull.any():
            best = np.argmax(np.einsum("...vj,...j->...v", self.corners_m, local), axis=-1)
            corner = np.take_along_axis(self.corners_m, best[..., None, None], axis=-2)[..., 0, :]
            point = np.where(self.hull[..., None], corner, point)
        return np.asarray(self.centre_m + np.einsum("...ij,...j->...i", self.axes, point))

    def arrays(self) -> tuple[Any, ...]:
        """Its fields, in order."""
        return self.centre_m, self.axes, self.half_m, self.round_m, self.corners_m, self.hull


def joined(solids: Sequence[Solid]) -> Solid:
    """The pieces (n,) of several solids in one."""
    if not solids:
        nothing: list[Any] = [np.zeros((0, *shape)) for shape in ((3,), (3, 3), (3,), (3,), (1, 3))]
        return Solid(*[*nothing, np.zeros(0, dtype=bool)])
    most = max(s.corners_m.shape[1] for s in solids)
    # Fewer corners are filled up with the first of them: a hull does not mind.
    corners = [np.concatenate([s.corners_m, np.repeat(s.corners_m[:, :1], most - s.corners_m.shape[1], axis=1)], axis=1) for s in solids]
    parts: list[list[Any]] = [[s.centre_m, s.axes, s.half_m, s.round_m, c, s.hull] for s, c in zip(solids, corners, strict=True)]
    return Solid(*[np.concatenate([p[i] for p in parts]) for i in range(6)])


def meeting(low_a: Array, high_a: Array, low_b: Array, high_b: Array, *, margin_m: Array | float = 0.0) -> NDArray[np.bool_]:
    """Whether boxes along the axes overlap (or come nearer than a margin (...), sideways), arrays (..., 3) broadcasting."""
    spare = np.asarray(margin_m)[..., None] * np.array([1.0, 1.0, 0.0])
    return np.asarray(((low_a < high_b + spare) & (low_b < high_a + spare)).all(axis=-1))


def depth_m(a: Solid, b: Solid) -> Array:
    """How deep (n,) [m] pieces of `a` and `b` are in each other, pair by pair, at most; 0 or below: surely apart.

    Exact for two boxes. For others it may be too deep, never too shallow.
    """
    offset = b.centre_m - a.centre_m
    faces = np.concatenate([np.swapaxes(a.axes, 1, 2), np.swapaxes(b.axes, 1, 2)], axis=1)
    depth = _least_overlap(a, b, offset, faces)
    open_ = np.flatnonzero(depth > 0)
    if len(open_):
        a, b, offset = a.take(open_), b.take(open_), offset[open_]
        crosses = _cross(np.swapaxes(a.axes, 1, 2)[:, :, None, :], np.swapaxes(b.axes, 1, 2)[:, None, :, :]).reshape(-1, 9, 3)
        length = np.linalg.norm(crosses, axis=-1, keepdims=True)
        # Parallel edges give no axis; the middle line stands in for it, as good a guess as any.
        spare = offset[:, None, :] / np.maximum(np.linalg.norm(offset, axis=-1), 1e-12)[:, None, None]
        axes = np.where(length > 1e-6, crosses / np.maximum(length, 1e-12), spare)
        near_a, near_b = _nearest_in_box(a, b.centre_m), _nearest_in_box(b, a.centre_m)
        lines = np.stack([offset, b.centre_m - near_a, near_b - a.centre_m, near_b - near_a], axis=1)
        length = np.linalg.norm(lines, axis=-1, keepdims=True)
        lines = np.where(length > 1e-9, lines / np.maximum(length, 1e-12), faces[open_][:, :1])
        depth[open_] = np.minimum(depth[open_], _least_overlap(a, b, offset, np.concatenate([axes, lines], axis=1)))
    return depth


def gap_m(a: Solid, b: Solid, *, whether: bool = False, rounds: int = 32) -> Array:
    """The distance (n,) [m] between pieces of `a` and `b`, pair by pair; 0 where they touch.

    Never more than it is; less only where `rounds` do not suffice, or only `whether` there is a gap was asked."""
    n = len(a)
    gap = np.zeros(n)
    lanes = np.arange(n)
    v = a.centre_m - b.centre_m
    v = np.where(np.linalg.norm(v, axis=-1, keepdims=True) > 1e-9, v, np.array([1e-3, 0.0, 0.0]))
    first = a.support(-v) - b.support(v)
    simplex = np.repeat(first[:, None, :], 4, axis=1)
    v = first
    for _ in range(rounds):
        length = np.linalg.norm(v, axis=-1)
        w = a.take(lanes).support(-v) - b.take(lanes).support(v)
        bound = np.einsum("pi,pi->p", v, w) / np.maximum(length, 1e-300)  # a plane this far off separates them
        apart = length > APART_M
        done = apart & ((length - bound <= 1e-9 + 1e-7 * length) | (whether & (bound > APART_M)))
        gap[lanes] = np.where(apart, np.where(done & ~whether, length, np.maximum(bound, 0.0)), 0.0)
        keep = apart & ~done
        if not keep.any():
            break
        lanes, simplex = lanes[keep], simplex[keep]
        simplex[:, 3] = w[keep]
        v, simplex = _nearest_to_origin(simplex)
    return gap


def collide(a: Solid, b: Solid) -> NDArray[np.bool_]:
    """Whether pieces (n,) of `a` and `b` meet, pair by pair."""
    hit = depth_m(a, b) > 0
    unsure = np.flatnonzero(hit & ~(_is_box(a) & _is_box(b)))
    if len(unsure):
        hit[unsure] = gap_m(a.take(unsure), b.take(unsure), whether=True) <= APART_M
    return hit


def any_collide(a: Solid, b: Solid, group: Index, groups: int) -> NDArray[np.bool_]:
    """Whether any of the pairs (n,) of a group meets, (groups,); `group` (n,) says whose a pair is. Cheap pairs decide first."""
    out = np.zeros(groups, dtype=bool)
    if not len(group):
        return out
    hit = depth_m(a, b) > 0
    boxes = _is_box(a) & _is_box(b)
    out[group[hit & boxes]] = True
    unsure = np.flatnonzero(hit & ~boxes & ~out[group])
    if len(unsure):
        out[group[unsure[gap_m(a.take(unsure), b.take(unsure), whether=True) <= APART_M]]] = True
    return out


def _is_box(a: Solid) -> NDArray[np.bool_]:
    return ~a.hull & ~a.round_m.any(axis=-1)


def _least_overlap(a: Solid, b: Solid, offset: Array, axes: Array) -> Array:
    """The least overlap (n,) of the pieces' shadows on unit axes (n, k, 3)."""
    between = np.abs(np.einsum("pki,pi->pk", axes, offset))
    return np.asarray((_reach(a, axes) + _reach(b, axes) - between).min(axis=1))


def _reach(a: Solid, axes: Array) -> Array:
    local = np.einsum("pki,pij->pkj", axes, a.axes)
    box = np.einsum("pkj,pj->pk", np.abs(local), a.half_m)
    return np.asarray(box + np.sqrt(np.einsum("pkj,pj->pk", local**2, a.round_m**2)))


def _nearest_in_box(a: Solid, points: Array) -> Array:
    """The point (n, 3) of each piece's box part nearest to a point (n, 3)."""
    local = np.einsum("pij,pi->pj", a.axes, points - a.centre_m)
    return np.asarray(a.centre_m + np.einsum("pij,pj->pi", a.axes, np.clip(local, -a.half_m, a.half_m)))


_EDGES = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
_SIDES = np.array([(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)])
_KEEP = np.array([(i, j, j, j) for i, j in _EDGES] + [(i, j, k, k) for i, j, k in _SIDES])


def _nearest_to_origin(simplex: Array) -> tuple[Array, Array]:
    """The point (n, 3) of each tetrahedron (n, 4, 3) nearest to the origin, and the simplex with only the corners it needs, first."""
    a, b = simplex[:, _EDGES[:, 0]], simplex[:, _EDGES[:, 1]]
    ab = b - a
    square = np.einsum("nei,nei->ne", ab, ab)
    t = np.clip(-np.einsum("nei,nei->ne", a, ab) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    on_edge = a + t[..., None] * ab
    p, q, r = (simplex[:, _SIDES[:, i]] for i in range(3))
    normal = _cross(q - p, r - p)
    square = np.einsum("nsi,nsi->ns", normal, normal)
    flat = square < 1e-30
    safe = np.where(flat, 1.0, square)
    on_side = normal * (np.einsum("nsi,nsi->ns", normal, p) / safe)[..., None]
    inside = ~flat
    for x, y in ((p, q), (q, r), (r, p)):
        inside &= np.einsum("nsi,nsi->ns", _cross(y - x, on_side - x), normal) >= 0
    points = np.concatenate([on_edge, on_side], axis=1)
    squares = np.einsum("nki,nki->nk", points, points)
    squares[:, 6:] = np.where(inside, squares[:, 6:], np.inf)
    best = squares.argmin(axis=1)
    rows = np.arange(len(simplex))
    nearest = points[rows, best]
    # The origin is within the tetrahedron when each corner lies on its side of the opposite face.
    opposite = simplex[:, [3, 2, 1, 0]]
    towards = np.einsum("nsi,nsi->ns", normal, opposite - p)
    origin = np.einsum("nsi,nsi->ns", normal, -p)
    within = ((towards * origin > 0) & (np.abs(towards) > 1e-24)).all(axis=1)
    nearest[within] = 0.0
    return nearest, simplex[rows[:, None], _KEEP[best]]


def _cross(a: Array, b: Array) -> Array:
    """np.cross of (..., 3), without its overhead."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
