"""What a world tells, in words that a test can read."""

from __future__ import annotations

from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics


def told(world: WorldPhysics, state: PhysicsState) -> set[tuple[str, str, str]]:
    """The facts of a state in words."""
    rows = world.observe(state, ["relations"])["relations"]
    who, what = world.spec.legend["instance_ids"], world.spec.legend["relations"]
    out = [(what[p], who[a], who[b]) for p, a, b in rows.tolist()]
    assert len(set(out)) == len(out)
    return set(out)


def happened(world: WorldPhysics, state: PhysicsState) -> list[tuple[str, str, str, float]]:
    """The events of a state's last tick in words."""
    rows = world.observe(state, ["events"])["events"]
    who, what = world.spec.legend["instance_ids"], world.spec.legend["events"]
    return [(what[k], who[a], who[b], v) for k, a, b, v in rows.tolist()]


def run(world: WorldPhysics, start: Scene, agent: Agent, ticks: int, seed: int = 0) -> list[PhysicsState]:
    """The states that an agent goes through."""
    states = [world.reset(start, seed=seed)]
    agent.begin(world.spec, seed=seed)
    for _ in range(ticks):
        shown = world.observe(states[-1], agent.signals) if agent.signals else None
        states.append(world.step(states[-1], agent.act(shown, time_ns=states[-1].time_ns)))
    return states
