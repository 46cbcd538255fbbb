"""One stream to its files and back: which codec keeps which signal, and how its times are kept.

| codec | keeps | file |
|---|---|---|
| `video` | pictures, two or more of at least 16 pixels a side; lossy | `.mp4` |
| `flac`, `wav` | sound: 24 bits where that loses nothing, else 32-bit floats | `.flac`, `.wav` |
| `zarr` | maps and long rows of numbers, 1 kB a moment and more | `.zarr/` |
| `table` | everything else: short vectors, words, rows of events | `.parquet` |
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.signal import Stored, Stream
from lifeworld.core.time import Times
from lifeworld.episode.codec.dense import Dense, write_dense
from lifeworld.episode.codec.sound import Sound, fits_flac, write_sound
from lifeworld.episode.codec.table import Table, read_times, write_table, write_times
from lifeworld.episode.codec.video import SMALLEST, Video, copy_video, write_video
from lifeworld.episode.head import file_of
from lifeworld.episode.manifest import LOSSLESS, Codec, Entry, Regular, kind_of, regular, signal_of, terms_of, ticks

PICTURES = ("rgb", "rgb_blurred", "rgb_noisy")
SMALLEST_DENSE_BYTES = 1_024
MOST_FRAMES_PER_S = 1_000
EVEN = 1e-3
"""Of clocks whose steps differ by less."""
NAME = re.compile(r"\w{1,64}(@\w[\w.-]{0,99})?")


class Opener(Protocol):
    """Where the files of a stream are, by their paths from the bundle's root."""

    def path(self, path: str) -> Path:
        """Where it lies on the disk."""

    def file(self, path: str) -> Path | bytes:
        """The same, or its plain bytes if it is encrypted."""


def write_stream(name: str, stream: Stream, root: Path, folder: str, *, exact: bool, lock: Callable[[str], None] | None) -> Entry:
    """Write a stream's files into `folder` (from the root, with /).

    `exact` keeps pictures without loss; `lock` encrypts a file in its place.

    Raises:
        InputError: if the name is not one of a file.
    """
    if not NAME.fullmatch(name):
        raise InputError(
            "a stream's name is also a file's", got=name, expected="SIGNAL or SIGNAL@SOURCE, the source of letters, digits, _ - ."
        )
    codec = codec_of(stream, exact=exact)
    sizes = sizes_of(stream)
    clock = regular(stream.times_ns)
    # Snapshots keep the names of files for ever, erased or not: of people's streams they do not tell whose.
    stem = f"{folder}/{f'{stream.signal.name}.{secrets.token_hex(6)}' if stream.terms.consents else name}"
    path = f"{stem}.{SUFFIX[codec]}"
    fps = None
    match codec:
        case "table":
            write_table(root / path, stream.signal, stream.times_ns, stream.values)
        case "zarr":
            write_dense(root / path, stream.values)
        case "flac" | "wav":
            write_sound(root / path, np.asarray(stream.values))
        case "video":
            fps = _write_pictures(root / path, stream, clock)
    times: Regular | str = clock or path
    written = [f"{path}/{f}" for f in ("zarr.json", *_shards(root / path))] if codec == "zarr" else [path]
    if clock is None and codec != "table":
        times = f"{stem}.times.parquet"
        write_times(root / times, stream.times_ns)
        written.append(times)
    if lock is not None:
        for each in written:
            if not each.endswith("zarr.json"):  # it says shapes only
                lock(each)
    return Entry(
        signal=kind_of(stream.signal),
        source=stream.source,
        origin=stream.origin,
        count=len(stream),
        sizes=sizes,
        times=times,
        span_ns=(int(stream.times_ns[0]), int(stream.times_ns[-1])) if len(stream) else (0, 0),
        codec=codec,
        lossless=LOSSLESS[codec] or isinstance(stream.values, Video),
        fps=None if fps is None else ratio(fps),
        file=path,
        files=tuple(file_of(root, each) for each in written),
        clock=stream.clock,
        license=stream.terms.license,
        consents=stream.terms.consents,
        provenance=stream.provenance,
    )


def read_stream(entry: Entry, files: Opener, *, where: str) -> Stream:
    """The stream of an entry; its times are read, its values are not.

    Raises:
        UnreadableFile: naming the file and what is wrong with it.
    """
    signal = signal_of(entry.signal, where=where)
    times = ticks(entry.times, entry.count) if isinstance(entry.times, Regular) else read_times(files.file(entry.times))
    values: Stored
    match entry.codec:
        case "table":
            values = Table(files.file(entry.file), signal, entry.sizes)
        case "zarr":
            [shard] = [each.path for each in entry.files if each.path.startswith(f"{entry.file}/c/")]
            held = files.file(shard)
            values = Dense(files.path(entry.file), shard=held if isinstance(held, bytes) else None)
        case "flac" | "wav":
            values = Sound(files.file(entry.file), count=entry.count, sizes=entry.sizes)
        case "video":
            height, width, _ = entry.sizes
            values = Video(files.file(entry.file), count=entry.count, height=height, width=width)
    try:
        return Stream(
            signal,
            times,
            values,
            origin=entry.origin,
            source=entry.source,
            terms=terms_of(entry),
            clock=entry.clock,
            provenance=entry.provenance,
        )
    except (InputError, ShapeError) as error:
        raise error.at(where) from None


SUFFIX: dict[Codec, str] = {"table": "parquet", "zarr": "zarr", "video": "mp4", "flac": "flac", "wav": "wav"}
"""What a codec's files end in."""


def codec_of(stream: Stream, *, exact: bool) -> Codec:
    """What keeps a stream."""
    signal, sizes = stream.signal, sizes_of(stream)
    if isinstance(stream.values, Video):
        return "video"
    if signal.ragged or signal.dtype.kind not in "biuf" or not len(stream):
        return "table"
    if signal.family == "hear":
        return "flac" if fits_flac(np.asarray(stream.values)) else "wav"
    if signal.name in PICTURES and not exact and len(stream) > 1 and min(sizes[:2]) >= SMALLEST:
        return "video"
    return "zarr" if math.prod(sizes) * signal.dtype.itemsize >= SMALLEST_DENSE_BYTES else "table"


def sizes_of(stream: Stream) -> tuple[int, ...]:
    """The shape of one value, without rows if they are ragged."""
    if not stream.signal.ragged or isinstance(stream.values, Stored):
        return tuple(int(n) for n in stream.values.shape[1:])
    return tuple(int(n) for n in stream.values[0].shape[1:]) if len(stream) else ()


def nominal_fps(times_ns: Times) -> Fraction:
    """The rate a clock is about: of the middle of its steps, eight at a time; 1 of a single moment.

    Whole, or a thousandth less as of television, where that is near: nearer for clocks that tick evenly than for those that do not.
    """
    if len(times_ns) < 2:
        return Fraction(1)
    some = min(8, len(times_ns) // 2)  # stamps in milliseconds alternate: 33, 33, 34
    step = float(np.median(times_ns[some:] - times_ns[:-some])) / some
    rate = min(1e9 / step, MOST_FRAMES_PER_S)
    even = float(np.median(np.abs(np.diff(times_ns) - step))) < EVEN * step
    whole, television = Fraction(round(rate)), Fraction(round(rate * 1.001) * 1000, 1001)  # 30, or 30000/1001
    for near, enough in ((whole, 2e-4), (television, 2e-4), (whole, 2e-4 if even else 0.02)):
        if near > 0 and abs(float(near) / rate - 1) < enough:
            return near
    return max(Fraction(rate).limit_denominator(1000), Fraction(1, 1000))


def ratio(fps: Fraction) -> str:
    """A rate as the manifest has it: "30000/1001"."""
    return f"{fps.numerator}/{fps.denominator}"


def _write_pictures(path: Path, stream: Stream, clock: Regular | None) -> Fraction | None:
    fps = nominal_fps(stream.times_ns)
    if not isinstance(stream.values, Video):
        write_video(path, stream.values, stream.times_ns, fps=fps)
        return fps
    copy_video(stream.values.file, path, fps=fps if clock else None)
    return fps if clock else None


def _shards(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != "zarr.json")
