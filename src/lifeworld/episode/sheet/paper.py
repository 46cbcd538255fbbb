"""The paper that sheets are printed on: its measures, one scale of type, and the keys that say what colours mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lifeworld.episode.sheet.colors import flow_colors, normal_colors, through

MARGIN, GUTTER, HEAD, SECTION = 32, 20, 74, 30
TITLE, NAME, SMALL = 24, 14, 12
SPACE = 0.3
"""Between two words, of the size of the type: the font's own, rounded to whole pixels, is too narrow in small sizes."""
CAPTION, KEY = 20, 30
PAPER, INK, SOFT, RULE = (247, 245, 240), (38, 36, 33), (122, 116, 107), (214, 209, 199)
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A table of colours from `low` to `high`, in words."""

    table: NDArray[np.int_]
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """The wheel of flow: hue is the direction in the picture, fullness the length."""

    note: str


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball in the colours of normals."""

    note: str


@dataclass(frozen=True, slots=True)
class Chips:
    """A few colours and what each stands for."""

    chips: tuple[tuple[Color, str], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """No colours to explain."""

    note: str


Key = Bar | Wheel | Ball | Chips | Words


@lru_cache(maxsize=8)
def font(size: int) -> Any:
    return ImageFont.load_default(size)


_SAID = {"²": "2", "³": "3", "−": "-", "–": "-", "—": "-", "→": "to", "×": "x", "µ": "u", "’": "'"}


def plain(text: str) -> str:
    """The text in the letters that the font has: Latin without accents. What cannot be written so is left out."""
    known = "".join(_SAID.get(c, c) for c in text)
    return "".join(c for c in unicodedata.normalize("NFKD", known) if c.isascii() or c in "·°…±").strip()


def width(text: str, size: int) -> float:
    words = text.split(" ")
    return sum(float(font(size).getlength(word)) for word in words) + SPACE * size * (len(words) - 1)


def lettered(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, color: Color) -> None:
    """Draw a text with its left end and its middle line at a point, word by word."""
    x = at[0]
    for word in text.split(" "):
        draw.text((x, at[1]), word, fill=color, font=font(size), anchor="lm")
        x += float(font(size).getlength(word)) + SPACE * size


def fitted(text: str, size: int, room_px: float) -> str:
    """The text, cut with … if it is longer than the room."""
    text = plain(text)
    if width(text, size) <= room_px:
        return text
    while text and width(text + "…", size) > room_px:
        text = text[:-1]
    return text.rstrip(" _·") + "…" if text else ""


def write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, *, color: Color = INK, room_px: float = 1e9) -> float:
    """Write a line with its left end and its middle line at a point; where it ends."""
    text = fitted(text, size, room_px)
    lettered(draw, at, text, size, color)
    return at[0] + width(text, size)


def sheet_of_paper(wide: int, high: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", (wide, high), PAPER)
    return page, ImageDraw.Draw(page)


def caption(draw: ImageDraw.ImageDraw, left: float, top: float, name: str, note: str, room_px: float) -> None:
    """A picture's name, and beside it in soft ink what unit it is in, if there is room."""
    end = write(draw, (left, top + CAPTION / 2 - 2), name, NAME, room_px=room_px)
    if note and end + 8 + 30 < left + room_px:
        write(draw, (end + 8, top + CAPTION / 2 - 1), note, SMALL, color=SOFT, room_px=left + room_px - end - 8)


def key(page: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int, entry: Key, room_px: int) -> None:
    """What the colours of a picture mean, in a line KEY high under it."""
    middle = top + KEY // 2 - 2
    match entry:
        case Bar(table, low, high):
            low_px, high_px = width(plain(low), SMALL), width(plain(high), SMALL)
            bar = int(min(max(room_px - low_px - high_px - 16, 24), 120))
            x = write(draw, (left, middle), low, SMALL, color=SOFT) + 8
            strip = np.broadcast_to(through(table, np.linspace(0, 1, bar)), (8, bar, 3))
            page.paste(Image.fromarray(np.ascontiguousarray(strip)), (int(x), middle - 4))
            write(draw, (x + bar + 8, middle), high, SMALL, color=SOFT)
        case Wheel(note) | Ball(note):
            side = 24 if room_px > 150 else 16
            disk = _disk(entry, side)
            page.paste(disk, (left, middle - side // 2), disk)
            write(draw, (left + side + 8, middle), note, SMALL, color=SOFT, room_px=room_px - side - 8)
        case Chips(chips):
            x = float(left)
            for color, word in chips:
                chip(draw, x, middle, color)
                x = write(draw, (x + 14, middle), word, SMALL, color=SOFT, room_px=max(left + room_px - x - 14, 0)) + 12
        case Words(note):
            write(draw, (left, middle), note, SMALL, color=SOFT, room_px=room_px)


def chip(draw: ImageDraw.ImageDraw, x: float, middle: float, color: Color) -> None:
    draw.rectangle((x, middle - 4, x + 8, middle + 4), fill=color)


@lru_cache(maxsize=8)
def _disk(entry: Wheel | Ball, side: int) -> Image.Image:
    """The wheel, or the ball, four times as fine and then made smaller, round by its alpha."""
    fine = 4 * side
    y, x = (np.mgrid[:fine, :fine] + 0.5) / fine * 2 - 1
    inside = np.hypot(x, y) <= 1
    if isinstance(entry, Wheel):
        colors = flow_colors(np.stack([x, y], axis=-1).astype(np.float32), 1.0)
    else:
        z = -np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
        colors = normal_colors(np.stack([x, y, z], axis=-1).astype(np.float32))
    rgba = np.concatenate([colors, (255 * inside).astype(np.uint8)[..., None]], axis=-1)
    return Image.fromarray(rgba).resize((side, side), Image.Resampling.LANCZOS)


@dataclass(frozen=True, slots=True)
class Label:
    """The name of something that fills `box` (left, top, right, bottom) of a picture, wanted at its middle `at` (None: not on it)."""

    at: tuple[float, float] | None
    box: tuple[float, float, float, float]
    text: str
    color: Color


def labels(picture: Image.Image, wanted: Sequence[Label], *, most_px: float = 110) -> None:
    """Write the words, in order of their importance, none over another; one that finds no room near its thing is left out.

    A word stands on its thing where that is much larger than the word; else above, below or beside it.
    """
    draw, taken = ImageDraw.Draw(picture), list[tuple[float, float, float, float]]()
    for label in wanted:
        text = fitted(label.text, SMALL, min(most_px, picture.width - 8))
        wide, high = width(text, SMALL) + 8, SMALL + 4.0
        for x, y in _places(label, wide, high):
            x, y = min(max(x, 1), picture.width - wide - 1), min(max(y, 1), picture.height - high - 1)
            box = (x, y, x + wide, y + high)
            if all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in taken):
                draw.rectangle(box, fill=PAPER)
                draw.rectangle((x, y, x + 2, y + high), fill=label.color)
                lettered(draw, (x + 5, y + high / 2), text, SMALL, INK)
                taken.append(box)
                break


def _places(label: Label, wide: float, high: float) -> list[tuple[float, float]]:
    """Where the upper left corner of a word may lie, the best first."""
    left, top, right, bottom = label.box
    across, down = (left + right - wide) / 2, (top + bottom - high) / 2
    beside = [(across, top - high - 1), (across, bottom + 1), (right + 2, down), (left - wide - 2, down)]
    if label.at is None:
        return beside
    on = (label.at[0] - wide / 2, label.at[1] - high / 2)
    large = (right - left) * (bottom - top) > 6 * wide * high and right - left > wide
    return [on, *beside] if large else [*beside, on]
