"""The pinhole camera: points to pixels and back, and the border to cameras that look down -Z.

A Camera is what the lens does, not where it stands: the place is a Pose, `world_from_camera`. The camera frame is
OpenCV's (+X right, +Y down, +Z forward). Pixel centres lie at half-integers: the top left pixel covers [0, 1) x [0, 1)
and its centre is (0.5, 0.5), so a centred camera has `cx_px = width_px / 2`. OpenCV itself puts that centre at (0, 0):
give it `cx_px - 0.5`, `cy_px - 0.5`, and its pixels are ours minus 0.5.

Source: Hartley & Zisserman, Multiple View Geometry (2nd ed.), ch. 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.core.pose import Array, Pose, quat_multiply

MOST_PIXELS = 4096
"""The longest side of a picture [px]: 4096 x 4096 of colour and depth is 117 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera without distortion: size [px], focal lengths [px] and principal point [px].

    Raises:
        LimitError: if a side is not 1..4096 px, a focal length is not positive, or a number is not finite.
        ShapeError: if a number is not a number, or a side not a whole one.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float

    def __post_init__(self) -> None:
        for name in ("width_px", "height_px"):
            object.__setattr__(self, name, _side(name, getattr(self, name)))
        for name in ("fx_px", "fy_px", "cx_px", "cy_px"):
            value = _number(name, getattr(self, name))
            object.__setattr__(self, name, value)
            if name.startswith("f") and value <= 0:
                raise LimitError(f"a camera's {name} must be more than 0", got=value, fix="Use Camera.from_fov_y to get it from an angle.")

    @classmethod
    def from_fov_y(cls, fov_y_rad: float, width_px: int, height_px: int) -> Camera:
        """A centred camera with square pixels that sees `fov_y_rad` [rad] from its top edge to its bottom edge."""
        fov = _number("fov_y_rad", fov_y_rad)
        if not 0 < fov < math.pi:
            raise LimitError(
                "a camera's fov_y_rad lies between 0 and pi",
                got=fov,
                fix=f"Did you mean {math.radians(fov):.4g} rad ({fov:g} degrees)?" if 0 < fov < 180 else "Give the angle in radians.",
            )
        width, height = _side("width_px", width_px), _side("height_px", height_px)
        focal = height / 2 / math.tan(fov / 2)
        return cls(width_px=width, height_px=height, fx_px=focal, fy_px=focal, cx_px=width / 2, cy_px=height / 2)

    @property
    def fov_y_rad(self) -> float:
        """The angle [rad] between the rays through the top and the bottom edge."""
        return math.atan(self.cy_px / self.fy_px) + math.atan((self.height_px - self.cy_px) / self.fy_px)

    @property
    def image_shape(self) -> tuple[int, int]:
        """(height, width), as an array of its pixels is shaped."""
        return self.height_px, self.width_px

    @property
    def K(self) -> Array:
        """The matrix (3, 3) that takes camera points to homogeneous pixels."""
        return np.array([[self.fx_px, 0.0, self.cx_px], [0.0, self.fy_px, self.cy_px], [0.0, 0.0, 1.0]])

    def project(self, points_m: ArrayLike) -> Array:
        """Pixels (*batch, 2) of points (*batch, 3) [m] in the camera frame; NaN for points not in front of the camera.

        A pixel may lie outside the picture: compare with `image_shape`.
        """
        points = _vectors("points_m", points_m, 3)
        depth = points[..., 2:]
        with np.errstate(invalid="ignore", over="ignore"):
            ahead = np.where(depth > 0, depth, np.nan)
            return np.asarray(points[..., :2] / ahead * (self.fx_px, self.fy_px) + (self.cx_px, self.cy_px))

    def unproject(self, pixels: ArrayLike, depth_m: ArrayLike) -> Array:
        """Points (*batch, 3) [m] in the camera frame at pixels (*batch, 2) with depth (*batch,) [m] along the optical axis.

        Where the depth is not finite (unknown, or nothing there) no point is there: NaN.
        """
        uv = _vectors("pixels", pixels, 2)
        depth = np.asarray(depth_m, dtype=np.float64)
        try:
            depth = np.broadcast_to(depth, np.broadcast_shapes(uv.shape[:-1], depth.shape))
        except ValueError as error:
            raise ShapeError("the depths do not fit the pixels", got=depth.shape, expected=uv.shape[:-1]) from error
        depth = np.where(np.isfinite(depth), depth, np.nan)[..., None]
        slope = (uv - (self.cx_px, self.cy_px)) / (self.fx_px, self.fy_px)
        return np.concatenate([slope * depth, depth], axis=-1)

    def pixel_centers(self) -> Array:
        """The pixel (height, width, 2) at the middle of every pixel: (0.5, 0.5) at the top left."""
        across, down = np.meshgrid(np.arange(self.width_px) + 0.5, np.arange(self.height_px) + 0.5)
        return np.stack([across, down], axis=-1)

    def rays(self) -> Array:
        """The direction (height, width, 3) through the middle of every pixel, with z = 1: times depth it is the point."""
        return self.unproject(self.pixel_centers(), 1.0)

    def resized(self, width_px: int, height_px: int) -> Camera:
        """The same view in another number of pixels; what was at the edge stays at the edge."""
        width, height = _side("width_px", width_px), _side("height_px", height_px)
        across, down = width / self.width_px, height / self.height_px
        return Camera(
            width_px=width,
            height_px=height,
            fx_px=self.fx_px * across,
            fy_px=self.fy_px * down,
            cx_px=self.cx_px * across,
            cy_px=self.cy_px * down,
        )


def flow_from_depth(depth_m: ArrayLike, camera: Camera, camera_next_from_camera: Pose) -> NDArray[np.float32]:
    """Pixel motion (dx, dy) [px] (height, width, 2) of a still scene seen by a moving camera.

    Pixels without finite positive depth, or behind the next camera, are NaN. A pixel that leaves the picture, or is
    hidden in it by something nearer, still has its motion.

    Raises:
        ShapeError: if `depth_m` is not (height, width) of `camera`, or the pose is a batch.

    Source: Hartley & Zisserman, Multiple View Geometry (2nd ed.), ch. 6, camera models.
    """
    depth = np.asarray(depth_m, dtype=np.float64)
    if depth.shape != camera.image_shape:
        raise ShapeError("depth_m is not of the camera's size", got=depth.shape, expected=camera.image_shape, fix="Use camera.resized.")
    if camera_next_from_camera.position_m.shape != (3,):
        raise ShapeError("flow needs one pose", got=camera_next_from_camera.position_m.shape, expected=(3,))
    pixels = camera.pixel_centers()
    points = camera.unproject(pixels, np.where(depth > 0, depth, np.nan))
    return (camera.project(camera_next_from_camera.apply(points)) - pixels).astype(np.float32)


OPENCV_FROM_OPENGL = Pose(quat_wxyz=(0.0, 1.0, 0.0, 0.0))
"""Half a turn about X: takes points of a camera that looks down -Z with +Y up to one that looks along +Z with +Y down."""


def opengl_from_opencv(world_from_camera: Pose) -> Pose:
    """The pose that MuJoCo, OpenGL, Blender and glTF give a camera (looks down -Z, +Y up), of ours; batched, exact to the bit."""
    turned = quat_multiply(world_from_camera.quat_wxyz, OPENCV_FROM_OPENGL.quat_wxyz)
    return Pose(world_from_camera.position_m, turned)


def opencv_from_opengl(world_from_opengl_camera: Pose) -> Pose:
    """Our `world_from_camera`, of the pose that MuJoCo, OpenGL, Blender and glTF give a camera; batched, exact to the bit."""
    return opengl_from_opencv(world_from_opengl_camera)  # half a turn is its own inverse


def _side(name: str, value: object) -> int:
    try:
        side = index(value)  # type: ignore[arg-type]  # anything else is the error below
    except TypeError:
        side = None
    if side is None or isinstance(value, bool):
        raise ShapeError(f"a camera's {name} is a whole number of pixels", got=value, fix="Round it: int(round(...)).")
    if not 1 <= side <= MOST_PIXELS:
        raise LimitError(f"a camera's {name} is out of bounds", got=side, expected=f"1..{MOST_PIXELS}", fix="Choose a size between these.")
    return side


def _number(name: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # anything else is the error below
    except (TypeError, ValueError) as error:
        raise ShapeError(f"a camera's {name} is a number", got=value) from error
    if not math.isfinite(number):
        raise LimitError(f"a camera's {name} must be finite", got=number)
    return number


def _vectors(name: str, value: ArrayLike, size: int) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if array.shape[-1:] != (size,):
        raise ShapeError(f"{name} has the wrong shape", got=array.shape, expected=f"(*batch, {size})")
    return array
