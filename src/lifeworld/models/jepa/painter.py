"""A picture of an embedding, to be looked at: nothing is learned from it but how to draw.

What is foreseen is painted into the last real picture, where a mask says so: what nothing touches stays as it was seen.

Shapes: B batch, D numbers of an embedding, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.models.layers.blocks import Block, calm


class Painter(nn.Module):
    """See the head of this file."""

    def __init__(self, height: int, width: int, *, numbers: int, wide: int) -> None:
        super().__init__()
        self.sizes = (2 * wide, height // 16, width // 16)
        self.spread = nn.Linear(2 * numbers, self.sizes[0] * self.sizes[1] * self.sizes[2])
        self.coarse, self.open_up = Block(2 * wide), nn.Conv2d(2 * wide, 4 * wide, 1)
        self.middle, self.open_wide = Block(wide), nn.Conv2d(wide, 4 * wide, 1)
        self.look = nn.Conv2d(48, wide, 3, padding=1)
        self.fine, self.out = Block(wide), nn.Conv2d(wide, 5 * 16, 3, padding=1)
        calm(self.out, 0.3)
        for parameter in self.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def forward(self, z_BD: Tensor, real_BCHW: Tensor, origin_BD: Tensor) -> tuple[Tensor, Tensor]:
        """The picture (B, 3, H, W) and the logits (B, H, W) of its pixels being right."""
        x = self.spread(torch.cat([z_BD, z_BD - origin_BD], -1)).unflatten(-1, self.sizes)
        x = F.pixel_shuffle(self.open_up(self.coarse(x.contiguous(memory_format=torch.channels_last))), 2)
        x = F.pixel_shuffle(self.open_wide(F.relu(self.middle(x))), 2)
        seen = F.pixel_unshuffle(real_BCHW * 2 - 1, 4).contiguous(memory_format=torch.channels_last)
        out = F.pixel_shuffle(self.out(self.fine(F.relu(x + self.look(seen)))), 4).float()
        color, mask, sure = out[:, :3], out[:, 3:4], out[:, 4]
        much = 1.1 * torch.sigmoid(mask - 2) - 0.05  # it reaches nothing and all, as in `dynamics`
        much = much + (much.clamp(0, 1) - much).detach()
        return torch.lerp(real_BCHW, color + 0.5, much), sure + 3
