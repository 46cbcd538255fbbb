"""Small episodes for the tests of importers and exporters: a few of every sort of stream."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.origin import Consent, Provenance, Terms
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.core.signal.rows import CAPTION_DTYPE, CONTACT_DTYPE
from lifeworld.core.time import Clock
from lifeworld.episode.codec.video import Video, write_video
from lifeworld.episode.episode import Episode
from lifeworld.scene.starter import find

MADE = Provenance(
    engine="test", engine_version="1", lifeworld_version="0", machine="none", created="2026-03-01T12:00:00+00:00", seed=3, parents=("a",)
)


def ball(count: int, height: int = 48, width: int = 64) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Pictures of a ball that rolls from left to right: (count, height, width, 3)."""
    y, x = np.mgrid[:height, :width]
    at = np.linspace(8, width - 8, count)[:, None, None]
    inside = np.hypot(x - at, y - height / 2) < 7
    out = np.empty((count, height, width, 3), np.uint8)
    out[...] = np.stack([90 + x // 2, 110 + y, np.full_like(x, 140)], axis=-1)
    out[inside] = (220, 60, 40)
    return out


def stream(name: str, times: Any, values: Any, **more: Any) -> Stream:
    signal, _, source = name.partition("@")
    return Stream(SIGNALS[signal], times, values, origin=more.pop("origin", "simulated"), source=source, **more)


def whole(folder: Path, *, count: int = 12) -> Episode:
    """An episode with video, maps, numbers, rows, words and sound, at three rates, one of them uneven."""
    rng = np.random.default_rng(5)
    frames = np.arange(count, dtype=np.int64) * 50_000_000
    ticks = np.arange(2 * count, dtype=np.int64) * 20_000_000
    uneven = np.cumsum(rng.integers(1, 40_000_000, count))
    path = folder / "front.mp4"
    write_video(path, ball(count), frames, fps=Fraction(20))
    depth = rng.uniform(0.5, 3, (count, 24, 32)).astype(np.float32)
    depth[:, 0, 0], depth[:, 1, 1] = np.nan, np.inf
    boxes = np.tile([0.1, 0.2, 0.3, 1, 0, 0, 0, 0.1, 0.1, 0.1], (2 * count, 2, 1))
    contacts = [np.zeros(i % 3, CONTACT_DTYPE) for i in range(2 * count)]
    consent = Consent(subject="P7", terms="terms-1", receipt="r1", purposes=("train",))
    streams = [
        stream("rgb@front", frames, Video(path, count=count, height=48, width=64)),
        stream("rgb@small", uneven, rng.integers(0, 256, (count, 12, 10, 3), dtype=np.uint8), origin="measured"),
        stream("depth_m@front", frames, depth),
        stream("instance_ids@front", frames, rng.integers(0, 3, (count, 24, 32), dtype=np.int32)),
        stream("part_ids@front", frames[:2], np.full((2, 24, 32), 70_000, np.int32)),
        stream("camera_pose@front", frames, np.tile([0, -1, 1, 1, 0, 0, 0.0], (count, 1))),
        stream("camera_intrinsics_px@front", frames[:1], np.array([[60.0, 60.0, 32.0, 24.0]])),
        stream("position_m", ticks, rng.normal(size=(2 * count, 2, 3))),
        stream("quat_wxyz", ticks, np.tile([1.0, 0, 0, 0], (2 * count, 2, 1))),
        stream("box_3d", ticks, boxes),
        stream("contacts", ticks, contacts),
        stream("action@hand", ticks, rng.normal(size=(2 * count, 3)), clock=Clock(source="hand", offset_ns=5, uncertainty_ns=None)),
        stream("reward", ticks[:0], np.zeros(0)),
        stream("terminated", ticks, np.arange(2 * count) == 2 * count - 1),
        stream("audio_mono@front", ticks, rng.uniform(-1, 1, (2 * count, 960)).astype(np.float32)),
        stream("captions", frames[:2], [np.array(["a ball"], CAPTION_DTYPE), np.array(["it rolls", "on"], CAPTION_DTYPE)]),
        stream("instruction", [0], np.array(["röll"], "U1000"), terms=Terms(license="CC-BY-4.0", consents=(consent,))),
        stream("skeleton_pose@P7", frames, np.full((count, 2, 7), np.nan), origin="measured", terms=Terms(consents=(consent,))),
    ]
    names = [f"{s.signal.name}@{s.source}" if s.source else s.signal.name for s in streams]
    return Episode(
        streams=dict(zip(names, streams, strict=True)),
        provenance=MADE,
        scene=find("tabletop"),
        title="A ball",
        labels={"place": "here"},
        legend={"instance_ids": ("background", "ball", "box"), "action@hand": ("x [m]", "y [m]", "grip")},
    )


def same(a: Episode, b: Episode) -> None:
    """Asserts that two episodes are equal, naming what is not."""
    assert a.streams.keys() == b.streams.keys()
    for name in a.streams:
        assert a[name] == b[name], name
    assert (a.title, a.labels, a.legend, a.provenance, a.scene) == (b.title, b.labels, b.legend, b.provenance, b.scene)
