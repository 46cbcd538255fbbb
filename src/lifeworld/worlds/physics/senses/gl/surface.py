"""The first pass: what every pixel hits. `Hits` are read from it, and colour is shaded from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.gl.context import Canvas, Layer
from lifeworld.worlds.physics.senses.gl.drawn import KINDS
from lifeworld.worlds.physics.senses.gl.stage import Stage
from lifeworld.worlds.physics.senses.gl.view import Sight
from lifeworld.worlds.physics.senses.hits import Hits

LAYERS = {
    "facing": Layer("GL_RGBA32F", "GL_RGBA", "GL_FLOAT", "float32", 4),
    "named": Layer("GL_RG32I", "GL_RG_INTEGER", "GL_INT", "int32", 2),
    "base": Layer("GL_RGBA8", "GL_RGBA", "GL_UNSIGNED_BYTE", "uint8", 4),
    "rounded": Layer("GL_RGBA16F", "GL_RGBA", "GL_FLOAT", "float32", 4),
    "depth": Layer("GL_DEPTH_COMPONENT32F", "GL_DEPTH_COMPONENT", "GL_FLOAT", "float32", 1),
}
OVER = {name: LAYERS[name] for name in ("facing", "named", "depth")}  # of a canvas where see-through things are drawn on top
GEOMETRY: tuple[str, ...] = ("facing", "named")
WITH_COLOR: tuple[str, ...] = (*GEOMETRY, "base", "rounded")
_NOTHING = np.array([np.nan, np.nan, np.nan, np.inf], dtype=np.float32)
_NOBODY = np.full(4, -1, dtype=np.int32)
_ZERO = np.zeros(4, dtype=np.float32)


def draw(stage: Stage, canvas: Canvas, sight: Sight, *, color: bool) -> None:
    """Draw the opaque things in sight, the nearest of each pixel; where nothing is stand NaN, +inf and −1."""
    from OpenGL import GL

    canvas.bind(*(WITH_COLOR if color else GEOMETRY))
    begin()
    GL.glClearBufferfv(GL.GL_COLOR, 0, _NOTHING)
    GL.glClearBufferiv(GL.GL_COLOR, 1, _NOBODY)
    if color:
        GL.glClearBufferfv(GL.GL_COLOR, 2, _ZERO)
        GL.glClearBufferfv(GL.GL_COLOR, 3, _ZERO)
    GL.glClearBufferfv(GL.GL_DEPTH, 0, _ZERO)
    drawn = sight.now.drawn
    middles = sight.poses[:, :, 3]
    fragment = ("cloth", "surface") if color else ("surface",)
    words = ("COLOUR",) if color else ()
    stage.before(sight.now, sight.poses)
    for batch in drawn.batches:
        things = batch.things[sight.seen[batch.things]]
        if len(things):
            things = things[np.argsort(middles[things, 2])]  # the near ones first: they hide the others before those are shaded
            stage.pictures(batch.stack)
            dress = ("PLAIN",) if color and batch.stack is None else ()
            stage.draw(stage.program(batch.kind, fragment, sight.eye, *words, *dress), batch.kind, drawn, things, middles)
    if drawn.soft is not None:
        stage.draw_soft(stage.program("soft", fragment, sight.eye, *words, *(("PLAIN",) if color else ())), drawn)


def add_clear(stage: Stage, over: Canvas, canvas: Canvas, sight: Sight) -> None:
    """Draw into `over` what a canvas holds, and see-through things on top as if they were opaque."""
    over.copy(canvas)
    over.bind(*GEOMETRY)
    begin()
    stage.before(sight.now, sight.poses)
    for kind, things in clear_in_sight(sight):
        stage.draw(stage.program(kind, ("surface",), sight.eye), kind, sight.now.drawn, things, sight.poses[:, :, 3])


def clear_in_sight(sight: Sight) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """The see-through things that may be seen, kind by kind."""
    drawn = sight.now.drawn
    n = len(drawn.geoms)
    clear = ~drawn.opaque[:n] & sight.seen[:n]
    for kind in KINDS:
        things = np.flatnonzero(clear & drawn.kinds[kind])
        if len(things):
            yield kind, things


def read(canvas: Canvas, sight: Sight) -> Hits:
    """What was drawn, as Hits."""
    facing, named = canvas.read("facing"), canvas.read("named")
    return Hits(
        camera=sight.camera,
        world_from_camera=sight.world_from_camera,
        surface=np.ascontiguousarray(named[..., 0]),
        depth_m=np.ascontiguousarray(facing[..., 3]),
        normal=np.ascontiguousarray(facing[..., :3]),
        triangle=np.ascontiguousarray(named[..., 1]) if sight.now.drawn.soft is not None else None,
    )


def begin() -> None:
    """Nearer is greater, from 1 at the nearest to 0 at infinity, where floats are dense; no blending of any sort."""
    from OpenGL import GL

    GL.glFrontFace(GL.GL_CW)  # a picture's rows go down, OpenGL's up
    GL.glEnable(GL.GL_DEPTH_TEST)
    GL.glDepthFunc(GL.GL_GREATER)
    GL.glDepthMask(GL.GL_TRUE)
    for word in (GL.GL_BLEND, GL.GL_DITHER, GL.GL_COLOR_LOGIC_OP, GL.GL_POLYGON_OFFSET_FILL):
        GL.glDisable(word)
