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
    rows, columns, height, width, _ = strip.pictures.shape
    sheet = np.zeros((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for row in range(rows):
        for column in range(columns):
            top, left = row * (height + GAP), column * (width + GAP)
            sheet[top : top + height, left : left + width, :3] = strip.pictures[row, column]
            sheet[top : top + height, left : left + width, 3] = 255
    return encoded(sheet)


def row_of(strip: Strip, row: int) -> NDArray[np.uint8]:
    """The pictures of a row side by side (H, columns · W, 3)."""
    return np.concatenate(list(strip.pictures[row]), axis=1)


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
