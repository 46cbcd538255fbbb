"""Slow: intervals of small rehearsals hold the truth as often as they promise, and rare outcomes need few futures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import FALLS, bumps, moment

from lifeworld.core.interval import wilson
from lifeworld.core.seed import child_seed
from lifeworld.worlds.rehearse import Vary, rehearse
from lifeworld.worlds.rehearse.risk import asked
from lifeworld.worlds.rehearse.roll import Ask, Roll, roll
from lifeworld.worlds.rehearse.share import share

TRUTH, SMALL, TIMES = 3_000, 40, 60
"""The whole measure, 20,000 and 200, is in benchmarks/bench_rehearse.py."""


def came(ask: Ask, count: int) -> list[bool]:
    fates = [fate for i in range(0, count, 100) for fate in roll(Roll(ask=ask, numbers=tuple(range(i, min(i + 100, count)))))]
    return [fate.came[0] for fate in fates if fate.came and not (fate.lost and fate.time_s[0] is None)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_intervals_hold_the_truth() -> None:
    ask = asked(moment(), outcomes=[FALLS], events=bumps(30.0, 0.8), seconds=4.0, seed=0, vary=Vary())
    truth = np.mean(came(ask, TRUTH))
    inside = []
    for number in range(TIMES):
        one = share(came(replace(ask, seed=child_seed(1, "coverage", number)), SMALL))
        inside.append(one.low <= truth <= one.high)
    assert 0.05 < truth < 0.95
    assert np.mean(inside) >= 0.87  # 95 % less three deviations of 60


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousandth_needs_a_tenth_of_the_futures() -> None:
    found = [
        rehearse(moment(), outcomes=[FALLS], events=bumps(1.0, 0.5), futures=400, seconds=5.0, seed=seed, rare=True, workers=1)
        .answers[0]
        .share
        for seed in range(3)
    ]
    truth = float(np.mean([one.value for one in found]))
    assert 3e-4 < truth < 3e-3
    low, high = wilson(truth * 4_000, 4_000)
    assert np.median([one.width for one in found]) < high - low
    assert all(one.low <= truth <= one.high for one in found)
