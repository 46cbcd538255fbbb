"""One room of several: small things go on what carries the most there, others to where its floor is free."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, Spot, Thing
from lifeworld.scene.space import Space
from lifeworld.scene.words.clause import Link, Span
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.planning.building import is_small, loads
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.relating import Floor, Somewhere, spot_of

Array = NDArray[np.float64]

STEP_M = 0.1
FREE_M, LEAST_M = 0.5, 0.03
"""How far from others a place is good, and how far it must be."""
SWING_M = 0.9
"""How far a door's leaf reaches over the floor."""


def within(draft: Draft, link: Link, space: Space, thing: Thing) -> Somewhere:
    """A place in a room of a home.

    Raises:
        WordsError: `impossible`, for what only a thing can be asked for ("left of the kitchen").
    """
    if link.relation not in ("in", "on", "to", "toward", "at"):
        raise impossible(f"a room is nothing to be {link.relation.replace('_', ' ')}", link.span, fix="Name a thing in it.")
    spot = spot_of(link.spot)
    if spot is None and is_small(thing):
        there = {r.name for r in draft.cast.referents if ("in", space.name) in r.facts}
        carrier = next((name for name in loads(draft) if name in there), None)
        if carrier is not None:
            told = f"on {carrier} in {space.name} (nothing more was said of where)"
            return Somewhere(relations=(Relation(kind="on", thing=carrier),), told=told, names=(carrier,))
    at = "" if spot is None else f"in the {spot.replace('_', ' ')}, "
    return Somewhere(relations=(), told=f"on the floor of {space.name}, {at}where it is free", names=(), floor=Floor(space, spot))


def free_pose(draft: Draft, floor: Floor, thing: Thing, span: Span) -> Pose:
    """Where a thing stands free on the floor of a room: nearest to its middle, or to the spot that was said, out of the doors' way.

    Raises:
        WordsError: `impossible`, if it is free nowhere.
    """
    room = Room(draft.scene, draft.assets)
    stands = Pose(quat_wxyz=thing.pose.quat_wxyz) if thing.pose is not None else Pose()
    found = [one for turn in (0.0, math.pi / 2) if (one := _best(room, floor, thing, Pose.from_yaw((0.0, 0.0, 0.0), turn) @ stands))]
    if not found:
        raise impossible(f"there is no free floor for {thing.name!r} in {floor.space.name!r}", span, fix="Take something away first.")
    return min(found, key=lambda one: one[0])[1]


def _best(room: Room, floor: Floor, thing: Thing, turned: Pose) -> tuple[float, Pose] | None:
    """The best free place for a thing that is turned so, and how far [m] from good it is; None if there is none."""
    lows, highs = room.body(thing).solid.moved(turned).bounds()
    low, high = lows.min(axis=0), highs.max(axis=0)
    near = np.asarray(floor.space.low_m) - low[:2] + LEAST_M
    far = np.asarray(floor.space.high_m) - high[:2] - LEAST_M
    if (near > far).any():
        return None
    xs, ys = (np.linspace(a, b, max(2, math.ceil((b - a) / STEP_M))) for a, b in zip(near, far, strict=True))
    spots = np.stack([each.ravel() for each in np.meshgrid(xs, ys, indexing="ij")], axis=-1)
    gaps = _gaps_m(room, spots + low[:2], spots + high[:2], float(high[2] - low[2]), thing.name)
    off = np.hypot(*(spots - _aim(near, far, floor.spot)).T) + 2.0 * np.maximum(FREE_M - gaps, 0.0) * (floor.spot is None)
    off[gaps < LEAST_M] = np.inf
    at = int(np.argmin(off))
    return (float(off[at]), Pose((*spots[at], -low[2]), turned.quat_wxyz)) if np.isfinite(off[at]) else None


def _gaps_m(room: Room, low: Array, high: Array, height_m: float, name: str) -> Array:
    """How far (n,) [m] boxes (n, 2) from the floor up to a height are from all that stands there."""
    gaps = np.full(len(low), np.inf)
    for other in room.placed.values():
        least, most = other.bounds_m
        if other.thing.name == name or least[2] > height_m or most[2] < 0.01:
            continue
        spare = SWING_M if not is_asset(other.thing) and archetype.kind(other.thing.kind).category == "opening" and least[2] < 0.1 else 0.0
        aside = np.maximum(np.maximum(least[:2] - spare - high, low - most[:2] - spare), 0.0)
        gaps = np.minimum(gaps, np.hypot(*aside.T))
    return gaps


def _aim(near: Array, far: Array, spot: Spot | None) -> Array:
    """Where in a room (2,) [m] a spot of it is; its middle, where none is said."""
    share = {"left": (0.0, 0.5), "right": (1.0, 0.5), "front": (0.5, 0.0), "back": (0.5, 1.0), "corner": (0.0, 1.0)}
    corners = {"front_left": (0.0, 0.0), "front_right": (1.0, 0.0), "back_left": (0.0, 1.0), "back_right": (1.0, 1.0)}
    aim: Array = near + (far - near) * np.asarray((share | corners).get(spot or "centre", (0.5, 0.5)))
    return aim
