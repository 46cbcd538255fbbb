"""Real cube tosses: the first sixty of the 456 land about where ours do (all of them: `python -m benchmarks tosses`)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.bench_tosses import errors, tosses


@pytest.mark.data
def test_tosses_land_where_the_real_cube_did() -> None:
    data = tosses()
    if data is None:
        pytest.skip("the recordings are not here")
    final, turned, length, paths = zip(*errors(data, most=60), strict=True)
    assert np.median(final) < 0.035  # a third of the cube's edge
    assert np.median(final) / np.median(length) < 0.08
    assert np.rad2deg(np.median(turned)) < 25
    assert np.median([p[:8].max() for p in paths]) < 0.004  # free flight, before the first impact
