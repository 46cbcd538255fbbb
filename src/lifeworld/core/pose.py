"""Where things are: position and rotation, batched, with the borders to other conventions.

A Pose is named like an equation, `world_from_camera`, and composes like one:
`world_from_hand @ hand_from_camera`. Quaternions are w, x, y, z; worlds are right-handed with +Z up.
Conversions to other orders and up-axes live here and in the converters, nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ShapeError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A rigid motion: `position_m` (*batch, 3) [m] and unit `quat_wxyz` (*batch, 4).

    The quaternion is normalised and turned to w ≥ 0, so that equal rotations compare equal.

    Raises:
        ShapeError: if the shapes disagree, a value is not finite or the quaternion is zero.
    """

    position_m: Array
    quat_wxyz: Array

    def __init__(self, position_m: ArrayLike = (0.0, 0.0, 0.0), quat_wxyz: ArrayLike = (1.0, 0.0, 0.0, 0.0)) -> None:
        try:
            position = np.array(position_m, dtype=np.float64) + 0.0  # + 0.0 turns −0 into 0: equal poses must hash equal
            quat = np.array(quat_wxyz, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ShapeError("a pose is made of numbers", got=f"{position_m!r} and {quat_wxyz!r}") from error
        if position.shape[-1:] != (3,) or quat.shape[-1:] != (4,) or position.shape[:-1] != quat.shape[:-1]:
            raise ShapeError(
                "a pose needs a position and a quaternion of one batch shape",
                got=f"{position.shape} and {quat.shape}",
                expected="(*batch, 3) and (*batch, 4)",
            )
        if not (np.isfinite(position).all() and np.isfinite(quat).all()):
            raise ShapeError("a pose holds finite numbers only", got=f"{position.tolist()}, {quat.tolist()}")
        object.__setattr__(self, "position_m", position)
        object.__setattr__(self, "quat_wxyz", quat_canonical(quat))
        position.flags.writeable = False
        self.quat_wxyz.flags.writeable = False

    def __matmul__(self, other: Pose) -> Pose:
        """`a_from_b @ b_from_c` is `a_from_c`."""
        position = self.position_m + rotate(self.quat_wxyz, other.position_m)
        quat = quat_multiply(self.quat_wxyz, other.quat_wxyz)
        return Pose(position, np.broadcast_to(quat, (*position.shape[:-1], 4)))

    def inverse(self) -> Pose:
        """`b_from_a` of an `a_from_b`."""
        back = quat_conjugate(self.quat_wxyz)
        return Pose(-rotate(back, self.position_m), back)

    def apply(self, points_m: ArrayLike) -> Array:
        """Points (*batch, 3) [m] of the right frame, in the left frame; NaN stays NaN.

        The batch shapes broadcast: one pose moves many points, many poses move a point each.

        Raises:
            ShapeError: if the points are not (*batch, 3) or the batches do not broadcast.
        """
        points = np.asarray(points_m, dtype=np.float64)
        batch = self.position_m.shape[:-1]
        if points.shape[-1:] != (3,) or not _broadcast(points.shape[:-1], batch):
            raise ShapeError("the points do not fit the pose", got=points.shape, expected=f"(*batch, 3), batch broadcasting with {batch}")
        return self.position_m + rotate(self.quat_wxyz, points)

    @property
    def rotation(self) -> Array:
        """The rotation matrix (*batch, 3, 3)."""
        return matrix_from_quat(self.quat_wxyz)

    @property
    def matrix(self) -> Array:
        """The homogeneous matrix (*batch, 4, 4)."""
        out = np.zeros((*self.position_m.shape[:-1], 4, 4))
        out[..., :3, :3] = self.rotation
        out[..., :3, 3] = self.position_m
        out[..., 3, 3] = 1.0
        return out

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> Pose:
        """The pose of a homogeneous matrix (*batch, 4, 4); the rotation must be orthonormal to 1e-6."""
        matrix = np.asarray(matrix, dtype=np.float64)
        if matrix.shape[-2:] != (4, 4):
            raise ShapeError("a homogeneous matrix is 4 × 4", got=matrix.shape, expected="(*batch, 4, 4)")
        if not np.allclose(matrix[..., 3, :], (0.0, 0.0, 0.0, 1.0), atol=1e-6):
            raise ShapeError(
                "the last row of a homogeneous matrix is 0, 0, 0, 1",
                got=matrix[..., 3, :].tolist(),
                fix="If the positions are in the last row, transpose the matrix.",
            )
        return cls(matrix[..., :3, 3], quat_from_matrix(matrix[..., :3, :3]))

    @classmethod
    def from_yaw(cls, position_m: ArrayLike, yaw_rad: float) -> Pose:
        """A pose turned by `yaw_rad` [rad] about +Z."""
        return cls(position_m, (np.cos(yaw_rad / 2), 0.0, 0.0, np.sin(yaw_rad / 2)))

    @classmethod
    def look_at(cls, eye_m: ArrayLike, target_m: ArrayLike, *, up: ArrayLike = (0.0, 0.0, 1.0)) -> Pose:
        """`world_from_camera` of an OpenCV camera (+Z forward, +Y down) at `eye_m` that looks at `target_m`.

        All three are (3,). Looking along `up`, any heading will do: +X to the right, or +Y when it looks along X.

        Raises:
            ShapeError: if a shape is not (3,), a number is not finite, or eye and target are one place.
        """
        eye, target, up = (np.asarray(v, dtype=np.float64) for v in (eye_m, target_m, up))
        if not (eye.shape == target.shape == up.shape == (3,) and np.isfinite([eye, target, up]).all()):
            raise ShapeError("eye, target and up are three finite numbers each", got=f"{eye.tolist()}, {target.tolist()}, {up.tolist()}")
        forward = target - eye
        length = np.linalg.norm(forward)
        if length < 1e-9:
            raise ShapeError("a camera cannot look at its own place", got=f"eye {eye.tolist()}, target {target.tolist()}")
        forward = forward / length
        right = np.cross(forward, up)
        if np.linalg.norm(right) < 1e-9:
            level = np.eye(3)[0 if abs(forward[0]) < 0.9 else 1]
            right = level - (level @ forward) * forward
        right = right / np.linalg.norm(right)
        down = np.cross(forward, right)
        return cls(eye, quat_from_matrix(np.stack([right, down, forward], axis=-1)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pose):
            return NotImplemented
        return np.array_equal(self.position_m, other.position_m) and np.array_equal(self.quat_wxyz, other.quat_wxyz)

    def __hash__(self) -> int:
        return hash((self.position_m.tobytes(), self.quat_wxyz.tobytes()))

    def __repr__(self) -> str:
        return f"Pose(position_m={self.position_m.tolist()}, quat_wxyz={self.quat_wxyz.tolist()})"


def slerp(start: Pose, end: Pose, fraction: ArrayLike) -> Pose:
    """The pose at `fraction` (*batch,) in [0, 1] on the shorter way from `start` to `end`, position linear."""
    f = np.asarray(fraction, dtype=np.float64)[..., None]
    position = (1.0 - f) * start.position_m + f * end.position_m
    return Pose(position, quat_slerp(start.quat_wxyz, end.quat_wxyz, fraction))


def quat_slerp(a: Array, b: Array, fraction: ArrayLike) -> Array:
    """The unit quaternion (*batch, 4) at `fraction` (*batch,) in [0, 1] on the shorter way from `a` to `b`; exact at both ends.

    Source: Shoemake, Animating rotation with quaternion curves (SIGGRAPH 1985).
    """
    f = np.asarray(fraction, dtype=np.float64)[..., None]
    dot = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(dot < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    sine = np.sin(angle)
    near = sine < 1e-9
    safe = np.where(near, 1.0, sine)
    wa = np.where(near, 1.0 - f, np.sin((1.0 - f) * angle) / safe)
    wb = np.where(near, f, np.sin(f * angle) / safe)
    return quat_canonical(wa * a + wb * b)


def quat_canonical(quat: Array) -> Array:
    """Unit length and w ≥ 0 (a zero w is settled by the first non-zero part), so that q and −q agree.

    A quaternion that is unit already (to one rounding) is kept to the bit, so that writing and reading a pose changes nothing.
    """
    if quat.ndim == 1:  # plain floats: eight times as fast for one pose, which most are
        w, x, y, z = quat.tolist()
        length = math.sqrt(w * w + x * x + y * y + z * z)
        if not 1e-9 <= length < math.inf:
            raise ShapeError("a quaternion of length zero or without end is no rotation", got=quat.tolist())
        if abs(length - 1.0) >= 8e-15:
            w, x, y, z = w / length, x / length, y / length, z / length
        if next(part for part in (w, x, y, z) if part != 0.0) < 0.0:
            w, x, y, z = -w, -x, -y, -z
        return np.array((w, x, y, z)) + 0.0  # + 0.0 turns −0 into 0
    with np.errstate(over="ignore"):
        norm = np.sqrt(np.add.reduce([part * part for part in np.moveaxis(quat, -1, 0)]))[..., None]
    if not np.all((norm >= 1e-9) & (norm < np.inf)):
        raise ShapeError("a quaternion of length zero or without end is no rotation", got=np.asarray(quat).tolist())
    unit = np.where(np.abs(norm - 1.0) < 8e-15, quat, quat / norm)
    first = np.take_along_axis(unit, np.argmax(unit != 0, axis=-1)[..., None], axis=-1)
    return np.where(first < 0, -unit, unit) + 0.0


def quat_multiply(a: Array, b: Array) -> Array:
    """Hamilton product (*batch, 4) of w, x, y, z quaternions."""
    a, b = np.asarray(a), np.asarray(b)
    single = a.ndim == b.ndim == 1
    aw, ax, ay, az = a.tolist() if single else np.moveaxis(a, -1, 0)  # floats are far faster than arrays of one
    bw, bx, by, bz = b.tolist() if single else np.moveaxis(b, -1, 0)
    parts = [
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    ]
    return np.array(parts) if single else np.stack(parts, axis=-1)


def quat_conjugate(quat: Array) -> Array:
    """The inverse of a unit quaternion (*batch, 4)."""
    return np.asarray(np.asarray(quat) * np.array([1.0, -1.0, -1.0, -1.0]))


def rotate(quat: Array, vectors: ArrayLike) -> Array:
    """Vectors (*batch, 3) turned by unit quaternions (*batch, 4)."""
    v = np.asarray(vectors, dtype=np.float64)
    if quat.ndim == 1 and v.ndim == 1:  # the same sums in plain floats, to the bit: most turns are of one vector
        w, qx, qy, qz = quat.tolist()
        x, y, z = v.tolist()
        tx, ty, tz = 2.0 * (qy * z - qz * y), 2.0 * (qz * x - qx * z), 2.0 * (qx * y - qy * x)
        return np.array((x + w * tx + (qy * tz - qz * ty), y + w * ty + (qz * tx - qx * tz), z + w * tz + (qx * ty - qy * tx)))
    xyz = quat[..., 1:]
    t = 2.0 * np.cross(xyz, v)
    return np.asarray(v + quat[..., :1] * t + np.cross(xyz, t))


def quat_from_rotation_vector(vector_rad: ArrayLike) -> Array:
    """Unit quaternion (*batch, 4) of an axis times angle (*batch, 3) [rad]."""
    v = np.asarray(vector_rad, dtype=np.float64)
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    scale = 0.5 * np.sinc(angle / (2.0 * np.pi))  # sin(angle/2)/angle, smooth at zero
    return quat_canonical(np.concatenate([np.cos(angle / 2.0), scale * v], axis=-1))


def rotation_angle(a: Array, b: Array) -> Array:
    """The angle (*batch,) [rad] of the turn from quaternions `a` to `b`."""
    between = quat_multiply(quat_conjugate(a), b)
    return np.asarray(2.0 * np.arctan2(np.linalg.norm(between[..., 1:], axis=-1), np.abs(between[..., 0])))


def matrix_from_quat(quat: Array) -> Array:
    """Rotation matrix (*batch, 3, 3) of a unit quaternion (*batch, 4)."""
    quat = np.asarray(quat, dtype=np.float64)
    w, x, y, z = quat.tolist() if quat.ndim == 1 else np.moveaxis(quat, -1, 0)  # floats are far faster than arrays of one
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rows) if quat.ndim == 1 else np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quat_from_matrix(matrix: ArrayLike) -> Array:
    """Unit quaternion (*batch, 4) of a rotation matrix (*batch, 3, 3).

    Raises:
        ShapeError: if the matrix is not a rotation to 1e-6.

    Source: Bar-Itzhack, New method for extracting the quaternion from a rotation matrix (2000): the largest eigenvector.
    """
    m = np.asarray(matrix, dtype=np.float64)
    if m.shape[-2:] != (3, 3):
        raise ShapeError("a rotation matrix is 3 × 3", got=m.shape, expected="(*batch, 3, 3)")
    if not np.allclose(m @ np.swapaxes(m, -1, -2), np.eye(3), atol=1e-6) or np.any(np.linalg.det(m) < 0):
        raise ShapeError("not a rotation: the matrix must be orthonormal with determinant +1", got=m.tolist())
    k: Any = np.zeros((*m.shape[:-2], 4, 4))
    k[..., 0, 0] = np.trace(m, axis1=-2, axis2=-1)
    k[..., 1:, 1:] = m + np.swapaxes(m, -1, -2) - np.trace(m, axis1=-2, axis2=-1)[..., None, None] * np.eye(3)
    skew = np.stack([m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]], axis=-1)
    k[..., 0, 1:] = skew
    k[..., 1:, 0] = skew
    return quat_canonical(np.linalg.eigh(k)[1][..., :, -1])


def xyzw_from_wxyz(quat_wxyz: ArrayLike) -> Array:
    """The border to SciPy, ROS, warp and rerun, who put w last."""
    return np.roll(np.asarray(quat_wxyz, dtype=np.float64), -1, axis=-1)


def wxyz_from_xyzw(quat_xyzw: ArrayLike) -> Array:
    """The border from those who put w last."""
    return np.roll(np.asarray(quat_xyzw, dtype=np.float64), 1, axis=-1)


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


ZUP_FROM_YUP = Pose(quat_wxyz=(np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))
"""The border from files with +Y up (glTF, three.js): their (x, y, z) is our (x, −z, y)."""

IDENTITY = Pose()
