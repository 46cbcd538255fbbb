"""Logs as text, one row a moment, columns between commas, semicolons, tabs or bars: `reading@STEM` and what words there are.

    time      the column t, time, timestamp, stamp … (units in the name: t_ns, time [ms]); ISO 8601 dates; or `fps` rows a second
    numbers   all in one reading, a channel a column, called as its header says: `speed [m/s]`; empty, NA, NaN … are NaN
    words     the same in every row: a label; instruction or task: the instruction; text, note, caption …: captions, where they are;
              others of up to 32 words: a channel of numbers that its name explains; the rest is left out, and the report says so

Lines that begin with # or // are comments; a line of units below the header is taken as that. Where cells are cut by semicolons, a
comma in a number is its decimal point.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import CAPTION_DTYPE, SIGNALS, Stream
from lifeworld.core.time import Clock, Times
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate, labelled, parsed, time_unit
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.sidecar import CAPTIONS, INSTRUCTIONS, pieces
from lifeworld.episode.formats.source import Source, word
from lifeworld.episode.formats.words import MOST_WORDS, coded

MOST_BYTES, MOST_COLUMNS, MOST_CELL = 4 * 2**30, 4096, 100_000
DELIMITERS = ",;\t|"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?"})
_ROWS_AT_ONCE = 50_000
_WORDY = (*CAPTIONS, "note", "notes", "comment", "comments", "message", "event", "log")
_TRUTHS = {"true": 1.0, "false": 0.0}
_CLOCK = Clock(source="log", uncertainty_ns=None)


@dataclass(slots=True)
class _Table:
    """A log as read: `numbers[name]` (rows,) where a column is of numbers, else `words[name]`; `lines` (rows,) in the file, from 1."""

    names: list[str]
    numbers: dict[str, NDArray[np.float64]]
    words: dict[str, list[str]]
    times: list[int]
    lines: list[int]
    why: str


def read(path: Path, *, report: Report, fps: float | None = None) -> Iterator[Episode]:
    """The one episode of a log; `fps` is the rate of its rows where no column says when they are.

    Raises:
        UnreadableFile: if there is no header, no column of times, a row of another length, or a time that does not come after the one
            before; says in which line.
        FileTooLarge: if it has more than MOST_BYTES or MOST_COLUMNS.
    """
    if path.stat().st_size > MOST_BYTES:
        raise FileTooLarge("the log is too large", where=path.name, expected=f"at most {MOST_BYTES:,} bytes")
    table = _table(path, timed=fps is None)
    times = _rising(table, path) if fps is None else from_rate(len(table.lines), fps)
    if table.why:
        report.note(f"{path.name}: the time is {table.why}")
    if fps is not None:
        report.note(f"{path.name}: times made from a steady rate of {fps:g} Hz")
    streams, labels, columns = _said(table, times, path, report)
    columns = {
        name: columns[name] if name in columns else table.numbers[name] for name in table.names if name in columns or name in table.numbers
    }
    legend: dict[str, tuple[str, ...]] = {}
    if columns:
        of = word(path.stem, otherwise="log")
        legend[f"reading@{of}"] = tuple(columns)
        values = np.stack(list(columns.values()), axis=1)
        streams.append(Stream(SIGNALS["reading"], times, values, origin=Origin.MEASURED, source=of, clock=_CLOCK))
    episode = Episode(streams={}, provenance=Source.of(path).provenance("csv"), title=path.stem, labels=labels, legend=legend)
    for stream in streams:
        episode = episode.with_stream(stream)
    if not episode.streams:
        raise UnreadableFile("no column holds numbers or words that change", where=path.name, got=", ".join(table.names)[:200])
    yield episode


def layout(path: Path) -> tuple[str, list[str], int] | None:
    """How a log is laid out: delimiter, header, and the number of the header's line; None if it is no such log.

    The first line that is no comment names the columns: at least one of its cells is no number, none is empty, none comes twice, and
    the line below has as many.
    """
    try:
        with path.open("r", encoding="utf-8-sig", newline="") as file:
            head = list(islice(_lines(file), 8))
    except (OSError, UnicodeDecodeError, UnreadableFile):
        return None
    best: tuple[str, list[str], int] | None = None
    if len(head) < 2 or any("\0" in line for _, line in head):
        return None
    for delimiter in DELIMITERS:
        try:
            header, below = (next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)) for _, line in head[:2])
        except (csv.Error, StopIteration):
            continue
        names = [name.strip() for name in header]
        fits = len(below) == len(names) or (len(below) == len(names) - 1 and names[-1] == "")
        while names and names[-1] == "":
            names.pop()
        if len(names) < 2 or not fits or len(set(names)) < len(names) or "" in names or all(_is_number(n) for n in names):
            continue
        if best is None or len(names) > len(best[1]):
            best = delimiter, names, head[0][0]
    return best


def is_log(path: Path) -> bool:
    """Whether a text file is a log of moments: a table in which some column is called like a time."""
    found = layout(path)
    return found is not None and any(time_unit(name)[0] for name in found[1])


def _lines(file: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without comments and empty ones."""
    for number, line in enumerate(file, start=1):
        if len(line) > MOST_CELL * 10:
            raise UnreadableFile(f"line {number} is too long", expected=f"at most {MOST_CELL * 10:,} letters")
        if (kept := line.strip()) and not kept.startswith(("#", "//")):
            yield number, line


def _table(path: Path, *, timed: bool) -> _Table:
    found = layout(path)
    if found is None:
        raise UnreadableFile("this is no table of text", where=path.name, expected="a line of names, then rows with as many cells")
    delimiter, names, header_line = found
    if len(names) > MOST_COLUMNS:
        raise FileTooLarge("the log has too many columns", where=path.name, got=len(names), expected=f"at most {MOST_COLUMNS}")
    clock = next((name for name in names if time_unit(name)[0]), None) if timed else None
    if timed and clock is None:
        raise UnreadableFile(
            "no column says when the rows were taken", where=path.name, got=", ".join(names)[:200],
            expected="a column t, time, timestamp, time_ms, time [s] …", fix="Or give the rate: --fps 30.",
        )  # fmt: skip
    unit = time_unit(clock)[1] if clock else None
    table = _Table([n for n in names if n != clock], {}, {}, [], [], "")
    held: dict[str, list[NDArray[np.float64] | list[str]]] = {name: [] for name in table.names}
    try:
        with path.open("r", encoding="utf-8-sig", newline="") as file:
            rows = _rows(file, delimiter, names, header_line, path)
            while chunk := list(islice(rows, _ROWS_AT_ONCE)):
                if not table.lines and _units_below(chunk[0][1], clock, names):
                    below = dict(zip(names, (cell.strip().strip("[]()") for cell in chunk.pop(0)[1]), strict=True))
                    unit = time_unit(f"t [{below[str(clock)]}]")[1]
                    table.names = [f"{n} [{below[n]}]" if below[n] not in ("", "-") and not labelled(n)[1] else n for n in table.names]
                    held = {name: [] for name in table.names}
                lines, cells = [line for line, _ in chunk], list(zip(*(row for _, row in chunk), strict=True))
                if not cells:
                    continue
                table.lines += lines
                columns = dict(zip(names, cells, strict=True))
                if clock is not None:
                    texts = [t.strip().replace(",", ".") if delimiter != "," else t.strip() for t in columns[clock]]
                    try:
                        moments, why = parsed(texts, unit)
                    except InputError as error:
                        place = error.got if isinstance(error.got, int) else 0
                        raise UnreadableFile(f"line {lines[place]}: {error.what}", where=path.name, got=error.where) from None
                    table.times += moments
                    table.why = table.why or why
                for own, name in zip(table.names, (n for n in names if n != clock), strict=True):
                    held[own].append(_numbers(columns[name], decimal_comma=delimiter != ","))
    except UnicodeDecodeError as error:
        raise UnreadableFile("the log is not UTF-8 text", where=path.name, got=str(error)) from error
    if not table.lines:
        raise UnreadableFile("the log has no rows", where=path.name)
    for name, parts in held.items():
        if all(isinstance(part, np.ndarray) for part in parts):
            table.numbers[name] = np.concatenate(parts)
        else:
            table.words[name] = [w for part in parts for w in (part if isinstance(part, list) else _back(part))]
    return table


def _rows(file: Iterator[str], delimiter: str, names: list[str], header_line: int, path: Path) -> Iterator[tuple[int, list[str]]]:
    numbers: list[int] = []

    def texts() -> Iterator[str]:
        for number, line in _lines(file):
            if number > header_line:
                numbers.append(number)
                yield line

    rows = csv.reader(texts(), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in rows:
            line = numbers[-1]
            numbers.clear()
            if len(row) == len(names) + 1 and not row[-1].strip():
                row.pop()  # a delimiter at the end of the line
            if len(row) != len(names):
                raise UnreadableFile(f"line {line}: a row of another length", where=path.name, got=len(row), expected=len(names))
            yield line, row
    except csv.Error as error:
        raise UnreadableFile(f"line {numbers[-1] if numbers else header_line}: {error}", where=path.name) from error
    except UnreadableFile as error:
        raise error if error.where else UnreadableFile(error.what, where=path.name, expected=error.expected) from None


def _numbers(cells: tuple[str, ...], *, decimal_comma: bool) -> NDArray[np.float64] | list[str]:
    """A column as numbers, or as its words where one of them is none."""
    words = [cell.strip() for cell in cells]
    try:
        return np.array(["nan" if w.lower() in MISSING else w.replace(",", ".") if decimal_comma else w for w in words], dtype=np.float64)
    except ValueError:
        if all(w.lower() in _TRUTHS or w.lower() in MISSING for w in words):
            return np.array([_TRUTHS.get(w.lower(), np.nan) for w in words])
        return words


def _back(numbers: NDArray[np.float64]) -> list[str]:
    """Cells that looked like numbers in a column that has words further down."""
    return ["" if np.isnan(n) else f"{n:g}" for n in numbers]


def _units_below(row: list[str], clock: str | None, names: list[str]) -> bool:
    """Whether the first row says units, such as `s;m/s;-`: no cell is a number, and that of the time is a unit of time."""
    return clock is not None and not any(_is_number(c) for c in row) and time_unit(f"t [{row[names.index(clock)].strip()}]")[1] is not None


def _rising(table: _Table, path: Path) -> Times:
    try:
        times = np.array(table.times, dtype=np.int64)
    except OverflowError:
        raise UnreadableFile("a time is farther than 146 years from its zero", where=path.name) from None
    late = np.flatnonzero(np.diff(times) <= 0)
    if late.size:
        row = int(late[0]) + 1
        raise UnreadableFile(
            f"line {table.lines[row]}: its time does not come after that of line {table.lines[row - 1]}",
            where=path.name,
            got=f"{times[row] - times[row - 1]} ns later",
            fix="Sort the rows by time and keep one for each time.",
        )
    if int(times[-1]) - int(times[0]) >= 2**62:
        raise UnreadableFile("the times span more than 146 years", where=path.name)
    return np.asarray(times - times[0])


def _said(table: _Table, times: Times, path: Path, report: Report) -> tuple[list[Stream], dict[str, str], dict[str, NDArray[np.float64]]]:
    """What the columns of words become: streams, labels, and channels of numbers by the names of their columns."""
    streams: list[Stream] = []
    labels: dict[str, str] = {}
    channels: dict[str, NDArray[np.float64]] = {}
    captions: dict[int, list[str]] = {}
    for name, words in table.words.items():
        plain = labelled(name)[0].lower()
        different = {w for w in words if w}
        if plain in INSTRUCTIONS and max(map(len, different)) <= 1000:
            rows = [i for i, w in enumerate(words) if w and (i == 0 or w != words[i - 1])]
            told = np.array([words[i] for i in rows], dtype=SIGNALS["instruction"].dtype)
            if not any(s.signal.name == "instruction" for s in streams):
                streams.append(Stream(SIGNALS["instruction"], times[rows], told, origin=Origin.MEASURED, clock=_CLOCK))
                continue
        if plain in _WORDY:
            for row, text in enumerate(words):
                if text:
                    captions.setdefault(row, []).extend(pieces(text))
        elif len(different) == 1 and all(words):
            labels[name] = words[0][:200]
        elif len(different) <= MOST_WORDS and max(map(len, different)) <= 64:
            numbers, legend = coded(words)
            table.names[table.names.index(name)] = f"{name} [{legend}]"
            channels[f"{name} [{legend}]"] = numbers
        else:
            report.note(f"{path.name}: column {name!r} is left out: {len(different)} different words")
    captions = {row: lines for row, lines in captions.items() if lines}
    if captions:
        told_rows = [np.array(lines, dtype=CAPTION_DTYPE) for lines in captions.values()]
        streams.append(Stream(SIGNALS["captions"], times[list(captions)], told_rows, origin=Origin.MEASURED, clock=_CLOCK))
    return streams, labels, channels


def _is_number(text: str) -> bool:
    try:
        float(text.strip().replace(",", "."))
    except ValueError:
        return False
    return True
