"""The box around each thing in space, square to the thing's own frame: what is seen of it, its parts where they are now.

What is fixed to a thing's own body has the same extent for ever, found once for a model. Only parts that move and soft things are
measured again: by the exact reach of each shape along each axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.look import Look
from lifeworld.worlds.physics.surface import seen

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
_GEOM = mujoco.mjtGeom
_BOX, _SPHERE, _ELLIPSOID, _CYLINDER, _CAPSULE = (
    int(g) for g in (_GEOM.mjGEOM_BOX, _GEOM.mjGEOM_SPHERE, _GEOM.mjGEOM_ELLIPSOID, _GEOM.mjGEOM_CYLINDER, _GEOM.mjGEOM_CAPSULE)
)


def box_3d(look: Look, _: str) -> Array:
    """(things, 10): the middle [m] and the turn (w, x, y, z) of the box in the world, its full size [m]; NaN for a thing unseen by all."""
    data = look.data
    low, high = look.tables(Extents).of(data)
    body = look.poser.body
    turn = data.xmat[body].reshape(-1, 3, 3)
    middle = data.xpos[body] + np.einsum("nij,nj->ni", turn, (low + high) / 2)
    size = high - low
    unseen = ~(size >= 0).all(axis=1)
    out = np.concatenate([middle, look.poser.quat_wxyz(data.xquat), size], axis=1)
    out[unseen] = np.nan
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Reach:
    """How far geoms (n,) reach along axes: half sizes of boxes, semi-axes of ellipsoids and a round margin, in each geom's own frame.

    A sphere is all margin, a capsule a box without width and a margin, a cylinder the box of its axis and the ellipsoid of its disc.
    """

    geom: Indices
    thing: Indices
    half_m: Array
    semi_m: Array
    margin_m: Array

    def of(self, thing_from_geom: Array, low: Array, high: Array) -> None:
        """Widen boxes (things, 3) by the geoms, given thing_from_geom (n, 3, 4)."""
        turn, middle = thing_from_geom[:, :, :3], thing_from_geom[:, :, 3]
        reach = np.einsum("nij,nj->ni", np.abs(turn), self.half_m) + self.margin_m[:, None]
        reach += np.sqrt(np.einsum("nij,nj->ni", turn**2, self.semi_m**2))
        np.minimum.at(low, self.thing, middle - reach)
        np.maximum.at(high, self.thing, middle + reach)


@dataclass(frozen=True, slots=True, eq=False)
class _Vertices:
    """The vertices (n, 3) of meshed geoms, each with its geom and thing (n,)."""

    geom: Indices
    thing: Indices
    places_m: Array

    def of(self, thing_from_geom: Array, low: Array, high: Array) -> None:
        """Widen boxes (things, 3) by the vertices, given thing_from_geom (n, 3, 4)."""
        places = np.einsum("nij,nj->ni", thing_from_geom[:, :, :3], self.places_m) + thing_from_geom[:, :, 3]
        np.minimum.at(low, self.thing, places)
        np.maximum.at(high, self.thing, places)


class Extents:
    """The boxes of all things of a model: what never changes of them, and what has to be measured again."""

    def __init__(self, compiled: Compiled) -> None:
        model = compiled.model
        self._model, self._bodies = model, np.array([b.body for b in compiled.bounds], dtype=np.int64)
        owner = np.full(model.ngeom, -1)
        things = compiled.geom_instance <= len(compiled.bounds)
        owner[things] = compiled.geom_instance[things] - 1
        shown = (owner >= 0) & seen(model)
        moves = _moves(model, set(self._bodies.tolist()))[model.geom_bodyid]
        self._soft = [(i, b.soft) for i, b in enumerate(compiled.bounds) if b.soft >= 0]
        first = mujoco.MjData(model)
        mujoco.mj_kinematics(model, first)
        self._low, self._high = (np.full((len(compiled.bounds), 3), far) for far in (np.inf, -np.inf))
        for shapes in _shapes(model, owner, np.flatnonzero(shown & ~moves)):
            shapes.of(self._frames(first, shapes.geom, shapes.thing), self._low, self._high)
        self._moving = _shapes(model, owner, np.flatnonzero(shown & moves))

    def of(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """The lowest and the highest corner (things, 3) [m] of each box in its thing's frame; lowest above highest for none."""
        low, high = self._low.copy(), self._high.copy()
        for shapes in self._moving:
            shapes.of(self._frames(data, shapes.geom, shapes.thing), low, high)
        for thing, flex in self._soft:
            body = self._bodies[thing]
            places = (soft.skin(self._model, data, flex).reshape(-1, 3) - data.xpos[body]) @ data.xmat[body].reshape(3, 3)
            low[thing], high[thing] = places.min(axis=0), places.max(axis=0)
        return low, high

    def _frames(self, data: mujoco.MjData, geom: Indices, thing: Indices) -> Array:
        """thing_from_geom (n, 3, 4)."""
        body = self._bodies[thing]
        turn = data.xmat[body].reshape(-1, 3, 3).transpose(0, 2, 1)
        out = np.empty((len(geom), 3, 4))
        out[:, :, :3] = turn @ data.geom_xmat[geom].reshape(-1, 3, 3)
        out[:, :, 3] = np.einsum("nij,nj->ni", turn, data.geom_xpos[geom] - data.xpos[body])
        return out


def _moves(model: mujoco.MjModel, roots: set[int]) -> NDArray[np.bool_]:
    """Which bodies (nbody,) may move within their thing."""
    out = np.zeros(model.nbody, np.bool_)
    for body in range(1, model.nbody):  # parents come before children
        if body not in roots:
            out[body] = model.body_jntnum[body] > 0 or out[model.body_parentid[body]]
    return out


def _shapes(model: mujoco.MjModel, owner: Indices, geoms: Indices) -> list[_Reach | _Vertices]:
    """How geoms reach, those of simple shape and those of meshes apart."""
    kind, size = model.geom_type[geoms], model.geom_size[geoms]
    half, semi, margin = np.zeros((len(geoms), 3)), np.zeros((len(geoms), 3)), np.zeros(len(geoms))
    box, cylinder, capsule, ellipsoid = (kind == k for k in (_BOX, _CYLINDER, _CAPSULE, _ELLIPSOID))
    half[box], semi[ellipsoid] = size[box], size[ellipsoid]
    half[cylinder, 2], semi[cylinder, :2] = size[cylinder, 1], size[cylinder, :1]
    half[capsule, 2] = size[capsule, 1]
    margin[capsule | (kind == _SPHERE)] = size[capsule | (kind == _SPHERE), 0]
    simple = np.isin(kind, (_BOX, _SPHERE, _ELLIPSOID, _CYLINDER, _CAPSULE))
    out: list[_Reach | _Vertices] = []
    if simple.any():
        out.append(_Reach(geoms[simple], owner[geoms[simple]], half[simple], semi[simple], margin[simple]))
    meshed = geoms[model.geom_dataid[geoms] >= 0]
    if len(meshed):
        mesh = model.geom_dataid[meshed]
        start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
        geom = np.repeat(meshed, count)
        places = np.concatenate([model.mesh_vert[a : a + n] for a, n in zip(start, count, strict=True)]).astype(np.float64)
        out.append(_Vertices(geom, owner[geom], places))
    return out
