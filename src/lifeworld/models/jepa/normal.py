"""What keeps embeddings apart: without it the easiest thing to foresee would be always the same.

`sigreg` asks that they lie as a normal distribution does, in every direction a spread of 1: tested on directions drawn anew in each step by
how far their characteristic functions are from that of a normal one (Epps-Pulley). `vicreg` asks only for a spread of 1 and that no two
numbers say the same.

All statistics are over the clips of all processes (`shard.joint`).

Shapes: N embeddings, D numbers of each, M directions, K knots.

Source: Balestriero & LeCun, LeJEPA (2025), 4; Epps & Pulley, A test for normality based on the empirical characteristic function (1983);
Bardes et al., VICReg (2022).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

KNOTS, FAR = 17, 3.0
"""At how many places the characteristic functions are compared, from 0 to FAR; on the other side they are the same."""
LEAST = 1e-4


def sigreg(z_ND: Tensor, directions_DM: Tensor, joint: Callable[[Tensor], Tensor]) -> Tensor:
    """The mean over directions of the squared distance of characteristic functions, weighed by the normal one: times the number of
    independent embeddings it is the statistic of Epps and Pulley, about 1 for embeddings that are normal.

    `joint` makes a mean over what is here one over all processes.
    """
    z = z_ND.float()
    at = torch.linspace(0, FAR, KNOTS, device=z.device)
    weight = torch.full((KNOTS,), 2 * FAR / (KNOTS - 1), device=z.device)
    weight[0] /= 2
    weight[-1] /= 2
    normal = torch.exp(-at.square() / 2)
    turned = (z @ (directions_DM / directions_DM.norm(dim=0)))[..., None] * at  # (N, M, K)
    real, imaginary = joint(turned.cos().mean(0)), joint(turned.sin().mean(0))
    apart = (real - normal).square() + imaginary.square()
    return (apart * (weight * normal)).sum(-1).mean()


def vicreg(z_ND: Tensor, joint: Callable[[Tensor], Tensor]) -> Tensor:
    """How far spreads fall short of 1, and how much the numbers vary together."""
    z = z_ND.float()
    z = z - joint(z.mean(0))
    covariance = joint(z.T @ z / len(z))
    short = torch.relu(1 - (covariance.diagonal() + LEAST).sqrt()).mean()
    together = (covariance - torch.diag(covariance.diagonal())).square().sum() / len(covariance)
    return short + 0.04 * together


def straight(z_BTD: Tensor) -> Tensor:
    """How much the way through embeddings bends: 1 less the cosine between one change and the next, 0 for a straight line.

    Source: temporal straightening: Hénaff et al., Perceptual straightening of natural videos (2019).
    """
    change = z_BTD[:, 1:] - z_BTD[:, :-1]
    return (1 - torch.cosine_similarity(change[:, 1:], change[:, :-1], dim=-1)).mean()
