"""What the objectives of kinds in tokens share: tokens instead of pictures are read, and those that move count more."""

from __future__ import annotations

import torch
from torch import Tensor

from lifeworld.models.actions.inferred import NOISE
from lifeworld.models.data.footage import Window
from lifeworld.models.dynamics.predictor import Predictor, earlier
from lifeworld.models.tokens.latents import from_bytes
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan

MOVES = 0.2
"""A token moves if its numbers differ from those before by more than this on average, of their spread."""


class TokenObjective(Objective):
    """Learns the next picture's tokens from windows of `length` pictures, `clips` a step, of footage that is `Latents`.

    What was there before is told with up to `rough` of noise, as a dream is a little wrong about it too. The tokenizer stays as it is.
    """

    model: Predictor

    def __init__(self, model: Predictor, plan: Plan, *, length: int = 12, clips: int = 4, rough: float = 0.2) -> None:
        super().__init__(model, plan, objective=type(self).__name__, length=length, clips=clips, rough=rough)
        model.requires_grad_(True)
        for part in (model.tokenizer, model.finish):
            part.requires_grad_(False)
        self.length, self.clips, self.rough = max(length, model.shape.context + 1), clips, rough

    def need(self, step: int) -> tuple[int, int]:
        return self.length, self.clips

    def read(self, window: Window, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """The tokens (B, T, N, C), those of the picture before each as they are told, and the actions (B, T - 1, A)."""
        device = next(self.parameters()).device
        plain = from_bytes(torch.from_numpy(window.frames).to(device), self.model.shape.tokens.levels)
        tokens = (plain - self.model.token_mean) / self.model.token_std
        if window.actions is not None:
            actions = torch.from_numpy(window.actions).to(device)
        else:
            assert self.model.inferred is not None
            actions = self.model.inferred(tokens)
            actions = actions + NOISE * self.draw(window, tuple(actions.shape[1:]), "hidden", step)
        spread = self.rough * self.draw(window, (self.length, 1, 1), "rough", step, normal=False)
        return tokens, earlier(tokens) + spread * self.draw(window, tuple(tokens.shape[1:]), "before", step), actions


def moving(tokens_BTNC: Tensor) -> Tensor:
    """How much each token counts (B, T, N, 1): three times where it moves."""
    moves = (tokens_BTNC - earlier(tokens_BTNC)).abs().mean(-1, keepdim=True) > MOVES
    return 1 + 2 * moves.float()
