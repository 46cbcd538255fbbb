"""Spots that a relation offers: beside the other, between two, along a wall, around a table, in a corner of a surface.

Offers are made in the frame of the relation, many at once and from what was drawn beforehand, so that the same draw can be offered again
for another turn. Whether a spot is free, and whether the other relations like it, is asked afterwards.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.aside import Aside, corridor
from lifeworld.scene.body import Body
from lifeworld.scene.check import CARRYING
from lifeworld.scene.draw import AIR_M, SKIRTING_M, Draw, bounds, poses_at, towards_rad
from lifeworld.scene.measure import SIDES, WAYS, beside_reach_m, gaps_m, given_m, near_reach_m
from lifeworld.scene.part import is_at
from lifeworld.scene.room import FLOOR, heading_rad
from lifeworld.scene.scene import Relation
from lifeworld.scene.seats import seats
from lifeworld.scene.stance import has_heading
from lifeworld.scene.trial import Trial
from lifeworld.scene.wall import along_walls, pulled

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MORE = 12
"""So many draws for one spot in a part of a surface: a corner is a small part of it."""
FARTHER_M = 2.0
"""Far away on the ground is within this much more than it must be."""


def offer(trial: Trial, guide: Aside, body: Body, draw: Draw, rng: Generator) -> Pose:
    """Poses (k,), site_from_stance, that the guiding relation offers; turned to what the thing faces, if it faces something."""
    site_from_frame = guide.frame_from_site.inverse()
    xy, turns = _offered(trial, guide, body, draw)
    facing = next((a for a in trial.asides if a.relation.kind == "facing"), None)
    if facing is not None:
        frame_from_facing = guide.frame_from_site @ facing.frame_from_site.inverse()
        middle = frame_from_facing.apply((facing.other_m[0] + facing.other_m[1]) / 2)[:2]
        jitter = rng.uniform(-0.05, 0.05, draw.k)
        turns = towards_rad(middle - xy) + jitter
        if guide.relation.kind not in (*CARRYING, "far_from"):  # those offer what they like best first, not draw by draw
            xy, _ = _offered(trial, guide, body, replace(draw, turns=turns, turned=True))
            turns = towards_rad(middle - xy) + jitter
    heading = heading_rad(site_from_frame)
    on_site = site_from_frame.apply(np.column_stack([xy, np.zeros(len(xy))]))[:, :2]
    turned = draw.turned or facing is not None or guide.relation.kind in ("against", "around")
    return pulled(trial, guide, None if turned else body, poses_at(on_site, turns + heading))


def window(trial: Trial, low: Array, high: Array, *, edge: float) -> tuple[Array, Array]:
    """Where the origin may be on the site (k, 2), least and most; their middle where there is no room at all."""
    half = np.asarray(trial.site.size_m) / 2
    least, most = -half - low[:, :2] + edge, half - high[:, :2] - edge
    middle = (least + most) / 2
    return np.minimum(least, middle), np.maximum(most, middle)


def _offered(trial: Trial, guide: Aside, body: Body, draw: Draw) -> tuple[Array, Array]:
    """Origins (k, 2) [m] and turns (k,) [rad] in the frame of the guiding relation."""
    kind = guide.relation.kind
    if kind in CARRYING:
        return _in_part(trial, guide, body, draw)
    if kind == "against":
        return along_walls(trial, guide, body, draw)
    if kind == "around":
        return _at_seats(trial, guide, body, draw)
    if kind == "aligned_with":
        return _in_row(trial, guide, body, draw)
    low, high = bounds(trial, draw.turns)
    other_low, other_high = guide.other_m
    middle = (low + high)[:, :2] / 2
    match kind:
        case "under" if guide.other.hangs:
            return _next_to(replace(guide, relation=replace(guide.relation, kind="in_front_of")), draw, low, high), draw.turns
        case "under":
            return other_low[:2] + draw.u * (other_high - other_low)[:2] - middle, draw.turns
        case "above":
            reach = draw.spread * ((other_high - other_low)[:2] / 2)
            return (other_low + other_high)[:2] / 2 + (2 * draw.u - 1) * reach - middle, draw.turns
        case "between":
            return _between(trial, guide, draw, low, high) - middle, draw.turns
        case "far_from" if not trial.site.endless:
            return _farthest(trial, guide, draw, low, high), draw.turns
    return _next_to(guide, draw, low, high), draw.turns


def _next_to(guide: Aside, draw: Draw, low: Array, high: Array) -> Array:
    """Left of, right of … or on any side of the other, near or far."""
    kind, given = guide.relation.kind, guide.relation.distance_m
    other_low, other_high = guide.other_m
    chosen = [SIDES[kind]] * draw.k if kind in SIDES else [WAYS[i] for i in draw.which]
    axis, way = (np.array(c) for c in zip(*chosen, strict=True))
    rows, across = np.arange(draw.k), 1 - axis
    least = np.full(draw.k, draw.margin_m + AIR_M)
    if kind == "near":
        most = draw.spread * (near_reach_m(other_low, other_high, low, high) if given is None else np.full(draw.k, given))
        least = least if given is None else np.full(draw.k, 0.7 * given)
        most = np.maximum(most, given or 0.0)
    elif kind == "far_from":
        least = (near_reach_m(other_low, other_high, low, high) if given is None else np.full(draw.k, given)) + SKIRTING_M
        most = least + draw.spread * FARTHER_M
    else:
        most = draw.spread * beside_reach_m(other_low, other_high, low, high)
        if given is not None:
            least = np.full(draw.k, max(given - 0.4 * given_m(given), AIR_M))
            most = least + 0.8 * given_m(given)
    most = np.maximum(most, least + (0.01 if given is None else 0.0))
    gap = least + draw.u[:, 0] * (most - least)
    width = ((high - low)[rows, across] + (other_high - other_low)[across]) / 2
    xy = np.zeros((draw.k, 2))
    xy[rows, axis] = np.where(way > 0, other_high[axis] + gap - low[rows, axis], other_low[axis] - gap - high[rows, axis])
    off = (2 * draw.u[:, 1] - 1) * draw.spread * width * 0.9
    xy[rows, across] = (other_low + other_high)[across] / 2 - (low + high)[rows, across] / 2 + off
    return xy


def _farthest(trial: Trial, guide: Aside, draw: Draw, low: Array, high: Array) -> Array:
    """All over the surface, the farthest away first."""
    site_from_frame = guide.frame_from_site.inverse()
    turned = bounds(trial, draw.turns + heading_rad(site_from_frame))
    least, most = window(trial, *turned, edge=draw.margin_m)
    on_site = least + draw.u * (most - least)
    xy = guide.frame_from_site.apply(np.column_stack([on_site, np.zeros(draw.k)]))
    offset = np.column_stack([xy[:, :2], np.zeros(draw.k)])
    order = np.argsort(-gaps_m(*guide.other_m, low + offset, high + offset, axes=2), kind="stable")
    return np.asarray(xy[order, :2])


def _between(trial: Trial, guide: Aside, draw: Draw, low: Array, high: Array) -> Array:
    """Middles on the way from one to the other, about halfway and hardly aside."""
    one, two, _ = corridor(trial.room, guide.relation, guide.frame)
    start, end = ((outline.min(axis=0) + outline.max(axis=0)) / 2 for outline in (one, two))
    long = float(np.linalg.norm(end - start))
    along = (end - start) / long if long > 1e-9 else np.array([1.0, 0.0])
    aside = np.array([-along[1], along[0]])
    least, most = float(((one - start) @ along).max()), float(((two - start) @ along).min())
    half = ((high - low)[:, :2] / 2) @ np.abs(along)
    free = np.maximum((most - least) / 2 - half - draw.margin_m - AIR_M, 0.0)
    narrow = min(float(np.ptp(outline @ aside)) for outline in (one, two))
    to = (least + most) / 2 + (2 * draw.u[:, 0] - 1) * draw.spread * free
    off = (draw.u[:, 1] - 0.5) * draw.spread * narrow * 0.9
    return np.asarray(start + to[:, None] * along + off[:, None] * aside)


def _at_seats(trial: Trial, guide: Aside, body: Body, draw: Draw) -> tuple[Array, Array]:
    """Around the other, evenly spread among all that are to be, its own seat first; fronts to the other."""
    relation, (other_low, other_high) = guide.relation, guide.other_m
    scene = trial.room.scene
    names = [t.name for t in scene.things if any(r.kind == "around" and r.thing == relation.thing for r in t.relations)]
    middle = (other_low + other_high)[:2] / 2
    at, out = seats(len(names), (other_high - other_low)[:2], round_=not has_heading(guide.other.body))
    seated = [trial.room[n] for n in names if n in trial.room.placed]
    taken = {int(np.argmin(np.linalg.norm(at + middle - np.mean(p.bounds_in(guide.frame), axis=0)[:2], axis=1))) for p in seated}
    free = [i for i in range(len(at)) if i not in taken] or list(range(len(at)))
    before = names[: names.index(trial.thing.name)] if trial.thing.name in names else names
    mine = free[sum(n not in trial.room.placed for n in before) % len(free)]
    # Half of the offers are its own seat, a little shifted; the others go round the free ones.
    seat = np.where(np.arange(draw.k) % 2 == 0, mine, np.array(free)[np.arange(draw.k) // 2 % len(free)])
    turns = draw.turns if draw.turned else towards_rad(-out[seat])
    low, high = bounds(trial, turns)
    least = draw.margin_m + AIR_M
    given = relation.distance_m
    most = max(draw.spread * 0.3, 0.05) if given is None else given
    gap = least + draw.u[:, 0] * max(most - least, 0.0) if given is None else np.full(draw.k, max(given, AIR_M))
    # How far the thing reaches from its origin back to the other.
    inward = np.where(out[seat] > 0, -low[:, :2], high[:, :2])
    reach = (inward * out[seat] ** 2).sum(axis=1) if draw.turned else np.full(draw.k, -float(bounds(trial, np.zeros(1))[0][0, 1]))
    tangent = np.column_stack([-out[seat][:, 1], out[seat][:, 0]])
    shift = (2 * draw.u[:, 1] - 1) * draw.spread * 0.3 * float(min(other_high[:2] - other_low[:2]))
    xy = middle + at[seat] + out[seat] * (gap + reach)[:, None] + tangent * shift[:, None]
    return xy, turns


def _in_row(trial: Trial, guide: Aside, body: Body, draw: Draw) -> tuple[Array, Array]:
    """In one row with the other, on any side of it, turned as it is."""
    quarters = np.round(draw.turns / (np.pi / 2)) * np.pi / 2
    turns = draw.turns if draw.turned or not has_heading(body) else quarters
    low, high = bounds(trial, turns)
    straight = replace(draw, u=np.column_stack([draw.u[:, 0], np.full(draw.k, 0.5)]), turns=turns)
    return _next_to(replace(guide, relation=Relation(kind="beside", thing=guide.relation.thing)), straight, low, high), turns


def _in_part(trial: Trial, guide: Aside, body: Body, draw: Draw) -> tuple[Array, Array]:
    """In the part of the surface that is asked for; furniture on a floor has its back to the nearest wall."""
    spot, site = guide.relation.spot, trial.site
    assert spot is not None
    many = np.repeat(np.arange(draw.k), MORE)
    shares = (np.arange(MORE) * 0.6180339887498949) % 1.0  # spread the draw evenly over its cell: golden section
    u = (draw.u[many] + np.column_stack([np.tile(shares, draw.k), np.tile((shares * 7) % 1.0, draw.k)])) % 1.0
    turns = draw.turns[many]
    low, high = bounds(trial, turns)
    least, most = window(trial, low, high, edge=draw.margin_m)
    xy = least + u * (most - least)
    if not draw.turned and site.name == FLOOR and body.has_front and spot != "centre":
        turns = towards_rad(_inward(xy, np.asarray(site.size_m) / 2))
        low, high = bounds(trial, turns)
        least, most = window(trial, low, high, edge=draw.margin_m)
        xy = least + u * (most - least)
    if spot == "centre":
        middle = (least + most) / 2
        xy = middle + (xy - middle) * draw.spread / 3
        xy[0] = middle[0]
    offset = np.column_stack([xy, np.zeros(len(xy))])
    turn = heading_rad(guide.frame) - heading_rad(site.pose)
    good = np.flatnonzero(is_at(spot, site, low + offset, high + offset, turn_rad=turn, share=0.4))
    if not len(good):
        good = np.arange(len(xy))
    chosen = np.resize(good, draw.k)
    return xy[chosen], turns[chosen]


def _inward(xy: Array, half: Array) -> Array:
    """The ways (k, 2) from the nearest edge of a rectangle to its inside."""
    axis = np.argmax(np.abs(xy) - half, axis=1)
    ways = np.zeros_like(xy)
    rows = np.arange(len(xy))
    ways[rows, axis] = -np.sign(xy[rows, axis])
    return ways
