"""Pictures as video: H.264 in mp4, read frame by frame from anywhere.

    write_video("rgb.mp4", frames, times_ns, fps=Fraction(30))
    frames = Video(Path("rgb.mp4"), count=300, height=256, width=256)
    frames[[7, 250, 8]]               # (3, 256, 256, 3) uint8: two groups of pictures are decoded, each once

Every 16th frame can be decoded by itself (a closed group of pictures), none waits for a later one, and the index lies in front. The
numbers are measured in docs/codecs.md, and encoder.py says how much may be lost. Colours are BT.709 in the limited range, converted with
rounding at full chroma resolution: flat colours come back without bias. Odd sides are padded by a row or column that reading cuts off.

`Video` reads what cameras wrote too: any codec and order of frames, times that vary, pictures that are to be turned.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, zip_longest
from itertools import count as counted
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import InputError, LimitError, ShapeError
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.time import Times
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.decoder import borrow, forget
from lifeworld.episode.codec.encoder import QUALITIES, Proof, Quality, TooLossy, coded, prepare
from lifeworld.episode.codec.packets import MP4_CODECS, SoundInfo, VideoInfo, copy_video, scan_video

__all__ = ["MP4_CODECS", "SMALLEST", "SoundInfo", "Video", "VideoInfo", "copy_video", "scan_video", "write_video"]

SMALLEST = 16
"""The shortest side [px] of a video; smaller pictures are kept without loss, as dense arrays."""
LARGEST = 16_384
_NUMBERS = counted()


def write_video(path: Path, frames: Iterable[NDArray[np.uint8]], times_ns: ArrayLike, *, fps: Fraction | None) -> Quality:
    """Encode frames (height, width, 3) uint8 sRGB, one for each of `times_ns` [ns]: frame k at k / `fps`, or with None at its own time.

    Every frame keeps 38 dB (encoder.py), and the quality that took comes back. For that they may be gone through more than once: `frames`
    is an array, a list, `Stored`.

    Raises:
        InputError: if there are no frames, or they can be gone through only once.
        ShapeError: if there is not one frame for each time, or they differ in size.
        LimitError: if they are smaller than 16 or larger than 16,384 px.
    """
    times = np.asarray(times_ns, dtype=np.int64)
    if isinstance(frames, Iterator):
        raise InputError(
            "frames are gone through more than once", where=str(path), got=type(frames).__name__, expected="an array or a list"
        )
    *tries, last = QUALITIES
    with replace_file(path) as beside:
        for quality in tries:
            try:
                _encode(beside, _checked(frames, times, path), fps, quality)
                break
            except TooLossy:
                continue
        else:
            quality = last
            _encode(beside, _checked(frames, times, path), fps, quality)
    return quality


def _encode(path: Path, frames: Iterator[tuple[NDArray[np.uint8], int]], fps: Fraction | None, quality: Quality) -> None:
    import av

    first, start = next(frames)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
        track: Any = out.add_stream("libx264", rate=fps or Fraction(1000))
        context = track.codec_context
        context.time_base = 1 / fps if fps else Fraction(1, 1_000_000)
        context.flags |= av.codec.context.Flags.bitexact
        prepare(context, first, quality, more="sync-lookahead=0")
        shaper = av.video.reformatter.VideoReformatter()
        proof: Proof | None = None
        for k, (picture, time_ns) in enumerate(chain([(first, start)], frames)):
            frame = coded(picture, shaper, quality.pixels)
            frame.pts, frame.time_base = (k if fps else (time_ns - start) // 1000), context.time_base
            packets = track.encode(frame)
            proof = proof or Proof(context.extradata)  # known from here on
            proof.give(picture)
            _mux(out, packets, proof)
        assert proof is not None
        _mux(out, track.encode(None), proof)
        proof.see(None)


def _mux(out: Any, packets: Iterable[Any], proof: Proof) -> None:
    for packet in packets:
        proof.see(packet)
        out.mux(packet)


def _checked(frames: Iterable[NDArray[np.uint8]], times: Times, path: Path) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Frames with their times [ns]: at least one, all of one size, as many as times."""
    size: tuple[int, ...] | None = None
    for k, (picture, time_ns) in enumerate(zip_longest(frames, times.tolist())):
        if size is None and picture is not None and time_ns is not None:
            size = (*_sized(picture, path), 3)
        if picture is None or time_ns is None or picture.shape != size:
            got = "no frame" if picture is None else "no time" if time_ns is None else picture.shape
            raise ShapeError("there must be one frame of one size for each time", where=str(path), got=f"{got} at {k}", expected=size)
        yield picture, time_ns
    if size is None:
        raise InputError("a video needs frames", where=str(path), got="none")


class Video(Stored):
    """Frames (count, height, width, 3) uint8 sRGB of a video file, decoded when they are asked for.

    `file` is where it lies (or all its bytes); `height` and `width` [px] are as shown: what the camera says is turned is turned upright,
    and a row or column more, which is padding, is cut off. Any number of threads may read at once.
    """

    def __init__(self, file: Path | bytes, *, count: int, height: int, width: int) -> None:
        self.file = file
        self.shape, self.dtype = (count, height, width, 3), np.dtype(np.uint8)
        self._key: tuple[object, ...] | None = None
        if isinstance(file, bytes):  # known by a number; what is open of them is closed when this Video goes
            self._key = ("bytes", next(_NUMBERS))
            weakref.finalize(self, forget, self._key)

    def take(self, index: Index) -> NDArray[np.uint8]:
        out = np.empty((len(index), *self.shape[1:]), dtype=np.uint8)
        self.read_into(out, index)
        return out

    @property
    def keyframes(self) -> NDArray[np.int64]:
        """The frames at which decoding may begin, the first of them 0. Opens the file.

        Raises:
            UnreadableFile: if it is broken, or holds another number of frames.
        """
        with borrow(self.file, self.shape[0], key=self._key) as decoder:
            return decoder.packets.keyframes

    def read_into(self, out: NDArray[np.uint8], index: Index) -> None:
        """The frames at `index` (k,), in any order and with repeats, into `out` (k, height, width, 3); resized where that has another size.

        Each group of pictures is decoded once.

        Raises:
            UnreadableFile: naming the file and the frame, if one is broken or missing.
            ShapeError: if `out` is not such an array.
        """
        if out.dtype != np.uint8 or out.ndim != 4 or out.shape[::3] != (len(index), 3):
            raise ShapeError(
                "frames are read into uint8 (k, height, width, 3)", got=f"{out.dtype} {out.shape}", expected=f"k = {len(index)}"
            )
        if not len(index):
            return
        wanted, where = np.unique(index, return_inverse=True)
        rows = np.argsort(where, kind="stable")
        ends = np.cumsum(np.bincount(where))
        with borrow(self.file, self.shape[0], key=self._key) as decoder:
            for i, planes in enumerate(decoder.pictures(wanted, size=self.shape[1:3], shown=out.shape[1:3])):
                for row in rows[ends[i - 1] if i else 0 : ends[i]]:
                    for channel, plane in enumerate(planes):
                        out[row, :, :, channel] = plane


def _sized(picture: NDArray[np.uint8], path: Path) -> tuple[int, int]:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ShapeError("a frame is uint8 (height, width, 3)", where=str(path), got=f"{picture.dtype} {picture.shape}")
    height, width = picture.shape[:2]
    if not SMALLEST <= min(height, width) <= max(height, width) <= LARGEST:
        raise LimitError(
            f"a video's sides are from {SMALLEST} to {LARGEST} px", where=str(path), got=f"{width} x {height}",
            fix="Keep smaller pictures as a dense array, which loses nothing.",
        )  # fmt: skip
    return height, width
