"""Who comes into an episode while it goes on: values of its beginning said in terms of all who were there at its end.

Things that come later stand at the end of the scene's things, so everybody keeps their place; embodiments come after them, and move up.
Before it comes a thing has no position (NaN), no id in any picture and part in nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.signal import Signal
from lifeworld.worlds.world import WorldSpec

GROWS = ("things", "joints", "vertices")
"""The sizes in a signal's shape that newcomers make larger, at their end."""
IDS: Mapping[str, tuple[str, ...]] = {
    "instance_ids": ("instance_ids", "lidar_ids", "body_a", "body_b", "a", "b", "thing"),
    "part_ids": ("part_ids", "part_a", "part_b"),
}
"""The signals, and the columns of rows, that hold ids, by the legend that names them."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in a world: its things, and the names behind its ids."""

    things: tuple[str, ...]
    instance_ids: tuple[str, ...]
    part_ids: tuple[str, ...]

    @classmethod
    def of(cls, spec: WorldSpec) -> Cast:
        return cls(spec.things, spec.legend.get("instance_ids", ()), spec.legend.get("part_ids", ()))

    def check_grown(self, start: Cast) -> None:
        """Raise LimitError unless all who were there at the start are there still, in their places."""
        if self.things[: len(start.things)] != start.things:
            gone = [name for name in start.things if name not in self.things] or list(start.things)
            raise LimitError(
                "an episode keeps all who were in it at its start",
                got=f"without {', '.join(gone[:3])}",
                fix="Let the event switch it off or move it away, or record two episodes.",
            )


def aligned(values: Sequence[NDArray[Any]], casts: Sequence[Cast], last: Cast, signal: Signal) -> list[NDArray[Any]]:
    """Values of a signal, each of its own cast, in terms of the last one."""
    sizes = tuple(np.max([value.shape[1:] if signal.ragged else value.shape for value in values], axis=0)) if len(values) else ()
    out = []
    for value, cast in zip(values, casts, strict=True):
        told = value if cast == last else _renumbered(value, cast, last, signal)
        out.append(told if signal.ragged else _padded(told, sizes, signal))
    return out


def _padded(value: NDArray[Any], sizes: tuple[int, ...], signal: Signal) -> NDArray[Any]:
    """A value as large as the largest, with nothing in what is more."""
    if value.shape == sizes or not any(name in (*GROWS, "bytes") for name in signal.shape):
        return value
    nothing: Any = np.nan if value.dtype.kind == "f" else 0
    out = np.full(sizes, nothing, dtype=value.dtype)
    out[tuple(slice(0, size) for size in value.shape)] = value
    return out


def _renumbered(value: NDArray[Any], cast: Cast, last: Cast, signal: Signal) -> NDArray[Any]:
    """A value with the ids that its instances and parts have at the end."""
    if signal.name == "amodal_bits":
        bits = np.unpackbits(value, axis=-1, bitorder="little")
        to = _numbers(cast.instance_ids, last.instance_ids)[1:] - 1
        told = np.zeros((*bits.shape[:-1], -(-(len(last.instance_ids) - 1) // 8) * 8), dtype=np.uint8)
        told[..., to] = bits[..., : len(to)]
        return np.packbits(told, axis=-1, bitorder="little")
    out = value
    for legend, names in IDS.items():
        numbers = _numbers(getattr(cast, legend), getattr(last, legend))
        if signal.name in names:
            out = numbers.astype(value.dtype)[value]
        for column in set(names) & set(value.dtype.names or ()):
            out = out.copy()
            out[column] = numbers[out[column]]
    return out


def _numbers(names: tuple[str, ...], last: tuple[str, ...]) -> NDArray[np.int64]:
    """The number that each of some names has at the end."""
    known = {name: i for i, name in enumerate(last)}
    return np.array([known.get(name, 0) for name in names] or [0], dtype=np.int64)
