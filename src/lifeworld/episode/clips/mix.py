"""Several sets of clips drawn in exact proportions, by position alone.

Weights are made whole numbers w with the sum W. Of every W draws in a row that begin at a multiple of W, exactly w come from each set, in
an order of its own. What a set gives is its clips in order, epoch after epoch of its own: none twice before all came once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from lifeworld.core.errors import InputError, LimitError
from lifeworld.episode.clips.shuffle import Numbers, Permutation

_MOST = 65_536


class Mixture:
    """Which set each draw comes from, and which of the set's own draws it is.

    Args:
        weights: one a set, each above 0, as exact as they are written: 0.7 is 7/10.

    Raises:
        InputError: if a weight is not a number above 0.
        LimitError: if they need a cycle of more than 65,536 draws.
    """

    def __init__(self, weights: Sequence[float | Fraction], *, key: tuple[int, ...]) -> None:
        exact = [_exact(weight) for weight in weights]
        scale = math.lcm(*(weight.denominator for weight in exact))
        whole = [int(weight * scale) for weight in exact]
        common = math.gcd(*whole)
        self.shares = tuple(share // common for share in whole)
        self.cycle = sum(self.shares)
        if self.cycle > _MOST:
            raise LimitError("the weights need too long a cycle", got=self.cycle, expected=f"at most {_MOST}", fix="Round them.")
        self._key = key
        self._slots = np.repeat(np.arange(len(self.shares)), self.shares)

    def at(self, draws: Numbers) -> tuple[Numbers, Numbers]:
        """The set of each draw, and how many draws that set had before: (k,) int64 each."""
        cycles, places = np.divmod(draws, self.cycle)
        sets, before = np.empty_like(draws), np.empty_like(draws)
        for cycle in np.unique(cycles):
            order = self._slots[Permutation(self.cycle, key=(*self._key, int(cycle))).at(np.arange(self.cycle))]
            rank = np.empty(self.cycle, dtype=np.int64)
            for number, share in enumerate(self.shares):
                rank[order == number] = cycle * share + np.arange(share)
            here = cycles == cycle
            sets[here], before[here] = order[places[here]], rank[places[here]]
        return sets, before


def _exact(weight: float | Fraction) -> Fraction:
    try:
        exact = Fraction(str(weight))
    except (ValueError, ZeroDivisionError):
        exact = Fraction(0)
    if exact <= 0:
        raise InputError("a weight is a number above 0", got=weight, fix="Leave the bundle out instead.")
    return exact
