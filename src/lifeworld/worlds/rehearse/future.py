"""A future: what it is drawn from, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifeworld.core.seed import child_seed
from lifeworld.scene.event import Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An event that happened in a future, at `time_s` [s] after it began: to whom, how strong, and what it gave.

    `strength` is the number that was drawn for it (None: nothing was); `momentum_n_s` the size of the momentum it gave, `energy_j` the
    energy. `why` says why nothing, or not all, came of it.
    """

    event: str
    time_s: float
    who: tuple[str, ...] = ()
    strength: float | None = None
    momentum_n_s: float = 0.0
    energy_j: float = 0.0
    safety: Safety | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What came of the future `number` under `seed`: of each outcome whether it `came` true, and when [s] that was known (None: never).

    `numbers` are those that were drawn for it, `happened` the events until `end_s` [s], when all outcomes were decided or time was up.
    `lost` says why it was cut before (the engine blew up, the worker died): it counts until then where something is known of it, and not at
    all if nothing is. `stepped_s` of it were gone through by the engine, the rest was asleep.
    """

    number: int
    seed: int
    came: tuple[bool, ...] = ()
    time_s: tuple[float | None, ...] = ()
    end_s: float = 0.0
    numbers: Mapping[str, float]
    happened: tuple[Occurrence, ...] = ()
    stepped_s: float = 0.0
    lost: str = ""


def seed_of(seed: int, number: int) -> int:
    """The seed of a future: of the rehearsal's and its number, whoever rolls it and beside whom."""
    return child_seed(seed, "future", number)
