"""What every kind of dynamics can do, and so can be played, measured, kept and exported: the Dreamer.

    state = model.encode(frames)                  # some real pictures
    state = model.step(state, action)             # what comes next
    state.frame, state.sure                       # the picture, and the logits of it being right, pixel by pixel

Shapes: B batch, T time, C channels, H height, W width, A numbers of an action. Pictures are float in 0..1.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lifeworld.core.errors import InputError
from lifeworld.models.data.doing import Doing
from lifeworld.models.familiar import Familiar

RIGHT = 0.1
"""A pixel is right if no colour of it is farther from the truth than this, of 1."""
CHANGED = 0.05
"""A pixel has changed if a colour of it has, by more than this, of 1."""
SURE = 8.0
"""Logits of a real picture being right."""


class Sizes(Protocol):
    """What the shape of every kind says: a frozen dataclass, with sizes of the kind's own besides.

    `height` and `width` [px]; `actions` numbers an action; `context` pictures to begin from; `latent`: whether actions are inferred.
    """

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def actions(self) -> int: ...
    @property
    def context(self) -> int: ...
    @property
    def latent(self) -> bool: ...


class State(Protocol):
    """A moment: a NamedTuple of tensors, batch first, whose sizes never change from one step to the next.

    `frame` (B, 3, H, W) is its picture in 0..1 and `sure` (B, H, W) the logits of each pixel being right. All else is the kind's own.
    """

    @property
    def frame(self) -> Tensor: ...
    @property
    def sure(self) -> Tensor: ...
    def __iter__(self) -> Iterator[Any]: ...


class Dreamer(nn.Module):
    """A network that goes on from pictures by what is done. Its weights are drawn under `torch.manual_seed`.

    `action_mean` and `action_std` (A,) are those of the recorded actions: a kind divides by them what it is told. `codes` is how many
    different latent actions there are, 0 for numbers without steps; `embeds` how many numbers its embeddings have, 0 for kinds without any.
    """

    shape: Any
    codes: int = 0
    embeds: int = 0
    action_mean: Tensor
    action_std: Tensor

    def __init__(self, shape: Sizes) -> None:
        super().__init__()
        self.shape = shape
        self.familiar: Familiar | None = None
        self.register_buffer("action_mean", torch.zeros(shape.actions))
        self.register_buffer("action_std", torch.ones(shape.actions))

    @abstractmethod
    def encode(self, frames_BTCHW: Tensor) -> State:
        """The state after `context` pictures; its picture is the last of them, of which it is sure.

        Raises:
            ShapeError: if they are not so many pictures of the model's size.
        """
        raise NotImplementedError

    @abstractmethod
    def step(self, state: Any, action_BA: Tensor) -> State:
        """The next state. The one given is left as it is."""
        raise NotImplementedError

    def between(self, frames_BTCHW: Tensor) -> Tensor:
        """The latent actions (B, T - 1, A) between pictures.

        Raises:
            InputError: if this model learned from recorded actions.
        """
        raise InputError("this model infers no actions", fix="It learned from recorded ones: give those.")

    def features(self, state: Any) -> Tensor:
        """A few numbers (B, F) that sum up a state after real pictures: its picture and, if it has one, its `hidden` (B, C, H, W)."""
        frame = state.frame.float()
        coarse = F.adaptive_avg_pool2d(frame, 4).flatten(1)
        edges = [(frame - frame.roll(1, axis)).abs().mean((2, 3)) for axis in (2, 3)]
        hidden = getattr(state, "hidden", None)
        pooled = [] if hidden is None or hidden.ndim != 4 else [hidden.float().mean((2, 3)), (hidden.float().var((2, 3)) + 1e-6).sqrt()]
        return torch.cat([coarse, *edges, *pooled], 1)

    def known(self, state: Any) -> Tensor:
        """How familiar (B,) what a state after real pictures shows is, 0 to 1; 1 for a model that never learned what is."""
        return torch.ones_like(state.sure[:, 0, 0]) if self.familiar is None else self.familiar(self.features(state))


class Embedder(Dreamer):
    """A Dreamer that foresees embeddings: its states hold their `embedding` (B, D), `doubt` (B,), the mean square that it may be wrong by,
    and what a `course` goes on from; pictures are drawn when they are asked for.
    """

    @abstractmethod
    def embed(self, frames: Tensor) -> Tensor:
        """The embeddings (…, D) of pictures (…, 3, H, W), each by itself."""
        raise NotImplementedError

    @abstractmethod
    def course(self, parts: Mapping[str, Tensor]) -> Any:
        """What is needed to go on, a NamedTuple of some of the parts of a state."""
        raise NotImplementedError

    @abstractmethod
    def ahead(self, course: Any, actions_BTA: Tensor) -> tuple[Any, Tensor, Tensor]:
        """The course after these actions, the embeddings (B, T, D) after each and their doubt (B, T). Nothing is drawn."""
        raise NotImplementedError

    @abstractmethod
    def draw(self, parts: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The picture (B, 3, H, W) of a state and the logits (B, H, W) of its being right, from its other parts."""
        raise NotImplementedError

    @abstractmethod
    def toward(self, embedding_BD: Tensor, goal_BD: Tensor) -> Tensor:
        """The next actions (B, R, A) on a way from one embedding to another.

        Raises:
            InputError: if this model knows of no actions.
        """
        raise NotImplementedError


def fits(shape: Sizes, doing: Doing | None) -> None:
    """Whether a model of this shape can learn from these actions.

    Raises:
        InputError: if not.
    """
    if shape.latent != (doing is None) or (doing is not None and len(doing.mean) != shape.actions):
        raise InputError(
            "the model and the recorded actions do not fit",
            got="none" if doing is None else f"{len(doing.mean)} numbers from {doing.stream}",
            expected="none" if shape.latent else f"{shape.actions} numbers",
        )


def roll(model: Dreamer, frames_BTCHW: Tensor, actions_BTA: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures (B, T, 3, H, W) and their logits (B, T, H, W) after each of these actions, open loop."""
    state, frames, sure = model.encode(frames_BTCHW), [], []
    for action in actions_BTA.unbind(1):
        state = model.step(state, action)
        frames.append(state.frame)
        sure.append(state.sure)
    return torch.stack(frames, 1), torch.stack(sure, 1)


def right(frames: Tensor, truth: Tensor, *, channel: int = -3) -> Tensor:
    """Where pictures are right (see RIGHT), without the colours' axis."""
    return (frames - truth).abs().amax(channel) <= RIGHT


def each_part(state: State, change: Callable[[Tensor], Tensor]) -> State:
    """The state with every tensor of it changed."""
    kind: Any = type(state)
    made: State = kind(*(change(part) for part in state))
    return made


def together(states: Sequence[State]) -> State:
    """Many states as one, along the batch."""
    kind: Any = type(states[0])
    made: State = kind(*(torch.cat(parts) for parts in zip(*states, strict=True)))
    return made


def single(states: State, i: int) -> State:
    """The i-th of many states, as one of a batch of one."""
    return each_part(states, lambda part: part[i : i + 1])
