"""Which clips come when: the starts of all bundles, an order of them, or a mixture, as a function of epoch and position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, get_args

import numpy as np

from lifeworld.core.errors import InputError, LimitError, UnknownName
from lifeworld.episode.clips.job import Draw
from lifeworld.episode.clips.mix import Mixture
from lifeworld.episode.clips.shuffle import Blocks, Listed, Numbers, Order, Scattered
from lifeworld.episode.clips.starts import Runs

How = Literal["scattered", "blocks", "listed"]
_SAMPLED = 64  # batches looked at to say how well an order mixes
_PAGE = 4_096  # positions worked out at once: one by one they would cost more than the copying


@dataclass(frozen=True, slots=True)
class Mixing:
    """How well an order mixes: the episodes that one batch comes from on average, and how many that were if every clip could be next."""

    episodes_a_batch: float
    evenly: float

    @property
    def share(self) -> float:
        """1 where nothing is lost."""
        return self.episodes_a_batch / self.evenly


class Schedule:
    """The clips of several bundles in order. Numbers of clips count through the bundles as they were given.

    Raises:
        UnknownName: if there is no such order.
        InputError: if the weights are not one a bundle.
        LimitError: if a block has no episodes.
    """

    def __init__(self, runs: Sequence[Runs], *, seed: int, how: How, block: int, weights: Sequence[float | Fraction] | None) -> None:
        if how not in get_args(How):
            raise UnknownName("order", how, get_args(How))
        if block < 1:
            raise LimitError("a block has at least one episode", got=block)
        if weights is not None and len(weights) != len(runs):
            raise InputError("there is one weight a bundle", got=len(weights), expected=len(runs))
        self.runs = runs
        self.ends = np.cumsum([0, *(len(each) for each in runs)])
        self.clips = int(self.ends[-1])
        self._page = lru_cache(maxsize=2)(self._drawn_page)
        self.mixture = None if weights is None else Mixture(weights, key=(seed, 1))
        if weights is None:
            bounds = np.concatenate([each.bounds[:-1] + end for each, end in zip(runs, self.ends, strict=False)] + [self.ends[-1:]])
            self.orders: list[Order] = [_order(how, bounds, block, (seed, 0))]
        else:
            self.orders = [_order(how, each.bounds, block, (seed, 2, i)) for i, each in enumerate(runs)]

    def between(self, epoch: int, start: int, stop: int) -> Draw:
        """The clips from position `start` to before `stop` of an epoch."""
        drawn: list[Draw] = []
        while start < stop:
            page = start // _PAGE
            end = min(stop, (page + 1) * _PAGE)
            drawn.append(self._page(epoch, page).of(slice(start - page * _PAGE, end - page * _PAGE)))
            start = end
        return Draw(*(np.concatenate(columns) for columns in zip(*(d.columns for d in drawn), strict=True)))

    def _drawn_page(self, epoch: int, page: int) -> Draw:
        return self.at(epoch, np.arange(page * _PAGE, min((page + 1) * _PAGE, self.clips)))

    def at(self, epoch: int, positions: Numbers) -> Draw:
        """The clips at these positions (k,) of an epoch, which rise."""
        if self.mixture is None:
            return self.draw(self.orders[0].at(epoch, positions))
        bundle, before = self.mixture.at(epoch * self.clips + positions)
        clips = np.empty_like(positions)
        for number, order in enumerate(self.orders):
            mine = np.flatnonzero(bundle == number)
            epochs, places = np.divmod(before[mine], len(self.runs[number]))
            for own in np.unique(epochs).tolist():
                here = epochs == own
                clips[mine[here]] = order.at(own, places[here]) + self.ends[number]
        return self.draw(clips)

    def draw(self, clips: Numbers) -> Draw:
        """Clips by number.

        Raises:
            IndexError: if there are not so many.
        """
        if clips.size and not 0 <= clips.min() <= clips.max() < self.clips:
            raise IndexError(f"clip {int(clips.max() if clips.max() >= self.clips else clips.min())} of {self.clips}")
        bundle = np.searchsorted(self.ends, clips, side="right") - 1
        episode, start = np.empty_like(clips), np.empty_like(clips)
        for number in np.unique(bundle).tolist():
            here = bundle == number
            episode[here], start[here] = self.runs[number].at(clips[here] - self.ends[number])
        return Draw(bundle, episode, start)

    def mixing(self, batch: int) -> Mixing:
        """How well batches of this size are mixed in the first epoch; the same is asked of the even order."""
        even = Scattered(self.clips, key=(0,))
        found: list[tuple[int, int]] = []
        for first in np.linspace(0, max(0, self.clips - batch), _SAMPLED).astype(np.int64).tolist():
            positions = np.arange(first, min(first + batch, self.clips))
            found.append((_episodes(self.at(0, positions)), _episodes(self.draw(even.at(0, positions)))))
        ours, evenly = np.mean(found, axis=0)
        return Mixing(float(ours), float(evenly))


def _order(how: How, bounds: Numbers, block: int, key: tuple[int, ...]) -> Order:
    if how == "listed":
        return Listed()
    return Blocks(bounds, block, key=key) if how == "blocks" else Scattered(int(bounds[-1]), key=key)


def _episodes(draw: Draw) -> int:
    return len(np.unique(np.stack([draw.bundle, draw.episode]), axis=1).T)
