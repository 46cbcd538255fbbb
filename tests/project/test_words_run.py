"""The code in the README and the docs runs: every ```python block, each in an interpreter of its own; every scene is one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lifeworld.scene.text import parse, to_text

ROOT = Path(__file__).parents[2]


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{page.relative_to(ROOT)}:{number}")
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
        for number, block in enumerate(re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M), start=1)
    ]


BLOCKS = blocks("python")
SCENES = [block for block in blocks("toml") if block.values[0].startswith("lifeworld = 1")]


def test_there_is_code_in_the_readme() -> None:
    assert any(str(block.id).startswith("README.md") for block in BLOCKS)


@pytest.mark.parametrize("block", BLOCKS)
def test_code_runs(block: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", SCENES)
def test_a_scene_that_is_shown_is_one(text: str) -> None:
    scene = parse(text)
    assert parse(to_text(scene)) == scene
