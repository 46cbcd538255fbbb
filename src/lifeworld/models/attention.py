"""The one backbone of everything with tokens: attention within a picture, and every fourth layer along time, each token by itself.

    backbone = Backbone(384, layers=8, heads=6, grid=(8, 8), window=16)
    seen = backbone(x)                                       # (B, T, N, D) -> (B, T, N, D), all pictures at once
    seen, memory = backbone.step(x_t, None, memory, count)   # (B, N, D): one picture more, the same numbers

Along time a token sees itself in the last `window` pictures, never in later ones. Stepping keeps their keys and values in a ring of
that many slots whose shape never changes; keys are kept unturned and turned by their age when they are looked at.

Shapes: B batch, T time, N tokens of the grid, M all tokens, D width, W slots of the ring. A head has D / heads numbers.

Source: factorised: Bertasius et al., Is Space-Time Attention All You Need (2021); turning: Su et al., RoFormer (2021); norm of queries and
keys: Henry et al., Query-Key Normalization (2020); every fourth: Hafner et al., Training Agents Inside of Scalable World Models (2025).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EVERY = 4
"""One layer in so many looks along time, the first of them first."""
TURNS = 100.0
"""The slowest pair of a head turns so many times more slowly than the fastest."""


class Backbone(nn.Module):
    """Layers of attention over a grid of tokens with `extra` tokens told by the caller before it, and registers of its own.

    `window` is how many pictures a token sees along time, its own among them; 0 for none: then every picture is alone.
    """

    def __init__(
        self, wide: int, *, layers: int, heads: int, grid: tuple[int, int], extra: int = 0, registers: int = 2, window: int = 0
    ) -> None:
        super().__init__()
        self.window, self.extra = window, extra
        self.along_time = tuple(bool(window) and i % EVERY == 0 for i in range(layers))
        self.registers = nn.Parameter(torch.randn(registers, wide) * 0.02)
        self.layers = nn.ModuleList([Layer(wide, heads, layers) for _ in range(layers)])
        self.norm = Norm(wide)
        self.tokens = extra + registers + grid[0] * grid[1]
        places = torch.cat([torch.zeros(extra + registers, 2), torch.cartesian_prod(*(torch.arange(n) + 1.0 for n in grid))])
        size = wide // heads
        self.register_buffer("in_space", turns(places, size), persistent=False)
        self.register_buffer("in_time", turns(torch.arange(max(window, 1))[:, None] * -1.0, size), persistent=False)
        self.in_space: Tensor
        self.in_time: Tensor

    def forward(self, x_BTND: Tensor, extra_BTED: Tensor | None = None) -> Tensor:
        """The grid's tokens after all layers, of pictures that follow each other."""
        x = self._with(x_BTND, extra_BTED)
        count = x.shape[1]
        slots = torch.arange(count, device=x.device)
        age = slots[:, None] - slots
        seen = (age >= 0) & (age < self.window)
        at = turns(slots[:, None].float(), self.in_time.shape[-1]) if self.window else self.in_time
        for layer, time in zip(self.layers, self.along_time, strict=True):
            x = layer(x.transpose(1, 2), at, mask=seen).transpose(1, 2) if time else layer(x, self.in_space)
        out: Tensor = self.norm(x[:, :, -x_BTND.shape[2] :])
        return out

    def blank(self, batch: int) -> Tensor:
        """The memory (B, layers along time, 2, W, M, D) before the first picture."""
        return torch.zeros(batch, sum(self.along_time), 2, self.window, self.tokens, self.norm.weight.numel())

    def step(self, x_BND: Tensor, extra_BED: Tensor | None, memory: Tensor, count_B: Tensor) -> tuple[Tensor, Tensor]:
        """The same of one more picture, `count` being in the memory already, and the memory with it. The one given stays as it is."""
        x = self._with(x_BND[:, None], None if extra_BED is None else extra_BED[:, None])[:, 0]
        slots, kept = torch.arange(max(self.window, 1), device=x.device), list[Tensor]()
        age = torch.remainder(count_B[:, None] - slots, max(self.window, 1))
        turned, seen = self.in_time[age][:, None, None], (age <= count_B[:, None])[:, None, None, None]
        here = (age == 0)[:, None, :, None, None]
        for layer, time in zip(self.layers, self.along_time, strict=True):
            assert isinstance(layer, Layer)
            if time:
                x, both = layer.remember(x, memory[:, len(kept)], here, turned, seen)
                kept.append(both)
            else:
                x = layer(x, self.in_space)
        return self.norm(x[:, -x_BND.shape[1] :]), torch.stack(kept, 1) if kept else memory

    def _with(self, x_BTND: Tensor, extra_BTED: Tensor | None) -> Tensor:
        own = self.registers.expand(*x_BTND.shape[:2], -1, -1)
        return torch.cat([*([] if extra_BTED is None else [extra_BTED.to(x_BTND.dtype)]), own.to(x_BTND.dtype), x_BTND], 2)


class Layer(nn.Module):
    """Attention and a gated network of two layers, each beside a straight way through."""

    def __init__(self, wide: int, heads: int, depth: int) -> None:
        super().__init__()
        self.heads = heads
        inner = -(-wide * 8 // 3 // 32) * 32
        self.first, self.second = Norm(wide), Norm(wide)
        self.query, self.key = Norm(wide // heads), Norm(wide // heads)
        self.mix, self.out = nn.Linear(wide, 3 * wide, bias=False), nn.Linear(wide, wide, bias=False)
        self.up, self.down = nn.Linear(wide, 2 * inner, bias=False), nn.Linear(inner, wide, bias=False)
        for linear, scale in ((self.mix, 1.0), (self.up, 1.0), (self.out, depth**-0.5), (self.down, depth**-0.5)):
            nn.init.normal_(linear.weight, std=0.7 * scale * linear.in_features**-0.5)

    def forward(self, x_ABMD: Tensor, turned: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attention along the last axis but one."""
        q, k, v = self._three(x_ABMD)
        q, k = turn(self.query(q), turned), turn(self.key(k), turned)
        return self._after(x_ABMD, attend(q, k, v, mask))

    def remember(self, x_BMD: Tensor, memory: Tensor, here: Tensor, turned: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Attention of each token to itself in the memory (B, 2, W, M, D), with this picture put in `here`; what it is then."""
        q, k, v = self._three(x_BMD)  # (B, heads, M, d)
        both = torch.stack([self.key(k), v], 1).transpose(2, 3).flatten(3)  # (B, 2, M, D)
        memory = torch.where(here, both[:, :, None].to(memory.dtype), memory)
        split = memory.view(*memory.shape[:-1], self.heads, -1).permute(1, 0, 3, 4, 2, 5).to(q.dtype)  # (2, B, M, heads, W, d)
        keys = turn(split[0], turned)  # (B, M, heads, W, d)
        found = attend(self.query(q).transpose(1, 2)[:, :, :, None], keys, split[1], seen)
        return self._after(x_BMD, found[:, :, :, 0].transpose(1, 2)), memory

    def _three(self, x_ABMD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed: Tensor = self.mix(self.first(x_ABMD))
        q, k, v = mixed.view(*mixed.shape[:-1], 3, self.heads, -1).movedim(-3, 0).transpose(-2, -3)
        return q, k, v

    def _after(self, x: Tensor, found: Tensor) -> Tensor:
        x = x + self.out(found.transpose(-2, -3).flatten(-2))
        gate, value = self.up(self.second(x)).chunk(2, -1)
        out: Tensor = x + self.down(F.silu(gate) * value)
        return out


class Norm(nn.Module):
    """Each token's numbers brought to a mean square of 1, then scaled.

    Source: Zhang & Sennrich, Root Mean Square Layer Normalization (2019).
    """

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(wide))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = F.rms_norm(x, (x.shape[-1],), eps=1e-5) * self.weight.to(x.dtype)
        return out


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q kᵀ / √d) v over the last axes but one; where the mask is false nothing is seen. Written out: for a few dozen tokens it is
    faster on a processor than the fused kernel."""
    likeness = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if mask is not None:
        likeness = likeness.masked_fill(~mask, -torch.inf)
    shares: Tensor = likeness.softmax(-1, dtype=torch.float32).to(v.dtype)
    return shares @ v


def turns(places_MP: Tensor, size: int) -> Tensor:
    """How far the pairs of a head of this size are turned at places (M, P): (M, size) of cosines, then sines; each of the P axes turns
    its share of the pairs."""
    axes, pairs = places_MP.shape[1], size // 2
    angles = []
    for axis in range(axes):
        mine = len(range(axis, pairs, axes))
        angles.append(places_MP[:, axis : axis + 1] * TURNS ** -(torch.arange(mine, device=places_MP.device) / max(mine, 1)))
    angle = torch.cat(angles, 1)
    return torch.cat([angle.cos(), angle.sin()], 1)


def turn(x: Tensor, turned: Tensor) -> Tensor:
    """Pairs of numbers (the first half with the second) turned by angles given as `turns` gives them."""
    cos, sin = turned.to(x.dtype).chunk(2, -1)
    one, other = x.chunk(2, -1)
    return torch.cat([one * cos - other * sin, one * sin + other * cos], -1)
