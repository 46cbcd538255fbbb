"""One measured number beside the bar it must clear, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DISTURBED = 0.1
"""Of the machine, taken by other programs while something was measured: more, and times and rates are shown and not judged."""
_CLOCKED = re.compile(r"(s|ms|µs)(/\w+)?|.*/s")
"""Units of times and of rates."""


@dataclass(frozen=True, slots=True)
class Row:
    """`value` [unit] of `name`; `bar` is what it must be at least (or, with `lower`, at most); None where there is none.

    `n` is how many were tried, timed or counted. `timed` says that others on the machine change the value though its unit tells neither a
    time nor a rate: a share of a core, how many times as fast. Without a value, `note` says why there is none.
    A name that begins with two blanks belongs to the last one that does not.
    """

    name: str
    value: float | None
    unit: str
    bar: float | None = None
    lower: bool = False
    n: int | None = None
    timed: bool = False
    note: str = ""

    @property
    def clocked(self) -> bool:
        """Whether other programs at work on the machine change the value."""
        return self.timed or _CLOCKED.fullmatch(self.unit) is not None

    def disturbed(self, others: float | None) -> bool:
        """Whether they did: `others` is the share of the machine that they took meanwhile, None where nobody counted."""
        return self.clocked and (others or 0.0) > DISTURBED

    def verdict(self, others: float | None = None) -> str:
        """What it is beside its bar; whatever is disturbed is not judged."""
        if self.value is None:
            return "NO NUMBER"
        if self.bar is None:
            return ""
        if self.disturbed(others):
            return "disturbed"
        return "ok" if (self.value <= self.bar if self.lower else self.value >= self.bar) else "SHORT"

    def line(self, others: float | None = None) -> str:
        """For a terminal."""
        if self.value is None:
            return f"{self.name:<72} {self.note}"
        bar = "" if self.bar is None else f"{'≤' if self.lower else '≥'} {figure(self.bar)}"
        note = f"  ({self.note})" if self.note else ""
        return f"{self.name:<72} {figure(self.value):>12} {self.unit:<10} {bar:>10}  {self.verdict(others)}{note}"


def figure(value: float) -> str:
    """Four significant figures, in full where they are many."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"


def machine() -> str:
    """This machine, the commit and the day, in words."""
    return f"{hardware()}, commit {commit()}, {time.strftime('%Y-%m-%d')}"


def hardware() -> str:
    """This machine and what decides its speed, in words."""
    import mujoco
    import numpy as np

    cpu = processor(_lines("/proc/cpuinfo"))
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, mujoco {mujoco.__version__}, numpy {np.__version__}"


def processor(lines: list[str]) -> str:
    """Its name out of the `lines` of /proc/cpuinfo, and what it multiplies with: one name is sold for some ten times apart in that."""
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines)) if value}
    has = set(told.get("flags", "").split())
    wide = [word for flag, word in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in has][:1]
    short = ["bfloat16"] if has & {"avx512_bf16", "amx_bf16"} else []
    name = told.get("model name", platform.processor())
    return f"{name} ({', '.join(wide + short)})" if wide else name


def commit() -> str:
    """The commit of the code, with a + if something in it was not committed; "no commit" where git cannot say."""
    root = Path(__file__).parents[1]

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "-uno", "--", "src", "benchmarks") else "")
    except (OSError, subprocess.CalledProcessError):
        return "no commit"


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
