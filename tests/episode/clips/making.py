"""Small episodes whose values say what and when they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to

STEP = 50_000_000


def pictures(count: int, height: int, width: int, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return np.stack([np.roll(patches, (k, 2 * k), (0, 1)) for k in range(count)])


def episode(number: int, frames: int = 40, *, size: tuple[int, int] = (32, 48), leave: Sequence[str] = (), step_ns: int = STEP) -> Episode:
    """rgb and depth on one clock, actions at twice the rate and 7 ms late, rows of contacts, words."""
    rng = np.random.default_rng(number)
    times = np.arange(frames) * step_ns
    twice = np.arange(2 * frames) * (step_ns // 2) + 7_000_000
    contacts = [np.zeros(k % 3, SIGNALS["contacts"].dtype) for k in range(frames)]
    for k, rows in enumerate(contacts):
        rows["force_n"] = k
    turn = np.linspace(0, 2, frames)
    pose = np.concatenate([rng.normal(size=(frames, 3)), np.cos(turn)[:, None], np.zeros((frames, 2)), np.sin(turn)[:, None]], axis=1)
    streams = {
        "rgb@front": Stream(SIGNALS["rgb"], times, pictures(frames, *size, seed=number), origin="simulated", source="front"),
        "depth_m@front": Stream(
            SIGNALS["depth_m"], times, rng.normal(size=(frames, *size)).astype(np.float32), origin="simulated", source="front"
        ),
        "action@hand": Stream(SIGNALS["action"], twice, rng.normal(size=(2 * frames, 3)), origin="simulated", source="hand"),
        "camera_pose@front": Stream(SIGNALS["camera_pose"], times[::2], pose[::2], origin="simulated", source="front"),
        "contacts": Stream(SIGNALS["contacts"], times, contacts, origin="simulated"),
        "instruction": Stream(SIGNALS["instruction"], [0, 5 * step_ns], [f"do {number}", f"stop {number}"], origin="measured"),
    }
    kept = {name: stream for name, stream in streams.items() if name not in leave}
    return Episode(streams=kept, provenance=Provenance.now(engine="tests", engine_version="1"))


def bundle(path: Path, episodes: Sequence[Episode]) -> Path:
    with append_to(path) as writer:
        for each in episodes:
            writer.add(each)
    return path
