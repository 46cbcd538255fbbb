"""What a verb of the command line is made of. A file in `commands/` holds

    Options    a frozen dataclass over `Common`; its fields become the options, its docstrings the help
    run        (options) -> Outcome: does the work, prints nothing on stdout

Raise errors of `core/errors.py`; the command line turns them into messages and exit codes. What takes long talks on stderr by
`say` and `progress`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from lifeworld.core.errors import MissingExtra


@dataclass(frozen=True, kw_only=True)
class Common:
    """The options every verb has."""

    json: bool = False
    """Print one JSON object on stdout; progress goes to stderr."""
    seed: int = 0
    """Everything drawn at random follows from this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a verb ended: `text` for people, `value` for programs (`"ok"` is added)."""

    text: str
    value: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = 0


def need(module: str, what: str, extra: str) -> None:
    """Before any work is done: what is wanted needs this module.

    Raises:
        MissingExtra: if it is not installed; says which extra brings it.
    """
    if find_spec(module) is None:
        raise MissingExtra(what, extra)


def say(text: str) -> None:
    """A line of progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr that shows the time left; call what it gives after each of `total` pieces. Where stderr is no terminal, one line."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
