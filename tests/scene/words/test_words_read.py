"""Reading: laws that hold for any text, and what sentences say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.core.errors import WordsError
from lifeworld.scene.words.clause import Clause, Link, Phrase, Reading, Span
from lifeworld.scene.words.grammar import read as reading
from lifeworld.scene.words.grammar.read import read
from lifeworld.scene.words.tagging.vocabulary import inflected, vocabulary, ways

WORDS = sorted(vocabulary().words)
NOUNS = ["mug", "bowl", "coffee table", "lamp", "wine glass", "book", "frying pan", "zorble"]
COLORS = ["red", "dark green", "white"]
PLACED = {
    "on": "on", "on top of": "on", "inside": "in", "into": "in", "under": "under", "to the left of": "left_of", "right of": "right_of",
    "in front of": "in_front_of", "behind": "behind", "next to": "beside", "close to": "near", "far from": "far_from", "against": "against",
    "around": "around", "facing": "facing", "in line with": "aligned_with",
}  # fmt: skip
LAW = settings(max_examples=60, deadline=None)
PUT = ["put", "place", "set", "Set", "position"]


def spans(clause: Clause) -> Iterator[Span]:
    yield clause.span
    for phrase in (*clause.things, *clause.with_):
        yield from _phrase_spans(phrase)
    for link in clause.links:
        yield from _link_spans(link)
    if clause.when is not None:
        yield from spans(clause.when)


def _phrase_spans(phrase: Phrase) -> Iterator[Span]:
    yield phrase.span
    if phrase.of is not None:
        yield from _phrase_spans(phrase.of)
    for link in phrase.links:
        yield from _link_spans(link)


def _link_spans(link: Link) -> Iterator[Span]:
    yield link.span
    for phrase in link.to:
        yield from _phrase_spans(phrase)


def bare(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Clauses without where and how they were said."""

    def phrase(one: Phrase) -> Phrase:
        return replace(one, span=(0, 0), of=None if one.of is None else phrase(one.of), links=tuple(map(link, one.links)))

    def link(one: Link) -> Link:
        return replace(one, span=(0, 0), to=tuple(map(phrase, one.to)))

    def clause(one: Clause) -> Clause:
        return replace(
            one, span=(0, 0), said="", things=tuple(map(phrase, one.things)), with_=tuple(map(phrase, one.with_)),
            links=tuple(map(link, one.links)), when=None if one.when is None else clause(one.when),
        )  # fmt: skip

    return tuple(map(clause, clauses))


def said(text: str) -> tuple[Clause, ...]:
    return bare(read(text)[0].clauses)


def checked(text: str) -> list[Reading]:
    """The readings of a text, or none; anything but a typed error is a failure."""
    refused: list[WordsError] = []
    readings = []
    try:
        readings = read(text)
    except WordsError as error:
        refused.append(error)
    for error in refused:
        assert 0 <= error.span[0] <= error.span[1] <= len(text)
    for one in readings:
        assert one.clauses
        assert 0.0 <= one.score <= 1.0
        for clause in one.clauses:
            assert clause.verb in vocabulary().frames
            assert clause.said == text[slice(*clause.span)]
            for start, end in spans(clause):
                assert 0 <= start <= end <= len(text)
    assert [one.score for one in readings] == sorted((one.score for one in readings), reverse=True)
    return readings


@st.composite
def commands(draw: st.DrawFn) -> tuple[str, tuple[object, ...]]:
    """A sentence, and what it says: (relation, (colour, noun), (colour, noun))."""
    thing, other = (draw(st.sampled_from(NOUNS)) for _ in range(2))
    colors = [draw(st.sampled_from([None, *COLORS])) for _ in range(2)]
    words = draw(st.sampled_from(sorted(PLACED)))
    first, second = (" ".join(filter(None, ("the", color, noun))) for color, noun in zip(colors, (thing, other), strict=True))
    text = f"{draw(st.sampled_from(PUT))} {first} {words} {second}"
    return text, (PLACED[words], (colors[0], thing), (colors[1], other))


@LAW
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    checked(text)


@LAW
@given(
    st.lists(st.sampled_from([*WORDS, "mug", "bowls", "20", "cm", "30 %", ",", ".", "'s", '"x"', "red", "½", "nan"]), max_size=30).map(
        " ".join
    )
)
def test_any_words_are_read_or_refused(text: str) -> None:
    for one in checked(text):
        assert one.clauses


@LAW
@given(commands())
def test_what_was_meant_is_read(command: tuple[str, tuple[object, ...]]) -> None:
    text, (relation, first, second) = command
    (clause,) = read(text)[0].clauses
    assert clause.verb == "place"
    assert [link.relation for link in clause.links] == [relation]
    assert [(phrase.words[0] if phrase.words else None, phrase.noun) for phrase in (*clause.things, *clause.links[0].to)] == [first, second]


@LAW
@given(commands())
def test_a_phrase_is_where_its_words_are(command: tuple[str, tuple[object, ...]]) -> None:
    text, _ = command
    for phrase in (read(text)[0].clauses[0].things[0], read(text)[0].clauses[0].links[0].to[0]):
        assert text[slice(*phrase.span)] == " ".join(("the", *phrase.words, phrase.noun))


@LAW
@given(commands(), st.sampled_from(["\t", "  ", "\n", "   "]), st.sampled_from([str.upper, str.title, str.lower]))
def test_space_and_case_change_nothing(command: tuple[str, tuple[object, ...]], space: str, case: type[str]) -> None:
    text = command[0]
    assert said(case(text).replace(" ", space)) == said(text)


@LAW
@given(
    commands(),
    st.sampled_from(["please {}", "can you {}?", "I'd like you to {}.", "now {}, please", "{} carefully", "could you please {} for me"]),
)
def test_politeness_changes_nothing(command: tuple[str, tuple[object, ...]], manner: str) -> None:
    assert said(manner.format(command[0])) == said(command[0])


@LAW
@given(
    commands(), commands(), st.sampled_from(["{}, then {}", "{} and then {}", "{}. {}", "{}; {}.", "{} and {}", "first {}, after that {}"])
)
def test_sentences_in_a_row_are_clauses_in_a_row(
    one: tuple[str, tuple[object, ...]], other: tuple[str, tuple[object, ...]], row: str
) -> None:
    assert said(row.format(one[0], other[0])) == said(one[0]) + said(other[0])


@LAW
@given(commands())
def test_not_is_heard(command: tuple[str, tuple[object, ...]]) -> None:
    for no in ("don't {}", "do not {}", "never {}", "please don't {}"):
        assert said(no.format(command[0])) == tuple(replace(clause, negated=True) for clause in said(command[0]))


@LAW
@given(commands())
def test_reading_is_the_same_again(command: tuple[str, tuple[object, ...]]) -> None:
    once = read(command[0])
    reading._read.cache_clear()
    assert read(command[0]) == once


def test_relations_are_heard_however_they_are_said() -> None:
    deaf = []
    for row, meaning in sorted(vocabulary().relations.rows.items())[::29]:
        if meaning[0] in ("by", "for", "as", "through", "between"):
            continue  # they say nothing of one other thing
        clauses = [clause for one in read(f"put the mug {' '.join(row)} the zorble") for clause in one.clauses]
        links = {(link.relation, link.spot) for clause in clauses for link in (*clause.links, *clause.things[0].links)}
        if meaning not in links and row[0] not in ("until", "so", "that", "which"):
            deaf.append((" ".join(row), meaning, links))
    assert not deaf


def test_verbs_are_known_in_all_their_forms() -> None:
    assert inflected("place") == ("place", "places", "placed", "placing")
    assert inflected("carry") == ("carry", "carries", "carried", "carrying")
    assert inflected("push") == ("push", "pushes", "pushed", "pushing")
    assert inflected("grab") == ("grab", "grabs", "grabbed", "grabbing")
    assert vocabulary().verb_lemmas["took"] == "take"


def test_patterns_are_said_in_all_ways() -> None:
    assert ways("(to|on)? the left of") == ["to the left of", "on the left of", "the left of"]


def test_every_table_names_verbs_and_values_that_exist() -> None:
    assert all(re.fullmatch("[a-z_]+", form.verb) for form in vocabulary().verbs.rows.values())
    assert {frame.links for frame in vocabulary().frames.values()} <= {"goal", "maybe", "scope", "turn"}
