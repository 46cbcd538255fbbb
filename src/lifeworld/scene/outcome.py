"""Outcomes: what is asked of futures. "The glass falls off the table", "nothing falls", "the drawer opens within 3 seconds"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import LimitError, SceneError, UnknownName
from lifeworld.scene.bounds import finite
from lifeworld.scene.condition import Condition

How = Literal["ever", "never", "always", "at_end"]
HOWS: tuple[How, ...] = get_args(How)
MAX_CONDITIONS = 4_096
MAX_WITHIN_S = 86_400.0
MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is asked of a future: that `conditions` hold together `ever`, `never`, `always` or `at_end` of the time that counts.

    `name` is a line of text, mostly the words that asked for it. At least `least` of the conditions have to hold at one moment (None:
    all of them). The time that counts is from `after_s` [s] to `within_s` [s] after the future began; without them from its
    beginning to its end.
    """

    name: str
    conditions: tuple[Condition, ...]
    how: How = "ever"
    least: int | None = None
    after_s: float = 0.0
    within_s: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= MAX_NAME or not self.name.isprintable():
            raise LimitError("the name of an outcome is not a line of text", got=self.name, expected=f"1 to {MAX_NAME} characters")
        where = f"outcome {self.name!r}"
        if self.how not in HOWS:
            raise UnknownName("how", str(self.how), HOWS, where=where, fix=f"It is one of {', '.join(HOWS)}.")
        if not 1 <= len(self.conditions) <= MAX_CONDITIONS:
            raise LimitError(
                "an outcome asks for some conditions", where=where, got=len(self.conditions), expected=f"1 to {MAX_CONDITIONS}"
            )
        if self.least is not None and (isinstance(self.least, bool) or not 1 <= self.least <= len(self.conditions)):
            raise LimitError(
                "least counts the conditions that have to hold", where=where, got=self.least, expected=f"1 to {len(self.conditions)}"
            )
        finite("after_s", (self.after_s,), least=0.0, most=MAX_WITHIN_S, where=where)
        if self.within_s is not None:
            finite("within_s", (self.within_s,), least=0.0, most=MAX_WITHIN_S, where=where)
            if self.within_s <= self.after_s:
                raise SceneError("an outcome within no time", where=where, got=f"after {self.after_s:g} s, within {self.within_s:g} s")

    @property
    def needed(self) -> int:
        """How many of the conditions have to hold at one moment."""
        return len(self.conditions) if self.least is None else self.least

    @property
    def targets(self) -> frozenset[str]:
        """The names it speaks of."""
        return frozenset(name for condition in self.conditions for name in condition.targets)
