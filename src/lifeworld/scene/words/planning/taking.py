"""Things are taken up, off, out and away."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.values import Place, Remove, SetGroup, SetLight
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause, Phrase
from lifeworld.scene.words.grounding.asking import impossible, listed
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.carrying import carrier_of
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.landing import land, taken_off
from lifeworld.scene.words.planning.meant import members, themes, told_apart


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
        place = taken_off(draft, one, clause) if one is not None else None
        if place is None:
            raise impossible(f"{name!r} is on nothing that it could be taken from", clause.span)
        land(draft, name, place, clause)
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


def remove(draft: Draft, clause: Clause) -> None:
    from lifeworld.scene.edit.values import SetCamera, SetGoal

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
