"""The pictures on surfaces, in the driver's memory: pictures of one size are layers of one stack, kept by content for the whole process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import mujoco
import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 256_000_000


@dataclass(slots=True, eq=False)
class Stack:
    """Pictures of one size; `texture` is rewritten as it grows."""

    size: tuple[int, int]
    layers: dict[bytes, int] = field(default_factory=dict)
    pixels: list[NDArray[np.uint8]] = field(default_factory=list)
    texture: int = 0
    room: int = 0


@dataclass(slots=True)
class Images:
    """All stacks, by the size of their pictures."""

    stacks: dict[tuple[int, int], Stack] = field(default_factory=dict)

    def keep(self, model: mujoco.MjModel, texture: int) -> tuple[Stack, int]:
        """The stack and layer of a model's 2D texture."""
        height, width = int(model.tex_height[texture]), int(model.tex_width[texture])
        channels, start = int(model.tex_nchannel[texture]), int(model.tex_adr[texture])
        data = model.tex_data[start : start + height * width * channels]
        key = hashlib.blake2b(data.data, digest_size=16).digest()
        stack = self.stacks.setdefault((width, height), Stack((width, height)))
        if key not in stack.layers:
            pixels = np.full((height, width, 4), 255, dtype=np.uint8)
            picture = data.reshape(height, width, channels)
            pixels[..., :3] = picture[..., : min(channels, 3)]
            if channels == 4:
                pixels[..., 3] = picture[..., 3]
            stack.layers[key] = len(stack.pixels)
            stack.pixels.append(pixels)
            _upload(stack)
        return stack, stack.layers[key]


def _upload(stack: Stack) -> None:
    """The newest layer, or all of them where there is no more room."""
    from OpenGL import GL

    fresh = stack.pixels[-1:]
    if len(stack.pixels) > stack.room:
        if stack.texture:
            GL.glDeleteTextures(1, [stack.texture])
        stack.room = max(4, 2 * len(stack.pixels)) if stack.room or max(stack.size) <= 512 else 1
        stack.texture = GL.glGenTextures(1)
        fresh = stack.pixels
        GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, stack.texture)
        levels = max(stack.size).bit_length()
        GL.glTexStorage3D(GL.GL_TEXTURE_2D_ARRAY, levels, GL.GL_RGBA8, *stack.size, stack.room)
        GL.glTexParameteri(GL.GL_TEXTURE_2D_ARRAY, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
        GL.glTexParameteri(GL.GL_TEXTURE_2D_ARRAY, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
    GL.glBindTexture(GL.GL_TEXTURE_2D_ARRAY, stack.texture)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    for layer, pixels in enumerate(fresh, start=len(stack.pixels) - len(fresh)):
        GL.glTexSubImage3D(
            GL.GL_TEXTURE_2D_ARRAY, 0, 0, 0, layer, *stack.size, 1, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, np.ascontiguousarray(pixels)
        )
    GL.glGenerateMipmap(GL.GL_TEXTURE_2D_ARRAY)
