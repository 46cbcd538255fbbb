"""Where something is to go: the links of a clause as relations of the scene, and how they are said back.

Left, right, in front and behind are the viewer's (the camera that is looked through), but in front of and behind what has a front of its
own (a sofa, a television) are that thing's. Which it was is always told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import get_args

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.body import Body, body_of
from lifeworld.scene.carry import spare_m
from lifeworld.scene.check import CARRYING, is_asset
from lifeworld.scene.scene import MAX_SIZE_M, RELATIONS, Relation, RelationKind, Spot, Thing
from lifeworld.scene.words.clause import Link, Phrase, Span
from lifeworld.scene.words.grounding.asking import impossible
from lifeworld.scene.words.grounding.called import SURE, Called, called
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.grounding.ground import PLACES
from lifeworld.scene.words.grounding.standing import distance_m, stands
from lifeworld.scene.words.planning.coming import is_new, kind_of
from lifeworld.scene.words.planning.draft import Draft

WALLS = ("wall", "wall_with_window", "wall_with_doorway")
SIDES_OF = {"left": "left_of", "right": "right_of", "front": "in_front_of", "back": "behind"}
SIDED = ("left_of", "right_of", "in_front_of", "behind")
TOWARDS = ("to", "toward", "at", "with")
SIDE_WORDS = {
    "left_of": "to the left of", "right_of": "to the right of", "in_front_of": "in front of", "far_from": "far from", "near": "near",
    "aligned_with": "aligned with", "above": "above", "beside": "beside",
}  # fmt: skip
LAIN_IN = ("furniture", "tableware")
"""What things are said to be in though they are on it: a bed, a plate, a tray. A closed box is none."""
TABLES = ("table", "round_table", "desk")
"""What one sits at: a chair of which nothing else is said goes there."""
PILES = frozenset({"tower", "stack", "pile", "heap"})
SPOTS: tuple[str, ...] = get_args(Spot)
UNSAID = 0.9
"""How much less sure it is that something new comes too of which nobody says where."""
MOST_OVERHANG = 3.5
"""A thing whose narrower side is this many times as wide as a top does not stand there: told before any place is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Relations for a thing, what is told of them, and the names that were spoken of."""

    relations: tuple[Relation, ...]
    told: str
    names: tuple[str, ...]


def place_of_links(draft: Draft, links: Sequence[Link], thing: Thing, span: Span, *, but: Collection[str] = ()) -> Place | None:
    """The relations that links ask of `thing` (which may be new); None if they ask for none.

    Raises:
        WordsError: for others that are not there, and for what cannot be.
    """
    relations: list[Relation] = []
    told: list[str] = []
    names: list[str] = []
    asked = False
    for link in _of_new_places(draft, _lifted(draft, links)):
        if link.relation == "from" or link.state is not None:
            continue
        if link.negated:
            raise WordsError(
                "what is not to be where cannot be placed", reason="negated", span=link.span, fix="Say where it is to be instead."
            )
        for part in _of_link(draft, link, thing, but):
            asked = True
            relations += part.relations
            told.append(part.told)
            names += part.names
    if not asked:
        return None
    kept = _one_carrier(draft, relations, thing, span)
    beside = [r for r in kept if r.kind not in CARRYING and r.kind != "between"]
    draft.landmark = beside[0].thing if len(beside) == len(kept) == 1 else None
    return Place(relations=tuple(kept), told=" ".join(dict.fromkeys(t for t in told if t)), names=tuple(dict.fromkeys(names)))


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
    if relation.thing in _riders(draft, thing.name):
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


def usual_place(draft: Draft, thing: Thing) -> Place:
    """Where a thing goes of which nothing was said: small ones on what carries the most, others on the ground."""
    body = body_of(thing, {})
    what = archetype.kind(thing.kind)
    counts: dict[str, int] = {}
    for one in draft.cast.referents:
        for kind, name in sorted(one.facts):
            if kind == "on" and "/" not in name and one.sort == "thing":
                counts[name] = counts.get(name, 0) + 1
    small = max(body.size_m) <= 0.6 and what.category not in ("furniture", "structure", "opening")
    order = {t.name: i for i, t in enumerate(draft.scene.things)}
    for name in sorted(counts, key=lambda n: (-counts[n], order.get(n, 0))):
        carrier = draft.scene.thing(name)
        if small and not is_asset(carrier) and archetype.kind(carrier.kind).category in ("furniture", "appliance", "structure"):
            told = f"on {name} (nothing was said of where)"
            return Place(relations=(Relation(kind="on", thing=name),), told=told, names=(name,))
    if "sit" in what.affordances and max(body.size_m[:2]) < 0.8:
        tables = [t.name for t in draft.scene.things if t.kind in TABLES]
        if len(tables) == 1:
            made = Relation(kind="around", thing=tables[0])
            return Place(relations=(made,), told=f"at {tables[0]} (nothing was said of where)", names=(tables[0],))
    return Place(relations=(), told="on the ground (nothing was said of where)", names=())


def has_front(draft: Draft, name: str) -> bool:
    """Whether a thing has a front of its own."""
    thing = draft.scene.thing(name)
    return not is_asset(thing) and body_of(thing, {}).has_front


def seen_from(draft: Draft) -> str:
    """Whose left and right it is, in words."""
    return f"as seen from camera {draft.cast.viewer}" if draft.cast.viewer is not None else "as seen along +Y"


def _of_new_places(draft: Draft, links: Sequence[Link]) -> list[Link]:
    """The links, where one is to a thing that comes only now the others as its own: "on a stool beside the armchair"."""
    new, rest = next(((k, rest) for k in links if (rest := _told_of_new(draft, k, links)) is not None), (None, ()))
    if new is None:
        return list(links)
    return [*(k for k in links if k is not new and k not in rest), replace(new, to=(replace(new.to[0], links=(*new.to[0].links, *rest)),))]


def _told_of_new(draft: Draft, link: Link, links: Sequence[Link]) -> tuple[Link, ...] | None:
    """The other links, if they tell where that is which this link is to; None if they tell where the thing itself goes."""
    rest = tuple(k for k in links if k is not link and k.relation != "from" and k.to)
    if not link.to or not is_new(link.to[0]):
        return None
    told = _comes_too(draft, replace(link.to[0], links=(*link.to[0].links, *rest))) or (link.relation in CARRYING and rest)
    return rest if told else None


def _comes_too(draft: Draft, phrase: Phrase) -> bool:
    """Whether a phrase speaks of something new: nothing here is called so, or nothing that is so to what else is said."""
    if not is_new(phrase):
        return False
    here = _as_whole(draft, phrase, called(phrase, draft.cast, PLACES, SURE))
    others = [k for k in phrase.links if k.relation in RELATIONS and k.to and not k.negated and not any(map(is_new, k.to))]
    if not here or not others:
        return not here

    def so(one: Referent) -> bool:
        for link in others:
            among = [r for p in link.to for r in called(p, draft.cast, PLACES, SURE)]
            if not any(stands(link.relation, one, (other.referent,), draft.cast) for other in among):
                return False
        return True

    return not any(so(one.referent) for one in here)


def _as_whole(draft: Draft, phrase: Phrase, here: list[Called]) -> list[Called]:
    """Those of them that the whole name fits: a coffee table is no side table, which is a sort of its own."""
    score, count = draft.score, len(draft.evidence)
    try:
        _, words, _ = kind_of(draft, phrase)
    except WordsError:
        return here
    finally:
        draft.score = score
        del draft.evidence[count:]
    return [one for one in here if len(one.words) <= len(words)]


def _lifted(draft: Draft, links: Sequence[Link]) -> list[Link]:
    """The links, those of a destination among them that it does not need: "on the counter next to the kettle" where there is one counter

    and the kettle is on it.
    """
    out: list[Link] = []
    for link in links:
        out.append(link)
        if link.relation not in ("on", "in") or len(link.to) != 1 or not link.to[0].links:
            continue
        phrase = link.to[0]
        bare = replace(phrase, links=())
        try:
            place = draft.find(bare, PLACES).referents
        except WordsError:
            continue
        for inner in phrase.links:
            if len(place) != 1 or inner.relation not in RELATIONS or inner.relation in ("on", "in") or len(inner.to) != 1:
                continue
            others = draft.find(inner.to[0], PLACES, any_number=True).referents
            if any((kind, place[0].name) in o.facts for o in others for kind in ("on", "in")):
                out[-1] = replace(link, to=(bare,))
                out.append(inner)
    return out


def _of_link(draft: Draft, link: Link, thing: Thing, but: Collection[str]) -> list[Place]:
    if not link.to:
        return _of_spot(draft, link, thing, but)
    if link.relation == "between" and len(link.to) > 1:
        found = [draft.find(p, ("thing",), but={thing.name, *but}).referents[0] for p in link.to[:2]]
        return [_between(link, found)]
    places = []
    for phrase in link.to:
        others = _others(draft, link, phrase, thing, but)
        if link.relation == "between":
            return [_between(link, others)]
        places += [_to_one(draft, link, other, thing) for other in others]
    return places


def _others(draft: Draft, link: Link, phrase: Phrase, thing: Thing, but: Collection[str]) -> list[Referent]:
    """Those the link is about."""
    if thing.name in draft.scene.names() and phrase.pronoun is None:
        own = draft.cast.named(thing.name)
        same = draft.find(phrase, PLACES, any_number=True).referents if own is not None else ()
        if same == (own,):
            raise impossible(f"{thing.name!r} cannot be {link.relation.replace('_', ' ')} itself", phrase.span)
    if draft.text[slice(*phrase.span)].lower() in ("itself", "themselves", "himself", "herself"):
        raise impossible(f"nothing can be {link.relation.replace('_', ' ')} itself", phrase.span)
    carries = "holds" if link.relation == "in" else "carries"

    def fits(one: Referent) -> bool:
        if link.relation in ("on", "in") and one.sort == "part":
            return (carries, "") in one.facts or ("holds", "") in one.facts
        return one.sort in ("thing", "ground", "space", "scene")

    if link.relation in ("against", "on", *TOWARDS) and phrase.noun == "wall" and phrase.order is None:
        return [_some_wall(draft, phrase, thing)]
    if phrase.noun in PILES and link.relation == "on":
        top = _top_of_pile(draft, thing.name)
        if top is not None:
            draft.evidence.append(f"the top of the {phrase.noun}: {top.name}")
            return [top]
    if phrase.pronoun == "it" and link.relation not in ("on", "in") and draft.landmark not in (None, thing.name):
        landmark = draft.cast.named(draft.landmark or "")  # "the can left of the bottle and the spoon right of it"
        if landmark is not None:
            return [landmark]
    if _comes_too(draft, phrase):  # "on a stool": it comes too
        from lifeworld.scene.words.planning.adding import add_one

        draft.score *= 1.0 if phrase.links else UNSAID
        names = add_one(draft, phrase, ())
        return [one for name in names if (one := draft.cast.named(name)) is not None]
    try:
        return list(draft.find(phrase, (*PLACES, "space", "scene"), fits=fits, but={thing.name, *but}).referents)
    except WordsError as error:
        alike = [r for name in error.suggestions if (r := draft.cast.named(name)) is not None]
        wholes = {r.part_of for r in alike}
        if error.reason != "ambiguous" or len(wholes) != 1 or any(r.part_of is None or r.adjectives for r in alike):
            raise
        whole = draft.cast.named(next(iter(wholes)) or "")  # the four burners of a stove: any of them
        return [whole] if whole is not None else []


def _some_wall(draft: Draft, phrase: Phrase, thing: Thing) -> Referent:
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


def _corner(draft: Draft, thing: Thing) -> Place | None:
    """Against two walls that meet at a right angle; None where there are no such walls, or those of several rooms."""
    if len(draft.scene.spaces) > 1:
        return None
    walls = [t for t in draft.scene.things if t.kind in ("wall", "wall_with_window") and t.pose is not None]
    for a, b in combinations(sorted(walls, key=lambda t: t.kind != "wall"), 2):
        assert a.pose is not None
        assert b.pose is not None
        if abs(float(a.pose.rotation[:, 0] @ b.pose.rotation[:, 0])) < 0.1:
            made = tuple(Relation(kind="against", thing=t.name) for t in (a, b))
            return Place(relations=made, told=f"in the corner of {a.name} and {b.name}", names=())
    return None


def _top_of_pile(draft: Draft, but: str) -> Referent | None:
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


def _to_one(draft: Draft, link: Link, other: Referent, thing: Thing) -> Place:
    relation = link.relation
    if other.sort == "space" and len(draft.scene.spaces) > 1:
        there = [r.name for r in draft.cast.referents if ("in", other.name) in r.facts and not any(k == "on" for k, _ in r.facts)]
        raise WordsError(
            f"a room is too wide a place: where in {other.name!r}?",
            reason="ambiguous",
            span=link.span,
            suggestions=there[:6],
            question=f"Next to what in {other.name} is {thing.name} to go?",
            fix=f"Say next to what{f', the {there[0]} for instance' if there else ''}.",
        )
    if other.sort in ("ground", "space", "scene"):
        return _on_ground(draft, link, other, thing)
    if other.sort == "embodiment":
        raise WordsError(
            f"nothing is placed by {other.name!r}, which moves by itself",
            reason="unsupported",
            span=link.span,
            suggestions=(f"put {thing.name} on the floor",),
            fix="Say a thing that stays where it is.",
        )
    name = other.part_of or other.name
    if relation in TOWARDS:
        relation = _way_to(other)
    if link.relation in ("on", *TOWARDS) and other.part_of is None and draft.scene.thing(name).kind in WALLS:
        relation = _on_wall(thing, link) if link.relation == "on" else "against"
    if link.distance_m is None and relation in SIDED and _on_its_side(draft, link, name, thing):
        sides = {side: spot for spot, side in SIDES_OF.items()}
        relation, link = "on", replace(link, relation="on", spot=sides[relation])
    if relation in ("on", "in") and link.spot in SIDES_OF and other.part_of is None and not _surfaces(draft, name):
        relation = SIDES_OF[link.spot]  # "at the right-hand side of the mug"
    if relation not in RELATIONS:
        raise WordsError(f"{relation.replace('_', ' ')!r} is no place", reason="unsupported", span=link.span, suggestions=RELATIONS[:3])
    kind: RelationKind = relation
    surface = None
    if kind in ("on", "in"):
        kind, surface = _carrying(draft, kind, other)
    spot = _spot(link.spot) if kind in ("on", "in", "against") else None
    near = _distance(link) if kind in ("above", "beside", "near", "far_from", *SIDED, "around") else None
    frame, whose = _frame(draft, kind, spot, name, link)
    made = Relation(kind=kind, thing=name, surface=surface, spot=spot, distance_m=near, frame_yaw_deg=frame)
    what = other.spoken if surface is not None or other.part_of is None else name
    at = "" if spot is None else f" the {spot.replace('_', ' ')} of"
    say = SIDE_WORDS.get(kind, kind.replace("_", " "))
    by = f" by {near:g} m" if near is not None else ""
    return Place(relations=(made,), told=f"{say}{at} {what}{by}{whose}", names=tuple(dict.fromkeys((other.name, name))))


def _on_its_side(draft: Draft, link: Link, name: str, thing: Thing) -> bool:
    """Whether the side of what it stands on is meant, and no place beside that: "move the mug to the left side of the table"."""
    said = draft.text[link.span[0] : link.to[0].span[0]].lower().split()
    under = carrier_of(draft, thing.name)
    return "side" in said and under is not None and under.kind == "on" and under.thing == name


def _on_wall(thing: Thing, link: Link) -> RelationKind:
    """On a wall is against it, for what hangs there.

    Raises:
        WordsError: `impossible`, for what is not made to hang.
    """
    kinds = archetype.kinds()
    if is_asset(thing) or kinds[thing.kind].hangs_m is not None:
        return "against"
    hanging = [k.replace("_", " ") for k, what in kinds.items() if what.hangs_m is not None and what.category != "opening"]
    raise impossible(f"{a_(thing.kind)} does not hang on a wall", link.span, suggestions=hanging, fix=f"What does: {', '.join(hanging)}.")


def _surfaces(draft: Draft, name: str) -> bool:
    thing = draft.scene.thing(name)
    return is_asset(thing) or bool(body_of(thing, {}).surfaces)


def _frame(draft: Draft, kind: str, spot: str | None, name: str, link: Link) -> tuple[float | None, str]:
    """The frame [deg] that sides are seen in (None: the other's own), and how that is told."""
    sided = kind in SIDED or (spot is not None and spot not in ("centre", "edge", "corner") and kind in ("on", "in"))
    if not sided:
        return None, ""
    if link.frame in ("own", "carrier") or (link.frame is None and kind in ("in_front_of", "behind") and has_front(draft, name)):
        return None, ", by its own front" if has_front(draft, name) else ", by what it stands on"
    return draft.cast.viewer_yaw_deg or 0.0, f", {seen_from(draft)}"


def _carrying(draft: Draft, kind: RelationKind, other: Referent) -> tuple[RelationKind, str | None]:
    """On or in, and which surface or container: as far as the other has any. One is on a plate also where somebody says in it."""
    if other.part_of is None:
        thing = draft.scene.thing(other.name)
        if is_asset(thing):
            return kind, None
        body = body_of(thing, {})
        if kind == "in" and not body.containers and body.surfaces and archetype.kind(thing.kind).category in LAIN_IN:
            return "on", None
        return ("in", None) if kind == "on" and not body.surfaces and body.containers else (kind, None)
    surface = other.name.split("/", 1)[1]
    if (("carries" if kind == "on" else "holds"), "") in other.facts and _has_site(draft, other.part_of, kind, surface):
        return kind, surface
    swapped: RelationKind = "in" if kind == "on" else "on"
    return (swapped, surface) if _has_site(draft, other.part_of, swapped, surface) else (kind, None)


def _has_site(draft: Draft, name: str, kind: RelationKind, surface: str) -> bool:
    body = body_of(draft.scene.thing(name), {})
    return any(s.name == surface for s in (body.surfaces if kind == "on" else body.containers))


def _on_ground(draft: Draft, link: Link, other: Referent, thing: Thing) -> Place:
    """On the floor, anywhere or at a spot of a room's."""
    room = next((t for t in draft.scene.things if t.kind == "room"), None)
    spot = _spot(link.spot)
    if room is not None and room.name != thing.name:
        if link.relation == "against":
            return Place(relations=(Relation(kind="against", thing=room.name, spot=spot),), told=f"against a wall of {room.name}", names=())
        frame, whose = _frame(draft, "on", spot, room.name, link)
        made = Relation(kind="on", thing=room.name, surface="floor", spot=spot, frame_yaw_deg=frame)
        at = f"in the {spot.replace('_', ' ')}" if spot is not None else "on the floor"
        return Place(relations=(made,), told=f"{at} of {room.name}{whose}", names=())
    corner = _corner(draft, thing) if spot == "corner" else None
    if corner is not None:
        return corner
    if spot == "centre" and other.sort in ("ground", "scene"):
        return Place(relations=(), told="in the middle of the floor", names=())
    if spot is not None or link.relation not in ("on", "in", *TOWARDS):
        raise impossible(
            f"it is not clear which {(spot or link.relation).replace('_', ' ')} of the floor is meant",
            link.span,
            fix="Name a thing to go to.",
        )
    return Place(relations=(), told="on the floor", names=())


def _of_spot(draft: Draft, link: Link, thing: Thing, but: Collection[str]) -> list[Place]:
    """A place that names no other: "in the corner", "in the middle", "inside"."""
    last = next((r for n in draft.cast.last if n not in {thing.name, *but} and (r := draft.cast.named(n)) is not None), None)
    if link.spot is None and link.relation in ("on", "in", "under", "beside", "near", *SIDED) and last is not None:
        draft.evidence.append(f"{link.relation.replace('_', ' ')} {last.spoken}, spoken of last")
        return [_to_one(draft, link, last, thing)]
    if link.spot is None and link.relation not in SIDED:
        return []
    spot = link.spot or {"left_of": "left", "right_of": "right", "in_front_of": "front", "behind": "back"}[link.relation]
    here = draft.cast.named(thing.name) is not None
    corner = _corner(draft, thing) if not here and link.relation == "in" and spot == "corner" else None
    if corner is not None:  # what is new stands nowhere yet: the corner is the room's
        return [corner]
    carrier = carrier_of(draft, thing.name) if here else next(iter(usual_place(draft, thing).relations), None)
    if carrier is None:
        return [_on_ground(draft, replace(link, spot=spot, relation="on"), Referent(name="ground", sort="ground"), thing)]
    target = draft.cast.named(carrier.thing)
    return [_to_one(draft, replace(link, relation=carrier.kind, spot=spot), target, thing)] if target is not None else []


def _one_carrier(draft: Draft, relations: list[Relation], thing: Thing, span: Span) -> list[Relation]:
    """The relations without carriers that follow: in the bowl, and on the table because the bowl is."""
    kept = list(dict.fromkeys(relations))
    carrying = [r for r in kept if r.kind in ("on", "in")]
    for one in carrying:
        stands = draft.cast.named(one.thing)
        under = {name for kind, name in stands.facts if kind in ("on", "in")} if stands is not None else set()
        kept = [r for r in kept if r is one or r.kind not in ("on", "in") or r.thing not in under]
    carrying = [r for r in kept if r.kind in ("on", "in")]
    if len(carrying) > 1:
        where = " and ".join(f"{r.kind} {r.thing!r}" for r in carrying)
        raise impossible(f"{thing.name!r} cannot be {where} at once", span)
    for one in carrying:
        check_room(draft, thing, one, span)
    return kept


def _between(link: Link, others: Sequence[Referent]) -> Place:
    if len(others) != 2:
        raise impossible(f"between needs two things, {len(others)} were named", link.span)
    a, b = (o.part_of or o.name for o in others)
    if a == b:
        raise impossible(f"nothing is between {a!r} and itself", link.span)
    return Place(relations=(Relation(kind="between", thing=a, and_thing=b),), told=f"between {a} and {b}", names=(a, b))


def _way_to(other: Referent) -> RelationKind:
    """Where something comes to rest that is brought to another: in it, on it, else beside it."""
    facts = {kind for kind, _ in other.facts}
    if other.sort == "part":
        return "in" if "holds" in facts else "on"
    furniture = other.size_m is not None and max(other.size_m[:2]) >= 0.4
    return "on" if furniture and "holds" not in facts else "in" if "holds" in facts and not furniture else "beside"


def _spot(word: str | None) -> Spot | None:
    said = {"center": "centre", "middle": "centre", "rear": "back", "end": "edge", "side": "edge"}.get(word or "", word)
    return said if said in SPOTS else None  # type: ignore[return-value]


def _distance(link: Link) -> float | None:
    return None if link.distance_m is None else safe(link.distance_m, 0.0, MAX_SIZE_M, "a distance [m]", link.span)


def safe(value: object, least: float, most: float, what: str, span: Span) -> float:
    """A number as it was said, if a scene takes it.

    Raises:
        WordsError: `unsafe_number`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:  # nan is never between
        raise WordsError(
            f"{what} is out of bounds: got {value!r}, expected {least:g} to {most:g}",
            reason="unsafe_number",
            span=span,
            suggestions=(f"{min(max(float(value), least), most):g}",) if isinstance(value, int | float) and value == value else (),
        )
    return float(value)


def _can(one: Referent, kind: str) -> bool:
    return ("holds", "") in one.facts if kind == "in" else one.size_m is not None and min(one.size_m[:2]) > 0.1


def _riders(draft: Draft, name: str) -> set[str]:
    along = {name}
    while True:
        more = {r.name for r in draft.cast.referents if any(k in ("on", "in") and n in along for k, n in r.facts)} - along
        if not more:
            return along - {name}
        along |= more


def a_(kind: str) -> str:
    """The words of a kind with their article: an apple, a wine glass."""
    word = kind.replace("_", " ")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _size(body: Body) -> str:
    return " × ".join(f"{float(s):.2g}" for s in body.size_m) + " m"
