"""How often experts do their tasks at 20 seeds each, with a floating hand and an arm, and how often they recover.

Settled scenes are drawn by seed (expert_scenes.py). "Done" is what the tell sense says at the end: `goal_progress` is 1 for the last half
second; for a reach, that the hand touches the thing; for a pour, that three quarters of the marbles are in the bowl.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.expert_scenes import TASKS, scene_for
from benchmarks.row import Row
from lifeworld.episode.episode import Episode
from lifeworld.worlds.experts.recover import demonstrate, reached, recoveries
from lifeworld.worlds.physics.engine import WorldPhysics

LONG_S = 1800

SEEDS, DEMONSTRATIONS = 20, 4
SECONDS = {"reach": 8.0, "push": 16.0, "pick_and_place": 16.0, "open_drawer": 12.0, "close_drawer": 12.0, "open_door": 12.0, "pour": 20.0}


def done(task: str, episode: Episode) -> bool:
    """Whether the task is done at the end, by the tell sense."""
    assert episode.scene is not None
    names = [t.name for t in episode.scene.things]
    told = {(episode.legend["relations"][int(p)], int(a), int(b)) for p, a, b in np.asarray(episode["relations"].values[-1]).tolist()}
    if task == "reach":
        return ("touching", 1 + names.index("thing"), 1 + len(names)) in told
    if task == "pour":
        grains = [i + 1 for i, t in enumerate(episode.scene.things) if t.kind == "marble"]
        return sum(("in", grain, 1 + names.index("to")) in told for grain in grains) >= 0.75 * len(grains)
    return reached(episode)


def at_once(episode: Episode) -> bool:
    """Whether nothing broke on the way."""
    stream = next(s for name, s in episode.streams.items() if name.startswith("phase@"))
    return int(np.asarray(stream.values[-1])["tries"][0]) == 0


def run_long() -> Iterator[Row]:
    """Shares of seeds at which a task was done, and was done without anything breaking; the least recoveries a demonstration gave."""
    with tempfile.TemporaryDirectory() as folder:
        assets = Path(folder)
        for task, who in product(TASKS, ("hand", "arm")):
            kept = []
            for seed in range(SEEDS):
                scene, words = scene_for(task, seed, assets=assets if who == "arm" else None)
                world = WorldPhysics(renderer="rays", assets=assets)
                episode = demonstrate(world, words, scene, seconds=SECONDS[task], seed=seed)
                kept.append((done(task, episode), at_once(episode)))
            good, first = (sum(k) for k in zip(*kept, strict=True))
            yield Row(f"{task}, {who}: done", good, "", 0.9 * SEEDS, n=SEEDS)
            yield Row(f"{task}, {who}: done without anything breaking", first, "", n=SEEDS)
        for task, who in product(("pick_and_place", "open_drawer"), ("hand", "arm")):
            mended = []
            for seed in range(DEMONSTRATIONS):
                scene, words = scene_for(task, seed, assets=assets if who == "arm" else None)
                _, each = recoveries(WorldPhysics(renderer="rays", assets=assets), words, scene, seconds=18.0, seed=seed)
                mended.append(sum(one.verified for one in each))
            yield Row(f"{task}, {who}: verified recoveries of a demonstration, the fewest", min(mended), "", 3, n=DEMONSTRATIONS)
            yield Row("  on average", float(np.mean(mended)), "", n=DEMONSTRATIONS)
