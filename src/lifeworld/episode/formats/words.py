"""Columns of words as numbers: which number stands for which word is said in the channel's name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_WORDS = 32


def coded(words: list[str]) -> tuple[NDArray[np.float64], str]:
    """A number for each word, in the order they first occur, and `0 user, 1 pilot`: what they stand for. The empty word is NaN."""
    numbers: dict[str, float] = {}
    for each in words:
        if each and each not in numbers:
            numbers[each] = float(len(numbers))
    legend = ", ".join(f"{number:.0f} {each}" for each, number in numbers.items())
    return np.array([numbers.get(each, np.nan) for each in words], dtype=np.float64), legend
