"""Things go some way: so far to the left, up, towards the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import with_riders
from lifeworld.scene.edit.values import Move, Relate
from lifeworld.scene.scene import Thing
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
        if one.sort == "embodiment":
            raise WordsError(
                f"{one.name!r} moves by itself", reason="unsupported", span=clause.span, fix="Only things are placed by words."
            )
        thing = draft.scene.thing(one.name)
        if thing.pose is None:
            raise WordsError(
                f"{one.name!r} has no place yet to be moved from", reason="unsupported", span=clause.span, fix="Say where it is to go."
            )
        if up and not is_held(draft, thing):
            raise impossible(f"{one.name!r} would fall down again", clause.span, fix="Put it on something, or fix it first.")
        goal = Pose(thing.pose.position_m + (x, y, up * distance_m), thing.pose.quat_wxyz)
        told = f"{one.name} goes {distance_m:g} m {TO_THE[direction]}{whose}"
        for move in with_riders(draft.scene, Move(one.name, goal)):
            draft.do(move, told if move.name == one.name else "", clause.span)
        kept = tuple(r for r in thing.relations if r.kind in ("on", "in"))
        loose = tuple(replace(r, at_m=None, spot=None, frame_yaw_deg=None) for r in kept)
        if loose != thing.relations:
            draft.do(Relate(one.name, loose), "", clause.span)
    draft.speak(*(one.name for one in found))


def is_held(draft: Draft, thing: Thing) -> bool:
    """Whether a thing stays where it is put, on nothing."""
    from lifeworld.scene.place import is_fixed

    return is_fixed(thing) or draft.scene.moving or not any(draft.scene.gravity_m_s2)
