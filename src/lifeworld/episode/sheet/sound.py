"""The sound of an episode on a sheet: its waveform, and below it how loud each pitch is over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lifeworld.core.signal import RATE_HZ, Stream
from lifeworld.episode.sheet import colors
from lifeworld.episode.sheet.paper import INK, PAPER, RULE, SMALL, SOFT, write

WAVE, SPECTRUM = 56, 112
LOW_HZ, HIGH_HZ, FLOOR_DB = 60.0, 20_000.0, 70.0
WINDOW = 2048


def strip(stream: Stream, wide: int, at_ns: int | None) -> Image.Image:
    """A picture (wide, height(stream)) of all of a stream's sound, with a line at the time `at_ns`.

    The wave is drawn from its least to its greatest value in each column, against the loudest of the episode. Of one ear the spectrum
    stands below, logarithmic in pitch, from 60 Hz to 20 kHz, FLOOR_DB down from its loudest; of two ears the left is above the right.
    """
    ears = np.concatenate([np.asarray(v) for v in stream.values]).reshape(-1, _ears(stream)).astype(np.float64)
    image = Image.new("RGB", (wide, height(stream)), colors.GROUND)
    draw, loudest, half = ImageDraw.Draw(image), float(np.abs(ears).max(initial=0.0)), WAVE / 2
    starts = np.minimum(np.linspace(0, len(ears), wide, endpoint=False).astype(int), max(len(ears) - 1, 0))
    for ear in range(ears.shape[1]):
        line = half * (2.0 * ear + 1)
        draw.line((0, line, wide, line), fill=RULE)
        if loudest > 0:
            reach = [of.reduceat(ears[:, ear], starts) for of in (np.maximum, np.minimum)]
            for x, (top, bottom) in enumerate((line - half * np.stack(reach, axis=1) / loudest).tolist()):
                draw.line((x, top, x, bottom), fill=INK)
        if ears.shape[1] == 2:
            write(draw, (6, line - half + 9), ("left", "right")[ear], SMALL, color=SOFT)
    if loudest == 0:
        write(draw, (wide / 2 - 20, half), "silence", SMALL, color=SOFT)
    if ears.shape[1] == 1:
        image.paste(Image.fromarray(spectrum(ears[:, 0], wide, SPECTRUM)), (0, WAVE))
        for hz in (100, 1_000, 10_000):
            y = WAVE + (1 - np.log(hz / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ)) * SPECTRUM
            draw.line((0, y, 5, y), fill=PAPER)
            write(draw, (9, y), f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz} Hz", SMALL, color=PAPER)
    if at_ns is not None:
        line = (at_ns - int(stream.times_ns[0])) / max(int(stream.times_ns[-1] - stream.times_ns[0]), 1) * (wide - 1)
        draw.line((line, 0, line, image.height), fill=colors.HIDDEN, width=2)
    return image


def height(stream: Stream) -> int:
    """How high the picture of a stream's sound is [px]."""
    return WAVE + SPECTRUM if _ears(stream) == 1 else 2 * WAVE


def says(stream: Stream) -> str:
    """What the picture shows, in words."""
    below = f"; below, loudness by pitch, {FLOOR_DB:g} dB down from the loudest" if _ears(stream) == 1 else ""
    return f"48 kHz, loudest {_loudest(stream):.2g} of 1{below}"


def _ears(stream: Stream) -> int:
    return 1 if len(stream.signal.shape) == 1 else 2


def _loudest(stream: Stream) -> float:
    return max((float(np.abs(v).max(initial=0.0)) for v in stream.values), default=0.0)


def spectrum(samples: NDArray[np.float64], wide: int, high: int) -> colors.Picture:
    """How loud (high, wide) each pitch is at each time, the highest above."""
    padded = np.pad(samples, WINDOW // 2)
    starts = np.linspace(0, max(len(samples) - 1, 0), wide).astype(int)
    pitches = LOW_HZ * (HIGH_HZ / LOW_HZ) ** np.linspace(1, 0, high)
    bins = np.clip((pitches * WINDOW / RATE_HZ).round().astype(int), 1, WINDOW // 2)
    out = np.empty((high, wide))
    for begin in range(0, wide, 256):  # a few columns at a time: all windows at once would be large
        windows = padded[starts[begin : begin + 256, None] + np.arange(WINDOW)] * np.hanning(WINDOW)
        out[:, begin : begin + 256] = np.abs(np.fft.rfft(windows, axis=1))[:, bins].T
    loudest = out.max(initial=0.0)
    if loudest == 0:
        return np.full((high, wide, 3), colors.MAGNITUDE[0], np.uint8)
    return colors.through(colors.MAGNITUDE, 1 + 20 * np.log10(np.maximum(out / loudest, 1e-9)) / FLOOR_DB)
