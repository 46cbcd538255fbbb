"""The rows and the pictures of a LeRobot data set: one episode's part of files that may hold many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.signal import Stored
from lifeworld.core.time import Times
from lifeworld.episode.codec.excerpt import excerpt
from lifeworld.episode.codec.packets import VideoInfo
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


def range_of(info: VideoInfo, start_s: float, stop_s: float | None) -> tuple[int, int]:
    """The frames of a file that are shown from `start_s` to before `stop_s` [s], to a millisecond."""
    times = info.times_ns
    first = int(np.searchsorted(times, round((start_s - _SLACK_S) * 1e9)))
    stop = len(times) if stop_s is None else int(np.searchsorted(times, round((stop_s - _SLACK_S) * 1e9)))
    return first, stop


def frames_of(path: Path, info: VideoInfo, first: int, stop: int) -> tuple[Stored, bool]:
    """Frames `first` to before `stop` of a file, unread, and whether their packets can be copied as they are."""
    values = excerpt(Video(path, count=len(info.times_ns), height=info.height, width=info.width), codec=info.codec, first=first, stop=stop)
    return values, isinstance(values, Video)


def snapped(times_ns: Times, rows_ns: Times) -> Times:
    """The times of frames, to the nanosecond those of rows where all of them are within a millisecond of one."""
    near = np.clip(np.searchsorted(rows_ns, times_ns), 1, max(len(rows_ns) - 1, 1))
    near = np.minimum(near, len(rows_ns) - 1)
    before = np.maximum(near - 1, 0)
    nearest = np.where(np.abs(rows_ns[before] - times_ns) <= np.abs(rows_ns[near] - times_ns), before, near)
    close = np.abs(rows_ns[nearest] - times_ns) <= _SLACK_S * 1e9
    return rows_ns[nearest] if close.all() and np.all(np.diff(nearest) > 0) else times_ns
