"""From a picture to its embedding: convolutions at a quarter, an eighth and a sixteenth of its side, then all places at once.

Shapes: B batch, D numbers of an embedding, F features, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.models.layers.blocks import Block, calm, even

FEATURES = 256
EPSILON = 1e-5


class Encoder(nn.Module):
    """See the head of this file.

    Between what is seen and the embedding stands a batch norm: without it a few loud features would be all there is. Its `mean` and
    `spread` (F,) are running ones, kept by whoever trains; here they are only used.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, height: int, width: int, *, wide: int, numbers: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(48, wide, 3, padding=1)
        self.near = Block(wide)
        self.halve = nn.Conv2d(wide, 2 * wide, 2, stride=2)
        self.middle = nn.ModuleList([Block(2 * wide), Block(2 * wide)])
        self.quarter = nn.Conv2d(2 * wide, 4 * wide, 2, stride=2)
        self.far = Block(4 * wide)
        self.gather = nn.Linear(4 * wide * (height // 16) * (width // 16), FEATURES)
        self.project = nn.Linear(FEATURES, numbers)
        for conv in (self.first, self.halve, self.quarter):
            calm(conv, 1.0)
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        for parameter in self.parameters():
            if parameter.ndim == 4:  # channels last: twice as fast on a processor
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def forward(self, frames_BCHW: Tensor) -> Tensor:
        """The embeddings (B, D)."""
        return self.said(self.seen(frames_BCHW), self.mean, self.spread)

    def seen(self, frames_BCHW: Tensor) -> Tensor:
        """The features (B, F) before the norm."""
        x = F.pixel_unshuffle(frames_BCHW * 2 - 1, 4).contiguous(memory_format=torch.channels_last)
        x = self.halve(F.relu(even(self.near(self.first(x)))))
        for block in self.middle:
            x = block(x)
        x = F.relu(even(self.far(self.quarter(F.relu(even(x))))))  # before a batch norm nothing else keeps weights from growing
        out: Tensor = self.gather(x.flatten(1))
        return out

    def said(self, seen_BF: Tensor, mean_F: Tensor, spread_F: Tensor) -> Tensor:
        """The embeddings (B, D) of features, normed by these."""
        out: Tensor = self.project(F.relu((seen_BF - mean_F) / (spread_F + EPSILON)))
        return out
