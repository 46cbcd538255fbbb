"""Rooms that hold: furnished rooms and homes of every size; how long they take, what collides, what does not stay.

200 rooms and all homes in the long part, some rooms in the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.bench_settle import MOVED_M, TURNED_RAD, hold
from benchmarks.row import Row
from lifeworld.core.errors import PlacementError
from lifeworld.core.pose import rotation_angle
from lifeworld.scene.homes import HOMES, home, room
from lifeworld.scene.relation import collisions
from lifeworld.scene.scene import Scene
from lifeworld.scene.space import SPACE_KINDS
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle

SHARE_S = 32
LONG_S = 400
SOME, MANY = 8, 200
TIMED = 12
SIZES = {20: ("bedroom", "kitchen", "living_room", "office"), 70: ("kitchen", "living_room", "office", "living_room")}


def run() -> Iterator[Row]:
    """Seconds for 20 and 70 things; shares of pairs that collide and of things that stay in some rooms."""
    world = WorldPhysics(renderer="rays")
    settle(world, room("kitchen", seed=MANY), seed=0)  # the library is loaded, and every module
    yield from _timed(world)
    yield from _laws(world, _rooms(SOME), "rooms")


def run_long() -> Iterator[Row]:
    """Many rooms, and homes of every size."""
    world = WorldPhysics(renderer="rays")
    yield from _laws(world, _rooms(MANY), "rooms")
    yield from _laws(world, [(home, n, seed) for n in HOMES for seed in range(2)], "homes of 2 to 8 rooms")


def _rooms(count: int) -> list[tuple[object, object, int]]:
    return [(room, SPACE_KINDS[i % len(SPACE_KINDS)], i) for i in range(count)]


def _timed(world: WorldPhysics) -> Iterator[Row]:
    for things, bar in ((20, 2.0), (70, 10.0)):
        spent, made = [], []
        for seed in range(TIMED):
            kind = SIZES[things][seed % len(SIZES[things])]
            start = time.perf_counter()
            scene = settle(world, room(kind, seed=seed, things=things), seed=seed)  # type: ignore[arg-type]  # one of the kinds
            spent.append(time.perf_counter() - start)
            made.append(len(scene.things))
        middle = float(np.median(spent))
        yield Row(f"rooms of {things} things: drawn, placed, settled, verified: median", middle, "s", bar, lower=True, n=TIMED)
        yield Row("  the slowest of them", max(spent), "s", bar, lower=True, n=TIMED)
        yield Row("  things there are, median", float(np.median(made)), "", n=TIMED)


def _laws(world: WorldPhysics, asked: list[tuple[object, object, int]], title: str) -> Iterator[Row]:
    refused = things = pairs = colliding = 0
    gone = {"as drawn": 0, "settled": 0}
    deepest, spent = 0.0, []
    for draw, what, seed in asked:
        start = time.perf_counter()
        try:
            scene = draw(what, seed=seed)  # type: ignore[operator]  # room or home
            at_rest = settle(world, scene, seed=seed)
        except PlacementError:
            refused += 1
            continue
        spent.append(time.perf_counter() - start)
        found = collisions(scene)
        deepest = max([deepest, *(depth for _, _, depth in found)])
        colliding += len(found)
        pairs += len(scene.things) * (len(scene.things) - 1) // 2
        things += len(scene.things)
        for name, begin in (("as drawn", scene), ("settled", at_rest)):
            gone[name] += _gone(begin, hold(world, world.reset(begin, seed=seed)))
    yield Row(f"{title}: drawn and settled", len(asked) - refused, "", len(asked), n=len(asked))
    yield Row("  things in all", things, "")
    yield Row("  pairs of things in each other by more than 0.5 mm, as drawn", 100 * colliding / pairs, "%", 0.5, lower=True, n=pairs)
    yield Row("  deepest", 1e3 * deepest, "mm")
    for name, number in gone.items():
        yield Row(f"  things that hold for 5 s (1 cm, 5°), {name}", 100 * (things - number) / things, "%", 99, n=things)
    yield Row("  time for one, median", float(np.median(spent)), "s", n=len(spent))


def _gone(before: Scene, after: Scene) -> int:
    """How many things went farther than 1 cm or turned more than 5°."""
    number = 0
    for a, b in zip(before.things, after.things, strict=True):
        assert a.pose is not None
        assert b.pose is not None
        moved = float(np.linalg.norm(a.pose.position_m - b.pose.position_m))
        number += moved > MOVED_M or float(rotation_angle(a.pose.quat_wxyz, b.pose.quat_wxyz)) > TURNED_RAD
    return number
