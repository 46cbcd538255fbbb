"""A film in pieces, each an episode of its own that knows its place in the film.

    for piece in parted(film, [0, 12_480_000_000, 31_160_000_000]):
        piece.labels                     # film: walk.mp4, cut: 0 s to 12.48 s, piece: 1 of 3
        place_of(piece.provenance)       # Place(film="9f86d0…", start_ns=0, stop_ns=12480000000)

Put one after the other, the pieces are the film: every sample lies in exactly one of them, at its time less that of the piece's beginning
(cut.py).
The place stands among a piece's parents as W3C's Media Fragments say it: `sha256:9f86d0…#t=0,12.48 walk.mp4`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from lifeworld.core.origin import Provenance
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.cut import decimal, lasting, part
from lifeworld.episode.episode import Episode

FRAGMENT = "#t="


class Place(NamedTuple):
    """What of which film: the film's sha256, and from when to before when [ns from its beginning]."""

    film: str
    start_ns: int
    stop_ns: int

    def shares(self, other: Place) -> bool:
        """Whether both show something of the same film."""
        return self.film == other.film and self.start_ns < other.stop_ns and other.start_ns < self.stop_ns


def parted(episode: Episode, starts_ns: Sequence[int], *, values: Mapping[str, Sequence[Any]] | None = None) -> Iterator[Episode]:
    """A film's pieces, beginning at these times [ns], the first of them 0; what lies in each is as `cut.part` says.

    Args:
        values: of a stream's pieces, where they are not just parts of its values: a video's own packets, for example.
    """
    digest, _, film = episode.provenance.parents[0].partition(" ")
    count = len(starts_ns)
    for k, (start_ns, stop_ns) in enumerate(zip(starts_ns, [*starts_ns[1:], None], strict=True)):
        piece = part(episode, start_ns, stop_ns)
        mine = {name: theirs[k] for name, theirs in (values or {}).items() if name in piece.streams}
        end_ns = max(episode.duration_ns, start_ns + 1) if stop_ns is None else stop_ns
        place = f"{digest}{FRAGMENT}{decimal(start_ns)},{decimal(end_ns)} {film}"
        yield replace(
            piece,
            streams={**piece.streams, **{name: piece[name].replaced(piece[name].times_ns, its) for name, its in mine.items()}},
            title=f"{episode.title} {k + 1} of {count}",
            labels={**episode.labels, "film": film, "cut": lasting(start_ns, end_ns), "piece": f"{k + 1} of {count}"},
            provenance=replace(episode.provenance, parents=(place, *episode.provenance.parents[1:])),
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
