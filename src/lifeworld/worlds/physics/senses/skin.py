"""Which point of a soft body's skin a pixel shows, as weights of a triangle's corners: so that it is found again when they have moved."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.triangles import planes

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Points of soft bodies: the pixels (k,) that show them, in a row, the triangle (k,) of the `coat` that each lies in, and the weights
    (3, k) of its corners."""

    pixels: Indices
    triangle: Indices
    weights: Floats

    def blend(self, corners: Array) -> Floats:
        """What the points have (3, k) of something that the corners of the coat (n, 3, 3) have."""
        a, b, c = _each(corners, self.triangle)
        a *= self.weights[0]
        a += b * self.weights[1]
        a += c * self.weights[2]
        return np.asarray(a)


def coat(model: mujoco.MjModel, data: mujoco.MjData) -> Array:
    """Corners (n, 3, 3) [m], world frame, of the skins of all soft bodies, one after the other (`soft.skin`)."""
    return np.concatenate([soft.skin(model, data, flex) for flex in range(model.nflex)])


def skin_of(model: mujoco.MjModel, corners: Array, hits: Hits) -> Skin | None:
    """The points of soft bodies that a picture shows, their coat being `corners` at its moment; None where it shows none."""
    if hits.triangle is None:
        return None
    surface = hits.surface.ravel()
    pixels = np.flatnonzero(surface >= model.ngeom)
    if not len(pixels):
        return None
    first, other = _rows(model)
    flex = surface.take(pixels) - model.ngeom
    triangle = hits.triangle.ravel().take(pixels) + first.take(flex)
    eye = hits.world_from_camera
    sides, volume = planes((corners - eye.position_m) @ eye.rotation)
    weights, depth = _met(hits, pixels, sides, volume, triangle)
    sheet = np.flatnonzero(other.take(flex))
    if len(sheet):  # of its two sides, the one whose depth was seen
        seen, behind = hits.depth_m.ravel().take(pixels[sheet]), triangle[sheet] + other.take(flex[sheet])
        weights_behind, depth_behind = _met(hits, pixels[sheet], sides, volume, behind)
        turned = ~(np.abs(depth[sheet] - seen) <= np.abs(depth_behind - seen))
        triangle[sheet[turned]], weights[:, sheet[turned]] = behind[turned], weights_behind[:, turned]
    return Skin(pixels, triangle, weights)


def _rows(model: mujoco.MjModel) -> tuple[Indices, Indices]:
    """Where in the coat each soft body begins, and of a sheet how many rows on its other side is, 0 of others."""
    faces = np.array([len(soft.faces(model, flex)) for flex in range(model.nflex)])
    other = np.where([soft.is_sheet(model, flex) for flex in range(model.nflex)], faces, 0)
    return np.cumsum(faces + other) - faces - other, other


def _met(hits: Hits, pixels: Indices, sides: Array, volume: Array, triangle: Indices) -> tuple[Floats, Floats]:
    """The weights (3, k) and depths (k,) at which pixels' rays meet the planes of triangles."""
    row, column = np.divmod(pixels, hits.camera.width_px)
    x = ((column + 0.5 - hits.camera.cx_px) / hits.camera.fx_px).astype(np.float32)
    y = ((row + 0.5 - hits.camera.cy_px) / hits.camera.fy_px).astype(np.float32)
    across = _each(sides, triangle)
    weights = across[:, 0] * x + across[:, 1] * y + across[:, 2]
    total = weights.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return weights / total, volume.astype(np.float32).take(triangle) / total


def _each(corners: Array, triangle: Indices) -> Floats:
    """Of every point what the corners (n, 3, 3) of its triangle have: (3, 3, k)."""
    return np.take(np.ascontiguousarray(corners.reshape(-1, 9).T, dtype=np.float32), triangle, axis=1).reshape(3, 3, -1)
