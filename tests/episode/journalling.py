"""Episodes as a recorder sees them, value by value, and their journals by MCAP's own reader."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from bundles import PICTURES, WHO, psnr
from mcap.exceptions import McapError
from mcap.records import Message
from mcap.stream_reader import StreamReader

from lifeworld.core.signal import Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.journal import Journal

MS = 1_000_000


def begin(root: Path, of: Episode | None = None, **more: Any) -> Journal:
    """A journal, of what is known of an episode before its first value."""
    if of is not None:
        more |= {"title": of.title, "scene": of.scene, "labels": of.labels, "legend": of.legend}
    return Journal(root, provenance=WHO if of is None else of.provenance, **more)


def journalled(before: Episode, root: Path, **more: Any) -> Journal:
    """An episode as a recorder sees it: all values of all streams in the order of their times."""
    journal = begin(root, before, **more)
    with journal:
        for one in before.streams.values():
            journal.open(one.signal, source=one.source, origin=one.origin, terms=one.terms, clock=one.clock, provenance=one.provenance)
        moments = sorted((int(t), name, i) for name, one in before.streams.items() for i, t in enumerate(one.times_ns))
        for time_ns, name, i in moments:
            journal.write(name, time_ns, before[name].values[i])
    return journal


def same(before: Stream, after: Stream) -> bool:
    """Equal to the last bit of a NaN; pictures close enough to the eye."""
    if before.signal.name in PICTURES and len(before):
        alike = np.array_equal(before.times_ns, after.times_ns) and (before.signal, before.origin) == (after.signal, after.origin)
        return alike and psnr(np.asarray(before.values), np.asarray(after.values)) >= 38
    if not len(before):  # of what never came the sizes are not known
        fields = ("signal", "origin", "source", "terms", "clock")
        return len(after) == 0 and all(getattr(before, f) == getattr(after, f) for f in fields)
    return before == after and all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(before.values, after.values, strict=True)
    )


def records_of(file: io.BytesIO, **how: bool) -> Iterator[Any]:
    """By MCAP's own reader."""
    with suppress(McapError):  # it has no end
        yield from StreamReader(file, **how).records


def messages(path: Path) -> Iterator[Message]:
    return (record for record in records_of(io.BytesIO(path.read_bytes())) if isinstance(record, Message))
