"""What the networks are made of.

Shapes: B batch, C channels, H height, W width, E numbers of a condition.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """Two convolutions beside a straight way through, the first scaled and shifted by a condition (FiLM) if there is one.

    Without normalisation: on a processor it costs as much as a convolution, and small last weights keep a deep stack calm at the start.

    Source: He et al., Identity Mappings in Deep Residual Networks (2016); Perez et al., FiLM (2018).
    """

    def __init__(self, channels: int, condition: int = 0) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = nn.Linear(condition, 2 * channels) if condition else None
        calm(self.first, 1.0)
        calm(self.second, 0.2)
        if self.film is not None:
            nn.init.normal_(self.film.weight, std=0.2 * condition**-0.5)
            nn.init.zeros_(self.film.bias)

    def forward(self, x_BCHW: Tensor, condition_BE: Tensor | None = None) -> Tensor:
        y = self.first(x_BCHW)
        if self.film is not None:
            scale, shift = self.film(condition_BE)[:, :, None, None].chunk(2, 1)
            y = torch.addcmul(shift, y, 1 + scale)
        out: Tensor = x_BCHW + self.second(F.relu(y))
        return out


def calm(conv: nn.Conv2d, scale: float) -> None:
    """Begin with weights that keep the size of what comes in (times `scale`) behind a ReLU, and no bias."""
    inputs = conv.weight[0].numel()
    nn.init.normal_(conv.weight, std=scale * (2 / inputs) ** 0.5)
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)


def even(x_BCHW: Tensor) -> Tensor:
    """Every place's channels brought to a mean square of 1: what goes through it a thousand times neither grows nor dies.

    Source: Zhang & Sennrich, Root Mean Square Layer Normalization (2019).
    """
    return x_BCHW * torch.rsqrt(x_BCHW.square().mean(1, keepdim=True) + 1e-4)
