"""A session saved as it is lived, so that a closed tab or a killed server loses a second: its whole tree of branches, and where one is.

It holds what was done in the world, nothing of who did it, and is no recording: nobody learns from it, and it is not an episode. It can be
turned off (`lifeworld enter … --no-autosave`), and what was saved be left aside (`--new`).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import LifeworldError, StateError, StorageError
from lifeworld.studio import saved
from lifeworld.studio.saved import FORMAT, Batch, Book, Head, Key, NodeSaved, Now, Ticks
from lifeworld.worlds.actions import Actions
from lifeworld.worlds.course import Course, Keys
from lifeworld.worlds.shelf import Shelf, Shelved
from lifeworld.worlds.timeline import Node, Place, Timeline
from lifeworld.worlds.world import World

EVERY_S = 0.5
KEY_TICKS = 100
"""From one saved state to the next, at least. Between them one goes through the ticks again, to the bit."""
KEY_BYTES = 100
"""A tick, for states: a large one is saved the more seldom. A game whose states are all that was done in it so far would otherwise take the
square of how long it was played."""
AGAIN_S = 5.0
"""After which a disk that refused is tried again."""
Told = Callable[[LifeworldError], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Where sessions are saved, `what` was entered (the same for the same beginning), and whether what is there is left aside."""

    folder: Path
    what: str
    anew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The timeline that is gone on with and saved; `told`, in a sentence, where from, and how fast time went, if it is not new.

    `trouble` is why what was saved could not be gone on with; it stays where it is.
    """

    line: Timeline[Any]
    autosave: Autosave
    told: str | None = None
    speed: float = 1.0
    trouble: LifeworldError | None = None


def go_on(saving: Saving, world: World[Any], base: Timeline[Any], *, title: str, seed: int, told: Told) -> Gone:
    """What was saved of the same beginning, or the beginning itself; saved from now on. `told` hears why nothing can be saved any more.

    Raises:
        StorageError: if nothing can be saved there.
    """
    saved.sweep(saving.folder)
    found = None if saving.anew else saved.latest(saving.folder, saving.what)
    trouble = None
    if found is not None:
        book, _, batches = found
        try:
            line, speed = gone_on(world, base, batches)
            said = _told(line, time.time() - batches[-1].at_s, world.spec.tick_ns * 1e-9)
            return Gone(line=line, autosave=Autosave(book, line, told), told=said, speed=speed)
        except LifeworldError as error:  # of an engine that is no more, or damaged
            book.close()
            trouble = error
    head = Head(FORMAT, saving.what, title, seed, f"{world.spec.engine} {world.spec.engine_version}", time.time())
    return Gone(line=base, autosave=Autosave(saved.begin(saving.folder, head), base, told), trouble=trouble)


def what_of(*parts: object) -> str:
    """The same word for the same beginning."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


class Autosave:
    """Writes what was done since the last time; a thread of its own sees to it that the disk keeps it.

    Who is told that something is done after `note` has returned finds it again, however this process ends.

    Args:
        book: the file, held.
        base: the timeline as it is entered, which needs no saving, or as it was read from the book.
        told: is called with why nothing can be saved any more.
    """

    def __init__(self, book: Book, base: Timeline[Any], told: Told) -> None:
        self._book, self._told = book, told
        self._written = [_Written(node.course.ticks, node.course.ticks) for node in base.nodes]
        self._line, self._speed, self._noted_s = base, 1.0, time.monotonic()
        self._gap = KEY_TICKS  # ticks from one saved state to the next
        self._lived = not book.is_empty
        self._waiting: deque[Batch] = deque()  # what the disk refused to take
        self._refused_s: float | None = None
        self._news, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        return self._book.path

    def note(self, world: World[Any], line: Timeline[Any], speed: float, *, now: bool = False) -> None:
        """What is so now, if it is time, or `now`; only what is new is looked at. For the session's thread.

        Who only looks on has done nothing that is worth saving: it begins with the first act, change or name.
        """
        if self._refused_s is not None and time.monotonic() - self._refused_s >= AGAIN_S:
            self._write()
        self._lived = self._lived or len(line.nodes) > len(self._written) or bool(line.marks) or self._acted(line)
        if not self._lived or (line is self._line and speed == self._speed):
            return
        soon = len(line.nodes) == len(self._written) and time.monotonic() - self._noted_s < EVERY_S
        if soon and not now:
            return
        self._noted_s, self._line, self._speed = time.monotonic(), line, speed
        self._waiting.append(self._news_of(world, line, speed))
        if self._refused_s is None:
            self._write()

    def close(self) -> None:
        """All that was noted is on the disk, if it takes it. Who has done nothing leaves nothing behind."""
        if self._waiting:
            self._write()
        self._closed.set()
        self._news.set()
        self._thread.join(10.0)
        if self._book.is_empty:
            self._book.forget()
        else:
            self._book.close()

    # -- below -------------------------------------------------------------------------------------------------------------

    def _news_of(self, world: World[Any], line: Timeline[Any], speed: float) -> Batch:
        nodes, ticks, keys = [], [], []
        for number, node in enumerate(line.nodes):
            if number == len(self._written):
                left = None if node.left is None else (node.left.node, node.left.ticks)
                unchanged = node.left is not None and node.course.start is node.left.state
                nodes.append(NodeSaved(number, node.said, left, b"" if unchanged else world.save(node.course.start)))
                if node.left is not None and (key := self._key(world, node.left)) is not None:
                    keys.append(key)
                self._written.append(_Written(0, 0))
            done = self._written[number]
            if node.course.ticks > done.ticks:
                ticks.append(Ticks(number, done.ticks, _runs(node.course.actions[done.ticks : node.course.ticks])))
                done.ticks = node.course.ticks
            late = done.ticks - done.key
            if late >= self._gap or (late and number != line.now.node and self._gap == KEY_TICKS):
                keys.append(self._saved(world, number, done.ticks, node.state))
                done.key = done.ticks
        where = line.now
        now = Now(
            where.node,
            where.ticks,
            [(place.node, place.ticks) for place in line.ahead],
            [(name, place.node, place.ticks) for name, place in line.marks],
            speed,
        )
        if where.ticks < line.nodes[where.node].course.ticks and (key := self._key(world, where)) is not None:
            keys.append(key)
        return Batch(time.time(), nodes, ticks, keys, now)

    def _acted(self, line: Timeline[Any]) -> bool:
        node = line.nodes[line.now.node]
        return node.course.ticks > self._written[line.now.node].ticks and bool(node.course.actions[node.course.ticks - 1])

    def _key(self, world: World[Any], place: Place[Any]) -> Key | None:
        """The state of a place, unless it is at hand anyway, or dear."""
        if place.ticks == 0 or self._written[place.node].key == place.ticks or self._gap > KEY_TICKS:
            return None
        return self._saved(world, place.node, place.ticks, place.state)

    def _saved(self, world: World[Any], node: int, ticks: int, state: Any) -> Key:
        key = Key(node, ticks, world.save(state))
        self._gap = max(KEY_TICKS, len(key.state) // KEY_BYTES)
        return key

    def _write(self) -> None:
        """All that waits, in its order, as far as the disk takes it."""
        try:
            while self._waiting:
                self._book.append(self._waiting[0])
                self._waiting.popleft()
                self._news.set()
            self._refused_s = None
        except StorageError as error:
            if self._refused_s is None:
                self._told(error)
            self._refused_s = time.monotonic()

    def _run(self) -> None:
        """All that was written since the last time is synced together: on a slow disk nothing piles up."""
        failed = False
        while not self._closed.is_set() or self._news.is_set():
            self._news.wait()
            self._news.clear()
            try:
                self._book.sync()
                failed = False
            except StorageError as error:
                if not failed:
                    self._told(error)
                failed = True
                if not self._closed.wait(AGAIN_S):
                    self._news.set()


@dataclass(slots=True)
class _Written:
    """How many ticks of a node are saved, and the last of them whose state is."""

    ticks: int
    key: int


def gone_on(world: World[Any], base: Timeline[Any], batches: Iterable[Batch]) -> tuple[Timeline[Any], float]:
    """The timeline that was saved in some batches over a base, and how fast time went. Its states lie on the shelf of the base.

    Raises:
        StateError: if the states are of another engine or version, or do not belong together.
    """
    shelf = base.shelf if base.shelf is not None else Shelf(world)
    drafts = [_Draft(node.said, None, base=node) for node in base.nodes]
    now = None
    for batch in batches:
        now = batch.now
        for one in batch.nodes:
            if one.number != len(drafts) or (one.left is not None and not 0 <= one.left[0] < one.number):
                raise StateError("the saved session does not belong together", got=one.number, expected=len(drafts))
            drafts.append(_Draft(one.said, one.left, start=shelf.put_saved(one.start) if one.start else None))
        for some in batch.ticks:
            drafts[some.node].go_on(some)
        for key in batch.keys:
            drafts[key.node].keys[key.ticks] = shelf.put_saved(key.state)
    assert now is not None  # a session of which nothing was saved is not gone on with
    nodes: list[Node[Any]] = []
    for draft in drafts:
        nodes.append(draft.node(world, shelf, nodes))

    def place(node: int, ticks: int) -> Place[Any]:
        return Place(node, ticks, nodes[node].course.at(world, ticks))

    line = Timeline(
        tuple(nodes),
        place(now.node, now.ticks),
        tuple(place(*one) for one in now.ahead),
        tuple((name, place(node, ticks)) for name, node, ticks in now.marks),
        shelf,
    )
    world.load(world.save(line.state))  # what a world says of itself is of the state that was loaded last
    return line, now.speed


class _Draft:
    """A node while it is read."""

    def __init__(
        self, said: str, left: tuple[int, int] | None, *, start: Shelved[Any] | None = None, base: Node[Any] | None = None
    ) -> None:
        self.said, self.left, self._base = said, left, base
        self.keys: dict[int, Any] = {} if start is None else {0: start}
        self._actions = Actions(() if base is None else base.course.actions[: base.course.ticks])

    def go_on(self, some: Ticks) -> None:
        if some.first != len(self._actions):
            raise StateError("the saved session does not belong together", got=some.first, expected=len(self._actions))
        for count, action in some.runs:
            numbers = {name: np.array(value, dtype=np.float64) for name, value in action.items()}
            for _ in range(count):
                self._actions.append(numbers)

    def node(self, world: World[Any], shelf: Shelf[Any], before: list[Node[Any]]) -> Node[Any]:
        base, left = self._base, None
        if base is not None:
            if len(self._actions) == base.course.ticks and not self.keys:
                return base
            left, keys = base.left, Keys(self.keys, base.course.keys)
        else:
            if self.left is not None:
                left = Place(*self.left, _kept(world, shelf, before[self.left[0]].course, self.left[1]))
            if 0 not in self.keys:  # it went on from where it left as it was
                if left is None:
                    raise StateError("the saved session does not belong together", got="a branch without a beginning")
                self.keys[0] = left.kept
            keys = Keys(self.keys)
        whole: Course[Any] = Course(keys, self._actions, len(self._actions))
        end = _kept(world, shelf, whole, whole.ticks)
        return Node(Course(keys, shelf.put_actions(self._actions), whole.ticks), end, self.said, left)


def _kept(world: World[Any], shelf: Shelf[Any], course: Course[Any], ticks: int) -> Shelved[Any]:
    """The state of a tick on the shelf."""
    known = course.keys.kept(ticks) if isinstance(course.keys, Keys) else None
    return known if isinstance(known, Shelved) else shelf.put(course.at(world, ticks))


def _runs(actions: Any) -> list[tuple[int, dict[str, list[float]]]]:
    runs: list[tuple[int, dict[str, list[float]]]] = []
    for action in actions:
        plain = {name: np.asarray(numbers, dtype=np.float64).tolist() for name, numbers in action.items()}
        if runs and runs[-1][1] == plain:
            runs[-1] = (runs[-1][0] + 1, plain)
        else:
            runs.append((1, plain))
    return runs


def _told(line: Timeline[Any], ago_s: float, tick_s: float) -> str:
    """Where one is again, in a sentence."""
    minutes = ago_s / 60
    when = "just now" if minutes < 1 else f"{minutes:.0f} min ago" if minutes < 90 else f"{minutes / 60:.0f} h ago"
    said = line.nodes[line.now.node].said
    branches = len(line.branches())
    of = f", on one of {branches} branches" if branches > 1 else ""
    return f"You are back where you were {when}: {line.tick * tick_s:.1f} s in{f', after “{said}”' if said else ''}{of}."
