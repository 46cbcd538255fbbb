"""A load: the forces that one deed puts on one thing during one tick, and how loads get into state rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import TICK_NS
from lifeworld.worlds.physics.layout import Layout

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
TICK_S = TICK_NS * 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Forces (…, k, 3) [N] at the centres of mass of `bodies` (k,) and torques (…, k, 3) [N·m] on them, world frame, for a whole tick.

    Or, on the joint whose degree of freedom is `dof`, `effort` (…) [N·m or N].
    """

    thing: str
    bodies: Ints
    force_n: Array
    torque_n_m: Array
    dof: int = -1
    effort: float | Array = 0.0


def write(loads: Iterable[Load], layout: Layout, rows: Array) -> None:
    """Put these loads, and no others, into state rows (…, size)."""
    force, effort = layout.view(rows, "xfrc_applied"), layout.view(rows, "qfrc_applied")
    force[:], effort[:] = 0.0, 0.0
    for one in loads:
        if one.dof >= 0:
            effort[..., one.dof] += one.effort
            continue
        at = 6 * one.bodies[:, None] + np.arange(3)
        force[..., at] += one.force_n
        force[..., at + 3] += one.torque_n_m


def swell(since_s: float, lasts_s: float) -> float:
    """The mean over a tick that begins `since_s` [s] after its beginning of half a sine that lasts `lasts_s` [s] and peaks at 1."""
    begin, end = (min(max(t / lasts_s, 0.0), 1.0) for t in (since_s, since_s + TICK_S))
    return (math.cos(math.pi * begin) - math.cos(math.pi * end)) / math.pi * lasts_s / TICK_S
