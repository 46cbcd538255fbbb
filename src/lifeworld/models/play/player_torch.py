"""A model played by PyTorch, in numbers of 16 bits where the network allows it and the processor multiplies them itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lifeworld.models.dreamer import Dreamer, Embedder, State
from lifeworld.models.layers.short import shortened
from lifeworld.models.layers.threads import on_threads
from lifeworld.models.zoo.card import Card


class PlayerTorch:
    """See `player.Player`: a network, and what its card says of it."""

    def __init__(self, model: Dreamer, card: Card, *, threads: int = 1) -> None:
        self.model, self.card = model, card
        self.identity, self._threads = identity(self.model), threads
        self.embeds = self.model.embeds
        self.undrawn: tuple[str, ...] = ("frame", "sure")
        self._kind: type[Any] | None = None

    def encode(self, frames_BTCHW: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        with self._running():
            state = self.model.encode(torch.from_numpy(frames_BTCHW))
            return _arrays(state) | {"known": self.model.known(state).float().numpy()}

    def step(self, state: dict[str, NDArray[Any]], action_BA: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        with self._running():
            parts = {name: _laid(torch.from_numpy(part)) for name, part in state.items() if name != "known"}
            return _arrays(self.model.step(self._of(parts), torch.from_numpy(action_BA))) | {"known": state["known"]}

    def between(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]:
        with on_threads(self._threads), torch.inference_mode():
            return self.model.between(torch.from_numpy(frames_BTCHW)).float().numpy()

    def ahead(
        self, state: dict[str, NDArray[Any]], actions_BTA: NDArray[np.float32]
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.float32]]:
        """What is needed to go on after these actions, the embeddings (B, T, D) after each and their doubt (B, T); nothing is drawn."""
        model = self._embedder()
        with self._running():
            course = model.course({name: torch.from_numpy(part) for name, part in state.items()})
            course, embeddings, doubts = model.ahead(course, torch.from_numpy(actions_BTA))
        left = {name: part.contiguous().numpy() for name, part in course._asdict().items()}
        said, doubted = embeddings.float().numpy(), doubts.float().numpy()
        return left | {"embedding": said[:, -1].copy(), "doubt": doubted[:, -1].copy()}, said, doubted

    def embed(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embeddings (B, T, D) of pictures, each by itself."""
        with self._running():
            return self._embedder().embed(torch.from_numpy(frames_BTCHW)).float().numpy()

    def drawn(self, state: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """A state with its picture."""
        model = self._embedder()
        with self._running():
            frame, sure = model.draw({name: _laid(torch.from_numpy(part)) for name, part in state.items() if name != "known"})
        whole = state | {"frame": frame.float().clamp(0, 1).contiguous().numpy(), "sure": sure.float().contiguous().numpy()}
        return {name: whole[name] for name in (*self._fields(), "known")}

    def _embedder(self) -> Embedder:
        assert isinstance(self.model, Embedder)
        return self.model

    def _fields(self) -> tuple[str, ...]:
        """The names of the parts of a state, in order."""
        names: tuple[str, ...] = self._state_kind()._fields
        return names

    @contextmanager
    def _running(self) -> Iterator[None]:
        with on_threads(self._threads), torch.inference_mode(), shortened(torch.device("cpu")):
            yield

    def _of(self, parts: dict[str, Tensor]) -> State:
        """The parts as the model's own kind of state."""
        state: State = self._state_kind()(**parts)
        return state

    def _state_kind(self) -> type[Any]:
        if self._kind is None:
            shape = self.card.shape
            self._kind = type(self.model.encode(torch.zeros(1, shape.context, 3, shape.height, shape.width)))
        return self._kind


def _arrays(state: State) -> dict[str, NDArray[Any]]:
    """The parts of a state by name, in numbers of 32 bits, the picture within its range."""
    made: Any = state
    parts = {name: part.float() if part.is_floating_point() else part for name, part in made._asdict().items()}
    parts["frame"] = parts["frame"].clamp(0, 1)
    return {name: part.contiguous().numpy() for name, part in parts.items()}


def _laid(part: Tensor) -> Tensor:
    """As convolutions like it: channels last."""
    return part.contiguous(memory_format=torch.channels_last) if part.ndim == 4 else part


def identity(model: Dreamer) -> str:
    """A hash of the weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.float().contiguous().numpy().tobytes())
    return digest.hexdigest()
