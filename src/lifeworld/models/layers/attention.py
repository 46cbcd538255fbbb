"""The one backbone of everything with tokens: attention within a picture, and every fourth layer along time, each token by itself.

    backbone = Backbone(384, layers=8, heads=6, grid=(8, 8), window=16)
    seen = backbone(x)                                       # (B, T, N, D) -> (B, T, N, D), all pictures at once
    seen, memory = backbone.step(x_t, None, memory, count)   # (B, N, D): one picture more, the same numbers
    memory = backbone.remembered(x_t, None, memory, count)   # for less, where nobody asks what is seen

Along time a token sees itself in the last `window` pictures, never in later ones. Stepping keeps their keys and values in a ring of that
many slots, whose shape never changes. Positions turn by whole parts of a circle, so that they are as exact after a day as at once.

Shapes: B batch, T time, N tokens of the grid, M all tokens, D width, H heads, d numbers of a head, W slots of the ring.

Source: factorised: Bertasius et al., Is Space-Time Attention All You Need (2021); turning: Su et al., RoFormer (2021); norm of queries and
keys: Henry et al., Query-Key Normalization (2020); every fourth: Hafner et al., Training Agents Inside of Scalable World Models (2025).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EVERY = 4
"""One layer in so many looks along time, the first of them first."""
TURNS = 100.0
"""The slowest pair of a head turns so many times more slowly than the fastest."""
CIRCLE = 65536
"""Parts of a circle that positions along time turn by."""
EPS = 1e-5
"""What is added to a mean square before its root is divided by."""


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
        self.heads, self.size = heads, wide // heads
        self.register_buffer("in_space", turns(places, self.size), persistent=False)
        self.in_space: Tensor

    def forward(self, x_BTND: Tensor, extra_BTED: Tensor | None = None) -> Tensor:
        """The grid's tokens after all layers, of pictures that follow each other."""
        x = self._with(x_BTND, extra_BTED)
        count = x.shape[1]
        slots = torch.arange(count, device=x.device)
        age = slots[:, None] - slots
        seen = (age >= 0) & (age < self.window)
        at = turns_in_time(slots, self.size)
        for layer, time in zip(self.layers, self.along_time, strict=True):
            x = layer(x.transpose(1, 2), at, mask=seen).transpose(1, 2) if time else layer(x, self.in_space)
        out: Tensor = self.norm(x[:, :, -x_BTND.shape[2] :])
        return out

    def blank(self, batch: int) -> Tensor:
        """The memory (B, layers along time, 2, M · H, W, d) before the first picture."""
        return torch.zeros(batch, sum(self.along_time), 2, self.tokens * self.heads, self.window, self.size)

    def step(self, x_BND: Tensor, extra_BED: Tensor | None, memory: Tensor, count_B: Tensor) -> tuple[Tensor, Tensor]:
        """The same of one more picture, `count` being in the memory already; and the memory with it. The one given stays as it is."""
        x, kept = self._through(x_BND, extra_BED, memory, count_B)
        return self.norm(x[:, -x_BND.shape[1] :]), self._kept(kept, memory, count_B)

    def look(self, x_BND: Tensor, extra_BED: Tensor | None, memory: Tensor, count_B: Tensor) -> Tensor:
        """What `step` sees, without remembering it."""
        x, _ = self._through(x_BND, extra_BED, memory, count_B)
        out: Tensor = self.norm(x[:, -x_BND.shape[1] :])
        return out

    def remembered(self, x_BND: Tensor, extra_BED: Tensor | None, memory: Tensor, count_B: Tensor) -> Tensor:
        """The memory that `step` makes, without what it sees: what comes behind the last layer along time is left out."""
        _, kept = self._through(x_BND, extra_BED, memory, count_B, seen=False)
        return self._kept(kept, memory, count_B)

    def _through(
        self, x_BND: Tensor, extra_BED: Tensor | None, memory: Tensor, count_B: Tensor, *, seen: bool = True
    ) -> tuple[Tensor, list[Tensor]]:
        """All tokens (B, M, D) after the layers, and the key and value of each layer along time; only these if nothing need be `seen`."""
        x = self._with(x_BND[:, None], None if extra_BED is None else extra_BED[:, None])[:, 0]
        slots, kept, times = torch.arange(self.window, device=x.device), list[Tensor](), sum(self.along_time)
        here = torch.remainder(count_B[:, None], max(self.window, 1)) == slots
        there = (slots < count_B[:, None]) & ~here  # the slot of this picture holds the one that is forgotten now
        at = turns_in_time(count_B, self.size)[:, None]
        for layer, time in zip(self.layers, self.along_time, strict=True):
            assert isinstance(layer, Layer)
            if not seen and len(kept) == times:
                break
            if time:
                three = layer.three(x, at)
                if seen or len(kept) < times - 1:
                    x = layer.recall(x, three, memory[:, len(kept)], there)
                kept.append(three[:, 1:])
            else:
                x = layer(x, self.in_space)
        return x, kept

    def _kept(self, kept: list[Tensor], memory: Tensor, count_B: Tensor) -> Tensor:
        """The memory with one picture more in the slot that is its."""
        if not kept:
            return memory
        new, rows = torch.stack(kept, 1).to(memory.dtype).flatten(0, 3), memory.flatten(0, 3)
        slot = torch.remainder(count_B, self.window)[:, None].expand(-1, memory[0, ..., 0, 0].numel()).flatten()
        return rows.index_put((torch.arange(rows.shape[0], device=slot.device), slot), new[:, 0]).view_as(memory)

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
        self.mix, self.out = Linear(wide, 3 * wide), Linear(wide, wide)
        self.up, self.down = Linear(wide, 2 * inner), Linear(inner, wide)
        for linear, scale in ((self.mix, 1.0), (self.up, 1.0), (self.out, depth**-0.5), (self.down, depth**-0.5)):
            nn.init.normal_(linear.weight, std=0.7 * scale * linear.in_features**-0.5)

    def forward(self, x_ABMD: Tensor, turned: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attention along the last axis but one, whose tokens are `turned` (M, 2 · d)."""
        q, k, v = (part.transpose(-2, -3) for part in self._three(x_ABMD, turned))
        return self._after(x_ABMD, attend(q, k, v, mask).transpose(-2, -3))

    def three(self, x_BMD: Tensor, turned: Tensor) -> Tensor:
        """Each token's query, key and value (B, 3, M · H, 1, d) along time."""
        return torch.stack([part.float().flatten(1, 2)[:, :, None] for part in self._three(x_BMD, turned)], 1)

    def recall(self, x_BMD: Tensor, three: Tensor, memory: Tensor, seen_BW: Tensor) -> Tensor:
        """Attention of each token to itself now and in the memory (B, 2, M · H, W, d)."""
        q, k, v = three.unbind(1)
        with torch.autocast(x_BMD.device.type, enabled=False):  # turning the memory into shorter numbers costs more than it saves
            q = q * q.shape[-1] ** -0.5
            past = (q @ memory[:, 0].transpose(-1, -2)).masked_fill(~seen_BW[:, None, None], -torch.inf)
            shares = torch.cat([past, (q * k).sum(-1, keepdim=True)], -1).softmax(-1)
            found = shares[..., :-1] @ memory[:, 1] + shares[..., -1:] * v
        return self._after(x_BMD, found.view(*x_BMD.shape[:2], self.heads, -1).to(x_BMD.dtype))

    def _three(self, x_ABMD: Tensor, turned: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values (…, M, H, d); what can be is done to queries and keys at once, as small operations cost their call."""
        mixed = self.mix(self.first(x_ABMD)).unflatten(-1, (3, self.heads, -1))
        both, weight = mixed[..., :2, :, :], torch.stack([self.query.weight, self.key.weight])[:, None]
        both = turn(F.rms_norm(both, both.shape[-1:], eps=EPS) * weight.to(both.dtype), turned[..., None, None, :])
        return both[..., 0, :, :], both[..., 1, :, :], mixed[..., 2, :, :]

    def _after(self, x: Tensor, found: Tensor) -> Tensor:
        """What is found by the heads (…, M, H, d) goes in, then through the network of two layers."""
        x = x + self.out(found.flatten(-2))
        both, inner = self.up(self.second(x)), self.down.in_features
        out: Tensor = x + self.down(F.silu(both[..., :inner]) * both[..., inner:])
        return out


class Linear(nn.Linear):
    """Without a bias. While playing in short numbers its weights are made short once: else a third of the time would go into that."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, bias=False)
        self._short: tuple[tuple[int, int], Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not (torch.is_inference_mode_enabled() and torch.is_autocast_enabled(x.device.type)):
            return super().forward(x)
        now = (self.weight.data_ptr(), self.weight._version)  # which weights these are: they may have learned since
        if self._short is None or self._short[0] != now:
            self._short = (now, self.weight.to(torch.get_autocast_dtype(x.device.type)))
        return F.linear(x, self._short[1])


class Norm(nn.Module):
    """Each token's numbers brought to a mean square of 1, then scaled.

    Source: Zhang & Sennrich, Root Mean Square Layer Normalization (2019).
    """

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(wide))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), eps=EPS)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q kᵀ / √d) v over the last axes but one; where the mask is false nothing is seen. Written out: for a few dozen tokens it is
    faster on a processor than the fused kernel."""
    likeness = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if mask is not None:
        likeness = likeness.masked_fill(~mask, -torch.inf)
    shares: Tensor = likeness.softmax(-1, dtype=torch.float32).to(v.dtype)
    return shares @ v


def turns(places_MP: Tensor, size: int) -> Tensor:
    """How far the pairs of a head of this size are turned at places (M, P), for `turn`: (M, 2 · size); each of the P axes turns its share
    of the pairs."""
    axes, pairs = places_MP.shape[1], size // 2
    angles = []
    for axis in range(axes):
        mine = len(range(axis, pairs, axes))
        angles.append(places_MP[:, axis : axis + 1] * TURNS ** -(torch.arange(mine, device=places_MP.device) / max(mine, 1)))
    return _turned(torch.cat(angles, 1))


def turns_in_time(count: Tensor, size: int) -> Tensor:
    """The same (…, 2 · size) for numbers of pictures (…), in whole parts of a circle: two as far apart turn as far apart, whenever."""
    pairs = size // 2
    fast = torch.round(CIRCLE / math.tau * TURNS ** -(torch.arange(pairs, device=count.device) / max(pairs, 1))).long()
    return _turned(torch.remainder(count[..., None] * fast, CIRCLE) * (math.tau / CIRCLE))


def _turned(angle: Tensor) -> Tensor:
    """What the numbers of pairs are to be multiplied by, then what those of the other halves are."""
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([cos, cos, -sin, sin], -1)


def turn(x: Tensor, turned: Tensor) -> Tensor:
    """Pairs of numbers (the first half with the second) turned by angles given as `turns` gives them."""
    size = x.shape[-1]
    own, others = turned[..., :size].to(x.dtype), turned[..., size:].to(x.dtype)
    return x * own + torch.cat([x[..., size // 2 :], x[..., : size // 2]], -1) * others
