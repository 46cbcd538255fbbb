"""Where a film is cut: between the shots it was put together from, and long shots into pieces of about one length.

    seen = Glances()
    for frame in container.decode(track):       # while every frame is decoded anyway, to see that it is whole
        seen.see(frame)
    pieces = planned(times_ns, seen.cuts(times_ns), partings(path), cutting("shots"))

A shot ends where a picture differs from the one before by much more than the pictures around differ from theirs, and what was there before
does not come back at once. So a flash, which passes, a fade and a pan, which take their time, cut nothing. Pictures are held against each
other at 16 × 16, in brightness and two colours.

Measured on splices of real clips (tests/episode/formats/test_shots.py): every cut is found between shots of half a second and more, none
where there is none. Of jumps within one shot of a camera that stands still, those are found at which something large moves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.time import NS_PER_S, Times

LEAST, TIMES = 2.0, 3.0
"""A cut changes a picture by LEAST levels of 255, and by TIMES more than the pictures NEAR it change, on average."""
NEAR = 3
"""So many pictures before and after are looked at."""
FLASH_NS = 3 * NS_PER_S // 10
"""What comes back within this was a flash."""
COME_BACK = 0.5
"""A picture has come back if it differs from what it was by less than this share of the change."""
ABOUT_S = 20.0
"""How long pieces are, if nothing else is said: 250 pictures at the pace that is learned, and of a film of three minutes a tenth."""
SNAP = 0.25
"""A long shot may be cut so much of a piece earlier or later, at a frame where packets can be parted."""
SIDE, AREA = 16, 32
"""Of a glance [px], and FFmpeg's word for making pictures smaller by their area."""


class Piece(NamedTuple):
    """Frames `first` to before `stop` of a film, of its shot of that number, from 0."""

    first: int
    stop: int
    shot: int


class Glances:
    """The frames of a film as small as tells shots apart: 768 bytes each."""

    def __init__(self) -> None:
        import av

        self._shaper = av.video.reformatter.VideoReformatter()
        self._seen: list[NDArray[np.uint8]] = []

    def see(self, frame: Any) -> None:
        """The next frame, as PyAV decodes it."""
        small: Any = self._shaper.reformat(frame, width=SIDE, height=SIDE, format="yuv444p", interpolation=AREA, threads=1)
        planes = [np.frombuffer(plane, np.uint8).reshape(SIDE, plane.line_size)[:, :SIDE] for plane in small.planes]
        self._seen.append(np.stack(planes))

    def cuts(self, times_ns: Times) -> list[int]:
        """The frames at which shots begin, without the first; `times_ns` (frames,) say when each is shown."""
        return cuts(np.stack(self._seen), times_ns) if self._seen else []


def cuts(pictures: NDArray[np.uint8], times_ns: Times) -> list[int]:
    """The pictures (n, …) uint8 at which shots begin, without the first."""
    change = np.zeros(len(pictures))
    for k in range(1, len(pictures)):
        change[k] = _apart(pictures[k], pictures[k - 1])
    found = []
    for k in np.flatnonzero(change >= LEAST).tolist():
        around = np.concatenate([change[max(k - NEAR, 1) : k], change[k + 1 : k + 1 + NEAR]])
        if change[k] < LEAST + TIMES * (around.mean() if len(around) else 0.0):
            continue
        soon = int(np.searchsorted(times_ns, times_ns[k] + FLASH_NS))
        late = int(np.searchsorted(times_ns, times_ns[k - 1] - FLASH_NS, side="right"))
        enough = COME_BACK * change[k]
        gone = all(_apart(pictures[k - 1], later) >= enough for later in pictures[k:soon])
        if gone and all(_apart(pictures[k], earlier) >= enough for earlier in pictures[late:k]):
            found.append(k)
    return found


def cutting(said: str) -> float | None:
    """What `--cut` says: about how long pieces of a shot are [s]; None cuts nothing.

    Raises:
        InputError: if it is none of shots, none and a number of seconds.
    """
    if said in ("shots", "none"):
        return ABOUT_S if said == "shots" else None
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 1e6:
        raise InputError("a film cannot be cut so", got=said, expected="shots, none, or about how long pieces are in seconds, 0.1 or more")
    return seconds


def planned(times_ns: Times, begins: Sequence[int], partings: Collection[int], about_s: float) -> list[Piece]:
    """Pieces of a film, in their order: every frame in one, each about `about_s` [s] long or a whole shot, none longer than 1.5 of that.

    Args:
        begins: the frames at which shots begin, without the first.
        partings: frames at which packets can be parted; long shots are cut there if one is near.
    """
    about, made = round(about_s * NS_PER_S), list[Piece]()
    usual = int(np.median(np.diff(times_ns))) if len(times_ns) > 1 else 0
    ends = np.append(times_ns[1:], times_ns[-1:] + usual)  # of each frame
    fit = np.array(sorted(partings), dtype=np.int64)
    for shot, (begin, end) in enumerate(zip([0, *begins], [*begins, len(times_ns)], strict=True)):
        first = begin
        while first < end:
            left = int(ends[end - 1] - times_ns[first])
            count = max((2 * left + about) // (2 * about), 1)  # to the nearest
            stop = end if count == 1 else _stop(times_ns, fit, first, end, left // count, about)
            made.append(Piece(first, stop, shot))
            first = stop
    return made


def _stop(times_ns: Times, fit: NDArray[np.int64], first: int, end: int, wanted: int, about: int) -> int:
    """The frame before which a piece that begins at `first` ends, `wanted` [ns] later or where packets can be parted near there."""
    begin = int(times_ns[first])
    last = max(int(np.searchsorted(times_ns, begin + 3 * about // 2, side="right")) - 1, first + 1)
    near = fit[(fit > first) & (fit < end) & (fit <= last)]
    away = np.abs(times_ns[near] - begin - wanted)
    if len(near) and away.min() <= SNAP * wanted:
        return int(near[away.argmin()])
    return int(np.clip(np.searchsorted(times_ns, begin + wanted), first + 1, min(last, end)))


def _apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """The mean difference of two pictures, in levels."""
    return float(np.abs(a.astype(np.int16) - b).mean())
