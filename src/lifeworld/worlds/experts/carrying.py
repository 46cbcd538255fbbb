"""Pick and place: take a thing, lift it, carry it over, put it down on or in another, let go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.grasp import DOWN, TILTED, grasp
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.phase import Phase, Stuck
from lifeworld.worlds.experts.planner import Keep, Planner
from lifeworld.worlds.experts.route import route
from lifeworld.worlds.experts.spot import Place, place_for
from lifeworld.worlds.experts.task import Task
from lifeworld.worlds.experts.truth import Truth

Array = NDArray[np.float64]

LIFT_M = 0.1
SLIP_M = 0.025
MOVED_M = 0.015


class Carrying(Planner):
    """Pick and place."""

    def __init__(self, truth: Truth, limb: Limb, task: Task) -> None:
        super().__init__(truth, limb, task)
        self._rest_quat: Array | None = None
        self._place: Place | None = None

    def done(self) -> bool:
        return self.truth.so("in" if self.task.inside else "on", self.task.thing, self.task.to) and not self.truth.touched(self.task.thing)

    def plan(self) -> list[Phase]:
        thing = self.task.thing
        if self.truth.held(thing):
            return [*self._over(), *self._leave()]
        if self.done():
            return self._leave()
        found = grasp(self.truth, self.limb, self.truth.geoms(thing), ways=(DOWN, *TILTED))
        if found is None:
            raise Stuck("no_grasp")
        return [*self.to_grasp(found, (self.stays(thing),), lambda: self.truth.held(thing), "held"), *self._over(), *self._leave()]

    def _over(self) -> list[Phase]:
        """From where it is held to where it is let go."""
        truth, thing, to = self.truth, self.task.thing, self.task.to
        assert to is not None
        held: Keep = ("held", lambda: truth.held(thing))

        def up() -> tuple[Pose, ...]:
            here = truth.grip_pose()
            if self._rest_quat is None or truth.rests(thing):
                self._rest_quat = truth.pose(thing).quat_wxyz.copy()
            return (Pose(here.position_m + (0, 0, LIFT_M), here.quat_wxyz),)

        def over() -> tuple[Pose, ...]:
            share = truth.share()
            assert self._rest_quat is not None
            self._place = place_for(truth, self.limb, thing, to, inside=self.task.inside, rest_quat=self._rest_quat, share=share)
            if self._place is None:
                raise Stuck("no_place")
            found = route(truth, self.limb, self._place.above, share=share, carried=thing)
            if found is None:
                raise Stuck("no_way")
            self._was = truth.pose(to).position_m.copy()
            self._grip = truth.grip_pose().inverse() @ truth.pose(thing)
            return found

        def down() -> tuple[Pose, ...]:
            assert self._place is not None
            return (self._place.world_from_grip,)

        def stays() -> bool:
            return float(np.linalg.norm(truth.pose(to).position_m - self._was)) < MOVED_M

        def same() -> bool:
            now = truth.grip_pose().inverse() @ truth.pose(thing)
            return float(np.linalg.norm(now.position_m - self._grip.position_m)) < SLIP_M

        moves: tuple[Keep, ...] = (held, ("same_grip", same), ("place_stays", stays))
        lands: tuple[Keep, ...] = (("held", lambda: truth.held(thing) or truth.rests(thing)), moves[2])
        return [
            Phase(name="lift", share=0.0, way=up, keep=(held,), speed_m_s=0.2),
            Phase(name="carry", share=0.0, way=over, keep=moves),
            Phase(name="lower", share=0.0, way=down, keep=lands, speed_m_s=0.12),
        ]

    def _leave(self) -> list[Phase]:
        share = self._place.share if self._place is not None else 1.0
        return [
            Phase(name="release", share=share, least_s=0.35, arrive=False),
            self.retreat(share, 0.12),
            Phase(name="wait", share=share, least_s=0.1, most_s=2.0, arrive=False, until=self.still, late="none"),
            self.watch(),
        ]
