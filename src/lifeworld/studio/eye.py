"""The eye of a page that cannot draw for itself (no WebGL 2): what it may ask of the server that draws for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.studio import wire
from lifeworld.worlds.physics.senses.free import FreeEye
from lifeworld.worlds.physics.state import PhysicsState

FOV_DEG = (10.0, 120.0)
FAR_M = 1_000.0


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
    """Draws states as a page asks; for one thread."""

    def __init__(self) -> None:
        self._free = FreeEye()

    def picture(self, state: PhysicsState, asked: wire.Draw) -> NDArray[np.uint8]:
        """What is seen (height, width, 3).

        Raises:
            InputError: for a scene without any camera.
        """
        assert asked.eye_m is not None
        size = {"width_px": asked.width_px, "height_px": asked.height_px}
        return self._free.picture(state, eye_m=asked.eye_m, at_m=asked.at_m, fov_deg=asked.fov_deg, **size)

    def close(self) -> None:
        self._free.close()
