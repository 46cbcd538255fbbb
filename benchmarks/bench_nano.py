"""What the nano model is worth: learned from scratch on push_table, about twenty minutes of one core, measured on plays it never saw.

The plays and the model are kept under out/nano; delete them to begin anew.
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
from lifeworld.models.checkpoint import Card, save
from lifeworld.models.data import open_footage
from lifeworld.models.dream import WorldDream, opening
from lifeworld.models.dynamics import Shape
from lifeworld.models.kinds import fresh
from lifeworld.models.plan import Plan
from lifeworld.models.resume import planned
from lifeworld.models.rolls import Rolls
from lifeworld.models.score import score
from lifeworld.models.threads import on_threads
from lifeworld.models.train import train

OUT = Path("out/nano")
STEPS = 5000
BUDGET_S = 1200.0
"""Ten minutes of two cores [s of processor time]."""
SHOVES = "bump:20/min"
BARS = {1: (32.0, None), 8: (26.5, 15.0), 32: (21.5, 13.0)}
"""Pictures ahead: the bars of the PSNR of whole pictures and of changing pixels [dB]."""
AHEAD = 500


def run() -> Iterator[Row]:
    """Play, learn, measure."""
    data = played(OUT / "play", 200, 16.0, SHOVES, seed=11)
    held_out, long = played(OUT / "held_out", 48, 8.0, "", seed=77), played(OUT / "long", 6, 41.0, "", seed=99)
    yield from learned(data, OUT / "model")
    yield from measured(OUT / "model", held_out, long)


def played(folder: Path, episodes: int, seconds: float, events: str, *, seed: int) -> Path:
    """A bundle of plays at 12.5 pictures a second; made unless it is there."""
    if is_bundle(folder) and len(open_bundle(folder)) == episodes:
        return folder
    with append_to(folder) as writer:
        seeds = [child_seed(seed, "play", i) for i in range(len(open_bundle(folder)), episodes)]
        for uid in spread(partial(play, folder, seconds, events), seeds, workers=cores()):
            writer.commit([uid])
    return folder


def play(folder: Path, seconds: float, events: str, seed: int) -> str:
    """Play once and stage the episode; its uid."""
    from lifeworld.scene import starter
    from lifeworld.worlds.agent import AgentPusher
    from lifeworld.worlds.physics.engine import WorldPhysics
    from lifeworld.worlds.physics.produce import eventful, settle_anew
    from lifeworld.worlds.record import record

    world = WorldPhysics(frame_ticks=4)
    start = settle_anew(world, starter.load("push_table"), seed)
    episode = record(eventful(world, start, events), AgentPusher(), start, seconds=seconds, seed=seed, signals=["rgb"])
    with ordinary_priority():
        return stage(episode, folder)


def learned(data: Path, folder: Path) -> Iterator[Row]:
    """Learn, unless it is done; how long the processor took."""
    footage = open_footage(data, size=(64, 64), length=20, cache=OUT / "cache")
    plan, spent = Plan(steps=STEPS), time.process_time()
    begun = planned(folder) is not None
    done = train(Rolls(fresh(Shape(), footage.doing, seed=plan.seed), plan), footage, folder)
    save(folder, done.average, Card.of(Shape(), footage, steps=done.step, seed=plan.seed))
    yield Row("numbers in the model", sum(p.numel() for p in done.average.parameters()) / 1e6, "M", 3, lower=True)
    if not begun:
        yield Row("processor time of learning, from nothing", time.process_time() - spent, "s", BUDGET_S, lower=True)


def measured(folder: Path, held_out: Path, long: Path) -> Iterator[Row]:
    """PSNR by horizon beside copying and the mean picture, obedience, calibration, speed, and what five hundred pictures do to it."""
    world = WorldDream(folder)
    footage = open_footage(held_out, size=(64, 64), length=36, cache=OUT / "cache")
    with on_threads(1):
        found = score(world.model, footage, all_of_it=True)
    yield Row("held-out clips", found.clips, "", 42)
    for i, horizon in enumerate(found.horizons):
        whole, changing = BARS.get(horizon, (None, None))
        for name, level, bars in (
            ("PSNR", found.model, (whole, changing)),
            ("  copying the last picture", found.copying, (None, None)),
            ("  the mean picture", found.mean, (None, None)),
        ):
            yield Row(f"{name} after {horizon}", level.whole[i], "dB", bars[0])
            yield Row(f"{name} after {horizon}, changing pixels", level.changing[i], "dB", bars[1])
            yield Row(f"{name} after {horizon}, mean of clips", level.by_clip[i], "dB")
        yield Row(f"calibration error after {horizon}", found.calibration_error[i], "", 0.1, lower=True)
    yield Row("true actions are worth, after 4 (Δ4)", found.delta_db[0], "dB", 4)
    yield Row("true actions are worth, after 4, changing pixels", found.delta_db[1], "dB")
    yield Row("copying is as good after", found.break_even or found.horizons[-1] + 1, "pictures", 32)
    yield Row("pictures a second of one core, one dream, shown", pace(world, open_bundle(held_out)[0]), "1/s", 100)
    yield from drifted(world, long)


def pace(world: WorldDream, episode: object) -> float:
    """Pictures a second of one core of one dream, with all that it shows."""
    state, action = world.reset(episode, seed=0), {world.spec.actions[0].name: np.zeros(2)}  # type: ignore[arg-type]
    state = world.step(state, action)
    start = time.process_time()  # a second of one core's, whoever else works here
    for _ in range(200):
        state = world.step(state, action)
        world.observe(state, ["rgb"])
    return 200 / (time.process_time() - start)


def drifted(world: WorldDream, long: Path) -> Iterator[Row]:
    """How far dreams of recorded actions are from the truth after 50, 200 and 500 pictures, and whether they still show as much."""
    bundle, card, context = open_bundle(long), world.card, world.card.shape.context
    assert card.doing is not None
    truth, states, actions = [], [], []
    for episode in bundle:
        truth.append(opening(episode, card, pictures=context + AHEAD)[context:])
        states.append(world.reset(episode, seed=0))
        first = int(episode[card.stream].times_ns[0])
        edges = first + np.arange(context - 1, context + AHEAD, dtype=np.int64) * card.frame_ns
        actions.append(card.doing.between(episode, edges))
    _, seen = world.rollout(states, {world.spec.actions[0].name: np.stack(actions)}, ["rgb"])
    dreamed, real = seen["rgb"].astype(np.float32) / 255, np.stack(truth).astype(np.float32) / 255
    last = np.stack([world.observe(s, ["rgb"])["rgb"] for s in states]).astype(np.float32)[:, None] / 255
    for ahead in (50, 200, AHEAD):
        for name, guess in (("PSNR", dreamed), ("  copying the last picture", np.broadcast_to(last, real.shape))):
            wrong = float(((guess[:, ahead - 10 : ahead] - real[:, ahead - 10 : ahead]) ** 2).mean())
            yield Row(f"{name} after {ahead - 9} to {ahead}", -10 * np.log10(wrong), "dB")
        contrast = float(dreamed[:, ahead - 1].std(axis=(1, 2)).mean() / real[:, ahead - 1].std(axis=(1, 2)).mean())
        yield Row(f"contrast after {ahead}, as a share of the true one (collapse: 0)", contrast, "", 0.5)
