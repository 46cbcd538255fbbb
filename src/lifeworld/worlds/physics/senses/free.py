"""A free eye: pictures of a state from anywhere, not only from where the scene has cameras."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import InputError
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.painter import Painter, painter
from lifeworld.worlds.physics.state import FULL, PhysicsState

STEEP = 0.999
"""Who looks straight down has no up but the one that is left."""


class FreeEye:
    """Draws states from anywhere; for one thread at a time. What it needs of a scene is kept until another scene comes."""

    def __init__(self) -> None:
        self._of: tuple[Compiled, Painter, mujoco.MjData] | None = None

    def picture(
        self, state: PhysicsState, *, eye_m: ArrayLike, at_m: ArrayLike, fov_deg: float, width_px: int, height_px: int
    ) -> NDArray[np.uint8]:
        """What is seen (height, width, 3) from `eye_m` towards `at_m`, both (3,) in the world, `fov_deg` up and down.

        Raises:
            InputError: for a scene without any camera, whose place in the engine could be borrowed.
        """
        compiled = state.compiled
        if not compiled.cameras:
            raise InputError("nobody can look at this scene", fix="Give it a camera.")
        draws, data = self._ready(compiled)
        mujoco.mj_setState(compiled.model, data, state.vector, FULL)
        mujoco.mj_forward(compiled.model, data)
        mount = replace(compiled.cameras[0], width_px=width_px, height_px=height_px, fov_y_deg=fov_deg)
        index = compiled.model.cam(mount.name).id
        data.cam_xpos[index] = eye_m
        data.cam_xmat[index] = _axes(np.asarray(eye_m, dtype=np.float64), np.asarray(at_m, dtype=np.float64)).ravel()
        picture: NDArray[np.uint8] = draws.rgb(data, mount)
        return picture

    def close(self) -> None:
        """Free what the painter holds."""
        if self._of is not None:
            self._of[1].close()
            self._of = None

    def _ready(self, compiled: Compiled) -> tuple[Painter, mujoco.MjData]:
        if self._of is None or self._of[0] is not compiled:
            self.close()
            self._of = (compiled, painter(compiled), mujoco.MjData(compiled.model))
        return self._of[1], self._of[2]


def _axes(eye: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns right, up and back (3, 3) of an eye at a place that looks at another, +Z up."""
    back = eye - at
    length = float(np.linalg.norm(back))
    back = back / length if length > 1e-9 else np.array([0.0, -1.0, 0.0])
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < STEEP else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back], axis=1)
