"""Which part of a surface: its centre, an edge, a corner, its left, its front left … always of where the thing can be on it.

A thing that fills the surface is in its centre and at its edge at once; a mug is at the edge when it is within a quarter of its way out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.body import Site
from lifeworld.scene.scene import Spot

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

THIRD = 1 / 3
"""Left, right, front and back are the outer thirds, the centre is the middle one."""
CENTRE_M = 0.01
EDGE_SHARE, EDGE_LEAST_M, EDGE_MOST_M = 0.25, 0.03, 0.5
"""At the edge: off it by a quarter of the way to the middle at most, from 3 cm on things to half a metre in rooms."""
_WAYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "front": (0.0, -1.0), "back": (0.0, 1.0)}


def ways(spot: Spot, turn_rad: float) -> Array:
    """The directions (0 to 2, 2) of a spot in the site's frame, against which left and front are turned by `turn_rad`."""
    along = [_WAYS[word] for word in spot.split("_") if word in _WAYS]
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    return np.asarray(np.array(along).reshape(-1, 2) @ np.array([[cos, sin], [-sin, cos]]))


def is_at(spot: Spot, site: Site, lows_m: Array, highs_m: Array, *, turn_rad: float = 0.0, share: float = THIRD) -> Truth:
    """Whether boxes (n, 3) to (n, 3) [m] in the site's frame are in that part of it; `share` is where its sides begin."""
    middle, half = (lows_m + highs_m)[:, :2] / 2, (highs_m - lows_m)[:, :2] / 2
    far = np.linalg.norm(middle, axis=1)[:, None] if site.round else np.abs(middle)
    if site.round:
        free = np.maximum(min(site.size_m) / 2 - half.max(axis=1), 0.0)[:, None]
    else:
        free = np.maximum(np.asarray(site.size_m) / 2 - half, 0.0)
    if spot == "centre":
        return np.asarray((far <= free * THIRD + CENTRE_M).all(axis=1))
    if spot in ("edge", "corner"):
        out = free - far <= np.clip(EDGE_SHARE * free, EDGE_LEAST_M, EDGE_MOST_M)
        return np.asarray(out.all(axis=1) if spot == "corner" else out.any(axis=1))
    along = ways(spot, turn_rad)
    reach = np.repeat(free, len(along), axis=1) if site.round else free @ np.abs(along).T
    return np.asarray((middle @ along.T >= share * reach).all(axis=1))
