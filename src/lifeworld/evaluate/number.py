"""From an interval to a number of the report: with its data, its model, and how many independent things it is of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.interval import Interval, grouped
from lifeworld.evaluate.heldout import HeldOut
from lifeworld.evaluate.measured import Floor, Measured
from lifeworld.evaluate.subject import Subject


def number(
    subject: Subject,
    heldout: HeldOut,
    name: str,
    found: Interval,
    *,
    floors: Sequence[Floor],
    unit: str = "",
    better: Literal["higher", "lower", "exact"] = "higher",
    seed: int,
    raw: Sequence[float] | NDArray[np.float64] = (),
    n: int | None = None,
    of: str | None = None,
) -> Measured:
    """A number measured on held-out clips; `n` and `of` where it is of something else than their episodes."""
    groups = len(np.unique(grouped(heldout.episode)))
    clips, episodes = len(heldout.pictures), len(np.unique(heldout.episode))
    said = f"episodes ({clips} clips)" if groups == episodes else f"clips of only {episodes} {'episode' if episodes == 1 else 'episodes'}"
    return Measured(
        name=name,
        value=found.value,
        low=found.low,
        high=found.high,
        unit=unit,
        n=groups if n is None else n,
        of=of or said,
        seeds=(seed,),
        floors=tuple(floors),
        better=better,
        data_sha256=heldout.sha256,
        model_sha256=subject.sha256,
        raw=tuple(float(one) for one in raw),
    )


def floor(name: str, found: Interval | float) -> Floor:
    """What costs nothing, measured or known."""
    return Floor(name=name, value=found) if isinstance(found, float | int) else Floor(name=name, **found._asdict())


def by_group(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sums over the rows of each group (G, …), in the order of their numbers: what is compared pair by pair."""
    names, numbers = np.unique(grouped(groups), return_inverse=True)
    found = np.zeros((len(names), *values.shape[1:]))
    np.add.at(found, numbers, values)
    return found
