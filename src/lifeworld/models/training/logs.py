"""The course of a training: one line a step in `log.jsonl`, the same as a table in `log.sqlite`, and elsewhere if asked.

    sqlite3 model/log.sqlite "SELECT step, value FROM numbers WHERE name = 'loss' ORDER BY step"

A run that goes on from a checkpoint first forgets what came after it, so that both files end as those of an unbroken run.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from lifeworld.core.errors import MissingExtra, UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file

LINES, TABLE = "log.jsonl", "log.sqlite"
Elsewhere = Literal["tensorboard", "wandb"]
"""Where else the numbers can go."""
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, began TEXT NOT NULL, from_step INTEGER NOT NULL, what TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbers (step INTEGER, name TEXT, value REAL, run INTEGER, PRIMARY KEY (step, name)) WITHOUT ROWID;
"""


class Log:
    """What is said at some steps of a run, written at once.

    `what` describes the run (JSON); `step` is the one that it goes on from.

    Raises:
        UnreadableFile: if a log that is there is none of ours.
        MissingExtra: if what it is also to be sent to is not installed.
    """

    def __init__(self, folder: Path, *, step: int, what: str, also: Sequence[Elsewhere] = ()) -> None:
        self._lines, self._folder = folder / LINES, folder
        self._also = [_sender(name, folder, what) for name in also]
        with on_disk(folder):
            _forget(self._lines, step)
            self._table = sqlite3.connect(folder / TABLE)
            with _told(folder / TABLE), self._table as table:
                table.execute("PRAGMA journal_mode = WAL")
                table.executescript(_TABLES)
                table.execute("DELETE FROM numbers WHERE step > ?", (step,))
                began = datetime.now(UTC).isoformat(timespec="seconds")
                self._run = table.execute("INSERT INTO runs (began, from_step, what) VALUES (?, ?, ?)", (began, step, what)).lastrowid

    def say(self, step: int, numbers: Mapping[str, float]) -> None:
        """Write what is known of a step.

        Raises:
            StorageError: if the disk is full.
        """
        with on_disk(self._folder):
            with self._lines.open("ab") as file:
                file.write(msgspec.json.encode({"step": step, **numbers}) + b"\n")
            with _told(self._folder / TABLE), self._table as table:
                rows = [(step, name, value, self._run) for name, value in numbers.items()]
                table.executemany("INSERT OR REPLACE INTO numbers VALUES (?, ?, ?, ?)", rows)
        for sender in self._also:
            sender.say(step, numbers)

    def close(self) -> None:
        """Nothing more comes."""
        self._table.close()
        for sender in self._also:
            sender.close()


class _Sender(Protocol):
    def say(self, step: int, numbers: Mapping[str, float]) -> None: ...
    def close(self) -> None: ...


class _TensorBoard:
    """To event files in `tensorboard/`: `tensorboard --logdir model`."""

    def __init__(self, folder: Path, what: str) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder / "tensorboard"))
        self._writer.add_text("what", f"`{what}`")

    def say(self, step: int, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


class _Wandb:
    """To Weights & Biases, as its own settings say where (WANDB_MODE=offline keeps it here)."""

    def __init__(self, folder: Path, what: str) -> None:
        wandb: Any = import_module("wandb")
        said: dict[str, Any] = msgspec.json.decode(what)
        self._run = wandb.init(project="lifeworld", dir=str(folder), name=folder.name, config=said, id=folder.name, resume="allow")

    def say(self, step: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=step)

    def close(self) -> None:
        self._run.finish()


_SENDERS: dict[str, Callable[[Path, str], _Sender]] = {"tensorboard": _TensorBoard, "wandb": _Wandb}


def _sender(name: Elsewhere, folder: Path, what: str) -> _Sender:
    check(name)
    return _SENDERS[name](folder, what)


def check(name: Elsewhere) -> None:
    """Whether numbers can go there.

    Raises:
        MissingExtra: if it is not installed.
    """
    if find_spec(name) is None:
        raise MissingExtra(f"a log for {name}", "log")


def _forget(lines: Path, step: int) -> None:
    """Keep the lines up to a step; half a line is what a killed process has left."""
    kept = []
    for line in lines.read_bytes().splitlines(keepends=True) if lines.is_file() else ():
        try:
            if msgspec.json.decode(line, type=_Line).step > step or not line.endswith(b"\n"):
                break
        except msgspec.DecodeError:
            break
        kept.append(line)
    with replace_file(lines) as beside:
        beside.write_bytes(b"".join(kept))


class _Line(msgspec.Struct):
    step: int


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite says, in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise OSError(errno.EIO, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise UnreadableFile("this is no log of ours", where=str(path), got=str(error), fix="Move it away.") from error
