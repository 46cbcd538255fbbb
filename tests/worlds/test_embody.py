"""The bodies agents act through do what their numbers say: move as fast, hold what they grip, push what is light, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from lifeworld.core.errors import ActionError, SceneError
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Embodiment, Scene, Thing
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics


def drive(world: WorldPhysics, state: PhysicsState, seconds: float, **action: list[float]) -> PhysicsState:
    for _ in range(round(seconds / 0.02)):
        state = world.step(state, {name: np.array(value, dtype=np.float64) for name, value in action.items()})
    return state


def test_eyes_see_as_much_as_the_first_camera() -> None:
    world = WorldPhysics(renderer="rays")
    cameras = (CameraMount(name="small", pose=Pose((0, -3, 1)), width_px=12, height_px=8), CameraMount(name="large", pose=Pose((0, -3, 2))))
    bodies = (Embodiment(name="hand", kind="hand"), Embodiment(name="me", kind="walker", pose=Pose((2, 0, 0))))
    state = world.reset(Scene(name="s", cameras=cameras, embodiments=bodies), seed=0)
    seen = world.observe(state, ["rgb"])
    assert {name: value.shape[:2] for name, value in seen.values.items()} == {
        "rgb@small": (8, 12), "rgb@large": (240, 320), "rgb@hand_eye": (8, 12), "rgb@me_eye": (8, 12)
    }  # fmt: skip


def test_free_camera_flies_where_it_looks() -> None:
    world = WorldPhysics(renderer="rays")
    start = Pose.look_at((0, -2, 1), (0, 0, 1))
    state = world.reset(Scene(name="s", embodiments=(Embodiment(name="drone", kind="free_camera", pose=start),)), seed=0)
    after = drive(world, state, 1.0, drone=[0, 0, 1.5, 0, 0, 0])
    assert np.allclose(world.observe(after, ["camera_pose@drone_eye"])["camera_pose"][:3], (0, -0.5, 1), atol=1e-6)
    turned = drive(world, state, 1.0, drone=[0, 0, 0, 0, np.pi / 2, 0])  # a quarter turn about down: to the right
    forward = Pose((0, 0, 0), world.observe(turned, ["camera_pose@drone_eye"])["camera_pose"][3:]).apply((0, 0, 1))
    assert np.allclose(forward, (1, 0, 0), atol=1e-6)


def test_hand_grips_lifts_and_lets_go() -> None:
    world = WorldPhysics(renderer="rays")
    block = Thing(name="block", kind="block", size_m=(0.045, 0.045, 0.045), mass_kg=0.1, pose=Pose((0, 0, 0.0002)))
    hand = Embodiment(name="hand", kind="hand", pose=Pose((0, 0, 0.25)))
    state = world.reset(Scene(name="s", things=(block,), embodiments=(hand,)), seed=0)
    height = lambda s: float(world.observe(s, ["position_m"])["position_m"][0, 2])  # noqa: E731
    state = drive(world, state, 0.4, hand=[0, 0, 0, 0, 0, 0, 1])
    state = drive(world, state, 0.84, hand=[0, 0, -0.2, 0, 0, 0, 1])
    state = drive(world, state, 0.5, hand=[0, 0, 0, 0, 0, 0, 0])
    state = drive(world, state, 1.0, hand=[0, 0, 0.2, 0, 0, 0, 0])
    assert height(state) > 0.15
    held = drive(world, state, 2.0, hand=[0, 0, 0, 0, 0, 0, 0])
    assert height(held) == pytest.approx(height(state), abs=0.03)
    dropped = drive(world, held, 1.0, hand=[0, 0, 0, 0, 0, 0, 1])
    assert height(dropped) < 0.01


def test_hand_pushes_no_harder_than_its_leash() -> None:
    """Pressed on the ground for two seconds the hand neither sinks in nor runs away; its force stays bounded."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", embodiments=(Embodiment(name="hand", kind="hand", pose=Pose((0, 0, 0.15))),)), seed=0)
    state = drive(world, state, 2.0, hand=[0, 0, -0.5, 0, 0, 0, 0])
    seen = world.observe(state, ["contacts", "embodiment_state@hand"])
    assert seen["embodiment_state"][2] > 0.08  # the palm is above the ground by the length of its fingers
    assert 5 < seen["contacts"]["force_n"].sum() < 120


@pytest.mark.parametrize(("action", "value"), [("velocity", [0.3, 0.0]), ("position", [0.3, 0.0]), (None, [0.3, 0.0])])
def test_pusher_pushes(action: str | None, value: list[float]) -> None:
    world = WorldPhysics(renderer="rays")
    pusher = Embodiment(name="p", kind="pusher", action=action)  # type: ignore[arg-type]
    block = Thing(name="block", kind="block", pose=Pose((0.1, 0, 0.0002)), mass_kg=0.1)
    state = drive(world, world.reset(Scene(name="s", things=(block,), embodiments=(pusher,)), seed=0), 1.0, p=value)
    seen = world.observe(state, ["position_m", "embodiment_state@p"])
    assert seen["embodiment_state"][0] == pytest.approx(0.3, abs=0.06)
    assert seen["position_m"][0, 0] > 0.3


def test_walker_walks_where_it_faces_and_stops_at_a_wall() -> None:
    world = WorldPhysics(renderer="rays")
    walker = Embodiment(name="me", kind="walker", pose=Pose.from_yaw((0, -1, 0), np.pi / 2))
    wall = Thing(name="wall", kind="wall", size_m=(3.0, 0.12, 2.5), pose=Pose((0, 1.5, 0)))
    state = world.reset(Scene(name="s", things=(wall,), embodiments=(walker,)), seed=0)
    walked = drive(world, state, 1.0, me=[1.0, 0, 0, 0])
    eye = world.observe(walked, ["camera_pose@me_eye"])["camera_pose"]
    assert eye[:3] == pytest.approx((0, 0.05, 1.6), abs=0.1)
    assert Pose((0, 0, 0), eye[3:]).apply((0, 0, 1)) == pytest.approx((0, 1, 0), abs=0.05)
    stopped = drive(world, walked, 3.0, me=[1.5, 0, 0, 0])
    assert world.observe(stopped, ["camera_pose@me_eye"])["camera_pose"][1] < 1.35
    turned = drive(world, state, 1.0, me=[0, 0, 1.0, 0.5])
    forward = Pose((0, 0, 0), world.observe(turned, ["camera_pose@me_eye"])["camera_pose"][3:]).apply((0, 0, 1))
    assert forward[0] < -0.6
    assert forward[2] < -0.3


def test_wrong_actions_are_refused() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", embodiments=(Embodiment(name="hand", kind="hand"),)), seed=0)
    with pytest.raises(ActionError, match="Did you mean 'hand'"):
        world.step(state, {"hnd": np.zeros(7)})
    with pytest.raises(ActionError, match=r"\(7,\)"):
        world.step(state, {"hand": np.zeros(6)})
    with pytest.raises(ActionError, match="finite"):
        world.step(state, {"hand": np.full(7, np.inf)})
    with pytest.raises(SceneError, match="velocities"):
        Embodiment(name="h", kind="hand", action="torque")
