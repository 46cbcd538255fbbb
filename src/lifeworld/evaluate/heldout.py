"""What a model is judged on: clips that it never saw, as arrays.

heldout = open_heldout("bundle", [subject], cache=Path("report/data"))
heldout.truth, heldout.copied                   # what came, and the last real picture in its place
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.interval import LEAST_GROUPS
from lifeworld.core.seed import generator
from lifeworld.evaluate.subject import Subject

if TYPE_CHECKING:
    from lifeworld.episode.formats import OnRead
    from lifeworld.models.data.footage import Footage

HORIZON, CLIPS = 32, 200
LEAST_AHEAD = 4
"""Pictures ahead that there are at least: fewer are no future."""
LEAST_CLIPS = 8
"""Of fewer clips nothing has an interval worth the name."""
LOOKED_AT = 256
"""Clips that the mean picture is taken of."""
PACE = 0.02
"""A bundle's pace may differ by this share from the one that a model learned."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class HeldOut:
    """Clips at the model's size and pace.

    `pictures` uint8 (N, T, H, W, 3), of which the first `context` are what a model begins from; `actions` float32 (N, T - 1, A), the mean
    between two pictures, None where none were recorded; `episode` (N,) which episode of the bundle each is of, and `moment` (N,) at which
    sample of the stream it begins; `mean` uint8 (H, W, 3) the mean picture of what their bundle would be learned from (where no model did,
    these clips are among it: a stronger floor); `sha256` a hash of the clips: their episodes, moments, stream, size and pace. `footage` is
    where they are from, None for clips that are from nowhere.

    Raises:
        ShapeError: if these do not fit together.
    """

    pictures: NDArray[np.uint8]
    actions: NDArray[np.float32] | None
    context: int
    episode: NDArray[np.int64]
    moment: NDArray[np.int64]
    mean: NDArray[np.uint8]
    frame_ns: int
    sha256: str
    footage: Footage | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        shape = self.pictures.shape
        if self.pictures.dtype != np.uint8 or len(shape) != 5 or shape[4] != 3 or self.mean.shape != shape[2:]:
            raise ShapeError("clips are pictures in a row", got=(shape, self.mean.shape), expected="uint8 (N, T, H, W, 3), and their mean")
        if not 1 <= self.context < shape[1]:
            raise ShapeError("clips go on after what is begun from", got=f"{shape[1]} pictures", expected=f"more than {self.context}")
        if self.actions is not None and (self.actions.ndim != 3 or self.actions.shape[:2] != (shape[0], shape[1] - 1)):
            raise ShapeError("an action is between two pictures", got=self.actions.shape, expected=(shape[0], shape[1] - 1, "A"))

    @property
    def horizon(self) -> int:
        """Pictures ahead."""
        return int(self.pictures.shape[1]) - self.context

    @property
    def begun(self) -> NDArray[np.uint8]:
        """What a model begins from (N, context, H, W, 3)."""
        return self.pictures[:, : self.context]

    @property
    def truth(self) -> NDArray[np.uint8]:
        """What came (N, horizon, H, W, 3)."""
        return self.pictures[:, self.context :]

    @property
    def last(self) -> NDArray[np.uint8]:
        """The last real picture (N, 1, H, W, 3): what copying shows for ever."""
        return self.pictures[:, self.context - 1 : self.context]

    @property
    def of(self) -> str:
        """What they are, in words."""
        return counted(len(self.pictures), len(np.unique(self.episode)))


def open_heldout(
    path: Path | str,
    subjects: Sequence[Subject],
    *,
    cache: Path,
    horizon: int = HORIZON,
    clips: int = CLIPS,
    stream: str | None = None,
    seed: int = 0,
    on_read: OnRead | None = None,
) -> HeldOut:
    """Clips of a bundle, or any recording, that none of these models learned from.

    Where it is known what a model learned from, all other episodes are taken; where it is not, the tenth that `lifeworld learn` holds out.

    Args:
        cache: where a recording that is no bundle is taken in, once.
        horizon: pictures ahead; fewer, where no episode is so long.
        clips: so many at most, drawn by the seed.
        stream: which pictures; None: those that the models know.
        on_read: told how far a film is read that is taken in.

    Raises:
        UnreadableFile, SignalUnavailable, InputError: as `open_footage`.
        InputError: if the models differ in size, pace or actions, the bundle has others, or too little of it is new to them.
    """
    from lifeworld.models.data.footage import open_footage

    first, context = subjects[0], max(one.context for one in subjects)
    for other in subjects[1:]:
        for what in ("size", "frame_ns", "stream"):
            if getattr(other, what) != getattr(first, what):
                got = f"{first.name}: {getattr(first, what)}, {other.name}: {getattr(other, what)}"
                raise InputError(f"models are compared on the same clips; their {what} differs", got=got)
    stream = stream or first.stream
    length = context + LEAST_AHEAD
    rate_hz = 1e9 / first.frame_ns
    footage = open_footage(path, size=first.size, length=length, cache=cache, stream=stream, rate_hz=rate_hz, on_read=on_read)
    where = str(footage.bundle.path)
    if abs(footage.frame_ns - first.frame_ns) > PACE * first.frame_ns:
        got, expected = (f"a picture every {ns / 1e6:g} ms" for ns in (footage.frame_ns, first.frame_ns))
        raise InputError("the bundle's pace is not the model's", where=where, got=got, expected=expected, fix="Record at its pace.")
    told = None if footage.doing is None else len(footage.doing.mean)
    for one in subjects:
        if not one.latent and one.actions and told != one.actions:
            got = "none" if told is None else f"{told} numbers of {footage.doing.stream if footage.doing else ''}"
            raise InputError(f"the bundle's actions are not those that {one.name} knows", where=where, got=got, expected=one.actions)
    episodes = _unseen(footage, subjects)
    longest = max((_pictures(footage, e) for e in episodes.tolist()), default=0)
    if longest < length:
        got = f"{longest} pictures in the longest of {len(episodes)} episodes new to {', '.join(one.name for one in subjects)}"
        raise InputError("too little is new to measure anything", where=where, got=got, expected=f"{length} or more")
    footage = footage.cut(context + min(horizon, longest - context))
    numbers = np.concatenate([np.asarray(footage.fresh(e), np.int64)[:: (footage.length - context) * footage.stride] for e in episodes])
    if len(numbers) < LEAST_CLIPS:
        raise InputError(
            "too few clips for an interval",
            where=where,
            got=f"{len(numbers)} of {footage.length} pictures, new to the model",
            expected=f"{LEAST_CLIPS} or more",
            fix="Record more episodes, or look less far ahead: --horizon.",
        )
    if len(numbers) > clips:
        numbers = np.sort(generator(seed, "heldout").choice(numbers, clips, replace=False))
    return taken(footage, numbers, context=context, seed=seed)


def counted(clips: int, episodes: int, what: str = "episode") -> str:
    """So many clips, of so many episodes."""
    return f"{clips} clips of {episodes} {what}{'' if episodes == 1 else 's'}"


def alone(episodes: int) -> str | None:
    """What an interval is of where so few episodes are held out that clips are drawn; None where episodes are."""
    if episodes >= LEAST_GROUPS:
        return None
    which, more = ("the one episode held out", "another") if episodes == 1 else (f"the same {episodes} episodes", "others")
    return f"Intervals are of other clips of {which}: how {more} would do, fewer than {LEAST_GROUPS} do not say."


def taken(footage: Footage, numbers: NDArray[np.int64], *, context: int, seed: int = 0) -> HeldOut:
    """Clips of some footage, by their numbers."""
    window = footage.windows(numbers)
    episode = footage.episodes(numbers)
    moment = numbers - np.array([footage.clips_of(int(e)).start for e in episode])
    uids = [f"{footage.bundle.uids[e]}:{m}" for e, m in zip(episode.tolist(), moment.tolist(), strict=True)]
    said = [*uids, footage.stream, str(footage.size), str(footage.frame_ns), f"{context}+{footage.length - context}"]
    return HeldOut(
        pictures=window.frames,
        actions=window.actions,
        context=context,
        episode=episode,
        moment=moment,
        mean=_mean(footage, seed),
        frame_ns=footage.frame_ns,
        sha256=hashlib.sha256("\n".join(said).encode()).hexdigest(),
        footage=footage,
    )


def _pictures(footage: Footage, episode: int) -> int:
    """How many pictures an episode has at the pace of the footage."""
    most = int(footage.pictures[episode])
    return (most - 1) // footage.stride + 1 if most else 0


def _unseen(footage: Footage, subjects: Sequence[Subject]) -> NDArray[np.int64]:
    """The episodes that none of these learned from."""
    usable = footage.pictures > 1
    if any(one.learned is None for one in subjects):
        held = np.unique(footage.episodes(footage.numbers(held_out=True)))
        usable &= np.isin(np.arange(len(usable)), held)
    seen = frozenset().union(*(one.learned or () for one in subjects))
    return np.flatnonzero(usable & np.array([uid not in seen for uid in footage.bundle.uids], bool))


def _mean(footage: Footage, seed: int) -> NDArray[np.uint8]:
    """The mean picture of what a bundle offers to learn from."""
    numbers = footage.numbers(held_out=False)
    some = np.sort(generator(seed, "mean").choice(numbers, min(len(numbers), LOOKED_AT), replace=False))
    mean: NDArray[np.float64] = footage.windows(some).frames.mean((0, 1), dtype=np.float64)
    return np.rint(mean).astype(np.uint8)
