"""What is felt against closed forms, Newton's and Euler's laws, and the engine's own one-at-a-time functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mujoco
import numpy as np
import pytest
from bodies import gone_on, own_kinds, started
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose, rotate
from lifeworld.core.signal import CONTACT_DTYPE, IMPULSE_DTYPE
from lifeworld.scene import starter
from lifeworld.scene.assembly import Assembly, Geom, Part, box
from lifeworld.scene.formats import import_file
from lifeworld.scene.scene import AssetRef, Embodiment, Ground, Scene, Thing
from lifeworld.scene.shape import Capsule, Sphere, Vec3
from lifeworld.worlds.physics.compile import TICK_NS
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses.contact import Raw, solve
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.world import Observation

FILES = Path(__file__).parents[2] / "scene" / "formats" / "data"
CRATE = "\n".join(
    [f"v {x} {y} {z}" for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    + ["f 1 2 4 3", "f 5 7 8 6", "f 1 5 6 2", "f 3 4 8 7", "f 1 3 7 5", "f 2 6 8 4"]
)
G = 9.81
TICK_S = TICK_NS * 1e-9
TOUCH = ("contacts", "contact_force_n", "contact_torque_n_m", "impulses", "joint_force")
quats = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.1)

KINDS = {
    "felt_brick": lambda size_m: Assembly(parts=(Part(name="brick", geoms=(box(size_m, (0, 0, 0)),)),)),
    "felt_ball": lambda size_m: Assembly(parts=(Part(name="ball", geoms=(Geom(shape=Sphere(size_m[0] / 2)),)),)),
    "felt_pill": lambda size_m: Assembly(parts=(Part(name="pill", geoms=(Geom(shape=Capsule(size_m[0] / 2, size_m[2] / 2)),)),)),
}


@pytest.fixture(autouse=True, scope="module")
def _kinds() -> Iterator[None]:
    with own_kinds(KINDS, size_m=(0.1, 0.1, 0.2), scale=(0.1, 10.0)):
        yield


def felt(scene: Scene, ticks: int, *signals: str) -> Observation:
    world, state = started(scene, ticks)
    return world.observe(state, signals or TOUCH)


def brick(name: str, at: Vec3, size_m: Vec3 = (0.1, 0.1, 0.1), **more: object) -> Thing:
    return Thing(name=name, kind="felt_brick", size_m=size_m, pose=Pose(at), **more)  # type: ignore[arg-type]


@contextmanager
def solved_exactly(model: mujoco.MjModel, exactly: bool = True) -> Iterator[None]:
    """The engine's solver stops at a 1e-8 that leaves some 1e-4 of the greatest force; here it goes on to rounding."""
    option, kept = model.opt, (model.opt.tolerance, model.opt.iterations, model.opt.ls_tolerance, model.opt.ls_iterations)
    if exactly:
        option.tolerance, option.iterations, option.ls_tolerance, option.ls_iterations = 1e-15, 200, 1e-6, 100
    try:
        yield
    finally:
        option.tolerance, option.iterations, option.ls_tolerance, option.ls_iterations = kept


def forwarded(state: PhysicsState) -> mujoco.MjData:
    """The engine's data at a state, made by the test itself."""
    data = mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(state.compiled.model, data, state.vector, FULL)
    mujoco.mj_forward(state.compiled.model, data)
    return data


def heap(turn: tuple[float, ...], spin: Vec3) -> Scene:
    """Things of every sort of contact, thrown at each other and the ground."""
    return Scene(
        name="heap",
        things=(
            Thing(
                name="pill", kind="felt_pill", pose=Pose((0, 0, 0.12), turn), angular_velocity_rad_s=spin, linear_velocity_m_s=(0.5, 0, -1)
            ),
            Thing(name="ball", kind="felt_ball", pose=Pose((0.12, 0, 0.06)), linear_velocity_m_s=(-1.0, 0.2, 0)),
            brick("below", (0.0, 0.25, 0.05), mass_kg=2.0),
            brick("above", (0.02, 0.24, 0.151), mass_kg=0.5, linear_velocity_m_s=(0.3, 0, 0)),
            Thing(name="mug", kind="mug", pose=Pose((-0.2, 0, 0.03), turn), angular_velocity_rad_s=spin),
        ),
    )


# contacts


def test_contacts_push_apart_along_their_normal() -> None:
    """In a heap in motion: unit normals from a to b, pushes only, friction across the normal, within its cone and against the slip."""
    rubbed = 0
    for ticks in (1, 2, 3, 5, 8, 13, 40):
        seen = felt(heap((1, 0.4, 0.2, 0.1), (3, 2, 1)), ticks)["contacts"]
        assert seen.dtype == CONTACT_DTYPE
        assert (seen["body_a"] != seen["body_b"]).all()
        np.testing.assert_allclose(np.linalg.norm(seen["normal"], axis=1), 1.0, atol=1e-12)
        assert (seen["force_n"] >= 0).all()
        across = [np.sum(seen[name] * seen["normal"], axis=1) for name in ("tangential_force_n", "slip_m_s")]
        np.testing.assert_allclose(across, 0.0, atol=1e-9)
        friction = np.linalg.norm(seen["tangential_force_n"], axis=1)
        assert (friction <= 0.9 * seen["force_n"] * (1 + 1e-9)).all()
        slides = np.linalg.norm(seen["slip_m_s"], axis=1) > 0.05
        rubbed += int(slides.sum())
        assert (np.sum(seen["tangential_force_n"] * seen["slip_m_s"], axis=1)[slides] <= 0).all()
        on_ground = seen[seen["body_a"] == 0]
        np.testing.assert_allclose(on_ground["normal"], [(0.0, 0.0, 1.0)] * len(on_ground), atol=1e-5)  # build.NEARLY_LEVEL
    assert rubbed >= 4


@given(mu=st.floats(0.1, 0.6), heading=st.floats(0, 6.2))
@example(mu=0.2, heading=0.0)
@settings(max_examples=10, deadline=None)
def test_a_box_that_slides_down_slips_at_its_speed_and_is_held_back_by_mu_n(mu: float, heading: float) -> None:
    """On a slope (gravity tilted), just steeper than friction holds. The engine lets it hop, so its impulses are what is told of."""
    slope = np.arctan(mu) + 0.1
    way = np.array([np.cos(heading), np.sin(heading), 0.0])
    down = G * (np.sin(slope) * way - (0, 0, np.cos(slope)))
    tile = brick("b", (0, 0, 0.02), (0.2, 0.2, 0.04), friction=mu, mass_kg=2.0)
    world, state = started(Scene(name="s", ground=Ground(friction=mu), things=(tile,), gravity_m_s2=tuple(down)), 10)
    given = np.zeros(3)
    touched = 0
    for _ in range(25):
        state = gone_on(world, state, 1)
        seen = world.observe(state, ["contacts", "impulses", "linear_velocity_m_s", "angular_velocity_rad_s"])
        given += seen["impulses"]["impulse_n_s"].sum(axis=0)
        rows = seen["contacts"]
        sign = np.where(rows["body_b"] == 1, 1.0, -1.0)[:, None]
        touched += len(rows)
        rocking = 0.15 * np.linalg.norm(seen["angular_velocity_rad_s"])  # of corners, about the middle
        off = np.linalg.norm(sign * rows["slip_m_s"] - seen["linear_velocity_m_s"][0] * (1, 1, 0), axis=1)
        np.testing.assert_array_less(off, 1e-9 + rocking)
        slip, friction = (np.linalg.norm(rows[name], axis=1) for name in ("slip_m_s", "tangential_force_n"))
        np.testing.assert_allclose(friction, mu * rows["force_n"], rtol=1e-3, atol=1e-6)
        assert (np.sum(rows["slip_m_s"] * rows["tangential_force_n"], axis=1) <= -0.5 * slip * friction).all()
    assert touched > 10 or (mu, heading) != (0.2, 0.0)  # steeper or turned, it hops
    normal = 2.0 * G * np.cos(slope) * 25 * TICK_S
    np.testing.assert_allclose(given, normal * ((0, 0, 1) - mu * way), atol=0.04 * normal)  # it ends somewhere between two hops


ZOO = """
<mujoco><option cone="elliptic" timestep="0.002"/><worldbody>
  <geom name="belt" type="box" size="2 2 .1" pos="0 0 -.1" surfacevel=".4 .1 0 0 0 0" condim="3"/>
  <body pos="0 0 .099"><freejoint/><geom type="box" size=".1 .1 .1" condim="1" priority="1"/></body>
  <body pos=".5 0 .099"><freejoint/><geom type="sphere" size=".1" condim="4"/></body>
  <body pos="1 0 .099" euler="80 20 0"><freejoint/><geom type="capsule" size=".1 .1" condim="6"/></body>
  <body pos="0 .5 .099"><freejoint/><geom type="box" size=".1 .1 .1" condim="3" adhesion="4"/></body>
  <geom type="box" size=".2 .2 .1" pos="1.5 1.5 1.1"/>
  <body pos="1.5 1.5 .9001"><freejoint/><geom type="box" size=".1 .1 .1" mass="1" adhesion="30" gap=".01"/></body>
  <body pos=".05 .55 .25"><freejoint/><geom type="cylinder" size=".05 .05" condim="6"/></body>
  <flexcomp name="sheet" type="grid" dim="2" count="6 6 1" spacing=".1 .1 .1" radius=".01" mass=".2" pos="-.8 -.8 .02">
    <contact selfcollide="none" condim="3"/></flexcomp>
</worldbody></mujoco>"""


def test_forces_are_the_engines_one_by_one() -> None:
    """Of every size of contact, with adhesion, moving surfaces and soft bodies: what mj_contactForce says of each alone."""
    model = mujoco.MjModel.from_xml_string(ZOO)
    data = mujoco.MjData(model)
    sizes = set()
    for steps in (5, 30, 100):
        mujoco.mj_step(model, data, steps)
        mujoco.mj_forward(model, data)
        solved = solve(Raw.of(data), model.ngeom)
        assert len(solved.index) > 10
        for row, index in enumerate(solved.index):
            contact, six = data.contact[index], np.zeros(6)
            mujoco.mj_contactForce(model, data, index, six)
            frame = contact.frame.reshape(3, 3)
            np.testing.assert_allclose(solved.force_n[row], six[:3] @ frame, atol=1e-12)
            np.testing.assert_allclose(solved.torque_n_m[row], six[3:] @ frame, atol=1e-12)
            who = [f + model.ngeom if f >= 0 else g for f, g in zip(contact.flex, contact.geom, strict=True)]
            assert solved.surface[row].tolist() == who
            if contact.dim > 1 and max(contact.flex) < 0:
                np.testing.assert_allclose(solved.slip_m_s[row], _slip(model, data, contact), atol=1e-12)
            sizes.add(int(contact.dim))
    assert sizes == {1, 3, 4, 6}
    assert (solved.normal_n < 0).any()  # adhesion pulls, and so says the engine


def _slip(model: mujoco.MjModel, data: mujoco.MjData, contact: mujoco.MjContact) -> np.ndarray:
    """The same by point velocities from Jacobians, and the belt's own."""
    velocity = []
    for geom in contact.geom:
        jacobian = np.zeros((3, model.nv))
        mujoco.mj_jac(model, data, jacobian, None, contact.pos, model.geom_bodyid[geom])
        velocity.append(jacobian @ data.qvel + data.geom_xmat[geom].reshape(3, 3) @ model.geom_surfacevel[geom, :3])
    over = velocity[1] - velocity[0]
    return np.asarray(over - (over @ contact.frame[:3]) * contact.frame[:3])


def test_what_goes_without_friction_slips_as_its_body_moves() -> None:
    """A walker touches without friction: its contacts have a slip all the same, and no force across their normal."""
    walker = Embodiment(name="w", kind="walker", pose=Pose((0, 0, 0)))
    wall = Thing(name="wall", kind="wall", size_m=(6.0, 0.12, 2.5), pose=Pose.from_yaw((0.5, 0, 0), np.pi / 2))
    world, state = started(Scene(name="s", things=(wall,), embodiments=(walker,)))
    for _ in range(60):
        state = world.step(state, {"w": np.array([1.0, 0.6, 0.0, 0.0])})
    seen = world.observe(state, ["contacts", "contact_force_n", "embodiment_state@w"])
    rows = seen["contacts"]
    assert len(rows)
    assert not rows["tangential_force_n"].any()
    sign = np.where(rows["body_b"] == 2, 1.0, -1.0)[:, None]
    velocity = seen["embodiment_state@w"][5:8]  # x, y, z, yaw, pitch, then their rates
    np.testing.assert_allclose(sign * rows["slip_m_s"], [velocity * (0, 1, 1)] * len(rows), atol=1e-6)
    assert abs(velocity[1]) > 0.3
    assert seen["contact_force_n"][0, 0] > 100  # the wall is pushed forward


def test_over_a_soft_thing_it_slips_as_that_moves_as_a_whole() -> None:
    walker = Embodiment(name="w", kind="walker", pose=Pose((0, 0, 0)))
    pillow = Thing(name="p", kind="pillow", pose=Pose.from_yaw((0.55, 0.1, 0), 0.3))
    world, state = started(Scene(name="s", things=(pillow,), embodiments=(walker,)))
    for _ in range(30):
        state = world.step(state, {"w": np.array([0.8, 0.4, 0.0, 0.0])})
    seen = world.observe(state, ["contacts", "linear_velocity_m_s", "embodiment_state@w"])
    rows = seen["contacts"][seen["contacts"]["body_a"] + seen["contacts"]["body_b"] == 3]
    assert len(rows)
    over = (seen["linear_velocity_m_s"][0] - seen["embodiment_state@w"][5:8]) * np.where(rows["body_b"] == 1, 1.0, -1.0)[:, None]
    across = over - np.sum(over * rows["normal"], axis=1, keepdims=True) * rows["normal"]
    np.testing.assert_allclose(rows["slip_m_s"], across, atol=1e-4)  # the walker turns a little
    assert np.abs(across).max() > 0.1


# forces and torques


@pytest.mark.parametrize("kind", ["cube", "ball", "mug", "felt_pill", "pillow"])
def test_what_rests_is_carried(kind: str) -> None:
    thing = Thing(name="t", kind=kind, pose=Pose((0.3, 0.2, 0.001 if kind != "felt_pill" else 0.101)))
    seen = felt(Scene(name="s", things=(thing,)), 75 if kind != "pillow" else 150, *TOUCH, "mass_kg")
    weight = seen["mass_kg"][0] * G
    np.testing.assert_allclose(seen["contact_force_n"][0], (0, 0, weight), atol=0.01 * weight)
    if kind != "pillow":  # a soft thing is not one body: its torques bend it
        np.testing.assert_allclose(seen["contact_torque_n_m"][0], 0.0, atol=0.01 * weight * 0.1)


@pytest.mark.parametrize("name", ["tabletop", "tower", "desk", "kitchen_counter"])
def test_in_starters_at_rest_every_thing_is_carried_and_the_ground_carries_all(name: str) -> None:
    """On average over a fifth of a second, in which what is still keeps its momentum to a thousandth of its weight."""
    world, state = started(starter.load(name), 150)
    free = np.array([b.qpos >= 0 for b in state.compiled.bounds])
    built_in = np.array([True, *~free, *[False] * len(state.compiled.embodied)])  # the ground and what is fixed to it
    forces, borne, fast = [], [], np.zeros(len(free))
    for _ in range(10):
        state = gone_on(world, state, 1)
        seen = world.observe(state, ["contacts", "contact_force_n", "mass_kg", "linear_velocity_m_s"])
        forces.append(seen["contact_force_n"])
        fast = np.maximum(fast, np.linalg.norm(seen["linear_velocity_m_s"], axis=1))
        rows = seen["contacts"]
        on_b = rows["force_n"][:, None] * rows["normal"] + rows["tangential_force_n"]
        a, b = built_in[rows["body_a"]], built_in[rows["body_b"]]
        borne.append(on_b[b & ~a].sum(axis=0) - on_b[a & ~b].sum(axis=0))
    weights = seen["mass_kg"] * G
    still = free & (fast < 2e-3)
    assert still.sum() >= 0.8 * free.sum()
    off = np.linalg.norm(np.mean(forces, axis=0) - weights[:, None] * (0, 0, 1), axis=1)
    np.testing.assert_array_less(off[still], 0.01 * weights[still])
    np.testing.assert_allclose(np.mean(borne, axis=0), (0, 0, -weights[free].sum()), atol=0.01 * weights[free].sum())


def test_contacts_of_soft_things_carry_them_too() -> None:
    """In the soft starter the table carries the pillow, and the forces of all free things sum to their weights."""
    world, state = started(starter.load("soft_things"), 100)
    seen = world.observe(state, [*TOUCH, "mass_kg"])
    names = [t.name for t in state.compiled.scene.things]
    for name in ("pillow", "sponge", "duck"):
        i = names.index(name)
        assert seen["contact_force_n"][i, 2] == pytest.approx(seen["mass_kg"][i] * G, rel=0.02)


@given(turn=quats, spin=st.tuples(*[st.floats(-6, 6)] * 3), ticks=st.integers(0, 12))
@settings(max_examples=10, deadline=None)
def test_forces_and_torques_are_those_on_each_body(turn: tuple[float, ...], spin: Vec3, ticks: int) -> None:
    """In a heap in motion: what the engine's own sum over constraints puts on each free body, to rounding."""
    world, state = started(heap(turn, spin), ticks)
    seen = world.observe(state, ["touch", "be"])
    data = forwarded(state)
    for i, bound in enumerate(state.compiled.bounds):
        force = data.qfrc_constraint[bound.dof : bound.dof + 3]  # a free joint's are the force, world frame, and the torque, own frame
        about_origin = data.xmat[bound.body].reshape(3, 3) @ data.qfrc_constraint[bound.dof + 3 : bound.dof + 6]
        torque = about_origin - np.cross(seen["center_of_mass_m"][i] - seen["position_m"][i], force)
        scale = 1 + np.abs(seen["contacts"]["force_n"]).max(initial=0.0)
        np.testing.assert_allclose(seen["contact_force_n"][i], force, atol=1e-12 * scale)
        np.testing.assert_allclose(seen["contact_torque_n_m"][i], torque, atol=1e-12 * scale)


@pytest.mark.parametrize(("exactly", "most"), [(True, 1e-6), (False, 5e-4)])
@given(turn=quats, spin=st.tuples(*[st.floats(-6, 6)] * 3), ticks=st.integers(0, 12))
@settings(max_examples=10, deadline=None)
def test_forces_and_torques_are_newton_and_euler(exactly: bool, most: float, turn: tuple[float, ...], spin: Vec3, ticks: int) -> None:
    """m a = ΣF + m g and I α + ω × I ω = ΣT about the centre of mass, of everything in a heap in motion, as well as the engine solves."""
    world, state = started(heap(turn, spin), ticks)
    model = state.compiled.model
    with solved_exactly(model, exactly):
        seen = world.observe(state, ["touch", "be"])
    omega, alpha = seen["angular_velocity_rad_s"], seen["angular_acceleration_rad_s2"]
    arm = seen["center_of_mass_m"] - seen["position_m"]
    acceleration = seen["linear_acceleration_m_s2"] + np.cross(alpha, arm) + np.cross(omega, np.cross(omega, arm))
    for i, bound in enumerate(state.compiled.bounds):
        mass = seen["mass_kg"][i]
        scale = mass * G + np.abs(seen["contacts"]["force_n"]).max(initial=0.0)
        np.testing.assert_allclose(seen["contact_force_n"][i], mass * (acceleration[i] - (0, 0, -G)), atol=most * scale)
        axes = Pose((0, 0, 0), seen["quat_wxyz"][i]).rotation @ Pose((0, 0, 0), model.body_iquat[bound.body]).rotation
        inertia = axes @ np.diag(model.body_inertia[bound.body]) @ axes.T
        torque = inertia @ alpha[i] + np.cross(omega[i], inertia @ omega[i])
        np.testing.assert_allclose(seen["contact_torque_n_m"][i], torque, atol=most * scale * 0.1)


def test_between_two_things_action_is_reaction() -> None:
    """Two balls that meet in space: what one feels is the opposite of what the other does."""
    balls = [
        Thing(name=n, kind="felt_ball", pose=Pose((x, y, 0)), linear_velocity_m_s=(v, 0, 0), mass_kg=m)
        for n, x, y, v, m in (("a", 0.0, 0.0, 1.0, 1.0), ("b", 0.093, 0.03, -1.0, 3.0))
    ]
    scene = Scene(name="s", ground=None, gravity_m_s2=(0, 0, 0), things=tuple(balls))
    met = 0
    for ticks in range(3):
        seen = felt(scene, ticks)
        np.testing.assert_allclose(seen["contact_force_n"].sum(axis=0), 0.0, atol=1e-12 * (1 + np.abs(seen["contact_force_n"]).max()))
        met += bool(np.abs(seen["contact_force_n"]).max() > 1)
        for row in seen["impulses"]:
            assert (row["body_a"], row["body_b"]) == (1, 2)
            assert row["impulse_n_s"][0] > 0  # a pushes b forward
    assert met


# impulses


@pytest.mark.parametrize(("exactly", "most"), [(True, 1e-6), (False, 1e-4)])
@given(turn=quats, spin=st.tuples(*[st.floats(-6, 6)] * 3))
@settings(max_examples=4, deadline=None)
def test_impulses_are_the_change_of_momentum(exactly: bool, most: float, turn: tuple[float, ...], spin: Vec3) -> None:
    """Of things whose frames are at their centres of mass: m Δv = ΣJ + m g Δt, tick by tick, as well as the engine solves."""
    things = tuple(t for t in heap(turn, spin).things if t.name != "mug")
    world, state = started(Scene(name="s", things=things))
    assert len(world.observe(state, ["impulses"])["impulses"]) == 0
    with solved_exactly(state.compiled.model, exactly):
        seen = [world.observe(state, signals := ["impulses", "mass_kg", "linear_velocity_m_s"])]
        for _ in range(10):
            state = world.step(state, {})
            seen.append(world.observe(state, signals))
    for before, after in pairwise(seen):
        rows, mass = after["impulses"], after["mass_kg"][:, None]
        assert rows.dtype == IMPULSE_DTYPE
        pairs = rows[["body_a", "body_b"]].tolist()
        assert all(a < b for a, b in pairs)
        assert pairs == sorted(set(pairs))
        given = np.zeros((len(mass) + 1, 3))
        np.add.at(given, rows["body_b"], rows["impulse_n_s"])
        np.add.at(given, rows["body_a"], -rows["impulse_n_s"])
        change = mass * (after["linear_velocity_m_s"] - before["linear_velocity_m_s"])
        greatest = np.linalg.norm(rows["impulse_n_s"], axis=1).max(initial=0.1)
        np.testing.assert_allclose(change, given[1:] + mass * (0, 0, -G) * TICK_S, atol=most * greatest)
        along = np.linalg.norm(rows["impulse_n_s"], axis=1) / np.hypot(1, 0.9)  # at least so much of it is along the normals
        assert (rows["peak_force_n"] * TICK_S >= along).all()


def test_a_box_at_rest_is_given_its_weight_times_the_tick() -> None:
    rows = felt(Scene(name="s", things=(brick("b", (0, 0, 0.05), mass_kg=2.0),)), 50)["impulses"]
    assert rows[["body_a", "body_b"]].tolist() == [(0, 1)]
    np.testing.assert_allclose(rows["impulse_n_s"][0], (0, 0, 2 * G * TICK_S), atol=0.01 * 2 * G * TICK_S)
    assert rows["peak_force_n"][0] == pytest.approx(2 * G, rel=0.01)


# the whole family


def test_looking_again_in_any_order_feels_the_same() -> None:
    world, state = started(starter.load("living_room"), 6)
    streams = world.spec.streams(["touch", "be"])
    first = world.observe(state, streams)
    again = world.observe(state, streams[::-1])
    alone = {stream: world.observe(state, [stream])[stream] for stream in streams}
    for stream in streams:
        assert first[stream].tobytes() == again[stream].tobytes() == alone[stream].tobytes(), stream


def test_where_there_is_nobody_nothing_is_felt() -> None:
    seen = felt(Scene(name="s", ground=None), 1)
    assert {name: value.shape for name, value in seen.values.items()} == {
        "contacts": (0,),
        "contact_force_n": (0, 3),
        "contact_torque_n_m": (0, 3),
        "impulses": (0,),
        "joint_force": (0,),
    }


def test_turning_a_scene_turns_what_is_felt() -> None:
    """Gravity and everything turned alike: forces and torques turn with them."""
    turn = Pose((0, 0, 0), (0.8, 0.3, -0.4, 0.2))
    thing = brick("b", (0.0, 0.0, 0.049), size_m=(0.1, 0.2, 0.1), linear_velocity_m_s=(0.5, 0.1, 0))
    below = brick("floor", (0, 0, -0.05), size_m=(0.8, 0.8, 0.1), fixed=True)
    turned = [
        Thing(
            name=t.name, kind=t.kind, size_m=t.size_m, fixed=t.fixed, pose=turn @ t.pose,
            linear_velocity_m_s=tuple(rotate(turn.quat_wxyz, np.array(t.linear_velocity_m_s))),
        )
        for t in (below, thing)
    ]  # fmt: skip
    down = tuple(rotate(turn.quat_wxyz, np.array((0, 0, -G))))
    one = felt(Scene(name="s", ground=None, things=(below, thing)), 3)
    two = felt(Scene(name="s", ground=None, gravity_m_s2=down, things=tuple(turned)), 3)
    for signal in ("contact_force_n", "contact_torque_n_m"):
        np.testing.assert_allclose(rotate(turn.quat_wxyz, one[signal]), two[signal], atol=1e-5 * (1 + np.abs(one[signal]).max()))


def test_impulses_noted_while_stepping_are_those_of_stepping_again() -> None:
    """To the bit, whatever was looked at before: the world may take notes of a tick whose impulses it expects to be asked for."""
    world, state = started(starter.load("dominoes"), 3)
    again = WorldPhysics(renderer="rays")
    other = again.reset(starter.load("dominoes"), seed=0)
    seen = []
    for tick in range(8):
        state = world.step(state, {})
        if tick != 4:
            seen.append((state, world.observe(state, ["impulses"])["impulses"]))
    assert world.observe(seen[0][0], ["impulses"])["impulses"].tobytes() == seen[0][1].tobytes()
    for state, impulses in seen:
        assert len(impulses)
        assert again.observe(again.load(world.save(state)), ["impulses"])["impulses"].tobytes() == impulses.tobytes()
        assert world.step(state, {}) == again.step(replace(state), {})
    assert other.tick == 0


def test_imported_things_and_robots_feel_and_weigh(tmp_path: Path) -> None:
    """A crate from a mesh rests with its weight on the ground, of an unknown material; an imported arm's motors hold it."""
    (tmp_path / "crate.obj").write_text(CRATE, encoding="utf-8")
    arm = import_file(FILES / "arm.xml", tmp_path / "arm")
    crate = import_file(tmp_path / "crate.obj", tmp_path / "crate", scale=0.2, mass_kg=1.0, collision="hull", up="z")
    scene = Scene(
        name="s",
        assets=(AssetRef(name="arm", folder="arm", sha256=arm.digest), AssetRef(name="crate", folder="crate", sha256=crate.digest)),
        things=(Thing(name="box", kind="asset:crate", pose=Pose((1.0, 0, 0.0))),),
        embodiments=(Embodiment(name="robot", kind="robot", asset="arm"),),
    )
    world = WorldPhysics(renderer="rays", assets=tmp_path)
    state = gone_on(world, world.reset(scene, seed=0), 60)
    seen = world.observe(state, ["touch", "be"])
    assert seen["mass_kg"][0] == pytest.approx(1.0)
    np.testing.assert_allclose(seen["contact_force_n"][0], (0, 0, G), atol=0.01 * G)
    assert seen["impulses"]["impulse_n_s"][0, 2] == pytest.approx(G * TICK_S, rel=0.01)
    assert world.spec.legend["material_ids"][seen["material_ids"][0]] == "unknown"
    assert seen["actuator_force@robot"].shape == (world.spec.action("robot").size,)
    assert seen["accelerometer_m_s2@robot_imu"].shape == (3,)
