"""Reach and push: touch a thing with the closed fingers, or push it along until it touches another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.grasp import DOWN, TILTED, back, facing, pose_of
from lifeworld.worlds.experts.phase import Phase, Stuck
from lifeworld.worlds.experts.planner import Keep, Planner
from lifeworld.worlds.physics.gripper import PAD_M

Array = NDArray[np.float64]

OVER_M = 0.07
"""From so far above the fingertips come down on a thing."""
INTO_M = 0.01
"""So far into it they would go, were it not there."""
BEHIND_M = (0.03, 0.045, 0.06, 0.08)
"""How far behind a thing the fingers come down to push it: the first that is free."""
PUSH_M_S = 0.12
AHEAD_M = 0.025
ASIDE_M = 0.03
LEVEL = tuple(np.array([np.cos(turn), np.sin(turn), 0.0]) for turn in np.arange(8) * np.pi / 4)
LEANS_RAD = (0.0, 0.4, 0.7)


class Reaching(Planner):
    """Touch a thing from above with closed fingers, without moving it."""

    def done(self) -> bool:
        return self.truth.touched(self.task.thing)

    def still(self) -> bool:
        return True

    def plan(self) -> list[Phase]:
        keep: tuple[Keep, ...] = (self.stays(self.task.thing),)
        end, inside = self._towards()
        return [
            Phase(name="approach", share=0.0, way=self.to(lambda: end, share=0.0), keep=keep),
            Phase(
                name="press", share=0.0, way=lambda: (inside,), keep=keep, until=self.done, arrive=False, speed_m_s=0.08, most_s=3.0
            ),
            Phase(name="watch", share=0.0, keep=(("goal", self.done),), until=lambda: False, arrive=False, most_s=np.inf),
        ]  # fmt: skip

    def _towards(self) -> tuple[Pose, Pose]:
        """The grip a little before the thing, and as if it had gone into it: above one of its highest parts, or where else it can get to.

        Raises:
            Stuck: if it can get to nowhere.
        """
        truth = self.truth
        geoms = truth.geoms(self.task.thing)
        centres, reach = truth.now.boxes_m(geoms)
        low, high = truth.now.box_m(geoms)
        middle = (low + high) / 2
        tops = [c + (0, 0, r[2]) for c, r in zip(centres, reach, strict=True)]
        tops.sort(key=lambda top: float(np.linalg.norm(top[:2] - middle[:2]) - top[2]))
        tries = [(DOWN, top, INTO_M) for top in tops]
        for way in (*TILTED, *LEVEL):
            half = float(np.abs(way) @ (high - low) / 2)
            tries.append((way, middle - way * half, half))
        now = truth.grip_pose().rotation
        for way, spot, deep_m in tries:
            for roll in sorted(np.arange(8) * np.pi / 4, key=lambda r: -float(np.trace(now.T @ facing(way, r)))):
                pose = back(pose_of(facing(way, roll), spot), OVER_M + PAD_M)
                own = self.limb.posture(pose)
                if own is not None and not truth.collides(truth.imagine(own=truth.opened(own, 0.0))):
                    return pose, back(pose, -OVER_M - deep_m)
        raise Stuck("no_grasp")


class Pushing(Planner):
    """Push a thing along until it touches another, the closed fingers behind it; then it is beside it."""

    def done(self) -> bool:
        return self.truth.so("beside", self.task.thing, self.task.to)

    def _there(self) -> bool:
        assert self.task.to is not None
        one, other = sorted((self.truth.number(self.task.thing), self.truth.number(self.task.to)))
        return self.done() and ("touching", one, other) in self.truth.facts

    def plan(self) -> list[Phase]:
        if self.done():
            return [self.retreat(0.0), self.watch()]
        behind = self._behind()
        above = Pose(behind.position_m + (0, 0, 0.1), behind.quat_wxyz)
        stays: tuple[Keep, ...] = (self.stays(self.task.thing),)
        return [
            Phase(name="approach", share=0.0, way=self.to(lambda: above, share=0.0), keep=stays),
            Phase(name="descend", share=0.0, way=lambda: (behind,), keep=stays, speed_m_s=0.15),
            Phase(
                name="push",
                share=0.0,
                follow=lambda _: self._onward(behind),
                keep=(("in_line", self._in_line),),
                until=self._there,
                arrive=False,
                speed_m_s=PUSH_M_S,
                most_s=9.0,
            ),
            Phase(name="retreat", share=0.0, way=self._off, late="none", most_s=2.0),
            self.watch(),
        ]

    def _along(self) -> Array:
        """The level unit vector from the thing to where it is to go."""
        assert self.task.to is not None
        way = self._middle(self.task.to) - self._middle(self.task.thing)
        way[2] = 0.0
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-6))

    def _middle(self, thing: str) -> Array:
        low, high = self.truth.now.box_m(self.truth.geoms(thing))
        return np.asarray((low + high) / 2)

    def _behind(self) -> Pose:
        """Where the fingers come down, free of everything.

        Raises:
            Stuck: if there is no such place.
        """
        truth, way = self.truth, self._along()
        geoms = truth.geoms(self.task.thing)
        low, high = truth.now.box_m(geoms)
        back = float(np.abs(way) @ ((high - low) / 2))
        height = float(low[2]) + min(max(0.4 * float(high[2] - low[2]), 0.006), 0.05) + PAD_M
        for off in BEHIND_M:
            at = self._middle(self.task.thing) - way * (back + off)
            at[2] = height
            for lean in LEANS_RAD:  # the wrist away from the thing
                forward = np.cos(lean) * DOWN + np.sin(lean) * way
                for roll in (0.0, np.pi):
                    pose = pose_of(facing(forward, self._broadside(forward, way) + roll), at)
                    own = self.limb.posture(pose)
                    if own is not None and not truth.collides(truth.imagine(own=truth.opened(own, 0.0))):
                        return pose
        raise Stuck("no_way")

    @staticmethod
    def _broadside(forward: Array, way: Array) -> float:
        """The roll at which the two fingers stand side by side against the thing."""
        rolls = np.arange(24) * np.pi / 12
        return float(min(rolls, key=lambda roll: abs(float(facing(forward, roll)[:, 0] @ way))))

    def _onward(self, behind: Pose) -> Pose:
        """A little ahead of the grip, towards the line on which thing and goal lie."""
        here, way = self.truth.grip_pose().position_m, self._along()
        off = self._middle(self.task.thing) - here
        off[2] = 0.0
        aside = off - (off @ way) * way
        at = here + AHEAD_M * way + 0.8 * aside
        at[2] = behind.position_m[2]
        return Pose(at, behind.quat_wxyz)

    def _in_line(self) -> bool:
        """The thing is before the fingers, between them and where it is to go."""
        off = self._middle(self.task.thing) - self.truth.grip_pose().position_m
        off[2] = 0.0
        way = self._along()
        return float(off @ way) > 0.0 and float(np.linalg.norm(off - (off @ way) * way)) < ASIDE_M

    def _off(self) -> tuple[Pose, ...]:
        here, way = self.truth.grip_pose(), self._along()
        aside = Pose(here.position_m - 0.03 * way, here.quat_wxyz)
        return aside, Pose(aside.position_m + (0, 0, 0.12), here.quat_wxyz)
