"""Placement: every relation that was asked for holds, nothing is in anything, the same seed gives the same room, refusals tell why."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import LifeworldError, PlacementError, RelationCycle, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly, Surface, box, root
from lifeworld.scene.edit import Add, apply
from lifeworld.scene.generate import tabletop
from lifeworld.scene.place import place
from lifeworld.scene.relation import collisions, why_not
from lifeworld.scene.room import Room
from lifeworld.scene.scene import AssetRef, Relation, Scene, Thing
from lifeworld.scene.text import parse

TABLE = 'name = "table"\nkind = "table"\nposition_m = [0, 0, 0]\nfixed = true'
SMALL = ("mug", "glass", "plate", "bowl", "book", "magazine", "can", "bottle", "fork", "spoon", "knife", "cup", "saucer", "jar", "notebook")
FLAT, HOLLOW = ("book", "magazine", "tray", "plate"), ("bowl", "mug", "open_box", "basket", "pot", "glass")


def scene(*rows: str, head: str = "") -> Scene:
    """A scene of things, one a row, `;` for new lines."""
    things = "".join(f"[[thing]]\n{row.replace('; ', chr(10))}\n" for row in rows)
    return parse(f'lifeworld = 1\nname = "s"\n{head}\n{things}')


def broken(placed: Scene) -> list[str]:
    """What was asked for and is not so."""
    wrong = [(t.name, why_not(r, placed, thing=t.name)) for t in placed.things for r in t.relations]
    return [f"{name}: {why}" for name, why in wrong if why is not None]


def check(placed: Scene) -> None:
    assert all(t.pose is not None for t in placed.things)
    assert broken(placed) == []
    assert collisions(placed, over_m=0.0005) == []


@st.composite
def tables(draw: st.DrawFn) -> Scene:
    """A table with some things on it, in it, on each other and beside each other."""
    things = [Thing(name="table", kind="table", pose=Pose.from_yaw((1, -2, 0), draw(st.floats(-3, 3))), fixed=True)]
    for i in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(SMALL))
        relations = [Relation(kind="on", thing="table")]
        flat = [t.name for t in things if t.kind in FLAT]
        hollow = [t.name for t in things if t.kind in HOLLOW]
        on_top = [t.name for t in things[1:] if t.relations[0].thing == "table"]
        how = draw(st.sampled_from(["on", "on", "stack", "in", "aside"]))
        if how == "stack" and flat:
            relations = [Relation(kind="on", thing=draw(st.sampled_from(flat)))]
        elif how == "in" and hollow:
            relations = [Relation(kind="in", thing=draw(st.sampled_from(hollow)))]
        elif how == "aside" and on_top:
            side = draw(st.sampled_from(["beside", "left_of", "right_of", "in_front_of", "behind"]))
            relations.append(Relation(kind=side, thing=draw(st.sampled_from(on_top))))
        things.append(Thing(name=f"t{i}", kind=kind, relations=tuple(relations)))
    return Scene(name="s", things=tuple(things))


@given(tables(), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_what_is_placed_is_as_asked_and_free(asked: Scene, seed: int) -> None:
    try:
        placed = place(asked, seed=seed)
    except PlacementError:
        return  # refusals have their own tests
    check(placed)
    assert place(asked, seed=seed) == placed
    assert place(placed, seed=seed + 1) == placed  # who stands, stays
    assert [replace(t, pose=None) for t in placed.things[1:]] == list(asked.things[1:])  # relations stay beside the poses


@given(tables(), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_one_more_thing_moves_no_other(asked: Scene, seed: int) -> None:
    try:
        before = place(asked, seed=seed)
        more = Thing(name="more", kind="glass", relations=(Relation(kind="on", thing="table"),))
        after = place(replace(asked, things=(*asked.things, more)), seed=seed)
    except PlacementError:
        return
    assert after.things[:-1] == before.things
    assert apply(before, Add(more), seed=seed) == after  # and an edit places it where the scene would have


def test_seeds_differ() -> None:
    asked = scene(TABLE, 'name = "mug"; kind = "mug"; on = "table"')
    places = {place(asked, seed=s).thing("mug").pose for s in range(5)}
    assert len(places) == 5


def test_a_chain_is_placed_from_below_whatever_the_order() -> None:
    placed = place(
        scene(
            'name = "glass"; kind = "glass"; on = "magazine"',
            'name = "magazine"; kind = "magazine"; on = "table"',
            'name = "table"; kind = "table"',
        ),
        seed=1,
    )
    check(placed)
    heights = {t.name: t.pose.position_m[2] for t in placed.things if t.pose is not None}
    # 0.2 mm of air under each
    assert heights["table"] == pytest.approx(0.0002)
    assert heights["glass"] - heights["magazine"] == pytest.approx(0.006 + 0.0002, abs=1e-9)


def test_a_laid_table() -> None:
    check(
        place(
            scene(
                TABLE,
                'name = "plate"; kind = "plate"; on = { thing = "table", at_m = [0, 0] }',
                'name = "fork"; kind = "fork"; left_of = "plate"',
                'name = "knife"; kind = "knife"; right_of = "plate"; on = "table"',
                'name = "glass"; kind = "glass"; behind = "plate"',
                'name = "cup"; kind = "cup"; beside = "plate"',
            ),
            seed=3,
        )
    )


def test_furniture_faces_and_stands_aligned() -> None:
    placed = place(
        scene(
            'name = "table"; kind = "table"; position_m = [1, 1, 0]; yaw_deg = 40',
            'name = "a"; kind = "chair"; in_front_of = "table"; facing = "table"',
            'name = "b"; kind = "chair"; behind = "table"; facing = "table"',
            'name = "shelf"; kind = "shelf"; left_of = "table"',
            'name = "box"; kind = "open_box"; under = "table"',
        ),
        seed=0,
    )
    check(placed)
    shelf = placed.thing("shelf").pose
    assert shelf is not None
    assert np.rad2deg(2 * np.arctan2(shelf.quat_wxyz[3], shelf.quat_wxyz[0])) == pytest.approx(40, abs=3)


@pytest.mark.parametrize(
    "rows",
    [
        ('name = "a"; kind = "chair"; facing = "b"', 'name = "b"; kind = "chair"; facing = "a"; beside = "a"'),
        ('name = "a"; kind = "chair"; beside = "b"', 'name = "b"; kind = "chair"; beside = "a"'),
        (
            'name = "a"; kind = "chair"; facing = "b"',
            'name = "b"; kind = "chair"; facing = "c"',
            'name = "c"; kind = "chair"; facing = "a"',
        ),
    ],
)
def test_those_who_wait_for_each_other_softly(rows: tuple[str, ...]) -> None:
    check(place(scene(*rows), seed=2))


@pytest.mark.parametrize(("thing", "container"), [("spoon", "mug"), ("fork", "glass"), ("spoon", "bowl"), ("knife", "jug")])
def test_long_things_lean(thing: str, container: str) -> None:
    for seed in range(3):
        placed = place(
            scene(TABLE, f'name = "c"; kind = "{container}"; on = "table"', f'name = "t"; kind = "{thing}"; in = "c"'), seed=seed
        )
        check(placed)
        pose = placed.thing("t").pose
        assert pose is not None
        assert 0.02 < abs(pose.rotation[2, 2]) < 0.999  # neither flat nor on end
        # The centre of mass is between the foot and the rim, or it would tip out.
        room = Room(placed)
        site = room["c"].sites("container")[0]
        assert 0 < site.pose.inverse().apply(room["t"].com_m)[2] < site.height_m


def test_things_in_bowls_boxes_and_drawers() -> None:
    placed = place(
        scene(
            TABLE,
            'name = "bowl"; kind = "bowl"; on = "table"',
            'name = "apple"; kind = "ball"; size_m = [0.07, 0.07, 0.07]; in = "bowl"',
            'name = "drawers"; kind = "drawer_unit"; joints = { drawer_1 = 0.3 }',
            'name = "sock"; kind = "book"; in = "drawers/drawer_1"',
            'name = "hidden"; kind = "book"; in = "drawers/drawer_2"',
            'name = "crate"; kind = "open_box"',
            *(f'name = "b{i}"; kind = "can"; in = "crate"' for i in range(5)),
        ),
        seed=4,
    )
    check(placed)


def test_whom_others_stand_on_is_not_laid_upside_down() -> None:
    placed = place(
        scene(
            'name = "crate"; kind = "open_box"; position_m = [0, 0, 0]',
            'name = "book"; kind = "book"; size_m = [0.16, 0.22, 0.05]; in = "crate"',
            'name = "die"; kind = "domino"; on = "book"',
        ),
        seed=0,
    )
    check(placed)
    check(place(tabletop(seed=3, count=20), seed=0))  # where a book in a box lay on its face


def test_a_spot_and_a_heading_can_be_asked_for() -> None:
    placed = place(
        scene(
            'name = "table"; kind = "table"; position_m = [2, 0, 0]; yaw_deg = 90',
            'name = "book"; kind = "book"; on = { thing = "table", at_m = [0.3, -0.1], yaw_deg = 25 }',
        ),
        seed=0,
    )
    check(placed)
    pose = placed.thing("book").pose
    assert pose is not None
    assert pose.position_m == pytest.approx((2.1, 0.3, 0.7402), abs=1e-6)
    assert np.rad2deg(2 * np.arctan2(pose.quat_wxyz[3], pose.quat_wxyz[0])) == pytest.approx(115)


def test_without_relations_things_stand_free_near_the_middle() -> None:
    placed = place(
        scene('name = "table"; kind = "table"; position_m = [0, 0, 0]', *(f'name = "c{i}"; kind = "chair"' for i in range(6))), seed=0
    )
    check(placed)
    for thing in placed.things[1:]:
        assert why_not(Relation(kind="under", thing="table"), placed, thing=thing.name) is not None
        assert thing.pose is not None
        assert np.linalg.norm(thing.pose.position_m[:2]) < 4.5


RAMP = 'name = "plank"; kind = "cutting_board"; fixed = true; position_m = [0, 0, 0.3]; quat_wxyz = [0.97, 0, 0.24, 0]'


@pytest.mark.parametrize(
    ("rows", "reason", "says"),
    [
        (
            ('name = "s"; kind = "glass"; position_m = [0, 0, 0]', 'name = "b"; kind = "pot"; on = "s"'),
            "no_surface",
            "a glass ('s') has no flat top",
        ),
        (('name = "s"; kind = "book"; position_m = [0, 0, 0]', 'name = "b"; kind = "can"; in = "s"'), "no_surface", "has no container"),
        (
            ('name = "s"; kind = "shelf"; position_m = [0, 0, 0]', 'name = "b"; kind = "coat_rack"; on = "s/level_2"'),
            "too_tall",
            "m tall, but at most 0.326 m is free above 'level_2' of 's'",
        ),
        (
            (TABLE, 'name = "a"; kind = "cup"; on = "table"', 'name = "b"; kind = "pot"; in = "a"'),
            "no_room",
            "no room for 'b' in 'inside' of 'a': it is 0.3 × 0.228 × 0.13 m, the inside 0.063 × 0.063 × 0.046 m",
        ),
        (
            ('name = "s"; kind = "stool"; position_m = [0, 0, 0]', *(f'name = "b{i}"; kind = "pot"; on = "s"' for i in range(3))),
            "no_room",
            "are free, in pieces",
        ),
        (
            (
                TABLE,
                'name = "a"; kind = "pot"; on = { thing = "table", at_m = [0, 0] }',
                'name = "b"; kind = "pot"; on = { thing = "table", at_m = [0.1, 0] }',
            ),
            "no_room",
            "at [0.1, 0.0] of 'top' of 'table': 'a' is in the way",
        ),
        ((TABLE, 'name = "a"; kind = "pot"; on = { thing = "table", at_m = [1, 0] }'), "unstable", "[1.0, 0.0] is past the edge of 'top'"),
        (
            ('name = "s"; kind = "can"; position_m = [0, 0, 0]', 'name = "b"; kind = "book"; on = { thing = "s", at_m = [0.027, 0] }'),
            "unstable",
            "would tip over the edge",
        ),
        ((RAMP, 'name = "b"; kind = "ball"; on = "plank"'), "unstable", "would roll off 'top', which slopes by 28°"),
        ((RAMP, 'name = "b"; kind = "book"; friction = 0.2; on = "plank"'), "unstable", "would slide off"),
        (
            (TABLE, 'name = "m"; kind = "mug"; on = "table"', 'name = "b"; kind = "can"; on = ["table", "m"]'),
            "no_surface",
            "cannot be on 'table' and on 'm' at once",
        ),
        (
            (TABLE, 'name = "a"; kind = "mug"; position_m = [3, 3, 0]', 'name = "b"; kind = "mug"; on = "table"; beside = "a"'),
            "no_room",
            "no spot on 'top' of 'table' is also beside 'a'",
        ),
    ],
)
def test_what_cannot_be_placed_is_refused_with_the_reason(rows: tuple[str, ...], reason: str, says: str) -> None:
    with pytest.raises(PlacementError, match=re.escape(says)) as caught:
        place(scene(*rows), seed=0)
    assert caught.value.reason == reason
    assert str(caught.value).startswith("thing '")


def test_without_ground_a_thing_needs_a_relation() -> None:
    with pytest.raises(PlacementError, match="there is no ground") as caught:
        place(scene('name = "a"; kind = "mug"', head="ground = false"), seed=0)
    assert caught.value.reason == "no_surface"


def test_motion_may_start_on_a_slope() -> None:
    moving = scene(RAMP, 'name = "b"; kind = "ball"; on = "plank"', head="moving = true")
    placed = place(moving, seed=0)
    assert collisions(placed) == []
    pose = placed.thing("b").pose
    assert pose is not None
    assert pose.position_m[2] > 0.25


def test_rings_are_named() -> None:
    with pytest.raises(RelationCycle, match=re.escape("in a ring: a left of b behind a")):
        place(scene('name = "a"; kind = "chair"; left_of = "b"', 'name = "b"; kind = "chair"; behind = "a"'), seed=0)
    bad = Scene(name="s", things=tuple(Thing(name=a, kind="book", relations=(Relation(kind="on", thing=b),)) for a, b in ("ab", "ba")))
    with pytest.raises(RelationCycle, match="a on b on a"):
        place(bad, seed=0)


def test_what_is_wrong_is_told_before_anything_is_placed() -> None:
    bad = Scene(name="s", things=(Thing(name="a", kind="mug"), Thing(name="b", kind="mugg")))
    with pytest.raises(UnknownName, match="Did you mean 'mug'"):
        place(bad, seed=0)


def test_imported_things_are_placed_by_the_shape_that_is_given() -> None:
    crate = Assembly(
        parts=(root([box((0.4, 0.3, 0.2), (0, 0, 0.1))]),), surfaces=(Surface(name="lid", size_m=(0.4, 0.3), pose=Pose((0, 0, 0.2))),)
    )
    asked = Scene(
        name="s",
        things=(Thing(name="crate", kind="asset:crate"), Thing(name="mug", kind="mug", relations=(Relation(kind="on", thing="crate"),))),
        assets=(AssetRef(name="crate", folder="crate", sha256="0" * 64),),
    )
    placed = place(asked, seed=0, assets={"crate": crate})
    pose = placed.thing("mug").pose
    assert pose is not None
    assert pose.position_m[2] == pytest.approx(0.2004)
    assert why_not(Relation(kind="on", thing="crate"), placed, thing="mug", assets={"crate": crate}) is None
    with pytest.raises(LifeworldError, match="the shape of asset 'crate' is not known here"):
        place(asked, seed=0)


def test_time_does_not_run_away_with_many_things() -> None:
    """Four times as many things take hardly more than four times as long, not sixteen."""
    supports = ("table", "shelf", "coffee_table", "desk", "cabinet")
    furniture = (*supports, "sofa", "armchair", "chair", "chair", "bed", "wardrobe", "tv_stand", "stool")
    rng = np.random.default_rng(0)

    def room(small: int) -> Scene:
        return scene(
            *(f'name = "f{i}"; kind = "{k}"' for i, k in enumerate(furniture)),
            *(f'name = "t{i}"; kind = "{SMALL[i % len(SMALL)]}"; on = "f{rng.integers(len(supports))}"' for i in range(small)),
        )

    few, many = room(15), room(60)
    check(place(many, seed=0))  # kinds are built once
    assert min(timed(many, seed) for seed in range(2)) < 10 * min(timed(few, seed) for seed in range(2))


def timed(asked: Scene, seed: int) -> float:
    """Processor time that placing takes [s]."""
    start = time.process_time()
    place(asked, seed=seed)
    return time.process_time() - start


@pytest.mark.parametrize("kind", sorted(archetype.kinds()))
def test_every_kind_finds_its_place_on_the_ground(kind: str) -> None:
    placed = place(Scene(name="s", things=(Thing(name="it", kind=kind),)), seed=1)
    low = Room(placed)["it"].bounds_m[0]
    assert -1e-6 <= low[2] <= 0.0003


def test_the_examples_of_the_docs_can_be_placed() -> None:
    text = (Path(__file__).parents[2] / "docs" / "scene-format.md").read_text(encoding="utf-8")
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        check(place(parse(block if "lifeworld =" in block else f'lifeworld = 1\nname = "example"\n{block}'), seed=0))
