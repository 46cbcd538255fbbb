"""MPPI: every plan drawn has a say in the next mean, the more the less it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cem import check_counts
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.icem import coloured
from lifeworld.worlds.planning.planner import Planned
from lifeworld.worlds.world import World

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class MPPI:
    """`samples` plans a round, `spread` of each number's half range around a mean; the next mean weighs them by exp(-cost / temperature).

    `temperature` is in standard deviations of a round's costs, so that it means the same whatever the costs' unit. The noise is drawn as
    iCEM's, smooth in time by `colour`.

    Source: G. Williams et al., Information theoretic MPC for model-based reinforcement learning (2017).
    """

    horizon: int = 5
    hold: int = 1
    samples: int = 96
    rounds: int = 4
    spread: float = 0.4
    temperature: float = 0.2
    colour: float = 2.0

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold, samples=self.samples, rounds=self.rounds)

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        decisions, rng = Decisions.of(world.spec, hold=self.hold), generator(seed, "planner", "mppi")
        mean = np.tile(decisions.rest, (self.horizon, 1)) if before is None else decisions.heard(before.actions, self.horizon)
        least, best, wide = np.inf, mean, self.spread * decisions.half
        for _ in range(self.rounds):
            drawn = (mean + wide * coloured(rng, (self.samples, *mean.shape), self.colour)).clip(decisions.low, decisions.high)
            drawn[0] = mean
            costs = tried(world, state, drawn, cost, decisions)
            if costs.min() < least:
                least, best = float(costs.min()), drawn[int(np.argmin(costs))]
            weight = np.exp(-(costs - costs.min()) / max(self.temperature * float(costs.std()), np.finfo(float).tiny))
            mean = np.tensordot(weight / weight.sum(), drawn, axes=1)
        return decisions.planned(best, cost=least, steps=self.samples * self.rounds * self.horizon * self.hold)
