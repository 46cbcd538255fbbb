"""Who can be spoken of: the things of a scene as a sentence knows them, by what they are called and what they are like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from lifeworld.scene.assembly import Assembly
    from lifeworld.scene.room import Placed, Room
    from lifeworld.scene.scene import Scene, Thing
    from lifeworld.scene.space import Space

Sort = Literal["thing", "part", "camera", "light", "embodiment", "group", "ground", "space", "scene"]

GROUND = "ground"
"""The name of the referent that is the floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referent:
    """One that can be meant.

    `words` are the nouns it is called by, the most its own first ("tumbler", "glass", "drinking glass"); what is more general follows
    from the lexicon. `part_of` names the whole of a part ("top drawer" of a cabinet). `facts` are relations that hold now, as (relation,
    other's name): ("on", "magazine"), and states as ("open", "").
    """

    name: str
    sort: Sort = "thing"
    words: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    color: str | None = None
    material: str | None = None
    size_m: tuple[float, float, float] | None = None
    mass_kg: float | None = None
    position_m: tuple[float, float, float] | None = None
    part_of: str | None = None
    facts: frozenset[tuple[str, str]] = frozenset()

    @property
    def spoken(self) -> str:
        """As a question would name it: `block_3`, `the top drawer of desk`."""
        if self.part_of is None:
            return self.name
        which = " ".join((*self.adjectives[:1], *self.words[:1]))
        return f"the {which} of {self.part_of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody who can be meant, and from where they are seen: `viewer_yaw_deg` is the yaw of the frame whose +X is the viewer's right.

    `last` are the names spoken of last, the latest first: what "it" and "the other one" are about.
    """

    referents: tuple[Referent, ...]
    viewer_yaw_deg: float | None = None
    viewer: str | None = None
    last: tuple[str, ...] = field(default=())

    def named(self, name: str) -> Referent | None:
        """The referent of this name; None if there is none."""
        return next((r for r in self.referents if r.name == name), None)


PART_WORDS: dict[str, tuple[str, ...]] = {
    "level": ("shelf", "level"), "shelf": ("shelf", "level"), "hat_shelf": ("hat shelf", "shelf"), "rack": ("rack", "shelf"),
    "bay": ("compartment", "bay"), "inside": ("inside", "interior", "compartment"), "board": ("board", "lower shelf"),
    "plate": ("burner", "hotplate", "plate", "ring"), "leaf": ("leaf",), "sash": ("sash", "pane"), 
    "freezer_door": ("freezer", "freezer door", "door"),
    "freezer": ("freezer", "freezer compartment"), "basin": ("basin",), "bowl": ("bowl",), "sill": ("sill", "window sill"),
    "mattress": ("mattress",), "seat": ("seat",), "step": ("step", "stair"), "top": ("top",), "floor": ("floor",),
    "lid": ("lid", "cover"), "door": ("door",), "drawer": ("drawer",), "tray": ("tray",), "turntable": ("turntable",), "blade": ("blade",),
}  # fmt: skip
"""What the parts of the library's kinds are called, by their names without numbers and sides."""

BUILT = frozenset({"wall", "window", "door"})
IN_WALL_M = 0.25
"""How far from a room's floor the middle of its walls may be, with the doors and windows in them."""
ASIDE = re.compile(r"_(left|right|front|back)$")


def cast_of(scene: Scene, viewer: str | None = None, last: Sequence[str] = (), *, assets: Mapping[str, Assembly] | None = None) -> Cast:
    """Everybody of a scene who can be meant, seen from the camera `viewer` (None: the first there is).

    Raises:
        UnknownName: if there is no such camera.
    """
    from lifeworld.scene.room import Room
    from lifeworld.scene.words.grounding.view import viewer_of

    known = replace(scene, things=tuple(t for t in scene.things if not _unbuilt(t, assets)))
    room = Room(known, assets)
    carried = _carried(room)
    referents: list[Referent] = []
    for thing in scene.things:
        referents += _thing(thing, room if thing in known.things else None, carried.get(thing.name, ()))
    held = {name for facts in carried.values() for relation, name in facts if relation == "in"}
    referents = [
        replace(r, facts=r.facts | {("full" if r.name in held else "empty", "")}) if ("holds", "") in r.facts else r for r in referents
    ]
    referents = [replace(r, facts=r.facts | _within(r, scene)) for r in referents]
    referents += [_space(space) for space in scene.spaces]
    referents += [_plain(one.name, "camera", "") for one in scene.cameras]
    referents += [_plain(one.name, "light", one.kind) for one in scene.lights]
    referents += [_plain(one.name, "embodiment", one.kind) for one in scene.embodiments]
    referents += [_plain(group.name, "group", "group") for group in scene.groups]
    if scene.ground is not None:
        referents.append(Referent(name=GROUND, sort="ground", words=("floor", "ground"), material=scene.ground.material))
    referents.append(Referent(name=scene.name, sort="scene", words=("scene", "world", "room")))
    name, yaw = viewer_of(scene, viewer)
    return Cast(referents=tuple(referents), viewer_yaw_deg=yaw, viewer=name, last=tuple(last))


def words_of_name(name: str) -> tuple[str, ...]:
    """The words of a name: ("near", "table") of `near_table`, ("book",) of `book_a` and `book_2`."""
    return tuple(w for w in re.findall(r"[a-zA-Z]+", name.lower().replace("_", " ")) if len(w) > 1)


def _thing(thing: Thing, room: Room | None, facts: Iterable[tuple[str, str]]) -> list[Referent]:
    from lifeworld.scene import archetype
    from lifeworld.scene.check import is_asset
    from lifeworld.scene.mass import mass_of

    own = words_of_name(thing.name)
    kind = thing.kind.removeprefix("asset:")
    what = None if is_asset(thing) else archetype.kind(kind)
    nouns = [" ".join(own), *(own[-1:]), kind.replace("_", " "), *(what.synonyms if what is not None else ())]
    states = {("turned_on" if thing.turned_on else "turned_off", "")} if what is not None and "turn_on" in what.affordances else set()
    parts: list[Referent] = []
    placed = None
    if room is not None:
        parts = _parts(thing, room)
        placed = room.placed.get(thing.name)
        if any(("open", "") in p.facts for p in parts):
            states.add(("open", ""))
        elif any(("closed", "") in p.facts for p in parts):
            states.add(("closed", ""))
        if room.body(thing).containers:
            states.add(("holds", ""))
    material = thing.material or (what.material if what is not None else None)
    whole = Referent(
        name=thing.name,
        words=tuple(dict.fromkeys(n for n in nouns if n)),
        adjectives=own[:-1],
        color=_color(thing, material),
        material=material,
        size_m=_triple(room.body(thing).size_m) if room is not None else thing.size_m,
        mass_kg=mass_of(thing),
        position_m=_middle(placed) if placed is not None else None,
        facts=frozenset({*facts, *states}),
    )
    return [whole, *parts]


def _parts(thing: Thing, room: Room) -> list[Referent]:
    """What of a thing is spoken of by itself: its doors, drawers and lids, its shelves, seats and compartments."""
    from lifeworld.scene import archetype
    from lifeworld.scene.check import is_asset
    from lifeworld.scene.opening import opening_joints

    body = room.body(thing)
    pose = room.placed[thing.name].pose if thing.name in room.placed else None
    places: dict[str, tuple[float, float, float]] = {}
    facts: dict[str, set[tuple[str, str]]] = {}
    if not is_asset(thing):
        assembly = archetype.build(thing)
        now = dict(thing.joints)
        poses = assembly.part_poses(now)
        for part in assembly.parts:
            if part.joint in opening_joints(assembly) and part.joint is not None and part.joint.range is not None:
                middles = [poses[part.name].apply(g.pose.position_m) for g in part.geoms]
                places[part.joint.name] = _triple(np.mean(middles, axis=0)) if middles else _triple(poses[part.name].position_m)
                closed, opened = part.joint.range
                open_ = abs(now.get(part.joint.name, closed) - closed) > 0.1 * abs(opened - closed)
                facts[part.joint.name] = {("open" if open_ else "closed", "")}
    sizes: dict[str, tuple[float, float, float]] = {}
    for site in (*body.surfaces, *body.containers):
        places.setdefault(site.name, _triple(site.pose.position_m))
        sizes[site.name] = (*site.size_m, 0.0 if site.sort == "surface" else site.height_m)
        facts.setdefault(site.name, set()).add(("carries" if site.sort == "surface" else "holds", ""))
    found = []
    for name, place in places.items():
        stem = ASIDE.sub("", name).rstrip("0123456789").rstrip("_")
        side = ASIDE.search(name)
        words = PART_WORDS.get(stem, (stem.replace("_", " "),))
        found.append(
            Referent(
                name=f"{thing.name}/{name}",
                sort="part",
                words=words,
                adjectives=(side.group(1),) if side else (),
                position_m=_triple(pose.apply(place)) if pose is not None else place,
                size_m=sizes.get(name),
                part_of=thing.name,
                facts=frozenset(facts[name]),
            )
        )
    return _ranked(found)


def _ranked(parts: list[Referent]) -> list[Referent]:
    """The parts with what tells several of one name apart: top, middle, bottom by height, where they lie over each other."""
    out = []
    for part in parts:
        alike = [p for p in parts if p.words == part.words and p.position_m is not None]
        heights = sorted({round(p.position_m[2], 2) for p in alike if p.position_m is not None})
        if part.position_m is not None and len(heights) > 1:
            at = heights.index(round(part.position_m[2], 2))
            which = "bottom" if at == 0 else "top" if at == len(heights) - 1 else "middle" if 2 * at == len(heights) - 1 else _nth(at)
            part = replace(part, adjectives=(which, *part.adjectives))
        out.append(part)
    return out


def _nth(at: int) -> str:
    return ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")[min(at, 8) - 1] + "-lowest"


def _carried(room: Room) -> dict[str, list[tuple[str, str]]]:
    """What is on and in what now: by the relations that still hold, and where there are none, by where things lie."""
    from lifeworld.scene.relation import why_not_in
    from lifeworld.scene.scene import Relation

    found: dict[str, list[tuple[str, str]]] = {}
    for name, placed in room.placed.items():
        facts = found.setdefault(name, [])
        for relation in placed.thing.relations:
            if why_not_in(room, relation, placed.thing) is None:
                facts.append((relation.kind, relation.thing))
                if relation.surface is not None:
                    facts.append((relation.kind, f"{relation.thing}/{relation.surface}"))
        if any(kind in ("on", "in") for kind, _ in facts):
            continue
        low, high = placed.bounds_m
        for other in room.near(low - 0.01, high + 0.01, but={name}):
            for kind in ("in", "on"):
                if _may_carry(other, kind, float(low[2])):
                    held = Relation(kind=kind, thing=other.thing.name)
                    if why_not_in(room, held, placed.thing) is None:
                        facts.append((kind, other.thing.name))
                        break
    for thing in room.scene.things:  # not placed yet: what is asked of it is all there is to say
        if thing.name not in room.placed:
            found[thing.name] = [(r.kind, r.thing) for r in thing.relations]
    return found


def _may_carry(other: Placed, kind: str, bottom_m: float) -> bool:
    """Whether what has its bottom at a height could be on or in a thing: a look at heights, before the geometry is asked."""
    sites = other.body.surfaces if kind == "on" else other.body.containers
    if not sites or other.pose.rotation[2, 2] < 0.99:
        return bool(sites)
    over = [bottom_m - float(other.pose.position_m[2] + site.pose.position_m[2]) for site in sites]
    spare = other.body.size_m[2] if other.body.soft else 0.02
    if kind == "on":
        return any(abs(gap) <= spare for gap in over)
    return any(-0.02 - 0.4 * site.height_m <= gap <= site.height_m for gap, site in zip(over, sites, strict=True))


def _space(space: Space) -> Referent:
    """A room of a home, as a place that things are in."""
    (x, y), (far_x, far_y) = space.low_m, space.high_m
    own = words_of_name(space.name)
    kind = space.kind.replace("_", " ")
    return Referent(
        name=space.name,
        sort="space",
        words=tuple(dict.fromkeys((" ".join(own), kind, "room"))),
        adjectives=tuple(kind.split()[:-1]),
        position_m=((x + far_x) / 2, (y + far_y) / 2, 0.0),
        size_m=(far_x - x, far_y - y, 0.0),
    )


def _within(one: Referent, scene: Scene) -> frozenset[tuple[str, str]]:
    """The room of a home that a thing is in."""
    if one.position_m is None or one.sort != "thing":
        return frozenset()
    x, y, _ = one.position_m
    spare = IN_WALL_M if set(one.words) & BUILT else 0.0
    inside = (
        s.name for s in scene.spaces if s.low_m[0] - spare <= x <= s.high_m[0] + spare and s.low_m[1] - spare <= y <= s.high_m[1] + spare
    )
    return frozenset(("in", name) for name in inside)


def _plain(name: str, sort: Sort, kind: str) -> Referent:
    words = words_of_name(name)
    general = {"camera": ("camera", "view"), "light": ("light", "lamp"), "embodiment": ("robot", "agent"), "group": ("group",)}[sort]
    nouns = dict.fromkeys((" ".join(words), *(f"{' '.join(words)} {g}" for g in general), *general, kind.replace("_", " ")))
    return Referent(name=name, sort=sort, words=tuple(n for n in nouns if n), adjectives=words)


def _color(thing: Thing, material: str | None) -> str | None:
    """The name of the colour it is mostly seen in."""
    from lifeworld.scene import archetype
    from lifeworld.scene.check import is_asset
    from lifeworld.scene.material import MATERIALS
    from lifeworld.scene.words.lexicon.color import color_name

    told = thing.color
    if told is None and thing.material is None and not is_asset(thing):
        told = archetype.kind(thing.kind).color
    if told is None and material is not None:
        told = MATERIALS[material].color
    return color_name(told) if told is not None else None


def _unbuilt(thing: Thing, assets: Mapping[str, Assembly] | None) -> bool:
    return thing.kind.startswith("asset:") and thing.kind[6:] not in (assets or {})


def _middle(placed: Placed) -> tuple[float, float, float]:
    low, high = placed.bounds_m
    return _triple((low + high) / 2)


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return (x, y, z)
