"""Sound that any player plays and that is read back to the bit: FLAC where its 24 bits hold every sample, else a .wav of 32-bit floats.

    write_sound(path.with_suffix(".flac" if fits_flac(values) else ".wav"), values)
    blocks = Sound(path, count=500, sizes=(960,))         # 10 s; blocks[100:150] decodes the third second

The blocks of all moments lie one after the other. A block is the tick (20 ms) that leads to its moment, so the first, that of an episode's
start, is silent and the file runs a tick late. What a microphone gave (16 or 24 bits) lies on the grid of 2^-23 that FLAC can hold; what
a simulation computed does not.

Source: RFC 9639 for FLAC; Microsoft, Multiple Channel Audio Data and WAVE Files: format tag 3 is IEEE float, which needs a `fact` chunk.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, LimitError, UnreadableFile
from lifeworld.core.signal import RATE_HZ
from lifeworld.core.signal.stored import Index, Stored
from lifeworld.core.write import replace_file
from lifeworld.episode.codec.packets import named, opened

IEEE_FLOAT = 3
MOST_BYTES = 2**32 - 64
"""A .wav says its size in 32 bits: six hours of stereo."""
GRID = 2.0**-23
"""The step of 24 bits."""
FLAC_FRAME = 4096
"""Samples that FLAC packs together."""
RUN_UP = 16 * FLAC_FRAME
"""How far before the samples that are asked for FFmpeg is sent, which does not land exactly."""
SCALES = {"s32": np.float32(2.0**-31), "s16": np.float32(2.0**-15)}


def fits_flac(values: NDArray[np.float32]) -> bool:
    """Whether FLAC keeps these blocks (n, samples) or (n, samples, channels) to the bit."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.asarray(values, dtype=np.float32).reshape(-1) * np.float32(1 / GRID)  # exact: a power of two
        whole = (np.rint(scaled) == scaled) & (scaled >= -(2**23)) & (scaled < 2**23)
    return bool(scaled.size and whole.all() and not np.signbit(scaled[scaled == 0]).any())  # FLAC has one zero only


def write_sound(path: Path, values: NDArray[np.float32]) -> None:
    """Write blocks (n, samples) or (n, samples, channels) float32 one after the other, as the suffix of `path` says.

    Raises:
        InputError: if FLAC cannot hold them to the bit, or the suffix is neither .flac nor .wav.
        LimitError: if a .wav cannot hold so many.
    """
    values = np.ascontiguousarray(values, dtype="<f4")
    if values.ndim not in (2, 3) or path.suffix not in (".flac", ".wav"):
        raise InputError(
            "sound is written as .flac or .wav",
            where=str(path),
            got=values.shape,
            expected="(blocks, samples) or (blocks, samples, channels)",
        )
    channels = 1 if values.ndim == 2 else values.shape[2]
    with replace_file(path) as beside:
        if path.suffix == ".wav":
            _write_wav(beside, values, channels)
        elif fits_flac(values):
            _write_flac(beside, values.reshape(-1, channels))
        else:
            raise InputError("FLAC cannot hold this sound to the bit", where=str(path), fix="Write it as .wav; fits_flac tells.")


class Sound(Stored):
    """Blocks (count, *sizes) float32 in a file that `write_sound` wrote, `sizes` being (samples,) or (samples, channels).

    Only what is asked for is decoded.

    Raises:
        UnreadableFile: if the file is neither, or holds another number of samples.
    """

    def __init__(self, file: Path | bytes, *, count: int, sizes: tuple[int, ...]) -> None:
        self.file = file
        self.shape, self.dtype = (count, *sizes), np.dtype(np.float32)
        self._channels = sizes[1] if len(sizes) > 1 else 1
        raw = _raw(file)
        self._is_flac = bytes(raw[:4]) == b"fLaC"
        if self._is_flac:
            found = _flac_header(raw, file)
            frames = found[2]
            if found[:2] != (RATE_HZ, self._channels):
                raise _another(file, f"{found[0]} Hz, {found[1]} channels", f"{RATE_HZ} Hz, {self._channels} channels")
        else:
            self._samples = _wav_samples(raw, file, self._channels)
            frames = len(self._samples) // self._channels
        if frames != count * sizes[0]:
            raise UnreadableFile(
                "the sound has another length", where=named(file), got=f"{frames} samples", expected=f"{count} x {sizes[0]}"
            )

    def take(self, index: Index) -> NDArray[np.float32]:
        if not self._is_flac:
            return np.asarray(self._samples.reshape(self.shape)[index], dtype=np.float32)
        out = np.empty((len(index), *self.shape[1:]), dtype=np.float32)
        size = self.shape[1]
        for run in _runs(np.unique(index), apart=max(1, FLAC_FRAME * 4 // size)):
            samples = self._decoded(run[0] * size, (run[1] + 1) * size).reshape(-1, *self.shape[1:])
            here = (index >= run[0]) & (index <= run[1])
            out[here] = samples[index[here] - run[0]]
        return out

    def _decoded(self, start: int, stop: int) -> NDArray[np.float32]:
        """The samples (stop - start, channels) of a FLAC."""
        done = start
        for leap in (start - RUN_UP, 0) if start > 4 * RUN_UP else (0,):  # once more from the start, if the leap was too far
            out = np.empty((stop - start, self._channels), dtype=np.float32)
            done = start
            with opened(self.file, sound=True) as container:
                track = container.streams.audio[0]
                track.codec_context.options = {"err_detect": "crccheck+explode"}
                if leap:
                    container.seek(round(leap / RATE_HZ / track.time_base), stream=track)
                for frame in container.decode(track):
                    if frame.format.name not in SCALES:
                        raise _another(self.file, frame.format.name, "24 bits")
                    at = round(frame.pts * frame.time_base * RATE_HZ) if frame.pts is not None else done + 1
                    block = frame.to_ndarray().reshape(-1, self._channels)[max(0, done - at) : stop - at]
                    if at > done:
                        break
                    out[done - start : done - start + len(block)] = block * SCALES[frame.format.name]
                    done += len(block)
                    if done >= stop:
                        return out
        raise UnreadableFile("the sound is cut off", where=named(self.file), got=f"{done} samples", expected=f"{stop} samples")


def _runs(numbers: NDArray[np.int64], *, apart: int) -> Iterator[tuple[int, int]]:
    """First and last of the numbers that lie close together; they rise."""
    breaks = np.flatnonzero(np.diff(numbers) > apart) + 1
    for part in np.split(numbers, breaks):
        if len(part):
            yield int(part[0]), int(part[-1])


# -- FLAC ------------------------------------------------------------------------------------------------------------------


def _write_flac(path: Path, samples: NDArray[np.float32]) -> None:
    import av

    whole = np.rint(samples / np.float32(GRID)).astype(np.int32) << 8  # FFmpeg keeps 24 bits in the upper part of 32
    channels = samples.shape[1]
    with av.open(str(path), "w", format="flac", options={"fflags": "+bitexact"}) as out:
        track: Any = out.add_stream("flac", rate=RATE_HZ, layout={1: "mono", 2: "stereo"}.get(channels, f"{channels}c"))
        track.codec_context.format = "s32"
        track.codec_context.options = {"bits_per_raw_sample": "24", "frame_size": str(FLAC_FRAME)}
        for start in range(0, len(whole), FLAC_FRAME):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(whole[start : start + FLAC_FRAME]).reshape(1, -1), format="s32", layout=track.codec_context.layout.name
            )
            frame.sample_rate, frame.pts = RATE_HZ, start
            for packet in track.encode(frame):
                out.mux(packet)
        for packet in track.encode(None):
            out.mux(packet)


def _flac_header(raw: memoryview, file: Path | bytes) -> tuple[int, int, int]:
    """Rate [Hz], channels and samples, as the STREAMINFO block says."""
    if len(raw) < 42 or raw[4] & 0x7F != 0:
        raise UnreadableFile("the sound is cut off", where=named(file), got=f"{len(raw)} bytes")
    packed = int.from_bytes(raw[18:26], "big")
    return packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1


# -- WAV -------------------------------------------------------------------------------------------------------------------


def _write_wav(path: Path, values: NDArray[np.float32], channels: int) -> None:
    if values.nbytes > MOST_BYTES:
        raise LimitError("too long for a .wav", where=str(path), got=f"{values.nbytes} bytes", expected=f"at most {MOST_BYTES}")
    frame = 4 * channels
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, IEEE_FLOAT, channels, RATE_HZ, RATE_HZ * frame, frame, 32, 0)
    fact = struct.pack("<4sII", b"fact", 4, values.nbytes // frame)
    head = b"WAVE" + form + fact + struct.pack("<4sI", b"data", values.nbytes)
    with path.open("wb") as file:
        file.write(struct.pack("<4sI", b"RIFF", len(head) + values.nbytes) + head)
        file.write(values.data)


def _wav_samples(raw: memoryview, file: Path | bytes, channels: int) -> NDArray[np.float32]:
    """All numbers of a .wav of floats, in the file's own memory."""
    if bytes(raw[:4]) != b"RIFF" or bytes(raw[8:12]) != b"WAVE":
        raise UnreadableFile("neither a .flac nor a .wav file", where=named(file), got=bytes(raw[:12]))
    chunks = dict(_chunks(raw))
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise UnreadableFile("the sound is cut off", where=named(file), got=f"{len(raw)} bytes")
    tag, found, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if (tag, found, rate, bits) != (IEEE_FLOAT, channels, RATE_HZ, 32):
        raise _another(
            file, f"format {tag}, {found} channels, {rate} Hz, {bits} bits", f"{channels} channels of 32-bit floats at {RATE_HZ} Hz"
        )
    data = chunks[b"data"]
    if len(data) % (4 * channels):
        raise UnreadableFile("the sound is cut off", where=named(file), got=f"{len(data)} bytes of samples")
    return np.frombuffer(data, dtype="<f4")


def _chunks(raw: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Name and content of the chunks that are whole."""
    at = 12
    while at + 8 <= len(raw):
        name, size = struct.unpack_from("<4sI", raw, at)
        if at + 8 + size > len(raw):
            return
        yield name, raw[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _raw(file: Path | bytes) -> memoryview:
    if isinstance(file, bytes):
        return memoryview(file)
    try:
        with file.open("rb") as open_file:
            return memoryview(mmap.mmap(open_file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise UnreadableFile("the sound cannot be read", where=named(file), got=str(error)) from None


def _another(file: Path | bytes, got: str, expected: str) -> UnreadableFile:
    return UnreadableFile("the sound is of another format", where=named(file), got=got, expected=expected)
