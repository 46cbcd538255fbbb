"""How things are, against closed forms, finite differences and the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import mujoco
import numpy as np
import pytest
from bodies import engine_step, own_kinds, started
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose, rotate
from lifeworld.scene import starter
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, box
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.shape import Sphere, Vec3
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.world import Observation

G = 9.81
STEP_S = 0.002
quats = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.1)
spins = st.tuples(*[st.floats(-8, 8)] * 3)


def swing(size_m: Vec3) -> Assembly:
    """A bob of 5 cm on a rod of no mass; nothing slows it."""
    bob = Geom(shape=Sphere(0.05), pose=Pose((0, 0, -size_m[2])))
    joint = Joint(name="swing", kind="hinge", axis=(0, 1, 0), damping=0.0)
    return Assembly(parts=(Part(name="hook", geoms=()), Part(name="arm", parent="hook", geoms=(bob,), joint=joint)))


def pair(size_m: Vec3) -> Assembly:
    """A wooden box of 10 cm at the origin and a heavier steel one that slides away from it along +X."""
    near, far = box((0.1, 0.1, 0.1), (0, 0, 0), material="wood"), box((0.1, 0.1, 0.1), (0, 0, 0), material="steel")
    joint = Joint(name="out", kind="slide", axis=(1, 0, 0), damping=0.0, range=(0.0, 1.0))
    return Assembly(
        parts=(Part(name="near", geoms=(near,)), Part(name="far", parent="near", geoms=(far,), pose=Pose((0.2, 0, 0)), joint=joint))
    )


KINDS = {
    "is_brick": lambda size_m: Assembly(parts=(Part(name="brick", geoms=(box(size_m, (0, 0, 0)),)),)),
    # The same with its frame at a corner.
    "is_corner": lambda size_m: Assembly(parts=(Part(name="brick", geoms=(box(size_m, (size_m[0] / 2, size_m[1] / 2, size_m[2] / 2)),)),)),
    "is_swing": swing,
    "is_pair": pair,
}


@pytest.fixture(autouse=True, scope="module")
def _kinds() -> Iterator[None]:
    with own_kinds(KINDS, fixed=("is_swing",), size_m=(0.1, 0.1, 1.0), scale=(0.05, 10.0)):
        yield


def been(*things: Thing, ticks: int = 0, gravity: Vec3 = (0, 0, -G)) -> Observation:
    world, state = started(Scene(name="s", ground=None, gravity_m_s2=gravity, things=things), ticks)
    return world.observe(state, ["be"])


# poses and motion


def test_poses_are_the_engines() -> None:
    world, state = started(starter.load("living_room"), 10)
    seen, bounds = world.observe(state, ["position_m", "quat_wxyz"]), state.compiled.bounds
    data = mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(state.compiled.model, data, state.vector, FULL)
    mujoco.mj_kinematics(state.compiled.model, data)
    for i, bound in enumerate(bounds):
        if bound.soft < 0:
            assert seen["position_m"][i].tobytes() == data.xpos[bound.body].tobytes()
        quat = data.xquat[bound.body]
        np.testing.assert_allclose(seen["quat_wxyz"][i], quat * np.sign(quat[0]), atol=1e-15)


@given(turn=quats, spin=spins)
@settings(max_examples=10, deadline=None)
def test_velocities_are_the_change_of_poses(turn: tuple[float, ...], spin: Vec3) -> None:
    """Of a spinning, falling brick whose frame is at a corner, over one engine step; the difference is second order in it."""
    thing = Thing(
        name="b", kind="is_corner", size_m=(0.3, 0.2, 0.1), pose=Pose((0, 0, 3), turn), angular_velocity_rad_s=spin,
        linear_velocity_m_s=(1, -2, 0.5),
    )  # fmt: skip
    world, state = started(Scene(name="s", ground=None, things=(thing,)), 3)
    one, two = (world.observe(s, ["be"]) for s in (state, engine_step(state)))
    speed = np.linalg.norm(spin)
    moved = (two["position_m"] - one["position_m"]) / STEP_S
    middle = (one["linear_velocity_m_s"] + two["linear_velocity_m_s"]) / 2
    np.testing.assert_allclose(moved, middle, atol=STEP_S * (G + 0.6 * speed**2 + 0.1))
    a, b = (Pose((0, 0, 0), o["quat_wxyz"][0]).rotation for o in (one, two))
    change = (b - a) @ ((a + b) / 2).T / STEP_S
    turned = np.array([change[2, 1] - change[1, 2], change[0, 2] - change[2, 0], change[1, 0] - change[0, 1]]) / 2
    np.testing.assert_allclose(
        turned, (one["angular_velocity_rad_s"] + two["angular_velocity_rad_s"])[0] / 2, atol=STEP_S * speed**2 + 1e-6
    )


@given(turn=quats, spin=spins)
@settings(max_examples=10, deadline=None)
def test_accelerations_are_the_change_of_velocities(turn: tuple[float, ...], spin: Vec3) -> None:
    """Of a tumbling brick whose frame is at a corner: over one engine step, and by Euler's equations."""
    size = np.array((0.3, 0.2, 0.1))
    thing = Thing(name="b", kind="is_corner", size_m=tuple(size), pose=Pose((0, 0, 3), turn), angular_velocity_rad_s=spin, mass_kg=2.0)
    world, state = started(Scene(name="s", ground=None, things=(thing,)), 3)
    one, two = (world.observe(s, ["be"]) for s in (state, engine_step(state)))
    speed = np.linalg.norm(spin)
    for acceleration, velocity, third in (
        ("linear_acceleration_m_s2", "linear_velocity_m_s", 0.4 * speed**3 + 0.1),
        ("angular_acceleration_rad_s2", "angular_velocity_rad_s", 2 * speed**3 + 0.1),
    ):
        change = (two[velocity] - one[velocity]) / STEP_S
        np.testing.assert_allclose(one[acceleration], change, atol=STEP_S * third)
    turned = Pose((0, 0, 0), one["quat_wxyz"][0]).rotation
    omega, alpha = one["angular_velocity_rad_s"][0], one["angular_acceleration_rad_s2"][0]
    inertia = turned @ np.diag((np.sum(size**2) - size**2) / 12) @ turned.T
    np.testing.assert_allclose(inertia @ alpha + np.cross(omega, inertia @ omega), 0.0, atol=1e-9 * (1 + speed**2))
    arm = turned @ (-size / 2)
    wanted = np.cross(alpha, arm) + np.cross(omega, np.cross(omega, arm)) - (0, 0, G)
    np.testing.assert_allclose(one["linear_acceleration_m_s2"][0], wanted, atol=1e-9 * (1 + speed**2))


def test_what_is_fixed_has_no_acceleration_and_what_falls_has_that_of_gravity() -> None:
    gravity = (1.0, -2.0, -5.0)
    brick = Thing(name="b", kind="is_brick", pose=Pose((0, 0, 3)))
    seen = been(brick, replace(brick, name="wall", fixed=True, pose=Pose((5, 0, 0))), gravity=gravity, ticks=2)
    np.testing.assert_allclose(seen["linear_acceleration_m_s2"], [gravity, (0, 0, 0)], atol=1e-12)
    np.testing.assert_allclose(seen["angular_acceleration_rad_s2"], 0.0, atol=1e-12)


def test_joints_are_the_engines() -> None:
    hand = Embodiment(name="h", kind="hand", pose=Pose((0, 0, 0.5)))
    door = Thing(name="d", kind="door", pose=Pose((2, 0, 0)), joints=(("leaf", 0.5),))
    world, state = started(Scene(name="s", things=(door,), embodiments=(hand,)), 4)
    seen, model = world.observe(state, ["be"]), state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, FULL)
    names = [f"d/{j}" for j, _, _ in state.compiled.bounds[0].joints]
    assert names
    assert seen["joint_position"].tolist() == [float(data.joint(n).qpos[0]) for n in names]
    assert seen["joint_velocity"].tolist() == [float(data.joint(n).qvel[0]) for n in names]
    own = ("h/base", "h/left", "h/right")
    assert seen["embodiment_state@h"].tolist() == [
        *(float(q) for n in own for q in data.joint(n).qpos),
        *(float(v) for n in own for v in data.joint(n).qvel),
    ]


# mass, energy, materials


def test_materials_and_masses_are_the_scenes() -> None:
    world, state = started(starter.load("soft_things"))
    scene, seen = state.compiled.scene, world.observe(state, ["material_ids", "mass_kg"])
    legend = world.spec.legend["material_ids"]
    assert legend == ("unknown", *sorted(MATERIALS))
    said = dict(zip((t.name for t in scene.things), (legend[i] for i in seen["material_ids"]), strict=True))
    assert said["pillow"] == "fabric"
    assert said["sponge"] == "foam"
    assert said["duck"] == "rubber"
    masses = dict(zip((t.name for t in scene.things), seen["mass_kg"], strict=True))
    assert masses["pillow"] == pytest.approx(0.7, rel=0.02)
    pair, ball, heavy = (
        Thing(name="p", kind="is_pair", pose=Pose()),
        Thing(name="b", kind="ball", material="steel", size_m=(0.1, 0.1, 0.1), pose=Pose((1, 0, 0))),
        Thing(name="h", kind="mug", mass_kg=1.25, pose=Pose((2, 0, 0))),
    )
    world, state = started(Scene(name="s", things=(pair, ball, heavy)))
    seen = world.observe(state, ["material_ids", "mass_kg"])
    densities = [MATERIALS[m].density_kg_m3 for m in ("wood", "steel")]
    np.testing.assert_allclose(seen["mass_kg"], [1e-3 * sum(densities), densities[1] * np.pi / 6 * 1e-3, 1.25], rtol=1e-9)
    assert [legend[i] for i in seen["material_ids"]] == ["steel", "steel", "ceramic"]


@given(turn=quats, out=st.floats(0.0, 0.9))
@settings(max_examples=10, deadline=None)
def test_the_centre_of_mass_is_the_mean_by_mass(turn: tuple[float, ...], out: float) -> None:
    """Of two boxes, one drawn out of the other, turned any way."""
    at = np.array((0.3, -0.2, 1.0))
    seen = been(Thing(name="p", kind="is_pair", pose=Pose(at, turn), joints=(("out", out),)))
    wood, steel = (MATERIALS[m].density_kg_m3 for m in ("wood", "steel"))
    along = np.array((steel * (0.2 + out) / (wood + steel), 0, 0))
    np.testing.assert_allclose(seen["center_of_mass_m"][0], at + rotate(Pose((0, 0, 0), turn).quat_wxyz, along), atol=1e-12)


@given(turn=quats, spin=spins, v=st.tuples(*[st.floats(-3, 3)] * 3), z=st.floats(-2, 5))
@settings(max_examples=10, deadline=None)
def test_energy_is_that_of_the_closed_forms(turn: tuple[float, ...], spin: Vec3, v: Vec3, z: float) -> None:
    """½ m v² + ½ ω·I ω of a brick, frame at its middle or its corner; and of height in a gravity that leans."""
    size, gravity = np.array((0.3, 0.2, 0.1)), np.array((1.0, 2.0, -5.0))
    for kind, middle in (("is_brick", np.zeros(3)), ("is_corner", size / 2)):
        thing = Thing(
            name="b",
            kind=kind,
            size_m=tuple(size),
            mass_kg=2.0,
            pose=Pose((1, 2, z), turn),
            angular_velocity_rad_s=spin,
            linear_velocity_m_s=v,
        )
        motion, height = been(thing, gravity=tuple(gravity))["energy_j"][0]
        own = Pose((0, 0, 0), turn).rotation.T @ np.array(spin)
        arm = Pose((0, 0, 0), turn).rotation @ middle
        inertia = 2.0 * (np.sum(size**2) - size**2) / 12
        velocity = np.array(v) + np.cross(spin, arm)
        assert motion == pytest.approx(velocity @ velocity + 0.5 * own @ (inertia * own), rel=1e-9, abs=1e-12)
        assert height == pytest.approx(-2.0 * gravity @ (np.array((1, 2, z)) + arm), rel=1e-9, abs=1e-12)


def test_energy_is_kept_by_what_falls_and_what_swings() -> None:
    """As well as the engine's integrator keeps it: falling loses m g² dt t / 2, swinging a hundredth at most."""
    swinging = Thing(name="s", kind="is_swing", pose=Pose((0, 0, 2)), joints=(("swing", 1.2),))
    falling = Thing(name="f", kind="is_brick", mass_kg=1.0, pose=Pose((5, 0, 9)))
    world, state = started(Scene(name="s", ground=None, things=(swinging, falling)))
    rows = []
    for _ in range(60):
        rows.append(world.observe(state, ["energy_j"])["energy_j"])
        state = world.step(state, {})
    energy = np.array(rows)
    total = energy.sum(axis=2)
    assert np.ptp(energy[:, 0, 0]) > 0.3 * MATERIALS["wood"].density_kg_m3 * 4 / 3 * np.pi * 0.05**3 * G
    assert np.ptp(total[:, 0]) < 0.01 * np.ptp(energy[:, 0, 0])
    times = 0.02 * np.arange(60)
    np.testing.assert_allclose(total[:, 1] - total[0, 1], -0.5 * G**2 * STEP_S * times, atol=1e-9)
    np.testing.assert_allclose(energy[:, 1, 0], 0.5 * (G * times) ** 2, rtol=1e-9)


# soft things


def test_vertices_are_those_of_their_things() -> None:
    world, state = started(starter.load("soft_things"), 20)
    seen, model = world.observe(state, ["be"]), state.compiled.model
    soft = [i for i, b in enumerate(state.compiled.bounds) if b.soft >= 0]
    assert len(soft) == 3
    assert seen["soft_vertices_m"].shape == (model.nflexvert, 3)
    assert seen["soft_vertex_ids"].tolist() == sorted(seen["soft_vertex_ids"].tolist())
    assert set(seen["soft_vertex_ids"].tolist()) == {i + 1 for i in soft}
    for i in soft:
        own = seen["soft_vertices_m"][seen["soft_vertex_ids"] == i + 1]
        np.testing.assert_allclose(own.mean(axis=0), seen["position_m"][i], atol=1e-9)
        low, high = own.min(axis=0), own.max(axis=0)
        assert (high - low < 1.0).all()
    later = world.observe(engine_step(state), ["be"])
    for i in soft:
        own = seen["soft_vertex_ids"] == i + 1
        moved = (later["soft_vertices_m"][own] - seen["soft_vertices_m"][own]).mean(axis=0) / STEP_S
        np.testing.assert_allclose(moved, later["linear_velocity_m_s"][i], atol=1e-9)
        change = (later["linear_velocity_m_s"][i] - seen["linear_velocity_m_s"][i]) / STEP_S
        np.testing.assert_allclose(seen["linear_acceleration_m_s2"][i], change, atol=1e-9)


# the whole family


def test_where_there_is_nobody_there_is_nothing() -> None:
    shapes = {name: value.shape for name, value in been().values.items()}
    for name in ("position_m", "linear_velocity_m_s", "linear_acceleration_m_s2", "angular_acceleration_rad_s2", "center_of_mass_m"):
        assert shapes[name] == (0, 3), name
    assert (shapes["energy_j"], shapes["soft_vertices_m"]) == ((0, 2), (0, 3))
    assert shapes["mass_kg"] == shapes["material_ids"] == shapes["soft_vertex_ids"] == shapes["joint_position"] == (0,)


@pytest.mark.parametrize("name", ["drawer", "soft_things"])
def test_a_rollout_shows_what_looking_at_each_state_shows(name: str) -> None:
    """To the bit, of all of be, many futures at once."""
    world, state = started(starter.load(name), 2)
    action = {a.name: np.random.default_rng(0).uniform(a.low, a.high, (2, 3, a.size)) for a in world.spec.actions}
    _, rolled = world.rollout([state, state], action, ["be"], ticks=3)
    for i in range(2):
        now = state
        for tick in range(3):
            now = world.step(now, {name: value[i, tick] for name, value in action.items()})
            for stream, value in world.observe(now, ["be"]).values.items():
                assert rolled[stream][i, tick].tobytes() == value.tobytes(), stream
