"""Whether a camera stands inside a thing, where all it would show is the inner side of its surface.

Only what is solid counts: a bowl, a cupboard or a room is made of pieces with nothing between them. What the camera is fixed to does not
count, since a head may be drawn around its own eye.
"""

from __future__ import annotations

from itertools import product

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.state import FULL

Array = NDArray[np.float64]
DEEP_M = 1e-6
"""A camera on a surface is not inside; what rounds to it is not either."""
_TYPES = mujoco.mjtGeom


def check_cameras(compiled: Compiled, vector: Array, data: mujoco.MjData) -> None:
    """Raise SceneError if a camera stands inside a thing at the state `vector`, naming both and how to mend it; `data` is scratch.

    Asked when a world begins and not later: a hand that dips its eye into a box for a moment is no mistake of the scene, and an episode
    does not die of it.
    """
    model, instance = compiled.model, compiled.surfaces.instance
    mujoco.mj_setState(model, data, vector, FULL)
    for stage in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_camlight, mujoco.mj_flex):
        stage(model, data)
    for index in [model.cam(camera.name).id for camera in compiled.scene.cameras]:  # a body's own eye goes where the body does
        eye, own = data.cam_xpos[index], int(model.body_rootid[model.cam_bodyid[index]])
        away = np.linalg.norm(data.geom_xpos - eye, axis=1)
        touched = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
        near = (away <= model.geom_rbound) & touched & (instance[: model.ngeom] > 0)  # what has no bound (the ground) is none
        if own:
            near &= model.body_rootid[model.geom_bodyid] != own
        holders = [int(instance[g]) for g in np.flatnonzero(near) if _in_geom(model, data, int(g), eye)]
        solids = [f for f in range(model.nflex) if model.flex_dim[f] == 3 and _in_soft(model, data, f, eye)]
        holders += [int(instance[model.ngeom + f]) for f in solids]
        for holder in dict.fromkeys(holders):
            if _enclosed(compiled, data, holder, eye):
                names = [*(t.name for t in compiled.scene.things), *(e.name for e in compiled.scene.embodiments)]
                camera, thing = model.cam(index).name, names[holder - 1]
                raise SceneError(
                    f"the camera stands inside {thing!r} and would see nothing else",
                    where=f"camera {camera!r}",
                    got=f"position_m = {np.round(eye, 4).tolist()} in the world",
                    fix=f"Move the camera or {thing!r}; or, if it is to look out of {thing!r}, fix it to it: attach = {thing!r}.",
                )


def _in_geom(model: mujoco.MjModel, data: mujoco.MjData, geom: int, point: Array) -> bool:
    """Whether a point lies in a geom: the closed forms of primitives, of a mesh its convex hull, by which the engine touches it."""
    x, y, z = (point - data.geom_xpos[geom]) @ data.geom_xmat[geom].reshape(3, 3)
    a, b, c = model.geom_size[geom]
    match int(model.geom_type[geom]):
        case _TYPES.mjGEOM_SPHERE:
            return bool(np.hypot(np.hypot(x, y), z) < a - DEEP_M)
        case _TYPES.mjGEOM_CAPSULE:
            return bool(np.hypot(np.hypot(x, y), z - np.clip(z, -b, b)) < a - DEEP_M)
        case _TYPES.mjGEOM_CYLINDER:
            return bool(np.hypot(x, y) < a - DEEP_M and abs(z) < b - DEEP_M)
        case _TYPES.mjGEOM_ELLIPSOID:
            return bool((x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 < (1 - DEEP_M / min(a, b, c)) ** 2)
        case _TYPES.mjGEOM_BOX:
            return bool(max(abs(x) - a, abs(y) - b, abs(z) - c) < -DEEP_M)
        case _TYPES.mjGEOM_MESH:
            return _in_hull(model, int(model.geom_dataid[geom]), np.array([x, y, z]))
    return False


def _in_hull(model: mujoco.MjModel, mesh: int, point: Array) -> bool:
    """Whether a point of a mesh's frame lies behind every face of its convex hull, as the engine keeps it (`mesh_graph`)."""
    start = int(model.mesh_graphadr[mesh])
    if start < 0:
        return False
    corners, faces = int(model.mesh_graph[start]), int(model.mesh_graph[start + 1])
    first = start + 2 + 3 * corners + 3 * faces
    triangles = model.mesh_graph[first : first + 3 * faces].reshape(-1, 3)
    vertices = model.mesh_vert[int(model.mesh_vertadr[mesh]) :].astype(np.float64)
    places = vertices[triangles]
    normals = np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0])
    length = np.linalg.norm(normals, axis=1)
    normals, places = normals[length > 0] / length[length > 0, None], places[length > 0, 0]
    middle = vertices[np.unique(triangles)].mean(axis=0)
    normals *= -np.sign(np.sum((middle - places) * normals, axis=1, keepdims=True))  # outward
    return bool((np.sum((point - places) * normals, axis=1) < -DEEP_M).all())


def _in_soft(model: mujoco.MjModel, data: mujoco.MjData, flex: int, point: Array) -> bool:
    """Whether a point lies in one of the tetrahedra of a solid soft body."""
    start, count = int(model.flex_elemdataadr[flex]), int(model.flex_elemnum[flex])
    first, vertices = int(model.flex_vertadr[flex]), int(model.flex_vertnum[flex])
    corners = data.flexvert_xpos[first : first + vertices][model.flex_elem[start : start + 4 * count].reshape(-1, 4)]
    sides = np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
    whole = np.abs(np.linalg.det(sides)) > 0
    if not whole.any():
        return False
    shares = np.linalg.solve(sides[whole], (point - corners[whole, 0])[..., None])[..., 0]
    return bool(((shares > -1e-9).all(axis=1) & (shares.sum(axis=1) < 1 + 1e-9)).any())  # a face between two of them is inside


def _enclosed(compiled: Compiled, data: mujoco.MjData, holder: int, eye: Array) -> bool:
    """Whether the thing is seen whichever way one looks: what is touched may be larger than what is seen (the hull of an imported mesh)."""
    model, instance = compiled.model, compiled.surfaces.instance
    if holder in instance[model.ngeom : -1]:
        return True  # a soft thing, seen as it is touched
    seen = np.flatnonzero((instance[: model.ngeom] == holder) & (model.geom_group != ONLY_TOUCHED)).tolist()
    ways = np.array(list(product((-1.0, 1.0), repeat=3))) / np.sqrt(3)
    return all(any(_meets(model, data, geom, eye, way) for geom in seen) for way in ways)


def _meets(model: mujoco.MjModel, data: mujoco.MjData, geom: int, eye: Array, way: Array) -> bool:
    """Whether a ray meets a geom."""
    if model.geom_type[geom] == int(_TYPES.mjGEOM_MESH):
        return bool(mujoco.mj_rayMesh(model, data, geom, eye, way) >= 0)
    place, turn, size = data.geom_xpos[geom], data.geom_xmat[geom], model.geom_size[geom]
    return bool(mujoco.mju_rayGeom(place, turn, size, eye, way, int(model.geom_type[geom])) >= 0)
