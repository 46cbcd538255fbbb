"""Which point of a soft body's skin a pixel shows, as weights of its vertices: so that the point is found again when the body has moved."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.triangles import weights_of

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Points of soft bodies: the pixels (k,) that show them, row by row, and of which soft body (k,) they are.

    Each lies in a triangle of vertices (k, 3), numbered through the model, at weights (k, 3), and `out_m` (k,) off along the vertices'
    normals (below 0 on a sheet's other side).
    """

    pixels: NDArray[np.int64]
    flex: NDArray[np.int64]
    vertices: NDArray[np.int64]
    weights: Array
    out_m: Array

    def places(self, model: mujoco.MjModel, data: mujoco.MjData) -> Array:
        """Where the points (k, 3) [m] are, world frame, when the soft bodies are as `data` has them."""
        vertices, normals = np.array(data.flexvert_xpos), np.zeros((model.nflexvert, 3))
        for flex in np.unique(self.flex).tolist():
            start, count = int(model.flex_vertadr[flex]), int(model.flex_vertnum[flex])
            normals[start : start + count] = soft.vertex_normals(vertices[start : start + count], soft.faces(model, flex))
        corners = vertices[self.vertices] + self.out_m[:, None, None] * normals[self.vertices]
        return np.asarray(np.einsum("nk,nkj->nj", self.weights, corners))


def skin_of(model: mujoco.MjModel, data: mujoco.MjData, hits: Hits) -> Skin | None:
    """The points of soft bodies that a picture shows, `data` being at its moment; None where it shows none."""
    if hits.triangle is None:
        return None
    surface = hits.surface.ravel()
    shown = np.flatnonzero(surface >= model.ngeom)
    parts = [_of_one(model, data, hits, int(s) - model.ngeom, shown[surface[shown] == s]) for s in np.unique(surface[shown])]
    return Skin(*(np.concatenate(column) for column in zip(*parts, strict=True))) if parts else None


def _of_one(
    model: mujoco.MjModel, data: mujoco.MjData, hits: Hits, flex: int, pixels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array, Array]:
    """The fields of a Skin, of one soft body."""
    assert hits.triangle is not None
    eye, faces, radius = hits.world_from_camera, soft.faces(model, flex), float(model.flex_radius[flex])
    toward, depth = hits.camera.rays().reshape(-1, 3)[pixels], hits.depth_m.ravel()[pixels]
    triangle = hits.triangle.ravel()[pixels].astype(np.int64)
    sides = (soft.skin(model, data, flex) - eye.position_m) @ eye.rotation
    weights, met = weights_of(sides[triangle], toward)
    out = np.full(len(pixels), radius)
    if soft.is_sheet(model, flex):
        other, met_other = weights_of(sides[triangle + len(faces)], toward)
        behind = ~(np.abs(met - depth) <= np.abs(met_other - depth))  # of the two sides, the one whose depth was seen
        weights[behind], out[behind] = other[behind], -radius
    vertices = faces[triangle].astype(np.int64) + int(model.flex_vertadr[flex])
    return pixels, np.full(len(pixels), flex), vertices, weights, out
