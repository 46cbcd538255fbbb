"""Leaning: a spoon in a mug stands on the bottom, its foot at one wall, and lies over on the rim of the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.body import Body, Site
from lifeworld.scene.carry import carried
from lifeworld.scene.stance import upended
from lifeworld.scene.trial import GAP_M, Trial

Array = NDArray[np.float64]

SLENDER = 2.2
"""What is this many times longer than wide may lean."""
STEEP_RAD = float(np.deg2rad(25.0))
"""Against a wall, not over its rim, only what is this steep stays: friction of 0.3 holds a ladder at 31°."""
LEAST_LEAN_RAD, MOST_LEAN_RAD = float(np.deg2rad(3.0)), float(np.deg2rad(80.0))


def lean(trial: Trial, body: Body, site: Site, rng: Generator) -> Pose | None:
    """Standing on the bottom near one wall and leaning over to the other as far as it goes; only what is long and thin does."""
    long, wide = np.sort(body.size_m)[::-1][:2]
    if long < SLENDER * wide or long <= site.height_m * 0.6:
        return None
    around = 2 * np.pi * (np.arange(8) + rng.uniform()) / 8
    if not site.round:  # from corner to corner, where it cannot slide along a wall; else across
        x, y = site.size_m
        around = rng.permutation([np.arctan2(sy * y, sx * x) for sx in (-1, 1) for sy in (-1, 1)] + [0.0, np.pi / 2, np.pi, -np.pi / 2])
    for start in upended(body):  # with the heavy end down, then up

        def clear(azimuth: Array, shift: Array, tilt: Array, start: Array = start) -> NDArray[np.bool_]:
            return trial.free(body.solid.moved(_leaning(body, site, start, azimuth, shift, tilt)))

        azimuth, shift = (g.ravel() for g in np.meshgrid(around, (0.8, 0.55, 0.3), indexing="ij"))
        tilt = np.full(len(azimuth), LEAST_LEAN_RAD)
        some = clear(azimuth, shift, tilt)
        azimuth, shift, tilt = azimuth[some], shift[some], tilt[some]
        if not len(tilt):
            continue
        tilt = _farthest(lambda t, a=azimuth, s=shift: clear(a, s, t), tilt, MOST_LEAN_RAD)  # type: ignore[misc]
        few = np.argsort(-tilt, kind="stable")[:5]
        azimuth, shift, tilt = azimuth[few], shift[few], tilt[few]
        # The foot out to the wall, over to the rim, and again: so that it bears on both and has nowhere to slide to.
        for _ in range(2):
            shift = _farthest(lambda s, a=azimuth, t=tilt: clear(a, s, t), shift, 1.3)  # type: ignore[misc]
            tilt = _farthest(lambda t, a=azimuth, s=shift: clear(a, s, t), tilt, MOST_LEAN_RAD)  # type: ignore[misc]
        poses = _leaning(body, site, start, azimuth, shift, tilt)
        good = rests(body, site, poses) & (tilt > LEAST_LEAN_RAD) & (tilt < MOST_LEAN_RAD - 0.01)
        over_rim = body.solid.moved(poses).bounds()[1].max(axis=1)[:, 2] > site.height_m
        good &= over_rim | (tilt < STEEP_RAD)
        for aside in trial.asides:
            good &= aside.kept(body, poses)
        # The lowest centre of mass is the one that stays.
        heights = poses.apply(np.broadcast_to(body.com_m, (len(tilt), 3)))[:, 2]
        for i in np.flatnonzero(good)[np.argsort(heights[good], kind="stable")]:
            pose = Pose(poses.position_m[i], poses.quat_wxyz[i])
            if all(carried(body, site, pose)[1:]):
                return pose
    return None


def _farthest(clear: Callable[[Array], NDArray[np.bool_]], start: Array, most: float, *, steps: int = 8) -> Array:
    """The largest values (k,) up to `most` that are clear, from a clear start; by bisection."""
    low, high = start, np.full(len(start), most)
    for _ in range(steps):
        middle = (low + high) / 2
        free = clear(middle)
        low, high = np.where(free, middle, low), np.where(free, high, middle)
    return low


def rests(body: Body, site: Site, poses: Pose) -> NDArray[np.bool_]:
    """Which poses (k,) have their centre of mass within the container, below its rim: over the rim they would tip out."""
    centre = poses.apply(np.broadcast_to(body.com_m, (len(poses.position_m), 3)))
    return (centre[:, 2] < 0.95 * site.height_m) & site.holds(centre[:, :2], spare_m=0.125 * min(site.size_m))


def _leaning(body: Body, site: Site, start: Array, azimuth: Array, shift: Array, tilt: Array) -> Pose:
    """Poses (k,) of the upended body tilted towards each azimuth, its foot `shift` of the way to the opposite wall, on the bottom."""
    cos, sin, zero, one = np.cos(tilt), np.sin(tilt), np.zeros_like(tilt), np.ones_like(tilt)
    tilted = np.stack([np.stack([cos, zero, sin], -1), np.stack([zero, one, zero], -1), np.stack([-sin, zero, cos], -1)], -2)
    cos, sin = np.cos(azimuth), np.sin(azimuth)
    turned = np.stack([np.stack([cos, -sin, zero], -1), np.stack([sin, cos, zero], -1), np.stack([zero, zero, one], -1)], -2)
    quats = quat_from_matrix(turned @ tilted @ start)
    low = body.solid.moved(Pose(np.zeros((len(tilt), 3)), quats)).bounds()[0].min(axis=1)
    # The foot is the middle of the lower end; it goes away from where the thing leans to.
    end = np.argmax(np.abs(start[2]))
    foot_in_thing = (body.low_m + body.high_m) / 2
    foot_in_thing[end] = body.low_m[end] if start[2, end] > 0 else body.high_m[end]
    foot = Pose(np.zeros((len(tilt), 3)), quats).apply(np.broadcast_to(foot_in_thing, (len(tilt), 3)))
    if site.round:
        inner = np.full(len(tilt), min(site.size_m) / 2)
    else:
        inner = np.minimum(site.size_m[0] / 2 / np.maximum(np.abs(cos), 1e-9), site.size_m[1] / 2 / np.maximum(np.abs(sin), 1e-9))
    thin = float(np.min(body.size_m))
    away = -np.maximum(inner - thin / 2, 0.0) * shift
    xy = away[:, None] * np.column_stack([cos, sin]) - foot[:, :2]
    return Pose(np.column_stack([xy, GAP_M - low[:, 2]]), quats)
