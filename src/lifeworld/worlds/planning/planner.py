"""Who plans: from a state of a world and a cost, the actions that lead where the cost is low."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.world import World

S = TypeVar("S")
T_contra = TypeVar("T_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planned:
    """What to do: `actions` name → (ticks, size); the `cost` that the planner expects of it, and what finding it took.

    `steps` counts the ticks of all futures that were tried (a future of 5 ticks is 5), the planner's price whatever the machine.
    """

    actions: Mapping[str, NDArray[np.float64]]
    cost: float
    steps: int

    def rest(self, ticks: int) -> Planned | None:
        """What is left of it once it has been followed for so many ticks; None where nothing is."""
        left = {name: value[ticks:] for name, value in self.actions.items()}
        return Planned(actions=left, cost=self.cost, steps=0) if all(len(value) for value in left.values()) else None


class Planner(Protocol):
    """See the head of this file. The same state, cost, seed and `before` give the same plan.

    A decision is held for `hold` ticks of the world that plans, and a plan is `horizon` of them.
    """

    @property
    def horizon(self) -> int: ...
    @property
    def hold(self) -> int: ...

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        """The best actions found; `before` is the rest of an earlier plan to begin from.

        Raises:
            InputError: if this world cannot be planned in this way, naming what it lacks.
        """
        ...


class Differentiable(Protocol[T_contra]):
    """A world that can say how a cost changes with the actions: what a gradient planner needs."""

    def slope(self, state: T_contra, actions: NDArray[np.float64], cost: Cost) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Costs (n,), summed over the ticks, of action sequences (n, ticks, A), and their gradient (n, ticks, A)."""
        ...


class Inverse(Protocol[T_contra]):
    """A world that can say at once what leads from here to there: what the amortised planner needs."""

    def toward(self, state: T_contra, cost: Cost, *, ticks: int) -> Mapping[str, NDArray[np.float64]]:
        """Actions name → (ticks, size) that lead towards the cost's goal."""
        ...
