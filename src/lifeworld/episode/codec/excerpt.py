"""Part of a video: its packets copied untouched where they can be parted from the others, its frames read from the whole file.

    part = excerpt(video, codec="h264", first=250, stop=500)       # frames 250 to before 500, nothing decoded yet

Packets can be parted at a keyframe before which all is decoded that is shown before it, and nothing else. Such are all keyframes of most
cameras and of films cut by programs; not those of open groups of pictures, whose first frames need the group before.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import Index, Stored
from lifeworld.episode.codec.packets import MP4_CODECS, Packets, opened, read_packets, retimed
from lifeworld.episode.codec.video import Video


def excerpt(whole: Video, *, codec: str, first: int, stop: int) -> Stored:
    """Frames `first` to before `stop` of a video in a file, unread: a `Video`, whose packets sealing copies, where they can be parted."""
    if codec not in MP4_CODECS:
        return whole.part(first, stop)
    if (first, stop) == (0, len(whole)):
        return whole
    if isinstance(whole.file, Path):
        parts = partings(whole.file)
        if first in parts and (stop in parts or stop == len(whole)):
            return Excerpt(whole, first, stop)
    return whole.part(first, stop)


class Excerpt(Video):
    """Frames `first` to before `stop` of a video whose packets can be parted there.

    `file` is those packets as an mp4 of their own, made when it is asked for; frames are read from the whole file.
    """

    def __init__(self, whole: Video, first: int, stop: int) -> None:
        assert isinstance(whole.file, Path)
        self.whole, self.path, self.first = whole, whole.file, first
        self.shape, self.dtype = (stop - first, *whole.shape[1:]), whole.dtype

    @property
    def file(self) -> Path | bytes:  # type: ignore[override]
        return copied(self.path, self.first, self.first + self.shape[0])

    @property
    def keyframes(self) -> NDArray[np.int64]:
        every = self.whole.keyframes - self.first
        return every[(every >= 0) & (every < self.shape[0])]

    def read_into(self, out: NDArray[np.uint8], index: Index) -> None:
        self.whole.read_into(out, index + self.first)


def copied(path: Path, first: int, stop: int) -> bytes:
    """The packets of frames `first` to before `stop` as an mp4 of their own, untouched, at their times from the first.

    Raises:
        UnreadableFile: if the file is broken.
    """
    import av

    out = io.BytesIO()
    packets = packets_of(path)
    with opened(path) as container, av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as target:
        track = container.streams.video[0]
        made: Any = target.add_stream_from_template(track, opaque=True)
        made.time_base = packets.time_base
        begin = int(packets.pts[first])
        part = replace(packets, pts=packets.pts[first:stop])
        for packet in retimed(_between(container, track, packets, first, stop), part, None):
            packet.pts, packet.dts, packet.stream = packet.pts - begin, packet.dts - begin, made
            target.mux(packet)
    return out.getvalue()


def packets_of(path: Path) -> Packets:
    """The packets of a file's video; those of the last files asked for are kept."""
    return _packets_of(path, os.stat(path).st_mtime_ns)


def partings(path: Path) -> frozenset[int]:
    """The frames of a file at which its packets can be parted: 0, and every keyframe that neither side of it needs the other.

    Raises:
        UnreadableFile: if the file is broken.
    """
    return _partings(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=16)
def _packets_of(path: Path, _changed: int) -> Packets:
    with opened(path) as container:
        return read_packets(container, path)


@lru_cache(maxsize=16)
def _partings(path: Path, changed: int) -> frozenset[int]:
    packets = _packets_of(path, changed)
    with opened(path) as container:
        track = container.streams.video[0]
        shown = [p.pts for p in container.demux(track) if p.size and p.pts is not None and not p.is_discard]
    ranks = np.searchsorted(packets.pts, shown)  # of the packets as they are decoded
    if len(ranks) != len(packets.pts):
        return frozenset([0])
    before = np.maximum.accumulate(ranks)[:-1] == np.arange(len(ranks) - 1)  # what is decoded before is what is shown before
    apart = 1 + np.flatnonzero(before & (ranks[1:] == np.arange(1, len(ranks))))
    return frozenset([0, *np.intersect1d(apart, packets.keyframes).tolist()])


def _between(container: Any, track: Any, packets: Packets, first: int, stop: int) -> Iterator[Any]:
    low, high = int(packets.pts[first]), int(packets.pts[stop - 1])
    container.seek(int(packets.seek[first]), stream=track)
    left = stop - first
    for packet in container.demux(track):
        if packet.size and packet.pts is not None and not packet.is_discard and low <= packet.pts <= high:
            left -= 1
            yield packet
        if not left:
            return
