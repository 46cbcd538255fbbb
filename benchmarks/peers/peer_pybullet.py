"""PyBullet's software renderer (TinyRenderer): colour, depth buffer and object ids in one call, with shadows."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import pybullet as p
from turn import take


class PyBullet:
    name = "PyBullet TinyRenderer"
    version = version("pybullet")
    signals = "rgb, depth, ids"
    note = "depth as a z-buffer: turning it into metres is not on the clock"

    def __init__(self, scene: dict[str, Any]) -> None:
        p.connect(p.DIRECT)
        self.camera = camera = scene["camera"]
        self.toward_light = (-np.array(scene["light"]["direction"])).tolist()
        self.view = p.computeViewMatrix(camera["position_m"], camera["target_m"], (0, 0, 1))
        aspect = camera["width_px"] / camera["height_px"]
        self.lens = p.computeProjectionMatrixFOV(camera["fov_y_deg"], aspect, camera["near_m"], camera["far_m"])
        ground = p.createVisualShape(p.GEOM_BOX, halfExtents=(5, 5, 0.05), rgbaColor=(*scene["ground"]["color"], 1))
        p.createMultiBody(baseVisualShapeIndex=ground, basePosition=(0, 0, -0.05))
        self.things = [p.createMultiBody(baseMass=0.2, baseVisualShapeIndex=_shape(t)) for t in scene["things"]]

    def place(self, poses: np.ndarray) -> None:
        for thing, row in zip(self.things, poses.tolist(), strict=True):
            p.resetBasePositionAndOrientation(thing, row[:3], (*row[4:], row[3]))

    def look(self) -> Any:
        return p.getCameraImage(
            self.camera["width_px"], self.camera["height_px"], self.view, self.lens,
            lightDirection=self.toward_light, shadow=1, renderer=p.ER_TINY_RENDERER,
        )  # fmt: skip

    def arrays(self, seen: Any) -> dict[str, np.ndarray]:
        _, _, rgba, depth, ids = seen
        near, far = self.camera["near_m"], self.camera["far_m"]
        return {"rgb": rgba[..., :3], "depth_m": far * near / (far - (far - near) * depth), "ids": ids}


def _shape(thing: dict[str, Any]) -> int:
    x, y, z = thing["size_m"]
    match thing["shape"]:
        case "box":
            more = {"shapeType": p.GEOM_BOX, "halfExtents": (x / 2, y / 2, z / 2)}
        case "sphere":
            more = {"shapeType": p.GEOM_SPHERE, "radius": x / 2}
        case _:
            more = {"shapeType": p.GEOM_CYLINDER, "radius": x / 2, "length": z}
    return p.createVisualShape(**more, rgbaColor=(*thing["color"], 1))


if __name__ == "__main__":
    take(PyBullet)
