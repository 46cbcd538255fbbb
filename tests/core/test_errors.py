"""Errors say where, what, what was got, what was expected and how to mend it."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeworld.core import errors
from lifeworld.core.errors import (
    InputError,
    LifeworldError,
    LimitError,
    MissingExtra,
    PlacementError,
    SceneError,
    SignalUnavailable,
    UnknownName,
    UnreadableFile,
    close_names,
    did_you_mean,
)

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, LifeworldError)]


def test_a_message_has_its_parts_in_order() -> None:
    error = LimitError("the size is out of bounds", where="home.toml:3", got=-1, expected="1..100", fix="Make it 1.")
    assert str(error) == "home.toml:3: the size is out of bounds; got -1, expected 1..100. Make it 1."


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "broken."),
        ({"got": "x"}, "broken; got x."),
        ({"got": ["x"]}, "broken; got ['x']."),
        ({"expected": "y"}, "broken; expected y."),
        ({"fix": "Mend it."}, "broken. Mend it."),
        ({"where": "a", "got": 0}, "a: broken; got 0."),
    ],
)
def test_parts_that_are_missing_leave_no_trace(parts: dict[str, object], text: str) -> None:
    assert str(InputError("broken", **parts)) == text


def test_long_values_are_cut() -> None:
    assert len(str(InputError("broken", got="x" * 10_000))) < 250


def test_outer_callers_add_where() -> None:
    error = InputError("broken", where="line 3").at("home.toml")
    assert str(error) == "home.toml: line 3: broken."
    assert str(InputError("broken").at("home.toml")) == "home.toml: broken."


def test_unknown_names_suggest_near_ones() -> None:
    error = UnknownName("kind", "mgu", ["mug", "jug", "table"], where="home.toml:7")
    assert str(error) == "home.toml:7: there is no kind 'mgu'. Did you mean 'mug'?"
    assert error.suggestions == ["mug"]
    assert error.known == ["jug", "mug", "table"]
    assert str(UnknownName("kind", "zebra", ["mug"])) == "there is no kind 'zebra'."
    assert str(UnknownName("kind", "mug", [], fix="Make one.")) == "there is no kind 'mug'. Make one."


def test_suggestions_forgive_capitals_and_keep_the_real_spelling() -> None:
    assert close_names("MUG", ["Mug", "table"]) == ["Mug"]
    assert did_you_mean("cupp", ["cup", "cups"]) in ("Did you mean 'cup' or 'cups'?", "Did you mean 'cups' or 'cup'?")
    assert did_you_mean("x", []) == ""


@given(st.text(min_size=1), st.lists(st.text(min_size=1), max_size=8))
def test_suggestions_are_known_names(name: str, known: list[str]) -> None:
    assert set(close_names(name, known)) <= set(known)
    assert (name in close_names(name, [name])) or not name.strip()


def test_a_missing_signal_lists_those_there_are() -> None:
    error = SignalUnavailable("contact", ["rgb", "contacts", "depth_m"], why="a dream has none")
    assert str(error) == (
        "no signal 'contact' in this world (a dream has none). Did you mean 'contacts'? There are: contacts, depth_m, rgb."
    )


def test_a_missing_extra_says_what_to_install() -> None:
    assert str(MissingExtra("learning", "learn")) == 'learning needs an extra. pip install "lifeworld[learn]".'


def test_a_placement_says_its_reason() -> None:
    error = PlacementError("the bottle does not fit on the shelf", reason="too_tall")
    assert error.reason == "too_tall"
    assert isinstance(error, SceneError)


def test_codes_are_the_class_names_in_snake_case_and_unlike() -> None:
    assert UnknownName("kind", "a", []).code == "unknown_name"
    assert UnreadableFile("broken").code == "unreadable_file"
    assert LifeworldError("broken").code == "lifeworld_error"
    assert len({re.sub("_", "", c.__name__.lower()) for c in CLASSES}) == len(CLASSES)


def drawn_parents() -> dict[str, str | None]:
    """Class to parent, as the tree in the docstring of errors.py draws it."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []  # the way down to the line before: column, name
    for line in (errors.__doc__ or "").splitlines():
        if m := re.match(r"    [│├└─ ]*([A-Z]\w+)(?: {2,}|$)", line):
            above = [(column, name) for column, name in above if column < m.start(1)]
            parents[m[1]] = above[-1][1] if above else None
            above.append((m.start(1), m[1]))
    return parents


def test_the_drawn_tree_is_the_tree() -> None:
    real = {c.__name__: c.__mro__[1].__name__ if c is not LifeworldError else None for c in CLASSES}
    assert drawn_parents() == real


@pytest.mark.parametrize(
    "error",
    [
        LifeworldError("a", where="b", got=1, expected=2, fix="c."),
        UnknownName("kind", "mugg", ["mug"], where="thing 'm'"),
        PlacementError("no", reason="no_room"),
        SignalUnavailable("rgbb", ["rgb"]),
        MissingExtra("this", "learn"),
    ],
)
def test_errors_cross_process_borders(error: LifeworldError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.__dict__ == error.__dict__
