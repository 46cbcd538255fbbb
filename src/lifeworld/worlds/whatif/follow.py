"""Outcomes followed along one future, tick by tick."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lifeworld.scene.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an outcome: whether it came true, and when [s] that was settled (None: only in the end)."""

    came: bool
    time_s: float | None


class Following:
    """Follows outcomes from a state on. Those that speak of what is not there then are not told of.

    Raises:
        SceneError: for an outcome that can never come true.
    """

    def __init__(self, outcomes: Sequence[Outcome], start: Any) -> None:
        from lifeworld.worlds.physics.watch import Watch

        self._start = physical(start)
        scene = self._start.scene
        there = {each.name for each in (*scene.things, *scene.spaces, *scene.embodiments)}
        self._told = [outcome.targets <= there for outcome in outcomes]
        self._watch = Watch.of(self._start, [o for o, told in zip(outcomes, self._told, strict=True) if told])
        self._seen: Any = None

    def see(self, state: Any) -> None:
        """The state of the next tick; the first time that of the start."""
        from lifeworld.worlds.physics.carry import carried

        row = carried(physical(state), self._start).vector[None]
        self._seen = self._watch.begin(row) if self._seen is None else self._watch.after(self._seen, row)

    @property
    def decided(self) -> bool:
        """Whether all is settled, whatever comes."""
        return bool(self._watch.verdict(self._seen).decided.all())

    def results(self) -> list[Result | None]:
        """What came of each outcome if this is the end; None of those that are not told of."""
        verdict = self._watch.verdict(self._seen)
        known = [
            Result(came=came, time_s=None if math.isnan(time_s) else time_s)
            for came, time_s in zip(verdict.came[0].tolist(), verdict.time_s[0].tolist(), strict=True)
        ]
        rest = iter(known)
        return [next(rest) if told else None for told in self._told]


def physical(state: Any) -> Any:
    """The engine's state in a state of a world with events, or of the engine itself."""
    return getattr(state, "inner", state)
