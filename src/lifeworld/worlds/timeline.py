"""A timeline: the states a world was brought to, as a tree with a place in it. Undo goes to the parent, redo back; nothing is ever lost.

    line = Timeline.of(state)
    line = line.then(world.edit(line.state, plan), "a glass on the magazine")
    line.undo().state == state
    line.undo().redo() == line

States are values, so going back is exact, whatever engine they are of. Going on from an earlier state begins a branch beside the old one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from lifeworld.core.errors import InputError

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Node(Generic[S]):
    """One state, what led to it in words, and the number of the node it came from (None for the first)."""

    state: S
    said: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Timeline(Generic[S]):
    """`nodes` in the order they came to be, `at` the number of the one that is now, `ahead` those that redo leads to, the next one last."""

    nodes: tuple[Node[S], ...]
    at: int = 0
    ahead: tuple[int, ...] = ()

    @classmethod
    def of(cls, state: S, said: str = "") -> Timeline[S]:
        """A timeline that begins at a state."""
        return cls((Node(state, said, None),))

    @property
    def state(self) -> S:
        """The state that is now."""
        return self.nodes[self.at].state

    def then(self, state: S, said: str = "") -> Timeline[S]:
        """Gone on to a new state. What could have been redone stays, as a branch."""
        return Timeline((*self.nodes, Node(state, said, self.at)), len(self.nodes))

    def undo(self) -> Timeline[S]:
        """Gone back to the state that this one came from.

        Raises:
            InputError: at the first state.
        """
        parent = self.nodes[self.at].parent
        if parent is None:
            raise InputError("there is nothing to undo", fix="This is the first state of the timeline.")
        return replace(self, at=parent, ahead=(*self.ahead, self.at))

    def redo(self) -> Timeline[S]:
        """Gone on again to the state that the last undo left.

        Raises:
            InputError: if nothing has been undone since the last step.
        """
        if not self.ahead:
            raise InputError("there is nothing to redo", fix=f"go() leads to any of the {len(self.nodes)} states there are.")
        return replace(self, at=self.ahead[-1], ahead=self.ahead[:-1])

    def go(self, number: int) -> Timeline[S]:
        """Gone to any node, of this branch or another; redo then leads back to the ends of the branches only by `go`.

        Raises:
            InputError: if there is no such node.
        """
        if not 0 <= number < len(self.nodes):
            raise InputError("there is no such state in the timeline", got=number, expected=f"0 to {len(self.nodes) - 1}")
        return replace(self, at=number, ahead=())

    def path(self) -> tuple[int, ...]:
        """The numbers of the nodes from the first to the one that is now."""
        numbers = [self.at]
        while (parent := self.nodes[numbers[-1]].parent) is not None:
            numbers.append(parent)
        return tuple(reversed(numbers))

    def branches(self) -> tuple[int, ...]:
        """The numbers of the nodes that nothing came from: where each branch ends."""
        parents = {node.parent for node in self.nodes}
        return tuple(i for i in range(len(self.nodes)) if i not in parents)
