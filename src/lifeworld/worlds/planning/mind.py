"""Where one plans: a world that is entered, before each plan, from what is true by then.

Inside(world)                       # in the true world itself: physics that plans in physics
Behind(dream, camera="rgb@above")   # behind the eyes: a world that is entered from the last pictures of the true one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.cost_image import CostImage
from lifeworld.worlds.planning.cost_state import CostState
from lifeworld.worlds.world import World


class Mind(Protocol):
    """See the head of this file. `hold` ticks of its world are one decision."""

    @property
    def world(self) -> World[Any]: ...
    @property
    def hold(self) -> int: ...

    def enter(self, true: World[Any], course: Sequence[Any]) -> Any:
        """The state of the mind's world where the true one is: `course` are the true states from the start on, tick by tick."""
        ...

    def wanting(self, true: World[Any], goal: Any) -> Cost:
        """What being as at a goal, a true state, costs in the mind's world."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """Plans in the true world itself, from its true state, towards the places that all have at the goal."""

    world: World[Any]
    hold: int

    def enter(self, true: World[Any], course: Sequence[Any]) -> Any:
        return course[-1]

    def wanting(self, true: World[Any], goal: Any) -> Cost:
        return CostState.like(self.world, goal)


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """Plans in a world that begins from `context` pictures, and sees nothing of the true one but through `camera`.

    Its pictures are `stride` ticks of the true world apart. Before there are so many, the first is repeated, and so is the goal's: as if
    all had stood still.
    """

    world: World[Any]
    camera: str
    context: int
    stride: int
    hold: int = 1

    @classmethod
    def of(cls, world: World[Any], true: World[Any], *, camera: str, context: int, hold: int) -> Behind:
        """Behind a world whose ticks are the time between two of its pictures, where a decision lasts `hold` ticks of the true one.

        Raises:
            InputError: if the true world has no such camera, or their times do not go into each other.
        """
        if true.spec.signals.get(camera) != "rgb":
            cameras = [stream for stream, signal in true.spec.signals.items() if signal == "rgb"]
            raise InputError(
                "the model learned from another camera",
                got=camera,
                expected=", ".join(cameras) or "a world with a camera",
                fix="Learn from pictures of the world that is to be planned in.",
            )
        own, tick, decision = world.spec.tick_ns, true.spec.tick_ns, hold * true.spec.tick_ns
        if own % tick or decision % own:
            raise InputError(
                "the model's pictures do not come at the pace of decisions",
                got=f"one in {own / 1e6:g} ms",
                expected=f"one in {decision / 1e6:g} ms, or a whole part of that",
                fix=f"Learn at that pace: {1e9 / decision:g} pictures a second.",
            )
        return cls(world, camera, context, own // tick, decision // own)

    def enter(self, true: World[Any], course: Sequence[Any]) -> Any:
        last = course[:: -self.stride][: self.context][::-1]
        return self.world.reset(self._seen(true, last), seed=0)

    def wanting(self, true: World[Any], goal: Any) -> Cost:
        return CostImage.like(self.world, self.world.reset(self._seen(true, [goal]), seed=0))

    def _seen(self, true: World[Any], states: Sequence[Any]) -> NDArray[np.uint8]:
        """Pictures (context, H, W, 3), the first repeated where they are too few."""
        pictures = [np.asarray(true.observe(state, (self.camera,))[self.camera]) for state in states]
        return np.stack([pictures[0]] * (self.context - len(pictures)) + pictures)
