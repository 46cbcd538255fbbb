"""Sensors fixed to bodies: inertial units against closed forms, touch sensors against the contacts on their faces."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from bodies import started
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.core.pose import Pose, rotate
from lifeworld.scene import starter
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.sensor import Sensor
from lifeworld.scene.shape import Vec3
from lifeworld.worlds.world import Observation

G = 9.81
quats = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.1)
spins = st.tuples(*[st.floats(-8, 8)] * 3)
near = st.tuples(*[st.floats(-0.3, 0.3)] * 3)


def felt(scene: Scene, ticks: int = 0) -> Observation:
    world, state = started(scene, ticks)
    return world.observe(state, ["touch", "be"])


def imu(attach: str | None, pose: Pose | None = None, part: str | None = None) -> Sensor:
    return Sensor(name="unit", kind="imu", attach=attach, part=part, pose=pose or Pose())


# inertial units


@given(turn=quats)
@settings(max_examples=10, deadline=None)
def test_at_rest_an_imu_reads_g_upward(turn: tuple[float, ...]) -> None:
    """In any orientation, on a cube that lies, on what is built in, and on the world itself."""
    cube = Thing(name="c", kind="cube", pose=Pose())
    at = Pose((0.01, 0.02, 0.03), turn)
    for attach in ("c", "shelf", None):
        shelf = Thing(name="shelf", kind="cube", fixed=True, pose=Pose((1, 0, 0.5)))
        seen = felt(Scene(name="s", things=(cube, shelf), sensors=(imu(attach, at),)), 40)
        up = at.rotation.T @ (0, 0, G)
        np.testing.assert_allclose(seen["accelerometer_m_s2@unit"], up, atol=0.01 * G)
        np.testing.assert_allclose(seen["gyro_rad_s@unit"], 0.0, atol=1e-3)


@given(turn=quats, own=quats, spin=spins, at=near)
@settings(max_examples=15, deadline=None)
def test_a_gyro_reads_the_spin_it_is_given(turn: tuple[float, ...], own: tuple[float, ...], spin: Vec3, at: Vec3) -> None:
    """In its own axes; and in free fall the accelerometer reads what its place off the centre makes: α × r + ω × (ω × r)."""
    mug = Thing(name="m", kind="mug", pose=Pose((0, 0, 2), turn), angular_velocity_rad_s=spin, linear_velocity_m_s=(1, 2, 3))
    seen = felt(Scene(name="s", ground=None, things=(mug,), sensors=(imu("m", Pose(at, own)),)))
    world_from_mug = Pose(seen["position_m"][0], seen["quat_wxyz"][0])
    world_from_unit = world_from_mug @ Pose(at, own)
    omega, alpha = seen["angular_velocity_rad_s"][0], seen["angular_acceleration_rad_s2"][0]
    np.testing.assert_allclose(seen["gyro_rad_s@unit"], world_from_unit.rotation.T @ spin, atol=1e-12)
    arm = world_from_unit.position_m - seen["center_of_mass_m"][0]
    wanted = np.cross(alpha, arm) + np.cross(omega, np.cross(omega, arm))
    np.testing.assert_allclose(seen["accelerometer_m_s2@unit"], world_from_unit.rotation.T @ wanted, atol=1e-9)


def test_in_free_fall_an_imu_reads_nothing() -> None:
    ball = Thing(name="b", kind="ball", pose=Pose((0, 0, 5)))
    seen = felt(Scene(name="s", things=(ball,), sensors=(imu("b", Pose((0.03, 0, 0), (1, 2, 3, 4))),)), 10)
    np.testing.assert_allclose(seen["accelerometer_m_s2@unit"], 0.0, atol=1e-12)


@pytest.mark.parametrize("ticks", [0, 7, 20])
def test_on_a_pendulum_an_imu_reads_its_pull(ticks: int) -> None:
    """At a distance r from the pivot: along the rod g cos θ + ω² r, across it what gravity does not turn into motion."""
    swing = Thing(name="p", kind="pendulum", fixed=True, pose=Pose((0, 0, 0)), joints=(("swing", 0.6),))
    world, state = started(Scene(name="s", things=(swing,), sensors=(imu("p", Pose((0, 0, -0.2)), "arm"),)), ticks)
    seen = world.observe(state, ["touch", "be"])
    (angle,), (speed,) = seen["joint_position"], seen["joint_velocity"]
    model, data = state.compiled.model, mujoco.MjData(state.compiled.model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(model, data)
    joint = model.joint("p/swing")
    assert np.allclose(joint.pos, 0)
    axis, (about,) = data.xmat[joint.bodyid[0]].reshape(3, 3) @ joint.axis, data.qacc[joint.dofadr]
    down = data.xmat[joint.bodyid[0]].reshape(3, 3) @ (0, 0, -0.2)
    felt_here = about * np.cross(axis, down) - speed**2 * down + (0, 0, G)
    np.testing.assert_allclose(seen["accelerometer_m_s2@unit"], data.xmat[joint.bodyid[0]].reshape(3, 3).T @ felt_here, atol=1e-9)
    np.testing.assert_allclose(seen["gyro_rad_s@unit"], speed * joint.axis, atol=1e-12)
    assert seen["accelerometer_m_s2@unit"][2] == pytest.approx(G * np.cos(angle) + speed**2 * 0.2, rel=1e-9)


@pytest.mark.parametrize("name", ["two_rooms", "tabletop"])
def test_sensors_are_the_engines_own(name: str) -> None:
    """Against the engine's accelerometer and gyro at a site in the same place, in a model of its own, while its hands and walkers act."""
    world, state = started(starter.load(name))
    rng = np.random.default_rng(1)
    for _ in range(12):
        state = world.step(state, {a.name: rng.uniform(a.low, a.high) for a in world.spec.actions})
    units = [m for m in state.compiled.sensors if m.sensor.kind == "imu"]
    assert units
    spec = state.compiled.spec.copy()
    for m in units:
        place = spec.bodies[m.body].add_site(name=m.sensor.name, pos=m.body_from_sensor.position_m, quat=m.body_from_sensor.quat_wxyz)
        for kind in (mujoco.mjtSensor.mjSENS_ACCELEROMETER, mujoco.mjtSensor.mjSENS_GYRO):
            spec.add_sensor(name=f"{m.sensor.name}{kind.value}", type=kind, objtype=mujoco.mjtObj.mjOBJ_SITE, objname=place.name)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(model, data)
    seen = world.observe(state, ["touch"])
    for m in units:
        own = [data.sensor(f"{m.sensor.name}{k.value}").data for k in (mujoco.mjtSensor.mjSENS_ACCELEROMETER, mujoco.mjtSensor.mjSENS_GYRO)]
        np.testing.assert_allclose(seen[f"accelerometer_m_s2@{m.sensor.name}"], own[0], atol=1e-9)
        np.testing.assert_allclose(seen[f"gyro_rad_s@{m.sensor.name}"], own[1], atol=1e-12)


# touch sensors


def mat(**more: object) -> Sensor:
    """On top of a plinth of 40 × 40 × 30 cm, turned a little."""
    facts = {"size_m": (0.3, 0.2), "rows": 10, "columns": 15, "pose": Pose.from_yaw((0.01, -0.02, 0.3), 0.4), **more}
    return Sensor(name="mat", kind="tactile", attach="plinth", **facts)  # type: ignore[arg-type]


PLINTH = Thing(name="plinth", kind="cube", size_m=(0.4, 0.4, 0.3), fixed=True, pose=Pose((1.0, 0.5, 0.0)))


@given(x=st.floats(-0.07, 0.07), y=st.floats(-0.03, 0.03), turn=st.floats(-3, 3), tilt=st.floats(-0.2, 0.2))
@settings(max_examples=10, deadline=None)
def test_taxels_sum_to_the_normal_force(x: float, y: float, turn: float, tilt: float) -> None:
    """Of a box on a mat, in a gravity that leans: the sum is its weight, its centre is under the box's centre of mass, shear and all."""
    weighty = Thing(
        name="box", kind="cube", size_m=(0.06, 0.06, 0.02), mass_kg=2.0, pose=PLINTH.pose @ mat().pose @ Pose.from_yaw((x, y, 0), turn)
    )
    down = (G * np.sin(tilt), 0.0, -G * np.cos(tilt))
    scene = Scene(name="s", things=(PLINTH, weighty), sensors=(mat(),), gravity_m_s2=down)
    seen = felt(scene, 30)
    assert seen["tactile_n@mat"].dtype == np.float32
    grid, force = seen["tactile_n@mat"].astype(float), seen["contact_force_n"][1]
    assert grid.shape == (10, 15, 3)
    assert (grid[..., 2] >= 0).all()
    world_from_mat = PLINTH.pose @ mat().pose
    on_mat = rotate(world_from_mat.inverse().quat_wxyz, -force) * (1, 1, -1)
    np.testing.assert_allclose(grid.sum(axis=(0, 1)), on_mat, atol=1e-4 * on_mat[2])
    assert on_mat[2] == pytest.approx(2.0 * G * np.cos(tilt), rel=0.05)
    columns, rows = (np.arange(15) + 0.5) * 0.02 - 0.15, (np.arange(10) + 0.5) * 0.02 - 0.1
    pressure = grid[..., 2] / grid[..., 2].sum()
    centre = np.array((pressure.sum(axis=0) @ columns, pressure.sum(axis=1) @ rows))
    line = world_from_mat.inverse().apply(seen["center_of_mass_m"][1])
    lean = rotate(world_from_mat.inverse().quat_wxyz, np.array(down))
    foot = line - lean * line[2] / lean[2]  # where the weight goes through the mat
    np.testing.assert_allclose(centre, foot[:2], atol=2e-3)


def test_what_is_beside_a_face_or_behind_it_is_not_felt() -> None:
    there = Thing(name="box", kind="cube", size_m=(0.06, 0.06, 0.02), mass_kg=2.0, pose=Pose((1.15, 0.65, 0.3)))
    scene = Scene(name="s", things=(PLINTH, there), sensors=(mat(size_m=(0.1, 0.1)),))
    assert not felt(scene, 20)["tactile_n@mat"].any()
    behind = replace(scene, sensors=(mat(pose=Pose((0.15, 0.15, 0.3), (0, 1, 0, 0))),))  # looks down, into the plinth
    assert not felt(behind, 20)["tactile_n@mat"].any()
    for off in (0.01, -0.01):
        assert not felt(replace(scene, sensors=(mat(pose=Pose((0.15, 0.15, 0.3 + off))),)), 20)["tactile_n@mat"].any()
    before = replace(scene, sensors=(mat(pose=Pose((0.15, 0.15, 0.3))),))
    assert felt(before, 20)["tactile_n@mat"].sum() > 10
    assert not felt(Scene(name="s", things=(PLINTH,), sensors=(mat(),)), 3)["tactile_n@mat"].any()


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (4, 1), (None, None)])
def test_a_face_may_have_any_number_of_taxels(rows: int | None, columns: int | None) -> None:
    there = Thing(name="box", kind="cube", size_m=(0.06, 0.06, 0.02), mass_kg=2.0, pose=Pose((1.0, 0.5, 0.3)))
    seen = felt(Scene(name="s", things=(PLINTH, there), sensors=(mat(rows=rows, columns=columns, pose=Pose((0, 0, 0.3))),)), 20)
    grid = seen["tactile_n@mat"]
    assert grid.shape == (rows or 8, columns or 8, 3)
    assert grid[..., 2].sum() == pytest.approx(2.0 * G, rel=0.01)


def test_fingers_feel_what_they_grip() -> None:
    """Both press alike on a block held in the air, and their shear carries it."""
    block = Thing(name="block", kind="cube", size_m=(0.04, 0.04, 0.04), mass_kg=0.1, pose=Pose((0, 0, 0)))
    hand = Embodiment(name="h", kind="hand", pose=Pose((0, 0, 0.09)))
    world, state = started(Scene(name="s", things=(block,), embodiments=(hand,)))
    grip, lift = np.zeros(7), np.array((0, 0, 0.15, 0, 0, 0, 0.0))
    for action in (*[np.array((0, 0, -0.05, 0, 0, 0, 1.0))] * 10, *[grip] * 20, *[lift] * 25, *[grip] * 20):
        state = world.step(state, {"h": action})
    seen = world.observe(state, ["touch", "be"])
    assert seen["position_m"][0, 2] > 0.02
    left, right = (seen[f"tactile_n@h_{side}"].sum(axis=(0, 1), dtype=float) for side in ("left", "right"))
    rows = seen["contacts"]
    part = world.spec.legend["part_ids"].index("h/left")
    of_left = rows[(rows["part_a"] == part) | (rows["part_b"] == part)]
    assert left[2] == pytest.approx(of_left["force_n"].sum(), rel=1e-4)
    assert left[2] > 3
    assert right[2] == pytest.approx(left[2], rel=0.05)
    # The fingers' y is the world's up here: the block pulls both down by its weight.
    assert left[1] + right[1] == pytest.approx(-0.1 * G, rel=0.05)


# what cannot be


def test_a_sensor_has_to_be_fixed_to_something_rigid() -> None:
    pillow = Thing(name="pillow", kind="pillow", pose=Pose())
    with pytest.raises(SceneError, match=r"sensor 'unit': a soft thing has no frame.*Attach it to a rigid thing"):
        started(Scene(name="s", things=(pillow,), sensors=(imu("pillow"),)))
    with pytest.raises(UnknownName, match=r"sensor 'unit': .*'lef'.*Did you mean 'leaf'"):
        started(Scene(name="s", things=(Thing(name="d", kind="door", pose=Pose()),), sensors=(imu("d", part="lef"),)))
