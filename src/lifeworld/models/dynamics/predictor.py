"""What the kinds that dream in tokens share: a tokenizer, the backbone over its tokens, a memory that streams, pictures and certainty.

A kind says with `next` how the tokens of the next picture are found from those before and the action, and with `settled` how a picture
that is known enters the backbone. Every token is told the same place's token one picture earlier: what nothing touches needs no learning.

Pictures are painted from tokens by the tokenizer. What it could not say of the last real picture is kept as `detail` and shown for as long
as a place's tokens stay what they were then. So the ground stays sharp, and is so again where something went away.

Shapes: B batch, T time, N tokens a picture, C numbers of a token, D width of the backbone, H height, W width, A numbers of an action.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import InputError, LimitError, ShapeError
from lifeworld.models.dreamer import SURE, Dreamer
from lifeworld.models.layers.attention import Backbone
from lifeworld.models.layers.blocks import Block, calm
from lifeworld.models.tokens.tokenizer import Tokenizer, TokenShape, gridded

TAPE = 65537
"""Numbers on a tape of noise: a prime, so that what is read from it repeats late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorShape:
    """How large a model in tokens is: its tokenizer, and a backbone `deep` numbers wide in `layers` layers.

    `window` is how many pictures it remembers. An action enters as a `token` of its own or is `added` to every token, as `told` says.
    """

    tokens: TokenShape
    actions: int = 2
    context: int = 4
    latent: bool = False
    deep: int = 384
    layers: int = 8
    heads: int = 6
    registers: int = 2
    window: int = 16
    told: str = "added"

    def __post_init__(self) -> None:
        for name, least, most in (("actions", 1, 256), ("context", 1, 16), ("deep", 8, 4096), ("layers", 1, 64), ("heads", 1, 64),
                                  ("registers", 0, 64), ("window", 1, 256)):  # fmt: skip
            value = getattr(self, name)
            if not (type(value) is int and least <= value <= most):
                raise LimitError(f"{name} of a model", got=value, expected=f"{least} to {most}")
        if self.deep % (4 * self.heads):
            raise LimitError("heads of a model", got=self.heads, expected=f"a share of {self.deep} numbers that four divides")
        if self.told not in ("token", "added"):
            raise LimitError("how a model is told an action", got=self.told, expected="token or added")

    @property
    def height(self) -> int:
        return self.tokens.height

    @property
    def width(self) -> int:
        return self.tokens.width


class Moment(NamedTuple):
    """A moment of a dream in tokens.

    `frame` (B, 3, H, W), `sure` (B, H, W); `tokens` (B, N, C) of the picture; what the backbone (`memory`) and the tokenizer's decoder
    (`painted`) remember; `detail` (B, 3, H, W) and `origin` (B, N, C), what is left to say of the last real picture, and its tokens; `at`
    (B,), pictures so far; `tape` (B,), where on the tape of noise it began.
    """

    frame: Tensor
    sure: Tensor
    tokens: Tensor
    memory: Tensor
    painted: Tensor
    detail: Tensor
    origin: Tensor
    at: Tensor
    tape: Tensor


class Predictor(Dreamer):
    """See the head of this file. Tokens are brought to a mean of 0 and a spread of 1 by `token_mean` and `token_std` (C,)."""

    shape: Any
    token_mean: Tensor
    token_std: Tensor
    tape: Tensor

    def __init__(self, shape: PredictorShape) -> None:
        super().__init__(shape)
        deep, numbers, patch = shape.deep, shape.tokens.numbers, shape.tokens.patch
        self.tokenizer = Tokenizer(shape.tokens)
        told = int(shape.told == "token")
        self.backbone = Backbone(
            deep, layers=shape.layers, heads=shape.heads, grid=shape.tokens.grid, extra=told, registers=shape.registers, window=shape.window
        )
        self.before = nn.Linear(numbers, deep)
        self.place = nn.Parameter(torch.randn(shape.tokens.count, deep) * 0.02)
        self.action = nn.Linear(shape.actions, deep)
        self.untold = nn.Parameter(torch.randn(deep) * 0.02)
        self.inferred = Between(shape) if shape.latent else None
        self.finish = nn.ModuleDict({"doubt": Doubt(deep, patch), "detail": Detail()})
        self.register_buffer("token_mean", torch.zeros(numbers))
        self.register_buffer("token_std", torch.ones(numbers))
        self.register_buffer("tape", torch.randn(TAPE))

    # -- the kind's own ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def next(self, moment: Moment, action_BA: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The tokens (B, N, C) of the next picture, what the backbone says last (B, N, D), and its memory with that picture."""
        raise NotImplementedError

    @abstractmethod
    def settled(self, tokens_BTNC: Tensor, before_BTNC: Tensor) -> Tensor:
        """What enters the backbone (B, T, N, D) of pictures that are known."""
        raise NotImplementedError

    # -- playing -----------------------------------------------------------------------------------------------------------

    def encode(self, frames_BTCHW: Tensor) -> Moment:
        shape = self.shape
        expected = (shape.context, 3, shape.height, shape.width)
        if frames_BTCHW.ndim != 5 or tuple(frames_BTCHW.shape[1:]) != expected:
            raise ShapeError("these are not the pictures this model begins from", got=tuple(frames_BTCHW.shape), expected=("B", *expected))
        tokens, batch = self.tokenize(frames_BTCHW), frames_BTCHW.shape[0]
        memory, painted = self.backbone.blank(batch).to(tokens), self.tokenizer.blank(batch).to(tokens)
        entering, shown = self.settled(tokens, earlier(tokens)), tokens[:, 0]
        for t in range(shape.context):
            count = torch.full((batch,), t, device=tokens.device)
            memory = self.backbone.remembered(*self.with_action(entering[:, t], None), memory, count)
            if shape.tokens.causal or t == shape.context - 1:  # a decoder that remembers nothing need not see those before
                shown, painted = self.tokenizer.show(self.plain(tokens[:, t]), painted, count)
        last = frames_BTCHW[:, -1]
        begin = (last.flatten(1) * 255).round().long().sum(1) % TAPE
        return Moment(
            frame=last,
            sure=torch.full_like(last[:, 0], SURE),
            tokens=tokens[:, -1],
            memory=memory,
            painted=painted,
            detail=last - shown,
            origin=tokens[:, -1],
            at=torch.full((batch,), shape.context, device=tokens.device),
            tape=begin,
        )

    def step(self, state: Moment, action_BA: Tensor) -> Moment:
        tokens, seen, memory = self.next(state, action_BA)
        tokens = tokens.float()
        shown, painted = self.tokenizer.show(self.plain(tokens), state.painted, state.at)
        ahead = state.at - self.shape.context + 1
        frame = shown + state.detail * self.finish["detail"](tokens, state.origin, self.shape.tokens)
        sure = self.finish["doubt"](seen, ahead, self.shape.tokens.grid)
        return state._replace(frame=frame, sure=sure, tokens=tokens, memory=memory, painted=painted, at=state.at + 1)

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        if self.inferred is None:
            raise InputError("this model infers no actions", fix="It learned from recorded ones: give those.")
        said: Tensor = self.inferred(self.tokenize(frames_BTCHW))
        return said

    # -- parts -------------------------------------------------------------------------------------------------------------

    def tokenize(self, frames_BTCHW: Tensor) -> Tensor:
        """Tokens (B, T, N, C) with a mean of 0 and a spread of 1."""
        return (self.tokenizer.encode(frames_BTCHW) - self.token_mean) / self.token_std

    def plain(self, tokens: Tensor) -> Tensor:
        """Tokens as the tokenizer says them."""
        return tokens * self.token_std + self.token_mean

    def with_action(self, x: Tensor, action: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """What enters the backbone (…, N, D) told the action (…, A) that led there, None where nobody knows: with a token more
        (…, 1, D), or added."""
        if action is None:
            told = self.untold.to(x.dtype).expand(*x.shape[:-2], -1)
        else:
            told = self.action((action - self.action_mean) / self.action_std).to(x.dtype)
        told = told[..., None, :]
        return (x, told) if self.shape.told == "token" else (x + told, None)

    def with_actions(self, x_BTND: Tensor, actions_BTA: Tensor) -> tuple[Tensor, Tensor | None]:
        """The same of a window, with the T - 1 actions in it; as in a dream, nobody knows those between the pictures it begins from."""
        context = self.shape.context
        first, first_told = self.with_action(x_BTND[:, :context], None)
        rest, rest_told = self.with_action(x_BTND[:, context:], actions_BTA[:, context - 1 :])
        told = None if first_told is None or rest_told is None else torch.cat([first_told, rest_told], 1)
        return torch.cat([first, rest], 1), told

    def noise(self, moment: Moment, which: int) -> Tensor:
        """Noise (B, N, C) of a moment: always the same at the same moment."""
        size = moment.tokens[0].numel()
        begin = moment.tape + (moment.at * 8 + which) * 7919
        drawn = self.tape[(begin[:, None] + torch.arange(size, device=begin.device)) % TAPE]
        return drawn.view(moment.tokens.shape)


def earlier(tokens_BTNC: Tensor) -> Tensor:
    """The tokens of the picture before each; of the first, its own."""
    return torch.cat([tokens_BTNC[:, :1], tokens_BTNC[:, :-1]], 1)


class Doubt(nn.Module):
    """The logits (B, H, W) of each pixel being right, from what the backbone says of its token and how many pictures ahead it is."""

    def __init__(self, deep: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.first, self.last = nn.Linear(deep + 1, 64), nn.Linear(64, patch * patch)
        nn.init.zeros_(self.last.weight)
        nn.init.constant_(self.last.bias, 2.0)

    def forward(self, seen_BND: Tensor, ahead_B: Tensor, grid: tuple[int, int]) -> Tensor:
        far = torch.log(ahead_B.float())[:, None, None].expand(-1, seen_BND.shape[1], 1)
        x = self.last(F.silu(self.first(torch.cat([seen_BND.float(), far], -1)))).float()
        return F.pixel_shuffle(gridded(x, grid), self.patch)[:, 0]


class Detail(nn.Module):
    """How much of the last real picture's detail is still there (B, 1, H, W): less, the more a place's tokens differ from those then."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([3.0, 10.0]))

    def forward(self, tokens_BNC: Tensor, origin_BNC: Tensor, shape: TokenShape) -> Tensor:
        apart = (tokens_BNC - origin_BNC).square().mean(-1)
        there = gridded(torch.sigmoid(self.weight[0] - self.weight[1] * apart)[..., None], shape.grid)
        return F.interpolate(there, scale_factor=shape.patch, mode="bilinear", align_corners=False)


class Between(nn.Module):
    """The latent actions (B, T - 1, A) between pictures, from their tokens (B, T, N, C): what moved, wherever it was."""

    def __init__(self, shape: PredictorShape, *, channels: int = 48) -> None:
        super().__init__()
        self.grid = shape.tokens.grid
        self.first = nn.Conv2d(2 * shape.tokens.numbers, channels, 3, padding=1)
        self.block, self.last = Block(channels), nn.Conv2d(channels, channels, 1)
        self.say = nn.Linear(channels, shape.actions)
        calm(self.first, 1.0)
        calm(self.last, 1.0)

    def forward(self, tokens_BTNC: Tensor) -> Tensor:
        pair = torch.cat([tokens_BTNC[:, :-1], 2 * (tokens_BTNC[:, 1:] - tokens_BTNC[:, :-1])], -1)
        x = self.first(gridded(pair.flatten(0, 1), self.grid))
        seen = F.relu(self.last(F.relu(self.block(x)))).float()
        said = self.say((seen * torch.softmax(seen.flatten(2), 2).view_as(seen)).sum((2, 3)))
        return torch.tanh(said).view(*pair.shape[:2], -1)
