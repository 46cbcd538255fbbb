"""Pictures: GL and rays agree, depth is what geometry says, cameras look where they are put, and no GL means rays, said aloud."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from lifeworld.core.camera import Camera
from lifeworld.core.errors import EngineError, LimitError, SignalUnavailable, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses.painter import working_backend

LOOK = CameraMount(name="cam", pose=Pose.look_at((0.6, -1.2, 0.9), (0.1, 0, 0.1)), width_px=160, height_px=120)
SCENE = Scene(
    name="s",
    things=(
        Thing(name="box", kind="box", pose=Pose((0, 0, 0.0002))),
        Thing(name="ball", kind="ball", pose=Pose((0.35, -0.1, 0.0))),
        Thing(name="bowl", kind="bowl", pose=Pose((0.1, -0.35, 0.0002))),
        Thing(name="towel", kind="towel", pose=Pose((0.1, 0.5, 0.0))),
    ),
    cameras=(LOOK,),
)
needs_gl = pytest.mark.skipif(working_backend() == "rays", reason="no OpenGL here")


def away_from_edges(ids: np.ndarray) -> np.ndarray:
    """Pixels whose eight neighbours show the same thing."""
    inner = np.ones(ids.shape, dtype=bool)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            inner &= np.roll(ids, (dy, dx), axis=(0, 1)) == ids
    return inner


@needs_gl
def test_gl_and_rays_agree() -> None:
    pictures = []
    for renderer in ("auto", "rays"):
        world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
        pictures.append(world.observe(world.reset(SCENE, seed=0), ["rgb", "depth_m", "instance_ids"]))
    gl, rays = pictures
    inner = away_from_edges(rays["instance_ids"])
    assert set(np.unique(rays["instance_ids"])) == {0, 1, 2, 3, 4}
    assert (gl["instance_ids"] == rays["instance_ids"])[inner].mean() > 0.995
    near = inner & np.isfinite(rays["depth_m"]) & np.isfinite(gl["depth_m"]) & (rays["depth_m"] < 10)
    error = np.abs(gl["depth_m"] - rays["depth_m"])[near]
    assert np.mean(error < 0.001 + 0.001 * rays["depth_m"][near]) > 0.99
    assert np.abs(gl["rgb"].astype(float).mean() - rays["rgb"].astype(float).mean()) < 40


@pytest.mark.parametrize("renderer", ["rays", pytest.param("auto", marks=needs_gl)])
def test_depth_of_a_wall_is_its_distance(renderer: str) -> None:
    """Seen head on, a wall 2 m away is 2 m deep at every pixel; above it there is nothing."""
    camera = CameraMount(name="cam", pose=Pose.look_at((0, -2.06, 1.25), (0, 0, 1.25)), fov_y_deg=40, width_px=64, height_px=48)
    wall = Thing(name="wall", kind="wall", size_m=(4, 0.12, 2.5), pose=Pose())
    world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
    seen = world.observe(world.reset(Scene(name="s", things=(wall,), cameras=(camera,), ground=None), seed=0), ["depth_m", "instance_ids"])
    assert (seen["instance_ids"] == 1).all()
    assert np.allclose(seen["depth_m"], 2.0, atol=0.003)
    up = CameraMount(name="cam", pose=Pose.look_at((0, -2.06, 1.25), (0, -2.0, 9)), width_px=64, height_px=48)
    above = world.observe(world.reset(Scene(name="s", cameras=(up,), ground=None), seed=0), ["depth_m", "instance_ids"])
    assert np.isinf(above["depth_m"]).all()
    assert not above["instance_ids"].any()


@pytest.mark.parametrize("renderer", ["rays", pytest.param("auto", marks=needs_gl)])
def test_pixels_lie_where_the_pinhole_says(renderer: str) -> None:
    """The ball's pixels are centred where Camera projects its centre, and depth un-projects onto its surface."""
    world = WorldPhysics(renderer=renderer)  # type: ignore[arg-type]
    state = world.reset(SCENE, seed=0)
    seen = world.observe(state, ["instance_ids", "depth_m", "camera_pose"])
    world_from_camera = Pose(seen["camera_pose"][:3], seen["camera_pose"][3:])
    assert np.allclose(world_from_camera.matrix, LOOK.pose.matrix, atol=1e-9)
    pinhole = Camera.from_fov_y(np.deg2rad(LOOK.fov_y_deg), LOOK.width_px, LOOK.height_px)
    centre = np.array([0.35, -0.1, 0.04])
    v, u = np.nonzero(seen["instance_ids"] == 2)
    pixels = np.stack([u + 0.5, v + 0.5], axis=1)
    assert np.allclose(pixels.mean(axis=0), pinhole.project(world_from_camera.inverse().apply(centre)), atol=1.0)
    points = world_from_camera.apply(pinhole.unproject(pixels, seen["depth_m"][v, u].astype(float)))
    radii = np.linalg.norm(points - centre, axis=1)
    assert np.percentile(np.abs(radii - 0.04), 90) < 0.002


def test_an_unknown_signal_names_the_near_one() -> None:
    world = WorldPhysics(renderer="rays")
    state = world.reset(SCENE, seed=0)
    with pytest.raises(SignalUnavailable, match="Did you mean 'depth_m'"):
        world.observe(state, ["depth"])
    with pytest.raises(UnknownName, match="renderer"):
        WorldPhysics(renderer="vulkan")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="quality"):
        WorldPhysics(quality="hgih")
    with pytest.raises(LimitError, match="width_px"):
        CameraMount(name="c", pose=Pose(), width_px=5000)


def test_without_gl_there_are_rays_and_the_world_says_so() -> None:
    """With a back-end that cannot be had, naming it fails and `auto` falls back to rays, in the spec for all to see."""
    code = """
import ctypes, ctypes.util
real = ctypes.CDLL
def none(name, *a, **k):
    if name and ("EGL" in str(name) or "OSMesa" in str(name)):
        raise OSError("hidden")
    return real(name, *a, **k)
ctypes.CDLL = none
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.engine import WorldPhysics
world = WorldPhysics()
state = world.reset(Scene(name="s"), seed=0)
print(world.spec.renderer, world.observe(state, ["rgb"])["rgb"].shape)
"""
    environment = {k: v for k, v in os.environ.items() if k not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split(None, 1)[0] == "rays"
    assert "(240, 320, 3)" in done.stdout


def test_a_named_backend_that_does_not_work_is_an_error() -> None:
    code = """
import os
os.environ["PYOPENGL_PLATFORM"] = "glx"
from lifeworld.core.errors import EngineError
from lifeworld.scene.scene import Scene
from lifeworld.worlds.physics.engine import WorldPhysics
world = WorldPhysics(renderer="osmesa")
state = world.reset(Scene(name="s"), seed=0)
try:
    world.observe(state, ["rgb"])
except EngineError as error:
    print("refused:", error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("refused:")
    assert "doctor" in done.stdout
    assert issubclass(EngineError, Exception)
