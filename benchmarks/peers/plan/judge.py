"""What a model that plans is asked at the table: does it get there, what does it know of where it is, what does a plan cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.plan.corpus import Shots
from lifeworld.core.ridge import ridge
from lifeworld.evaluate.subject import Subject
from lifeworld.worlds.planning.arena import Arena
from lifeworld.worlds.planning.errand import errands_of, pace_of
from lifeworld.worlds.planning.judge import judge
from lifeworld.worlds.planning.mind import Mind
from lifeworld.worlds.planning.planner import Planner
from lifeworld.worlds.world import World

AHEAD = 5
"""Decisions after which the imagined place is read: as far as a plan reaches."""
HOP = 3
RULES = ("moderate", "strict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """So many errands of an arena, drawn from a seed: the same for all."""

    arena: Arena
    world: World[Any]
    errands: int
    seed: int


def planned(asked: Asked, mind: Mind, planner: Planner, *, on_done: Callable[[], None]) -> dict[str, Any]:
    """Success by both rules beside the random policy of the same errands, each (value, low, high) in %, and what a plan takes.

    That is processor time, with what a neighbour takes in a process of its own.
    """
    errands = errands_of(asked.arena, asked.world, count=asked.errands, seed=asked.seed)
    done = judge(asked.world, errands, mind=mind, planner=planner, pace=pace_of(asked.arena), on_done=lambda _: on_done())
    found: dict[str, Any] = {}
    for rule in RULES:
        success = getattr(done, rule)
        found[rule] = {name: [100 * float(x) for x in getattr(success, name)] for name in ("reached", "random", "excess")}
        found[rule]["hits"] = [getattr(pursuit, rule) is not None for pursuit in done.pursuits]
    return found | {"plan_ms": done.price.ms, "plan_steps": done.price.steps}


def probed(subject: Subject, seen: Shots, held: Shots, *, at_once: int = 256) -> dict[str, float]:
    """Pearson's r, the mean of both axes, of the place that a linear probe reads: in embeddings of pictures, and in imagined ones.

    The probe is fitted to real embeddings of episodes that were learned from, and judged on episodes held out. `stood_r` is the floor of
    what is imagined: the place where it was when imagining began.
    """

    def embedded(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        parts = [subject.embed(pictures[i : i + at_once][:, None])[:, 0] for i in range(0, len(pictures), at_once)]
        return np.concatenate(parts).astype(np.float64)

    read = ridge(embedded(seen.pictures), seen.places)
    clips = held.clips(subject.context + AHEAD, hop=HOP)
    now = clips[:, subject.context - 1]
    ahead = subject.ahead(subject.begin(held.pictures[clips[:, : subject.context]]), held.actions[clips[:, subject.context - 1 : -1]])
    assert ahead.embeddings is not None
    there = held.places[clips[:, -1]]
    return {
        "real_r": _r(read(embedded(held.pictures)), held.places),
        "imagined_r": _r(read(ahead.embeddings[:, -1].astype(np.float64)), there),
        "stood_r": _r(read(embedded(held.pictures[now])), there),
    }


def _r(said: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    return float(np.mean([np.corrcoef(said[:, i], true[:, i])[0, 1] for i in range(true.shape[1])]))
