"""The table of signals (docs/signals.md) says what the signals say of themselves, each with a test that holds it to its exactness."""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from lifeworld.core.signal import FAMILIES, SIGNALS, Signal
from lifeworld.scene import starter
from lifeworld.worlds.physics.engine import WorldPhysics

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "signals.md"
ANEW = "python examples/02_signals.py docs"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("signals_page", ROOT / "examples" / "02_signals.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_fresh(example: ModuleType) -> None:
    assert PAGE.read_text(encoding="utf-8") == example.page(), f"docs/signals.md is stale; make it anew: {ANEW}"


def test_every_signal_an_engine_has_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = set(re.findall(r"^### (\w+)$", text, re.M))
    assert set(SIGNALS) <= shown
    assert all(f"\n## {family}\n" in text for family in FAMILIES)
    world = WorldPhysics(renderer="rays")
    world.reset(starter.load("tabletop"), seed=0)
    assert set(world.spec.signals.values()) <= shown


def test_every_sheet_of_the_page_is_there(example: ModuleType) -> None:
    pictures = [ROOT / "docs" / "img" / f"senses_{name}.png" for name in example.SHOWN]
    assert all(picture.is_file() for picture in pictures), f"make them: {ANEW}"
    assert all(f"img/{picture.name}" in PAGE.read_text(encoding="utf-8") for picture in pictures)
    assert sum(picture.stat().st_size for picture in pictures) < 3_500_000


@pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
def test_the_test_that_holds_a_signal_is_there(signal: Signal) -> None:
    path, _, function = signal.test.partition("::")
    assert (ROOT / path).is_file(), f"{signal.name} says it is tested in {path}"
    assert function in _functions(ROOT / path), f"{path} has no {function}"


@lru_cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef))
