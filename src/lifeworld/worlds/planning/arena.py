"""Where planning is judged: a world, where one begins and ends, and rules that say whether one got there.

arena = arenas.named("tworoom")
world = arena.world()
state = arena.start(world, seed=3)
goal = arena.goal(world, state, seed=3)
arena.reached(world, state, goal)               # Reached(moderate=False, strict=False)
judged(arena, world, goal, states)              # of a whole course, tick by tick: what counts
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    start and the goal taken from the same recorded course; `still` ticks in a row that the strict rules have to hold; `seconds` how long a
    play that is recorded lasts and `signals` what is kept of it; `variations` are the factors of variation (`colour`, `size` …): each
    gives options for `world`.
    """

    @property
    def name(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def camera(self) -> str: ...

    @property
    def hold(self) -> int: ...

    @property
    def budget(self) -> int: ...

    @property
    def ahead(self) -> int: ...

    @property
    def still(self) -> int: ...

    @property
    def seconds(self) -> float: ...

    @property
    def signals(self) -> tuple[str, ...]: ...

    @property
    def variations(self) -> Mapping[str, Sequence[Mapping[str, Any]]]: ...

    def world(self, **variation: Any) -> World[Any]:
        """The world, as published or with a factor varied."""
        ...

    def begin(self, world: World[Any], *, seed: int) -> Any:
        """A first state of a play that is recorded, drawn."""
        ...

    def start(self, world: World[Any], *, seed: int) -> Any:
        """A first state from which there is a goal, drawn; nothing moves."""
        ...

    def goal(self, world: World[Any], start: Any, *, seed: int) -> Any:
        """A state to be reached from this start, drawn by the arena's rules; it can be, and the start does not reach it by either rules."""
        ...

    def reached(self, world: World[Any], state: Any, goal: Any) -> Reached:
        """Whether a state is as good as the goal."""
        ...

    def player(self, world: World[Any]) -> Agent:
        """Who plays in this world when data are recorded to learn from: knows no goals, and decides once in `hold` ticks."""
        ...


def judged(arena: Arena, world: World[Any], goal: Any, states: Iterable[Any]) -> Reached:
    """Whether a course, a state a tick, reaches the goal: at any tick by the rules as published, `still` in a row by the strict."""
    moderate, strict, held = False, False, 0
    for state in states:
        now = arena.reached(world, state, goal)
        held = held + 1 if now.strict else 0
        moderate, strict = moderate or now.moderate, strict or held >= arena.still
    return Reached(moderate, strict)
