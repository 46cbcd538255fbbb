"""What sentences say, one by one: each with its clauses as they are told in short."""

from __future__ import annotations

import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase
from lifeworld.scene.words.grammar.read import read
from lifeworld.scene.words.tagging.tokens import words_of
from lifeworld.scene.words.tagging.units import measure_at


def phrase(one: Phrase) -> str:
    """Short for a phrase: "the 2 red mugs", "the #2 from left book", "largest", "the drawer of (the cabinet)"."""
    order = [] if one.order is None else [f"#{one.order}", *([f"from {one.order_from}"] if one.order_from else [])]
    compare = [] if one.compare is None else [f"{one.compare[1]} {one.compare[0]}"]
    noun = one.noun + ("+" if one.plural else "") if one.noun else f"<{one.pronoun}>"
    tail = [f"of ({phrase(one.of)})"] if one.of is not None else []
    words = [one.article or "", str(one.count or ""), *order, *compare, *one.words, noun, *tail, *(f"({link(each)})" for each in one.links)]
    return " ".join(filter(None, words))


def link(one: Link) -> str:
    distance = [] if one.distance_m is None else [f"{one.distance_m:g} m"]
    words = [*distance, "not" if one.negated else "", one.relation, one.spot or "", one.frame or "", one.state or ""]
    return " ".join(filter(None, (*words, " & ".join(map(phrase, one.to)))))


def clause(one: Clause) -> str:
    values = [f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in one.values]
    when = [f"when ({clause(one.when)})"] if one.when is not None else [f"at {one.at_s:g} s"] if one.at_s is not None else []
    things = ["; ".join(map(phrase, one.things))] if one.things else []
    with_ = [f"with {'; '.join(map(phrase, one.with_))}"] if one.with_ else []
    return ", ".join(("not " * one.negated + one.verb, *things, *with_, *map(link, one.links), *values, *when))


def told(text: str) -> list[str]:
    return [clause(one) for one in read(text)[0].clauses]


SAID = {
    # things
    "put the larger bowl to the left of the plate": ["place, the more size bowl, left_of the plate"],
    "remove the two chairs nearest the window": ["remove, the 2 least distance chair+ (near the window)"],
    "put the second book from the left on the shelf": ["place, the #2 from left book, on the shelf"],
    "open the drawer second from the bottom": ["open, the #2 from bottom drawer"],
    "pick up the leftmost mug": ["pick, the #1 from left mug"],
    "put the akita black bowl on the plate": ["place, the akita black bowl, on the plate"],
    "put the yellow and white mug on the tray": ["place, the yellow white mug, on the tray"],
    "swap the steel and wooden balls": ["swap, the steel ball; the wooden ball"],
    "add a red mug and a blue one": ["add, a red mug; a blue mug"],
    "remove the cabinet's top drawer": ["remove, the top drawer of (the cabinet)"],
    "pick up a slice of bread": ["pick, a slice bread"],
    "add a bowl of apples": ["add, a bowl (with apple+)"],
    "pick up the red wine glass": ["pick, the red wine glass"],
    "delete everything on the table except the sofa": ["remove, <all> (on the table) (except the sofa)"],
    "clear the table": ["remove, <all> (on the table)"],
    "put both the soup and the box in the basket": ["place, the soup; the box, in the basket"],
    "remove block 5": ["remove, block 5"],
    # which one, and where to
    "remove the cup that is not on the table": ["remove, the cup (not on the table)"],
    "put the mug standing on the box onto the table": ["place, the mug (on the box), on the table"],
    "put the cup on the saucer and the bowl on the plate": ["place, the cup, on the saucer", "place, the bowl, on the plate"],
    "turn the lamp on the desk on": ["turn_on, the lamp (on the desk)"],
    "open the door to the fridge": ["open, the door of (the fridge)"],
    "in the drawer, pick up the block": ["pick, the block (in the drawer)"],
    "put the cup between the plate and the bowl": ["place, the cup, between the plate & the bowl"],
    "put the mug 20 cm left of the plate": ["place, the mug, 0.2 m left_of the plate"],
    "put the mug left of the plate, from my side": ["place, the mug, left_of viewer the plate"],
    "put the ball in the far left corner of the room": ["place, the ball, on back_left the room"],
    "slide the box to the left edge of the table": ["slide, the box, on left the table"],
    "open the drawer and put the bowl inside": ["open, the drawer", "place, the bowl, in <it>"],
    "put the fork left of the cup and the knife right of it": ["place, the fork, left_of the cup", "place, the knife, right_of the cup"],
    "put the sofa against the wall facing the tv": ["place, the sofa, against the wall, facing the tv"],
    "put the lamp behind and to the left of the sofa": ["place, the lamp, behind the sofa, left_of the sofa"],
    "put a mug. On the table.": ["place, a mug, on the table"],
    "hang a picture on the wall above the sofa": ["place, a picture, on the wall, above the sofa"],
    # how much
    "rotate the box 90 degrees clockwise": ["rotate, the box, angle_deg=90, direction=clockwise"],
    "turn it by a quarter turn": ["rotate, <it>, angle_deg=90"],
    "move the chair half a metre back": ["move, the chair, direction=back, distance_m=0.5"],
    "make the box twice as big": ["scale, the box, dimension=size, factor=2, way=more"],
    "shrink the plate to two thirds of its size": ["scale, the plate, dimension=size, factor=0.666667, way=less"],
    "make the table 20 cm taller": ["scale, the table, by_m=0.2, dimension=height, way=more"],
    "add a 2 m long table": ["add, a table, length_m=2"],
    "set the mass of the box to two kilos": ["set, the box, mass_kg=2"],
    "make the mug weigh 300 g": ["set, the mug, mass_kg=0.3"],
    "open the top drawer halfway": ["open, the top drawer, amount=0.5"],
    "dim the lights by 30 %": ["light, the light+, dimension=brightness, factor=0.7, way=less"],
    "copy the chair twice": ["copy, the chair, count=2"],
    "shrink the box by half": ["scale, the box, dimension=size, factor=0.5, way=less"],
    "make the cup a quarter bigger": ["scale, the cup, dimension=size, factor=1.25, way=more"],
    "set its weight to 500 grams": ["set, <it>, mass_kg=0.5"],
    "add a ball called bouncy": ["add, a ball, name=bouncy"],
    # what a verb means
    "make the bowl out of wood": ["set, the bowl, material=wood"],
    "change the cup's colour to dark green": ["set, the cup, color=dark green"],
    "turn the cup into a bowl": ["replace, the cup, with a bowl"],
    "I want a green bowl instead of the cup": ["replace, the cup, with a green bowl"],
    "remove the mug and put a glass in its place": ["replace, the mug, with a glass"],
    "pour water into the glass": ["fill, the glass, with water"],
    "empty the glass": ["fill, the glass, amount=0"],
    "call the bottle flask": ["rename, the bottle, name=flask"],
    "set the time to 8:30 pm": ["time, hour=20.5"],
    "make it night": ["time, hour=23"],
    "lights off": ["turn_off, light+"],
    "put the mug, the cup and the can in a row": ["place, the cup; the can, aligned_with the mug"],
    "turn left and walk to the white toilet": ["go, direction=left", "go, to the white toilet"],
    "stick the lamp in the corner": ["place, the lamp, in corner"],
    "throw the apple in the bin": ["place, the apple, in the bin"],
    "get the cloth wet in the sink": ["clean, the cloth (in the sink)"],
    # what should be
    "the mug should be on the plate": ["place, the mug, on the plate"],
    "make sure the drawer is closed": ["close, the drawer"],
    "there should be a lamp next to the sofa": ["add, a lamp, beside the sofa"],
    "nothing should be on the table": ["remove, every <all> (on the table)"],
    "the goal is that the mug is on the plate": ["goal, the mug, on the plate"],
    "a red mug on the table": ["add, a red mug, on the table"],
    "the mug is too big, make it smaller": ["scale, the mug, dimension=size, way=less"],
    # when
    "after 2 seconds push the ball": ["push, the ball, at 2 s"],
    "when the ball hits the floor, turn off the lamp": ["turn_off, the lamp, when (goal, the ball, touch the floor)"],
    "wait 3 seconds, then open the door": ["open, the door, at 3 s"],
    "don't move the mug": ["not move, the mug"],
    # slips
    "mvoe the mug to the shelf": ["move, the mug, to the shelf"],
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_says(text: str) -> None:
    assert told(text) == SAID[text]


def test_a_room_is_described_in_one_sentence() -> None:
    said = told("a kitchen with a table, four chairs, a bowl of apples on the table and a cat bed in the corner")
    assert said == ["add, a kitchen (with a table & 4 chair+ & a bowl (with apple+) (on the table) & a cat bed (in corner))"]


def test_what_can_be_tied_in_two_ways_is_read_in_two_ways() -> None:
    first, second, *_ = read("put the cup on the plate on the table")
    assert clause(first.clauses[0]) == "place, the cup, on the plate (on the table)"
    assert clause(second.clauses[0]) == "place, the cup (on the plate), on the table"
    assert second.score > 0.8 * first.score


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), (" \n", "empty"), ("...", "empty"), ("put" * 700, "too_long"), ("and " * 400, "too_long"),
        ("put the\x00mug", "not_text"),
        ("поставь чашку на стол", "not_english"), ("stelle die Tasse auf den Tisch", "not_english"),
        ("the mug", "no_verb"), ("7", "no_verb"),
        ("eat the apple", "unsupported"), ("what colour is the mug?", "unsupported"), ("where is the ball", "unsupported"),
        ("every 2 seconds push the ball", "unsupported"), ("keep the mug where it is", "unsupported"), ("do not touch the bowl", "negated"),
        ("close the drawer if it is open", "unsupported"), ("double the number of chairs", "unsupported"),
        ("set the mass of the box to nan", "unsafe_number"), ("move it 1e30 m up", "unsafe_number"),
        ("make it weigh a billion tonnes", "unsafe_number"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(text: str, reason: str) -> None:
    with pytest.raises(WordsError) as caught:
        read(text)
    assert caught.value.reason == reason
    assert 0 <= caught.value.span[0] <= caught.value.span[1] <= len(text)
    assert reason in ("too_long", "not_text", "unsafe_number", "negated") or caught.value.suggestions


def test_a_slip_is_told_and_makes_less_sure() -> None:
    slip, right = read("mvoe the mug to the shelf")[0], read("move the mug to the shelf")[0]
    assert slip.score < right.score
    assert "'mvoe' taken for 'move'" in slip.evidence


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        ("20 cm", "length", 0.2), ("20cm", "length", 0.2), ("half a metre", "length", 0.5), ("two and a half metres", "length", 2.5),
        ("1/2 m", "length", 0.5), ("a foot away", "length", 0.3048), ("6 in to", "length", 0.1524), ("1,5 m", "length", 1.5),
        ("two kilos", "mass", 2.0), ("500 g", "mass", 0.5), ("90°", "angle", 90.0), ("a quarter of a turn", "angle", 90.0),
        ("half a turn", "angle", 180.0), ("30 %", "ratio", 0.3), ("thirty percent", "ratio", 0.3), ("two minutes", "time", 120.0),
        ("three times", "factor", 3.0), ("2x", "factor", 2.0), ("twenty five", "count", 25.0), ("a dozen", "count", 12.0),
        ("1,000", "count", 1000.0), ("-20 cm", "length", -0.2), ("8 pm", "hour", 20.0), ("6:30", "hour", 6.5), ("6 o'clock", "hour", 6.0),
    ],
)  # fmt: skip
def test_measures_are_in_si_units(said: str, kind: str, value: float) -> None:
    measure = measure_at(words_of(said), 0)
    assert measure is not None
    assert (measure.kind, measure.value) == (kind, pytest.approx(value))
