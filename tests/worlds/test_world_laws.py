"""Every law of the World protocol, over every starter scene and a scene with every embodiment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.core.signal import SIGNALS
from lifeworld.scene import starter
from lifeworld.scene.edit import Add
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.testing import WORLD_LAWS, Law, Trial, check_world
from lifeworld.worlds.physics import compile as compiling
from lifeworld.worlds.physics.engine import WorldPhysics

SMALL = 32  # pictures are small here: the laws are about bits, not about beauty

EVERYONE = Scene(
    name="everyone",
    things=(
        Thing(name="drawers", kind="drawer_unit", pose=Pose((0.6, 0.5, 0)), fixed=True),
        Thing(name="mug", kind="mug", pose=Pose((0.0, 0.0, 0.0))),
        Thing(name="ball", kind="ball", pose=Pose((0.1, -0.3, 0.2)), linear_velocity_m_s=(0.5, 0.0, 0.0)),
    ),
    cameras=(CameraMount(name="front", pose=Pose.look_at((0.5, -1.5, 1.0), (0.2, 0, 0.2)), width_px=SMALL, height_px=SMALL),),
    embodiments=(
        Embodiment(name="hand", kind="hand", pose=Pose((0.0, 0.0, 0.35))),
        Embodiment(name="pusher", kind="pusher", pose=Pose((-0.3, -0.3, 0.0))),
        Embodiment(name="me", kind="walker", pose=Pose((-1.2, 0.0, 0.0))),
        Embodiment(name="drone", kind="free_camera", pose=Pose.look_at((0.0, -1.0, 1.2), (0, 0, 0))),
    ),
)


def small(scene: Scene) -> Scene:
    """The scene with tiny cameras."""
    return replace(scene, cameras=tuple(replace(c, width_px=SMALL, height_px=SMALL) for c in scene.cameras))


def through_one_camera(world: WorldPhysics, scene: Scene) -> tuple[str, ...]:
    """Every stream but those of a second camera or eye, which say nothing new of the laws and have large pictures."""
    world.reset(scene, seed=0)
    first = (*(c.name for c in scene.cameras), "overview")[0]
    return tuple(s for s, name in world.spec.signals.items() if SIGNALS[name].per != "camera" or s.endswith(f"@{first}"))


@pytest.fixture(scope="module")
def everyone() -> Trial:
    world = WorldPhysics(quality="draft", hearing=True)
    return Trial(world, EVERYONE, ticks=4, signals=through_one_camera(world, EVERYONE))


@pytest.mark.parametrize("law", WORLD_LAWS, ids=lambda law: law.__name__)
def test_law_with_every_embodiment(law: Law, everyone: Trial) -> None:
    law(everyone)


@pytest.mark.parametrize("name", starter.names())
def test_laws_in_every_starter(name: str) -> None:
    world, scene = WorldPhysics(quality="draft"), small(starter.load(name))
    check_world(world, scene, ticks=3, signals=through_one_camera(world, scene))


def test_laws_without_opengl() -> None:
    world, scene = WorldPhysics(renderer="rays"), small(starter.load("soft_things"))
    check_world(world, scene, ticks=2, signals=through_one_camera(world, scene))


def test_fifty_forks_are_exact_after_five_hundred_steps() -> None:
    """50 kept states, 500 engine steps on: stepping, save and load, and rollouts on one and two threads agree to the bit."""
    scene = small(starter.load("tabletop"))
    one, two = WorldPhysics(renderer="rays", threads=1), WorldPhysics(renderer="rays", threads=2)
    state = one.reset(scene, seed=3)
    names = {a.name: a for a in one.spec.actions}
    rng = np.random.default_rng(5)
    ticks, kept = 50, []
    plan = {name: rng.uniform(a.low, a.high, (ticks * 2, a.size)) for name, a in names.items()}
    path = [state]
    for tick in range(ticks * 2):
        path.append(one.step(path[-1], {n: p[tick] for n, p in plan.items()}))
    kept = path[:50]
    future = {n: np.stack([p[i : i + ticks] for i in range(50)]) for n, p in plan.items()}
    ends_one, seen_one = one.rollout(kept, future, ["position_m"])
    ends_two, seen_two = two.rollout([two.load(one.save(s)) for s in kept], future, ["position_m"])
    for i in range(50):
        assert np.array_equal(ends_one[i].vector, path[i + ticks].vector)
        assert np.array_equal(ends_two[i].vector, path[i + ticks].vector)
    assert np.array_equal(seen_one["position_m"], seen_two["position_m"])


def test_a_scene_grown_by_edits_is_the_scene_compiled_at_once() -> None:
    """Adding things one by one gives the same state layout and the same future, to the bit, as compiling all of them together."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(small(starter.load("tabletop")), seed=0)
    for i in range(3):
        glass = Thing(name=f"glass_{i}", kind=("glass", "mug", "drawer_unit")[i], pose=Pose((0.3 * i - 0.3, 0.0, 1.2)))
        state = world.edit(state, Add(thing=glass))
    grown = state.compiled
    compiling._COMPILED.clear()
    whole = world.load(world.save(state))
    assert whole.compiled is not grown
    names = [[c.model.joint(j).name for j in range(c.model.njnt)] for c in (grown, whole.compiled)]
    assert names[0] == names[1]
    for _ in range(20):
        state, whole = world.step(state, {}), world.step(whole, {})
    assert np.array_equal(state.vector, whole.vector)
