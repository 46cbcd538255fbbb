"""What joints and motors put out, against closed forms and the engine's own step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from bodies import engine_step, own_kinds, started
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype as archetypes
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part
from lifeworld.scene.scene import Embodiment, Scene, Thing
from lifeworld.scene.shape import Sphere, Vec3
from lifeworld.worlds.world import Observation

G = 9.81


def lever(size_m: Vec3, **joint: object) -> Assembly:
    """A bob of 5 cm on a rod of no mass, level at 0."""
    bob = Geom(shape=Sphere(0.05), pose=Pose((size_m[0], 0, 0)))
    bend = Joint(name="bend", kind="hinge", axis=(0, 1, 0), **joint)  # type: ignore[arg-type]
    return Assembly(parts=(Part(name="hook", geoms=()), Part(name="arm", parent="hook", geoms=(bob,), joint=bend)))


KINDS = {
    "felt_spring": lambda size_m: lever(size_m, spring=40.0, rest=0.2, damping=0.7),
    "felt_stop": lambda size_m: lever(size_m, range=(-0.5, 0.4), damping=2.0),
    "felt_lid": lambda size_m: lever(size_m, friction=80.0, damping=0.1),
}


@pytest.fixture(autouse=True, scope="module")
def _kinds() -> Iterator[None]:
    with own_kinds(KINDS, fixed=KINDS, size_m=(0.1, 0.1, 0.2), scale=(0.1, 10.0)):
        yield


def felt(scene: Scene, ticks: int, *signals: str) -> Observation:
    world, state = started(scene, ticks)
    return world.observe(state, signals)


def test_a_spring_pulls_by_hookes_law() -> None:
    """While it swings, a joint's force is spring and damper; at rest, what weighs on it."""
    thing = Thing(name="t", kind="felt_spring", pose=Pose((0, 0, 1)))
    for ticks in (1, 4, 9, 400):
        seen = felt(Scene(name="s", things=(thing,)), ticks, "joint_force", "joint_position", "joint_velocity", "mass_kg")
        (force,), (angle,), (speed,) = seen["joint_force"], seen["joint_position"], seen["joint_velocity"]
        assert force == pytest.approx(-40.0 * (angle - 0.2) - 0.7 * speed, rel=1e-9)
    assert force == pytest.approx(-seen["mass_kg"][0] * G * 0.1 * np.cos(angle), rel=1e-3)


@pytest.mark.parametrize("kind", ["felt_stop", "felt_lid"])
def test_a_stop_and_dry_friction_hold_what_weighs_on_a_joint(kind: str) -> None:
    seen = felt(
        Scene(name="s", things=(Thing(name="t", kind=kind, pose=Pose((0, 0, 1))),)), 200, "joint_force", "joint_position", "mass_kg"
    )
    (angle,) = seen["joint_position"]
    assert (angle > 0.39) == (kind == "felt_stop")
    assert seen["joint_force"][0] == pytest.approx(-seen["mass_kg"][0] * G * 0.1 * np.cos(angle), rel=1e-3)


def test_a_kitchen_scale_weighs() -> None:
    """What its plate's spring carries more with a weight on it is the weight."""
    scale = Thing(name="scale", kind="spring_scale", fixed=True, pose=Pose())
    empty = felt(Scene(name="s", things=(scale,)), 100, "joint_force")["joint_force"]
    top = archetypes.build(scale).bounds()[1][2]
    weight = Thing(name="weight", kind="weight", pose=Pose((0, 0.01, top)))
    laden = felt(Scene(name="s", things=(scale, weight)), 150, "joint_force")["joint_force"]
    assert laden[0] - empty[0] == pytest.approx(1.0 * G, rel=0.01)


@given(actions=st.lists(st.lists(st.floats(-3, 3), min_size=7, max_size=7), min_size=2, max_size=5))
@settings(max_examples=8, deadline=None)
def test_motors_keep_within_their_limits(actions: list[list[float]]) -> None:
    """And what they put out is what moves: a pusher alone accelerates by its motors' force less its dampers'."""
    scene = Scene(name="s", embodiments=(Embodiment(name="h", kind="hand", pose=Pose((0, 0, 0.5))), Embodiment(name="p", kind="pusher")))
    world, state = started(scene)
    model = state.compiled.model
    for action in actions:
        state = world.step(state, {"h": np.array(action), "p": np.array(action[:2])})
        seen = world.observe(state, ["actuator_force", "embodiment_state"])
        for name, size in (("h", 8), ("p", 2)):
            force = seen[f"actuator_force@{name}"]
            drives = [a for a in range(model.nu) if model.actuator(a).name.startswith(f"{name}/")]
            assert force.shape == (size,)
            assert (np.abs(force) <= model.actuator_forcerange[drives, 1]).all()
    force, moving = seen["actuator_force@p"], seen["embodiment_state@p"][2:]
    after = world.observe(engine_step(state), ["embodiment_state@p"])["embodiment_state@p"][2:]
    np.testing.assert_allclose((after - moving) * 0.4 / 0.002, force - 1.0 * moving, atol=0.02 * (1 + np.abs(force).max()))
