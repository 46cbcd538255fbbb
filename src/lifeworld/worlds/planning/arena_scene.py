"""Arenas of our own physics: a scene, who plays in it, and what of it counts.

A start is a moment of a play at which its body has come to rest; the goal is where another play from there is after `ahead` decisions,
if enough has changed by then. So goals are what somebody did, never what only a drawing board knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifeworld.core.errors import InputError, PlacementError
from lifeworld.core.seed import child_seed, generator
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.held import AgentHeld
from lifeworld.worlds.world import Observation, World

REST_TICKS = 25
"""So long nobody does anything before a start: what was pushed comes to rest."""
FIRST_TICKS = (50, 300)
"""A start comes after so many ticks of a play, at least and at most."""
FEW_PLAYS, MOST_PLAYS, MOST_STARTS = 8, 60, 100
DRAWS = 5


class WorldStaged(WorldPhysics):
    """A physical world with the scene that its arena plays in."""

    def __init__(self, scene: Scene, *, frame_ticks: int) -> None:
        super().__init__(frame_ticks=frame_ticks)
        self.stage = scene
        self.reset(scene, seed=0)


@dataclass(frozen=True, kw_only=True)
class ArenaScene:
    """See the head of this file; what is not said here is as `Arena` has it.

    `scene` gives the scene of a variation; `who` plays; `looks` are the signals that a state is judged by, `near` whether the first is as
    good as the second, and `worth` whether the second is worth being a goal from the first.
    """

    name: str
    source: str
    camera: str
    hold: int
    budget: int
    ahead: int
    still: int
    seconds: float
    signals: tuple[str, ...]
    variations: Mapping[str, Sequence[Mapping[str, Any]]]
    scene: Callable[..., Scene]
    who: Callable[[Scene], Agent]
    looks: tuple[str, ...]
    near: Callable[[Scene, Observation, Observation], Reached]
    worth: Callable[[Scene, Observation, Observation], bool]

    def world(self, **variation: Any) -> WorldStaged:
        return WorldStaged(self.scene(**variation), frame_ticks=self.hold)

    def begin(self, world: World[Any], *, seed: int) -> PhysicsState:
        """Everything placed anew and at rest."""
        staged = _staged(self, world)
        for draw in range(DRAWS):
            try:
                settled = settle(staged, staged.stage, seed=child_seed(seed, "settle", draw))
            except PlacementError:
                if draw == DRAWS - 1:
                    raise
            else:
                break
        return staged.reset(settled, seed=seed)

    def start(self, world: World[Any], *, seed: int) -> PhysicsState:
        for number in range(MOST_STARTS):
            own = child_seed(seed, "start", number)
            ticks = int(generator(own, "ticks").integers(*FIRST_TICKS))
            state = self._played(world, self.begin(world, seed=own), seed=own, ticks=ticks)
            for _ in range(REST_TICKS):
                state = world.step(state, {})
            if self._worthy(world, state, seed=seed, plays=FEW_PLAYS) is not None:
                return state
        raise InputError("no play changes enough from any start", where=self.name, fix="Vary it less.")

    def goal(self, world: World[Any], start: PhysicsState, *, seed: int) -> PhysicsState:
        """Where the first play from the start that changes enough is after `ahead` decisions.

        Raises:
            InputError: if none of many does.
        """
        found = self._worthy(world, start, seed=seed, plays=MOST_PLAYS)
        if found is None:
            raise InputError("no play from this start changes enough", where=self.name, fix="Take one of arena.start(…).")
        return found

    def reached(self, world: World[Any], state: PhysicsState, goal: PhysicsState) -> Reached:
        stage = _staged(self, world).stage
        return self.near(stage, world.observe(state, self.looks), world.observe(goal, self.looks))

    def player(self, world: World[Any]) -> Agent:
        return AgentHeld(self.who(_staged(self, world).stage), hold=self.hold)

    def _worthy(self, world: World[Any], start: PhysicsState, *, seed: int, plays: int) -> PhysicsState | None:
        stage, seen = _staged(self, world).stage, world.observe(start, self.looks)
        for number in range(plays):
            end = self._played(world, start, seed=child_seed(seed, "goal", number), ticks=self.ahead * self.hold)
            there = world.observe(end, self.looks)
            if self.worth(stage, seen, there) and not any(self.near(stage, seen, there)):
                return end
        return None

    def _played(self, world: World[Any], state: PhysicsState, *, seed: int, ticks: int) -> PhysicsState:
        agent = self.player(world)
        agent.begin(world.spec, seed=seed)
        for tick in range(ticks):
            seen = world.observe(state, agent.signals) if agent.signals else None
            state = world.step(state, agent.act(seen, time_ns=tick * world.spec.tick_ns))
        return state


def _staged(arena: ArenaScene, world: World[Any]) -> WorldStaged:
    if not isinstance(world, WorldStaged):
        raise InputError("this is not a world of the arena", where=arena.name, got=type(world).__name__, fix="Use arena.world().")
    return world
