"""Whether a surface or a container carries a thing: how low it is over it, and where its centre of mass is."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.body import Body, Site
from lifeworld.scene.convex import Solid

Array = NDArray[np.float64]

ON_M = 0.005
"""On a surface means this near to it."""
LET_M = 0.001
"""How far things may sink into each other."""
SUNK = 0.3
"""Bowls are deeper in the middle than where their container begins, by up to this share of its height."""
_GRID = np.array([way for way in product((-1.0, 0.0, 1.0), repeat=3) if any(way)])
WAYS: Array = np.concatenate([_GRID, _GRID * (0.02, 0.02, 1.0)])
"""Where to look for points that bear: all around, and nearly up and down for the corners of flat tops and bottoms."""
ALONG = (-0.7, -0.35, 0.0, 0.35, 0.7)


def carried(body: Body, site: Site, pose: Pose, *, gives_m: float = 0.0) -> tuple[float, bool, bool]:
    """How high [m] over a site a body at `pose` (site_from_thing) is, whether that is on or in it, and whether its centre is over it.

    Counted are its points over the site, and its centre of mass. A soft site may give way by `gives_m`.
    """
    bottom, top = _over(body.solid.moved(pose), site)
    least, most = window_m(site, gives_m=gives_m)
    fits = least <= bottom <= most and top <= roof_m(site)
    over = site.holds(pose.apply(body.com_m)[None, :2], spare_m=spare_m(site))[0]
    return bottom, bool(fits), bool(over)


def window_m(site: Site, *, gives_m: float = 0.0) -> tuple[float, float]:
    """The least and the most [m] over a site that the lowest point of what is on or in it may be; a soft site may give way.

    What a container stands on is lower than the container itself, and not in it.
    """
    if site.sort == "container":
        return max(-ON_M - SUNK * site.height_m, -site.under_m - LET_M), site.height_m - ON_M
    return -ON_M - gives_m, ON_M


def roof_m(site: Site) -> float:
    """The most [m] over a site that the highest point of what is on or in it may be: a container open to the front has a ceiling."""
    return site.height_m + ON_M if site.sort == "container" and site.opening == "front" else np.inf


def _over(solid: Solid, site: Site) -> tuple[float, float]:
    """The least and greatest height [m] above a site of those points of pieces (n,) that are over it; of all its points when none is.

    What hangs over the edge may hang lower.
    """
    points = probes(solid).reshape(-1, 3)
    over = points[site.holds(points[:, :2], spare_m=spare_m(site))]
    heights = over[:, 2] if len(over) else points[:, 2]
    return float(heights.min()), float(heights.max())


def probes(solid: Solid) -> Array:
    """The points (n, k, 3) [m] of pieces (n,) that may bear: their farthest ones in many directions, and some along what is long."""
    local = np.einsum("nij,ki->nkj", solid.axes, WAYS)
    weighted = solid.round_m[:, None] * local
    length = np.linalg.norm(weighted, axis=-1, keepdims=True)
    far = np.sign(local) * solid.half_m[:, None] + solid.round_m[:, None] * weighted / np.where(length > 0, length, 1.0)
    hull = np.flatnonzero(solid.hull)
    if len(hull):
        best = np.einsum("nvj,nkj->nkv", solid.corners_m[hull], local[hull]).argmax(axis=-1)
        far[hull] = np.take_along_axis(solid.corners_m[hull], best[..., None], axis=1)
    points = solid.centre_m[:, None] + np.einsum("nij,nkj->nki", solid.axes, far)
    bars = np.flatnonzero(~solid.hull)
    along = np.repeat(points[:, :1], 2 * len(ALONG), axis=1)
    if len(bars):
        along[bars] = _along(solid.take(bars))
    return np.concatenate([points, along], axis=1)


def _along(bars: Solid) -> Array:
    """Points (n, k, 3) below and above five places along the longest axis of each piece: a long one may bear between its ends.

    They lie on the piece, or a little within where it ends in a cap.
    """
    half, radii, up = bars.half_m, bars.round_m, bars.axes[:, 2]
    reach = half + radii
    longest = np.arange(3) == reach.argmax(axis=1)[:, None]
    flat = np.where(half > 0, half, reach)
    curved = (half == 0) & (radii > 0)
    radius = np.where(curved, radii, 1.0)
    slope = np.where(curved, up / radius, 0.0)
    steep = (slope**2).sum(axis=1)
    out = []
    for f in ALONG:
        place = np.clip(f * reach, -flat, flat) * longest
        # Up and down from there to the nearest of the flat sides, and to where the round ones end.
        straight = ((flat - np.abs(place)) / np.maximum(np.abs(up), 1e-9)).min(axis=1)
        off = np.where(curved, place / radius, 0.0)
        across = (off * slope).sum(axis=1)
        root = np.sqrt(np.maximum(across**2 + steep * (1 - (off**2).sum(axis=1)), 0.0))
        for way in (-1.0, 1.0):
            bent = np.divide(root - way * across, steep, out=np.full(len(bars), np.inf), where=steep > 1e-18)
            local = place + (way * np.minimum(straight, bent))[:, None] * up
            out.append(bars.centre_m + np.einsum("nij,nj->ni", bars.axes, local))
    return np.stack(out, axis=1)


def spare_m(site: Site) -> float:
    """How far [m] past its outline a point still is over a site: most containers widen upwards."""
    return 0.01 + 0.125 * min(site.size_m) if site.sort == "container" else 0.001
