"""Small things where they belong: laid tables, things on worktops and in shelves, what stands by a bed. Each is placed by a relation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.random import Generator

from lifeworld.core.errors import PlacementError
from lifeworld.core.seed import generator
from lifeworld.scene import archetype
from lifeworld.scene.body import Site
from lifeworld.scene.homes.style import Style
from lifeworld.scene.place import place_one
from lifeworld.scene.room import Placed, Room
from lifeworld.scene.scene import Relation, Thing
from lifeworld.scene.space import SpaceKind

TURN_DEG = 6.0
NUDGE_M = 0.015
REACHED_M = 1.75
"""Nothing is put higher than this."""
LAMPS = ("lamp", "table_lamp", "candle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a kind of furniture carries: `fixed` are things at their places, (kind, chance, share of the half width, of the half depth,

    turn [degrees]); `loose` anything of these, so many as `density` for each square metre of a surface.
    """

    fixed: tuple[tuple[str, float, float, float, float], ...] = ()
    loose: tuple[str, ...] = ()
    density: float = 8.0
    surfaces: tuple[str, ...] = ()


BOOKS = ("book", "book", "book_stack", "magazine", "notebook")
USUAL: Mapping[tuple[SpaceKind | None, str], Usual] = {
    (None, "tv_stand"): Usual(fixed=(("tv", 1.0, 0.0, 0.0, 0.0),), loose=("remote", "book", "candle", "clock", "vase"), density=3),
    (None, "coffee_table"): Usual(loose=("magazine", "remote", "mug", "candle", "book", "bowl", "cactus", "tablet", "glass", "saucer"),
        density=8),
    (None, "shelf"): Usual(
        loose=(*BOOKS, "vase", "picture_frame", "cactus", "toy_car", "speaker", "clock", "box_with_lid", "teddy", "candle", "camera"),
        density=11,
    ),
    (None, "cabinet"): Usual(loose=("vase", "picture_frame", "table_lamp", "plant", "bowl", "book_stack", "candle", "flowers", "clock"),
        density=6,
                             surfaces=("top",)),
    (None, "drawer_unit"): Usual(loose=("table_lamp", "picture_frame", "box_with_lid", "vase", "book_stack", "flowers", "clock", "candle"),
                                 density=7),
    (None, "bedside_table"): Usual(fixed=(("table_lamp", 0.7, -0.35, 0.4, 0.0),), loose=("book", "clock", "phone", "glass", "magazine",
        "candle"),
                                   density=14, surfaces=("top",)),
    (None, "desk"): Usual(
        fixed=(("laptop", 0.8, -0.32, -0.15, 0.0), ("lamp", 0.6, -0.84, 0.4, 30.0), ("mouse", 0.6, 0.05, -0.3, 180.0)),
        loose=("notebook", "mug", "pencil", "book_stack", "phone", "ruler", "tape_roll", "picture_frame", "cactus", "scissors", "speaker"),
        density=5,
    ),
    (None, "wall_shelf"): Usual(loose=("cactus", "candle", "book", "vase", "picture_frame", "jar", "clock"), density=18),
    (None, "sofa"): Usual(loose=("book", "teddy", "magazine", "remote"), density=0.8),
    (None, "bed"): Usual(loose=("teddy", "book", "magazine", "laptop"), density=0.5),
    (None, "washing_machine"): Usual(loose=("laundry_basket", "bottle", "box"), density=3),
    (None, "chest"): Usual(loose=("teddy", "book_stack", "box"), density=4),
    (None, "table"): Usual(loose=("bowl", "vase", "candle", "jug", "magazine", "book"), density=3),
    (None, "round_table"): Usual(loose=("vase", "candle", "mug", "book"), density=4),
    ("kitchen", "table"): Usual(loose=("bowl", "jug", "bottle", "candle", "flowers", "bread", "cutting_board", "tray"), density=3),
    ("kitchen", "counter"): Usual(
        loose=("kettle", "jar", "bottle", "cutting_board", "mug", "bowl", "bread", "microwave", "pot", "can", "plate", "cactus",
            "spring_scale"),
        density=7,
    ),
    ("kitchen", "sink"): Usual(loose=("bottle", "jar", "mug", "glass", "soap"), density=6),
    ("kitchen", "stove"): Usual(fixed=(("pot", 0.5, 0.0, 0.0, 0.0),), surfaces=("plate_2", "plate_3")),
    ("kitchen", "wall_shelf"): Usual(loose=("jar", "mug", "cactus", "bowl", "can", "teapot"), density=20),
    ("kitchen", "shelf"): Usual(loose=("jar", "can", "bowl", "pot", "bottle", "basket", "teapot", "jug", "plate", "box"), density=12),
    ("kitchen", "cabinet"): Usual(loose=("bowl", "plant", "jug", "basket", "tray", "bread", "bottle", "teapot"), density=6,
        surfaces=("top",)),
    ("bathroom", "wall_shelf"): Usual(loose=("bottle", "candle", "cactus", "soap", "jar"), density=22),
    ("bathroom", "stool"): Usual(loose=("soap", "book", "candle"), density=10),
    ("clinic_ward", "bedside_table"): Usual(loose=("glass", "flowers", "book", "magazine", "phone", "bottle", "clock"), density=16,
                                            surfaces=("top",)),
    ("clinic_ward", "cabinet"): Usual(loose=("box", "box_with_lid", "bottle", "tray", "jar"), density=7, surfaces=("top",)),
}  # fmt: skip
"""By room and kind; None: in any room."""
SETTING = (("plate", 0.0, 0.17), ("glass", 0.14, 0.335), ("fork", -0.17, 0.17), ("knife", 0.16, 0.17), ("mug", -0.14, 0.335))
"""What lies before a chair at a laid table, as it is seen from there: metres to the right and from the edge."""
LAID, CUTLERY, SHINING, OPEN_LID_RAD = 0.55, 0.6, 0.4, 1.85
"""How often a table is laid, with knife and fork; how often a lamp shines; how far a laptop is opened."""
SITS_WITHIN_M = 0.75
FRUIT: Mapping[str, tuple[str, ...]] = {
    "bowl": ("apple", "orange", "lemon", "pear", "tomato"), "basket": ("bread", "ball", "apple", "orange", "teddy"),
}  # fmt: skip
"""What is put into what stands about."""
CROWDED = 0.6
"""Of a surface no more than this is covered: fuller than that nothing is found any more."""
ROUNDS = 6
"""How often all surfaces are gone over for more things, where a number was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A piece of furniture by name, and the sort of room it stands in."""

    name: str
    room: SpaceKind


@dataclass(frozen=True, slots=True)
class Wish:
    """A thing to be put somewhere: its kind and its relation to what carries it."""

    kind: str
    relation: Relation


def fill(
    room: Room, standing: Sequence[Standing], style: Style, taken: set[str], *, seed: int, most: int | None, density: float
) -> list[Thing]:
    """Placed things on and in the furniture; what does not fit is left out. `taken` are the names in use, and grow.

    `density` scales how much lies on everything; with `most` there are so many things, as far as there is room for them.
    """
    made: list[Thing] = []
    # How much of a surface is taken, and what found no place there: looking all over a full table takes half a second.
    covered: dict[tuple[str, str | None], float] = {}
    refused: dict[tuple[str, str | None], float] = {}

    def put(wish: Wish, rng: Generator) -> None:
        where, area = (wish.relation.thing, wish.relation.surface), _area_m2(wish.kind)
        whole = next((s.size_m[0] * s.size_m[1] for s in room[where[0]].body.surfaces if s.name == where[1]), np.inf)
        full = covered.get(where, 0.0) + area > CROWDED * whole or area >= refused.get(where, np.inf)
        if full or (most is not None and len(made) >= most):
            return
        thing = _dressed(free_name(wish.kind, taken), wish, style, rng)
        try:
            pose = place_one(room, thing, seed)
        except PlacementError:
            refused[where] = area
            return
        covered[where] = covered.get(where, 0.0) + area
        thing = replace(thing, pose=pose)
        taken.add(thing.name)
        room.put(thing, pose)
        made.append(thing)

    rng = generator(seed, "homes", "contents")
    for wish in _set_up(room, standing, rng):
        put(wish, rng)
    for _ in range(ROUNDS):
        before = len(made)
        wishes = list(_loose(room, standing, density, rng))
        for i in rng.permutation(len(wishes)):
            put(wishes[int(i)], rng)
        for thing in made[before:]:
            if thing.kind in FRUIT and rng.random() < 0.8:
                kinds = FRUIT[thing.kind]
                for _ in range(int(rng.integers(1, 4))):
                    put(Wish(kinds[int(rng.integers(len(kinds)))], Relation(kind="in", thing=thing.name)), rng)
        if most is None or len(made) in (before, most):
            break
    return made


def free_name(kind: str, taken: set[str]) -> str:
    """The kind's own name, or with the least number from 2 that makes it new."""
    if kind not in taken:
        return kind
    return next(name for number in count(2) if (name := f"{kind}_{number}") not in taken)


def usual(room: SpaceKind, kind: str) -> Usual | None:
    """What this furniture carries in such a room; None for what carries nothing."""
    return USUAL.get((room, kind), USUAL.get((None, kind)))


def _set_up(room: Room, standing: Sequence[Standing], rng: Generator) -> Iterator[Wish]:
    """What has its own place: the television on its board, the laptop before the chair, plates before chairs."""
    for where in standing:
        placed = room[where.name]
        it = usual(where.room, placed.thing.kind)
        for kind, chance, right, back, turn in it.fixed if it is not None else ():
            if rng.random() < chance:
                site = _sites(placed, it)[0] if it is not None and it.surfaces else placed.body.surfaces[0]
                at = (right * site.size_m[0] / 2 + _nudge(rng), back * site.size_m[1] / 2 + _nudge(rng))
                yaw = turn + float(rng.uniform(-TURN_DEG, TURN_DEG))
                yield Wish(kind, Relation(kind="on", thing=where.name, surface=site.name, at_m=at, yaw_deg=yaw))
        if placed.thing.kind in ("table", "round_table") and rng.random() < LAID:
            cutlery = bool(rng.random() < CUTLERY)
            for other in standing:
                if room[other.name].thing.kind == "chair":
                    yield from _laid(placed, room[other.name], rng, cutlery=cutlery)


def _laid(table: Placed, chair: Placed, rng: Generator, *, cutlery: bool) -> Iterator[Wish]:
    """A place laid before a chair that stands at a table."""
    site = table.body.surfaces[0]
    seat = (table.pose @ site.pose).inverse() @ chair.pose
    ahead = -seat.rotation[:2, 1]
    half = np.asarray(site.size_m) / 2
    axis = int(np.argmax(np.abs(ahead)))
    if abs(ahead[axis]) < 0.9:
        return
    edge = seat.position_m[:2].copy()
    edge[axis] = -np.sign(ahead[axis]) * half[axis]
    if abs(edge[1 - axis]) > half[1 - axis] or np.linalg.norm(edge - seat.position_m[:2]) > SITS_WITHIN_M:
        return
    right = np.array([ahead[1], -ahead[0]])
    yaw = float(np.rad2deg(np.arctan2(-ahead[0], ahead[1])))
    for kind, aside, away in SETTING:
        if (kind in ("fork", "knife") and not cutlery) or (kind == "mug" and rng.random() < 0.7):
            continue
        at = edge + ahead * away + right * aside + rng.uniform(-0.004, 0.004, 2)
        turn = yaw + float(rng.uniform(-3, 3))
        turn = (turn + 180.0) % 360.0 - 180.0
        yield Wish(kind, Relation(kind="on", thing=table.thing.name, surface=site.name, at_m=(float(at[0]), float(at[1])), yaw_deg=turn))


def _loose(room: Room, standing: Sequence[Standing], density: float, rng: Generator) -> Iterator[Wish]:
    """Things that may be anywhere on what carries them."""
    for where in standing:
        placed = room[where.name]
        it = usual(where.room, placed.thing.kind)
        if it is None or not it.loose:
            continue
        for site in _sites(placed, it):
            fits = [k for k in it.loose if _fits(k, site)]
            number = int(rng.poisson(density * it.density * site.size_m[0] * site.size_m[1])) if fits else 0
            for _ in range(number):
                kind = fits[int(rng.integers(len(fits)))]
                yield Wish(kind, Relation(kind="on", thing=where.name, surface=site.name))


def _sites(placed: Placed, it: Usual) -> list[Site]:
    """The surfaces in the thing's frame that are used, none higher than one can reach."""
    sites = placed.body.surfaces
    return [s for s in sites if (s.name in it.surfaces if it.surfaces else s.pose.position_m[2] < REACHED_M)]


def _fits(kind: str, site: Site) -> bool:
    x, y, z = archetype.kind(kind).size_m
    return min(x, y) < min(site.size_m) and max(x, y) < max(site.size_m) and z < site.height_m - 0.01


def _dressed(name: str, wish: Wish, style: Style, rng: Generator) -> Thing:
    """The thing in a colour its kind comes in, one of the style's where there is one."""
    what = archetype.kind(wish.kind)
    accents = [c for c in style.accents if c in what.colors]
    colors = accents if accents and rng.random() < 0.6 else what.colors
    color = colors[int(rng.integers(len(colors)))] if colors else None
    shines = "turn_on" in what.affordances and wish.kind in LAMPS and bool(rng.random() < SHINING)
    lid = (("lid", OPEN_LID_RAD),) if wish.kind == "laptop" and wish.relation.at_m is not None else ()
    return Thing(name=name, kind=wish.kind, color=color, relations=(wish.relation,), turned_on=shines, joints=lid)


def _area_m2(kind: str) -> float:
    x, y, _ = archetype.kind(kind).size_m
    return x * y


def _nudge(rng: Generator) -> float:
    return float(rng.uniform(-NUDGE_M, NUDGE_M))
