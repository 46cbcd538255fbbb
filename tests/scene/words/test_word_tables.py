"""The tables that were built: whole, small enough, of a piece with what is written by hand."""

from __future__ import annotations

import re
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.scene.archetype import kinds
from lifeworld.scene.words.lexicon import entries, is_known, kinds_for, parts_of_speech, taxonomy, vectors
from lifeworld.scene.words.lexicon.english import DATA, english, irregular
from lifeworld.scene.words.lexicon.term import term

WORDS = st.sampled_from(sorted(english()))


def test_the_vectors_fit_in_two_megabytes() -> None:
    assert (DATA / "vectors.npz").stat().st_size <= 2_000_000


def test_every_word_written_by_hand_is_known() -> None:
    """Else `scripts/build_words.py` was not run after a change."""
    text = "\n".join((DATA / name).read_text(encoding="utf-8") for name in ("lexicon.toml", "qualities.toml"))
    said = {word for line in text.splitlines() for phrase in re.findall(r'"([^"]*)"', line) for word in re.findall(r"[a-z]{3,}", phrase)}
    assert sorted(word for word in said if not is_known(word)) == []


def test_kinds_written_by_hand_exist() -> None:
    assert set(entries.kind_words()) <= set(kinds())
    for kind, words in entries.kind_words().items():
        for word in words:
            assert kind in {match.candidate for match in kinds_for(word) if match.score >= 0.9}, word


def test_phrases_stand_in_the_table_once() -> None:
    table = tomllib.loads((DATA / "lexicon.toml").read_text(encoding="utf-8"))
    assert all(len(ring) == len(set(ring)) for ring in table["same"])


def test_irregular_forms_lead_to_words() -> None:
    assert all(base in english() for base in irregular().values())


@given(WORDS)
@settings(deadline=None)
def test_a_word_has_a_unit_vector_or_none(word: str) -> None:
    length = float(np.linalg.norm(vectors.vector(term(word))))
    assert length == pytest.approx(1, abs=1e-5) or length == 0


@given(WORDS, st.lists(WORDS, max_size=6, unique=True))
@settings(deadline=None)
def test_likeness_leaves_room_for_none_of_them(word: str, names: list[str]) -> None:
    likely = vectors.likeness(term(word), {name: term(name) for name in names})
    assert all(share > 0 for share in likely.values())
    assert sum(likely.values()) < 1


def test_likeness_knows_what_no_table_says() -> None:
    likely = vectors.likeness(term("recipe"), {name: term(name) for name in ("cookbook", "hammer", "sofa")})
    assert max(likely, key=lambda name: likely[name]) == "cookbook"


@given(st.sampled_from(sorted(word for word in english() if taxonomy.senses(word))))
@settings(deadline=None)
def test_nothing_is_above_itself(word: str) -> None:
    for synset, likely in taxonomy.senses(word):
        assert 0 < likely <= 1
        assert synset not in taxonomy.ancestors(synset)
        assert word in taxonomy.synonyms(synset)


@pytest.mark.parametrize(("word", "first"), [("mug", "noun"), ("put", "verb"), ("wooden", "adj"), ("the", "function"), ("rinse", "verb")])
def test_parts_of_speech(word: str, first: str) -> None:
    assert parts_of_speech(word)[0] == first


@pytest.mark.parametrize(
    ("word", "known"), [("mugs", True), ("coffeetable", True), ("putting", True), ("magazin", False), ("xqzt", False), ("", False)]
)
def test_is_known(word: str, known: bool) -> None:
    assert is_known(word) is known
