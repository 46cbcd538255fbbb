"""What keeping a journal costs: 3 cameras of 320×240 and 20 other streams, written, recovered and sealed.

Processor time, of all threads, so that other work on the machine does not count; a row says where it is wall time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.journal import Journal, recover

SHARE_S = 10

SECONDS = 20
HEIGHT, WIDTH = 240, 320
CAMERAS = ("front", "top", "wrist")
RATES_HZ = {
    **{f"rgb@{camera}": 30 for camera in CAMERAS},
    "depth_m@front": 30,
    "instance_ids@front": 30,
    "audio_stereo@ears": 50,
    "contacts": 100,
    "pixel_events@front": 30,
    "events": 10,
    "captions": 1,
    "instruction": 1,
    "relations": 5,
    "reward": 50,
    **{f"camera_pose@{camera}": 30 for camera in CAMERAS},
    "action@arm": 100,
    "action@hand": 100,
    "embodiment_state@arm": 250,
    "embodiment_state@hand": 250,
    "skeleton_pose@P1": 72,
    "skeleton_confidence@P1": 72,
    "reading@imu": 500,
}
SIZES = {"height": HEIGHT, "width": WIDTH, "samples": 960, "limbs": 22, "controls": 7, "state": 14, "channels": 6}


def run() -> Iterator[Row]:
    """Costs by the second of recording, by the frame and by the value; what is on the disk."""
    assert len(RATES_HZ) == 23
    values = {name: _values(name) for name in RATES_HZ}
    moments = sorted((k * 1_000_000_000 // hz, name, k) for name, hz in RATES_HZ.items() for k in range(hz * SECONDS))
    frames = len(CAMERAS) * 30 * SECONDS
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "bundle"
        provenance = Provenance.now(engine="benchmark", engine_version="1")
        spent = dict.fromkeys(RATES_HZ, 0.0)
        slowest = 0.0
        begin, wall = time.process_time(), time.perf_counter()
        with Journal(root, provenance=provenance, origin="simulated") as journal:
            for time_ns, name, k in moments:
                value = values[name][k % len(values[name])]
                at = time.perf_counter()
                journal.write(name, time_ns, value)
                took = time.perf_counter() - at
                spent[name] += took
                slowest = max(slowest, took)
        used, wall = time.process_time() - begin, time.perf_counter() - wall
        film = sum(spent[f"rgb@{camera}"] for camera in CAMERAS)
        size = journal.path.stat().st_size
        raw = sum(sum(v.nbytes for v in values[name]) / len(values[name]) * hz for name, hz in RATES_HZ.items())
        yield Row("a second of 3 cameras and 20 streams takes, of one core", 100 * used / SECONDS, "%", 50, lower=True, timed=True)
        yield Row("  frames of 320×240 written in a second of processor time, with all that belongs to them", frames / used, "frames/s")
        yield Row("  share of the time spent on pictures (wall)", 100 * film / sum(spent.values()), "%")
        yield Row("  a value of another stream, mean (wall)", 1e6 * (sum(spent.values()) - film) / (len(moments) - frames), "µs")
        yield Row("  the longest that a write waited (wall)", 1e3 * slowest, "ms")
        yield Row("  as fast as it goes, times the speed of the clock (wall)", SECONDS / wall, "×", 1, timed=True)
        yield Row("on the disk, of a second", size / SECONDS / 1e6, "MB")
        yield Row("  of what it would be uncompressed", 100 * size / SECONDS / raw, "%")
        begin = time.process_time()
        [found] = recover(root)
        used = time.process_time() - begin
        assert found.count == len(moments)
        yield Row("recovering and sealing a second, of one core", 100 * used / SECONDS, "%")
        sealed = sum(p.stat().st_size for p in root.rglob("*") if p.is_file())
        yield Row("  sealed, of a second", sealed / SECONDS / 1e6, "MB")
        episode = open_bundle(root)[0]
        errors = [np.mean((episode[f"rgb@{c}"].values[:60].astype(float) - values[f"rgb@{c}"][:60]) ** 2) for c in CAMERAS]
        yield Row("  PSNR of its pictures, the worst camera", 10 * np.log10(255**2 / max(errors)), "dB", 38)


def _values(name: str) -> list[np.ndarray]:
    """Sixty values of a stream, as they could be: pictures that move, distances with noise, numbers that drift."""
    rng = np.random.default_rng(len(name))
    signal = SIGNALS[name.partition("@")[0]]
    shape = tuple(SIZES.get(s, 3) if isinstance(s, str) else s for s in signal.shape)
    y, x = np.mgrid[:HEIGHT, :WIDTH] / HEIGHT
    if signal.name == "rgb":
        grain = rng.normal(0, 2, (HEIGHT, WIDTH, 3))
        return [_picture(x, y, k, grain) for k in range(60)]
    if signal.name == "depth_m":
        return [(1 + x + 0.3 * np.sin(y * 4 + k / 9) + rng.normal(0, 1e-3, x.shape)).astype(np.float32) for k in range(60)]
    if signal.name == "instance_ids":
        return [((x * 6 + k / 30).astype(np.int32) % 5) * (y > 0.4) for k in range(60)]
    rows = (4, *shape) if signal.ragged else shape
    if signal.dtype.kind == "U":
        return [np.full(rows, f"put the cup {k} on the tray", signal.dtype) for k in range(60)]
    if signal.dtype.names is not None:
        return [np.zeros(rows, signal.dtype) for _ in range(60)]
    return [rng.normal(size=rows).astype(signal.dtype) for _ in range(60)]


def _picture(x: np.ndarray, y: np.ndarray, k: int, grain: np.ndarray) -> np.ndarray:
    hills = [128 + 90 * np.sin(5 * x + c + k / 9) * np.cos(4 * y - k / 15) for c in range(3)]
    return np.clip(np.stack(hills, axis=-1) + grain, 0, 255).astype(np.uint8)
