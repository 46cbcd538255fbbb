"""Plans as numbers: what all who act decide, one after the other, in one array; and what such plans cost when they are tried.

Letters: n plans, d decisions of each, A numbers of a decision (all embodiments', one after the other). A decision is held for `hold`
ticks, and a future is looked at when each is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.planner import Planned
from lifeworld.worlds.world import ActionSpec, World, WorldSpec

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What can be decided in a world: numbers (A,) between `low` and `high`; `rest` does nothing; each is held for `hold` ticks."""

    specs: tuple[ActionSpec, ...]
    hold: int
    low: Array
    high: Array
    rest: Array

    @classmethod
    def of(cls, spec: WorldSpec, *, hold: int) -> Decisions:
        """Those of a world.

        Raises:
            InputError: if nobody acts in it, a number has no bounds, or a decision lasts no tick.
        """
        if hold < 1:
            raise InputError("a decision lasts some ticks", got=hold, expected="1 or more")
        if not spec.actions:
            raise InputError("nobody acts in this world, so nothing can be planned", got=spec.engine, fix="Give its scene an embodiment.")
        low, high, rest = (np.array([x for one in spec.actions for x in getattr(one, end)]) for end in ("low", "high", "rest"))
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            names = [f"{one.name} {label}" for one in spec.actions for label in one.labels]
            loose = [name for name, ok in zip(names, np.isfinite(low) & np.isfinite(high), strict=True) if not ok]
            raise InputError("who plans draws within bounds", got=f"none for {', '.join(loose)}", fix="Give its actions bounds.")
        return cls(spec.actions, hold, low, high, rest)

    @property
    def size(self) -> int:
        return len(self.low)

    @property
    def half(self) -> Array:
        """Half of each number's range (A,)."""
        return (self.high - self.low) / 2

    def told(self, plans: Array) -> dict[str, Array]:
        """Plans (n, d, A) as a rollout takes them: name → (n, d · hold, size)."""
        held = np.repeat(plans, self.hold, axis=1)
        edges = np.cumsum([spec.size for spec in self.specs])[:-1]
        return {spec.name: part for spec, part in zip(self.specs, np.split(held, edges, axis=-1), strict=True)}

    def heard(self, actions: Mapping[str, Array], decisions: int) -> Array:
        """A plan (d, A) from actions name → (ticks, size): the first tick of each decision, cut, or its last repeated, to so many."""
        rows = np.concatenate([np.asarray(actions[spec.name], dtype=np.float64) for spec in self.specs], axis=-1)[:: self.hold]
        if not len(rows):
            return np.tile(self.rest, (decisions, 1))
        return np.concatenate([rows, np.repeat(rows[-1:], decisions, axis=0)])[:decisions]

    def planned(self, plan: Array, *, cost: float, steps: int) -> Planned:
        """A plan (d, A) as it is handed out."""
        return Planned(actions={name: value[0] for name, value in self.told(plan[None]).items()}, cost=cost, steps=steps)


def tried(world: World[Any], state: Any, plans: Array, cost: Cost, decisions: Decisions) -> Array:
    """What plans (n, d, A) cost from a state, each summed over its decisions: (n,). Nothing is shown but what the cost asks for."""
    states, told = [state] * len(plans), decisions.told(plans)
    if decisions.hold == 1:
        return _checked(cost.of(world.rollout(states, told, cost.signals)[1]).sum(axis=1))
    spent, hold = np.zeros(len(plans)), decisions.hold
    for first in range(0, plans.shape[1] * hold, hold):
        states, _ = world.rollout(states, {name: value[:, first : first + hold - 1] for name, value in told.items()}, ())
        last = {name: value[:, first + hold - 1 : first + hold] for name, value in told.items()}
        states, seen = world.rollout(states, last, cost.signals)
        spent += cost.of(seen)[:, 0]
    return _checked(spent)


def _checked(costs: Array) -> Array:
    """Costs, of which every one is a number.

    Raises:
        InputError: if one is not: a model that gives NaN would be planned in by chance.
    """
    if not np.isfinite(costs).all():
        raise InputError(
            "a future costs no number",
            got=f"{int((~np.isfinite(costs)).sum())} of {len(costs)} are not finite",
            fix="The world that plans shows values that are not finite: look at what it was learned from.",
        )
    return costs
