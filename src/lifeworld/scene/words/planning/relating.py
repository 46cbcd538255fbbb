"""One thing and one other: a link between them as a relation of the scene, in its frame, and how it is said back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype
from lifeworld.scene.body import body_of
from lifeworld.scene.check import is_asset
from lifeworld.scene.scene import MAX_SIZE_M, RELATIONS, SPOTS, Relation, RelationKind, Spot, Thing
from lifeworld.scene.space import Space
from lifeworld.scene.words.clause import Link
from lifeworld.scene.words.grounding.asking import a_, impossible
from lifeworld.scene.words.grounding.cast import Referent
from lifeworld.scene.words.planning.amounts import safe
from lifeworld.scene.words.planning.carrying import carrier_of
from lifeworld.scene.words.planning.draft import Draft

SIDES_OF = {"left": "left_of", "right": "right_of", "front": "in_front_of", "back": "behind"}
SIDED = ("left_of", "right_of", "in_front_of", "behind")
TOWARDS = ("to", "toward", "at", "with")
WALLS = ("wall", "wall_with_window", "wall_with_doorway")
SIDE_WORDS = {
    "left_of": "to the left of", "right_of": "to the right of", "in_front_of": "in front of", "far_from": "far from", "near": "near",
    "aligned_with": "aligned with", "above": "above", "beside": "beside",
}  # fmt: skip
TABLES = ("table", "round_table", "desk", "coffee_table")
"""What other furniture stands at, and not on."""
LAIN_IN = ("furniture", "tableware")
"""What things are said to be in though they are on it: a bed, a plate, a tray. A closed box is none."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a room of several, or a spot of it: which place there is free is looked for when a thing comes."""

    space: Space
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Somewhere:
    """Relations for a thing, or a floor to stand on; what is told of them, and the names that were spoken of."""

    relations: tuple[Relation, ...]
    told: str
    names: tuple[str, ...]
    floor: Floor | None = None


def to_one(draft: Draft, link: Link, other: Referent, thing: Thing) -> Somewhere:
    """A relation of `thing` to one other thing, or to a part of one."""
    relation = link.relation
    name = other.part_of or other.name
    large = _is_furniture(thing) and other.part_of is None
    if relation in TOWARDS:
        relation = _way_to(other) if not large else "around" if draft.scene.thing(name).kind in TABLES else "beside"
    if large and relation == "on" and link.spot in SIDES_OF and draft.scene.thing(name).kind in TABLES:
        relation, link = SIDES_OF[link.spot], replace(link, spot=None)  # no chair stands on the left side of a table
    if large and relation == "on" and link.spot == "edge" and draft.scene.thing(name).kind in TABLES:
        raise WordsError(
            f"at which side of {name!r}?", reason="ambiguous", span=link.span, suggestions=(f"to the left of {name}", f"behind {name}"),
            question=f"At which side of {name} is {thing.name} to stand?",
        )  # fmt: skip
    if link.relation in ("on", *TOWARDS) and other.part_of is None and draft.scene.thing(name).kind in WALLS:
        relation = _on_wall(thing, link) if link.relation == "on" else "against"
    if link.distance_m is None and relation in SIDED and _on_its_side(draft, link, name, thing):
        sides = {side: spot for spot, side in SIDES_OF.items()}
        relation, link = "on", replace(link, relation="on", spot=sides[relation])
    if relation in ("on", "in") and link.spot in SIDES_OF and other.part_of is None and not has_surfaces(draft, name):
        relation = SIDES_OF[link.spot]  # "at the right-hand side of the mug"
    if relation not in RELATIONS:
        raise WordsError(f"{relation.replace('_', ' ')!r} is no place", reason="unsupported", span=link.span, suggestions=RELATIONS[:3])
    kind: RelationKind = relation
    surface = None
    if kind in ("on", "in"):
        kind, surface = _carrying(draft, kind, other)
    spot = spot_of(link.spot) if kind in ("on", "in", "against") else None
    near = _distance(link) if kind in ("above", "beside", "near", "far_from", *SIDED, "around") else None
    frame, whose = frame_of(draft, kind, spot, name, link)
    made = Relation(kind=kind, thing=name, surface=surface, spot=spot, distance_m=near, frame_yaw_deg=frame)
    what = other.spoken if surface is not None or other.part_of is None else name
    at = "" if spot is None else f" the {spot.replace('_', ' ')} of"
    say = SIDE_WORDS.get(kind, kind.replace("_", " "))
    by = f" by {near:g} m" if near is not None else ""
    return Somewhere(relations=(made,), told=f"{say}{at} {what}{by}{whose}", names=tuple(dict.fromkeys((other.name, name))))


def _is_furniture(thing: Thing) -> bool:
    return not is_asset(thing) and archetype.kind(thing.kind).category == "furniture"


def between(link: Link, others: Sequence[Referent]) -> Somewhere:
    """Between two things."""
    if len(others) != 2:
        raise impossible(f"between needs two things, {len(others)} were named", link.span)
    a, b = (o.part_of or o.name for o in others)
    if a == b:
        raise impossible(f"nothing is between {a!r} and itself", link.span)
    return Somewhere(relations=(Relation(kind="between", thing=a, and_thing=b),), told=f"between {a} and {b}", names=(a, b))


def _way_to(other: Referent) -> RelationKind:
    """Where something comes to rest that is brought to another: in it, on it, else beside it."""
    facts = {kind for kind, _ in other.facts}
    if other.sort == "part":
        return "in" if "holds" in facts else "on"
    furniture = other.size_m is not None and max(other.size_m[:2]) >= 0.4
    return "on" if furniture and "holds" not in facts else "in" if "holds" in facts and not furniture else "beside"


def _on_its_side(draft: Draft, link: Link, name: str, thing: Thing) -> bool:
    """Whether the side of what it stands on is meant, and no place beside that: "move the mug to the left side of the table"."""
    said = draft.text[link.span[0] : link.to[0].span[0]].lower().split()
    under = carrier_of(draft, thing.name)
    return bool({"side", "far"} & set(said)) and under is not None and under.kind == "on" and under.thing == name


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


def has_surfaces(draft: Draft, name: str) -> bool:
    thing = draft.scene.thing(name)
    return is_asset(thing) or bool(body_of(thing, {}).surfaces)


def frame_of(draft: Draft, kind: str, spot: str | None, name: str, link: Link) -> tuple[float | None, str]:
    """The frame [deg] that sides are seen in (None: the other's own), and how that is told."""
    sided = kind in SIDED or (spot is not None and spot not in ("centre", "edge", "corner") and kind in ("on", "in"))
    if not sided:
        return None, ""
    if link.frame in ("own", "carrier") or (link.frame is None and kind in ("in_front_of", "behind") and has_front(draft, name)):
        return None, ", by its own front" if has_front(draft, name) else ", by what it stands on"
    return draft.cast.viewer_yaw_deg or 0.0, f", {seen_from(draft)}"


def seen_from(draft: Draft) -> str:
    """Whose left and right it is, in words."""
    return f"as seen from camera {draft.cast.viewer}" if draft.cast.viewer is not None else "as seen along +Y"


def has_front(draft: Draft, name: str) -> bool:
    """Whether a thing has a front of its own."""
    thing = draft.scene.thing(name)
    return not is_asset(thing) and body_of(thing, {}).has_front


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


def spot_of(word: str | None) -> Spot | None:
    said = {"center": "centre", "middle": "centre", "rear": "back", "end": "edge", "side": "edge"}.get(word or "", word)
    return next((spot for spot in SPOTS if spot == said), None)


def _distance(link: Link) -> float | None:
    return None if link.distance_m is None else safe(link.distance_m, 0.0, MAX_SIZE_M, "a distance [m]", link.span)
