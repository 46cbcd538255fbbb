"""Pictures from strangers: measured by their headers before anything is decoded, then written again by us as PNG."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.scene.formats.limits import Limits

_PNG = b"\x89PNG\r\n\x1a\n"
_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})  # JPEG start-of-frame markers


def picture_size(data: bytes, *, where: str) -> tuple[int, int]:
    """Width and height [px] by the header of a PNG or JPEG.

    Raises:
        UnreadableFile: if it is neither, or is cut short.
    """
    if data.startswith(_PNG):
        if len(data) < 33 or data[12:16] != b"IHDR":
            raise UnreadableFile("a PNG without a header", where=where)
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data, where)
    raise UnreadableFile("a picture that is neither PNG nor JPEG", where=where, fix="Convert it to PNG.")


def check_picture(data: bytes, limits: Limits, *, where: str) -> tuple[int, int]:
    """Width and height [px], if they are within the limits.

    Raises:
        FileTooLarge: if a side has more than `limits.texture_px` pixels.
    """
    width, height = picture_size(data, where=where)
    if width > limits.texture_px or height > limits.texture_px:
        expected = f"at most {limits.texture_px} × {limits.texture_px}"
        raise FileTooLarge("the picture is too large", where=where, got=f"{width} × {height} pixels", expected=expected)
    if not width or not height:
        raise UnreadableFile("a picture without pixels", where=where)
    return width, height


def as_png(data: bytes, limits: Limits, *, where: str, gray: bool = False, most_px: int | None = None) -> bytes:
    """The picture as an 8-bit PNG of our own: gray, RGB, or RGBA where the source has alpha; `most_px` shrinks a longer side.

    Raises:
        FileTooLarge, UnreadableFile: as `check_picture`, and if the pixels cannot be decoded.
    """
    check_picture(data, limits, where=where)
    from PIL import Image

    most = Image.MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = limits.texture_px**2  # of the whole process: put back below
            opened = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
            opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableFile(f"the picture cannot be decoded: {str(error)[:200]}", where=where) from error
    finally:
        Image.MAX_IMAGE_PIXELS = most
    image: Image.Image = opened
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits: keep the upper byte (Pillow's own conversion would clip)
        image = Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    if gray:
        image = image.convert("L")
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        if np.asarray(image)[..., 3].min() == 255:  # alpha that says nothing
            image = image.convert("RGB")
    elif image.mode != "L":
        image = image.convert("RGB")
    if most_px is not None and max(image.size) > most_px:
        image.thumbnail((most_px, most_px), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    Image.frombytes(image.mode, image.size, image.tobytes()).save(out, "PNG", optimize=False)  # pixels only: no text, no profile
    return out.getvalue()


def _jpeg_size(data: bytes, where: str) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if marker == 0xD9 or marker == 0xDA:
            break
        at += 2 if marker == 0x01 or 0xD0 <= marker <= 0xD8 else 2 + struct.unpack_from(">H", data, at + 2)[0]
    raise UnreadableFile("a JPEG without a size", where=where)
