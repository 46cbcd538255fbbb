"""How long a plan takes until it is seen: applied, settled for half a second, verified, drawn; and how long a scene takes to settle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from benchmarks.bench_physics import scattered
from benchmarks.furnished import furnished
from benchmarks.row import Row
from lifeworld.core.errors import PlacementError
from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.edit import Add, Edit, EditPlan, Move, Place, Set
from lifeworld.scene.scene import CameraMount, Relation, Scene, Thing
from lifeworld.scene.words import understand
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.settle import settle

SHARE_S = 10

TIMES = 8


def run() -> Iterator[Row]:
    """Medians of several, with a world that has been looked at before."""
    camera = CameraMount(name="c", pose=Pose.look_at((1, -2, 2), (1, 1, 0)))
    table = Thing(name="table", kind="table", pose=Pose((-1.2, 0.5, 0)), fixed=True)
    hundred = scattered(99, camera=camera)
    hundred = replace(hundred, things=(*hundred.things, table))

    def glass(i: int) -> Edit:
        return Add(Thing(name=f"glass_{i}", kind="glass", relations=(Relation(kind="on", thing="table"),)))

    def moved(i: int) -> Edit:
        return Place(f"t{4 * i + 3}", (Relation(kind="on", thing="table"),))

    def red(i: int) -> Edit:
        return Set(f"t{i}", color="#aa2233")

    yield from _plans("100 bodies: a glass on the table", hundred, glass, bar=300)
    yield from _plans("100 bodies: a mug from the ground onto the table", hundred, moved, bar=300)
    yield from _plans("100 bodies: another colour, where nothing settles", hundred, red, bar=300)

    def lifted(i: int) -> Edit:
        return Move(f"t{i}", Pose((0.0, 0.0, 2.0)))

    yield from _plans("100 bodies: refused, because it would fall", hundred, lifted, bar=300, refused=True)
    room = furnished()

    def book(i: int) -> Edit:
        return Add(Thing(name=f"another_{i}", kind="book", relations=(Relation(kind="on", thing="table_0"),)))

    yield from _plans(f"furnished room of {len(room.things)} things: a book on the table", room, book)
    yield from _sentences()
    yield from _settling(room)


def _plans(name: str, scene: Scene, one: Callable[[int], Edit], *, bar: float | None = None, refused: bool = False) -> Iterator[Row]:
    world = WorldPhysics()
    state = _rested(world, scene)
    world.observe(state, ["rgb"])
    edits, frames = [], []
    for i in range(TIMES):
        start = time.perf_counter()
        try:
            edited = world.edit(state, EditPlan((one(i),)))
        except PlacementError:
            if not refused:
                raise
            edited = state
        edits.append(time.perf_counter() - start)
        world.observe(edited, ["rgb"])
        frames.append(time.perf_counter() - start)
    yield Row(f"{name}: {'tried' if refused else 'settled'} and verified", 1e3 * float(np.median(edits)), "ms", n=TIMES)
    yield Row("  to the first picture, 320×240", 1e3 * float(np.median(frames)), "ms", bar, lower=True, n=TIMES)


def _sentences() -> Iterator[Row]:
    world = WorldPhysics()
    state = _rested(world, settle(world, starter.load("tabletop"), seed=0))
    world.observe(state, ["rgb"])
    scene = world.scene(state)
    read, shown = [], []
    for words in ("add a glass and place it on the magazine", "move the red mug to the left of the bowl", "put the apple on the plate"):
        understand(words, scene)
        start = time.perf_counter()
        said = understand(words, scene)
        read.append(time.perf_counter() - start)
        world.observe(world.edit(state, said.plan), ["rgb"])
        shown.append(time.perf_counter() - start)
    yield Row("tabletop: a sentence understood, median", 1e3 * float(np.median(read)), "ms", n=len(read))
    yield Row("  to the first picture of what it changed", 1e3 * float(np.median(shown)), "ms", n=len(shown))


def _settling(room: Scene) -> Iterator[Row]:
    tabletop = starter.load("tabletop")
    for scene, bar in ((tabletop, 2.0), (replace(room, things=tuple(replace(t, pose=_fixed(t)) for t in room.things)), 10.0)):
        world = WorldPhysics()
        start = time.perf_counter()
        settle(world, scene, seed=1)
        yield Row(f"{scene.name}, {len(scene.things)} things placed, settled, verified", time.perf_counter() - start, "s", bar, lower=True)


def _fixed(thing: Thing) -> Pose | None:
    """The pose of what stands in the room by itself; what is on other things is placed anew."""
    return None if thing.relations else thing.pose


def _rested(world: WorldPhysics, scene: Scene) -> PhysicsState:
    state = world.reset(scene, seed=0)
    for _ in range(25):
        state = world.step(state, {})
    return state
