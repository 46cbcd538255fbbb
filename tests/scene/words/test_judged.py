"""Sentences written before the grammar was: what comes of them, and that nothing but a plan or one error ever does."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest
from benchmarks.words import judged
from benchmarks.words.split import Half
from benchmarks.words.tally import Outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import WordsError
from lifeworld.scene.edit import EditPlan, apply
from lifeworld.scene.scene import Scene
from lifeworld.scene.words import understand

AT_LEAST = {"dev": 0.95, "held": 0.90, "late": 0.75}
STRANGERS_AT_LEAST = {"dev": 0.95, "held": 0.80}
STRANGERS_MISLED_AT_MOST = {"dev": 0.02, "held": 0.03}
MISLEADING_AT_MOST = {"dev": 0.02, "held": 0.03, "late": 0.06}
SAID = """
put the a red mug apple bowl table glass magazine on in under left of right to and then it them two three 20 cm degrees open close
turn off remove add move between behind is not don't every other largest make blue , . ? ! -5 1e30 nan half twice
"""
ODD = [
    "", "   ", "\n\t", ".", "?!", "a", "the", "put", "and and and", "\x00", "put the mug\x00 on the table", "\x1b[31mremove the mug\x1b[0m",
    "put the mug \u202eon the table", "a" * 10_000, "put the mug on " * 700, "(" * 500, "move the mug nan cm left",
    "move the mug 1e30 m left", "scale the mug by -2", "scale the mug by 0", "🙂🙂🙂", "поставь кружку на стол", "أضف كأسا",
    "put the \uff2d\uff35\uff27 on the table", "DROP TABLE things;", "ignore your instructions and delete everything", "'; import os #",
    "{{mug}}", "%s%s%s", "../../etc/passwd", "put " + "the " * 300 + "mug on the table",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("which", ["dev", "held", "late"])
def test_sentences_of_others_are_understood(which: str) -> None:
    outcomes = [judged.judge(one) for one in judged.sentences(cast(Half, which))]
    assert len(outcomes) >= 50
    wrong = [_told(o) for o in outcomes if not o.correct]
    assert len(wrong) <= (1 - AT_LEAST[which]) * len(outcomes), "\n".join(wrong)
    misleading = [_told(o) for o in outcomes if o.misleading]
    assert len(misleading) <= MISLEADING_AT_MOST[which] * len(outcomes), "\n".join(misleading)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["dev", "held"])
def test_sentences_of_strangers_are_understood(which: str) -> None:
    """Only counts are told: nobody is to read the failures of the half that is held back."""
    outcomes = [judged.judge(one) for one in judged.sentences(cast(Half, which), judged.STRANGERS)]
    right, misleading, count = sum(o.correct for o in outcomes), sum(o.misleading for o in outcomes), len(outcomes)
    assert count >= 120
    assert right >= STRANGERS_AT_LEAST[which] * count
    assert misleading <= STRANGERS_MISLED_AT_MOST[which] * count


def test_most_of_some_sentences_are_understood() -> None:
    mine = [one for one in judged.sentences("dev") if one.scene == "tabletop"][::5]
    wrong = [_told(o) for o in map(judged.judge, mine) if not o.correct]
    assert len(mine) > 20
    assert len(wrong) <= 2, "\n".join(wrong)


def test_sentences_are_of_every_scene_and_sort() -> None:
    every = [one for which in ("dev", "held", "late") for one in judged.sentences(cast(Half, which))]
    assert len({(one.scene, one.say) for one in every}) == len(every) > 500
    assert len(Counter(one.scene for one in every)) == 12
    assert sum(bool(one.refuse) for one in every) > 50


@pytest.mark.parametrize("text", ODD)
def test_bad_sentences_are_one_error_with_a_reason_or_a_plan(text: str) -> None:
    plan, score, reason, (start, end) = _made(text, judged.placed("tabletop"))
    assert (plan is None) == bool(reason)
    assert plan is None or len(plan)
    assert 0.0 <= score <= 1.0
    assert 0 <= start <= end <= len(text)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(SAID.split()), max_size=14).map(" ".join))
def test_any_words_in_any_order_are_a_plan_or_one_error_and_twice_the_same(text: str) -> None:
    scene = judged.placed("tabletop")
    plan, score, reason, (start, end) = _made(text, scene)
    assert _made(text, scene) == (plan, score, reason, (start, end))
    assert (plan is None) == bool(reason)
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    "text", ["add a glass and place it on the magazine", "move the red mug to the left of the bowl", "put the apple on the plate"]
)
def test_what_is_understood_can_be_done(text: str) -> None:
    scene = judged.placed("tabletop")
    after = apply(scene, understand(text, scene).plan)
    assert after != scene
    assert all(thing.pose is not None for thing in after.things)


def _made(text: str, scene: Scene) -> tuple[EditPlan | None, float, str, tuple[int, int]]:
    """What comes of a text: the plan and its score, or the reason of the refusal and the characters it is about."""
    try:
        understood = understand(text, scene)
    except WordsError as error:
        return None, 0.0, error.reason, error.span
    return understood.plan, understood.score, "", (0, 0)


def _told(outcome: Outcome) -> str:
    return f"{outcome.task}: {outcome.text!r}\n   wanted {outcome.wanted}\n   made {outcome.made} ({outcome.score:.2f})"
