"""Reading one batch: planned by arrays, then copied and decoded by a crew, each file by one task.

A job is begun once and then works by itself: its plan is a task, which asks for further ones, and the last of those to end says it is done.
What lies on shelves in full is copied for many clips at once; the other clips are read episode by episode. A task never waits for another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.time import Times
from lifeworld.episode.clips.batch import Batch, Memory, joined_rows
from lifeworld.episode.clips.crew import Crew
from lifeworld.episode.clips.join import Rule, between, found, mixed, window
from lifeworld.episode.clips.reader import Reader
from lifeworld.episode.clips.shuffle import Numbers
from lifeworld.episode.clips.starts import Grid


@dataclass(frozen=True, slots=True)
class Track:
    """A stream of one source as clips hold it: how it is read and by which rule joined; None of the anchor, whose clock is the clips'."""

    name: str
    reader: Reader
    rule: Rule | None
    same: NDArray[np.int8]
    """(episodes,) whether its clock is the anchor's: 0 not yet known, 1 yes, −1 no."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How clips are cut from episodes: `length` instants, `stride` apart, of the anchor's samples or of a grid."""

    length: int
    stride: int
    grid: Grid | None
    most_stale_ns: int | None
    dtypes: Mapping[str, np.dtype[Any]]
    """What each stream is given out as."""


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Which clips: the number of the bundle, the episode and the first sample of each, int64 (clips,)."""

    bundle: Numbers
    episode: Numbers
    start: Numbers

    def __len__(self) -> int:
        return len(self.start)

    @property
    def columns(self) -> tuple[Numbers, Numbers, Numbers]:
        return self.bundle, self.episode, self.start

    def of(self, some: slice) -> Draw:
        """Some of them."""
        return Draw(self.bundle[some], self.episode[some], self.start[some])


class Job:
    """A batch that is being read. `done` is set at the end, whatever happened; then `error` is what nobody expected, and `failed` are the
    slots of clips that could not be read, each with why.
    """

    def __init__(self, draw: Draw, tracks: Sequence[Sequence[Track]], cut: Cut, memory: Memory) -> None:
        self.draw, self.tracks, self.cut = draw, tracks, cut
        clips, length = len(draw), cut.length
        self.arrays: dict[str, NDArray[Any]] = {}
        self.known: dict[str, NDArray[np.bool_]] = {}
        self.lists: dict[str, list[Any]] = {}
        self.list_times: dict[str, list[Times]] = {}
        for track in tracks[0]:
            if track.rule == "all":
                self.lists[track.name], self.list_times[track.name] = [None] * clips, [np.zeros(0, np.int64)] * clips
                continue
            if track.reader.ragged:
                self.lists[track.name] = [None] * (clips * length)
            else:
                self.arrays[track.name] = memory.array((clips, length, *track.reader.shape), cut.dtypes[track.name])
            if track.rule is not None:
                self.known[track.name] = np.ones((clips, length), dtype=np.bool_)
        self.times_ns = np.zeros((clips, length), dtype=np.int64)
        self.failed: dict[int, InputError | OSError] = {}
        self.error: BaseException | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()
        self._open = 1

    def begin(self, crew: Crew, slots: Numbers | None = None) -> Job:
        """Read the clips in these slots (all if None); returns at once."""
        chosen = np.arange(len(self.draw)) if slots is None else slots
        self.done.clear()
        self._open = 1
        crew.ask(partial(self._run, partial(self._plan, crew, chosen)))
        return self

    def replace(self, slots: Numbers, draw: Draw) -> None:
        """Put other clips into these slots; they are read by `begin`."""
        for mine, new in zip(self.draw.columns, draw.columns, strict=True):
            mine[slots] = new
        for slot in slots.tolist():
            del self.failed[slot]
        for known in self.known.values():
            known[slots] = True

    def batch(self, count: int) -> Batch:
        """The first `count` clips as a batch."""
        values: dict[str, Any] = {}
        for track in self.tracks[0]:
            if track.name in self.arrays:
                values[track.name] = self.arrays[track.name][:count]
            elif track.rule == "all":
                values[track.name] = joined_rows(self.lists[track.name][:count], self.list_times[track.name][:count])
            else:
                values[track.name] = joined_rows(self.lists[track.name][: count * self.cut.length])
        known = {name: mask[:count] for name, mask in self.known.items()}
        draw = self.draw
        return Batch(values, self.times_ns[:count], draw.bundle[:count], draw.episode[:count], draw.start[:count], known)

    def close_ranks(self) -> int:
        """Move clips from the end into the slots of failed ones; how many are left."""
        good = [slot for slot in range(len(self.draw)) if slot not in self.failed]
        for slot in sorted(self.failed):
            if slot >= len(good):
                break
            last = good.pop()
            for array in (*self.arrays.values(), *self.known.values(), self.times_ns, *self.draw.columns):
                array[slot] = array[last]
            for name, items in self.lists.items():
                n = 1 if name in self.list_times else self.cut.length
                items[slot * n : (slot + 1) * n] = items[last * n : (last + 1) * n]
            for times in self.list_times.values():
                times[slot] = times[last]
            good.insert(0, slot)
        return len(good)

    # -- tasks -------------------------------------------------------------------------------------------------------------

    def _run(self, task: Callable[[], None]) -> None:
        try:
            if self.error is None:
                task()
        except BaseException as error:  # raised where the batch is taken
            self.error = error
        with self._lock:
            self._open -= 1
            last = not self._open
        if last:
            self.done.set()

    def _ask(self, crew: Crew, task: Callable[[], None]) -> None:
        with self._lock:
            self._open += 1
        crew.ask(partial(self._run, task))

    def _plan(self, crew: Crew, slots: Numbers) -> None:
        for number, tracks in enumerate(self.tracks):
            mine = slots[self.draw.bundle[slots] == number]
            if not len(mine):
                continue
            warm, rows = self._on_shelves(tracks, mine)
            ready = mine[warm]
            for share in np.array_split(np.arange(len(ready)), min(len(crew), len(ready)) or 1):
                if len(share):
                    self._ask(
                        crew, partial(self._copy, tracks, ready[share], {name: numbers[warm][share] for name, numbers in rows.items()})
                    )
            cold = mine[~warm]
            for episode in np.unique(self.draw.episode[cold]).tolist():
                self._ask(crew, partial(self._read, tracks, int(episode), cold[self.draw.episode[cold] == episode]))

    def _on_shelves(self, tracks: Sequence[Track], slots: Numbers) -> tuple[NDArray[np.bool_], dict[str, Numbers]]:
        """Which of these clips lie on shelves in full, and the numbers of their samples there (slots, length) by stream."""
        warm = np.ones(len(slots), dtype=np.bool_)
        rows: dict[str, Numbers] = {}
        plain = all(t.rule in (None, "hold", "nearest") and t.reader.shelf is not None for t in tracks)
        if not plain or self.cut.grid is not None:
            return ~warm, rows
        episode, start = self.draw.episode[slots], self.draw.start[slots]
        anchor = tracks[0].reader
        samples = start[:, None] + self.cut.stride * np.arange(self.cut.length)
        for track in tracks:
            shelf, clock, offset = track.reader.shelf, track.reader.clock, track.reader.offset[episode]
            assert shelf is not None
            assert clock is not None
            warm &= track.reader.has[episode]
            warm[warm] = clock.there[offset[warm]] != 0
            if track.rule is None:
                numbers = offset[:, None] + samples
                if not warm.any():
                    break
                self.times_ns[slots[warm]] = clock.rows[numbers[warm]]
            else:
                numbers = samples.copy()
                self.known[track.name][slots] = True
                for i in np.flatnonzero(warm & (track.same[episode] <= 0)).tolist():
                    numbers[i], known = self._joined(track, anchor, int(episode[i]), samples[i], self.times_ns[slots[i]])
                    self.known[track.name][slots[i]] = known
                numbers += offset[:, None]
            warm[warm] = (shelf.there[numbers[warm]] != 0).all(axis=1)
            rows[track.name] = numbers
        return warm, rows

    def _joined(
        self, track: Track, anchor: Reader, episode: int, samples: Numbers, at_ns: Times
    ) -> tuple[Numbers, NDArray[np.bool_] | bool]:
        """The samples that the rule of a track finds at these instants."""
        if self.cut.grid is None:
            if not track.same[episode]:
                track.same[episode] = 1 if np.array_equal(track.reader.times(episode), anchor.times(episode)) else -1
            if track.same[episode] > 0:
                return samples, True
        assert track.rule in (None, "hold", "nearest")
        return found(track.reader.times(episode), at_ns, track.rule or "hold", self.cut.most_stale_ns)

    def _copy(self, tracks: Sequence[Track], slots: Numbers, rows: dict[str, Numbers]) -> None:
        straight = len(slots) > 0 and slots[-1] - slots[0] == len(slots) - 1
        for track in tracks:
            array, numbers = self.arrays[track.name], rows[track.name].ravel()
            if straight:
                track.reader.gather(numbers, array[slots[0] : slots[-1] + 1].reshape(-1, *track.reader.shape))
            else:
                for i, slot in enumerate(slots.tolist()):
                    track.reader.gather(numbers[i * self.cut.length : (i + 1) * self.cut.length], array[slot])

    def _read(self, tracks: Sequence[Track], episode: int, slots: Numbers) -> None:
        try:
            self._read_clips(tracks, episode, slots)
        except (InputError, OSError) as error:
            if len(slots) == 1:
                self.failed[int(slots[0])] = error
                return
            for slot in slots:  # what is broken may concern one of them only
                self._read(tracks, episode, np.array([slot]))

    def _read_clips(self, tracks: Sequence[Track], episode: int, slots: Numbers) -> None:
        anchor = tracks[0].reader
        samples = self.draw.start[slots, None] + self.cut.stride * np.arange(self.cut.length)
        times, grid = anchor.times(episode), self.cut.grid
        at_ns = times[samples] if grid is None else grid.times(samples, int(times[0]))
        self.times_ns[slots] = at_ns
        for track in tracks:
            if not track.reader.has[episode]:
                self._nothing(track, slots)
            elif track.rule == "all":
                self._window(track, episode, slots, at_ns)
            elif track.rule in ("linear", "slerp"):
                for slot, instants in zip(slots.tolist(), at_ns, strict=True):
                    times = track.reader.times(episode)
                    first, stop, inside, known = between(times, instants, self.cut.most_stale_ns)
                    values = mixed(times[first:stop], track.reader.part(episode, first, stop), inside, track.rule)
                    self.arrays[track.name][slot], self.known[track.name][slot] = values, known
            else:
                self._samples(track, anchor, episode, slots, samples, at_ns)

    def _samples(self, track: Track, anchor: Reader, episode: int, slots: Numbers, samples: Numbers, at_ns: Times) -> None:
        chosen = samples
        if track.rule is not None:
            chosen, self.known[track.name][slots] = self._joined(track, anchor, episode, samples, at_ns)
        places = (slots[:, None] * self.cut.length + np.arange(self.cut.length)).ravel()
        if track.reader.ragged:
            rows = track.reader.rows(episode, chosen.ravel())
            for place, row in zip(places.tolist(), rows, strict=True):
                self.lists[track.name][place] = row
            return
        array = self.arrays[track.name]
        track.reader.read(episode, chosen.ravel(), array.reshape(-1, *array.shape[2:]), places)

    def _window(self, track: Track, episode: int, slots: Numbers, at_ns: Times) -> None:
        times = track.reader.times(episode)
        for slot, instants in zip(slots.tolist(), at_ns, strict=True):
            first, stop = window(times, int(instants[0]), int(instants[-1]))
            values, when = track.reader.part(episode, first, stop), np.array(times[first:stop])
            if track.reader.ragged:  # rows of all moments, each with its time
                when = np.repeat(when, [len(rows) for rows in values])
                values = np.concatenate([track.reader.no_rows(), *values])
            self.lists[track.name][slot], self.list_times[track.name][slot] = values, when

    def _nothing(self, track: Track, slots: Numbers) -> None:
        """An episode that lacks the stream, where that is allowed: NaN, zeros or no rows, and not known."""
        length = self.cut.length
        for slot in slots.tolist():
            if track.name in self.arrays:
                array = self.arrays[track.name]
                array[slot] = np.nan if array.dtype.kind == "f" else np.zeros((), dtype=array.dtype)
            elif track.rule == "all":
                self.lists[track.name][slot] = track.reader.no_rows()
                self.list_times[track.name][slot] = np.zeros(0, dtype=np.int64)
            else:
                self.lists[track.name][slot * length : (slot + 1) * length] = [track.reader.no_rows()] * length
        if track.name in self.known:
            self.known[track.name][slots] = False
