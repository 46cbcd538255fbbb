"""Who is meant: laws of finding referents, then examples of each thing that can be said of one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import WordsError
from lifeworld.scene import starter
from lifeworld.scene.place import place
from lifeworld.scene.words.clause import Link, Phrase
from lifeworld.scene.words.grounding.cast import Cast, Referent, cast_of
from lifeworld.scene.words.grounding.ground import Finder
from lifeworld.scene.words.grounding.standing import stands
from lifeworld.scene.words.grounding.view import sideways, worldwards

COLORS = ("red", "blue", "green", "white")
NOUNS = ("mug", "bowl", "book", "ball")


def thing(name: str, noun: str, *, at: tuple[float, float, float] = (0.0, 0.0, 0.0), size: float = 0.1, **facts: object) -> Referent:
    return Referent(name=name, words=(noun,), position_m=at, size_m=(size, size, size), **facts)  # type: ignore[arg-type]


def cast(*referents: Referent, yaw: float = 0.0, last: tuple[str, ...] = ()) -> Cast:
    return Cast(referents=referents, viewer_yaw_deg=yaw, viewer="front", last=last)


def phrase(noun: str, **said: object) -> Phrase:
    return Phrase(noun=noun, span=(0, len(noun)), **({"article": "the"} | said))  # type: ignore[arg-type]


ROW = cast(
    thing("mug_a", "mug", at=(-0.4, 0.0, 0.8), size=0.08, color="red", facts=frozenset({("on", "table")})),
    thing("mug_b", "mug", at=(0.0, 0.1, 0.8), size=0.12, color="blue", facts=frozenset({("on", "table")})),
    thing("mug_c", "mug", at=(0.4, -0.1, 0.8), size=0.10, color="red", facts=frozenset({("on", "tray")})),
    thing("plate", "plate", at=(0.1, -0.1, 0.8)),
    thing("table", "table", size=1.2),
    thing("tray", "tray"),
    thing("cabinet", "cabinet", at=(2.0, 0.0, 0.5)),
    Referent(name="cabinet/drawer_1", sort="part", words=("drawer",), adjectives=("top",), part_of="cabinet", position_m=(2.0, 0.0, 0.8)),
    Referent(
        name="cabinet/drawer_2", sort="part", words=("drawer",), adjectives=("bottom",), part_of="cabinet", position_m=(2.0, 0.0, 0.2)
    ),
)


def find(said: Phrase, among: Cast = ROW, **how: object) -> tuple[str, ...]:
    return Finder(cast=among).find(said, **how).names  # type: ignore[arg-type]


referents = st.lists(
    st.tuples(st.sampled_from(NOUNS), st.sampled_from(COLORS), st.floats(-2, 2), st.floats(-2, 2), st.floats(0.02, 0.5)),
    min_size=1,
    max_size=7,
)


def drawn(rows: list[tuple[str, str, float, float, float]], yaw: float = 0.0) -> Cast:
    made = (thing(f"{noun}_{i}", noun, at=(x, y, 0.0), size=size, color=color) for i, (noun, color, x, y, size) in enumerate(rows))
    return cast(*made, yaw=yaw)


@settings(max_examples=40, deadline=None)
@given(referents, st.sampled_from(NOUNS), st.sampled_from(COLORS))
def test_one_is_meant_or_nobody_is_picked(rows: list[tuple[str, str, float, float, float]], noun: str, color: str) -> None:
    """A singular phrase means exactly the one that fits; where none or several fit it is refused, with the candidates."""
    among = drawn(rows)
    fitting = [r.name for r in among.referents if r.words == (noun,) and r.color == color]
    said = phrase(noun, words=(color,))
    if len(fitting) == 1:
        assert find(said, among) == tuple(fitting)
        return
    with pytest.raises(WordsError) as refused:
        find(said, among)
    assert refused.value.reason == ("ambiguous" if fitting else "not_present")
    if fitting:
        assert set(refused.value.suggestions) == set(fitting)
        assert refused.value.question is not None
        assert all(name in refused.value.question for name in fitting[:6])


@settings(max_examples=40, deadline=None)
@given(referents, st.sampled_from(NOUNS))
def test_all_are_meant_by_every(rows: list[tuple[str, str, float, float, float]], noun: str) -> None:
    among = drawn(rows)
    fitting = tuple(r.name for r in among.referents if r.words == (noun,))
    if fitting:
        assert find(phrase(noun, article="every"), among) == fitting


@settings(max_examples=40, deadline=None)
@given(referents, st.floats(-180, 180))
def test_left_turned_round_is_right(rows: list[tuple[str, str, float, float, float]], yaw: float) -> None:
    """Who stands on the other side sees left as right, and in front as behind."""
    here, there = drawn(rows, yaw), drawn(rows, yaw + 180.0)
    for a in here.referents:
        for b in here.referents:
            for relation, mirrored in (("left_of", "right_of"), ("in_front_of", "behind")):
                assert stands(relation, a, (b,), here) == stands(mirrored, a, (b,), there)
                assert stands(relation, a, (b,), here) == stands(mirrored, b, (a,), here)


@given(st.floats(-360, 360), st.floats(-5, 5), st.floats(-5, 5))
def test_there_and_back_through_a_viewers_eyes(yaw: float, x: float, y: float) -> None:
    assert worldwards(yaw, *sideways(yaw, x, y)) == pytest.approx((x, y), abs=1e-9)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (phrase("mug", words=("blue",)), "mug_b"),
        (phrase("mug", compare=("size", "most")), "mug_b"),
        (phrase("mug", compare=("size", "less")), "mug_a"),
        (phrase("mug", words=("big",)), "mug_b"),
        (phrase("mug", words=("leftmost",)), "mug_a"),
        (phrase("mug", words=("left", "red")), "mug_a"),
        (phrase("mug", words=("right",)), "mug_c"),
        (phrase("mug", words=("middle",)), "mug_b"),
        (phrase("mug", order=2), "mug_b"),
        (phrase("mug", order=1, order_from="right"), "mug_c"),
        (phrase("mug", order=-1), "mug_c"),
        (phrase("drawer", words=("upper",)), "cabinet/drawer_1"),
        (phrase("drawer", order=2), "cabinet/drawer_2"),
        (phrase("cup", words=("blue",)), "mug_b"),
        (phrase("mug_b"), "mug_b"),
    ],
)
def test_what_is_said_of_one(said: Phrase, meant: str) -> None:
    assert find(said, sorts=("thing", "part")) == (meant,)


@pytest.mark.parametrize(
    ("relation", "other", "meant"),
    [("on", "tray", "mug_c"), ("right_of", "plate", "mug_c"), ("near", "plate", "mug_b")],
)
def test_what_tells_one_from_the_others(relation: str, other: str, meant: str) -> None:
    said = phrase("mug", links=(Link(relation=relation, span=(0, 1), to=(phrase(other),)),))
    assert find(said) == (meant,)
    if relation != "near":  # all are near it, and the nearest is meant
        others = find(replace(said, plural=True, links=(replace(said.links[0], negated=True),)))
        assert others
        assert meant not in others


def test_the_owner_of_a_part() -> None:
    assert find(phrase("drawer", words=("top",), of=phrase("cabinet")), sorts=("part",)) == ("cabinet/drawer_1",)
    assert find(phrase("cabinet drawer", words=("bottom",)), sorts=("part", "thing")) == ("cabinet/drawer_2",)


def test_it_is_who_was_spoken_of_last() -> None:
    it = Phrase(noun="", pronoun="it", span=(0, 2))
    among = replace(ROW, last=("mug_b", "table"))
    assert find(it, among) == ("mug_b",)
    assert find(it, among, but=("mug_b",)) == ("table",)
    assert find(phrase("mug"), among) == ("mug_b",)
    assert find(Phrase(noun="", pronoun="other", article="the", span=(0, 5)), replace(among, referents=ROW.referents[:2])) == ("mug_a",)
    with pytest.raises(WordsError, match="nothing was spoken of"):
        find(it, ROW)


def test_counts() -> None:
    assert find(phrase("mug", article=None, count=2, plural=True)) == ("mug_a", "mug_b")
    assert find(phrase("mug", count=3, plural=True)) == ("mug_a", "mug_b", "mug_c")
    for count, reason in ((2, "ambiguous"), (4, "not_present")):
        with pytest.raises(WordsError) as refused:
            find(phrase("mug", count=count, plural=True))
        assert refused.value.reason == reason


def test_a_slip_of_the_pen_is_asked_back_or_taken() -> None:
    said = phrase("platte")
    assert find(said) == ("plate",)
    with pytest.raises(WordsError) as refused:
        Finder(cast=ROW, typos=False).find(said)
    assert (refused.value.reason, refused.value.suggestions) == ("unknown_word", ("plate",))


def test_a_scene_is_cast_with_its_parts_and_facts() -> None:
    scene = place(starter.load("drawer"), seed=0)
    found = {r.name: r for r in cast_of(scene).referents}
    assert ("on", "drawers") in found["duck"].facts
    assert ("in", "drawers/drawer_1") in found["ball"].facts
    assert found["drawers/drawer_2"].adjectives == ("middle",)
    assert ("open", "") in found["drawers/drawer_1"].facts
    assert ("closed", "") in found["drawers/drawer_3"].facts
    assert found["front"].sort == "camera"
    assert cast_of(scene).viewer == "front"
