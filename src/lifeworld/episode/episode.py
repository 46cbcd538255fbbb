"""An Episode: what happened, as time-stamped streams, with where it came from. Everyone writes it, everyone reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from lifeworld.core.errors import InputError, SignalUnavailable
from lifeworld.core.origin import Origin, Provenance, Terms
from lifeworld.core.signal import Stream
from lifeworld.core.time import How
from lifeworld.scene.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One history from reset to end: streams by name (`rgb@front`, `position_m`), each on its own clock [ns from the start].

    `legend` says of signals that hold numbers for words what the numbers stand for: `legend["part_ids"][7]` is "table/top".
    """

    streams: Mapping[str, Stream]
    provenance: Provenance
    scene: Scene | None = None
    title: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    legend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Stream:
        """A stream by its name.

        Raises:
            SignalUnavailable: naming those there are.
        """
        if name not in self.streams:
            raise SignalUnavailable(name, self.streams)
        return self.streams[name]

    @property
    def duration_ns(self) -> int:
        """The last time of any stream [ns]."""
        return max((int(s.times_ns[-1]) for s in self.streams.values() if len(s)), default=0)

    @property
    def origin(self) -> Origin:
        """The mix of all streams' origins."""
        origins = [s.origin for s in self.streams.values()]
        return Origin.mix(*origins) if origins else Origin.MIXED

    def between(self, start_ns: int, stop_ns: int) -> Episode:
        """What happened from `start_ns` to before `stop_ns` [ns]; times go on counting from the episode's start."""
        return replace(self, streams={name: stream.between(start_ns, stop_ns) for name, stream in self.streams.items()})

    def at(self, times_ns: ArrayLike, *, align: How | Mapping[str, How] = "hold") -> Episode:
        """Every stream at the same times [ns], by a rule of `core.time`: one for all, or by stream (`hold` for those not named).

        Raises:
            InputError: naming the stream, if its rule does not fit it or does not know what was at a time.
        """
        rules = align if isinstance(align, Mapping) else dict.fromkeys(self.streams, align)
        for name in rules:
            self[name]
        streams = {}
        for name, stream in self.streams.items():
            try:
                streams[name] = stream.resampled(times_ns, rules.get(name, "hold"))
            except InputError as error:
                raise error.at(f"stream {name!r}") from None
        return replace(self, streams=streams)

    def under(self, terms: Terms) -> Episode:
        """The same, every stream under these terms."""
        return replace(self, streams={name: replace(stream, terms=terms) for name, stream in self.streams.items()})

    def with_stream(self, stream: Stream) -> Episode:
        """The same episode with one stream more (or another of that name): SIGNAL, or SIGNAL@SOURCE."""
        return replace(self, streams={**self.streams, stream.name: stream})

    def __len__(self) -> int:
        return int(np.max([len(s) for s in self.streams.values()], initial=0))
