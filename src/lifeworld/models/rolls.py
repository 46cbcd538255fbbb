"""Open-loop rolls that grow longer, judged as a dream is judged: what the nano model learns by.

    train(Rolls(model, Plan(steps=4000)), footage, Path("model"))

A roll begins from real pictures and goes on by itself; the squared error of each of its pictures, three times as heavy where something
changed, counts in proportion to what copying the last picture would cost there. The first rolls are one picture long and many at a
time, the last ones as long as `horizon` and few.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.core.errors import LimitError
from lifeworld.models.actions import sameness, told
from lifeworld.models.data import Window
from lifeworld.models.dreamer import Dreamer, right, roll
from lifeworld.models.objective import Objective
from lifeworld.models.plan import Plan
from lifeworld.models.shard import mean

GROWS = ((0.25, 0.5, 0.75, 1.0), (0.08, 0.18, 0.35, 0.6))
"""After which shares of all steps which shares of the doublings are done: long rolls teach more, short ones faster."""
CHANGED = 0.05
"""A pixel has changed if a colour of it has, by more than this, of 1."""


class Rolls(Objective):
    """`frames` predicted pictures a step in rolls of up to `horizon`; pixels that change count `changed` times.

    `copying` (horizon,) is what copying the last picture costs so many pictures on, a running mean.
    """

    model: Dreamer
    copying: Tensor

    def __init__(self, model: Dreamer, plan: Plan, *, frames: int = 48, horizon: int = 16, changed: float = 3.0) -> None:
        super().__init__(model, plan, objective="rolls", frames=frames, horizon=horizon, changed=changed)
        if min(frames, horizon) < 1:
            raise LimitError("rolls have pictures", got=f"frames {frames}, horizon {horizon}", expected="1 or more of each")
        self.frames, self.horizon, self.changed = frames, horizon, changed
        self.register_buffer("copying", torch.full((horizon,), math.nan))

    def roll(self, step: int) -> tuple[int, int]:
        """How long the rolls of a step are, and how many: 1 picture, 2, 4 … the longest from three fifths of the steps on."""
        doublings = math.ceil(math.log2(self.horizon))
        from_shares = np.interp(np.arange(1, doublings + 1) / max(1, doublings), *GROWS)
        horizon = min(self.horizon, 2 ** int((step >= from_shares * self.plan.steps).sum()))
        return horizon, max(1, self.frames // horizon)

    def need(self, step: int) -> tuple[int, int]:
        horizon, count = self.roll(step)
        return self.model.shape.context + horizon, count

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The error as a share of what copying the last picture costs, and how wrong it is about being right."""
        context, (frames, actions), same = self.model.shape.context, self.tensors(window), torch.zeros(())
        horizon = frames.shape[1] - context
        if actions is None:
            said = self.model.between(frames)
            actions = told(said, self.draw(window, tuple(said.shape[1:]), "noise", step), self.model.codes)
            same = sameness(said)
        rolled, sure = roll(self.model, frames[:, :context], actions[:, context - 1 :])
        truth, last = frames[:, context:], frames[:, context - 1 : context]
        weight = 1 + (self.changed - 1) * ((truth - last).abs().amax(2, keepdim=True) > CHANGED).float()
        wrong, copied = (((each - truth).square() * weight).mean((0, 2, 3, 4)) for each in (rolled.float(), last))
        before, copied = self.copying[:horizon].clone(), mean(copied, window)
        self.copying[:horizon] = torch.where(before.isnan(), copied, torch.lerp(before, copied, 0.02))
        share = (wrong / self.copying[:horizon].clamp_min(1e-5)).mean()
        honest = F.binary_cross_entropy_with_logits(sure.float(), right(rolled.detach().float(), truth).float())
        return share + 0.02 * honest + same, {"horizon": horizon, "share": float(share.detach())}
