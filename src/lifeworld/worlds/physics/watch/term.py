"""A term: some conditions of one kind, and how they are followed from one moment of many futures to the next.

What a term has to remember is in arrays whose first axis is the futures, so that a future is forked, dropped or kept by its row.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.condition import Condition
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.watch.moment import Company, Moment

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]
Memory = tuple[NDArray[Any], ...]
"""What a term remembers of futures (n, …); the first array (n, conditions) is what holds."""


class Term(Protocol):
    """Conditions (k,) that are followed together."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those that are followed, in order."""
        ...

    def begin(self, rows: Array) -> Memory:
        """What holds in state rows (n, size), with which the watch begins."""
        ...

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        """What holds so much [s] later; `memory` stays as it is."""
        ...


class Becomes:
    """What was not so and has become so since: a state, and whether it was ever missing."""

    def __init__(self, conditions: tuple[Condition, ...], state: Term) -> None:
        self.conditions, self.state = conditions, state

    def begin(self, rows: Array) -> Memory:
        inner = self.state.begin(rows)
        return (np.zeros_like(inner[0]), ~inner[0], *inner)

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        inner = self.state.after(memory[2:], rows, seconds)
        return (memory[0] | (memory[1] & inner[0]), memory[1] | ~inner[0], *inner)


class Unmoved:
    """A state of where things are: it is asked again only of rows in which one of them has moved since it was asked last.

    It has if a number of its joints differs by more than `spare` (a place [m], a joint [m, rad], a part of a quaternion).
    """

    def __init__(self, conditions: tuple[Condition, ...], company: Company, *, spare: float = 5e-5) -> None:
        self.conditions, self.company, self._spare = conditions, company, spare

    def holds(self, moment: Moment) -> Truth:
        """What holds (n, k) at a moment."""
        raise NotImplementedError

    def begin(self, rows: Array) -> Memory:
        places = self._places(rows)
        # Futures mostly begin alike: each beginning is looked at once.
        _, first, of = np.unique(places, axis=0, return_index=True, return_inverse=True)
        return self.holds(Moment(self.company, rows[first]))[of.ravel()], places

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        holds, places = memory
        now = self._places(rows)
        moved = np.flatnonzero((np.abs(now - places) > self._spare).any(axis=1))
        if not len(moved):
            return memory
        holds, places = holds.copy(), places.copy()
        holds[moved], places[moved] = self.holds(Moment(self.company, rows[moved])), now[moved]
        return holds, places

    def _places(self, rows: Array) -> Array:
        """Positions (n, q) of all joints that say where the company is."""
        return np.asarray(self.company.kinematics.layout.view(rows, "qpos")[:, self.company.qpos])


def numbers(compiled: Compiled, condition: Condition) -> tuple[int, int]:
    """The numbers of a condition's thing and of the other; −1 for one that is no thing (the ground, a space, nobody)."""
    names = {thing.name: i for i, thing in enumerate(compiled.scene.things)}
    return names[condition.thing], names.get(condition.to or "", -1)
