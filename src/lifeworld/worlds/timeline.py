"""A timeline: all that was done with a world, as a tree with a place in it. Going back is exact, and nothing is ever lost.

    line = Timeline.of(state)
    line = line.step(world, action)                                              a tick on
    line = line.then(world.edit(line.state, plan), "a glass on the magazine")    a change, which takes no time
    line.undo().redo() == line
    earlier = line.to(world, 40)                                                 40 ticks after the beginning
    earlier.step(world, another_action)                                          a branch beside what was done there

A node is what began with a change, or where somebody went on otherwise, and the ticks from there on (its `Course`). States are values, so
any engine's are kept here; who goes back by ticks gives the world that goes through them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from lifeworld.core.errors import InputError, StorageError, UnknownName
from lifeworld.worlds.course import Course
from lifeworld.worlds.shelf import Shelf, Shelved, state_of
from lifeworld.worlds.world import Action, World

S = TypeVar("S")
RECENT = 8
"""So many nodes keep all their keys, in memory; who changes something every few seconds, for hours, would else fill it with states."""


@dataclass(frozen=True, slots=True)
class Place(Generic[S]):
    """A moment of a timeline: `ticks` into the course of a node, and its state, which may be `kept` on a shelf."""

    node: int
    ticks: int
    kept: S | Shelved[S]

    @property
    def state(self) -> S:
        return state_of(self.kept)

    def here(self) -> Place[S]:
        """The same, with its state at hand."""
        return Place(self.node, self.ticks, self.state)


@dataclass(frozen=True, slots=True)
class Node(Generic[S]):
    """A branch: what it began with, in words, the place it left from (None for the first), what was done since and where that has led."""

    course: Course[S]
    kept: S | Shelved[S]
    said: str
    left: Place[S] | None

    @property
    def state(self) -> S:
        """Where it has led."""
        return state_of(self.kept)

    @property
    def parent(self) -> int | None:
        """The number of the node it came from."""
        return None if self.left is None else self.left.node

    def shelved(self, shelf: Shelf[S]) -> Node[S]:
        """The same with its states and actions on a shelf.

        Raises:
            StorageError: if the disk refuses.
        """
        if isinstance(self.kept, Shelved):
            return self
        left = self.left if self.left is None or isinstance(self.left.kept, Shelved) else replace(self.left, kept=shelf.put(self.left.kept))
        return Node(self.course.shelved(shelf), shelf.put(self.kept), self.said, left)


@dataclass(frozen=True, slots=True)
class Timeline(Generic[S]):
    """`nodes` in the order they came to be, the place that is now, `ahead` those that redo leads to, the next one last.

    `marks` are places by the names they were given. On the `shelf`, if there is one, lies what is long past.
    """

    nodes: tuple[Node[S], ...]
    now: Place[S]
    ahead: tuple[Place[S], ...] = ()
    marks: tuple[tuple[str, Place[S]], ...] = ()
    shelf: Shelf[S] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, state: S, said: str = "", *, shelf: Shelf[S] | None = None) -> Timeline[S]:
        """A timeline that begins at a state."""
        return cls((Node(Course.of(state), state, said, None),), Place(0, 0, state), shelf=shelf)

    @classmethod
    def along(cls, world: World[S], course: Course[S], said: str = "") -> Timeline[S]:
        """The timeline of what was done once, as a recording tells it; now is its beginning."""
        return cls((Node(course, course.at(world, course.ticks), said, None),), Place(0, 0, course.start))

    @property
    def state(self) -> S:
        """The state that is now."""
        return self.now.state

    @property
    def tick(self) -> int:
        """How many ticks lie between the first state and now."""
        return self._begin(self.now.node) + self.now.ticks

    def step(self, world: World[S], action: Action) -> Timeline[S]:
        """Gone on by a tick. Where ticks follow already they stay as they are, and this begins a branch beside them.

        Raises:
            ActionError, Diverged: as the world does.
        """
        state = world.step(self.state, action)
        if self.now.ticks < self.nodes[self.now.node].course.ticks:
            return self.then(self.state).step_to(action, state)
        return self.step_to(action, state)

    def again(self, world: World[S]) -> Timeline[S]:
        """Gone on by a tick along what was done here once: no branch begins; redo then leads nowhere.

        Raises:
            InputError: at the end of what was done.
        """
        number, ticks = self.now.node, self.now.ticks
        course = self.nodes[number].course
        if ticks >= course.ticks:
            raise InputError("nothing was done here after this", got=ticks, fix="step() goes on from here.")
        known = course.keys.get(ticks + 1)
        state = world.step(self.state, course.actions[ticks]) if known is None else known
        return replace(self, now=Place(number, ticks + 1, state), ahead=())

    def step_to(self, action: Action, state: S) -> Timeline[S]:
        """Gone on by a tick of a course's end, to a state that is known already.

        Raises:
            InputError: if ticks follow already.
        """
        number, ticks = self.now.node, self.now.ticks
        node = self.nodes[number]
        if ticks < node.course.ticks:
            raise InputError("ticks follow already", got=ticks, expected=node.course.ticks, fix="step() begins a branch there.")
        gone = replace(node, course=node.course.then(action, state), kept=state)
        return replace(self, nodes=(*self.nodes[:number], gone, *self.nodes[number + 1 :]), now=Place(number, ticks + 1, state), ahead=())

    def then(self, state: S, said: str = "") -> Timeline[S]:
        """Changed to a new state, in no time. What could have been redone stays, as a branch."""
        new = Node(Course.of(state), state, said, self.now)
        return replace(self, nodes=(*self._put_aside(), *self.nodes[-RECENT:], new), now=Place(len(self.nodes), 0, state), ahead=())

    def undo(self) -> Timeline[S]:
        """Gone back to right before the last change.

        Raises:
            InputError: where nothing has been changed.
        """
        left = self.nodes[self.now.node].left
        if left is None:
            raise InputError("there is nothing to undo", fix="This is the first state of the timeline.")
        return replace(self, now=left.here(), ahead=(*self.ahead, self.now))

    def redo(self) -> Timeline[S]:
        """Gone on again to the place that the last undo left.

        Raises:
            InputError: if nothing has been undone since the last step.
        """
        if not self.ahead:
            raise InputError("there is nothing to redo", fix=f"go() leads to any of the {len(self.nodes)} nodes there are.")
        return replace(self, now=self.ahead[-1], ahead=self.ahead[:-1])

    def go(self, number: int) -> Timeline[S]:
        """Gone to where any node has come to, of this branch or another; redo then leads nowhere.

        Raises:
            InputError: if there is no such node.
        """
        if not 0 <= number < len(self.nodes):
            raise InputError("there is no such state in the timeline", got=number, expected=f"0 to {len(self.nodes) - 1}")
        node = self.nodes[number]
        return replace(self, now=Place(number, node.course.ticks, node.state), ahead=())

    def at(self, world: World[S], tick: int) -> S:
        """The state so many ticks after the first, on the branch that is now: behind it to the bit, before it as far as it was gone.

        Where something was changed at that tick, the state after the change.

        Raises:
            InputError: if the branch does not go so far.
        """
        return self.to(world, tick).state

    def to(self, world: World[S], tick: int) -> Timeline[S]:
        """Gone to a tick of the branch that is now, as `at`; redo then leads nowhere.

        Raises:
            InputError: if the branch does not go so far.
        """
        end = self._begin(self.now.node) + self.nodes[self.now.node].course.ticks
        if not 0 <= tick <= end:
            raise InputError("there is no such tick on this branch", got=tick, expected=f"0 to {end}")
        number = next(n for n in reversed(self.path()) if self._begin(n) <= tick)
        ticks = tick - self._begin(number)
        return replace(self, now=Place(number, ticks, self.nodes[number].course.at(world, ticks)), ahead=())

    def mark(self, name: str) -> Timeline[S]:
        """The same, with a name for the place that is now; a name given again is moved."""
        return replace(self, marks=(*((n, place) for n, place in self.marks if n != name), (name, self.now)))

    def back_to(self, name: str) -> Timeline[S]:
        """Gone to the place that has a name.

        Raises:
            UnknownName: if none has.
        """
        places = dict(self.marks)
        if name not in places:
            raise UnknownName("mark in the timeline", name, places)
        return replace(self, now=places[name], ahead=())

    def path(self) -> tuple[int, ...]:
        """The numbers of the nodes from the first to the one that is now."""
        numbers = [self.now.node]
        while (parent := self.nodes[numbers[-1]].parent) is not None:
            numbers.append(parent)
        return tuple(reversed(numbers))

    def branches(self) -> tuple[int, ...]:
        """The numbers of the nodes from whose end nothing went on: where each branch ends."""
        gone_on = {(node.left.node, node.left.ticks) for node in self.nodes if node.left is not None}
        return tuple(i for i, node in enumerate(self.nodes) if (i, node.course.ticks) not in gone_on)

    def actions(self) -> list[Action]:
        """All that was done between the first state and now, tick by tick."""
        path = self.path()
        ends = [place.ticks for node in path[1:] if (place := self.nodes[node].left) is not None]
        return [a for node, ticks in zip(path, [*ends, self.now.ticks], strict=True) for a in self.nodes[node].course.actions[:ticks]]

    def changes(self) -> list[tuple[int, S, str]]:
        """What was changed on the way from the first state to now: at which tick, to which state, and what was said of it."""
        return [(self._begin(number), self.nodes[number].course.start, self.nodes[number].said) for number in self.path()[1:]]

    def _put_aside(self) -> list[Node[S]]:
        """All nodes but the latest, keeping little in memory."""
        old = list(self.nodes[:-RECENT])
        for number in reversed(range(len(old))):
            if isinstance(old[number].kept, Shelved):
                continue
            old[number].course.thin()
            if self.shelf is None:
                break  # those before are thin already
            try:
                old[number] = old[number].shelved(self.shelf)
            except StorageError as error:
                self.shelf.tell(error)
                break
        return old

    def _begin(self, number: int) -> int:
        """The tick, since the first state, at which a node begins."""
        ticks = 0
        while (left := self.nodes[number].left) is not None:
            ticks, number = ticks + left.ticks, left.node
        return ticks
