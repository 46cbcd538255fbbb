"""The reference that the grip follows: a pose that moves smoothly through poses, and waits for the body behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_slerp, rotation_angle

Array = NDArray[np.float64]

ACCELERATION_M_S2 = 1.6
SPIN_RAD_S = 1.8
LEASH_M, LEASH_RAD = 0.05, 0.5
"""So far ahead of the body it waits."""
CORNER_M = 0.02
"""So near to a pose in between it goes on to the next."""


@dataclass(slots=True)
class Reference:
    """Where the grip is to be now: `pose` (world_from_grip) and the `velocity_m_s` (3,) it has got."""

    pose: Pose
    velocity_m_s: Array = field(default_factory=lambda: np.zeros(3))

    def onward(self, way: Sequence[Pose], here: Pose, *, speed_m_s: float, tick_s: float) -> int:
        """Move for one tick towards the first pose of the way, and tell how many poses of it are passed (0 or 1)."""
        target, last = way[0], len(way) == 1
        lag = float(np.linalg.norm(self.pose.position_m - here.position_m))
        twisted = float(rotation_angle(self.pose.quat_wxyz, here.quat_wxyz))
        pace = float(np.clip(2.0 - 2.0 * max(lag / LEASH_M, twisted / LEASH_RAD), 0.0, 1.0))
        off = target.position_m - self.pose.position_m
        far = float(np.linalg.norm(off))
        most = speed_m_s * pace
        if last:
            most = min(most, float(np.sqrt(2.0 * 0.6 * ACCELERATION_M_S2 * far)), far / tick_s)
        wish = off / max(far, 1e-9) * most
        change = wish - self.velocity_m_s
        size = float(np.linalg.norm(change))
        self.velocity_m_s = self.velocity_m_s + change * min(1.0, ACCELERATION_M_S2 * 2.0 * tick_s / max(size, 1e-9))
        step = self.velocity_m_s * tick_s
        if float(np.linalg.norm(step)) >= far:  # no overshoot: it stops at the pose
            step, self.velocity_m_s = off, wish
        angle = float(rotation_angle(self.pose.quat_wxyz, target.quat_wxyz))
        # Turning is spread over the way that is left, and never faster than it may be.
        share = min(1.0, SPIN_RAD_S * tick_s * pace / max(angle, 1e-9))
        if far > 0.02 and most > 0:
            share = min(share, 2.0 * float(np.linalg.norm(step)) / far)
        quat = quat_slerp(self.pose.quat_wxyz, target.quat_wxyz, share)
        self.pose = Pose(self.pose.position_m + step, quat)
        return int(not last and far < CORNER_M and angle < 0.3)
