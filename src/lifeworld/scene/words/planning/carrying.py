"""What carries what: the carrier of a thing, those that ride on it, the top of a pile, and whether one can be on or in another at all."""

from __future__ import annotations

from collections.abc import Sequence

from lifeworld.scene.body import Body, body_of
from lifeworld.scene.carry import spare_m
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.words.clause import Span
from lifeworld.scene.words.grounding.asking import a_, impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.draft import Draft

GROUNDED = ("furniture", "structure", "opening", "appliance")
"""What stands where it stands: nobody means it who says "everything", nor the floor beside it who takes something off it."""
PILES = frozenset({"tower", "stack", "pile", "heap"})
MOST_OVERHANG = 3.5
"""A thing whose narrower side is this many times as wide as a top does not stand there: told before any place is tried."""


def carrier_of(draft: Draft, name: str) -> Relation | None:
    """What a thing stands on or in now, by the cast's facts; None for the ground."""
    one = draft.cast.named(name)
    if one is None:
        return None
    for kind in ("on", "in"):
        for fact, other in sorted(one.facts):
            if fact == kind and "/" not in other and any(t.name == other for t in draft.scene.things):
                surface = next((n.split("/")[1] for k, n in sorted(one.facts) if k == kind and n.startswith(f"{other}/")), None)
                return Relation(kind=kind, thing=other, surface=surface)
    return None


def leading(draft: Draft, found: Sequence[Referent]) -> list[Referent]:
    """Those of some that stand on none of the others: these come along with what they stand on, and are not moved twice."""
    names = {one.name for one in found}

    def comes_along(name: str) -> bool:
        under = carrier_of(draft, name)
        return under is not None and (under.thing in names or comes_along(under.thing))

    return [one for one in found if not comes_along(one.name)]


def riders(draft: Draft, name: str) -> set[str]:
    along = {name}
    while True:
        more = {r.name for r in draft.cast.referents if any(k in ("on", "in") and n in along for k, n in r.facts)} - along
        if not more:
            return along - {name}
        along |= more


def top_of_pile(draft: Draft, but: str) -> Referent | None:
    """The highest of the most things that stand on each other; None where no two do, or a thing is itself called a pile."""
    things = {r.name: r for r in draft.cast.referents if r.sort == "thing" and r.name != but}
    if any(set(r.words[:2]) & PILES for r in things.values()):
        return None
    below = {n: next((o for k, o in sorted(r.facts) if k == "on" and o in things and "/" not in o), None) for n, r in things.items()}

    def height(name: str) -> int:
        count, at = 0, below[name]
        while at is not None and below[at] is not None and count < len(things):  # what the lowest stands on is no part of the pile
            count, at = count + 1, below[at]
        return count

    best = max(things, key=height, default=None)
    return things[best] if best is not None and height(best) > 0 else None


def check_room(draft: Draft, thing: Thing, relation: Relation, span: Span) -> None:
    """Raise if a thing can be on or in another by no means: there is no inside or top, or it is far too large.

    Raises:
        WordsError: `impossible`, with the sizes.
    """
    if is_asset(thing):
        return
    other = draft.scene.thing(relation.thing)
    if is_asset(other):
        return
    body, carrier = body_of(thing, {}), body_of(other, {})
    if relation.thing in riders(draft, thing.name):
        raise impossible(f"{relation.thing!r} stands on {thing.name!r} itself", span, fix=f"Put {relation.thing!r} somewhere else first.")
    sites = carrier.surfaces if relation.kind == "on" else carrier.containers
    sites = tuple(s for s in sites if relation.surface in (None, s.name))
    if not sites:
        has = "no flat top to stand on" if relation.kind == "on" else "no inside to be put in"
        able = [r.name for r in draft.cast.referents if r.sort == "thing" and r.name != thing.name and _can(r, relation.kind)]
        raise impossible(f"{a_(other.kind)} has {has}", span, suggestions=able[:6])
    small, middle, _ = sorted(float(s) for s in body.size_m)
    if relation.kind == "in":
        if not any(small <= min(s.size_m) + 2 * spare_m(s) and middle <= max(max(s.size_m), s.height_m) + 2 * spare_m(s) for s in sites):
            widest = max(sites, key=lambda s: min(s.size_m))
            raise impossible(
                f"{a_(thing.kind)} of {_size(body)} does not go into {a_(other.kind)} that is {min(widest.size_m):.2g} m wide inside", span
            )
    elif min(body.size_m[:2]) > MOST_OVERHANG * max(max(s.size_m) for s in sites):
        raise impossible(f"{a_(thing.kind)} of {_size(body)} does not stand on {a_(other.kind)} of {_size(carrier)}", span)


def _can(one: Referent, kind: str) -> bool:
    return ("holds", "") in one.facts if kind == "in" else one.size_m is not None and min(one.size_m[:2]) > 0.1


def _size(body: Body) -> str:
    return " × ".join(f"{float(s):.2g}" for s in body.size_m) + " m"
