"""Scenes and bare engine models that our OpenGL draws in tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.place import place
from lifeworld.scene.scene import CameraMount, Scene, Thing
from lifeworld.worlds.physics.build import add_camera
from lifeworld.worlds.physics.compile import Compiled, compile_scene
from lifeworld.worlds.physics.senses.painter import Painter, painter
from lifeworld.worlds.physics.state import FULL, start_vector

GEOM = mujoco.mjtGeom
LOOK = CameraMount(name="cam", pose=Pose.look_at((0.6, -1.2, 0.9), (0.1, 0, 0.1)), width_px=96, height_px=72)


def ready(scene: Scene) -> tuple[Compiled, mujoco.MjData]:
    scene = place(scene, seed=0)
    compiled = compile_scene(scene)
    data = mujoco.MjData(compiled.model)
    mujoco.mj_setState(compiled.model, data, start_vector(compiled, scene), FULL)
    mujoco.mj_forward(compiled.model, data)
    return compiled, data


def of_spec(spec: mujoco.MjSpec) -> tuple[Compiled, mujoco.MjData]:
    """A compiled scene of a bare engine model; every geom is somebody."""
    model = spec.compile()
    ids = np.arange(1, model.ngeom + 1, dtype=np.int32)
    compiled = Compiled(
        **{name: () for name in Compiled.__dataclass_fields__}
        | {"scene": Scene(name="s"), "assets": Path(), "spec": spec, "model": model, "geom_instance": ids, "flex_instance": ids[:0]}
    )
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return compiled, data


def with_camera(camera: CameraMount = LOOK) -> mujoco.MjSpec:
    spec = mujoco.MjSpec()
    add_camera(spec, camera)
    return spec


def gl(compiled: Compiled, quality: str = "draft") -> Painter:
    return painter(compiled, quality=quality)


MANY = Scene(
    name="s",
    things=(
        Thing(name="box", kind="box", pose=Pose((0, 0, 0.0002))),
        Thing(name="ball", kind="ball", pose=Pose((0.35, -0.1, 0.0))),
        Thing(name="mug", kind="mug", pose=Pose((0.1, -0.35, 0.0002))),
        Thing(name="glass", kind="glass", pose=Pose((0.3, -0.4, 0.0002))),
        Thing(name="towel", kind="towel", pose=Pose((0.1, 0.5, 0.0))),
    ),
    cameras=(LOOK, replace(LOOK, name="other", pose=Pose.look_at((-0.6, -1.0, 0.7), (0.1, 0, 0.1)))),
)
