"""What a model is judged on: clips that it never saw, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOut:
    """Clips at the model's size and pace.

    `pictures` uint8 (N, T, H, W, 3); `actions` float32 (N, T - 1, A), the mean between two pictures, None where none were recorded;
    `episode` (N,) which episode of the bundle each is of, and `moment` (N,) at which of its pictures it begins; `mean` uint8 (H, W, 3) the
    mean picture of what was learned from; `sha256` a hash of the episodes, their stream, size and pace.
    """

    pictures: NDArray[np.uint8]
    actions: NDArray[np.float32] | None
    episode: NDArray[np.int64]
    moment: NDArray[np.int64]
    mean: NDArray[np.uint8]
    frame_ns: int
    sha256: str
