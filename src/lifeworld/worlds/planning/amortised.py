"""The amortised planner: a world that has learned what leads where is asked once, and what it says is made a little better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cem import check_counts
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.icem import coloured
from lifeworld.worlds.planning.planner import Inverse, Planned
from lifeworld.worlds.world import World

S = TypeVar("S")
NARROWER = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Amortised:
    """What the world says leads towards the goal, or the least costly of `samples` plans around it and the plan before.

    `spread` of each number's half range is how far around; in each of the `rounds` after the first it is a third of that, around the best.
    One sample is what the world says, taken at its word. Only worlds that know what leads where (`toward`) can be planned in so.
    """

    horizon: int = 5
    hold: int = 1
    samples: int = 32
    rounds: int = 2
    spread: float = 0.3
    colour: float = 2.0

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold, samples=self.samples, rounds=self.rounds)

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        if not hasattr(world, "toward"):
            raise InputError(
                "this world does not know what leads where",
                got=world.spec.engine,
                expected="a model of kind jepa",
                fix="Use --planner icem.",
            )
        decisions, rng = Decisions.of(world.spec, hold=self.hold), generator(seed, "planner", "amortised")
        said = cast("Inverse[S]", world).toward(state, cost, ticks=self.horizon * self.hold)
        middles = [decisions.heard(said, self.horizon)]
        if before is not None and self.samples > 1:
            middles.append(decisions.heard(before.actions, self.horizon))
        least, best, spread = np.inf, middles[0], self.spread
        for _ in range(self.rounds):
            middle = np.stack([middles[i % len(middles)] for i in range(self.samples)])
            plans = middle + spread * decisions.half * coloured(rng, middle.shape, self.colour)
            plans[: len(middles)] = middle[: len(middles)]
            plans = plans.clip(decisions.low, decisions.high)
            costs = tried(world, state, plans, cost, decisions)
            if costs.min() < least:
                least, best = float(costs.min()), plans[int(np.argmin(costs))]
            middles, spread = [best], spread * NARROWER
        return decisions.planned(best, cost=least, steps=self.samples * self.rounds * self.horizon * self.hold)
