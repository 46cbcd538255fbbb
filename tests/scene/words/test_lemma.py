"""Base forms: laws over every word we know, then examples."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.scene.words.lexicon.english import english, irregular
from lifeworld.scene.words.lexicon.lemma import lemma

NOUNS = sorted(word for word, entry in english().items() if "noun" in entry.parts and entry.common)


@given(st.sampled_from(NOUNS))
@settings(deadline=None)
def test_the_lemma_of_a_lemma_is_itself(word: str) -> None:
    assert lemma(lemma(word, "noun"), "noun") == lemma(word, "noun")


@given(st.sampled_from([word for word in NOUNS if not word.endswith(("s", "x", "z", "ch", "sh", "y", "f", "fe", "o", "man"))]))
@settings(deadline=None)
def test_a_plural_in_s_goes_back_to_its_noun(word: str) -> None:
    plural = word + "s"
    known = english().get(plural)
    if (known is None or not known.singular_s) and (plural, "noun") not in irregular() and len(word) > 2:
        # Of two nouns with the same plural ("ashes") it may be the other.
        assert plural in {lemma(plural, "noun") + "s", lemma(plural, "noun") + "es"}


@given(st.text(max_size=60), st.sampled_from([None, "noun", "verb", "adj"]))
@settings(deadline=None)
def test_any_text_has_a_lemma(word: str, pos: None) -> None:
    assert isinstance(lemma(word, pos), str)


@pytest.mark.parametrize(
    ("form", "pos", "base"),
    [
        ("mugs", "noun", "mug"), ("boxes", "noun", "box"), ("dishes", "noun", "dish"), ("knives", "noun", "knife"),
        ("shelves", "noun", "shelf"), ("leaves", "noun", "leaf"), ("wolves", "noun", "wolf"), ("bookshelves", "noun", "bookshelf"),
        ("sleeves", "noun", "sleeve"), ("cookies", "noun", "cookie"), ("teddies", "noun", "teddy"), ("children", "noun", "child"),
        ("mice", "noun", "mouse"), ("drawers", "noun", "drawer"), ("glasses", "noun", "glass"), ("scissors", "noun", "scissors"),
        ("stairs", "noun", "stairs"), ("glass", "noun", "glass"), ("vases", "noun", "vase"), ("buses", "noun", "bus"),
        ("gizmos", "noun", "gizmo"), ("putting", "verb", "put"), ("moved", "verb", "move"), ("took", "verb", "take"),
        ("lying", "verb", "lie"), ("stacked", "verb", "stack"), ("flipped", "verb", "flip"), ("left", "verb", "leave"),
        ("switches", "verb", "switch"), ("hoped", "verb", "hope"), ("bigger", "adj", "big"), ("heaviest", "adj", "heavy"),
        ("larger", "adj", "large"), ("nicest", "adj", "nice"), ("better", "adj", "good"), ("Mugs", None, "mug"), ("left", None, "left"),
        ("is", None, "is"), ("heated", "verb", "heat"), ("table's", None, "table"),
    ],
)  # fmt: skip
def test_examples(form: str, pos: None, base: str) -> None:
    assert lemma(form, pos) == base
