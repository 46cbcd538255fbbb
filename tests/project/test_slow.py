"""The list of slow tests (tests/slow.txt, by scripts/slow.py) names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()


def test_each_is_there_once() -> None:
    assert sorted(set(LINES)) == LINES
    for line in LINES:
        file, *names = line.partition("[")[0].split("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        for name in names:
            assert re.search(rf"^\s*(def|class) {name}\b", text, re.MULTILINE), line
