"""The LeRobot view as it is written: an episode is added at the cost of one, however many there are.

Rows of data lie one episode a file and are written at once; `flush` replaces the tables of meta/. None of it counts until whoever seals
replaces `meta/info.json` by `View.info`: the writer after one who died goes on from the first `total_episodes` rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lifeworld.episode.episode import Episode
from lifeworld.episode.head import file_of
from lifeworld.episode.manifest import Entry, File
from lifeworld.episode.view import tables
from lifeworld.episode.view.plan import Plan, number
from lifeworld.episode.view.stats import Stats, joined, looked_at, of_column, of_pictures
from lifeworld.episode.view.tables import CHUNK, DATA, ROWS, VIDEO, place


class View:
    """The LeRobot view of a bundle at `root` whose `meta/info.json` is `info` (without our own key), for the one who holds the lock."""

    def __init__(self, root: Path, info: Mapping[str, Any]) -> None:
        self.root = root
        self.info: dict[str, Any] = dict(info)
        self._rows: list[dict[str, Any]] = []
        self._first = self.info["total_episodes"]  # of self._rows
        self._tasks: list[str] | None = None
        self._stats: dict[str, Stats] | None = None

    @staticmethod
    def empty() -> dict[str, Any]:
        """`info` of no episodes."""
        return tables.empty_info()

    def add(self, episode: Episode, plan: Plan, *, uid: str, number: int, entries: Mapping[str, Entry]) -> list[File]:
        """Write the rows of an episode that fits; its pictures lie in their places as file `number` already."""
        info = self.info
        if not info["features"]:
            info |= self._begun(plan, number)
        known = self._known_tasks()
        known += [task for task in plan.tasks if task not in known]
        columns = tables.data_columns(
            plan, episode=info["total_episodes"], first=info["total_frames"], tasks=[known.index(task) for task in plan.tasks]
        )
        path = place(DATA, number)
        tables.write_parquet(tables.data_table(columns), self.root / path)
        stats = {key: of_column(values) for key, values in columns.items()}
        for name, camera in plan.cameras.items():
            stats[camera.key] = of_pictures(episode[name].values[looked_at(len(plan))])
        stop = len(plan) / float(plan.fps)
        self._rows.append(
            tables.episode_row(
                episode=info["total_episodes"],
                first=info["total_frames"],
                length=len(plan),
                tasks=plan.tasks,
                data=number,
                videos={camera.key: (number, 0.0, stop) for camera in plan.cameras.values()},
                stats={key: stats[key] for key in info["features"]},
                extra=tables.extra_columns(uid, entries),
            )
        )
        self._stats = joined([self._known_stats(), stats])
        info["total_episodes"] += 1
        info["total_frames"] += len(plan)
        info["total_tasks"] = len(known)
        info["splits"] = {"train": f"0:{info['total_episodes']}"}
        return [file_of(self.root, path)]

    def flush(self) -> None:
        """Replace the tables of meta/ by such as know the episodes added."""
        if not self._rows:
            return
        tables.append_rows(self.root, self.info["features"], self._first, self._rows)
        tables.write_tasks(self.root, self._known_tasks())
        tables.write_stats(self.root, self._known_stats())
        self._rows, self._first = [], self.info["total_episodes"]

    def remove(self, uids: Collection[str]) -> None:
        """Take episodes out: those after them get lower numbers, files keep theirs, tasks nobody has any more are forgotten.

        Everything but `info` is written at once. Data and videos of who is out are the caller's to delete once `info` is replaced. Done
        again after it was cut short, it comes to the same; with no uids it mends a view that was left half renumbered.
        """
        rows = tables.read_rows(self.root, self.info["total_episodes"])
        self._renumber(list({uid: row for row in rows if (uid := row["x_world/uid"]) not in uids}.values()))  # once, if cut short

    def arrange(self, uids: Sequence[str], told: Mapping[str, Sequence[str]]) -> None:
        """Only these episodes, in this order; `told` are other tasks of some, as many as before. All have been added. Done as `remove`."""
        known = {row["x_world/uid"]: row for row in tables.read_rows(self.root, max(self.info["total_episodes"], len(uids)))}
        self._renumber([known[uid] | {"tasks": list(told.get(uid, known[uid]["tasks"]))} for uid in uids])

    def holds(self, uid: str, among: int) -> bool:
        """Whether an episode was added, as one of so many."""
        return bool(self.info["features"]) and any(row["x_world/uid"] == uid for row in tables.read_rows(self.root, among))

    def _renumber(self, kept: list[dict[str, Any]]) -> None:
        tasks = list(dict.fromkeys(task for row in kept for task in row["tasks"]))
        features, first = self.info["features"], 0
        for episode, row in enumerate(kept):
            path = place(DATA, _number(row))
            table = pq.read_table(self.root / path)
            anew = _renumbered(table, row["tasks"], episode, first, tasks)
            if not anew.equals(table):
                tables.write_parquet(anew, self.root / path)
            numbered = {key: of_column(anew[key].to_numpy()) for key in ("episode_index", "index", "task_index")}
            kept[episode] = tables.episode_row(
                episode=episode,
                first=first,
                length=row["length"],
                tasks=row["tasks"],
                data=_number(row),
                videos={key: _video(row, key) for key in tables.video_keys(features)},
                stats=tables.stats_of_row(row, features) | numbered,
                extra={key: row[key] for key, _ in tables.EXTRA},
            )
            first += row["length"]
        self._write_all(kept, tasks, first)

    def _write_all(self, rows: list[dict[str, Any]], tasks: list[str], frames: int) -> None:
        features = self.info["features"]
        tables.append_rows(self.root, features, 0, rows)
        for file in sorted((self.root / "meta/episodes").glob("chunk-*/file-*.parquet")):
            if _file_number(file) * ROWS >= len(rows):
                file.unlink()
        tables.write_tasks(self.root, tasks)
        self._tasks, self._stats = tasks, joined(tables.stats_of_row(row, features) for row in rows)
        tables.write_stats(self.root, self._stats)
        self.info |= {"total_episodes": len(rows), "total_frames": frames, "total_tasks": len(tasks), "splits": {"train": f"0:{len(rows)}"}}
        if not rows:  # the next episode says what the view is of
            self.info |= {key: value for key, value in self.empty().items() if key in ("features", "fps", "robot_type")}
        self._rows, self._first = [], len(rows)

    def _begun(self, plan: Plan, file: int) -> dict[str, Any]:
        """What the first episode says of the view."""
        features = {key: dict(feature) for key, feature in plan.features.items()}
        for key in tables.video_keys(features):
            features[key]["info"] = tables.encoded(self.root / place(VIDEO, file, key), number(plan.fps))
        return {"fps": number(plan.fps), "robot_type": plan.robot_type, "features": features}

    def _known_tasks(self) -> list[str]:
        if self._tasks is None:
            self._tasks = tables.read_tasks(self.root, self.info["total_tasks"])
        return self._tasks

    def _known_stats(self) -> dict[str, Stats]:
        if self._stats is None:
            count = self.info["total_frames"]
            self._stats = tables.read_stats(self.root) if count else {}
            if count and self._stats["index"]["count"][0] != count:  # somebody died between writing these and the head
                rows = tables.read_rows(self.root, self._first)
                self._stats = joined(tables.stats_of_row(row, self.info["features"]) for row in rows)
        return self._stats


def _renumbered(table: pa.Table, texts: list[str], episode: int, first: int, tasks: list[str]) -> pa.Table:
    """Rows of data with new numbers; which of its texts a row has is seen from its order among them."""
    n = len(table)
    task = table["task_index"].to_numpy()
    _, order, which = np.unique(task, return_index=True, return_inverse=True)
    named = np.argsort(np.argsort(order))[which]  # texts are in the order of their first row
    columns = {
        "episode_index": np.full(n, episode, dtype=np.int64),
        "index": first + np.arange(n, dtype=np.int64),
        "task_index": np.array([tasks.index(text) for text in texts], dtype=np.int64)[named],
    }
    for key, values in columns.items():
        table = table.set_column(table.schema.get_field_index(key), key, pa.array(values))
    return table


def _number(row: Mapping[str, Any]) -> int:
    return int(row["data/chunk_index"] * CHUNK + row["data/file_index"])


def _video(row: Mapping[str, Any], key: str) -> tuple[int, float, float]:
    said = [row[f"videos/{key}/{word}"] for word in ("chunk_index", "file_index", "from_timestamp", "to_timestamp")]
    return said[0] * CHUNK + said[1], said[2], said[3]


def _file_number(path: Path) -> int:
    return int(path.parent.name.removeprefix("chunk-")) * CHUNK + int(path.stem.removeprefix("file-"))
