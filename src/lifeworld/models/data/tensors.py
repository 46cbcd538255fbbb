"""Windows of pictures as tensors: what networks are given."""

from __future__ import annotations

import torch
from torch import Tensor

from lifeworld.models.data.footage import Window


def tensors(window: Window, length: int | None = None) -> tuple[Tensor, Tensor | None]:
    """The first `length` pictures (B, T, 3, H, W) in 0..1 and the actions between them (B, T - 1, A), if any were recorded."""
    frames = torch.from_numpy(window.frames[:, :length]).movedim(-1, -3).float().div_(255)
    return frames, None if window.actions is None else torch.from_numpy(window.actions[:, : frames.shape[1] - 1])
