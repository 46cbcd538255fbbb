"""A shelf: what is long past lies packed in a file, so that who lives for hours needs no more memory than who has just come.

    shelf = Shelf(world)
    line = Timeline.of(state, shelf=shelf)          which puts there what it has not needed for a while

The file has no name: it goes with the process, however that ends. What is taken from it is what was put there, to the bit.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, overload

from lifeworld.core.errors import LifeworldError, StorageError
from lifeworld.worlds.actions import Actions
from lifeworld.worlds.world import Action, World

S = TypeVar("S")
AT_HAND = 8
"""So many of what was put there or asked for last are kept unpacked."""


class Shelf(Generic[S]):
    """For any thread.

    Args:
        world: knows the states; nobody else uses it, unless its `save` and `load` leave it as it is.
        folder: where the file is made; None for where temporary files are.
        told: hears once why nothing can be put there any more: what is long past then stays in memory, until it can.
    """

    def __init__(self, world: World[S], folder: Path | None = None, *, told: Callable[[LifeworldError], None] = lambda error: None) -> None:
        self._world, self._folder, self._told = world, folder, told
        self._file: IO[bytes] | None = None
        self._end = 0
        self._failed = False
        self._at_hand: OrderedDict[int, Any] = OrderedDict()  # by where it begins in the file
        self._lock = threading.RLock()

    def put(self, state: S) -> Shelved[S]:
        """A state.

        Raises:
            StorageError: if the disk refuses.
        """
        with self._lock:
            for begin, known in self._at_hand.items():
                if known is state:
                    return Shelved(self, begin)
            begin = self._write(self._world.save(state))
            self._remember(begin, state)
            return Shelved(self, begin)

    def put_saved(self, saved: bytes) -> Shelved[S]:
        """A state as its world has saved it.

        Raises:
            StorageError: if the disk refuses.
        """
        with self._lock:
            return Shelved(self, self._write(saved))

    def put_actions(self, actions: Iterable[Action]) -> Sequence[Action]:
        """What was done, tick by tick.

        Raises:
            StorageError: if the disk refuses.
        """
        done = actions if isinstance(actions, Actions) else Actions(actions)
        if not done:
            return ()
        with self._lock:
            return _ShelvedActions(self, self._write(done.to_bytes()), len(done))

    def tell(self, error: StorageError) -> None:
        """The disk has refused."""
        if not self._failed:
            self._told(error)
        self._failed = True

    def state(self, begin: int) -> S:
        """What was put where this begins."""
        with self._lock:
            state: S = self._taken(begin, self._world.load)
            return state

    def actions(self, begin: int) -> Actions:
        """Likewise, of actions."""
        with self._lock:
            actions: Actions = self._taken(begin, Actions.from_bytes)
            return actions

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _taken(self, begin: int, made: Callable[[bytes], Any]) -> Any:
        if begin in self._at_hand:
            self._at_hand.move_to_end(begin)
        else:
            self._remember(begin, made(self._read(begin)))
        return self._at_hand[begin]

    def _remember(self, begin: int, value: Any) -> None:
        self._at_hand[begin] = value
        while len(self._at_hand) > AT_HAND:
            self._at_hand.popitem(last=False)

    def _write(self, content: bytes) -> int:
        small, begin = zlib.compress(content, 1), self._end
        try:
            if self._file is None:
                if self._folder is not None:
                    self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # as long as the shelf
                weakref.finalize(self, self._file.close)
            self._file.seek(begin)
            self._file.write(len(small).to_bytes(4, "little") + small)
            self._file.flush()
        except OSError as error:
            raise StorageError("what is long past cannot be put aside, and stays in memory", got=error.strerror) from error
        self._end, self._failed = begin + 4 + len(small), False
        return begin

    def _read(self, begin: int) -> bytes:
        assert self._file is not None
        try:
            self._file.seek(begin)
            size = int.from_bytes(self._file.read(4), "little")
            return zlib.decompress(self._file.read(size))
        except (OSError, zlib.error) as error:
            raise StorageError("what is long past cannot be read again", got=str(error)) from error


class Shelved(Generic[S]):
    """A state on a shelf."""

    __slots__ = ("_begin", "_shelf")

    def __init__(self, shelf: Shelf[S], begin: int) -> None:
        self._shelf, self._begin = shelf, begin

    @property
    def state(self) -> S:
        return self._shelf.state(self._begin)


def state_of(kept: S | Shelved[S]) -> S:
    """The state itself, wherever it lies."""
    return kept.state if isinstance(kept, Shelved) else kept


class _ShelvedActions(Sequence[Action]):
    __slots__ = ("_begin", "_length", "_shelf")

    def __init__(self, shelf: Shelf[Any], begin: int, length: int) -> None:
        self._shelf, self._begin, self._length = shelf, begin, length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, tick: int) -> Action: ...
    @overload
    def __getitem__(self, tick: slice) -> list[Action]: ...
    def __getitem__(self, tick: int | slice) -> Action | list[Action]:
        return self._shelf.actions(self._begin)[tick]
