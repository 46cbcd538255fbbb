"""What a camera sees, from its picture and from what its pixels hit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.hits import Hits, camera_pose, pinhole_of
from lifeworld.worlds.physics.senses.look import Look, Sense


def rgb(look: Look, camera: str) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = look.once(("rgb", camera), lambda: look.painter.rgb(look.data, look.camera(camera)))
    return picture


def _hits(look: Look, camera: str) -> Hits:
    return look.now.hits(camera)


def _pose(look: Look, camera: str) -> NDArray[Any]:
    pose = camera_pose(look.model, look.data, camera)
    return np.concatenate([pose.position_m, pose.quat_wxyz])


def _intrinsics(look: Look, camera: str) -> NDArray[Any]:
    lens = pinhole_of(look.camera(camera))
    return np.array([lens.fx_px, lens.fy_px, lens.cx_px, lens.cy_px])


SENSES: dict[str, Sense] = {
    "rgb": rgb,
    "depth_m": lambda look, camera: _hits(look, camera).depth_m,
    "normals": lambda look, camera: _hits(look, camera).normal,
    "instance_ids": lambda look, camera: look.compiled.surfaces.instance[_hits(look, camera).surface],
    "part_ids": lambda look, camera: look.compiled.surfaces.part[_hits(look, camera).surface],
    "semantic_ids": lambda look, camera: look.compiled.surfaces.kind[_hits(look, camera).surface],
    "camera_pose": _pose,
    "camera_intrinsics_px": _intrinsics,
}
