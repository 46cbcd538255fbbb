"""Episodes of all sorts for tests: random mixtures of streams, and pictures that look like pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lifeworld.core.origin import Origin, Provenance
from lifeworld.core.signal import SIGNALS, Signal, Stream
from lifeworld.core.time import Clock
from lifeworld.episode.episode import Episode
from lifeworld.scene import starter

WHO = Provenance(
    engine="test",
    engine_version="1",
    lifeworld_version="0",
    machine="none",
    created="2026-01-01T00:00:00+00:00",
    seed=3,
    parents=("another",),
)
PICTURES = ("rgb", "rgb_blurred", "rgb_noisy")


def scenery(frames: int, height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Soft hills that drift in a slowly changing light, with a bright disc passing: (frames, height, width, 3), every frame another."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64) / max(height, width)
    t = np.arange(frames)[:, None, None] / 25
    a, b, c = rng.uniform(1, 4, 3)
    hills = 128 + 60 * np.sin(a * x + b * y + c * t) + 15 * np.sin(9 * x * a - t)
    tint = np.stack([np.sin(0.8 * x + y * k + t + k) for k in range(3)], axis=-1)  # colour changes more slowly than light, as in nature
    middle = 0.2 + 0.5 * ((np.arange(frames) / max(frames, 1)) % 1)[:, None, None]
    disc = np.clip(4 * (0.2 - np.hypot(x - middle, y - 0.4)), 0, 1)[..., None]
    return np.clip((hills[..., None] + 20 * tint) * (1 - disc) + 230 * disc, 0, 255).astype(np.uint8)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Of two pictures or films [dB]."""
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / float(error))


def value(signal: Signal, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[Any]:
    """Random values of this shape, any bits that the dtype allows (NaN too)."""
    if signal.name in PICTURES:
        return scenery(shape[0], shape[1], shape[2], seed=int(rng.integers(1000)))
    if signal.dtype.kind == "U":
        return rng.choice(np.array(["", "push the box", "Öl auf Wasser", "立方体 🧊", "a\nb\t'\""]), size=shape).astype(signal.dtype)
    if signal.dtype.names is not None:
        rows = np.zeros(shape, signal.dtype)
        for name in signal.dtype.names:
            base, sub = rows.dtype[name].base, rows.dtype[name].shape
            rows[name] = value(_plain(signal, base), (*shape, *sub), rng)
        return rows
    if signal.dtype == np.bool_:
        return np.asarray(rng.random(shape) < 0.5)
    return np.frombuffer(rng.bytes(math.prod(shape) * signal.dtype.itemsize), signal.dtype).reshape(shape).copy()


def stream(name: str, rng: np.random.Generator, *, count: int = 5, even: bool = True, rows: int = 3, source: str = "front") -> Stream:
    """A random stream of a signal; of another clock if not `even`."""
    signal = SIGNALS[name]
    sizes = {"height": 48, "width": 64, "bytes": 2, "samples": 960, "limbs": 4}
    shape = tuple(sizes.get(s, 3) if isinstance(s, str) else s for s in signal.shape)
    steps = np.full(count, 40_000_000) if even else rng.integers(1, 10**9, count)
    times = np.cumsum(steps) - steps[0] if count else np.zeros(0, np.int64)
    values: Any
    if signal.ragged:
        values = [value(signal, (int(rng.integers(0, rows + 1)), *shape), rng) for _ in range(count)]
    else:
        values = value(signal, (count, *shape), rng)
    owned = signal.per in ("camera", "embodiment", "sensor")
    return Stream(
        signal,
        times,
        values,
        origin=rng.choice([o.value for o in Origin]),
        source=source if owned else "",
        clock=Clock(source="device", offset_ns=-5, drift_ppm=1.5, uncertainty_ns=None) if rng.random() < 0.3 else Clock(),
    )


def episode(*streams: Stream, title: str = "a test") -> Episode:
    """An episode of these streams, in a scene."""
    named = {f"{s.signal.name}@{s.source}" if s.source else s.signal.name: s for s in streams}
    return Episode(
        streams=named,
        provenance=WHO,
        scene=starter.load("tabletop"),
        title=title,
        labels={"weather": "rain", "ö": "ß"},
        legend={"instance_ids": ("background", "cup"), "action@hand": ("x", "y")},
    )


@st.composite
def episodes(draw: Callable[..., Any], *, most: int = 6) -> Episode:
    """Random mixtures of streams of the table: of any count, of even and uneven clocks."""
    names = draw(st.lists(st.sampled_from(sorted(SIGNALS)), min_size=1, max_size=most, unique=True))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return episode(*(stream(n, rng, count=draw(st.sampled_from([0, 1, 2, 5, 19])), even=draw(st.booleans())) for n in names))


def _plain(signal: Signal, dtype: np.dtype[Any]) -> Signal:
    import dataclasses

    return dataclasses.replace(signal, name="field", dtype=dtype)
