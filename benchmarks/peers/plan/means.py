"""All trainings of a model as one line of the table: what is counted are errands, each by the share of the trainings that got there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.plan.judge import RULES
from lifeworld.core.interval import interval, wilson


def means(names: Sequence[str], lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each name, the first of which is ours; `seeds` are those of its trainings that gave numbers.

    `reached` (value, low, high) in % has Wilson's interval of so many errands, which three trainings make no more; `ours_more` is taken
    errand by errand. Both are of these trainings: how far others would be off, `each` tells.
    """
    found: list[dict[str, Any]] = []
    for name in names:
        some = [line for line in lines if line["name"] == name and "moderate" in line]
        mean: dict[str, Any] = {"name": name, "seeds": [line["seed"] for line in some]}
        found.append(mean)
        if not some:
            continue
        for rule in RULES:
            hits = np.array([line[rule]["hits"] for line in some], float).mean(0)
            low, high = wilson(float(hits.sum()), len(hits))
            mean[rule] = {
                "reached": [100 * float(hits.mean()), 100 * low, 100 * high],
                "random": some[0][rule]["random"],
                "each": [line[rule]["reached"][0] for line in some],
                "hits": hits.tolist(),
            }
            if mean is not found[0] and found[0]["seeds"]:
                mean[rule]["ours_more"] = _apart(np.array(found[0][rule]["hits"]), hits)
        for key in ("real_r", "imagined_r", "stood_r", "plan_ms"):
            mean[key] = float(np.mean([line[key] for line in some]))
        for key in ("numbers", "samples_per_s", "pictures_a_sample"):
            mean[key] = float(np.mean([line["learned"][key] for line in some]))
    return found


def _apart(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> list[float]:
    """How many points more ours reaches (value, low, high)."""
    more = 100 * (ours - theirs)
    return [float(bound) for bound in interval(lambda rows: float(more[rows].mean()), np.arange(len(more)), seed=0)]
