"""What a verb of the command line is made of. A file in `commands/` holds

    Options    a frozen dataclass over `Common`; its fields become the options, its docstrings the help
    run        (options) -> Outcome: does the work, prints nothing on stdout

Raise errors of `core/errors.py`; the command line turns them into messages and exit codes. What takes long talks on stderr by
`say`, `progress` and `bars`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from lifeworld.core.errors import MissingExtra

LONG_S = 2.0
"""What is done sooner [s] needs no bar, where there may be a thousand of it."""


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


@contextmanager
def bars(*, after_s: float = 0.0) -> Iterator[Callable[[str, int, int], None]]:
    """Bars for one thing after the other: told what is done now, how much of it is, and of how much. No bar sooner than `after_s` [s]."""
    with ExitStack() as open_bar:
        now, begun, last, advance = "", 0.0, 0, None

        def bar(what: str, done: int, of: int) -> None:
            nonlocal now, begun, last, advance
            if what != now or done < last:
                open_bar.close()
                now, begun, last, advance = what, time.monotonic(), 0, None
            if advance is None and time.monotonic() - begun >= after_s:
                advance, last = open_bar.enter_context(progress(what, of)), 0
            if advance is not None:
                for _ in range(done - last):
                    advance()
            last = done
            if done == of:
                open_bar.close()

        yield bar
