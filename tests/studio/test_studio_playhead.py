"""What the page draws runs evenly at the display's rate, though states come less often, unevenly, or in slow motion."""

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
from numpy.typing import NDArray

WEB = Path(__file__).parents[2] / "web"
TICK_S = 0.02
Times = NDArray[np.float64]


@pytest.fixture(scope="module")
def drawn() -> Iterator[Callable[[Times, Times, Times], Times]]:
    """The world's time in pictures that are drawn at some times, where states of some times came when they came."""
    if shutil.which("node") is None or not (WEB / "node_modules/vite").is_dir():
        pytest.skip("needs Node and the page's packages: make page")
    command = ["node", str(Path(__file__).with_name("playhead.mjs")), str(WEB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None

        def ask(came_ms: Times, times_s: Times, draws_ms: Times) -> Times:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(json.dumps([np.stack([came_ms, times_s], axis=1).tolist(), draws_ms.tolist()]) + "\n")
            running.stdin.flush()
            return np.array([np.nan if one is None else one for one in json.loads(running.stdout.readline())])

        yield ask
        running.stdin.close()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    speed=st.sampled_from([0.05, 0.25, 1.0, 2.0, 4.0]),
    late_ms=st.sampled_from([0.0, 4.0, 8.0]),
    rate_hz=st.sampled_from([30.0, 60.0, 120.0, 144.0]),
)
def test_it_runs_evenly(drawn: Any, seed: int, speed: float, late_ms: float, rate_hz: float) -> None:
    """As a law: each picture goes on by what the display's time asks for, a little more or less, and lags two states at most."""
    gap_ms = 1e3 * TICK_S / speed
    rng = np.random.default_rng(seed)
    times = TICK_S * np.arange(400)
    came = gap_ms * np.arange(400) + rng.uniform(0, min(late_ms, gap_ms / 2), 400)
    draws = np.arange(0.0, came[-1], 1e3 / rate_hz)
    seen = drawn(came, times, draws)[draws > 100 * gap_ms]
    went, even = np.diff(seen), speed / rate_hz
    assert np.all(went >= 0)
    assert np.abs(went - even).max() <= 0.25 * even + 0.4 * TICK_S
    if rate_hz <= 1e3 / gap_ms:
        return
    held = np.count_nonzero(went < 0.5 * even)
    assert held <= 0.01 * len(went)  # it does not stand and jump
    newest = times[np.searchsorted(came, draws[draws > 100 * gap_ms], side="right") - 1]
    assert np.max(newest - seen) <= 2.5 * TICK_S


def test_fifty_states_a_second_are_sixty_pictures(drawn: Any) -> None:
    came = 20.0 * np.arange(200)
    draws = np.arange(0.0, came[-1], 1e3 / 60)
    seen = drawn(came, TICK_S * np.arange(200), draws)[60:]
    assert len(np.unique(np.round(seen, 6))) == len(seen)
    assert np.allclose(np.diff(seen), 1 / 60, rtol=0.02)


def test_who_goes_elsewhere_is_there_at_once(drawn: Any) -> None:
    """Back in time, after a silence, and where time goes faster all of a sudden."""
    came = np.concatenate([20.0 * np.arange(50), 1000 + 20.0 * np.arange(10), 5000 + 20.0 * np.arange(100)])
    times = np.concatenate([TICK_S * np.arange(50), 0.1 + TICK_S * np.arange(10), 40 + 4 * TICK_S * np.arange(100)])
    draws = np.array([990.0, 1001.0, 1400.0, 5001.0, 5900.0])
    back, jumped, rested, forth, fast = drawn(came, times, draws)
    assert back == pytest.approx(0.98, abs=0.041)
    assert jumped == 0.1
    assert rested == pytest.approx(0.28)  # nothing comes any more: it stands at what came last
    assert forth == 40
    assert fast == pytest.approx(times[np.searchsorted(came, 5900.0, side="right") - 1], abs=4 * TICK_S * 2.1)
