"""What was done, inferred from what was seen: a few numbers between every two pictures, where nobody recorded actions.

The numbers are continuous, lie between -1 and 1, and are made noisy while they are learned: so little goes through them that they are worth
spending on what cannot be foreseen, which is what somebody decides. They need no labels, and mean what they turn out to mean.

Source: Schmidt & Jiang, Learning to Act without Actions (2024); continuous and noisy rather than discrete: Garrido et al., Learning Latent
Action World Models In The Wild (2026).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.models.blocks import Block, calm

NOISE = 0.25
"""Spread of what is added to each number while learning: about two bits of each come through."""


class Inferred(nn.Module):
    """The numbers (B, A) between two pictures (B, 3, H, W): what moved, wherever it was, added up."""

    def __init__(self, numbers: int, *, channels: int = 48) -> None:
        super().__init__()
        self.first = nn.Conv2d(2 * 3 * 16, channels, 3, padding=1)
        self.blocks = nn.ModuleList([Block(channels), Block(channels)])
        self.last = nn.Conv2d(channels, channels, 1)
        self.say = nn.Linear(channels, numbers)
        calm(self.first, 1.0)
        calm(self.last, 1.0)

    def forward(self, before_BCHW: Tensor, after_BCHW: Tensor) -> Tensor:
        both = torch.cat([before_BCHW * 2 - 1, 4 * (after_BCHW - before_BCHW)], 1)
        x = self.first(F.pixel_unshuffle(both, 4).contiguous(memory_format=torch.channels_last))
        for block in self.blocks:
            x = block(x)
        seen = F.relu(self.last(F.relu(x))).float()
        # a sum weighted by where most is going on: a small thing that moves counts as much as a large one
        return torch.tanh(self.say((seen * torch.softmax(seen.flatten(2), 2).view_as(seen)).sum((2, 3))))

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        """The numbers (B, T - 1, A) between all pictures (B, T, 3, H, W) that follow each other."""
        batch, count = frames_BTCHW.shape[:2]
        said: Tensor = self(frames_BTCHW[:, :-1].flatten(0, 1), frames_BTCHW[:, 1:].flatten(0, 1))
        return said.view(batch, count - 1, -1)


def noisy(numbers: Tensor, seed: int) -> Tensor:
    """The numbers with what is added while learning, drawn under this seed."""
    return numbers + NOISE * torch.randn(numbers.shape, generator=torch.Generator().manual_seed(seed))
