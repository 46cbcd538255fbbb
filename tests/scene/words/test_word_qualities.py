"""Adjectives: colours, materials, sizes, states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeworld.scene.material import COLORS, MATERIALS, rgba
from lifeworld.scene.words.lexicon.color import alike, color_name, color_of
from lifeworld.scene.words.lexicon.qualities import material_of, size_of, state_of, table

NAMES = st.sampled_from(sorted(COLORS))
HEX = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(NAMES)
@settings(deadline=None)
def test_a_name_is_its_own_colour(name: str) -> None:
    assert color_of(name) == color_of(name.replace("_", " ")) == color_name(name) == name


@given(st.one_of(NAMES, HEX), st.one_of(NAMES, HEX))
@settings(deadline=None)
def test_likeness_is_even_handed(one: str, other: str) -> None:
    assert alike(one, one) == 1
    assert 0 <= alike(one, other) == alike(other, one) <= 1
    assert color_name(one) in COLORS


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_text_is_a_colour_or_none(text: str) -> None:
    color = color_of(text)
    assert color is None or rgba(color)


def test_every_word_of_the_tables_says_what_the_scene_knows() -> None:
    assert all(rgba(color) for color in map(color_of, table()["colors"]) if color is not None)
    assert None not in {color_of(word) for word in table()["colors"]}
    assert set(table()["materials"]) <= set(MATERIALS)


@pytest.mark.parametrize("base", ["red", "green", "blue", "brown", "purple"])
def test_shades_go_the_way_they_say(base: str) -> None:
    def light(color: str | None) -> float:
        assert color is not None
        return sum(rgba(color)[:3])

    assert light(color_of(f"dark {base}")) < light(base) < light(color_of(f"light {base}")) < 3
    assert alike(color_of(f"pale {base}") or "", "black") < 0.5


@pytest.mark.parametrize(
    ("word", "color"),
    [("gray", "grey"), ("Light-Grey", "light_grey"), ("golden", "gold"), ("navy blue", "navy"), ("wobbly", None), ("", None)],
)
def test_color_of(word: str, color: str | None) -> None:
    assert color_of(word) == color


def test_people_take_crimson_for_red_and_not_for_green() -> None:
    assert alike("crimson", "red") > 0.9
    assert alike("crimson", "green") < 0.2
    assert alike("navy", "blue") == 1
    assert alike("white", "black") == 0


@pytest.mark.parametrize(
    ("word", "material"),
    [("wooden", "wood"), ("china", "ceramic"), ("stainless steel", "steel"), ("cast-iron", "cast_iron"), ("purple", None)],
)
def test_material_of(word: str, material: str | None) -> None:
    assert material_of(word) == material


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("huge", ("size", "more")),
        ("smallest", ("size", "less")),
        ("taller", ("height", "more")),
        ("Lighter", ("mass", "less")),
        ("red", None),
    ],
)
def test_size_of(word: str, says: tuple[str, str] | None) -> None:
    assert size_of(word) == says


@pytest.mark.parametrize(("word", "state"), [("shut", "closed"), ("lit", "on"), ("filled", "full"), ("chilled", "cold"), ("blue", None)])
def test_state_of(word: str, state: str | None) -> None:
    assert state_of(word) == state
