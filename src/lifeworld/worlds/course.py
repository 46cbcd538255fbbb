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
THINNED = ((3_000, 100), (30_000, 1_000))
"""What lies more ticks back than the first number keeps a key for every so many only: who lives for hours needs no more memory than a
film of it, and who seeks an hour back waits a second."""


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
        kept = {name: _kept(numbers) for name, numbers in action.items()}
        actions.append(actions[-1] if actions and _same(actions[-1], kept) else kept)
        if ticks % KEY_TICKS == 0:
            keys[ticks] = state
            for back, gap in THINNED:
                if (old := ticks - back) > 0 and old % gap:
                    keys.pop(old, None)
        return Course(keys, actions, ticks)

    def thin(self) -> None:
        """Keep fewer of its states, where one has long gone on elsewhere: any tick of it can still be had, from farther back."""
        if isinstance(self.keys, MutableMapping):
            for tick in [tick for tick in list(self.keys) if tick % THINNED[0][1]]:
                self.keys.pop(tick, None)

    def at(self, world: World[S], tick: int) -> S:
        """The state before the action of a tick, or after the last one; `world` is one that made it, or one like it.

        Raises:
            InputError: if the course does not go so far.
        """
        if not 0 <= tick <= self.ticks:
            raise InputError("there is no such tick", got=tick, expected=f"0 to {self.ticks}")
        state = None
        while state is None:  # another thread may go on, and thin the keys, meanwhile
            times = sorted(self.keys)
            key = times[bisect.bisect_right(times, tick) - 1]
            state = self.keys.get(key)
        for action in self.actions[key:tick]:
            state = world.step(state, action)
        return state


def _same(last: Action, action: Action) -> bool:
    """Whether an action is the last one to the bit: what goes on for long is kept once."""
    return last.keys() == action.keys() and all(last[name].tobytes() == numbers.tobytes() for name, numbers in action.items())


def _kept(numbers: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    array = np.array(numbers, dtype=np.float64)
    array.flags.writeable = False
    return array
