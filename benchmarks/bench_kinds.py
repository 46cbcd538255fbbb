"""What each kind of model is worth after the same few minutes of one core: learned on push_table, measured on plays it never saw.

All are of nano size and learned from scratch; beside them stands copying the last picture.

The plays are those of bench_nano; the models are kept under out/kinds, and learning goes on there; delete them to begin anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.bench_nano import OUT as PLAYS
from benchmarks.bench_nano import pace, played, unseen
from benchmarks.row import Row
from lifeworld.episode.bundle import open_bundle
from lifeworld.evaluate.ours import SubjectDream
from lifeworld.evaluate.score import Level, Score, score
from lifeworld.models.data.footage import Footage, open_footage
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.play.dream import WorldDream
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.resume import planned
from lifeworld.models.training.train import begin, update
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.sizes import SIZES, shape_of
from lifeworld.models.zoo.stages import Stage, learn

LONG_S = 1500

OUT = Path("out/kinds")
BUDGET_S = 120.0
"""What a kind may learn for [s of processor time], all its stages together."""
MEASURED = 4
SHOWN = (1, 4, 8, 16, 32)
CLIPS = 72


def run_long() -> Iterator[Row]:
    """Learn each, measure each, and print them as one table."""
    data, held_out = played(PLAYS / "plays", 200, 16.0, seed=11), unseen()
    footage = open_footage(data, size=(64, 64), length=20, cache=OUT / "cache")
    footage.hold()
    truth = open_footage(held_out, size=(64, 64), length=36, cache=OUT / "cache")
    table: dict[str, Level] = {}
    for name in SIZES:
        found, spent = learned(name, footage, truth)
        world = WorldDream(OUT / name)
        table.setdefault("copy last", found.copying)
        table[name] = found.model
        yield Row(f"{name}: numbers in the model", sum(p.numel() for p in world.model.parameters()) / 1e6, "M")
        if spent is not None:
            yield Row(f"{name}: processor time of learning", spent, "s", 1.2 * BUDGET_S, lower=True)
        for i, horizon in enumerate(found.horizons):
            if horizon in SHOWN:
                yield Row(f"{name}: PSNR after {horizon}", found.model.whole[i], "dB")
                yield Row(f"{name}: PSNR after {horizon}, changing pixels", found.model.changing[i], "dB")
        yield Row(f"{name}: true actions are worth, after 4 (Δ4)", found.delta_db[0], "dB")
        yield Row(f"{name}: pictures a second of one core, one dream, shown", pace(world, open_bundle(held_out)[0]), "1/s")
    print(shown(table, found.horizons))


def learned(name: str, footage: Footage, truth: Footage) -> tuple[Score, float | None]:
    """Learn a kind, unless it is done, and measure it; how long the processor took, None if some of it was done before."""
    context = 4
    shape, folder = shape_of(name, "nano", height=64, width=64, actions=2, context=context, latent=False), OUT / name
    start, begun = time.process_time(), folder.exists()
    with on_threads(1):
        done = learn(shape, footage, folder, _plan)
        spent = None if begun else time.process_time() - start
        save(folder, done.model, Card.of(shape, footage, steps=done.steps, seed=0))
        return score(SubjectDream(folder), truth, all_of_it=True, most_clips=CLIPS), spent


def shown(table: dict[str, Level], horizons: tuple[int, ...]) -> str:
    """The study's table: PSNR and that of changing pixels [dB] by horizon."""
    at = [horizons.index(h) for h in SHOWN]
    lines = [f"{'after ' + '/'.join(map(str, SHOWN)):<16} {'PSNR [dB]':<34} changing pixels"]
    for name, level in table.items():
        whole, changing = (" / ".join(f"{values[i]:4.1f}" for i in at) for values in (level.whole, level.changing))
        lines.append(f"{name:<16} {whole:<34} {changing}")
    return "\n".join(lines)


def _plan(stage: Stage, objective: Callable[[Plan], Objective], data: Footage, folder: Path) -> Plan:
    """As many steps as take the stage's share of the budget, measured in processor time."""
    if (earlier := planned(folder)) is not None:
        return earlier
    plan = Plan(steps=100, rate=1.5e-3 * stage.rate)
    trial = begin(objective(plan), data)
    for first in (True, False):
        trial.step, start = 50, time.process_time()
        for _ in range(1 if first else MEASURED):
            update(trial, data)
    each = (time.process_time() - start) / MEASURED
    return replace(plan, steps=max(20, round(BUDGET_S * stage.share / each)))
