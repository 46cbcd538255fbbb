"""Which name a noun means: laws over the library's kinds and any text, then what people say."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lifeworld.scene.archetype import kinds
from lifeworld.scene.words.lexicon import is_known, kinds_for
from lifeworld.scene.words.lexicon.english import english
from lifeworld.scene.words.lexicon.lemma import lemma
from lifeworld.scene.words.lexicon.misspelt import mends
from lifeworld.scene.words.lexicon.nearest import nearest
from lifeworld.scene.words.lexicon.term import term

KINDS = sorted(kinds())
LONG = [kind for kind in KINDS if "_" not in kind and len(kind) >= 6]


@given(st.text(max_size=200), st.lists(st.one_of(st.sampled_from(KINDS), st.text(max_size=20)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_matches_in_order_or_none(word: str, names: list[str]) -> None:
    found = nearest(word, names)
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert all(0 < m.score <= 1 for m in found)
    assert len({m.candidate for m in found}) == len(found)
    assert {m.candidate for m in found} <= set(names)
    assert found == nearest(word, names)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_called_by_its_name_and_its_synonyms(kind: str) -> None:
    assert kinds_for(kind)[0].candidate == kind
    for word in kinds()[kind].synonyms:
        sure = {match.candidate for match in kinds_for(word) if match.score >= 0.9}
        assert kind in sure, word


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_may_be_written_any_way(kind: str) -> None:
    words = kind.split("_")
    ways = (kind, " ".join(words), "-".join(words), "".join(word.title() for word in words), f"The {' '.join(words)}", f"{kind}_2")
    assert len({term(way) for way in ways}) == 1
    assert kinds_for("".join(words))[0].candidate == kind


@given(st.sampled_from(LONG), st.integers(1, 5), st.sampled_from(["drop", "double", "swap"]))
@settings(max_examples=200, deadline=None)
def test_a_typing_error_is_seen_through(kind: str, at: int, what: str) -> None:
    wrong = {
        "drop": kind[:at] + kind[at + 1 :],
        "double": kind[:at] + kind[at] + kind[at:],
        "swap": kind[:at] + kind[at : at + 2][::-1] + kind[at + 2 :],
    }[what]
    assume(wrong != kind and not is_known(wrong) and lemma(wrong, "noun") not in english())
    found = kinds_for(wrong)
    assert found[0].how == "typo"
    assert 0.7 <= found[0].score < 0.95
    # "tablt" may be a table as well as a tablet.
    assert kind in {match.candidate for match in found if match.score > found[0].score - 0.1}


@given(st.sampled_from(sorted(word for word, entry in english().items() if entry.common)))
@settings(deadline=None)
def test_a_common_word_is_no_typing_error(word: str) -> None:
    assert mends(word, KINDS) == [(word, 1.0)]
    assert all(match.how != "typo" for match in nearest(word, KINDS))


@pytest.mark.parametrize(
    ("word", "names", "best"),
    [
        ("couch", ["armchair", "sofa", "bed"], "sofa"),
        ("settee", ["armchair", "sofa", "bed"], "sofa"),
        ("fruit", ["mug", "apple", "book"], "apple"),
        ("armchair", ["chair", "table"], "chair"),
        ("trash can", ["can", "waste_bin"], "waste_bin"),
        ("rubbish bin", ["GarbageCan", "Basket"], "GarbageCan"),
        ("bar of soap", ["soapbottle", "soapbar", "bar"], "soapbar"),
        ("slice of bread", ["butterknife", "bread"], "bread"),
        ("chest of drawers", ["chest", "dresser", "drawer"], "dresser"),
        ("the black bowl", ["akita_black_bowl_1", "plate_1"], "akita_black_bowl_1"),
        ("knife", ["butterknife", "fork"], "butterknife"),
        ("knife", ["butterknife", "knife"], "knife"),
        ("looking glass", ["glass", "mirror"], "mirror"),
        ("telly", ["tv_stand", "tv"], "tv"),
        ("aubergine", ["eggplant", "egg"], "eggplant"),
        ("toilet paper", ["paper", "toilet", "toiletpaper"], "toiletpaper"),
        ("furniture", ["spoon", "table"], "table"),
        ("vegetable", ["plate", "carrot"], "carrot"),
    ],
)
def test_people_say(word: str, names: list[str], best: str) -> None:
    found = nearest(word, names)
    assert found[0].candidate == best
    assert found[0].score > 0.65


@pytest.mark.parametrize(
    ("word", "names"), [("butter", ["butterknife"]), ("cap", ["cup"]), ("trash can", ["can"]), ("piano", ["pan"]), ("", ["cup"])]
)
def test_what_is_not_meant_is_not_trusted(word: str, names: list[str]) -> None:
    assert all(match.score < 0.5 for match in nearest(word, names))
