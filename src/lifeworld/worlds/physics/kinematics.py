"""Where everything is, and what would touch what, at given joint positions: the engine's geometry without its dynamics."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose

Array = NDArray[np.float64]


class Kinematics:
    """A model with its joints somewhere. Write `qpos`, call `place`, then ask."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self.model, self._data = model, mujoco.MjData(model)
        self._forward, self._about = np.zeros((3, model.nv)), np.zeros((3, model.nv))

    @property
    def qpos(self) -> Array:
        """The joint positions (nq,), to be written to."""
        return self._data.qpos  # type: ignore[no-any-return]

    def place(self) -> None:
        """Put every body and geom where the joints say."""
        mujoco.mj_kinematics(self.model, self._data)

    def body_pose(self, body: int) -> Pose:
        """world_from_body."""
        return Pose(self._data.xpos[body], self._data.xquat[body])

    def centre_m(self, body: int) -> Array:
        """The centre of mass (3,) [m] of a body and all that hangs on it."""
        mujoco.mj_comPos(self.model, self._data)
        return np.array(self._data.subtree_com[body])

    def axis(self, joint: int) -> tuple[Array, Array]:
        """The unit vector (3,) along or about which a joint moves, and a point (3,) [m] on it."""
        return np.array(self._data.xaxis[joint]), np.array(self._data.xanchor[joint])

    def slides(self, joint: int) -> bool:
        return int(self.model.jnt_type[joint]) == int(mujoco.mjtJoint.mjJNT_SLIDE)

    def boxes_m(self, geoms: list[int]) -> tuple[Array, Array]:
        """The centre and half size (g, 3) [m] of each geom's box along the world's axes."""
        turn = self._data.geom_xmat[geoms].reshape(-1, 3, 3)
        aabb = self.model.geom_aabb[geoms]
        centre = self._data.geom_xpos[geoms] + (turn @ aabb[:, :3, None])[:, :, 0]
        return centre, (np.abs(turn) @ aabb[:, 3:, None])[:, :, 0]

    def box_m(self, geoms: list[int]) -> tuple[Array, Array]:
        """The least and greatest corner (3,) [m] of the box around these geoms."""
        centre, reach = self.boxes_m(geoms)
        return (centre - reach).min(axis=0), (centre + reach).max(axis=0)

    def overlaps(self, by_m: float) -> NDArray[np.int32]:
        """The pairs (n, 2) of geoms that overlap by more than this and could touch."""
        mujoco.mj_comPos(self.model, self._data)
        mujoco.mj_collision(self.model, self._data)
        if not self._data.ncon:
            return np.zeros((0, 2), dtype=np.int32)
        contact = self._data.contact
        return np.asarray(contact.geom[(contact.dist < -by_m) & (contact.geom >= 0).all(axis=1)])

    def gap_m(self, some: list[int], others: list[int], *, most_m: float = 0.1) -> tuple[float, Array]:
        """The distance [m] between two groups of geoms (`most_m` if they are farther), and the vector (3,) from the one to the other."""
        best, line, nearest = most_m, np.zeros(6), np.zeros(6)
        for a in some:
            for b in others:
                gap = mujoco.mj_geomDistance(self.model, self._data, a, b, most_m, line)
                if gap < best:
                    best, nearest = gap, line.copy()
        return float(best), nearest[3:] - nearest[:3]

    def jacobian(self, point_m: Array, body: int) -> Array:
        """How a point fixed to a body moves and turns with each joint's velocity: (6, nv), world frame."""
        mujoco.mj_comPos(self.model, self._data)
        mujoco.mj_jac(self.model, self._data, self._forward, self._about, point_m, body)
        return np.concatenate([self._forward, self._about])
