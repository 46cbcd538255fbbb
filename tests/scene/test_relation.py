"""Relations and overlaps against plain geometry: what holds where, and how deep two things are in each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError, UnknownName
from lifeworld.core.pose import Pose, matrix_from_quat, quat_canonical
from lifeworld.scene import archetype
from lifeworld.scene.archetype import kinds
from lifeworld.scene.convex import Solid, any_collide, collide, depth_m, gap_m, joined
from lifeworld.scene.footprint import area_m2, clip, disc, hull, rectangle, within_m
from lifeworld.scene.relation import collisions, holds, overlap_m, pieces_overlap_m, why_not
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, RelationKind, Scene, Thing

Array = NDArray[np.float64]


def thing(name: str, kind: str, at: tuple[float, float, float], yaw_deg: float = 0.0, relations: tuple[Relation, ...] = ()) -> Thing:
    return Thing(name=name, kind=kind, pose=Pose.from_yaw(at, np.deg2rad(yaw_deg)), relations=relations)


def true(kind: RelationKind, *things: Thing, surface: str | None = None) -> bool:
    """Whether the last thing is `kind` the one before it."""
    scene = Scene(name="s", things=things)
    return holds(Relation(kind=kind, thing=things[-2].name, surface=surface), scene, thing=things[-1].name)


# -- shapes ----------------------------------------------------------------------------------------------------------------


def solids(kind: str, rng: np.random.Generator, n: int) -> Solid:
    """`n` random pieces of a kind within a metre."""
    axes = matrix_from_quat(quat_canonical(rng.normal(size=(n, 4))))
    centre, size, none = rng.uniform(-0.5, 0.5, (n, 3)), rng.uniform(0.05, 0.4, (n, 3)), np.zeros((n, 3))
    corner = np.stack(np.meshgrid(*[(-1.0, 1.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    empty = np.zeros((n, 8, 3))
    no, yes = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    if kind == "box":
        return Solid(centre, axes, size, none, empty, no)
    if kind == "ball":
        return Solid(centre, axes, none, np.repeat(size[:, :1], 3, axis=1), empty, no)
    if kind == "cylinder":
        return Solid(centre, axes, size * (0, 0, 1), np.column_stack([size[:, 0], size[:, 0], none[:, 0]]), empty, no)
    return Solid(centre, axes, size, none, corner * size[:, None], yes)  # the hull of a box's corners: a box again


def sampled_gap_m(a: Solid, b: Solid, rounds: int = 4000) -> float:
    """The distance of two pieces by plain alternating projection: slow, simple, an independent judge."""
    x, y = a.centre_m[0], b.centre_m[0]
    for _ in range(rounds):
        x = _nearest(a, y)
        y = _nearest(b, x)
    return float(np.linalg.norm(x - y))


def _nearest(a: Solid, point: Array) -> Array:
    local = a.axes[0].T @ (point - a.centre_m[0])
    core = np.clip(local, -a.half_m[0], a.half_m[0])
    if a.round_m[0].all():  # a ball
        out = local - core
        core = core + out * min(1.0, a.round_m[0, 0] / max(float(np.linalg.norm(out)), 1e-12))
    elif a.round_m[0].any():  # a cylinder: its disc and its axis apart
        flat = np.array([local[0], local[1], 0.0])
        core = np.array([0, 0, core[2]]) + flat * min(1.0, a.round_m[0, 0] / max(float(np.linalg.norm(flat)), 1e-12))
    return np.asarray(a.centre_m[0] + a.axes[0] @ core)


@pytest.mark.parametrize("kind_a", ["box", "ball", "cylinder", "hull"])
@pytest.mark.parametrize("kind_b", ["box", "ball", "cylinder", "hull"])
def test_distances_agree_with_alternating_projection(kind_a: str, kind_b: str) -> None:
    rng = np.random.default_rng(hash_of(kind_a, kind_b))
    a, b = solids(kind_a, rng, 12), solids(kind_b, rng, 12)
    gaps = gap_m(a, b)
    for i in range(12):
        plain = sampled_gap_m(a.take(np.array([i])), b.take(np.array([i])), rounds=400)
        assert gaps[i] == pytest.approx(plain, abs=2e-3)


def hash_of(*words: str) -> int:
    return sum(ord(c) * (i + 1) for i, c in enumerate("".join(words)))


@pytest.mark.parametrize("kind_a", ["box", "ball", "cylinder", "hull"])
@pytest.mark.parametrize("kind_b", ["box", "ball", "cylinder", "hull"])
def test_the_quick_test_is_never_wrong_about_apart(kind_a: str, kind_b: str) -> None:
    rng = np.random.default_rng(hash_of(kind_a, kind_b) + 1)
    a, b = solids(kind_a, rng, 500), solids(kind_b, rng, 500)
    apart = depth_m(a, b) < -1e-9
    gaps = gap_m(a, b)
    assert (gaps[apart] > 0).all()
    hits = collide(a, b)
    assert (hits == (gaps <= 1e-7)).all()
    if {kind_a, kind_b} <= {"box", "hull"}:
        assert (apart == (gaps > 1e-9)).all()  # for boxes it is right about meeting, too
    groups = rng.integers(0, 40, 500)
    assert (any_collide(a, b, groups, 40) == [hits[groups == g].any() for g in range(40)]).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_moving_both_changes_no_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = solids("cylinder", rng, 4), solids("hull", rng, 4)
    pose = Pose(rng.normal(size=3), rng.normal(size=4))
    assert gap_m(a.moved(pose), b.moved(pose)) == pytest.approx(gap_m(a, b), abs=1e-6)
    assert depth_m(a.moved(pose), b.moved(pose)) == pytest.approx(depth_m(a, b), abs=1e-9)


def test_hull_depth_is_that_of_the_box_it_is() -> None:
    rng = np.random.default_rng(5)
    boxes, others = solids("box", rng, 60), solids("box", rng, 60)
    corner = np.stack(np.meshgrid(*[(-1.0, 1.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    hulls = Solid(boxes.centre_m, boxes.axes, boxes.half_m, boxes.round_m, corner * boxes.half_m[:, None], np.ones(60, dtype=bool))
    exact = depth_m(boxes, others)
    for i in np.flatnonzero(exact > 0.005):
        one = np.array([i])
        assert pieces_overlap_m(hulls.take(one), others.take(one)) == pytest.approx(exact[i], rel=0.1)


def test_balls_overlap_by_what_their_radii_say() -> None:
    ball = Solid(np.zeros((1, 3)), np.eye(3)[None], np.zeros((1, 3)), np.full((1, 3), 0.1), np.zeros((1, 1, 3)), np.zeros(1, dtype=bool))
    for gap in (-0.15, -0.01, 0.01, 0.3):
        other = ball.moved(Pose(np.array([2.0, -1.0, 2.0]) / 3 * (0.2 + gap)))
        assert pieces_overlap_m(ball, other) == pytest.approx(max(-gap, 0.0), abs=1e-9)
        assert gap_m(ball, other)[0] == pytest.approx(max(gap, 0.0), abs=1e-7)


def test_solids_with_fewer_corners_join() -> None:
    rng = np.random.default_rng(1)
    boxes, hulls = solids("box", rng, 3), solids("hull", rng, 2)
    both = joined([boxes, hulls, joined([])])
    assert len(both) == 5
    for one, many in zip(boxes.bounds(), both.bounds(), strict=True):
        assert many[:3] == pytest.approx(one)


points = st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=3, max_size=12)


@given(points)
def test_a_hull_holds_its_points_and_is_convex(rows: list[tuple[float, float]]) -> None:
    outline = hull(rows)
    if len(outline) >= 3:
        assert all(within_m(outline, p) >= -1e-6 for p in rows)
        assert hull(outline) == pytest.approx(outline)


@given(points, points)
def test_a_clipped_outline_is_in_both(one: list[tuple[float, float]], two: list[tuple[float, float]]) -> None:
    a, b = hull(np.round(one, 2)), hull(np.round(two, 2))
    if len(a) >= 3 and len(b) >= 3 and min(area_m2(a), area_m2(b)) > 0.05:
        part = clip(a, b)
        assert area_m2(part) <= min(area_m2(a), area_m2(b)) + 1e-9
        assert all(min(within_m(a, p), within_m(b, p)) >= -1e-6 for p in part)


def test_outlines() -> None:
    assert within_m(rectangle((2, 4)), (0.4, 0)) == pytest.approx(0.6)
    assert within_m(rectangle((2, 4)), (1.5, 0)) == pytest.approx(-0.5)
    assert within_m(np.array([(0.0, 0.0), (1.0, 0.0)]), (0.5, 0.2)) == pytest.approx(-0.2)
    assert area_m2(disc(2.0, corners=96)) == pytest.approx(np.pi, rel=1e-2)
    assert area_m2(clip(rectangle((2, 2)), rectangle((2, 2)) + 1.0)) == pytest.approx(1.0)
    assert len(clip(rectangle((2, 2)), rectangle((2, 2)) + 5.0)) == 0


# -- things ----------------------------------------------------------------------------------------------------------------


def test_overlap_of_things() -> None:
    book = thing("a", "book", (0, 0, 0))
    assert overlap_m(book, thing("b", "book", (0.01, 0, 0.030))) == pytest.approx(0.002, abs=1e-9)
    assert overlap_m(book, thing("b", "book", (0.01, 0, 0.0322))) == 0.0
    with pytest.raises(SceneError, match="without a pose"):
        overlap_m(book, Thing(name="b", kind="book"))


def test_hollow_things_are_hollow() -> None:
    bowl = thing("bowl", "bowl", (0, 0, 0))
    apple = Thing(name="apple", kind="ball", size_m=(0.06, 0.06, 0.06), pose=Pose((0, 0, 0.02)))
    assert overlap_m(bowl, apple) == 0.0
    assert overlap_m(bowl, Thing(name="apple", kind="ball", size_m=(0.06, 0.06, 0.06), pose=Pose((0.06, 0, 0.0)))) > 0.005
    assert true("in", bowl, apple)


def test_collisions_names_pairs_deepest_first() -> None:
    scene = Scene(
        name="s",
        things=(
            thing("a", "book", (0, 0, 0)),
            thing("b", "book", (0, 0, 0.031)),
            thing("c", "book", (0, 0, 0.052)),
            thing("d", "book", (5, 0, 0)),
        ),
    )
    found = collisions(scene)
    assert [(a, b) for a, b, _ in found] == [("b", "c"), ("a", "b")]
    assert [d for _, _, d in found] == pytest.approx([0.011, 0.001], abs=1e-9)
    assert collisions(scene, over_m=0.005)[0][:2] == ("b", "c")


TABLE = thing("table", "table", (1, 2, 0), 30)
TOP = 0.74


def on_table(kind: str, x: float, y: float, z: float = 0.0, yaw_deg: float = 0.0) -> Thing:
    """A thing at (x, y, z) of the table's top."""
    assert TABLE.pose is not None
    pose = TABLE.pose @ Pose.from_yaw((x, y, TOP + z), np.deg2rad(yaw_deg))
    return Thing(name="it", kind=kind, pose=pose)


def test_on() -> None:
    assert true("on", TABLE, on_table("mug", 0.6, 0.3))
    assert true("on", TABLE, on_table("mug", 0.6, 0.3, 0.004))
    assert not true("on", TABLE, on_table("mug", 0.6, 0.3, 0.006))
    assert not true("on", TABLE, on_table("mug", 0.6, 0.3, -0.006))
    assert not true("on", TABLE, on_table("mug", 0.8, 0.3))  # past the edge
    assert true("on", TABLE, on_table("mug", 0.6, 0.3), surface="top")
    assert not true("in", TABLE, on_table("mug", 0.6, 0.3))


def test_in() -> None:
    box = thing("box", "open_box", (0, 0, 0), 20)
    assert true("in", box, thing("it", "ball", (0.02, 0.01, 0.005)))
    assert not true("in", box, thing("it", "ball", (0.5, 0, 0.005)))
    assert not true("in", box, thing("it", "ball", (0, 0, 0.4)))
    assert not true("on", box, thing("it", "ball", (0.02, 0.01, 0.005)))


def test_in_a_drawer_follows_the_drawer() -> None:
    drawers = Thing(name="drawers", kind="drawer_unit", pose=Pose())
    out = Thing(name="drawers", kind="drawer_unit", pose=Pose(), joints=(("drawer_1", 0.3),))
    scene = Scene(name="s", things=(out,))
    site = next(s for s in Room(scene)["drawers"].sites("container") if s.name == "drawer_1")
    ball = Thing(name="it", kind="ball", size_m=(0.06, 0.06, 0.06), pose=Pose(site.pose.position_m + (0, -0.1, 0.001)))
    assert true("in", out, ball, surface="drawer_1")
    assert not true("in", out, ball, surface="drawer_2")
    assert not true("in", drawers, ball, surface="drawer_1")  # closed, it is not where the ball is


def test_under() -> None:
    assert true("under", TABLE, thing("it", "ball", (1, 2, 0)))
    assert true("under", TABLE, thing("it", "ball", (1.4, 2.1, 0)))
    assert not true("under", TABLE, thing("it", "ball", (2.2, 2, 0)))
    assert not true("under", TABLE, on_table("ball", 0, 0))


def test_beside_and_sides_are_in_the_frame_of_what_has_a_front() -> None:
    sofa = thing("sofa", "sofa", (0, 0, 0), 90)  # its front, −Y, points along +X now; its right, +X, along +Y
    right, front = thing("it", "stool", (0, 1.4, 0)), thing("it", "stool", (1.0, 0, 0))
    assert true("right_of", sofa, right)
    assert not true("left_of", sofa, right)
    assert true("in_front_of", sofa, front)
    assert not true("right_of", sofa, front)
    assert true("behind", sofa, thing("it", "stool", (-1.0, 0, 0)))
    assert true("left_of", sofa, thing("it", "stool", (0, -3.0, 0)))
    assert not true("left_of", sofa, thing("it", "stool", (3.0, -1.5, 0)))  # more aside than far
    assert true("beside", sofa, right)
    assert true("beside", sofa, front)
    assert not true("beside", sofa, thing("it", "stool", (0, 4, 0)))  # too far
    assert not true("beside", sofa, thing("it", "stool", (0, 1.4, 0.3)))  # higher


def test_what_has_no_front_takes_sides_from_what_carries_it() -> None:
    on = Relation(kind="on", thing="table")
    table = thing("table", "table", (0, 0, 0), 180)
    mug = thing("mug", "mug", (0, 0, TOP), 70, (on,))
    spoon = thing("it", "spoon", (-0.15, 0, TOP), 5)
    assert true("right_of", table, mug, spoon)  # the table is turned round, so is its right
    assert true("left_of", thing("mug", "mug", (0, 0, TOP), 70), spoon)  # alone in the world it is the world's left


def test_facing() -> None:
    chair = thing("it", "chair", (1, 2 - 1.2, 0), 180)
    assert true("facing", TABLE, chair)
    assert true("facing", TABLE, thing("it", "chair", (1, 0.8, 0), 194))
    assert not true("facing", TABLE, thing("it", "chair", (1, 0.8, 0), 196))
    assert not true("facing", TABLE, thing("it", "chair", (1, 0.8, 0), 0))


def test_why_not_tells_why() -> None:
    scene = Scene(name="s", things=(TABLE, on_table("mug", 0, 0, 0.05), Thing(name="new", kind="mug")))
    assert why_not(Relation(kind="on", thing="table"), scene, thing="it") == "its bottom is 50 mm above 'top' of 'table'"
    assert why_not(Relation(kind="in", thing="table"), scene, thing="it") == "'table' has no container"
    assert why_not(Relation(kind="on", thing="table"), scene, thing="new") == "'new' has no pose yet"
    assert why_not(Relation(kind="under", thing="table"), scene, thing="it") == "'table' is not above it"
    assert "its front points" in str(why_not(Relation(kind="facing", thing="table"), scene, thing="it"))
    with pytest.raises(UnknownName, match="Did you mean 'table'"):
        why_not(Relation(kind="on", thing="tabel"), scene, thing="it")


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 360))
@settings(max_examples=60, deadline=None)
def test_relations_move_with_the_room(x: float, y: float, yaw_deg: float) -> None:
    """Left stays left when everything is carried and turned together."""
    sofa, stool = thing("sofa", "sofa", (0, 0, 0), 20), thing("it", "stool", (x, y, 0))
    carry = Pose.from_yaw((5, -2, 0), np.deg2rad(yaw_deg))
    assert sofa.pose is not None
    assert stool.pose is not None
    moved = [Thing(name=t.name, kind=t.kind, pose=carry @ t.pose) for t in (sofa, stool) if t.pose is not None]
    kinds: tuple[RelationKind, ...] = ("left_of", "right_of", "in_front_of", "behind")
    before = [true(k, sofa, stool) for k in kinds]
    assert sum(before) <= 2
    if not near_an_edge(sofa, stool, kinds, carry):
        assert before == [true(k, *moved) for k in kinds]


def near_an_edge(sofa: Thing, stool: Thing, kinds: tuple[RelationKind, ...], carry: Pose) -> bool:
    """Whether a millimetre decides: the stool's box in the sofa's frame is found anew after turning."""
    assert stool.pose is not None
    results = set()
    for dx, dy in ((0, 0), (1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        near = Thing(name="it", kind="stool", pose=Pose(stool.pose.position_m + (dx, dy, 0), stool.pose.quat_wxyz))
        results.add(tuple(true(k, sofa, near) for k in kinds))
    return len(results) > 1


HOLLOW = sorted(name for name, kind in kinds().items() if archetype.build(Thing(name="x", kind=name)).containers and not kind.fixed)


@pytest.mark.parametrize("kind", HOLLOW)
@pytest.mark.parametrize("flat", ["magazine", "book"])
def test_what_a_hollow_thing_stands_on_is_not_in_it(kind: str, flat: str) -> None:
    below = Thing(name="below", kind=flat, pose=Pose())
    hollow = Thing(name="hollow", kind=kind, pose=Pose((0.0, 0.0, kinds()[flat].size_m[2])))
    scene = Scene(name="s", things=(below, hollow))
    assert not holds(Relation(kind="in", thing="hollow"), scene, thing="below")
