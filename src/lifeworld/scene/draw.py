"""What is drawn for spots, and how they are written: turns about the vertical, and poses just above a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.trial import GAP_M, Trial

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

AIR_M = 0.002
"""The least air kept to what a thing is beside."""
SKIRTING_M = 0.02
"""What stands on the floor keeps off a wall by its skirting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What was drawn for k offers: `turns` (k,) [rad] in the frame they are offered in, `u` (k, 2) from 0 to 1, `which` (k,) of four sides.

    `margin_m` keeps off others; `spread` of 1 uses all that a relation allows; `turned` says that the turns are not ours to choose.
    """

    turns: Array
    u: Array
    which: Ints
    margin_m: float
    spread: float
    turned: bool

    @property
    def k(self) -> int:
        return len(self.turns)


def towards_rad(ways: Array) -> Array:
    """The turns (k,) [rad] that point fronts (−Y) along ways (k, 2)."""
    return np.asarray(np.arctan2(ways[:, 0], -ways[:, 1]))


def poses_at(xy: Array, turns: Array, heights: Array | None = None) -> Pose:
    """Poses (k,) at (k, 2) [m], turned by (k,) [rad], just above the site if no heights (k,) [m] are given."""
    quats = np.column_stack([np.cos(turns / 2), np.zeros((len(turns), 2)), np.sin(turns / 2)])
    return Pose(np.column_stack([xy, np.full(len(turns), GAP_M) if heights is None else heights]), quats)


def bounds(trial: Trial, turns: Array) -> tuple[Array, Array]:
    """Least and greatest corner (k, 3) [m] of the thing turned so, about its origin."""
    return trial.bounds(poses_at(np.zeros((len(turns), 2)), turns))
