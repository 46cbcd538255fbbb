"""Whoever plans a task: given the truth now, the phases from here to the goal. Planning again after a failure is planning, no more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.grasp import Grasp, back
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.phase import Broken, Phase, Stuck
from lifeworld.worlds.experts.route import route
from lifeworld.worlds.experts.task import Task
from lifeworld.worlds.experts.truth import Truth

Array = NDArray[np.float64]
Keep = tuple[Broken, Callable[[], bool]]

PUT_M = 0.015
"""What has moved by less has stayed."""
SLOW_M_S = 0.02
RETREAT_M = 0.1


class Planner(ABC):
    """Plans one task for one limb."""

    def __init__(self, truth: Truth, limb: Limb, task: Task) -> None:
        self.truth, self.limb, self.task = truth, limb, task

    @abstractmethod
    def done(self) -> bool:
        """Whether the task's goal is so."""

    @abstractmethod
    def plan(self) -> list[Phase]:
        """The phases from here.

        Raises:
            Stuck: if nothing leads there.
        """

    def back_off(self) -> list[Phase]:
        """After a failure: let go, draw back, wait until what it is about lies still."""
        truth = self.truth
        if truth.held(self.task.thing):
            return [Phase(name="wait", share=0.0, least_s=0.2, arrive=False)]
        return [
            Phase(name="release", share=1.0, least_s=0.25, arrive=False),
            self.retreat(1.0),
            Phase(name="wait", share=1.0, least_s=0.1, most_s=3.0, arrive=False, until=self.still, late="none"),
        ]

    def retreat(self, share: float, by_m: float = RETREAT_M) -> Phase:
        """Straight back from where the grip points to."""
        return Phase(name="retreat", share=share, way=lambda: (back(self.truth.grip_pose(), by_m),), late="none", most_s=1.5)

    def watch(self) -> Phase:
        """Stay, and see that what was reached lasts."""
        return Phase(name="watch", share=1.0, keep=(("goal", self.done),), until=lambda: False, arrive=False, most_s=np.inf)

    def still(self) -> bool:
        names = [self.task.thing, *([self.task.to] if self.task.to else [])]
        return all(self.truth.speed_m_s[self.truth.things[name]] < SLOW_M_S for name in names)

    def stays(self, thing: str, broken: Broken = "stays_put") -> Keep:
        """That a thing stays where it is now."""
        was = self.truth.pose(thing).position_m.copy()
        return broken, lambda: float(np.linalg.norm(self.truth.pose(thing).position_m - was)) < PUT_M

    def to(self, end: Callable[[], Pose], *, share: float, carried: str | None = None, ignore: frozenset[int] = frozenset()
           ) -> Callable[[], tuple[Pose, ...]]:  # fmt: skip
        """A way that is looked for when its phase begins."""

        def way() -> tuple[Pose, ...]:
            found = route(self.truth, self.limb, end(), share=share, carried=carried, ignore=ignore)
            if found is None:
                raise Stuck("no_way")
            return found

        return way

    def to_grasp(self, grasp: Grasp, keep: tuple[Keep, ...], taken: Callable[[], bool], lost: Broken) -> list[Phase]:
        """Come before it, come to it, close the fingers until it is `taken`."""
        return [
            Phase(name="approach", share=grasp.open, way=self.to(lambda: grasp.before, share=grasp.open), keep=keep),
            Phase(name="descend", share=grasp.open, way=lambda: (grasp.world_from_grip,), keep=keep, speed_m_s=0.15, most_s=3.0),
            Phase(name="grasp", share=0.0, until=taken, least_s=0.3, most_s=1.2, arrive=False, late=lost),
        ]
