"""Containers are filled and emptied."""

from __future__ import annotations

from dataclasses import replace

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit.values import Fill, Place, Remove
from lifeworld.scene.scene import Relation
from lifeworld.scene.words.clause import Clause
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.carrying import carrier_of
from lifeworld.scene.words.planning.coming import coming
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.meant import things_of
from lifeworld.scene.words.planning.placing import put


def fill(draft: Draft, clause: Clause) -> None:
    """Things into a container; with amount 0, what is in it out of it."""
    said = clause.value("amount")
    amount = 1.0 if said is None else safe(said, 0.0, 1.0, "how full it is", clause.span)
    withs = [*clause.with_, *(p for link in clause.links if link.relation == "with" for p in link.to)]
    into = [p for link in clause.links if link.relation in ("in", "on", "to") for p in link.to]
    if into and not withs:  # "pour the marbles into the bowl", "load the plates into the dishwasher"
        return put(draft, replace(clause, verb="place"))
    found = things_of(draft, clause, sorts=("thing", "part"), fits=lambda r: ("holds", "") in r.facts)
    for one in found:
        name = one.part_of or one.name
        container = one.name.split("/", 1)[1] if one.part_of is not None else None
        if ("holds", "") not in one.facts and amount == 0.0:
            for each in [r.name for r in draft.cast.referents if r.sort == "thing" and ("on", one.name) in r.facts]:
                draft.do(Remove(each), f"remove {each}", clause.span)
            continue
        if ("holds", "") not in one.facts:
            raise impossible(f"{one.spoken} has no inside to be filled", clause.span)
        if amount == 0.0:
            _empty(draft, clause, one)
            continue
        if not withs:
            raise WordsError(
                f"what is {one.name} to be filled with?",
                reason="ambiguous",
                span=clause.span,
                question=f"What is {one.name} to be filled with?",
                suggestions=("with apples", "with marbles"),
            )
        what = coming(draft, replace(withs[0], count=None, plural=False))
        told = f"fill {one.spoken} with {what.noun}" + ("" if amount == 1.0 else f", {amount * 100:g} %")
        draft.do(Fill(name, what.thing, amount, container), told, clause.span)
    return None


def _empty(draft: Draft, clause: Clause, one: Referent) -> None:
    """What is in it goes beside it."""
    whole = one.part_of or one.name
    inside = [r for r in draft.cast.referents if ("in", one.name) in r.facts and r.sort == "thing"]
    if not inside:
        raise impossible(f"{one.spoken} is empty already", clause.span)
    base = carrier_of(draft, whole)
    relations = (*((replace(base, at_m=None),) if base is not None else ()), Relation(kind="beside", thing=whole))
    for each in inside:
        draft.do(Place(each.name, relations), f"{each.name} goes beside {whole}", clause.span)
