"""From a key to what it did: the gate for machines that are busy. What it takes in peace is measured by `make bench`."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.bench_studio import served

MOST_S = 0.25
TRIES = 3


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_is_pressed_is_seen_within_a_quarter_of_a_second() -> None:
    """The best of three tries: others may be at work on this machine."""
    with served("tabletop") as server, server.viewer() as viewer:
        viewer.watch(1.0)
        tries = [float(np.percentile(list(viewer.clicks(40)), 95)) for _ in range(TRIES)]
    assert min(tries) <= MOST_S, tries
