"""Speed and memory: whether it keeps up with the world it dreams, alone and many at once, and what a moment of it takes.

These numbers, and no others of the report, differ from run to run and from machine to machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, interval
from lifeworld.evaluate.findings import Findings, floor
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.roll import AT_ONCE, told
from lifeworld.evaluate.section import Section
from lifeworld.evaluate.subject import Subject

REPEATS, STEPS, MANY_STEPS = 9, 16, 4
MIB = 2**20


def speed(subject: Subject, heldout: HeldOut, *, seed: int) -> Section:
    """The section."""
    found = Findings(subject, heldout, seed=seed)
    actions = told(subject, heldout)[:, heldout.context - 1 :]
    begun = heldout.begun[:, -subject.context :]
    before = _resident_mib("VmRSS", subject)
    state = subject.begin(begun[:1])
    steps = min(STEPS, heldout.horizon)
    frame_ms = heldout.frame_ns / 1e6

    def alone() -> None:
        nonlocal state
        after = state
        for t in range(steps):
            after = subject.ahead(after, actions[:1, t : t + 1]).state

    many = np.arange(AT_ONCE) % len(begun)
    together, few = subject.begin(begun[many]), min(MANY_STEPS, heldout.horizon)
    beginning = _lasting(lambda: subject.begin(begun[:1]))
    one = _lasting(alone) / steps
    all_at_once = _lasting(lambda: subject.ahead(together, actions[many, :few])) / (AT_ONCE * few)
    real = floor("as long as a picture lasts", frame_ms)
    of = "runs on this machine as it was"
    found.number("begin_ms", _median(1e3 * beginning, found), floors=[real], unit="ms", better="lower", n=REPEATS, of=of)
    found.number("step_ms", _median(1e3 * one, found), floors=[real], unit="ms", better="lower", n=REPEATS, of=f"{of}, {steps} steps each")
    rate, pace = _median(1 / all_at_once, found), floor("as the world goes", 1e9 / heldout.frame_ns)
    found.number(f"pictures_per_s@{AT_ONCE}", rate, floors=[pace], unit="1/s", n=REPEATS, of=f"{of}, {AT_ONCE} clips at once")
    if (size := held(state)) is not None:
        pictures = floor("the pictures it begins from", float(begun[0].nbytes) / 1024)
        kib = size / 1024
        found.number("state_kib", Interval(kib, kib, kib), floors=[pictures], unit="KiB", better="lower", n=1, of="states")
    else:
        found.without["state_kib"] = "its states cannot be looked into"
    peak = _resident_mib("VmHWM", subject)
    if before is not None and peak is not None:
        floors = [floor("this process before it rolled", before)]
        found.number(
            "peak_mib", Interval(peak, peak, peak), floors=floors, unit="MiB", better="lower", n=1, of="processes, with all it loaded"
        )
    else:
        found.without["peak_mib"] = "this system does not tell"
    return found.section(
        "speed",
        title="Does it keep up?",
        says="Wall-clock time on this machine as it was, with whatever else ran there: to begin, for one step with all that it gives, and "
        f"for {AT_ONCE} clips at once. A world that goes on by itself allows as long as a picture lasts.",
    )


def held(state: Any) -> int | None:
    """The bytes of the arrays in a state, or None where there are none to be seen."""
    if isinstance(state, np.ndarray):
        return state.nbytes
    parts = list(state.values()) if isinstance(state, dict) else list(state) if isinstance(state, (tuple, list)) else []
    sizes = [size for part in parts if (size := held(part)) is not None]
    return sum(sizes) if sizes else None


def _lasting(work: Callable[[], Any]) -> NDArray[np.float64]:
    """How long it lasts [s], so many times; a first time does not count."""
    work()
    lasted = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        lasted.append(time.perf_counter() - begin)
    return np.array(lasted)


def _median(values: NDArray[np.float64], found: Findings) -> Interval:
    return interval(lambda rows: float(np.median(values[rows])), np.arange(len(values)), seed=found.seed, draws=400)


def _resident_mib(what: str, subject: Subject) -> float | None:
    """Memory now (VmRSS) or at its highest (VmHWM) [MiB]; None where the system does not tell.

    Of this process and, where a model computes in one of its own, of that (`elsewhere_pid`).
    """
    pids, found = ["self", *([str(subject.elsewhere_pid)] if hasattr(subject, "elsewhere_pid") else [])], 0.0
    for pid in pids:
        status = Path("/proc", pid, "status")
        text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
        said = next((line for line in text.splitlines() if line.startswith(f"{what}:")), None)
        if said is None:
            return None
        found += int(said.split()[1]) * 1024 / MIB
    return found
