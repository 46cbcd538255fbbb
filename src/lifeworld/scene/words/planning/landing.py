"""A thing comes to its place: there in the steps of the plan; where it goes that is taken off another; the question where."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit import with_riders
from lifeworld.scene.edit.values import Add, Copy, Move, Place, Relate
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.adding import about_others
from lifeworld.scene.words.planning.carrying import GROUNDED, carrier_of
from lifeworld.scene.words.planning.draft import Draft, Step
from lifeworld.scene.words.planning.indoors import free_pose
from lifeworld.scene.words.planning.relating import Somewhere


def land(draft: Draft, name: str, place: Somewhere, clause: Clause) -> None:
    """A thing to a place; one that this plan adds comes in right there."""
    if place.names:
        draft.speak(*place.names)
    relations = about_others(place.relations, name)
    at = draft.added(name)
    if place.floor is not None:
        thing = draft.scene.thing(name)
        for move in with_riders(draft.scene, Move(name, free_pose(draft, place.floor, thing, clause.span))):
            draft.do(move, f"{name} goes {place.told}" if move.name == name else "", clause.span)
        if thing.relations:
            draft.do(Relate(name, ()), "", clause.span)
        return
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


def taken_off(draft: Draft, one: Referent, clause: Clause) -> Somewhere | None:
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
