"""Do scenes stay put? Random tables and every starter: placed, let go for five seconds, measured.

200 tables in the long part, some in the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import mujoco
import numpy as np

from benchmarks.row import Row
from lifeworld.core.errors import PlacementError
from lifeworld.scene import starter
from lifeworld.scene.generate import tabletop
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import drift, settle

SHARE_S = 20
LONG_S = 150
SOME, MANY = 20, 200
MOVED_M, TURNED_RAD = 0.01, np.deg2rad(5)


def run() -> Iterator[Row]:
    """Some tables, and the starters."""
    world = WorldPhysics(renderer="rays")
    yield from _tables(world, SOME)
    yield from _starters(world)


def run_long() -> Iterator[Row]:
    """Many tables."""
    yield from _tables(WorldPhysics(renderer="rays"), MANY)


def _tables(world: WorldPhysics, count: int) -> Iterator[Row]:
    """Shares of scenes and things that stay, of pairs that collide; time to place and compile."""
    stable = things = moved = pairs = colliding = refused = 0
    spent, deepest = [], 0.0
    for seed in range(count):
        scene = tabletop(seed=seed)
        start = time.perf_counter()
        try:
            state = world.reset(scene, seed=seed)
        except PlacementError:
            refused += 1
            continue
        spent.append(time.perf_counter() - start)
        deep, hit = penetration(state)
        deepest = max(deepest, deep)
        colliding += hit
        pairs += len(list(combinations(range(len(scene.things)), 2)))
        placed = world.scene(state)
        after = hold(world, state)
        off = [drift(_only(placed, i), _only(after, i)) for i in range(len(placed.things))]
        gone = [a > MOVED_M or b > TURNED_RAD for a, b in off]
        things += len(gone)
        moved += sum(gone)
        stable += not any(gone)
    done = count - refused
    yield Row("random tables placed", done, "", count, n=count)
    yield Row("  that hold for 5 s as placed (nothing > 1 cm or > 5°)", 100 * stable / done, "%", 99, n=done)
    yield Row("  things that hold, of all things", 100 * (things - moved) / things, "%", 99, n=things)
    yield Row("  pairs of things that overlap at the start by more than 0.5 mm", 100 * colliding / pairs, "%", 0.5, lower=True, n=pairs)
    yield Row("  deepest overlap at the start", 1e3 * deepest, "mm", 2, lower=True)
    yield Row("  time to place and compile, median", 1e3 * float(np.median(spent)), "ms", n=len(spent))


def _starters(world: WorldPhysics) -> Iterator[Row]:
    """How far anything goes that should not go at all."""
    worst = (0.0, 0.0)
    for name in starter.names():
        scene = starter.load(name)
        if not scene.moving:
            state = world.reset(settle(world, scene, seed=0), seed=0)
            off = drift(world.scene(state), hold(world, state))
            worst = (max(worst[0], off[0]), max(worst[1], off[1]))
    yield Row("starter scenes at rest: most moved in 5 s", 1e3 * worst[0], "mm", 10, lower=True)
    yield Row("starter scenes at rest: most turned in 5 s", float(np.rad2deg(worst[1])), "deg", 5, lower=True)


def hold(world: WorldPhysics, state: PhysicsState, *, seconds: float = 5.0) -> Scene:
    """The scene after being left alone."""
    for _ in range(round(seconds / 0.02)):
        state = world.step(state, {})
    return world.scene(state)


def penetration(state: PhysicsState) -> tuple[float, int]:
    """The deepest overlap [m] between two things, and how many pairs overlap by more than 0.5 mm."""
    model = state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(model, data)
    deepest, pairs = 0.0, set()
    for contact in data.contact:
        if contact.dist < 0:
            deepest = max(deepest, -float(contact.dist))
            if contact.dist < -0.0005 and min(contact.geom) >= 0:
                a, b = (int(state.compiled.geom_instance[g]) for g in contact.geom)
                if a != b:
                    pairs.add((min(a, b), max(a, b)))
    return deepest, len(pairs)


def _only(scene: Scene, index: int) -> Scene:
    return replace(scene, things=(replace(scene.things[index], relations=()),), cameras=(), embodiments=(), sensors=(), goals=())
