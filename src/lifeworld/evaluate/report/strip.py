"""Pictures as PNG: those of a row side by side, rows below each other."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.evaluate.section import Strip

GAP = 2
"""Pixels between two pictures."""


def png(strip: Strip) -> bytes:
    """The whole strip, see-through between its pictures.

    Raises:
        ShapeError: if its words do not name its rows and columns.
    """
    check(strip)
    rows, _, height, _, _ = strip.pictures.shape
    one = row_of(strip, 0)
    sheet = np.zeros((rows * (height + GAP) - GAP, one.shape[1], 4), np.uint8)
    for row in range(rows):
        top = row * (height + GAP)
        sheet[top : top + height] = row_of(strip, row)
    return encoded(sheet)


def row_of(strip: Strip, row: int) -> NDArray[np.uint8]:
    """The pictures of a row side by side (H, columns · (W + GAP) - GAP, 4), see-through between them."""
    columns, height, width, _ = strip.pictures[row].shape
    found = np.zeros((height, columns * (width + GAP) - GAP, 4), np.uint8)
    for column, picture in enumerate(strip.pictures[row]):
        left = column * (width + GAP)
        found[:, left : left + width, :3], found[:, left : left + width, 3] = picture, 255
    return found


def check(strip: Strip) -> None:
    """Whether its words name its rows and columns.

    Raises:
        ShapeError: if they do not.
    """
    shape, named = strip.pictures.shape, (len(strip.rows), len(strip.columns))
    if strip.pictures.dtype != np.uint8 or len(shape) != 5 or shape[-1] != 3 or shape[:2] != named or 0 in shape:
        expected = f"uint8 {named} pictures, (height, width, 3) each"
        raise ShapeError(
            "a strip has a word for each row and column", where=strip.caption, got=f"{strip.pictures.dtype} {shape}", expected=expected
        )


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (H, W, 3 or 4) as a PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG", optimize=True)
    return out.getvalue()
