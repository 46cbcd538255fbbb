"""Things go some way: so far to the left, up, towards the viewer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import with_riders
from lifeworld.scene.edit.values import Move, Relate
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.view import worldwards
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.carrying import leading
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.relating import seen_from

STEP_M = 0.1
"""How far "a little to the left" is, where no distance is said."""
FARTHEST_M = 20.0
WAYS = {
    "left": (-1.0, 0.0, 0.0), "right": (1.0, 0.0, 0.0), "front": (0.0, -1.0, 0.0), "back": (0.0, 1.0, 0.0), "up": (0.0, 0.0, 1.0),
    "down": (0.0, 0.0, -1.0),
}  # fmt: skip
"""Directions as (to the viewer's right, away from the viewer, up)."""
TO_THE = {
    "left": "to the left",
    "right": "to the right",
    "front": "towards the viewer",
    "back": "away from the viewer",
    "up": "up",
    "down": "down",
}


def way_of(clause: Clause) -> tuple[str, float] | None:
    """The direction and the distance [m] of a shift; None if the clause says a place."""
    for link in clause.links:  # "10 cm closer to the front"
        noun = link.to[0].noun if len(link.to) == 1 and link.relation in ("near", "to", "toward") else ""
        if noun in ("left", "right", "front", "back"):
            return noun, safe(link.distance_m or STEP_M, -FARTHEST_M, FARTHEST_M, "a distance [m]", clause.span)
    if any(link.to for link in clause.links if link.relation != "from"):
        return None
    bare = next((k for k in clause.links if not k.to and k.relation in ("left_of", "right_of", "in_front_of", "behind")), None)
    said = clause.value("direction")
    direction = {"left_of": "left", "right_of": "right", "in_front_of": "front", "behind": "back"}[bare.relation] if bare else said
    if clause.verb == "lift" and direction is None:
        direction = "up"
    distance = clause.value("distance_m")
    distance = distance if distance is not None else next((k.distance_m for k in clause.links if k.distance_m is not None), None)
    if clause.verb in ("place", "stack") and distance is None:
        return None
    if clause.value("dimension") == "distance" and clause.value("way") is not None:  # closer, farther: to the viewer
        direction = "front" if clause.value("way") in ("less", "least") else "back"
    if not isinstance(direction, str) or direction not in WAYS:
        return None
    return direction, safe(STEP_M if distance is None else distance, -FARTHEST_M, FARTHEST_M, "a distance [m]", clause.span)


def shift(draft: Draft, clause: Clause, found: Sequence[Referent], direction: str, distance_m: float) -> None:
    """Things by a distance in a direction, as the viewer sees it, with what stands on them."""
    right, away, up = WAYS[direction]
    x, y = worldwards(draft.cast.viewer_yaw_deg, right * distance_m, away * distance_m)
    whose = f", {seen_from(draft)}" if not up else ""
    for one in leading(draft, found):
        _by(draft, clause, one, (x, y, up * distance_m), f"{one.name} goes {distance_m:g} m {TO_THE[direction]}{whose}")
    draft.speak(*(one.name for one in found))


def approached(draft: Draft, clause: Clause, found: Sequence[Referent]) -> bool:
    """Whether things go so far towards another, and no farther: "5 cm towards the bowl", "10 cm closer to the plate".

    Raises:
        WordsError: `impossible`, for more than there is between them.
    """
    for link in clause.links:
        closer = {"closer", "nearer"} & set(draft.text[slice(*link.span)].lower().split())
        if len(link.to) != 1 or link.distance_m is None or not (link.relation == "toward" or (link.relation == "near" and closer)):
            continue
        target = draft.find(link.to[0], ("thing", "part")).referents[0]
        by = safe(link.distance_m, 0.0, FARTHEST_M, "a distance [m]", clause.span)
        for one in leading(draft, found):
            if one.position_m is None or target.position_m is None:
                raise WordsError(f"{one.name!r} has no place yet", reason="unsupported", span=clause.span, fix="Say where it is to go.")
            x, y = (b - a for a, b in zip(one.position_m[:2], target.position_m[:2], strict=True))
            far = math.hypot(x, y)
            if far <= by:
                raise impossible(f"{target.spoken} is only {far:.2g} m away from {one.name}", clause.span)
            _by(draft, clause, one, (x * by / far, y * by / far, 0.0), f"{one.name} goes {by:g} m towards {target.spoken}")
        draft.speak(*(one.name for one in found), target.name)
        return True
    return False


def _by(draft: Draft, clause: Clause, one: Referent, way_m: Vec3, told: str) -> None:
    """A thing, with what stands on it, by (x, y, z) [m].

    Raises:
        WordsError: `unsupported`, for one who moves by himself or what stands nowhere; `impossible`, for what would fall.
    """
    if one.sort == "embodiment":
        raise WordsError(f"{one.name!r} moves by itself", reason="unsupported", span=clause.span, fix="Only things are placed by words.")
    thing = draft.scene.thing(one.name)
    if thing.pose is None:
        raise WordsError(
            f"{one.name!r} has no place yet to be moved from", reason="unsupported", span=clause.span, fix="Say where it is to go."
        )
    if way_m[2] and not is_held(draft, thing):
        raise impossible(f"{one.name!r} would fall down again", clause.span, fix="Put it on something, or fix it first.")
    goal = Pose(thing.pose.position_m + way_m, thing.pose.quat_wxyz)
    for move in with_riders(draft.scene, Move(one.name, goal)):
        draft.do(move, told if move.name == one.name else "", clause.span)
    kept = tuple(r for r in thing.relations if r.kind in ("on", "in"))
    loose = tuple(replace(r, at_m=None, spot=None, frame_yaw_deg=None) for r in kept)
    if loose != thing.relations:
        draft.do(Relate(one.name, loose), "", clause.span)


def is_held(draft: Draft, thing: Thing) -> bool:
    """Whether a thing stays where it is put, on nothing."""
    from lifeworld.scene.place import is_fixed

    return is_fixed(thing) or draft.scene.moving or not any(draft.scene.gravity_m_s2)
