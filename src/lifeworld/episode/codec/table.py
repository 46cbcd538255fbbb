"""Numbers, rows and words over time as Parquet: one column of times [ns], one of values, any seconds read without the rest.

    t_ns: int64                       times from the episode's start, rising
    force_n: double                   a number
    camera_pose: fixed_size_list<double>[7]        a vector; a matrix row by row
    instruction: string               words
    contacts: list<struct<body_a: int32, …, position_m: fixed_size_list<double>[3], …>>     rows, another number at each moment

The column of values bears the signal's name, and the file's metadata says in JSON under `lifeworld.signal` what it is: dtype, shape,
unit, frame, meaning. A row group holds about five seconds. Numbers with fractions are split into streams of bytes (BYTE_STREAM_SPLIT)
and all is packed by Zstandard; what is read is what was given to the bit, NaN and -0 too. Values without a size (of scenes that have
nothing of the sort) have no column.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import FileTooLarge, InputError, UnreadableFile
from lifeworld.core.signal.signal import Signal
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.time import Times
from lifeworld.core.time import clock as checked
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.packets import named

if TYPE_CHECKING:
    import pyarrow as pa

TIMES = "t_ns"
GROUP_NS = 5_000_000_000
LEAST_ROWS, MOST_ROWS = 64, 65_536
"""Rows in a group, whatever the rate."""
LEVEL = 3
MOST_GROUP_BYTES = 2**31
"""A row group that claims to be larger when unpacked is not believed."""


def write_table(path: Path, signal: Signal, times_ns: ArrayLike, values: NDArray[Any] | Sequence[NDArray[Any]] | Stored) -> None:
    """Write values (n, ...) of a signal, or n arrays (rows, ...) of a ragged one, with their times (n,) [ns].

    Raises:
        InputError: if words are not Unicode that can be kept (half a surrogate pair).
        ShapeError: if the times do not rise.
    """
    import pyarrow as pa

    times = checked(times_ns)
    sizes = _sizes(signal, values)
    fields = [pa.field(TIMES, pa.int64(), nullable=False)]
    if column := _column(signal.dtype, sizes, signal.ragged):
        fields.append(pa.field(signal.name, column, nullable=False))
    schema = pa.schema(fields, metadata={"lifeworld.signal": json.dumps(_described(signal, sizes), ensure_ascii=False)})

    def tables() -> Iterator[pa.Table]:
        rows = _group_rows(times)
        for start in range(0, len(times), rows):
            part = values[start : start + rows]
            columns = [pa.array(times[start : start + rows])]
            if column:
                columns.append(
                    _ragged_to_arrow(part, signal.dtype, sizes) if signal.ragged else _to_arrow(np.asarray(part), signal.dtype, sizes)
                )
            yield pa.Table.from_arrays(columns, schema=schema)

    try:
        _write(path, schema, tables())
    except UnicodeEncodeError as error:
        raise InputError("words that are not Unicode", where=str(path), got=str(error), fix="Replace halves of surrogate pairs.") from None


def write_times(path: Path, times_ns: ArrayLike) -> None:
    """Write times (n,) [ns] alone."""
    import pyarrow as pa

    times = checked(times_ns)
    schema = pa.schema([pa.field(TIMES, pa.int64(), nullable=False)])
    _write(path, schema, iter([pa.Table.from_arrays([pa.array(times)], schema=schema)]))


def read_times(file: Path | bytes) -> Times:
    """The times (n,) int64 [ns] of any file of this page.

    Raises:
        UnreadableFile: if it is not one, or its times do not rise.
    """
    with _opened(file) as parquet:
        times = _read_times(parquet, file)
    try:
        return checked(times)
    except InputError as error:
        raise UnreadableFile("the times do not rise", where=named(file), got=error.got) from None


class Table(Stored):
    """The values of a signal in a file that `write_table` wrote; `sizes` is the shape of one (of a ragged signal, of one row).

    Only the row groups that are asked for are read. Any number of threads may read, one at a time.

    Raises:
        UnreadableFile: if the file is not Parquet, or its columns are not of this signal.
    """

    def __init__(self, file: Path | bytes, signal: Signal, sizes: tuple[int, ...]) -> None:
        self.file, self.signal, self._sizes = file, signal, sizes
        self.dtype, self.ragged = signal.dtype, signal.ragged
        self._column = _column(signal.dtype, sizes, signal.ragged)
        with _opened(file) as parquet:
            self._check(parquet)
            self._starts = _starts(parquet, file)
        self.shape = (int(self._starts[-1]), *sizes)
        self._lock = threading.Lock()

    def take(self, index: Index) -> Any:
        index = np.asarray(index)
        groups = np.unique(np.searchsorted(self._starts, index, side="right") - 1)
        if not len(groups) or self._column is None:
            empty = [np.zeros((0, *self._sizes), dtype=self.dtype)] * len(index)
            return tuple(empty) if self.ragged else np.zeros((len(index), *self._sizes), dtype=self.dtype)
        with self._lock, _opened(self.file) as parquet:
            column = _whole(parquet.read_row_groups(groups.tolist(), columns=[self.signal.name], use_threads=False))
        # rows of the groups that were read, one after the other
        counts = self._starts[groups + 1] - self._starts[groups]
        if len(column) != counts.sum():
            raise UnreadableFile(
                f"column {self.signal.name!r} is cut off", where=named(self.file), got=len(column), expected=int(counts.sum())
            )
        before = np.cumsum(counts) - counts
        which = np.searchsorted(groups, np.searchsorted(self._starts, index, side="right") - 1)
        rows = index - self._starts[groups][which] + before[which]
        try:
            if not self.ragged:
                return _to_numpy(column, self.dtype, self._sizes)[rows]
            _no_nulls(column)
            offsets = column.offsets.to_numpy()
            flat = _to_numpy(column.values, self.dtype, self._sizes)
            return tuple(flat[offsets[i] : offsets[i + 1]].copy() for i in rows)
        except ValueError as error:
            raise UnreadableFile(f"column {self.signal.name!r} is damaged", where=named(self.file), got=str(error)) from error

    def _check(self, parquet: Any) -> None:
        import pyarrow as pa

        found = parquet.schema_arrow
        wanted = {TIMES: pa.int64()} | ({} if self._column is None else {self.signal.name: self._column})
        for name in [*wanted, *found.names]:
            got = found.field(name).type if found.names.count(name) == 1 else "no such column" if name not in found.names else "two"
            if name not in wanted or got != wanted[name]:
                expected = str(wanted.get(name, "no such column"))
                raise UnreadableFile(f"column {name!r} is not as expected", where=named(self.file), got=str(got), expected=expected)


# -- files -----------------------------------------------------------------------------------------------------------------


def _write(path: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    leaves = [leaf for field in schema for leaf in _leaves(field.name, field.type)]
    split = {name: "BYTE_STREAM_SPLIT" for name, kind in leaves if pa.types.is_floating(kind)}
    with (
        replace_file(path) as beside,
        pq.ParquetWriter(
            beside,
            schema,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=[name for name, kind in leaves if name not in split and name != TIMES and not pa.types.is_boolean(kind)],
            column_encoding={TIMES: "DELTA_BINARY_PACKED"} | split,
            write_statistics=[TIMES],
        ) as writer,
    ):
        for table in tables:
            writer.write_table(table, row_group_size=max(1, len(table)))


@contextmanager
def _opened(file: Path | bytes) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(pa.BufferReader(file) if isinstance(file, bytes) else file, memory_map=True) as parquet:
            metadata = parquet.metadata
            claimed = max((metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)), default=0)
            if claimed > MOST_GROUP_BYTES:
                raise FileTooLarge("a table that claims more than it can hold", where=named(file), got=f"{claimed:,} bytes in a row group")
            yield parquet
    except (pa.ArrowException, OSError, EOFError, ValueError, OverflowError) as error:  # ValueError: names that are not Unicode
        raise UnreadableFile("not a Parquet file that can be read", where=named(file), got=str(error).split("\n")[0]) from error


def _read_times(parquet: Any, file: Path | bytes) -> NDArray[np.int64]:
    import pyarrow as pa

    schema = parquet.schema_arrow
    if TIMES not in schema.names or schema.field(TIMES).type != pa.int64():
        raise UnreadableFile(
            "there is no column of times", where=named(file), got=", ".join(map(str, schema.names)), expected=f"{TIMES}: int64"
        )
    column = _whole(parquet.read(columns=[TIMES], use_threads=False))
    if column.null_count:
        raise UnreadableFile("a moment without a time", where=named(file), got=f"{column.null_count} nulls in {TIMES}")
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _starts(parquet: Any, file: Path | bytes) -> NDArray[np.int64]:
    """The first row of each group, then the number of all."""
    metadata = parquet.metadata
    counts = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    if any(not 0 < n < 2**40 for n in counts) or sum(counts) != metadata.num_rows:
        raise UnreadableFile("the row groups do not agree", where=named(file), got=f"{sum(counts)} rows", expected=f"{metadata.num_rows}")
    return np.cumsum([0, *counts], dtype=np.int64)


def _group_rows(times: Times) -> int:
    if len(times) < 2:
        return LEAST_ROWS
    step = (int(times[-1]) - int(times[0])) / (len(times) - 1)
    return int(np.clip(GROUP_NS / step, LEAST_ROWS, MOST_ROWS))


def _whole(table: pa.Table) -> Any:
    column = table.column(0).combine_chunks()
    return column if not hasattr(column, "chunks") else column.chunk(0)


def _described(signal: Signal, sizes: tuple[int, ...]) -> dict[str, Any]:
    return {
        "signal": signal.name,
        "meaning": signal.meaning,
        "dtype": _words(signal.dtype),
        "shape": list(sizes),
        "axes": list(signal.shape),
        "ragged": signal.ragged,
        "unit": signal.unit,
        "frame": signal.frame,
    }


def _words(dtype: np.dtype[Any]) -> Any:
    """A dtype as JSON: a name, or the fields of a row with name, dtype and shape."""
    if dtype.names is None:
        return dtype.str.lstrip("|<") if dtype.kind == "U" else dtype.name
    return [[name, _words(field[0].base), list(field[0].shape)] for name, field in _fields(dtype)]


# -- NumPy and Arrow -------------------------------------------------------------------------------------------------------


def _fields(dtype: np.dtype[Any]) -> list[tuple[str, Any]]:
    assert dtype.names is not None
    assert dtype.fields is not None
    return [(name, dtype.fields[name]) for name in dtype.names]


def _column(dtype: np.dtype[Any], sizes: tuple[int, ...], ragged: bool) -> Any:
    """The Arrow type of a signal's values; None of values without a size."""
    import pyarrow as pa

    if 0 in sizes:
        return None
    value = _arrow_type(dtype, sizes)
    return pa.list_(pa.field("element", value, nullable=False)) if ragged else value


def _arrow_type(dtype: np.dtype[Any], sizes: tuple[int, ...]) -> Any:
    import pyarrow as pa

    if sizes:
        return pa.list_(pa.field("element", _arrow_type(dtype, ()), nullable=False), math.prod(sizes))
    if dtype.names is not None:
        return pa.struct([pa.field(name, _arrow_type(f[0].base, f[0].shape), nullable=False) for name, f in _fields(dtype)])
    return pa.string() if dtype.kind == "U" else pa.from_numpy_dtype(dtype)


def _to_arrow(array: NDArray[Any], dtype: np.dtype[Any], sizes: tuple[int, ...]) -> Any:
    """Values (n, *sizes) as an Arrow array of n."""
    import pyarrow as pa

    kind = _arrow_type(dtype, sizes)
    if sizes:
        return pa.FixedSizeListArray.from_arrays(_to_arrow(array.reshape(-1), dtype, ()), type=kind)
    if dtype.names is not None:
        return pa.StructArray.from_arrays([_to_arrow(array[name], f[0].base, f[0].shape) for name, f in _fields(dtype)], fields=list(kind))
    if dtype.kind == "U":
        return pa.array(array.tolist(), type=kind)
    return pa.array(np.ascontiguousarray(array), type=kind)


def _ragged_to_arrow(rows: Any, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> Any:
    import pyarrow as pa

    offsets = np.cumsum([0, *(len(r) for r in rows)], dtype=np.int32)
    flat = np.concatenate([np.zeros((0, *sizes), dtype=dtype), *rows]) if len(rows) else np.zeros((0, *sizes), dtype=dtype)
    return pa.ListArray.from_arrays(pa.array(offsets), _to_arrow(flat, dtype, sizes), type=_column(dtype, sizes, True))


def _to_numpy(array: Any, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> NDArray[Any]:
    """An Arrow array of n as values (n, *sizes)."""
    _no_nulls(array)
    if sizes:
        return _to_numpy(array.flatten(), dtype, ()).reshape(len(array), *sizes)
    if dtype.names is not None:
        out = np.empty(len(array), dtype=dtype)
        for (name, field), part in zip(_fields(dtype), array.flatten(), strict=True):
            out[name] = _to_numpy(part, field[0].base, field[0].shape)
        return out
    if dtype.kind == "U":
        words = array.to_pylist()
        longest = dtype.itemsize // 4
        if any(len(word) > longest for word in words):
            raise ValueError(f"words of more than {longest} letters")
        return np.array(words, dtype=dtype)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=dtype)


def _no_nulls(array: Any) -> None:
    if array.null_count:
        raise ValueError(f"{array.null_count} nulls")


def _leaves(path: str, kind: Any) -> Iterator[tuple[str, Any]]:
    """The columns that Parquet makes of one of ours, by their paths."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f"{path}.{field.name}", field.type)
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    else:
        yield path, kind


def _sizes(signal: Signal, values: Any) -> tuple[int, ...]:
    if isinstance(values, Stored) or (not signal.ragged and isinstance(values, np.ndarray)):
        return tuple(values.shape[1:])
    if len(values):
        return tuple(np.shape(values[0])[1:])
    return tuple(0 if isinstance(size, str) else size for size in signal.shape)
