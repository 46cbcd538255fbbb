"""Footage in memory: every picture once, at the size that is learned from, and the actions between them; windows are cut by copying.

Reading windows from a bundle costs a training step on a processor up to a third of its time, most of it in joining actions to pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lifeworld.models.data.footage import Footage

MOST_BYTES = 2**30
"""More than this is not held: it is read from the bundle window by window."""


class _Episode(NamedTuple):
    """Pictures (n, H, W, 3), and the mean action from each to the one a stride later (n - stride, A)."""

    frames: NDArray[np.uint8]
    actions: NDArray[np.float32] | None


class Held:
    """The episodes of some footage that are learned from. `windows` gives what `Footage.windows` gives, for windows of any length."""

    def __init__(self, footage: Footage) -> None:
        self.stride = footage.stride
        cuts: dict[int, Footage] = {}
        self._episodes: dict[int, _Episode] = {}
        pairs = footage.cut(2)  # episodes too short for these windows may be long enough for others
        for episode in np.unique(pairs.episodes(pairs.numbers(held_out=False))).tolist():
            count, parts = int(footage.pictures[episode]), []
            for first in range(min(self.stride, count - self.stride)):
                length = (count - 1 - first) // self.stride + 1  # the whole of it from there on, in one window
                if length not in cuts:
                    cuts[length] = footage.cut(length)
                parts.append(cuts[length].windows([cuts[length].clips_of(episode).start + first]))
            self._episodes[episode] = _Episode(
                _woven([part.frames[0] for part in parts]),
                None if footage.doing is None else _woven([part.actions[0] for part in parts if part.actions is not None]),
            )

    @staticmethod
    def fits(footage: Footage) -> bool:
        """Whether it is small enough."""
        height, width = footage.size
        return int(footage.pictures.sum()) * height * width * 3 <= MOST_BYTES

    def windows(self, footage: Footage, numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
        """Pictures and actions of the clips of these numbers, of the footage or of the same cut to other windows."""
        ahead = np.arange(footage.length) * self.stride
        found = [(self._episodes[e], n - footage.clips_of(e).start) for e, n in zip(footage.episodes(numbers), numbers, strict=True)]
        frames = np.stack([episode.frames[first + ahead] for episode, first in found])
        if footage.doing is None:
            return frames, None
        return frames, np.stack([e.actions[first + ahead[:-1]] for e, first in found if e.actions is not None])


def _woven(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Rows of several arrays in turns: the first of each, the second of each …"""
    out = np.empty((sum(len(part) for part in parts), *parts[0].shape[1:]), parts[0].dtype)
    for i, part in enumerate(parts):
        out[i :: len(parts)] = part
    return out
