"""What a JEPA learns by: to foresee embeddings, of which no two moments' may be the same, and nothing about pixels.

    train(Foreseeing(model, Plan(steps=4000), reach=8), footage, Path("model/embedding"))

From every other moment of a window that has enough past, all those after it within the reach are foreseen at once, told what was done.
What is foreseen and what comes are learned together: nothing is held still, and what keeps them from meeting in one point is `sigreg`.
Variants: `apart="vicreg"`; a slowly following encoder that says what comes (`follow` its share that stays, 0 for none).

Where `hidden` is above 0 pieces of the pictures of the past are hidden, so many of their parts: what was there has to be foreseen too.

Source: Balestriero & LeCun, LeJEPA (2025); Maes et al., LeWM (2026); inverse dynamics against what is slow and of no use: Sobal et al.,
Stress-Testing Offline Reward-Free RL (PLDM, 2025); masks: Bardes et al., V-JEPA (2024).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import child_seed
from lifeworld.models import shard
from lifeworld.models.data import Window
from lifeworld.models.jepa.encoder import EPSILON, Encoder
from lifeworld.models.jepa.network import Jepa
from lifeworld.models.jepa.normal import sigreg, straight, vicreg
from lifeworld.models.objective import Objective
from lifeworld.models.plan import Plan

DIRECTIONS = 256
PATCHES = 8
"""Pieces along each side of a picture that are hidden or seen."""
RUNNING = 0.02
"""How fast the running norm follows that of a step."""

Apart = Literal["sigreg", "vicreg"]


class Foreseeing(Objective):
    """See the head of this file.

    Args:
        clips: windows a step, of `context + reach` pictures each.
        apart: what keeps embeddings apart, `weight` how much that counts beside foreseeing.
        inverse: how much it counts to tell what was done from two embeddings.
        bent: how much it counts that the way through embeddings is straight.
        dropped: the share of the predictor's numbers that is dropped, one choice for each clip.
        follow: the share of itself that the encoder which says what comes keeps in each step; 0: it is the one that learns.
        hidden: the share of the past's pieces that is hidden.
    """

    model: Jepa

    def __init__(
        self,
        model: Jepa,
        plan: Plan,
        *,
        clips: int = 32,
        apart: Apart = "sigreg",
        weight: float = 0.1,
        inverse: float = 1.0,
        bent: float = 0.0,
        dropped: float = 0.1,
        follow: float = 0.0,
        hidden: float = 0.0,
    ) -> None:
        super().__init__(
            model, plan, objective="foreseeing", clips=clips, apart=apart, weight=weight, inverse=inverse, bent=bent, dropped=dropped,
            follow=follow, hidden=hidden,
        )  # fmt: skip
        shares = {"dropped": dropped, "follow": follow, "hidden": hidden}
        if wrong := {name: share for name, share in shares.items() if not 0 <= share < 1}:
            raise LimitError("a share", got=wrong, expected="0 or more, below 1")
        model.requires_grad_(True)
        model.finish.requires_grad_(False)
        self.clips, self.apart, self.weight, self.by_inverse, self.bent = clips, apart, weight, inverse, bent
        self.dropped, self.follow, self.hidden = dropped, follow, hidden
        self.teacher = _held(deepcopy(model.encoder)) if follow else None

    def need(self, step: int) -> tuple[int, int]:
        return self.model.shape.context + self.model.shape.reach, self.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The squared error of what is foreseen, as it is of unit spread; what keeps apart; what tells what was done."""
        (frames, actions), model = self.tensors(window), self.model
        z = self._embedded(frames, window)
        aim = z if self.teacher is None else self._taught(frames)
        past = z if not self.hidden else self._embedded(self._covered(frames, window, step), window, keep=False)
        wrong = self._foreseen(past, aim, actions, window, step)
        flat, total = z.flatten(0, 1), wrong
        if self.apart == "sigreg":
            pencil = torch.Generator().manual_seed(child_seed(self.plan.seed, "directions", step))
            directions = torch.randn(z.shape[-1], DIRECTIONS, generator=pencil).to(z.device)
            away = self.clips * sigreg(flat, directions, lambda value: shard.joint(value, window))
        else:
            away = vicreg(flat, lambda value: shard.joint(value, window))
        total = total + self.weight * away
        said = {"foreseen": float(wrong.detach()), "apart": float(away.detach())}
        if model.inverse is not None and actions is not None and self.by_inverse:
            done = F.mse_loss(model.inverse(z[:, :-1], z[:, 1:]).float(), model.scaled(actions))
            total = total + self.by_inverse * done
            said["inverse"] = float(done.detach())
        if self.bent:
            total = total + self.bent * straight(z)
        return total, said

    def _foreseen(self, past_BTD: Tensor, aim_BTD: Tensor, actions: Tensor | None, window: Window, step: int) -> Tensor:
        """The mean squared error of all that is foreseen from every other moment, the odd ones and the even ones in turns."""
        model, context, reach = self.model, self.model.shape.context, self.model.shape.reach
        batch, length, numbers = past_BTD.shape
        told = past_BTD.new_zeros(batch, length - 1, 0) if actions is None else model.scaled(actions)
        beyond = reach - 1  # of what comes after the window nothing is known and nothing is asked
        told, aim = (F.pad(each, (0, 0, 0, beyond)) for each in (told, aim_BTD))
        first = range(step % 2 if length - context > 1 else 0, length - context, 2)
        past = torch.stack([past_BTD[:, at : at + context] for at in first], 1)
        then = torch.stack([told[:, at + context - 1 : at + context - 1 + reach] for at in first], 1)
        truth = torch.stack([aim[:, at + context : at + context + reach] for at in first], 1)
        kept = self._kept(window, step)
        if kept is not None:
            kept = kept.repeat_interleave(len(first), 0)
        z, _ = model.prefix(past.flatten(0, 1), then.flatten(0, 1), kept)
        there = torch.tensor([[at + context + ahead < length for ahead in range(reach)] for at in first], device=z.device)
        wrong = (z.float().view(batch, len(first), reach, numbers) - truth).square().mean((0, 3))
        mean: Tensor = (wrong * there).sum() / there.sum()
        return mean

    def _embedded(self, frames_BTCHW: Tensor, window: Window, *, keep: bool = True) -> Tensor:
        """Embeddings (B, T, D), normed by the features of all clips of the step, whose mean and spread are kept as running ones."""
        encoder = self.model.encoder
        seen = encoder.seen(frames_BTCHW.flatten(0, 1)).float()
        mean = shard.joint(seen.mean(0), window)
        spread = (shard.joint((seen - mean).square().mean(0), window) + EPSILON).sqrt()
        if keep:
            with torch.no_grad():
                encoder.mean.lerp_(mean, RUNNING)
                encoder.spread.lerp_(spread, RUNNING)
        return encoder.said(seen, mean, spread).float().view(*frames_BTCHW.shape[:2], -1)

    @torch.no_grad()
    def _taught(self, frames_BTCHW: Tensor) -> Tensor:
        """What the encoder says that follows the one that learns; it follows by one step."""
        assert self.teacher is not None
        leads = dict(self.model.encoder.named_parameters())
        for name, value in self.teacher.named_buffers():
            if name in leads:
                value.lerp_(leads[name], 1 - self.follow)
        self.teacher.mean.copy_(self.model.encoder.mean)
        self.teacher.spread.copy_(self.model.encoder.spread)
        said: Tensor = self.teacher(frames_BTCHW.flatten(0, 1)).float()
        return said.view(*frames_BTCHW.shape[:2], -1)

    def _kept(self, window: Window, step: int) -> Tensor | None:
        """What of each layer's numbers is kept (B, L, 2, E), made up for what is dropped; None for all."""
        if not self.dropped:
            return None
        size = (self.model.shape.layers, 2, self.model.shape.deep)
        return (self.draw(window, size, "dropped", step, normal=False) >= self.dropped).float() / (1 - self.dropped)

    def _covered(self, frames_BTCHW: Tensor, window: Window, step: int) -> Tensor:
        """The pictures with some of their pieces grey, the same in all pictures of a clip."""
        covered = (self.draw(window, (1, 1, PATCHES, PATCHES), "hidden", step, normal=False) < self.hidden).float()
        whole = F.interpolate(covered[:, 0], frames_BTCHW.shape[-2:], mode="nearest")[:, None]
        return torch.lerp(frames_BTCHW, torch.full_like(frames_BTCHW, 0.5), whole)

    def optimiser(self) -> torch.optim.Optimizer:
        """AdamW; what only scales and shifts is not made smaller."""
        learned = [p for p in self.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in learned if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in learned if p.ndim < 2], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.plan.rate, betas=(0.9, 0.98), eps=1e-8)


def _held(module: Encoder) -> Encoder:
    """The module with its weights as buffers: nothing learns them, and each process has the whole of them."""
    for part in [*module.modules()]:
        for name, parameter in [*part.named_parameters(recurse=False)]:
            delattr(part, name)
            part.register_buffer(name, parameter.detach().clone())
    return module
