"""Pieces of pictures in which most happens: where little moves, a quarter of each picture teaches nearly as much as all of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL = 8
"""Pieces begin at every so manieth pixel: where a model of less resolution within has a place of its own."""
ANYWHERE = 0.02
"""How likely a piece without any change is, as a share of one with as much as the mean piece."""


def corners(frames: NDArray[np.uint8], size: tuple[int, int], chance: NDArray[np.float64]) -> NDArray[np.int64]:
    """The upper left corner (clips, 2) [px] of a piece (height, width) of each clip (clips, T, H, W, 3), drawn by how much changes in it.

    `chance` (clips,), each from 0 to below 1, says which of them it is.
    """
    clips, _, height, width, _ = frames.shape
    seen = frames[:, :, ::2, ::2].astype(np.float32)
    moved = np.square(np.diff(seen, axis=1)).sum((1, 4))
    cells = moved.reshape(clips, height // CELL, CELL // 2, width // CELL, CELL // 2).sum((2, 4))
    within = np.lib.stride_tricks.sliding_window_view(cells, (size[0] // CELL, size[1] // CELL), (1, 2)).sum((-2, -1))
    likely = within + ANYWHERE * within.mean((1, 2), keepdims=True) + 1e-6
    upto = likely.reshape(clips, -1).cumsum(1, dtype=np.float64)
    found = (upto <= chance[:, None] * upto[:, -1:]).sum(1)
    return CELL * np.stack(np.unravel_index(found, within.shape[1:]), 1)


def cut(frames: NDArray[np.uint8], at: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The piece of each clip (clips, T, *size, 3) whose corner that is."""
    return np.stack([clip[:, y : y + size[0], x : x + size[1]] for clip, (y, x) in zip(frames, at.tolist(), strict=True)])
