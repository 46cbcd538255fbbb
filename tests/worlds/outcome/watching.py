"""Rows of states for watches: what agents made of scenes, and futures that begin with a shove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.condition import Condition
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import Agent
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.watch import Verdict, Watch


def states_of(world: WorldPhysics, scene: Scene, agent: Agent, ticks: int, *, seed: int = 0) -> list[PhysicsState]:
    """The states of an episode, the first one with them."""
    states = [world.reset(scene, seed=seed)]
    agent.begin(world.spec, seed=seed)
    for _ in range(ticks):
        shown = world.observe(states[-1], agent.signals) if agent.signals else None
        states.append(world.step(states[-1], agent.act(shown, time_ns=states[-1].time_ns)))
    return states


def rows_of(states: Sequence[PhysicsState]) -> NDArray[np.float64]:
    return np.stack([s.vector for s in states])


def holds(state: PhysicsState, rows: NDArray[np.float64], condition: Condition) -> NDArray[np.bool_]:
    """Whether a condition of a moment holds in each of the rows."""
    watch = Watch.of(state, [Outcome(name="now", conditions=(condition,))])
    return watch.verdict(watch.begin(rows)).came[:, 0]


def judged(states: Sequence[PhysicsState], *outcomes: Outcome) -> Verdict:
    """The verdict on one history."""
    watch = Watch.of(states[0], outcomes)
    seen = watch.begin(rows_of(states[:1]))
    for state in states[1:]:
        seen = watch.after(seen, rows_of([state]))
    return watch.verdict(seen)


def outcome(predicate: str, thing: str, to: str | None = None, **more: object) -> Outcome:
    """One condition as an outcome."""
    own: Mapping[str, object] = {k: v for k, v in more.items() if k in ("joint", "amount", "holds")}
    rest: Mapping[str, object] = {k: v for k, v in more.items() if k not in own}
    condition = Condition(predicate=predicate, thing=thing, to=to, **own)  # type: ignore[arg-type]
    return Outcome(name=f"{thing} {predicate}", conditions=(condition,), **rest)  # type: ignore[arg-type]
