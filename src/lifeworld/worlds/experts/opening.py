"""Open and close: take a drawer or a door by its handle, and lead the handle along the way its joint leaves it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.grasp import DOWN, Grasp, grasp
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.phase import Phase, Stuck
from lifeworld.worlds.experts.planner import Keep, Planner
from lifeworld.worlds.experts.task import Task
from lifeworld.worlds.experts.truth import Truth
from lifeworld.worlds.physics.senses.tell.facts import CLOSED, OPEN

Array = NDArray[np.float64]

FACE_M = 0.012
"""A handle stands out by at least this much from what it opens."""
LED_M_S = 0.16
LEAD_M = 0.03
"""How far the hand leads the handle [m]: with it grows the pull."""
FAR = {"slide": 0.6, "hinge": 0.45}
"""How far things are opened, as a share of their way."""
GENTLY_S = 0.8
"""So long it takes to pull as hard as that."""
LOST_M = 0.045
JAM_TICKS, JAM_M = 40, 0.004
STILL = 0.02


class Opening(Planner):
    """Open or close, by a handle."""

    def __init__(self, truth: Truth, limb: Limb, task: Task) -> None:
        super().__init__(truth, limb, task)
        assert task.joint is not None
        self._joint = int(truth.model.joint(f"{task.thing}/{task.joint}").id)
        self._body = int(truth.model.jnt_bodyid[self._joint])
        self._address = int(truth.model.jnt_qposadr[self._joint])
        row = truth.joint_row(task.thing, task.joint)
        self._closed, self._open = float(truth.cast.joint_closed[row]), float(truth.cast.joint_open[row])
        self._slides = truth.now.slides(self._joint)
        self._grasp: Grasp | None = None
        self._part_from_grip = Pose()

    def done(self) -> bool:
        assert self.task.joint is not None
        openness = self.truth.openness(self.task.thing, self.task.joint)
        return openness > OPEN if self.task.kind == "open" else openness < CLOSED

    def still(self) -> bool:
        return bool(self.truth.joint_speed.max(initial=0.0) < STILL)

    def plan(self) -> list[Phase]:
        if self.done():
            return [self.watch()]
        truth, handle = self.truth, self._handle()
        found = grasp(truth, self.limb, handle, ways=self._ways(handle), spots_m=self._along(handle))
        if found is None:
            raise Stuck("no_grasp")
        self._grasp = found
        here = truth.now.qpos[self._address]
        stays: Keep = ("stays_put", lambda: abs(float(truth.now.qpos[self._address] - here)) * self._arm_m() < LOST_M)
        has: Keep = ("has_handle", self._has)
        follows: Keep = ("joint_follows", self._follows())
        share = found.open
        opening = self.task.kind == "open"
        return [
            *self.to_grasp(found, (stays,), self._taken, "has_handle"),
            Phase(
                name="pull" if opening else "shut",
                share=0.0,
                follow=self._led,
                keep=(has, follows),
                until=self._far,
                arrive=False,
                speed_m_s=LED_M_S,
                most_s=7.0,
                late="joint_follows",
            ),
            Phase(name="release", share=share, least_s=0.35, arrive=False),
            self.retreat(share),
            self.watch(),
        ]

    # -- the handle --------------------------------------------------------------------------------------------------------

    def _handle(self) -> list[int]:
        """The geoms of the moving part that stand out farthest towards where it opens to.

        Raises:
            SceneError: if nothing stands out.
        """
        truth = self.truth
        own = [g for g in truth.geoms(self.task.thing) if int(truth.model.geom_bodyid[g]) == self._body]
        centres, reach = truth.now.boxes_m(own)
        out = np.array([float(np.abs(self._towards(c)) @ r + self._towards(c) @ c) for c, r in zip(centres, reach, strict=True)])
        handle = out > out.max() - 0.004
        if handle.all() or out.max() - out[~handle].max() < FACE_M:
            raise SceneError("this has no handle to open it by", where=f"thing {self.task.thing!r}, joint {self.task.joint!r}")
        return [g for g, is_handle in zip(own, handle, strict=True) if is_handle]

    def _along(self, handle: list[int]) -> Array:
        """Points (k, 3) [m] to grip: the middle of the handle, then others along it."""
        low, high = self.truth.now.box_m(handle)
        middle, half = (low + high) / 2, (high - low) / 2
        longest = np.eye(3)[int(half.argmax())] * max(float(half.max()) - 0.02, 0.0)
        return np.array([middle + share * longest for share in (0.0, 0.4, -0.4, 0.8, -0.8)])

    def _ways(self, handle: list[int]) -> list[Array]:
        """Ways to come to the handle: against the way it opens, more and more from above, and from the sides."""
        low, high = self.truth.now.box_m(handle)
        against = -self._towards((low + high) / 2)
        side = np.cross(against, DOWN)
        mixed = [(1.0, 0.0, 0.0), (0.87, 0.5, 0.0), (0.87, 0.0, 0.5), (0.87, 0.0, -0.5), (0.5, 0.87, 0.0), (0.0, 1.0, 0.0)]
        ways = [a * against + b * DOWN + c * side for a, b, c in mixed]
        return [way / np.linalg.norm(way) for way in ways]

    def _towards(self, point_m: Array) -> Array:
        """The unit vector along which a point of the moving part goes when it opens."""
        sign, (axis, anchor) = np.sign(self._open - self._closed), self.truth.now.axis(self._joint)
        way = axis if self._slides else np.cross(axis, point_m - anchor)
        return np.asarray(sign * way / max(float(np.linalg.norm(way)), 1e-9))

    def _arm_m(self) -> float:
        """How far [m] the grip goes when the joint goes by one."""
        if self._slides:
            return 1.0
        axis, anchor = self.truth.now.axis(self._joint)
        off = self.truth.grip_pose().position_m - anchor
        return max(float(np.linalg.norm(off - (off @ axis) * axis)), 0.05)

    # -- on the way --------------------------------------------------------------------------------------------------------

    def _taken(self) -> bool:
        truth = self.truth
        taken = truth.touched(self.task.thing) and truth.share() < self._met_share() + 0.12
        if taken:
            self._part_from_grip = truth.now.body_pose(self._body).inverse() @ truth.grip_pose()
        return taken

    def _led(self, lasts_s: float) -> Pose:
        """Where the grip is to be: where the handle would be, were the joint a little farther on its way; it is not torn at."""
        truth, here, arm_m = self.truth, float(self.truth.now.qpos[self._address]), self._arm_m()
        way = np.sign(self._open - self._closed) * (1.0 if self.task.kind == "open" else -1.0)
        there = truth.imagine({self._address: here + way * LEAD_M * min(lasts_s / GENTLY_S, 1.0) / arm_m})
        return there.body_pose(self._body) @ self._part_from_grip

    def _follows(self) -> Callable[[], bool]:
        """That the joint comes along: within any `JAM_TICKS` it goes on a little."""
        last: list[float] = []

        def follows() -> bool:
            last.append(float(self.truth.now.qpos[self._address]) * self._arm_m())
            return len(last) < JAM_TICKS or abs(last[-1] - last[-JAM_TICKS]) > JAM_M

        return follows

    def _met_share(self) -> float:
        return self._grasp.closed if self._grasp is not None else 1.0

    def _has(self) -> bool:
        part = self.truth.now.body_pose(self._body) @ self._part_from_grip
        return float(np.linalg.norm(part.position_m - self.truth.grip_pose().position_m)) < LOST_M and self.truth.touched(self.task.thing)

    def _far(self) -> bool:
        assert self.task.joint is not None
        openness = self.truth.openness(self.task.thing, self.task.joint)
        return openness > FAR["slide" if self._slides else "hinge"] if self.task.kind == "open" else openness < 0.5 * CLOSED
