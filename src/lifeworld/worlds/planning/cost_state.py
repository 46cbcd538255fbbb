"""To be as the goal is: everything where it is there, turned as it is there. For worlds that say where things are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.worlds.world import Observation, World

PLACES = ("position_m", "quat_wxyz", "joint_position", "embodiment_state")
"""The signals that say where everything is."""
LEVER_M = 0.05
"""A turn counts as much as the way it takes a point so far from the middle."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostState:
    """The sum of the squared ways [m²] that all are from their places in `goal` (stream → value), turns by a lever of LEVER_M.

    `signal` says of which signal each stream is.
    """

    goal: Mapping[str, NDArray[np.float64]]
    signal: Mapping[str, str]

    @classmethod
    def like(cls, world: World[Any], state: Any, *, signals: Collection[str] = PLACES) -> CostState:
        """As everything is at a state of the world; `signals` are those that count, of which the world has some.

        Raises:
            InputError: if it has none of them.
        """
        has = {stream: signal for stream, signal in world.spec.signals.items() if {stream, signal} & set(signals)}
        if not has:
            raise InputError("this world does not say where things are", got=world.spec.engine, expected=", ".join(signals))
        seen = world.observe(state, tuple(has))
        size = {f"embodiment_state@{one.name}": one.size for one in world.spec.actions}  # its places come first, then its speeds
        return cls(goal={stream: np.asarray(seen[stream], dtype=np.float64)[..., : size.get(stream)] for stream in has}, signal=has)

    @property
    def signals(self) -> tuple[str, ...]:
        return tuple(self.goal)

    def of(self, seen: Observation) -> NDArray[np.float64]:
        """The cost (n, ticks) of each moment."""
        parts = [_apart(seen[stream], goal, self.signal[stream]) for stream, goal in self.goal.items()]
        return np.asarray(np.sum(parts, axis=0))


def _apart(now: NDArray[np.float64], goal: NDArray[np.float64], signal: str) -> NDArray[np.float64]:
    """Squared ways [m²], summed over all whom the stream is about: (n, ticks)."""
    if signal == "quat_wxyz":
        cosine = np.abs((now * goal).sum(axis=-1)).clip(0.0, 1.0)
        apart = LEVER_M * 2 * np.arccos(cosine)
    else:
        apart = now[..., : goal.shape[-1]] - goal
    return np.asarray(np.square(apart).reshape(*now.shape[:2], -1).sum(axis=-1))
