"""Looking: the camera is where it says, the same look gives the same numbers, and looking changes nothing."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from shots import FLYING, HEIGHT, WIDTH, flown, shot

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.core.signal import SIGNALS
from lifeworld.scene.scene import CameraMount, Ground, Scene, Thing
from lifeworld.scene.starter import load
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.physics.senses.painter import working_backend
from lifeworld.worlds.physics.senses.rays import RayPainter
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.world import Observation

needs_gl = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")
renderers = pytest.mark.parametrize("renderer", ["rays", pytest.param("auto", marks=needs_gl)])


def test_the_camera_is_where_it_says() -> None:
    """On something that moves, a camera moves with it; its lens is that of its angle and size."""
    lift = Pose((0.05, -0.1, 0.2), (0.8, 0.6, 0.0, 0.0))
    mount = CameraMount(name="riding", pose=lift, fov_y_deg=37.0, width_px=WIDTH, height_px=HEIGHT, attach="box")
    box = Thing(name="box", kind="box", pose=Pose((0, 0, 1)), angular_velocity_rad_s=(1, 2, 3), linear_velocity_m_s=(0.3, 0, 0))
    world = WorldPhysics(renderer="rays")
    state = world.reset(Scene(name="s", things=(box,), cameras=(mount,)), seed=0)
    for _ in range(5):
        seen = world.observe(state, ["camera_pose", "camera_intrinsics_px"])
        truth = world.scene(state).things[0].pose @ lift
        assert np.allclose(Pose(seen["camera_pose"][:3], seen["camera_pose"][3:]).matrix, truth.matrix, atol=1e-12)
        lens = Camera.from_fov_y(np.deg2rad(37.0), WIDTH, HEIGHT)
        assert seen["camera_intrinsics_px"].tolist() == [lens.fx_px, lens.fy_px, lens.cx_px, lens.cy_px]
        state = world.step(state, {})


def look(world: WorldPhysics, state: PhysicsState) -> Observation:
    names = [s for s in world.spec.signals if SIGNALS[world.spec.signals[s]].family == "see"]
    return world.observe(state, [s for s in names if "@" not in s or s.endswith("@flying")])


def same(one: Observation, other: Observation) -> list[str]:
    """The streams of two observations that are not the same to the bit."""
    return [s for s in one.values if one[s].tobytes() != other[s].tobytes() or one[s].dtype != other[s].dtype]


def in_motion(renderer: str, name: str) -> tuple[WorldPhysics, PhysicsState]:
    world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
    state = world.reset(flown(load(name)), seed=0)
    for _ in range(3):
        state = world.step(state, FLYING)
    return world, state


@renderers
@pytest.mark.parametrize("name", ["tabletop", "soft_things"])
def test_observing_twice_is_the_same(renderer: str, name: str) -> None:
    world, state = in_motion(renderer, name)
    first = look(world, state)
    assert len(first.values) >= 20
    assert same(first, look(world, state)) == []
    look(world, world.step(world.step(state, FLYING), FLYING))
    assert same(first, look(world, state)) == []
    # In another world, asked for one by one and from the last: what is shared between signals depends on nobody's order.
    world, state = in_motion(renderer, name)
    for stream in reversed(list(first.values)):
        assert same(world.observe(state, [stream]), first) == []


def test_every_value_is_as_the_table_says() -> None:
    world, state = in_motion("rays", "soft_things")
    for stream, value in look(world, state).values.items():
        signal = SIGNALS[world.spec.signals[stream]]
        assert signal.check(value).dtype == signal.dtype == value.dtype
        assert value.flags.c_contiguous


@renderers
@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 1), (1, 3), (7, 5)])
def test_a_picture_may_be_as_small_as_a_pixel(renderer: str, width: int, height: int) -> None:
    world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
    scene = shot("cube_toss").state.scene
    state = world.reset(replace(scene, cameras=(replace(scene.cameras[0], width_px=width, height_px=height),)), seed=0)
    seen = look(world, world.step(world.step(state, FLYING), FLYING))
    assert {seen[s].shape[:2] for s in seen.values if "height" in SIGNALS[world.spec.signals[s]].shape} == {(height, width)}


@renderers
def test_where_there_is_nothing_nothing_is_seen(renderer: str) -> None:
    camera = CameraMount(name="flying", pose=Pose.look_at((0, -1, 1), (0, 0, 0)), width_px=WIDTH, height_px=HEIGHT)
    world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
    for ground in (Ground(), None):
        seen = look(world, world.step(world.reset(Scene(name="s", cameras=(camera,), ground=ground), seed=0), {}))
        assert seen["amodal_bits"].shape == (HEIGHT, WIDTH, 0)
        assert seen["box_2d_px"].shape == seen["box_2d_amodal_px"].shape == (0, 4)
        assert seen["visible_fraction"].shape == (0,)
        assert seen["box_3d"].shape == (0, 10)
        assert not seen["instance_ids"].any()
        assert np.array_equal(seen["occluded_forward"], np.isinf(seen["depth_m"]))
        assert np.isinf(seen["depth_m"]).all() == (ground is None)


def test_observing_changes_nothing() -> None:
    _, quiet = in_motion("rays", "tabletop")
    world, state = in_motion("rays", "tabletop")
    vector = state.vector.copy()
    for _ in range(3):
        look(world, state)
        assert np.array_equal(state.vector, vector)
        state = world.step(state, FLYING)
        vector = state.vector.copy()
    other = WorldPhysics(renderer="rays")
    quiet = other.load(other.save(quiet))
    for _ in range(3):
        quiet = other.step(quiet, FLYING)
    assert np.array_equal(quiet.vector, state.vector)


def test_the_ray_painter_knows_old_hits_by_where_things_are() -> None:
    """Pictures, hits and outlines of one moment share one cast; between the engine's steps qpos is ahead of what there is to see."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(shot("cube_toss").state.scene, seed=0)
    model, camera = state.compiled.model, state.compiled.cameras[0]
    painter, data = RayPainter(state.compiled), mujoco.MjData(model)
    mujoco.mj_setState(model, data, state.vector, FULL)
    mujoco.mj_forward(model, data)
    first = painter.hits(data, camera)
    assert painter.hits(data, camera) is first
    for _ in range(25):
        mujoco.mj_step(model, data)
    stepped = painter.hits(data, camera)
    mujoco.mj_kinematics(model, data)
    there = painter.hits(data, camera)
    assert not np.array_equal(stepped.depth_m, there.depth_m)
    assert painter.hits(data, replace(camera, width_px=32)).depth_m.shape == (camera.height_px, 32)


def test_what_happened_before_is_kept_with_the_state() -> None:
    """A state that was saved, or reached by a rollout, looks back as the one that was stepped."""
    seen = shot("cube_toss")
    stream = "flow_backward@flying"
    loaded = seen.world.load(seen.world.save(seen.after))
    assert np.array_equal(seen.world.observe(loaded, [stream])[stream], seen.then["flow_backward"], equal_nan=True)
    (rolled,), _ = seen.world.rollout([seen.state], {"drone": np.tile(FLYING["drone"], (1, 2, 1))}, [])
    assert np.array_equal(seen.world.observe(rolled, [stream])[stream], seen.then["flow_backward"], equal_nan=True)
