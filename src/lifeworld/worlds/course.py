"""A course: what was done from one state on, tick by tick, so that the state of any of its ticks can be had again, to the bit.

Every few ticks a state is kept (a key); between keys there are actions, and a world to go through them again. Since a world gives the same
for the same, that is as good as having kept every state, for a tenth of the memory.
"""

from __future__ import annotations

import bisect
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.worlds.world import Action, World

S = TypeVar("S")
KEY_TICKS = 10
"""From one key to the next: 0.2 s of physics. A seek goes through half of that on average."""


@dataclass(frozen=True, slots=True, eq=False)
class Course(Generic[S]):
    """The first `ticks` of `actions`, done one after the other from `keys[0]` on. `keys` are the states before some of them, by tick.

    A course is a value. What goes on from its end shares its lists; only who goes on from it for the second time copies them.
    """

    keys: Mapping[int, S]
    actions: Sequence[Action]
    ticks: int

    @classmethod
    def of(cls, state: S) -> Course[S]:
        """A course on which nothing has been done yet."""
        return cls({0: state}, [], 0)

    @property
    def start(self) -> S:
        return self.keys[0]

    def then(self, action: Action, state: S) -> Course[S]:
        """Gone on by a tick, to `state`."""
        keys, actions, ticks = self.keys, self.actions, self.ticks + 1
        if not isinstance(keys, MutableMapping):  # a recording, whose states are read when they are asked for
            keys = ChainMap({}, keys)  # type: ignore[arg-type]  # only the first is written to
        elif len(actions) != self.ticks:  # somebody has gone on from here already
            keys = {tick: keys[tick] for tick in keys if tick <= self.ticks}
        if not isinstance(actions, list) or len(actions) != self.ticks:
            actions = list(actions[: self.ticks])
        actions.append({name: _kept(numbers) for name, numbers in action.items()})
        if ticks % KEY_TICKS == 0:
            keys[ticks] = state
        return Course(keys, actions, ticks)

    def at(self, world: World[S], tick: int) -> S:
        """The state before the action of a tick, or after the last one; `world` is one that made it, or one like it.

        Raises:
            InputError: if the course does not go so far.
        """
        if not 0 <= tick <= self.ticks:
            raise InputError("there is no such tick", got=tick, expected=f"0 to {self.ticks}")
        times = sorted(self.keys)
        key = times[bisect.bisect_right(times, tick) - 1]
        state = self.keys[key]
        for action in self.actions[key:tick]:
            state = world.step(state, action)
        return state


def _kept(numbers: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    array = np.array(numbers, dtype=np.float64)
    array.flags.writeable = False
    return array
