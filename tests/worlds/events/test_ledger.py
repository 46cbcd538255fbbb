"""The ledger against motion itself: what is given is what momentum, angular momentum and energy change by, where nothing else acts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose
from lifeworld.scene.deed import Deed, Pull, Push, Shake, Turn, Walk, Wind
from lifeworld.scene.edit import Set
from lifeworld.scene.event import Event
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.eventful import EventfulState, WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics

FLYING = Thing(
    name="box", kind="block", size_m=(0.12, 0.1, 0.05), pose=Pose((0.0, 0.0, 5.0)), angular_velocity_rad_s=(1.0, 2.0, 0.5),
)  # fmt: skip
BARE_FALL_M_S = 1.0
"""How fast it falls when something happens to it."""
DRAWERS = Thing(name="drawers", kind="drawer_unit", pose=Pose(), fixed=True)
WORLD = WorldPhysics(renderer="rays")


def played(deed: Deed, *, falls: bool = False, thing: Thing = FLYING, within: float = 0.02) -> None:
    """Let one deed happen in the air, and hold its ledger against what the senses say."""
    gravity, things = (0.0, 0.0, -9.81 if falls else 0.0), (thing,)
    scene = Scene(name="air", gravity_m_s2=gravity, ground=None, things=things)
    world = WorldEventful(WORLD, (Event(name="it", at_s=0.1, deeds=(deed,)),))
    state = without = world.reset(scene, seed=0)
    without = replace(without, due=()).settled()
    while state.tick < 5 or state.running:
        state, without = world.step(state, {}), world.step(without, {})
    (what,) = state.happened
    assert not what.why
    # Without the deed gravity does the same, and so do the errors of the engine's steps: what is left is what was given.
    momentum, angular, energy = (b - a for a, b in zip(motion(world, without), motion(world, state), strict=True))
    moved, turned, worked = (np.abs(x).max() for x in (what.momentum_n_s, what.angular_n_m_s, what.energy_j))
    # The engine steps the origin of the frame, 2.5 cm below the centre of mass: what spins, wobbles by a part of that.
    moved = max(moved, 0.025 * 0.42 * np.abs(angular).max() / 3e-4)
    np.testing.assert_allclose(momentum, what.momentum_n_s, atol=within * max(moved, 0.02))
    np.testing.assert_allclose(angular, what.angular_n_m_s, atol=within * max(turned, 0.005))
    # Work is a force times a way: what it puts in while a thing falls towards it and takes out afterwards is each as exact.
    gross = np.linalg.norm(what.momentum_n_s) * (BARE_FALL_M_S if falls else 0.0)
    assert energy == pytest.approx(what.energy_j, rel=within, abs=within * max(worked, gross, 0.001))


def motion(world: WorldEventful, state: EventfulState) -> tuple[np.ndarray, np.ndarray, float]:
    """Momentum, angular momentum about the centre of mass, and energy of motion and height of the one thing, from the senses."""
    seen = world.observe(state, ["mass_kg", "center_of_mass_m", "position_m", "linear_velocity_m_s", "angular_velocity_rad_s", "energy_j"])
    spin = seen["angular_velocity_rad_s"][0]
    velocity = seen["linear_velocity_m_s"][0] + np.cross(spin, seen["center_of_mass_m"][0] - seen["position_m"][0])
    body = state.inner.compiled.bounds[0].body
    model = state.inner.compiled.model
    turn = Pose((0, 0, 0), world.observe(state, ["quat_wxyz"])["quat_wxyz"][0]).rotation @ Pose((0, 0, 0), model.body_iquat[body]).rotation
    angular = turn @ (model.body_inertia[body] * (turn.T @ spin))
    return seen["mass_kg"][0] * velocity, angular, float(seen["energy_j"].sum())


small = st.floats(-0.3, 0.3).map(lambda x: round(x, 3))
vec3 = st.tuples(small, small, small)


@settings(max_examples=12)
@given(impulse=vec3, lasts=st.sampled_from([0.01, 0.06, 0.3]), falls=st.booleans())
def test_what_a_push_gives_is_what_motion_changes_by(impulse: tuple[float, float, float], lasts: float, falls: bool) -> None:
    played(Push(thing="box", impulse_n_s=impulse, duration_s=lasts), falls=falls)


@settings(max_examples=12)
@given(spin=vec3, lasts=st.sampled_from([0.01, 0.06, 0.3]))
def test_what_a_spin_gives_is_what_motion_changes_by(spin: tuple[float, float, float], lasts: float) -> None:
    """Of a box that stands still: the engine steps the origin of its frame, and in flight that wobbles with the spin."""
    x, y, z = (part / 100 for part in spin)
    still = replace(FLYING, angular_velocity_rad_s=(0.0, 0.0, 0.0))
    played(Push(thing="box", impulse_n_s=(0.0, 0.0, 0.0), spin_n_m_s=(x, y, z), duration_s=lasts), thing=still)


def test_the_work_on_what_tumbles_fast_is_what_its_energy_changes_by() -> None:
    """A box that turns by a radian a tick is pushed at a corner: between both ends of a tick the force has gone up and down its arm."""
    tumbling = replace(FLYING, angular_velocity_rad_s=(40.0, 25.0, -30.0))
    played(Push(thing="box", impulse_n_s=(0.0, 0.0, 0.0), spin_n_m_s=(0.004, 0.002, 0.006), duration_s=0.1), thing=tumbling, within=0.05)


@pytest.mark.parametrize("falls", [False, True], ids=["weightless", "falling"])
@pytest.mark.parametrize(
    "deed",
    [
        Push(thing="box", velocity_m_s=(0.5, -0.3, 0.2), duration_s=0.2),
        Push(thing="box", impulse_n_s=(0.05, 0.0, 0.02), at_m=(0.02, 0.01, 0.03)),
        Wind(velocity_m_s=(8.0, 3.0, 0.0)),
        Shake(acceleration_m_s2=(6.0, 0.0, 2.0), frequency_hz=1.3, duration_s=0.6),
        Pull(thing="box", velocity_m_s=(0.0, 1.0, 0.0), most_n=4.0),
        Pull(thing="box", velocity_m_s=(0.0, 1.0, 0.0), most_n=2.0, at_m=(0.0, 0.0, 0.03), duration_s=0.3),
        Walk(thing="box", path=((0.5, 0.3, 0.1, 0.0), (1.0, 0.6, 0.5, 40.0)), most_m_s=1.5, most_n=8.0),
    ],
    ids=lambda deed: type(deed).__name__,
)
def test_what_is_given_is_what_motion_changes_by(deed: Deed, falls: bool) -> None:
    played(deed, falls=falls)


@pytest.mark.parametrize("deed", [Turn(thing="drawers", joint="drawer_1", impulse=0.2), Turn(thing="drawers", joint="drawer_2", speed=0.3)])
def test_a_turn_gives_its_impulse_to_the_joint(deed: Turn) -> None:
    """A drawer is one mass on one slide: it gains the speed that was asked for but for its damping, and the energy of that."""
    world = WorldEventful(WORLD, (Event(name="it", at_s=0.0, deeds=(deed,)),))
    state = world.reset(Scene(name="closed", gravity_m_s2=(0.0, 0.0, 0.0), things=(DRAWERS,)), seed=0)
    while state.running:
        state = world.step(state, {})
    speeds = world.observe(state, ["joint_velocity"])["joint_velocity"]
    mine = speeds[int(deed.joint[-1]) - 1]
    assert np.abs(np.delete(speeds, int(deed.joint[-1]) - 1)).max() < 0.01 * mine
    assert mine > 0
    assert state.happened[0].energy_j > 0
    if deed.speed is not None:
        assert 0.6 * deed.speed < mine <= 1.001 * deed.speed


def test_a_change_of_mass_has_its_energy_in_the_ledger() -> None:
    world = WorldEventful(WORLD, (Event(name="heavier", at_s=0.1, edits=(Set("box", mass_kg=1.0),)),))
    state = world.reset(Scene(name="air", ground=None, things=(FLYING,)), seed=0)
    before = state
    while state.tick < 5:
        before, state = state, world.step(state, {})
    bare = WORLD.step(before.inner, {})
    gained = world.observe(state, ["energy_j"])["energy_j"].sum() - WORLD.observe(bare, ["energy_j"])["energy_j"].sum()
    assert state.happened[0].energy_j == pytest.approx(gained, rel=1e-6)
    (row,) = world.observe(state, ["happened"])["happened"]
    assert row["energy_j"] == pytest.approx(gained, rel=1e-6)
    assert world.spec.legend["deeds"][row["deed"]] == "set"
