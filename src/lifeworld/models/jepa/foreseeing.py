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

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lifeworld.core.errors import LimitError
from lifeworld.core.seed import child_seed
from lifeworld.models.data.footage import Footage, Window
from lifeworld.models.jepa.encoder import EPSILON, Encoder
from lifeworld.models.jepa.network import Jepa
from lifeworld.models.jepa.normal import sigreg, straight, vicreg
from lifeworld.models.training import shard
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan

DIRECTIONS = 256
PATCHES = 8
"""Pieces along each side of a picture that are hidden or seen."""
SAMPLED = 128
"""Clips that are looked at for how much stands still."""
RUNNING = 0.02
"""How fast the running norm follows that of a step."""

Apart = Literal["sigreg", "vicreg"]


class Foreseeing(Objective):
    """See the head of this file.

    Args:
        clips: windows a step, of `context + reach` pictures each, and `more` of which one picture is looked at. What keeps embeddings apart
            looks at one of each: what stands still within a clip differs only from clip to clip, and of few clips it would be lost.
        apart: what keeps embeddings apart, `weight` how much that counts beside foreseeing.
        inverse: how much it counts to tell what was done from two embeddings.
        bent: how much it counts that the way through embeddings is straight.
        dropped: the share of the predictor's numbers that is dropped, one choice for each clip.
        follow: the share of itself that the encoder which says what comes keeps in each step; 0: it is the one that learns.
        hidden: the share of the past's pieces that is hidden.
        within: the share of their variance that embeddings are asked to have within clips, spread as all is; 0 asks for nothing. Where
            nobody acts nothing else keeps what moves: it is easiest to foresee that all stays as it is.
        shifted: how far the pictures of a clip are moved at most, all alike [px]; what comes in from the edges is as they are. Where things
            mostly stand still (`standing`) the plays are learned by heart without; where all moves it is one thing more to be told.
    """

    model: Jepa

    def __init__(
        self,
        model: Jepa,
        plan: Plan,
        *,
        clips: int = 24,
        more: int = 232,
        apart: Apart = "sigreg",
        weight: float = 0.15,
        inverse: float = 0.5,
        bent: float = 0.0,
        dropped: float = 0.1,
        follow: float = 0.0,
        hidden: float = 0.0,
        within: float = 0.0,
        shifted: int = 0,
    ) -> None:
        super().__init__(
            model, plan, objective="foreseeing", clips=clips, more=more, apart=apart, weight=weight, inverse=inverse, bent=bent,
            dropped=dropped, follow=follow, hidden=hidden, within=within, shifted=shifted,
        )  # fmt: skip
        shares = {"dropped": dropped, "follow": follow, "hidden": hidden, "within": within}
        if wrong := {name: share for name, share in shares.items() if not 0 <= share < 1}:
            raise LimitError("a share", got=wrong, expected="0 or more, below 1")
        model.requires_grad_(True)
        model.finish.requires_grad_(False)
        self.clips, self.more, self.apart, self.weight, self.by_inverse, self.bent = clips, more, apart, weight, inverse, bent
        self.dropped, self.follow, self.hidden, self.within, self.shifted = dropped, follow, hidden, within, shifted
        self.teacher = _held(deepcopy(model.encoder)) if follow else None

    def need(self, step: int) -> tuple[int, int]:
        return self.model.shape.context + self.model.shape.reach, self.clips + self.more

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The squared error of what is foreseen, as it is of unit spread; what keeps apart; what tells what was done."""
        model, encoder, length = self.model, self.model.encoder, window.frames.shape[1]
        whole, is_whole = self._whole(window)
        frames, actions = self.tensors(whole)
        moment = (self.draw(window, (), "moment", step, normal=False) * length).long().clamp(max=length - 1)
        one = self.tensors(window._replace(frames=window.frames[np.arange(len(is_whole)), moment.cpu().numpy()][:, None]))[0]
        if self.shifted:
            by = self.draw(window, (2,), "shifted", step, normal=False)
            frames, one = moved(frames, by[is_whole], self.shifted), moved(one, by, self.shifted)
        seen, seen_once = (encoder.seen(each.flatten(0, 1)).float() for each in (frames, one[~is_whole]))
        seen_whole = seen.view(len(frames), length, -1)
        once = torch.cat([seen_whole[torch.arange(len(frames), device=seen.device), moment[is_whole]], seen_once])
        norm = self._norm(once, window)
        z, apart = encoder.said(seen_whole, *norm).float(), self._apart(encoder.said(once, *norm).float(), window, step)
        aim = z if self.teacher is None else self._taught(frames)
        past = z
        if self.hidden:
            past = encoder.said(encoder.seen(self._covered(frames, whole, step).flatten(0, 1)).float(), *norm).float().view_as(z)
        wrong = self._foreseen(past, aim, actions, whole, step)
        total, said = wrong, {"foreseen": float(wrong.detach()), "apart": float(apart.detach())}
        if model.inverse is not None and actions is not None and self.by_inverse:
            done = F.mse_loss(model.inverse(z[:, :-1], z[:, 1:]).float(), model.scaled(actions))
            total, said["inverse"] = total + self.by_inverse * done, float(done.detach())
        if self.bent:
            total = total + self.bent * straight(z)
        share = len(window.frames) / (window.of or len(window.frames))  # what whole clips cost counts by how many of them are here
        even = len(frames) / self.clips / share
        if self.within:
            moving = self._apart_within(z, even, window, step)
            apart, said["within"] = apart + moving, float(moving.detach())
        return total * even + self.weight * apart, said

    def _whole(self, window: Window) -> tuple[Window, Tensor]:
        """The clips of a window that are foreseen in, evenly among all, and which these are (clips,)."""
        count = window.of or len(window.frames)
        numbers = np.arange(window.first, window.first + len(window.frames))
        is_whole = (numbers + 1) * self.clips // count > numbers * self.clips // count
        actions = None if window.actions is None else window.actions[is_whole]
        first = window.first * self.clips // count
        mask = torch.from_numpy(is_whole).to(next(self.parameters()).device)
        return Window(window.frames[is_whole], actions, first, self.clips), mask

    def _norm(self, seen_NF: Tensor, window: Window) -> tuple[Tensor, Tensor]:
        """The mean and spread (F,) of the features of one picture of each clip; the running ones follow."""
        mean = shard.joint(seen_NF.mean(0), window)
        spread = (shard.joint((seen_NF - mean).square().mean(0), window) + EPSILON).sqrt()
        with torch.no_grad():
            self.model.encoder.mean.lerp_(mean, RUNNING)
            self.model.encoder.spread.lerp_(spread, RUNNING)
        return mean, spread

    def _apart(self, z_ND: Tensor, window: Window, step: int) -> Tensor:
        """What it costs that embeddings of one picture of each clip are not spread as they should be."""
        if self.apart == "vicreg":
            return vicreg(z_ND, lambda value: shard.joint(value, window))
        pencil = torch.Generator().manual_seed(child_seed(self.plan.seed, "directions", step))
        directions = torch.randn(z_ND.shape[-1], DIRECTIONS, generator=pencil).to(z_ND.device)
        return (self.clips + self.more) * sigreg(z_ND, directions, lambda value: shard.joint(value, window))

    def _apart_within(self, z_BTD: Tensor, even: float, window: Window, step: int) -> Tensor:
        """What it costs that what changes within clips is not spread as it should be; two moments of a clip count as independent."""
        changes = (z_BTD - z_BTD.mean(1, keepdim=True)).flatten(0, 1) / self.within**0.5
        pencil = torch.Generator().manual_seed(child_seed(self.plan.seed, "directions within", step))
        directions = torch.randn(changes.shape[-1], DIRECTIONS, generator=pencil).to(changes.device)
        return 2 * self.clips * sigreg(changes, directions, lambda value: shard.joint(value * even, window))

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


def moved(frames_BTCHW: Tensor, chance_B2: Tensor, most: int) -> Tensor:
    """Pictures moved by up to `most` [px] down and to the right or back, each clip's as its two numbers in 0..1 say.

    Source: Yarats et al., Image Augmentation Is All You Need (DrQ, 2021).
    """
    y, x = ((chance_B2 * (2 * most + 1)).long().clamp(max=2 * most) - most).unbind(1)
    rows, columns = (torch.arange(size, device=y.device) for size in frames_BTCHW.shape[-2:])
    rows, columns = ((each + by[:, None]).clamp(0, len(each) - 1) for each, by in ((rows, y), (columns, x)))
    return torch.stack([clip[..., rows[i][:, None], columns[i]] for i, clip in enumerate(frames_BTCHW)])


def standing(footage: Footage, *, seed: int) -> float:
    """The share of the pictures' variance that lies between clips, 0 to 1.

    What moves is seen in many ways in every play, what stands still in one: of that a few hundred plays are learned by heart.
    """
    frames = footage.batch(0, SAMPLED, seed=seed).frames.astype(np.float32)
    whole = frames.var((0, 1)).sum()
    return float(1 - frames.var(1).mean(0).sum() / whole) if whole > 0 else 0.0
