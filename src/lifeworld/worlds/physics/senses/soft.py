"""Soft bodies as surfaces: their outer triangles and where the corners are. A soft thing is seen as thick as it is touched."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray


def faces(model: mujoco.MjModel, flex: int) -> NDArray[np.int32]:
    """The outer triangles (n, 3) of a soft body as numbers of its own vertices: a sheet's elements, or the shell of a solid."""
    if model.flex_dim[flex] == 2:
        start, count = int(model.flex_elemdataadr[flex]), int(model.flex_elemnum[flex])
        return np.asarray(model.flex_elem[start : start + 3 * count], dtype=np.int32).reshape(-1, 3)
    start, count = int(model.flex_shelldataadr[flex]), int(model.flex_shellnum[flex])
    return np.asarray(model.flex_shell[start : start + 3 * count], dtype=np.int32).reshape(-1, 3)


def is_sheet(model: mujoco.MjModel, flex: int) -> bool:
    """Whether a soft body has two sides (cloth), not an inside."""
    return int(model.flex_dim[flex]) == 2


def materials(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The material of each soft body (nflex,), −1 for none: the engine has one for every element, ours are of one stuff."""
    return np.asarray(model.flex_matid[model.flex_elemadr[: model.nflex]]) if model.nflex else np.zeros(0, dtype=np.int32)


def vertices(model: mujoco.MjModel, data: mujoco.MjData, flex: int) -> NDArray[np.float64]:
    """Where the vertices (n, 3) [m] of a soft body are, world frame: the middle of its skin, which is `flex_radius` thick on each side."""
    start, count = int(model.flex_vertadr[flex]), int(model.flex_vertnum[flex])
    return np.array(data.flexvert_xpos[start : start + count])


def vertex_normals(corners: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """Unit normals (n, 3) of vertices (n, 3), the mean of their triangles' by area; zero where there is none."""
    sides = corners[triangles]
    across = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    total = np.zeros_like(corners)
    for k in range(3):
        np.add.at(total, triangles[:, k], across)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(np.divide(total, length, out=np.zeros_like(total), where=length > 0))


def skin(model: mujoco.MjModel, data: mujoco.MjData, flex: int) -> NDArray[np.float64]:
    """Corners (n, 3, 3) [m], world frame, of the triangles that are seen of a soft body: `faces` moved out by its thickness.

    A sheet has them twice, first on the side its triangles turn about, then on the other.
    """
    places, triangles = vertices(model, data, flex), faces(model, flex)
    out = vertex_normals(places, triangles) * model.flex_radius[flex]
    sides = (places + out, places - out) if is_sheet(model, flex) else (places + out,)
    return np.concatenate([side[triangles] for side in sides])
