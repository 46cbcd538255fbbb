"""One contestant's turn in several processes that start together, and whether what they drew is the view that we drew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.turn import PROVED
from benchmarks.workers import ONE_THREAD

ROOT = Path(__file__).parents[2]
PATIENCE_S = 1200
NEAR = 0.02
"""Depths agree within 2 %."""


class NoTurn(Exception):
    """A contestant did not come to its turn or did not end it; the text is the reason, on one line."""


def together(python: Path, script: Path, words: tuple[str, ...], plans: list[Path]) -> list[dict[str, Any]]:
    """One process a plan: all get ready, all are told to go at once, all say what came of it.

    Raises:
        NoTurn: with the last line that one of them said, or that it took too long.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))} | ONE_THREAD
    if python == Path(sys.executable):
        environment["PYTHONPATH"] = str(ROOT)
    else:  # software OpenGL: what suits two processes on two cores best of 0, 1, 2 and its default; ours chooses for itself
        environment["LP_NUM_THREADS"] = "1"
    running = [_started([str(python), str(script), str(plan), *words], environment, _log(plan)) for plan in plans]
    watch = threading.Timer(PATIENCE_S, lambda: [process.kill() for process in running])
    watch.start()
    try:
        for process, plan in zip(running, plans, strict=True):
            if _line(process) != "ready":
                raise NoTurn(_reason(process, plan))
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        results = []
        for process, plan in zip(running, plans, strict=True):
            said = _line(process)
            if not said:
                raise NoTurn(_reason(process, plan))
            results.append(json.loads(said))
        return results
    finally:
        watch.cancel()
        for process in running:
            process.kill()
            process.communicate()


def _started(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[str]:
    with log.open("wb") as errors:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8", env=environment
        )


def _log(plan: Path) -> Path:
    return plan.with_suffix(".log")


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _reason(process: subprocess.Popen[str], plan: Path) -> str:
    code = process.wait()
    said = [line for line in _log(plan).read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f"{said[-1].strip() if said else 'not a word'} (exit {code}; it is killed after {PATIENCE_S} s)"


def same_view(ours: Path, theirs: Path) -> float:
    """The share of pixels whose depth agrees with ours, in the worse of the proved frames."""
    with np.load(ours) as a, np.load(theirs) as b:
        shares = []
        for frame in PROVED:
            mine, other = a[f"depth_m_{frame}"], b[f"depth_m_{frame}"]
            if mine.shape != other.shape:
                return 0.0
            nothing = ~np.isfinite(mine)
            near = np.abs(np.where(nothing, 0.0, mine) - other) < NEAR * np.where(nothing, 0.0, mine)
            # Who has a far plane gives its distance where we say that nothing is.
            shares.append(float(np.mean(np.where(nothing, ~(other < 15), near))))
    return min(shares)
