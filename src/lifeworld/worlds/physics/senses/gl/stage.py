"""Drawing the things that someone sees, by whichever programs: the one place where draw calls are made."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.gl.context import Buffer, Context, Program
from lifeworld.worlds.physics.senses.gl.drawn import Drawn
from lifeworld.worlds.physics.senses.gl.images import Images, Stack
from lifeworld.worlds.physics.senses.gl.meshes import Meshes
from lifeworld.worlds.physics.senses.gl.view import Eye, Now

POSES, LOOKS, PICTURES, CORNERS, VERTICES = range(5)  # texture units; passes bind what else they read from FREE on
FREE = 5

# The corner (x, y, z) of a box is the bits 0, 1, 2 of its number; two triangles a side, turning as seen from outside.
_SIDES = ((0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6))
_BOX = np.array([(a, b, c, a, c, d) for a, b, c, d in _SIDES], dtype=np.uint32).ravel()
_WHOLE = np.arange(3, dtype=np.uint32)
_FILES = {  # kind → where its vertices go, what rays hit of it
    "meshed": ("mesh_place", "flat_hit"),
    "boxes": ("box_place", "flat_hit"),
    "round": ("round_place", "round_hit"),
    "planes": ("plane_place", "plane_hit"),
    "soft": ("soft_place", "flat_hit"),
}


class Stage:
    """What all scenes of the process share: meshes, pictures, and buffers written anew for every picture."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.meshes, self.images = Meshes(), Images()
        self._poses, self._numbers, self._commands = Buffer(), Buffer(), Buffer()

    def program(self, kind: str, fragment: Sequence[str], eye: Eye, *words: str) -> Program:
        """The program that draws one kind of thing for this eye; `fragment` says what becomes of a hit."""
        place, hit = _FILES[kind]
        defines = (kind.upper(), *(("PARALLEL",) if eye.parallel else ()), *words)
        hits = ("ray", hit) if fragment != ("nothing",) or kind == "round" else ()
        made = self.context.program(("place", place), (*hits, *fragment), *defines)
        made.set(poses=POSES, looks=LOOKS, pictures=PICTURES, corners=CORNERS, vertices=VERTICES)
        made.set(lens=eye.lens, nearest=eye.lens[2], picture=eye.picture)
        return made

    def before(self, now: Now, poses: NDArray[np.float32]) -> None:
        """Set up what the next draws read: where things are for who looks, and how they look."""
        drawn = now.drawn
        self._poses.write(poses)
        self._poses.bind_table(POSES)
        drawn.looks.bind_table(LOOKS)
        if drawn.soft is not None and now.soft is not None:
            drawn.soft.vertices.write(now.soft)
            drawn.soft.vertices.bind_table(VERTICES)
            drawn.soft.corners.bind_table(CORNERS)

    def draw(self, program: Program, kind: str, drawn: Drawn, things: NDArray[np.int64], middles: NDArray[np.float32]) -> None:
        """Draw things of one kind; `middles` (all things, 3) are in the frame of who looks.

        Of what is closed and seen from outside the far sides are left out: they are hidden, and half the work.
        """
        from OpenGL import GL

        if not len(things):
            return
        program.use()
        if kind == "round":  # the far sides of the box alone, so that every ray meets it once, from inside too
            _sides(GL.GL_FRONT)
            self._by_number(things, _BOX)
        elif kind == "planes":
            self._by_number(things, _WHOLE)
        else:
            within = np.einsum("ij,ij->i", middles[things], middles[things]) < (1.01 * drawn.radius_m[things] + 0.01) ** 2
            both = ~drawn.closed[things] | within
            for some, sides in ((things[~both], GL.GL_BACK), (things[both], 0)):
                if len(some):
                    _sides(sides)
                    if kind == "boxes":
                        self._by_number(some, _BOX)
                    else:
                        self._by_mesh(drawn, some)
        _sides(0)

    def draw_soft(self, program: Program, drawn: Drawn) -> None:
        """Draw all soft bodies."""
        from OpenGL import GL

        if drawn.soft is None:
            return
        program.use()
        self.context.bare()
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, drawn.soft.count)

    def pictures(self, stack: Stack | None) -> None:
        """The pictures that the next things wear."""
        from OpenGL import GL

        if stack is not None:
            GL.glActiveTexture(GL.GL_TEXTURE0 + PICTURES)
            GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, stack.texture)

    def _by_number(self, things: NDArray[np.int64], corners: NDArray[np.uint32]) -> None:
        from OpenGL import GL

        numbers = (things[:, None].astype(np.uint32) * 8 + corners).ravel()
        self.context.bare()
        self._numbers.write(numbers)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._numbers.id)
        GL.glDrawElements(GL.GL_TRIANGLES, len(numbers), GL.GL_UNSIGNED_INT, ctypes.c_void_p(0))

    def _by_mesh(self, drawn: Drawn, things: NDArray[np.int64]) -> None:
        from OpenGL import GL

        self.meshes.bind(self._poses, drawn.looks)
        self._commands.write(drawn.commands(things))
        GL.glBindBuffer(GL.GL_DRAW_INDIRECT_BUFFER, self._commands.id)
        GL.glMultiDrawElementsIndirect(GL.GL_TRIANGLES, GL.GL_UNSIGNED_INT, ctypes.c_void_p(0), len(things), 0)


def _sides(left_out: int) -> None:
    """Leave out the sides that look towards (FRONT) or away from (BACK) who looks, or none (0)."""
    from OpenGL import GL

    if left_out:
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glCullFace(left_out)
    else:
        GL.glDisable(GL.GL_CULL_FACE)
