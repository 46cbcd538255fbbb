"""Clips: windows of episodes in batches, for training; the same ones in the same order on every machine, as fast as it can copy.

    clips = Clips("out/tabletop", length=16, signals=("rgb@front", "action@hand"), batch=32, seed=0)
    for batch in clips:                    # one epoch
        batch["rgb@front"]                 # uint8 (32, 16, height, width, 3)

The first signal's clock is the clips': a clip is `length` of its samples, and the other signals are joined to their times. What was decoded
once is kept in the bundle's `cache/`, so that later epochs copy. Where a run stood is two numbers, `clips.state`.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lifeworld.core.errors import InputError, LimitError, SignalUnavailable, UnknownName
from lifeworld.core.parallel import cores
from lifeworld.episode.clips.batch import Batch, Memory
from lifeworld.episode.clips.crew import Crew
from lifeworld.episode.clips.job import Cut, Job, Track
from lifeworld.episode.clips.join import Rule, check_rule, rules
from lifeworld.episode.clips.reader import Reader
from lifeworld.episode.clips.recent import Recent
from lifeworld.episode.clips.report import Failure, Report
from lifeworld.episode.clips.schedule import How, Mixing, Schedule
from lifeworld.episode.clips.shelf import Budget
from lifeworld.episode.clips.source import Given, Source, source
from lifeworld.episode.clips.starts import Grid, Runs, grid_stretches, stretches

State = tuple[int, int]
"""The epoch, and how many of its clips are behind."""
MEMORY_BYTES = 256 * 2**20


class Clips:
    """All windows of `length` samples, `stride` apart, of a bundle's episodes, or of several bundles'.

    Args:
        given: a bundle, its folder, or a list of episodes; or a list of bundles and folders.
        signals: the names of streams; the first one's clock is the clips'.
        hop: samples from the start of one clip to the next of its episode.
        batch: clips in a batch. The last of an epoch may be smaller; `drop_last` leaves it out.
        seed: of the order.
        order: `scattered` mixes all clips; `blocks` mixes those of `block` episodes at a time, which reads files that are not in the cache
            several times faster; `listed` does not mix.
        size: (height, width) [px] that pictures are brought to; None leaves them.
        weights: one a bundle: draw from them in this proportion, else as many as they have.
        align: the rule for signals other than the first (`hold`, `nearest`, `linear`, `slerp`, or `all` samples meanwhile), one for all
            or by name.
        rate: instants a second [Hz] on an even grid from the first signal's first sample, which is then joined too; None: its own samples.
        most_stale_ns: samples farther from their instant than this are not known.
        most_gap_ns: no clip spans a longer gap of the first signal. Reads all its clocks when opened.
        missing: whether episodes that lack one of the other signals are left out, or that signal is `known` False in them.
        float32: give numbers of 64 bits as 32.
        cache: keep what was decoded in the bundle's `cache/clips` (True), in another folder, or not.
        cache_bytes: how much it may hold; None: what is there and half of what the disk has free. Beyond, the rest is decoded each time.
        threads: that read; None: one a core.
        ahead: batches read before they are asked for.
        broken: whether clips that cannot be read are counted in `report` and left out (the batch is filled with the next ones), or raised.
        loop: epochs without end.
        resume: a `state` to go on from; exact, with any batch size, number of threads and cache.

    Raises:
        InputError: if something asked for does not fit; says what.
        SignalUnavailable: if no episode has such a stream.
    """

    def __init__(
        self,
        given: Given | Sequence[Given],
        *,
        signals: Sequence[str],
        length: int = 16,
        stride: int = 1,
        hop: int = 1,
        batch: int = 32,
        drop_last: bool = False,
        seed: int = 0,
        order: How = "scattered",
        block: int = 16,
        size: tuple[int, int] | None = None,
        weights: Sequence[float | Fraction] | None = None,
        align: Rule | Mapping[str, Rule] = "hold",
        rate: float | Fraction | None = None,
        most_stale_ns: int | None = None,
        most_gap_ns: int | None = None,
        missing: Literal["leave out", "mask"] = "leave out",
        float32: bool = False,
        cache: bool | Path | str = True,
        cache_bytes: int | None = None,
        threads: int | None = None,
        ahead: int = 2,
        broken: Literal["skip", "raise"] = "skip",
        loop: bool = False,
        resume: State = (0, 0),
    ) -> None:
        _positive(length=length, stride=stride, hop=hop, batch=batch, threads=1 if threads is None else threads)
        if missing not in ("leave out", "mask"):
            raise UnknownName("way with missing signals", missing, ("leave out", "mask"))
        if broken not in ("skip", "raise"):
            raise UnknownName("way with broken clips", broken, ("skip", "raise"))
        self.signals = tuple(signals)
        if not self.signals or isinstance(signals, str) or len(set(self.signals)) < len(self.signals):
            raise InputError("clips need the names of signals, each once", got=signals, expected='("rgb@front", "action@hand")')
        self.batch, self.drop_last, self.broken, self.loop, self.ahead = batch, drop_last, broken, loop, max(0, ahead)
        self.threads = cores() if threads is None else threads
        self.report = Report()
        self.sources = _sources(given)
        self._memory, self._recent = Memory(), Recent(MEMORY_BYTES)
        joined = rules(align, self.signals)
        grid = None if rate is None else Grid(_rate(rate))
        rule_of: dict[str, Rule | None] = {**joined}
        if grid is None:
            rule_of[self.signals[0]] = None
        if rule_of[self.signals[0]] == "all":
            raise InputError("the first signal gives the instants", got="all", fix="Let another signal come first.")
        self._tracks: list[list[Track]] = []
        runs: list[Runs] = []
        for each in self.sources:
            readers = self._readers(each, size, cache, cache_bytes, whole=order != "scattered")
            for name, reader in readers.items():
                check_rule(joined[name], reader.signal, name)
            self._tracks.append([Track(name, reader, rule_of[name], np.zeros(len(each), np.int8)) for name, reader in readers.items()])
            span, all_of = (length - 1) * stride + 1, missing == "leave out"
            runs.append(self._runs(each, list(readers.values()), span=span, hop=hop, grid=grid, most_gap_ns=most_gap_ns, all_of=all_of))
        self._alike()
        dtypes = {t.name: np.dtype(np.float32) if float32 and t.reader.dtype == np.float64 else t.reader.dtype for t in self._tracks[0]}
        self._cut = Cut(length, stride, grid, most_stale_ns, dtypes)
        self._schedule = Schedule(runs, seed=seed, how=order, block=block, weights=weights)
        if weights is not None and not all(len(each) for each in runs):
            raise InputError("a bundle gives no clips", got=[len(each) for each in runs], fix="Leave it out of the mixture.")
        self._state = self._checked(resume)

    # -- what there is -----------------------------------------------------------------------------------------------------

    @property
    def clips(self) -> int:
        """How many clips an epoch has."""
        return self._schedule.clips

    def __len__(self) -> int:
        """How many batches an epoch has, if every clip can be read."""
        return self.clips // self.batch if self.drop_last else -(-self.clips // self.batch)

    @property
    def state(self) -> State:
        """Where the batch given out last ended: the epoch, and how many of its clips are behind. `resume` goes on from there."""
        return self._state

    @property
    def mixing(self) -> Mixing:
        """How well batches are mixed."""
        return self._schedule.mixing(self.batch)

    def __repr__(self) -> str:
        return f"<Clips: {self.clips} of {self._cut.length} x {', '.join(self.signals)}, {self.batch} a batch>"

    # -- reading -----------------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Batch]:
        """The batches from `state` to the end of its epoch (of all epochs with `loop`). Leaving early leaves no thread behind."""
        if not self.clips:
            return
        try:
            with Crew(self.threads) as crew:
                while True:
                    yield from self._epoch(crew)
                    if not self.loop:
                        break
        finally:
            self.flush()

    def take(self, numbers: Sequence[int]) -> Batch:
        """The clips of these numbers, 0 .. `clips` - 1: episode after episode, start after start.

        Raises:
            IndexError: if there are not so many.
            InputError: if one cannot be read.
        """
        with Crew(min(self.threads, max(1, len(numbers)))) as crew:
            job = self._job(crew, np.asarray(numbers, dtype=np.int64))
            self._finish(job, "raise")
        return job.batch(len(numbers))

    def one(self, number: int) -> Batch:
        """One clip by its number, as a batch of one."""
        return self.take([number])

    def flush(self) -> None:
        """Mark on the disk what the cache holds; done at the end of every loop too."""
        for track in (track for tracks in self._tracks for track in tracks):
            track.reader.flush()

    # -- within ------------------------------------------------------------------------------------------------------------

    def _epoch(self, crew: Crew) -> Iterator[Batch]:
        epoch, ahead_of = self._state
        flight: deque[tuple[Job, int]] = deque()
        given = False
        while True:
            while len(flight) <= self.ahead and ahead_of < self.clips:
                stop = min(ahead_of + self.batch, self.clips)
                flight.append((self._drawn(crew, epoch, ahead_of, stop), stop))
                ahead_of = stop
            if not flight:
                break
            job, stop = flight.popleft()
            self._finish(job, self.broken)
            count = len(job.draw)
            if job.failed:
                flight.clear()  # they begin further on now; what they have read so far is on the shelf
                ahead_of = stop = self._fill(crew, job, epoch, stop)
                count = job.close_ranks()
            self._state = (epoch, stop) if stop < self.clips else (epoch + 1, 0)
            if count and not (self.drop_last and count < self.batch):
                given = True
                yield job.batch(count)
        if not given and self.report.failures and self._state[1] == 0 and not self.drop_last:
            raise InputError("not one clip of this epoch could be read", got=self.report.failures[-1].error, fix="See clips.report.")

    def _fill(self, crew: Crew, job: Job, epoch: int, stop: int) -> int:
        """Put the next clips into the places of broken ones, as far as the epoch goes; where it stands then."""
        while job.failed and stop < self.clips:
            slots = np.array(sorted(job.failed))[: self.clips - stop]
            job.replace(slots, self._schedule.between(epoch, stop, stop + len(slots)))
            stop += len(slots)
            self._finish(job.begin(crew, slots), self.broken, slots)
        return stop

    def _drawn(self, crew: Crew, epoch: int, start: int, stop: int) -> Job:
        return Job(self._schedule.between(epoch, start, stop), self._tracks, self._cut, self._memory).begin(crew)

    def _job(self, crew: Crew, numbers: Any) -> Job:
        return Job(self._schedule.draw(numbers), self._tracks, self._cut, self._memory).begin(crew)

    def _finish(self, job: Job, broken: str, slots: Any = None) -> None:
        job.done.wait()
        if job.error is not None:
            raise job.error
        for slot, error in job.failed.items():
            if slots is not None and slot not in slots:
                continue
            if broken == "raise":
                raise error
            bundle, episode = self.sources[int(job.draw.bundle[slot])], int(job.draw.episode[slot])
            self.report.fail(Failure(bundle.name, bundle.where(episode), int(job.draw.start[slot]), str(error)))

    def _readers(
        self, each: Source, size: tuple[int, int] | None, cache: bool | Path | str, cache_bytes: int | None, *, whole: bool
    ) -> dict[str, Reader]:
        folder: Path | None = None
        if cache is not False and each.folder is not None:
            folder = (each.folder / "cache" / "clips" if cache is True else Path(cache)) / each.identity()
        budget = Budget(0 if folder is None else _budget(folder, cache_bytes))
        readers = {}
        for name in self.signals:
            if not len(each.spans(name).rows):
                raise SignalUnavailable(name, each.stream_names(), why=each.name)
            readers[name] = Reader(
                each,
                name,
                size=size,
                cache=folder,
                budget=budget,
                report=self.report,
                recent=self._recent,
                memory=self._memory,
                whole=whole,
            )
        return readers

    def _runs(
        self, each: Source, readers: list[Reader], *, span: int, hop: int, grid: Grid | None, most_gap_ns: int | None, all_of: bool
    ) -> Runs:
        anchor, *others = readers
        left = self.report.left_out
        use = anchor.has.copy()
        left[f"without {anchor.stream}"] += int((~use).sum())
        for other in others if all_of else ():
            left[f"without {other.stream}"] += int((use & ~other.has).sum())
            use &= other.has
        episodes = np.flatnonzero(use)
        if most_gap_ns is None:
            first = np.zeros(len(episodes), dtype=np.int64)
            samples = np.diff(anchor.offset)[episodes] if grid is None else grid.within(np.diff(anchor.span, axis=1)[episodes, 0])
        else:
            found = []
            for episode in episodes.tolist():
                times = anchor.times(episode)
                begins, counts = stretches(times, most_gap_ns) if grid is None else grid_stretches(times, most_gap_ns, grid)
                found += [(episode, begin, count) for begin, count in zip(begins.tolist(), counts.tolist(), strict=True)]
            episodes, first, samples = np.array(found, dtype=np.int64).reshape(-1, 3).T
        runs = Runs.of(episodes, first, samples, span=span, hop=hop)
        left["shorter than a clip"] += int(use.sum()) - int(np.count_nonzero(np.diff(runs.episode, prepend=-1)))
        for reason in [reason for reason, count in left.items() if not count]:
            del left[reason]
        return runs

    def _alike(self) -> None:
        """All bundles must give arrays of one shape and type."""
        for tracks, each in zip(self._tracks[1:], self.sources[1:], strict=True):
            for mine, first in zip(tracks, self._tracks[0], strict=True):
                got, expected = ((t.reader.dtype, t.reader.shape, t.reader.ragged) for t in (mine, first))
                if got != expected:
                    raise InputError(
                        f"{mine.name!r} is of another shape or type than in the first bundle",
                        where=each.name, got=got, expected=expected, fix="Give size=(height, width) if these are pictures.",
                    )  # fmt: skip

    def _checked(self, state: State) -> State:
        epoch, position = state
        if epoch < 0 or not 0 <= position < max(1, self.clips):
            raise LimitError("this state is of other clips", got=state, expected=f"an epoch and a position below {self.clips}")
        return int(epoch), int(position)


def _sources(given: Any) -> list[Source]:
    if isinstance(given, Sequence) and not isinstance(given, str):
        try:
            return [source(given)]  # a list of episodes
        except InputError:
            if not given:
                raise
            return [source(each) for each in given]
    return [source(given)]


def _budget(folder: Path, most: int | None) -> int:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    held = sum(path.stat().st_blocks * 512 for path in folder.rglob("*.bin")) if folder.exists() else 0
    return shutil.disk_usage(existing).free // 2 if most is None else max(0, most - held)


def _rate(rate: float | Fraction) -> Fraction:
    exact = Fraction(rate).limit_denominator(1_000_000) if rate == rate and abs(rate) != float("inf") else Fraction(0)
    if not 0 < exact <= 1_000_000:
        raise LimitError("a rate is above 0 and at most a million a second", got=rate)
    return exact


def _positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise LimitError(f"{name} is a whole number from 1 up", got=number)
