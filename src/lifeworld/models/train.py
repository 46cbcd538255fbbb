"""The one training loop: open-loop rolls that grow longer, judged as a dream is judged.

    train(Shape(), footage, Plan(steps=4000), Path("model"))

A roll begins from real pictures and goes on by itself; the squared error of each of its pictures, three times as heavy where something
changed, counts in proportion to what copying the last picture would cost there. The first rolls are one picture long and many at a
time, the last ones as long as `horizon` and few. Everything drawn follows from the plan's seed and the step's number, so a run that was
killed and goes on from its last checkpoint ends with the same weights, to the bit, on one machine with the same number of threads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.core.errors import Diverged, InputError, LimitError
from lifeworld.core.seed import child_seed
from lifeworld.core.write import replace_file
from lifeworld.models import checkpoint
from lifeworld.models.actions import noisy
from lifeworld.models.data import Footage, Window
from lifeworld.models.dynamics import Dynamics, Shape, right
from lifeworld.models.threads import on_threads

GROWS = ((0.25, 0.5, 0.75, 1.0), (0.08, 0.18, 0.35, 0.6))
"""After which shares of all steps which shares of the doublings are done: long rolls teach more, short ones faster."""
CHANGED = 0.05
"""A pixel has changed if a colour of it has, by more than this, of 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a model is trained, in `steps` updates of `frames` predicted pictures each, on so many threads; `horizon` is the longest roll."""

    steps: int
    frames: int = 48
    horizon: int = 16
    rate: float = 1.5e-3
    changed: float = 3.0
    average: float = 0.998
    seed: int = 0
    bf16: bool = True
    threads: int = 1

    def __post_init__(self) -> None:
        if min(self.steps, self.frames, self.horizon, self.threads) < 1:
            raise LimitError("a plan has steps, frames, a horizon and threads", got=asdict(self), expected="1 or more of each")

    def roll(self, step: int) -> tuple[int, int]:
        """How long the rolls of a step are, and how many: 1 picture, 2, 4 … the longest from three fifths of the steps on."""
        doublings = math.ceil(math.log2(self.horizon))
        from_shares = np.interp(np.arange(1, doublings + 1) / max(1, doublings), *GROWS)
        horizon = min(self.horizon, 2 ** int((step >= from_shares * self.steps).sum()))
        return horizon, max(1, self.frames // horizon)

    def rate_at(self, step: int) -> float:
        """The learning rate: a short rise, a plain of a third, then half a cosine down to a thirtieth."""
        done = step / self.steps
        fall = 1.0 if done < 0.3 else 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (done - 0.3) / 0.7))
        return self.rate * min(1.0, (step + 1) / 100) * fall


@dataclass(slots=True)
class Run:
    """A training run as it stands: the model, its average, the optimiser, what copying costs by horizon (H,), the steps
    behind it, and the footage cut to the rolls so far."""

    model: Dynamics
    average: Dynamics
    optimiser: torch.optim.AdamW
    copying: Tensor
    step: int = 0
    cuts: dict[int, Footage] = field(default_factory=dict)


def train(
    shape: Shape,
    footage: Footage,
    plan: Plan,
    folder: Path,
    *,
    on_step: Callable[[int, float], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    keep_s: float = 60.0,
) -> Run:
    """Train to the end of the plan, or until `stop()`; goes on from the folder's checkpoint if it is of the same plan and data.

    Raises:
        InputError: if the checkpoint is of another plan, size or data.
        Diverged: if the loss is not finite any more; the last checkpoint is good.
    """
    run = begin(shape, footage, plan)
    said = msgspec.json.encode([asdict(plan), asdict(shape), footage.sha256]).decode()
    if (folder / checkpoint.TRAINING).is_file():
        _resume(run, folder, said)
    folder.mkdir(parents=True, exist_ok=True)
    log, kept = _log_from(folder / checkpoint.LOG, run.step), time.monotonic()
    while run.step < plan.steps and not stop():
        with on_threads(plan.threads):
            loss = update(run, footage, plan)
        if not math.isfinite(loss):
            raise Diverged(
                "training blew up", where=f"step {run.step}", got=loss, fix="The last checkpoint is good. Try a lower --rate, elsewhere."
            )
        if run.step % 20 == 0 or run.step == plan.steps:
            log.append(msgspec.json.encode({"step": run.step, "horizon": plan.roll(run.step - 1)[0], "loss": loss}).decode())
        if on_step is not None:
            on_step(run.step, loss)
        if time.monotonic() - kept > keep_s:
            _keep(run, folder, said, log)
            kept = time.monotonic()
    _keep(run, folder, said, log)
    return run


def begin(shape: Shape, footage: Footage, plan: Plan) -> Run:
    """A run before its first step.

    Raises:
        InputError: if actions were recorded and the model infers them, or the other way round.
    """
    if shape.latent != (footage.doing is None) or (footage.doing is not None and len(footage.doing.mean) != shape.actions):
        got = "none" if footage.doing is None else f"{len(footage.doing.mean)} numbers from {footage.doing.stream}"
        raise InputError(
            "the model and the recorded actions do not fit", got=got, expected="none" if shape.latent else f"{shape.actions} numbers"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(child_seed(plan.seed, "weights"))
        model = Dynamics(shape)
    if footage.doing is not None:
        model.action_mean.copy_(torch.tensor(footage.doing.mean))
        model.action_std.copy_(torch.tensor(footage.doing.std))
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01, betas=(0.9, 0.98), eps=1e-10)
    return Run(model, deepcopy(model).requires_grad_(False), optimiser, torch.full((plan.horizon,), math.nan))


def update(run: Run, footage: Footage, plan: Plan) -> float:
    """One step; its loss, as a share of what copying the last picture costs."""
    context = run.model.shape.context
    horizon, count = plan.roll(run.step)
    if context + horizon not in run.cuts:
        run.cuts[context + horizon] = footage.cut(context + horizon)
    frames, actions = tensors(run.cuts[context + horizon].batch(run.step, count, seed=plan.seed), context + horizon)
    with torch.autocast("cpu", torch.bfloat16, enabled=plan.bf16):
        if actions is None:
            actions = noisy(run.model.between(frames), child_seed(plan.seed, "noise", run.step))
        rolled, sure = run.model.roll(frames[:, :context], actions[:, context - 1 :])
    truth, last = frames[:, context:], frames[:, context - 1 : context]
    weight = 1 + (plan.changed - 1) * ((truth - last).abs().amax(2, keepdim=True) > CHANGED).float()
    wrong, copied = (((each - truth).square() * weight).mean((0, 2, 3, 4)) for each in (rolled.float(), last))
    before = run.copying[:horizon]
    run.copying[:horizon] = torch.where(before.isnan(), copied, torch.lerp(before, copied, 0.02))
    share = (wrong / run.copying[:horizon].clamp_min(1e-5)).mean()
    honest = F.binary_cross_entropy_with_logits(sure.float(), right(rolled.detach().float(), truth).float())
    run.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(share + 0.02 * honest)
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    for group in run.optimiser.param_groups:
        group["lr"] = plan.rate_at(run.step)
    if math.isfinite(loss := float(share.detach())):
        run.optimiser.step()
        keep = min(plan.average, (1 + run.step) / (10 + run.step))
        torch._foreach_lerp_(list(run.average.parameters()), [p.detach() for p in run.model.parameters()], 1 - keep)
        run.step += 1
    return loss


def planned(folder: Path) -> Plan | None:
    """The plan of the training that a folder holds, or None."""
    path = folder / checkpoint.TRAINING
    if not path.is_file():
        return None
    plan, _, _ = msgspec.json.decode(checkpoint.read_tensors(path)[1], type=tuple[Plan, Shape, str])
    return plan


def tensors(window: Window, length: int) -> tuple[Tensor, Tensor | None]:
    """The first `length` pictures (B, length, 3, H, W) in 0..1 and the actions between them (B, length - 1, A), if any were recorded."""
    frames = torch.from_numpy(window.frames[:, :length]).movedim(-1, -3).float().div_(255)
    return frames, None if window.actions is None else torch.from_numpy(window.actions[:, : length - 1])


def _keep(run: Run, folder: Path, said: str, log: list[str]) -> None:
    state = {"copying": run.copying, "step": torch.tensor(run.step)}
    for name, parameter in run.model.named_parameters():
        for key, value in run.optimiser.state.get(parameter, {}).items():
            state[f"optimiser.{key}.{name}"] = torch.as_tensor(value)
    state |= {f"model.{name}": t for name, t in run.model.state_dict().items()}
    state |= {f"average.{name}": t for name, t in run.average.state_dict().items()}
    checkpoint.write_tensors(folder / checkpoint.TRAINING, state, said)
    with replace_file(folder / checkpoint.LOG) as beside:
        beside.write_text("".join(f"{line}\n" for line in log), encoding="utf-8")


def _resume(run: Run, folder: Path, said: str) -> None:
    path = folder / checkpoint.TRAINING
    state, then = checkpoint.read_tensors(path)
    if then != said:
        raise InputError(
            "the training in this folder is of another plan, size or data",
            where=str(path),
            fix="Give its options again, or another folder.",
        )
    run.step, run.copying = int(state.pop("step")), state.pop("copying")
    for part, model in (("model.", run.model), ("average.", run.average)):
        checkpoint.fill(model, {n.removeprefix(part): t for n, t in state.items() if n.startswith(part)}, where=str(path))
    parameters = dict(run.model.named_parameters())
    for name, value in state.items():
        part, key, rest = (*name.split(".", 2), "", "")[:3]
        if part == "optimiser":
            value = value.to(memory_format=torch.channels_last) if value.ndim == 4 else value
            run.optimiser.state[parameters[rest]][key] = value


def _log_from(path: Path, step: int) -> list[str]:
    """The lines up to a step: what came after it is done again."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [line for line in lines if msgspec.json.decode(line)["step"] <= step]
