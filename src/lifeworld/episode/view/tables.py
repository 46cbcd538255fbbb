"""The tables of a LeRobotDataset v3.0 (its files under data/ and meta/), as LeRobot writes them.

Source: huggingface/lerobot, src/lerobot/datasets (v3.0, read November 2026): names and types of columns, and where files lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.write import replace_file
from lifeworld.episode.manifest import Entry
from lifeworld.episode.view.plan import Plan
from lifeworld.episode.view.stats import WORDS, Stats

CHUNK = 1_000
"""Files in a folder."""
ROWS = 1_000
"""Episodes in a file of meta/episodes."""
DATA = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
TASKS, STATS = "meta/tasks.parquet", "meta/stats.json"
COUNTED = ("timestamp", "frame_index", "episode_index", "index", "task_index")
EXTRA = (
    ("x_world/uid", pa.string()),
    ("x_world/consent", pa.list_(pa.string())),
    ("x_world/licence", pa.string()),
    ("x_world/source", pa.string()),
)
"""Our own columns of meta/episodes: the episode's uid, the receipts of consents, its licences as one SPDX expression, its origin."""


def empty_info() -> dict[str, Any]:
    """`meta/info.json` of no episodes."""
    return {
        "codebase_version": "v3.0",
        "robot_type": None,
        "total_episodes": 0,
        "total_frames": 0,
        "total_tasks": 0,
        "chunks_size": CHUNK,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": 1,
        "splits": {"train": "0:0"},
        "data_path": DATA,
        "video_path": VIDEO,
        "features": {},
    }


def place(template: str, number: int, key: str = "") -> str:
    """Where file `number` lies, from the root."""
    return template.format(chunk_index=number // CHUNK, file_index=number % CHUNK, video_key=key)


def video_keys(features: Mapping[str, Any]) -> list[str]:
    return [key for key, feature in features.items() if feature["dtype"] == "video"]


def encoded(path: Path, fps: float) -> dict[str, Any]:
    """How a video is encoded, as `info` of its feature says it."""
    import av

    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        return {
            "video.height": context.height,
            "video.width": context.width,
            "video.codec": context.codec.canonical_name,
            "video.pix_fmt": context.pix_fmt,
            "video.is_depth_map": False,
            "video.fps": fps,
            "video.channels": 3,
            "has_audio": False,
        }


# -- data/: one row a frame ------------------------------------------------------------------------------------------------


def data_columns(plan: Plan, *, episode: int, first: int, tasks: Sequence[int]) -> dict[str, NDArray[Any]]:
    """The columns of an episode's frames: `episode` is its number, `first` that of its first frame, `tasks` those of its texts."""
    n = np.arange(len(plan), dtype=np.int64)
    return {
        **plan.columns,
        "timestamp": np.array(n / float(plan.fps), dtype=np.float32),
        "frame_index": n,
        "episode_index": np.full(len(plan), episode, dtype=np.int64),
        "index": first + n,
        "task_index": np.asarray(tasks, dtype=np.int64)[plan.task],
    }


def data_table(columns: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Numbers (n,) and lists of fixed length (n, k); of k = 1 LeRobot has plain numbers."""
    return pa.table({key: _arrow(values) for key, values in columns.items()})


def _arrow(values: NDArray[Any]) -> pa.Array:
    width = values.shape[1] if values.ndim == 2 else 1
    flat = pa.array(np.ascontiguousarray(values).reshape(-1))
    return flat if width == 1 else pa.FixedSizeListArray.from_arrays(flat, width)


# -- meta/episodes: one row an episode -------------------------------------------------------------------------------------


def episodes_schema(features: Mapping[str, Any]) -> pa.Schema:
    """Of rows as `episode_row` makes them."""
    i64, f64 = pa.int64(), pa.float64()
    fields = [("episode_index", i64), ("tasks", pa.list_(pa.string())), ("length", i64)]
    fields += [(name, i64) for name in ("data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index")]
    for key in video_keys(features):
        fields += [(f"videos/{key}/chunk_index", i64), (f"videos/{key}/file_index", i64)]
        fields += [(f"videos/{key}/from_timestamp", f64), (f"videos/{key}/to_timestamp", f64)]
    for key, feature in features.items():
        own = {"int64": i64, "bool": pa.bool_()}.get(feature["dtype"], f64)
        for word in WORDS:
            value = pa.list_(i64 if word == "count" else own if word in ("min", "max") else f64)
            if feature["dtype"] == "video" and word != "count":
                value = pa.list_(pa.list_(value))
            fields.append((f"stats/{key}/{word}", value))
    return pa.schema([*fields, ("meta/episodes/chunk_index", i64), ("meta/episodes/file_index", i64), *EXTRA])


def episode_row(
    *,
    episode: int,
    first: int,
    length: int,
    tasks: Sequence[str],
    data: int,
    videos: Mapping[str, tuple[int, float, float]],
    stats: Mapping[str, Stats],
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """A row of meta/episodes: `data` is the number of its file of rows, `videos` are of each camera (number, from, to) [s]."""
    row: dict[str, Any] = {"episode_index": episode, "tasks": list(tasks), "length": length}
    row |= {"data/chunk_index": data // CHUNK, "data/file_index": data % CHUNK}
    row |= {"dataset_from_index": first, "dataset_to_index": first + length}
    for key, (number, start, stop) in videos.items():
        row |= {f"videos/{key}/chunk_index": number // CHUNK, f"videos/{key}/file_index": number % CHUNK}
        row |= {f"videos/{key}/from_timestamp": start, f"videos/{key}/to_timestamp": stop}
    row |= {f"stats/{key}/{word}": value.tolist() for key, words in stats.items() for word, value in words.items()}
    file = episode // ROWS
    return row | {"meta/episodes/chunk_index": file // CHUNK, "meta/episodes/file_index": file % CHUNK, **extra}


def extra_columns(uid: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Our own columns of an episode's row."""
    licences = sorted({entry.license for entry in entries.values() if entry.license})
    receipts = sorted({consent.receipt for entry in entries.values() for consent in entry.consents})
    origins = [entry.origin for entry in entries.values()]
    return {
        "x_world/uid": uid,
        "x_world/consent": receipts,
        "x_world/licence": " AND ".join(licences),
        "x_world/source": origins[0].mix(*origins).value if origins else "mixed",
    }


def stats_of_row(row: Mapping[str, Any], features: Mapping[str, Any]) -> dict[str, Stats]:
    """The statistics in a row of meta/episodes."""
    return {key: {word: np.array(row[f"stats/{key}/{word}"]) for word in WORDS} for key in features}


def read_rows(root: Path, count: int) -> list[dict[str, Any]]:
    """The rows of the first `count` episodes; fewer if there are fewer."""
    rows: list[dict[str, Any]] = []
    for start in range(0, count, ROWS):
        if (path := root / place(EPISODES, start // ROWS)).is_file():
            rows += pq.read_table(path).slice(0, count - start).to_pylist()
    return rows


def append_rows(root: Path, features: Mapping[str, Any], count: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows after the first `count`; what came after those is replaced."""
    table = pa.Table.from_pylist(list(rows), schema=episodes_schema(features))
    first = count - count % ROWS
    if count > first:
        table = pa.concat_tables([pq.read_table(root / place(EPISODES, first // ROWS), schema=table.schema)[: count - first], table])
    for start in range(0, len(table), ROWS):
        write_parquet(table[start : start + ROWS], root / place(EPISODES, (first + start) // ROWS))


# -- meta/tasks.parquet, meta/stats.json -----------------------------------------------------------------------------------


def read_tasks(root: Path, count: int) -> list[str]:
    """The texts of the first `count` tasks, by number."""
    if not count:
        return []
    table = pq.read_table(root / TASKS)
    return [text for _, text in sorted(zip(table["task_index"].to_pylist(), table["task"].to_pylist(), strict=True))][:count]


def write_tasks(root: Path, tasks: Sequence[str]) -> None:
    """As pandas writes a table whose index is the text: that is how LeRobot reads it."""
    column = {"metadata": None, "pandas_type": "int64", "numpy_type": "int64", "name": "task_index", "field_name": "task_index"}
    index = {"metadata": None, "pandas_type": "unicode", "numpy_type": "object", "name": "task", "field_name": "task"}
    said = {"index_columns": ["task"], "column_indexes": [], "columns": [column, index], "pandas_version": "2.2.0"}
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())})
    write_parquet(table.replace_schema_metadata({"pandas": json.dumps(said)}), root / TASKS)


def read_stats(root: Path) -> dict[str, Stats]:
    """Empty if there are none."""
    path = root / STATS
    said = json.loads(path.read_bytes()) if path.is_file() else {}
    return {key: {word: np.array(value) for word, value in words.items()} for key, words in said.items()}


def write_stats(root: Path, stats: Mapping[str, Stats]) -> None:
    plain = {key: {word: value.tolist() for word, value in words.items()} for key, words in stats.items()}
    with replace_file(root / STATS) as beside:
        beside.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def write_parquet(table: pa.Table, path: Path) -> None:
    """Whole or not there."""
    with replace_file(path) as beside:
        pq.write_table(table, beside, compression="zstd")
