"""The nano model: pictures become a state, an action makes the next state, and every state has its picture and says how sure it is of it.

    state = model.encode(frames)                  # some real pictures
    state = model.step(state, action)             # what comes next
    state.frame, state.sure                       # the picture, and the logits of it being right, pixel by pixel

A picture is the one before, where a mask says so painted anew. So what nothing touches stays sharp, and what is uncovered comes from the
state, which knows what lay there. A step works on a sixteenth of the pixels: enough of them to know an edge to a part of a pixel, and few
enough for a processor.

Shapes: B batch, T time, C channels, H height, W width, A numbers of an action. Pictures are float in 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import LimitError, ShapeError
from lifeworld.models.actions.codes import levels
from lifeworld.models.actions.inferred import MOST_CODES, Inferred
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.layers.blocks import Block, calm, even

CONDITION = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a model is. `height` and `width` [px] in eights; `actions` numbers an action; `context` pictures to begin from.

    `wide` channels on a sixteenth of the pixels, `blocks` that a step goes through, `fine` channels on a quarter for painting. `latent` is
    whether its actions are inferred from pictures, `codes` how many different ones there then are; 0 for numbers without steps.
    """

    height: int = 64
    width: int = 64
    actions: int = 2
    context: int = 4
    wide: int = 64
    blocks: int = 6
    fine: int = 24
    latent: bool = False
    codes: int = 0

    def __post_init__(self) -> None:
        if self.codes and not (self.latent and 2 <= self.codes <= MOST_CODES and self.actions == len(levels(self.codes))):
            expected = f"2 to {MOST_CODES}, inferred, with a number an action for each prime factor"
            raise LimitError("codes of a model", got=f"{self.codes} with {self.actions} numbers", expected=expected)
        for name, least, most, step in (("height", 16, 256, 8), ("width", 16, 256, 8), ("actions", 1, 256, 1), ("context", 1, 16, 1),
                                        ("wide", 8, 512, 8), ("blocks", 1, 32, 1), ("fine", 4, 128, 4)):  # fmt: skip
            value = getattr(self, name)
            if not (type(value) is int and least <= value <= most and value % step == 0):
                raise LimitError(f"{name} of a model", got=value, expected=f"{least} to {most} in steps of {step}")


class State(NamedTuple):
    """A moment of a dream: what the model keeps of it (B, C, H/4, W/4), its picture (B, 3, H, W), its logits of being right (B, H, W)."""

    hidden: Tensor
    frame: Tensor
    sure: Tensor


class Dynamics(Dreamer):
    """Encode, step, decode; see the head of this file."""

    shape: Shape

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        wide, fine = shape.wide, shape.fine
        self.first = nn.Conv2d(3 * 16 * shape.context, wide, 3, padding=1)
        self.place = nn.Parameter(torch.randn(1, wide, shape.height // 4, shape.width // 4) * 0.02)
        self.see = nn.ModuleList([Block(wide) for _ in range(2)])
        told = nn.Linear(shape.actions, CONDITION), nn.Linear(CONDITION, CONDITION)
        self.told = nn.Sequential(told[0], nn.SiLU(), told[1], nn.SiLU())
        self.look = nn.Conv2d(48, wide, 1)
        self.go = nn.ModuleList([Block(wide, CONDITION) for _ in range(shape.blocks)])
        self.open_up = nn.Conv2d(wide, 4 * fine, 1)
        self.paint = Block(fine)
        self.out = nn.Conv2d(fine, 4 * 5, 3, padding=1)
        self.codes = shape.codes
        self.inferred = Inferred(shape.actions, codes=shape.codes) if shape.latent else None
        calm(self.out, 0.3)
        calm(self.look, 0.3)
        for layer in told:
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        for parameter in self.parameters():
            if parameter.ndim == 4:  # channels last: twice as fast on a processor
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)

    def encode(self, frames_BTCHW: Tensor, at_B2: Sequence[tuple[int, int]] | None = None) -> State:
        """The state after these pictures; its picture is the last of them, of which it is sure.

        They may be pieces of pictures, whose upper left corners `at_B2` [px, in fours] says; what comes next is of the pieces too then.

        Raises:
            ShapeError: if they are not `context` pictures of the model's size.
        """
        shape = self.shape
        size, place = (shape.height, shape.width), self.place.view_as(self.place)
        if at_B2 is not None:
            size = (frames_BTCHW.shape[-2], frames_BTCHW.shape[-1])
            place = torch.stack([place[0, :, y // 4 : (y + size[0]) // 4, x // 4 : (x + size[1]) // 4] for y, x in at_B2])
        expected = (shape.context, 3, *size)
        if frames_BTCHW.ndim != 5 or tuple(frames_BTCHW.shape[1:]) != expected:
            raise ShapeError("these are not the pictures this model begins from", got=tuple(frames_BTCHW.shape), expected=("B", *expected))
        stacked = (frames_BTCHW * 2 - 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)
        hidden = self.first(F.pixel_unshuffle(stacked, 4)) + place
        for block in self.see:
            hidden = block(hidden)
        last = frames_BTCHW[:, -1]
        return State(even(hidden), last, torch.full_like(last[:, 0], 8.0))

    def step(self, state: State, action_BA: Tensor) -> State:
        """The next state."""
        told = self.told((action_BA - self.action_mean) / self.action_std)
        seen = F.pixel_unshuffle(state.frame * 2 - 1, 4).contiguous(memory_format=torch.channels_last)
        x = state.hidden + self.look(seen)
        for block in self.go:
            x = block(x, told)
        hidden = even(x)
        frame, sure = self._picture(hidden, state.frame)
        return State(hidden, frame, sure)

    def _picture(self, hidden: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        out = F.pixel_shuffle(self.out(self.paint(F.pixel_shuffle(self.open_up(hidden), 2))), 2).float()
        color, mask, sure = out[:, :3], out[:, 3:4], out[:, 4]
        much = 1.1 * torch.sigmoid(mask - 2) - 0.05  # it reaches nothing and all, or what stands still would fade
        much = much + (much.clamp(0, 1) - much).detach()  # and can be moved from there
        return torch.lerp(before, color + 0.5, much), sure + 3

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        return super().between(frames_BTCHW) if self.inferred is None else self.inferred.between(frames_BTCHW)
