"""Who plans nothing: decisions drawn at random. What is reached so costs nothing, and is the floor that planning is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cem import check_counts
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions
from lifeworld.worlds.planning.planner import Planned
from lifeworld.worlds.world import World

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undirected:
    """Every decision is drawn uniformly within its bounds and held as long as a planner's, so it gets about as far as one."""

    horizon: int = 1
    hold: int = 1

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold)

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        decisions = Decisions.of(world.spec, hold=self.hold)
        drawn = generator(seed, "planner", "undirected").uniform(decisions.low, decisions.high, (self.horizon, decisions.size))
        return decisions.planned(drawn, cost=math.nan, steps=0)
