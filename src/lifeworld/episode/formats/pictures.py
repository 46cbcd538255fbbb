"""A folder of single pictures, JPEG or PNG, in the order of their names: one episode, `rgb@camera`, not encoded anew (reel.py).

When they were taken is said by `fps`, or by their names where those count since 1970 (1305031102.1753.png, 1403636579763555584.png), or by
EXIF to a part of a second. When files were last written says nothing, and is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.time import Clock, Times
from lifeworld.episode.episode import Episode
from lifeworld.episode.formats.clock import from_rate, parsed, told_unit
from lifeworld.episode.formats.reel import orientation, picture, reel
from lifeworld.episode.formats.report import Report
from lifeworld.episode.formats.source import Source, natural

SUFFIXES = (".jpg", ".jpeg", ".png")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_STAMP = re.compile(r"\d{10}(\.\d+)?|\d{13,19}")
_MIRRORED = (2, 4, 5, 7)


def read(path: Path, *, report: Report, fps: float | None = None) -> Iterator[Episode]:
    """The one episode of a folder of pictures; those that are broken are left out, and reported.

    Raises:
        UnreadableFile: if there are not two, they differ in size or kind, or nothing says when they were taken.
    """
    files = pictures_in(path)
    found: dict[Path, tuple[str, int, int, int]] = {}
    for file in files:
        try:
            codec, height, width = picture(file)
            turned = orientation(file)
            if turned in _MIRRORED or (codec == "png" and turned != 1):
                raise UnreadableFile("EXIF says it is mirrored, or turns a PNG, which no video can say", where=file.name, got=turned)
            found[file] = (codec, height, width, turned)
        except UnreadableFile as error:
            report.skip(file.name, str(error).removeprefix(f"{file.name}: "))
    if len(found) < 2:
        raise UnreadableFile("there are not two pictures in this folder", where=path.name, got=f"{len(files)}, {len(found)} of them whole")
    whole = list(found)
    codec, height, width, turned = found[whole[0]]
    for file, kind in found.items():
        if kind != found[whole[0]]:
            got, expected = (f"{c}, {w} x {h}, turned {t}" for c, h, w, t in (kind, found[whole[0]]))
            what = "the pictures of a recording are of one size and kind"
            raise UnreadableFile(what, where=file.name, got=got, expected=f"{expected}, as {whole[0].name}")
    times = _times(whole, fps, path, report)
    order = np.argsort(times, kind="stable")
    if np.any(np.diff(times[order]) <= 0):
        raise UnreadableFile("two pictures were taken at one time", where=path.name, fix="Give the rate: --fps 30.")
    encoded = (whole[i].read_bytes() for i in order)
    video = reel(encoded, times[order], codec=codec, height=height, width=width, where=path.name, turned=turned)
    clock = Clock(source="camera", uncertainty_ns=None)
    stream = Stream(SIGNALS["rgb"], times[order], video, origin=Origin.MEASURED, source="camera", clock=clock)
    provenance = Source.of(path).provenance("pictures")
    yield Episode(streams={}, provenance=provenance, title=path.resolve().name).with_stream(stream)


def pictures_in(path: Path) -> list[Path]:
    """The pictures in a folder, by suffix and first bytes, frame 9 before frame 10."""
    root = path.resolve()
    names = (p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    return sorted((p for p in names if p.is_file() and p.resolve().is_relative_to(root)), key=lambda p: natural(p.name))


def _times(files: Sequence[Path], fps: float | None, path: Path, report: Report) -> Times:
    if fps is not None:
        report.note(f"{path.name}: times made from a steady rate of {fps:g} Hz, in the order of the names")
        return from_rate(len(files), fps)
    stems = [file.stem for file in files]
    if all(_STAMP.fullmatch(stem) for stem in stems):
        unit, why = told_unit(np.array([float(stems[0])]))
        counted, _ = parsed(stems, unit)
        report.note(f"{path.name}: times from the names, {why}")
        return np.array([each - min(counted) for each in counted], dtype=np.int64)
    taken = [_taken(file) for file in files]
    if all(taken):
        report.note(f"{path.name}: times from EXIF, when each was taken")
        counted, _ = parsed([str(each) for each in taken], None)
        return np.array([each - min(counted) for each in counted], dtype=np.int64)
    raise UnreadableFile(
        "nothing says when the pictures were taken", where=path.name, got=f"{files[0].name} … {files[-1].name}",
        expected="names that count since 1970, or EXIF with parts of a second", fix="Give the rate: --fps 30.",
    )  # fmt: skip


def _taken(file: Path) -> str:
    """When a picture was taken, in ISO 8601 with a part of a second; empty if it does not say so."""
    from PIL import Image

    try:
        with Image.open(file, formats=("JPEG", "PNG")) as image:
            said = image.getexif().get_ifd(0x8769)
        date, part, zone = (str(said.get(tag, "")).strip("\0 ") for tag in (0x9003, 0x9291, 0x9011))
        if not part.isdecimal():
            return ""
        return datetime.strptime(date, "%Y:%m:%d %H:%M:%S").isoformat() + f".{part}" + zone
    except (OSError, ValueError, SyntaxError, InputError):
        return ""
