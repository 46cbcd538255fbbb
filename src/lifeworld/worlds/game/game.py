"""What a game has to be able to do to become a world, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.world import ActionSpec


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture (height, width, 3) uint8, and what the action before it brought; after an end the next action begins anew."""

    rgb: NDArray[np.uint8]
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False


class Game(Protocol):
    """A game that is played by one after the other action. A mark is a moment it can go back to, exactly."""

    name: str
    version: str
    tick_ns: int
    action: ActionSpec

    def begin(self, seed: int) -> Shown:
        """A new game; the same seed begins the same one."""
        ...

    def act(self, action: NDArray[np.float64]) -> Shown:
        """One step further; `action` (n,) lies within the bounds of the spec."""
        ...

    def mark(self) -> Any:
        """This moment, as a value."""
        ...

    def go_to(self, mark: Any) -> None:
        """Back (or on) to a marked moment."""
        ...

    def to_bytes(self, mark: Any) -> bytes:
        """A mark as bytes."""
        ...

    def from_bytes(self, data: bytes) -> Any:
        """The mark that `to_bytes` wrote.

        Raises:
            StateError: if it is none of this game.
        """
        ...

    def close(self) -> None:
        """Let go of what the game holds."""
        ...


def keys(name: str, labels: tuple[str, ...]) -> ActionSpec:
    """The action of a game played by keys: one number a key, pressed from 0.5 on."""
    n = len(labels)
    return ActionSpec(name=name, labels=labels, low=(0.0,) * n, high=(1.0,) * n, rest=(0.0,) * n)
