"""Episodes whose states are all known, for tests of going back into them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from lifeworld.core.seed import generator
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter
from lifeworld.scene.events import asked
from lifeworld.scene.generate import tabletop
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import AgentCurious, AgentRandom
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.record import record

EVENTS = "bump:60/min:strength=0.01..0.03,gust:20/min:strength=2..4,shake:30/min:strength=0.5..1,throw:20/min:strength=1..2"
STARTERS = ("tabletop", "drawer", "tower", "dominoes", "cube_toss", "ramp_and_balls", "pendulum", "kitchen_counter", "soft_things")

State = PhysicsState | EventfulState


class Watched:
    """A world that keeps every state it steps to."""

    def __init__(self, world: WorldPhysics | WorldEventful) -> None:
        self._world, self.states = world, list[State]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def reset(self, start: Scene, *, seed: int) -> State:
        self.states = [self._world.reset(start, seed=seed)]
        return self.states[0]

    def step(self, state: State, action: Any) -> State:
        self.states.append(self._world.step(state, action))
        return self.states[-1]


def small(scene: Scene) -> Scene:
    """The same with pictures so small that rays draw them in no time."""
    return replace(scene, cameras=tuple(replace(camera, width_px=32, height_px=24) for camera in scene.cameras[:1]))


def recorded(number: int, *, seconds: float = 2.0, signals: Collection[str] = ("position_m", "quat_wxyz")) -> tuple[Episode, list[State]]:
    """The `number`-th of many different episodes, and its state at every tick."""
    rng = generator(number, "past")
    scene = small(tabletop(seed=number) if number % 3 == 2 else starter.load(STARTERS[number % len(STARTERS)]))
    physics = WorldPhysics(renderer="rays", frame_ticks=int(rng.integers(1, 5)), hearing=number % 5 == 4)
    world = Watched(WorldEventful(physics, asked(EVENTS)) if number % 4 == 1 else physics)
    agent = (AgentCurious, AgentRandom)[number % 2]()
    episode = record(world, agent, scene, seconds=seconds, seed=number, signals=signals)  # type: ignore[type-var]  # it is one
    return episode, world.states
