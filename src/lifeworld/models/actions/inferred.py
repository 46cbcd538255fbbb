"""What was done, inferred from what was seen: latent actions between every two pictures, where nobody recorded any.

Continuous ones are a few numbers from -1 to 1, made noisy while they are learned: so little goes through them that they are worth
spending on what cannot be foreseen, which is what somebody decides. Codes are one of a few, for worlds that are played by keys. Neither
needs labels, and both mean what they turn out to mean.

Two pictures show how fast something goes; what was done shows in how that changes. So the picture before them is looked at too.

Source: Bruce et al., Genie (2024), 2.1; Schmidt & Jiang, Learning to Act without Actions (2024); continuous and noisy rather than discrete:
Garrido et al., Learning Latent Action World Models In The Wild (2026); codes without a codebook: Mentzer et al., Finite Scalar
Quantization (2024); against collapse: Bardes et al., VICReg (2022).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.models.actions.codes import levels
from lifeworld.models.layers.blocks import Block, calm
from lifeworld.models.layers.fsq import to_levels

NOISE = 0.09
"""Spread of what is added to each number while learning: about two bits of each come through."""
POWER = 0.12
"""Mean square of each number; more costs. Pressed against its ends a number would say yes or no, in a language that no line reads."""
SPREAD = {False: 0.28, True: 0.4}
"""Latent actions that differ less than this from clip to clip say nothing, and cost: numbers, codes."""
MOST_CODES = 64


class Inferred(nn.Module):
    """The latent action (B, A) between two pictures (B, 3, H, W): what moved, wherever it was, added up.

    `codes` is how many different ones there are, 0 for numbers without steps.
    """

    def __init__(self, numbers: int, *, codes: int = 0, channels: int = 48) -> None:
        super().__init__()
        self.levels = levels(codes) if codes else ()
        self.first = nn.Conv2d(3 * 3 * 16, channels, 3, padding=1)
        self.blocks = nn.ModuleList([Block(channels), Block(channels)])
        self.last = nn.Conv2d(channels, channels, 1)
        self.say = nn.Linear(channels, numbers)
        calm(self.first, 1.0)
        calm(self.last, 1.0)

    def forward(self, earlier_BCHW: Tensor, before_BCHW: Tensor, after_BCHW: Tensor) -> Tensor:
        seen = torch.cat([before_BCHW * 2 - 1, 4 * (after_BCHW - before_BCHW), before_BCHW - earlier_BCHW], 1)
        x = self.first(F.pixel_unshuffle(seen, 4).contiguous(memory_format=torch.channels_last))
        for block in self.blocks:
            x = block(x)
        found = F.relu(self.last(F.relu(x))).float()
        # a sum weighted by where most is going on: a small thing that moves counts as much as a large one
        said = self.say((found * torch.softmax(found.flatten(2), 2).view_as(found)).sum((2, 3)))
        return to_levels(said, self.levels) if self.levels else torch.tanh(said)

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        """The latent actions (B, T - 1, A) between pictures (B, T, 3, H, W) that follow each other; before the first all stood still."""
        batch, count = frames_BTCHW.shape[:2]
        earlier = torch.cat([frames_BTCHW[:, :1], frames_BTCHW[:, :-2]], 1)
        said: Tensor = self(*(each.flatten(0, 1) for each in (earlier, frames_BTCHW[:, :-1], frames_BTCHW[:, 1:])))
        return said.view(batch, count - 1, -1)


def told(said_BTA: Tensor, drawn_BTA: Tensor, codes: int) -> Tensor:
    """What the model hears of latent actions while it learns: numbers made noisy by what was drawn, codes as they are."""
    return said_BTA if codes else said_BTA + NOISE * drawn_BTA


def loudness(said_BTA: Tensor, codes: int, whole: Callable[[Tensor], Tensor] = lambda each: each) -> Tensor:
    """What it costs that latent actions are the same whatever is seen, or numbers too loud: nothing within those bounds.

    `whole` makes of a mean over these clips the one over all clips of a step, where several processes share them.
    """
    flat = said_BTA.flatten(0, 1).float()
    middle, power = whole(flat.mean(0)), whole(flat.square().mean(0))
    silent = F.relu(SPREAD[codes > 0] - ((power - middle.square()).clamp_min(0) + 1e-4).sqrt()).mean()
    return silent if codes else silent + 3 * F.relu(power - POWER).mean()
