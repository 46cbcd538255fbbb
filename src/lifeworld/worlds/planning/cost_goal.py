"""To make goals of a scene so: how far each is from being so, and how far those who act are from whom it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.scene.goal import Goal
from lifeworld.scene.scene import Embodiment, Scene
from lifeworld.scene.words.goals import goals as read_goals
from lifeworld.scene.words.grounding.cast import cast_of
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.world import Observation, World

PROGRESS = "goal_progress"
AXES = {"pusher": 2, "hand": 3}
"""Embodiments that reach for things, and in how many directions."""
FINGERS_M = 0.09
"""How far below a hand its fingertips are."""
NEARNESS = 0.5
"""What a metre from the thing costs, beside 1 for a goal that is nowhere near: nobody moves what they do not touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who reaches: `stream` tells in its first `axes` numbers how far it is from `origin_m`."""

    stream: str
    axes: int
    origin_m: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGoal:
    """What is missing of the goals of a scene, 0 when all are so; `things` are the numbers of those they are about.

    The cost of a goal that is not so is its missing share (see `goal_progress`), and NEARNESS for each metre from its thing to the nearest
    who reaches.
    """

    things: tuple[int, ...]
    reaches: tuple[Reach, ...]

    @classmethod
    def for_goals(cls, scene: Scene) -> CostGoal:
        """The goals of a scene that is a world.

        Raises:
            InputError: if it has none.
        """
        if not scene.goals:
            raise InputError("there is nothing to plan for", where=scene.name, fix='Say it: --goal "the mug on the plate".')
        number = {thing.name: i for i, thing in enumerate(scene.things)}
        reaches = tuple(_reach(one) for one in scene.embodiments if one.kind in AXES)
        return cls(things=tuple(number[goal.thing] for goal in scene.goals), reaches=reaches)

    @property
    def signals(self) -> tuple[str, ...]:
        return (PROGRESS, "center_of_mass_m", *(reach.stream for reach in self.reaches))

    def of(self, seen: Observation) -> NDArray[np.float64]:
        """The cost (n, ticks) of each moment."""
        missing = 1.0 - seen[PROGRESS]
        middles = seen["center_of_mass_m"][:, :, list(self.things)]
        metres = [_metres(seen[reach.stream], reach, middles) for reach in self.reaches]
        far = np.min(metres, axis=0) if metres else np.zeros_like(missing)
        return np.asarray((missing + NEARNESS * far * (missing > 0)).sum(axis=-1))


def wanted(text: str, scene: Scene) -> Scene:
    """A placed scene whose goals are what words ask for, "the block beside the drum", and nothing else.

    Raises:
        WordsError: for words that cannot be read, or that ask for no state of things.
        SceneError, UnknownName: for a state that is no goal.
    """
    literals = sorted(read_goals(text, cast_of(scene)), key=lambda one: (one.thing, one.predicate, one.to or ""))
    made = []
    for number, one in enumerate(literals):
        thing, _, joint = one.thing.partition("/")
        predicate: Any = {"against": "touching"}.get(one.predicate, one.predicate)  # Goal says if it is none
        to = None if one.to is None else one.to.partition("/")[0]
        joint = joint if predicate in ("open", "closed") else ""
        made.append(Goal(name=f"wanted_{number + 1}", predicate=predicate, thing=thing, to=to, joint=joint or None))
    return replace(scene, goals=tuple(made))


def all_so(world: World[Any], state: Any) -> Reached:
    """Whether every goal of the scene is so; who asks for how long is strict (`pursue(steady=…)`)."""
    so = bool((world.observe(state, (PROGRESS,))[PROGRESS] >= 1.0).all())
    return Reached(moderate=so, strict=so)


def _reach(one: Embodiment) -> Reach:
    axes = AXES[one.kind]
    origin = tuple(one.pose.position_m[:2].tolist()) if one.kind == "pusher" else (0.0, 0.0, -FINGERS_M)
    return Reach(stream=f"embodiment_state@{one.name}", axes=axes, origin_m=origin)


def _metres(state: NDArray[np.float64], reach: Reach, middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far [m] who reaches is from the middles (n, ticks, things, 3)."""
    here = state[..., : reach.axes] + np.array(reach.origin_m)
    return np.asarray(np.linalg.norm(middles[..., : reach.axes] - here[:, :, None], axis=-1))
