"""A free eye on a physical world, drawn by the server: for pages that cannot draw for themselves (no WebGL 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LimitError
from lifeworld.studio import wire
from lifeworld.studio.drawing import drawing
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.painter import Painter, painter
from lifeworld.worlds.physics.state import FULL, PhysicsState

FOV_DEG = (10.0, 120.0)
FAR_M = 1_000.0
STEEP = 0.999
"""Who looks straight down has no up but the one that is left."""


def check(asked: wire.Draw) -> None:
    """Raise LimitError for an eye that nobody can look through."""
    numbers = (*(asked.eye_m or ()), *asked.at_m, asked.fov_deg, asked.hz)
    if not np.isfinite(numbers).all() or max(map(abs, numbers)) > FAR_M:
        raise LimitError("an eye out of bounds", got=numbers, expected=f"numbers up to {FAR_M:g}")
    if not FOV_DEG[0] <= asked.fov_deg <= FOV_DEG[1]:
        raise LimitError("fov_deg is out of bounds", got=asked.fov_deg, expected=f"{FOV_DEG[0]:g} to {FOV_DEG[1]:g}")
    if not all(wire.VIEW_PX[0] <= side <= wire.VIEW_PX[1] for side in (asked.width_px, asked.height_px)):
        got = f"{asked.width_px} x {asked.height_px}"
        raise LimitError("a picture out of bounds", got=got, expected=f"{wire.VIEW_PX[0]} to {wire.VIEW_PX[1]} px a side")
    if not wire.HZ[0] <= asked.hz <= wire.HZ[1]:
        raise LimitError("a rate out of bounds", got=asked.hz, expected=f"{wire.HZ[0]} to {wire.HZ[1]} times a second")


class Eye:
    """Draws states from anywhere; for one thread. What it needs of a scene is kept until another scene comes."""

    def __init__(self) -> None:
        self._of: tuple[Compiled, Painter, mujoco.MjData] | None = None

    def picture(self, state: PhysicsState, asked: wire.Draw) -> NDArray[np.uint8]:
        """What is seen (height, width, 3).

        Raises:
            InputError: for a scene without any camera, whose lens could be borrowed.
        """
        compiled = state.compiled
        if not compiled.cameras:
            raise InputError("nobody can look at this scene", fix="Give it a camera.")
        with drawing():
            _, draws, data = self._ready(compiled)
            mujoco.mj_setState(compiled.model, data, state.vector, FULL)
            mujoco.mj_forward(compiled.model, data)
            mount = replace(compiled.cameras[0], width_px=asked.width_px, height_px=asked.height_px, fov_y_deg=asked.fov_deg)
            index = compiled.model.cam(mount.name).id
            data.cam_xpos[index] = asked.eye_m
            data.cam_xmat[index] = _axes(np.array(asked.eye_m, dtype=np.float64), np.array(asked.at_m, dtype=np.float64)).ravel()
            picture: NDArray[np.uint8] = draws.rgb(data, mount)
            return picture

    def close(self) -> None:
        if self._of is not None:
            with drawing():
                self._of[1].close()
            self._of = None

    def _ready(self, compiled: Compiled) -> Any:
        if self._of is None or self._of[0] is not compiled:
            if self._of is not None:
                self._of[1].close()
            self._of = (compiled, painter(compiled), mujoco.MjData(compiled.model))
        return self._of


def _axes(eye: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns right, up and back (3, 3) of an eye at a place that looks at another, +Z up."""
    back = eye - at
    length = float(np.linalg.norm(back))
    back = back / length if length > 1e-9 else np.array([0.0, -1.0, 0.0])
    up = np.array([0.0, 0.0, 1.0]) if abs(back[2]) < STEEP else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back], axis=1)
