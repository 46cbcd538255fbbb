"""What truly was while the clips were taken: where things were, how fast, how turned, what they touched.

for quantity in quantities(heldout):
    quantity.name, quantity.values              # "position of mug", (N, T, 3), NaN where it was not there
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode
from lifeworld.evaluate.heldout import HeldOut

Sort = Literal["position", "velocity", "turn", "contact", "state"]

MOST_THINGS = 3
"""So many things are asked after: those that move most."""
MOVES_M = 0.01
LEAST_SHARE = 0.25
"""Of fewer of the pictures nothing is asked: the thing is hardly ever there, or hardly ever touched."""
SIDEWAYS = 0.5
"""A contact is from the side where its normal rises by less than this: what merely stands does not count."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantity:
    """One of them: `values` (N, T, K), of which every number varies; `thing` whose it is."""

    sort: Sort
    thing: str
    values: NDArray[np.float64]

    @property
    def name(self) -> str:
        """As the numbers are called: `position_mug`."""
        return f"{self.sort}_{self.thing}"


def quantities(heldout: HeldOut) -> list[Quantity]:
    """All that was recorded beside the pictures of the clips; nothing where they are from nowhere."""
    if heldout.footage is None:
        return []
    shape = heldout.pictures.shape[:2]
    told: dict[tuple[Sort, str], NDArray[np.float64]] = {}
    for number in np.unique(heldout.episode).tolist():
        episode = heldout.footage.bundle[int(number)]
        clock = np.asarray(episode[heldout.footage.stream].times_ns)
        for clip in np.flatnonzero(heldout.episode == number).tolist():
            times = clock[heldout.moment[clip] + heldout.footage.stride * np.arange(shape[1])]
            for (sort, thing), values in _of(episode, times):
                told.setdefault((sort, thing), np.full((*shape, values.shape[1]), np.nan))[clip] = values
    found = [
        Quantity(sort=sort, thing=thing, values=some) for (sort, thing), each in told.items() if (some := _varying(sort, each)) is not None
    ]
    moved = {q.thing: float(np.nanstd(q.values, axis=(0, 1)).max()) for q in found if q.sort in ("position", "state")}
    chosen = sorted(moved, key=lambda thing: -moved[thing])[:MOST_THINGS]
    return sorted((q for q in found if q.thing in chosen), key=lambda q: chosen.index(q.thing))


def _of(episode: Episode, times_ns: NDArray[np.int64]) -> Iterator[tuple[tuple[Sort, str], NDArray[np.float64]]]:
    things = [thing.name for thing in episode.scene.things] if episode.scene else []
    sorts: tuple[tuple[Sort, str], ...] = (("position", "position_m"), ("velocity", "linear_velocity_m_s"), ("turn", "quat_wxyz"))
    for sort, stream in sorts:
        if stream in episode.streams:
            values = np.asarray(held(episode[stream], times_ns), dtype=np.float64)
            for i, thing in enumerate(things[: values.shape[1]]):
                yield (sort, thing), _axes(values[:, i]) if sort == "turn" else values[:, i]
    for name in episode.streams:
        if name.startswith("embodiment_state@"):
            values = np.asarray(held(episode[name], times_ns), dtype=np.float64)
            yield ("state", name.partition("@")[2]), values.reshape(len(times_ns), -1)
    if "contacts" in episode.streams:
        rows = held(episode["contacts"], times_ns)
        for i, thing in enumerate(things):
            yield ("contact", thing), np.array([[float(_touched(row, i + 1))] for row in rows])


def held(stream: Stream, times_ns: NDArray[np.int64]) -> list[NDArray[Any]]:
    """The values that a stream had at these times: the last of each."""
    at = np.clip(np.searchsorted(np.asarray(stream.times_ns), times_ns, side="right") - 1, 0, None)
    return [np.asarray(stream.values[int(i)]) for i in at]


def _touched(rows: NDArray[Any], body: int) -> bool:
    sideways = np.abs(rows["normal"][:, 2]) < SIDEWAYS
    return bool((sideways & ((rows["body_a"] == body) | (rows["body_b"] == body))).any())


def _axes(quat_wxyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the first and the last axis of a turned thing (n, 4) point (n, 6): angles without a place where they jump."""
    w, x, y, z = quat_wxyz.T
    first = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], axis=1)
    last = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=1)
    return np.concatenate([first, last], axis=1)


def _varying(sort: Sort, values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The numbers of a quantity that vary; None where none does."""
    there = np.isfinite(values).all(-1)
    if there.mean() < LEAST_SHARE:
        return None
    spread = values[there].std(0)
    if sort == "contact":
        return values if 0.02 < values[there].mean() < 0.98 else None
    varying = spread > (MOVES_M if sort in ("position", "velocity", "state") else 0.05)
    return values[..., varying] if varying.any() else None
