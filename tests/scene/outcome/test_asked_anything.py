"""Whatever is asked or told: an outcome or an event that the scene can have, or a typed refusal that can be acted on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import WordsError
from lifeworld.scene import starter
from lifeworld.scene.possible import check_outcome
from lifeworld.scene.words.happening import happening_of
from lifeworld.scene.words.outcome import outcome_of

SCENE = starter.load("tabletop")
WORDS = """
the a any no nothing something all both mug mugs bottle can table floor hand apple bowl red it them falls fall fell off over down out of on
in into to with by moves hits touching is are was gets be not never always still within after between at end for 3 5 -2 1e9 seconds s cm m /
at least two more than half open opens closed upright stays ends up left right and or nor but when push bump gust wind from cat jumps power
goes faster knocked tips spills breaks , ? é 中 0 nan
""".split()  # noqa: SIM905


def refused(error: WordsError, text: str) -> bool:
    """Whether a refusal says why, of words that are there."""
    start, end = error.span
    return bool(error.reason) and 0 <= start <= end <= len(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=10).map(" ".join))
def test_any_words_are_understood_or_refused(text: str) -> None:
    try:
        outcome = outcome_of(text, SCENE)
    except WordsError as error:
        assert refused(error, text)  # noqa: PT017
    else:
        check_outcome(outcome, SCENE)
    try:
        event = happening_of(text, SCENE)
    except WordsError as error:
        assert refused(error, text)  # noqa: PT017
    else:
        assert event is None or event.targets <= {*SCENE.names()}


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "a" * 5000, "?" * 50, "das Glas fällt vom Tisch", "__import__('os')", "'; drop table", "🙂 falls"]
)
def test_what_is_no_question_is_refused(text: str) -> None:
    with pytest.raises(WordsError):
        outcome_of(text, SCENE)
