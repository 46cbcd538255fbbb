"""A Stream: one signal over time, on its own clock, with its origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.origin import Origin, Provenance, Terms
from lifeworld.core.signal.signal import Signal, stream_name
from lifeworld.core.signal.stored import Stored
from lifeworld.core.time import Clock, How, Times, resample
from lifeworld.core.time import clock as checked

NO_TERMS, OWN_CLOCK = Terms(), Clock()


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One signal over time: `values[i]` is what it was at `times_ns[i]`.

    Args:
        signal: what the values mean.
        times_ns: int64 (n,) [ns] since the episode's start, strictly increasing; copied.
        values: (n, *signal.shape); of a ragged signal a sequence of n arrays (rows, *signal.shape), kept as a tuple.
            Not copied: they are seen through a read-only view. Or `Stored` values, which are read when they are indexed.
        origin: measured, simulated, dreamed, edited or mixed.
        source: the name of the camera or embodiment (needed for signals per camera or embodiment), thing or sensor.
        terms: whose it is and what may be done with it.
        clock: what took its times.
        provenance: who made it, from what; None where it is as the episode says.

    Raises:
        InputError: if the times do not increase strictly, or the source is missing.
        ShapeError: if there is not one value for each time, or a value has another dtype or shape than the signal.
    """

    signal: Signal
    times_ns: Times
    values: Any
    origin: Origin
    source: str
    terms: Terms
    clock: Clock
    provenance: Provenance | None

    def __init__(
        self,
        signal: Signal,
        times_ns: ArrayLike,
        values: ArrayLike | Iterable[ArrayLike],
        *,
        origin: Origin | str,
        source: str = "",
        terms: Terms = NO_TERMS,
        clock: Clock = OWN_CLOCK,
        provenance: Provenance | None = None,
    ) -> None:
        where = f"stream {signal.name!r}" + (f" of {source!r}" if source else "")
        if signal.per in ("camera", "embodiment", "sensor") and not source:
            raise InputError(f"{where} is per {signal.per} and does not say of which", fix=f"Give source=, the {signal.per}'s name.")
        try:
            times = checked(times_ns)
            held = (
                _stored(signal, values)
                if isinstance(values, Stored)
                else _rows(signal, values)
                if signal.ragged
                else _read_only(_stacked(signal, values))
            )
        except InputError as error:
            raise error.at(where) from None
        if len(held) != len(times):
            raise ShapeError("there must be one value for each time", where=where, got=f"{len(held)} values, {len(times)} times")
        fields = (signal, times, held, Origin(origin), source, terms, clock, provenance)
        for name, value in zip(self.__slots__, fields, strict=True):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.times_ns)

    @property
    def name(self) -> str:
        """SIGNAL@SOURCE, or SIGNAL where it has no source."""
        return stream_name(self.signal.name, self.source)

    def resampled(self, at_ns: ArrayLike, how: How = "hold") -> Stream:
        """The same stream at the times `at_ns`, by a rule of `core.time`.

        Raises:
            InputError: if the rule does not fit the signal (rotations are not linear) or does not know an instant.
        """
        if how in ("linear", "slerp") and how != self.signal.blend:
            fit = ["hold", "nearest"] + ([self.signal.blend] if self.signal.blend != "none" else [])
            raise InputError(f"{how!r} does not fit signal {self.signal.name!r}", fix=f"Use {' or '.join(map(repr, fit))}.")
        if self.signal.ragged:
            chosen = resample(self.times_ns, np.arange(len(self)), at_ns, how)
            values: Any = self.values[chosen] if isinstance(self.values, Stored) else [self.values[i] for i in chosen]
        elif isinstance(self.values, Stored) and how in ("hold", "nearest"):
            values = self.values[resample(self.times_ns, np.arange(len(self)), at_ns, how)]
        else:
            values = resample(self.times_ns, self.values, at_ns, how)
        return self.replaced(at_ns, values)

    def between(self, start_ns: int, stop_ns: int) -> Stream:
        """The samples from `start_ns` to before `stop_ns` [ns], at their own times. Stored values stay unread."""
        first, last = (int(i) for i in np.searchsorted(self.times_ns, [start_ns, max(start_ns, stop_ns)]))
        values = self.values.part(first, last) if isinstance(self.values, Stored) else self.values[first:last]
        return self.replaced(self.times_ns[first:last], values)

    def replaced(self, times_ns: ArrayLike, values: Any) -> Stream:
        """The same stream of other `values`, at `times_ns` (n,) [ns]; signal, origin, source, terms, clock and provenance stay."""
        return Stream(
            self.signal,
            times_ns,
            values,
            origin=self.origin,
            source=self.source,
            terms=self.terms,
            clock=self.clock,
            provenance=self.provenance,
        )

    def __eq__(self, other: object) -> bool:
        """Same meaning, times, values (NaN is equal to NaN; stored ones are read), origin, source, terms, clock and provenance."""
        if not isinstance(other, Stream):
            return NotImplemented
        mine, theirs = ((s.signal, s.origin, s.source, s.terms, s.clock, s.provenance) for s in (self, other))
        if mine != theirs or not np.array_equal(self.times_ns, other.times_ns):
            return False
        if self.signal.ragged:
            return all(_same(a, b) for a, b in zip(self.values, other.values, strict=True))
        return _same(np.asarray(self.values), np.asarray(other.values))

    def __hash__(self) -> int:
        return hash((self.signal.name, self.origin, self.source, self.times_ns.tobytes()))

    def __repr__(self) -> str:
        span = f"{self.times_ns[0]}..{self.times_ns[-1]} ns" if len(self) else "empty"
        of = f" of {self.source!r}" if self.source else ""
        return f"<Stream {self.signal.name}{of}: {len(self)} {self.origin.value} values, {span}>"


def _stored(signal: Signal, values: Stored) -> Stored:
    if values.dtype != signal.dtype or values.ragged != signal.ragged:
        raise ShapeError(f"signal {signal.name!r} has another dtype", got=str(values.dtype), expected=str(signal.dtype))
    signal.sized(values.shape[1:], ("rows", *values.shape[1:]) if signal.ragged else values.shape)
    return values


def _rows(signal: Signal, values: Any) -> tuple[NDArray[Any], ...]:
    if not isinstance(values, Iterable):
        raise ShapeError(f"signal {signal.name!r} needs a sequence of arrays, one for each time", got=values)
    return tuple(_read_only(signal.check(value)) for value in values)


def _stacked(signal: Signal, values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 0:
        raise ShapeError(f"signal {signal.name!r} needs a value for each time", got=array.shape)
    array = signal.typed(array)
    if array.shape == (0,):  # an empty list says nothing about the sizes
        array = array.reshape(0, *[0 if isinstance(size, str) else size for size in signal.shape])
    signal.sized(array.shape[1:], array.shape[1:])
    return array


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.names is not None:
        return all(_same(a[name], b[name]) for name in a.dtype.names)
    return np.array_equal(a, b, equal_nan=np.issubdtype(a.dtype, np.inexact))
