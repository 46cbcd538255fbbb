"""Episodes whose states are all known, for tests of going back into them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lifeworld.core.seed import generator
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter
from lifeworld.scene.generate import tabletop
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import AgentCurious, AgentRandom
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.record import record

STARTERS = ("tabletop", "drawer", "tower", "dominoes", "cube_toss", "ramp_and_balls", "pendulum", "kitchen_counter", "soft_things")


class Watched:
    """A world that keeps every state it steps to."""

    def __init__(self, world: WorldPhysics) -> None:
        self._world, self.states = world, list[PhysicsState]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def reset(self, start: Scene, *, seed: int) -> PhysicsState:
        self.states = [self._world.reset(start, seed=seed)]
        return self.states[0]

    def step(self, state: PhysicsState, action: Any) -> PhysicsState:
        self.states.append(self._world.step(state, action))
        return self.states[-1]


def recorded(
    number: int, *, seconds: float = 2.0, signals: Collection[str] = ("position_m", "quat_wxyz")
) -> tuple[Episode, list[PhysicsState]]:
    """The `number`-th of many different episodes, and its state at every tick."""
    rng = generator(number, "past")
    scene = tabletop(seed=number) if number % 3 == 2 else starter.load(STARTERS[number % len(STARTERS)])
    world = Watched(WorldPhysics(renderer="rays", frame_ticks=int(rng.integers(1, 5)), hearing=number % 5 == 4))
    agent = (AgentCurious, AgentRandom)[number % 2]()
    episode = record(world, agent, scene, seconds=seconds, seed=number, signals=signals)  # type: ignore[type-var]  # it is one
    return episode, world.states
