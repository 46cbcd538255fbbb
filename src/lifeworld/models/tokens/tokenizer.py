"""The tokenizer: a picture becomes a grid of tokens of a few numbers each, and tokens a picture again.

    tokens = tokenizer.encode(frames)        # (B, T, 3, H, W) in 0..1 -> (B, T, N, C) from -1 to 1
    frames = tokenizer.decode(tokens)        # not kept within 0..1

It is a masked autoencoder: while it learns, patches are hidden from it, and it paints them from the others. So its tokens say what is there
rather than what each patch looks like. Its numbers are continuous, or with `levels` those of a code (see fsq.py). It takes each picture by
itself, or, `causal`, with those before it, never with later ones; streaming then needs a memory of encoder and decoder (`seen`, `painted`).

Shapes: B batch, T time, C numbers of a token, N tokens, D width, H height, W width.

Source: He et al., Masked Autoencoders Are Scalable Vision Learners (2022); as a tokenizer: Hafner et al., Training Agents Inside of
Scalable World Models (2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.models.layers.attention import Backbone
from lifeworld.models.layers.blocks import Block, calm
from lifeworld.models.layers.fsq import to_levels

MOST_CODES = 65536
MOST_TOKENS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenShape:
    """How large a tokenizer is: a token for each `patch` × `patch` pixels, of `channels` numbers, or of one code with so many `levels`.

    `wide` channels where convolutions work, tokens `deep` numbers wide in `layers` layers each way; `causal` with a `window` of pictures.
    """

    height: int = 64
    width: int = 64
    patch: int = 8
    channels: int = 16
    levels: tuple[int, ...] = ()
    wide: int = 64
    deep: int = 128
    fine: int = 24
    layers: int = 2
    heads: int = 4
    causal: bool = False
    window: int = 8

    def __post_init__(self) -> None:
        for name, least, most in (("height", 16, 256), ("width", 16, 256), ("channels", 1, 256), ("wide", 8, 512), ("deep", 8, 2048),
                                  ("fine", 4, 128), ("layers", 1, 32), ("heads", 1, 64), ("window", 1, 256)):  # fmt: skip
            value = getattr(self, name)
            if not (type(value) is int and least <= value <= most):
                raise LimitError(f"{name} of a tokenizer", got=value, expected=f"{least} to {most}")
        if self.patch not in (8, 16, 32):
            raise LimitError("patch of a tokenizer", got=self.patch, expected="8, 16 or 32")
        if self.height % self.patch or self.width % self.patch or self.count > MOST_TOKENS:
            got = f"{self.height} × {self.width} pixels in patches of {self.patch}"
            raise LimitError(
                "pictures do not divide into tokens",
                got=got,
                expected=f"whole patches, {MOST_TOKENS} at most",
                fix="Choose other --pixels.",
            )
        if self.deep % (4 * self.heads):
            raise LimitError("heads of a tokenizer", got=self.heads, expected=f"a share of {self.deep} numbers that four divides")
        if self.levels and (min(self.levels) < 2 or prod(self.levels) > MOST_CODES):
            raise LimitError("levels of a code", got=self.levels, expected=f"2 or more each, {MOST_CODES} codes at most")

    @property
    def grid(self) -> tuple[int, int]:
        """Tokens from top to bottom and across."""
        return self.height // self.patch, self.width // self.patch

    @property
    def count(self) -> int:
        """Tokens a picture."""
        return prod(self.grid)

    @property
    def numbers(self) -> int:
        """Numbers a token."""
        return len(self.levels) or self.channels


class Tokenizer(nn.Module):
    """Encoder and decoder; see the head of this file. Weights are drawn under `torch.manual_seed`."""

    def __init__(self, shape: TokenShape) -> None:
        super().__init__()
        self.shape = shape
        wide, deep, fine, half = shape.wide, shape.deep, shape.fine, shape.patch // 2
        window = shape.window if shape.causal else 0
        self.first = nn.Conv2d(3 * half * half, wide, 3, padding=1)
        self.see = Block(wide)
        self.down = nn.Conv2d(wide, deep, 2, stride=2)
        self.hidden = nn.Parameter(torch.randn(deep) * 0.02)
        self.place = nn.Parameter(torch.randn(shape.count, deep) * 0.02)
        self.encoder = Backbone(deep, layers=shape.layers, heads=shape.heads, grid=shape.grid, window=window)
        self.narrow, self.widen = nn.Linear(deep, shape.numbers), nn.Linear(shape.numbers, deep)
        self.decoder = Backbone(deep, layers=shape.layers, heads=shape.heads, grid=shape.grid, window=window)
        self.up = nn.Conv2d(deep, 4 * wide, 1)
        self.after = Block(wide)
        self.open_up = nn.Conv2d(wide, fine * (half // 2) ** 2, 1)
        self.paint = Block(fine)
        self.out = nn.Conv2d(fine, 3 * 4, 3, padding=1)
        for conv, scale in ((self.first, 1.0), (self.out, 0.3)):
            calm(conv, scale)
        for parameter in self.parameters():
            if parameter.ndim == 4:  # channels last: twice as fast on a processor
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def encode(self, frames_BTCHW: Tensor, *, hide_BTN: Tensor | None = None) -> Tensor:
        """The tokens (B, T, N, C) of pictures; where `hide` is true the patch is not shown.

        Raises:
            ShapeError: if they are not pictures of the tokenizer's size.
        """
        shape = self.shape
        if frames_BTCHW.ndim != 5 or tuple(frames_BTCHW.shape[2:]) != (3, shape.height, shape.width):
            expected = ("B", "T", 3, shape.height, shape.width)
            raise ShapeError("these are not pictures of the tokenizer's size", got=tuple(frames_BTCHW.shape), expected=expected)
        return self._bottleneck(self.encoder(self._patches(frames_BTCHW, hide_BTN)))

    def decode(self, tokens_BTNC: Tensor) -> Tensor:
        """The pictures (B, T, 3, H, W) of tokens."""
        return self._painted(self.decoder(self._wide(tokens_BTNC)))

    def look(self, frame_BCHW: Tensor, memory: Tensor, count_B: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens (B, N, C) of one picture after `count` others, and what the encoder remembers then."""
        x, memory = self.encoder.step(self._patches(frame_BCHW[:, None], None)[:, 0], None, memory, count_B)
        return self._bottleneck(x), memory

    def blank(self, batch: int) -> Tensor:
        """What a decoder that streams remembers before the first picture; empty where each picture is taken by itself."""
        return self.decoder.blank(batch)

    def show(self, tokens_BNC: Tensor, memory: Tensor, count_B: Tensor) -> tuple[Tensor, Tensor]:
        """The picture (B, 3, H, W) of one picture's tokens, after `count` others, and what is remembered then."""
        x, memory = self.decoder.step(self._wide(tokens_BNC), None, memory, count_B)
        return self._painted(x[:, None])[:, 0], memory

    def _patches(self, frames: Tensor, hide: Tensor | None) -> Tensor:
        half, (rows, columns) = self.shape.patch // 2, self.shape.grid
        x = frames.flatten(0, 1) * 2 - 1
        if hide is not None:
            pixels = hide.flatten(0, 1).view(-1, 1, rows, columns).repeat_interleave(2 * half, 2).repeat_interleave(2 * half, 3)
            x = x.masked_fill(pixels, 0.0)
        x = self.see(self.first(F.pixel_unshuffle(x, half).contiguous(memory_format=torch.channels_last)))
        x = self.down(x).flatten(2).transpose(1, 2).reshape(*frames.shape[:2], self.shape.count, -1)
        if hide is not None:
            x = torch.where(hide[..., None], self.hidden.to(x.dtype), x)
        placed: Tensor = x + self.place
        return placed

    def _bottleneck(self, x: Tensor) -> Tensor:
        x = self.narrow(x).float()
        return to_levels(x, self.shape.levels) if self.shape.levels else torch.tanh(x)

    def _wide(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.widen(tokens) + self.place
        return out

    def _painted(self, x_BTND: Tensor) -> Tensor:
        x = self.after(F.pixel_shuffle(self.up(gridded(x_BTND.flatten(0, 1), self.shape.grid)), 2))
        x = self.paint(F.pixel_shuffle(self.open_up(x), self.shape.patch // 4))
        frames = F.pixel_shuffle(self.out(x), 2).float() + 0.5
        return frames.view(*x_BTND.shape[:2], *frames.shape[1:])


def gridded(x_BND: Tensor, grid: tuple[int, int]) -> Tensor:
    """Tokens as the channels of a picture (B, D, rows, columns)."""
    return x_BND.transpose(1, 2).reshape(x_BND.shape[0], -1, *grid).contiguous(memory_format=torch.channels_last)
