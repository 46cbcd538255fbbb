"""The block of PushT: a body made of rectangles on a table, and what touches it.

Source of shapes, masses and moments: swm/PushT-v1 (stable-worldmodel 0.1.1), which has them from Chi et al., Diffusion Policy (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
UNIT = 30.0
"""What the published shapes are measured in [px]."""


@dataclass(frozen=True)
class Block:
    """Rectangles (k, 4) as x from, x to, y from, y to [units], and which of them the published moment of inertia counts, as often."""

    rectangles: tuple[tuple[float, float, float, float], ...]
    weighed: tuple[int, ...]

    @cached_property
    def middles(self) -> Array:
        """The middle of each rectangle (k, 2) in the body's frame [px]."""
        x0, x1, y0, y1 = UNIT * np.array(self.rectangles).T
        return np.stack([x0 + x1, y0 + y1], axis=1) / 2

    @cached_property
    def halves(self) -> Array:
        """Half the sides of each rectangle (k, 2) [px]."""
        x0, x1, y0, y1 = UNIT * np.array(self.rectangles).T
        return np.stack([x1 - x0, y1 - y0], axis=1) / 2

    @cached_property
    def centre(self) -> Array:
        """The centre of gravity (2,) in the body's frame [px]."""
        return np.asarray(self.middles.mean(axis=0), dtype=np.float64)

    @cached_property
    def inertia(self) -> float:
        """The moment of inertia of a mass of 1 for each rectangle weighed, about the body's origin, as published [px²]."""
        mean_square = self.middles**2 + self.halves**2 / 3
        return float(sum(mean_square[i].sum() for i in self.weighed))

    @cached_property
    def corners(self) -> Array:
        """The corners (c, 2) of all rectangles [px] that are no inner point of another."""
        signs = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)], dtype=np.float64)
        every = (self.middles[:, None] + signs * self.halves[:, None]).reshape(-1, 2)
        kept = list[Array]()
        for corner in every:
            on = np.abs(corner - self.middles) - self.halves  # ≤ 0 on both axes: in or on that rectangle
            inner = np.any((on.max(axis=1) <= 1e-9) & (on.min(axis=1) < -1e-9) & (on.max(axis=1) > -1e-9))
            deep = np.any(on.max(axis=1) < -1e-9)
            if not (inner or deep) and not any(np.allclose(corner, other) for other in kept):
                kept.append(corner)
        return np.array(kept)

    def distance(self, places: Array) -> Array:
        """How far places (…, 2) in the body's frame are outside of it [px]; less than 0 inside."""
        apart = np.abs(places[..., None, :] - self.middles) - self.halves
        outside = np.sqrt((np.maximum(apart, 0.0) ** 2).sum(axis=-1))
        return np.asarray((outside + np.minimum(apart.max(axis=-1), 0.0)).min(axis=-1), dtype=np.float64)


BLOCKS = {
    "T": Block(((-2, 2, 0, 1), (-0.5, 0.5, 1, 4)), (0, 0)),
    "small_T": Block(((-1.5, 1.5, 0, 1), (-0.5, 0.5, 1, 2)), (0, 1)),
    "L": Block(((0, 1, 0, 2), (0, 2, -1, 0)), (0, 1)),
    "Z": Block(((0, 2, 0, 1), (-1, 1, -1, 0)), (0, 1)),
    "square": Block(((-1, 1, -1, 1),), (0,)),
    "I": Block(((-0.5, 0.5, -2, 2),), (0,)),
    "+": Block(((-1.5, 1.5, -0.5, 0.5), (-0.5, 0.5, 0.5, 1.5), (-0.5, 0.5, -1.5, -0.5)), (0, 0, 0)),
}
"""The published shapes, by name."""


def rotated(angle: Array, places: Array) -> Array:
    """Places (n, …, 2) of n bodies' frames in the world's axes, each by its body's angle (n,)."""
    spread = (slice(None), *(None,) * (places.ndim - 2))
    cos, sin = np.cos(angle)[spread], np.sin(angle)[spread]
    x, y = places[..., 0], places[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
