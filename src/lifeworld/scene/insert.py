"""Putting a thing into a container: flat on the bottom, on another side, leaning on the rim, or let down until it touches.

A spoon in a mug stands on the bottom and leans on the rim; an apple in a bowl is let down between the walls; the fifth apple
comes to lie on the others.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.body import Body, Site
from lifeworld.scene.relation import ON_M
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.spot import SNUG, find_spot
from lifeworld.scene.stance import Stance, sides, upended, upright
from lifeworld.scene.trial import GAP_M, Aside, Trial

Array = NDArray[np.float64]

SLENDER = 2.2
"""What is this many times longer than wide may lean."""
LEAST_LEAN_RAD, MOST_LEAN_RAD = float(np.deg2rad(3.0)), float(np.deg2rad(80.0))


def find_inside(room: Room, thing: Thing, body: Body, site: Site, relation: Relation, rng: Generator) -> tuple[Pose | None, Trial]:
    """A pose (site_from_thing) in a container, or None; and the trial that failed, to tell why."""
    first: Trial | None = None
    for stance in (upright(body), *sides(body)):
        trial = Trial(room, stance, site, thing.relations, reach_m=_reach(site, stance), but=thing.name)
        first = first or trial
        if stance.stable and _goes_in(stance, site):
            found = find_spot(trial, thing, body, relation, rng, SNUG)
            if found is not None:
                return found, trial
    assert first is not None
    if site.opening == "top":
        found = _lean(room, thing, body, site, rng)
        if found is None:
            found = _let_down(room, thing, body, site, relation, rng)
        return found, first
    return None, first


def _goes_in(stance: Stance, site: Site) -> bool:
    """Whether it is no wider than the container, and does not stand so far out that it would fall over the rim."""
    size = stance.high_m - stance.low_m
    if site.opening == "front" and stance.height_m + GAP_M > site.height_m:
        return False
    if not stance.upright and stance.com_m[2] > site.height_m:
        return False
    return bool(sorted(size[:2])[0] <= max(site.size_m) and np.hypot(*size[:2]) <= np.hypot(*site.size_m))


def _lean(room: Room, thing: Thing, body: Body, site: Site, rng: Generator) -> Pose | None:
    """Standing on the bottom near one wall and leaning over to the other as far as it goes; only what is long and thin does."""
    long, wide = np.sort(body.size_m)[::-1][:2]
    if long < SLENDER * wide or long <= site.height_m * 0.6:
        return None
    starts = upended(body)
    stance = upright(body)
    trial = Trial(room, stance, site, thing.relations, reach_m=_reach(site, stance), but=thing.name)
    around = 2 * np.pi * (np.arange(8) + rng.uniform()) / 8
    shifts = np.array([0.9, 0.7, 0.5, 0.25])
    best: tuple[float, Pose] | None = None
    for start in starts:
        azimuth, shift = (g.ravel() for g in np.meshgrid(around, shifts, indexing="ij"))
        low, high = np.full(len(azimuth), LEAST_LEAN_RAD), np.full(len(azimuth), MOST_LEAN_RAD)
        standing = trial.free(body.solid.moved(_leaning(body, site, start, azimuth, shift, low)))
        for _ in range(9):
            middle = (low + high) / 2
            free = trial.free(body.solid.moved(_leaning(body, site, start, azimuth, shift, middle)))
            low, high = np.where(free, middle, low), np.where(free, high, middle)
        poses = _leaning(body, site, start, azimuth, shift, low)
        centre = poses.apply(np.broadcast_to(body.com_m, (len(azimuth), 3)))
        # Between the bottom and the rim it leans on, or it would tip out.
        good = standing & (low > LEAST_LEAN_RAD) & (high < MOST_LEAN_RAD) & (centre[:, 2] < site.height_m - ON_M)
        good &= site.holds(centre[:, :2], spare_m=0.125 * min(site.size_m))
        for aside in trial.asides:
            good &= _keeps(aside, body, poses)
        for i in np.flatnonzero(good):
            score = float(shift[i]) - 0.5 * float(centre[i, 2]) / site.height_m
            if best is None or score > best[0] + 1e-9:
                best = score, Pose(poses.position_m[i], poses.quat_wxyz[i])
        if best is not None:
            break  # with the heavy end down
    return best[1] if best is not None else None


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


def _let_down(room: Room, thing: Thing, body: Body, site: Site, relation: Relation, rng: Generator) -> Pose | None:
    """As low as it goes from above, upright or on its side, at the best of a few spots: between sloping walls, or on what lies there."""
    best: tuple[float, Pose] | None = None
    for stance in (upright(body), *sides(body)):
        if np.hypot(*(stance.high_m - stance.low_m)[:2]) > 2.5 * np.hypot(*site.size_m):
            continue
        trial = Trial(room, stance, site, thing.relations, reach_m=_reach(site, stance), but=thing.name)
        k = 24
        middle = -(stance.low_m + stance.high_m)[:2] / 2
        xy = rng.uniform(-0.5, 0.5, (k, 2)) * np.asarray(site.size_m) * 0.9 + middle
        xy[0] = middle
        if relation.at_m is not None:
            xy[:] = relation.at_m
        turns = rng.uniform(-np.pi, np.pi, k) if relation.yaw_deg is None else np.full(k, np.deg2rad(relation.yaw_deg))
        quats = np.column_stack([np.cos(turns / 2), np.zeros((k, 2)), np.sin(turns / 2)])
        on_site = site.holds(xy - middle)
        step = site.height_m / 20
        for level in np.arange(0.0, site.height_m - ON_M, step):
            z = np.full(k, GAP_M + level)
            free = trial.free(trial.solids(Pose(np.column_stack([xy, z]), quats))) & on_site
            if not free.any():
                continue
            some = np.flatnonzero(free)
            low, high = np.maximum(z[some] - step, GAP_M), z[some]
            for _ in range(8):
                half = (low + high) / 2
                clear = trial.free(trial.solids(Pose(np.column_stack([xy[some], half]), quats[some])))
                low, high = np.where(clear, low, half), np.where(clear, half, high)
            for i in np.argsort(high):
                pose = Pose((*xy[some[i]], high[i]), quats[some[i]]) @ stance.pose
                one = Pose(pose.position_m[None], pose.quat_wxyz[None])
                asides_fit = all(bool(_keeps(a, body, one)[0]) for a in trial.asides)
                if asides_fit and high[i] <= site.height_m - 2 * ON_M and (best is None or high[i] < best[0] - 1e-3):
                    best = float(high[i]), pose
                    break
            break
    return best[1] if best is not None else None


def _keeps(aside: Aside, body: Body, poses: Pose) -> NDArray[np.bool_]:
    """Which poses (k,), site_from_thing, keep a relation."""
    turned = aside.frame_from_site @ poses
    low, high = body.solid.moved(turned).bounds()
    return aside.fits(low.min(axis=1), high.max(axis=1), turned)


def _reach(site: Site, stance: Stance) -> tuple[Array, Array]:
    """Bounds (3,) [m] in the site's frame of all the thing can take up in the container, however it is turned."""
    long = float(np.linalg.norm(stance.high_m - stance.low_m))
    half = np.asarray(site.size_m) / 2 + long
    return np.array([-half[0], -half[1], -0.02]), np.array([half[0], half[1], site.height_m + long])
