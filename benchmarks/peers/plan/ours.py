"""Our nano learns for the table's processor time, by the stages of `lifeworld learn --goal plan` and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lifeworld.commands.learn import PAST, Options
from lifeworld.models.data.footage import Footage
from lifeworld.models.jepa.foreseeing import Foreseeing
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import begin, update
from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.checkpoint import save
from lifeworld.models.zoo.sizes import shape_of
from lifeworld.models.zoo.stages import Stage, learn

FORESEES = "embedding"
"""The stage whose samples count: the other learns to draw, and to aim, from what this one made."""
WARM, MEASURED = 2, 6


def learned(footage: Footage, folder: Path, *, seconds: float, seed: int) -> dict[str, Any]:
    """Learn for about so long on one thread, keep the model; how it went."""
    assert footage.doing is not None
    height, width = footage.size
    shape = shape_of("jepa", "nano", height=height, width=width, actions=len(footage.doing.mean), context=PAST, latent=False, codes=0)
    options = Options(out=folder)
    footage.hold()
    clips = footage.cut(PAST + options.horizon)
    clock, spent, plans, samples = time.process_time, dict[str, float](), dict[str, Plan](), dict[str, tuple[int, float]]()

    def plan(stage: Stage, objective: Callable[[Plan], Objective], data: Footage, _place: Path) -> Plan:
        trial = Plan(steps=100, rate=stage.rate * options.rate, seed=seed)
        run = begin(objective(trial), data)
        if isinstance(run.objective, Foreseeing):  # of the clips of a step some are foreseen in, of the others a picture is looked at
            long, _ = run.objective.need(trial.steps // 2)
            samples[stage.name] = run.objective.clips, long + run.objective.more / run.objective.clips
        run.step, lasts = 50, 0.0
        for number in range(WARM + MEASURED):
            start = clock()
            update(run, data)
            lasts += (clock() - start) / MEASURED if number >= WARM else 0.0
        plans[stage.name] = replace(trial, steps=max(1, round(stage.share * seconds / lasts)))
        spent[stage.name] = -clock()
        return plans[stage.name]

    def on_step(stage: Stage, plan: Plan, step: int) -> None:
        if step == plan.steps:
            spent[stage.name] += clock()

    with on_threads(1):
        done = learn(shape, clips, folder, plan, seed=seed, horizon=options.horizon, on_step=on_step)
    save(folder, done.model, Card.of(shape, clips, steps=done.steps, seed=seed))
    count, pictures = samples[FORESEES]
    return {
        "version": version("lifeworld"),
        "numbers": sum(p.numel() for p in done.model.parameters()) / 1e6,
        "steps": done.steps,
        "seconds": sum(spent.values()),
        "samples_per_s": plans[FORESEES].steps * count / spent[FORESEES],
        "pictures_a_sample": pictures,
    }
