"""An Episode: what happened, as time-stamped streams, with where it came from. Everyone writes it, everyone reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lifeworld.core.errors import SignalUnavailable
from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import Stream
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

    def __len__(self) -> int:
        return int(np.max([len(s) for s in self.streams.values()], initial=0))
