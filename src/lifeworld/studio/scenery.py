"""What a page is shown of a world. Of a physical one its portrait, once, and then the numbers that move it: the page draws. Of any other,
a game or a dream, its pictures.

A portrait is JSON with meshes and textures by digest. The browser never reads a stranger's mesh file: what it gets are corners and
triangles of the compiled world.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.portrait import Frames, Portrait, portrait
from lifeworld.worlds.physics.state import PhysicsState
from lifeworld.worlds.world import World

MOST_KEPT = 16
JPEG_QUALITY = 88
SMALL_PX = 128
"""What is smaller is sent as it is: PNG."""


def physical(state: Any) -> PhysicsState | None:
    """The physical state that a state is, or that it is wrapped around; None of other engines' states."""
    state = getattr(state, "inner", state)
    return state if isinstance(state, PhysicsState) else None


def halfway(world: World[Any], state: Any) -> PhysicsState | None:
    """How it was half a tick before a state; None where nobody knows: of a world that is none of physics, after a jump."""
    inner, body = getattr(world, "inner", world), physical(state)
    if body is None or not isinstance(inner, WorldPhysics) or (vector := inner.halfway(body)) is None:
        return None
    return replace(body, vector=vector)


def encoded(rgb: NDArray[np.uint8], *, flat: bool = False) -> bytes:
    """A picture (height, width, 3) as a page can show it: PNG if it is small or made of few colours (`flat`), else JPEG."""
    out = io.BytesIO()
    if flat or max(rgb.shape) <= SMALL_PX:
        Image.fromarray(rgb).save(out, format="PNG", compress_level=1)
    else:
        Image.fromarray(rgb).save(out, format="JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


class Sceneries:
    """The portraits of a session's worlds, numbered as they come to be; meshes and pictures by digest, kept for the session."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[Compiled, Frames, bytes, int]] = {}
        self._numbers = 0
        self.blobs: dict[str, tuple[str, bytes]] = {}
        """Digest → media type, bytes: immutable, so a browser asks for each once."""

    def number(self, state: PhysicsState) -> int:
        """The number of how the world of a state looks."""
        return self._kept(state)[3]

    def json(self, number: int) -> bytes | None:
        """A portrait by its number; None for one that is gone."""
        return next((kept[2] for kept in self._of.values() if kept[3] == number), None)

    def numbers(self, state: PhysicsState) -> NDArray[np.float32]:
        """Where everything is: frames (n, 7), then of each soft shape its corners (m, 6), flat."""
        compiled, frames, _, _ = self._kept(state)
        parts = [frames.poses(state.vector).ravel()]
        if compiled.model.nflex:
            parts += [corners.ravel() for corners in frames.soft(state.vector)]
        return np.concatenate(parts)

    def moved(self, a: PhysicsState, b: PhysicsState) -> bool:
        """Whether anybody sees that two states of a world differ."""
        return self._kept(a)[1].moved(a.vector, b.vector)

    def _kept(self, state: PhysicsState) -> tuple[Compiled, Frames, bytes, int]:
        key = id(state.compiled)
        if key not in self._of:
            if len(self._of) >= MOST_KEPT:
                self._of.pop(next(iter(self._of)))
            self._numbers += 1
            self._of[key] = (state.compiled, Frames(state.compiled), self._said(portrait(state.compiled), state), self._numbers)
        return self._of[key]

    def _said(self, look: Portrait, state: PhysicsState) -> bytes:
        """A portrait as JSON; what is large goes into `blobs`."""
        value: dict[str, Any] = {
            "shapes": [{k: v for k, v in asdict(shape).items() if v is not None} for shape in look.shapes],
            "frames": look.frames,
            "eyes": [asdict(eye) for eye in look.eyes],
            "lamps": [asdict(lamp) for lamp in look.lamps],
            "ambient": look.ambient,
            "things": [thing.name for thing in state.scene.things] + [e.name for e in state.scene.embodiments],
            "meshes": {name: self._mesh(*mesh) for name, mesh in look.meshes.items()},
            "textures": {name: self._picture(pixels) for name, pixels in look.textures.items()},
        }
        return msgspec.json.encode(value)

    def _mesh(self, corners: NDArray[np.float32], triangles: NDArray[np.uint32]) -> str:
        """Two counts, then corners of eight float32, then triangles of three uint32; little-endian."""
        head = np.array([len(corners), len(triangles)], dtype="<u4").tobytes()
        return self._keep("application/octet-stream", head + corners.astype("<f4").tobytes() + triangles.astype("<u4").tobytes())

    def _picture(self, pixels: NDArray[np.uint8]) -> str:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, format="PNG")
        return self._keep("image/png", out.getvalue())

    def _keep(self, media: str, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = (media, data)
        return digest
