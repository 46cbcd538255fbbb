"""MaskGIT over codes: the next picture's tokens are all hidden at first, and in a few rounds those that are surest are shown.

A token is one code of finite scalar quantisation. While it learns, a share of each picture's tokens is hidden and said again, as a choice
among all codes; staying what it was before is one logit more for that code.

Source: Chang et al., MaskGIT (2022); for playing: Bruce et al., Genie (2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import LimitError
from lifeworld.models.data.footage import Window
from lifeworld.models.dynamics.predictor import Moment, Predictor, PredictorShape, earlier
from lifeworld.models.dynamics.teaching import TokenObjective
from lifeworld.models.layers.fsq import codes, levels_of
from lifeworld.models.training.shard import mean


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskgitShape(PredictorShape):
    """See PredictorShape; its tokenizer has `levels`, and a picture is found in so many `rounds`."""

    rounds: int = 3

    def __post_init__(self) -> None:
        PredictorShape.__post_init__(self)
        if not self.tokens.levels:
            raise LimitError("levels of a tokenizer for codes", got=self.tokens.levels, expected="some, like (8, 5, 5, 5)")
        if not 1 <= self.rounds <= 64:
            raise LimitError("rounds to a picture", got=self.rounds, expected="1 to 64")


class Maskgit(Predictor):
    """The network; see the head of this file. It draws nothing: a code is the likeliest one."""

    shape: MaskgitShape

    def __init__(self, shape: MaskgitShape) -> None:
        super().__init__(shape)
        count = prod(shape.tokens.levels)
        self.code = nn.Embedding(count, shape.deep)
        self.code_before = nn.Embedding(count, shape.deep)
        self.hidden = nn.Parameter(torch.randn(shape.deep) * 0.02)
        self.say, self.stay = nn.Linear(shape.deep, count), nn.Linear(shape.deep, 1)
        for table in (self.code, self.code_before):
            nn.init.normal_(table.weight, std=0.1)
        nn.init.normal_(self.say.weight, std=0.02)
        nn.init.constant_(self.stay.bias, 4.0)

    def next(self, moment: Moment, action_BA: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.autocast(action_BA.device.type, enabled=False):  # a rounding must not choose another code
            return self._rounds(moment, action_BA)

    def _rounds(self, moment: Moment, action_BA: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        before, rounds, count = self.to_codes(moment.tokens), self.shape.rounds, moment.tokens.shape[1]
        found, hide, seen = before, torch.ones_like(before, dtype=torch.bool), moment.tokens
        for i in range(1, rounds + 1):
            told = self.with_action(self.entering(found, hide, before), action_BA)
            seen = self.backbone.look(*told, moment.memory, moment.at)
            sure, said = self.logits(seen, before).softmax(-1).max(-1)
            found = torch.where(hide, said, found)
            left = math.floor(count * math.cos(math.pi / 2 * i / rounds))  # still hidden after this round
            if left:
                rank = torch.where(hide, sure, torch.inf).argsort(-1).argsort(-1)
                hide = rank < left
        entering = self.entering(found, torch.zeros_like(hide), before)
        memory = self.backbone.remembered(*self.with_action(entering, action_BA), moment.memory, moment.at)
        return self.tokens_of(found), seen, memory

    def settled(self, tokens_BTNC: Tensor, before_BTNC: Tensor) -> Tensor:
        found = self.to_codes(tokens_BTNC)
        return self.entering(found, torch.zeros_like(found, dtype=torch.bool), self.to_codes(before_BTNC))

    def entering(self, found: Tensor, hide: Tensor, before: Tensor) -> Tensor:
        """What enters the backbone (…, N, D) of codes (…, N), some of which are hidden."""
        shown = torch.where(hide[..., None], self.hidden, self.code(found))
        out: Tensor = shown + self.code_before(before) + self.place
        return out

    def logits(self, seen: Tensor, before: Tensor) -> Tensor:
        """Of every code (…, N, codes)."""
        said: Tensor = self.say(seen).float()
        return said.scatter_add(-1, before[..., None], self.stay(seen).float())

    def to_codes(self, tokens: Tensor) -> Tensor:
        """The codes (…, N) of tokens with a mean of 0 and a spread of 1."""
        return codes(self.plain(tokens), self.shape.tokens.levels)

    def tokens_of(self, found: Tensor) -> Tensor:
        """The tokens (…, N, C) of codes."""
        return (levels_of(found, self.shape.tokens.levels) - self.token_mean) / self.token_std


class HiddenTokens(TokenObjective):
    """What a Maskgit model learns by: the cross-entropy of what is hidden. Up to `rough` of what was there before is another code by
    chance."""

    model: Maskgit

    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        clean, _, actions = self.read(window, step)
        model, context = self.model, self.model.shape.context
        true = model.to_codes(clean)
        before, shape = earlier(true), true.shape[1:]
        swap = self.draw(window, shape, "swap", step, normal=False) < self.rough * self.draw(
            window, (shape[0], 1), "swaps", step, normal=False
        )
        other = (self.draw(window, shape, "other", step, normal=False) * prod(model.shape.tokens.levels)).long()
        before = torch.where(swap, other, before)
        share = torch.cos(math.pi / 2 * self.draw(window, (shape[0], 1), "share", step, normal=False))
        share = torch.where(self.draw(window, (shape[0], 1), "known", step, normal=False) < 0.5, 0.0, share)
        share[:, :context] = 0.0
        hide = self.draw(window, shape, "hide", step, normal=False) < share
        seen = model.backbone(*model.with_actions(model.entering(true, hide, before), actions))
        each = F.cross_entropy(model.logits(seen[hide], before[hide]), true[hide], reduction="none")
        weight = 1 + 2 * (true != earlier(true))[hide].float()
        clips = len(true)
        return (each * weight).sum() / clips / mean(weight.sum() / clips, window).clamp_min(1 / clips), {}
