"""What of a thing a force takes hold of: its bodies, their shares of its mass, the areas that wind blows on, its joints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_conjugate, rotate
from lifeworld.scene import archetype
from lifeworld.worlds.physics.asset import is_asset
from lifeworld.worlds.physics.compile import Bound, Compiled
from lifeworld.worlds.physics.layout import Layout

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
PATCH = 9
"""How many vertices of a soft thing a hand takes hold of."""
_CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class JointHandle:
    """A joint of a thing: where its position lies in qpos, its degree of freedom, and the sign that leads from closed to open."""

    qpos: int
    dof: int
    opens: float


@dataclass(frozen=True, slots=True, eq=False)
class Handle:
    """One thing as forces see it.

    `bodies` (k,) are those of its bodies that can move, `mass_kg` (k,) their masses, `area_m2` (k, 3) what each shows across the axes of
    its inertia, `rest_m` (k, 3) where they are in the model itself: those of a soft thing, where it was laid down (`laid`). `loose` says
    that the thing as a whole can be moved.
    """

    name: str
    instance: int
    bodies: Ints
    mass_kg: Array
    area_m2: Array
    rest_m: Array
    laid: Pose
    root: int
    loose: bool
    soft: bool
    joints: Mapping[str, JointHandle]

    @property
    def total_kg(self) -> float:
        return float(self.mass_kg.sum())

    def patch(self, at_m: tuple[float, float, float]) -> Ints:
        """Which (p,) of the bodies of a soft thing lie nearest to a point [m] in the frame it was laid down in."""
        off = np.linalg.norm(self.rest_m - self.laid.apply(np.asarray(at_m)), axis=1)
        return np.sort(np.argsort(off, kind="stable")[:PATCH])


class Handles(Mapping[str, Handle]):
    """Those of all things of a compiled scene, by name."""

    def __init__(self, compiled: Compiled) -> None:
        model = compiled.model
        self.compiled, self.layout = compiled, Layout.of(model)
        rest = mujoco.MjData(model)
        mujoco.mj_kinematics(model, rest)
        mujoco.mj_flex(model, rest)
        shown = _shown_m2(model)
        self._handles = {bound.thing.name: _handle(compiled, i + 1, bound, rest, shown) for i, bound in enumerate(compiled.bounds)}

    def __getitem__(self, name: str) -> Handle:
        return self._handles[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)


def _handle(compiled: Compiled, instance: int, bound: Bound, rest: mujoco.MjData, shown: Array) -> Handle:
    model, thing = compiled.model, bound.thing
    own = np.flatnonzero((compiled.body_instance == instance) & (model.body_weldid != 0) & (model.body_mass > 0)).astype(np.int64)
    area = shown[own]
    if bound.soft >= 0:  # its vertices do not turn: on average over all directions a sheet shows half its face
        start, count = int(model.flex_vertadr[bound.soft]), int(model.flex_vertnum[bound.soft])
        x, y, z = np.ptp(rest.flexvert_xpos[start : start + count], axis=0)
        area = np.full((len(own), 3), (x * y + y * z + z * x) / 2 / max(len(own), 1))
    return Handle(
        name=thing.name,
        instance=instance,
        bodies=own,
        mass_kg=model.body_mass[own].copy(),
        area_m2=area,
        rest_m=rest.xipos[own].copy(),
        laid=thing.pose or Pose(),
        root=bound.body,
        loose=bound.qpos >= 0 or bound.soft >= 0,
        soft=bound.soft >= 0,
        joints=_joints(bound),
    )


def _joints(bound: Bound) -> dict[str, JointHandle]:
    ranges = {} if is_asset(bound.thing) else {j.name: j.range for j in archetype.build(bound.thing).joints}
    out = {}
    for name, qpos, dof in bound.joints:
        closed, opened = ranges.get(name) or (0.0, 1.0)
        out[name] = JointHandle(qpos, dof, 1.0 if opened >= closed else -1.0)
    return out


def _shown_m2(model: mujoco.MjModel) -> Array:
    """(nbody, 3) [m²]: the sides of the box around each body's shapes, across the axes of its inertia."""
    geoms = np.flatnonzero(model.geom_type != mujoco.mjtGeom.mjGEOM_PLANE)
    bodies, box = model.geom_bodyid[geoms], model.geom_aabb[geoms, None]
    corners = model.geom_pos[geoms, None] + rotate(model.geom_quat[geoms, None], box[..., :3] + _CORNERS * box[..., 3:])
    there = rotate(quat_conjugate(model.body_iquat[bodies, None]), corners - model.body_ipos[bodies, None])
    low, high = np.full((model.nbody, 3), np.inf), np.full((model.nbody, 3), -np.inf)
    np.minimum.at(low, bodies, there.min(axis=1))
    np.maximum.at(high, bodies, there.max(axis=1))
    x, y, z = np.where(np.isfinite(high), high - low, 0.0).T
    return np.stack([y * z, z * x, x * y], axis=1)
