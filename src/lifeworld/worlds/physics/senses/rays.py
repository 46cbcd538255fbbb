"""Pictures without OpenGL: one ray a pixel, shaded simply. Slower than GL in detail, exact in depth and ids, needs nothing."""

from __future__ import annotations

import copy
import math

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.build import ONLY_TOUCHED
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses import soft
from lifeworld.worlds.physics.senses.hits import Hits, camera_pose, pinhole_of
from lifeworld.worlds.physics.senses.triangles import meet
from lifeworld.worlds.physics.surface import seen

SEEN_GROUPS = np.array([1, 1, 1, 0, 0, 0], dtype=np.uint8)


class RayPainter:
    """Pictures by `mj_multiRay`: the nearest seen geom of every pixel, its normal, and the lights' Lambert shading.

    The engine's batched rays pass through soft things; those are hit triangle by triangle here.
    """

    name = "rays"

    def __init__(self, compiled: Compiled) -> None:
        self._compiled, self._model = compiled, compiled.model
        self._alone: mujoco.MjModel | None = None  # the model again, whose groups are ours to change
        self._last: tuple[tuple[object, ...], Hits] | None = None
        rgba = self._model.geom_rgba.copy()
        has_material = self._model.geom_matid >= 0
        rgba[has_material] = self._model.mat_rgba[self._model.geom_matid[has_material]]
        flexes = self._model.mat_rgba[soft.materials(self._model)]
        self._color = np.concatenate([rgba, flexes, np.zeros((1, 4))])[:, :3].astype(np.float64)  # the last row is that of −1, nothing

    def hits(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        # Not by qpos, which is a step ahead of where things are when the engine has just stepped.
        key = (camera, *(array.tobytes() for array in (data.xpos, data.xquat, data.flexvert_xpos)))
        if self._last is None or self._last[0] != key:
            self._last = key, self._cast(data, camera)
        return self._last[1]

    def _cast(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        model, pinhole = self._model, pinhole_of(camera)
        world_from_camera = camera_pose(model, data, camera.name)
        eye, axes = world_from_camera.position_m, world_from_camera.rotation
        toward = pinhole.rays().reshape(-1, 3)
        normal = np.zeros(toward.size)
        surface, depth = cast(model, data, world_from_camera, toward, normal)
        normals = normal.reshape(-1, 3) @ axes
        triangle = np.full(len(toward), -1, np.int32) if model.nflex else None
        for flex in range(model.nflex):
            assert triangle is not None
            corners = (soft.skin(model, data, flex) - eye) @ axes
            where, z, which = meet(pinhole, corners)
            nearer = z < depth[where]
            where, z, which = where[nearer], z[nearer], which[nearer]
            across = np.cross(corners[which, 1] - corners[which, 0], corners[which, 2] - corners[which, 0])
            depth[where], surface[where], triangle[where] = z, model.ngeom + flex, which % len(soft.faces(model, flex))
            normals[where] = across / np.linalg.norm(across, axis=1, keepdims=True)
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
        hits, model = self.hits(data, camera), self._model
        ids = self._compiled.surfaces.instance[hits.surface].ravel()
        instances = len(self._compiled.bounds) + len(self._compiled.embodied)
        out = np.zeros((len(ids), (instances + 7) // 8), np.uint8)
        toward, shown_geoms = hits.camera.rays().reshape(-1, 3), seen(model)
        if self._alone is None:
            self._alone = copy.copy(model)
        for instance in range(1, instances + 1):
            shown = ids == instance
            geoms = np.flatnonzero((self._compiled.geom_instance == instance) & shown_geoms)
            pixels = np.flatnonzero(_may_hide(hits, data.geom_xpos[geoms], model.geom_rbound[geoms]) & ~shown)
            self._alone.geom_group[:] = ONLY_TOUCHED
            self._alone.geom_group[geoms] = 0
            surface, _ = cast(self._alone, data, hits.world_from_camera, toward[pixels], None)
            shown[pixels] = surface >= 0
            for flex in np.flatnonzero(self._compiled.flex_instance == instance).tolist():
                eye = hits.world_from_camera
                shown[meet(hits.camera, (soft.skin(model, data, flex) - eye.position_m) @ eye.rotation)[0]] = True
            out[:, (instance - 1) // 8] |= shown.astype(np.uint8) << ((instance - 1) % 8)
        return out.reshape(*hits.surface.shape, -1)

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


def cast(
    model: mujoco.MjModel, data: mujoco.MjData, world_from_camera: Pose, toward: NDArray[np.float64], normal: NDArray[np.float64] | None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The seen geom (n,) that each ray (n, 3) of the camera's frame, z = 1, hits first, −1 for none, and its depth (n,) [m], +inf for none.

    Writes the normals there, world frame, on no side in particular, into `normal` (3n,) if there is one. Soft bodies are passed through.
    """
    n = len(toward)
    geom, distance = np.full(n, -1, np.int32), np.full(n, -1.0)
    if n:
        rays = (toward @ world_from_camera.rotation.T).ravel()  # distances come in lengths of the ray, so as depth
        eye = world_from_camera.position_m
        mujoco.mj_multiRay(model, data, eye, rays, SEEN_GROUPS, True, -1, geom, distance, normal, n, mujoco.mjMAXVAL)
    return geom, np.where(geom >= 0, distance, np.inf)


def _may_hide(hits: Hits, middles_m: NDArray[np.float64], radii_m: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The pixels, in a row, before balls (n, 3) about geoms of a thing where what is seen is not behind all of them."""
    lens, out = hits.camera, np.zeros(hits.surface.shape, np.bool_)
    for (x, y, z), r in zip((middles_m - hits.world_from_camera.position_m) @ hits.world_from_camera.rotation, radii_m, strict=True):
        if z + r <= 0:
            continue
        left, right = _shadow(x, z, r)
        top, bottom = _shadow(y, z, r)
        columns = np.clip(np.array([np.floor(left * lens.fx_px + lens.cx_px), np.ceil(right * lens.fx_px + lens.cx_px)]), 0, lens.width_px)
        rows = np.clip(np.array([np.floor(top * lens.fy_px + lens.cy_px), np.ceil(bottom * lens.fy_px + lens.cy_px)]), 0, lens.height_px)
        part = slice(*rows.astype(int)), slice(*columns.astype(int))
        out[part] |= hits.depth_m[part] < z + r
    return out.ravel()


def _shadow(across: float, depth: float, radius: float) -> tuple[float, float]:
    """Between which slopes a ball is seen whose middle is so far across and away; of one not wholly ahead, anywhere."""
    if depth <= radius:
        return -math.inf, math.inf
    spread = radius * math.sqrt(across * across + depth * depth - radius * radius)
    least = depth * depth - radius * radius
    return (across * depth - spread) / least, (across * depth + spread) / least
