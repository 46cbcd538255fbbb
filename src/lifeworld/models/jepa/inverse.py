"""What was done between two embeddings, and what to do to come from one to another that may be far.

Shapes: B batch, D numbers of an embedding, A of an action, R actions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Inverse(nn.Module):
    """The action (…, A) between two moments (…, D) that follow each other, in units of its spread.

    Learned together with the embeddings: what somebody decides is in them then, however small it is in the picture.
    """

    def __init__(self, numbers: int, actions: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2 * numbers, 128), nn.GELU(), nn.Linear(128, actions))

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        out: Tensor = self.net(torch.cat([before, after - before], -1))
        return out


class Aim(nn.Module):
    """The first R actions (B, R, A) on the way from a moment to a goal (B, D) some unknown time on: the mean of what led there.

    Source: goal-conditioned imitation: Ghosh et al., Learning to Reach Goals via Iterated Supervised Learning (2021).
    """

    def __init__(self, numbers: int, actions: int, *, reach: int, wide: int = 256) -> None:
        super().__init__()
        self.sizes = (reach, actions)
        self.net = nn.Sequential(
            nn.Linear(2 * numbers, wide), nn.GELU(), nn.Linear(wide, wide), nn.GELU(), nn.Linear(wide, reach * actions)
        )

    def forward(self, here_BD: Tensor, goal_BD: Tensor) -> Tensor:
        out: Tensor = self.net(torch.cat([here_BD, goal_BD - here_BD], -1))
        return out.view(*out.shape[:-1], *self.sizes)
