"""A world in which what rests may sleep: it goes the way the waking one goes, and skipped time is time in which nothing was."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.edit import Add, Remove, Set
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.drowsy import Ratio, WorldDrowsy
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.layout import Layout
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.physics.shared import Shared
from lifeworld.worlds.physics.state import frozen

MUG = Thing(name="late", kind="mug", pose=Pose((0.0, 0.0, 0.9)))


@lru_cache(maxsize=1)
def laid() -> PhysicsState:
    """The table at rest."""
    world = WorldPhysics(renderer="rays")
    return world.reset(settle(world, starter.load("tabletop"), seed=0), seed=0)


def fresh(ratios: dict[str, Ratio] | None = None) -> tuple[WorldDrowsy, PhysicsState]:
    world = WorldDrowsy(laid(), ratios=ratios)
    return world, world.reset(laid().scene, seed=0)


def until_asleep(world: WorldDrowsy, state: PhysicsState, most: int = 600) -> PhysicsState:
    for _ in range(most):
        if world.asleep(state):
            return state
        state = world.step(state, {})
    pytest.fail("it does not fall asleep")


def pushed(world: WorldPhysics, state: PhysicsState, thing: str, force_n: float) -> PhysicsState:
    """One tick later, a thing pushed to the right in it."""
    layout, body = Layout.of(state.compiled.model), next(b.body for b in state.compiled.bounds if b.thing.name == thing)
    row = state.vector.copy()
    layout.view(row, "xfrc_applied")[6 * body] = force_n
    state = world.step(replace(state, vector=frozen(row)), {})
    row = state.vector.copy()
    layout.view(row, "xfrc_applied")[6 * body] = 0.0
    return replace(state, vector=frozen(row))


def at(scene: Scene, thing: str) -> NDArray[np.float64]:
    pose = scene.thing(thing).pose
    assert pose is not None
    return pose.position_m


def test_all_that_rests_sleeps_and_then_only_time_goes_on() -> None:
    world, state = fresh()
    state = until_asleep(world, state)
    stepped = world.step(state, {})
    other, begun = fresh()
    skipped = other.later(until_asleep(other, begun), 1)
    assert (skipped.tick, skipped.time_ns) == (stepped.tick, stepped.time_ns)
    time = Layout.of(state.compiled.model).slices["time"]
    assert np.flatnonzero(stepped.vector != state.vector).tolist() == [time.start]
    assert np.allclose(skipped.vector, stepped.vector, atol=1e-12)
    assert np.array_equal(np.delete(skipped.vector, time.start), np.delete(stepped.vector, time.start))


def test_a_hundred_ticks_skipped_are_ten_times_ten() -> None:
    world, state = fresh()
    once = world.later(until_asleep(world, state), 100)
    world, state = fresh()
    often = until_asleep(world, state)
    for _ in range(10):
        often = world.later(often, 10)
    assert often == once


@pytest.mark.parametrize("force_n", [12.0, 25.0])
def test_a_push_goes_as_far_as_in_the_waking_world(force_n: float) -> None:
    """Within 3 mm of a slide of several centimetres; the others stay where they are to a tenth of a millimetre."""
    waking = WorldPhysics(renderer="rays")
    world, state = fresh()
    state = world.later(until_asleep(world, state), 10)
    end = until_asleep(world, pushed(world, state, "mug", force_n))
    other = pushed(waking, laid(), "mug", force_n)
    for _ in range(60):
        other = waking.step(other, {})
    went = at(waking.scene(other), "mug") - at(laid().scene, "mug")
    assert np.linalg.norm(went) > 0.02
    assert at(world.scene(end), "mug") == pytest.approx(at(waking.scene(other), "mug"), abs=0.003)
    assert at(world.scene(end), "bottle") == pytest.approx(at(waking.scene(other), "bottle"), abs=1e-4)


def test_what_is_not_touched_sleeps_on() -> None:
    world, state = fresh()
    state = pushed(world, until_asleep(world, state), "mug", 12.0)
    before = state.vector.copy()
    state = world.step(state, {})
    bottle = next(b for b in state.compiled.bounds if b.thing.name == "bottle")
    qpos = Layout.of(state.compiled.model).view(state.vector, "qpos")
    assert np.array_equal(qpos[bottle.qpos : bottle.qpos + 7], Layout.of(state.compiled.model).view(before, "qpos")[bottle.qpos :][:7])
    assert not world.asleep(state)


def test_who_is_told_to_move_wakes_up() -> None:
    world, state = fresh()
    state = until_asleep(world, state)
    for _ in range(10):
        state = world.step(state, {"hand": np.array([0, 0, -0.3, 0, 0, 0, 1.0])})
    assert not world.asleep(state)
    hand = next(e for e in state.compiled.embodied if e.action.name == "hand")
    moved = Layout.of(state.compiled.model).view(state.vector - laid().vector, "qpos")[hand.qpos]
    assert np.abs(moved).max() > 0.02


def test_a_heavier_thing_goes_less_far_and_a_smoother_one_farther() -> None:
    far = {}
    for name, ratio in {"as it is": Ratio(), "heavy": Ratio(mass=1.5), "rough": Ratio(friction=1.5)}.items():
        world, state = fresh({"mug": ratio, "table": Ratio(friction=1e-3)})
        state = until_asleep(world, pushed(world, until_asleep(world, state), "mug", 15.0))
        far[name] = float(np.linalg.norm(at(world.scene(state), "mug") - at(laid().scene, "mug")))
    assert far["heavy"] < 0.9 * far["as it is"]
    assert far["rough"] < 0.9 * far["as it is"]


def test_ratios_are_those_of_a_scene_that_says_so() -> None:
    """Twice the mass of a mug, by the engine's model of a scene whose mug weighs twice as much."""
    world = WorldPhysics(renderer="rays")
    mass = laid().compiled.model.body_mass[laid().compiled.model.body("mug").id]
    heavy = world.edit(laid(), Set("mug", mass_kg=float(2 * mass)))
    varied = WorldDrowsy(laid(), ratios={"mug": Ratio(mass=2.0)}).start
    for field in ("body_mass", "body_inertia", "body_subtreemass", "dof_invweight0", "body_invweight0"):
        assert getattr(varied.compiled.model, field) == pytest.approx(getattr(heavy.compiled.model, field), rel=1e-9), field


def test_edits_keep_the_ratios_and_who_was_there_is_found_again() -> None:
    world, state = fresh({"mug": Ratio(mass=2.0)})
    state = until_asleep(world, state)
    more = world.edit(state, Add(MUG))
    weigh = more.compiled.model.body_mass[more.compiled.model.body("mug").id]
    assert weigh == pytest.approx(2 * laid().compiled.model.body_mass[laid().compiled.model.body("mug").id])
    shared = Shared.of(world.start.compiled, more.compiled)
    assert shared.here is not None
    end = until_asleep(world, pushed(world, more, "bottle", 20.0))
    layout, row = Layout.of(world.start.compiled.model), shared.row(end.vector, world.start.vector)
    for bound in world.start.compiled.bounds:
        if bound.qpos >= 0:
            assert layout.view(row, "qpos")[bound.qpos : bound.qpos + 3] == pytest.approx(at(world.scene(end), bound.thing.name))
    fewer = world.edit(end, Remove("can"))
    row = Shared.of(world.start.compiled, fewer.compiled).row(fewer.vector, world.start.vector)
    can = next(b for b in world.start.compiled.bounds if b.thing.name == "can")
    assert np.array_equal(layout.view(row, "qpos")[can.qpos :][:7], layout.view(world.start.vector, "qpos")[can.qpos :][:7])


def test_models_that_are_alike_share_whole_rows() -> None:
    world, _ = fresh({"mug": Ratio(mass=2.0)})
    shared = Shared.of(laid().compiled, world.start.compiled)
    assert shared.here is None
    assert shared.row(laid().vector, world.start.vector) is laid().vector


def test_soft_things_stay_awake() -> None:
    world = WorldPhysics(renderer="rays")
    start = world.reset(starter.load("soft_things"), seed=0)
    drowsy = WorldDrowsy(start)
    state = drowsy.reset(start.scene, seed=0)
    for _ in range(3):
        state = drowsy.step(state, {})
        start = world.step(start, {})
    assert not drowsy.asleep(state)
    assert np.array_equal(state.vector, start.vector)  # and so it is the same world, to the bit


def test_ratios_that_are_none_are_refused() -> None:
    with pytest.raises(LimitError, match="mass is that many times"):
        Ratio(mass=0.0)
