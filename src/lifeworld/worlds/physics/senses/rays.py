"""Pictures without OpenGL: one ray a pixel, shaded simply. Slower than GL in detail, exact in depth and ids, needs nothing."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.hits import Hits, camera_pose, pinhole_of

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
        flexes = self._model.mat_rgba[self._model.flex_matid]
        self._color = np.concatenate([rgba, flexes, np.zeros((1, 4))])[:, :3].astype(np.float64)  # the last row is that of −1, nothing

    def hits(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        model, pinhole = self._model, pinhole_of(camera)
        world_from_camera = camera_pose(model, data, camera.name)
        axes = world_from_camera.rotation
        toward = pinhole.rays().reshape(-1, 3)
        stretch = np.linalg.norm(toward, axis=1)
        rays = np.ascontiguousarray((toward / stretch[:, None]) @ axes.T)
        n = len(rays)
        surface, distance, normal = np.full(n, -1, np.int32), np.full(n, -1.0), np.zeros(3 * n)
        mujoco.mj_multiRay(
            model, data, world_from_camera.position_m, rays.ravel(), _SEEN_GROUPS, True, -1, surface, distance, normal, n, mujoco.mjMAXVAL
        )
        hit = surface >= 0
        depth = np.where(hit, distance / stretch, np.inf)
        normals = normal.reshape(-1, 3) @ axes
        triangle = np.full(n, -1, np.int32) if model.nflex else None
        for flex in range(model.nflex):
            faces = soft.faces(model, flex)
            corners = (soft.vertices(model, data, flex)[faces] - world_from_camera.position_m) @ axes
            where, z, facing, which = _hits(pinhole, corners, depth, thick_m=float(model.flex_radius[flex]))
            depth[where], surface[where], normals[where] = z, model.ngeom + flex, facing
            assert triangle is not None
            triangle[where] = which
        normals *= -np.sign(np.sum(normals * toward, axis=1, keepdims=True))  # the side that the camera is on
        normals[surface < 0] = np.nan
        size = camera.height_px, camera.width_px
        return Hits(
            camera=pinhole,
            world_from_camera=world_from_camera,
            surface=surface.reshape(size),
            depth_m=depth.astype(np.float32).reshape(size),
            normal=normals.astype(np.float32).reshape(*size, 3),
            triangle=None if triangle is None else triangle.reshape(size),
        )

    def rgb(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        hits = self.hits(data, camera)
        axes = hits.world_from_camera.rotation
        rays = hits.camera.rays().reshape(-1, 3) @ axes.T
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        surface = hits.surface.ravel()
        normals = np.nan_to_num(hits.normal.reshape(-1, 3).astype(np.float64)) @ axes.T
        return self._shade(data, rays, surface >= 0, self._color[surface], normals).reshape(*hits.surface.shape, 3)

    def amodal(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        raise NotImplementedError

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


def _hits(
    camera: Camera, triangles: NDArray[np.float64], depth: NDArray[np.float64], *, thick_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Pixels (flat index) where triangles (n, 3, 3) of the camera's frame lie before `depth` (h·w,).

    Index, depth [m], normal (k, 3) and which triangle.

    The surface lies `thick_m` before the triangles, as a soft body's skin does.
    """
    width, height = camera.width_px, camera.height_px
    best, facing, which = depth.copy(), np.zeros((len(depth), 3)), np.full(len(depth), -1, np.int32)
    for number in np.flatnonzero((triangles[:, :, 2] > 0.01).all(axis=1)):
        corners = triangles[number]
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
        which[index[inside]] = number
    where = np.flatnonzero(best < depth)
    return where, best[where], facing[where], which[where]
