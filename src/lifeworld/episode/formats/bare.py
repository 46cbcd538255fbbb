"""A picture's bytes without what tells of people, places and devices: EXIF, XMP, IPTC, comments, thumbnails, what hangs on behind.

The pixels are not decoded; their bytes stay as they are, and so does what says how to show them: colour profile, and which way is up.

Source: ITU-T T.81, annex B (JPEG markers); CIPA DC-008 (EXIF in APP1); W3C PNG (third edition), 4.8 and 5.6 (chunks).
"""

from __future__ import annotations

import re
import struct

from lifeworld.core.errors import UnreadableFile

_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""In coded pixels 0xFF is followed by 0 or a restart: anything else is the next marker."""
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_KEPT_APPS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_PNG = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP")


def bare(picture: bytes, *, where: str, turned: int = 1) -> bytes:
    """A JPEG or PNG without metadata; `turned` is the EXIF orientation that a JPEG keeps.

    Raises:
        UnreadableFile: if it is neither, or its parts do not join.
    """
    if picture.startswith(_PNG):
        return _png(picture, where)
    if picture.startswith(b"\xff\xd8"):
        return _jpeg(picture, turned, where)
    raise UnreadableFile("this is no JPEG or PNG", where=where, got=picture[:8])


def _jpeg(picture: bytes, turned: int, where: str) -> bytes:
    kept = [picture[:2], _orientation(turned) if turned != 1 else b""]
    at = 2
    while at + 4 <= len(picture) and picture[at + 1] != _EOI:
        marker = picture[at + 1]
        if marker == 0xFF and picture[at] == 0xFF:  # filling
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", picture, at + 2)[0]
        if picture[at] != 0xFF or marker < 0xC0 or 0xD0 <= marker <= _SOI or not at + 4 <= end <= len(picture):
            raise UnreadableFile("the parts of a JPEG do not join", where=where, got=f"{picture[at : at + 4].hex(' ')} at byte {at}")
        if marker == _SOS:
            found = _AFTER_SCAN.search(picture, end)
            end = found.start() if found else len(picture.rstrip(b"\xff"))
        is_app = 0xE0 <= marker <= 0xEF
        if not (marker == _COM or (is_app and not picture.startswith(_KEPT_APPS.get(marker, b"-"), at + 4))):
            kept.append(picture[at:end])
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def _orientation(turned: int) -> bytes:
    """An EXIF segment that says which way is up and nothing else."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, turned, 0, 0)
    return struct.pack(">HH6s", 0xFFE1, 2 + 6 + len(tiff), b"Exif\0\0") + tiff


def _png(picture: bytes, where: str) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + length
        if end > len(picture):
            raise UnreadableFile("the parts of a PNG do not join", where=where, got=f"{length:,} bytes of {kind!r} at byte {at}")
        if kind in _KEPT_CHUNKS:
            kept.append(picture[at:end])
        at = end
        if kind == b"IEND":
            break
    return b"".join(kept)
