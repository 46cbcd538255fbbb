"""Pour: take a vessel from the side, carry it over another, tilt it about its lip until what was in it has gone over, put it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_from_rotation_vector, slerp
from lifeworld.worlds.experts.grasp import BEFORE_M, Grasp, back, grasp
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.phase import Phase, Stuck
from lifeworld.worlds.experts.planner import Keep, Planner
from lifeworld.worlds.experts.task import Task
from lifeworld.worlds.experts.truth import Truth

Array = NDArray[np.float64]

WAYS = tuple(np.array([np.cos(turn), np.sin(turn), 0.0]) for turn in np.arange(16) * np.pi / 8)
TILT_RAD, TILT_RAD_S, NEAR_RAD = 2.1, 0.6, 0.12
FLIGHT_M = 0.02
"""What leaves the lip flies so far on."""
OVER_M = 0.035
"""How far above the other's rim the lip is while it pours."""
POURED = 0.75
"""The share of what was in it that has to end up in the other."""
LIFT_M = 0.1
MOST_TRIED = 200


@dataclass(frozen=True, slots=True)
class Tilt:
    """How a vessel is tilted: about the level unit vector `axis`, from its `upright` turn, the lip (in its own frame) held over `at_m`."""

    axis: Array
    lip_m: Array
    at_m: Array
    upright: Array
    height_m: float

    def pose(self, tilt_rad: float) -> Pose:
        """world_from_vessel at this tilt; while it is upright its bottom is above the other's rim."""
        turn = Pose((0, 0, 0), quat_from_rotation_vector(tilt_rad * self.axis)) @ Pose((0, 0, 0), self.upright)
        at = self.at_m + np.array([0.0, 0.0, self.height_m * max(float(np.cos(tilt_rad)), 0.0)])
        return Pose(at - turn.rotation @ self.lip_m, turn.quat_wxyz)


class Pouring(Planner):
    """Pour what is in one vessel into another."""

    def __init__(self, truth: Truth, limb: Limb, task: Task) -> None:
        super().__init__(truth, limb, task)
        self._grains: frozenset[int] = frozenset()
        self._tilt: Tilt | None = None
        self._home: Pose | None = None

    def done(self) -> bool:
        assert self.task.to is not None
        to = self.truth.number(self.task.to)
        over = sum(("in", grain, to) in self.truth.facts for grain in self._grains)
        return bool(self._grains) and over >= POURED * len(self._grains)

    def plan(self) -> list[Phase]:
        truth, thing = self.truth, self.task.thing
        inside = frozenset(a for predicate, a, b in truth.facts if predicate == "in" and b == truth.number(thing))
        self._grains = self._grains or inside
        if not (inside or self.done()):
            raise Stuck("spilt")
        if truth.held(thing) and self._tilt is not None:
            return [*([] if self.done() else self._pour()), *self._return()]
        if self.done():
            return [self.retreat(1.0), self.watch()]
        self._home = truth.pose(thing)
        found = self._hold()
        return [
            *self.to_grasp(found, (self.stays(thing),), lambda: truth.held(thing), "held"),
            Phase(name="lift", share=0.0, way=self._up, keep=(self._held(),), speed_m_s=0.15),
            *self._pour(),
            *self._return(),
        ]

    def _held(self) -> Keep:
        return "held", lambda: self.truth.held(self.task.thing)

    def _up(self) -> tuple[Pose, ...]:
        here = self.truth.grip_pose()
        return (Pose(here.position_m + (0, 0, LIFT_M), here.quat_wxyz),)

    def _hold(self) -> Grasp:
        """A grip from the side from which the vessel can also be tilted over the other.

        Raises:
            Stuck: if there is none.
        """
        truth, thing = self.truth, self.task.thing
        here = truth.grip_pose().rotation[:, 2]
        for way in sorted(WAYS, key=lambda way: -float(way @ here)):
            found = grasp(truth, self.limb, truth.geoms(thing), ways=(way,), most=MOST_TRIED)
            if found is None:
                continue
            thing_from_grip = truth.pose(thing).inverse() @ found.world_from_grip
            for sign in (1.0, -1.0):
                tilt = self._over(found.world_from_grip.rotation[:, 2] * sign)
                if self._can(tilt, found, thing_from_grip):
                    self._tilt = tilt
                    return found
        raise Stuck("no_grasp")

    def _over(self, axis: Array) -> Tilt:
        """How the vessel is tilted about an axis, over the middle of the other."""
        assert self.task.to is not None
        truth = self.truth
        low, high = truth.now.box_m(truth.geoms(self.task.thing))
        to_low, to_high = truth.now.box_m(truth.geoms(self.task.to))
        pose, aside = truth.pose(self.task.thing), np.cross(axis, (0.0, 0.0, 1.0))
        reach = float(np.abs(aside) @ (high - low) / 2)
        lip = np.array([*((low + high) / 2)[:2], high[2]]) + aside * reach
        at = np.array([*((to_low + to_high) / 2)[:2], to_high[2] + OVER_M]) - FLIGHT_M * aside
        return Tilt(axis, pose.inverse().apply(lip), at, pose.quat_wxyz, float(high[2] - low[2]))

    def _can(self, tilt: Tilt, found: Grasp, thing_from_grip: Pose) -> bool:
        """Whether the limb, as it will have come, gets through the whole tilt without running into anything."""
        near = self.limb.posture(found.world_from_grip)
        lifted = Pose(found.world_from_grip.position_m + (0, 0, LIFT_M), found.world_from_grip.quat_wxyz)
        for share in np.linspace(0.0, 1.0, 8):
            near = self.limb.posture(slerp(lifted, tilt.pose(0.0) @ thing_from_grip, float(share)), near) if near is not None else None
        for angle in np.linspace(0.0, TILT_RAD, 16):
            pose = tilt.pose(float(angle))
            own = self.limb.posture(pose @ thing_from_grip, near) if near is not None else None
            if own is None or near is None or self.limb.leaps(near, own):
                return False
            near = own
            there = self.truth.imagine(own=own, moved={self.task.thing: pose})
            if self.truth.collides(there, carried=self.task.thing, ignore=self._grains):
                return False
        return True

    def _pour(self) -> list[Phase]:
        truth, thing = self.truth, self.task.thing

        def at(tilt_rad: float) -> Pose:
            assert self._tilt is not None
            return self._tilt.pose(tilt_rad) @ self._thing_from_grip

        def begin() -> Pose:
            self._thing_from_grip = truth.pose(thing).inverse() @ truth.grip_pose()
            return at(0.0)

        held = (self._held(),)
        over = self.to(begin, share=0.4, carried=thing, ignore=self._grains)
        return [
            Phase(name="carry", share=0.0, way=over, keep=held, speed_m_s=0.2, most_s=9.0),
            Phase(
                name="tilt", share=0.0, follow=lambda s: at(min(TILT_RAD_S * s, TILT_RAD)), keep=held, most_s=5.5, late="none",
                arrive=False, until=lambda: self._tilted_rad() > TILT_RAD - NEAR_RAD,
            ),
            Phase(name="pour", share=0.0, keep=held, least_s=1.0, most_s=2.5, until=self.done, arrive=False, late="goal"),
            Phase(
                name="right", share=0.0, follow=lambda s: at(max(TILT_RAD - TILT_RAD_S * s, 0.0)), keep=held, most_s=5.5, late="none",
                arrive=False, until=lambda: self._tilted_rad() < NEAR_RAD,
            ),
        ]  # fmt: skip

    def _tilted_rad(self) -> float:
        """How far the vessel is from standing upright."""
        assert self._tilt is not None
        up = Pose((0, 0, 0), self._tilt.upright).rotation.T[:, 2]
        return float(np.arccos(np.clip((self.truth.pose(self.task.thing).rotation @ up)[2], -1.0, 1.0)))

    def _return(self) -> list[Phase]:
        """Back to where it stood, and let go."""
        assert self._home is not None
        truth, thing, home = self.truth, self.task.thing, self._home

        def end(up_m: float) -> Pose:
            stood = home @ truth.pose(thing).inverse() @ truth.grip_pose()
            return Pose(stood.position_m + (0, 0, up_m), stood.quat_wxyz)

        lands: tuple[Keep, ...] = (("held", lambda: truth.held(thing) or truth.rests(thing)),)
        return [
            Phase(
                name="carry", share=0.0, way=self.to(lambda: end(LIFT_M), share=0.4, carried=thing), keep=(self._held(),), most_s=9.0
            ),
            Phase(name="lower", share=0.0, way=lambda: (end(0.003),), keep=lands, speed_m_s=0.1),
            Phase(name="release", share=1.0, least_s=0.4, arrive=False),
            Phase(name="retreat", share=1.0, way=lambda: (back(truth.grip_pose(), BEFORE_M),), late="none", most_s=1.5),
            self.watch(),
        ]  # fmt: skip
