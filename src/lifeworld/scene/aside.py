"""A relation made ready to be asked of many poses at once: who the other is, in whose frame it is seen, and the test.

The same tests judge what stands and what is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene import measure
from lifeworld.scene.body import Body, Site
from lifeworld.scene.check import CARRYING
from lifeworld.scene.footprint import hull
from lifeworld.scene.measure import FACING_RAD, SIDES, WAYS
from lifeworld.scene.part import is_at
from lifeworld.scene.room import Placed, Room, heading_rad
from lifeworld.scene.scene import Relation
from lifeworld.scene.stance import has_heading, outline

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]
Fits = Callable[[Array, Array, Pose], Truth]
Way = tuple[int, int]

_FIRST = ("between", "around", "above", "against", *SIDES, "under", "beside", "aligned_with", "near", "far_from", "facing")


@dataclass(frozen=True, slots=True, eq=False)
class Aside:
    """A relation as seen in `frame` (world_from_frame), for poses on a site; `other_m` are the bounds (3,) [m] of the other in that frame.

    Which part of a surface is asked in the frame of the site itself, and only the sides are seen in `frame`.

    `fits` tells which boxes (k, 3) to (k, 3) [m] and poses (k,), frame_from_thing, keep the relation.
    """

    relation: Relation
    other: Placed
    frame: Pose
    frame_from_site: Pose
    other_m: tuple[Array, Array]
    fits: Fits

    def kept(self, body: Body, poses: Pose) -> Truth:
        """As `fits`, for poses (k,), site_from_thing, of any kind."""
        turned = self.frame_from_site @ poses
        low, high = body.solid.moved(turned).bounds()
        return self.fits(low.min(axis=1), high.max(axis=1), turned)


def first_of(relations: tuple[Relation, ...]) -> Relation | None:
    """The relation that leaves the least choice of place; None when none is about the place."""
    about = [r for r in relations if r.kind in _FIRST and r.kind != "facing"]
    return min(about, key=lambda r: _FIRST.index(r.kind), default=None)


def asides(room: Room, body: Body, relations: tuple[Relation, ...], site: Site) -> list[Aside]:
    """What relations ask of poses on a site, those first that leave the least choice; who carries is not among them, but where on it is."""
    asked = [r for r in relations if r.kind not in CARRYING or r.spot is not None]
    found = [aside(room, body, relation, site, facing_rad=0.9 * FACING_RAD) for relation in asked]
    return sorted(found, key=lambda a: _FIRST.index(a.relation.kind) if a.relation.kind in _FIRST else -1)


def aside(room: Room, body: Body, relation: Relation, site: Site, *, facing_rad: float = FACING_RAD) -> Aside:
    """What a relation of a thing with this body asks of poses on a site; what is to face is turned straight to `facing_rad`."""
    other, frame = room[relation.thing], frame_of(room, relation)
    own = other.bounds_in(frame)
    if relation.kind in CARRYING:
        fits = _at_spot(relation, site, heading_rad(frame) - heading_rad(site.pose))
        return Aside(relation, other, frame, Pose(), own, fits)
    return Aside(relation, other, frame, frame.inverse() @ site.pose, own, _test(room, body, relation, other, frame, facing_rad))


def frame_of(room: Room, relation: Relation) -> Pose:
    """world_from_frame in which a relation is seen: whose left and right it is."""
    if relation.kind == "facing":
        return Pose(room[relation.thing].pose.position_m)
    if relation.kind == "aligned_with" and relation.frame_yaw_deg is None and has_heading(room[relation.thing].body):
        pose = room[relation.thing].pose
        return Pose.from_yaw(pose.position_m, heading_rad(pose))
    own = room.frame(relation.thing)
    if relation.frame_yaw_deg is None:
        return own
    yaw = float(np.deg2rad(relation.frame_yaw_deg))
    if relation.kind == "against":  # one of its four sides: the one that lies nearest to how it is seen
        yaw = heading_rad(own) + round((yaw - heading_rad(own)) / (np.pi / 2)) * np.pi / 2
    return Pose.from_yaw(own.position_m, yaw)


def corridor(room: Room, relation: Relation, frame: Pose) -> tuple[Array, Array, Array]:
    """The outlines (k, 2) [m] in a frame of both things of `between`, and the one around them."""
    one, two = (outline(room[name].solid.moved(frame.inverse())) for name in relation.targets)
    return one, two, hull(np.concatenate([one, two]))


def walls(relation: Relation, other: Placed, frame: Pose) -> tuple[Array, Array, tuple[Way, ...]]:
    """The pieces (m, 3) to (m, 3) [m] in a frame that `against` means, and on which sides of them: of a room, the insides of its walls."""
    low, high = other.piece_bounds_in(frame)
    if relation.spot is None:
        return low, high, WAYS
    side = {"left": "left_of", "right": "right_of", "front": "in_front_of", "back": "behind"}[relation.spot]
    axis, way = SIDES[side]
    if other.floor is None:
        return low, high, ((axis, way),)
    middle = (low.min(axis=0) + high.max(axis=0))[axis] / 2
    there = ((low + high)[:, axis] / 2 - middle) * way > 0
    return low[there], high[there], ((axis, -way),)


def _at_spot(relation: Relation, site: Site, turn_rad: float) -> Fits:
    spot = relation.spot
    if spot is None:
        return lambda lows, highs, poses: np.ones(len(lows), dtype=bool)
    return lambda lows, highs, poses: is_at(spot, site, lows, highs, turn_rad=turn_rad)


def _test(room: Room, body: Body, relation: Relation, other: Placed, frame: Pose, facing_rad: float) -> Fits:
    low, high = other.bounds_in(frame)
    kind, distance = relation.kind, relation.distance_m
    match kind:
        case "under" if other.hangs:
            return lambda lows, highs, poses: measure.is_beneath(low, high, lows, highs)
        case "under":
            solid = other.solid.moved(frame.inverse())
            return lambda lows, highs, poses: measure.is_under(solid, lows, highs)
        case "above":
            return lambda lows, highs, poses: measure.is_above(low, high, lows, highs, distance_m=distance)
        case "near":
            return lambda lows, highs, poses: measure.is_near(low, high, lows, highs, distance_m=distance)
        case "far_from":
            return lambda lows, highs, poses: measure.is_far(low, high, lows, highs, distance_m=distance)
        case "between":
            one, two, both = corridor(room, relation, frame)
            boxes = [room[name].bounds_in(frame) for name in relation.targets]
            heights = (float(min(b[0][2] for b in boxes)), float(max(b[1][2] for b in boxes)))
            return lambda lows, highs, poses: measure.is_between(both, (one, two), lows, highs, heights_m=heights)
        case "against":
            piece_low, piece_high, ways = walls(relation, other, frame)
            return lambda lows, highs, poses: measure.is_against(piece_low, piece_high, lows, highs, ways)
        case "facing":
            middle = (low + high) / 2
            return lambda lows, highs, poses: measure.off_facing_rad(poses.position_m, poses.rotation, middle) <= facing_rad
        case "around":
            return _around(low, high, distance, facing_rad if body.has_front else None)
        case "aligned_with":
            return _aligned(low, high, turned=has_heading(body))
        case _:
            return lambda lows, highs, poses: measure.is_aside(kind, low, high, lows, highs, distance_m=distance)


def _around(low: Array, high: Array, distance: float | None, facing_rad: float | None) -> Fits:
    """Beside it, and facing it unless `facing_rad` is None: what has no front."""

    def fits(lows: Array, highs: Array, poses: Pose) -> Truth:
        beside = measure.is_aside("beside", low, high, lows, highs, distance_m=distance)
        if facing_rad is None:
            return beside
        return np.asarray(beside & measure.faces_box(low, high, poses.position_m, poses.rotation, within_rad=facing_rad))

    return fits


def _aligned(low: Array, high: Array, *, turned: bool) -> Fits:
    """In a row with it, and turned as it is; a ball has no turn."""

    def fits(lows: Array, highs: Array, poses: Pose) -> Truth:
        row = measure.is_in_row(low, high, lows, highs)
        return np.asarray(row & measure.is_turned_along(poses.rotation)) if turned else row

    return fits
