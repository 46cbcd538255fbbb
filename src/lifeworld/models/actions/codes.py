"""Latent actions that are one of a few: a code is a number for each of its levels, or a key of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
        code = np.where(pressed.max(axis=-1) >= 0.5, pressed.argmax(axis=-1), self.rest)
        sizes = np.array(self.levels)
        return np.asarray(code[..., None] // self._basis % sizes * 2 / (sizes - 1) - 1)

    def of(self, latents: NDArray[np.floating]) -> NDArray[np.float64]:
        """The keys (…, codes) of latent actions (…, A), one of them pressed."""
        digits = np.round((np.asarray(latents, dtype=np.float64) + 1) * (np.array(self.levels) - 1) / 2)
        code = (digits * self._basis).sum(axis=-1)
        return np.asarray(code[..., None] == np.arange(self.count), dtype=np.float64)

    @property
    def _basis(self) -> NDArray[np.int64]:
        return np.concatenate([[1], np.cumprod(self.levels[:-1])]).astype(np.int64)


def levels(codes: int) -> tuple[int, ...]:
    """How many levels each number of a latent action has, that there are so many codes: its prime factors, 8 = 2 · 2 · 2, 6 = 2 · 3."""
    found, left, factor = [], codes, 2
    while left > 1:
        while left % factor == 0:
            found.append(factor)
            left //= factor
        factor += 1
    return tuple(found)


def on_levels(said: NDArray[np.float64], levels: tuple[int, ...]) -> NDArray[np.float64]:
    """Numbers (…, A) from -1 to 1 moved to the nearest level."""
    half = (np.array(levels) - 1) / 2
    return np.asarray(np.round((said + 1) * half) / half - 1)
