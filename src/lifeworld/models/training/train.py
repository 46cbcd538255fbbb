"""The one training loop, for whatever an objective says is to be learned.

    model = fresh(Shape(), footage.doing, seed=0)
    train(Rolls(model, Plan(steps=4000)), footage, Path("model"))

Everything drawn follows from the plan's seed and the step's number, so a run that was killed and goes on from its last checkpoint ends with
the same weights, to the bit, on one machine with the same number of threads. Where torchrun started several processes they share the clips
of a step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from lifeworld.core.errors import Diverged
from lifeworld.models.data.footage import Footage
from lifeworld.models.dreamer import Dreamer, fits
from lifeworld.models.layers.short import shortened
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.training import shard
from lifeworld.models.training.logs import Elsewhere, Log
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.resume import keep, resume, said

LOGGED = 20
"""A line of the log every so many steps."""


@dataclass(slots=True)
class Run:
    """A training run as it stands: the objective with its model, the average of that, the optimiser, the steps behind it, and the footage
    cut to the windows so far."""

    objective: Objective
    average: nn.Module
    optimiser: torch.optim.Optimizer
    step: int = 0
    cuts: dict[int, Footage] = field(default_factory=dict)


def train(
    objective: Objective,
    footage: Footage,
    folder: Path,
    *,
    on_step: Callable[[int, float], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    keep_s: float = 60.0,
    also: Sequence[Elsewhere] = (),
) -> Run:
    """Train to the end of the plan, or until `stop()`; goes on from the folder's checkpoint if it is of the same plan and data.

    Args:
        keep_s: how long it goes on without keeping where it is [s].
        also: where else the log goes.

    Raises:
        InputError: if the checkpoint is of another plan, size or data, or model and footage do not fit.
        Diverged: if the loss is not finite any more; the last checkpoint is good.
        StorageError: if the disk is full; the last checkpoint is good.
    """
    plain, plan = deepcopy(objective.model).requires_grad_(False), objective.plan  # of one piece, whoever holds the parts
    run = begin(objective, footage)
    what = said(objective, footage)
    resume(run, folder, what)
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(folder, step=run.step, what=what, also=also) if shard.rank() == 0 else None
    kept = time.monotonic()
    try:
        while run.step < plan.steps and not shard.agreed(stop()):
            with on_threads(plan.threads):
                loss, numbers = update(run, footage)
            if not math.isfinite(loss):
                fix = "The last checkpoint is good. Try a lower --rate, elsewhere."
                raise Diverged("training blew up", where=f"step {run.step}", got=loss, fix=fix)
            if log is not None and (run.step % LOGGED == 0 or run.step == plan.steps):
                log.say(run.step, {"loss": loss, **numbers})
            if on_step is not None:
                on_step(run.step, loss)
            if shard.agreed(time.monotonic() - kept > keep_s):
                keep(run, folder, what)
                kept = time.monotonic()
        keep(run, folder, what)
    finally:
        if log is not None:
            log.close()
    shard.gather(run.average, plain)
    run.average = plain
    return run


def begin(objective: Objective, footage: Footage) -> Run:
    """A run before its first step.

    Raises:
        InputError: if actions were recorded and the model infers them, or the other way round.
    """
    if isinstance(objective.model, Dreamer):
        fits(objective.model.shape, footage.doing)
    average = deepcopy(objective.model).requires_grad_(False)
    for module in (objective, average):
        shard.spread(module)
    return Run(objective, average, objective.optimiser())


def update(run: Run, footage: Footage) -> tuple[float, dict[str, float]]:
    """One step; its loss over all clips, and what the objective says of it. Nothing is changed where that is not finite."""
    objective, plan = run.objective, run.objective.plan
    length, clips = objective.need(run.step)
    if length not in run.cuts:
        run.cuts[length] = footage.cut(length)
    window = run.cuts[length].batch(run.step, clips, seed=plan.seed, some=shard.share(clips))
    device = next(objective.parameters()).device
    with shortened(device, wanted=plan.bf16):
        cost, numbers = objective(window, run.step)
    run.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(cost * (len(window.frames) * shard.count() / clips))  # the processes' gradients are averaged
    norm = shard.whole(nn.utils.clip_grad_norm_([p for p in objective.parameters() if p.grad is not None], plan.clip))
    loss = float(shard.mean(cost.detach(), window))
    if not math.isfinite(float(norm)):
        return math.nan, numbers
    if math.isfinite(loss):
        for group in run.optimiser.param_groups:
            group["lr"] = plan.rate_at(run.step)
        run.optimiser.step()
        _average(run.average, objective.model, min(plan.average, (1 + run.step) / (10 + run.step)))
        run.step += 1
    return loss, numbers


@torch.no_grad()
def _average(average: nn.Module, model: nn.Module, keep: float) -> None:
    """Move the averaged weights towards those of now; what is no weight is taken as it is."""

    def parts(module: nn.Module) -> list[Tensor]:
        return [shard.here(p) for p in module.parameters()]

    torch._foreach_lerp_(parts(average), parts(model), 1 - keep)
    for old, new in zip(average.buffers(), model.buffers(), strict=True):
        old.copy_(new)
