"""Recordings of others as episodes, one file a neighbour, told by what they hold.

    recording = open_recording("robot_g1")
    for episode in recording.episodes:          # read as they are asked for
        ...
    recording.report.skipped                    # what gave no episode, and why

A folder that is no data set of a known format is gone through: every recording in it gives its episodes, and one that is broken is
skipped by name. A reader is a module with `read(path, *, report, …) -> Iterator[Episode]`, loaded when it is needed.
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeworld.core.errors import InputError, MissingExtra, UnknownName, UnreadableFile, UnsafeFile
from lifeworld.episode.formats.report import OnRead, Report
from lifeworld.episode.formats.sniff import FOLDERS, FORMATS, SUFFIXES, Format, format_of, kind_of

if TYPE_CHECKING:
    from lifeworld.episode.episode import Episode

__all__ = ["FORMATS", "Format", "OnRead", "Recording", "Report", "open_recording"]

MOST_DEPTH = 16
"""Folders in folders."""
KNOWN = (
    "video or sound, mcap, hdf5, bvh, npz, csv, tfrecord; a folder of those, or of pictures; a LeRobot or RLDS data set, a tub, a bundle"
)
"""What can be taken in, in a line."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was found: the format (`media`, `lerobot` …; `folder` of several files), how many files or data sets, and their episodes.

    `report` is filled while `episodes` are read.
    """

    format: str
    pieces: int
    episodes: Iterator[Episode]
    report: Report


def open_recording(path: str | os.PathLike[str], *, on_read: OnRead | None = None, **options: Any) -> Recording:
    """The recording at a path, its episodes not yet read. `options` go to the reader: `fps` for files that say no times, `unit` and `up`
    for BVH … `on_read` is told how far a film is read.

    Raises:
        UnreadableFile: if it is no recording of a known format, or a folder without any.
        UnsafeFile: if it is a pickle.
        UnknownName: if no reader of what was found knows an option.
    """
    path = Path(path)
    report = Report() if on_read is None else Report(on_read=on_read)
    found = [(path, name)] if (name := format_of(path)) else []
    if path.is_dir() and name in (None, "pictures"):
        found = list(_inside(path, report, 0))
    if not found:
        raise _nothing(path, report)
    readers = {name: _reader(name) for _, name in found}
    known = {name: _options(reader) for name, reader in readers.items()}
    for option in options:
        if not any(option in each for each in known.values()):
            raise UnknownName(f"option of {' or '.join(known)}", option, {o for each in known.values() for o in each})
    jobs = [(where, readers[name], {o: v for o, v in options.items() if o in known[name]}) for where, name in found]
    whole = len(found) == 1 and found[0][0] == path
    episodes = jobs[0][1](path, report=report, **jobs[0][2]) if whole else _each(path, jobs, report)
    from lifeworld.episode.formats.bound import bound

    return Recording(found[0][1] if whole else "folder", len(found), bound(episodes, report), report)


def _inside(folder: Path, report: Report, depth: int) -> Iterator[tuple[Path, str]]:
    """The recordings in a folder and the folders in it; what looks like one by its name and is none is skipped, with a word."""
    from lifeworld.episode.formats.sidecar import sidecars
    from lifeworld.episode.formats.source import natural

    if depth > MOST_DEPTH:
        report.skip(str(folder), f"it lies more than {MOST_DEPTH} folders deep")
        return
    root = folder.resolve()
    entries = sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=lambda p: natural(p.name))
    beside: set[Path] = set()
    others: list[str] = []
    pictures = FOLDERS["pictures"].sniff(folder, b"")
    if pictures and depth == 0:  # deeper ones the folder above has given
        yield folder, "pictures"
    for path in entries:
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            report.skip(path.name, "it is a link that leads out of the folder")
            continue
        try:
            name = format_of(path)
        except (UnreadableFile, UnsafeFile) as error:
            report.skip(path.name, str(error).removeprefix(f"{path.name}: "))
            continue
        if name is not None:
            yield path, name
            beside.update(sidecars(path) if name in ("media", "npz") else ())
        if path.is_dir() and name in (None, "pictures"):
            yield from _inside(path, report, depth + 1)
        elif name is None and path.suffix.lower() in SUFFIXES:
            report.skip(path.name, f"it is not what its name says, but {kind_of(path)}")
        elif name is None and not (pictures and path.suffix.lower() in (".jpg", ".jpeg", ".png")):
            others.append(path.name)
    others = [each for each in others if folder / each not in beside]
    if others:
        shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        report.note(f"{folder.name}: left alone, no recordings: {shown}")


def _each(root: Path, jobs: Sequence[tuple[Path, Callable[..., Iterator[Episode]], dict[str, Any]]], report: Report) -> Iterator[Episode]:
    for path, read, options in jobs:
        try:
            yield from read(path, report=report, **options)
        except (InputError, MissingExtra) as error:
            report.skip(str(path.relative_to(root)), str(error).removeprefix(f"{path.name}: "))


def _reader(name: str) -> Callable[..., Iterator[Episode]]:
    reader: Callable[..., Iterator[Episode]] = importlib.import_module(FORMATS[name].module).read
    return reader


def _options(reader: Callable[..., Any]) -> set[str]:
    return {p.name for p in inspect.signature(reader).parameters.values() if p.kind is p.KEYWORD_ONLY} - {"report"}


def _nothing(path: Path, report: Report) -> UnreadableFile:
    if path.is_dir():
        said = [f"{what}: {why}" for what, why in report.skipped[:3]] + report.notes[:1]
        return UnreadableFile(
            "there is no recording in this folder", where=str(path), got="; ".join(said) or "an empty folder", expected=KNOWN
        )
    kind = kind_of(path)
    fix = "Is it a log? Then name the column of times t, time or timestamp." if kind == "text" else None
    return UnreadableFile("this is no recording of a known format", where=path.name, got=kind, expected=KNOWN, fix=fix)
