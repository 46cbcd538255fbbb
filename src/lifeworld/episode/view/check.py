"""Whether the LeRobot view says what the streams say: every problem, one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.errors import ForeignFileError
from lifeworld.episode.bundle import Bundle, inside, open_episode
from lifeworld.episode.codec.packets import opened, read_packets
from lifeworld.episode.episode import Episode
from lifeworld.episode.manifest import Manifest, public
from lifeworld.episode.view import tables
from lifeworld.episode.view.plan import Plan, at_rate, fits, plan_view
from lifeworld.episode.view.stats import joined
from lifeworld.episode.view.tables import CHUNK, DATA, VIDEO, place

_CLOSE = 1e-6
"""By how much joined statistics may differ from those joined one after the other."""


def check_view(root: Path, bundle: Bundle) -> Iterator[str]:
    """What is wrong with the LeRobot view of a bundle: its numbers, its lengths, its values and the times of its pictures."""
    info, count = bundle.info, bundle.info["total_episodes"]
    try:
        rows = tables.read_rows(root, count)
        tasks = tables.read_tasks(root, info["total_tasks"])
        stats = tables.read_stats(root)
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        yield f"meta: cannot be read: {error}"
        return
    if len(rows) != count:
        yield f"meta/episodes: {len(rows)} rows, meta/info.json says {count}"
    if len(tasks) != info["total_tasks"]:
        yield f"{tables.TASKS}: {len(tasks)} tasks, meta/info.json says {info['total_tasks']}"
    place_of = {uid: i for i, uid in enumerate(bundle.uids)}
    inside_view = {uid for uid, number in zip(bundle.uids, bundle.index.number.tolist(), strict=True) if number >= 0}
    if missing := inside_view - {row["x_world/uid"] for row in rows}:
        yield f"meta/episodes: no rows of {len(missing)} episodes that the index says are in the view, such as {min(missing)}"
    first = 0
    for episode, row in enumerate(rows):
        where, uid = f"view episode {episode}", row["x_world/uid"]
        said = (row["episode_index"], row["dataset_from_index"], row["dataset_to_index"])
        if said != (episode, first, first + row["length"]):
            yield f"{where}: numbered {said}, expected {(episode, first, first + row['length'])}"
        if uid not in inside_view:
            yield f"{where}: the index does not know {uid} as part of the view"
            first += row["length"]
            continue
        try:
            yield from _check_episode(
                root, info, row, bundle.manifest(place_of[uid]), int(bundle.index.number[place_of[uid]]), first, tasks
            )
        except (OSError, pa.ArrowException, ForeignFileError, KeyError) as error:
            yield f"{where}: cannot be read: {error}"
        first += row["length"]
    if first != info["total_frames"]:
        yield f"meta/info.json: {info['total_frames']} frames, the episodes have {first}"
    if rows:
        yield from _check_stats(stats, joined(tables.stats_of_row(row, info["features"]) for row in rows))


def _check_episode(
    root: Path, info: Mapping[str, Any], row: Mapping[str, Any], manifest: Manifest, number: int, first: int, tasks: list[str]
) -> Iterator[str]:
    where = f"view episode {row['episode_index']} ({manifest.uid})"
    plan = plan_view(_public(root, manifest))
    if plan is None or (why := fits(info, plan)) is not None:
        yield f"{where}: its streams do not fit the view: {why if plan is not None else 'there is nothing in it that LeRobot reads'}"
        return
    plan = at_rate(info, plan)
    if number != row["data/chunk_index"] * CHUNK + row["data/file_index"]:
        yield f"{where}: file {row['data/file_index']} of chunk {row['data/chunk_index']}, the index says number {number}"
    if len(plan) != row["length"]:
        yield f"{where}: {row['length']} frames, its streams have {len(plan)}"
        return
    if tuple(row["tasks"]) != plan.tasks or not set(plan.tasks) <= set(tasks):
        yield f"{where}: tasks {row['tasks']}, its streams say {list(plan.tasks)}"
        return
    expected = tables.data_columns(plan, episode=row["episode_index"], first=first, tasks=[tasks.index(task) for task in plan.tasks])
    table = pq.read_table(root / place(DATA, number))
    if not table.schema.equals(tables.data_table(expected).schema):
        yield f"{where}: {place(DATA, number)} has columns {table.schema.names}, expected {list(expected)}"
        return
    for key, values in expected.items():
        if not _same(_column(table, key), values):
            yield f"{where}: {key} of {place(DATA, number)} is not what the streams say"
    for camera in plan.cameras.values():
        yield from _check_video(root, place(VIDEO, number, camera.key), plan, f"{where}: {camera.key}")


def _check_video(root: Path, path: str, plan: Plan, where: str) -> Iterator[str]:
    with opened(root / path) as container:
        packets = read_packets(container, root / path)
    if len(packets.pts) != len(plan):
        yield f"{where}: {len(packets.pts)} frames in {path}, expected {len(plan)}"
    elif any(pts * packets.time_base * plan.fps != k for k, pts in enumerate(packets.pts.tolist())):
        yield f"{where}: the frames of {path} are not at k / {plan.fps} s"


def _check_stats(got: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    if set(got) != set(expected):
        yield f"{tables.STATS}: of {sorted(got)}, expected {sorted(expected)}"
        return
    for key, words in expected.items():
        for word, value in words.items():
            theirs = got[key].get(word)
            if theirs is None or theirs.shape != value.shape or not np.allclose(theirs, value, rtol=_CLOSE, atol=_CLOSE, equal_nan=True):
                yield f"{tables.STATS}: {word} of {key} is not that of the episodes"


def _public(root: Path, manifest: Manifest) -> Episode:
    """What the view was made of: the streams that everybody may see."""
    return open_episode(public(manifest), lambda path: inside(root, path))


def _column(table: pa.Table, key: str) -> NDArray[Any]:
    column = table[key].combine_chunks()
    if pa.types.is_fixed_size_list(column.type):
        return np.asarray(column.flatten().to_numpy(zero_copy_only=False)).reshape(-1, column.type.list_size)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return np.array_equal(a.reshape(len(a), -1), b.reshape(len(b), -1), equal_nan=b.dtype.kind == "f")
