"""Things are turned: by an angle, over, or to face another."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.values import Place, Relate, Rotate
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.meant import some_names, things_of

QUARTER_DEG = 90.0


def rotate(draft: Draft, clause: Clause) -> None:
    """Things about the vertical, over, or to face something."""
    facing = [link for link in clause.links if link.relation in ("facing", "toward", "to") and link.to]
    if facing:
        return face(draft, replace(clause, links=tuple(facing)))
    said, way = clause.value("angle_deg"), clause.value("direction")
    angle = safe(said, -3600.0, 3600.0, "an angle [degrees]", clause.span) if said is not None else None
    for one in things_of(draft, clause):
        if way == "upside_down":
            draft.do(Rotate(one.name, 180.0, "x"), f"{one.name} turns upside down", clause.span)
        elif way == "on_its_side":
            draft.do(Rotate(one.name, 90.0, "x"), f"{one.name} lies down on its side", clause.span)
        elif way == "upright":
            draft.do(Place(one.name), f"{one.name} stands up again", clause.span)
        else:
            # Seen from above, as maps are: to the left is counter-clockwise.
            turn = 180.0 if way == "around" and angle is None else QUARTER_DEG if angle is None else angle
            turn = -abs(turn) if way in ("right", "clockwise") else abs(turn) if way in ("left", "counterclockwise") else turn
            if clause.value("axis") is not None and way is None:
                draft.do(
                    Rotate(one.name, turn, "x"), f"{one.name} tips by {abs(turn):g}° to its {'right' if turn > 0 else 'left'}", clause.span
                )
                continue
            which = "clockwise" if turn < 0 else "counter-clockwise"
            draft.do(Rotate(one.name, turn), f"{one.name} turns by {abs(turn):g}° {which}, seen from above", clause.span)
    return None


def face(draft: Draft, clause: Clause) -> None:
    """Things turned where they stand, until their fronts point to another."""
    targets = [p for link in clause.links if link.relation in ("facing", "toward", "to", "at") for p in link.to]
    phrases = clause.things
    if not targets and len(phrases) > 1:
        phrases, targets = phrases[:1], list(phrases[1:])
    if not targets:
        raise WordsError(
            "to face what?", reason="ambiguous", span=clause.span, question="What is it to face?", suggestions=some_names(draft)
        )
    found = things_of(draft, replace(clause, things=phrases, links=()))
    other = draft.find(targets[0], ("thing", "camera"), but={one.name for one in found}).referents[0]
    if other.sort == "camera":
        camera = next(c for c in draft.scene.cameras if c.name == other.name)
        spot = camera.pose.position_m if camera.attach is None else None
    else:
        spot = None if other.position_m is None else np.asarray(other.position_m)
    for one in found:
        thing = draft.scene.thing(one.name)
        if thing.pose is None or spot is None or one.position_m is None:
            if other.sort == "camera":
                raise WordsError(f"{other.name!r} hangs on something that moves", reason="unsupported", span=clause.span)
            relations = (*(r for r in thing.relations if r.kind != "facing"), Relation(kind="facing", thing=other.name))
            draft.do(Place(one.name, relations), f"{one.name} faces {other.name}", clause.span)
            continue
        forward = -thing.pose.rotation[:2, 1]
        way = (spot[0] - float(thing.pose.position_m[0]), spot[1] - float(thing.pose.position_m[1]))
        if math.hypot(*way) < 1e-3:
            raise impossible(f"{one.name!r} is right under or over {other.name!r}", clause.span)
        angle = math.degrees(math.atan2(way[1], way[0]) - math.atan2(float(forward[1]), float(forward[0])))
        angle = round((angle + 180.0) % 360.0 - 180.0, 3)
        draft.do(Rotate(one.name, angle), f"{one.name} turns to face {other.name}", clause.span)
        if other.sort == "thing":
            after = draft.scene.thing(one.name)
            kept = tuple(r for r in after.relations if r.kind != "facing" and r.yaw_deg is None)
            draft.do(Relate(one.name, (*kept, Relation(kind="facing", thing=other.name))), "", clause.span)
    draft.speak(*(one.name for one in found), other.name)
