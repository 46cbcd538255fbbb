"""Goals and acts of robots' sentences: laws of what undoes what, then the sentences of LIBERO's kind on a cast of our own."""

from __future__ import annotations

import pytest

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.acts import acts
from lifeworld.scene.words.goals import Literal, goals, goals_scored
from lifeworld.scene.words.grounding.cast import Cast, Referent

CAST = Cast(
    referents=(
        Referent(name="bowl_1", words=("bowl",), color="black", position_m=(-0.2, 0.0, 0.0)),
        Referent(name="bowl_2", words=("bowl",), color="black", position_m=(0.2, 0.0, 0.0)),
        Referent(name="plate_1", words=("plate",), position_m=(0.0, 0.2, 0.0)),
        Referent(name="tray_1", words=("tray",), position_m=(0.0, -0.3, 0.0)),
        Referent(name="mug_1", words=("mug",), color="white", position_m=(0.4, 0.1, 0.0)),
        Referent(name="mug_2", words=("mug",), adjectives=("yellow", "white"), position_m=(0.5, 0.1, 0.0)),
        Referent(name="stove_1", words=("stove",), position_m=(0.8, 0.0, 0.0), facts=frozenset({("turned_off", "")})),
        Referent(name="cabinet_1", words=("cabinet",), position_m=(-0.8, 0.0, 0.0)),
        *(
            Referent(
                name=f"cabinet_1/{side}",
                sort="part",
                words=("drawer",),
                adjectives=(side,),
                part_of="cabinet_1",
                facts=frozenset({("closed", "")}),
            )
            for side in ("top", "middle", "bottom")
        ),
    ),
    viewer_yaw_deg=0.0,
)


def said(text: str) -> set[tuple[str, str, str | None]]:
    return {(g.predicate, g.thing, g.to) for g in goals(text, CAST)}


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("pick up the white mug and place it on the plate", {("on", "mug_1", "plate_1")}),
        ("put the yellow and white mug in the top drawer of the cabinet", {("in", "mug_2", "cabinet_1/top")}),
        ("open the middle drawer of the cabinet", {("open", "cabinet_1/middle", None)}),
        ("turn on the stove and put the plate on it", {("turned_on", "stove_1", None), ("on", "plate_1", "stove_1")}),
        (
            "put the left bowl in the bottom drawer and close it",
            {("in", "bowl_1", "cabinet_1/bottom"), ("closed", "cabinet_1/bottom", None)},
        ),
        ("stack the left bowl on the right bowl and place them in the tray", {("on", "bowl_1", "bowl_2"), ("in", "bowl_2", "tray_1")}),
        ("put both bowls on the plate", {("on", "bowl_1", "plate_1"), ("on", "bowl_2", "plate_1")}),
        ("put the white mug to the right of the plate", {("right_of", "mug_1", "plate_1")}),
        ("open the top drawer, then close it", {("closed", "cabinet_1/top", None)}),
    ],
)
def test_sentences_of_robots(text: str, literals: set[tuple[str, str, str | None]]) -> None:
    assert said(text) == literals


def test_what_is_later_undoes_what_was_before() -> None:
    assert said("put the white mug on the plate, then put it in the tray") == {("in", "mug_1", "tray_1")}
    assert said("turn on the stove. turn off the stove.") == {("turned_off", "stove_1", None)}


def test_nobody_is_asked_back_but_the_score_says_it() -> None:
    sure, unsure = goals_scored("put the white mug on the plate", CAST), goals_scored("put the bowl on the plate", CAST)
    assert sure[1] >= 0.7 > unsure[1]
    assert {g.to for g in unsure[0]} == {"plate_1"}
    assert all(isinstance(g, Literal) for g in unsure[0])


def test_no_goal_is_an_error() -> None:
    with pytest.raises(WordsError):
        goals("look at the plate", CAST)


def test_acts_keep_verbs_and_places() -> None:
    done = acts("pick up the white mug, open the top drawer and put it inside", CAST)
    assert [a.verb for a in done.acts] == ["pick", "open", "place"]
    assert done.acts[2].things == ("mug_1",)
    assert done.acts[2].links[0] == ("in", ("cabinet_1/top",))
