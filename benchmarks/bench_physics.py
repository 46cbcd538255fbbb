"""Speed of the physical world: steps, rollouts on many cores, forks, edits, pictures, start-up."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace

import mujoco
import numpy as np

from benchmarks.row import Row, best
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.edit import Add
from lifeworld.scene.scene import CameraMount, Embodiment, Relation, Scene, Thing
from lifeworld.worlds.physics.compile import TICK_STEPS, compile_scene
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics

SHARE_S = 18


def scattered(things: int, *, camera: CameraMount | None = None, pusher: bool = False) -> Scene:
    """Blocks, balls, cans and mugs standing on the ground in a grid: all free, all touching it."""
    kinds = ("block", "ball", "can", "mug")
    side = int(np.ceil(np.sqrt(things)))
    turn = generator(0, "scattered").uniform(0, 6.28, things)
    placed = tuple(
        Thing(name=f"t{i}", kind=kinds[i % 4], pose=Pose.from_yaw((0.2 * (i % side), 0.2 * (i // side), 0.0), float(turn[i])))
        for i in range(things)
    )
    return Scene(
        name="scattered",
        things=placed,
        cameras=(camera,) if camera else (),
        embodiments=(Embodiment(name="pusher", kind="pusher", pose=Pose((-0.5, 0, 0))),) if pusher else (),
    )


def run() -> Iterator[Row]:
    """Each number beside its bar."""
    world = WorldPhysics()
    state = _rested(world, scattered(20))
    yield Row("physics steps, 20 free things at rest in contact, one core", _steps_per_s(state), "steps/s", 25_000)
    yield Row(
        "  the same through World.step (10 steps a tick), values kept", TICK_STEPS * 200 / best(lambda: _walk(world, state, 200)), "steps/s"
    )
    yield from _rollouts()
    yield from _forks(world, state)
    yield from _edits()
    yield from _pictures()
    yield from _starts()


def _rested(world: WorldPhysics, scene: Scene, ticks: int = 50) -> PhysicsState:
    return _walk(world, world.reset(scene, seed=0), ticks)


def _walk(world: WorldPhysics, state: PhysicsState, ticks: int) -> PhysicsState:
    for _ in range(ticks):
        state = world.step(state, {})
    return state


def _steps_per_s(state: PhysicsState, steps: int = 3_000) -> float:
    model = state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_step(model, data, nstep=100)
    return steps / best(lambda: mujoco.mj_step(model, data, nstep=steps), repeats=3)


def _rollouts() -> Iterator[Row]:
    spent = {}
    for threads in (1, 2):
        world = WorldPhysics(threads=threads)
        state = _rested(world, scattered(20, pusher=True))
        actions = {"pusher": generator(0, "bench").uniform(-1, 1, (64, 25, 2))}
        spent[threads] = best(lambda w=world, s=state, a=actions: w.rollout([s] * 64, a), repeats=3)  # type: ignore[misc]
    yield Row("rollout of 64 futures, one thread", 64 * 25 * TICK_STEPS / spent[1], "steps/s")
    yield Row("rollout on two threads against one", spent[1] / spent[2], "×", 1.8, timed=True)


def _forks(world: WorldPhysics, state: PhysicsState) -> Iterator[Row]:
    kept = [_walk(world, state, 1) for _ in range(1)]
    each = best(lambda: [world.step(kept[0], {}) for _ in range(50)]) / 50
    data = mujoco.MjData(state.compiled.model)
    full = int(mujoco.mjtState.mjSTATE_INTEGRATION)

    def restore() -> None:
        for _ in range(100):
            mujoco.mj_setState(state.compiled.model, data, state.vector, full)
            mujoco.mj_getState(state.compiled.model, data, np.empty(state.vector.size), full)

    yield Row("fork and restore of 20 things", 1e3 * best(restore) / 100, "ms", 1.0, lower=True)
    yield Row("  a tick from a fork", 1e3 * each, "ms")
    yield Row("10,000 kept states of 20 things", state.vector.nbytes * 10_000 / 1e6, "MB", 100, lower=True)


def _edits() -> Iterator[Row]:
    camera = CameraMount(name="c", pose=Pose.look_at((1, -2, 2), (1, 1, 0)))
    table = Thing(name="table", kind="table", pose=Pose((-1.2, 0.5, 0)), fixed=True)
    scene = scattered(99, camera=camera)
    scene = replace(scene, things=(*scene.things, table))
    for quality in ("draft", "standard"):
        world = WorldPhysics(quality=quality)
        state = _rested(world, scene, 5)
        world.observe(state, ["rgb"])
        edits, frames, poses = [], [], []
        for i in range(8):
            glass = Thing(name=f"glass_{i}", kind="glass", relations=(Relation(kind="on", thing="table"),))
            start = time.perf_counter()
            edited = world.edit(state, Add(thing=glass))
            edits.append(time.perf_counter() - start)
            world.observe(edited, ["position_m"])
            poses.append(time.perf_counter() - start)
            world.observe(edited, ["rgb"])
            frames.append(time.perf_counter() - start)
        if quality == "draft":
            yield Row("add a glass to a running scene of 100 bodies: placed and compiled", 1e3 * float(np.median(edits)), "ms")
            yield Row("  to the next poses", 1e3 * float(np.median(poses)), "ms", 50, lower=True)
        yield Row(f"  to the next picture 320×240, {quality}", 1e3 * float(np.median(frames)), "ms", 50, lower=True)


def _pictures() -> Iterator[Row]:
    seen = ["rgb", "depth_m", "instance_ids"]
    for quality in ("draft", "standard", "high"):
        world = WorldPhysics(quality=quality)
        states = [world.reset(scattered(20, camera=CameraMount(name="c", pose=Pose.look_at((0.4, -0.9, 0.8), (0.4, 0.4, 0)))), seed=0)]
        for _ in range(20):  # other moments: what a moment's pixels hit is kept for a while
            states.append(world.step(states[-1], {}))
        yield Row(
            f"rgb + depth + ids, 320×240, 20 things, {quality}, {world.spec.renderer}",
            len(states) / best(lambda w=world, s=states: [w.observe(state, seen) for state in s], repeats=3),
            "frames/s",
        )  # type: ignore[misc]


def _starts() -> Iterator[Row]:
    code = "import time; t = time.perf_counter(); import lifeworld; print(time.perf_counter() - t)"
    times = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(5)]
    yield Row("import lifeworld", 1e3 * min(times), "ms", 300, lower=True)
    picture = "import sys; from lifeworld.cli import main; sys.exit(main(sys.argv[1:]))"

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        make = ["make", "tabletop", "-o", folder, "--seconds", "0.02", "--signals", "rgb"]
        subprocess.run([sys.executable, "-c", picture, *make], capture_output=True, check=True)
        yield Row("lifeworld make tabletop, a whole process, first picture and one frame", time.perf_counter() - start, "s", 5, lower=True)
    scene = scattered(20)
    from lifeworld.worlds.physics import compile as compiling

    def fresh() -> None:
        compiling._COMPILED.clear()
        compile_scene(scene)

    yield Row("compile 20 things", 1e3 * best(fresh), "ms")
