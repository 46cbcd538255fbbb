"""Sentences that were once understood wrongly, and surely: more is no sum forgotten, a part of the sentence is never dropped."""

from __future__ import annotations

from functools import lru_cache

import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene import archetype, starter
from lifeworld.scene.edit import values as edits
from lifeworld.scene.mass import mass_of
from lifeworld.scene.place import place
from lifeworld.scene.scene import Relation, Scene
from lifeworld.scene.words import understand
from lifeworld.scene.words.lexicon.misspelt import mends


@lru_cache(maxsize=4)
def scene(name: str) -> Scene:
    return place(starter.load(name), seed=0)


def plan(text: str, where: str = "tabletop") -> tuple[edits.Edit, ...]:
    return understand(text, scene(where)).plan.edits


def refusal(text: str, where: str = "tabletop") -> str:
    with pytest.raises(WordsError) as refused:
        understand(text, scene(where))
    return refused.value.reason


MUG, BOX = mass_of(scene("tabletop").thing("mug")) or 0.0, mass_of(scene("tabletop").thing("box")) or 0.0


@pytest.mark.parametrize(
    ("text", "mass_kg"),
    [
        ("make the mug heavier by 2 kg", MUG + 2.0), ("make the mug 2 kg heavier", MUG + 2.0), ("make the box 200 g lighter", BOX - 0.2),
        ("increase the mass of the mug by 200 g", MUG + 0.2), ("increase the mass of the mug to 2 kg", 2.0),
        ("set the mass of the mug to 2 kg", 2.0), ("make the box 20 % heavier", 1.2 * BOX), ("make the box three times heavier", 3 * BOX),
        ("reduce the mass of the box to 30 %", 0.3 * BOX), ("reduce the mass of the box by 30 %", 0.7 * BOX),
        ("lower the mass of the box to 100 g", 0.1),
    ],
)  # fmt: skip
def test_more_is_added_and_to_is_set(text: str, mass_kg: float) -> None:
    (edit,) = plan(text)
    assert isinstance(edit, edits.Set)
    assert edit.mass_kg == pytest.approx(mass_kg)


@pytest.mark.parametrize(
    ("text", "axis", "size_m"),
    [
        ("make the box 5 cm taller", 2, 0.27), ("make the box 5 cm longer", 0, 0.37), ("make the box 5 cm wider", 0, 0.37),
        ("increase the height of the box to 30 cm", 2, 0.3), ("increase the height of the box by 3 cm", 2, 0.25),
        ("reduce the height of the box to 20 cm", 2, 0.2), ("shrink the box to 16 cm", 0, 0.16),
    ],
)  # fmt: skip
def test_sizes_grow_by_what_is_said_and_to_what_is_said(text: str, axis: int, size_m: float) -> None:
    assert archetype.kind("box").size_m == (0.32, 0.24, 0.22)
    (edit,) = plan(text)
    assert isinstance(edit, edits.Set)
    assert isinstance(edit.size_m, tuple)
    assert edit.size_m[axis] == pytest.approx(size_m)


def test_friction_grows_by_what_is_said() -> None:
    (half,), (more,) = plan("set the friction of the box to 0.5"), plan("increase the friction of the box by 0.2")
    assert isinstance(half, edits.Set)
    assert isinstance(more, edits.Set)
    assert half.friction == pytest.approx(0.5)
    assert more.friction == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("make the box 2 kg lighter", "unsafe_number"),
        ("add twice as many apples", "unsupported"), ("add as many apples as oranges", "unsupported"),
        ("drop the apple from 2 m", "unsupported"), ("drop the apple onto the plate from 30 cm", "unsupported"),
        ("drop the apple from a height of 2 m", "unsupported"),
        ("remove the mug if it is open", "unsupported"), ("remove the mug unless it is on the table", "unsupported"),
        ("remove the mug as long as it is red", "unsupported"), ("remove the mug, provided that it is red", "unsupported"),
        ("unless the mug is red, remove it", "unsupported"), ("remove the mug only if it is on the table", "unsupported"),
        ("take the mug from the table", "ambiguous"), ("take everything off the table", "ambiguous"),
        ("move the mug off the table", "ambiguous"),
        ("remove half of the fruit", "unsupported"), ("move the mug halfway to the bowl", "unsupported"),
        ("make the mug bigger than the bowl", "unsupported"), ("make the mug heavier than the bowl", "unsupported"),
        ("remove all but two fruits", "unsupported"), ("move the mug halfway to the can", "unsupported"),
    ],
)  # fmt: skip
def test_what_a_scene_does_not_do_is_refused_and_not_done_otherwise(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_what_is_called_so_better_is_meant_alone() -> None:
    gone = [edit.name for edit in plan("remove all the cups") if isinstance(edit, edits.Remove)]
    assert gone == ["mug"]


def test_everything_is_what_is_on_it_and_comes_with_what_it_is_in() -> None:
    for text in ("move everything from the near table to the bench", "move everything on the near table to the bench"):
        assert plan(text, "two_rooms") == (edits.Place("bowl", (Relation(kind="on", thing="bench"),)),)


def test_everything_is_no_wall_and_no_table() -> None:
    moved = {edit.name for edit in plan("move everything to the bench", "two_rooms") if isinstance(edit, edits.Place)}
    assert {"vase", "bowl", "crate"} <= moved
    assert not {"divider", "far_wall", "near_table", "far_table", "bench"} & moved


def test_what_stands_on_what_moves_is_moved_once() -> None:
    before, moves = scene("tabletop"), [edit for edit in plan("move everything 10 cm to the left") if isinstance(edit, edits.Move)]
    assert len({edit.name for edit in moves}) == len(moves) == len(before.things)
    for edit in moves:
        was = before.thing(edit.name).pose
        assert was is not None
        assert edit.pose is not None
        assert edit.pose.position_m - was.position_m == pytest.approx((-0.1, 0.0, 0.0))


def test_twice_a_turn_is_twice_its_angle() -> None:
    assert plan("rotate the mug by 45 degrees twice") == (edits.Rotate("mug", 90.0),)


def test_a_drawer_is_pulled_as_far_as_is_said() -> None:
    (opened,) = plan("pull the top drawer halfway", "drawer")
    assert isinstance(opened, edits.Open)
    assert opened.fraction == pytest.approx(0.5)


def test_the_side_of_what_it_stands_on_is_on_it() -> None:
    (mug,) = plan("move the mug to the left side of the table")
    assert isinstance(mug, edits.Place)
    assert mug.relations is not None
    assert (mug.relations[0].kind, mug.relations[0].spot) == ("on", "left")
    (can,) = plan("move the can to the left side of the bowl")
    assert isinstance(can, edits.Place)
    assert can.relations is not None
    assert can.relations[0].kind == "left_of"


def test_a_new_table_is_not_the_one_that_is_there() -> None:
    table, mug = plan("put the mug on a side table beside the sofa", "living_room")
    assert isinstance(table, edits.Add)
    assert table.thing.relations == (Relation(kind="beside", thing="sofa"),)
    assert mug == edits.Place("mug", (Relation(kind="on", thing=table.thing.name),))


def test_what_ends_like_no_plural_is_a_slip() -> None:
    assert mends("cactu", ("cactus", "box")) != [("cactu", 1.0)]
    assert mends("scissor", ("scissors", "box")) == [("scissor", 1.0)]


def test_what_is_new_goes_to_the_corner_of_the_room_if_there_is_one() -> None:
    room = understand("add a plant in the corner", starter.load("living_room")).plan.edits[0]
    assert isinstance(room, edits.Add)
    assert {(r.kind, r.thing) for r in room.thing.relations} == {("against", "back_wall"), ("against", "left_wall")}
    table = understand("add a candle in the corner", starter.load("tabletop")).plan.edits[0]
    assert isinstance(table, edits.Add)
    assert [(r.kind, r.thing, r.spot) for r in table.thing.relations] == [("on", "table", "corner")]
