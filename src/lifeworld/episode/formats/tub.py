"""donkeycar tubs, format v2: a manifest of five JSON lines, catalogs of JSON lines, a folder of JPEGs; cut where the clock jumps.

    cam/image_array     rgb@camera: the JPEGs as they are, one after the other in an mp4 (reel.py)
    user/angle          action@car, steering, −1 (left) to 1 (right)
    user/throttle       action@car, throttle, −1 to 1
    other numbers       reading@NAME, vectors too (imu/acl_x, pilot/angle …); booleans as 0 and 1
    words (user/mode)   a label where it never changes, otherwise reading@NAME with numbers that its legend explains

Times are `_timestamp_ms`; an episode ends where the next record is more than GAP_S later, or earlier, or of another session's.
Deleted records are left out: what lies on both sides of one stays one episode, its times tell.

Source: autorope/donkeycar, donkeycar/parts/tub_v2.py and datastore_v2.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, ForeignFileError, UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import Clock, Times
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.reel import picture, reel
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, inside, word
from lifeworld.episode.formats.words import coded

GAP_S = 1.0
MOST_LINE, MOST_MANIFEST = 1_000_000, 64 * 2**20
MOST_RECORDS, MOST_MS = 20_000_000, 10**14
ACTIONS = ("user/angle", "user/throttle")
_CLOCK = Clock(source="car", uncertainty_ns=None)
_NUMBERS = ("float", "int", "boolean", "bool")
_VECTORS = ("vector", "list", "ndarray", "nparray")
_PICTURES = ("image_array", "image", "gray16_array")

Record = dict[str, Any]


def read(path: Path, *, report: Report, gap_s: float = GAP_S) -> Iterator[Episode]:
    """The episodes of a tub's folder.

    Raises:
        UnreadableFile: if the manifest is broken, or no record can be used.
        UnsafeFile: if a name leads out of the folder.
    """
    kinds, said = _manifest(path)
    source = Source.of(path)
    number = 0
    for records in _stretches(_records(path, said, report), round(gap_s * 1000)):
        episode = _episode(path, records, kinds, source, number, report)
        if episode is not None:
            yield episode
            number += 1
    if not number:
        raise UnreadableFile("the tub holds no record that can be used", where=path.name, got=f"{len(report.skipped)} skipped")


def is_tub(path: Path) -> bool:
    """Whether a folder is a tub: its manifest names catalogs."""
    try:
        _manifest(path)
    except (ForeignFileError, OSError):
        return False
    return True


def _manifest(path: Path) -> tuple[dict[str, str], Record]:
    """What each input of a record is, and the manifest's last line."""
    file = path / "manifest.json"
    try:
        if file.stat().st_size > MOST_MANIFEST:
            raise FileTooLarge("the manifest is too large", where=file.name, expected=f"at most {MOST_MANIFEST:,} bytes")
        lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines() if line.strip()]
        inputs, types, _, _, said = lines[:5]
        if not isinstance(said["paths"], list) or len(inputs) != len(types):
            raise ValueError("its lines do not fit together")
        return dict(zip(map(str, inputs), map(str, types), strict=True)), said
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise UnreadableFile(
            "this is no manifest of a tub", where=f"{path.name}/manifest.json", got=str(error), expected="five lines of JSON (donkeycar v2)"
        ) from error


def _records(path: Path, said: Record, report: Report) -> Iterator[Record]:
    """The records that are not deleted, in the order of their catalogs."""
    deleted = {int(i) for i in said.get("deleted_indexes", ()) if isinstance(i, int)}
    left_out = count = 0
    for name in said["paths"]:
        catalog = inside(path, name)
        if not catalog.is_file():
            report.skip(str(name), "the manifest names it, but it is not there")
            continue
        with catalog.open("rb") as file:
            line_number = 0
            while line := file.readline(MOST_LINE):
                line_number += 1
                count += 1
                if count > MOST_RECORDS:
                    raise FileTooLarge("the tub holds too many records", where=path.name, expected=f"at most {MOST_RECORDS:,}")
                try:
                    record = msgspec.json.decode(line)
                    index, at_ms = record["_index"], record["_timestamp_ms"]
                    if type(index) is not int or type(at_ms) is not int or abs(at_ms) > MOST_MS:
                        raise ValueError("its index and time are whole numbers")
                except (ValueError, KeyError, TypeError, RecursionError) as error:
                    report.skip(f"{name}, line {line_number}", f"it is no record: {error}")
                    continue
                if index in deleted:
                    left_out += 1
                else:
                    yield record
    if left_out:
        report.note(f"{left_out} deleted records left out")


def _stretches(records: Iterator[Record], most_ms: int) -> Iterator[list[Record]]:
    """Records between which the clock runs on."""
    held: list[Record] = []
    for record in records:
        if held:
            before = held[-1]
            step = record["_timestamp_ms"] - before["_timestamp_ms"]
            if not 0 <= step <= most_ms or record.get("_session_id") != before.get("_session_id"):
                yield held
                held = []
        held.append(record)
    if held:
        yield held


def _episode(path: Path, records: list[Record], kinds: dict[str, str], source: Source, number: int, report: Report) -> Episode | None:
    seen: dict[str, list[Path]] = {}
    sizes: dict[str, tuple[str, int, int]] = {}
    kept: list[Record] = []
    cameras = [name for name, kind in kinds.items() if kind in _PICTURES[:2]]
    for record in records:
        here = f"record {record['_index']}"
        if kept and record["_timestamp_ms"] == kept[-1]["_timestamp_ms"]:
            report.skip(here, "it has the same time as the record before it")
            continue
        try:
            found = {name: inside(path / "images", record.get(name)) for name in cameras}
            for name, file in found.items():
                size = picture(file)
                if sizes.setdefault(name, size) != size:
                    raise UnreadableFile("another size", where=file.name, got=size[1:], expected=sizes[name][1:])
            _numbers(record, kinds)
        except UnreadableFile as error:
            report.skip(here, str(error))
            continue
        for name, file in found.items():
            seen.setdefault(name, []).append(file)
        kept.append(record)
    if not kept:
        return None
    start_ms = kept[0]["_timestamp_ms"]
    times: Times = np.array([(record["_timestamp_ms"] - start_ms) * 1_000_000 for record in kept], dtype=np.int64)
    episode = Episode(streams={}, provenance=source.provenance("tub", number), title=f"{path.resolve().name} {number}")
    streams, legend, labels = _logged(kept, kinds, times, report)
    for name, files in seen.items():
        codec, height, width = sizes[name]
        camera = "camera" if len(cameras) == 1 else word(name.removeprefix("cam/").removesuffix("image_array"))
        video = reel((file.read_bytes() for file in files), times, codec=codec, height=height, width=width, where=files[0].name)
        streams.append(_measured("rgb", camera, times, video))
    for stream in streams:
        episode = episode.with_stream(stream)
    labels |= {"session": str(kept[0].get("_session_id", "")), "recorded": _iso(start_ms)}
    return Episode(streams=episode.streams, provenance=episode.provenance, title=episode.title, labels=labels, legend=legend)


def _numbers(record: Record, kinds: dict[str, str]) -> None:
    """Raises UnreadableFile if a number of a record is none."""
    for name, kind in kinds.items():
        value = record.get(name)
        if kind in _NUMBERS and not isinstance(value, int | float):
            raise UnreadableFile(f"{name} is no number", got=value)


def _logged(
    records: list[Record], kinds: dict[str, str], times: Times, report: Report
) -> tuple[list[Stream], dict[str, tuple[str, ...]], dict[str, str]]:
    streams: list[Stream] = []
    legend: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    for name, kind in kinds.items():
        values = [record.get(name) for record in records]
        if name in ACTIONS or kind in _PICTURES[:2]:
            continue
        if kind in _NUMBERS:
            numbers = np.array(values, dtype=np.float64)[:, None]
        elif kind in _VECTORS and len({len(v) if isinstance(v, list) else -1 for v in values} - {-1}) == 1 and all(map(_plain, values)):
            numbers = np.array(values, dtype=np.float64)
        elif kind == "str" and len(set(map(str, values))) == 1:
            labels[name] = str(values[0])[:200]
            continue
        elif kind == "str":
            codes, words = coded([str(v) for v in values])
            numbers, name = codes[:, None], f"{name} [{words}]"
        else:
            report.note(f"{name} of type {kind} is left out: no signal is like it")
            continue
        streams.append(_measured("reading", word(name.partition(" ")[0]), times, numbers))
        width = numbers.shape[1]
        legend[f"reading@{streams[-1].source}"] = (name,) if width == 1 else tuple(f"{name}[{i}]" for i in range(width))
    if all(name in kinds for name in ACTIONS):
        actions = np.array([[record[name] for name in ACTIONS] for record in records], dtype=np.float64)
        streams.append(_measured("action", "car", times, actions))
        legend["action@car"] = ("steering", "throttle")
    return streams, legend, labels


def _plain(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, int | float) for v in value)


def _measured(signal: str, of: str, times: Times, values: NDArray[Any] | Any) -> Stream:
    return Stream(SIGNALS[signal], times, values, origin=Origin.MEASURED, source=of, clock=_CLOCK)


def _iso(ms: int) -> str:
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"
