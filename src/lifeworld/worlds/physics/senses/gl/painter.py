"""The painter by OpenGL: colour, hits and amodal masks of a compiled scene.

One pass finds what every pixel hits; `Hits` are read from it, and colour is shaded from it. So a picture and the hits of one state
cost little more than the picture, in whichever order they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.gl import amodal, colour, surface
from lifeworld.worlds.physics.senses.gl.context import Canvas
from lifeworld.worlds.physics.senses.gl.drawn import Drawn
from lifeworld.worlds.physics.senses.gl.easel import easel
from lifeworld.worlds.physics.senses.gl.view import Sight
from lifeworld.worlds.physics.senses.hits import Hits

if TYPE_CHECKING:
    from lifeworld.worlds.physics.senses.painter import Quality

MOST_SAMPLED_PIXELS = 2_100_000  # of a picture that gets more than one sample a pixel: Full HD, some 300 MB


@dataclass(slots=True, eq=False)
class Held:
    """What the surface canvas holds: this sight, with what colour needs or without, with see-through things on top or without."""

    sight: Sight
    color: bool
    clear: bool


class GLPainter:
    """Pictures of one compiled scene."""

    def __init__(self, compiled: Compiled, backend: str, quality: Quality) -> None:
        self._easel = easel(backend)
        self._easel.context.current()
        self._drawn = Drawn(compiled, self._easel.stage.meshes, self._easel.stage.images)
        self._instances = len(compiled.bounds) + len(compiled.embodied)
        self._quality = quality
        self._color_follows = False  # whether colour was asked for after the hits, the last time both were
        self.name = self._easel.context.name

    def rgb(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """The picture (height, width, 3), sRGB."""
        self._easel.context.current()
        quality, stage = self._quality, self._easel.stage
        times = quality.samples if camera.width_px * camera.height_px <= MOST_SAMPLED_PIXELS else 1
        sight = Sight(self._drawn, data, camera, times=times)
        canvas = self._easel.canvas("surface", sight.size)
        held = _held(canvas, sight)
        if held is None or not held.color or held.clear:
            self._color_follows = held is not None
            surface.draw(stage, canvas, sight, color=True)
            canvas.held = Held(sight, color=True, clear=False)
        maps = self._easel.maps(_map_px(sight.size, quality.shadow)) if quality.shadow else None
        lit = colour.light(stage, maps, sight, data)
        half = self._easel.canvas("half", ((sight.size[0] + 1) // 2, (sight.size[1] + 1) // 2)) if quality.shadow else None
        colour.shade(stage, canvas, half, sight, lit, maps, soft_texels=quality.softness * (maps.side_px / 1024) if maps else 0.0)
        return colour.read(canvas, times)

    def hits(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        """What each pixel hits first."""
        self._easel.context.current()
        stage, sight = self._easel.stage, Sight(self._drawn, data, camera)
        canvas = self._easel.canvas("surface", sight.size)
        held = _held(canvas, sight)
        if held is None:
            surface.draw(stage, canvas, sight, color=self._color_follows)
            held = canvas.held = Held(sight, color=self._color_follows, clear=False)
        if not held.clear and surface.add_clear(stage, canvas, sight):
            held.clear = True
        return surface.read(canvas, sight)

    def amodal(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """(height, width, ⌈instances / 8⌉): bit i % 8 of byte i // 8 says that instance i + 1 would be seen here if it stood alone."""
        self._easel.context.current()
        sight = Sight(self._drawn, data, camera)
        return amodal.paint(self._easel.stage, self._easel.canvas("amodal", sight.size), sight, self._instances)

    def close(self) -> None:
        """Free what the driver holds for this scene alone."""
        self._easel.context.current()
        self._easel.forget(self._drawn)
        self._drawn.close()


def _held(canvas: Canvas, sight: Sight) -> Held | None:
    """What the canvas holds if it is of this sight."""
    return canvas.held if isinstance(canvas.held, Held) and sight.same(canvas.held.sight) else None


def _map_px(size: tuple[int, int], fineness: float) -> int:
    """A shadow map about `fineness` times as fine as the picture: a multiple of 64 from 256 to 4096."""
    return int(64 * np.clip(np.round(fineness * max(size) / 64), 4, 64))
