"""The order of an epoch as a function, not a list: which clip comes at which position, from (seed, epoch) alone.

    order = Permutation(10**9, key=(seed, epoch))
    order.at(np.arange(32))            # the first 32 clips; nothing of the size of 10**9 is made

So two whole numbers, the epoch and the position, say exactly where a training run stood. `Scattered` mixes all clips; `Blocks` mixes
those of a few episodes at a time, which decodes each group of pictures once even where nothing is kept; `Listed` does not mix.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import generator

Numbers = NDArray[np.int64]
_LISTED = 4_096  # so few are put in order outright: the halves of a Feistel network on few bits mix badly
_ROUNDS = 8


class Permutation:
    """A permutation of 0 .. n - 1 that is computed where it is asked for, another one for every key.

    Above 4,096 numbers: a Feistel network of 8 rounds on as many bits as n has, walked until it lands below n (two steps on average, at
    most).

    Source: Luby & Rackoff, How to construct pseudorandom permutations (1988); Black & Rogaway, Ciphers with arbitrary finite domains
    (2002).
    """

    def __init__(self, n: int, *, key: tuple[int, ...]) -> None:
        if n < 0:
            raise LimitError("there are no fewer than 0 numbers to permute", got=n)
        self.n = n
        seed, *rest = key
        bits = generator(seed, "clips", n, *rest).bit_generator
        if n <= _LISTED:
            self._listed = np.argsort(bits.random_raw(n), kind="stable") if n else np.zeros(0, dtype=np.int64)
            return
        size = (n - 1).bit_length()
        self._low = np.uint64(size // 2)
        self._low_mask, self._high_mask = (np.uint64((1 << width) - 1) for width in (size // 2, size - size // 2))
        self._keys = bits.random_raw(_ROUNDS)

    def at(self, positions: Numbers) -> Numbers:
        """The numbers at these positions, each in 0 .. n - 1."""
        if self.n <= _LISTED:
            return self._listed[positions]
        values = self._network(positions.astype(np.uint64))
        while (beyond := np.flatnonzero(values >= self.n)).size:
            values[beyond] = self._network(values[beyond])
        return values.astype(np.int64)

    def _network(self, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
        high, low = values >> self._low, values & self._low_mask
        for i in range(0, _ROUNDS, 2):
            high = high ^ (_mixed(low, self._keys[i]) & self._high_mask)
            low = low ^ (_mixed(high, self._keys[i + 1]) & self._low_mask)
        return (high << self._low) | low


class Order(Protocol):
    """Which clip of n comes at which position of an epoch."""

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """The clips at these positions, (k,) int64, rising."""


class Listed:
    """As they lie: episode after episode, start after start."""

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        return positions


class Scattered:
    """All clips mixed evenly: any clip may come at any position."""

    def __init__(self, n: int, *, key: tuple[int, ...]) -> None:
        self.n, self.key = n, key
        self._of = lru_cache(maxsize=2)(lambda epoch: Permutation(n, key=(*key, epoch)))

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        return self._of(epoch).at(positions)


class Blocks:
    """Runs of clips (episodes) in a mixed order, taken `size` at a time; the clips of those are mixed among themselves.

    Args:
        bounds: int64 (runs + 1,): run r holds the clips bounds[r] .. bounds[r + 1] - 1.
        size: how many runs make a block.
    """

    def __init__(self, bounds: Numbers, size: int, *, key: tuple[int, ...]) -> None:
        self.bounds, self.size, self.key = bounds, size, key
        self._of = lru_cache(maxsize=2)(self._epoch)
        self._inner = lru_cache(maxsize=4)(lambda n, epoch, block: Permutation(n, key=(*key, epoch, block)))

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        runs, ends = self._of(epoch)
        starts = ends[:: self.size]
        blocks = np.searchsorted(starts, positions, side="right") - 1
        clips = np.empty(positions.shape, dtype=np.int64)
        for block in np.unique(blocks):
            here = blocks == block
            first, last = int(starts[block]), int(ends[min((block + 1) * self.size, len(ends) - 1)])
            inside = self._inner(last - first, epoch, int(block)).at(positions[here] - first) + first
            run = np.searchsorted(ends, inside, side="right") - 1
            clips[here] = self.bounds[runs[run]] + inside - ends[run]
        return clips

    def _epoch(self, epoch: int) -> tuple[Numbers, Numbers]:
        """The runs in this epoch's order, and where each begins in it."""
        count = len(self.bounds) - 1
        runs = Permutation(count, key=(*self.key, epoch)).at(np.arange(count))
        return runs, np.concatenate([[0], np.cumsum(np.diff(self.bounds)[runs])])


def _mixed(values: NDArray[np.uint64], key: np.uint64) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele, Lea & Flood 2014): every bit of the sum moves every bit of the result."""
    z = values + key
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
