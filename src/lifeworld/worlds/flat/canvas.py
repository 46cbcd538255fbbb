"""Pictures of flat worlds: published at one size, seen at another; colours are sRGB levels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.material import rgba

Level = NDArray[np.float64]


def level(color: str) -> Level:
    """A colour by its name or #rrggbb as sRGB levels 0..255 (3,)."""
    return np.rint(255.0 * np.array(rgba(color)[:3]))


@lru_cache(maxsize=32)
def centres(side_px: int, size_px: int) -> Level:
    """Where the middles of a picture's `size_px` pixels lie [px of a picture `side_px` wide, the first pixel's middle at 0]."""
    out: Level = (np.arange(size_px, dtype=np.float64) + 0.5) * (side_px / size_px) - 0.5
    out.flags.writeable = False
    return out


def shrunk(picture: Level, size_px: int) -> Level:
    """A square picture (side, side, 3) at another size: each pixel the mean of what it covers, by exact areas."""
    side = len(picture)
    edges = np.linspace(0.0, side, size_px + 1)
    over = np.minimum(edges[1:, None], np.arange(1, side + 1)) - np.maximum(edges[:-1, None], np.arange(side))
    weight = np.maximum(over, 0.0) / (side / size_px)
    down: Level = np.tensordot(weight, picture, axes=1)
    return np.tensordot(down, weight, axes=(1, 1)).transpose(0, 2, 1)


def painted(picture: Level, alpha: Level, color: Level) -> Level:
    """A colour over pictures (n, H, W, 3), as opaque as `alpha` (n, H, W) says."""
    return picture + alpha[..., None] * (color - picture)


def levels(picture: Level) -> NDArray[np.uint8]:
    """Pictures as they are shown."""
    return np.rint(np.clip(picture, 0.0, 255.0)).astype(np.uint8)
