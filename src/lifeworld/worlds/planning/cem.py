"""CEM, the cross-entropy method: draw plans, keep the best, draw the next round like them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.planner import Planned
from lifeworld.worlds.world import World

S = TypeVar("S")
NARROWEST = 0.02
"""Of each number's half range: no round is drawn narrower, so that it does not end before it is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CEM:
    """`samples` plans a round are drawn around a mean, `spread` of each number's half range wide; `elites` of them make the next mean.

    The defaults are those that the published planners of this family are measured with (300 × 30, 30 elites, 5 decisions).

    Source: R. Y. Rubinstein, The cross-entropy method for combinatorial and continuous optimization (1999).
    """

    horizon: int = 5
    hold: int = 1
    samples: int = 300
    rounds: int = 30
    elites: int = 30
    spread: float = 0.5

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold, samples=self.samples, rounds=self.rounds, elites=self.elites)
        if self.elites > self.samples:
            raise InputError("the best are some of those drawn", got=f"{self.elites} elites", expected=f"at most {self.samples}")

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        decisions, rng = Decisions.of(world.spec, hold=self.hold), generator(seed, "planner", "cem")
        mean = np.tile(decisions.rest, (self.horizon, 1)) if before is None else decisions.heard(before.actions, self.horizon)
        wide = np.broadcast_to(self.spread * decisions.half, mean.shape)
        least, found = np.inf, mean
        for _ in range(self.rounds):
            drawn = mean + wide * rng.standard_normal((self.samples, *mean.shape))
            drawn[0] = mean
            drawn = drawn.clip(decisions.low, decisions.high)
            costs = tried(world, state, drawn, cost, decisions)
            best = np.argsort(costs, kind="stable")[: self.elites]
            if costs[best[0]] < least:
                least, found = float(costs[best[0]]), drawn[best[0]]
            mean = drawn[best].mean(axis=0)
            wide = np.maximum(drawn[best].std(axis=0), NARROWEST * decisions.half)
        steps = self.samples * self.rounds * self.horizon * self.hold
        return decisions.planned(found, cost=least, steps=steps)


def check_counts(**counts: float) -> None:
    """Raise where a planner is asked to draw nothing.

    Raises:
        InputError: naming the number.
    """
    for name, value in counts.items():
        if value < 1:
            raise InputError(f"a planner needs some {name}", got=value, expected="1 or more")
