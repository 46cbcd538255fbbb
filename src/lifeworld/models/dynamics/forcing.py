"""Shortcut forcing: the next picture's tokens are found from noise in one to four steps, each saying at once what will come out.

While it learns, every picture of a window is noisy to a degree of its own, and says so; those before it may be clean or noisy too. How far
one step goes is told as well: the shortest learn from the truth, one of twice the length from two of half of it. So few steps are enough.
It says the clean tokens, not the noise (x-prediction), as a difference to those of the picture before it.

Levels: 0 is noise, 1 the truth, in eighths. A settled picture enters nine tenths true: what a dream gets wrong weighs less.

Source: Chen et al., Diffusion Forcing (2024); Frans et al., One Step Diffusion via Shortcut Models (2025); together, with x-prediction and
noise on what is known: Hafner et al., Training Agents Inside of Scalable World Models (2025).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lifeworld.core.errors import LimitError
from lifeworld.models.data.footage import Window
from lifeworld.models.dynamics.predictor import Moment, Predictor, PredictorShape, earlier
from lifeworld.models.dynamics.teaching import TokenObjective, moving
from lifeworld.models.training.shard import mean

FINEST = 8
"""The shortest steps are so manieth parts of the way."""
SIZES = 4
"""Steps are an eighth, a quarter, a half and all of the way."""
SETTLED = 0.9
"""How true the tokens of a settled picture enter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForcingShape(PredictorShape):
    """See PredictorShape; a picture is found in `steps` steps: 1, 2, 4 or 8."""

    steps: int = 2

    def __post_init__(self) -> None:
        PredictorShape.__post_init__(self)
        if self.steps not in (1, 2, 4, 8):
            raise LimitError("steps to a picture", got=self.steps, expected="1, 2, 4 or 8")


class Forcing(Predictor):
    """The network; see the head of this file."""

    shape: ForcingShape

    def __init__(self, shape: ForcingShape) -> None:
        super().__init__(shape)
        self.noisy = nn.Linear(shape.tokens.numbers, shape.deep)
        self.level = nn.Embedding(FINEST + 1, shape.deep)
        self.size = nn.Embedding(SIZES, shape.deep)
        self.say = nn.Linear(shape.deep, shape.tokens.numbers)
        for table in (self.level, self.size):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.zeros_(self.say.weight)
        nn.init.zeros_(self.say.bias)

    def next(self, moment: Moment, action_BA: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        steps, before, x = self.shape.steps, moment.tokens, self.noise(moment, 0)
        size = torch.tensor((FINEST // steps).bit_length() - 1, device=x.device)
        seen = x
        for i in range(steps):
            entering = self.entering(x, torch.tensor(i * FINEST // steps, device=x.device), size, before)
            seen = self.backbone.look(*self.with_action(entering, action_BA), moment.memory, moment.at)
            guess = before + self.say(seen)
            x = x + (guess - x) / (steps - i)
        entering = self.settled(x[:, None], before[:, None], noise=self.noise(moment, 1)[:, None])[:, 0]
        return x, seen, self.backbone.remembered(*self.with_action(entering, action_BA), moment.memory, moment.at)

    def entering(self, noisy: Tensor, level: Tensor, size: Tensor, before: Tensor) -> Tensor:
        """What enters the backbone (…, N, D) of tokens (…, N, C) that are true to a level (…), with a step of that size to go."""
        told = self.level(level) + self.size(size)
        out: Tensor = self.noisy(noisy) + self.before(before) + self.place + told[..., None, :]
        return out

    def settled(self, tokens_BTNC: Tensor, before_BTNC: Tensor, *, noise: Tensor | None = None) -> Tensor:
        drawn = torch.zeros_like(tokens_BTNC) if noise is None else noise
        at = SETTLED * tokens_BTNC + (1 - SETTLED) * drawn
        level, size = torch.tensor([FINEST, 0], device=at.device)
        return self.entering(at, level, size, before_BTNC)

    def guess(self, noisy_BTNC: Tensor, level_BT: Tensor, size_BT: Tensor, before_BTNC: Tensor, actions_BTA: Tensor) -> Tensor:
        """The clean tokens of all pictures of a window."""
        x = self.entering(noisy_BTNC, level_BT, size_BT, before_BTNC)
        out: Tensor = before_BTNC + self.say(self.backbone(*self.with_actions(x, actions_BTA)))
        return out


class ShortcutForcing(TokenObjective):
    """What a Forcing model learns by; every fourth step long steps from two of half the length, else the shortest from the truth."""

    model: Forcing

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        clean, before, actions = self.read(window, step)
        shape, context = clean.shape[:2], self.model.shape.context
        long = step % 4 == 2
        size = torch.zeros(shape, dtype=torch.long, device=clean.device)
        if long:
            size = 1 + (self.draw(window, shape[1:], "size", step, normal=False) * (SIZES - 1)).long()
        stride = 2**size
        level = (self.draw(window, shape[1:], "level", step, normal=False) * (FINEST // stride)).long() * stride
        known = self.draw(window, shape[1:], "known", step, normal=False) < 0.5
        known[:, :context] = True
        level, size = torch.where(known, FINEST, level), torch.where(known, 0, size)
        noise = self.draw(window, tuple(clean.shape[1:]), "noise", step)
        true = torch.where(known, SETTLED, level / FINEST)[..., None, None]
        noisy = true * clean + (1 - true) * noise
        guess = self.model.guess(noisy, level, size, before, actions).float()
        aim = torch.where(known[..., None, None], clean, self._halves(noisy, level, size, before, actions)) if long else clean
        wrong = ((guess - aim).square() * moving(clean)).mean((2, 3))
        copied = ((earlier(clean) - clean).square() * moving(clean)).mean((2, 3))
        sought = mean((~known).float().mean(), window).clamp_min(1 / known.numel())
        return (wrong * ~known).mean() / sought / mean(copied[:, context:].mean(), window).clamp_min(1e-4), {}

    @torch.no_grad()
    def _halves(self, noisy: Tensor, level: Tensor, size: Tensor, before: Tensor, actions: Tensor) -> Tensor:
        """Where two steps of half the length lead, said as the clean tokens that one step would have to say."""
        known, half = (level == FINEST)[..., None, None], (size - 1).clamp_min(0)
        left, length = (((FINEST - level) / FINEST)[..., None, None], (2**half / FINEST)[..., None, None])
        first = (self.model.guess(noisy, level, half, before, actions).float() - noisy) / left.clamp_min(1 / FINEST)
        middle = torch.where(known, noisy, noisy + first * length)
        further = torch.where(known[..., 0, 0], level, level + 2**half)
        second = (self.model.guess(middle, further, half, before, actions).float() - middle) / (left - length).clamp_min(1 / FINEST)
        return noisy + left * (first + second) / 2
