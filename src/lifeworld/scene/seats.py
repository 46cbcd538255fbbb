"""Where several things go around one: evenly along its sides, or around a circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_WAYS = ((1, -1), (1, 1), (0, -1), (0, 1))
"""Front, back, left, right: in this order sides of one length are filled."""


def seats(count: int, size_m: Array, *, round_: bool) -> tuple[Array, Array]:
    """Where the rim of a thing of sizes (x, y) [m] is beside each of `count` seats (n, 2), and the ways out there (n, 2).

    Along a rectangle each next seat goes to the side where seats are then farthest apart: four are one a side, six at a long table two
    on each long side.
    """
    count = max(count, 1)
    if round_:
        angles = -np.pi / 2 + 2 * np.pi * np.arange(count) / count
        out = np.column_stack([np.cos(angles), np.sin(angles)])
        return out * float(max(size_m)) / 2, out
    each = [0] * 4
    for _ in range(count):
        room = [size_m[1 - axis] / (n + 1) for (axis, _), n in zip(_WAYS, each, strict=True)]
        each[int(np.argmax(np.round(room, 6)))] += 1
    at: list[Array] = []
    ways: list[Array] = []
    for (axis, way), n in zip(_WAYS, each, strict=True):
        for i in range(n):
            spot, direction = np.zeros(2), np.zeros(2)
            spot[axis], direction[axis] = way * size_m[axis] / 2, way
            spot[1 - axis] = ((i + 0.5) / n - 0.5) * size_m[1 - axis]
            at.append(spot)
            ways.append(direction)
    return np.array(at), np.array(ways)
