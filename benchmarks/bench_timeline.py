"""What it costs to be able to go back: bytes of ten minutes of states, and how long a seek takes, in memory and in a bundle."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from lifeworld.core.seed import generator
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.seal import append_to
from lifeworld.scene.generate import tabletop
from lifeworld.worlds.agent import AgentRandom
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record
from lifeworld.worlds.replay import open_past
from lifeworld.worlds.timeline import Timeline

SHARE_S = 14

THINGS, SECONDS, SEEKS = 20, 120.0, 200
TEN_MINUTES_S = 600.0


def run() -> Iterator[Row]:
    """Bytes of 10 minutes (measured over two, at 50 ticks a second) and the time of random seeks, by this process's own clock."""
    world = WorldPhysics(renderer="rays")
    scene = settle(world, tabletop(seed=4, count=THINGS - 1), seed=4)
    yield Row("things in the scene", len(scene.things), "", THINGS)
    episode = record(world, AgentRandom(), scene, seconds=SECONDS, seed=4, signals=["position_m"])
    with tempfile.TemporaryDirectory() as folder:
        with append_to(Path(folder)) as bundle:
            uid = bundle.add(episode)
        stored = open_bundle(folder)
        size = sum(f.bytes for f in stored.manifest(stored.uids.index(uid)).streams["state"].files)
        yield Row("states of 10 minutes on the disk", size * TEN_MINUTES_S / SECONDS / 1e6, "MB", 60, lower=True)
        past = open_past(stored.episode(uid), renderer="rays")
        past.at(0)
        ticks = generator(0, "seeks").integers(0, past.ticks + 1, SEEKS).tolist()
        spent = _seeks(past.at, ticks)
        yield Row("random seek in a bundle, median", 1e3 * float(np.median(spent)), "ms", 20, lower=True, n=SEEKS)
        yield Row("random seek in a bundle, 95 % are faster than", 1e3 * float(np.percentile(spent, 95)), "ms", 20, lower=True, n=SEEKS)
        line = Timeline.of(past.at(0))
        for action in past.course.actions[: past.ticks // 4]:
            line = line.step(past.world, action)
        kept = sum(state.vector.nbytes + sum(b.vector.nbytes for b in state.past) for state in line.nodes[0].course.keys.values())
        yield Row("keys of 10 minutes in memory", kept * TEN_MINUTES_S / (SECONDS / 4) / 1e6, "MB", 60, lower=True)
        spent = _seeks(partial(line.at, past.world), [tick // 4 for tick in ticks])
        yield Row("random seek in memory, median", 1e3 * float(np.median(spent)), "ms", 20, lower=True, n=SEEKS)
        yield Row("random seek in memory, 95 % are faster than", 1e3 * float(np.percentile(spent, 95)), "ms", 20, lower=True, n=SEEKS)


def _seeks(at: Callable[[int], object], ticks: Sequence[int]) -> list[float]:
    """How long each seek takes [s]."""
    spent = []
    for tick in ticks:
        start = time.process_time()
        at(tick)
        spent.append(time.process_time() - start)
    return spent
