"""What a plan costs: how far each moment of a future is from what is wanted."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.world import Observation


class Cost(Protocol):
    """How far from what is wanted, moment by moment; costs are never negative.

    `signals` are what it wants to be shown of a future; a rollout is asked for these and nothing else.
    """

    @property
    def signals(self) -> tuple[str, ...]:
        """Streams, or signals, by their names in the world that plans."""
        ...

    def of(self, seen: Observation) -> NDArray[np.float64]:
        """The cost (n, ticks) of each moment of n futures, 0 where all is as wanted."""
        ...
