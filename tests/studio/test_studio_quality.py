"""How finely a view is drawn follows what a picture takes, slowly, and never to and fro."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WEB = Path(__file__).parents[2] / "web"
COARSEST, WITHOUT_CARD = 4, 3


@pytest.fixture(scope="module")
def levels() -> Iterator[Callable[..., list[int]]]:
    """The level after each picture of some spans: what one takes [ms] (of each level, or all), how many, whether it is held fine."""
    if shutil.which("node") is None or not (WEB / "node_modules/vite").is_dir():
        pytest.skip("needs Node and the page's packages: make page")
    command = ["node", str(Path(__file__).with_name("quality.mjs")), str(WEB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:

        def ask(*spans: Any, software: bool = False) -> list[int]:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(json.dumps([software, spans]) + "\n")
            running.stdin.flush()
            found: list[int] = json.loads(running.stdout.readline())
            return found

        yield ask
        assert running.stdin is not None
        running.stdin.close()


def test_slow_pictures_become_coarse_and_quick_ones_fine_again(levels: Any) -> None:
    went = levels((100, 100, False), (16, 10_000, False))
    assert went[99] == COARSEST
    assert went[-1] == 0
    assert levels((16, 10_000, False), software=True)[-1] == 0
    assert levels((30, 1_000, False))[-1] == 0  # neither slow nor quick
    assert levels((30, 1_000, False), software=True)[-1] == WITHOUT_CARD


def test_a_picture_or_two_that_take_long_change_nothing(levels: Any) -> None:
    assert set(levels((16, 200, False), (300, 1, False), (16, 200, False))) == {0}


def test_who_wants_it_fine_has_it_fine(levels: Any) -> None:
    assert set(levels((100, 100, False), (100, 100, True))[-50:]) == {0}
    assert set(levels((100, 100, True), software=True)[-50:]) == {1}


@given(coarse=st.floats(16, 23), fine=st.floats(50, 200), edge=st.integers(1, COARSEST), software=st.booleans())
@settings(max_examples=20, deadline=None)
def test_it_does_not_go_to_and_fro(levels: Any, coarse: float, fine: float, edge: int, software: bool) -> None:
    """On a machine that is quick from some level on and slow before it: the longer it goes, the more seldom finer is tried."""
    takes = [fine] * edge + [coarse] * (COARSEST + 1 - edge)
    went = levels((takes, 60_000, False), software=software)
    changes = np.flatnonzero(np.diff(went))
    assert set(went[-20_000:]) <= {edge, edge - 1}
    assert len(changes) < 30
    assert len(changes[changes > 30_000]) <= 6
