"""Finite scalar quantisation: a few numbers, each rounded to a few levels, are a token; every combination of levels is a code.

    rounded = to_levels(x, (8, 5, 5, 5))      # (…, 4), what a code stands for, from -1 to 1
    code = codes(rounded, (8, 5, 5, 5))       # (…), 0 to 999; `levels_of(code, …)` is `rounded` again

There is no codebook to learn, so none can collapse.

Source: Mentzer et al., Finite Scalar Quantization: VQ-VAE Made Simple (2024).
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor


def to_levels(x: Tensor, levels: tuple[int, ...]) -> Tensor:
    """Numbers (…, len(levels)) squashed and rounded to evenly spaced levels from -1 to 1; its slope is that of squashing alone."""
    half = (torch.tensor(levels, device=x.device) - 1) / 2
    squashed = torch.tanh(x.float())
    rounded = torch.round((squashed + 1) * half) / half - 1
    return squashed + (rounded - squashed).detach()


def codes(rounded: Tensor, levels: tuple[int, ...]) -> Tensor:
    """The code (…), 0 to the product of all levels, of numbers on their levels."""
    digits = torch.round((rounded + 1) * (torch.tensor(levels, device=rounded.device) - 1) / 2).long()
    return (digits * _basis(levels, rounded)).sum(-1)


def levels_of(codes: Tensor, levels: tuple[int, ...]) -> Tensor:
    """The numbers (…, len(levels)) that codes stand for."""
    sizes = torch.tensor(levels, device=codes.device)
    return torch.remainder(codes[..., None] // _basis(levels, codes), sizes) * 2 / (sizes - 1) - 1


def _basis(levels: tuple[int, ...], where: Tensor) -> Tensor:
    return torch.tensor([prod(levels[:i]) for i in range(len(levels))], device=where.device)
