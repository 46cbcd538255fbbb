"""Genesis' camera with its CPU backend (its rasteriser is OpenGL): colour with shadows, depth, segmentation."""

from __future__ import annotations

import logging
from typing import Any

import genesis as gs
import numpy as np
from turn import take


class Genesis:
    name = "Genesis camera, CPU"
    version = gs.__version__
    signals = "rgb, depth, ids"
    note = "no shadows: Genesis switches them off in software GL (ext/pyrender/offscreen.py); it also gives normals"

    def __init__(self, scene: dict[str, Any]) -> None:
        gs.init(backend=gs.cpu, logging_level=logging.WARNING)
        light, camera = scene["light"], scene["camera"]
        sun = {"type": "directional", "dir": light["direction"], "color": (1.0, 1.0, 1.0), "intensity": 5.0}
        self.scene = gs.Scene(
            show_viewer=False,
            rigid_options=gs.options.RigidOptions(enable_collision=False),
            vis_options=gs.options.VisOptions(lights=[sun], segmentation_level="entity"),
        )
        self.scene.add_entity(gs.morphs.Plane(plane_size=(10.0, 10.0)), surface=gs.surfaces.Default(color=scene["ground"]["color"]))
        self.things = [self.scene.add_entity(_shape(t), surface=gs.surfaces.Default(color=t["color"])) for t in scene["things"]]
        self.camera = self.scene.add_camera(
            res=(camera["width_px"], camera["height_px"]), pos=camera["position_m"], lookat=camera["target_m"],
            fov=camera["fov_y_deg"], near=camera["near_m"], far=camera["far_m"],
        )  # fmt: skip
        self.scene.build()

    def place(self, poses: np.ndarray) -> None:
        last = len(self.things) - 1
        for i, (thing, row) in enumerate(zip(self.things, poses, strict=True)):
            thing.set_qpos(row.astype(np.float32), skip_forward=i < last)

    def look(self) -> Any:
        # Nothing was stepped, only placed: without force_render it would hand out the last picture again.
        return self.camera.render(rgb=True, depth=True, segmentation=True, force_render=True)

    def arrays(self, seen: Any) -> dict[str, np.ndarray]:
        rgb, depth, ids, _ = (np.asarray(part) if part is not None else None for part in seen)
        assert rgb is not None
        assert depth is not None
        assert ids is not None
        return {"rgb": rgb[..., :3], "depth_m": depth, "ids": ids}


def _shape(thing: dict[str, Any]) -> Any:
    x, y, z = thing["size_m"]
    match thing["shape"]:
        case "box":
            return gs.morphs.Box(size=(x, y, z))
        case "sphere":
            return gs.morphs.Sphere(radius=x / 2)
        case _:
            return gs.morphs.Cylinder(radius=x / 2, height=z)


if __name__ == "__main__":
    take(Genesis)
