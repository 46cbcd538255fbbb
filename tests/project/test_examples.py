"""Every example runs to its end, in a folder of its own; each ends with a check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "example", [pytest.param(path, id=path.stem, marks=[] if path.stem.startswith("00") else pytest.mark.slow) for path in EXAMPLES]
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
