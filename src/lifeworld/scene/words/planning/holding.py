"""Things are held fast to each other, and let go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.needs import HELD_M
from lifeworld.scene.edit.values import Attach, Detach, Place
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.meant import some_names, things_of


def attach(draft: Draft, clause: Clause) -> None:
    phrases = list(clause.things)
    others = [p for link in clause.links if link.relation not in ("from", "with") or len(phrases) == 1 for p in link.to] + list(
        clause.with_
    )
    if not others and len(phrases) > 1:
        others = [phrases.pop()]
    found = [r for p in phrases for r in draft.find(p).referents]
    if not others:
        if len(found) < 2:
            raise WordsError(
                "to what?", reason="ambiguous", span=clause.span, question="What is it to be attached to?", suggestions=some_names(draft)
            )
        others_found, found = found[-1:], found[:-1]
    else:
        others_found = list(draft.find(others[0], but={r.name for r in found}).referents)
    for one in found:
        if _apart_m(draft, one, others_found[0]) > HELD_M:
            near = Relation(kind="beside", thing=others_found[0].name, distance_m=HELD_M / 4)
            draft.do(Place(one.name, (near,)), f"{one.name} goes right beside {others_found[0].name}", clause.span)
        draft.do(Attach(one.name, others_found[0].name), f"{one.name} is held fast to {others_found[0].name}", clause.span)
    draft.speak(*(one.name for one in found), others_found[0].name)


def detach(draft: Draft, clause: Clause) -> None:
    for one in things_of(draft, replace(clause, links=())):
        if draft.scene.thing(one.name).attach is None:
            held = [t.name for t in draft.scene.things if t.attach is not None]
            raise impossible(f"{one.name!r} is not held fast to anything", clause.span, suggestions=held)
        draft.do(Detach(one.name), f"{one.name} is let go", clause.span)


def _apart_m(draft: Draft, one: Referent, other: Referent) -> float:
    """The gap [m] between the boxes around two things; 0 where it is not known."""
    room = Room(draft.scene, draft.assets)
    if one.name not in room.placed or other.name not in room.placed:
        return 0.0
    (low, high), (low_b, high_b) = room[one.name].bounds_m, room[other.name].bounds_m
    return float(np.linalg.norm(np.maximum(np.maximum(low_b - high, low - high_b), 0.0)))
