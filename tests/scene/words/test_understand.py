"""Sentences become plans, or one error: laws over all starters, then every sort of edit and every reason to refuse."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest
from benchmarks.words import judged
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import InputError, WordsError
from lifeworld.scene import starter
from lifeworld.scene.edit import apply, inverse
from lifeworld.scene.edit import values as edits
from lifeworld.scene.place import place
from lifeworld.scene.scene import Relation, Scene
from lifeworld.scene.words import Understood, understand


@lru_cache(maxsize=16)
def scene(name: str) -> Scene:
    return place(starter.load(name), seed=0)


def plan(text: str, where: str = "tabletop", **how: object) -> tuple[edits.Edit, ...]:
    return understand(text, scene(where), **how).plan.edits  # type: ignore[arg-type]


def tried(text: str, where: str) -> Understood | WordsError:
    """What comes of a text: any other error than a WordsError is a fault."""
    try:
        return understand(text, scene(where))
    except WordsError as error:
        return error


def relation(edit: edits.Edit) -> Relation:
    """The first relation that an edit asks for."""
    relations = edit.thing.relations if isinstance(edit, edits.Add) else getattr(edit, "relations", ())
    assert relations
    return relations[0]


VERBS = ("put", "move", "add", "remove", "open", "paint", "rotate", "stack", "fill", "copy", "swap", "turn on", "make")
WORDS = (
    "the",
    "a",
    "red",
    "mug",
    "bowl",
    "table",
    "on",
    "left of",
    "drawer",
    "it",
    "two",
    "20 cm",
    "then",
    "and",
    "blue",
    "not",
    "every",
    "apples",
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(VERBS + WORDS), min_size=1, max_size=9).map(" ".join), st.sampled_from(["tabletop", "drawer"]))
def test_any_words_are_a_plan_that_fits_or_one_error(text: str, where: str) -> None:
    """What is understood can be applied, or is refused with a reason by placing; what is not has a code and a span within the text."""
    said = tried(text, where)
    if isinstance(said, WordsError):
        assert said.reason
        assert 0 <= said.span[0] <= said.span[1] <= len(text)
        assert said.question is None or said.reason == "ambiguous"
        return
    assert said.plan.edits
    assert said.told
    assert 0 < said.score <= 1
    assert understand(text, scene(where)).plan == said.plan
    try:
        after = apply(scene(where), said.plan)
    except InputError:
        return
    assert apply(after, inverse(scene(where), said.plan)) == scene(where)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    said = tried(text, "drawer")
    assert isinstance(said, Understood) or said.reason


def test_the_first_sentence() -> None:
    said = understand("add a glass and place it on the magazine", scene("tabletop"))
    (add,) = said.plan.edits
    assert isinstance(add, edits.Add)
    assert (add.thing.name, add.thing.kind, add.thing.relations) == ("glass", "glass", (Relation(kind="on", thing="magazine"),))
    assert "magazine" in said.told
    assert said.spoken[0] == "glass"


def test_sides_are_the_viewers_and_said_back() -> None:
    said = understand("move the red mug to the left of the bowl", scene("tabletop"))
    (move,) = said.plan.edits
    assert relation(move) == Relation(kind="left_of", thing="bowl", frame_yaw_deg=0.0)
    assert "as seen from camera front" in said.told
    from_the_side = understand("move the red mug to the left of the bowl", scene("tabletop"), viewer="side")
    assert relation(from_the_side.plan.edits[0]).frame_yaw_deg not in (0.0, None)
    assert "camera side" in from_the_side.told


def test_in_front_of_what_has_a_front_is_before_its_front() -> None:
    said = understand("put the ball in front of the sofa", scene("living_room"))
    assert relation(said.plan.edits[0]) == Relation(kind="in_front_of", thing="sofa", frame_yaw_deg=None)
    assert "its own front" in said.told


@pytest.mark.parametrize(
    ("where", "text", "sort"),
    [
        ("tabletop", "remove the bottle", edits.Remove),
        ("tabletop", "replace the can with a jar", edits.Replace),
        ("tabletop", "make a copy of the plate", edits.Copy),
        ("tabletop", "put the apple on the plate", edits.Place),
        ("tabletop", "rotate the mug by 45 degrees", edits.Rotate),
        ("tabletop", "make the mug a bit bigger", edits.Scale),
        ("tabletop", "paint the box green", edits.Set),
        ("tabletop", "set the mass of the bowl to 1.2 kg", edits.Set),
        ("drawer", "close the top drawer", edits.Close),
        ("drawer", "open the bottom drawer", edits.Open),
        ("kitchen_counter", "turn on the stove", edits.TurnOn),
        ("kitchen_counter", "switch the microwave off", edits.TurnOff),
        ("tabletop", "fill the bowl with marbles", edits.Fill),
        ("tabletop", "glue the orange to the plate", edits.Attach),
        ("tabletop", "group the mug and the can", edits.SetGroup),
        ("tabletop", "rename the bottle to flask", edits.Rename),
        ("tabletop", "make it 8 pm", edits.SetTime),
        ("tabletop", "zoom in", edits.SetCamera),
        ("tabletop", "after 2 seconds remove the can", edits.SetEvent),
        ("tabletop", "the goal is that the mug is on the plate", edits.SetGoal),
        ("tabletop", "move the mug 10 cm to the left", edits.Move),
    ],
)
def test_every_sort_of_edit_is_said(where: str, text: str, sort: type) -> None:
    assert any(isinstance(edit, sort) for edit in plan(text, where))


def test_counts_colours_and_sizes_of_what_is_new() -> None:
    made = [edit.thing for edit in plan("add two small red mugs next to the bowl") if isinstance(edit, edits.Add)]
    assert [t.name for t in made] == ["mug_2", "mug_3"]
    assert all(t.color == "red" and t.size_m is not None and t.size_m[0] < 0.115 for t in made)
    assert {r.thing for t in made for r in t.relations} == {"bowl"}


def test_a_new_bowl_comes_with_what_is_in_it() -> None:
    bowl, fill = plan("add a bowl of apples on the table")
    assert isinstance(bowl, edits.Add)
    assert isinstance(fill, edits.Fill)
    assert (fill.name, fill.thing.kind) == (bowl.thing.name, "apple")


def test_distances_and_ways() -> None:
    (move, *_) = plan("slide the mug 20 cm to the left")
    assert isinstance(move, edits.Move)
    assert move.pose is not None
    before = scene("tabletop").thing("mug").pose
    assert before is not None
    assert (move.pose.position_m - before.position_m).tolist() == pytest.approx([-0.2, 0.0, 0.0])


def test_a_chain_speaks_of_what_it_made() -> None:
    glass, spoon, turn = plan("add a glass on the table, put the spoon in it and paint the glass blue")
    assert isinstance(glass, edits.Add)
    assert relation(spoon) == Relation(kind="in", thing="glass")
    assert turn == edits.Set("glass", color="blue")


def test_it_is_known_from_the_sentence_before() -> None:
    first = understand("put the apple on the plate", scene("tabletop"))
    (second,) = plan("now move it next to the can", last=first.spoken)
    assert isinstance(second, edits.Place)
    assert second.name == "apple"


def test_swapping_exchanges_places() -> None:
    after = apply(scene("tabletop"), plan("swap the mug and the can"))
    before = scene("tabletop")
    for one, other in (("mug", "can"), ("can", "mug")):
        here, there = after.thing(one).pose, before.thing(other).pose
        assert here is not None
        assert there is not None
        assert here.position_m.tolist() == there.position_m.tolist()


@pytest.mark.parametrize(
    ("where", "text", "reason", "words", "suggested"),
    [
        ("tabletop", "put the apple on the magazin", "unknown_word", "magazin", "magazine"),
        ("tabletop", "remove the sofa", "not_present", "sofa", None),
        ("tabletop", "put the green mug on the plate", "not_present", "mug", "mug"),
        ("tabletop", "add a flurbel", "unknown_word", "flurbel", None),
        ("tabletop", "put the apple in the orange", "impossible", None, None),
        ("tabletop", "put the table in the mug", "impossible", None, None),
        ("tabletop", "put the mug on the mug", "impossible", None, None),
        ("tabletop", "open the apple", "impossible", None, None),
        ("tabletop", "turn on the plate", "impossible", None, None),
        ("tabletop", "scale the mug by 50", "unsafe_number", None, None),
        ("tabletop", "set the mass of the mug to 1e30 kg", "unsafe_number", None, None),
        ("drawer", "open the drawer", "ambiguous", "drawer", "drawers/drawer_1"),
        ("living_room", "remove the book", "ambiguous", "book", "book_a"),
        ("tabletop", "do not move the mug", "negated", None, None),
        ("tabletop", "slice the apple", "unsupported", None, None),
        ("tabletop", "pick up the mug", "unsupported", None, "put the mug on the floor"),
        ("tabletop", "", "empty", None, None),
        ("tabletop", "   ", "empty", None, None),
        ("tabletop", "a" * 10_000, "too_long", None, None),
        ("tabletop", "put the \x07 mug", "not_text", None, None),
        ("tabletop", "поставь чашку на стол", "not_english", None, None),
        ("tabletop", "the red mug", "no_verb", None, None),
    ],
)
def test_every_reason_to_refuse(where: str, text: str, reason: str, words: str | None, suggested: str | None) -> None:
    """Its code, the words it is about, and what could be said instead; the scene is a value and stays as it was."""
    with pytest.raises(WordsError) as refused:
        understand(text, scene(where))
    error = refused.value
    assert error.reason == reason, str(error)
    assert 0 <= error.span[0] <= error.span[1] <= max(len(text), 1)
    if words is not None:
        assert words in text[slice(*error.span)]
    if suggested is not None:
        assert suggested in error.suggestions
    if reason == "ambiguous":
        assert error.question is not None
        assert error.question.endswith("?")


def test_the_message_of_the_issue() -> None:
    with pytest.raises(WordsError, match=r"[Nn]o 'magazin' here\. Did you mean magazine\?"):
        understand("put the apple on the magazin", scene("tabletop"))


@pytest.mark.parametrize(
    ("where", "text", "names"),
    [
        ("desk", "remove all the things on the desk except the laptop", ["book", "keyboard", "lamp", "mouse", "mug", "phone"]),
        ("dominoes", "remove every other domino", [f"domino_{i}" for i in range(2, 25, 2)]),
        ("tower", "remove the two highest blocks", ["block_11", "block_12"]),
        ("tower", "remove block 5", ["block_5"]),
        ("tower", "remove the block between block_7 and block_9", ["block_8"]),
        ("tabletop", "remove the fruit", ["apple", "orange"]),
        ("tabletop", "delete the plate and everything on it", ["orange", "plate"]),
        ("ramp_and_balls", "remove the heaviest ball", ["steel_ball"]),
    ],
)
def test_which_ones_are_meant(where: str, text: str, names: list[str]) -> None:
    assert sorted(e.name for e in plan(text, where) if isinstance(e, edits.Remove)) == sorted(names)


def test_it_is_the_landmark_where_both_stand_aside_of_it() -> None:
    can, spoon = plan("put the can to the left of the bottle and the spoon to the right of it")
    assert (relation(can).thing, relation(spoon).thing) == ("bottle", "bottle")


def test_a_new_landmark_comes_too_and_keeps_its_place() -> None:
    stool, magazine = plan("put the magazine on a stool beside the armchair", "living_room")
    assert isinstance(stool, edits.Add)
    assert relation(stool) == Relation(kind="beside", thing="armchair")
    assert relation(magazine) == Relation(kind="on", thing=stool.thing.name)


def test_what_hangs_on_walls_is_against_one() -> None:
    (painting,) = plan("hang a painting on the wall above the sofa", "living_room")
    assert isinstance(painting, edits.Add)
    assert {(r.kind, r.thing) for r in painting.thing.relations} == {("above", "sofa"), ("against", "back_wall")}
    with pytest.raises(WordsError, match="does not hang on a wall"):
        plan("add a mug on the wall", "living_room")


def test_walls_and_chairs_go_where_they_usually_do() -> None:
    here = scene("living_room")
    (chair,) = plan("add a chair against the wall", "living_room")
    assert relation(chair).kind == "against"
    assert relation(chair).thing in {t.name for t in here.things if "wall" in t.kind}


def test_told_speaks_of_every_edit_that_was_asked_for() -> None:
    said = understand("remove the can, then paint the mug yellow", scene("tabletop"))
    assert all(word in said.told.lower() for word in ("can", "mug", "yellow"))


def test_removing_what_a_goal_is_about_takes_the_goal_away() -> None:
    after = apply(scene("tabletop"), plan("remove the apple"))
    assert not any("apple" in goal.targets for goal in after.goals)
    assert replace(after, goals=()).goals == ()


def test_rooms_of_a_home_tell_things_apart() -> None:
    """What is in a room is meant by it; what is put in the room stands free on its floor, or on what carries things there."""
    house = judged.placed("home_4_3")
    (bed,) = understand("rotate the bed in the bedroom by 90 degrees", house).plan.edits
    assert isinstance(bed, edits.Rotate)
    (chair,) = understand("put a chair in the kitchen", house).plan.edits
    assert isinstance(chair, edits.Add)
    assert chair.thing.pose is not None
    (kitchen,) = (space for space in house.spaces if space.name == "kitchen")
    x, y, _ = chair.thing.pose.position_m
    assert kitchen.low_m[0] < x < kitchen.high_m[0]
    assert kitchen.low_m[1] < y < kitchen.high_m[1]
    with pytest.raises(WordsError) as refused:
        understand("put a chair left of the kitchen", house)
    assert refused.value.reason == "impossible"
