"""Two people cooking together: the human trials of Overcooked-AI (`clean_train_trials.pickle` …), an episode a trial.

    action@blue, action@green   what each pressed: right and down (−1, 0, 1), and interact (0, 1); measured
    reward                      what the team earned in the step before; measured
    rgb@kitchen                 the recorded state, drawn by us (`kitchen.py`); simulated, since nobody filmed it

The file is a pickle, and the only one that is read: by a child process that makes plain values of it and calls nothing it names
(`overcooked_child.py`). What comes back is checked like any text. Times are those the game's server wrote down, about 0.15 s apart.

Source: Carroll et al., On the Utility of Learning about Humans for Human-AI Coordination (2019); the package overcooked-ai. It names no
licence, and its authors' repository asks that the recordings are not passed on without their consent: fetch them, and keep them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import Clock
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats import overcooked_child
from lifeworld.episode.formats.kitchen import Kitchen, draw
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source

MOST_BYTES, MOST_ROWS, MOST_LINE = 256 * 2**20, 2_000_000, 20_000
WAIT_S = 180.0
MOST_S = 1e6
COOKS = ("blue", "green")
LABELS = ("right", "down", "interact")
_CLOCK = Clock(source="game server", uncertainty_ns=None)

Row = tuple[float, str, float, float, float, float, str, str, str]
"""Worker, layout name, round, step, seconds, reward, grid, state, joint action."""


def read(path: Path, *, report: Report) -> Iterator[Episode]:
    """The trials of a file, in its order.

    Raises:
        UnreadableFile: if it is no table of trials, or names anything that such a table does not need.
        FileTooLarge: for more than 256 MB.
    """
    if path.stat().st_size > MOST_BYTES:
        raise FileTooLarge("the file of trials is too large", where=path.name, expected=f"at most {MOST_BYTES:,} bytes")
    source = Source.of(path)
    for number, trial in enumerate(_trials(_rows(path))):
        try:
            episode = _episode(trial, source, number)
        except (ValueError, SyntaxError, TypeError, KeyError, IndexError, RecursionError, MemoryError) as error:
            report.skip(f"{path.name}, trial {number}", f"its rows do not fit together: {error}")
        else:
            yield episode
    report.note("rgb@kitchen is drawn from the recorded states: nobody filmed the screens")


def _rows(path: Path) -> Iterator[Row]:
    """The rows of the table, as the child says them."""
    decoder = msgspec.json.Decoder(Row)
    child = subprocess.Popen(
        [sys.executable, "-I", overcooked_child.__file__, str(path.resolve())],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={},
    )
    assert child.stdout is not None
    count = 0
    try:
        while line := child.stdout.readline(MOST_LINE + 1):
            count += 1
            if count > MOST_ROWS or len(line) > MOST_LINE:
                raise FileTooLarge("the file of trials is too large", where=path.name, expected=f"at most {MOST_ROWS:,} rows")
            try:
                yield decoder.decode(line)
            except ValueError as error:
                raise UnreadableFile("this is no table of trials", where=path.name, got=_wrong(line) or str(error)) from error
        if child.wait(WAIT_S) or not count:
            raise UnreadableFile("this is no table of trials", where=path.name, got=f"the reader ended with {child.returncode}")
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _wrong(line: bytes) -> str:
    """What the child says is wrong; nothing if it says something else."""
    try:
        return msgspec.json.decode(line, type=dict[str, str]).get("wrong", "")
    except ValueError:
        return ""


def _trials(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows that belong together: of one pair, layout and round, while the steps go up."""
    for _, group in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        trial: list[Row] = []
        for row in group:
            if trial and row[3] <= trial[-1][3]:
                yield trial
                trial = []
            trial.append(row)
        yield trial


def _episode(trial: list[Row], source: Source, number: int) -> Episode:
    worker, layout, round_number = trial[0][:3]
    times = _times(np.array([row[4] for row in trial]))
    kitchens = [Kitchen.of(row[6], _plain(row[7])) for row in trial]
    pictures = np.stack([draw(kitchen) for kitchen in kitchens])
    actions = np.array([[_action(one) for one in _plain(row[8])] for row in trial], dtype=np.float64)
    if actions.shape[1:] != (len(COOKS), len(LABELS)):
        raise ValueError(f"actions of {actions.shape[1]} cooks")
    streams = {f"action@{cook}": _stream("action", cook, times, actions[:, i]) for i, cook in enumerate(COOKS)}
    rewards = np.array([0.0, *(row[5] for row in trial[:-1])])  # a row's reward is what its action earned
    streams["reward"] = _stream("reward", "", times, rewards)
    streams["rgb@kitchen"] = Stream(SIGNALS["rgb"], times, pictures, origin=Origin.SIMULATED, source="kitchen", clock=_CLOCK)
    return Episode(
        streams=streams,
        provenance=source.provenance("overcooked", number),
        title=f"{layout} {number}",
        labels={"layout": layout[:100], "pair": f"{worker:g}", "round": f"{round_number:g}"},
        legend={f"action@{cook}": LABELS for cook in COOKS},
    )


def _stream(signal: str, of: str, times: Any, values: Any) -> Stream:
    return Stream(SIGNALS[signal], times, values, origin=Origin.MEASURED, source=of, clock=_CLOCK)


def _times(seconds: Any) -> Any:
    """Nanoseconds from the first, each later than the one before: the server's clock has milliseconds and may stand."""
    if not np.abs(seconds).max() <= MOST_S:
        raise ValueError(f"times beyond {MOST_S:g} s")
    times = np.round((seconds - seconds[0]) * 1e9)
    steps = np.arange(len(times)) * 1_000
    return (np.maximum.accumulate(times.astype(np.int64) - steps) + steps).astype(np.int64)


def _action(one: Any) -> tuple[float, float, float]:
    if one == "INTERACT" or one == "interact":
        return (0.0, 0.0, 1.0)
    right, down = one
    if right not in (-1, 0, 1) or down not in (-1, 0, 1):
        raise ValueError(f"an action {one!r}")
    return (float(right), float(down), 0.0)


def _plain(text: str) -> Any:
    """A value written as Python writes it."""
    return ast.literal_eval(text)
