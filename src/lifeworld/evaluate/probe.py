"""A small reader of frozen embeddings, in NumPy: a network with one hidden layer, for what a ridge regression cannot say of them.

    said = network(x, y)(other)

Source: Alain & Bengio, Understanding intermediate layers using linear classifier probes (2017).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.seed import generator

Floats = NDArray[np.float64]
Reader = Callable[[Floats], Floats]

HIDDEN, STEPS, RATE, MOST_ROWS, DECAY = 48, 150, 0.02, 1000, 1e-3


def network(x: Floats, y: Floats) -> Reader:
    """A reader of x (n, D) that says y (n, K), with a hidden layer, by Adam (Kingma & Ba, 2015) on at most MOST_ROWS rows."""
    rng = generator(0, "probe")
    some = np.sort(rng.permutation(len(x))[:MOST_ROWS])
    middle, spread, mean, scale = x.mean(0), x.std(0) + 1e-9, y.mean(0), y.std(0) + 1e-9
    rows, aim = (((x[some] - middle) / spread).astype(np.float32), ((y[some] - mean) / scale).astype(np.float32))
    drawn = [rng.normal(size=(wide, out)) / np.sqrt(wide) for wide, out in ((x.shape[1], HIDDEN), (HIDDEN, y.shape[1]))]
    parts = [part.astype(np.float32) for part in (drawn[0], np.zeros(HIDDEN), drawn[1], np.zeros(y.shape[1]))]
    slow, square = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    for step in range(1, STEPS + 1):
        hidden = np.tanh(rows @ parts[0] + parts[1])
        wrong = 2 * (hidden @ parts[2] + parts[3] - aim) / len(rows)
        back = wrong @ parts[2].T * (1 - hidden**2)
        slopes = [rows.T @ back, back.sum(0), hidden.T @ wrong, wrong.sum(0)]
        for i, slope in enumerate(slopes):
            slow[i] = 0.9 * slow[i] + 0.1 * slope
            square[i] = 0.999 * square[i] + 0.001 * slope**2
            rate = RATE * (1 - step / STEPS)
            parts[i] = parts[i] * (1 - rate * DECAY) - rate * slow[i] / (1 - 0.9**step) / (np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8)
    return lambda at: np.asarray((np.tanh((at - middle) / spread @ parts[0] + parts[1]) @ parts[2] + parts[3]) * scale + mean)


def rankme(z: Floats) -> float:
    """How many directions embeddings (n, D) are spread over: the exponential of the entropy of their singular values.

    Source: Garrido et al., RankMe (2023).
    """
    values = np.sqrt(np.maximum(np.linalg.eigvalsh(z.T @ z), 0))
    if not values.sum():
        return 1.0
    shares = values / values.sum()
    return float(np.exp(-(shares * np.log(shares + 1e-7)).sum()))
