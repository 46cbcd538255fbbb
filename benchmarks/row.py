"""One measured number beside the bar it must clear, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """`value` [unit] of `name`; `bar` is what it must be at least (or, with `lower`, at most); None where there is none."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    lower: bool = False

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return ""
        return "ok" if (self.value <= self.bar if self.lower else self.value >= self.bar) else "SHORT"

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"{'≤' if self.lower else '≥'} {self.bar:g}"
        return f"{self.name:<72} {self.value:>12,.4g} {self.unit:<10} {bar:>10}  {self.verdict}"


def machine() -> str:
    """This machine, in words, with the commit and whether anything was uncommitted."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    git = ["git", "-C", str(Path(__file__).parent)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=False).stdout.strip()
    import mujoco
    import numpy as np

    return (
        f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, mujoco {mujoco.__version__}, numpy {np.__version__}, "
        f"commit {commit}{'+' if dirty else ''}, {time.strftime('%Y-%m-%d')}"
    )


def best(work: Callable[[], object], *, repeats: int = 5) -> float:
    """The least wall time [s] of several runs: the one least disturbed."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
