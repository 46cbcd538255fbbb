"""Worlds for the tests of how bodies are and what they feel: kinds of their own, states some ticks on, the engine's own steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import mujoco
import numpy as np

from lifeworld.scene import archetype as archetypes
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.scene import Scene
from lifeworld.scene.shape import Vec3
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.state import FULL


@contextmanager
def own_kinds(kinds: Mapping[str, Callable[[Vec3], Assembly]], *, fixed: Collection[str] = (), **about: Any) -> Iterator[None]:
    """Kinds that only a test knows: frames where the closed forms want them, and nothing else."""
    for name, make in kinds.items():
        archetype(name, category="science", material="wood", fixed=name in fixed, **about)(make)
    try:
        yield
    finally:
        for name in kinds:
            del archetypes._KINDS[name]
        archetypes.kinds.cache_clear()


def started(scene: Scene, ticks: int = 0) -> tuple[WorldPhysics, PhysicsState]:
    """A world and its state so many ticks after the start."""
    world = WorldPhysics(renderer="rays")
    return world, gone_on(world, world.reset(scene, seed=0), ticks)


def gone_on(world: WorldPhysics, state: PhysicsState, ticks: int) -> PhysicsState:
    for _ in range(ticks):
        state = world.step(state, {})
    return state


def engine_step(state: PhysicsState) -> PhysicsState:
    """Two milliseconds later."""
    model = state.compiled.model
    data, vector = mujoco.MjData(model), np.empty_like(state.vector)
    mujoco.mj_setState(model, data, state.vector, FULL)
    mujoco.mj_step(model, data)
    mujoco.mj_getState(model, data, vector, FULL)
    return replace(state, vector=vector)
