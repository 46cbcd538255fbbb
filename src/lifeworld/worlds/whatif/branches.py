"""Branches of a timeline, compared from where they part: what was done here, and what was done there.

    apart = parting(world, line, (3, 5, 6))       # from where the nodes 3, 5 and 6 part; needs the world that made them for a few ticks
    found, ways = compared(another_world, apart)  # a `WhatIf` of 5 and one of 6, each against 3; and all their states, tick by tick

All go through their own actions and changes again, on one clock that begins where the first of them leaves the others. Where one ends
before another, it goes on at rest, so that the ends are those of the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifeworld.core.errors import InputError, LimitError
from lifeworld.episode.episode import Episode
from lifeworld.scene.outcome import Outcome
from lifeworld.worlds.record import record_from
from lifeworld.worlds.replay import AgentRecorded
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.change import Change
from lifeworld.worlds.whatif.divergence import NEEDED, Side, divergence
from lifeworld.worlds.whatif.follow import Following, Result
from lifeworld.worlds.whatif.whatif import Fork, WhatIf, differ, usual
from lifeworld.worlds.world import Action

MOST_BRANCHES = 4
LEAST_TICKS = 50
"""All go on for a second at least: who has only just changed something wants to see what comes of it."""
MOST_TICKS = 3_000
"""What is compared: a minute from where they part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One branch from the parting on: its first state, its actions, the states it was changed to by tick, and what was said of them.

    `lived` are the ticks that were really gone through; after them it rests.
    """

    start: Any
    actions: tuple[Action, ...]
    changed: Mapping[int, Any]
    said: str

    @property
    def lived(self) -> int:
        return len(self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where branches part: the node, the tick since the first state, the state there; and their ways from there, the base first."""

    node: int
    tick: int
    state: Any
    ways: tuple[Way, ...]

    @property
    def ticks(self) -> int:
        """How many ticks are compared."""
        return min(max(LEAST_TICKS, *(way.lived for way in self.ways)), MOST_TICKS)


def parting(world: Any, line: Timeline[Any], nodes: Sequence[int]) -> Parting:
    """Where the branches that end with these nodes part, the first of them being the one that the others are held against.

    Raises:
        InputError: if there are no such nodes, one is meant twice, or there are too few or too many of them.
        LimitError: if on one of them something was taken out later than where they part.
    """
    if len(set(nodes)) < len(nodes) or not 2 <= len(nodes) <= MOST_BRANCHES:
        raise InputError(
            "a branch is compared with others", got=" and ".join(map(str, nodes)), expected=f"2 to {MOST_BRANCHES} different ones"
        )
    ends = [line.go(node) for node in nodes]
    paths = [end.path() for end in ends]
    shared = next((i for i, at in enumerate(zip(*paths, strict=False)) if len(set(at)) > 1), min(map(len, paths)))
    node = paths[0][shared - 1]
    ticks = min(_left(line, path, shared) for path in paths)
    state = line.nodes[node].course.at(world, ticks)
    tick = line.go(node).tick - line.nodes[node].course.ticks + ticks
    return Parting(node=node, tick=tick, state=state, ways=tuple(_way(world, end, shared, tick, state) for end in ends))


def compared(
    world: Any, apart: Parting, *, seed: int = 0, on_tick: Callable[[int, int], None] | None = None
) -> tuple[tuple[WhatIf, ...], tuple[list[Any], ...]]:
    """What is otherwise on each way but the first, held against that; and the states of all, one a tick.

    Outcomes are told of all where they differ on any, so that they stand in one table.
    `world` is one like that which made them. `on_tick(tick, ticks)` is told how far all are together.

    Raises:
        SignalUnavailable: in a world that does not say where things are.
    """
    world.edit(apart.state, ())  # what a world says of itself is of the state that was edited last
    ticks, many = apart.ticks, len(apart.ways)
    asked = usual(world, apart.state)
    gone: list[_Gone] = []
    for late, way in enumerate(apart.ways):

        def tell(tick: int, _ticks: int, late: int = late) -> None:
            if on_tick is not None:
                on_tick(late * (ticks + 1) + tick, many * (ticks + 1) - 1)

        gone.append(_followed(world, way, "branch" if late else "base", asked=asked, ticks=ticks, seed=seed, on_tick=tell))
    shown = [i for i in range(len(asked)) if any(differ(gone[0].results[i], other.results[i]) for other in gone[1:])]
    found = tuple(_against(world, apart, gone[0], other, way, shown) for other, way in zip(gone[1:], apart.ways[1:], strict=True))
    return found, tuple(one.states for one in gone)


# -- below -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """A way that was gone again: what was seen, all its states, what was asked and what came of it."""

    episode: Episode
    states: list[Any]
    asked: Sequence[Outcome]
    results: list[Result | None]


def _followed(
    world: Any,
    way: Way,
    side: Side,
    *,
    asked: Sequence[Outcome],
    ticks: int,
    seed: int,
    on_tick: Callable[[int, int], None],
) -> _Gone:
    world.edit(way.start, ())
    asking = Following(asked, way.start)
    states: list[Any] = []

    def see(state: Any) -> None:
        asking.see(state)
        states.append(state)

    episode = record_from(
        world,
        AgentRecorded(way.actions),
        way.start,
        seconds=ticks * world.spec.tick_ns * 1e-9,
        seed=seed,
        signals=NEEDED,
        labels={"side": side},
        changed=way.changed,
        on_tick=on_tick,
        on_state=see,
    )
    return _Gone(episode=episode, states=states, asked=asked, results=asking.results())


def _against(world: Any, apart: Parting, base: _Gone, branch: _Gone, way: Way, shown: Sequence[int]) -> WhatIf:
    at_s = apart.tick * world.spec.tick_ns * 1e-9
    return WhatIf(
        fork=Fork(world, apart.state, apart.ways[0].actions, at_s, apart.tick),
        base=base.episode,
        branch=branch.episode,
        at_s=at_s,
        change=Change(steps=(), said=way.said, told=way.said),
        divergence=divergence(base.episode, branch.episode),
        camera=None,
        exact=None,
        outcomes=tuple(base.asked[i] for i in shown),
        base_results=tuple(base.results[i] for i in shown),
        branch_results=tuple(branch.results[i] for i in shown),
    )


def _left(line: Timeline[Any], path: tuple[int, ...], shared: int) -> int:
    """So many ticks into the last node that is shared a path leaves it; where it ends there, its end."""
    if len(path) > shared:
        left = line.nodes[path[shared]].left
        assert left is not None
        return left.ticks
    return line.nodes[path[-1]].course.ticks


def _way(world: Any, line: Timeline[Any], shared: int, tick: int, state: Any) -> Way:
    """From a tick to the end of a branch, `shared` nodes of whose path are the other's too."""
    own = line.changes()[shared - 1 :]
    changed = {at - tick: to for at, to, _ in own}
    said = "; ".join(said for _, _, said in own if said)
    start = changed.pop(0, state)
    there = {thing.name for thing in world.scene(start).things}
    for at, to in changed.items():
        names = {thing.name for thing in world.scene(to).things}
        if gone := sorted(there - names):
            raise LimitError(
                "a thing was taken out later than where the branches part",
                got=f"{', '.join(gone[:3])}, {at} ticks later",
                fix="Compare with a branch that parts where it was taken out, or later.",
            )
        there = names
    return Way(start=start, actions=tuple(line.actions()[tick:]), changed=changed, said=said or "as it went on")
