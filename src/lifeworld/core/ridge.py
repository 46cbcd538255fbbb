"""Ridge regression: the one that probes, judges and adapters share.

    say = ridge(x, y)                               # rows (n, F) and what is said of them (n, K)
    say(other)                                      # (…, F) → (…, K)

Source: Hoerl & Kennard, Ridge Regression (1970).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError

Floats = NDArray[np.float64]
STRENGTH = 1e-3
"""Of the squares of weights, beside the mean square of the error."""
STILL = 1e-12
"""A number that varies by less says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """What was found: the level (K,) that is said at no numbers at all, and the weights (F, K)."""

    level: Floats
    weights: Floats

    def __call__(self, x: Floats) -> Floats:
        said: Floats = x @ self.weights + self.level
        return said


def ridge(x: Floats, y: Floats, *, strength: float = STRENGTH) -> Ridge:
    """The linear reader of rows x (n, F) that says y (n, K), with small weights: each number of x in units of its spread, the level free.

    Raises:
        ShapeError: if they are no rows that belong together.
    """
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or not len(x):
        raise ShapeError("a ridge regression needs rows that belong together", got=(x.shape, y.shape), expected="(n, F) and (n, K)")
    middle, spread, mean = x.mean(0), x.std(0), y.mean(0)
    varies = spread > STILL * np.maximum(1, np.abs(middle))
    unit = np.where(varies, spread, 1)
    rows = np.where(varies, (x - middle) / unit, 0)
    found = np.linalg.solve(rows.T @ rows + strength * len(x) * np.eye(x.shape[1]), rows.T @ (y - mean))
    weights = found / unit[:, None]
    return Ridge(mean - middle @ weights, weights)
