"""Clauses that bring things somewhere: add, put, move, push, stack, swap, copy, replace, take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit import with_riders
from lifeworld.scene.edit.values import Add, Copy, Move, Place, Relate, Remove, Replace
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grounding.asking import impossible, listed
from lifeworld.scene.words.grounding.called import SURE, called
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import ONES, PLACES, WHOLES
from lifeworld.scene.words.grounding.view import worldwards
from lifeworld.scene.words.planning.adding import about_others, add
from lifeworld.scene.words.planning.coming import coming, is_new, numbered
from lifeworld.scene.words.planning.draft import Draft, Step
from lifeworld.scene.words.planning.where import (
    Place as Somewhere,
)
from lifeworld.scene.words.planning.where import (
    a_,
    carrier_of,
    check_room,
    place_of_links,
    safe,
    seen_from,
)

GROUNDED = ("furniture", "structure", "opening", "appliance")
"""What stands where it stands: nobody means it who says "everything", nor the floor beside it who takes something off it."""
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


def themes(draft: Draft, clause: Clause) -> list[Referent]:
    """The things a clause acts on, groups taken apart; what was picked up before, where none is said.

    Raises:
        WordsError: for things that are not there or not clear.
    """
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    sources = [link for link in clause.links if link.relation == "from" and link.to]
    ends = tuple(k.to[0].noun for k in sources if len(k.to) == 1 and k.to[0].noun in ("top", "bottom") and k.to[0].of is None)
    if ends:  # "the green block off the top": the topmost green one
        phrases = tuple(replace(p, words=(*p.words, *ends)) for p in phrases)
        sources = [k for k in sources if k.to[0].noun not in ends]
    for link in sources:
        for p in link.to:
            draft.speak(*draft.find(p, PLACES, any_number=True).names[:1])
    found: list[Referent] = []
    for phrase in phrases:
        told = told_apart(phrase, sources)
        sorts = ("thing", "embodiment", "group") if phrase.noun else ("thing", "group")
        for one in draft.find(told, sorts).referents:
            found += members(draft, one)
        if len(phrases) > 1:  # "the plate and everything on it"
            draft.speak(*(one.name for one in found[-1:]))
    return list(dict.fromkeys(found))


def told_apart(phrase: Phrase, links: Sequence[Link]) -> Phrase:
    """A phrase with what the clause says of which are meant; a pronoun means those spoken of, wherever they are."""
    return replace(phrase, links=(*phrase.links, *links)) if phrase.noun or phrase.pronoun in WHOLES else phrase


def members(draft: Draft, one: Referent) -> list[Referent]:
    """The things of a group; any other by itself."""
    if one.sort != "group":
        return [one]
    group = next(g for g in draft.scene.groups if g.name == one.name)
    return [r for name in group.members if (r := draft.cast.named(name)) is not None]


def put(draft: Draft, clause: Clause) -> None:
    """Things to where the links say; new ones where a phrase speaks of new ones; by a way where a direction is said."""
    fresh = [p for p in clause.things if is_new(p) or _none_here(draft, p)] if clause.verb in ("place", "stack") else []
    if fresh and len(fresh) == len(clause.things):
        return add(draft, clause)
    found = themes(draft, clause)
    way = _way(clause)
    if way is not None:
        return _shift(draft, clause, found, *way)
    if len(found) > 1:  # "everything in the box": the box itself stays
        to = [p for link in clause.links if link.relation != "from" for p in link.to if p.noun]
        targets = {name for p in to for name in draft.find(p, PLACES, any_number=True).names}
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


def _loose(draft: Draft, found: Sequence[Referent]) -> list[Referent]:
    """Of everything, what one carries somewhere: no walls and no furniture, and nothing that comes along with another in any case."""

    def stays(one: Referent) -> bool:
        thing = draft.scene.thing(one.name) if one.sort == "thing" else None
        return thing is not None and not is_asset(thing) and archetype.kind(thing.kind).category in GROUNDED

    loose = [one for one in found if not stays(one)] or list(found)
    return leading(draft, loose)


def leading(draft: Draft, found: Sequence[Referent]) -> list[Referent]:
    """Those of some that stand on none of the others: these come along with what they stand on, and are not moved twice."""
    names = {one.name for one in found}

    def comes_along(name: str) -> bool:
        under = carrier_of(draft, name)
        return under is not None and (under.thing in names or comes_along(under.thing))

    return [one for one in found if not comes_along(one.name)]


def _none_here(draft: Draft, phrase: Phrase) -> bool:
    """Whether so many were asked for, of a sort that is not here so often yet: "put three eggs on the plate"."""
    if phrase.count is None or phrase.article is not None or not phrase.noun:
        return False
    return len(called(phrase, draft.cast, ("thing",), SURE)) < phrase.count


def pick(draft: Draft, clause: Clause) -> None:
    """Picked up: nothing changes until it is put somewhere; out of something without more is beside that."""
    found = themes(draft, clause)
    names = tuple(one.name for one in found)
    draft.held = names
    draft.held_from = clause if any(link.relation == "from" for link in clause.links) else None
    draft.speak(*names)


def put_down(draft: Draft, clause: Clause) -> None:
    """What was taken out of something or off it, and put nowhere: beside that, on what carries it."""
    for name in draft.held:
        one = draft.cast.named(name)
        place = _off(draft, one, clause) if one is not None else None
        if place is None:
            raise impossible(f"{name!r} is on nothing that it could be taken from", clause.span)
        _to(draft, name, place, clause)
    draft.held = ()


def unstack(draft: Draft, clause: Clause) -> None:
    """Things off what they stand on, down to what carries that; of a whole stack, all but the lowest."""
    found = themes(draft, clause)
    heights = {one.name: one.position_m[2] if one.position_m is not None else 0.0 for one in found}
    moved = []
    for one in sorted(found, key=lambda r: -heights[r.name]):
        under = carrier_of(draft, one.name)
        base = carrier_of(draft, under.thing) if under is not None else None
        if under is None or (base is None and len(found) > 1 and under.thing not in heights):
            continue
        relations = (*((base,) if base is not None else ()), Relation(kind="beside", thing=under.thing))
        relations = tuple(replace(r, at_m=None) for r in relations)
        where = f"on {base.thing}" if base is not None else "on the ground"
        draft.do(Place(one.name, relations), f"{one.name} goes {where}, beside {under.thing}", clause.span)
        moved.append(one.name)
    if not moved:
        raise impossible(
            f"{listed([r.name for r in found])} {'stands' if len(found) == 1 else 'stand'} on nothing that could be left", clause.span
        )
    draft.speak(*moved)


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
            _to(draft, one.name, Somewhere(relations=(relation,), told=f"on {below.name}, in the middle", names=(below.name,)), clause)
        below = one
    draft.speak(*(one.name for one in found))
    return None


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
        place = place_of_links(draft, [k for k in clause.links if k.relation != "from"], thing, clause.span)
        for _ in range(times):
            name = draft.free_name(one.name.rstrip("0123456789").rstrip("_"))
            told = f"a copy of {one.name} ({name}) {place.told if place is not None else 'beside it'}"
            draft.do(Copy(one.name, name, place.relations if place is not None else None), told, clause.span)
            names.append(name)
    draft.speak(*names)


def remove(draft: Draft, clause: Clause) -> None:
    from lifeworld.scene.edit.values import SetCamera, SetGoal, SetGroup, SetLight

    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    sources = tuple(link for link in clause.links if link.relation in ("from", "on", "in") and link.to)
    gone: list[Referent] = []
    for phrase in phrases:
        told = told_apart(phrase, sources)
        gone += draft.find(told, ("thing", "light", "camera", "group", "part")).referents
        draft.speak(*(one.name for one in gone[-1:]))
    for one in dict.fromkeys(gone):
        if one.sort == "part":
            raise WordsError(
                f"{one.spoken} does not come off", reason="impossible", span=clause.span, suggestions=(f"remove {one.part_of}",)
            )
        if one.sort == "camera":
            draft.do(SetCamera(one.name, None), f"remove the camera {one.name}", clause.span)
        elif one.sort == "light":
            draft.do(SetLight(one.name, None), f"remove the light {one.name}", clause.span)
        elif one.sort == "group":
            for member in members(draft, one):
                _remove_one(draft, clause, member.name)
            if any(g.name == one.name for g in draft.scene.groups):
                draft.do(SetGroup(one.name, None), "", clause.span)
        else:
            for goal in draft.scene.goals:
                if one.name in goal.targets:
                    draft.do(SetGoal(goal.name, None), f"the goal {goal.name} goes, which is about {one.name}", clause.span)
            _remove_one(draft, clause, one.name)


def _remove_one(draft: Draft, clause: Clause, name: str) -> None:
    draft.do(Remove(name), f"remove {name}", clause.span)
    draft.spoken = [tuple(n for n in names if n != name) for names in draft.spoken]


def _put_one(draft: Draft, clause: Clause, one: Referent, names: Sequence[str]) -> None:
    if one.sort == "embodiment":
        raise WordsError(f"{one.name!r} moves by itself", reason="unsupported", span=clause.span, fix="Only things are placed by words.")
    thing = draft.scene.thing(one.name)
    place = place_of_links(draft, clause.links, thing, clause.span, but=set(names) if len(names) > 1 else ())
    if place is None and any(link.relation == "from" for link in clause.links):
        place = _off(draft, one, clause)
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
    _to(draft, one.name, place, clause)


def where_to(draft: Draft, name: str, clause: Clause, *, but: str = "") -> WordsError:
    """The question where a thing is to go, with what carries things here."""
    carrying = {other for one in draft.cast.referents for kind, other in one.facts if kind == "on"}
    tops = [r.name for r in draft.cast.referents if r.sort == "thing" and r.name in carrying and r.name not in (name, but)]
    return WordsError(
        f"where is {name!r} to go?",
        reason="ambiguous",
        span=clause.span,
        suggestions=tops[:6] or ["on the floor"],
        question=f"Where is {name} to go?",
        fix=f"Say where: put {name} on the {tops[0] if tops else 'floor'}.",
    )


def _to(draft: Draft, name: str, place: Somewhere, clause: Clause) -> None:
    """A thing to a place; one that this plan adds comes in right there."""
    if place.names:
        draft.speak(*place.names)
    relations = about_others(place.relations, name)
    at = draft.added(name)
    if at is not None and all(n.split("/")[0] in _before(draft, at) for n in place.names):
        edit = draft.steps[at].edit
        if isinstance(edit, Add):
            told = f"{draft.steps[at].told.split(' on ')[0].split(' (nothing')[0]} {place.told}"
            draft.redo(at, Step(replace(edit, thing=replace(edit.thing, relations=relations)), told, clause.span))
            return
        if isinstance(edit, Copy):
            draft.redo(at, Step(replace(edit, relations=relations), f"a copy of {edit.name} ({name}) {place.told}", clause.span))
            return
    draft.do(Place(name, relations), f"{name} goes {place.told}", clause.span)


def _before(draft: Draft, at: int) -> set[str]:
    """The names there are before a step."""
    brought = {name for step in draft.steps[:at] for name in step.edit.brings}
    return {*draft.start.names(), *brought}


def _off(draft: Draft, one: Referent, clause: Clause) -> Somewhere | None:
    """On what carries that which it was on or in; beside that, where it stands on the ground.

    Raises:
        WordsError: `ambiguous`, for what comes off furniture: nobody means the floor beside the table without saying so.
    """
    under = carrier_of(draft, one.name)
    if under is None:
        return None
    base = carrier_of(draft, under.thing)
    carrier = draft.scene.thing(under.thing)
    if base is None and not is_asset(carrier) and archetype.kind(carrier.kind).category in GROUNDED:
        raise where_to(draft, one.name, clause, but=under.thing)
    if base is None:
        return Somewhere(relations=(Relation(kind="beside", thing=under.thing),), told=f"beside {under.thing}", names=(under.thing,))
    return Somewhere(relations=(replace(base, at_m=None),), told=f"{base.kind} {base.thing}", names=(base.thing,))


def _way(clause: Clause) -> tuple[str, float] | None:
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


def _shift(draft: Draft, clause: Clause, found: Sequence[Referent], direction: str, distance_m: float) -> None:
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


def _centred(link: Link) -> Link:
    return replace(link, spot="centre") if link.relation == "on" and link.spot is None else link
