"""A small bundle to learn from: a square on a dark ground that goes where it is told; and a small model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.origin import Provenance
from lifeworld.core.seed import generator
from lifeworld.core.signal import SIGNALS, Stream
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to
from lifeworld.models.data.footage import Footage
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import Run, train
from lifeworld.models.zoo.kinds import fresh

FRAME_NS = 80_000_000
SHAPE = Shape(height=16, width=16, actions=2, context=2, wide=16, blocks=3, fine=8)


def play(seed: int, pictures: int = 24, size: int = 16) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Pictures (pictures, size, size, 3) and the two actions in each interval between them (2 · (pictures - 1), 2), pixels a second."""
    rng = generator(seed, "play")
    actions = rng.uniform(-20, 20, (2 * (pictures - 1), 2))
    at, frames = rng.uniform(3, size - 6, 2), np.full((pictures, size, size, 3), 30, np.uint8)
    for i in range(pictures):
        x, y = np.clip(np.round(at), 0, size - 4).astype(int)
        frames[i, y : y + 4, x : x + 4] = (220, 180, 40)
        if i < pictures - 1:
            at = np.clip(at + 0.08 * actions[2 * i : 2 * i + 2].mean(axis=0), 0, size - 4)
    return frames, actions


def episode(seed: int, pictures: int = 24, size: int = 16, *, acts: bool = True) -> Episode:
    frames, actions = play(seed, pictures, size)
    streams = {"rgb@above": Stream(SIGNALS["rgb"], np.arange(pictures) * FRAME_NS, frames, origin="simulated", source="above")}
    if acts:
        times = np.arange(len(actions)) * FRAME_NS // 2
        streams["action@square"] = Stream(SIGNALS["action"], times, actions, origin="simulated", source="square")
    return Episode(streams=streams, provenance=Provenance.now(engine="tests", engine_version="1", seed=seed))


def bundle(folder: Path, episodes: int = 6, pictures: int = 24, size: int = 16, *, acts: bool = True) -> Path:
    with append_to(folder, exact=("rgb",)) as writer:
        writer.commit([writer.stage(episode(seed, pictures, size, acts=acts)) for seed in range(episodes)])
    return folder


def rolls(footage: Footage, plan: Plan, *, shape: Shape = SHAPE, **settings: int) -> Rolls:
    return Rolls(fresh(shape, footage.doing, seed=plan.seed), plan, **settings)


def learn(footage: Footage, plan: Plan, folder: Path, *, shape: Shape = SHAPE, frames: int = 48, horizon: int = 16, **how: Any) -> Run:
    return train(rolls(footage, plan, shape=shape, frames=frames, horizon=horizon), footage, folder, **how)
