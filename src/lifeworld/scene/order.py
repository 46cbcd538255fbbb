"""In which order things are placed: who carries before who is carried, who is beside somebody after them; otherwise as written.

Things that only wait for each other by `facing`, `beside` and the like are no ring: one of them is placed without, and turned or checked
later.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from lifeworld.core.errors import RelationCycle
from lifeworld.scene.scene import Relation, Scene

SOFT = ("facing", "beside", "near", "far_from", "aligned_with")


@dataclass(frozen=True, slots=True)
class Step:
    """A thing to place, and the relations of it that can only be looked at when the others stand."""

    name: str
    later: tuple[Relation, ...] = ()


def placing_order(scene: Scene, *, first: Callable[[str], float] = lambda name: 0.0) -> list[Step]:
    """The things without a pose, in order; among those that could go next, the least by `first`, then as written.

    Raises:
        RelationCycle: naming the ring.
    """
    rank = {t.name: (first(t.name), i, t.name) for i, t in enumerate(scene.things) if t.pose is None}
    waits: dict[str, list[Relation]] = {
        t.name: [r for r in t.relations if not rank.keys().isdisjoint(r.targets)] for t in scene.things if t.name in rank
    }
    waiters: dict[str, list[str]] = {name: [] for name in rank}
    for name, relations in waits.items():
        for relation in relations:
            for target in relation.targets:
                if target in rank:
                    waiters[target].append(name)
    later: dict[str, tuple[Relation, ...]] = {}
    ready = [rank[name] for name, relations in waits.items() if not relations]
    heapq.heapify(ready)
    steps: list[Step] = []
    left = set(rank)
    while left:
        if not ready:
            name = _loosened(waits, left, rank)
            later[name] = tuple(waits[name])
            waits[name] = []
            heapq.heappush(ready, rank[name])
        name = heapq.heappop(ready)[2]
        if name not in left:
            continue
        left.remove(name)
        steps.append(Step(name, later.get(name, ())))
        for waiter in waiters[name]:
            if waiter in left and waits[waiter]:
                waits[waiter] = [r for r in waits[waiter] if not left.isdisjoint(r.targets)]
                if not waits[waiter]:
                    heapq.heappush(ready, rank[waiter])
    return steps


def _loosened(waits: dict[str, list[Relation]], left: set[str], rank: dict[str, tuple[float, int, str]]) -> str:
    """The first thing that waits by soft relations only.

    Raises:
        RelationCycle: when there is none.
    """
    soft = [name for name in left if all(r.kind in SOFT for r in waits[name])]
    if soft:
        return min(soft, key=lambda name: rank[name])
    way: list[str] = []
    name = min(left, key=lambda n: rank[n])
    while name not in way:
        way.append(name)
        name = next(_waited_for(r, left) for r in waits[name] if r.kind not in SOFT)
    ring = [*way[way.index(name) :], name]
    words = [next(r.kind.replace("_", " ") for r in waits[a] if b in r.targets and r.kind not in SOFT) for a, b in pairwise(ring)]
    told = ring[0] + "".join(f" {word} {name}" for word, name in zip(words, ring[1:], strict=True))
    raise RelationCycle(f"things wait for each other in a ring: {told}", where=f"thing {ring[0]!r}", fix="Give one of them a pose.")


def _waited_for(relation: Relation, left: set[str]) -> str:
    return next(name for name in relation.targets if name in left)
