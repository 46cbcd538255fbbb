"""A film in pieces, each an episode of its own that knows its place in the film.

    for piece in parted(film, [0, 12_480_000_000, 31_160_000_000]):
        piece.labels                     # film: walk.mp4, cut: 0 s to 12.48 s, piece: 1 of 3
        place_of(piece.provenance)       # Place(film="9f86d0…", start_ns=0, stop_ns=12480000000)

Put one after the other, the pieces are the film: every sample lies in exactly one of them, at its time less that of the piece's beginning.
The place stands among a piece's parents as W3C's Media Fragments say it: `sha256:9f86d0…#t=0,12.48 walk.mp4`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from lifeworld.core.origin import Provenance
from lifeworld.core.signal import Stream
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.episode import Episode

FRAGMENT = "#t="
PICTURES = "rgb"


class Place(NamedTuple):
    """What of which film: the film's sha256, and from when to before when [ns from its beginning]."""

    film: str
    start_ns: int
    stop_ns: int

    def shares(self, other: Place) -> bool:
        """Whether both show something of the same film."""
        return self.film == other.film and self.start_ns < other.stop_ns and other.start_ns < self.stop_ns


def parted(episode: Episode, starts_ns: Sequence[int], *, values: Mapping[str, Sequence[Any]] | None = None) -> Iterator[Episode]:
    """A film's pieces, beginning at these times [ns], the first of them 0. What is said once at the start, and holds, goes with each.

    Args:
        values: of a stream's pieces, where they are not just parts of its values: a video's own packets, for example.
    """
    film, count = episode.provenance.parents[0], len(starts_ns)
    digest, _, name = film.partition(" ")
    for k, (start_ns, stop_ns) in enumerate(zip(starts_ns, [*starts_ns[1:], None], strict=True)):
        streams = {}
        for key, stream in episode.streams.items():
            part = _piece(stream, start_ns, stop_ns)
            if len(part):
                streams[key] = part.replaced(part.times_ns, values[key][k]) if values and key in values else part
        span = (start_ns, max(episode.duration_ns, start_ns + 1) if stop_ns is None else stop_ns)
        begin, end = (seconds(time_ns) for time_ns in span)
        yield replace(
            episode,
            streams=streams,
            title=f"{episode.title} {k + 1} of {count}",
            labels={**episode.labels, "film": name, "cut": f"{begin} s to {end} s", "piece": f"{k + 1} of {count}"},
            provenance=replace(episode.provenance, parents=(f"{digest}{FRAGMENT}{begin},{end} {name}", *episode.provenance.parents[1:])),
        )


def place_of(provenance: Provenance) -> Place | None:
    """Where in which film a piece lies; None of what is no piece of one."""
    return next((place for parent in provenance.parents if (place := placed(parent))), None)


def placed(parent: str) -> Place | None:
    """The same of one parent, `sha256:DIGEST#t=12.48,31.16 NAME`."""
    digest, mark, span = parent.partition(" ")[0].partition(FRAGMENT)
    if not mark:
        return None
    try:
        start_ns, stop_ns = (int(Decimal(each) * NS_PER_S) for each in span.split(","))
    except (ArithmeticError, ValueError):
        return None  # somebody else's
    return Place(digest.removeprefix("sha256:"), start_ns, stop_ns)


def places(parents: Collection[str]) -> list[Place]:
    """The places of parents; of a file that is one whole episode, the whole of it."""
    wholes = (Place(p.partition(" ")[0].removeprefix("sha256:"), 0, 2**63) for p in parents if p.startswith("sha256:") and "#" not in p)
    return [*wholes, *(place for parent in parents if (place := placed(parent)))]


def seconds(time_ns: int) -> str:
    """A time [ns] in seconds, exact: 12.48."""
    whole, rest = divmod(time_ns, NS_PER_S)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _piece(stream: Stream, start_ns: int, stop_ns: int | None) -> Stream:
    after = 1 if stream.signal.family == "hear" else 0  # a block leads to its time
    first = 0 if start_ns == 0 else int(np.searchsorted(stream.times_ns, start_ns + after))
    stop = len(stream) if stop_ns is None else int(np.searchsorted(stream.times_ns, stop_ns + after))
    if stream.signal.rate == "start" and first == stop and first:
        return stream.replaced(np.zeros(1, dtype=np.int64), stream.values[first - 1 : first])
    low = int(stream.times_ns[first]) if first < len(stream) else 0
    high = int(stream.times_ns[stop - 1]) + 1 if stop else 0
    part = stream.between(low, high) if stop > first else stream.between(0, 0)
    return part.replaced(part.times_ns - start_ns, part.values)
