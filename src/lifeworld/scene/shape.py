"""The shapes parts are made of: six primitives, and the ways to make meshes (lathe, tube, extrusion, rounded box).

All shapes are centred on their own origin except meshes, whose vertices are where they say. Sizes are full sizes [m].
A mesh that collides is taken as its convex hull; hollow things collide by several convex pieces (see `ring`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ShapeError

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A box of full sizes `size_m` (x, y, z)."""

    size_m: Vec3

    @property
    def volume_m3(self) -> float:
        return self.size_m[0] * self.size_m[1] * self.size_m[2]

    @property
    def half_m(self) -> Vec3:
        return (self.size_m[0] / 2, self.size_m[1] / 2, self.size_m[2] / 2)


@dataclass(frozen=True, slots=True)
class Sphere:
    """A ball of `radius_m`."""

    radius_m: float

    @property
    def volume_m3(self) -> float:
        return 4 / 3 * np.pi * self.radius_m**3

    @property
    def half_m(self) -> Vec3:
        return (self.radius_m, self.radius_m, self.radius_m)


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid of semi-axes `radii_m` (x, y, z)."""

    radii_m: Vec3

    @property
    def volume_m3(self) -> float:
        return 4 / 3 * np.pi * self.radii_m[0] * self.radii_m[1] * self.radii_m[2]

    @property
    def half_m(self) -> Vec3:
        return self.radii_m


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A cylinder along z: `radius_m`, full `height_m`."""

    radius_m: float
    height_m: float

    @property
    def volume_m3(self) -> float:
        return np.pi * self.radius_m**2 * self.height_m

    @property
    def half_m(self) -> Vec3:
        return (self.radius_m, self.radius_m, self.height_m / 2)


@dataclass(frozen=True, slots=True)
class Capsule:
    """A cylinder along z with round ends: `radius_m`, `length_m` between the centres of the ends."""

    radius_m: float
    length_m: float

    @property
    def volume_m3(self) -> float:
        return np.pi * self.radius_m**2 * self.length_m + 4 / 3 * np.pi * self.radius_m**3

    @property
    def half_m(self) -> Vec3:
        return (self.radius_m, self.radius_m, self.length_m / 2 + self.radius_m)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles: `vertices_m` (n, 3) [m], `faces` (m, 3) counter-clockwise from outside; `smooth` shades across edges."""

    vertices_m: NDArray[np.float64]
    faces: NDArray[np.int32]
    smooth: bool = field(default=True)

    def __post_init__(self) -> None:
        vertices = np.ascontiguousarray(self.vertices_m, dtype=np.float64)
        faces = np.ascontiguousarray(self.faces, dtype=np.int32)
        if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3 or len(faces) == 0:
            raise ShapeError("a mesh needs vertices (n, 3) and faces (m, 3)", got=f"{vertices.shape} and {faces.shape}")
        if not np.isfinite(vertices).all() or faces.min() < 0 or faces.max() >= len(vertices):
            raise ShapeError("a mesh needs finite vertices and faces that name them")
        object.__setattr__(self, "vertices_m", vertices)
        object.__setattr__(self, "faces", faces)

    @cached_property
    def key(self) -> str:
        """A short digest of the content: equal meshes are compiled once."""
        content = self.vertices_m.tobytes() + self.faces.tobytes() + bytes([self.smooth])
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    @cached_property
    def volume_m3(self) -> float:
        """The enclosed volume by the divergence theorem; right for closed meshes."""
        a, b, c = (self.vertices_m[self.faces[:, i]] for i in range(3))
        return float(abs(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6)

    @cached_property
    def bounds_m(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and greatest corner (3,) [m]."""
        return self.vertices_m.min(axis=0), self.vertices_m.max(axis=0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mesh) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Shape = Box | Sphere | Ellipsoid | Cylinder | Capsule | Mesh


def lathe(profile_m: Sequence[tuple[float, float]], *, segments: int = 32) -> Mesh:
    """Turn a closed outline of (radius, z) points about z: glasses, bowls, bottles. Points run counter-clockwise in the (r, z) half plane
    (outside going up, inside coming down); where it does not start and end on the axis, the ends are joined."""
    outline = np.asarray(profile_m, dtype=np.float64)
    n, angles = len(outline), np.linspace(0, 2 * np.pi, segments, endpoint=False)
    r, z = outline[:, 0], outline[:, 1]
    vertices = np.stack([np.outer(np.cos(angles), r), np.outer(np.sin(angles), r), np.broadcast_to(z, (segments, n))], axis=-1).reshape(
        -1, 3
    )
    faces = []
    last = n if (r[0] > 1e-9 or r[-1] > 1e-9) else n - 1  # a ring-like outline closes on itself
    for i in range(segments):
        j = (i + 1) % segments
        for k in range(last):
            m = (k + 1) % n
            a, b, c, d = i * n + k, j * n + k, j * n + m, i * n + m
            if r[k] > 1e-9:
                faces.append((a, b, c if r[m] > 1e-9 else d))
            if r[m] > 1e-9:
                faces.append((a, c, d))
    return Mesh(vertices, np.array(faces, dtype=np.int32))


def tube(path_m: ArrayLike, radius_m: float, *, segments: int = 10) -> Mesh:
    """A round bar along a path (n, 3) [m] with flat ends: handles, spouts, bent wire."""
    path = np.asarray(path_m, dtype=np.float64)
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    normal = np.cross(tangents[0], (0.0, 0.0, 1.0) if abs(tangents[0][2]) < 0.9 else (1.0, 0.0, 0.0))
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    rings = []
    for point, tangent in zip(path, tangents, strict=True):
        normal = normal - tangent * (normal @ tangent)  # carried along without twist
        normal /= np.linalg.norm(normal)
        side = np.cross(tangent, normal)
        rings.append(point + radius_m * (np.cos(angles)[:, None] * normal + np.sin(angles)[:, None] * side))
    n = len(path)
    vertices = np.concatenate([*rings, path[:1], path[-1:]])
    faces = []
    for k in range(n - 1):
        for i in range(segments):
            j = (i + 1) % segments
            a, b, c, d = k * segments + i, k * segments + j, (k + 1) * segments + j, (k + 1) * segments + i
            faces += [(a, b, c), (a, c, d)]
    for i in range(segments):
        j = (i + 1) % segments
        faces += [(n * segments, j, i), (n * segments + 1, (n - 1) * segments + i, (n - 1) * segments + j)]
    return Mesh(vertices, np.array(faces, dtype=np.int32))


def extrude(outline_m: ArrayLike, height_m: float) -> Mesh:
    """A convex outline (n, 2) counter-clockwise [m], raised from z = 0 to `height_m`; flat-shaded."""
    outline = np.asarray(outline_m, dtype=np.float64)
    n = len(outline)
    low = np.column_stack([outline, np.zeros(n)])
    high = np.column_stack([outline, np.full(n, height_m)])
    faces = [(0, i + 1, i) for i in range(1, n - 1)] + [(n, n + i, n + i + 1) for i in range(1, n - 1)]
    for i in range(n):
        j = (i + 1) % n
        faces += [(i, j, n + j), (i, n + j, n + i)]
    return Mesh(np.concatenate([low, high]), np.array(faces, dtype=np.int32), smooth=False)


def rounded_box(size_m: Vec3, radius_m: float, *, steps: int = 3) -> Mesh:
    """A box of full sizes `size_m` with edges rounded by `radius_m`: cushions, appliances, soap."""
    half = np.asarray(size_m) / 2
    radius = min(radius_m, *(half * 0.999))
    # A sphere's grid, cut open at the equator and pulled apart to the corners of the inner box.
    lats = np.concatenate([np.linspace(-np.pi / 2, 0, steps + 1), np.linspace(0, np.pi / 2, steps + 1)])
    signs_z = np.array([-1.0] * (steps + 1) + [1.0] * (steps + 1))
    lons = np.concatenate([np.linspace(q * np.pi / 2, (q + 1) * np.pi / 2, steps + 1) for q in range(4)])
    corner = np.repeat(np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=np.float64), steps + 1, axis=0)
    inner = half - radius
    rings = []
    for lat, sz in zip(lats, signs_z, strict=True):
        direction = np.column_stack([np.cos(lat) * np.cos(lons), np.cos(lat) * np.sin(lons), np.full(len(lons), np.sin(lat))])
        centre = np.column_stack([corner * inner[:2], np.full(len(lons), sz * inner[2])])
        rings.append(centre + radius * direction)
    n, rows = len(lons), len(rings)
    vertices = np.concatenate([*rings, [[0.0, 0.0, -half[2]]], [[0.0, 0.0, half[2]]]])
    faces = []
    for k in range(rows - 1):
        for i in range(n):
            j = (i + 1) % n
            a, b, c, d = k * n + i, k * n + j, (k + 1) * n + j, (k + 1) * n + i
            faces += [(a, b, c), (a, c, d)]
    for i in range(n):
        j = (i + 1) % n
        faces += [(rows * n, j, i), (rows * n + 1, (rows - 1) * n + i, (rows - 1) * n + j)]
    corners = vertices[np.array(faces)]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return Mesh(vertices, np.array(faces, dtype=np.int32)[area > 1e-12])  # the poles repeat a point: their slivers go


def arc(radius_m: float, start_rad: float, end_rad: float, *, points: int = 9) -> NDArray[np.float64]:
    """Points (n, 2) [m] of a circular arc about the origin, for outlines and paths."""
    t = np.linspace(start_rad, end_rad, points)
    return np.column_stack([radius_m * np.cos(t), radius_m * np.sin(t)])
