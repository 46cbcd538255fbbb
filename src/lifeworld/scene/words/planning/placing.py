"""Things that are here go somewhere: put, move, push, stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.called import SURE, called
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import PLACES, WHOLES
from lifeworld.scene.words.planning.adding import add, place_for
from lifeworld.scene.words.planning.carrying import GROUNDED, check_room, leading
from lifeworld.scene.words.planning.coming import is_new
from lifeworld.scene.words.planning.draft import UNHEEDED, Draft
from lifeworld.scene.words.planning.landing import land, taken_off, where_to
from lifeworld.scene.words.planning.meant import themes
from lifeworld.scene.words.planning.relating import Somewhere
from lifeworld.scene.words.planning.shifting import approached, shift, way_of


def put(draft: Draft, clause: Clause) -> None:
    """Things to where the links say; new ones where a phrase speaks of new ones; by a way where a direction is said."""
    fresh = [p for p in clause.things if is_new(p) or _none_here(draft, p)] if clause.verb in ("place", "stack") else []
    if fresh and len(fresh) == len(clause.things):
        return add(draft, clause)
    found = themes(draft, clause)
    way = way_of(clause)
    if way is not None:
        return shift(draft, clause, found, *way)
    if approached(draft, clause, found):
        return None
    if clause.value("distance_m") is not None:
        draft.score = min(draft.score, UNHEEDED)
        draft.evidence.append(f"not heeded: distance {clause.value('distance_m')} m")
    if len(found) > 1:  # "everything in the box": the box itself stays
        to = [p for link in clause.links if link.relation != "from" for p in link.to if p.noun]
        targets = {name for p in to for name in draft.find(p, (*PLACES, "space", "scene"), any_number=True).names}
        targets |= {name.split("/")[0] for name in targets}
        found = [one for one in found if one.name not in targets] or found
        if any(p.pronoun in WHOLES for p in clause.things):
            found = _loose(draft, found)
    draft.speak(*(one.name for one in found))
    names = [one.name for one in found]
    for one in found:
        _put_one(draft, clause, one, names)
    draft.speak(*names)
    return None


def stack(draft: Draft, clause: Clause) -> None:
    """One on the other, in the middle: on what the links say, or on each other, the largest at the bottom."""
    fresh = [p for p in clause.things if is_new(p)]
    if fresh and len(fresh) == len(clause.things) and clause.links:
        return add(draft, replace(clause, links=tuple(_centred(link) for link in clause.links)))
    found = themes(draft, clause)
    goals = [link for link in clause.links if link.relation != "from" and link.to]
    if not goals and len(found) < 2:
        raise WordsError("on what?", reason="ambiguous", span=clause.span, question=f"What is {found[0].name} to be stacked on?")
    below = None
    if not goals:  # the broadest carries the others
        wide = {one.name: min(one.size_m[:2]) if one.size_m is not None else 0.0 for one in found}
        below, *rest = sorted(found, key=lambda one: -wide[one.name])
        found = rest
    for one in found:
        if below is None:
            _put_one(draft, replace(clause, links=tuple(_centred(link) for link in clause.links)), one, [r.name for r in found])
        else:
            thing = draft.scene.thing(one.name)
            relation = Relation(kind="on", thing=below.name, spot="centre")
            check_room(draft, thing, relation, clause.span)
            land(draft, one.name, Somewhere(relations=(relation,), told=f"on {below.name}, in the middle", names=(below.name,)), clause)
        below = one
    draft.speak(*(one.name for one in found))
    return None


def _put_one(draft: Draft, clause: Clause, one: Referent, names: Sequence[str]) -> None:
    if one.sort == "embodiment":
        raise WordsError(f"{one.name!r} moves by itself", reason="unsupported", span=clause.span, fix="Only things are placed by words.")
    thing = draft.scene.thing(one.name)
    place = place_for(draft, clause.links, thing, clause.span, but=set(names) if len(names) > 1 else ())
    if place is None and any(link.relation == "from" for link in clause.links):
        place = taken_off(draft, one, clause)
    if place is None and clause.verb in ("push", "pull", "slide"):
        raise WordsError(
            f"a scene is not told to {clause.verb} anything without saying how far or where to",
            reason="unsupported",
            span=clause.span,
            suggestions=(f"push {one.name} 10 cm to the left", f"after 1 second push {one.name} to the left"),
            fix="Say how far and which way, or when, for a push with a force.",
        )
    if place is None:
        raise where_to(draft, one.name, clause)
    land(draft, one.name, place, clause)


def _loose(draft: Draft, found: Sequence[Referent]) -> list[Referent]:
    """Of everything, what one carries somewhere: no walls and no furniture, and nothing that comes along with another in any case."""

    def stays(one: Referent) -> bool:
        thing = draft.scene.thing(one.name) if one.sort == "thing" else None
        return thing is not None and not is_asset(thing) and archetype.kind(thing.kind).category in GROUNDED

    loose = [one for one in found if not stays(one)] or list(found)
    return leading(draft, loose)


def _none_here(draft: Draft, phrase: Phrase) -> bool:
    """Whether so many were asked for, of a sort that is not here so often yet: "put three eggs on the plate"."""
    if phrase.count is None or phrase.article is not None or not phrase.noun:
        return False
    return len(called(phrase, draft.cast, ("thing",), SURE)) < phrase.count


def _centred(link: Link) -> Link:
    return replace(link, spot="centre") if link.relation == "on" and link.spot is None else link
