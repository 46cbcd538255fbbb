"""What a LeRobot data set says of itself (meta/, README.md): its features, its episodes, which files they are in, its licence.

Both layouts are read into one: v2.x keeps a file an episode and JSON lines, v3.0 keeps episodes in shared files and Parquet.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lifeworld.core.errors import FileTooLarge, ForeignFileError, UnreadableFile
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import inside, natural

VERSIONS = ("v2.0", "v2.1", "v3.0")
MOST_JSON_BYTES = 256 * 2**20
MOST_EPISODES = 10_000_000
MOST_FEATURES = 4_096
MOST_META_BYTES = 4 * 2**30
"""Of a table of meta/, unpacked."""
_CHUNK = 1_000
_FIELD = re.compile(r"\{(\w+)(?::(0?\d{1,2})d)?\}")
_LICENCE = re.compile(r"^license:\s*[\"']?([\w.+-]{1,60})[\"']?\s*$", re.MULTILINE)
_SPDX = {
    word.lower(): word
    for word in (
        "Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0",
        "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0", "CC-BY-3.0", "CC-BY-SA-3.0", "GPL-3.0", "ODbL-1.0", "ODC-BY-1.0", "MPL-2.0", "Unlicense",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clip:
    """Where the pictures of an episode are: a file, from and to which of its seconds; to None if to its end."""

    file: Path
    start_s: float
    stop_s: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode as the data set lists it; `length` None where it does not say."""

    number: int
    length: int | None
    tasks: tuple[str, ...]
    data: Path
    clips: Mapping[str, Clip]
    license: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """A data set at `root`: rows a second, its features, its texts by number, its episodes."""

    root: Path
    version: str
    fps: float
    robot: str
    features: Mapping[str, Mapping[str, Any]]
    tasks: Mapping[int, str]
    episodes: Sequence[Listed]
    license: str
    splits: Mapping[str, str] = field(default_factory=dict)

    def split(self, number: int) -> str:
        """The name of the split an episode is in, "" of none."""
        for name, said in self.splits.items():
            first, _, stop = str(said).partition(":")
            if first.isdigit() and stop.isdigit() and int(first) <= number < int(stop):
                return name
        return ""


def read_about(root: Path, report: Report) -> About:
    """What the data set says of itself.

    Raises:
        UnreadableFile: if it is of another version, or its meta/ is damaged.
        UnsafeFile: if it names files outside its folder.
        FileTooLarge: if it says more than any data set has.
    """
    info = _json(root / "meta/info.json")
    version = info.get("codebase_version")
    if version not in VERSIONS:
        raise UnreadableFile(
            "a LeRobot data set of another version",
            where=str(root / "meta/info.json"),
            got=version,
            expected=" or ".join(VERSIONS),
            fix="LeRobot converts older ones (convert_dataset_v21_to_v30 and its like).",
        )
    fps, features = info.get("fps"), info.get("features")
    if not isinstance(fps, int | float) or not math.isfinite(fps) or not 0 < fps <= 1e6:
        raise UnreadableFile("fps is no rate", where=str(root / "meta/info.json"), got=fps, expected="rows a second")
    if not isinstance(features, dict) or not all(isinstance(f, dict) and isinstance(f.get("dtype"), str) for f in features.values()):
        raise UnreadableFile("features do not say what they are", where=str(root / "meta/info.json"), expected="a dtype for each")
    if len(features) > MOST_FEATURES:
        raise FileTooLarge("too many features", where=str(root / "meta/info.json"), got=len(features), expected=f"at most {MOST_FEATURES}")
    new = version == "v3.0"
    tasks = _tasks_table(root / "meta/tasks.parquet") if new else _tasks_lines(root / "meta/tasks.jsonl")
    episodes = sorted(_episodes_table(root, info) if new else _episodes_lines(root, info), key=lambda e: e.number)
    said = info.get("total_episodes")
    if said != len(episodes):
        report.note(f"meta/info.json says {said} episodes, there are {len(episodes)} in the list")
    robot, splits = info.get("robot_type"), info.get("splits")
    return About(
        root=root,
        version=version,
        fps=float(fps),
        robot=robot[:100] if isinstance(robot, str) else "",
        features=features,
        tasks=tasks,
        episodes=episodes,
        license=_licence(root / "README.md"),
        splits=splits if isinstance(splits, dict) else {},
    )


# -- v3.0 ------------------------------------------------------------------------------------------------------------------


def _episodes_table(root: Path, info: Mapping[str, Any]) -> Iterator[Listed]:
    cameras = _cameras(info)
    files = sorted((root / "meta/episodes").glob("*/*.parquet"), key=lambda p: natural(p.relative_to(root).as_posix()))
    if not files:
        raise UnreadableFile("the episodes are not listed", where=str(root), expected="meta/episodes/chunk-000/file-000.parquet")
    seen: set[int] = set()
    for file in files:
        for row in _table(file, leave_out="stats/").to_pylist():
            try:
                number = int(row["episode_index"])
                places = {"": (row["data/chunk_index"], row["data/file_index"])}
                places |= {key: (row[f"videos/{key}/chunk_index"], row[f"videos/{key}/file_index"]) for key in cameras}
                filled = {key: _filled(info, key, chunk_index=chunk, file_index=index) for key, (chunk, index) in places.items()}
                clips = {
                    key: Clip(
                        inside(root, filled[key]), float(row[f"videos/{key}/from_timestamp"]), float(row[f"videos/{key}/to_timestamp"])
                    )
                    for key in cameras
                }
                listed = Listed(
                    number=number,
                    length=int(row["length"]),
                    tasks=tuple(str(task) for task in row.get("tasks") or ()),
                    data=inside(root, filled[""]),
                    clips=clips,
                    license=str(row.get("x_world/licence") or ""),
                    origin=str(row.get("x_world/source") or ""),
                )
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise UnreadableFile(
                    "a row of the list of episodes is wrong", where=str(file), got=f"{type(error).__name__}: {error}"
                ) from error
            if number in seen:
                raise UnreadableFile("an episode is listed twice", where=str(file), got=number)
            seen.add(number)
            yield listed


def _tasks_table(path: Path) -> dict[int, str]:
    table = _table(path)
    text = next((name for name in ("task", "__index_level_0__") if name in table.column_names), None)
    if text is None or "task_index" not in table.column_names:
        raise UnreadableFile(
            "the tasks are not as LeRobot writes them", where=str(path), got=table.column_names, expected=["task_index", "task"]
        )
    return {int(k): str(t) for k, t in zip(table["task_index"].to_pylist(), table[text].to_pylist(), strict=True) if k is not None}


def _table(path: Path, *, leave_out: str = "\0") -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:
            size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
            if size > MOST_META_BYTES or file.metadata.num_rows > MOST_EPISODES:
                raise FileTooLarge("a table is too large", where=str(path), got=f"{file.metadata.num_rows} rows, {size} bytes")
            return file.read(columns=[name for name in file.schema_arrow.names if not name.startswith(leave_out)])
    except (OSError, pa.ArrowException) as error:
        raise UnreadableFile("a table cannot be read", where=str(path), got=str(error)) from error


# -- v2.x ------------------------------------------------------------------------------------------------------------------


def _episodes_lines(root: Path, info: Mapping[str, Any]) -> Iterator[Listed]:
    cameras, per_chunk = _cameras(info), info.get("chunks_size", _CHUNK)
    seen: set[int] = set()
    for place, row in enumerate(_lines(root / "meta/episodes.jsonl")):
        try:
            number, length = int(row["episode_index"]), row.get("length")
            which = {"episode_index": number, "episode_chunk": number // int(per_chunk)}
            listed = Listed(
                number=number,
                length=None if length is None else int(length),
                tasks=tuple(str(task) for task in row.get("tasks") or ()),
                data=inside(root, _filled(info, "", **which)),
                clips={key: Clip(inside(root, _filled(info, key, **which)), 0.0, None) for key in cameras},
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            where = f"{root / 'meta/episodes.jsonl'}:{place + 1}"
            raise UnreadableFile("a line of the list of episodes is wrong", where=where, got=f"{type(error).__name__}: {error}") from error
        if number in seen:
            raise UnreadableFile("an episode is listed twice", where=f"{root / 'meta/episodes.jsonl'}:{place + 1}", got=number)
        seen.add(number)
        yield listed


def _tasks_lines(path: Path) -> dict[int, str]:
    try:
        return {int(row["task_index"]): str(row["task"]) for row in _lines(path)}
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile("a task is wrong", where=str(path), got=f"{type(error).__name__}: {error}") from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(_text(path).splitlines()):
        if line.strip():
            if place >= MOST_EPISODES:
                raise FileTooLarge("too many lines", where=str(path), expected=f"at most {MOST_EPISODES:,}")
            yield _object(line, f"{path}:{place + 1}")


# -- both ------------------------------------------------------------------------------------------------------------------


def _cameras(info: Mapping[str, Any]) -> list[str]:
    return [key for key, feature in info["features"].items() if feature["dtype"] == "video"]


def _filled(info: Mapping[str, Any], key: str, **numbers: int) -> str:
    """A path by its template; nothing in it but numbers and the feature's name is ever looked up."""
    template = info.get("video_path" if key else "data_path")
    if not isinstance(template, str):
        raise ValueError(f"no {'video_path' if key else 'data_path'} in meta/info.json")
    values: dict[str, int | str] = {**numbers, "video_key": key}

    def value(match: re.Match[str]) -> str:
        held = values[match[1]]
        return format(int(held), f"{match[2] or ''}d") if isinstance(held, int) else held

    return _FIELD.sub(value, template)


def _json(path: Path) -> dict[str, Any]:
    return _object(_text(path), str(path))


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("this is no JSON", where=where, got=str(error)) from error
    if not isinstance(found, dict):
        raise UnreadableFile("this is no JSON object", where=where, got=type(found).__name__)
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            raise FileTooLarge("a file of meta/ is too large", where=str(path), expected=f"at most {MOST_JSON_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile("a file of meta/ cannot be read", where=str(path), got=str(error)) from error


def _licence(card: Path) -> str:
    """The licence that the head of a data set's card names, as SPDX where it is one of the usual."""
    try:
        text = _text(card)
    except ForeignFileError:
        return ""
    head = text.split("---", 2)
    found = _LICENCE.search(head[1]) if len(head) == 3 and not head[0].strip() else None
    return _SPDX.get(found[1].lower(), found[1]) if found else ""
