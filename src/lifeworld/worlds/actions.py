"""What was done, tick by tick, with all numbers side by side: who moves a hand for an hour fills megabytes, not their tenfold.

What goes on is kept once: an action that is the one before, to the bit, takes four bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import overload

import msgspec
import numpy as np

from lifeworld.worlds.world import Action

Layout = tuple[tuple[str, tuple[int, ...]], ...]
"""Who acted, and the shape of their numbers."""


class _Saved(msgspec.Struct, array_like=True):
    layouts: list[Layout]
    numbers: bytes
    starts: bytes
    which: bytes
    rows: bytes


class Actions(Sequence[Action]):
    """Actions, of which only the end is ever added to. One thread may add while others read what is there."""

    __slots__ = ("_layouts", "_numbers", "_rows", "_starts", "_which")

    def __init__(self, actions: Iterable[Action] = ()) -> None:
        self._layouts: list[Layout] = []
        self._numbers = array("d")
        self._starts = array("Q")  # of each row: where its numbers begin,
        self._which = array("I")  # and its layout
        self._rows = array("I")  # of each tick
        for action in actions:
            self.append(action)

    def append(self, action: Action) -> None:
        """One more."""
        parts = {name: np.asarray(numbers, dtype=np.float64) for name, numbers in action.items()}
        layout: Layout = tuple((name, part.shape) for name, part in parts.items())
        numbers = b"".join(part.tobytes() for part in parts.values())
        last = len(self._starts) - 1
        if not (last >= 0 and self._layouts[self._which[last]] == layout and self._of(last).tobytes() == numbers):
            if layout not in self._layouts:
                self._layouts.append(layout)
            begin = len(self._numbers)
            self._numbers.frombytes(numbers)
            self._which.append(self._layouts.index(layout))
            self._starts.append(begin)
        self._rows.append(len(self._starts) - 1)  # last: who reads meanwhile finds a row that is whole

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, tick: int) -> Action: ...
    @overload
    def __getitem__(self, tick: slice) -> list[Action]: ...
    def __getitem__(self, tick: int | slice) -> Action | list[Action]:
        if isinstance(tick, int):
            return self._action(self._rows[tick])
        rows = self._rows[tick]
        made = {row: self._action(row) for row in sorted(set(rows))}
        return [made[row] for row in rows]

    def _of(self, row: int) -> array[float]:
        begin = self._starts[row]
        sizes = sum(int(np.prod(shape)) for _, shape in self._layouts[self._which[row]])
        return self._numbers[begin : begin + sizes]  # a copy: what is lent cannot grow

    def _action(self, row: int) -> Action:
        numbers, begin, out = np.frombuffer(self._of(row).tobytes()), 0, {}
        for name, shape in self._layouts[self._which[row]]:
            size = int(np.prod(shape))
            out[name] = numbers[begin : begin + size].reshape(shape)
            begin += size
        return out

    # -- as bytes ----------------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """All of it, for `from_bytes` of the same machine."""
        saved = _Saved(self._layouts, *(part.tobytes() for part in (self._numbers, self._starts, self._which, self._rows)))
        return msgspec.msgpack.encode(saved)

    @classmethod
    def from_bytes(cls, data: bytes) -> Actions:
        """What `to_bytes` gave."""
        saved, out = msgspec.msgpack.decode(data, type=_Saved), cls()
        out._layouts = saved.layouts
        out._numbers.frombytes(saved.numbers)
        out._starts.frombytes(saved.starts)
        out._which.frombytes(saved.which)
        out._rows.frombytes(saved.rows)
        return out
