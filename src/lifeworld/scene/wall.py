"""Spots along walls, and along what else has an upright side: the back to it, and into corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.aside import Aside, walls
from lifeworld.scene.body import Body
from lifeworld.scene.draw import AIR_M, SKIRTING_M, Draw, bounds, poses_at, towards_rad
from lifeworld.scene.measure import AGAINST_M, AGAINST_TALL_M
from lifeworld.scene.room import FLOOR
from lifeworld.scene.trial import Trial

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def along_walls(trial: Trial, guide: Aside, body: Body, draw: Draw) -> tuple[Array, Array]:
    """Along the upright sides of the other, the thing's back to them."""
    axis, way, face, least, most = _faces(trial, guide)
    if not len(axis):  # nothing upright at this height: what is offered instead will be refused
        low, high = bounds(trial, draw.turns)
        return (guide.other_m[0] + guide.other_m[1])[:2] / 2 - (low + high)[:, :2] / 2, draw.turns
    # A side is chosen by its length: the u of the spot along it is what is left of the u that chose.
    share = np.cumsum(most - least) / (most - least).sum()
    side = np.minimum(np.searchsorted(share, draw.u[:, 1], side="right"), len(axis) - 1)
    before = np.concatenate([[0.0], share])[side]
    rest = np.clip((draw.u[:, 1] - before) / np.maximum(share[side] - before, 1e-12), 0.0, 1.0)
    axis, way, face, least, most = axis[side], way[side], face[side], least[side], most[side]
    rows, across = np.arange(draw.k), 1 - axis
    turns = draw.turns if draw.turned else _backed(axis, way, body)
    low, high = bounds(trial, turns)
    air = _off_wall_m(trial, guide)
    gap = air + draw.u[:, 0] * (0.5 * AGAINST_M - air) * draw.spread * (air > AIR_M)
    xy = np.zeros((draw.k, 2))
    xy[rows, axis] = np.where(way > 0, face + gap - low[rows, axis], face - gap - high[rows, axis])
    half = (high - low)[rows, across] / 2
    a, b = least + half, most - half
    middle = np.where(a < b, a + rest * (b - a), (least + most) / 2)
    xy[rows, across] = middle - (low + high)[rows, across] / 2
    return xy, turns


def pulled(trial: Trial, guide: Aside, body: Body | None, poses: Pose) -> Pose:
    """The same poses, drawn to the other walls they are to stand against: so that a corner is found.

    With a body that is not turned by something else yet, its back to the first of them.
    """
    for wall in trial.asides:
        if wall is guide or wall.relation.kind != "against":
            continue
        axis, way, face, least, most = _faces(trial, wall)
        if not len(axis):
            continue
        turned = wall.frame_from_site @ poses
        best, there = _nearest(trial, turned, (axis, way, face, least, most))
        axis, way, face = axis[best], way[best], face[best]
        if body is not None:
            turned = poses_at(turned.position_m[:, :2], _backed(axis, way, body), turned.position_m[:, 2])
            body = None
        low, high = trial.bounds(turned)
        rows, gap = np.arange(len(best)), _off_wall_m(trial, wall)
        shift = np.zeros((len(best), 3))
        shift[rows, axis] = np.where(way > 0, face + gap - low[rows, axis], face - gap - high[rows, axis])
        drawn = wall.frame_from_site.inverse() @ Pose(turned.position_m + shift, turned.quat_wxyz)
        keep = there[:, None]
        poses = Pose(np.where(keep, drawn.position_m, poses.position_m), np.where(keep, drawn.quat_wxyz, poses.quat_wxyz))
    return poses


def _nearest(trial: Trial, poses: Pose, sides: tuple[Ints, Ints, Array, Array, Array]) -> tuple[Ints, NDArray[np.bool_]]:
    """The nearest side before which each of poses (k,) is, in the frame of the wall, and whether there is one."""
    axis, way, face, least, most = sides
    low, high = trial.bounds(poses)
    middle = (low + high)[:, 1 - axis] / 2
    before = (least <= middle) & (middle <= most)
    away = np.abs(np.where(way > 0, face - low[:, axis], face - high[:, axis]))
    best = np.argmin(np.where(before, away, np.inf), axis=1)
    return best, before[np.arange(len(best)), best]


def _backed(axis: Ints, way: Ints, body: Body) -> Array:
    """Turns (k,) [rad] that put backs to walls on the other side of those ways; what has no front lies with its long side along them."""
    ways = np.zeros((len(axis), 2))
    ways[np.arange(len(axis)), axis] = way
    lies = not body.has_front and body.size_m[1] > body.size_m[0]
    return towards_rad(ways) + (np.pi / 2 if lies else 0.0)


def _off_wall_m(trial: Trial, guide: Aside) -> float:
    floor = trial.site.sort == "ground" or trial.site.name == FLOOR
    return SKIRTING_M if floor and guide.other.built else AIR_M


def _faces(trial: Trial, guide: Aside) -> tuple[Ints, Ints, Array, Array, Array]:
    """The sides (m,) to stand against: their axis and way, where they are along that, and from where to where across [m].

    Of those along which the thing would stand, the ones that look to where the other things are: nobody means the outside of a house.
    """
    low, high, ways = walls(guide.relation, guide.other, guide.frame)
    bottom = float((guide.frame_from_site.apply(np.zeros(3)))[2])
    shared = np.minimum(high[:, 2], bottom + trial.stance.height_m) - np.maximum(low[:, 2], bottom)
    tall = shared >= np.minimum(AGAINST_TALL_M, np.minimum(trial.stance.height_m, high[:, 2] - low[:, 2]) / 2)
    low, high = low[tall], high[tall]
    n = len(low)
    axis, way = (np.repeat([w[i] for w in ways], n) for i in (0, 1))
    low, high = np.tile(low, (len(ways), 1)), np.tile(high, (len(ways), 1))
    rows = np.arange(len(axis))
    face = np.where(way > 0, high[rows, axis], low[rows, axis])
    least, most = low[rows, 1 - axis], high[rows, 1 - axis]
    lived = guide.frame.inverse().apply(_lived_in(trial, guide))
    seen = (lived[axis] - face) * way > 0
    # Thin ends of walls are no place to stand against, as long as there is another.
    broad = most - least >= 0.5 * min((most - least).max(initial=0.0), _width_m(trial))
    keep = next((k for k in (seen & broad, seen, broad) if k.any()), np.ones(len(axis), dtype=bool))
    return axis[keep], way[keep], face[keep], least[keep], most[keep]


def _width_m(trial: Trial) -> float:
    return float((trial.stance.high_m - trial.stance.low_m)[:2].max())


def _lived_in(trial: Trial, guide: Aside) -> Array:
    """The middle (3,) [m] of what is there but for the building, or of the room that is meant."""
    floor = guide.other.floor
    if floor is not None:
        return floor.pose.position_m
    middles = [np.mean(p.bounds_m, axis=0) for p in trial.room.placed.values() if p is not guide.other and not p.built]
    return np.median(middles, axis=0) if middles else np.asarray(trial.site.pose.position_m)
