"""The engine against closed forms: free fall, friction, pendulum, collisions, spin. Tolerances are the integrator's own order."""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype as archetypes
from lifeworld.scene.archetype import archetype, build
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, box
from lifeworld.scene.scene import Ground, Scene, Thing
from lifeworld.scene.shape import Sphere, Vec3
from lifeworld.worlds.physics.compile import TICK_NS, TIMESTEP_S
from lifeworld.worlds.physics.engine import WorldPhysics

G = 9.81
TICK_S = TICK_NS * 1e-9


def _ball(size_m: Vec3) -> Assembly:
    """A ball whose frame is at its centre."""
    return Assembly(parts=(Part(name="ball", geoms=(Geom(shape=Sphere(size_m[0] / 2)),)),))


def _brick(size_m: Vec3) -> Assembly:
    """A box whose frame is at its centre."""
    return Assembly(parts=(Part(name="brick", geoms=(box(size_m, (0, 0, 0)),)),))


def _pendulum(size_m: Vec3) -> Assembly:
    """A bob on a rod of no mass, hanging from its frame's origin; nothing slows it."""
    return Assembly(
        parts=(
            Part(name="hook", geoms=()),
            Part(
                name="arm",
                parent="hook",
                geoms=(Geom(shape=Sphere(0.05), pose=Pose((0, 0, -size_m[2]))),),
                joint=Joint(name="swing", kind="hinge", axis=(0, 1, 0), damping=0.0),
            ),
        )
    )


@pytest.fixture(autouse=True, scope="module")
def own_kinds() -> Iterator[None]:
    """Kinds that only these tests know: frames where the closed forms want them, and nothing else."""
    archetype("test_ball", category="science", size_m=(0.1, 0.1, 0.1), material="rubber")(_ball)
    archetype("test_brick", category="science", size_m=(0.1, 0.1, 0.1), scale=(0.2, 4.0), material="wood")(_brick)
    archetype("test_pendulum", category="science", size_m=(0.1, 0.1, 1.0), material="steel", fixed=True)(_pendulum)
    yield
    for name in ("test_ball", "test_brick", "test_pendulum"):
        del archetypes._KINDS[name]
    archetypes.kinds.cache_clear()


def run(scene: Scene, seconds: float, signals: tuple[str, ...] = ("position_m", "linear_velocity_m_s")) -> list[dict[str, np.ndarray]]:
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene, seed=0)
    rows = [dict(world.observe(state, signals).values)]
    for _ in range(round(seconds / TICK_S)):
        state = world.step(state, {})
        rows.append(dict(world.observe(state, signals).values))
    return rows


def ball(name: str, x: float, v: float, *, mass: float = 1.0, e: float | None = None, z: float = 0.0) -> Thing:
    return Thing(
        name=name, kind="test_ball", pose=Pose((x, 0, z)), mass_kg=mass, restitution=e, friction=0.0, linear_velocity_m_s=(v, 0, 0)
    )


@given(v=st.floats(-3, 3), g=st.floats(0.5, 25))
@settings(max_examples=15, deadline=None)
def test_free_fall_is_a_parabola(v: float, g: float) -> None:
    """Semi-implicit Euler falls g·dt·t/2 short of the parabola, and not a bit more."""
    thing = Thing(name="b", kind="test_ball", pose=Pose((0, 0, 0)), linear_velocity_m_s=(1.0, 0.0, v))
    rows = run(Scene(name="fall", ground=None, gravity_m_s2=(0, 0, -g), things=(thing,)), 1.0)
    for i, row in enumerate(rows):
        t = i * TICK_S
        x, _, z = row["position_m"][0]
        assert x == pytest.approx(t, abs=1e-9)
        assert z == pytest.approx(v * t - g * t * t / 2 - g * TIMESTEP_S * t / 2, abs=1e-9)


@given(mu=st.floats(0.1, 0.8), v=st.floats(0.8, 2.5))
@settings(max_examples=10, deadline=None)
def test_sliding_stops_where_friction_says(mu: float, v: float) -> None:
    """A sliding brick stops after v²/(2 μ g)."""
    brick = Thing(name="b", kind="test_brick", size_m=(0.2, 0.2, 0.04), friction=mu, pose=Pose((0, 0, 0.02)), linear_velocity_m_s=(v, 0, 0))
    rows = run(Scene(name="slide", ground=Ground(friction=mu), things=(brick,)), v / (mu * G) + 0.3)
    assert rows[-1]["position_m"][0, 0] == pytest.approx(v * v / (2 * mu * G), rel=0.02, abs=0.004)
    assert abs(rows[-1]["linear_velocity_m_s"][0, 0]) < 0.01


@pytest.mark.parametrize(("mu", "slope_deg", "slides"), [(0.3, 14.0, False), (0.3, 20.0, True), (0.6, 28.0, False), (0.6, 34.0, True)])
def test_slope_friction_cone(mu: float, slope_deg: float, slides: bool) -> None:
    """On a slope (gravity tilted) a brick holds while tan θ < μ, else accelerates by g (sin θ − μ cos θ)."""
    a = np.deg2rad(slope_deg)
    brick = Thing(name="b", kind="test_brick", size_m=(0.2, 0.2, 0.04), friction=mu, pose=Pose((0, 0, 0.02)))
    rows = run(Scene(name="slope", ground=Ground(friction=mu), gravity_m_s2=(G * np.sin(a), 0, -G * np.cos(a)), things=(brick,)), 1.0)
    moved = rows[-1]["position_m"][0, 0]
    if slides:
        assert moved == pytest.approx(G * (np.sin(a) - mu * np.cos(a)) / 2, rel=0.03)
    else:
        assert abs(moved) < 0.005


@pytest.mark.parametrize("swing_rad", [0.05, 0.8, 1.6])
def test_pendulum_period_and_energy(swing_rad: float) -> None:
    """T = 4 √(I / (m g l)) K(sin(θ/2)): the exact period at any swing; energy kept within 1 % over ten seconds."""
    pendulum = Thing(name="p", kind="test_pendulum", pose=Pose((0, 0, 2)), joints=(("swing", swing_rad),))
    rows = run(Scene(name="pendulum", ground=None, things=(pendulum,)), 10.0, ("joint_position", "joint_velocity"))
    angle = np.array([r["joint_position"][0] for r in rows])
    speed = np.array([r["joint_velocity"][0] for r in rows])
    crossings = [(i + angle[i] / (angle[i] - angle[i + 1])) * TICK_S for i in range(len(angle) - 1) if angle[i] * angle[i + 1] < 0]
    period = 2 * np.mean(np.diff(crossings))
    inertia_per_mass = 1.0 + 0.4 * 0.05**2  # a ball of 5 cm on a rod of 1 m
    assert period == pytest.approx(4 * np.sqrt(inertia_per_mass / G) * _ellipk(np.sin(swing_rad / 2)), rel=2e-3)
    energy = 0.5 * inertia_per_mass * speed**2 + G * (1 - np.cos(angle))
    assert np.ptp(energy) < 0.01 * energy[0]


def _ellipk(k: float) -> float:
    """The complete elliptic integral of the first kind by the arithmetic–geometric mean (Gauss)."""
    a, b = 1.0, np.sqrt(1 - k * k)
    while abs(a - b) > 1e-15:
        a, b = (a + b) / 2, np.sqrt(a * b)
    return np.pi / (2 * a)


@pytest.mark.parametrize("mass", [1.0, 0.3, 3.0])
@pytest.mark.parametrize("e", [1.0, 0.5])
def test_collision_momentum_and_restitution(mass: float, e: float) -> None:
    """Head-on balls: momentum kept to rounding, relative speed turned round by the restitution."""
    scene = Scene(name="hit", ground=None, gravity_m_s2=(0, 0, 0), things=(ball("a", 0, 1.0, e=e), ball("b", 0.3, 0.0, mass=mass, e=e)))
    first, *_, last = run(scene, 0.6)
    before, after = first["linear_velocity_m_s"][:, 0], last["linear_velocity_m_s"][:, 0]
    masses = np.array([1.0, mass])
    assert masses @ after == pytest.approx(masses @ before, abs=1e-9)
    assert after[1] - after[0] == pytest.approx(e * (before[0] - before[1]), abs=0.06)


def test_spin_in_space_keeps_momentum_and_energy() -> None:
    """A brick tumbling about its middle axis keeps its angular momentum and energy while it flips."""
    brick = Thing(name="b", kind="test_brick", size_m=(0.3, 0.2, 0.1), mass_kg=1.0, pose=Pose(), angular_velocity_rad_s=(0.02, 5.0, 0.02))
    rows = run(Scene(name="spin", ground=None, gravity_m_s2=(0, 0, 0), things=(brick,)), 4.0, ("quat_wxyz", "angular_velocity_rad_s"))
    inertia = np.array([0.2**2 + 0.1**2, 0.3**2 + 0.1**2, 0.3**2 + 0.2**2]) / 12
    momentum, energy = [], []
    for row in rows:
        turn = Pose((0, 0, 0), row["quat_wxyz"][0]).rotation
        body = turn.T @ row["angular_velocity_rad_s"][0]
        momentum.append(turn @ (inertia * body))
        energy.append(0.5 * body @ (inertia * body))
    assert np.max(np.linalg.norm(np.array(momentum) - momentum[0], axis=1)) < 0.03 * np.linalg.norm(momentum[0])
    assert np.ptp(energy) < 0.05 * energy[0]
    assert np.max([abs(r["angular_velocity_rad_s"][0, 0]) for r in rows]) > 1.0  # it really flipped (Dzhanibekov)


def test_contact_forces_carry_the_weight() -> None:
    """The normal forces on a resting brick add up to its weight; contacts point from a to b and say who."""
    brick = Thing(name="b", kind="test_brick", size_m=(0.2, 0.2, 0.1), mass_kg=2.0, pose=Pose((0, 0, 0.05)))
    contacts = run(Scene(name="rest", things=(brick,)), 1.0, ("contacts",))[-1]["contacts"]
    assert contacts["force_n"].sum() == pytest.approx(2.0 * G, rel=0.01)
    up = np.where(contacts["body_b"] == 1, 1.0, -1.0) * contacts["normal"][:, 2]
    assert np.allclose(up, 1.0, atol=1e-3)
    assert (np.minimum(contacts["body_a"], contacts["body_b"]) == 0).all()


def test_poses_and_velocities_equal_the_engines_own() -> None:
    """Our velocities of the thing's frame agree with mj_objectVelocity, an independent path in the engine."""
    thing = Thing(
        name="g",
        kind="glass",
        pose=Pose((0, 0, 1), (0.9, 0.1, 0.3, 0.2)),
        linear_velocity_m_s=(0.4, 0.2, 2),
        angular_velocity_rad_s=(3, -2, 5),
    )
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", things=(thing,)), seed=0)
    start = world.observe(state, ["linear_velocity_m_s", "angular_velocity_rad_s"])
    assert np.allclose(start["linear_velocity_m_s"][0], (0.4, 0.2, 2))
    assert np.allclose(start["angular_velocity_rad_s"][0], (3, -2, 5))
    for _ in range(7):
        state = world.step(state, {})
    model = state.compiled.model
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(model, data)
    six = np.zeros(6)
    mujoco.mj_objectVelocity(model, data, int(mujoco.mjtObj.mjOBJ_XBODY), model.body("g").id, six, 0)
    seen = world.observe(state, ["linear_velocity_m_s", "angular_velocity_rad_s"])
    assert np.allclose(seen["angular_velocity_rad_s"][0], six[:3], atol=1e-12)
    assert np.allclose(seen["linear_velocity_m_s"][0], six[3:], atol=1e-12)


def test_joint_limits_are_in_radians() -> None:
    """A pendulum's limit of 1 rad is 1 rad in the model (the engine's builder counts in degrees unless told)."""
    door = Thing(name="d", kind="door", pose=Pose())
    model = WorldPhysics(renderer="rays").reset(Scene(name="s", things=(door,)), seed=0).compiled.model
    wanted = {f"d/{j.name}": j.range for j in build(door).joints if j.range is not None}
    assert wanted
    for name, limits in wanted.items():
        assert np.allclose(model.joint(name).range, sorted(limits))
