"""Whether a surface or a container carries a thing: how low it is over it, and where its centre of mass is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.body import Body, Site
from lifeworld.scene.convex import Solid

Array = NDArray[np.float64]

ON_M = 0.005
"""On a surface means this near to it."""
SUNK = 0.3
"""Bowls are deeper in the middle than where their container begins, by up to this share of its height."""


def carried(body: Body, site: Site, pose: Pose, *, gives_m: float = 0.0) -> tuple[float, bool, bool]:
    """How high [m] over a site a body at `pose` (site_from_thing) is, whether that is on or in it, and whether its centre is over it.

    Counted are its points over the site, and its centre of mass. A soft site may give way by `gives_m`.
    """
    bottom, top = _over(body.solid.moved(pose), site)
    if site.sort == "container":
        fits = -ON_M - SUNK * site.height_m <= bottom <= site.height_m - ON_M
        fits = fits and (site.opening == "top" or top <= site.height_m + ON_M)
    else:
        fits = -ON_M - gives_m <= bottom <= ON_M
    over = site.holds(pose.apply(body.com_m)[None, :2], spare_m=_spare_m(site))[0]
    return bottom, bool(fits), bool(over)


def _over(solid: Solid, site: Site) -> tuple[float, float]:
    """The least and greatest height [m] above a site of those points of pieces (n,) that are over it; of all its points when none is.

    What hangs over the edge may hang lower.
    """
    grid = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    ways = grid[np.abs(grid).sum(axis=1) > 0]
    ways = np.concatenate([ways, ways * (0.02, 0.02, 1.0)])  # nearly up and down too: corners of flat tops and bottoms
    n, k = len(solid), len(ways)
    points = solid.take(np.repeat(np.arange(n), k)).support(np.tile(ways, (n, 1)))
    points = np.concatenate([points, *_along(solid.take(~solid.hull))])
    over = points[site.holds(points[:, :2], spare_m=_spare_m(site))]
    heights = over[:, 2] if len(over) else points[:, 2]
    return float(heights.min()), float(heights.max())


def _along(bars: Solid) -> list[Array]:
    """Points (n, 3) below and above five places along the longest axis of each piece: a long one may bear between its ends."""
    reach = bars.half_m + bars.round_m
    longest = np.arange(3) == reach.argmax(axis=1)[:, None]
    long = np.einsum("nij,nj->ni", bars.axes, reach * longest)
    out = []
    for f in (-0.7, -0.35, 0.0, 0.35, 0.7):
        left = reach * np.where(longest, 1 - abs(f), 1.0)
        thick = (left / np.maximum(np.abs(bars.axes[:, 2]), 1e-9)).min(axis=1)
        out += [bars.centre_m + f * long + way * thick[:, None] * (0, 0, 1) for way in (-1, 1)]
    return out


def _spare_m(site: Site) -> float:
    """How far [m] past its outline a point still is over a site: most containers widen upwards."""
    return 0.01 + 0.125 * min(site.size_m) if site.sort == "container" else 0.001
