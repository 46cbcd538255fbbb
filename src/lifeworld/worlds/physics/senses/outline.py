"""How much of each thing is seen, and the boxes around it in the picture, counted from ids and amodal masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.senses.look import Look

Bits = NDArray[np.uint8]
_BITS_OF = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)
"""The bits (256, 8) of each byte, the least first."""


def instance_ids(look: Look, camera: str) -> NDArray[np.int32]:
    """Which instance each pixel shows (height, width)."""
    return look.once(("instance_ids", camera), lambda: look.compiled.surfaces.instance[look.now.hits(camera).surface])


def amodal_bits(look: Look, camera: str) -> Bits:
    """(height, width, ⌈instances / 8⌉): bit i % 8 of byte i // 8 is set where instance i + 1 would be seen if it stood alone."""
    return look.once(("amodal", camera), lambda: look.painter.amodal(look.data, look.camera(camera)))


def visible_fraction(look: Look, camera: str) -> NDArray[np.float64]:
    """(things,): pixels seen over pixels of the whole outline within the picture; NaN for a thing outside it."""
    things = len(look.compiled.bounds)
    seen = np.bincount(instance_ids(look, camera).ravel(), minlength=things + 1)[1 : things + 1]
    whole = np.array([np.bincount(plane.ravel(), minlength=256) @ _BITS_OF for plane in _planes(look, camera)], dtype=np.int64)
    whole = whole.ravel()[:things]
    return np.asarray(np.divide(seen, whole, out=np.full(things, np.nan), where=whole > 0))


def box_2d_px(look: Look, camera: str) -> NDArray[np.float32]:
    """The box (things, 4) around what is seen of each thing: left, top, right, bottom edge [px]; NaN for a thing not seen."""
    things, ids = len(look.compiled.bounds), instance_ids(look, camera).astype(np.int64)
    height, width = ids.shape
    most = int(look.compiled.surfaces.instance.max()) + 1
    rows, columns = np.zeros(height * most, np.bool_), np.zeros(width * most, np.bool_)
    rows[(ids + most * np.arange(height)[:, None]).ravel()] = True
    columns[(ids + most * np.arange(width)).ravel()] = True
    return _boxes(*(taken.reshape(-1, most)[:, 1 : things + 1] for taken in (rows, columns)))


def box_2d_amodal_px(look: Look, camera: str) -> NDArray[np.float32]:
    """The box (things, 4) around the whole outline of each thing within the picture; NaN for a thing outside it."""
    things, planes = len(look.compiled.bounds), _planes(look, camera)
    taken = (np.bitwise_or.reduce(planes, axis=axis).T for axis in (2, 1))
    return _boxes(*(np.unpackbits(bits, axis=1, bitorder="little")[:, :things].astype(np.bool_) for bits in taken))


def _planes(look: Look, camera: str) -> Bits:
    """The amodal masks' bytes one by one: (bytes, height, width)."""

    def make() -> Bits:
        planes = amodal_bits(look, camera).transpose(2, 0, 1)
        out = np.empty(planes.shape, np.uint8)
        out[:] = planes
        return out

    return look.once(("amodal planes", camera), make)


def _boxes(rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Boxes (things, 4) of which rows (height, things) and columns (width, things) each takes."""
    out = np.empty((rows.shape[1], 4), np.float32)
    for side, taken in enumerate((columns, rows)):
        out[:, side] = taken.argmax(axis=0)
        out[:, side + 2] = len(taken) - taken[::-1].argmax(axis=0)
    out[~rows.any(axis=0)] = np.nan
    return out
