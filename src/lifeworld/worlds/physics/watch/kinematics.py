"""Where bodies are in many states at once, by the joints between them: what the engine's kinematics say, for the few bodies that matter.

Rows of states come without the engine's derived arrays, and to have it derive them costs a pass over all bodies of every state.
"""

from __future__ import annotations

from collections.abc import Iterable

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.layout import Layout

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FREE, BALL, SLIDE = (int(getattr(mujoco.mjtJoint, f"mjJNT_{name}")) for name in ("FREE", "BALL", "SLIDE"))


class Kinematics:
    """The frames of some bodies of a model, in any rows of its states."""

    def __init__(self, model: mujoco.MjModel, bodies: Iterable[int]) -> None:
        self.model, self.layout = model, Layout.of(model)
        wanted: set[int] = set()
        for body in bodies:
            while body and body not in wanted:
                wanted.add(body)
                body = int(model.body_parentid[body])
        data = mujoco.MjData(model)
        mujoco.mj_kinematics(model, data)
        moving: set[int] = set()
        for body in sorted(wanted):  # parents come before their children
            parent = int(model.body_parentid[body])
            if parent in moving or model.body_jntnum[body] or model.body_mocapid[body] >= 0:
                moving.add(body)
        free = [b for b in sorted(moving) if model.body_jntnum[b] and model.jnt_type[model.body_jntadr[b]] == FREE]
        self.free: Ints = np.array(free, dtype=np.int64)
        self._free_qpos = np.array([model.jnt_qposadr[model.body_jntadr[b]] for b in free], dtype=np.int64)[:, None] + np.arange(7)
        self.linked = tuple(b for b in sorted(moving) if b not in set(free))
        self.still: Ints = np.array([0, *sorted(wanted - moving)], dtype=np.int64)
        self.bodies: Ints = np.concatenate([self.still, self.free, np.array(self.linked, dtype=np.int64)])
        self.row = {body: i for i, body in enumerate(self.bodies.tolist())}
        self._still_m, self._still_turn = data.xpos[self.still].copy(), data.xmat[self.still].reshape(-1, 3, 3).copy()

    def frames(self, rows: Array) -> tuple[Array, Array]:
        """The places (n, bodies, 3) [m] and turns (n, bodies, 3, 3) of `bodies` in state rows (n, size), world frame."""
        qpos = self.layout.view(rows, "qpos")
        place, turn = np.empty((len(rows), len(self.bodies), 3)), np.empty((len(rows), len(self.bodies), 3, 3))
        s, f = len(self.still), len(self.still) + len(self.free)
        place[:, :s], turn[:, :s] = self._still_m, self._still_turn
        if f > s:
            free = qpos[:, self._free_qpos]
            place[:, s:f], turn[:, s:f] = free[..., :3], rotation(free[..., 3:])
        for row, body in enumerate(self.linked, start=f):
            self._link(rows, qpos, place, turn, row, body)
        return place, turn

    def _link(self, rows: Array, qpos: Array, place: Array, turn: Array, row: int, body: int) -> None:
        """Write the frame of a body that hangs on another by joints, or is moved by hand (mocap)."""
        model = self.model
        mocap = int(model.body_mocapid[body])
        if mocap >= 0:
            place[:, row], turn[:, row] = self.layout.mocap_pos(rows, mocap), rotation(self.layout.mocap_quat(rows, mocap))
            return
        up = self.row[int(model.body_parentid[body])]
        at = place[:, up] + turn[:, up] @ model.body_pos[body]
        now = turn[:, up] @ rotation(model.body_quat[body])
        first = int(model.body_jntadr[body])
        for joint in range(first, first + int(model.body_jntnum[body])):
            address, sort = int(model.jnt_qposadr[joint]), int(model.jnt_type[joint])
            if sort == SLIDE:
                at = at + (now @ model.jnt_axis[joint]) * (qpos[:, address] - model.qpos0[address])[:, None]
                continue
            anchor = at + now @ model.jnt_pos[joint]
            if sort == BALL:
                now = now @ rotation(qpos[:, address : address + 4])
            else:
                now = now @ about(model.jnt_axis[joint], qpos[:, address] - model.qpos0[address])
            at = anchor - now @ model.jnt_pos[joint]
        place[:, row], turn[:, row] = at, now


def rotation(quat_wxyz: Array) -> Array:
    """Rotation matrices (…, 3, 3) of quaternions (…, 4) of any length."""
    w, x, y, z = np.moveaxis(quat_wxyz / np.linalg.norm(quat_wxyz, axis=-1, keepdims=True), -1, 0)
    out = np.empty((*w.shape, 3, 3))
    out[..., 0, 0], out[..., 0, 1], out[..., 0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[..., 1, 0], out[..., 1, 1], out[..., 1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    out[..., 2, 0], out[..., 2, 1], out[..., 2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    return out


def about(axis: Array, angle_rad: Array) -> Array:
    """Rotation matrices (n, 3, 3) about one axis (3,) by angles (n,)."""
    half = angle_rad / 2
    return rotation(np.concatenate([np.cos(half)[:, None], np.sin(half)[:, None] * axis], axis=1))
