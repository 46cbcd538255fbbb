"""The branches of a session's timeline as a page is told of them: all to who comes, then news alone, in messages of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lifeworld.studio import wire
from lifeworld.studio.pace import Pace
from lifeworld.studio.story import Story
from lifeworld.worlds.timeline import Node

MOST_NODES = 200
"""Of one message."""


class Branches:
    """What everybody has been told of the nodes of a timeline: of each node as it was told."""

    def __init__(self) -> None:
        self._nodes: tuple[Node[Any], ...] = ()
        self._said: list[dict[str, Any]] = []

    def news(self, story: Story, pace: Pace) -> list[wire.Line]:
        """Where we are, with the nodes that are new or have gone on since the last time; more than one where there are many."""
        nodes, said = story.line.nodes, self._said
        changed = []
        for number, node in enumerate(nodes):
            if number < len(said) and self._nodes[number] is node:
                continue
            row = _row(number, node)
            if number >= len(said):
                said.append(row)
            elif said[number] == row:
                continue
            said[number] = row
            changed.append(row)
        self._nodes = nodes
        return list(_lines(story, pace, changed))

    def all(self, story: Story, pace: Pace) -> list[wire.Line]:
        """The same with all nodes, for who has been told of none."""
        return list(_lines(story, pace, [_row(number, node) for number, node in enumerate(story.line.nodes)]))


def _row(number: int, node: Node[Any]) -> dict[str, Any]:
    return {
        "number": number,
        "said": node.said,
        "ticks": node.course.ticks,
        "parent": node.parent,
        "left": node.left.ticks if node.left else 0,
    }


def _lines(story: Story, pace: Pace, nodes: Sequence[dict[str, Any]]) -> Iterator[wire.Line]:
    line = story.line
    marks = tuple((name, place.node, place.ticks) for name, place in line.marks)
    undo, redo = line.nodes[line.now.node].left is not None, bool(line.ahead)
    for first in range(0, max(len(nodes), 1), MOST_NODES):
        yield wire.Line(
            nodes=tuple(nodes[first : first + MOST_NODES]),
            more=first + MOST_NODES < len(nodes),
            node=line.now.node,
            tick=line.now.ticks,
            undo=undo,
            redo=redo,
            marks=marks,
            playing=pace.going,
            speed=pace.speed,
            along=story.along,
            recorded=story.recorded,
        )
