"""Who looks, from where, and which things come into sight: a camera with its lens, or a far light with its box."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.senses.gl.drawn import Drawn

NEAREST_M = 0.001
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """A frame to look from: `position_m` (3,), `axes` (3, 3) whose columns are right, down and forward in the world.

    `lens` are four numbers for the programs (glsl/place.glsl), `picture` is width, height and focal lengths [px]; `parallel` for a
    light that is far away.
    """

    position_m: Array
    axes: Array
    lens: tuple[float, float, float, float]
    picture: tuple[float, float, float, float]
    parallel: bool = False

    def from_world(self, points: Array) -> Array:
        return np.asarray((points - self.position_m) @ self.axes)

    def meets(self, middles: NDArray[np.float32], radius_m: Array) -> NDArray[np.bool_]:
        """Whether balls (n, 3) of this frame, of radius (n,), may reach into the picture."""
        x, y, z = middles.T
        a, b, near, _ = self.lens
        if self.parallel:
            return np.asarray((np.abs(x) < a + radius_m) & (np.abs(y) < b + radius_m))
        # The side planes go through the eye: that on the right is a x = z.
        across, down = np.abs(a * x) - z, np.abs(b * y) - z
        return np.asarray((z + radius_m > near) & (across < radius_m * np.hypot(a, 1.0)) & (down < radius_m * np.hypot(b, 1.0)))


def eye_of(camera: Camera, position_m: Array, axes: Array, *, times: int) -> Eye:
    """The eye behind a lens, `times` as many pixels each way."""
    lens = (2 * camera.fx_px / camera.width_px, 2 * camera.fy_px / camera.height_px, NEAREST_M, 0.0)
    width, height = float(times * camera.width_px), float(times * camera.height_px)
    return Eye(position_m, axes, lens, (width, height, times * camera.fx_px, times * camera.fy_px))


class Now:
    """Where everything of one state is, read once from the engine's data."""

    def __init__(self, drawn: Drawn, data: mujoco.MjData) -> None:
        self.drawn = drawn
        self.position_m = data.geom_xpos[drawn.geoms]
        self.turn = data.geom_xmat[drawn.geoms].reshape(-1, 3, 3)
        self.soft: NDArray[np.float32] | None = None
        if drawn.soft is not None:
            middles, self.soft_radius_m, self.soft = drawn.soft.now(data)
            self.position_m = np.concatenate([self.position_m, middles])
            self.turn = np.concatenate([self.turn, np.broadcast_to(np.eye(3), (len(middles), 3, 3))])

    def of(self, eye: Eye) -> NDArray[np.float32]:
        """frame_from_thing (things, 3, 4) of who looks."""
        out = np.empty((len(self.position_m), 3, 4), dtype=np.float32)
        out[:, :, :3] = eye.axes.T @ self.turn
        out[:, :, 3] = eye.from_world(self.position_m)
        return out


class Sight:
    """A camera of the scene at one state: its eye, where things are before it, and which may be seen."""

    def __init__(self, drawn: Drawn, data: mujoco.MjData, mount: CameraMount, *, times: int = 1) -> None:
        index = drawn.model.cam(mount.name).id
        self.camera = Camera.from_fov_y(np.deg2rad(mount.fov_y_deg), mount.width_px, mount.height_px)
        axes = data.cam_xmat[index].reshape(3, 3) * (1.0, -1.0, -1.0)  # the engine's camera looks along −Z with +Y up
        self.now = Now(drawn, data)
        self.eye = eye_of(self.camera, data.cam_xpos[index].copy(), axes, times=times)
        self.poses = self.now.of(self.eye)
        self.seen = self.eye.meets(self.poses[:, :, 3], drawn.radius_m)

    @property
    def world_from_camera(self) -> Pose:
        return Pose(self.eye.position_m, quat_from_matrix(self.eye.axes))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [px] of what is drawn."""
        return (int(self.eye.picture[0]), int(self.eye.picture[1]))

    def same(self, other: object) -> bool:
        """Whether another sight shows the same to the bit."""
        return (
            isinstance(other, Sight)
            and other.now.drawn is self.now.drawn
            and other.eye.picture == self.eye.picture
            and np.array_equal(other.poses, self.poses)
            and (self.now.soft is None or (other.now.soft is not None and np.array_equal(other.now.soft, self.now.soft)))
        )
