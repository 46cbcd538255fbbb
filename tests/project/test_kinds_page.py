"""The catalogue of kinds (docs/kinds.md) says what the kinds say of themselves, and shows each of them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from lifeworld.scene.archetype import kinds
from lifeworld.scene.text import parse

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "kinds.md"
ANEW = "python examples/01_kinds.py docs"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kinds_page", ROOT / "examples" / "01_kinds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_kind_is_on_the_page() -> None:
    shown = re.findall(r"^### (\w+)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert sorted(shown) == sorted(kinds()), f"make it anew: {ANEW}"


def test_the_page_is_fresh(example: ModuleType) -> None:
    assert PAGE.read_text(encoding="utf-8") == example.page(), f"docs/kinds.md is stale; make it anew: {ANEW}"


def test_every_category_has_its_picture(example: ModuleType) -> None:
    pictures = [ROOT / "docs" / "img" / "kinds" / f"{category}.jpg" for category in example.ABOUT]
    assert all(picture.is_file() for picture in pictures), f"make them: {ANEW}"
    assert sum(picture.stat().st_size for picture in pictures) < 1_500_000


def test_the_example_of_the_page_is_a_scene() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    (thing,) = parse(f'lifeworld = 1\nname = "one"\n{block}').things
    assert thing.kind == "cabinet"
    assert dict(thing.joints) == {"door_left": 1.2}
