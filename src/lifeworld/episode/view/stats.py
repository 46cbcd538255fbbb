"""The statistics that LeRobot keeps of every feature, per episode and over all: it normalises by them.

Per feature `min`, `max`, `mean`, `std`, `count` and five quantiles. Over episodes they are joined as LeRobot joins them, weighted
by the counts, the quantiles too. Quantiles are values that occur; LeRobot's are those to a 5,000th of the range.
Pictures are looked at in a few frames.

Source: huggingface/lerobot, src/lerobot/datasets/compute_stats.py (v3.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import Index
from lifeworld.episode.codec.encoder import GOP

Stats = dict[str, NDArray[Any]]
QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
WORDS = ("min", "max", "mean", "std", "count", *QUANTILES)
FRAMES = 16
"""Of how many frames of an episode the statistics of pictures are made."""
_LARGEST, _TARGET = 300, 150


@np.errstate(invalid="ignore", over="ignore")  # infinities have no spread; that is what is then said
def of_column(values: NDArray[Any]) -> Stats:
    """Of numbers (n,) or (n, k), n > 0: each (k,), `count` (1,). Where some are NaN, of the others."""
    table = values.reshape(len(values), -1)
    numbers = table.astype(np.float64)
    if not np.isnan(numbers).any():
        low, high, mean, std = table.min(axis=0), table.max(axis=0), numbers.mean(axis=0), numbers.std(axis=0)
        quantiles = np.quantile(numbers, list(QUANTILES.values()), axis=0, method="inverted_cdf")
    else:
        known = [column[~np.isnan(column)] for column in numbers.T]
        known = [column if column.size else np.full(1, np.nan) for column in known]
        low, high, mean, std = (np.array([f(column) for column in known]) for f in (np.min, np.max, np.mean, np.std))
        quantiles = np.array([np.quantile(column, list(QUANTILES.values()), method="inverted_cdf") for column in known]).T
    basic = {"min": low, "max": high, "mean": mean, "std": std, "count": np.array([len(values)])}
    return basic | dict(zip(QUANTILES, quantiles, strict=True))


def looked_at(count: int) -> Index:
    """The frames of which statistics are made: spread over the episode, each cheap to decode in videos of ours."""
    return np.unique(np.linspace(0, count - 1, min(count, FRAMES)).astype(np.int64) // GOP * GOP)


def of_pictures(frames: NDArray[np.uint8]) -> Stats:
    """Of frames (n, height, width, 3): per colour (3, 1, 1), levels from 0 to 1; `count` (1,) is of frames."""
    height, width = frames.shape[1:3]
    step = max(1, max(height, width) // _TARGET) if max(height, width) >= _LARGEST else 1
    table = np.stack([np.bincount(frames[:, ::step, ::step, c].ravel(), minlength=256) for c in range(3)])
    levels, total = np.arange(256) / 255.0, int(table[0].sum())
    mean = table @ levels / total
    std = np.sqrt(np.maximum(0.0, (table * (levels - mean[:, None]) ** 2).sum(axis=1) / total))
    ranked = table.cumsum(axis=1)
    low, high = (ranked > 0).argmax(axis=1), (ranked == total).argmax(axis=1)
    found = {"min": levels[low], "max": levels[high], "mean": mean, "std": std}
    found |= {word: levels[(ranked >= q * total).argmax(axis=1)] for word, q in QUANTILES.items()}
    return {word: value.reshape(3, 1, 1) for word, value in found.items()} | {"count": np.array([len(frames)])}


@np.errstate(invalid="ignore", over="ignore")
def joined(parts: Iterable[Mapping[str, Stats]]) -> dict[str, Stats]:
    """The statistics of all episodes from those of each, feature by feature; empty of none."""
    whole: dict[str, list[Stats]] = {}
    for part in parts:
        for key, stats in part.items():
            whole.setdefault(key, []).append(stats)
    return {key: _joined(several) for key, several in whole.items()}


def _joined(parts: list[Stats]) -> Stats:
    if len(parts) == 1:
        return parts[0]
    counts = np.stack([p["count"] for p in parts]).astype(np.float64)
    weight = (counts / counts.sum()).reshape(-1, *[1] * parts[0]["mean"].ndim)
    means = np.stack([p["mean"] for p in parts])
    mean = (weight * means).sum(axis=0)
    variances = np.stack([p["std"] for p in parts]) ** 2
    return {
        "min": np.min([p["min"] for p in parts], axis=0),
        "max": np.max([p["max"] for p in parts], axis=0),
        "mean": mean,
        "std": np.sqrt((weight * (variances + (means - mean) ** 2)).sum(axis=0)),
        "count": np.sum([p["count"] for p in parts], axis=0),
        **{q: (weight * np.stack([p[q] for p in parts])).sum(axis=0) for q in QUANTILES},
    }
