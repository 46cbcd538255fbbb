"""A course: what was done from one state on, tick by tick, so that the state of any of its ticks can be had again, to the bit.

Every few ticks a state is kept (a key); between keys there are actions, and a world to go through them again. Since a world gives the same
for the same, that is as good as having kept every state, for a tenth of the memory.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lifeworld.core.errors import InputError
from lifeworld.worlds.actions import Actions
from lifeworld.worlds.shelf import Shelf, Shelved, state_of
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

    A course is a value. What goes on from its end shares its actions and keys; only who goes on from it for the second time copies them.
    """

    keys: Mapping[int, S]
    actions: Sequence[Action]
    ticks: int

    @classmethod
    def of(cls, state: S) -> Course[S]:
        """A course on which nothing has been done yet."""
        return cls(Keys({0: state}), Actions(), 0)

    @property
    def start(self) -> S:
        return self.keys[0]

    def then(self, action: Action, state: S) -> Course[S]:
        """Gone on by a tick, to `state`."""
        keys, actions, ticks = self.keys, self.actions, self.ticks + 1
        if not isinstance(keys, Keys):
            keys = Keys(dict(keys)) if isinstance(keys, dict) else Keys({}, keys)
        elif len(actions) != self.ticks:  # somebody has gone on from here already
            keys = keys.until(self.ticks)
        if not isinstance(actions, Actions) or len(actions) != self.ticks:
            actions = Actions(actions[: self.ticks])
        actions.append(action)
        if ticks % KEY_TICKS == 0:
            keys.put(ticks, state)
            for back, gap in THINNED:
                if (old := ticks - back) > 0 and old % gap:
                    keys.drop(old)
        return Course(keys, actions, ticks)

    def thin(self) -> None:
        """Keep fewer of its states, where one has long gone on elsewhere: any tick of it can still be had, from farther back."""
        if isinstance(self.keys, Keys):
            for tick in list(self.keys):
                if tick % THINNED[0][1]:
                    self.keys.drop(tick)

    def shelved(self, shelf: Shelf[S]) -> Course[S]:
        """The same with what it keeps in memory on a shelf.

        Raises:
            StorageError: if the disk refuses.
        """
        keys = self.keys.shelved(shelf) if isinstance(self.keys, Keys) else self.keys
        actions = shelf.put_actions(self.actions[: self.ticks]) if isinstance(self.actions, Actions) else self.actions
        return Course(keys, actions, self.ticks)

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


class Keys(Mapping[int, S]):
    """States by tick: in memory, on a shelf, or (`behind`) read from a recording when they are asked for."""

    __slots__ = ("_behind", "_own")

    def __init__(self, own: dict[int, S | Shelved[S]], behind: Mapping[int, S] | None = None) -> None:
        self._own, self._behind = own, behind if behind is not None else {}

    def __getitem__(self, tick: int) -> S:
        try:
            kept = self._own[tick]
        except KeyError:
            return self._behind[tick]
        return state_of(kept)

    def kept(self, tick: int) -> S | Shelved[S] | None:
        """What is there at a tick, and if it is on a shelf, without taking it from there; None where there is nothing."""
        return self._own[tick] if tick in self._own else self._behind.get(tick)

    def __contains__(self, tick: object) -> bool:
        return tick in self._own or tick in self._behind

    def __iter__(self) -> Iterator[int]:
        own = list(self._own)  # at once: another thread may go on meanwhile
        return iter([*own, *(tick for tick in self._behind if tick not in self._own)])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def put(self, tick: int, state: S) -> None:
        self._own[tick] = state

    def drop(self, tick: int) -> None:
        """Without that of a tick, unless it is a recording's."""
        self._own.pop(tick, None)

    def until(self, tick: int) -> Keys[S]:
        """Those up to a tick, for another course."""
        return Keys({at: kept for at, kept in list(self._own.items()) if at <= tick}, self._behind)

    def shelved(self, shelf: Shelf[S]) -> Keys[S]:
        """The same, with those in memory on a shelf."""
        own = list(self._own.items())
        return Keys({tick: kept if isinstance(kept, Shelved) else shelf.put(kept) for tick, kept in own}, self._behind)
