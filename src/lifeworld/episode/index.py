"""The index of a bundle: one row an episode, so that 100,000 of them are known without opening one.

    index/g0000-000000.parquet …      1,000 rows a file; the last one grows by being replaced
    uid, number, title, origin, duration_ns, subjects, left_out, streams: [{name, count, first_ns, last_ns}], aside

How many rows count is said by `meta/info.json`: what lies beyond was being written when somebody died. Erasing and `amend.py` write a new
generation. Rows that say when they were set `aside` are those of episodes that can be brought back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import MissingExtra, UnreadableFile
from lifeworld.core.write import replace_file
from lifeworld.episode.manifest import Entry, Manifest

try:  # whoever opens a bundle comes by here first
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise MissingExtra("reading and writing episodes", "episodes") from error

ROWS = 1_000
_SPAN = pa.struct([("name", pa.string()), ("count", pa.int64()), ("first_ns", pa.int64()), ("last_ns", pa.int64())])
SCHEMA = pa.schema(
    [
        ("uid", pa.string()),
        ("number", pa.int64()),
        ("title", pa.string()),
        ("origin", pa.string()),
        ("duration_ns", pa.int64()),
        ("subjects", pa.list_(pa.string())),
        ("left_out", pa.string()),
        ("streams", pa.list_(_SPAN)),
        ("aside", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Spans:
    """Where one stream is: of each of k episodes that have it, its row, how many values, the first and last time [ns]; all int64 (k,)."""

    rows: NDArray[np.int64]
    count: NDArray[np.int64]
    first_ns: NDArray[np.int64]
    last_ns: NDArray[np.int64]


class Index:
    """The rows that count, in the order in which the episodes were sealed.

    `number` is that of the episode's files in the LeRobot view, −1 where it is not in it, and `left_out` why.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def read(cls, root: Path, generation: str, count: int) -> Index:
        """The first `count` rows of a generation.

        Raises:
            UnreadableFile: if a file is missing or damaged.
        """
        tables = []
        for first in range(0, count, ROWS):
            path = index_file(root, generation, first)
            try:
                tables.append(pq.read_table(path, schema=SCHEMA)[: count - first])
            except (OSError, pa.ArrowException) as error:
                raise UnreadableFile("the index is damaged", where=str(path), got=str(error)) from error
        table = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
        if len(table) != count:
            raise UnreadableFile("the index has fewer rows than the bundle has episodes", where=str(root), got=len(table), expected=count)
        return cls(table)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def present(self) -> Index:
        """Without the rows of what was set aside: what a bundle shows."""
        return self if self.table["aside"].null_count == len(self) else Index(self.table.filter(pc.is_null(self.table["aside"])))

    @cached_property
    def uids(self) -> list[str]:
        return self.table["uid"].to_pylist()  # type: ignore[no-any-return]

    @cached_property
    def number(self) -> NDArray[np.int64]:
        return self._numbers(self.table["number"])

    @cached_property
    def duration_ns(self) -> NDArray[np.int64]:
        return self._numbers(self.table["duration_ns"])

    def row(self, index: int) -> dict[str, Any]:
        """One row as plain values."""
        return self.table.slice(index, 1).to_pylist()[0]  # type: ignore[no-any-return]

    @cached_property
    def stream_names(self) -> list[str]:
        """All names of streams, in the order of first appearance."""
        return self._flat[0].dictionary.to_pylist()  # type: ignore[no-any-return]

    def spans(self, stream: str) -> Spans:
        """Where a stream is; empty if nowhere."""
        _, rows, numbers = self._flat
        if stream not in self.stream_names:
            none = np.zeros(0, dtype=np.int64)
            return Spans(none, none, none, none)
        at = np.flatnonzero(self._codes == self.stream_names.index(stream))
        count, first, last = (column[at] for column in numbers)
        return Spans(rows[at], count, first, last)

    @cached_property
    def _codes(self) -> NDArray[np.int32]:
        return self._flat[0].indices.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    @cached_property
    def _flat(self) -> tuple[pa.DictionaryArray, NDArray[np.int64], tuple[NDArray[np.int64], ...]]:
        column = self.table["streams"].combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # of no rows
            column = pa.array([], type=SCHEMA.field("streams").type)
        items = column.flatten()
        lengths = np.diff(column.offsets.to_numpy())
        numbers = tuple(self._numbers(items.field(name)) for name in ("count", "first_ns", "last_ns"))
        return items.field("name").dictionary_encode(), np.repeat(np.arange(len(column)), lengths), numbers

    @staticmethod
    def _numbers(column: Any) -> NDArray[np.int64]:
        return np.asarray(column.to_numpy(), dtype=np.int64)


def row_of(manifest: Manifest, *, number: int, left_out: str | None) -> dict[str, Any]:
    """What the index says of an episode."""
    spans = [{"name": name, "count": e.count, "first_ns": e.span_ns[0], "last_ns": e.span_ns[1]} for name, e in manifest.streams.items()]
    return {
        "uid": manifest.uid,
        "number": number,
        "title": manifest.title,
        "origin": manifest.origin.value,
        "duration_ns": max((entry.span_ns[1] for entry in manifest.streams.values()), default=0),
        "subjects": subjects(manifest.streams.values()),
        "left_out": left_out,
        "streams": spans,
    }


def subjects(entries: Iterable[Entry]) -> list[str]:
    """Whose data is in these streams, by pseudonym."""
    return sorted({consent.subject for entry in entries for consent in entry.consents})


def append_rows(root: Path, generation: str, count: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows after the first `count` of a generation. They count once `meta/info.json` says so."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    first = count - count % ROWS
    if count > first:
        table = pa.concat_tables([pq.read_table(index_file(root, generation, first), schema=SCHEMA)[: count - first], table])
    for start in range(0, len(table), ROWS):
        with replace_file(index_file(root, generation, first + start)) as beside:
            pq.write_table(table[start : start + ROWS], beside, compression="zstd")


def index_file(root: Path, generation: str, first: int) -> Path:
    """The file that holds row `first`: index/g0000-000000.parquet."""
    return root / f"{generation}-{first // ROWS:06d}.parquet"


def next_generation(generation: str) -> str:
    """The beginning of the files' names of the index after this one."""
    folder, _, number = generation.rpartition("/g")
    return f"{folder}/g{int(number) + 1:04d}"
