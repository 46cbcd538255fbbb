"""Doors, drawers and lids are opened and closed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from lifeworld.scene import archetype
from lifeworld.scene.assembly import Joint
from lifeworld.scene.check import is_asset
from lifeworld.scene.edit.values import Close, Open
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.words.clause import Clause, Phrase
from lifeworld.scene.words.grounding.asking import a_, ambiguous, impossible, listed
from lifeworld.scene.words.grounding.cast import ASIDE, Referent
from lifeworld.scene.words.grounding.ground import OPENING
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.draft import Draft

SLIGHTLY = 0.25
"""How far of its way "a bit" opens."""


def open_(draft: Draft, clause: Clause) -> None:
    """All the way, by a share of it, or so far [m, degrees]."""

    def made(name: str, joint: str | None) -> tuple[Open | Close, str]:
        fraction = _share(draft, clause, name, joint)
        fraction = 1.0 if fraction is None else fraction
        return Open(name, joint, fraction), "open {}" + ("" if fraction == 1.0 else f" by {fraction * 100:.3g} %")

    _each_joint(draft, clause, made)


def close(draft: Draft, clause: Clause) -> None:
    """All of it, or so much of the way.

    Raises:
        WordsError: `impossible`, for what is no farther open than it would be then.
    """
    some = any(clause.value(key) is not None for key in ("amount", "opening_m", "angle_deg")) and clause.value("amount") != 1.0

    def made(name: str, joint: str | None) -> tuple[Open | Close, str]:
        share = _share(draft, clause, name, joint)
        if share is None or not some:
            return Close(name, joint), "close {}"
        now = _fraction(draft, name, joint)
        left = 1.0 - share if clause.value("amount") is not None else now - share
        if now <= left + 1e-6:
            raise impossible(f"{name!r} is open by {now * 100:.3g} %, and not farther", clause.span, fix=f"Say: close {name}.")
        return Open(name, joint, max(left, 0.0)), f"close {{}} to {max(left, 0.0) * 100:.3g} %"

    _each_joint(draft, clause, made, every=not some)


def _share(draft: Draft, clause: Clause, name: str, joint: str | None) -> float | None:
    """How far of its way a joint is to go, as it was said; None if nothing was said."""
    amount, metres, degrees = (clause.value(key) for key in ("amount", "opening_m", "angle_deg"))
    if amount is None and clause.verb == "open" and clause.value("degree") == "slightly":
        return SLIGHTLY
    if amount is not None:
        return safe(amount, 0.0, 1.0, "how far it is open", clause.span)
    if metres is None and degrees is None:
        return None
    moved = _joint(draft, name, joint)
    low, high = moved.range or (0.0, 0.0)
    way = abs(high - low)
    if (moved.kind == "slide") != (metres is not None):
        how = "slides" if moved.kind == "slide" else "turns"
        raise impossible(f"{moved.name!r} of {name!r} {how}", clause.span, fix="Say how far of its way: halfway, 30 %.")
    if metres is not None:
        return safe(metres, 0.0, way, f"how far {name} opens [m]", clause.span) / way
    return safe(degrees, 0.0, math.degrees(way), f"how far {name} opens [degrees]", clause.span) / math.degrees(way)


def _joint(draft: Draft, name: str, joint: str | None) -> Joint:
    joints = opening_joints(archetype.build(draft.scene.thing(name)))
    return next(one for one in joints if joint in (None, one.name))


def _fraction(draft: Draft, name: str, joint: str | None) -> float:
    """How far of its way a joint is open now."""
    one = _joint(draft, name, joint)
    closed, opened = one.range or (0.0, 1.0)
    return abs(dict(draft.scene.thing(name).joints).get(one.name, closed) - closed) / abs(opened - closed)


Made = Callable[[str, str | None], tuple[Open | Close, str]]


def _each_joint(draft: Draft, clause: Clause, made: Made, *, every: bool = False) -> None:
    phrases = clause.things or (Phrase(noun="", span=clause.span, pronoun="it"),)
    links = tuple(k for k in clause.links if k.to)
    names: list[str] = []
    for phrase in phrases:
        whole = replace(phrase, links=(*phrase.links, *links)) if phrase.noun else phrase
        for one in draft.find(whole, OPENING, fits=opens).referents:
            for name, joint in _joints(draft, clause, phrase, one, every=every):
                spoken = draft.cast.named(f"{name}/{joint}") if joint is not None else None
                edit, told = made(name, joint)
                draft.do(
                    edit,
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
