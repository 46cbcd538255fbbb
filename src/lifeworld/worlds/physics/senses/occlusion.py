"""Whether what a pixel shows is hidden at another moment: looked up in what the camera hits then; near edges, by a ray of its own.

A carried point lies between the middles of four pixels of the other picture. Behind all four it is hidden, before all four it is seen,
and so it is within a smooth patch of the surface it belongs to. What is left, points beside an edge, gets a ray each.
"""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.motion import Array, Direction, Floats, Indices, Motion, motion, picture
from lifeworld.worlds.physics.senses.rays import cast
from lifeworld.worlds.physics.senses.triangles import meet

MARGIN_M, MARGIN = 0.001, 0.001  # a surface hides what lies more than 1 mm + 0.1 % of its depth behind it
_ON_CENTRE_PX = 1e-3
_STEEPEST_PX = 2.5  # a change of depth from pixel to pixel, in pixels' widths: what is steeper may be a gap between two parts of a mesh
_CONVEX = tuple(int(getattr(mujoco.mjtGeom, f"mjGEOM_{name}")) for name in ("PLANE", "SPHERE", "CAPSULE", "ELLIPSOID", "CYLINDER", "BOX"))


def occluded(look: Look, camera: str, direction: Direction) -> NDArray[np.bool_]:
    """Whether what each pixel shows is hidden or out of the picture then, (height, width). True too where nothing is, so that what is
    not occluded has a flow, and its target shows it."""
    seen, moved = picture(look, camera), motion(look, camera, direction)
    other = moved.at.hits(camera)
    hides = _hiding(other.depth_m).ravel()
    if moved.moved is None:
        out, left = np.ones(len(seen.surface), np.bool_), np.arange(len(seen.surface))
    else:
        out, left = ~(moved.nearness >= hides), moved.moved
    if len(left):
        out[left] = _hidden(look, seen.surface, moved, other, hides, left)
    return out.reshape(seen.hits.surface.shape)


def _hiding(depth_m: Floats) -> Floats:
    """The nearness [1/m] below which each pixel hides what lies there."""
    return np.float32(1.0) / (depth_m * np.float32(1.0 + MARGIN) + np.float32(MARGIN_M))


def _hidden(look: Look, surface: NDArray[np.int32], moved: Motion, other: Hits, hides: Floats, pixels: Indices) -> NDArray[np.bool_]:
    """Which of the pixels (n,) are hidden."""
    lens, flow = other.camera, moved.flow[:, pixels]
    width, height = lens.width_px, lens.height_px
    row, column = np.divmod(pixels.astype(np.int32), np.int32(width))
    with np.errstate(invalid="ignore"):
        x, y = flow[0] + (column + np.float32(0.5)), flow[1] + (row + np.float32(0.5))
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    hidden = np.ones(len(pixels), np.bool_)
    which = np.flatnonzero(inside)
    x, y, pixels = x[which], y[which], pixels[which]
    nearness, surface = moved.nearness[pixels], surface[pixels]
    patches = _Patches(look, other, hides.reshape(height, width))
    cell = patches.cells(x, y)
    behind, before = nearness < patches.least[cell], nearness >= patches.most[cell]
    own = patches.smooth[cell] & (patches.surface[cell] == surface)
    doubtful = np.flatnonzero(behind)
    doubtful = doubtful[patches.show(cell[doubtful], surface[doubtful])]  # it may slope away beyond the last middle that shows it
    hidden[which] = behind
    unsure = np.concatenate([np.flatnonzero(~(behind | before | own)), doubtful])
    # A target in the middle of a pixel has its ray already.
    at = np.floor(y[unsure]).astype(np.int64) * width + np.floor(x[unsure]).astype(np.int64)
    off = np.maximum(np.abs(x[unsure] % 1 - 0.5), np.abs(y[unsure] % 1 - 0.5))
    middle = off < _ON_CENTRE_PX
    hidden[which[unsure[middle]]] = nearness[unsure[middle]] < hides[at[middle]]
    unsure = unsure[~middle]
    places = np.stack([x[unsure], y[unsure]], axis=1).astype(np.float64)
    hidden[which[unsure]] = nearness[unsure] < _hiding(first_hits_m(look.model, moved.at.data, lens, moved.eye, places).astype(np.float32))
    return hidden


class _Patches:
    """What lies between the middles of four pixels, for every such square of a picture in a row: the `least` and the `most` nearness that
    hides, one of its surfaces, and whether it is a smooth piece of that one alone."""

    def __init__(self, look: Look, hits: Hits, hides: Floats) -> None:
        self._height, self._width = hides.shape
        left, right = _beside(hides)
        (a, b), (c, d) = _beside(np.minimum(left, right).T), _beside(np.maximum(left, right).T)
        self.least, self.most = np.minimum(a, b).T.ravel(), np.maximum(c, d).T.ravel()
        left, right = _beside(hits.surface)
        (a, b), (c, d) = _beside(left.T), _beside(right.T)
        self.surface = hits.surface.ravel()
        convex = np.zeros(look.model.ngeom + look.model.nflex + 1, np.bool_)
        convex[: look.model.ngeom] = np.isin(look.model.geom_type, _CONVEX)
        steep = self.most - self.least > self.most * np.float32(_STEEPEST_PX / hits.camera.fx_px)
        self.smooth = ((a == b) & (c == d) & (a == c)).T.ravel() & (convex[self.surface] | ~steep)

    def cells(self, x: Floats, y: Floats) -> Indices:
        """The square (n,) that places [px] lie in; beyond the outermost middles the nearest."""
        column = np.maximum((x - np.float32(0.5)).astype(np.int32), 0)
        row = np.maximum((y - np.float32(0.5)).astype(np.int32), 0)
        return np.asarray(row * self._width + column, dtype=np.int64)

    def show(self, cells: Indices, surface: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether any middle of squares (n,) shows a surface (n,)."""
        row, column = np.divmod(cells, self._width)
        below, right = np.minimum(row + 1, self._height - 1), np.minimum(column + 1, self._width - 1)
        corners = ((y * self._width + x) for y in (row, below) for x in (column, right))
        return np.logical_or.reduce([self.surface[corner] == surface for corner in corners])


def _beside(plane: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """A plane (height, width), and what lies right of each of its pixels; of the last column itself."""
    return plane, np.concatenate([plane[:, 1:], plane[:, -1:]], axis=1)


def first_hits_m(model: mujoco.MjModel, data: mujoco.MjData, lens: Camera, eye: Pose, places: Array) -> Array:
    """The depth (n,) [m] of what rays through places (n, 2) [px] in a picture hit first; +inf where nothing is."""
    _, depth, _ = cast(model, data, eye, lens.unproject(places, 1.0))
    for flex in range(model.nflex):
        ray, met, _ = meet(lens, (soft.skin(model, data, flex) - eye.position_m) @ eye.rotation, places)
        depth[ray] = np.minimum(depth[ray], met)
    return depth
