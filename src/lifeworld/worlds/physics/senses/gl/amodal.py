"""Who would be seen where if they stood alone: every thing drawn without hiding another, a bit each, or-ed together.

The triangles and rays are those of the first pass, so what is seen is among what would be, to the pixel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.gl import surface
from lifeworld.worlds.physics.senses.gl.context import Canvas, Layer
from lifeworld.worlds.physics.senses.gl.drawn import KINDS
from lifeworld.worlds.physics.senses.gl.stage import Stage
from lifeworld.worlds.physics.senses.gl.view import Sight

_LAYERS, _BITS = 8, 32  # of a pass, of a layer
PASS = _LAYERS * _BITS
NAMES = tuple(f"bits{i}" for i in range(_LAYERS))
LAYERS = {name: Layer("GL_RGBA8", "GL_RGBA", "GL_UNSIGNED_BYTE", "uint8", 4) for name in NAMES}


def paint(stage: Stage, canvas: Canvas, sight: Sight, instances: int) -> NDArray[np.uint8]:
    """(height, width, ceil(instances / 8)): bit i − 1, least first, is set where instance i would be seen."""
    from OpenGL import GL

    drawn = sight.now.drawn
    width, height = sight.size
    out = np.zeros((height, width, (instances + 7) // 8), dtype=np.uint8)
    for first in range(1, instances + 1, PASS):
        layers = NAMES[: (min(instances + 1 - first, PASS) + _BITS - 1) // _BITS]
        canvas.bind(*layers)
        surface.begin()
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_COLOR_LOGIC_OP)
        GL.glLogicOp(GL.GL_OR)
        for index in range(len(layers)):
            GL.glClearBufferfv(GL.GL_COLOR, index, np.zeros(4, dtype=np.float32))
        stage.before(sight.now, sight.poses)
        mine = (drawn.instance >= first) & (drawn.instance < first + PASS)
        words = ("ALONE", f"LAYERS {len(layers)}")
        for kind in KINDS:
            things = np.flatnonzero((mine & sight.seen)[: len(drawn.geoms)] & drawn.kinds[kind])
            program = stage.program(kind, ("alone",), sight.eye, *words)
            program.set(first=first)
            stage.draw(program, kind, drawn, things, sight.poses[:, :, 3])
        if drawn.soft is not None:
            program = stage.program("soft", ("alone",), sight.eye, *words)
            program.set(first=first)
            stage.draw_soft(program, drawn)
        GL.glDisable(GL.GL_COLOR_LOGIC_OP)
        for index, name in enumerate(layers):
            at = (first - 1) // 8 + 4 * index
            out[..., at : at + 4] = canvas.read(name)[..., : out.shape[-1] - at]
    return out
