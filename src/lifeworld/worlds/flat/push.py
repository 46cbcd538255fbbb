"""Contacts without friction on a table where nothing slides on by itself: Chipmunk's solver, for many bodies at once.

One body a row, of mass 1, is pushed by points that move (a disk) or stand (walls). Nothing keeps its speed from one piece of time to the
next: the published world has a damping of 0. A row by itself is solved as among others, to the bit.

Source: cpSpaceStep, cpArbiter (Chipmunk2D 7, MIT), as pymunk sets it up; without the impulses that it keeps from the piece before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SLOP_PX = 0.1
"""What may overlap before anything is pushed apart [px]."""
KEEP = (1.0 - 0.1) ** 60
"""How much of an overlap is left after a second."""
PASSES = 10


def pushed(inertia: float, arm: Array, normal: Array, gap: Array, speed: Array, touching: NDArray[np.bool_], *, piece_s: float) -> Array:
    """How the bodies move on (n, 3) [px/s, px/s, rad/s] so that contacts neither close nor stay overlapped.

    Args:
        arm: from the centre of gravity to each contact (n, c, 2) [px]; `normal` (n, c, 2) the way the body is pushed there.
        gap: (n, c) [px], negative where it overlaps; `speed` (n, c) [px/s] of what pushes along the normal.
        touching: (n, c) which contacts there are.
        piece_s: the piece of time [s].
    """
    lever = arm[..., 0] * normal[..., 1] - arm[..., 1] * normal[..., 0]
    mass = 1.0 / (1.0 + lever * lever / inertia)
    apart = -(1.0 - KEEP**piece_s) * np.minimum(0.0, gap + SLOP_PX) / piece_s
    # What keeps contacts from closing, and what takes overlaps apart, are solved beside each other and then added.
    return _solved(inertia, lever, normal, mass, speed, touching) + _solved(inertia, lever, normal, mass, apart, touching)


def _solved(inertia: float, lever: Array, normal: Array, mass: Array, wanted: Array, touching: NDArray[np.bool_]) -> Array:
    """Motions (n, 3) in which every contact moves along its normal at least as fast as `wanted`, by pushes alone: Gauss–Seidel.

    Where nothing touches, the mass is 0 and every change 0, so a row does not know of the others' contacts; a pass that changes nothing
    is the last one for the same reason.
    """
    x, y, spin = np.zeros((3, len(lever)))
    columns = [
        (np.zeros(len(lever)), np.where(touching[:, c], mass[:, c], 0.0), wanted[:, c], normal[:, c, 0], normal[:, c, 1], lever[:, c])
        for c in np.flatnonzero(touching.any(axis=0)).tolist()
    ]
    for _ in range(PASSES):
        still = True
        for push, moved_by, speed, across, down, turn in columns:
            along = x * across + y * down + spin * turn
            change = np.maximum(push + (speed - along) * moved_by, 0.0) - push
            if change.any():
                still = False
                push += change
                x += change * across
                y += change * down
                spin += change * turn / inertia
        if still:
            break
    return np.stack([x, y, spin], axis=1)
