"""Two branches of a timeline, compared from where they part: what was done here, and what was done there.

    pair = parting(world, line, 3, 5)            # from where the nodes 3 and 5 part; needs the world that made them for a few ticks
    found, ways = compared(another_world, pair)  # a `WhatIf` of both, and all their states, tick by tick

Both go through their own actions and changes again, on one clock that begins where they part. Where one ends before the other, it goes on
at rest, so that the ends are those of the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lifeworld.core.errors import InputError, LimitError
from lifeworld.episode.episode import Episode
from lifeworld.worlds.record import record_from
from lifeworld.worlds.replay import AgentRecorded
from lifeworld.worlds.timeline import Timeline
from lifeworld.worlds.whatif.change import Change
from lifeworld.worlds.whatif.divergence import NEEDED, Side, divergence
from lifeworld.worlds.whatif.follow import Following, Result
from lifeworld.worlds.whatif.whatif import Fork, WhatIf, differ, usual
from lifeworld.worlds.world import Action

LEAST_TICKS = 50
"""Both go on for a second at least: who has only just changed something wants to see what comes of it."""
MOST_TICKS = 3_000
"""What is compared: a minute from where they part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One side from the parting on: its first state, its actions, the states it was changed to by tick, and what was said of them.

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
    """Where two branches part: the node, the tick since the first state, the state there; and both ways from there."""

    node: int
    tick: int
    state: Any
    base: Way
    branch: Way

    @property
    def ticks(self) -> int:
        """How many ticks are compared."""
        return min(max(self.base.lived, self.branch.lived, LEAST_TICKS), MOST_TICKS)


def parting(world: Any, line: Timeline[Any], base: int, branch: int) -> Parting:
    """Where the branches that end with these nodes part.

    Raises:
        InputError: if there are no such nodes, or they are one.
        LimitError: if on one of them something was taken out later than where they part.
    """
    if base == branch:
        raise InputError("a branch is compared with another one", got=f"{base} and {branch}")
    here, there = line.go(base), line.go(branch)
    one, other = here.path(), there.path()
    shared = [a for a, b in zip(one, other, strict=False) if a == b]
    node = shared[-1]
    ticks = min(_left(line, one, len(shared)), _left(line, other, len(shared)))
    state = line.nodes[node].course.at(world, ticks)
    tick = line.go(node).tick - line.nodes[node].course.ticks + ticks
    return Parting(
        node=node,
        tick=tick,
        state=state,
        base=_way(world, here, len(shared), tick, state),
        branch=_way(world, there, len(shared), tick, state),
    )


def compared(
    world: Any, pair: Parting, *, seed: int = 0, on_tick: Callable[[int, int], None] | None = None
) -> tuple[WhatIf, tuple[list[Any], list[Any]]]:
    """What is otherwise on the second way, and the states of both, one a tick.

    `world` is one like that which made them. `on_tick(tick, ticks)` is told how far both are together.

    Raises:
        SignalUnavailable: in a world that does not say where things are.
    """
    world.edit(pair.state, ())  # what a world says of itself is of the state that was edited last
    ticks, tick_ns = pair.ticks, world.spec.tick_ns
    asked = usual(world, pair.state)
    episodes: list[Episode] = []
    results: list[list[Result | None]] = []
    states: tuple[list[Any], list[Any]] = ([], [])
    for late, (side, way) in enumerate(_sides(pair)):
        world.edit(way.start, ())
        asking = Following(asked, way.start)

        def see(state: Any, asking: Following = asking, kept: list[Any] = states[late]) -> None:
            asking.see(state)
            kept.append(state)

        def tell(tick: int, _ticks: int, late: int = late) -> None:
            if on_tick is not None:
                on_tick(late * (ticks + 1) + tick, 2 * ticks + 1)

        episodes.append(
            record_from(
                world,
                AgentRecorded(way.actions),
                way.start,
                seconds=ticks * tick_ns * 1e-9,
                seed=seed,
                signals=NEEDED,
                labels={"side": side},
                changed=way.changed,
                on_tick=tell,
                on_state=see,
            )
        )
        results.append(asking.results())
    shown = [i for i in range(len(asked)) if differ(results[0][i], results[1][i])]
    at_s = pair.tick * tick_ns * 1e-9
    found = WhatIf(
        fork=Fork(world, pair.state, pair.base.actions, at_s, pair.tick),
        base=episodes[0],
        branch=episodes[1],
        at_s=at_s,
        change=Change(steps=(), said=pair.branch.said, told=pair.branch.said),
        divergence=divergence(*episodes),
        camera=None,
        exact=None,
        outcomes=tuple(asked[i] for i in shown),
        base_results=tuple(results[0][i] for i in shown),
        branch_results=tuple(results[1][i] for i in shown),
    )
    return found, states


# -- below -----------------------------------------------------------------------------------------------------------------


def _sides(pair: Parting) -> tuple[tuple[Side, Way], tuple[Side, Way]]:
    return ("base", pair.base), ("branch", pair.branch)


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
