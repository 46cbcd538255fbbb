"""Many threads that read the same stored values at once."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal.stored import Stored


def read_by_many_threads(stored: Stored, whole: NDArray, *, threads: int = 4, times: int = 10, moments: int = 20) -> None:
    """Asserts that each reads what is there, to the bit: some moments by chance, several times."""
    wrong: list[int] = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(times):
            index = rng.integers(0, len(whole), moments)
            if stored[index].tobytes() != whole[index].tobytes():
                wrong.append(seed)

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(threads)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert not wrong
