"""Every example runs to its end, in a folder of its own; each ends with a check."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
QUICK = ("00", "05", "08", "09")
"""Those that take less than about four seconds of one core."""


def test_examples_are_numbered() -> None:
    assert [path.stem[:2] for path in EXAMPLES] == [f"{number:02}" for number in range(10)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_hangs_in_the_gallery(example: Path) -> None:
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    (section,) = [part for part in page.split("\n## ")[1:] if part.startswith(f"{example.stem[:2]} · ")]
    assert f"`python examples/{example.name}`" in section
    (picture,) = re.findall(r"!\[[^\]]{20,}\]\(([^)]+)\)", section)  # with words for those who do not see it
    assert (ROOT / "docs" / picture).stat().st_size <= 150_000


def test_an_example_ends_in_a_check() -> None:
    assert all("assert " in path.read_text(encoding="utf-8") for path in EXAMPLES)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "example", [pytest.param(path, id=path.stem, marks=[] if path.stem[:2] in QUICK else pytest.mark.slow) for path in EXAMPLES]
)
def test_example_runs(example: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env={**os.environ, "LIFEWORLD_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert any(path.is_file() for path in (tmp_path / "out").rglob("*")), "an example leaves what it made under out/"
