"""Decoders that stay open: each at its place in a file, lent to one reader at a time, the longest unused closed first.

Opening a file and reading its index costs more than decoding a clip, so both are kept. A decoder whose place is a little before the frames
that are asked for goes on from there; otherwise it begins at the keyframe before them.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.signal.stored import Index
from lifeworld.episode.codec.packets import OPTIONS, Packets, named, opened, read_packets, source

NOWHERE = -2
MOST_OPEN = 32
"""Decoders kept open when nobody reads: each holds a file and some pictures."""
MOST_INDEXED = 4096
"""Indexes kept: 32 bytes a frame."""
EXACT = 0x40000 | 0x4000 | 0x2000
"""FFmpeg's accurate_rnd, full_chroma_inp and full_chroma_int: what it does of itself is faster and 1.1 levels too dark (docs/codecs.md)."""
CONVERSION, RESIZING = 4 | EXACT, 32 | EXACT
"""By cubics, and by area: of chroma each is the best in its direction, 2 dB over the usual straight lines."""

Plane = NDArray[np.uint8]
_Key = tuple[object, ...]
_lock = threading.Lock()
_idle: OrderedDict[int, tuple[_Key, Decoder]] = OrderedDict()
_indexes: OrderedDict[_Key, Packets] = OrderedDict()


class Decoder:
    """One open video file at one place. Not for two threads at once."""

    def __init__(self, file: Path | bytes, packets: Packets) -> None:
        import av

        self.file, self.packets = file, packets
        try:
            self.container: Any = av.open(source(file), metadata_errors="replace", options=dict(OPTIONS))
            self.track: Any = self.container.streams.video[0]
            self.track.codec_context.thread_count = 1  # one thread a decoder: readers bring their own
        except (av.error.FFmpegError, OSError, LookupError) as error:
            raise UnreadableFile("not a video that can be read", where=named(file), got=str(error)) from error
        self.shaper = av.video.reformatter.VideoReformatter()
        self.at = NOWHERE
        """The frame that was decoded last."""
        self.frames: Iterator[Any] = iter(())

    def close(self) -> None:
        self.container.close()

    def pictures(self, wanted: Index, *, size: tuple[int, ...], shown: tuple[int, ...]) -> Iterator[tuple[Plane, Plane, Plane]]:
        """The frames at `wanted`, which rise, of `size` (height, width): red, green and blue of each, in size `shown`.

        Raises:
            UnreadableFile: naming the frame that is broken, missing, or of another size.
        """
        for number, frame in self._decoded(wanted):
            yield self._planes(frame, number, size, shown)

    def _decoded(self, wanted: Index) -> Iterator[tuple[int, Any]]:
        import av

        i, from_start = 0, False
        while i < len(wanted):
            number = int(wanted[i])
            begin = int(self.packets.start[number])
            try:
                if from_start or not begin - 1 <= self.at < number:
                    self._seek(0 if from_start else begin)
                for frame in self.frames:
                    self.at = self._number(frame)
                    if self.at >= number:
                        break
            except (av.error.FFmpegError, OSError, EOFError) as error:
                self.at = NOWHERE
                raise self._broken(number, str(error)) from error
            if self.at == number and not frame.is_corrupt:
                yield number, frame
                i, from_start = i + 1, False
            elif from_start or self.at == number:
                got = "a corrupt frame" if self.at == number else "no such frame"
                self.at = NOWHERE
                raise self._broken(number, got)
            else:
                from_start = True  # a file whose index leads astray: once more, from its start

    def _seek(self, begin: int) -> None:
        self.container.seek(int(self.packets.seek[begin]), stream=self.track)
        self.frames = self.container.decode(self.track)
        self.at = begin - 1

    def _number(self, frame: Any) -> int:
        """Which frame it is; of one that is not in the index, such as one before the keyframe that cannot be decoded, the one before."""
        return int(np.searchsorted(self.packets.pts, frame.pts, side="right")) - 1 if frame.pts is not None else self.at

    def _planes(self, frame: Any, number: int, size: tuple[int, ...], shown: tuple[int, ...]) -> tuple[Plane, Plane, Plane]:
        turns = frame.rotation // 90 % 4
        height, width = (frame.width, frame.height) if turns % 2 else (frame.height, frame.width)
        if not (size[0] <= height <= size[0] + 1 and size[1] <= width <= size[1] + 1):
            got, expected = f"{width} x {height}", f"{size[1]} x {size[0]}"
            raise UnreadableFile(f"frame {number} has another size", where=named(self.file), got=got, expected=expected)
        if shown == size:
            return self._upright(frame, turns, size)
        if (height, width) != size:  # padded: cut off before it is resized
            import av

            cut = np.stack(self._upright(frame, turns, size), axis=-1)
            frame, turns = av.VideoFrame.from_ndarray(cut, format="rgb24"), 0
        tall, wide = shown[::-1] if turns % 2 else shown
        return self._upright(frame, turns, shown, height=tall, width=wide, interpolation=RESIZING)

    def _upright(
        self, frame: Any, turns: int, size: tuple[int, ...], interpolation: int = CONVERSION, **how: int
    ) -> tuple[Plane, Plane, Plane]:
        """Red, green and blue. FFmpeg converts to planes with vectors and to packed rgb24 without: the same values, in half the time."""
        frame = self.shaper.reformat(frame, format="gbrp", interpolation=interpolation, threads=1, **how)
        lines = (np.frombuffer(p, dtype=np.uint8).reshape(frame.height, p.line_size)[:, : frame.width] for p in frame.planes)
        green, blue, red = (np.rot90(plane, turns)[: size[0], : size[1]] for plane in lines)
        return red, green, blue

    def _broken(self, number: int, got: str) -> UnreadableFile:
        return UnreadableFile(f"frame {number} cannot be decoded", where=named(self.file), got=got)


@contextmanager
def borrow(file: Path | bytes, count: int, *, key: _Key | None = None) -> Iterator[Decoder]:
    """A decoder of a file, for this reader alone; bytes are told apart by `key`.

    Raises:
        UnreadableFile: if it cannot be opened, or holds another number of frames than `count`.
    """
    key = key or _status(file)
    packets = index(file, key)
    if len(packets.pts) != count:
        raise UnreadableFile("the video has another number of frames", where=named(file), got=len(packets.pts), expected=count)
    with _lock:
        found = next((i for i, (k, _) in reversed(_idle.items()) if k == key), None)
        decoder = _idle.pop(found)[1] if found is not None else None
    decoder = decoder or Decoder(file, packets)
    try:
        yield decoder
    except BaseException:
        decoder.close()
        raise
    closing = []
    with _lock:
        _idle[id(decoder)] = (key, decoder)
        while len(_idle) > MOST_OPEN:
            closing.append(_idle.popitem(last=False)[1][1])
    for each in closing:
        each.close()


def index(file: Path | bytes, key: _Key) -> Packets:
    """The packets of a file, read once."""
    with _lock:
        if key in _indexes:
            _indexes.move_to_end(key)
            return _indexes[key]
    with opened(file) as container:
        packets = read_packets(container, file)
    with _lock:
        _indexes[key] = packets
        while len(_indexes) > MOST_INDEXED:
            _indexes.popitem(last=False)
    return packets


def forget(key: _Key) -> None:
    """Close what is open of a file."""
    with _lock:
        _indexes.pop(key, None)
        closing = [_idle.pop(i)[1] for i, (k, _) in list(_idle.items()) if k == key]
    for each in closing:
        each.close()


def _status(file: Path | bytes) -> _Key:
    """A file that is replaced is another file."""
    try:
        status = os.stat(file)
    except OSError as error:
        raise UnreadableFile("there is no such file", where=named(file), got=error.strerror) from None
    return (os.fspath(file), status.st_size, status.st_mtime_ns)


def _begin_anew() -> None:
    """In a forked child: its parent's files share their places with it."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


os.register_at_fork(after_in_child=_begin_anew)
