"""A recording as real ones are: 3 cameras and 20 other streams at their own rates, against the clock, until somebody kills it.

Every value follows from its stream and its number, so that who looks at the episode later knows what it has to be. Run as a program
(`recorder.py BUNDLE`) it says on stdout, before each write, which value comes and when; before all, the journal's uid.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bundles import WHO, scenery, value
from numpy.typing import NDArray

from lifeworld.core.signal import SIGNALS
from lifeworld.episode.journal import Journal

REPORT = struct.Struct("<HIq")
"""Stream, number of the value, monotonic time [ns]."""
UID_BYTES = 36
MS = 1_000_000
HEIGHT, WIDTH, FRAMES = 48, 64, 64


class Line(NamedTuple):
    """A stream: its name, the time from value to value [ns], the shape of a value (without rows)."""

    name: str
    step_ns: int
    shape: tuple[int, ...] = ()


LINES = (
    Line("rgb@front", 33_333_333, (HEIGHT, WIDTH, 3)),
    Line("rgb@wrist", 33_333_333, (HEIGHT, WIDTH, 3)),
    Line("rgb@top", 66_666_667, (HEIGHT, WIDTH, 3)),
    Line("depth_m@front", 100 * MS, (HEIGHT, WIDTH)),
    Line("instance_ids@front", 100 * MS, (HEIGHT, WIDTH)),
    Line("camera_pose@front", 33_333_333, (7,)),
    Line("camera_intrinsics_px@front", 500 * MS, (4,)),
    Line("audio_mono@mic", 20 * MS, (960,)),
    Line("audio_stereo@ears", 20 * MS, (960, 2)),
    Line("contacts", 10 * MS),
    Line("impulses", 20 * MS),
    Line("events", 100 * MS),
    Line("relations", 200 * MS),
    Line("captions", 1000 * MS),
    Line("questions", 1000 * MS),
    Line("pixel_events@front", 33_333_333),
    Line("instruction", 700 * MS),
    Line("action@arm", 20 * MS, (7,)),
    Line("embodiment_state@arm", 10 * MS, (14,)),
    Line("skeleton_pose@P1", 13_888_889, (22, 7)),
    Line("skeleton_confidence@P1", 13_888_889, (22,)),
    Line("reading@imu", 5 * MS, (6,)),
    Line("reward", 20 * MS),
)
assert len(LINES) == 23


@cache
def film(camera: int) -> NDArray[np.uint8]:
    return scenery(FRAMES, HEIGHT, WIDTH, seed=camera)


def made(line: int, number: int) -> NDArray[Any]:
    """The value that a stream has at a moment."""
    name, _, shape = LINES[line]
    signal = SIGNALS[name.partition("@")[0]]
    if signal.name == "rgb":
        return film(line)[number % FRAMES]
    rng = np.random.default_rng([line, number])
    return value(signal, (int(rng.integers(0, 5)), *shape) if signal.ragged else shape, rng)


def record(root: Path) -> None:
    for line in range(3):
        film(line)
    with Journal(root, provenance=WHO, origin="measured", title="killed") as journal:
        os.write(1, journal.uid.encode())
        begin = time.monotonic_ns()
        numbers = [0] * len(LINES)
        for _ in count():
            due_ns, line = min((numbers[i] * LINES[i].step_ns, i) for i in range(len(LINES)))
            wait = begin + due_ns - time.monotonic_ns()
            if wait > 0:
                time.sleep(wait / 1e9)
            what = made(line, numbers[line])
            os.write(1, REPORT.pack(line, numbers[line], time.monotonic_ns()))
            journal.write(LINES[line].name, due_ns, what)
            numbers[line] += 1


if __name__ == "__main__":
    record(Path(sys.argv[1]))
