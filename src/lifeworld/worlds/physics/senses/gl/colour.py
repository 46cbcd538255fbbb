"""The second pass: colour, shaded once a pixel from what the first pass hit, then what can be seen through on top."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.gl import surface
from lifeworld.worlds.physics.senses.gl.context import Canvas, Layer, Program
from lifeworld.worlds.physics.senses.gl.light import Lamp, lamps
from lifeworld.worlds.physics.senses.gl.shadow import MOST_MAPS, Maps, spot_eye, sun_eye
from lifeworld.worlds.physics.senses.gl.stage import FREE, Stage
from lifeworld.worlds.physics.senses.gl.view import Eye, Sight

HALF = {"open": Layer("GL_RG16F", "GL_RG", "GL_FLOAT", "float32", 2)}  # of half the size
LAYERS = {"color": Layer("GL_RGBA8", "GL_RGBA", "GL_UNSIGNED_BYTE", "uint8", 4)}
AROUND = 1.2  # linear light from all around of an engine's ambient light of 1
SHADOWS, SHINE, FACING, NAMED, BASE, ROUNDED, OPENNESS = range(FREE, FREE + 7)  # texture units


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """The lamps of a state in the order of `ends` (glsl/light.glsl), and the eyes of those that cast shadows, which come first."""

    lamps: list[Lamp]
    eyes: list[Eye]
    ends: tuple[int, int, int, int]


def light(stage: Stage, maps: Maps | None, sight: Sight, data: mujoco.MjData) -> Lit:
    """Find the lamps and draw their shadow maps: the strongest MOST_MAPS that cast."""
    found = lamps(sight.now.drawn.model, data)
    eyes: dict[int, Eye] = {}
    for index, lamp in enumerate(found):
        if maps is not None and lamp.casts and len(eyes) < MOST_MAPS:
            eye = sun_eye(sight, lamp.way, maps.side_px) if lamp.sun else spot_eye(lamp, maps.side_px)
            if eye is not None:
                eyes[index] = eye
    rank = [(index not in eyes, not lamp.sun) for index, lamp in enumerate(found)]
    order = sorted(range(len(found)), key=lambda index: rank[index])
    first, second, third = (sum(r <= last for r in rank) for last in ((False, False), (False, True), (True, False)))
    lit = Lit([found[i] for i in order], [eyes[i] for i in order if i in eyes], (first, second, third, len(found)))
    if maps is not None:
        maps.draw(stage, sight, lit.eyes)
    return lit


def shade(stage: Stage, canvas: Canvas, half: Canvas | None, sight: Sight, lit: Lit, maps: Maps | None, *, soft_texels: float) -> None:
    """Write the layer `color` of a canvas that holds what `surface.draw` drew; `half` is for how open points lie, None for all open."""
    from OpenGL import GL

    words = _words(lit, soft_texels)
    surface.begin()
    GL.glDisable(GL.GL_DEPTH_TEST)
    if half is not None:
        _open(stage, canvas, half, sight)
        half.bind_layer("open", OPENNESS)
    canvas.bind("color")
    whole = stage.context.program(("whole",), ("ray", "light", "shade"), *words, *(("OPENNESS",) if half is not None else ()))
    _set(whole, sight, lit, maps, soft_texels)
    whole.set(facing=FACING, named=NAMED, base=BASE, rounded=ROUNDED, openness=OPENNESS)
    for name, unit in (("facing", FACING), ("named", NAMED), ("base", BASE), ("rounded", ROUNDED)):
        canvas.bind_layer(name, unit)
    sight.now.drawn.shine.bind_table(SHINE)
    if maps is not None:
        GL.glActiveTexture(GL.GL_TEXTURE0 + SHADOWS)
        GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, maps.texture)
    stage.context.fill(whole)
    _lay_over(stage, sight, lit, maps, words, soft_texels)


def _open(stage: Stage, canvas: Canvas, half: Canvas, sight: Sight) -> None:
    """Find how open every second point of every second row lies."""
    half.bind("open")
    program = stage.context.program(("whole",), ("ray", "openness"))
    program.set(picture=sight.eye.picture, facing=FACING)
    canvas.bind_layer("facing", FACING)
    stage.context.fill(program)


def _lay_over(stage: Stage, sight: Sight, lit: Lit, maps: Maps | None, words: tuple[str, ...], soft_texels: float) -> None:
    """See-through things, the farthest first, over the opaque ones before which they stand."""
    from OpenGL import GL

    drawn, middles = sight.now.drawn, sight.poses[:, :, 3]
    clear = [(kind, thing) for kind, things in surface.clear_in_sight(sight) for thing in things]
    if not clear:
        return
    surface.begin()
    GL.glDepthMask(GL.GL_FALSE)
    GL.glEnable(GL.GL_BLEND)
    GL.glBlendFuncSeparate(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ZERO, GL.GL_ONE)
    stage.before(sight.now, sight.poses)
    ready: set[int] = set()
    for kind, thing in sorted(clear, key=lambda of: -float(np.linalg.norm(middles[of[1]]))):
        stack = drawn.stack_of(thing)
        dress = ("PLAIN",) if stack is None else ()
        program = stage.program(kind, ("cloth", "light", "clear"), sight.eye, "COLOUR", *words, *dress)
        if program.id not in ready:
            _set(program, sight, lit, maps, soft_texels)
            ready.add(program.id)
        stage.pictures(stack)
        stage.draw(program, kind, drawn, np.array([thing]), middles)
    GL.glDisable(GL.GL_BLEND)
    GL.glDepthMask(GL.GL_TRUE)


def _words(lit: Lit, soft_texels: float) -> tuple[str, ...]:
    lights = (f"LIGHTS {max(len(lit.lamps), 1)}", f"ENDS {', '.join(map(str, lit.ends))}", f"SHADOWS {len(lit.eyes)}")
    return (*lights, *(("SOFT_SHADOWS",) if soft_texels else ()))


def _set(program: Program, sight: Sight, lit: Lit, maps: Maps | None, soft_texels: float) -> None:
    """The lights as a program reads them (glsl/light.glsl), in the camera's frame."""
    eye = sight.eye
    at, way, color, fading = (np.zeros((max(len(lit.lamps), 1), 4)) for _ in range(4))
    for index, lamp in enumerate(lit.lamps):
        at[index, :3] = eye.from_world(lamp.position_m)
        way[index] = (*(lamp.way @ eye.axes), lamp.cosine)
        color[index] = (*lamp.light, lamp.rim)
        fading[index, :3] = lamp.fading
    program.set(picture=eye.picture, light_at=at, light_way=way, light_color=color, light_fading=fading)
    headlight = sight.now.drawn.model.vis.headlight.ambient
    program.set(up=eye.axes[2], ambient=AROUND * float(np.mean(headlight)), shine=SHINE, shadows=SHADOWS)
    if lit.eyes and maps is not None:
        rows = np.zeros((3, len(lit.eyes), 4))
        lens = np.ones((len(lit.eyes), 4))
        for index, light_eye in enumerate(lit.eyes):
            turn = light_eye.axes.T @ eye.axes  # light_from_camera
            rows[:, index, :3], rows[:, index, 3] = turn, light_eye.from_world(eye.position_m)
            lens[index] = light_eye.lens if light_eye.parallel else (*light_eye.lens[:3], 0.0)
        program.set(shadow_x=rows[0], shadow_y=rows[1], shadow_z=rows[2], shadow_lens=lens)
        program.set(shadow_size=(maps.side_px, 1.0 / maps.side_px, soft_texels, soft_texels + 2.2))


def read(canvas: Canvas, times: int) -> NDArray[np.uint8]:
    """The picture (height, width, 3), `times`² samples a pixel."""
    picture = canvas.read("color")[..., :3]
    if times == 1:
        return np.ascontiguousarray(picture)
    height, width = picture.shape[0] // times, picture.shape[1] // times
    sums = picture.reshape(height, times, width, times, 3).sum(axis=(1, 3), dtype=np.uint16)
    return np.asarray((sums + times * times // 2) // (times * times), dtype=np.uint8)
