"""LeRobot data sets of version 2.1 that a test may spoil, and what is in them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.origin import Provenance
from lifeworld.episode.codec.video import write_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import Report, lerobot

KEY = "observation.images.top"
WHO = Provenance(engine="test", engine_version="1", lifeworld_version="0", machine="none", created="2026-01-01T00:00:00+00:00")


def film(frames: int, *, size: tuple[int, int] = (32, 48), seed: int = 0) -> NDArray[np.uint8]:
    """Pictures of which no two are alike: a bright column that moves over a slope of grey."""
    height, width = size
    x = np.arange(width)
    slope = np.linspace(40, 160, height)[:, None] + seed % 7 * 5
    columns = [slope + 90 * np.exp(-(((x - (3 + 2 * k + seed)) % width) ** 2) / 8.0) for k in range(frames)]
    return np.repeat(np.clip(np.stack(columns), 0, 255).astype(np.uint8)[..., None], 3, axis=-1)


def times(count: int, hz: float) -> NDArray[np.int64]:
    return np.array([round(k * 1e9 / hz) for k in range(count)])


def rows(number: int, count: int, *, first: int = 0, fps: float = 30, seed: int | None = None, **more: Any) -> pa.Table:
    """The rows of an episode, as LeRobot writes them."""
    rng = np.random.default_rng(number if seed is None else seed)
    n = np.arange(count)
    vectors = {"action": rng.normal(size=(count, 2)), "observation.state": rng.normal(size=(count, 3))}
    columns: dict[str, Any] = {
        k: pa.FixedSizeListArray.from_arrays(pa.array(v.astype(np.float32).ravel()), v.shape[1]) for k, v in vectors.items()
    }
    columns |= {"timestamp": (n / fps).astype(np.float32), "frame_index": n, "episode_index": np.full(count, number)}
    columns |= {"index": first + n, "task_index": np.zeros(count, np.int64)}
    return pa.table(columns | more)


FEATURES: dict[str, Any] = {
    "action": {"dtype": "float32", "shape": [2], "names": [["reach", "grip"]]},
    "observation.state": {"dtype": "float32", "shape": [3], "names": {"motors": ["a", "b", "c"]}},
    KEY: {"dtype": "video", "shape": [32, 48, 3], "names": ["height", "width", "channels"]},
    **{k: {"dtype": "int64" if "i" in k[-5:] else "float32", "shape": [1], "names": None} for k in lerobot.COUNTED},
}


class V21:
    """A data set of version 2.1 that a test may spoil."""

    def __init__(self, root: Path, lengths: dict[int, int], *, hz: int = 15) -> None:
        self.root = root
        self.info: dict[str, Any] = {
            "codebase_version": "v2.1",
            "robot_type": "arm 7",
            "fps": 30,
            "total_episodes": len(lengths),
            "chunks_size": 1000,
            "splits": {"train": "0:2", "test": "2:9"},
            "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
            "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
            "features": dict(FEATURES),
        }
        self.listed = [{"episode_index": k, "tasks": ["stack"], "length": n} for k, n in lengths.items()]
        for k, n in lengths.items():
            self.data(k).parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows(k, n), self.data(k))
            count = -(-n * hz // 30)
            write_video(self.video(k), film(count, seed=k), times(count, hz), fps=Fraction(hz))
        self.say()

    def data(self, k: int) -> Path:
        return self.root / f"data/chunk-000/episode_{k:06d}.parquet"

    def video(self, k: int) -> Path:
        return self.root / f"videos/chunk-000/{KEY}/episode_{k:06d}.mp4"

    def say(self, **info: Any) -> None:
        (self.root / "meta").mkdir(exist_ok=True)
        (self.root / "meta/info.json").write_text(json.dumps(self.info | info))
        (self.root / "meta/episodes.jsonl").write_text("".join(json.dumps(each) + "\n" for each in self.listed))
        (self.root / "meta/tasks.jsonl").write_text(json.dumps({"task_index": 0, "task": "stack"}) + "\n")

    def column(self, k: int, key: str, values: Any, feature: dict[str, Any]) -> None:
        pq.write_table(pq.read_table(self.data(k)).append_column(key, pa.array(values)), self.data(k))
        self.info["features"][key] = feature
        self.say()


def read(root: Path, **options: Any) -> tuple[list[Episode], Report]:
    report = Report()
    return list(lerobot.read(root, report=report, **options)), report


def at_root(root: Path) -> V21:
    """One that is there already."""
    made = V21.__new__(V21)
    made.root = root
    return made
