"""What an importer could not take, and what it changed: filled while the episodes are read, shown at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

OnRead = Callable[[str, int, int], None]
"""Told, of what takes long: what is being read, how much of it is, and of how much."""


def _untold(what: str, done: int, of: int) -> None:
    """Where nobody watches."""


@dataclass(slots=True)
class Report:
    """What was left out and what was converted on the way in.

    `skipped` holds (file or part of it, why) of what gave no episode; `notes` what else is to be known: units converted, a
    clock guessed, a field left out. Nothing is dropped without a line in one of them. `on_read` is told how far a long file is read.
    """

    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    on_read: OnRead = _untold

    def skip(self, what: str, why: str) -> None:
        """This gave no episode, and why."""
        self.skipped.append((what, why))

    def note(self, text: str) -> None:
        """This is to be known, once however often it is said."""
        if text not in self.notes:
            self.notes.append(text)
