"""How much of the machine other programs took while something was measured: what a clock says then is of both."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

from benchmarks.peers.turn import machine_busy_s, others_share

LEAST_S = 0.2
"""Processor time is counted in hundredths of a second: a shorter stretch tells nothing."""


class Others:
    """Asked again and again, the share of the time since; None where nobody counts."""

    def __init__(self) -> None:
        self._before = _now()
        self._share: float | None = None

    def share(self) -> float | None:
        """Since the last time it was asked; after a moment too short to tell, the same as then."""
        now = _now()
        clock, busy, own = (after - before for after, before in zip(now, self._before, strict=True))
        if clock >= LEAST_S:
            self._before = now
            self._share = None if math.isnan(busy + own) else others_share(busy, own, clock)
        return self._share


def tree_busy_s() -> float:
    """The processor time [s] of this process and of all it ever started, ended or not; NaN where nobody counts."""
    spent: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended since
            continue
        pid = int(path.parent.name)
        spent[pid] = sum(map(int, fields[11:15]))  # its own, and that of children it has waited for
        children.setdefault(int(fields[1]), []).append(pid)
    if os.getpid() not in spent:
        return math.nan
    tree, found = [os.getpid()], 0
    while tree:
        one = tree.pop()
        found += spent[one]
        tree += children.get(one, [])
    return found / os.sysconf("SC_CLK_TCK")


def _now() -> tuple[float, float, float]:
    return time.perf_counter(), machine_busy_s(), tree_busy_s()
