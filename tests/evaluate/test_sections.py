"""The families of measurements: each is where it is looked for, and in the docs."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from lifeworld.core.errors import UnknownName
from lifeworld.evaluate.sections import SECTIONS, check

DOCS = Path(__file__).parents[2] / "docs" / "evaluate.md"


@pytest.mark.parametrize("name", sorted(set(SECTIONS) - {"planning"}))  # of a model as it is planned in, not of clips
def test_a_family_is_asked_in_one_way(name):
    parameters = inspect.signature(getattr(import_module(f"lifeworld.evaluate.{name}"), name)).parameters
    assert list(parameters)[:3] == ["subject", "heldout", "seed"]
    assert parameters["seed"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", SECTIONS)
def test_a_family_is_in_the_docs(name):
    assert f"`{name}`" in DOCS.read_text("utf-8")


def test_a_family_that_there_is_not_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'certainty'"):
        check(["certanty"])
