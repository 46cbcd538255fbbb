"""Decoders that stay open: each at its place in a file, lent to one reader at a time, the longest unused closed first.

Opening a file and reading its index costs more than decoding a clip, so both are kept. A decoder whose place is a little before the frames
that are asked for goes on from there; otherwise it begins at the keyframe before them.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnreadableFile
from lifeworld.core.signal.stored import Index
from lifeworld.episode.codec.mp4 import Plain, read_at, read_plain
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
_indexes: OrderedDict[_Key, Plain | Packets] = OrderedDict()


class Decoder(ABC):
    """A decoder at one place of one video file. Not for two threads at once."""

    file: Path | bytes
    packets: Packets
    frames: Iterator[Any]
    """What it decodes next."""
    at = NOWHERE
    """The frame that was decoded last."""

    def __init__(self) -> None:
        import av

        self.shaper = av.video.reformatter.VideoReformatter()

    @abstractmethod
    def begin(self, keyframe: int) -> Iterator[Any]:
        """Frames as they are decoded from a keyframe on."""

    @abstractmethod
    def close(self) -> None:
        """Give back what it holds."""

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
        self.frames = self.begin(begin)
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
        red, green, blue = (np.rot90(plane, turns)[: size[0], : size[1]] for plane in planes(frame, self.shaper, interpolation, **how))
        return red, green, blue

    def _broken(self, number: int, got: str) -> UnreadableFile:
        return UnreadableFile(f"frame {number} cannot be decoded", where=named(self.file), got=got)


class PacketDecoder(Decoder):
    """Reads the packets of plain files itself and has FFmpeg decode them. It goes on to another file whose frames are coded alike, as those
    of all episodes of a camera are, without being made anew, which costs as much as ten small frames.
    """

    def __init__(self, plain: Plain) -> None:
        import av

        super().__init__()
        self.alike = plain.alike
        self.context: Any = av.CodecContext.create("h264", "r")
        self.context.extradata, self.context.thread_count = plain.extradata, 1
        if plain.colours:
            c = self.context
            c.color_primaries, c.color_trc, c.colorspace, c.color_range = (*plain.colours[:3], 2 if plain.colours[3] else 1)
        self.handle: int | bytes = b""

    def open(self, file: Path | bytes, plain: Plain) -> None:
        self.close()
        self.file, self.plain, self.packets, self.at = file, plain, plain.packets, NOWHERE
        self.handle = file if isinstance(file, bytes) else os.open(file, os.O_RDONLY)

    def begin(self, keyframe: int) -> Iterator[Any]:
        import av

        self.context.flush_buffers()
        for number in range(keyframe, len(self.plain.sizes)):
            packet = av.Packet(read_at(self.handle, int(self.plain.offsets[number]), int(self.plain.sizes[number])))
            packet.pts = int(self.packets.pts[number])
            yield from self.context.decode(packet)
        yield from self.context.decode(None)

    def close(self) -> None:
        if isinstance(self.handle, int):
            os.close(self.handle)
        self.handle = b""


class FileDecoder(Decoder):
    """Has FFmpeg read and decode any file it knows."""

    def __init__(self, file: Path | bytes, packets: Packets) -> None:
        import av

        super().__init__()
        self.file, self.packets = file, packets
        try:
            self.container: Any = av.open(source(file), metadata_errors="replace", options=dict(OPTIONS))
            self.track: Any = self.container.streams.video[0]
            self.track.codec_context.thread_count = 1  # one thread a decoder: readers bring their own
        except (av.error.FFmpegError, OSError, LookupError) as error:
            raise UnreadableFile("not a video that can be read", where=named(file), got=str(error)) from error

    def begin(self, keyframe: int) -> Iterator[Any]:
        self.container.seek(int(self.packets.seek[keyframe]), stream=self.track)
        return iter(self.container.decode(self.track))

    def close(self) -> None:
        self.container.close()


def planes(frame: Any, shaper: Any, interpolation: int = CONVERSION, **how: int) -> tuple[Plane, Plane, Plane]:
    """A frame's red, green and blue. FFmpeg converts to planes with vectors, to packed rgb24 without: the same values, in half the time."""
    frame = shaper.reformat(frame, format="gbrp", interpolation=interpolation, threads=1, **how)
    green, blue, red = (np.frombuffer(p, dtype=np.uint8).reshape(frame.height, p.line_size)[:, : frame.width] for p in frame.planes)
    return red, green, blue


@contextmanager
def borrow(file: Path | bytes, count: int, *, key: _Key | None = None) -> Iterator[Decoder]:
    """A decoder of a file, for this reader alone; bytes are told apart by `key`.

    Raises:
        UnreadableFile: if it cannot be opened, or holds another number of frames than `count`.
    """
    key = key or _status(file)
    found = index(file, key)
    packets = found.packets if isinstance(found, Plain) else found
    if len(packets.pts) != count:
        raise UnreadableFile("the video has another number of frames", where=named(file), got=len(packets.pts), expected=count)
    decoder = _lent(file, key, found)
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


def _lent(file: Path | bytes, key: _Key, found: Plain | Packets) -> Decoder:
    """One that has this file open, else one that decodes such frames, else a new one."""
    with _lock:
        here = next((i for i, (k, _) in reversed(_idle.items()) if k == key), None)
        if here is None and isinstance(found, Plain):
            alike = ((i, d) for i, (_, d) in _idle.items())
            here = next((i for i, d in alike if isinstance(d, PacketDecoder) and d.alike == found.alike), None)
        decoder = None if here is None else _idle.pop(here)[1]
    if not isinstance(found, Plain):
        return decoder or FileDecoder(file, found)
    packets = decoder if isinstance(decoder, PacketDecoder) else PacketDecoder(found)
    if packets.handle == b"" or packets.plain is not found:
        try:
            packets.open(file, found)
        except OSError as error:
            raise UnreadableFile("the video cannot be read", where=named(file), got=error.strerror) from None
    return packets


def index(file: Path | bytes, key: _Key) -> Plain | Packets:
    """The packets of a file, read once."""
    with _lock:
        if key in _indexes:
            _indexes.move_to_end(key)
            return _indexes[key]
    found: Plain | Packets | None
    if isinstance(file, bytes):
        found = read_plain(file)
    else:
        try:
            with file.open("rb") as handle:
                found = read_plain(handle.fileno())
        except OSError as error:
            raise UnreadableFile("the video cannot be read", where=named(file), got=error.strerror) from None
    if found is None:
        with opened(file) as container:
            found = read_packets(container, file)
    with _lock:
        _indexes[key] = found
        while len(_indexes) > MOST_INDEXED:
            _indexes.popitem(last=False)
    return found


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
