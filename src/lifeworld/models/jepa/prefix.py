"""From the past and a prefix of actions to the embeddings after each of them, all in one pass.

A causal transformer: tokens of the past, then one for every action, which sees those before it and has no embedding of its own to look at.
So the hundredth plan costs what the first did, and nothing that was foreseen wrongly is taken for the past within the reach.

Shapes: B batch, W pictures of the past, R actions, D numbers of an embedding, A of an action, M = W + R - 1 tokens, E width, L layers.

Source: conditioned by adaptive norms that begin as nothing (AdaLN-zero): Peebles & Xie, Scalable Diffusion Models with Transformers (2023).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.models.layers.attention import attend


class Prefix(nn.Module):
    """See the head of this file. What comes is said as the change from the last picture of the past."""

    def __init__(self, numbers: int, actions: int, *, context: int, reach: int, deep: int, layers: int, heads: int) -> None:
        super().__init__()
        self.context = context
        self.enter = nn.Linear(numbers, deep)
        self.unseen = nn.Parameter(torch.randn(deep) * 0.02)
        self.place = nn.Parameter(torch.randn(context + reach - 1, deep) * 0.02)
        self.action = nn.Sequential(nn.Linear(actions, deep), nn.SiLU(), nn.Linear(deep, deep)) if actions else None
        self.untold = nn.Parameter(torch.randn(deep) * 0.02)
        self.layers = nn.ModuleList([Layer(deep, heads) for _ in range(layers)])
        self.say = nn.Linear(deep, numbers)
        nn.init.zeros_(self.say.weight)
        nn.init.zeros_(self.say.bias)

    def forward(self, past_BWD: Tensor, told_BRA: Tensor, kept_BL2E: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The embeddings (B, R, D) after each action, and the tokens (B, R, E) they were read from.

        `kept` scales what each layer adds: noughts in it are dropped.
        """
        batch, reach = told_BRA.shape[:2]
        x = torch.cat([self.enter(past_BWD), self.unseen.expand(batch, reach - 1, -1)], 1) + self.place[: self.context + reach - 1]
        told = self.untold.expand(batch, reach, -1) if self.action is None else self.action(told_BRA)
        told = F.silu(torch.cat([self.untold.expand(batch, self.context - 1, -1), told], 1))
        seen = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).tril()
        for i, layer in enumerate(self.layers):
            x = layer(x, told, seen, None if kept_BL2E is None else kept_BL2E[:, i, :, None])
        x = F.layer_norm(x, x.shape[-1:])[:, self.context - 1 :]
        said: Tensor = past_BWD[:, -1:] + self.say(x)
        return said, x


class Layer(nn.Module):
    """Attention and a network of two layers, each beside a straight way, scaled, shifted and let through as the action says."""

    def __init__(self, deep: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.three, self.out = nn.Linear(deep, 3 * deep), nn.Linear(deep, deep)
        self.up, self.down = nn.Linear(deep, 4 * deep), nn.Linear(4 * deep, deep)
        self.tell = nn.Linear(deep, 6 * deep)
        nn.init.zeros_(self.tell.weight)
        nn.init.zeros_(self.tell.bias)

    def forward(self, x_BME: Tensor, told_BME: Tensor, seen_MM: Tensor, kept_B21E: Tensor | None) -> Tensor:
        shift, scale, gate, shift_up, scale_up, gate_up = self.tell(told_BME).chunk(6, -1)
        y = F.layer_norm(x_BME, x_BME.shape[-1:]) * (1 + scale) + shift
        q, k, v = self.three(y).unflatten(-1, (3, self.heads, -1)).movedim(-3, 0).transpose(-2, -3)
        y = self.out(attend(q, k, v, seen_MM).transpose(-2, -3).flatten(-2))
        x = x_BME + gate * (y if kept_B21E is None else y * kept_B21E[:, 0])
        y = F.layer_norm(x, x.shape[-1:]) * (1 + scale_up) + shift_up
        y = self.down(F.gelu(self.up(y)))
        out: Tensor = x + gate_up * (y if kept_B21E is None else y * kept_B21E[:, 1])
        return out
