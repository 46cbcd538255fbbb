"""What the nano model of push_table is worth, on plays it never saw: the one that lifeworld brings, or one learned from scratch.

The long part learns it, which takes about ten minutes of two cores, and follows it over five hundred pictures. Plays and model are kept
under out/nano; delete them to begin anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.priority import ordinary_priority
from benchmarks.row import Row
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.head import is_bundle
from lifeworld.episode.seal import append_to, stage
from lifeworld.evaluate.heldout import open_heldout
from lifeworld.evaluate.horizon import horizon
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import score
from lifeworld.models.data.footage import open_footage
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.dynamics.state import Shape
from lifeworld.models.familiar import familiarised
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.resume import planned
from lifeworld.models.training.train import train
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.kinds import fresh

SHARE_S = 42
LONG_S = 1500

OUT, READY = Path("out/nano"), Path(__file__).parents[1] / "src" / "lifeworld" / "models" / "ready" / "push_table"
STEPS, THREADS, HORIZON = 3600, 1, 32
"""One thread: two wait for each other wherever somebody else works too."""
BUDGET_S = 1200.0
"""Ten minutes of two cores [s of processor time]."""
BARS = {1: (32.0, None), 8: (26.5, 15.0), 32: (21.5, 13.0)}
"""Pictures ahead: the bars of the PSNR of whole pictures and of changing pixels [dB]."""


def run() -> Iterator[Row]:
    """Measure the one that is brought along."""
    yield from measured(READY, unseen())


def run_long() -> Iterator[Row]:
    """Play, learn, measure."""
    yield from learned(played(OUT / "plays", 200, 16.0, seed=11), OUT / "model")
    yield from measured(OUT / "model", unseen())
    yield from drifted(OUT / "model", played(OUT / "long", 6, 41.0, seed=99))


def unseen() -> Path:
    """Plays that no model learned from."""
    return played(OUT / "held_out", 48, 8.0, seed=77)


def played(folder: Path, episodes: int, seconds: float, *, seed: int) -> Path:
    """A bundle of plays at 12.5 pictures a second; made unless it is there."""
    if is_bundle(folder) and len(open_bundle(folder)) == episodes:
        return folder
    with append_to(folder) as writer:
        seeds = [child_seed(seed, "play", i) for i in range(len(open_bundle(folder)), episodes)]
        for uid in spread(partial(play, folder, seconds), seeds, workers=cores()):
            writer.commit([uid])
    return folder


def play(folder: Path, seconds: float, seed: int) -> str:
    """Play once and stage the episode; its uid."""
    from lifeworld.scene import starter
    from lifeworld.worlds.agent import AgentPusher
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.produce import settle_anew
    from lifeworld.worlds.record import record

    world = WorldPhysics(frame_ticks=4)
    start = settle_anew(world, starter.load("push_table"), seed)
    episode = record(world, AgentPusher(), start, seconds=seconds, seed=seed, signals=["rgb"])
    with ordinary_priority():
        return stage(episode, folder)


def learned(data: Path, folder: Path) -> Iterator[Row]:
    """Learn, unless it is done; how long it took, reading included."""
    footage, begun = open_footage(data, size=(64, 64), length=4 + HORIZON, cache=OUT / "cache"), planned(folder) is not None
    plan, spent = Plan(steps=STEPS, threads=THREADS), time.process_time()
    footage.hold()
    done = train(Rolls(fresh(Shape(), footage.doing, seed=plan.seed), plan, horizon=HORIZON), footage, folder)
    done.average.familiar = familiarised(done.average, footage, seed=plan.seed)
    spent = time.process_time() - spent
    save(folder, done.average, Card.of(Shape(), footage, steps=done.step, seed=plan.seed))
    yield Row("numbers in the model", sum(p.numel() for p in done.average.parameters()) / 1e6, "M", 3, lower=True)
    if not begun:
        yield Row(f"processor time of learning, from nothing, {STEPS} steps", spent, "s", BUDGET_S, lower=True)


def measured(folder: Path, held_out: Path) -> Iterator[Row]:
    """PSNR by horizon beside copying and the mean picture, obedience, calibration, speed."""
    footage = open_footage(held_out, size=(64, 64), length=36, cache=OUT / "cache")
    found = score(SubjectDream(folder), footage, all_of_it=True)
    yield Row("held-out clips, of so many episodes", found.clips, "", 42, n=found.episodes)
    for i, ahead in enumerate(found.horizons):
        whole, changing = BARS.get(ahead, (None, None))
        for name, level, bars in (
            ("PSNR", found.model, (whole, changing)),
            ("  copying the last picture", found.copying, (None, None)),
            ("  the mean picture", found.mean, (None, None)),
        ):
            for what, value, (low, high), bar in (
                ("", level.whole[i], level.whole_bounds[i], bars[0]),
                (", changing pixels", level.changing[i], level.changing_bounds[i], bars[1]),
            ):
                yield Row(f"{name} after {ahead}{what}", value, "dB", bar, n=found.clips, note=between(low, high))
            yield Row(f"{name} after {ahead}, mean of clips", level.by_clip[i], "dB", n=found.clips)
        yield Row(f"calibration error after {ahead}", found.calibration_error[i], "", 0.1, lower=True, n=found.clips)
    yield Row("true actions are worth, after 4 (Δ4)", found.delta_db[0], "dB", 4, n=found.clips, note=between(*found.delta_bounds_db))
    yield Row("true actions are worth, after 4, changing pixels", found.delta_db[1], "dB", n=found.clips)
    yield Row("copying is as good after", found.break_even or found.horizons[-1] + 1, "pictures", 32)
    yield Row("pictures a second of one core, one dream, shown", pace(WorldDream(folder), open_bundle(held_out)[0]), "1/s", 100)


def pace(world: WorldDream, episode: object) -> float:
    """Pictures a second of one core of one dream, with all that it shows."""
    state, action = world.reset(episode, seed=0), {world.spec.actions[0].name: np.zeros(2)}  # type: ignore[arg-type]
    state = world.step(state, action)
    start = time.process_time()  # a second of one core's, whoever else works here
    for _ in range(200):
        state = world.step(state, action)
        world.observe(state, ["rgb"])
    return 200 / (time.process_time() - start)


def drifted(folder: Path, long: Path) -> Iterator[Row]:
    """How far dreams of recorded actions are from the truth after 50, 200 and 500 pictures, and whether they still show and do as much."""
    subject = SubjectDream(folder)
    found = horizon(subject, open_heldout(long, [subject], cache=OUT / "cache", horizon=32), seed=0)
    for one in found.measured:
        name, _, ahead = one.name.partition("@")
        bar = 0.5 if name == "drift_contrast" else None  # collapse: 0
        note = f"{between(one.low, one.high)}; {one.floors[0].name} {one.floors[0].value:.2f}"
        yield Row(f"{name} after {ahead}", one.value, one.unit, bar, note=note)


def between(low: float, high: float) -> str:
    """An interval, in words."""
    return f"95 %: {low:.2f} to {high:.2f}"
