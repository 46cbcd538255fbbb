"""Shadow maps: how far each light that casts shadows sees. A sun's map covers what stands and can be seen, no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import EngineError
from lifeworld.worlds.physics.senses.gl import surface
from lifeworld.worlds.physics.senses.gl.drawn import KINDS
from lifeworld.worlds.physics.senses.gl.light import Lamp
from lifeworld.worlds.physics.senses.gl.stage import Stage
from lifeworld.worlds.physics.senses.gl.view import Eye, Sight

Array = NDArray[np.float64]
MOST_MAPS = 4
_NEAREST_M, _WIDEST_RAD = 0.03, 2.6


class Maps:
    """A stack of shadow maps of one size, rewritten for every picture."""

    def __init__(self, driver: str, side_px: int) -> None:
        from OpenGL import GL

        self.side_px = side_px
        self.texture = GL.glGenTextures(1)
        GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, self.texture)
        GL.glTexStorage3D(GL.GL_TEXTURE_2D_ARRAY, 1, GL.GL_DEPTH_COMPONENT32F, side_px, side_px, MOST_MAPS)
        for word, value in (
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_NEAREST),
            (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D_ARRAY, word, value)
        self._frames = GL.glGenFramebuffers(MOST_MAPS)
        for layer, frame in enumerate(self._frames):
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, frame)
            GL.glFramebufferTextureLayer(GL.GL_FRAMEBUFFER, GL.GL_DEPTH_ATTACHMENT, self.texture, 0, layer)
            GL.glDrawBuffer(GL.GL_NONE)
            GL.glReadBuffer(GL.GL_NONE)
        if GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER) != GL.GL_FRAMEBUFFER_COMPLETE:
            raise EngineError("this driver cannot draw shadow maps", where=driver, got=f"{side_px} px")

    def close(self) -> None:
        from OpenGL import GL

        GL.glDeleteFramebuffers(MOST_MAPS, self._frames)
        GL.glDeleteTextures(1, [self.texture])

    def draw(self, stage: Stage, sight: Sight, eyes: list[Eye]) -> None:
        """Draw what each of these lights sees, a layer each."""
        from OpenGL import GL

        drawn = sight.now.drawn
        n = len(drawn.geoms)
        for layer, eye in enumerate(eyes):
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._frames[layer])
            GL.glViewport(0, 0, self.side_px, self.side_px)
            surface.begin()
            GL.glClearBufferfv(GL.GL_DEPTH, 0, np.zeros(1, dtype=np.float32))
            poses = sight.now.of(eye)
            stage.before(sight.now, poses)
            casting = drawn.opaque[:n] & eye.meets(poses[:n, :, 3], drawn.radius_m[:n])
            for kind in KINDS:
                things = np.flatnonzero(casting & drawn.kinds[kind])
                if kind != "planes" and len(things):
                    stage.draw(stage.program(kind, ("nothing",), eye), kind, drawn, things, poses[:, :, 3])
            if drawn.soft is not None:
                stage.draw_soft(stage.program("soft", ("nothing",), eye), drawn)


def sun_eye(sight: Sight, way: Array, side_px: int) -> Eye | None:
    """How a sun looks at what casts shadows into the picture: a box along its light; None if nothing does.

    The box grows in steps and moves by whole texels, so that shadows do not swim as things or the camera move.
    """
    drawn, eye = sight.now.drawn, sight.eye
    solid = np.isfinite(drawn.radius_m) & (drawn.radius_m > 0)
    middles, radius = sight.now.position_m, drawn.radius_m
    if drawn.soft is not None:
        radius, solid = radius.copy(), solid.copy()
        radius[len(drawn.geoms) :], solid[len(drawn.geoms) :] = sight.now.soft_radius_m, True
    if not solid.any():
        return None
    middles, radius = middles[solid], radius[solid]
    axes = _frame_along(way)
    points = middles @ axes
    low, high = (points - radius[:, None]).min(axis=0), (points + radius[:, None]).max(axis=0)
    # What the camera can see, as far as anything stands: the corners of its picture, drawn out to there, and the camera itself.
    reach = float(np.max(sight.poses[solid, 2, 3] + radius, initial=0.0)) + 1.0
    corners = np.array([(x / eye.lens[0], y / eye.lens[1], 1.0) for x in (-1, 1) for y in (-1, 1)]) * reach
    seen = np.concatenate([corners @ eye.axes.T + eye.position_m, eye.position_m[None]]) @ axes
    low[:2], high[:2] = np.maximum(low[:2], seen[:, :2].min(axis=0)), np.minimum(high[:2], seen[:, :2].max(axis=0))
    if (high <= low).any():
        return None
    size = 2.0 ** (np.ceil(4 * np.log2(high[:2] - low[:2] + 1e-6)) / 4)  # a fifth wider at most
    texel = size / (side_px - 2)
    corner = np.floor(low[:2] / texel) * texel - texel
    half = size / 2 * side_px / (side_px - 2)
    middle = axes @ np.array([*(corner + half), 0.0])
    return Eye(middle, axes, (half[0], half[1], low[2] - 0.01, high[2] + 0.01), (side_px, side_px, 1.0, 1.0), parallel=True)


def spot_eye(lamp: Lamp, side_px: int) -> Eye:
    """How a spotlight looks: a camera as wide as its cone, or as a camera can be."""
    half = min(np.arccos(np.clip(lamp.cosine, -1.0, 1.0)) + 0.02, _WIDEST_RAD / 2)
    scale = 1.0 / float(np.tan(half))
    return Eye(
        lamp.position_m,
        _frame_along(lamp.way),
        (scale, scale, _NEAREST_M, 0.0),
        (side_px, side_px, side_px / 2 * scale, side_px / 2 * scale),
    )


def _frame_along(way: Array) -> Array:
    """Axes (3, 3) whose third is this way."""
    aside = np.cross(way, (0.0, 1.0, 0.0) if abs(way[1]) < 0.9 else (1.0, 0.0, 0.0))
    aside /= np.linalg.norm(aside)
    return np.stack([aside, np.cross(way, aside), way], axis=1)
