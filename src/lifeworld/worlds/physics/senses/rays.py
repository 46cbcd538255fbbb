"""Pictures without OpenGL: one ray a pixel, shaded simply. Slower than GL in detail, exact in depth and ids, needs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import Compiled

if TYPE_CHECKING:
    from lifeworld.worlds.physics.senses.see import Picture

_SEEN_GROUPS = np.array([1, 1, 1, 0, 0, 0], dtype=np.uint8)


class RayPainter:
    """Pictures by `mj_multiRay`: the nearest seen geom of every pixel, its normal, and the lights' Lambert shading.

    The engine's batched rays pass through soft things; those are hit triangle by triangle here.
    """

    name = "rays"

    def __init__(self, compiled: Compiled) -> None:
        self._compiled, self._model = compiled, compiled.model
        rgba = self._model.geom_rgba.copy()
        has_material = self._model.geom_matid >= 0
        rgba[has_material] = self._model.mat_rgba[self._model.geom_matid[has_material]]
        # One row more, so that −1, the geom of a ray that hits nothing, finds the background.
        self._color = np.append(rgba[:, :3].astype(np.float64), [[0.0, 0.0, 0.0]], axis=0)
        self._instance = np.append(compiled.geom_instance, np.int32(0))

    def paint(self, data: mujoco.MjData, camera: CameraMount, wanted: frozenset[str]) -> Picture:
        from lifeworld.worlds.physics.senses.see import Picture

        model = self._model
        pinhole = Camera.from_fov_y(np.deg2rad(camera.fov_y_deg), camera.width_px, camera.height_px)
        height, width = camera.height_px, camera.width_px
        index = model.cam(camera.name).id
        world_from_gl = data.cam_xmat[index].reshape(3, 3)
        axes = world_from_gl @ np.diag([1.0, -1.0, -1.0])  # OpenGL looks along −Z with +Y up
        toward = pinhole.rays().reshape(-1, 3)
        stretch = np.linalg.norm(toward, axis=1)
        rays = np.ascontiguousarray((toward / stretch[:, None]) @ axes.T)
        n = len(rays)
        geoms, distance, normal = np.full(n, -1, np.int32), np.full(n, -1.0), np.zeros(3 * n)
        mujoco.mj_multiRay(
            model, data, data.cam_xpos[index], rays.ravel(), _SEEN_GROUPS, True, -1, geoms, distance, normal, n, mujoco.mjMAXVAL
        )
        hit = geoms >= 0
        depth = np.where(hit, distance / stretch, np.inf)
        ids, colors, normals = self._instance[geoms], self._color[geoms], normal.reshape(-1, 3)
        for flex in range(model.nflex):
            corners = (_triangles(model, data, flex) - data.cam_xpos[index]) @ axes
            where, z, facing = _hits(pinhole, corners, depth, thick_m=float(model.flex_radius[flex]))
            depth[where], ids[where], hit[where] = z, self._compiled.flex_instance[flex], True
            colors[where], normals[where] = model.mat_rgba[model.flex_matid[flex], :3], facing @ axes.T
        rgb = self._shade(data, rays, hit, colors, normals).reshape(height, width, 3) if "rgb" in wanted else None
        return Picture(
            rgb=rgb,
            depth_m=depth.astype(np.float32).reshape(height, width) if "depth_m" in wanted else None,
            instance_ids=ids.reshape(height, width) if "instance_ids" in wanted else None,
        )

    def _shade(
        self,
        data: mujoco.MjData,
        rays: NDArray[np.float64],
        hit: NDArray[np.bool_],
        colors: NDArray[np.float64],
        normals: NDArray[np.float64],
    ) -> NDArray[np.uint8]:
        """Ambient and Lambert light on plain colours, the sky's gradient elsewhere: (n, 3) uint8."""
        model = self._model
        up = np.clip(rays[:, 2:3] * 0.5 + 0.5, 0.0, 1.0)
        color = (1 - up) * np.array([0.93, 0.95, 0.97]) + up * np.array([0.62, 0.72, 0.83])
        facing = -np.sign(np.sum(rays * normals, axis=1, keepdims=True)) * normals
        light = np.full((len(rays), 3), model.vis.headlight.ambient[0])
        light += model.vis.headlight.diffuse * np.clip(-np.sum(rays * facing, axis=1, keepdims=True), 0, 1)
        for index in range(model.nlight):
            if model.light_type[index] == int(mujoco.mjtLightType.mjLIGHT_DIRECTIONAL):
                light += model.light_diffuse[index] * np.clip(-facing @ data.light_xdir[index], 0, 1)[:, None]
        color[hit] = colors[hit] * light[hit]
        return np.asarray(np.clip(color, 0, 1) * 255, dtype=np.uint8)

    def close(self) -> None:
        """Nothing is held."""


def _triangles(model: mujoco.MjModel, data: mujoco.MjData, flex: int) -> NDArray[np.float64]:
    """The outer triangles (n, 3 corners, 3) [m] of a soft body, world frame: a sheet's elements, or the shell of a solid."""
    vertices = data.flexvert_xpos[model.flex_vertadr[flex] : model.flex_vertadr[flex] + model.flex_vertnum[flex]]
    if model.flex_dim[flex] == 2:
        start, count = int(model.flex_elemdataadr[flex]), int(model.flex_elemnum[flex])
        corners = model.flex_elem[start : start + 3 * count]
    else:
        start, count = int(model.flex_shelldataadr[flex]), int(model.flex_shellnum[flex])
        corners = model.flex_shell[start : start + 3 * count]
    return np.asarray(vertices[corners.reshape(-1, 3)], dtype=np.float64)


def _hits(
    camera: Camera, triangles: NDArray[np.float64], depth: NDArray[np.float64], *, thick_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Pixels (flat index) where triangles (n, 3, 3) of the camera's frame lie before `depth` (h·w,): index, depth [m], normal (k, 3).

    The surface lies `thick_m` before the triangles, as a soft body's skin does.
    """
    width, height = camera.width_px, camera.height_px
    best, facing = depth.copy(), np.zeros((len(depth), 3))
    for corners in triangles[(triangles[:, :, 2] > 0.01).all(axis=1)]:
        pixels = camera.project(corners)
        low = np.maximum(np.floor(pixels.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(pixels.max(axis=0)).astype(int), (width, height))
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        if (high <= low).any() or not normal.any():
            continue
        toward = -normal / np.linalg.norm(normal) * np.sign(corners[0] @ normal)  # the side that the camera is on
        corners = corners + thick_m * toward
        v, u = (g.ravel() for g in np.mgrid[low[1] : high[1], low[0] : high[0]])
        rays = np.stack([(u + 0.5 - camera.cx_px) / camera.fx_px, (v + 0.5 - camera.cy_px) / camera.fy_px, np.ones(len(u))], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (corners[0] @ normal) / (rays @ normal)
            points = rays * z[:, None]
            sides = [np.cross(corners[(k + 1) % 3] - corners[k], points - corners[k]) @ normal for k in range(3)]
            index = v * width + u
            inside = (np.min(sides, axis=0) >= 0) & (z > 0) & (z < best[index])
        best[index[inside]] = z[inside]
        facing[index[inside]] = normal / np.linalg.norm(normal)
    where = np.flatnonzero(best < depth)
    return where, best[where], facing[where]
