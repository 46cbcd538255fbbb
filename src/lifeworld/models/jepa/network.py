"""The JEPA: a picture becomes an embedding, and what is done says which embeddings come. Pictures are drawn of them only to be looked at.

    z = model.embed(frames)                        # (…, 3, H, W) -> (…, D): each picture by itself
    state = model.encode(frames)                   # some real pictures
    course, z, doubt = model.ahead(model.course(state._asdict()), actions)      # (B, T, D): all T moments in one pass
    state = model.step(state, action)              # the same, one by one, with its picture

Embeddings have a mean of 0 and a spread of 1 in every direction (`normal.py`): what their squared distance means is the same everywhere.

Shapes: B batch, T time, W pictures of the past, R reach, D numbers of an embedding, C channels, H height, W width, A numbers of an action.

Source: LeCun, A Path Towards Autonomous Machine Intelligence (2022); Balestriero & LeCun, LeJEPA (2025); Maes et al., LeWM (2026); a whole
prefix of actions at once: Fast-LeWM (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lifeworld.core.errors import InputError, LimitError, ShapeError
from lifeworld.models.dreamer import SURE, Embedder
from lifeworld.models.jepa.encoder import Encoder
from lifeworld.models.jepa.inverse import Aim, Inverse
from lifeworld.models.jepa.painter import Painter
from lifeworld.models.jepa.prefix import Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class JepaShape:
    """How large a JEPA is: `numbers` of an embedding, `wide` channels on a sixteenth of the pixels, a predictor `deep` wide in `layers`.

    `height` and `width` [px] in sixteens; `actions` numbers an action, 0 where nobody acts; `context` pictures of the past; `reach`
    moments are foreseen at once from real pictures, later ones from those foreseen. `latent`: whether nothing was recorded of what is done.
    """

    height: int = 64
    width: int = 64
    actions: int = 2
    context: int = 2
    latent: bool = False
    numbers: int = 128
    wide: int = 32
    deep: int = 160
    layers: int = 3
    heads: int = 4
    reach: int = 8

    def __post_init__(self) -> None:
        for name, least, most, step in (("height", 16, 256, 16), ("width", 16, 256, 16), ("actions", 0, 256, 1), ("context", 1, 64, 1),
                                        ("numbers", 8, 2048, 8), ("wide", 8, 256, 8), ("deep", 8, 2048, 8), ("layers", 1, 32, 1),
                                        ("heads", 1, 32, 1), ("reach", 1, 256, 1)):  # fmt: skip
            value = getattr(self, name)
            if not (type(value) is int and least <= value <= most and value % step == 0):
                raise LimitError(f"{name} of a model", got=value, expected=f"{least} to {most} in steps of {step}")
        if self.deep % self.heads:
            raise LimitError("heads of a model", got=self.heads, expected=f"a share of {self.deep} numbers")
        if self.latent != (self.actions == 0):
            raise LimitError("actions of a JEPA", got=self.actions, expected="0 where none were recorded, 1 or more elsewhere")


class Course(NamedTuple):
    """What is needed to go on without pictures.

    The `past` (B, W, D), real or foreseen; the actions `told` (B, R, A) since then, `since` (B,) of them; and how wrong the past
    itself may be, `before` (B,).
    """

    past: Tensor
    told: Tensor
    since: Tensor
    before: Tensor


class Moment(NamedTuple):
    """A moment: its picture (B, 3, H, W), the logits of that being right (B, H, W), its embedding (B, D), how wrong that may be (B,), its
    Course, and the last real picture (B, 3, H, W) with its embedding (B, D)."""

    frame: Tensor
    sure: Tensor
    embedding: Tensor
    doubt: Tensor
    past: Tensor
    told: Tensor
    since: Tensor
    before: Tensor
    real: Tensor
    origin: Tensor


class Jepa(Embedder):
    """The network; see the head of this file. What is in `finish` is learned last, and changes no embedding."""

    shape: JepaShape

    def __init__(self, shape: JepaShape) -> None:
        super().__init__(shape)
        self.embeds = shape.numbers
        self.encoder = Encoder(shape.height, shape.width, wide=shape.wide, numbers=shape.numbers)
        self.prefix = Prefix(
            shape.numbers, shape.actions, context=shape.context, reach=shape.reach, deep=shape.deep, layers=shape.layers, heads=shape.heads
        )
        self.inverse = Inverse(shape.numbers, shape.actions) if shape.actions else None
        self.finish = nn.ModuleDict({"painter": Painter(shape.height, shape.width, numbers=shape.numbers, wide=shape.wide)})
        self.finish["doubt"] = nn.Sequential(nn.Linear(shape.deep, 64), nn.SiLU(), nn.Linear(64, 1), nn.Softplus())
        if shape.actions:
            self.finish["aim"] = Aim(shape.numbers, shape.actions, reach=shape.reach)

    # -- embeddings --------------------------------------------------------------------------------------------------------

    def embed(self, frames: Tensor) -> Tensor:
        """The embeddings (…, D) of pictures (…, 3, H, W), each by itself."""
        with torch.autocast(frames.device.type, enabled=False):
            said: Tensor = self.encoder(frames.flatten(0, -4).float())
        return said.view(*frames.shape[:-3], -1)

    def course(self, parts: Mapping[str, Tensor]) -> Course:
        return Course(*(parts[name] for name in Course._fields))

    def ahead(self, course: Course, actions_BTA: Tensor) -> tuple[Course, Tensor, Tensor]:
        """The embeddings (B, T, D) after each of these actions and how wrong (B, T) each may be, a mean square; the course then."""
        said, doubts = [], []
        count = int(course.since[0])
        if bool((course.since != count).any()):  # of different ages: one by one
            for action in actions_BTA.unbind(1):
                course, z, doubt = self._one(course, action)
                said.append(z[:, None])
                doubts.append(doubt[:, None])
            return course, torch.cat(said, 1), torch.cat(doubts, 1)
        while actions_BTA.shape[1]:
            now, actions_BTA = actions_BTA[:, : self.shape.reach - count], actions_BTA[:, self.shape.reach - count :]
            told = torch.cat([course.told[:, :count], now, course.told[:, count + now.shape[1] :]], 1)
            z, doubt = self._foreseen(course.past, told[:, : count + now.shape[1]])
            doubt = course.before[:, None] + doubt
            said.append(z[:, count:])
            doubts.append(doubt[:, count:])
            count += now.shape[1]
            if count == self.shape.reach:
                past = torch.cat([course.past, z], 1)[:, -self.shape.context :]
                course, count = Course(past, torch.zeros_like(told), torch.zeros_like(course.since), doubt[:, -1]), 0
            else:
                course = Course(course.past, told, torch.full_like(course.since, count), course.before)
        return course, torch.cat(said, 1), torch.cat(doubts, 1)

    def _one(self, course: Course, action_BA: Tensor) -> tuple[Course, Tensor, Tensor]:
        """One moment on, each of the batch at its own place within the reach."""
        here = course.since[:, None] == torch.arange(self.shape.reach, device=course.since.device)
        told = torch.where(here[..., None], action_BA[:, None], course.told)
        z, doubt = self._foreseen(course.past, told)
        doubt = course.before[:, None] + doubt
        full = course.since + 1 == self.shape.reach
        then = Course(
            torch.where(full[:, None, None], torch.cat([course.past, z], 1)[:, -self.shape.context :], course.past),
            torch.where(full[:, None, None], torch.zeros_like(told), told),
            torch.where(full, 0, course.since + 1),
            torch.where(full, doubt[:, -1], course.before),
        )
        return then, (z * here[..., None]).sum(1), (doubt * here).sum(1)

    def _foreseen(self, past_BWD: Tensor, told_BRA: Tensor) -> tuple[Tensor, Tensor]:
        """The embeddings (B, R, D) and how wrong they may be (B, R)."""
        with torch.autocast(past_BWD.device.type, enabled=False):
            z, seen = self.prefix(past_BWD, self.scaled(told_BRA))
            return z, self.finish["doubt"](seen)[..., 0]

    def scaled(self, actions: Tensor) -> Tensor:
        """Actions in units of their spread."""
        return (actions - self.action_mean) / self.action_std

    # -- pictures ----------------------------------------------------------------------------------------------------------

    def encode(self, frames_BTCHW: Tensor) -> Moment:
        shape, batch = self.shape, frames_BTCHW.shape[0]
        expected = (shape.context, 3, shape.height, shape.width)
        if frames_BTCHW.ndim != 5 or tuple(frames_BTCHW.shape[1:]) != expected:
            raise ShapeError("these are not the pictures this model begins from", got=tuple(frames_BTCHW.shape), expected=("B", *expected))
        past, last = self.embed(frames_BTCHW), frames_BTCHW[:, -1]
        none = past.new_zeros(batch)
        return Moment(
            frame=last,
            sure=torch.full_like(last[:, 0], SURE),
            embedding=past[:, -1],
            doubt=none,
            past=past,
            told=past.new_zeros(batch, shape.reach, shape.actions),
            since=torch.zeros(batch, dtype=torch.long, device=past.device),
            before=none.clone(),
            real=last,
            origin=past[:, -1],
        )

    def step(self, state: Moment, action_BA: Tensor) -> Moment:
        course, z, doubt = self._one(Course(state.past, state.told, state.since, state.before), action_BA)
        frame, sure = self.painted(z, state.real, state.origin)
        return Moment(frame, sure, z, doubt, *course, state.real, state.origin)

    def draw(self, parts: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        return self.painted(parts["embedding"], parts["real"], parts["origin"])

    def painted(self, embedding_BD: Tensor, real_BCHW: Tensor, origin_BD: Tensor) -> tuple[Tensor, Tensor]:
        """The picture that an embedding stands for, painted into the last real one, and its logits."""
        drawn: tuple[Tensor, Tensor] = self.finish["painter"](embedding_BD, real_BCHW, origin_BD)
        return drawn

    def features(self, state: Moment) -> Tensor:
        return state.embedding

    # -- what was done -----------------------------------------------------------------------------------------------------

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        """The actions (B, T - 1, A) from picture to picture, as it reads them in their embeddings; none where none were recorded."""
        z = self.embed(frames_BTCHW)
        if self.inverse is None:
            return z.new_zeros(len(z), z.shape[1] - 1, 0)
        said: Tensor = self.inverse(z[:, :-1], z[:, 1:])
        return said * self.action_std + self.action_mean

    def toward(self, embedding_BD: Tensor, goal_BD: Tensor) -> Tensor:
        """The next actions (B, R, A) on a way to a goal that may lie farther than the reach.

        Raises:
            InputError: if no actions were recorded.
        """
        if "aim" not in self.finish:
            raise InputError("this model knows of no actions", fix="Learn from recordings in which somebody acts.")
        said: Tensor = self.finish["aim"](embedding_BD, goal_BD)
        return said * self.action_std + self.action_mean
