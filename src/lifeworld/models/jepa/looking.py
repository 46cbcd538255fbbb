"""What a JEPA learns last, when its embeddings are what they are: to draw them, to know how wrong they may be, and to aim.

Shapes: B batch, T time, D numbers of an embedding, R reach, A numbers of an action.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.models.data.footage import Window
from lifeworld.models.dreamer import CHANGED, right
from lifeworld.models.jepa.network import Jepa
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan


class Looking(Objective):
    """What is learned last, of embeddings that stay as they are: to draw them, to know how wrong they may be, and to aim at goals afar.

    Windows are as long as `horizon` pictures after the context: a goal is any later moment of the window.
    """

    model: Jepa

    def __init__(self, model: Jepa, plan: Plan, *, clips: int = 24, horizon: int = 16) -> None:
        super().__init__(model, plan, objective="looking", clips=clips, horizon=horizon)
        model.requires_grad_(False)
        model.finish.requires_grad_(True)
        self.clips, self.horizon = clips, max(horizon, model.shape.reach)

    def need(self, step: int) -> tuple[int, int]:
        return self.model.shape.context + self.horizon, self.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """How wrong pictures are of one moment each, foreseen or real, how wrong it is about being right, and how far it aims off."""
        (frames, actions), model = self.tensors(window), self.model
        context, reach = model.shape.context, model.shape.reach
        batch = len(frames)
        chance = self.draw(window, (3,), "moments", step, normal=False)
        with torch.no_grad():
            past = model.embed(frames[:, :context])
            told = frames.new_zeros(batch, reach, 0) if actions is None else model.scaled(actions[:, context - 1 : context - 1 + reach])
            z, seen = model.prefix(past, told)
            truth = model.embed(frames[:, context : context + reach])
            wrong = (z - truth).square().mean(-1)
        doubt = F.mse_loss(model.finish["doubt"](seen)[..., 0].float(), wrong)
        rows = torch.arange(batch, device=z.device)
        at = (chance[:, 0] * reach).long()
        shown = torch.where((chance[:, 1] < 0.5)[:, None], z[rows, at], truth[rows, at])  # of what is foreseen, and of what comes
        frame, sure = model.painted(shown, frames[:, context - 1], past[:, -1])
        real = frames[:, context:][rows, at]
        changed = ((real - frames[:, context - 1]).abs().amax(1, keepdim=True) > CHANGED).float()
        drawn = ((frame.float() - real).square() * (1 + 4 * changed)).mean()
        honest = F.binary_cross_entropy_with_logits(sure.float(), right(frame.detach().float(), real).float())
        total = 100 * drawn + 0.1 * honest + doubt
        numbers = {"drawn_db": float(-10 * torch.log10((frame.detach().float() - real).square().mean())), "doubt": float(doubt.detach())}
        if actions is not None and model.shape.actions:
            far = 1 + (chance[:, 2] * self.horizon).long().clamp(max=self.horizon - 1)
            with torch.no_grad():
                goal = model.embed(frames[rows, context - 1 + far])
            aimed = model.finish["aim"](past[:, -1], goal).float()
            before = (torch.arange(reach, device=z.device) < far[:, None])[..., None]  # only what was done on the way there
            off = ((aimed - told).square() * before).sum() / (before.sum() * told.shape[-1])
            total, numbers["aim"] = total + off, float(off.detach())
        return total, numbers
