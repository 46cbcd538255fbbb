"""How far each goal of the scene is: 1 when and only when it holds, and less the more is missing.

What is missing is a length (how far the thing is from where it would hold), an angle, or a share of a joint's way.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.carry import ON_M
from lifeworld.scene.convex import gap_m
from lifeworld.scene.goal import Goal
from lifeworld.scene.measure import FACING_RAD, SIDES, SPARE_M, beside_reach_m, is_aside, is_below, off_facing_rad
from lifeworld.scene.room import NEAR_M
from lifeworld.scene.scene import RelationKind
from lifeworld.worlds.physics.senses.tell.cast import Cast, Ints, Truth
from lifeworld.worlds.physics.senses.tell.facts import CLOSED, MOVING, STILL_M_S, STILL_RAD_S, TOPPLED_RAD, UPRIGHT_RAD, Told
from lifeworld.worlds.physics.senses.tell.neighbours import frame_yaw
from lifeworld.worlds.physics.senses.tell.stage import Stage

Array = NDArray[np.float64]
SCALE_M = 0.3
"""What is missing so far is an e-th of the way."""
ALMOST = 0.99
"""All but there: where nothing measurable is missing and the predicate does not hold yet."""


def progress(goal: Goal, told: Told) -> float:
    """How far a goal is, from 0 to 1."""
    names = [t.name for t in told.cast.compiled.scene.things]
    a, b = names.index(goal.thing), names.index(goal.to) if goal.to in names else -1  # the ground is no thing
    match goal.predicate:
        case "open" | "closed":
            return _opening(goal, told, a)
        case "upright":
            return _angle(float(told.stage.tilt_rad[a]), UPRIGHT_RAD, strictly=True)
        case "toppled":
            tilt = float(told.stage.tilt_rad[a])
            return 1.0 if (a + 1, 0) in told.pairs["toppled"] else ALMOST * min(tilt / TOPPLED_RAD, 1.0)
        case "still":
            return _still(told, a)
        case "held":
            return 1.0 if any(thing == a + 1 for thing, _ in told.grips) else _far(_to_hand_m(told, a))
        case "higher":
            missing = goal.condition.much - float(told.stage.centre_m[a, 2])
            return 1.0 if missing < 0 else _far(missing)
        case "beyond":
            return _beyond(goal, told, a)
        case "on" | "touching" if b < 0:
            return _grounded(told, a, touching=goal.predicate == "touching")
        case "touching":
            pair = (min(a, b) + 1, max(a, b) + 1)
            return 1.0 if pair in told.pairs["touching"] else _far(_gap_m(told, a, b))
        case "on" | "in":
            return _carried(told, a, b, container=goal.predicate == "in")
        case _:
            return aside(goal.predicate, told, a, b)


class Sight(Protocol):
    """Of what `Told` is, that which says where things are to each other."""

    cast: Cast
    stage: Stage
    on: Truth
    inside: Truth


def aside(predicate: str, sight: Sight, a: int, b: int) -> float:
    """How far thing a is (0 to 1) from facing, being under, beside, left of, right of, in front of or behind thing b."""
    match predicate:
        case "facing":
            low, high = sight.stage.box_m
            turn = sight.stage.turn[sight.stage.frame[a]]
            off = off_facing_rad(sight.stage.place_m[a][None], turn[None], (low[b] + high[b]) / 2)
            return _angle(float(off[0]), FACING_RAD)
        case "under":
            return _under(sight, a, b)
        case _:
            return _aside(sight, a, b, predicate)  # type: ignore[arg-type]  # those that are left


def _far(missing_m: float) -> float:
    """Progress where so much is missing: less than 1 in any case."""
    return ALMOST * float(np.exp(-missing_m / SCALE_M))


def _angle(off_rad: float, most_rad: float, *, strictly: bool = False) -> float:
    if off_rad < most_rad or (off_rad == most_rad and not strictly):
        return 1.0
    return ALMOST * (1.0 - (off_rad - most_rad) / (np.pi - most_rad))


def _opening(goal: Goal, told: Told, a: int) -> float:
    cast = told.cast
    mine = [i for i, name in enumerate(cast.joint_name) if cast.joint_thing[i] == a and goal.joint in (None, name)]
    if not mine:  # an edit has made something else of the thing
        return 0.0
    far = float(told.openness[mine].max())
    if goal.predicate == "open":
        wide = goal.condition.much
        return 1.0 if far > wide else ALMOST * max(far, 0.0) / max(wide, 1e-9)
    return 1.0 if far < CLOSED else ALMOST * (1.0 - min((far - CLOSED) / (1.0 - CLOSED), 1.0))


def _still(told: Told, a: int) -> float:
    """As slow as what is still: as a whole, or for what is fixed by its joints."""
    cast = told.cast
    if cast.free[a]:
        times = max(float(told.speed_m_s[a]) / STILL_M_S, float(told.spin_rad_s[a]) / STILL_RAD_S)
    else:
        dofs = [dof for _, _, dof in cast.compiled.bounds[a].joints]
        times = float(np.abs(told.data.qvel[dofs]).max(initial=0.0)) / STILL_RAD_S
    return 1.0 if times < 1.0 else ALMOST * float(np.exp(-(times - 1.0) / MOVING))


def _beyond(goal: Goal, told: Told, a: int) -> float:
    """How far the joint is of the way it is to go, either way."""
    much = goal.condition.much
    places = [q for name, q, _ in told.cast.compiled.bounds[a].joints if name == goal.joint]
    far = float(np.abs(told.data.qpos[places]).max(initial=0.0))
    return 1.0 if far > much else ALMOST * far / max(much, 1e-9)


def _grounded(told: Told, a: int, *, touching: bool) -> float:
    bottom = float(told.stage.bounds_m[0][a, 2])
    so = (a + 1, 0) in told.pairs["touching"] if touching else abs(bottom) <= ON_M
    return 1.0 if so else _far(abs(bottom))


def _to_hand_m(told: Told, a: int) -> float:
    """How far [m] a thing's centre of mass is from the middle between the fingers of the nearest hand."""
    centre = told.stage.centre_m[a]
    middles = [told.data.xpos[[left, right]].mean(axis=0) for _, left, right in told.cast.hands]
    return min((float(np.linalg.norm(centre - middle)) for middle in middles), default=np.inf)


def _gap_m(told: Told, a: int, b: int) -> float:
    """The distance [m] between two things' pieces."""
    start = told.cast.start
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(start[a], start[a + 1]), np.arange(start[b], start[b + 1])))
    return float(gap_m(told.stage.solid.take(i), told.stage.solid.take(j)).min())


def _carried(told: Told, a: int, b: int, *, container: bool) -> float:
    """On or in: how far the lowest point is from where it may be, and the centre of mass from the outline, over the nearest site."""
    sites = told.cast.sites
    which: Ints = np.flatnonzero((sites.thing == b) & (sites.container == container))
    if not len(which):
        return 0.0
    found, own = told.stage.carried(np.full(len(which), a), which), sites.take(which)
    if (found.fits & found.over).any():
        return 1.0
    up = np.maximum(own.least_m - found.bottom_m, 0.0) + np.maximum(found.bottom_m - own.most_m, 0.0)
    up = np.maximum(up, found.top_m - own.top_m)
    box = np.linalg.norm(np.maximum(np.abs(found.centre_m) - own.half_m - own.spare_m[:, None], 0.0), axis=1)
    disc = np.maximum(np.linalg.norm(found.centre_m, axis=1) - own.half_m[:, 0] - own.spare_m, 0.0)
    return _far(float(np.hypot(up, np.where(own.disc, disc, box)).min()))


def _under(told: Sight, a: int, b: int) -> float:
    one, yaw = np.array([a]), np.array([_yaw(told, b)])
    (low, high), (piece_low, piece_high, _, _) = told.stage.bounds_in(one, yaw), told.stage.piece_bounds_in(np.array([b]), yaw)
    if is_below(piece_low, piece_high, low, high).any():
        return 1.0
    middle = (low + high)[:, :2] / 2
    aside = np.maximum(np.maximum(piece_low[:, :2] - middle, middle - piece_high[:, :2]), 0.0)
    down = np.maximum(high[:, 2] - ON_M - piece_low[:, 2], 0.0)
    return _far(float(np.linalg.norm(np.column_stack([aside, down]), axis=1).min()))


def _aside(told: Sight, a: int, b: int, kind: RelationKind) -> float:
    both, yaw = np.array([a, b]), np.full(2, _yaw(told, b))
    lows, highs = told.stage.bounds_in(both, yaw)
    low, high, low_b, high_b = lows[0], highs[0], lows[1], highs[1]
    if is_aside(kind, low_b, high_b, lows[:1], highs[:1])[0]:
        return 1.0
    middle = (low + high) / 2
    if kind == "beside":
        gap = np.maximum(np.maximum(low_b - high, low - high_b), 0.0)[:2]
        inside = np.minimum(middle - low_b, high_b - middle)[:2].min()
        apart = max(float(np.linalg.norm(gap) - beside_reach_m(low_b, high_b, lows[:1], highs[:1])[0]), float(inside), 0.0)
        return _far(float(np.hypot(apart, max(abs(low[2] - low_b[2]) - NEAR_M, 0.0))))
    axis, way = SIDES[kind]
    across = 1 - axis
    gap_by = float(low[axis] - high_b[axis] if way > 0 else low_b[axis] - high[axis])
    off, far = (abs((low + high - low_b - high_b)[k]) / 2 for k in (across, axis))
    width = (high - low + high_b - low_b)[across] / 2
    return _far(float(np.hypot(max(-SPARE_M - gap_by, 0.0), max(off - max(width, far), 0.0))))


def _yaw(told: Sight, b: int) -> float:
    return float(frame_yaw(told.stage, told.on, told.inside)[b])
