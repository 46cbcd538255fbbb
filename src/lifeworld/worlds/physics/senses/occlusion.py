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
from lifeworld.worlds.physics.senses.hits import Hits
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.senses.motion import Array, Direction, Floats, Indices, Motion, Picture, coat_at, motion, picture
from lifeworld.worlds.physics.senses.rays import cast
from lifeworld.worlds.physics.senses.triangles import meet

MARGIN_M, MARGIN = 0.001, 0.001  # a surface hides what lies more than 1 mm + 0.1 % of its depth behind it
_ON_CENTRE_PX = 1e-3
_GRAZING = 0.1  # the cosine below which a tangent plane says little of what lies a pixel beside
_STEEPEST_PX = 2.5  # a change of depth from pixel to pixel, in pixels' widths: what is steeper may be a gap between two parts of a mesh
_CONVEX = tuple(int(getattr(mujoco.mjtGeom, f"mjGEOM_{name}")) for name in ("PLANE", "SPHERE", "CAPSULE", "ELLIPSOID", "CYLINDER", "BOX"))


def occluded(look: Look, camera: str, direction: Direction) -> NDArray[np.bool_]:
    """Whether what each pixel shows is hidden or out of the picture then, (height, width). True too where nothing is, so that what is
    not occluded has a flow, and its target shows it."""
    seen, moved = picture(look, camera), motion(look, camera, direction)
    other = moved.at.hits(camera)
    hides = _hiding(other.depth_m)
    patches = _Patches(look.model, other, hides)
    if moved.moved is None:
        out = _hidden(look, seen, moved, patches, None)
    else:
        out = ~(moved.nearness >= hides.ravel())
        if len(moved.moved):
            out[moved.moved] = _hidden(look, seen, moved, patches, moved.moved)
    return out.reshape(seen.hits.surface.shape)


def _hiding(depth_m: NDArray[Any]) -> Floats:
    """The nearness [1/m] below which each pixel hides what lies there."""
    return np.asarray(1.0 / (depth_m * np.float32(1.0 + MARGIN) + np.float32(MARGIN_M)), dtype=np.float32)


def _hidden(look: Look, seen: Picture, moved: Motion, patches: _Patches, pixels: Indices | None) -> NDArray[np.bool_]:
    """Which of the pixels (n,) are hidden; None for all of them."""
    lens, half = seen.hits.camera, np.float32(0.5)
    if pixels is None:
        nearness, surface = moved.nearness, seen.surface
        across, down = moved.flow.reshape(2, lens.height_px, lens.width_px)
        columns, rows = (np.arange(size).astype(np.float32) + half for size in (lens.width_px, lens.height_px))
        x, y = (across + columns).ravel(), (down + rows[:, None]).ravel()
    else:
        nearness, surface = moved.nearness.take(pixels), seen.surface.take(pixels)
        row, column = np.divmod(pixels.astype(np.int32), np.int32(lens.width_px))
        x, y = moved.flow[0].take(pixels) + (column + half), moved.flow[1].take(pixels) + (row + half)
    inside: NDArray[np.bool_] = (x >= 0) & (x < lens.width_px) & (y >= 0) & (y < lens.height_px)
    cell = patches.cells(x, y)
    behind, before = nearness < patches.least.take(cell), nearness >= patches.most.take(cell)
    own = patches.plain.take(cell) == surface
    hidden: NDArray[np.bool_] = behind | ~inside
    some = np.flatnonzero(inside & (behind | ~(before | own)))
    x, y, nearness = x.take(some), y.take(some), nearness.take(some)
    hidden[some], near_edge = patches.hidden(cell.take(some), x, y, nearness, surface.take(some))
    unsure = np.flatnonzero(near_edge)
    places = np.stack([x, y], axis=1)[unsure].astype(np.float64)
    skins = coat_at(look, moved.at) if look.model.nflex else None
    first_m = first_hits_m(look.model, moved.at.data, skins, lens, moved.eye, places)
    hidden[some[unsure]] = nearness.take(unsure) < _hiding(first_m)
    return hidden


class _Patches:
    """What lies between the middles of four pixels, for every such square of a picture in a row; the last of a row and the last row are
    their own neighbours. The `least` and the `most` nearness that hides, and which surface it is a smooth patch of (`plain`, −2 for none).
    """

    def __init__(self, model: mujoco.MjModel, hits: Hits, hides: Floats) -> None:
        self._height, self._width = hides.shape
        self._lens, self._surface, self._hides, self._normal = hits.camera, hits.surface.ravel(), hides.ravel(), hits.normal.reshape(-1, 3)
        self._steepest = np.float32(_STEEPEST_PX / hits.camera.fx_px)
        self._convex = np.zeros(model.ngeom + model.nflex + 1, np.bool_)
        self._convex[: model.ngeom] = np.isin(model.geom_type, _CONVEX)
        least, most, one = hides.copy(), hides.copy(), np.ones(hides.shape, np.bool_)
        for these, others in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
            one[these] &= one[others] & (hits.surface[these] == hits.surface[others])
            np.minimum(least[these], least[others], out=least[these])
            np.maximum(most[these], most[others], out=most[these])
        smooth = self._convex.take(hits.surface) | (most - least <= most * self._steepest)
        self.least, self.most, self.plain = least.ravel(), most.ravel(), np.where(one & smooth, hits.surface, -2).ravel()

    def cells(self, x: Floats, y: Floats) -> Indices:
        """The square (n,) that places [px] lie in, some square for those outside the picture."""
        column = np.fmin(np.fmax(x - np.float32(0.5), 0), self._width - 1).astype(np.int32)
        row = np.fmin(np.fmax(y - np.float32(0.5), 0), self._height - 1).astype(np.int32)
        return np.asarray(row * np.int32(self._width) + column, dtype=np.int64)

    def hidden(
        self, cells: Indices, x: Floats, y: Floats, nearness: Floats, surface: NDArray[np.int32]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether points (n,) of squares that are not plain are hidden, and whether an edge is too near to say."""
        row, column = np.divmod(cells, self._width)
        rows = np.stack([row, row, *[np.minimum(row + 1, self._height - 1)] * 2])
        columns = np.stack([column, np.minimum(column + 1, self._width - 1)] * 2)
        corners = rows * self._width + columns
        hides, shows_it = self._hides.take(corners), self._surface.take(corners) == surface
        # A convex shape does not hide what faces the camera; of a mesh, what is near in depth too is the same piece.
        same = shows_it & (self._convex.take(surface) | (np.abs(hides - nearness) <= self._steepest * nearness))
        covers = (nearness < hides) & ~same
        covers &= ~(hides * self._slope(corners, rows, columns, x, y) <= nearness)  # what meets it there without an edge
        none, every = ~covers.any(axis=0), covers.all(axis=0) & ~shows_it.any(axis=0)
        # A place in the middle of a pixel has its ray already.
        across, down = x - np.float32(0.5) - column, y - np.float32(0.5) - row
        nearest = np.rint(np.fmin(np.fmax(across, 0), 1)).astype(np.int64) + 2 * np.rint(np.fmin(np.fmax(down, 0), 1)).astype(np.int64)
        middle = np.maximum(np.abs(across - np.rint(across)), np.abs(down - np.rint(down))) < _ON_CENTRE_PX
        at_middle = np.take_along_axis(nearness < hides, nearest[None], axis=0)[0]
        return np.where(middle, at_middle, every), ~(none | every | middle)

    def _slope(self, corners: Indices, rows: Indices, columns: Indices, x: Floats, y: Floats) -> Floats:
        """How much nearer the plane through what each corner (4, n) hits is at places (n,) than at the corner; NaN for steep ones."""
        lens, normal = self._lens, self._normal.take(corners, axis=0)
        across, down = normal[..., 0] / np.float32(lens.fx_px), normal[..., 1] / np.float32(lens.fy_px)
        off_x, off_y = columns + np.float32(0.5 - lens.cx_px), rows + np.float32(0.5 - lens.cy_px)
        facing = across * off_x + down * off_y + normal[..., 2]
        change = across * (x - (columns + np.float32(0.5))) + down * (y - (rows + np.float32(0.5)))
        return np.where(facing < -_GRAZING, 1 + change / facing, np.nan)


def first_hits_m(model: mujoco.MjModel, data: mujoco.MjData, skins: Array | None, lens: Camera, eye: Pose, places: Array) -> Array:
    """The depth (n,) [m] of what rays through places (n, 2) [px] in a picture hit first, soft bodies' `skins` too; +inf for nothing."""
    _, depth = cast(model, data, eye, lens.unproject(places, 1.0), None)
    if skins is not None and len(places):
        ray, met, _ = meet(lens, (skins - eye.position_m) @ eye.rotation, places)
        depth[ray] = np.minimum(depth[ray], met)
    return depth
