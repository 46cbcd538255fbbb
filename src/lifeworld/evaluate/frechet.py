"""How far two crowds of moving pictures are apart: the Fréchet distance between normal laws laid through their features.

    distance(random_features(dreamed), random_features(true))        # R-FD

Which features is the caller's choice. Ours are those of a small convolutional network that nobody trained, drawn once for ever: the number
is called R-FD, and is neither FID nor FVD, whose weights are downloads. It falls with more pictures, as all of them do: compare it only
with that of as many.

Source: Dowson & Landau, The Fréchet distance between multivariate normal distributions (1982); Heusel et al., GANs Trained by a Two
Time-Scale Update Rule (2017); random features: Naeem et al., Reliable Fidelity and Diversity Metrics (2020).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.core.interval import Interval, grouped, normal_quantile
from lifeworld.core.seed import generator

Features = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""Pairs of pictures that follow each other (N, 2, H, W, 3) to numbers (N, F): what is to be seen, and how it moves."""
LAYERS = ((3, 12, 5), (12, 12, 3))
"""Channels in, channels out, pixels a side of a kernel; each takes every second pixel."""
AT_ONCE = 64
BLOCKS = 10
"""So many parts of the groups are left out, one after the other."""


def distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Between features (N, F) and (M, F)."""
    if one.ndim != 2 or one.shape[1:] != other.shape[1:] or min(len(one), len(other)) < 2:
        raise ShapeError("two crowds have the same features, and two members or more", got=(one.shape, other.shape))
    apart = one.mean(0) - other.mean(0)
    a, b = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (one, other))
    values, vectors = np.linalg.eigh(a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return float(max(apart @ apart + np.trace(a) + np.trace(b) - 2 * shared, 0.0))


def bounded(one: NDArray[np.float64], other: NDArray[np.float64], groups: NDArray[np.int64]) -> Interval:
    """The distance of features (N, F) row by row of the same clips, with its interval by leaving out a tenth of the groups at a time.

    Rows drawn twice, as the bootstrap does, narrow a crowd and move the distance; leaving out does not.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), 11 (the jackknife).
    """
    names, numbers = np.unique(grouped(groups), return_inverse=True)
    blocks = min(BLOCKS, len(names))
    without = np.array([distance(one[numbers % blocks != i], other[numbers % blocks != i]) for i in range(blocks)])
    spread = np.sqrt((blocks - 1) / blocks * ((without - without.mean()) ** 2).sum())
    value, reach = distance(one, other), normal_quantile(0.95) * float(spread)
    return Interval(value, max(0.0, value - reach), value + reach)


def random_features(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean and spread of each channel of the last layer, for the second picture of a pair and for their difference (N, 48)."""
    moved = np.clip(128 + pictures[:, 1].astype(np.int16) - pictures[:, 0], 0, 255).astype(np.uint8)
    both = [[_features(each[i : i + AT_ONCE]) for i in range(0, len(each), AT_ONCE)] for each in (pictures[:, 1], moved)]
    return np.concatenate([np.concatenate(parts) for parts in both], axis=1)


def _features(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    x = pictures.astype(np.float32) / np.float32(127.5) - 1
    for kernel in _kernels():
        side = kernel.shape[0]
        rows = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))[:, ::2, ::2]
        x = np.maximum(np.tensordot(rows, kernel, axes=((3, 4, 5), (2, 0, 1))), 0)
    flat = x.reshape(len(x), -1, x.shape[-1]).astype(np.float64)
    return np.concatenate([flat.mean(1), flat.std(1)], axis=1)


@lru_cache
def _kernels() -> tuple[NDArray[np.float32], ...]:
    """Each layer's weights (side, side, in, out): rows of unit length times √2, so that sizes stay as they are."""
    made = []
    for i, (inner, outer, side) in enumerate(LAYERS):
        drawn = generator(0, "random features", i).normal(size=(side, side, inner, outer))
        made.append((np.sqrt(2) * drawn / np.sqrt((drawn**2).sum((0, 1, 2)))).astype(np.float32))
    return tuple(made)
