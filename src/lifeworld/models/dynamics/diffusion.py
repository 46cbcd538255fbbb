"""Pixel diffusion: a small U-Net paints the next picture out of noise in a few steps, looking at the last pictures and the action.

No tokenizer, no memory but the pictures themselves. It learns to take noise of any strength away; a picture begins as noise alone.

Shapes: B batch, H height, W width, A numbers of an action.

Source: Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models (2022); for playing: Alonso et al., Diffusion for
World Modeling (DIAMOND, 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import InputError, LimitError, ShapeError
from lifeworld.models.actions.inferred import NOISE, Inferred
from lifeworld.models.data.footage import Window
from lifeworld.models.dreamer import CHANGED, SURE, Dreamer
from lifeworld.models.dynamics.predictor import TAPE
from lifeworld.models.layers.blocks import Block, calm
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan

CONDITION = 128
SPREAD = 0.5
"""Of pictures from -1 to 1, about: what strengths of noise are measured against."""
STRONGEST, WEAKEST, BEND = 5.0, 0.02, 7.0
"""Strengths of noise that a picture goes through; most steps are among the weak ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionShape:
    """How large a pixel diffusion model is: `wide` channels on a sixteenth of the pixels, `deep` on a sixty-fourth with `blocks` blocks.

    A picture is found in `steps` steps. `height` and `width` [px] in eights.
    """

    height: int = 64
    width: int = 64
    actions: int = 2
    context: int = 4
    latent: bool = False
    wide: int = 64
    deep: int = 128
    blocks: int = 3
    steps: int = 3

    def __post_init__(self) -> None:
        for name, least, most, step in (("height", 16, 256, 8), ("width", 16, 256, 8), ("actions", 1, 256, 1), ("context", 1, 16, 1),
                                        ("wide", 8, 1024, 8), ("deep", 8, 1024, 8), ("blocks", 1, 32, 1), ("steps", 1, 64, 1)):  # fmt: skip
            value = getattr(self, name)
            if not (type(value) is int and least <= value <= most and value % step == 0):
                raise LimitError(f"{name} of a model", got=value, expected=f"{least} to {most} in steps of {step}")


class Past(NamedTuple):
    """A moment: the picture (B, 3, H, W), its logits (B, H, W), the last `context` pictures (B, 3 · context, H, W) from -1 to 1, the
    pictures so far (B,), and where on the tape of noise it began (B,)."""

    frame: Tensor
    sure: Tensor
    past: Tensor
    at: Tensor
    tape: Tensor


class Diffusion(Dreamer):
    """The network; see the head of this file."""

    shape: DiffusionShape
    tape: Tensor

    def __init__(self, shape: DiffusionShape) -> None:
        super().__init__(shape)
        wide, deep = shape.wide, shape.deep
        self.first = nn.Conv2d(3 * 16 * (shape.context + 1), wide, 3, padding=1)
        self.place = nn.Parameter(torch.randn(1, wide, shape.height // 4, shape.width // 4) * 0.02)
        told = nn.Linear(shape.actions + 1, CONDITION), nn.Linear(CONDITION, CONDITION)
        self.told = nn.Sequential(told[0], nn.SiLU(), told[1], nn.SiLU())
        self.see = nn.ModuleList([Block(wide, CONDITION) for _ in range(2)])
        self.down = nn.Conv2d(wide, deep, 2, stride=2)
        self.middle = nn.ModuleList([Block(deep, CONDITION) for _ in range(shape.blocks)])
        self.up = nn.Conv2d(deep, 4 * wide, 1)
        self.after = nn.ModuleList([Block(wide, CONDITION) for _ in range(2)])
        self.out = nn.Conv2d(wide, 3 * 16, 3, padding=1)
        self.inferred = Inferred(shape.actions) if shape.latent else None
        doubt = nn.Conv2d(wide + 1, 16, 1)
        self.finish = nn.ModuleDict({"doubt": doubt})
        self.register_buffer("tape", torch.randn(TAPE))
        calm(self.out, 0.1)
        nn.init.zeros_(doubt.weight)
        doubt.bias = nn.Parameter(torch.full((16,), 2.0))
        for parameter in self.parameters():
            if parameter.ndim == 4:  # channels last: twice as fast on a processor
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def encode(self, frames_BTCHW: Tensor) -> Past:
        shape = self.shape
        expected = (shape.context, 3, shape.height, shape.width)
        if frames_BTCHW.ndim != 5 or tuple(frames_BTCHW.shape[1:]) != expected:
            raise ShapeError("these are not the pictures this model begins from", got=tuple(frames_BTCHW.shape), expected=("B", *expected))
        last = frames_BTCHW[:, -1]
        count = torch.full((last.shape[0],), shape.context, device=last.device)
        begin = (last.flatten(1) * 255).round().long().sum(1) % TAPE
        return Past(last, torch.full_like(last[:, 0], SURE), (frames_BTCHW * 2 - 1).flatten(1, 2), count, begin)

    def step(self, state: Past, action_BA: Tensor) -> Past:
        steps, size = self.shape.steps, state.frame[0].numel()
        begin = state.tape + state.at * 7919
        drawn = self.tape[(begin[:, None] + torch.arange(size, device=begin.device)) % TAPE].view_as(state.frame)
        share = torch.arange(steps, device=begin.device) / max(steps - 1, 1)
        high, low = STRONGEST ** (1 / BEND), WEAKEST ** (1 / BEND)
        strengths = [*(high + share * (low - high)) ** BEND, torch.zeros((), device=begin.device)]
        x, seen = drawn * STRONGEST, drawn
        for strength, then in pairwise(strengths):
            clean, seen = self.clean(x, strength.expand(x.shape[0]), state.past, action_BA)
            x = clean + (x - clean) * (then / strength)
        x = x.clamp(-1, 1)
        far = torch.log((state.at - self.shape.context + 1).float())[:, None, None, None].expand(-1, 1, *seen.shape[2:])
        sure = F.pixel_shuffle(self.finish["doubt"](torch.cat([seen.float(), far], 1)), 4)[:, 0]
        return state._replace(frame=(x + 1) / 2, sure=sure.float(), past=torch.cat([state.past[:, 3:], x], 1), at=state.at + 1)

    def clean(self, noisy: Tensor, strength_B: Tensor, past: Tensor, action_BA: Tensor) -> tuple[Tensor, Tensor]:
        """The picture (B, 3, H, W) from -1 to 1 that noise of a strength was added to, and what the network saw last."""
        strength = strength_B[:, None, None, None]
        whole = (strength.square() + SPREAD**2).sqrt()
        told = self.told(torch.cat([(action_BA - self.action_mean) / self.action_std, strength_B[:, None].log() / 4], 1))
        both = torch.cat([noisy / whole, past / SPREAD], 1)
        x = self.first(F.pixel_unshuffle(both, 4).contiguous(memory_format=torch.channels_last)) + self.place
        for block in self.see:
            x = block(x, told)
        y = self.down(x)
        for block in self.middle:
            y = block(y, told)
        x = x + F.pixel_shuffle(self.up(y), 2)
        for block in self.after:
            x = block(x, told)
        painted = F.pixel_shuffle(self.out(x), 4).float()
        return (SPREAD**2 / whole.square()) * noisy + (strength * SPREAD / whole) * painted, x

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        if self.inferred is None:
            raise InputError("this model infers no actions", fix="It learned from recorded ones: give those.")
        return self.inferred.between(frames_BTCHW)


class Denoising(Objective):
    """What a Diffusion model learns by: `clips` single pictures a step behind their context, which is up to `rough` of noise wrong."""

    model: Diffusion

    def __init__(self, model: Diffusion, plan: Plan, *, clips: int = 24, rough: float = 0.1) -> None:
        super().__init__(model, plan, objective="denoising", clips=clips, rough=rough)
        model.requires_grad_(True)
        model.finish.requires_grad_(False)
        self.clips, self.rough = clips, rough

    def need(self, step: int) -> tuple[int, int]:
        return self.model.shape.context + 1, self.clips

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """The squared error of clean pictures, by strength of noise in proportion to what there was to find; thrice where it changes."""
        frames, actions = self.tensors(window)
        if actions is None:
            actions = self.model.between(frames)
            actions = actions + NOISE * self.draw(window, tuple(actions.shape[1:]), "hidden", step)
        past, truth = (frames[:, :-1] * 2 - 1).flatten(1, 2), frames[:, -1] * 2 - 1
        rough = self.rough * self.draw(window, (1, 1, 1), "rough", step, normal=False)
        past = past + rough * self.draw(window, tuple(past.shape[1:]), "past", step)
        strength = torch.exp(1.2 * self.draw(window, (), "strength", step) - 0.4)
        each = strength[:, None, None, None]
        clean, _ = self.model.clean(truth + each * self.draw(window, tuple(truth.shape[1:]), "noise", step), strength, past, actions[:, -1])
        changed = (frames[:, -1] - frames[:, -2]).abs().amax(1, keepdim=True) > CHANGED
        weight = (1 + 2 * changed.float()) * (each.square() + SPREAD**2) / (each * SPREAD).square()
        return ((clean - truth).square() * weight).mean(), {}
