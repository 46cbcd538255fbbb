"""The rows and the pictures of a LeRobot data set: one episode's part of files that may hold many."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.signal import Index
from lifeworld.core.time import Times
from lifeworld.episode.codec.packets import MP4_CODECS, Packets, VideoInfo, opened, read_packets
from lifeworld.episode.codec.video import Video

MOST_GROUP_BYTES = 8 * 2**30
"""Of the rows that have to be read at once."""
_SLACK_S = 1e-3


class Rows:
    """A file of rows, of which one episode's at a time are read; the last group of rows read is kept, for it may hold the next one too.

    Raises:
        UnreadableFile: if it is missing or damaged, or does not say whose its rows are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.file = pq.ParquetFile(path)
            self.of: NDArray[np.int64] = self.file.read(columns=["episode_index"])["episode_index"].cast(pa.int64()).to_numpy()
        except (OSError, pa.ArrowException, KeyError, ValueError) as error:
            raise UnreadableFile("the rows cannot be read", where=str(path), got=f"{error}" or type(error).__name__) from error
        sizes = [self.file.metadata.row_group(i).num_rows for i in range(self.file.metadata.num_row_groups)]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._held: tuple[tuple[int, ...], pa.Table] | None = None

    def episodes(self) -> set[int]:
        return set(np.unique(self.of).tolist())

    def read(self, number: int) -> pa.Table:
        """The rows of an episode, in their order.

        Raises:
            UnreadableFile: if there are none, they are not together, or are damaged.
            FileTooLarge: if they are beyond all measure.
        """
        where = np.flatnonzero(self.of == number)
        if not len(where):
            raise UnreadableFile("there are no rows of this episode", where=str(self.path), got=number)
        first, stop = int(where[0]), int(where[-1]) + 1
        if stop - first != len(where):
            raise UnreadableFile("the rows of the episode do not lie together", where=str(self.path), got=number)
        low, high = int(np.searchsorted(self.starts, first, "right")) - 1, int(np.searchsorted(self.starts, stop, "left"))
        groups = tuple(range(low, high))
        if self._held is None or self._held[0] != groups:
            if sum(self.file.metadata.row_group(g).total_byte_size for g in groups) > MOST_GROUP_BYTES:
                raise FileTooLarge("the rows are too many at once", where=str(self.path), expected=f"at most {MOST_GROUP_BYTES} bytes")
            try:
                self._held = groups, self.file.read_row_groups(list(groups))
            except (OSError, pa.ArrowException) as error:
                raise UnreadableFile("the rows are damaged", where=str(self.path), got=str(error)) from error
        return self._held[1].slice(first - int(self.starts[low]), stop - first)


def numbers_of(column: pa.ChunkedArray, where: str) -> NDArray[Any]:
    """A column of numbers or of lists of numbers, of one length (and lists of those): (rows, …).

    Raises:
        UnreadableFile: if it holds something else, or lists of several lengths.
    """
    values, shape = column.combine_chunks(), [len(column)]
    if isinstance(values, pa.ChunkedArray):
        raise UnreadableFile("there are no rows", where=where)
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    while pa.types.is_list(values.type) or pa.types.is_large_list(values.type) or pa.types.is_fixed_size_list(values.type):
        lengths = pc.list_value_length(values)
        if lengths.null_count or len(values) == 0 or pc.min(lengths).as_py() != pc.max(lengths).as_py():
            raise UnreadableFile("rows of different lengths", where=where)
        shape.append(lengths[0].as_py())
        values = values.flatten()
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type) or pa.types.is_boolean(values.type)):
        raise UnreadableFile("these are no numbers", where=where, got=str(values.type))
    if values.null_count:
        if not pa.types.is_floating(values.type):
            values = values.cast(pa.float64(), safe=False)
        values = values.fill_null(float("nan"))
    return np.asarray(values.to_numpy(zero_copy_only=False)).reshape(shape)


class Excerpt(Video):
    """Frames `first` to before `stop` of a video that holds other episodes too, cut where decoding may begin: its packets can be copied.

    `file` is those packets as an mp4 of their own, made when it is asked for; frames are read from the whole file.
    """

    def __init__(self, path: Path, info: VideoInfo, first: int, stop: int) -> None:
        self.path, self.first = path, first
        self.whole = Video(path, count=len(info.times_ns), height=info.height, width=info.width)
        self.shape, self.dtype = (stop - first, info.height, info.width, 3), self.whole.dtype

    @property
    def file(self) -> Path | bytes:  # type: ignore[override]
        return cut(self.path, self.first, self.first + self.shape[0])

    @property
    def keyframes(self) -> NDArray[np.int64]:
        every = self.whole.keyframes - self.first
        return every[(every >= 0) & (every < self.shape[0])]

    def read_into(self, out: NDArray[np.uint8], index: Index) -> None:
        self.whole.read_into(out, index + self.first)


def range_of(info: VideoInfo, start_s: float, stop_s: float | None) -> tuple[int, int]:
    """The frames of a file that are shown from `start_s` to before `stop_s` [s], to a millisecond."""
    times = info.times_ns
    first = int(np.searchsorted(times, round((start_s - _SLACK_S) * 1e9)))
    stop = len(times) if stop_s is None else int(np.searchsorted(times, round((stop_s - _SLACK_S) * 1e9)))
    return first, stop


def frames_of(path: Path, info: VideoInfo, first: int, stop: int) -> tuple[Any, bool]:
    """Frames `first` to before `stop` of a file, unread, and whether their packets can be copied as they are."""
    whole = Video(path, count=len(info.times_ns), height=info.height, width=info.width)
    if info.codec not in MP4_CODECS:
        return whole.part(first, stop), False
    if (first, stop) == (0, len(info.times_ns)):
        return whole, True
    if first in info.keyframes and (stop == len(info.times_ns) or stop in info.keyframes) and _closed(path, first, stop):
        return Excerpt(path, info, first, stop), True
    return whole.part(first, stop), False


def cut(path: Path, first: int, stop: int) -> bytes:
    """The packets of frames `first` to before `stop` as an mp4 of their own, untouched, at their times from the first.

    Raises:
        UnreadableFile: if the file is broken.
    """
    import av

    out = io.BytesIO()
    packets = packets_of(path, path.stat().st_mtime_ns)
    with opened(path) as container, av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as target:
        track = container.streams.video[0]
        copied: Any = target.add_stream_from_template(track, opaque=True)
        copied.time_base = packets.time_base
        begin = int(packets.pts[first])
        for packet in _between(container, track, packets, first, stop):
            packet.pts, packet.dts, packet.stream = packet.pts - begin, packet.dts - begin, copied
            target.mux(packet)
    return out.getvalue()


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


def _closed(path: Path, first: int, stop: int) -> bool:
    """Whether no frame within the range needs one outside it: all of them, and no others, lie between its keyframe and the next."""
    packets = packets_of(path, path.stat().st_mtime_ns)
    with opened(path) as container:
        track = container.streams.video[0]
        container.seek(int(packets.seek[first]), stream=track)
        inside = set(packets.pts[first:stop].tolist())
        for packet in container.demux(track):
            if not packet.size or packet.pts is None or packet.is_discard:
                continue
            if packet.pts not in inside:
                return packet.pts > int(packets.pts[stop - 1]) and not inside
            inside.discard(packet.pts)
            if not inside:
                return True
    return not inside


@lru_cache(maxsize=16)
def packets_of(path: Path, _changed: int) -> Packets:
    with opened(path) as container:
        return read_packets(container, path)


def snapped(times_ns: Times, rows_ns: Times) -> Times:
    """The times of frames, to the nanosecond those of rows where all of them are within a millisecond of one."""
    near = np.clip(np.searchsorted(rows_ns, times_ns), 1, max(len(rows_ns) - 1, 1))
    near = np.minimum(near, len(rows_ns) - 1)
    before = np.maximum(near - 1, 0)
    nearest = np.where(np.abs(rows_ns[before] - times_ns) <= np.abs(rows_ns[near] - times_ns), before, near)
    close = np.abs(rows_ns[nearest] - times_ns) <= _SLACK_S * 1e9
    return rows_ns[nearest] if close.all() and np.all(np.diff(nearest) > 0) else times_ns
