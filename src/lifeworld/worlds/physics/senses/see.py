"""What a camera sees: its picture, what its pixels hit, and all that follows from both."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses import extent, outline
from lifeworld.worlds.physics.senses.coordinates import object_coords_m
from lifeworld.worlds.physics.senses.hits import camera_pose, pinhole_of
from lifeworld.worlds.physics.senses.look import Look, Sense
from lifeworld.worlds.physics.senses.motion import Direction, motion, picture, scene_flow_m, shaped
from lifeworld.worlds.physics.senses.occlusion import occluded


def rgb(look: Look, camera: str) -> NDArray[np.uint8]:
    return look.once(("rgb", camera), lambda: look.now.picture(camera))


def _flow(direction: Direction, look: Look, camera: str) -> NDArray[Any]:
    return shaped(motion(look, camera, direction).flow, picture(look, camera))


def _occluded(direction: Direction, look: Look, camera: str) -> NDArray[Any]:
    return occluded(look, camera, direction)


def _pose(look: Look, camera: str) -> NDArray[Any]:
    pose = camera_pose(look.model, look.data, camera)
    return np.concatenate([pose.position_m, pose.quat_wxyz])


def _intrinsics(look: Look, camera: str) -> NDArray[Any]:
    lens = pinhole_of(look.camera(camera))
    return np.array([lens.fx_px, lens.fy_px, lens.cx_px, lens.cy_px])


SENSES: dict[str, Sense] = {
    "rgb": rgb,
    "depth_m": lambda look, camera: look.now.hits(camera).depth_m,
    "normals": lambda look, camera: look.now.hits(camera).normal,
    "instance_ids": outline.instance_ids,
    "part_ids": lambda look, camera: look.compiled.surfaces.part[look.now.hits(camera).surface],
    "semantic_ids": lambda look, camera: look.compiled.surfaces.kind[look.now.hits(camera).surface],
    "flow_forward": partial(_flow, "forward"),
    "flow_backward": partial(_flow, "backward"),
    "occluded_forward": partial(_occluded, "forward"),
    "occluded_backward": partial(_occluded, "backward"),
    "scene_flow_m": scene_flow_m,
    "object_coords_m": object_coords_m,
    "amodal_bits": outline.amodal_bits,
    "visible_fraction": outline.visible_fraction,
    "box_2d_px": outline.box_2d_px,
    "box_2d_amodal_px": outline.box_2d_amodal_px,
    "box_3d": extent.box_3d,
    "camera_pose": _pose,
    "camera_intrinsics_px": _intrinsics,
}
