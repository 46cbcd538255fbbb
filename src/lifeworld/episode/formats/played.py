"""Frames of a video in the order a player shows them, for files whose packets do not say when which frame is shown.

AVI keeps no times of frames that were encoded out of order, and some encoders write packets that show nothing. Frames can then be found
only by playing the file from its start: reading them in their order, as sealing does, plays it once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.signal import Index, Stored
from lifeworld.episode.codec.decoder import CONVERSION
from lifeworld.episode.codec.packets import OPTIONS, source


class Played(Stored):
    """The frames (count, height, width, 3) uint8 of a file, in the order they are shown; `height` and `width` as shown."""

    def __init__(self, file: Path, *, count: int, height: int, width: int) -> None:
        self.file, self.shape, self.dtype = file, (count, height, width, 3), np.dtype(np.uint8)
        self._lock = threading.Lock()
        self._frames: Iterator[NDArray[np.uint8]] = iter(())
        self._at, self._last = count, np.empty(0, dtype=np.uint8)
        """The frame that was shown last, and its number; as if at the end: what is asked for first begins anew."""

    def take(self, index: Index) -> NDArray[np.uint8]:
        import av

        out = np.empty((len(index), *self.shape[1:]), dtype=np.uint8)
        with self._lock:
            for place in np.argsort(index, kind="stable").tolist():
                wanted = int(index[place])
                if wanted < self._at:
                    self._at, self._frames = -1, self._pictures()
                try:
                    while self._at < wanted:
                        self._last = next(self._frames)
                        self._at += 1
                except (av.error.FFmpegError, OSError, EOFError, StopIteration) as error:
                    number, self._at = self._at + 1, self.shape[0]
                    raise UnreadableFile(f"frame {number} cannot be decoded", where=self.file.name, got=str(error)) from error
                out[place] = self._last
        return out

    def _pictures(self) -> Iterator[NDArray[np.uint8]]:
        import av

        with av.open(source(self.file), metadata_errors="replace", options=dict(OPTIONS)) as container:
            shaper = av.video.reformatter.VideoReformatter()
            reader: Any = container
            for frame in reader.decode(video=0):
                picture: Any = shaper.reformat(frame, format="rgb24", interpolation=CONVERSION).to_ndarray()
                turned = np.rot90(picture, frame.rotation // 90 % 4)
                if turned.shape != self.shape[1:]:
                    raise UnreadableFile("a frame has another size", where=self.file.name, got=turned.shape, expected=self.shape[1:])
                yield turned
