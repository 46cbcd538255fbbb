"""What plays a model: its network on PyTorch, or its exported graphs on ONNX Runtime, which is faster on a processor and begins at once.

    player = open_player("model")                   # or what `lifeworld export model/ -o model.onnx --as onnx` made
    state = player.encode(frames)                   # {"frame": …, "sure": …, "known": …, and the kind's own}
    state = player.step(state, actions)

A state is arrays by name, batch first, never written to: `frame` (B, 3, H, W) in 0..1, `sure` (B, H, W) the logits of being right, `known`
(B,) how familiar the pictures were that it began from. A player that `embeds` so many numbers has `embedding` (B, D) and `doubt` (B,)
too, and goes on without pictures by `ahead`: its states lack what is `undrawn` (`frame` and `sure`) then, until they are drawn. Nothing
here loads PyTorch where ONNX Runtime plays.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lifeworld.models.zoo.card import Card
from lifeworld.models.zoo.ready import located

GRAPHS = ".onnx"


class Player(Protocol):
    """See the head of this file. `identity` is a hash of the weights."""

    card: Card
    identity: str
    embeds: int
    undrawn: tuple[str, ...]

    def encode(self, frames_BTCHW: NDArray[np.float32]) -> dict[str, NDArray[Any]]: ...
    def step(self, state: dict[str, NDArray[Any]], action_BA: NDArray[np.float32]) -> dict[str, NDArray[Any]]: ...
    def between(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def ahead(
        self, state: dict[str, NDArray[Any]], actions_BTA: NDArray[np.float32]
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.float32]]: ...
    def embed(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def drawn(self, state: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]: ...


def open_player(path: Path | str, *, threads: int = 1) -> Player:
    """Who plays the model of a folder, a `.safetensors` file, a folder of graphs, or of a name (`ready`), on so many threads.

    Raises:
        UnsafeFile, UnreadableFile: as `checkpoint.load`.
        MissingExtra: if what plays it is not installed.
    """
    path = located(path)
    if path.suffix == GRAPHS or (path / "step.onnx").is_file():
        from lifeworld.models.play.player_onnx import PlayerOnnx

        return PlayerOnnx(path, threads=threads)
    from lifeworld.models.play.player_torch import PlayerTorch
    from lifeworld.models.zoo.checkpoint import load

    return PlayerTorch(*load(path), threads=threads)


def is_graphs(path: Path | str) -> bool:
    """Whether a path is, or is called like, a folder of exported graphs, which need no PyTorch."""
    return Path(path).suffix == GRAPHS or (Path(path) / "step.onnx").is_file()
