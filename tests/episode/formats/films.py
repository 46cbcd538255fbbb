"""Small media files for tests, made with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

MS = Fraction(1, 1000)


def picture(k: int, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A smooth picture, another for each k."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 3 % 256, y * 4 % 256, np.full((height, width), k * 37 % 256)], axis=-1).astype(np.uint8)


def write_film(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    times_ms: Sequence[int] = tuple(range(0, 800, 40)),
    tick: Fraction = MS,
    sound: tuple[int, NDArray[np.float32], int] | None = None,
    size: tuple[int, int] = (48, 64),
    options: dict[str, str] | None = None,
) -> None:
    """A video with a frame at each of these times; `sound` is (rate_hz, samples (n, channels), start_ms), kept as PCM floats."""
    with av.open(str(path), "w") as out:
        track: Any = out.add_stream(codec, rate=round(1 / tick) if tick != MS else 25, options=options or {})
        track.height, track.width = size
        track.pix_fmt = pixels
        track.codec_context.time_base = tick
        heard: Any = None
        if sound is not None:
            rate, samples, start_ms = sound
            heard = out.add_stream("pcm_f32le", rate=rate, layout="mono" if samples.shape[1] == 1 else "stereo")
        out.start_encoding()  # so that a film without frames is a file, too
        for k, time_ms in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(picture(k, *size), format="rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = round(time_ms * MS / tick), tick
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
        if sound is not None:
            for at in range(0, len(samples), 1000):
                block = np.ascontiguousarray(samples[at : at + 1000].reshape(1, -1))
                made = av.AudioFrame.from_ndarray(block, format="flt", layout="mono" if samples.shape[1] == 1 else "stereo")
                made.sample_rate, made.time_base, made.pts = rate, Fraction(1, rate), round(start_ms * MS * rate) + at
                out.mux(heard.encode(made))
            out.mux(heard.encode(None))


def turn(path: Path, degrees: int) -> None:
    """Write into the header of an mp4 that its picture is to be turned clockwise by 90 or 270 degrees."""
    raw = bytearray(path.read_bytes())
    at = raw.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    quarter = {90: (0, 1, -1, 0), 270: (0, -1, 1, 0)}[degrees]
    a, b, c, d = (number * 65536 for number in quarter)
    raw[at : at + 36] = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], dtype=">i4").tobytes()
    path.write_bytes(raw)


def packets(path: Path) -> list[bytes]:
    """The bytes of all video packets, in their order."""
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(video=0) if packet.size]


def frames(path: Path) -> tuple[list[int], list[NDArray[np.uint8]]]:
    """Times [ns] and pictures as PyAV gives them one after the other."""
    with av.open(str(path)) as file:
        track = file.streams.video[0]
        found = [(round(frame.pts * track.time_base * 10**9), frame.to_ndarray(format="rgb24")) for frame in file.decode(track)]
    return [time for time, _ in found], [array for _, array in found]
