"""LeRobot data sets, v2.0 to v3.0 (meta/, data/, videos/), an episode each.

| feature | becomes |
|---|---|
| `action`; without it `action.X` | `action@ROBOT`; `action@X` |
| `observation.state`; without it `observation.state.X` | `embodiment_state@ROBOT`; `embodiment_state@X` |
| videos and images `observation.images.CAM` | `rgb@CAM`, at the times of the file, the camera's own packets |
| the same of depth (`is_depth_map`) | `depth_m@CAM`: PNG in millimetres; video in 4,096 levels, of which the lowest is "not known" |
| `next.reward`, `next.done` | `reward`, `terminated`, one row later: that is when they are known |
| `task_index` | `instruction`, where it changes |
| other numbers | `reading@NAME` |

Rows stand at `frame_index / fps`, or at `timestamp` where that says otherwise. A video may have another rate than the rows: its frames
stand at its own times, or at those of rows if they all are within 1 ms of one. Videos that hold several episodes are cut: packets are kept
where the cut lets them be, else frames are decoded when they are asked for and encoded anew when they are sealed.

An episode that is broken (rows missing or without an episode, empty or short videos, videos of which one of the frames that statistics are
made of cannot be decoded) is skipped by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Origin, Terms
from lifeworld.core.signal import SIGNALS, Stream, stream_name
from lifeworld.core.time import Clock, Times
from lifeworld.episode.codec.packets import VideoInfo, scan_video
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate
from lifeworld.episode.formats.lerobot_depth import DepthVideo, Levels
from lifeworld.episode.formats.lerobot_files import Rows, frames_of, numbers_of, range_of, snapped
from lifeworld.episode.formats.lerobot_meta import About, Clip, Listed, read_about
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, digest, inside, word
from lifeworld.episode.formats.stills import Stills, decode_grey16
from lifeworld.episode.view.stats import looked_at

ACTION, STATE, IMAGES = "action", "observation.state", ("observation.images.", "observation.image.", "observation.")
COUNTED = ("timestamp", "frame_index", "episode_index", "index", "task_index")
LANGUAGE = ("language_persistent", "language_events")
MOST_CHANNELS = 4_096
MOST_ORPHANS = 3
"""Named of each sort; the others are counted."""
_EVEN_S = 2e-3
"""Rows so near to frame_index / fps are taken to be there: float32 seconds do not say it better."""
_CLOCK = Clock(source="rows", uncertainty_ns=None)


def read(path: Path, *, report: Report, origin: str = "", license: str = "") -> Iterator[Episode]:
    """The episodes of a data set, in the order of their numbers.

    `origin` is measured where neither it nor the data set says otherwise; `license` goes before that of the data set's card.

    Raises:
        UnreadableFile: if it is of another version, or its meta/ is damaged.
        UnsafeFile: if it names files outside its folder.
    """
    about = read_about(path, report)
    _orphans(about, report)
    rows: Rows | None = None
    for listed in about.episodes:
        name = f"{path.name}, episode {listed.number}"
        try:
            if rows is None or rows.path != listed.data:
                rows = Rows(listed.data)
                _strangers(rows, about, report)
            terms = Terms(license=license or listed.license or about.license)
            yield _Reading(about, listed, rows, Origin(origin or listed.origin or "measured"), terms, report).episode()
        except InputError as error:
            report.skip(name, str(error).replace(f"{path}/", ""))


class _Reading:
    """One episode as it is put together."""

    def __init__(self, about: About, listed: Listed, rows: Rows, origin: Origin, terms: Terms, report: Report) -> None:
        self.about, self.listed, self.report = about, listed, report
        self.origin, self.terms = origin, terms
        self.where = f"episode {listed.number}"
        self.table = rows.read(listed.number)
        if listed.length is not None and listed.length != len(self.table):
            raise UnreadableFile(
                "not all rows of the episode are there", where=str(listed.data), got=len(self.table), expected=f"{listed.length} rows"
            )
        self.times = self._times()
        self.robot = word(about.robot, otherwise="robot")
        self.streams: dict[str, Stream] = {}
        self.legend: dict[str, tuple[str, ...]] = {}

    def episode(self) -> Episode:
        for key, feature in self.about.features.items():
            if key not in COUNTED:
                self._feature(key, feature)
        task = self._instruction()
        about, number = self.about, self.listed.number
        labels = {"robot": about.robot, "episode": str(number), "split": about.split(number), "task": task}
        files = [self.listed.data, *(clip.file for clip in self.listed.clips.values())]
        whole = hashlib.sha256("".join(_digest(file) for file in files).encode()).hexdigest()
        return Episode(
            streams=self.streams,
            provenance=Source(about.root.resolve().name, whole).provenance("lerobot", number),
            title=(task or f"{about.root.resolve().name} {number}")[:200],
            labels={name: text for name, text in labels.items() if text},
            legend=self.legend,
        )

    def _feature(self, key: str, feature: Mapping[str, Any]) -> None:
        about, dtype = self.about, feature["dtype"]
        if dtype == "video":
            self._video(key, feature, self.listed.clips[key])
        elif dtype == "image":
            self._images(key, feature)
        elif dtype == "string" or key in LANGUAGE or dtype == "language":
            self._text(key)
        elif key == "next.reward":
            self._put("reward", self._numbers(key).reshape(len(self.times), -1)[:, 0].astype(np.float64), times=self._later())
        elif key == "next.done":
            self._put("terminated", self._numbers(key).reshape(len(self.times), -1)[:, 0] != 0, times=self._later())
        elif key == ACTION or (key.startswith(f"{ACTION}.") and ACTION not in about.features):
            self._vector("action", key, feature, self.robot if key == ACTION else word(key.removeprefix(f"{ACTION}.")))
        elif key == STATE or (key.startswith(f"{STATE}.") and STATE not in about.features):
            self._vector("embodiment_state", key, feature, self.robot if key == STATE else word(key.removeprefix(f"{STATE}.")))
        else:
            self._vector("reading", key, feature, word(key.removeprefix("observation.")))

    def _vector(self, signal: str, key: str, feature: Mapping[str, Any], source: str) -> None:
        values = self._numbers(key)
        with np.errstate(invalid="ignore"):  # a damaged file may hold NaNs of the sort that signal
            exact = values.reshape(len(values), -1).astype(np.float64)
        if exact.shape[1] > MOST_CHANNELS or exact.shape[1] == 0:
            self.report.note(f"left out {key}: {exact.shape[1]} numbers a row, which is no reading")
            return
        if values.dtype.kind in "iu" and not np.array_equal(exact.astype(values.dtype), values.reshape(exact.shape)):
            self.report.note(f"{self.where}: {key} holds whole numbers over 2^53, which are rounded")
        self._put(signal, exact, source=source)
        names = _names(feature.get("names"), exact.shape[1])
        if signal == "reading" and not names:
            names = (key,) if exact.shape[1] == 1 else tuple(f"{key} {i}" for i in range(exact.shape[1]))
        if names:
            self.legend[f"{signal}@{source}"] = names

    def _video(self, key: str, feature: Mapping[str, Any], clip: Clip) -> None:
        info = _scanned(clip.file)
        first, stop = range_of(info, clip.start_s, clip.stop_s)
        count = stop - first
        if count < 1:
            raise UnreadableFile("the video has no frames of the episode", where=str(clip.file), got=f"it ends at {_end_s(info):.3f} s")
        times = snapped(info.times_ns[first:stop] - round(clip.start_s * 1e9), self.times)
        lasts = int(np.median(np.diff(times))) if count > 1 else int(1e9 / self.about.fps)
        if int(times[-1]) + 1.5 * lasts < int(self.times[-1]):
            raise UnreadableFile(
                "the video ends before the rows",
                where=str(clip.file),
                got=f"{times[-1] / 1e9:.3f} s",
                expected=f"{self.times[-1] / 1e9:.3f} s",
            )
        clock = Clock(source="video", uncertainty_ns=None)
        if _is_depth(feature):
            levels = Levels.of(feature.get("info") or feature.get("video_info") or {})
            depth = DepthVideo(clip.file, info, first, stop, levels)
            depth.take(looked_at(count))
            self._put("depth_m", depth, source=_camera(key), times=times, clock=clock)
            return
        values, copied = frames_of(clip.file, info, first, stop)
        values[looked_at(count)]
        if not copied:
            self.report.note(f"{clip.file.name} of {key} cannot be cut between its packets: what is sealed of it is encoded anew")
        self._put("rgb", values, source=_camera(key), times=times, clock=clock)

    def _images(self, key: str, feature: Mapping[str, Any]) -> None:
        encoded = self._encoded(key)
        if _is_depth(feature):
            maps = np.stack([decode_grey16(one, where=f"{self.where}, {key}") for one in encoded])
            depth = np.where(maps == 0, np.nan, maps / 1000).astype(np.float32)
            self.report.note(f"{key}: depth taken to be millimetres, 0 not known")
            self._put("depth_m", depth, source=_camera(key))
        else:
            self._put("rgb", Stills(encoded, where=f"{self.where}, {key}"), source=_camera(key))

    def _encoded(self, key: str) -> list[bytes]:
        """The pictures of a column: in the rows, or in files that they name."""
        if key not in self.table.column_names:
            raise UnreadableFile("a feature has no column", where=str(self.listed.data), expected=key)
        out = []
        for row, held in enumerate(self.table[key].to_pylist()):
            data = held.get("bytes") if isinstance(held, dict) else held
            if data is None and isinstance(held, dict) and held.get("path"):
                data = inside(self.about.root, held["path"]).read_bytes()
            if not isinstance(data, bytes):
                raise UnreadableFile("a picture is missing", where=f"{self.listed.data}, {key}, row {row}")
            out.append(data)
        return out

    def _text(self, key: str) -> None:
        column = self.table[key] if key in self.table.column_names else None
        if column is None or not pa.types.is_string(column.type) or "instruction" not in key or "instruction" in self.streams:
            self.report.note(f"left out {key}: text in every row")
            return
        self._say([text or "" for text in column.to_pylist()])

    def _instruction(self) -> str:
        """What the rows say is to be done; the first of it."""
        if "instruction" not in self.streams:
            tasks, texts = self.about.tasks, list(self.listed.tasks[:1]) * len(self.times)
            if "task_index" in self.table.column_names:
                which = self._numbers("task_index").reshape(-1).tolist()
                texts = [tasks.get(k, "") for k in which]
                if unknown := set(which) - tasks.keys():
                    self.report.note(f"{self.where}: its rows name tasks that are not listed: {_some(sorted(unknown))}")
            if any(texts):
                self._say(texts)
        told = self.streams.get("instruction")
        return str(told.values[0]) if told is not None else ""

    def _say(self, texts: list[str]) -> None:
        changes = [k for k, text in enumerate(texts) if k == 0 or text != texts[k - 1]]
        signal = SIGNALS["instruction"]
        longest = signal.dtype.itemsize // 4
        if any(len(texts[k]) > longest for k in changes):
            self.report.note(f"{self.where}: instructions longer than {longest} letters are cut")
        self._put("instruction", np.array([texts[k][:longest] for k in changes], signal.dtype), times=self.times[changes])

    def _numbers(self, key: str) -> NDArray[Any]:
        if key not in self.table.column_names:
            raise UnreadableFile("a feature has no column", where=str(self.listed.data), expected=key)
        return numbers_of(self.table[key], f"{self.listed.data}, {key}")

    def _times(self) -> Times:
        even = from_rate(len(self.table), self.about.fps)
        if "timestamp" not in self.table.column_names:
            return even
        said = np.asarray(self._numbers("timestamp"), dtype=np.float64).reshape(-1)
        said = said - said[0] if len(said) else said
        if len(said) != len(even) or not np.isfinite(said).all() or np.abs(said).max(initial=0) > 1e9:
            raise UnreadableFile("timestamp is not one time for each row", where=str(self.listed.data))
        tolerance = max(_EVEN_S, float(np.spacing(np.float32(said[-1]))))
        if np.abs(said - even / 1e9).max(initial=0) <= tolerance:
            return even
        self.report.note(f"{self.where}: its rows are not {self.about.fps:g} a second; their times are those they say")
        return np.asarray(np.rint(said * 1e9), dtype=np.int64)

    def _later(self) -> Times:
        step = int(self.times[-1] - self.times[-2]) if len(self.times) > 1 else round(1e9 / self.about.fps)
        return np.append(self.times[1:], self.times[-1] + step)

    def _put(self, signal: str, values: Any, *, source: str = "", times: Times | None = None, clock: Clock = _CLOCK) -> None:
        name = stream_name(signal, source)
        if name in self.streams:
            raise UnreadableFile("two features of one name", where=str(self.about.root), got=name)
        times = self.times if times is None else times
        self.streams[name] = Stream(SIGNALS[signal], times, values, origin=self.origin, source=source, terms=self.terms, clock=clock)


def _strangers(rows: Rows, about: About, report: Report) -> None:
    """Rows of episodes that are not listed."""
    listed = {each.number for each in about.episodes}
    if unknown := sorted(rows.episodes() - listed):
        count = int(np.isin(rows.of, unknown).sum())
        report.skip(rows.path.relative_to(about.root).as_posix(), f"{count} rows belong to no episode that is listed: {_some(unknown)}")


def _orphans(about: About, report: Report) -> None:
    """Files that no episode is in."""
    known = {each.data for each in about.episodes} | {clip.file for each in about.episodes for clip in each.clips.values()}
    found = [*about.root.glob("data/*/*.parquet"), *about.root.glob("videos/**/*.mp4")]
    if others := sorted(p.relative_to(about.root).as_posix() for p in found if p not in known):
        report.note(f"{len(others)} files belong to no episode that is listed: {_some(others)}")


def _some(items: list[Any]) -> str:
    more = len(items) - MOST_ORPHANS
    return ", ".join(map(str, items[:MOST_ORPHANS])) + (f" and {more} more" if more > 0 else "")


def _names(said: Any, count: int) -> tuple[str, ...]:
    """What the numbers of a feature are called: a list, a list in a list, or lists by sort; empty if it does not fit."""
    if isinstance(said, dict):
        said = [name for group in said.values() for name in (group if isinstance(group, list) else [group])]
    while isinstance(said, list) and len(said) == 1 and isinstance(said[0], list):
        said = said[0]
    return tuple(str(name) for name in said) if isinstance(said, list) and len(said) == count else ()


def _is_depth(feature: Mapping[str, Any]) -> bool:
    about = feature.get("info") or feature.get("video_info") or {}
    return isinstance(about, dict) and bool(about.get("is_depth_map") or about.get("video.is_depth_map"))


def _camera(key: str) -> str:
    for start in IMAGES:
        if key.startswith(start) and key != start:
            return word(key.removeprefix(start), otherwise="camera")
    return word(key, otherwise="camera")


def _end_s(info: VideoInfo) -> float:
    return float(info.times_ns[-1]) / 1e9


def _scanned(file: Path) -> VideoInfo:
    try:
        status = file.stat()
    except OSError as error:
        raise UnreadableFile("the video is missing", where=str(file), got=error.strerror) from None
    if not status.st_size:
        raise UnreadableFile("the video is empty", where=str(file), got="0 bytes")
    return _scanned_once(file, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _scanned_once(file: Path, _changed: int) -> VideoInfo:
    """Shared videos are scanned once, not for each episode in them."""
    return scan_video(file)


def _digest(file: Path) -> str:
    return _digested(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _digested(file: Path, _changed: int) -> str:
    return digest(file)
