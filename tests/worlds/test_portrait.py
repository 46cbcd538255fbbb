"""A portrait is what the engine has: a ray cast at what was sent meets what a ray in the world meets."""

import mujoco
import numpy as np
import pytest

from lifeworld.core.pose import Pose
from lifeworld.scene import starter
from lifeworld.scene.scene import Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.portrait import WORLD, Frames, Portrait, portrait
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.physics.surface import seen


def begun(name: str, ticks: int = 20) -> PhysicsState:
    world = WorldPhysics()
    state = world.reset(starter.load(name), seed=0)
    for _ in range(ticks):
        state = world.step(state, {})
    return state


def placed(look: Portrait, poses: np.ndarray, frame: int, position_m: tuple, quat_wxyz: tuple) -> Pose:
    own = Pose(position_m, quat_wxyz)
    return own if frame == WORLD else Pose(poses[frame, :3], poses[frame, 3:]) @ own


@pytest.mark.parametrize("name", ["tabletop", "living_room", "drawer", "pendulum", "two_rooms"])
def test_every_shape_stands_where_the_engine_has_it(name: str) -> None:
    state = begun(name)
    compiled = state.compiled
    look, poses = portrait(compiled), Frames(compiled).poses(state.vector)
    data = mujoco.MjData(compiled.model)
    mujoco.mj_setState(compiled.model, data, state.vector, int(mujoco.mjtState.mjSTATE_INTEGRATION))
    mujoco.mj_forward(compiled.model, data)
    geoms = np.flatnonzero(seen(compiled.model))
    rigid = [shape for shape in look.shapes if shape.kind != "soft"]
    assert len(rigid) == len(geoms) > 0
    for shape, geom in zip(rigid, geoms, strict=True):
        at = placed(look, poses, shape.frame, shape.position_m, shape.quat_wxyz)
        np.testing.assert_allclose(at.position_m, data.geom_xpos[geom], atol=2e-6)
        np.testing.assert_allclose(at.rotation, data.geom_xmat[geom].reshape(3, 3), atol=2e-6)
        assert shape.instance == compiled.geom_instance[geom]


@pytest.mark.parametrize("name", ["tabletop", "two_rooms"])
def test_cameras_look_from_where_they_are(name: str) -> None:
    state = begun(name)
    look, poses = portrait(state.compiled), Frames(state.compiled).poses(state.vector)
    world = WorldPhysics()
    world.reset(state.scene, seed=0)
    shown = world.observe(state, ["camera_pose"])
    for eye in look.eyes:
        at = placed(look, poses, eye.frame, eye.position_m, eye.quat_wxyz)
        pose = shown[f"camera_pose@{eye.name}"]
        np.testing.assert_allclose(at.position_m, pose[:3], atol=2e-6)
        assert abs(np.dot(at.quat_wxyz, pose[3:])) == pytest.approx(1.0, abs=1e-6)


def test_meshes_and_pictures_are_there_and_whole() -> None:
    look = portrait(begun("living_room", 0).compiled)
    for shape in look.shapes:
        assert (shape.mesh is not None) == (shape.kind in ("mesh", "height_field", "soft"))
        if shape.mesh is not None:
            corners, triangles = look.meshes[shape.mesh]
            assert corners.dtype == np.float32
            assert corners.shape[1] == 8
            assert int(triangles.max()) < len(corners)
        if shape.texture is not None:
            assert look.textures[shape.texture].dtype == np.uint8
    assert {shape.texture for shape in look.shapes} - {None} == set(look.textures)


def test_soft_corners_go_with_the_state() -> None:
    state = begun("soft_things", 25)
    look, frames = portrait(state.compiled), Frames(state.compiled)
    soft = frames.soft(state.vector)
    shapes = [shape for shape in look.shapes if shape.kind == "soft"]
    assert len(soft) == len(shapes) > 0
    for shape, corners in zip(shapes, soft, strict=True):
        first, _ = look.meshes[shape.mesh]
        assert corners.shape == (len(first), 6)
    assert any(np.abs(corners - look.meshes[shape.mesh][0][:, :6]).max() > 1e-4 for shape, corners in zip(shapes, soft, strict=True))


def test_a_lamp_that_is_off_gives_no_light() -> None:
    scene = Scene(name="s", things=(Thing(name="lamp", kind="floor_lamp", pose=Pose()),))
    world = WorldPhysics()
    dark = portrait(world.reset(scene, seed=0).compiled)
    lit = portrait(world.reset(scene.with_thing(Thing(name="lamp", kind="floor_lamp", pose=Pose(), turned_on=True)), seed=0).compiled)
    assert len(lit.lamps) == len(dark.lamps) + 1
