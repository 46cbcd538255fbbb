"""What is learned last: to know how wrong one is. A finished model rolls on by itself, and learns only to say which pixels are right."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.models.data.footage import Window
from lifeworld.models.dreamer import Dreamer, right, roll
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan


class Certainty(Objective):
    """Learns the `finish` of a model, and nothing else of it, on open-loop rolls of `horizon` pictures from `clips` clips a step."""

    model: Dreamer

    def __init__(self, model: Dreamer, plan: Plan, *, horizon: int = 16, clips: int = 4) -> None:
        super().__init__(model, plan, objective="certainty", horizon=horizon, clips=clips)
        model.requires_grad_(False)
        model.get_submodule("finish").requires_grad_(True)
        self.horizon, self.clips = horizon, clips

    def need(self, step: int) -> tuple[int, int]:
        return self.model.shape.context + self.horizon, self.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """How wrong it is about being right, and the squared error of its pictures, of which a little is left to learn here."""
        frames, actions = self.tensors(window)
        context = self.model.shape.context
        if actions is None:
            actions = self.model.between(frames)
        rolled, sure = roll(self.model, frames[:, :context], actions[:, context - 1 :])
        truth = frames[:, context:]
        honest = F.binary_cross_entropy_with_logits(sure.float(), right(rolled.detach().float(), truth).float())
        wrong = (rolled.float() - truth).square().mean()
        return honest + 10 * wrong, {"psnr_db": float(-10 * torch.log10(wrong.detach()))}
