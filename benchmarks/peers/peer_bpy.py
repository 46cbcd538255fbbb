"""Blender's Cycles on the CPU, as Kubric sets it up for its MOVi clips: 64 samples, denoised, with its passes, written as EXR.

Passes: combined, depth, normal, vector (motion), object index. GPL: it is started as a program of its own and nothing of it is
loaded by ours.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from turn import take

SAMPLES = 64


class Cycles:
    name = "Blender Cycles, CPU"
    version = bpy.app.version_string
    signals = "rgb, depth, normals, ids, motion vectors"
    note = f"{SAMPLES} samples, denoised, written as EXR; path-traced light: another realism than everyone else's here"

    def __init__(self, scene: dict[str, Any]) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.folder = Path(tempfile.mkdtemp(prefix="cycles-"))
        self.scene = bpy.context.scene
        self.things = [_thing(t, i + 1) for i, t in enumerate(scene["things"])]
        bpy.ops.mesh.primitive_plane_add(size=10)
        bpy.context.object.data.materials.append(_material(scene["ground"]["color"]))
        self._light(scene["light"])
        self._camera(scene["camera"])
        self._cycles()
        for frame, poses in enumerate(scene["poses"]):
            for thing, row in zip(self.things, poses, strict=True):
                thing.location, thing.rotation_quaternion = row[:3], row[3:]
                thing.keyframe_insert("location", frame=frame)
                thing.keyframe_insert("rotation_quaternion", frame=frame)
        self.poses, self.frame = np.array(scene["poses"]), 0

    def _light(self, light: dict[str, Any]) -> None:
        from mathutils import Vector

        sun = bpy.data.lights.new("sun", "SUN")
        sun.energy = 3.0
        lamp = bpy.data.objects.new("sun", sun)
        lamp.rotation_mode = "QUATERNION"
        lamp.rotation_quaternion = Vector(light["direction"]).to_track_quat("-Z", "Y")
        self.scene.collection.objects.link(lamp)
        world = bpy.data.worlds.new("world")
        world.color = (0.3, 0.3, 0.32)
        self.scene.world = world

    def _camera(self, camera: dict[str, Any]) -> None:
        lens = bpy.data.cameras.new("camera")
        lens.sensor_fit, lens.angle_y = "VERTICAL", math.radians(camera["fov_y_deg"])
        lens.clip_start, lens.clip_end = camera["near_m"], camera["far_m"]
        eye = bpy.data.objects.new("camera", lens)
        eye.rotation_mode = "QUATERNION"
        eye.location, eye.rotation_quaternion = camera["position_m"], camera["quat_wxyz_opengl"]
        self.scene.collection.objects.link(eye)
        self.scene.camera = eye
        self.scene.render.resolution_x, self.scene.render.resolution_y = camera["width_px"], camera["height_px"]

    def _cycles(self) -> None:
        render, layer = self.scene.render, self.scene.view_layers[0]
        render.engine = "CYCLES"
        # Held to one thread its main thread burns a second core waiting (6.8 s a frame; with two threads 3.5 s): its default it is.
        render.threads_mode = "AUTO"
        render.use_persistent_data = True  # the scene stays loaded between frames
        self.scene.cycles.device = "CPU"
        self.scene.cycles.samples = SAMPLES
        self.scene.cycles.use_adaptive_sampling = False
        self.scene.cycles.use_denoising = True
        for name in ("z", "normal", "vector", "object_index"):
            setattr(layer, f"use_pass_{name}", True)
        render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
        render.image_settings.color_depth = "32"

    def place(self, poses: np.ndarray) -> None:
        self.frame = int(np.abs(self.poses - poses).sum(axis=(1, 2)).argmin())

    def look(self) -> Any:
        self.scene.frame_set(self.frame)
        self.scene.render.filepath = str(self.folder / "frame.exr")
        bpy.ops.render.render(write_still=True)

    def arrays(self, seen: Any) -> dict[str, np.ndarray]:
        """Once more through the compositor, which writes each pass to a file that bpy can read back."""
        self.scene.use_nodes = True
        nodes, links = self.scene.node_tree.nodes, self.scene.node_tree.links
        layers = nodes.new("CompositorNodeRLayers")
        writer = nodes.new("CompositorNodeOutputFile")
        writer.base_path = str(self.folder)
        writer.format.file_format, writer.format.color_depth = "OPEN_EXR", "32"
        writer.file_slots.clear()
        for ours, theirs in (("rgb", "Image"), ("depth", "Depth"), ("ids", "IndexOB")):
            writer.file_slots.new(ours)
            links.new(layers.outputs[theirs], writer.inputs[ours])
        bpy.ops.render.render()
        self.scene.use_nodes = False
        nodes.clear()
        rgb, depth, ids = (self._read(f"{name}{self.frame:04d}.exr") for name in ("rgb", "depth", "ids"))
        linear = np.clip(rgb[..., :3], 0, 1)
        return {
            "rgb": (255 * linear ** (1 / 2.2)).astype(np.uint8),
            "depth_m": np.where(depth[..., 0] > 1e9, np.inf, depth[..., 0]).astype(np.float32),
            "ids": ids[..., 0].astype(np.int32),
        }

    def _read(self, name: str) -> np.ndarray:
        image = bpy.data.images.load(str(self.folder / name))
        width, height = image.size
        pixels = np.array(image.pixels[:], dtype=np.float32).reshape(height, width, image.channels)[::-1]
        bpy.data.images.remove(image)
        return pixels


def _thing(thing: dict[str, Any], index: int) -> Any:
    size = thing["size_m"]
    match thing["shape"]:
        case "box":
            bpy.ops.mesh.primitive_cube_add(size=1)
        case "sphere":
            bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5)
        case _:
            bpy.ops.mesh.primitive_cylinder_add(radius=0.5, depth=1)
    made = bpy.context.object
    made.scale, made.rotation_mode, made.pass_index = size, "QUATERNION", index
    made.data.materials.append(_material(thing["color"]))
    return made


def _material(color: list[float]) -> Any:
    made = bpy.data.materials.new("plain")
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*(c**2.2 for c in color), 1.0)
    shader.inputs["Roughness"].default_value = 0.5
    return made


if __name__ == "__main__":
    take(Cycles)
