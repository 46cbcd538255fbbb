"""MuJoCo's own mujoco.Renderer as its tutorial uses it: three passes, for colour, depth and segmentation.

With the word `tuned`: shadow maps of 512² and no multisampling, in place of 4096² and four samples.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("MUJOCO_GL", "egl")

import mujoco
import numpy as np
from turn import take

TUNED = "tuned" in sys.argv[2:]


class MuJoCo:
    name = "mujoco.Renderer, three passes" + (", tuned" if TUNED else "")
    version = mujoco.__version__
    signals = "rgb, depth, ids"
    note = "shadowsize 512, offsamples 0" if TUNED else "its defaults: shadowsize 4096, offsamples 4"

    def __init__(self, scene: dict[str, Any]) -> None:
        spec, camera = mujoco.MjSpec(), scene["camera"]
        spec.compiler.degree = False
        if TUNED:
            spec.visual.quality.shadowsize, spec.visual.quality.offsamples = 512, 0
        spec.visual.map.znear, spec.visual.map.zfar = camera["near_m"], camera["far_m"]
        spec.stat.extent = 1.0
        spec.visual.map.shadowclip = 4.0
        world = spec.worldbody
        world.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=(5, 5, 0.1), rgba=(*scene["ground"]["color"], 1))
        world.add_light(type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL, dir=scene["light"]["direction"], pos=(-1.5, -2.5, 5), castshadow=True)
        world.add_camera(name="camera", pos=camera["position_m"], quat=camera["quat_wxyz_opengl"], fovy=camera["fov_y_deg"])
        for thing in scene["things"]:
            body = world.add_body()
            body.add_freejoint()
            kind, size = _shape(thing)
            body.add_geom(type=kind, size=size, rgba=(*thing["color"], 1))
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.renderer = mujoco.Renderer(self.model, camera["height_px"], camera["width_px"])

    def place(self, poses: np.ndarray) -> None:
        self.data.qpos[:] = poses.ravel()
        mujoco.mj_forward(self.model, self.data)

    def look(self) -> Any:
        renderer = self.renderer
        renderer.update_scene(self.data, "camera")
        rgb = renderer.render()
        renderer.enable_depth_rendering()
        depth = renderer.render()
        renderer.disable_depth_rendering()
        renderer.enable_segmentation_rendering()
        ids = renderer.render()
        renderer.disable_segmentation_rendering()
        return rgb, depth, ids

    def arrays(self, seen: Any) -> dict[str, np.ndarray]:
        rgb, depth, ids = seen
        return {"rgb": rgb, "depth_m": depth, "ids": ids[..., 0]}


def _shape(thing: dict[str, Any]) -> tuple[mujoco.mjtGeom, tuple[float, float, float]]:
    x, y, z = thing["size_m"]
    match thing["shape"]:
        case "box":
            return mujoco.mjtGeom.mjGEOM_BOX, (x / 2, y / 2, z / 2)
        case "sphere":
            return mujoco.mjtGeom.mjGEOM_SPHERE, (x / 2, 0, 0)
        case _:
            return mujoco.mjtGeom.mjGEOM_CYLINDER, (x / 2, z / 2, 0)


if __name__ == "__main__":
    take(MuJoCo)
