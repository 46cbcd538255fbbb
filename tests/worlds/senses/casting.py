"""Rays cast once more, from the text-book and one shape at a time: what the engine's own rays and OpenGL are held against."""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses import soft

Array = NDArray[np.float64]
PLANE, SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX = (
    int(getattr(mujoco.mjtGeom, f"mjGEOM_{n}")) for n in ("PLANE", "SPHERE", "CAPSULE", "ELLIPSOID", "CYLINDER", "BOX")
)


def first_hits(model: mujoco.MjModel, data: mujoco.MjData, eye_m: Array, rays: Array) -> tuple[Array, NDArray[np.int64]]:
    """How many times its own length each ray (n, 3) from `eye_m` goes until it hits something (n,), inf if never; and which surface."""
    best, surface = np.full(len(rays), np.inf), np.full(len(rays), -1)
    for which, near, travel in _each(model, data, eye_m, rays):
        nearer = travel < best[near]
        best[near[nearer]], surface[near[nearer]] = travel[nearer], which
    return best, surface


def _each(model: mujoco.MjModel, data: mujoco.MjData, eye_m: Array, rays: Array) -> Iterator[tuple[int, NDArray[np.int64], Array]]:
    """For every seen surface: its number, the rays (k,) that come near it, and how far (k,) they go to it."""
    units = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    for geom in np.flatnonzero(model.geom_group < 3).tolist():
        turn = data.geom_xmat[geom].reshape(3, 3)
        middle, kind, size = data.geom_xpos[geom], int(model.geom_type[geom]), model.geom_size[geom]
        near = np.arange(len(rays))
        if kind != PLANE:
            off = middle - eye_m
            along = np.maximum(units @ off, 0.0)
            near = np.flatnonzero(np.linalg.norm(off - along[:, None] * units, axis=1) <= model.geom_rbound[geom] * 1.001)
        if not len(near):
            continue
        start, toward = (eye_m - middle) @ turn, rays[near] @ turn
        if model.geom_dataid[geom] >= 0:
            mesh = int(model.geom_dataid[geom])
            vertices = model.mesh_vert[model.mesh_vertadr[mesh] :][: model.mesh_vertnum[mesh]].astype(float)
            faces = model.mesh_face[model.mesh_faceadr[mesh] :][: model.mesh_facenum[mesh]]
            yield geom, near, triangles(vertices[faces], start, toward)
        else:
            yield geom, near, primitive(kind, size, start, toward)
    for flex in range(model.nflex):
        yield model.ngeom + flex, np.arange(len(rays)), triangles(soft.skin(model, data, flex), eye_m, rays)


def primitive(kind: int, size: Array, start: Array, toward: Array) -> Array:
    """How far rays (n, 3) from `start` go to a shape at the origin (n,): the first root ahead, inf for none."""
    with np.errstate(all="ignore"):
        if kind == PLANE:
            return _ahead(-start[2] / toward[:, 2])
        if kind == SPHERE:
            return _round(start / size[0], toward / size[0])
        if kind == ELLIPSOID:
            return _round(start / size, toward / size)
        if kind == BOX:
            one, other = (-size - start) / toward, (size - start) / toward
            enter, leave = np.minimum(one, other).max(axis=1), np.maximum(one, other).min(axis=1)
            return np.where(enter <= leave, np.where(enter > 0, enter, _ahead(leave)), np.inf)
        radius, half = size[0], size[1]
        sides = []
        for root in _roots(start[:2] / radius, toward[:, :2] / radius):
            sides.append(np.where(np.abs(start[2] + root * toward[:, 2]) <= half, _ahead(root), np.inf))
        for end in (-half, half):
            if kind == CYLINDER:
                root = (end - start[2]) / toward[:, 2]
                sides.append(np.where(np.linalg.norm(start[:2] + root[:, None] * toward[:, :2], axis=1) <= radius, _ahead(root), np.inf))
            else:
                assert kind == CAPSULE
                for root in _roots((start - (0, 0, end)) / radius, toward / radius):
                    outer = (start[2] + root * toward[:, 2]) * np.sign(end) >= half
                    sides.append(np.where(outer, _ahead(root), np.inf))
        return np.min(sides, axis=0)


def triangles(corners: Array, start: Array, toward: Array) -> Array:
    """How far rays (n, 3) from `start` go to the nearest of triangles (m, 3, 3) (n,), inf for none. Möller & Trumbore (1997)."""
    best = np.full(len(toward), np.inf)
    a, b, c = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    off = start - a
    across = np.cross(off, b)
    for some in np.array_split(np.arange(len(toward)), max(1, len(toward) * len(corners) // 500_000)):
        with np.errstate(all="ignore"):
            side = np.cross(toward[some, None], c)
            scale = 1.0 / np.einsum("rtj,tj->rt", side, b)
            u = np.einsum("rtj,tj->rt", side, off) * scale
            v = np.einsum("rj,tj->rt", toward[some], across) * scale
            far = np.einsum("tj,tj->t", across, c) * scale
            hit = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (far > 0)
        best[some] = np.where(hit, far, np.inf).min(axis=1, initial=np.inf)
    return best


def normal_of(kind: int, size: Array, points: Array) -> Array:
    """The outward normals (n, 3) of a shape at the origin at points (n, 3) of its surface."""
    if kind == PLANE:
        return np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    if kind == BOX:
        side = np.argmax(np.abs(points) / size, axis=1)
        return np.eye(3)[side] * np.sign(points)
    if kind == ELLIPSOID:
        out = points / size**2
    elif kind == SPHERE:
        out = points
    elif kind == CAPSULE:
        out = points - np.clip(points, (0, 0, -size[1]), (0, 0, size[1]))
    else:
        assert kind == CYLINDER
        cap = np.abs(points[:, 2]) / size[1] >= np.linalg.norm(points[:, :2], axis=1) / size[0]
        out = np.where(cap[:, None], points * (0, 0, 1), points * (1, 1, 0))
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def _roots(start: Array, toward: Array) -> tuple[Array, Array]:
    """Where rays meet the unit sphere about the origin, of as many dimensions as there are; NaN where they do not."""
    a, b, c = np.einsum("nj,nj->n", toward, toward), toward @ start, start @ start - 1.0
    root = np.sqrt(b * b - a * c)
    return (-b - root) / a, (-b + root) / a


def _round(start: Array, toward: Array) -> Array:
    return np.minimum(*(_ahead(root) for root in _roots(start, toward)))


def _ahead(travel: Array) -> Array:
    return np.where(travel > 0, travel, np.inf)
