"""A piece of an episode as an episode of its own, that begins at 0.

piece = cut(bundle.episode(uid), 1_200_000_000, 3_400_000_000)     # from 1.2 s to 3.4 s
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode

TIME = "time_ns"
"""The field of rows that say when something was."""


def cut(episode: Episode, start_ns: int, stop_ns: int, *, parent: str = "") -> Episode:
    """What happened from `start_ns` up to and with `stop_ns` [ns], times counted from `start_ns`; `parent` names what it was cut from.

    What is said once at the start, and holds, goes with the piece. The scene stays only where the piece begins with the episode: later
    things are elsewhere.

    Raises:
        InputError: if nothing lies between.
    """
    if not 0 <= start_ns < stop_ns:
        raise InputError("a piece begins at 0 or later, and ends after that", got=f"{start_ns} to {stop_ns} ns")
    if start_ns >= max(episode.duration_ns, 1):
        span = f"0 to {episode.duration_ns * 1e-9:g} s"
        raise InputError("nothing lies between", got=f"{start_ns * 1e-9:g} to {stop_ns * 1e-9:g} s", expected=span)
    streams = {name: _piece(stream, start_ns, stop_ns) for name, stream in episode.streams.items()}
    return replace(
        episode,
        streams=streams,
        scene=episode.scene if start_ns == 0 else None,
        labels={**episode.labels, "cut": f"{start_ns * 1e-9:.3f} s to {stop_ns * 1e-9:.3f} s"},
        provenance=replace(episode.provenance, parents=(parent,) if parent else episode.provenance.parents),
    )


def _piece(stream: Stream, start_ns: int, stop_ns: int) -> Stream:
    heard = stream.signal.family == "hear"  # a block leads to its time
    piece = stream.between(start_ns + 1 if heard else start_ns, stop_ns + 1)
    times, values = piece.times_ns - start_ns, piece.values
    if stream.signal.rate == "start" and len(stream) and not len(piece) and stream.times_ns[0] < start_ns:
        last = int(np.searchsorted(stream.times_ns, start_ns)) - 1
        times, values = np.zeros(1, dtype=np.int64), stream.values[last : last + 1]
    elif TIME in (stream.signal.dtype.names or ()):
        values = [_earlier(rows, start_ns) for rows in values] if stream.signal.ragged else _earlier(values, start_ns)
    return stream.replaced(times, values)


def _earlier(rows: Any, by_ns: int) -> np.ndarray[Any, np.dtype[np.void]]:
    moved = np.array(rows)
    moved[TIME] -= by_ns
    return moved
