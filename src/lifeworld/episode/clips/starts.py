"""Where clips may begin, as arrays: from a clip's number to its episode and first sample by one search, nothing kept for each clip."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.time import NS_PER_S, Times
from lifeworld.episode.clips.shuffle import Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Stretches without a gap in which clips begin every `hop` samples: run r begins at sample `first[r]` of `episode[r]` and holds the
    clips `bounds[r]` .. `bounds[r + 1] - 1`. All int64, (runs,) and (runs + 1,); 24 bytes an episode.
    """

    episode: Numbers
    first: Numbers
    bounds: Numbers
    hop: int

    @classmethod
    def of(cls, episode: Numbers, first: Numbers, samples: Numbers, *, span: int, hop: int) -> Runs:
        """Runs of so many `samples` (runs,), for clips that reach over `span` of them; runs too short for one clip are left out."""
        clips = np.where(samples >= span, (samples - span) // hop + 1, 0)
        some = clips > 0
        return cls(episode[some], first[some], np.concatenate([[0], np.cumsum(clips[some])]).astype(np.int64), hop)

    def __len__(self) -> int:
        """How many clips there are."""
        return int(self.bounds[-1])

    def at(self, clips: Numbers) -> tuple[Numbers, Numbers]:
        """The episode and the first sample of each clip."""
        run = np.searchsorted(self.bounds, clips, side="right") - 1
        return self.episode[run], self.first[run] + (clips - self.bounds[run]) * self.hop


@dataclass(frozen=True, slots=True)
class Grid:
    """Even instants, `rate` [Hz] of them a second, counted from an episode's first sample of the first signal."""

    rate: Fraction

    def times(self, numbers: Numbers, first_ns: int | Numbers) -> Times:
        """When instants of these numbers are [ns], to the nearest."""
        top, bottom = NS_PER_S * self.rate.denominator, self.rate.numerator
        whole, rest = np.divmod(numbers, bottom)
        return np.asarray(whole * top + (rest * top + bottom // 2) // bottom + first_ns, dtype=np.int64)

    def within(self, span_ns: Times) -> Numbers:
        """How many instants lie in stretches of this length [ns] that begin at one."""
        seconds, rest = np.divmod(span_ns, NS_PER_S)
        whole = seconds * self.rate.numerator + rest * self.rate.numerator // NS_PER_S
        return np.asarray(whole // self.rate.denominator + 1, dtype=np.int64)


def stretches(times_ns: Times, longer_than_ns: int) -> tuple[Numbers, Numbers]:
    """The first sample of each stretch without a gap longer than this, and how many samples it has."""
    begins = np.concatenate([[0], np.flatnonzero(np.diff(times_ns) > longer_than_ns) + 1])
    return begins.astype(np.int64), np.diff(np.append(begins, len(times_ns))).astype(np.int64)


def grid_stretches(times_ns: Times, longer_than_ns: int, grid: Grid) -> tuple[Numbers, Numbers]:
    """The same of a grid's instants: those within each stretch of samples."""
    begins, counts = stretches(times_ns, longer_than_ns)
    total = int(grid.within(times_ns[-1:] - times_ns[:1])[0])
    instants: NDArray[np.int64] = grid.times(np.arange(total), int(times_ns[0]))
    first = np.searchsorted(instants, times_ns[begins])
    stop = np.searchsorted(instants, times_ns[begins + counts - 1], side="right")
    return first.astype(np.int64), (stop - first).astype(np.int64)
