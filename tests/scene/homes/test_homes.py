"""Rooms and homes: the same from the same seed, nothing in anything else, every door opens, and one can walk."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import LifeworldError, LimitError, UnknownName
from lifeworld.core.seed import generator
from lifeworld.scene.archetype import kinds
from lifeworld.scene.homes import HOMES, STYLES, home, room
from lifeworld.scene.homes.floor import flood
from lifeworld.scene.homes.plan import LONGEST, SIDES_M, WALL_M, Plan, many_rooms, one_room
from lifeworld.scene.relation import collisions, pieces_overlap_m, why_not_in
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Scene, Thing
from lifeworld.scene.space import SPACE_KINDS, SpaceKind
from lifeworld.scene.text import parse, to_text

WALK_M, CELL_M, HEAD_M = 0.7, 0.02, 1.9
DRAWN: tuple[tuple[SpaceKind | int, int], ...] = (*((kind, 11) for kind in SPACE_KINDS), ("kitchen", 12), ("bedroom", 12), (3, 11), (5, 12))


@cache
def drawn(what: SpaceKind | int, seed: int) -> Scene:
    return home(what, seed=seed) if isinstance(what, int) else room(what, seed=seed)


@pytest.mark.parametrize(("what", "seed"), DRAWN)
def test_nothing_is_in_anything_else_and_every_relation_holds(what: SpaceKind | int, seed: int) -> None:
    scene = drawn(what, seed)
    assert collisions(scene) == []
    there = Room(scene)
    broken = [why for thing in scene.things for relation in thing.relations if (why := why_not_in(there, relation, thing)) is not None]
    assert broken == []


@pytest.mark.parametrize(("what", "seed"), DRAWN)
def test_one_can_walk_from_every_door_to_every_other(what: SpaceKind | int, seed: int) -> None:
    """By the pieces of what stands there, not by the boxes it was laid out with; inner doors stand open."""
    scene = _with_doors(drawn(what, seed), 1.5)
    xs, ys, open_ = _walkable(scene)
    doors = [t for t in scene.things if t.kind == "door"]
    places = [_beside(door, scene) for door in doors]
    goals = [_within(xs, ys, *box) & open_ for box in places]
    assert all(goal.any() for goal in goals), "a door cannot be walked to"
    reached = flood(goals[0], open_)
    assert all((goal & reached).any() for goal in goals), "a door cannot be reached from another"
    for space in scene.spaces:
        assert (_within(xs, ys, space.low_m, space.high_m) & reached).any(), f"nobody comes into the {space.name}"


@pytest.mark.parametrize(("what", "seed"), DRAWN)
def test_what_is_used_can_be_walked_to(what: SpaceKind | int, seed: int) -> None:
    scene = _with_doors(drawn(what, seed), 1.5)
    xs, ys, open_ = _walkable(scene)
    start = _within(xs, ys, *_beside(next(t for t in scene.things if t.kind == "door"), scene)) & open_
    reached = flood(start, open_)
    there = Room(scene)
    used = ("fridge", "sink", "stove", "wardrobe", "bed", "toilet", "washbasin", "hospital_bed", "sofa", "desk", "shelf", "tv_stand")
    for thing in scene.things:
        if thing.kind in used:
            low, high = there[thing.name].bounds_m
            near = _within(xs, ys, low[:2] - 0.75, high[:2] + 0.75)
            assert (near & reached).any(), f"{thing.name} cannot be walked to"


@pytest.mark.parametrize(("what", "seed"), DRAWN)
def test_doors_swing_free(what: SpaceKind | int, seed: int) -> None:
    scene = drawn(what, seed)
    doors = {t.name for t in scene.things if t.kind == "door"}
    others = Room(replace(scene, things=tuple(t for t in scene.things if t.name not in doors and kinds()[t.kind].category != "structure")))
    assert doors
    for angle in np.linspace(0.0, 1.5, 6):
        swung = Room(_with_doors(scene, float(angle)))
        for name in doors:
            low, high = swung[name].bounds_m
            for other in others.near(low, high):
                assert pieces_overlap_m(swung[name].solid, other.solid) == 0.0, f"{name} hits {other.thing.name} at {angle:.1f} rad"


@pytest.mark.parametrize(("what", "seed"), DRAWN)
def test_windows_are_not_blocked(what: SpaceKind | int, seed: int) -> None:
    scene = drawn(what, seed)
    there = Room(scene)
    for window in (t for t in scene.things if t.kind == "window"):
        low, high = there[window.name].bounds_m
        ahead = there[window.name].pose.rotation[:, 1] * -0.3  # its front looks into the room
        seen_low, seen_high = np.minimum(low, low + ahead) + 0.1, np.maximum(high, high + ahead) - 0.1
        big = [p.thing.name for p in there.near(seen_low, seen_high, but=(window.name,)) if kinds()[p.thing.kind].category == "furniture"]
        assert big == []


@pytest.mark.parametrize("what", ["kitchen", "bedroom", "bathroom", "hall", 3])
def test_the_same_seed_gives_the_same_scene(what: SpaceKind | int) -> None:
    scene = drawn(what, 11)
    again = home(what, seed=11) if isinstance(what, int) else room(what, seed=11)
    assert again == scene
    assert to_text(again) == to_text(scene)
    assert parse(to_text(scene)) == scene
    other = home(what, seed=13, density=0.0) if isinstance(what, int) else room(what, seed=13)
    assert other.things != scene.things


def test_sensitive_spaces_are_marked() -> None:
    assert all(s.sensitive == (s.kind in ("bathroom", "clinic_ward")) for w in SPACE_KINDS for s in drawn(w, 11).spaces)
    assert any(s.sensitive for s in drawn(5, 12).spaces)


def test_a_number_of_things_is_kept() -> None:
    assert len(room("kitchen", seed=2, things=20).things) == 20
    assert len(room("living_room", seed=2, things=70).things) == 70
    assert len(room("bedroom", seed=2, density=0.0).things) < len(room("bedroom", seed=2, density=2.0).things)


def test_bare_is_only_the_building() -> None:
    for scene in (room("office", seed=1, furnished=False), home(3, seed=1, furnished=False)):
        assert {kinds()[t.kind].category for t in scene.things} == {"structure", "opening"}
        assert len(scene.spaces) == (3 if scene.name == "home" else 1)


def test_size_and_style_are_kept() -> None:
    scene = room("office", seed=4, size_m=(4.4, 3.2), style="classic")
    (space,) = scene.spaces
    assert np.subtract(space.high_m, space.low_m) == pytest.approx((4.4, 3.2))
    assert {t.material for t in scene.things if t.kind == "desk"} == {STYLES["classic"].wood}
    assert {t.color for t in scene.things if t.kind.startswith("wall") and t.kind != "wall_shelf"} == {STYLES["classic"].wall}


def test_homes_of_chosen_rooms() -> None:
    scene = home(("hall", "office", "bathroom"), seed=2)
    assert [s.kind for s in scene.spaces] == ["hall", "office", "bathroom"]
    assert [s.name for s in home(8, seed=0, furnished=False).spaces][-1] == "bathroom_2"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"kind": "kitchn"}, UnknownName),
        ({"kind": "kitchen", "style": "baroc"}, UnknownName),
        ({"kind": "kitchen", "size_m": (1.0, 3.0)}, LimitError),
        ({"kind": "kitchen", "size_m": (float("nan"), 3.0)}, LimitError),
        ({"kind": "kitchen", "size_m": (1e30, 3.0)}, LimitError),
        ({"kind": "kitchen", "density": float("nan")}, LimitError),
        ({"kind": "kitchen", "density": -1.0}, LimitError),
        ({"kind": "kitchen", "things": 0}, LimitError),
        ({"kind": "kitchen", "things": 10**9}, LimitError),
        ({"kind": "kitchen", "seed": -1}, LimitError),
        ({"rooms": 1}, LimitError),
        ({"rooms": 9}, LimitError),
        ({"rooms": ("kitchen", "garage")}, UnknownName),
        ({"rooms": ("kitchen",) * 9}, LimitError),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, object], error: type[LifeworldError]) -> None:
    draw = home if "rooms" in asked else room
    with pytest.raises(error):
        draw(**{"seed": 0, **asked})  # type: ignore[operator]


@settings(max_examples=40, deadline=None)
@given(number=st.sampled_from(sorted(HOMES)), seed=st.integers(0, 10**6))
def test_plans_are_whole(number: int, seed: int) -> None:
    """No two rooms or walls in each other, each room large enough, all connected, none walked through that is private."""
    plan = many_rooms(HOMES[number], generator(seed, "test"))
    _check_plan(plan)
    doors = [o for wall in plan.walls for o in wall.openings if o.sort == "door"]
    assert sum(o.other is None for o in doors) == 1, "one front door"
    assert sum(o.other is not None for o in doors) == number - 1, "as many doors as a tree has"
    reached = {plan.rooms[0].name}
    for _ in plan.rooms:
        reached |= {name for o in doors if o.other is not None and {o.into, o.other} & reached for name in (o.into, o.other)}
    assert reached == {r.name for r in plan.rooms}
    for each in plan.rooms:
        if each.sensitive:
            assert sum(each.name in (o.into, o.other) for o in doors) == 1


@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from(SPACE_KINDS), seed=st.integers(0, 10**6))
def test_rooms_alone_are_whole(kind: SpaceKind, seed: int) -> None:
    plan = one_room(kind, generator(seed, "test"))
    _check_plan(plan)
    assert any(o.sort == "window" for wall in plan.walls for o in wall.openings)
    assert sum(o.sort == "door" for wall in plan.walls for o in wall.openings) == 1


@settings(max_examples=25, deadline=None)
@given(number=st.sampled_from(sorted(HOMES)), seed=st.integers(0, 10**6))
def test_buildings_stand_around_every_room(number: int, seed: int) -> None:
    """Walls are never longer than walls are made, and meet without a gap or an overlap, doors and windows in their openings."""
    scene = home(number, seed=seed, furnished=False)
    assert collisions(scene) == []
    there = Room(scene)
    for space in scene.spaces:
        length = sum(high - low for low, high in zip(space.low_m, space.high_m, strict=True)) * 2
        walls = [p for p in there.placed.values() if p.thing.kind.startswith("wall")]
        along = 0.0
        for placed in walls:  # how much of the room's edge each wall lies along
            low, high = placed.bounds_m
            for axis in (0, 1):
                touches = min(abs(low[1 - axis] - space.high_m[1 - axis]), abs(high[1 - axis] - space.low_m[1 - axis])) < 1e-6
                if touches and high[axis] - low[axis] > 0.2:
                    along += max(0.0, min(high[axis], space.high_m[axis]) - max(low[axis], space.low_m[axis]))
        assert along == pytest.approx(length, abs=1e-6)


# -- what the tests measure with ---------------------------------------------------------------------------------------------


def _check_plan(plan: Plan) -> None:
    for each in plan.rooms:
        x, y = each.floor.size_m
        assert min(x, y) >= SIDES_M[each.kind][0] - 1e-9
        assert max(x, y) <= LONGEST * min(x, y) + 1e-9
    boxes = [(each.floor.x, each.floor.y) for each in plan.rooms]
    for wall in plan.walls:
        across = (wall.line_m - WALL_M / 2, wall.line_m + WALL_M / 2)
        boxes.append((wall.ends_m, across) if wall.axis == 0 else (across, wall.ends_m))
        spans = [wall.ends_m[0], *(end for o in wall.openings for end in o.span_m), wall.ends_m[1]]
        assert spans == sorted(spans), "openings lie in their wall, one after the other"
    for a, b in combinations(boxes, 2):
        meet = [min(p[1], q[1]) - max(p[0], q[0]) for p, q in zip(a, b, strict=True)]
        assert min(meet) < 1e-6, f"{a} and {b} overlap"


def _with_doors(scene: Scene, angle_rad: float) -> Scene:
    def swung(thing: Thing) -> Thing:
        return replace(thing, joints=(("leaf", angle_rad),)) if thing.kind == "door" else thing

    return replace(scene, things=tuple(swung(t) for t in scene.things))


def _walkable(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """A grid over the house, and where on it the middle of a walker may be."""
    low = np.min([s.low_m for s in scene.spaces], axis=0) - 1.0
    high = np.max([s.high_m for s in scene.spaces], axis=0) + 1.0
    xs, ys = (np.arange(a, b, CELL_M) for a, b in zip(low, high, strict=True))
    open_ = np.ones((len(xs), len(ys)), dtype=bool)
    for placed in Room(scene).placed.values():
        lows, highs = placed.solid.bounds()
        for a, b in zip(lows, highs, strict=True):
            if a[2] < HEAD_M and b[2] > 0.03:
                half = WALK_M / 2 - 1e-6
                open_ &= ~_within(xs, ys, a[:2] - half, b[:2] + half)
    return xs, ys, open_


def _beside(door: Thing, scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The floor before a door, on the side that it opens to."""
    placed = Room(replace(scene, things=(door,)))[door.name]
    middle = placed.pose.apply(np.array([0.0, -0.65, 0.0]))[:2]
    return middle - 0.45, middle + 0.45


def _within(xs: NDArray[np.float64], ys: NDArray[np.float64], low: object, high: object) -> NDArray[np.bool_]:
    (x0, y0), (x1, y1) = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return np.asarray(((x0 <= xs) & (xs <= x1))[:, None] & ((y0 <= ys) & (ys <= y1))[None, :])
