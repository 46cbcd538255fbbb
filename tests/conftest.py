"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how crowded the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
# Whoever works here draws anew each time, and finds what nobody thought of; what decides whether a change lands (`make test`) draws the
# same each time.
settings.register_profile("same", settings.get_profile("untimed"), derandomize=True)

SLOW = frozenset((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").splitlines())
"""Tests that are slow because they were measured to be (scripts/slow.py), beside those that say so themselves."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _same_priority() -> Iterator[None]:
    """No test keeps a real-time priority: the processes of later ones would inherit it and starve the machine (benchmarks/priority.py)."""
    yield
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        pytest.fail("this test left its thread with a real-time priority: encode AV1 within `ordinary_priority()`")
