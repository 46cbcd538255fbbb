"""An episode as a film: its cameras side by side on paper, with their names, the title, the time, and always where it comes from.

    for film in frames(episode, fps=Fraction(25)):    # (height, width, 3) uint8, all of one size
        ...

The word measured, simulated, dreamed, edited or mixed is part of the picture, so that it stays with it wherever it is copied to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.core.signal import Stream
from lifeworld.core.time import NS_PER_S, align
from lifeworld.episode.entry import PICTURES
from lifeworld.episode.episode import Episode
from lifeworld.episode.sheet.paper import INK, NAME, SMALL, SOFT, plain, sheet_of_paper, width, write

MARGIN, GAP, NAMES, FOOT = 20, 12, 22, 40
ABREAST = 3
"""So many cameras stand in one row; more in a square."""
LEAST, LEAST_ALONE = 240, 400
"""How high a small picture is made [px]."""
LARGEST_FPS = Fraction(60)
AHEAD = 32
"""Frames read at a time."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A camera's picture on the page: its stream, and where it lies [px]."""

    name: str
    stream: Stream
    left: int
    top: int
    wide: int
    high: int


@dataclass(frozen=True, slots=True)
class Page:
    """All that stays as it is from frame to frame."""

    tiles: tuple[Tile, ...]
    blank: Image.Image
    origin: str


def cameras(episode: Episode, wanted: Sequence[str] | None = None) -> list[Stream]:
    """The streams of pictures, of the cameras asked for in that order, or of all: rgb where there is, else what is like it.

    Raises:
        UnknownName: if a camera has no pictures.
        InputError: if there are none at all.
    """
    found: dict[str, Stream] = {}
    for signal in PICTURES:
        for stream in episode.streams.values():
            if stream.signal.name == signal and len(stream):
                found.setdefault(stream.source, stream)
    if not found:
        raise InputError("there are no pictures in this episode", got=", ".join(episode.streams), fix="Export it as mcap instead.")
    for name in wanted or ():
        if name not in found:
            raise UnknownName("camera with pictures", name, found)
    return [found[name] for name in wanted] if wanted else list(found.values())


def usual_fps(streams: Sequence[Stream]) -> Fraction:
    """The rate of the fastest camera, a whole number where it is nearly one, at most LARGEST_FPS; 25 where none has two pictures."""
    steps = [float(np.median(np.diff(stream.times_ns))) for stream in streams if len(stream) > 1]
    if not steps:
        return Fraction(25)
    rate = NS_PER_S / min(steps)
    exact = Fraction(round(rate)) if abs(rate - round(rate)) < 1e-3 * rate else Fraction(rate).limit_denominator(1001)
    return max(min(exact, LARGEST_FPS), Fraction(1))


def paged(episode: Episode, streams: Sequence[Stream], *, across: int = 1920) -> Page:
    """Where everything lies: pictures of one height, that of the largest within bounds, the page at most `across` px wide."""
    shapes = [stream.values.shape[1:3] for stream in streams]
    abreast = len(streams) if len(streams) <= ABREAST else math.ceil(math.sqrt(len(streams)))
    rows = [range(i, min(i + abreast, len(streams))) for i in range(0, len(streams), abreast)]
    tall = min(max(LEAST if len(streams) > 1 else LEAST_ALONE, *(height for height, _ in shapes)), 720)
    wides = [sum(tall * shapes[i][1] / shapes[i][0] for i in row) for row in rows]
    room = across - 2 * MARGIN - GAP * (max(map(len, rows)) - 1)
    tall = max(int(tall * min(1.0, room / max(wides))), 16)
    sizes = [(max(round(tall * w / h), 16), tall) for h, w in shapes]
    page_wide = 2 * MARGIN + max(sum(sizes[i][0] for i in row) + GAP * (len(row) - 1) for row in rows)
    page_high = MARGIN + len(rows) * (tall + NAMES) + FOOT
    blank, draw = sheet_of_paper(page_wide + page_wide % 2, page_high + page_high % 2)
    tiles, top = [], MARGIN
    for row in rows:
        left = (page_wide - sum(sizes[i][0] for i in row) - GAP * (len(row) - 1)) // 2
        for i in row:
            wide, _ = sizes[i]
            name = plain(streams[i].source)
            tiles.append(Tile(name, streams[i], left, top, wide, tall))
            write(draw, (left, top + tall + NAMES / 2), name, SMALL, color=SOFT, room_px=wide)
            left += wide + GAP
        top += tall + NAMES
    origin = episode.origin.value
    room_px = page_wide - 2 * MARGIN - width(origin, NAME) - width("0000.00 s", NAME) - 4 * GAP
    write(draw, (MARGIN, page_high - FOOT / 2), plain(episode.title) or "episode", NAME, color=INK, room_px=max(room_px, 0))
    return Page(tuple(tiles), blank, origin)


def frames(episode: Episode, page: Page, fps: Fraction) -> Iterator[NDArray[np.uint8]]:
    """The film, a frame each 1 / `fps` s from the episode's first picture to its last; a camera shows its newest picture."""
    times = times_ns(page, fps)
    readers = [_newest(tile, times) for tile in page.tiles]
    for time_ns in times.tolist():
        image = page.blank.copy()
        draw = ImageDraw.Draw(image)
        for tile, reader in zip(page.tiles, readers, strict=True):
            picture = next(reader)
            if picture is not None:
                image.paste(picture, (tile.left, tile.top))
        _foot(draw, image.size, page.origin, time_ns)
        yield np.asarray(image)


def times_ns(page: Page, fps: Fraction) -> NDArray[np.int64]:
    """When each frame of the film is [ns from the episode's start]."""
    first = min(int(tile.stream.times_ns[0]) for tile in page.tiles)
    last = max(int(tile.stream.times_ns[-1]) for tile in page.tiles)
    count = int((last - first) * fps / NS_PER_S) + 1
    return np.array([first + round(k * NS_PER_S / fps) for k in range(count)], dtype=np.int64)


def _newest(tile: Tile, times: NDArray[np.int64]) -> Iterator[Image.Image | None]:
    """A camera's picture at each time, at its size on the page; None before its first. Each is read and made smaller once."""
    at = align(tile.stream.times_ns, times + 1_000, "hold")  # times are rounded: a microsecond is no frame
    shown, picture = -1, None
    held: dict[int, Any] = {}
    for place, (index, known) in enumerate(zip(at.before.tolist(), at.known.tolist(), strict=True)):
        if not known:
            yield None
            continue
        if index != shown:
            if index not in held:
                wanted = np.unique(at.before[place : place + AHEAD])
                held = dict(zip(wanted.tolist(), tile.stream.values[wanted], strict=True))
            smaller = tile.stream.values.shape[1] > tile.high
            how = Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC
            picture, shown = Image.fromarray(held[index]).resize((tile.wide, tile.high), how), index
        yield picture


def _foot(draw: ImageDraw.ImageDraw, size: tuple[int, int], origin: str, time_ns: int) -> None:
    middle = size[1] - FOOT / 2
    time = f"{time_ns * 1e-9:.2f} s"
    x = size[0] - MARGIN - width("0000.00 s", NAME)
    write(draw, (size[0] - MARGIN - width(time, NAME), middle), time, NAME, color=SOFT)
    write(draw, (x - GAP - width(origin, NAME), middle), origin, NAME, color=SOFT)
