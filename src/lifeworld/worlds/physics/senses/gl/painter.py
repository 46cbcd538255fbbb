"""The painter by OpenGL: colour, hits and amodal masks of a compiled scene.

One pass finds what every pixel hits; `Hits` are read from it, and colour is shaded from it. So a picture and the hits of one state
cost little more than the picture, in whichever order they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.scene import CameraMount
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.gl import amodal, colour, surface
from lifeworld.worlds.physics.senses.gl.context import Canvas
from lifeworld.worlds.physics.senses.gl.drawn import Drawn
from lifeworld.worlds.physics.senses.gl.easel import Held, easel
from lifeworld.worlds.physics.senses.gl.view import Sight
from lifeworld.worlds.physics.senses.hits import Hits

if TYPE_CHECKING:
    from lifeworld.worlds.physics.senses.painter import Quality

MOST_SAMPLED_PIXELS = 2_100_000  # of a picture that gets more than one sample a pixel: Full HD, some 300 MB


class GLPainter:
    """Pictures of one compiled scene."""

    def __init__(self, compiled: Compiled, backend: str, quality: Quality) -> None:
        self._easel = easel(backend)
        with self._easel.context.held():
            self._drawn = Drawn(compiled, self._easel.stage.meshes, self._easel.stage.images)
        self._instances = len(compiled.bounds) + len(compiled.embodied)
        self._quality = quality
        self._color_follows = False  # whether colour is asked for where hits were before: then it is drawn at once
        self.name = self._easel.context.name

    def rgb(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """The picture (height, width, 3), sRGB."""
        with self._easel.begin():
            quality, stage = self._quality, self._easel.stage
            times = quality.samples if camera.width_px * camera.height_px <= MOST_SAMPLED_PIXELS else 1
            sight = Sight(self._drawn, data, camera, times=times)
            canvas = self._surface(sight, color=True)
            maps = self._easel.maps(_map_px(sight.size, quality.shadow)) if quality.shadow else None
            lit = colour.light(stage, maps, sight, data)
            half = self._easel.canvas("half", ((sight.size[0] + 1) // 2, (sight.size[1] + 1) // 2)) if quality.shadow else None
            colour.shade(stage, canvas, half, sight, lit, maps, soft_texels=quality.softness * (maps.side_px / 1024) if maps else 0.0)
            return colour.read(canvas, times)

    def hits(self, data: mujoco.MjData, camera: CameraMount) -> Hits:
        """What each pixel hits first."""
        with self._easel.begin():
            sight = Sight(self._drawn, data, camera)
            canvas = self._surface(sight, color=False)
            if next(surface.clear_in_sight(sight), None) is not None:
                over = self._easel.canvas("over", sight.size)
                surface.add_clear(self._easel.stage, over, canvas, sight)
                canvas = over
            return surface.read(canvas, sight)

    def amodal(self, data: mujoco.MjData, camera: CameraMount) -> NDArray[np.uint8]:
        """(height, width, ⌈instances / 8⌉): bit i % 8 of byte i // 8 says that instance i + 1 would be seen here if it stood alone."""
        with self._easel.begin():
            sight = Sight(self._drawn, data, camera)
            return amodal.paint(self._easel.stage, self._easel.canvas("amodal", sight.size), sight, self._instances)

    def _surface(self, sight: Sight, *, color: bool) -> Canvas:
        """A canvas with what every pixel of this sight hits, drawn unless one holds it already."""
        canvas = self._easel.surface(sight)
        held = canvas.held if isinstance(canvas.held, Held) else None
        if held is not None and sight.same(held.sight):
            if held.color or not color:
                held.foreseen = held.foreseen and not color
                return canvas
            self._color_follows = True
        elif held is not None and held.foreseen:
            self._color_follows = False  # it was drawn for nothing
        full = color or self._color_follows
        canvas.held = None
        surface.draw(self._easel.stage, canvas, sight, color=full)
        canvas.held = Held(sight, full, foreseen=full and not color)
        return canvas

    def close(self) -> None:
        """Free what the driver holds for this scene alone."""
        with self._easel.context.held():
            self._easel.forget(self._drawn)
            self._drawn.close()


def _map_px(size: tuple[int, int], fineness: float) -> int:
    """A shadow map about `fineness` times as fine as the picture: a multiple of 64 from 256 to 4096."""
    return int(64 * np.clip(np.round(fineness * max(size) / 64), 4, 64))
