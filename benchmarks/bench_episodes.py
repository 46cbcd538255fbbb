"""Episodes on disk: bytes an episode-minute by family, beside raw and what LeRobot would take; sealing, opening, reading.

One camera of 256 × 256 at the tabletop, 25 pictures a second, every signal there is, somebody reaching for things. Several episodes of ten
seconds stand for the hour: they say how much a minute takes, and the spread how far that can be trusted.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.priority import ordinary_priority
from benchmarks.row import Row, best
from lifeworld.core.seed import child_seed
from lifeworld.core.signal import SIGNALS
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.scene import starter
from lifeworld.scene.scene import Scene
from lifeworld.worlds.agent import AgentCurious
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.produce import settle_anew
from lifeworld.worlds.record import record

SHARE_S = 45
LONG_S = 130

os.environ.setdefault("SVT_LOG", "1")  # errors only
EPISODES = int(os.environ.get("LIFEWORLD_BENCH_EPISODES", "3"))
"""Of ten seconds each, in the long part; 360 are the hour. The other makes one."""
SECONDS = 10.0
SIDE_PX = 256
LEROBOT = ("rgb", "depth_m", "action", "embodiment_state")
"""What LeRobot can hold of it."""


def run() -> Iterator[Row]:
    """Of one episode."""
    return _kept(1)


def run_long() -> Iterator[Row]:
    """Of several, and how much they differ."""
    return _kept(EPISODES)


def _kept(episodes: int) -> Iterator[Row]:
    """What is on the disk, by family, and the times to write and to read it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "bundle"
        raw: dict[str, int] = defaultdict(int)
        theirs, sealing, held = 0, [], 0
        with append_to(root) as writer:
            for number in range(episodes):
                episode = _episode(number)
                for stream in episode.streams.values():
                    size = sum(v.nbytes for v in stream.values) if stream.signal.ragged else stream.values.nbytes
                    raw[_sort(stream.signal.name)] += size + 8 * len(stream)
                    held += size
                begin = time.perf_counter()
                writer.add(episode)
                sealing.append(time.perf_counter() - begin)
                theirs += _lerobot(episode, Path(folder))
        bundle = open_bundle(root)
        minutes = episodes * SECONDS / 60
        ours: dict[str, int] = defaultdict(int)
        by_episode = []
        for i in range(len(bundle)):
            streams = bundle.manifest(i).streams.values()
            by_episode.append(sum(file.bytes for entry in streams for file in entry.files))
            for entry in streams:
                ours[_sort(entry.signal.name)] += sum(file.bytes for file in entry.files)
        for sort, size in sorted(ours.items()):
            yield Row(f"{sort}: MB an episode-minute", size / minutes / 1e6, "MB")
            yield Row(f"{sort}: raw bytes to one of ours", raw[sort] / size, "x")
        everything = sum(ours.values())
        yield Row("all: MB an episode-minute", everything / minutes / 1e6, "MB", n=episodes)
        yield Row("all: raw, MB an episode-minute", sum(raw.values()) / minutes / 1e6, "MB")
        if episodes > 1:
            yield Row("all: the largest episode to the smallest", max(by_episode) / min(by_episode), "x", n=episodes)
        yield Row("LeRobot's defaults, of what it holds (LEROBOT): MB an episode-minute", theirs / minutes / 1e6, "MB")
        same = sum(
            file.bytes
            for i in range(len(bundle))
            for entry in bundle.manifest(i).streams.values()
            if entry.signal.name in LEROBOT
            for file in entry.files
        )
        yield Row("ours of the same, depth to the bit: MB an episode-minute", same / minutes / 1e6, "MB")
        yield Row("sealing: seconds for ten seconds of everything", float(np.median(sealing)), "s", n=episodes)
        yield Row("sealing: raw MB a second", held / sum(sealing) / 1e6, "MB/s")
        yield Row("opening a bundle and its first episode", best(lambda: open_bundle(root)[0]["position_m"].values[:]) * 1e3, "ms")
        yield Row("reading 16 frames at random", _latency(root, f"rgb@{_camera(starter.load('tabletop'))}") * 1e3, "ms")
        yield Row("reading 16 depth maps at random", _latency(root, f"depth_m@{_camera(starter.load('tabletop'))}") * 1e3, "ms")


def _episode(number: int) -> Episode:
    scene = starter.load("tabletop")
    camera = next(c for c in scene.cameras if c.name == _camera(scene))
    scene = replace(scene, cameras=(replace(camera, width_px=SIDE_PX, height_px=SIDE_PX),))
    world = WorldPhysics(hearing=True)
    seed = child_seed(7, "episode", number)
    settled = settle_anew(world, scene, seed)
    world.reset(settled, seed=seed)
    streams = [
        s
        for s in world.spec.signals
        if "@" not in s or s.partition("@")[2] == camera.name or SIGNALS[world.spec.signals[s]].per != "camera"
    ]
    return record(world, AgentCurious(), settled, seconds=SECONDS, seed=seed, signals=streams)


def _camera(scene: Scene) -> str:
    return scene.cameras[0].name


def _sort(signal: str) -> str:
    """The row of the table a signal is counted in."""
    if signal in ("rgb", "rgb_blurred", "rgb_noisy"):
        return signal
    return SIGNALS[signal].family


def _lerobot(episode: Episode, folder: Path) -> int:
    """Bytes of rgb as LeRobot 0.6 encodes it by default (SVT-AV1, g=2, crf 30, preset 12), of depth as its 12-bit lossless HEVC, of the
    rest as float32 columns of Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = 0
    for stream in episode.streams.values():
        name = stream.signal.name
        if name == "rgb":
            size += _encoded(folder, stream.values, "libsvtav1", "yuv420p", "rgb24", {"g": "2", "crf": "30", "preset": "12"})
        elif name == "depth_m":
            near, far = 0.01, 10.0
            depth = np.clip(np.nan_to_num(stream.values, nan=near, posinf=far), near, far)
            levels = np.rint(4095 * np.log(depth / near) / np.log(far / near)).astype(np.uint16)
            size += _encoded(folder, levels, "libx265", "gray12le", "gray12le", {"g": "2", "x265-params": "lossless=1:log-level=none"})
        elif name in LEROBOT:
            path = folder / "columns.parquet"
            values = np.asarray(stream.values, dtype=np.float32)
            pq.write_table(pa.table({name: list(values)}), path, compression="snappy")
            size += path.stat().st_size
    return size


def _encoded(folder: Path, frames: np.ndarray, codec: str, pixels: str, given: str, options: dict[str, str]) -> int:
    import av

    path = folder / "theirs.mp4"
    with ordinary_priority(), av.open(str(path), "w") as out:
        video: Any = out.add_stream(codec, rate=Fraction(25), options=options)
        video.width, video.height, video.pix_fmt = frames.shape[2], frames.shape[1], pixels
        for picture in frames:
            for packet in video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=given)):
                out.mux(packet)
        for packet in video.encode(None):
            out.mux(packet)
    return path.stat().st_size


def _latency(root: Path, stream: str) -> float:
    """The median time [s] to 16 moments from a random one on."""
    rng, times = np.random.default_rng(0), []
    bundle = open_bundle(root)
    for _ in range(20):
        values = bundle[int(rng.integers(len(bundle)))][stream].values
        start = int(rng.integers(len(values) - 16))
        begin = time.perf_counter()
        values[start : start + 16]
        times.append(time.perf_counter() - begin)
    return float(np.median(times))
