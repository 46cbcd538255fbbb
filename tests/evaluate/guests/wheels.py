"""The neighbours' own LeWM, from their own wheels, small and not learned."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def torch_world() -> Any:
    from torch_world.models import LeWM
    from torch_world.nn.encoders import CLSEncoder

    torch.manual_seed(0)
    sizes = {"depth": 2, "num_heads": 4, "head_dim": 8, "mlp_dim": 64, "proj_dim": 64}
    return obeying(LeWM(CLSEncoder(64, 16, embed_dim=32, depth=1, num_heads=4), 2, embed_dim=32, history=3, **sizes))


def stable_worldmodel() -> Any:
    import shim  # noqa: F401  # benchmarks/peers/loaders/shim.py, copied beside this file
    from stable_worldmodel.wm.lewm import LeWM
    from stable_worldmodel.wm.lewm.module import MLP, Embedder, Predictor

    torch.manual_seed(0)
    predictor = Predictor(num_frames=3, depth=2, heads=4, mlp_dim=64, input_dim=32, hidden_dim=32, dim_head=8)
    heads = {name: MLP(32, 64, 32, norm_fn=nn.BatchNorm1d) for name in ("projector", "pred_proj")}
    return obeying(LeWM(encoder=Seen(), predictor=predictor, action_encoder=Embedder(input_dim=2, emb_dim=32), **heads))


def obeying(model: nn.Module) -> nn.Module:
    """What is done changes nothing in either until it has learned (adaptive norms begin as noughts); here it does."""
    for part in model.modules():
        if isinstance(part, nn.Linear) and not part.weight.any():
            nn.init.normal_(part.weight, std=0.1)
    return model


class Said:
    def __init__(self, tokens: Tensor) -> None:
        self.last_hidden_state = tokens


class Seen(nn.Module):
    """Looks as an encoder of transformers does: it is called with a switch and gives tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 8, 8), nn.GELU(), nn.Flatten(), nn.Linear(8 * 64, 32))

    def forward(self, pixels: Tensor, interpolate_pos_encoding: bool = True) -> Said:
        return Said(self.net(pixels)[:, None])
