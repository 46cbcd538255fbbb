"""Latent actions that are one of a few: a code is a number for each of its levels, or a key of its own.

    code_of(numbers_of(5, levels(8)), levels(8))    # 5

The numbers of a code are those that `fsq.levels_of` gives, without PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Codes as keys, of which one at a time is pressed: what a model of codes is steered by. `rest` is the code that is meant by none."""

    levels: tuple[int, ...]
    rest: int = 0

    @property
    def count(self) -> int:
        return int(np.prod(self.levels))

    def __call__(self, pressed: NDArray[np.floating]) -> NDArray[np.float64]:
        """The latent actions (…, A) of keys (…, codes); of several that are pressed the first counts."""
        return numbers_of(np.where(pressed.max(axis=-1) >= 0.5, pressed.argmax(axis=-1), self.rest), self.levels)

    def of(self, latents: NDArray[np.floating]) -> NDArray[np.float64]:
        """The keys (…, codes) of latent actions (…, A), one of them pressed."""
        return np.asarray(code_of(latents, self.levels)[..., None] == np.arange(self.count), dtype=np.float64)


def levels(codes: int) -> tuple[int, ...]:
    """How many levels each number of a latent action has, that there are so many codes: its prime factors, 8 = 2 · 2 · 2, 6 = 2 · 3."""
    found, left, factor = [], codes, 2
    while left > 1:
        while left % factor == 0:
            found.append(factor)
            left //= factor
        factor += 1
    return tuple(found)


def numbers_of(code: ArrayLike, levels: tuple[int, ...]) -> NDArray[np.float64]:
    """The numbers (…, A) from -1 to 1 that codes (…) stand for."""
    sizes = np.array(levels)
    return np.asarray(np.asarray(code)[..., None] // _basis(levels) % sizes * 2 / (sizes - 1) - 1)


def code_of(latents: NDArray[np.floating], levels: tuple[int, ...]) -> NDArray[np.int64]:
    """The codes (…) whose numbers are nearest to these (…, A)."""
    digits = np.round((np.asarray(latents, dtype=np.float64) + 1) * (np.array(levels) - 1) / 2).astype(np.int64)
    return np.asarray((digits * _basis(levels)).sum(axis=-1))


def _basis(levels: tuple[int, ...]) -> NDArray[np.int64]:
    return np.concatenate([[1], np.cumprod(levels[:-1])]).astype(np.int64)
