"""Recordings in HDF5, by the four ways the field lays them out; pictures stay in the file until they are read.

    robomimic, LIBERO       data/demo_K/{actions, obs/NAME, rewards, dones}      an episode a demo; rate and simulator from env_args
    ALOHA, ACT              action, observations/{qpos, qvel, images/CAMERA}     an episode a file; 50 Hz
    stable-worldmodel       pixels, action … with ep_len, ep_offset              an episode a stretch of rows
    D4RL and anything else  arrays of one length                                 cut after terminals and timeouts, else one episode

Actions become action@robot; qpos (with qvel), proprio, robot_state or state embodiment_state@robot; pictures rgb@NAME; reward, terminated,
truncated and instruction where they are; any other numbers reading@NAME. Where neither times nor a rate are known, rows are put 0.1 s apart
with a note, and the clock says that nobody knows.

Sources: robomimic.github.io (dataset structure); LIBERO (problem_info); github.com/tonyzhaozh/aloha (record_episodes.py, DT = 0.02 s);
stable-worldmodel (HDF5 format); github.com/Farama-Foundation/D4RL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError, UnreadableFile
from lifeworld.core.origin import Origin, Terms
from lifeworld.core.signal import SIGNALS, Stream, stream_name
from lifeworld.core.time import Clock
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate, in_ns, time_unit, told_unit
from lifeworld.episode.formats.hdf5_file import Frames, Table, below, is_pictures, numbers, opened, said, tables, texts
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, files_in, natural, word
from lifeworld.episode.formats.stills import Stills

USUAL_HZ, ALOHA_HZ = 10.0, 50.0
SUFFIXES = (".hdf5", ".h5", ".hdf")
MOST_CHANNELS = 4096
ACTIONS = ("action", "actions")
STATES = ("qpos", "proprio", "robot_state", "state")
ENDS = {
    "terminated": ("terminated", "terminals", "terminal", "dones", "done"),
    "truncated": ("truncated", "timeouts", "timeout"),
    "reward": ("reward", "rewards"),
}
SAID = ("instruction", "language_instruction", "task", "language")
SIMULATORS = {1: "robosuite", 2: "Gym", 3: "iGibson"}
"""robomimic's EnvType: all of them simulate."""


@dataclass(frozen=True, slots=True)
class Part:
    """One episode's place in a file: its datasets by the name each has in it, and its rows."""

    title: str
    columns: Mapping[str, Table]
    first: int
    count: int
    hz: float | None = None
    origin: Origin = Origin.MEASURED
    instruction: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def read(path: Path, *, report: Report, fps: float | None = None, origin: str | None = None, license: str = "") -> Iterator[Episode]:
    """The episodes of an .hdf5 file, or of all in a folder.

    `fps` is rows a second, `origin` measured or simulated, each where the file does not say or is wrong.

    Raises:
        MissingExtra: without h5py.
        UnreadableFile: if it is no HDF5 file, or nothing in it is an episode.
        UnsafeFile: if it leads to other files.
        FileTooLarge: if it is over a limit.
    """
    files = [path] if path.is_file() else [p for p in files_in(path) if p.suffix.lower() in SUFFIXES]
    if not files:
        raise UnreadableFile("there is no HDF5 file here", where=str(path), expected=" or ".join(SUFFIXES))
    for each in files:
        source = Source.of(each)
        with opened(each) as file:
            parts = _parts(file, tables(file, report, where=each.name), report, each)
        if not parts:
            raise UnreadableFile("there is no episode in it", where=str(each), expected="data/demo_0, action, or arrays of one length")
        for number, part in enumerate(parts):
            where = f"{each.name}, {part.title}"
            try:
                with opened(each) as file:
                    streams, legend = _streams(file, each, part, where, fps, Origin(origin or part.origin), Terms(license=license), report)
            except (InputError, TypeError) as error:  # TypeError: what h5py raises for a type it cannot read
                report.skip(where, str(error))
                continue
            title = part.instruction or f"{each.stem} {part.title}"
            made = source.provenance("hdf5", number)
            yield Episode(streams=streams, provenance=made, title=title[:200], labels=dict(part.labels), legend=legend)


# -- where the episodes lie --------------------------------------------------------------------------------------------------


def _parts(file: Any, found: Mapping[str, Table], report: Report, path: Path) -> list[Part]:
    if any(name.startswith("data/demo") for name in found):
        return _robomimic(file, found, report)
    if "action" in found and any(name.startswith("observations/") for name in found):
        return [_aloha(file, found, path)]
    if "ep_len" in found and "ep_offset" in found:
        lengths, offsets = (numbers(file, found[name], slice(None), where=path.name).astype(np.int64) for name in ("ep_len", "ep_offset"))
        return _stretches({n: t for n, t in found.items() if n not in ("ep_len", "ep_offset")}, offsets, lengths, report, path)
    return _flat(file, found, report, path)


def _robomimic(file: Any, found: Mapping[str, Table], report: Report) -> list[Part]:
    data = file["data"]
    told = _told(said(data.attrs, "env_args"))
    kwargs = told.get("env_kwargs")
    hz = kwargs.get("control_freq") if isinstance(kwargs, dict) else None
    engine = SIMULATORS.get(told.get("type", 0))
    instruction = _told(said(data.attrs, "problem_info")).get("language_instruction", "")
    split = {
        demo: name
        for name in ("train", "valid", "test")
        if f"mask/{name}" in found
        for demo in texts(file, found[f"mask/{name}"], slice(None))
    }
    parts = []
    for demo in sorted({name.split("/")[1] for name in found if name.startswith("data/demo")}, key=natural):
        columns = below(found, f"data/{demo}/")
        doubles = [name for name in columns if name.startswith("next_obs/")]
        if doubles:
            report.note("left out next_obs: it is obs one row later")
        columns = {name.removeprefix("obs/"): table for name, table in columns.items() if name not in doubles}
        if "actions" not in columns or not columns["actions"].shape or columns["actions"].shape[0] < 1:
            report.skip(f"data/{demo}", "it has no actions")
            continue
        if said(data[demo].attrs, "model_file") is not None:
            report.note("left out model_file: the simulator's own scene, which lies in the original")
        labels = {"demo": demo, "environment": str(told.get("env_name", ""))[:200], "engine": engine or "", "split": split.get(demo, "")}
        parts.append(
            Part(
                title=demo,
                columns=columns,
                first=0,
                count=columns["actions"].shape[0],
                hz=float(hz) if isinstance(hz, int | float) and hz > 0 else None,
                origin=Origin.SIMULATED if engine else Origin.MEASURED,
                instruction=str(instruction).strip('"'),
                labels={name: text for name, text in labels.items() if text},
            )
        )
    return parts


def _aloha(file: Any, found: Mapping[str, Table], path: Path) -> Part:
    columns = {name.removeprefix("observations/").removeprefix("images/"): table for name, table in found.items()}
    simulated = bool(said(file.attrs, "sim"))
    return Part(
        title=path.stem,
        columns=columns,
        first=0,
        count=found["action"].shape[0],
        hz=ALOHA_HZ,
        origin=Origin.SIMULATED if simulated else Origin.MEASURED,
    )


def _flat(file: Any, found: Mapping[str, Table], report: Report, path: Path) -> list[Part]:
    """Arrays of one length: the length that most of them have."""
    lengths = [table.shape[0] for table in found.values() if table.shape]
    if not lengths:
        return []
    rows = max(set(lengths), key=lambda n: (lengths.count(n), n))
    columns = {name: table for name, table in found.items() if table.shape[:1] == (rows,)}
    for name in found.keys() - columns.keys():
        report.note(f"{path.name}: left out {name}, which has not {rows} rows as the others")
    ends = np.zeros(rows, bool)
    for name in (*ENDS["terminated"], *ENDS["truncated"]):
        if name in columns and columns[name].shape == (rows,) and columns[name].dtype.kind != "U":
            ends |= numbers(file, columns[name], slice(None), where=path.name) != 0
    if rows and not ends[-1]:
        ends[-1] = True
    stops = np.flatnonzero(ends) + 1
    starts = np.concatenate([[0], stops[:-1]]).astype(np.int64)
    return _stretches(columns, starts, stops - starts, report, path)


def _stretches(
    columns: Mapping[str, Table], starts: NDArray[np.int64], lengths: NDArray[np.int64], report: Report, path: Path
) -> list[Part]:
    if starts.shape != lengths.shape or starts.ndim != 1:
        raise ShapeError("ep_len and ep_offset do not fit", where=str(path), got=f"{lengths.shape}, {starts.shape}")
    rows = max((table.shape[0] for table in columns.values() if table.shape), default=0)
    parts = []
    for number, (first, count) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True)):
        if first < 0 or count < 1 or first + count > rows:
            report.skip(f"{path.name}, episode {number}", f"rows {first} to {first + count} of {rows} are none")
            continue
        whole = {name: table for name, table in columns.items() if table.shape[:1] == (rows,)}
        parts.append(Part(title=f"episode {number}" if len(starts) > 1 else "", columns=whole, first=first, count=count))
    return parts


def _told(text: Any) -> dict[str, Any]:
    """The JSON object in an attribute; empty where there is none."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# -- what they hold ----------------------------------------------------------------------------------------------------------


def _streams(
    file: Any, path: Path, part: Part, where: str, fps: float | None, origin: Origin, terms: Terms, report: Report
) -> tuple[dict[str, Stream], dict[str, tuple[str, ...]]]:
    rows = slice(part.first, part.first + part.count)
    streams: dict[str, Stream] = {}
    legend: dict[str, tuple[str, ...]] = {}
    columns, clock = dict(part.columns), Clock(source="rows", uncertainty_ns=None)
    times = _times(file, columns, part, rows, where, fps, report)

    def put(signal: str, values: Any, *, source: str = "", names: Sequence[str] = ()) -> None:
        key = stream_name(signal, source)
        kept = times[: 1 if signal == "instruction" else None]
        streams[key] = Stream(SIGNALS[signal], kept, values, origin=origin, source=source, terms=terms, clock=clock)
        if names:
            legend[key] = tuple(names)

    def block(name: str) -> NDArray[np.float64]:
        raw = numbers(file, columns.pop(name), rows, where=where)
        exact = raw.astype(np.float64).reshape(part.count, -1)
        if raw.dtype.kind in "iu" and not np.array_equal(exact.astype(raw.dtype).reshape(raw.shape), raw):
            report.note(f"{where}: {name} holds whole numbers over 2^53, which are rounded")
        return exact

    for name, table in part.columns.items():
        if name in columns and name != "compress_len" and (not table.shape or table.shape[0] < rows.stop):
            report.note(f"left out {name}: it has not one row for each action")
            del columns[name]
    act = next((name for name in ACTIONS if name in columns), None)
    if act is not None:
        put("action", block(act), source="robot")
    state = next((name for name in STATES if name in columns and columns[name].dtype.kind != "U"), None)
    if state is not None:
        bodies = [(state, block(state))] + ([("qvel", block("qvel"))] if state == "qpos" and "qvel" in columns else [])
        names = [f"{name} {i}" for name, held in bodies for i in range(held.shape[1])]
        put("embodiment_state", np.concatenate([held for _, held in bodies], axis=1), source="robot", names=names)
    for signal, known in ENDS.items():
        end = next((n for n in known if n in columns and prod(columns[n].shape[1:]) == 1 and columns[n].dtype.kind != "U"), None)
        if end is not None:
            held = block(end)[:, 0]
            put(signal, held if signal == "reward" else held != 0)
    told = next((name for name in SAID if name in columns and columns[name].dtype.kind == "U"), None)
    instruction = texts(file, columns.pop(told), slice(rows.start, rows.start + 1))[0] if told is not None else part.instruction
    if instruction:
        put("instruction", np.array([instruction], SIGNALS["instruction"].dtype))
    for name, table in sorted(columns.items()):
        short = table.short
        source = word(short if f"rgb@{word(short)}" not in streams and f"reading@{word(short)}" not in streams else name.replace("/", "_"))
        if is_pictures(table):
            put("rgb", Frames(path, table, part.first, part.count), source=source)
        elif table.dtype == np.uint8 and len(table.shape) == 2 and _encoded(file, table, rows):
            pictures = [row.tobytes() for row in numbers(file, table, rows, where=where)]
            put("rgb", Stills(pictures, where=f"{where}, {name}"), source=source)
            report.note("compressed pictures are taken as JPEG says: red first; ALOHA's own reader swaps them if the recorder did")
        elif table.dtype.kind == "U":
            report.note(f"left out {name}: texts for which there is no signal")
        elif name != "compress_len" and prod(table.shape[1:]) <= MOST_CHANNELS:
            columns[name] = table
            held = block(name)
            put("reading", held, source=source, names=[short] if held.shape[1] == 1 else [f"{short} {i}" for i in range(held.shape[1])])
        elif name != "compress_len":
            report.note(f"left out {name}: {table.dtype} {table.shape[1:]} at each moment, of which the file does not say what it is")
    if not streams:
        raise UnreadableFile("there is nothing in it that can be taken", where=where)
    return streams, legend


def _times(
    file: Any, columns: dict[str, Table], part: Part, rows: slice, where: str, fps: float | None, report: Report
) -> NDArray[np.int64]:
    """The rows' times [ns]: by the rate that was given, a column of times, the layout's rate, or the usual one with a note."""
    if fps is not None:
        return from_rate(part.count, fps)
    for name, table in columns.items():
        is_time, unit = time_unit(table.short)
        if is_time and table.dtype.kind in "iuf" and prod(table.shape[1:]) == 1:
            told = np.ravel(numbers(file, columns.pop(name), rows, where=where))
            if unit is None:
                unit, why = told_unit(told)
                report.note(f"{name}: {why}")
            return in_ns(told, unit)
    if part.hz is None:
        report.note(f"the file says no times: rows are put {1 / USUAL_HZ:g} s apart; give fps= if you know better")
    return from_rate(part.count, part.hz or USUAL_HZ)


def _encoded(file: Any, table: Table, rows: slice) -> bool:
    """Whether rows of bytes are JPEG or PNG."""
    return bytes(file[table.name][rows.start, :4]).startswith((b"\xff\xd8\xff", b"\x89PNG"))
