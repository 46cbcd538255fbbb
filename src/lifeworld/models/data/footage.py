"""What a model learns from: pictures of one camera at even times, and what was done between them, cut into windows.

    footage = open_footage("out/play", size=(64, 64))
    window = footage.windows([0, 17, 4])             # by number: uint8 (3, length, 64, 64, 3), float32 (3, length - 1, A) or None

A bundle is read as it lies. Any other recording, a folder of videos above all, is taken in by the importer first, once, into a bundle in a
cache folder. About every tenth episode is held out: nothing of it is learned from, and what a model is worth is measured on it. Of a film
in pieces it is the end, in one stretch, after a gap (apart.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, SignalUnavailable, UnreadableFile
from lifeworld.core.seed import generator
from lifeworld.core.write import replace_folder
from lifeworld.episode.bundle import Bundle, open_bundle
from lifeworld.episode.clips import Clips
from lifeworld.episode.clips.batch import Batch, Ragged
from lifeworld.episode.clips.join import Rule
from lifeworld.episode.formats import OnRead, open_recording
from lifeworld.episode.head import is_bundle
from lifeworld.episode.seal import append_to
from lifeworld.models.data.apart import Apart, apart
from lifeworld.models.data.doing import Doing, acting_in, between, doing_of
from lifeworld.models.data.held import Held

RATE_HZ = 12.5
"""Pictures a second, about: from faster cameras every second, third … is taken."""
LOOKED_AT = 64
"""How many episodes are opened to see how large pictures are."""


class Window(NamedTuple):
    """Clips of one length: pictures uint8 (clips, length, H, W, 3), and the mean action between two of them (clips, length - 1, A).

    Where several processes share a step they are those from the `first` on of `of` clips.
    """

    frames: NDArray[np.uint8]
    actions: NDArray[np.float32] | None
    first: int = 0
    of: int | None = None


class Footage:
    """Pictures of one stream of a bundle, `stride` samples of its clock apart, with the actions between them if there are any.

    Args:
        size: (height, width) [px] that pictures are brought to.
        length: pictures in a window.
        frame_ns: how long pictures are apart [ns].
        notes: what is to be known of the data, in words.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        stream: str,
        size: tuple[int, int],
        stride: int,
        frame_ns: int,
        length: int,
        doing: Doing | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.bundle, self.stream, self.size, self.stride, self.frame_ns = bundle, stream, size, stride, frame_ns
        self.length, self.doing, self.notes = length, doing, list(notes)
        self._held: Held | None = None
        self._apart: Apart | None = None
        signals = (stream, *(() if doing is None else doing.streams))
        align: dict[str, Rule] = dict.fromkeys(signals[1:], "all")
        self._clips = Clips(bundle, signals=signals, length=length, stride=stride, size=size, align=align, order="listed")
        counts = np.maximum(0, self.pictures - (length - 1) * stride)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        if self._first[-1] != self._clips.clips:
            raise InputError("the index of the bundle and its clips disagree", got=self._clips.clips, expected=int(self._first[-1]))

    @cached_property
    def pictures(self) -> NDArray[np.int64]:
        """How many pictures each episode has that can be learned from: none without actions, where others have some."""
        return _pictures(self.bundle, self.stream, () if self.doing is None else self.doing.streams)

    def cut(self, length: int) -> Footage:
        """The same pictures in windows of another length."""
        other = Footage(
            self.bundle,
            stream=self.stream,
            size=self.size,
            stride=self.stride,
            frame_ns=self.frame_ns,
            length=length,
            doing=self.doing,
            notes=self.notes,
        )
        other._held, other._apart = self._held, self.apart
        return other

    def longest(self, *, held_out: bool) -> int:
        """The pictures in the longest window there could be."""
        chosen = self._is_held_out if held_out else ~self._is_held_out
        most = int(self.pictures[chosen].max(initial=0))
        return (most - 1) // self.stride + 1 if most else 0

    def hold(self) -> bool:
        """Read what is learned from into memory, if it is small enough (`held.MOST_BYTES`); whether it is. Batches stay the same."""
        if self._held is None and Held.fits(self):
            self._held = Held(self)
        return self._held is not None

    # -- which clips there are ---------------------------------------------------------------------------------------------

    @property
    def apart(self) -> Apart:
        """Which episodes are held out, and how long after what is learned."""
        self._apart = self._apart or apart(self.bundle, self.pictures > 1)
        return self._apart

    @property
    def _is_held_out(self) -> NDArray[np.bool_]:
        return self.apart.held

    def numbers(self, *, held_out: bool, hop: int | None = None) -> NDArray[np.int64]:
        """The numbers of the clips to learn from, or of those held out: all, or those of an episode that begin `hop` pictures apart.

        Pictures are those of a window there, `stride` of the camera's apart.
        """
        chosen = np.flatnonzero(self._is_held_out if held_out else ~self._is_held_out)
        every = [self.fresh(e)[:: 1 if hop is None else hop * self.stride] for e in chosen.tolist()]
        return np.concatenate([np.zeros(0, np.int64), *(np.arange(e.start, e.stop, e.step, dtype=np.int64) for e in every)])

    @cached_property
    def _learned(self) -> NDArray[np.int64]:
        """The numbers of the clips to learn from, which every step draws among."""
        return self.numbers(held_out=False)

    def fresh(self, episode: int) -> range:
        """The numbers of an episode's clips, without those that begin too soon after something of the same film that is learned from."""
        every = self.clips_of(episode)
        gap = round(int(self.apart.gap_ns[episode]) * self.stride / self.frame_ns)
        return every[min(gap, len(every) // 2) :]

    def clips_of(self, episode: int) -> range:
        """The numbers of an episode's clips."""
        return range(int(self._first[episode]), int(self._first[episode + 1]))

    def episodes(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which episode each clip is of."""
        return np.searchsorted(self._first, numbers, side="right") - 1

    @property
    def uids(self) -> list[str]:
        """The episodes that are learned from."""
        learned = ~self._is_held_out & (self.pictures > 1)
        return [uid for uid, yes in zip(self.bundle.uids, learned, strict=True) if yes]

    @property
    def sha256(self) -> str:
        """A hash of what is learned from: the uids, the stream, size and pace."""
        said = "\n".join([*self.uids, self.stream, str(self.size), str(self.stride), self.doing.stream if self.doing else ""])
        return hashlib.sha256(said.encode()).hexdigest()

    # -- reading -----------------------------------------------------------------------------------------------------------

    def windows(self, numbers: list[int] | NDArray[np.int64]) -> Window:
        """The clips of these numbers.

        Raises:
            InputError: naming the file, if one cannot be read.
        """
        batch = self._clips.take(np.asarray(numbers).tolist())
        frames: NDArray[np.uint8] = batch[self.stream]
        if self.doing is None:
            return Window(frames, None)
        return Window(frames, _between(self.doing, batch))

    def batch(self, step: int, size: int, *, seed: int, some: range | None = None) -> Window:
        """Clips to learn from at a step, drawn with replacement: the seed and the step's number say which. Of these, `some` are read."""
        drawn = self._learned[generator(seed, "batch", step).integers(len(self._learned), size=size)]
        mine = drawn if some is None else drawn[some.start : some.stop]
        window = self.windows(mine) if self._held is None else Window(*self._held.windows(self, mine))
        return window if some is None else window._replace(first=some.start, of=size)


def open_footage(
    path: Path | str,
    *,
    size: tuple[int, int],
    length: int,
    cache: Path,
    stream: str | None = None,
    actions: bool = True,
    rate_hz: float | None = None,
    on_read: OnRead | None = None,
) -> Footage:
    """The pictures of a bundle, or of any other recording, ready to learn from.

    Args:
        size: (height, width) [px] that they are brought to.
        length: pictures in a window.
        cache: where a recording that is no bundle is taken in, once.
        stream: which pictures; None takes the only ones, or the first by name and notes it.
        actions: use recorded actions where there are any.
        rate_hz: pictures a second, about: every so manieth of the camera's is taken; None takes RATE_HZ, or fewer where episodes are short.
        on_read: told how far a film is read that is taken in.

    Raises:
        UnreadableFile: if there is nothing that can be read, or no video.
        InputError: if what there is is too short: one picture, or less than a window; or not so many pictures a second.
    """
    path, notes = Path(path), list[str]()
    bundle = open_any(path, cache=cache, notes=notes, on_read=on_read)
    names = bundle.index.stream_names
    pictures = [name for name in names if name.partition("@")[0] == "rgb"]
    if not pictures:
        raise InputError("there are no pictures in it", where=str(path), got=", ".join(names) or "no streams", expected="rgb")
    if stream is None:
        stream = pictures[0]
        if len(pictures) > 1:
            notes.append(f"of {len(pictures)} cameras {stream} is learned from; name another with --camera")
    elif stream not in pictures:
        raise SignalUnavailable(stream, pictures)
    stride, frame_ns = _pace(bundle, stream, length, str(path), notes, rate_hz)
    _say_sizes(bundle, stream, size, notes)
    _say_short(bundle, stream, (length - 1) * stride + 1, notes)
    acts = acting_in(bundle) if actions else ()
    found = apart(bundle, _pictures(bundle, stream, acts) > 1)
    doing = doing_of(bundle, held_out=found.held) if actions else None
    for acting in acts:
        without = np.setdiff1d(bundle.index.spans(stream).rows, bundle.index.spans(acting).rows)
        if len(without):
            notes.append(f"{len(without)} {'episode' if len(without) == 1 else 'episodes'} without {acting} left out")
    footage = Footage(bundle, stream=stream, size=size, stride=stride, frame_ns=frame_ns, length=length, doing=doing, notes=notes)
    footage._apart = found
    if not len(footage.numbers(held_out=False)):
        raise InputError("no episode is long enough to learn from", where=str(path), expected=f"{length} pictures {stride} apart")
    return footage


def open_any(path: Path, *, cache: Path, notes: list[str], on_read: OnRead | None = None) -> Bundle:
    """A bundle, or any other recording as one, taken into the cache folder; what is to be known of it is added to `notes`, and `on_read`
    is told how far a film is read.

    Raises:
        UnreadableFile: if there is nothing that can be read.
    """
    if not path.exists():
        raise UnreadableFile("there is nothing here", where=str(path), expected="a bundle, a video, or a folder of videos")
    return open_bundle(path) if is_bundle(path) else _taken_in(path, cache, notes, on_read)


def is_taken_in(path: Path, cache: Path) -> bool:
    """Whether a recording that is no bundle lies in a cache folder as it is now."""
    return path.exists() and not is_bundle(path) and is_bundle(cache / _listing(path) / "bundle")


def _taken_in(path: Path, cache: Path, notes: list[str], on_read: OnRead | None) -> Bundle:
    """The recording as a bundle in the cache folder; of the same files it is taken in once."""
    folder = cache / _listing(path)
    if not is_bundle(folder / "bundle"):
        recording = open_recording(path, on_read=on_read)
        with replace_folder(folder) as beside, append_to(beside / "bundle") as writer:
            staged = []
            for episode in recording.episodes:
                try:
                    staged.append(writer.stage(episode))
                except InputError as error:  # what is decoded only now may be broken
                    recording.report.skip(episode.title, str(error))
            writer.commit(staged)
            lines = [*recording.report.notes, *(f"skipped {what}: {why}" for what, why in recording.report.skipped)]
            (beside / "notes.txt").write_text("".join(line.replace("\n", " ") + "\n" for line in lines), encoding="utf-8")
            if not staged:
                raise UnreadableFile("nothing in it can be learned from", where=str(path), got="; ".join(lines[:3]) or "no episode")
    notes += (folder / "notes.txt").read_text(encoding="utf-8").splitlines()
    return open_bundle(folder / "bundle")


def _listing(path: Path) -> str:
    """A name for a recording as its files are now: their paths, sizes and times."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    said = "\n".join(f"{p.relative_to(path)} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files)
    return hashlib.sha256(f"{path.resolve()}\n{said}".encode()).hexdigest()[:16]


def _pace(bundle: Bundle, stream: str, length: int, where: str, notes: list[str], rate_hz: float | None) -> tuple[int, int]:
    """Every how manieth picture is taken, and how long they are then apart [ns]."""
    spans = bundle.index.spans(stream)
    most = int(spans.count.max(initial=0))
    if most < 2:
        raise InputError(
            "one picture is no video", where=where, got=f"{most} pictures in the longest episode", expected=f"{length} or more"
        )
    apart = (spans.last_ns - spans.first_ns)[spans.count > 1] / (spans.count[spans.count > 1] - 1)
    usual = float(np.median(apart))
    stride = max(1, round(1e9 / (rate_hz or RATE_HZ) / usual))
    if rate_hz is not None and not abs(1e9 / rate_hz / usual - stride) < 0.02 * stride:
        raise InputError(
            "pictures are not taken so often",
            where=where,
            got=f"{rate_hz:g} a second",
            expected=", ".join(f"{1e9 / usual / every:.3g}" for every in (1, 2, 3, 4, 5)) + " …",
        )
    if rate_hz is None and most < (length - 1) * stride + 1:
        stride_fits = (most - 1) // (length - 1)
        if stride_fits < 1:
            raise InputError(
                "the longest episode is too short to learn from",
                where=where,
                got=f"{most} pictures, {most * usual / 1e9:.1f} s",
                expected=f"{length} pictures or more",
                fix="Give longer recordings, or learn shorter rolls: --horizon.",
            )
        notes.append(f"the episodes are short: every {stride_fits}. picture is taken, not every {stride}.")
        stride = stride_fits
    if most < (length - 1) * stride + 1:
        raise InputError(
            "the longest episode is too short to learn from",
            where=where,
            got=f"{most} pictures",
            expected=f"{(length - 1) * stride + 1} at this pace",
            fix="Give longer recordings, learn shorter rolls (--horizon), or at a faster pace.",
        )
    if len(apart) and apart.max() > 1.2 * apart.min():
        notes.append(
            f"the cameras' rates differ, {1e9 / apart.max():.3g} to {1e9 / apart.min():.3g} Hz: every {stride}. picture of each is taken"
        )
    return stride, round(usual * stride)


def _say_sizes(bundle: Bundle, stream: str, size: tuple[int, int], notes: list[str]) -> None:
    """Note where pictures are of several sizes, or lose their proportions."""
    rows = bundle.index.spans(stream).rows
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), LOOKED_AT)).astype(int)]
    sizes = sorted({bundle[int(row)][stream].values.shape[1:3] for row in some})
    if len(sizes) > 1 or any(height * size[1] != width * size[0] for height, width in sizes):
        said = ", ".join(f"{height} × {width}" for height, width in sizes[:4]) + (" …" if len(sizes) > 4 else "")
        notes.append(f"pictures of {said} (height × width) are brought to {size[0]} × {size[1]}, whatever their proportions")


def _pictures(bundle: Bundle, stream: str, acting: Sequence[str]) -> NDArray[np.int64]:
    """How many pictures each episode (n,) has; none without actions, where others have some."""
    counts = np.zeros(len(bundle), np.int64)
    spans = bundle.index.spans(stream)
    counts[spans.rows] = spans.count
    for name in acting:
        counts[np.setdiff1d(np.arange(len(counts)), bundle.index.spans(name).rows)] = 0
    return counts


def _say_short(bundle: Bundle, stream: str, pictures: int, notes: list[str]) -> None:
    """Note which episodes are shorter than a window."""
    spans = bundle.index.spans(stream)
    short = np.flatnonzero((spans.count < pictures) & (spans.count > 0))
    if len(short):
        lasts = (spans.last_ns - spans.first_ns)[short].sum() / 1e9
        titles = [str(bundle.index.row(int(row))["title"]) for row in spans.rows[short[:3]]]
        more = f" and {len(short) - 3} more" if len(short) > 3 else ""
        are, they = ("episode is", "it is") if len(short) == 1 else ("episodes are", "they are")
        notes.append(
            f"{len(short)} of {len(spans.rows)} {are} shorter than {pictures} pictures, {lasts:.1f} s in all: {they} not learned from ("
            f"{', '.join(titles)}{more})"
        )


def _between(doing: Doing, batch: Batch) -> NDArray[np.float32]:
    """The mean actions (clips, length - 1, A) between the instants of clips."""
    parts = []
    for i, stream in enumerate(doing.streams):
        rows: Ragged = batch[stream]
        assert rows.times_ns is not None
        values, when, offsets = doing.numbers(i, rows.values), rows.times_ns, rows.offsets.tolist()
        spans = list(zip(pairwise(offsets), batch.times_ns, strict=True))
        parts.append(np.stack([between(values[first:last], when[first:last], edges) for (first, last), edges in spans]))
    return np.concatenate(parts, axis=2).astype(np.float32)
