"""A turn at the table: build the plan's scene, say "ready", wait for the word, draw for the time given, say what came of it.

Every peer's script is run by the peer's own Python, so this file needs NumPy alone. A plan is a JSON file:

    scene    what `tumble.described` wrote: things, light, ground, camera, and where each thing is at each frame (wxyz, centres)
    seconds  how long to draw; `least` frames are drawn in any case
    proof    a .npz for two frames' arrays, by which the table sees that all draw one and the same view

Only `look` is on the clock: from "things stand here" to arrays in memory. Physics, moving the things, and what a script does to
bring its arrays to common units for the proof are not.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PROVED = (0, 12)


class Peer(Protocol):
    """One renderer with the scene loaded."""

    name: str
    version: str
    signals: str
    note: str

    def place(self, poses: Array) -> None:
        """Put every thing where the frame's row of poses (things, 7) says: position, quaternion wxyz."""

    def look(self) -> Any:
        """All signals of the view, in memory, in whatever form the peer gives them."""

    def arrays(self, seen: Any) -> dict[str, NDArray[Any]]:
        """rgb (h, w, 3) uint8, depth_m (h, w) along the optical axis, ids (h, w) another number for each thing."""


def machine_busy_s() -> float:
    """The processor time [s] of all programs on all cores since the machine began, and what its host took; NaN where nobody counts."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            user, nice, system, _idle, _wait, hard, soft, stolen = map(int, stat.readline().split()[1:9])
    except OSError:
        return float("nan")
    return (user + nice + system + hard + soft + stolen) / os.sysconf("SC_CLK_TCK")


def others_share(machine_s: float, own_s: float, whole_s: float) -> float:
    """Which part of the whole machine others took while ours worked for `own_s` together [s], of `whole_s` on the clock."""
    return max((machine_s - own_s) / (whole_s * (os.cpu_count() or 1)), 0.0)


def take(make: Callable[[dict[str, Any]], Peer]) -> None:
    """Take one turn with the renderer that `make` builds of the plan's scene."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    table = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # libraries write greetings to standard output, and only our two lines belong there
    scene = plan["scene"]
    poses = np.array(scene["poses"])
    peer = make(scene)
    proof = {}
    for frame in PROVED:  # this warms up as well: kernels are compiled, textures uploaded
        peer.place(poses[frame])
        proof |= {f"{name}_{frame}": array for name, array in peer.arrays(peer.look()).items()}
    np.savez(plan["proof"], **proof)
    print("ready", file=table)
    if sys.stdin.readline().strip() != "go":
        return
    frames, drawing_s, busy_s = 0, 0.0, 0.0
    machine_s, own_s, start = machine_busy_s(), time.process_time(), time.perf_counter()
    while frames < plan["least"] or time.perf_counter() - start < plan["seconds"]:
        peer.place(poses[frames % len(poses)])
        before, busy = time.perf_counter(), time.process_time()
        peer.look()
        drawing_s += time.perf_counter() - before
        busy_s += time.process_time() - busy
        frames += 1
    result = {
        "name": peer.name,
        "version": peer.version,
        "signals": peer.signals,
        "note": peer.note,
        "frames": frames,
        "drawing_s": drawing_s,
        "busy_s": busy_s,  # of all threads: what it costs, however many cores were free
        "whole_s": time.perf_counter() - start,
        "own_s": time.process_time() - own_s,
        "machine_s": machine_busy_s() - machine_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(result), file=table)
    table.flush()
    os._exit(0)  # some drivers crash when they are torn down, and the turn is over
