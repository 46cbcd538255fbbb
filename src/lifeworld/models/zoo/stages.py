"""What a kind learns, one thing after the other: for models in tokens the tokenizer, then the dynamics, then how sure to be.

    done = learn(shape, footage, Path("model"), plan)      # `plan` says of each stage how long it lasts

Every stage is a training of its own by the one loop, in a folder of its own where there are several, and is done once: the same call goes
on in the stage that was stopped, and ends with the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from lifeworld.models.data.footage import Footage
from lifeworld.models.dreamer import Dreamer, Sizes
from lifeworld.models.dynamics.certainty import Certainty
from lifeworld.models.dynamics.diffusion import Denoising
from lifeworld.models.dynamics.forcing import ShortcutForcing
from lifeworld.models.dynamics.maskgit import HiddenTokens
from lifeworld.models.dynamics.regression import NextTokens
from lifeworld.models.dynamics.rolls import Rolls
from lifeworld.models.jepa.foreseeing import Foreseeing, standing
from lifeworld.models.jepa.looking import Looking
from lifeworld.models.jepa.network import Jepa
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.tokens.latents import encoded
from lifeworld.models.tokens.tokenizing import Tokenizing
from lifeworld.models.training import shard
from lifeworld.models.training.logs import Elsewhere
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan
from lifeworld.models.training.train import train
from lifeworld.models.zoo.kinds import fresh, kind_of

LATENTS = "latents"


class Stage(NamedTuple):
    """What is learned; the share of the time it gets; how high its learning rate is, in proportion; what makes its objective of the model
    so far, a plan, what it learns from and the longest roll; and whether it learns from tokens."""

    name: str
    share: float
    rate: float
    objective: Callable[[Any, Plan, Footage, int], Objective]
    tokens: bool = False


def _of_tokens(objective: type[Any]) -> tuple[Stage, ...]:
    return (
        Stage("tokenizer", 0.2, 1.0, lambda model, plan, *_: Tokenizing(model, plan)),
        Stage("dynamics", 0.7, 0.7, lambda model, plan, *_: objective(model, plan), tokens=True),
        _CERTAINTY,
    )


WITHIN, APART = 0.5, 0.1
"""Where nobody acts this share of the variance of embeddings lies within clips, and so much counts what keeps them apart."""
SHIFTED = 0.05
"""Where somebody acts pictures are moved by this part of their height at most, times the share of what stands still."""
_CERTAINTY = Stage("certainty", 0.1, 2.0, lambda model, plan, _, horizon: Certainty(model, plan, horizon=horizon))
STAGES = {
    "state": (Stage("dynamics", 1.0, 1.0, lambda model, plan, _, horizon: Rolls(model, plan, horizon=horizon)),),
    "forcing": _of_tokens(ShortcutForcing),
    "regression": _of_tokens(NextTokens),
    "maskgit": _of_tokens(HiddenTokens),
    "diffusion": (Stage("dynamics", 0.9, 1.0, lambda model, plan, *_: Denoising(model, plan)), _CERTAINTY),
    "jepa": (
        Stage("embedding", 0.85, 0.7, lambda model, plan, footage, _: _foreseeing(model, plan, footage)),
        Stage("pictures", 0.15, 1.0, lambda model, plan, _, horizon: Looking(model, plan, horizon=horizon)),
    ),
}


@dataclass(frozen=True, slots=True)
class Learned:
    """The averaged model, how many steps of all stages are behind it, on how many threads it learned, and whether it is finished."""

    model: Dreamer
    steps: int
    threads: int
    finished: bool


def learn(
    shape: Sizes,
    footage: Footage,
    folder: Path,
    plan: Callable[[Stage, Callable[[Plan], Objective], Footage, Path], Plan],
    *,
    seed: int = 0,
    horizon: int = 16,
    device: torch.device | None = None,
    on_step: Callable[[Stage, Plan, int], None] | None = None,
    on_shard: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    also: Sequence[Elsewhere] = (),
) -> Learned:
    """Learn to the end of all stages or until `stop()`; goes on from what the folder holds.

    Args:
        plan: the plan of a stage, told what makes its objective, what it learns from and its folder.
        horizon: the longest roll [pictures].
        on_step: told the stage, its plan and the step that is done.
        on_shard: told how many shards of tokens there are, of how many.

    Raises:
        What `train` and `encoded` raise.
    """
    stages, steps, threads = STAGES[kind_of(shape)], 0, 1
    model: Any = fresh(shape, footage.doing, seed=seed).to(device)
    for stage in stages:
        place = folder if len(stages) == 1 else folder / stage.name
        data = footage
        if stage.tokens:
            with shard.first_alone(), on_threads(threads):
                latents = encoded(footage, model.tokenizer, folder / LATENTS, on_shard=on_shard, stop=stop)
            if latents is None:
                return Learned(model, steps, threads, False)
            mean, std = latents.spread(levels=model.shape.tokens.levels)
            model.token_mean.copy_(mean)
            model.token_std.copy_(std)
            data = latents

        def objective(plan: Plan, model: Dreamer = model, stage: Stage = stage, data: Footage = data) -> Objective:
            return stage.objective(deepcopy(model), plan, data, horizon).to(device)

        this = plan(stage, objective, data, place)
        threads = this.threads

        def told(step: int, _loss: float, stage: Stage = stage, this: Plan = this) -> None:
            if on_step is not None:
                on_step(stage, this, step)

        run = train(objective(this), data, place, on_step=told, stop=stop, also=also)
        model, steps = run.average, steps + run.step
        if run.step < this.steps:
            return Learned(model, steps, threads, False)
    return Learned(model, steps, threads, True)


def _foreseeing(model: Jepa, plan: Plan, footage: Footage) -> Foreseeing:
    if model.shape.actions:
        return Foreseeing(model, plan, shifted=round(SHIFTED * model.shape.height * standing(footage, seed=plan.seed)))
    return Foreseeing(model, plan, within=WITHIN, weight=APART)
