"""Starter scenes caught in the act: everything that can move moves, and so does the camera. Each is made once for all tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.camera import Camera
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.scene import CameraMount, Embodiment, Scene
from lifeworld.scene.starter import load
from lifeworld.worlds.physics.build import is_fixed, is_soft
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
from lifeworld.worlds.world import Observation

WIDTH, HEIGHT = 96, 72
FLYING = {"drone": np.array([0.5, -0.3, 0.4, 0.3, -0.4, 0.5])}
GEOMETRY = (
    "depth_m", "normals", "instance_ids", "part_ids", "semantic_ids", "flow_forward", "flow_backward", "occluded_forward",
    "occluded_backward", "scene_flow_m", "object_coords_m", "amodal_bits", "visible_fraction", "box_2d_px", "box_2d_amodal_px",
    "camera_pose", "camera_intrinsics_px",
)  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """Two frames of a moving world, one frame apart, both seen by a camera that flies: `now` looks forward to `then`."""

    world: WorldPhysics
    state: PhysicsState
    after: PhysicsState
    now: Observation
    then: Observation

    @property
    def lens(self) -> Camera:
        return Camera.from_fov_y(np.deg2rad(50.0), WIDTH, HEIGHT)


def flown(scene: Scene) -> Scene:
    """The scene with a camera `flying` where its first camera stands, on an embodiment `drone`."""
    first = scene.cameras[0]
    drone = Embodiment(name="drone", kind="free_camera", pose=first.pose)
    flying = CameraMount(name="flying", pose=Pose(), width_px=WIDTH, height_px=HEIGHT, attach="drone")
    return replace(scene, cameras=(flying,), embodiments=(*scene.embodiments, drone))


def stirred(scene: Scene, seed: int = 0) -> Scene:
    """The scene with every free thing pushed and turned at random, and soft things let fall."""
    rng = generator(seed, "stir")

    def stir(thing):  # type: ignore[no-untyped-def]
        if is_soft(thing):
            return replace(thing, pose=Pose(thing.pose.position_m + (0, 0, 0.1), thing.pose.quat_wxyz), relations=())
        if is_fixed(thing):
            return thing
        push, turn = rng.uniform(-0.4, 0.4, 3), rng.uniform(-2.5, 2.5, 3)
        return replace(thing, linear_velocity_m_s=tuple(push), angular_velocity_rad_s=tuple(turn), relations=())

    return replace(scene, things=tuple(stir(t) for t in scene.things))


def watched(scene: Scene, *, ticks: int = 4) -> Shot:
    """A scene seen by its cameras after some ticks, and one frame later."""
    world = WorldPhysics(renderer="rays")
    state = world.reset(scene, seed=0)
    actions = {k: v for k, v in FLYING.items() if k in {a.name for a in world.spec.actions}}
    states = [state]
    for _ in range(ticks + 2):
        states.append(world.step(states[-1], actions))
    signals = [f"{s}@flying" for s in GEOMETRY]
    then = world.observe(states[-1], signals)
    now = world.observe(states[-3], [*signals, "box_3d"], then=states[-1])
    return Shot(world, states[-3], states[-1], now, then)


@lru_cache(maxsize=16)
def shot(name: str, seed: int = 0) -> Shot:
    """A starter scene caught in the act; later in it with every seed."""
    world = WorldPhysics(renderer="rays")
    placed = world.scene(world.reset(load(name), seed=seed))
    return watched(stirred(flown(placed), seed), ticks=4 + 8 * seed)


def inner(ids: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels more than 1 px away from the edge of what they show, and of the picture."""
    out = np.zeros(ids.shape, np.bool_)
    out[1:-1, 1:-1] = True
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            out &= np.roll(ids, (dy, dx), axis=(0, 1)) == ids
    return out


def targets(shot: Shot, flow: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where (height, width, 2) [px] each pixel's surface is in the other picture."""
    return shot.lens.pixel_centers() + flow
