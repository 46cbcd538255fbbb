"""Pictures as they were taken, JPEG or PNG, one for each moment, decoded when they are asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, ShapeError, UnreadableFile
from lifeworld.core.signal import Index, Stored

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
MOST_PIXELS = 64_000_000
"""Of a picture or a frame: 8K has half of that."""


class Stills(Stored):
    """rgb of encoded pictures, (n, height, width, 3) uint8; `encoded` holds them as they were taken.

    The sizes are those of the first; a later one of another size is an error when it is read.

    Raises:
        UnreadableFile: if there is no picture, or one is not a JPEG, PNG, WebP or BMP.
        FileTooLarge: if one has more than MOST_PIXELS.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, encoded: Sequence[bytes], *, where: str) -> None:
        self.encoded, self.where = tuple(encoded), where
        if not self.encoded:
            raise UnreadableFile("there are no pictures", where=where)
        height, width = still_size(self.encoded[0], where=where)
        self.shape = (len(self.encoded), height, width, 3)

    def take(self, index: Index) -> NDArray[np.uint8]:
        out = np.empty((len(index), *self.shape[1:]), dtype=np.uint8)
        for place, moment in enumerate(index.tolist()):
            picture = decode_still(self.encoded[moment], where=f"{self.where}, picture {moment}")
            if picture.shape != out.shape[1:]:
                raise ShapeError(
                    "the pictures of a camera differ in size",
                    where=f"{self.where}, picture {moment}",
                    got=picture.shape[:2],
                    expected=self.shape[1:3],
                )
            out[place] = picture
        return out


def still_size(encoded: bytes, *, where: str) -> tuple[int, int]:
    """(height, width) of an encoded picture, without decoding it."""
    image = _opened(encoded, where)
    return image.height, image.width


def still_kind(encoded: bytes, *, where: str) -> tuple[str, str]:
    """Format and mode of an encoded picture as Pillow calls them, ("JPEG", "RGB"), without decoding it."""
    image = _opened(encoded, where)
    return str(image.format), str(image.mode)


def decode_still(encoded: bytes, *, where: str) -> NDArray[np.uint8]:
    """An encoded picture as sRGB (height, width, 3)."""
    image = _opened(encoded, where)
    try:
        return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableFile("a picture is broken", where=where, got=str(error)) from error


def decode_grey16(encoded: bytes, *, where: str) -> NDArray[np.uint16]:
    """A PNG of one channel of 16 bits as uint16 (height, width)."""
    image = _opened(encoded, where)
    if image.mode not in ("I;16", "I;16B", "I", "L"):
        raise UnreadableFile("this is not a picture of one channel", where=where, got=image.mode, expected="16 bits grey")
    try:
        return np.asarray(image).astype(np.uint16)
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableFile("a picture is broken", where=where, got=str(error)) from error


def _opened(encoded: bytes, where: str) -> Any:
    from PIL import Image

    bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        image = Image.open(io.BytesIO(encoded), formats=FORMATS)
    except bomb as error:
        raise FileTooLarge("a picture is too large", where=where, got=str(error), expected=f"at most {MOST_PIXELS:,} pixels") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableFile("this is not a picture", where=where, got=str(error), expected=" or ".join(FORMATS)) from error
    if image.width * image.height > MOST_PIXELS:
        raise FileTooLarge(
            "a picture is too large", where=where, got=f"{image.width} x {image.height}", expected=f"at most {MOST_PIXELS:,} pixels"
        )
    return image
