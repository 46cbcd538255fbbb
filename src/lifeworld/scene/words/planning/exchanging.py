"""Things come in the place of others: swap, replace, copy."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene.edit import with_riders
from lifeworld.scene.edit.values import Copy, Move, Relate, Replace
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import a_, impossible
from lifeworld.scene.words.grounding.ground import ONES
from lifeworld.scene.words.planning.adding import place_for
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.carrying import carrier_of, check_room
from lifeworld.scene.words.planning.coming import coming, is_new, numbered
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.indoors import free_pose
from lifeworld.scene.words.planning.meant import themes


def swap(draft: Draft, clause: Clause) -> None:
    """Two things change places."""
    pairs = [*clause.things, *clause.with_, *(p for link in clause.links if link.relation in ("with", "for") for p in link.to)]
    if any(is_new(p) for p in pairs[1:]):
        return replace_(draft, replace(clause, things=clause.things[:1], with_=tuple(pairs[1:])))
    found = [r for p in pairs for r in draft.find(p).referents]
    if len(found) != 2 or found[0].name == found[1].name:
        raise impossible(f"places are changed by two things, {len(found)} were named", clause.span)
    a, b = (draft.scene.thing(r.name) for r in found)
    if a.pose is None or b.pose is None:
        raise WordsError(
            "what comes only now has no place to change", reason="unsupported", span=clause.span, fix="Say where each is to go instead."
        )
    carriers = [carrier_of(draft, t.name) for t in (a, b)]
    if any(c is not None and c.thing in (a.name, b.name) for c in carriers):
        raise impossible(f"{a.name!r} and {b.name!r} stand on each other", clause.span)
    goals = (Pose(b.pose.position_m, a.pose.quat_wxyz), Pose(a.pose.position_m, b.pose.quat_wxyz))
    for thing, other, carrier, goal in ((a, b, carriers[1], goals[0]), (b, a, carriers[0], goals[1])):
        if carrier is not None:
            check_room(draft, thing, carrier, clause.span)
        for move in with_riders(draft.scene, Move(thing.name, goal)):
            draft.do(move, f"{move.name} goes to the place of {other.name}" if move.name == thing.name else "", clause.span)
        draft.do(Relate(thing.name, () if carrier is None else (carrier,)), "", clause.span)
    draft.speak(a.name, b.name)
    return None


def replace_(draft: Draft, clause: Clause) -> None:
    """Other things in the places of some."""
    bringing = [k for k in clause.links if k.relation in ("with", "as", "by") or any(map(is_new, k.to))]
    others = [*clause.with_, *(p for link in bringing for p in link.to)]
    for phrase in clause.things:
        others += [p for link in phrase.links for p in link.to if is_new(p)]  # "the armchair by an office chair"
    clause = replace(clause, things=tuple(replace(p, links=tuple(k for k in p.links if not any(map(is_new, k.to)))) for p in clause.things))
    if others and others[0].noun:
        clause = replace(clause, things=tuple(replace(p, noun=p.noun or others[0].noun) if p.pronoun in ONES else p for p in clause.things))
    if not others:
        raise WordsError(
            "with what?", reason="ambiguous", span=clause.span, question="What is to come instead?", suggestions=("with a glass",)
        )
    names = []
    for one in themes(draft, replace(clause, links=())):
        new = coming(draft, others[0])
        thing = next(numbered(draft, new))
        draft.do(Replace(one.name, thing), f"{a_(new.noun)} ({thing.name}) in the place of {one.name}", clause.span)
        names.append(thing.name)
    draft.speak(*names)


def copy(draft: Draft, clause: Clause) -> None:
    count = clause.value("count") or clause.value("factor")  # "copy it twice"
    times = int(safe(count, 1, 100, "a number of copies", clause.span)) if count is not None else 1
    names = []
    for one in themes(draft, clause):
        thing = draft.scene.thing(one.name)
        place = place_for(draft, [k for k in clause.links if k.relation != "from"], thing, clause.span)
        for _ in range(times):
            name = draft.free_name(one.name.rstrip("0123456789").rstrip("_"))
            told = f"a copy of {one.name} ({name}) {place.told if place is not None else 'beside it'}"
            draft.do(Copy(one.name, name, place.relations if place is not None else None), told, clause.span)
            if place is not None and place.floor is not None:
                draft.do(Move(name, free_pose(draft, place.floor, thing, clause.span)), "", clause.span)
            names.append(name)
    draft.speak(*names)
