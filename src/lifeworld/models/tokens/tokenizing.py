"""How a tokenizer learns: as a masked autoencoder, on the pictures themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lifeworld.models.data.footage import Window
from lifeworld.models.dreamer import CHANGED
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan

if TYPE_CHECKING:
    from lifeworld.models.dynamics.predictor import Predictor

MOST_HIDDEN = 0.75
"""At most this share of a picture's patches is hidden; of every second picture, none is."""


class Tokenizing(Objective):
    """Learns the tokenizer in a model and nothing else of it, from `clips` windows of `length` pictures a step.

    Pixels that change within the window count three times: they are what a dream is about.
    """

    model: Predictor

    def __init__(self, model: Predictor, plan: Plan, *, length: int = 4, clips: int = 8) -> None:
        super().__init__(model, plan, objective="tokenizing", length=length, clips=clips)
        model.requires_grad_(False)
        model.tokenizer.requires_grad_(True)
        self.length, self.clips = length, clips

    def need(self, step: int) -> tuple[int, int]:
        return self.length, self.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The squared and the absolute error of what is painted, shown patches and hidden ones alike."""
        frames, _ = self.tensors(window)
        tokenizer, count = self.model.tokenizer, self.model.shape.tokens.count
        share = (self.draw(window, (self.length, 1), "share", step, normal=False) - 0.5).clamp_min(0) * 2 * MOST_HIDDEN
        hide = self.draw(window, (self.length, count), "hide", step, normal=False) < share
        painted = tokenizer.decode(tokenizer.encode(frames, hide_BTN=hide))
        changed = (frames.amax(1, keepdim=True) - frames.amin(1, keepdim=True)).amax(2, keepdim=True) > CHANGED
        wrong = painted - frames
        weight = 1 + 2 * changed.float()
        return (weight * (wrong.square() + 0.1 * wrong.abs())).mean(), {"psnr_db": float(-10 * torch.log10(wrong.detach().square().mean()))}
