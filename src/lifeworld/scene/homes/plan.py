"""Floor plans: rectangles of floor between walls, doors that connect them all, windows to the outside.

A home is a rectangle cut in two, again and again; each cut is a wall that ends at the walls it was cut between, so that no two
walls are in each other. Doors make a tree over the rooms: every room is reached, and nobody walks through a bathroom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from numpy.random import Generator

from lifeworld.core.errors import LimitError, PlacementError
from lifeworld.scene.space import SpaceKind

WALL_M = 0.12
HEIGHT_M = 2.6
DOOR_M = 1.02
"""How wide a doorway is. Its frame, the open leaf and the handle leave 0.8 m of it."""
SPARE_M = 0.12
"""Wall that stays between an opening and the next corner or opening."""
SWING_M = 1.0
"""How far an opening door reaches into its room."""
LANDING_M = 0.75
"""Floor kept free on a door's other side."""
TRIES = 40_000
"""Plans drawn until one has all rooms large enough and connected: one in 15 does for four rooms, one in some thousand for eight."""

SENSITIVE: frozenset[SpaceKind] = frozenset({"bathroom", "clinic_ward"})
SIDES_M: dict[SpaceKind, tuple[float, float]] = {
    "kitchen": (2.9, 4.6), "living_room": (3.6, 6.0), "bedroom": (3.0, 4.8), "bathroom": (2.1, 3.4), "office": (2.8, 5.2),
    "clinic_ward": (5.0, 7.5), "hall": (2.0, 4.0),
}  # fmt: skip
"""The least a side of such a room may be, and the most one drawn alone has."""
AREA_M2: dict[SpaceKind, tuple[float, float]] = {
    "kitchen": (11.0, 16.0), "living_room": (18.0, 28.0), "bedroom": (12.0, 17.0), "bathroom": (6.5, 9.0), "office": (9.5, 15.0),
    "clinic_ward": (30.0, 46.0), "hall": (6.0, 10.0),
}  # fmt: skip
LONGEST = 2.0
"""No room is longer than so many times its width."""
HUBS: tuple[SpaceKind, ...] = ("hall", "living_room")
DEAD_ENDS: frozenset[SpaceKind] = frozenset({"bathroom", "clinic_ward"})
"""Rooms that nobody walks through."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of floor, `x` and `y` each from the least to the greatest [m]."""

    x: Span
    y: Span

    @property
    def size_m(self) -> tuple[float, float]:
        return self.x[1] - self.x[0], self.y[1] - self.y[0]

    @property
    def area_m2(self) -> float:
        return self.size_m[0] * self.size_m[1]

    @property
    def centre_m(self) -> tuple[float, float]:
        return (self.x[0] + self.x[1]) / 2, (self.y[0] + self.y[1]) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A door or window in a wall: its middle `at_m` along the wall and its width; `height_m` over `sill_m`.

    A door swings `into` a room, hung at the lower or higher end of the wall's axis; a window looks into it. `other` is what lies
    behind: a room, or the outside (None).
    """

    sort: Literal["door", "window"]
    at_m: float
    width_m: float
    into: str
    other: str | None = None
    sill_m: float = 0.0
    height_m: float = 2.06
    hinge: Literal["low", "high"] = "low"

    @property
    def span_m(self) -> Span:
        return self.at_m - self.width_m / 2, self.at_m + self.width_m / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPlan:
    """A wall along `axis` (0: x, 1: y) from `ends_m`, its middle at `line_m` on the other axis.

    `low` and `high` name the rooms at its two sides with the stretch they share with it.
    """

    axis: int
    line_m: float
    ends_m: Span
    low: tuple[tuple[str, Span], ...] = ()
    high: tuple[tuple[str, Span], ...] = ()
    openings: tuple[Opening, ...] = ()

    def free(self, span: Span) -> bool:
        """Whether an opening may take this stretch."""
        return all(span[1] + SPARE_M <= o.span_m[0] or o.span_m[1] + SPARE_M <= span[0] for o in self.openings)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """A room's floor between its walls."""

    name: str
    kind: SpaceKind
    floor: Rect

    @property
    def sensitive(self) -> bool:
        return self.kind in SENSITIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole floor: `outline` is the floor between the outer walls."""

    outline: Rect
    rooms: tuple[RoomPlan, ...]
    walls: tuple[WallPlan, ...]

    def room(self, name: str) -> RoomPlan:
        return next(r for r in self.rooms if r.name == name)


def one_room(kind: SpaceKind, rng: Generator, size_m: tuple[float, float] | None = None) -> Plan:
    """A single room with a door and windows, its middle at the origin.

    Raises:
        LimitError: for a size no such room has.
    """
    if size_m is None:
        size_m = _drawn_size(kind, rng)
    least = SIDES_M[kind][0]
    if not all(least <= side <= 10.0 for side in size_m):
        raise LimitError(f"a {kind.replace('_', ' ')} is not made at this size", got=f"{size_m} m", expected=f"{least:g} to 10 m a side")
    x, y = size_m
    outline = Rect((-x / 2, x / 2), (-y / 2, y / 2))
    plan = _with_walls(outline, (RoomPlan(name=kind, kind=kind, floor=outline),), ())
    return _opened(plan, rng)


def many_rooms(kinds: Sequence[SpaceKind], rng: Generator) -> Plan:
    """Rooms of these kinds side by side, all reached by doors; its middle at the origin.

    Raises:
        PlacementError: `no_room`, when none of many plans drawn has all rooms large enough and connected.
    """
    names: list[str] = []
    for kind in kinds:
        number = sum(k == kind for k in kinds[: len(names)]) + 1
        names.append(kind if number == 1 else f"{kind}_{number}")
    for _ in range(TRIES):
        areas = [float(rng.uniform(*AREA_M2[kind])) for kind in kinds]
        whole = sum(areas) * 1.06  # the walls take some
        ratio = float(rng.uniform(0.6, 1.6))
        x, y = round((whole * ratio) ** 0.5, 1), round((whole / ratio) ** 0.5, 1)
        outline = Rect((-x / 2, x / 2), (-y / 2, y / 2))
        floors: dict[int, Rect] = {}
        cuts: list[tuple[int, float, Span]] = []
        if _cut(outline, [int(i) for i in rng.permutation(len(kinds))], areas, kinds, rng, floors, cuts):
            rooms = tuple(RoomPlan(name=names[i], kind=kind, floor=floors[i]) for i, kind in enumerate(kinds))
            plan = _connected(_with_walls(outline, rooms, cuts), rng)
            if plan is not None:
                return _opened(plan, rng)
    raise PlacementError(
        f"no plan with {', '.join(kinds)} came out in {TRIES} tries",
        reason="no_room",
        fix="Take fewer rooms, or another seed.",
    )


def _drawn_size(kind: SpaceKind, rng: Generator) -> tuple[float, float]:
    low, high = SIDES_M[kind]
    least, most = AREA_M2[kind]
    for _ in range(TRIES):
        x, y = (round(float(s), 1) for s in rng.uniform(low, high, 2))
        if least <= x * y <= most and max(x, y) <= LONGEST * min(x, y):
            return x, y
    side = round(((least + most) / 2) ** 0.5, 1)
    return side, side


def _is_fit(floor: Rect, kind: SpaceKind) -> bool:
    x, y = floor.size_m
    return min(x, y) >= SIDES_M[kind][0] and max(x, y) <= LONGEST * min(x, y)


def _cut(
    floor: Rect,
    which: list[int],
    areas: Sequence[float],
    kinds: Sequence[SpaceKind],
    rng: Generator,
    floors: dict[int, Rect],
    cuts: list[tuple[int, float, Span]],
) -> bool:
    """Share a rectangle out among rooms by their areas, cutting it across its longer side, mostly; False where one does not fit."""
    if len(which) == 1:
        floors[which[0]] = floor
        return _is_fit(floor, kinds[which[0]])
    middle = len(which) // 2 if len(which) < 4 else int(rng.integers(len(which) // 2, len(which) // 2 + len(which) % 2 + 1))
    first, second = which[:middle], which[middle:]
    share = sum(areas[i] for i in first) / sum(areas[i] for i in which)
    x, y = floor.size_m
    across_x = x > y if rng.random() < 0.9 else x <= y
    span, other = (floor.x, floor.y) if across_x else (floor.y, floor.x)
    at = round(span[0] + share * (span[1] - span[0]), 2)
    cuts.append((1 if across_x else 0, at, other))
    low, high = (span[0], at - WALL_M / 2), (at + WALL_M / 2, span[1])
    parts = ((low, first), (high, second))
    return all(_cut(Rect(part, other) if across_x else Rect(other, part), rooms, areas, kinds, rng, floors, cuts) for part, rooms in parts)


def _with_walls(outline: Rect, rooms: tuple[RoomPlan, ...], cuts: Sequence[tuple[int, float, Span]]) -> Plan:
    half = WALL_M / 2
    (left, right), (front, back) = outline.x, outline.y
    lines: list[tuple[int, float, Span]] = [
        (0, front - half, (left - WALL_M, right + WALL_M)),
        (0, back + half, (left - WALL_M, right + WALL_M)),
        (1, left - half, (front, back)),
        (1, right + half, (front, back)),
        *cuts,
    ]
    walls = []
    for axis, line, ends in lines:
        sides: list[list[tuple[str, Span]]] = [[], []]
        for room in rooms:
            along, across = (room.floor.x, room.floor.y) if axis == 0 else (room.floor.y, room.floor.x)
            shared = (max(along[0], ends[0]), min(along[1], ends[1]))
            if shared[1] - shared[0] > 0.01:
                for side, edge in ((0, across[1]), (1, across[0])):
                    if abs(edge - (line - half if side == 0 else line + half)) < 1e-6:
                        sides[side].append((room.name, shared))
        walls.append(WallPlan(axis=axis, line_m=line, ends_m=ends, low=tuple(sides[0]), high=tuple(sides[1])))
    return Plan(outline=outline, rooms=rooms, walls=tuple(walls))


def _connected(plan: Plan, rng: Generator) -> Plan | None:
    """The plan with doors that make a tree over its rooms; None where they cannot."""
    kinds = {r.name: r.kind for r in plan.rooms}
    ways: list[tuple[float, int, str, str, Span]] = []
    for i, wall in enumerate(plan.walls):
        for a, span_a in wall.low:
            for b, span_b in wall.high:
                shared = (max(span_a[0], span_b[0]), min(span_a[1], span_b[1]))
                if shared[1] - shared[0] >= DOOR_M + 2 * SPARE_M:
                    ways.append((_cost(kinds[a], kinds[b]) + float(rng.random()), i, a, b, shared))
    hub = min(plan.rooms, key=lambda r: HUBS.index(r.kind) if r.kind in HUBS else len(HUBS)).name
    reached, walls = {hub}, list(plan.walls)
    while len(reached) < len(plan.rooms):
        # Prim's tree: the cheapest door from where one may already walk to where one cannot yet.
        open_ = [
            w for w in ways
            if (w[2] in reached) != (w[3] in reached) and kinds[w[2] if w[2] in reached else w[3]] not in DEAD_ENDS
        ]  # fmt: skip
        if not open_:
            return None
        _, i, a, b, shared = min(open_)
        new, old = (b, a) if a in reached else (a, b)
        span = _door_span(shared, walls[i], rng)
        if span is None:
            ways = [w for w in ways if w[1:4] != (i, a, b)]
            continue
        into, other = (old, new) if kinds[new] == "hall" else (new, old)
        hinge: Literal["low", "high"] = "low" if span[0] - shared[0] < shared[1] - span[1] else "high"
        door = Opening(sort="door", at_m=sum(span) / 2, width_m=DOOR_M, into=into, other=other, hinge=hinge)
        walls[i] = replace(walls[i], openings=(*walls[i].openings, door))
        reached.add(new)
    return replace(plan, walls=tuple(walls))


def _cost(a: SpaceKind, b: SpaceKind) -> float:
    """How odd a door between two such rooms would be."""
    if "hall" in (a, b):
        return 0.0
    pair = frozenset((a, b))
    if pair == {"kitchen", "living_room"}:
        return 0.5
    if "living_room" in pair:
        return 1.0
    return 4.0 if "kitchen" in pair else 3.0 if pair == {"bedroom", "bathroom"} else 3.5


def _door_span(shared: Span, wall: WallPlan, rng: Generator) -> Span | None:
    """Where a door goes: mostly at an end of the stretch, so that its leaf lies along a wall; None where all is taken."""
    low, high = shared[0] + SPARE_M, shared[1] - SPARE_M - DOOR_M
    spots = [low, high] if rng.random() < 0.5 else [high, low]
    spots = [*spots, (low + high) / 2] if rng.random() < 0.8 else [(low + high) / 2, *spots]
    return next(((at, at + DOOR_M) for at in spots if wall.free((at, at + DOOR_M))), None)


def _opened(plan: Plan, rng: Generator) -> Plan:
    """The plan with a front door and with windows in its outer walls."""
    entry = min(plan.rooms, key=lambda r: HUBS.index(r.kind) if r.kind in HUBS else len(HUBS))
    walls = list(plan.walls)
    stretches = [(i, name, span) for i, wall in enumerate(walls) for name, span in _outside(wall)]
    for i, name, span in (stretches[int(k)] for k in rng.permutation(len(stretches))):
        if name == entry.name and span[1] - span[0] >= DOOR_M + 2 * SPARE_M:
            at = _door_span(span, walls[i], rng)
            if at is not None:
                hinge: Literal["low", "high"] = "low" if at[0] - span[0] < span[1] - at[1] else "high"
                walls[i] = replace(
                    walls[i], openings=(*walls[i].openings, Opening(sort="door", at_m=sum(at) / 2, width_m=DOOR_M, into=name, hinge=hinge))
                )
                break
    for room in plan.rooms:
        mine = [(i, span) for i, name, span in stretches if name == room.name]
        small = room.kind == "bathroom"
        wanted = 1 if small or room.floor.area_m2 < 14 else 2
        for i, span in (mine[int(k)] for k in rng.permutation(len(mine))):
            if not wanted:
                break
            width = 0.62 if small else float(rng.choice([1.02, 1.22, 1.52]))
            if span[1] - span[0] < width + 0.8:
                continue
            middle = (span[0] + span[1]) / 2 + float(rng.uniform(-0.12, 0.12)) * (span[1] - span[0])
            at = (middle - width / 2, middle + width / 2)
            if walls[i].free(at) and at[0] - SPARE_M >= span[0] and at[1] + SPARE_M <= span[1]:
                sill, height = (1.0, 0.72) if small else (0.9, 1.12)
                window = Opening(sort="window", at_m=middle, width_m=width, into=room.name, sill_m=sill, height_m=height)
                walls[i] = replace(walls[i], openings=(*walls[i].openings, window))
                wanted -= 1
    return replace(plan, walls=tuple(replace(w, openings=tuple(sorted(w.openings, key=lambda o: o.at_m))) for w in walls))


def _outside(wall: WallPlan) -> tuple[tuple[str, Span], ...]:
    """The rooms that have this wall to the outside."""
    return wall.low if not wall.high else wall.high if not wall.low else ()
