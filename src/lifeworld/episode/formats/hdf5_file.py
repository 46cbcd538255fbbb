"""What lies in an HDF5 file, walked with care: datasets of numbers and texts, none of which may lead out of the file.

Refused: external links, virtual datasets and external storage (they read other files). Left alone, with a note: soft links, and datasets
of Python objects, references or opaque bytes, which may be pickles and are never loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, MissingExtra, UnreadableFile, UnsafeFile
from lifeworld.core.signal import Index, Stored
from lifeworld.episode.formats.report import Report

MOST_OBJECTS, MOST_DEPTH = 100_000, 32
MOST_CHUNK_BYTES, MOST_READ_BYTES = 1 << 30, 4 << 30
MOST_TEXT = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset in a file: its path there, shape and dtype (of texts `U`)."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def short(self) -> str:
        return self.name.rpartition("/")[2]


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file, for reading.

    Raises:
        MissingExtra: without h5py.
        UnreadableFile: if it is no HDF5 file, or what is read of it is broken.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtra("reading HDF5", "formats") from None
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, KeyError) as error:  # what the HDF5 library and h5py raise for files that are damaged
        raise UnreadableFile("this is not a whole HDF5 file", where=str(path), got=str(error)[:200]) from error


def tables(file: Any, report: Report, *, where: str) -> dict[str, Table]:
    """All datasets of numbers and texts, by their path without the first slash.

    Raises:
        UnsafeFile: if anything in it leads to another file.
        FileTooLarge: if there are too many objects, or a chunk is too large to be read.
    """
    import h5py

    found: dict[str, Table] = {}
    seen = 0

    def walk(group: Any, prefix: str, depth: int) -> None:
        nonlocal seen
        for name in group:
            seen += 1
            if seen > MOST_OBJECTS or depth > MOST_DEPTH:
                raise FileTooLarge("there is too much in the file", where=where, expected=f"{MOST_OBJECTS:,} objects, {MOST_DEPTH} deep")
            path = f"{prefix}{name}"
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise UnsafeFile("a link leads to another file", where=f"{where}: {path}", fix="Copy what it means into this file.")
            if isinstance(link, h5py.SoftLink):
                report.note(f"{where}: left out {path}, a soft link")
                continue
            entry = group[name]
            if isinstance(entry, h5py.Group):
                walk(entry, f"{path}/", depth + 1)
            elif isinstance(entry, h5py.Dataset):
                table = _table(entry, path, report, where)
                if table is not None:
                    found[path] = table

    walk(file, "", 0)
    return found


def _table(dataset: Any, path: str, report: Report, where: str) -> Table | None:
    import h5py

    if dataset.is_virtual or dataset.external:
        raise UnsafeFile("a dataset lies in other files", where=f"{where}: {path}", fix="Repack the file with h5repack.")
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return Table(path, dataset.shape or (), np.dtype("U1"))
    if dataset.shape is None or dataset.dtype.kind not in "biuf" or dataset.dtype.itemsize > 8:
        report.note(f"{where}: left out {path}, of {dataset.dtype}: it holds neither numbers nor text, and is not loaded")
        return None
    if dataset.chunks is not None and prod(dataset.chunks) * dataset.dtype.itemsize > MOST_CHUNK_BYTES:
        raise FileTooLarge("a chunk is too large", where=f"{where}: {path}", expected=f"at most {MOST_CHUNK_BYTES:,} bytes")
    return Table(path, dataset.shape, dataset.dtype)


def numbers(file: Any, table: Table, rows: slice, *, where: str) -> NDArray[Any]:
    """Rows of a dataset of numbers.

    Raises:
        FileTooLarge: if they are over MOST_READ_BYTES.
    """
    count = len(range(*rows.indices(table.shape[0])))
    if count * prod(table.shape[1:]) * table.dtype.itemsize > MOST_READ_BYTES:
        raise FileTooLarge("a dataset is too large", where=f"{where}: {table.name}", got=table.shape, expected=f"{MOST_READ_BYTES:,} bytes")
    return np.asarray(file[table.name][rows])


def texts(file: Any, table: Table, rows: slice) -> list[str]:
    """Rows of a dataset of texts, (n,)."""
    held = file[table.name].asstr(errors="replace")[rows]
    return [str(text)[:MOST_TEXT] for text in np.ravel(held)]


def said(attributes: Any, name: str) -> Any:
    """An attribute that is a text or a number; None where there is none."""
    if name not in attributes:
        return None
    value = attributes[name]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.item() if isinstance(value, np.generic) else value


class Frames(Stored):
    """Pictures in a dataset (moments, height, width, 3), or with the colours before height, read when they are asked for."""

    dtype = np.dtype(np.uint8)

    def __init__(self, path: Path, table: Table, first: int, count: int) -> None:
        self.path, self.table, self.first = path, table, first
        self.colors_first = table.shape[-1] != 3
        height, width = table.shape[2:] if self.colors_first else table.shape[1:3]
        self.shape = (count, height, width, 3)

    def take(self, index: Index) -> NDArray[np.uint8]:
        wanted, places = np.unique(index + self.first, return_inverse=True)  # HDF5 reads in rising order, each row once
        with opened(self.path) as file:
            dataset = file[self.table.name]
            run = wanted.size and wanted[-1] - wanted[0] + 1 == wanted.size
            got = (
                dataset[int(wanted[0]) : int(wanted[-1]) + 1] if run else dataset[wanted] if wanted.size else np.zeros((0, *self.shape[1:]))
            )
        out = np.asarray(got, dtype=np.uint8)
        if self.colors_first and wanted.size:
            out = np.moveaxis(out, 1, -1)
        return np.ascontiguousarray(out[places])


def is_pictures(table: Table) -> bool:
    """Whether a dataset is rgb: uint8 (moments, height, width, 3) or (moments, 3, height, width)."""
    return table.dtype == np.uint8 and len(table.shape) == 4 and 3 in (table.shape[-1], table.shape[1]) and min(table.shape[1:]) > 0


def below(found: Mapping[str, Table], prefix: str) -> dict[str, Table]:
    """The datasets under a path, by what follows it."""
    return {name.removeprefix(prefix): table for name, table in found.items() if name.startswith(prefix)}
