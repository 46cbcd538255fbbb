"""Places of the building: the floor, its corners, a wall; and where such a thing usually is of which nobody says where."""

from __future__ import annotations

from itertools import combinations

from lifeworld.scene import archetype
from lifeworld.scene.body import body_of
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.words.clause import Link, Phrase
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.standing import distance_m
from lifeworld.scene.words.planning.draft import Draft
from lifeworld.scene.words.planning.relating import TOWARDS, Somewhere, frame_of, spot_of

SAT_AT = ("table", "round_table", "desk")
"""What one sits at: a chair of which nothing else is said goes there."""


def usual_place(draft: Draft, thing: Thing) -> Somewhere:
    """Where a thing goes of which nothing was said: small ones on what carries the most, others on the ground."""
    body = body_of(thing, {})
    what = archetype.kind(thing.kind)
    for name in loads(draft) if is_small(thing) else ():
        told = f"on {name} (nothing was said of where)"
        return Somewhere(relations=(Relation(kind="on", thing=name),), told=told, names=(name,))
    if "sit" in what.affordances and max(body.size_m[:2]) < 0.8:
        tables = [t.name for t in draft.scene.things if t.kind in SAT_AT]
        if len(tables) == 1:
            made = Relation(kind="around", thing=tables[0])
            return Somewhere(relations=(made,), told=f"at {tables[0]} (nothing was said of where)", names=(tables[0],))
    return Somewhere(relations=(), told="on the ground (nothing was said of where)", names=())


def loads(draft: Draft) -> list[str]:
    """The furniture that carries something, what carries the most first."""
    counts: dict[str, int] = {}
    for one in draft.cast.referents:
        for kind, name in sorted(one.facts):
            if kind == "on" and "/" not in name and one.sort == "thing":
                counts[name] = counts.get(name, 0) + 1
    order = {t.name: i for i, t in enumerate(draft.scene.things)}
    ranked = sorted(counts, key=lambda n: (-counts[n], order.get(n, 0)))
    things = [draft.scene.thing(name) for name in ranked]
    carrying = ("furniture", "appliance", "structure")
    return [t.name for t in things if not is_asset(t) and archetype.kind(t.kind).category in carrying]


def is_small(thing: Thing) -> bool:
    """Whether a thing is one that stands on others rather than on the floor."""
    if is_asset(thing):
        return False
    large = archetype.kind(thing.kind).category in ("furniture", "structure", "opening")
    return not large and max(body_of(thing, {}).size_m) <= 0.6


def on_ground(draft: Draft, link: Link, other: Referent, thing: Thing) -> Somewhere:
    """On the floor, anywhere or at a spot of a room's."""
    room = next((t for t in draft.scene.things if t.kind == "room"), None)
    spot = spot_of(link.spot)
    if room is not None and room.name != thing.name:
        if link.relation == "against":
            return Somewhere(
                relations=(Relation(kind="against", thing=room.name, spot=spot),), told=f"against a wall of {room.name}", names=()
            )
        frame, whose = frame_of(draft, "on", spot, room.name, link)
        made = Relation(kind="on", thing=room.name, surface="floor", spot=spot, frame_yaw_deg=frame)
        at = f"in the {spot.replace('_', ' ')}" if spot is not None else "on the floor"
        return Somewhere(relations=(made,), told=f"{at} of {room.name}{whose}", names=())
    corner = corner_of(draft, thing) if spot == "corner" else None
    if corner is not None:
        return corner
    if spot == "centre" and other.sort in ("ground", "scene"):
        return Somewhere(relations=(), told="in the middle of the floor", names=())
    if spot is not None or link.relation not in ("on", "in", *TOWARDS):
        raise impossible(
            f"it is not clear which {(spot or link.relation).replace('_', ' ')} of the floor is meant",
            link.span,
            fix="Name a thing to go to.",
        )
    return Somewhere(relations=(), told="on the floor", names=())


def is_any_wall(link: Link, phrase: Phrase) -> bool:
    """Whether a link is to whichever wall: "on the wall", "against a wall"."""
    return link.relation in ("against", "on", *TOWARDS) and phrase.noun == "wall" and phrase.order is None


def corner_of(draft: Draft, thing: Thing) -> Somewhere | None:
    """Against two walls that meet at a right angle; None where there are no such walls, or those of several rooms."""
    if len(draft.scene.spaces) > 1:
        return None
    walls = [t for t in draft.scene.things if t.kind in ("wall", "wall_with_window") and t.pose is not None]
    for a, b in combinations(sorted(walls, key=lambda t: t.kind != "wall"), 2):
        assert a.pose is not None
        assert b.pose is not None
        if abs(float(a.pose.rotation[:, 0] @ b.pose.rotation[:, 0])) < 0.1:
            made = tuple(Relation(kind="against", thing=t.name) for t in (a, b))
            return Somewhere(relations=made, told=f"in the corner of {a.name} and {b.name}", names=())
    return None


def some_wall(draft: Draft, phrase: Phrase, thing: Thing) -> Referent:
    """One wall of those that are meant: walls are alike to who says "the wall"; the nearest, else a plain one before one with a door."""
    found = draft.find(phrase, ("thing",), any_number=True).referents
    here = draft.cast.named(thing.name)
    kinds = {t.name: t.kind for t in draft.scene.things}
    order = ("wall", "wall_with_window")

    def worth(wall: Referent) -> tuple[float, int]:
        near = distance_m(here, wall) if here is not None and here.position_m is not None else 0.0
        return near, order.index(kinds[wall.name]) if kinds[wall.name] in order else len(order)

    wall = min(found, key=worth)
    if len(found) > 1:
        draft.evidence.append(f"one of {len(found)} walls: {wall.name}")
    return wall
