"""Where planning is judged: a world, where one begins and ends, and rules that say whether one got there.

arena = arenas.named("tworoom")
world = arena.world()
state = arena.start(world, seed=3)
arena.reached(world, state, goal)               # Reached(moderate=False, strict=False)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from lifeworld.worlds.agent import Agent
from lifeworld.worlds.world import World


class Reached(NamedTuple):
    """Whether the goal is reached, by the rules as published and by the stricter ones."""

    moderate: bool
    strict: bool


class Arena(Protocol):
    """See the head of this file.

    `name` is what the command line calls it; `source` names the rules and where they are published; `camera` the stream of pictures that a
    model sees; `hold` ticks an action is held for one decision (the frame skip), `budget` decisions at most; `ahead` decisions between a
    start and the goal taken from the same recorded course; `variations` are the factors of variation (`colour`, `size` …): each gives
    options for `world`.
    """

    name: str
    source: str
    camera: str
    hold: int
    budget: int
    ahead: int
    variations: Mapping[str, Sequence[Any]]

    def world(self, **variation: Any) -> World[Any]:
        """The world, as published or with a factor varied."""
        ...

    def start(self, world: World[Any], *, seed: int) -> Any:
        """A first state, drawn."""
        ...

    def goal(self, world: World[Any], start: Any, *, seed: int) -> Any:
        """A state to be reached from this start, drawn by the arena's rules; it can be."""
        ...

    def reached(self, world: World[Any], state: Any, goal: Any) -> Reached:
        """Whether a state is as good as the goal."""
        ...

    def player(self, *, seed: int) -> Agent:
        """Who plays when data are recorded to learn from: somebody who does not know the goals."""
        ...
