"""Streams of pictures brought to one size: colours by area, everything else by the sample nearest to each pixel's centre."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.signal import Signal
from lifeworld.episode.codec.decoder import RESIZING

Size = tuple[int, int]


def resizes(signal: Signal, size: Size | None) -> Size | None:
    """The (height, width) a stream is brought to; None if it is no picture, or no size was asked for.

    Raises:
        InputError: if its values count pixels, and would be wrong in a picture of another size.
    """
    if size is not None and "px" in signal.unit:
        raise InputError(f"{signal.name!r} counts pixels of pictures as they are", fix="Leave it out, or ask for no size.")
    return size if signal.shape[:2] == ("height", "width") else None


def resized(pictures: NDArray[Any], size: Size) -> NDArray[Any]:
    """Pictures (n, height, width, ...) in another size; colours are uint8 (n, height, width, 3)."""
    if pictures.shape[1:3] == size:
        return pictures
    if pictures.dtype != np.uint8 or pictures.shape[3:] != (3,):
        rows, columns = (((np.arange(n) + 0.5) * old / n).astype(np.int64) for n, old in zip(size, pictures.shape[1:3], strict=True))
        return pictures[:, rows[:, None], columns]
    import av

    shaper = av.video.reformatter.VideoReformatter()
    out = np.empty((len(pictures), *size, 3), dtype=np.uint8)
    for i, picture in enumerate(pictures):
        frame: Any = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = shaper.reformat(frame, height=size[0], width=size[1], interpolation=RESIZING, threads=1)
        lines = np.frombuffer(frame.planes[0], dtype=np.uint8).reshape(size[0], -1)
        out[i] = lines[:, : size[1] * 3].reshape(*size, 3)
    return out
