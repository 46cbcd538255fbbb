"""The scene that all draw: primitive things of household size falling onto the ground, from a seed, with every frame's poses.

Our own physics moves them; the poses are written down, so that every peer draws the same frames whatever its physics would do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lifeworld.core.camera import OPENCV_FROM_OPENGL
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene.material import rgba
from lifeworld.scene.scene import CameraMount, Ground, Light, Scene, Thing
from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics

FRAMES, FRAME_TICKS = 24, 2
KINDS = {"cube": "box", "ball": "sphere", "cylinder": "cylinder"}
SPACE_M = 0.22


def tumble(things: int = 20, *, width_px: int = 320, height_px: int = 240, seed: int = 7) -> Scene:
    """Boxes, balls and cylinders in the air above a square of ground, turned at random, one sun, one camera that sees them all."""
    draw = generator(seed, "tumble")
    side = math.ceil(math.sqrt(things))
    placed = []
    for i in range(things):
        kind = list(KINDS)[i % 3]
        size = draw.uniform(0.07, 0.15, 3)
        if kind == "ball":
            size[:] = size[0]
        elif kind == "cylinder":
            size[1] = size[0]
        spin = draw.normal(size=4)
        at = np.array([i % side - (side - 1) / 2, i // side - (side - 1) / 2]) * SPACE_M + draw.uniform(-0.02, 0.02, 2)
        centre = Pose((at[0], at[1], draw.uniform(0.12, 0.3)), spin / np.linalg.norm(spin))
        red, green, blue = (int(255 * c) for c in _bright(i / things))
        placed.append(
            Thing(
                name=f"t{i}", kind=kind, size_m=(size[0], size[1], size[2]), color=f"#{red:02x}{green:02x}{blue:02x}",
                material="plastic", pose=centre @ Pose((0, 0, -size[2] / 2)),
            )
        )  # fmt: skip
    reach = SPACE_M * side
    camera = CameraMount(
        name="camera",
        pose=Pose.look_at((0.2 * reach, -0.95 * reach, 0.75 * reach), (0.0, 0.0, 0.02)),
        width_px=width_px,
        height_px=height_px,
    )
    return Scene(
        name="tumble",
        moving=True,
        ground=Ground(material="plastic", color="#b0aca4"),
        things=tuple(placed),
        cameras=(camera,),
        lights=(Light(name="sun", direction=(0.35, 0.55, -1.0), intensity=0.7),),
    )


def described(scene: Scene) -> dict[str, Any]:
    """The scene and the poses of its frames as plain numbers: centres, full sizes, wxyz quaternions, an OpenGL camera."""
    camera = scene.cameras[0]
    opengl = camera.pose @ OPENCV_FROM_OPENGL
    return {
        "things": [{"shape": KINDS[t.kind], "size_m": t.size_m, "color": rgba(t.color or "")[:3]} for t in scene.things],
        "ground": {"color": rgba(scene.ground.color or "")[:3] if scene.ground else None},
        "light": {"direction": scene.lights[0].direction},
        "camera": {
            "position_m": camera.pose.position_m.tolist(),
            "target_m": (camera.pose @ Pose((0, 0, 1))).position_m.tolist(),
            "quat_wxyz_opengl": opengl.quat_wxyz.tolist(),
            "fov_y_deg": camera.fov_y_deg,
            "width_px": camera.width_px,
            "height_px": camera.height_px,
            "near_m": 0.05,
            "far_m": 20.0,
        },
        "frame_s": FRAME_TICKS * 0.02,
        "poses": [_centres(scene, state) for state in frames(WorldPhysics(renderer="rays"), scene)],
    }


def frames(world: WorldPhysics, scene: Scene) -> list[PhysicsState]:
    """The states of the clip's frames; none is the state that `reset` gave."""
    states, state = [], world.reset(scene, seed=0)
    for _ in range(FRAMES):
        for _ in range(FRAME_TICKS):
            state = world.step(state, {})
        states.append(state)
    return states


def _centres(scene: Scene, state: PhysicsState) -> list[list[float]]:
    world = WorldPhysics(renderer="rays")
    rows = []
    for before, now in zip(scene.things, world.scene(state).things, strict=True):
        assert before.size_m is not None
        assert now.pose is not None
        centre = now.pose @ Pose((0, 0, before.size_m[2] / 2))
        rows.append([*centre.position_m.tolist(), *centre.quat_wxyz.tolist()])
    return rows


def _bright(hue: float) -> tuple[float, float, float]:
    """A saturated colour of this hue."""
    red, green, blue = (min(max(abs((6 * hue + k) % 6 - 3) - 1, 0.0), 1.0) for k in (0, 4, 2))
    return 0.15 + 0.75 * red, 0.15 + 0.75 * green, 0.15 + 0.75 * blue
