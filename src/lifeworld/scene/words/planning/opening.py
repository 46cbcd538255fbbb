"""Doors, drawers and lids are opened and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lifeworld.scene import archetype
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit.values import Close, Open
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.words.clause import Clause, Phrase
from lifeworld.scene.words.grounding.asking import a_, ambiguous, impossible, listed
from lifeworld.scene.words.grounding.cast import ASIDE, Referent
from lifeworld.scene.words.grounding.ground import OPENING
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft


def open_(draft: Draft, clause: Clause) -> None:
    amount = clause.value("amount")
    fraction = 1.0 if amount is None else safe(amount, 0.0, 1.0, "how far it is open", clause.span)
    how = "" if fraction == 1.0 else f" by {fraction * 100:g} %"
    _each_joint(draft, clause, lambda name, joint: Open(name, joint, fraction), f"open {{}}{how}")


def close(draft: Draft, clause: Clause) -> None:
    amount = clause.value("amount")
    if amount is not None and safe(amount, 0.0, 1.0, "how far it is closed", clause.span) < 1.0:
        left = 1.0 - float(amount)
        _each_joint(draft, clause, lambda name, joint: Open(name, joint, left), f"close {{}} to {left * 100:g} %", every=True)
        return
    _each_joint(draft, clause, lambda name, joint: Close(name, joint), "close {}", every=True)


def _each_joint(draft: Draft, clause: Clause, edit: Callable[[str, str | None], Open | Close], told: str, *, every: bool = False) -> None:
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    links = tuple(k for k in clause.links if k.to)
    names: list[str] = []
    for phrase in phrases:
        whole = replace(phrase, links=(*phrase.links, *links)) if phrase.noun else phrase
        for one in draft.find(whole, OPENING, fits=opens).referents:
            for name, joint in _joints(draft, clause, phrase, one, every=every):
                spoken = draft.cast.named(f"{name}/{joint}") if joint is not None else None
                draft.do(
                    edit(name, joint),
                    told.format(spoken.spoken if spoken is not None and len(own_joints(draft, name)) > 1 else name),
                    clause.span,
                )
                names.append(one.name)
    draft.speak(*names, *(n.split("/")[0] for n in names if "/" in n))


def _joints(draft: Draft, clause: Clause, phrase: Phrase, one: Referent, *, every: bool) -> list[tuple[str, str | None]]:
    """The joints that open what is meant: of a part its own, of a whole its only one, its pair, or its main one."""
    if one.part_of is not None:
        own = own_joints(draft, one.part_of)
        joint = one.name.split("/", 1)[1]
        if joint in own:
            return [(one.part_of, joint)]
        raise impossible(f"{one.spoken} has nothing that opens", clause.span, suggestions=[f"{one.part_of}/{j}" for j in own])
    joints = own_joints(draft, one.name)
    if not joints:
        opening = [r.name for r in draft.cast.referents if r.sort == "thing" and opens(r)]
        raise impossible(
            f"{a_(draft.scene.thing(one.name).kind)} has nothing that opens",
            clause.span,
            suggestions=opening,
            fix=f"What opens here: {listed(opening)}." if opening else None,
        )
    if every:
        return [(one.name, None)]
    stems = {ASIDE.sub("", j) for j in joints}
    if len(joints) > 1 and len(stems) == 1:
        return [(one.name, j) for j in joints]  # the two leaves of one door
    numbered = [j for j in joints if j[-1].isdigit()]
    if len(numbered) > 1 and not phrase.plural:
        parts = [r for r in draft.cast.referents if r.part_of == one.name and r.name.split("/", 1)[1] in numbered]
        raise ambiguous(phrase, parts, draft.cast, draft.text)
    return [(one.name, j) for j in (numbered if phrase.plural and numbered else joints[:1])]


def own_joints(draft: Draft, name: str) -> list[str]:
    thing = draft.scene.thing(name)
    return [] if is_asset(thing) else [j.name for j in opening_joints(archetype.build(thing))]


def opens(one: Referent) -> bool:
    return any(k in ("open", "closed") for k, _ in one.facts)
