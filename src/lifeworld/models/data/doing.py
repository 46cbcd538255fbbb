"""What was done: the recorded actions as the row of numbers that a model is told, and what each of the numbers is called.

    doing = doing_of(bundle)                        # Doing: streams, names, ranges; None where nothing was recorded
    doing.between(episode, edges_ns)                # (n, A): the mean action from each instant to the next

The numbers of several who act (two cooks) stand beside each other. A stream of one whole number a row (a choice) becomes as many numbers as
there are choices, 1 for the one that was taken: no choice is more than another. Keys that are pressed or not stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.episode.bundle import Bundle
from lifeworld.episode.episode import Episode

LOOKED_AT = 64
"""How many episodes are opened to see how large actions are."""
FEW = 16
"""A number of so many different values or fewer has steps: its range is all of it, not only what is usual."""
MOST_CHOICES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """The actions that were recorded with the pictures.

    `streams` they are from, `names` of each stream's numbers, `choices` whether a stream says the number of a choice; over all streams the
    range, mean and spread of each number (A,).
    """

    streams: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    choices: tuple[bool, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def stream(self) -> str:
        """The streams, in words."""
        return " and ".join(self.streams)

    @property
    def who(self) -> tuple[str, ...]:
        """Who acts in each stream: the name behind its @."""
        return tuple(stream.partition("@")[2] or "player" for stream in self.streams)

    @property
    def parts(self) -> tuple[slice, ...]:
        """Which of the A numbers are each stream's."""
        edges = np.cumsum([0, *(len(names) for names in self.names)]).tolist()
        return tuple(slice(first, last) for first, last in pairwise(edges))

    def numbers(self, i: int, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Rows of the i-th stream as numbers (n, size).

        Raises:
            ShapeError: if they are rows of another size.
            InputError: for a choice that there is not.
        """
        rows, size = np.asarray(values, dtype=np.float64), len(self.names[i])
        expected = 1 if self.choices[i] else size
        if rows.ndim != 2 or rows.shape[1] != expected:
            raise ShapeError("these are not the actions this model knows", where=self.streams[i], got=rows.shape[1:], expected=(expected,))
        if not self.choices[i]:
            return rows
        chosen = rows[:, 0]
        known = np.isin(chosen, np.arange(size)) | ~np.isfinite(chosen)
        if not known.all():
            got = f"{chosen[~known][0]:g}"
            raise InputError("there is no such choice", where=self.streams[i], got=got, expected=f"a whole number, 0 to {size - 1}")
        return np.asarray(chosen[:, None] == np.arange(size), dtype=np.float64)

    def between(self, episode: Episode, edges_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean action (n, A) of an episode from each of the n + 1 edges to before the next.

        Raises:
            SignalUnavailable: if the episode has no such stream.
            ShapeError, InputError: as `numbers`.
        """
        streams = [episode[name] for name in self.streams]
        return np.concatenate([between(self.numbers(i, s.values), s.times_ns, edges_ns) for i, s in enumerate(streams)], axis=1)


def acting_in(bundle: Bundle) -> tuple[str, ...]:
    """The streams of those who act in as many episodes of a bundle as anybody does; none if nobody does."""
    counts = {name: len(bundle.index.spans(name).rows) for name in bundle.index.stream_names if name.partition("@")[0] == "action"}
    return tuple(sorted(name for name, count in counts.items() if count == max(counts.values())))


def doing_of(bundle: Bundle, *, held_out: NDArray[np.bool_] | None = None) -> Doing | None:
    """What was done in the episodes of a bundle, looked up in some, by those who act in as many of them as anybody; None if nobody does.

    Ranges, means and spreads are of those episodes that are not `held_out` (n,).

    Raises:
        ShapeError: if an action is no row of numbers.
        InputError: if no action is finite.
    """
    streams = acting_in(bundle)
    parts = [_part(bundle, stream, np.zeros(len(bundle), bool) if held_out is None else held_out) for stream in streams]
    if not parts:
        return None
    low, high, mean, std = (tuple(np.concatenate([part.stats[i] for part in parts]).tolist()) for i in range(4))
    names, choices = (tuple(each) for each in zip(*((part.names, part.choice) for part in parts), strict=True))
    return Doing(streams=streams, names=names, choices=choices, low=low, high=high, mean=mean, std=std)


def between(actions: NDArray[np.float64], when_ns: NDArray[np.int64], edges_ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean action (n, A) from each of the n + 1 edges to before the next; where there was none meanwhile, the last one before, or the
    first of all. What is not known (NaN) is told as 0."""
    out = np.zeros((len(edges_ns) - 1, actions.shape[1]))
    for i, (first, last) in enumerate(pairwise(np.searchsorted(when_ns, edges_ns).tolist())):
        if len(actions):
            out[i] = actions[first:last].mean(axis=0) if last > first else actions[max(0, first - 1)]
    return np.nan_to_num(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One stream's names, whether it is a choice, and the low, high, mean and spread (size,) of its numbers."""

    names: tuple[str, ...]
    choice: bool
    stats: tuple[NDArray[np.float64], ...]


def _part(bundle: Bundle, stream: str, held_out: NDArray[np.bool_]) -> _Part:
    rows = bundle.index.spans(stream).rows
    known = rows[~held_out[rows]] if (~held_out[rows]).any() else rows
    some = known[np.linspace(0, len(known) - 1, min(len(known), LOOKED_AT)).astype(int)]
    if np.asarray(bundle[int(some[0])][stream].values).shape[1:] == (1,):
        some = rows  # a choice that is seldom taken, or only in what is held out, is one too
    episodes = {int(row): bundle[int(row)] for row in some}
    any_of = rows[np.linspace(0, len(rows) - 1, min(len(rows), LOOKED_AT)).astype(int)]  # held out or not
    sizes = {tuple(bundle[int(row)][stream].values.shape[1:]) for row in {*any_of.tolist(), *episodes}}
    if len(sizes) > 1 or any(len(size) != 1 or not size[0] for size in sizes):
        raise ShapeError("an action is a row of numbers, of one size in all episodes", where=stream, got=sorted(sizes)[:4])
    every, learned = (_finite(stream, [episodes[row] for row in which if row in episodes]) for which in (rows.tolist(), known.tolist()))
    said = next((tuple(e.legend[stream]) for e in episodes.values() if e.legend.get(stream)), ())
    choice = _is_choice(every)
    if choice:
        learned = (learned == np.arange(max(len(said), every.max() + 1))).astype(np.float64)
    size, word = learned.shape[1], "choice" if choice else "number"
    names = _distinct(said) if len(said) == size else tuple(f"{word}_{i}" for i in range(size))
    return _Part(names=names, choice=choice, stats=_stats(learned))


def _finite(stream: str, episodes: Sequence[Episode]) -> NDArray[np.float64]:
    """The rows of a stream in which all numbers are finite."""
    values = np.concatenate([np.asarray(episode[stream].values, dtype=np.float64) for episode in episodes])
    finite: NDArray[np.float64] = values[np.isfinite(values).all(axis=1)]
    if not len(finite):
        raise InputError("there is no finite action", where=stream)
    return finite


def _is_choice(finite: NDArray[np.float64]) -> bool:
    """Whether rows of one number are the numbers of choices: whole, from 0 on, few, and more than a key's two."""
    if finite.shape[1] != 1 or not (finite >= 0).all() or (finite != np.round(finite)).any():
        return False
    return bool(2 <= finite.max() < MOST_CHOICES)


def _stats(finite: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    low, high = np.percentile(finite, [0.5, 99.5], axis=0)
    for i, column in enumerate(finite.T):
        values = np.unique(column)
        if np.isin(values, (0.0, 1.0)).all():
            low[i], high[i] = 0.0, 1.0
        elif len(values) <= FEW:
            low[i], high[i] = values[0], values[-1]
    same = finite.max(axis=0) - finite.min(axis=0) < 1e-9
    stuck = high - low < 1e-9
    low, high = np.where(stuck, finite.min(axis=0) - same, low), np.where(stuck, finite.max(axis=0) + same, high)
    spread = np.maximum(finite.std(axis=0), 0.05 * (high - low))  # a key that is hardly ever pressed must not cry out when it is
    return low, high, finite.mean(axis=0), np.where(same, 1.0, spread)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names that can be typed, each once: words in small letters without units, their number where two would be the same."""
    words = [name.partition(" [")[0].strip().lower().replace(" ", "_").replace(",", "") or "number" for name in names]
    return tuple(word if words.count(word) == 1 else f"{word}_{i}" for i, word in enumerate(words))
