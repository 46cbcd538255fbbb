"""What every pixel of a picture hits first: which surface, how far away, facing where. All that is seen but colour follows from it.

A surface is a geom of the model (0 … ngeom − 1) or a soft body (ngeom + flex); −1 is nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera, opencv_from_opengl
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """The first hit of the ray through the centre of every pixel.

    `surface` (height, width) int32, −1 where nothing is. `depth_m` (height, width) float32 along the optical axis, +inf where nothing is.
    `normal` (height, width, 3) float32, unit, camera frame (OpenCV), on the side that the camera sees (its z is ≤ 0); NaN where nothing is.
    `triangle` (height, width) int32: of a soft body, which of its triangles (`soft.faces`) was hit, −1 elsewhere; None where a
    scene has no soft body.
    """

    camera: Camera
    world_from_camera: Pose
    surface: NDArray[np.int32]
    depth_m: NDArray[np.float32]
    normal: NDArray[np.float32]
    triangle: NDArray[np.int32] | None


def pinhole_of(camera: CameraMount) -> Camera:
    """The lens of a mounted camera."""
    return Camera.from_fov_y(np.deg2rad(camera.fov_y_deg), camera.width_px, camera.height_px)


def camera_pose(model: mujoco.MjModel, data: mujoco.MjData, name: str) -> Pose:
    """world_from_camera of the camera of this name; the engine's own cameras look along −Z."""
    index, quat = model.cam(name).id, np.empty(4)
    mujoco.mju_mat2Quat(quat, data.cam_xmat[index])
    return opencv_from_opengl(Pose(data.cam_xpos[index], quat))
