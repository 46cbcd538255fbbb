"""The sound of a media file as blocks of 20 ms at 48 kHz, each at its true time: decoded once, onto the disk, not into memory.

A track that stops and goes on later becomes runs of blocks with a gap between their times; the last block of a run is filled up with
silence. Mono stays mono, anything with more channels becomes stereo by FFmpeg's mixing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import FileTooLarge, UnreadableFile
from lifeworld.core.signal import RATE_HZ
from lifeworld.core.time import NS_PER_S, Times
from lifeworld.episode.codec.packets import OPTIONS, source
from lifeworld.episode.codec.sound import MOST_BYTES

BLOCK = RATE_HZ // 50
"""Samples of a block of 20 ms."""
BLOCK_NS = NS_PER_S // 50
SLACK_S = Fraction(40, 1000)
"""A container's times may be off the count of samples by this (Matroska rounds to milliseconds); by more, the track has a gap."""


@dataclass(frozen=True, slots=True, eq=False)
class SoundTrack:
    """`values` (blocks, 960) or (blocks, 960, 2) float32; `times_ns` (blocks,) on the file's clock: where each block ends."""

    times_ns: Times
    values: NDArray[np.float32]

    @property
    def start_ns(self) -> int:
        """When the first sample is heard."""
        return int(self.times_ns[0]) - BLOCK_NS


@dataclass(slots=True)
class _Run:
    start: Fraction
    heard: Fraction
    """Seconds of sound that went in since the start."""
    samples: int
    """Samples that came out, at 48 kHz."""


def read_sound(path: Path) -> SoundTrack | None:
    """The first sound track that can be decoded; None if there is none, or it is empty.

    Raises:
        UnreadableFile: if it is broken.
        FileTooLarge: if it is longer than a .wav can hold.
    """
    import av

    runs: list[_Run] = []
    try:
        with av.open(source(path), metadata_errors="replace", options=dict(OPTIONS)) as container, tempfile.TemporaryFile() as file:
            track: Any = next((t for t in container.streams.audio if t.codec_context is not None and t.channels), None)
            if track is None:
                return None
            channels = 1 if track.channels == 1 else 2
            for samples in _decoded(container, track, "mono" if channels == 1 else "stereo", runs):
                file.write(samples.tobytes())
                if file.tell() > MOST_BYTES:
                    raise FileTooLarge("the sound is too long", where=path.name, expected="at most 6 hours of stereo at 48 kHz")
            file.flush()
            count = sum(run.samples for run in runs) // BLOCK
            if not count:
                return None
            shape = (count, BLOCK) if channels == 1 else (count, BLOCK, channels)
            values = np.memmap(file, dtype=np.float32, mode="r", shape=shape)  # keeps the nameless file while it is used
    except (av.error.FFmpegError, OSError, EOFError, ValueError) as error:
        at = f" after {float(runs[-1].start + runs[-1].heard):.2f} s" if runs else ""
        raise UnreadableFile(f"its sound cannot be decoded{at}", where=path.name, got=str(error)) from error
    times = [round(run.start * NS_PER_S) + BLOCK_NS * np.arange(1, run.samples // BLOCK + 1) for run in runs]
    return SoundTrack(np.concatenate(times).astype(np.int64), values)


def _decoded(container: Any, track: Any, layout: str, runs: list[_Run]) -> Iterator[NDArray[np.float32]]:
    """All samples (n, channels) at 48 kHz, each run filled up to whole blocks; notes the runs as they come."""
    resampler: Any = None
    shape: tuple[object, ...] = ()
    for frame in container.decode(track):
        at = Fraction(frame.pts) * frame.time_base if frame.pts is not None else None
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        gap = bool(runs) and at is not None and abs(at - runs[-1].start - runs[-1].heard) > SLACK_S
        if not runs or gap or now != shape:
            if resampler is not None:
                yield from _out(resampler, None, runs[-1])
            if runs and gap:
                yield _filled(runs[-1], layout)
            if not runs or gap:
                runs.append(_Run(at or Fraction(0), Fraction(0), 0))
            resampler, shape = _resampler(layout), now
        runs[-1].heard += Fraction(frame.samples, frame.sample_rate)
        yield from _out(resampler, frame, runs[-1])
    if runs:
        yield from _out(resampler, None, runs[-1])
        yield _filled(runs[-1], layout)


def _resampler(layout: str) -> Any:
    import av

    return av.AudioResampler(format="flt", layout=layout, rate=RATE_HZ)


def _out(resampler: Any, frame: Any, run: _Run) -> Iterator[NDArray[np.float32]]:
    if frame is not None:
        frame.pts = None  # where samples lie is kept by counting them: the resampler must not mend times by itself
    for made in resampler.resample(frame):
        run.samples += made.samples
        yield made.to_ndarray()


def _filled(run: _Run, layout: str) -> NDArray[np.float32]:
    missing = -run.samples % BLOCK
    run.samples += missing
    return np.zeros((missing, 1 if layout == "mono" else 2), dtype=np.float32)
