"""Planning down the slope: several plans at once, each made better by how its cost changes with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cem import check_counts
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions
from lifeworld.worlds.planning.icem import coloured
from lifeworld.worlds.planning.planner import Differentiable, Planned
from lifeworld.worlds.world import World

S = TypeVar("S")
MEMORY, SQUARES, LEAST = 0.9, 0.99, 1e-12
"""Adam's: how long it remembers slopes and their squares, and what it never divides by less than."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """`samples` plans begin at random and take `rounds` steps of Adam, `rate` of each number's half range long at first and none at last.

    What goes past its bounds is put back. Only worlds that know their slope can be planned in so.

    Source: D. P. Kingma & J. Ba, Adam (2015).
    """

    horizon: int = 5
    hold: int = 1
    samples: int = 8
    rounds: int = 12
    spread: float = 0.5
    rate: float = 0.2
    colour: float = 2.0

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold, samples=self.samples, rounds=self.rounds)

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        if not hasattr(world, "slope"):
            raise InputError(
                "this world does not know its slope", got=world.spec.engine, expected="a model of kind jepa", fix="Use --planner icem."
            )
        sloped = cast("Differentiable[S]", world)
        decisions, rng = Decisions.of(world.spec, hold=self.hold), generator(seed, "planner", "gradient")
        mean = np.tile(decisions.rest, (self.horizon, 1)) if before is None else decisions.heard(before.actions, self.horizon)
        plans = mean + self.spread * decisions.half * coloured(rng, (self.samples, *mean.shape), self.colour)
        plans[0] = mean
        plans = plans.clip(decisions.low, decisions.high)
        least, best = np.inf, mean
        first, second = np.zeros_like(plans), np.zeros_like(plans)
        for turn in range(self.rounds + 1):
            costs, slope = sloped.slope(state, np.repeat(plans, self.hold, axis=1), cost)
            if not (np.isfinite(costs).all() and np.isfinite(slope).all()):
                raise InputError("a slope is no number", got=world.spec.engine, fix="Use --planner icem, which needs none.")
            if costs.min() < least:
                least, best = float(costs.min()), plans[int(np.argmin(costs))]
            # held ticks share one decision; per half range, so that all numbers go alike far
            slope = slope.reshape(self.samples, self.horizon, self.hold, -1).sum(axis=2) * decisions.half
            first, second = MEMORY * first + (1 - MEMORY) * slope, SQUARES * second + (1 - SQUARES) * slope**2
            size = np.sqrt(second / (1 - SQUARES ** (turn + 1))) + LEAST
            step = self.rate * (1 - turn / self.rounds) * first / (1 - MEMORY ** (turn + 1)) / size
            plans = (plans - step * decisions.half).clip(decisions.low, decisions.high)
        return decisions.planned(best, cost=least, steps=self.samples * (self.rounds + 1) * self.horizon * self.hold)
