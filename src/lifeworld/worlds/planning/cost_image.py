"""To look as the goal does: by the world's embedding of it where the world has one, pixel by pixel elsewhere.

goal = world.reset(np.repeat(picture[None], 4, 0), seed=0)      # in a dream: the picture, stood still
cost = CostImage.like(world, goal)
cost.of(world.rollout(states, actions, cost.signals)[1])        # (n, ticks)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.worlds.world import Observation, World

LEVELS = 255.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostImage:
    """The mean squared difference from `goal` in one stream: an embedding (D,), or a picture uint8 (H, W, 3), colours counting 0 to 1."""

    stream: str
    goal: NDArray[Any]

    @classmethod
    def like(cls, world: World[Any], state: Any, *, camera: str | None = None) -> CostImage:
        """As a state of the world looks; `camera` is the stream of pictures, where there are several and nothing is embedded.

        Raises:
            InputError: if this world shows no pictures, or several and none is named.
        """
        signals = world.spec.signals
        streams = [stream for stream, signal in signals.items() if signal == "embedding"]
        streams = streams or ([camera] if camera is not None else [stream for stream, signal in signals.items() if signal == "rgb"])
        if len(streams) != 1:
            raise InputError(
                "a goal as a picture is seen by one camera",
                got=", ".join(streams) or "a world without pictures",
                expected="the name of its stream: rgb@front",
            )
        return cls(stream=streams[0], goal=world.observe(state, streams)[streams[0]])

    @property
    def signals(self) -> tuple[str, ...]:
        return (self.stream,)

    def of(self, seen: Observation) -> NDArray[np.float64]:
        """The cost (n, ticks) of each moment.

        Raises:
            ShapeError: if what is seen is of another size than the goal.
        """
        shown = seen[self.stream]
        if shown.shape[2:] != self.goal.shape:
            raise ShapeError("a future is compared with a goal of the same size", got=shown.shape[2:], expected=self.goal.shape)
        scale = LEVELS if self.goal.dtype == np.uint8 else 1.0
        apart = (shown.astype(np.float32) - self.goal.astype(np.float32)) / np.float32(scale)
        return np.asarray(np.square(apart).reshape(*apart.shape[:2], -1).mean(axis=-1, dtype=np.float64))
