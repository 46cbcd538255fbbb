"""One stream of all episodes of a source, sample by sample: from the shelf where it is there, else from its file, onto the shelf.

Files are read by blocks: what a codec decodes together anyway (a group of pictures of a video, a chunk of an array, a table of a few
megabytes as a whole). Two threads never decode the same block.
"""

from __future__ import annotations

import math
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.core.signal import Stored
from lifeworld.core.time import Times
from lifeworld.episode.clips.batch import Memory
from lifeworld.episode.clips.recent import Recent
from lifeworld.episode.clips.report import Report
from lifeworld.episode.clips.resize import Size, resized, resizes
from lifeworld.episode.clips.shelf import Budget, Shelf, shelf_name
from lifeworld.episode.clips.shuffle import Numbers
from lifeworld.episode.clips.source import Source
from lifeworld.episode.codec.dense import Dense
from lifeworld.episode.codec.video import Video

WHOLE_BYTES = 4 * 2**20
"""Streams up to this size are read as a whole, others in blocks of about this."""
MOST_BLOCK_BYTES = 64 * 2**20
LEAST_FRAMES = 8


class Reader:
    """The samples of one stream. `offset[e]` is the number of episode e's first sample among all, `has[e]` whether it has any.

    `shape` and `dtype` are those of a sample as it is given out: of the first episode that has the stream; all others must be alike.
    """

    def __init__(
        self,
        source: Source,
        stream: str,
        *,
        size: Size | None,
        cache: Path | None,
        budget: Budget,
        report: Report,
        recent: Recent,
        memory: Memory,
        whole: bool,
    ) -> None:
        self.source, self.stream, self.report, self.recent = source, stream, report, recent
        self._memory, self._whole = memory, whole
        spans = source.spans(stream)
        counts = np.zeros(len(source), dtype=np.int64)
        counts[spans.rows] = spans.count
        self.has = counts > 0
        self.offset = np.concatenate([[0], np.cumsum(counts)])
        self.span = np.zeros((len(source), 2), dtype=np.int64)
        self.span[spans.rows] = np.stack([spans.first_ns, spans.last_ns], axis=-1)
        example = source.streams(int(np.argmax(self.has)))[stream]
        self.signal, self.ragged = example.signal, example.signal.ragged
        self.dtype: np.dtype[Any] = self.signal.dtype
        self.size = resizes(self.signal, size)
        self.shape = self._shape(example.values)
        self._locks = [threading.Lock() for _ in range(64)]
        self.shelf: Shelf | None = None
        self.clock: Shelf | None = None
        if cache is not None:
            count, identity = int(self.offset[-1]), source.identity()
            named, clock = shelf_name(stream, self.shape, self.dtype), np.dtype(np.int64)
            self.clock = Shelf(
                cache / shelf_name(f"{stream}.times", (), clock), count=count, shape=(), dtype=clock, identity=identity, budget=budget
            )
            if not self.ragged:
                self.shelf = Shelf(cache / named, count=count, shape=self.shape, dtype=self.dtype, identity=identity, budget=budget)

    def times(self, episode: int) -> Times:
        """The clock of an episode's stream (n,) [ns]."""
        begin, end = int(self.offset[episode]), int(self.offset[episode + 1])
        if self.clock is not None and self.clock.there[begin]:
            return self.clock.rows[begin:end]
        times = self.source.streams(episode)[self.stream].times_ns
        if len(times) != end - begin:
            raise ShapeError(
                f"{self.stream!r} has another number of samples than the index says",
                where=self._where(episode),
                got=len(times),
                expected=end - begin,
            )
        if self.clock is not None and self.source.may_keep(episode, self.stream):
            self.clock.put(begin, times)
        return times

    def gather(self, numbers: Numbers, out: NDArray[Any]) -> None:
        """Samples that are all on the shelf, by their numbers among all (k,), into `out` (k, *shape)."""
        assert self.shelf is not None
        if out.dtype == self.dtype:
            np.take(self.shelf.rows, numbers, axis=0, out=out, mode="clip")  # clip: straight into out, without a copy between
        else:
            out[...] = self.shelf.rows[numbers]

    def read(self, episode: int, samples: Numbers, out: NDArray[Any], places: Numbers) -> None:
        """Samples (k,) of an episode into `out[places]`.

        Raises:
            InputError: if they cannot be read; names the file.
        """
        values = self.source.streams(episode)[self.stream].values
        self._check(episode, values)
        if isinstance(values, np.ndarray):
            out[places] = values[samples] if self.size is None else resized(values[samples], self.size)
            return
        kept = self.shelf is not None and self.source.may_keep(episode, self.stream)
        if not kept and not self._whole and isinstance(values, (Video, Dense)):
            self._read_through(values, samples, out, places)
            return
        begin = int(self.offset[episode])
        bounds = self._bounds(values)
        block_of = np.searchsorted(bounds, samples, side="right") - 1
        for block in np.unique(block_of).tolist():
            here = np.flatnonzero(block_of == block)
            first, stop = int(bounds[block]), int(bounds[block + 1])
            with self._locks[hash((episode, block)) % len(self._locks)]:
                if kept and self.shelf is not None and self.shelf.there[begin + samples[here]].all():
                    got = self.shelf.rows[begin + first : begin + stop]
                else:
                    got = self._block(episode, values, first, stop, self.shelf if kept else None)
            _put(got, samples[here] - first, out, places[here])

    def rows(self, episode: int, samples: Numbers) -> list[NDArray[Any]]:
        """Samples (k,) of a ragged stream, each an array of rows."""
        values = self.source.streams(episode)[self.stream].values
        if isinstance(values, Stored):
            key = (id(self), episode, -1)
            found = self.recent.get(key)
            if found is None:
                with self._locks[hash(key) % len(self._locks)]:
                    found = tuple(values[:])
                    self.report.read(self.stream, len(found), kept=False)
                    self.recent.put(key, found, sum(row.nbytes for row in found))
            values = found
        return [values[i] for i in samples.tolist()]

    def part(self, episode: int, first: int, stop: int) -> Any:
        """Samples `first` to before `stop` of an episode: an array, or a list of arrays if ragged."""
        samples = np.arange(first, stop)
        if self.ragged:
            return self.rows(episode, samples)
        out = np.empty((stop - first, *self.shape), dtype=self.dtype)
        self.read(episode, samples, out, np.arange(stop - first))
        return out

    def no_rows(self) -> NDArray[Any]:
        """What a moment without anything holds."""
        return np.zeros((0, *self.shape), dtype=self.dtype)

    def flush(self) -> None:
        for shelf in (self.shelf, self.clock):
            if shelf is not None:
                shelf.flush()

    def _block(self, episode: int, values: Stored, first: int, stop: int, shelf: Shelf | None) -> NDArray[Any]:
        key = (id(self), episode, first)
        found: NDArray[Any] | None = self.recent.get(key) if shelf is None else None
        if found is not None:
            return found
        got = self._memory.array((stop - first, *self.shape), self.dtype)
        self._read_through(values, np.arange(first, stop), got, np.arange(stop - first), report=False)
        if shelf is None:
            self.recent.put(key, got, got.nbytes)
            self.report.read(self.stream, stop - first, kept=False)
        else:
            kept = shelf.put(int(self.offset[episode]) + first, got)
            self.report.read(self.stream, stop - first, kept=kept, why_not=shelf.budget.refused)
        return got

    def _read_through(self, values: Stored, samples: Numbers, out: NDArray[Any], places: Numbers, *, report: bool = True) -> None:
        """Straight from the file."""
        if report:
            self.report.read(self.stream, len(np.unique(samples)), kept=False)
        straight = _in_a_row(places) and out.dtype == self.dtype
        target = out[int(places[0]) : int(places[-1]) + 1] if straight else self._memory.array((len(samples), *self.shape), self.dtype)
        if isinstance(values, Video) or (isinstance(values, Dense) and self.size is None):
            values.read_into(target, samples)
        else:
            got = values[samples]
            target[...] = got if self.size is None else resized(got, self.size)
        if not straight:
            out[places] = target

    def _bounds(self, values: Stored) -> Numbers:
        """Where blocks begin, and the end."""
        count = len(values)
        most = max(1, MOST_BLOCK_BYTES // max(1, math.prod(self.shape) * self.dtype.itemsize))
        if isinstance(values, Video):
            keyframes = values.keyframes
            return _spaced(np.append(keyframes, count), LEAST_FRAMES, most)
        if isinstance(values, Dense):
            return np.append(np.arange(0, count, values.moments), count)
        size = max(1, math.prod(self.shape) * self.dtype.itemsize)
        return np.append(np.arange(0, count, count if count * size <= WHOLE_BYTES else max(1, WHOLE_BYTES // size)), count)

    def _shape(self, values: Any) -> tuple[int, ...]:
        if isinstance(values, tuple):  # ragged, in memory
            return tuple(int(n) for n in values[0].shape[1:]) if values else ()
        shape = tuple(int(n) for n in values.shape[1:])
        return shape if self.size is None else (*self.size, *shape[2:])

    def _check(self, episode: int, values: Any) -> None:
        if (got := self._shape(values)) != self.shape:
            raise ShapeError(
                f"{self.stream!r} has another size than in the first episode",
                where=self._where(episode), got=got, expected=self.shape, fix="Give size=(height, width) to bring all to one.",
            )  # fmt: skip

    def _where(self, episode: int) -> str:
        return f"{self.source.name}: {self.source.where(episode)}"


def _put(values: NDArray[Any], chosen: Numbers, out: NDArray[Any], places: Numbers) -> None:
    """`out[places] = values[chosen]`, with one copy where that can be."""
    if out.dtype == values.dtype and _in_a_row(places):
        np.take(values, chosen, axis=0, out=out[int(places[0]) : int(places[-1]) + 1], mode="clip")
    else:
        out[places] = values[chosen]


def _in_a_row(places: Numbers) -> bool:
    return len(places) > 0 and int(places[-1] - places[0]) == len(places) - 1 and bool((places[1:] > places[:-1]).all())


def _spaced(bounds: Numbers, least: int, most: int) -> Numbers:
    """Bounds with at least `least` samples between two where they allow it, and never more than `most`."""
    kept = [int(bounds[0])]
    for bound in bounds[1:-1].tolist():
        if bound - kept[-1] >= least:
            kept.append(bound)
    kept.append(int(bounds[-1]))
    return np.concatenate([*(np.arange(a, b, most) for a, b in pairwise(kept)), [kept[-1]]]).astype(np.int64)
