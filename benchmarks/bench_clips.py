"""How fast are clips cut? Cold and warm, three picture sizes; and what 10² to 10⁵ episodes cost to open.

Each number is of a process of its own: `python -m benchmarks.bench_clips FOLDER JSON` is one.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import Row
from lifeworld.core.origin import Provenance
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.clips import Clips
from lifeworld.episode.episode import Episode
from lifeworld.episode.head import read_info
from lifeworld.episode.index import append_rows
from lifeworld.episode.seal import append_to

SHARE_S = 58
LONG_S = 90

SIZES = {"96 x 96": (96, 96, 40, 128), "256 x 256": (256, 256, 12, 128), "480 x 640": (480, 640, 4, 128)}
"""Height, width, episodes, frames in each."""
BATCH = {"96 x 96": 32, "256 x 256": 32, "480 x 640": 8}
SECONDS = 2.0
WIDTH = "256 x 256"
"""Where other strides and more streams are tried too."""


def run() -> Iterator[Row]:
    """Clips a second, processor time a clip, time to the first batch, memory; and what an index costs."""
    with tempfile.TemporaryDirectory(prefix="bench-clips-") as home:
        for name, size in SIZES.items():
            bundle = Path(home) / name.replace(" ", "")
            seal(bundle, *size)
            yield from _of(bundle, f"{name}, 16 frames", {"signals": ["rgb@front"], "batch": BATCH[name]})
            shutil.rmtree(bundle)
        yield from _index(Path(home))


def run_long() -> Iterator[Row]:
    """The same with a stride, with three cameras, with depth and actions."""
    with tempfile.TemporaryDirectory(prefix="bench-clips-") as home:
        bundle = Path(home) / "bundle"
        seal(bundle, *SIZES[WIDTH], cameras=("front", "left", "right"))
        for words, more in (
            ("stride 4", {"signals": ["rgb@front"], "stride": 4}),
            ("3 cameras", {"signals": ["rgb@front", "rgb@left", "rgb@right"]}),
            ("rgb, depth, actions", {"signals": ["rgb@front", "depth_m@front", "action@hand"]}),
        ):
            yield from _of(bundle, f"{WIDTH}, 16 frames, {words}", {"batch": 16} | more)


def seal(bundle: Path, height: int, width: int, episodes: int, frames: int, *, cameras: tuple[str, ...] = ("front",)) -> None:
    """Patches that drift over a plane: cameras, depth, actions."""
    times = np.arange(frames) * 40_000_000
    with append_to(bundle) as writer:
        uids = []
        for number in range(episodes):
            rng = np.random.default_rng(number)
            streams = {}
            for camera in cameras:
                patches = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
                seen = np.stack([np.roll(patches, (k, 2 * k), (0, 1)) for k in range(frames)])
                streams[f"rgb@{camera}"] = Stream(SIGNALS["rgb"], times, seen, origin="simulated", source=camera)
            slope = np.add.outer(np.arange(height), np.arange(width)) / 100
            depth = (slope + rng.normal(size=(frames, 1, 1))).astype(np.float32)
            streams["depth_m@front"] = Stream(SIGNALS["depth_m"], times, depth, origin="simulated", source="front")
            actions = rng.normal(size=(2 * frames, 7))
            twice = np.arange(2 * frames) * 20_000_000
            streams["action@hand"] = Stream(SIGNALS["action"], twice, actions, origin="simulated", source="hand")
            made = Provenance.now(engine="benchmarks.bench_clips", engine_version="1", seed=number)
            uids.append(writer.stage(Episode(streams=streams, provenance=made)))
        writer.commit(uids)


def _of(bundle: Path, words: str, options: dict[str, Any]) -> Iterator[Row]:
    for order in ("scattered", "blocks"):
        shutil.rmtree(bundle / "cache", ignore_errors=True)
        cold = _child(bundle, options | {"order": order})
        yield Row(f"{words}: cold, {order}", cold["clips_s"], "clips/s")
        yield Row(f"{words}: cold, {order}, processor time", cold["busy_ms"], "ms/clip")
    yield Row(f"{words}: cold, first batch after", cold["first_s"] * 1e3, "ms")
    _child(bundle, options | {"fill": True})
    warm = _child(bundle, options)
    yield Row(f"{words}: warm", warm["clips_s"], "clips/s")
    yield Row(f"{words}: warm, processor time", warm["busy_ms"], "ms/clip")
    yield Row(f"{words}: warm, bytes copied", warm["bytes_s"] / 1e9, "GB/s")
    yield Row(f"{words}: warm, first batch after", warm["first_s"] * 1e3, "ms")
    yield Row(f"{words}: warm, own memory beside the mapped cache", warm["own_mb"], "MB")


def _index(home: Path) -> Iterator[Row]:
    small = home / "small"
    seal(small, 16, 16, 1, 64)
    row = open_bundle(small).index.row(0)
    before = 0.0
    for count in (100, 1_000, 10_000, 100_000):
        many = home / f"many-{count}"
        shutil.copytree(small, many)
        _stretch(many, row, count)
        found = _child(many, {"signals": ["rgb@front", "action@hand"], "open": True, "cache": False})
        yield Row(f"opening {count:,} episodes ({int(found['clips']):,} clips)", found["open_s"], "s", 1.0, lower=True)
        yield Row(f"opening {count:,} episodes: processor time", found["open_busy_s"], "s", 1.0, lower=True)
        before = before or found["own_mb"]
        yield Row(f"opening {count:,} episodes: memory more than for 100", found["own_mb"] - before, "MB")


def _stretch(bundle: Path, row: dict[str, Any], count: int) -> None:
    """An index that speaks of many episodes like the one that is there."""
    path, head = bundle / "meta" / "info.json", read_info(bundle).head
    for first in range(1, count, 10_000):
        rows = [row | {"uid": f"{row['uid'][:24]}{i:012x}"} for i in range(first, min(first + 10_000, count))]
        append_rows(bundle, head.index, first, rows)
    info = json.loads(path.read_text(encoding="utf-8"))
    info["x_world"]["episodes"] = count
    path.write_text(json.dumps(info), encoding="utf-8")


# -- one of them, in a process of its own ----------------------------------------------------------------------------------


def _child(bundle: Path, options: dict[str, Any]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bench_clips", str(bundle), json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _measured(bundle: str, options: dict[str, Any]) -> dict[str, float]:
    only_open, fill = options.pop("open", False), options.pop("fill", False)
    start, busy = time.perf_counter(), time.process_time()
    if fill:
        options |= {"length": 1, "stride": 1, "batch": 64, "order": "listed"}
    clips = Clips(bundle, seed=0, loop=not fill, **options)
    opened, busy = time.perf_counter() - start, time.process_time() - busy
    said = {"open_s": opened, "open_busy_s": busy, "clips": float(clips.clips), "own_mb": _own_mb()}
    if only_open or fill:
        for _ in clips if fill else ():
            pass
        return said
    batches = iter(clips)
    next(batches)
    first = time.perf_counter() - start
    busy, start, count, size = time.process_time(), time.perf_counter(), 0, 0
    while time.perf_counter() - start < SECONDS:
        batch = next(batches)
        count, size = count + batch.clips, size + sum(values.nbytes for values in batch.streams.values())
    took = time.perf_counter() - start
    busy = time.process_time() - busy
    rates = {"clips_s": count / took, "bytes_s": size / took, "busy_ms": 1e3 * busy / count}
    return said | rates | {"first_s": first, "own_mb": _own_mb()}


def _own_mb() -> float:
    """Memory of this process that is not a file's [MB]."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon")) / 1024


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], json.loads(sys.argv[2]))))
