"""A loader's turn at the table: get ready, give batches, say how long it took. Run by the peer's own Python: it needs NumPy alone.

A plan is a JSON file: what `plan_of` in `together.py` wrote. Words on standard input, one a line, each answered by a line of JSON:

    (nothing)         the first answer comes by itself: the time to the first batch, the pace of the first epoch's beginning and, where the
                      plan says so, of all of it
    window SECONDS    give batches for that long, at least one
    prove             keep some clips of the batch given last for the conductor to look at
    memory            what the process and its workers hold

Between two words the conductor stops the process and its workers (SIGSTOP), so nobody works ahead while others are measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Plan = dict[str, Any]
PROVED = 4
"""Clips of a batch that are held against the corpus."""
TICKS_S = 1 / os.sysconf("SC_CLK_TCK")


class Peer(Protocol):
    """One loader with its data set open."""

    name: str
    version: str
    note: str

    def batches(self) -> Iterator[Any]:
        """Shuffled batches without end, `plan["batch"]` clips each."""

    def arrays(self, batch: Any) -> dict[str, NDArray[Any]]:
        """rgb (b, length, h, w, 3) uint8 and action (b, length, a) float32, for the proof; not on the clock."""


def clips(plan: Plan) -> list[tuple[int, int]]:
    """The clips of an epoch: (episode, first frame)."""
    span = plan["length"] * plan["stride"]
    return [(episode, start) for episode, frames in enumerate(plan["lengths"]) for start in range(frames - span + 1)]


def wanted(plan: Plan, start: int) -> slice:
    """The frames of a clip that begins at `start`."""
    return slice(start, start + plan["length"] * plan["stride"], plan["stride"])


def source(plan: Plan, episode: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """For who writes: an episode's frames (n, h, w, 3), as its mp4 decodes, mapped into memory; and its actions (n, a)."""
    frames = np.load(Path(plan["frames"]) / f"{episode:04d}.npy", mmap_mode="r")
    return frames, np.load(Path(plan["actions"]) / f"{episode:04d}.npy")


def take(make: Callable[[Plan], Peer], write: Callable[[Plan], None] | None = None) -> None:
    """Take a turn as the plan says, or write the data set in the peer's own form."""
    word, plan = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    table = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # libraries write greetings to standard output, and only our lines belong there
    if word == "write":
        if write is not None:
            write(plan)
        print(json.dumps({"written": True}), file=table)
        return
    peer = make(plan)
    asked_s = time.time()
    stream = peer.batches()
    batch, count = next(stream), 1
    first_s = time.time()
    while time.time() - asked_s < plan["cold_s"]:
        batch = next(stream)
        count += 1
    whole_s, clips_begun = time.time() - asked_s, count * plan["batch"]
    while count * plan["batch"] < plan["clips"] and time.time() - asked_s < plan["epoch_s"]:
        batch = next(stream)
        count += 1
    epoch_s = time.time() - asked_s
    say: dict[str, Any] = {
        "name": peer.name,
        "version": peer.version,
        "note": peer.note,
        "first_batch_s": first_s - plan["started"],
        "clips": clips_begun,
        "whole_s": whole_s,
        "epoch_clips_s": count * plan["batch"] / epoch_s if plan["epoch_s"] else None,
        "busy_ms": 1000 * tree_busy_s() / (count * plan["batch"]),
    }
    print(json.dumps(say), file=table)
    for line in sys.stdin:
        match line.split():
            case ["window", seconds]:
                busy_s, start, count = tree_busy_s(), time.perf_counter(), 0
                while not count or time.perf_counter() - start < float(seconds):
                    batch = next(stream)
                    count += 1
                whole_s = time.perf_counter() - start
                say = {"clips": count * plan["batch"], "whole_s": whole_s, "busy_s": tree_busy_s() - busy_s}
            case ["prove"]:
                np.savez(plan["proof"], **{name: values[:PROVED] for name, values in peer.arrays(batch).items()})
                say = {}
            case ["memory"]:
                say = memory_mb()
        print(json.dumps(say), file=table)
    table.flush()
    os._exit(0)  # workers are ended by the conductor


def _tree() -> list[int]:
    """This process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(f"/proc/{entry.name}/stat", encoding="ascii", errors="replace") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            below.setdefault(parent, []).append(int(entry.name))
    tree = [os.getpid()]
    for pid in tree:
        tree += below.get(pid, [])
    return tree


def tree_busy_s() -> float:
    """Processor time [s] of this process, of all below it, and of those below it that have ended."""
    busy = 0
    for pid in _tree():
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
                busy += sum(map(int, stat.read().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return busy * TICKS_S


def memory_mb() -> dict[str, float]:
    """What the processes hold [MB]: their own pages, pages shared among them, and pages of files, each counted once (PSS)."""
    names = {"Pss_Anon": "own_mb", "Pss_Shmem": "shared_mb", "Pss_File": "files_mb"}
    held = dict.fromkeys(names.values(), 0.0)
    for pid in _tree():
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
                for line in lines:
                    key, _, rest = line.partition(":")
                    if key in names:
                        held[names[key]] += int(rest.split()[0]) / 1024
        except OSError:
            continue
    return held
