"""A piece of an episode as an episode of its own, that begins at 0.

piece = cut(bundle.episode(uid), 1_200_000_000, 3_400_000_000)     # from 1.2 s to before 3.4 s

What lies in a piece is said here once, for every piece of anything: from its beginning to before its end, as `Episode.between` has it, and
to the last sample where it ends with the episode. So pieces side by side hold every sample once, and a film from 1 s to 3 s lasts 2 s.
Sound is the other way round, since a block leads to its time: after the beginning, up to and with the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Stream
from lifeworld.core.time import NS_PER_S
from lifeworld.episode.episode import Episode

TIME = "time_ns"
"""The field of rows that say when something was."""


def cut(episode: Episode, start_ns: int, stop_ns: int, *, parent: str = "") -> Episode:
    """What happened from `start_ns` to before `stop_ns` [ns], or to the end if that is not later; `parent` names what it was cut from.

    Raises:
        InputError: if nothing lies between.
    """
    if not 0 <= start_ns < stop_ns:
        raise InputError("a piece begins at 0 or later, and ends after that", got=f"{start_ns} to {stop_ns} ns")
    end_ns = None if stop_ns >= episode.duration_ns else stop_ns
    if not any(len(_within(stream, start_ns, end_ns)) for stream in episode.streams.values()):
        got, whole = lasting(start_ns, stop_ns), lasting(0, episode.duration_ns)
        raise InputError("nothing lies between", got=got, expected=f"within {whole}")
    piece = part(episode, start_ns, end_ns)
    return replace(
        piece,
        labels={**episode.labels, "cut": lasting(start_ns, stop_ns)},
        provenance=replace(episode.provenance, parents=(parent,) if parent else episode.provenance.parents),
    )


def part(episode: Episode, start_ns: int, stop_ns: int | None) -> Episode:
    """The streams from `start_ns` to before `stop_ns` [ns], or to the end if None, at times that count from `start_ns`.

    What is said once at the start, and holds, goes with each part. A stream of which nothing lies in it is left out. The scene stays only
    where the part begins with the episode: later things are elsewhere. Times in rows count from there too, and are below 0 of what was
    before.
    """
    streams = {name: _part(stream, start_ns, stop_ns) for name, stream in episode.streams.items()}
    kept = {name: piece for name, piece in streams.items() if len(piece) or not len(episode.streams[name])}
    return replace(episode, streams=kept, scene=episode.scene if start_ns == 0 else None)


def lasting(start_ns: int, stop_ns: int) -> str:
    """From when to when, in words: 1.2 s to 3.4 s."""
    return f"{decimal(start_ns)} s to {decimal(stop_ns)} s"


def decimal(time_ns: int) -> str:
    """A time [ns] in seconds, exact: 12.48."""
    whole, rest = divmod(time_ns, NS_PER_S)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _within(stream: Stream, start_ns: int, stop_ns: int | None) -> range:
    """Which samples lie there. What a first part begins with is in it in any case, though it led to the beginning."""
    late = int(stream.signal.family == "hear")  # a block leads to its time
    first = 0 if start_ns == 0 else int(np.searchsorted(stream.times_ns, start_ns + late))
    return range(first, len(stream) if stop_ns is None else int(np.searchsorted(stream.times_ns, stop_ns + late)))


def _part(stream: Stream, start_ns: int, stop_ns: int | None) -> Stream:
    times, within = stream.times_ns, _within(stream, start_ns, stop_ns)
    first, stop = within.start, within.stop
    held = stream.signal.rate == "start" and first > 0 and (first == len(times) or times[first] > start_ns)
    first -= held  # what was said before, and holds
    piece = stream.between(int(times[first]), int(times[stop - 1]) + 1) if first < stop else stream.between(0, 0)
    moved, values = piece.times_ns - start_ns, piece.values
    if held:
        moved[0] = 0
    if TIME in (stream.signal.dtype.names or ()):
        values = [_earlier(rows, start_ns) for rows in values] if stream.signal.ragged else _earlier(values, start_ns)
    return piece.replaced(moved, values)


def _earlier(rows: Any, by_ns: int) -> np.ndarray[Any, np.dtype[np.void]]:
    moved = np.array(rows)
    moved[TIME] -= by_ns
    return moved
