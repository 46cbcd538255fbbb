"""A model played by ONNX Runtime from its exported graphs (`onnx.py`), without PyTorch."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError, MissingExtra, UnreadableFile
from lifeworld.models.zoo.card import read_card

CARD, IDENTITY = "lifeworld", "identity"
"""Under which names a graph says its model's card and weights."""
NEXT = "next_"
"""Before the name of a part of a state that comes out, where one of that name goes in."""


class PlayerOnnx:
    """See `player.Player`.

    Raises:
        MissingExtra: if ONNX Runtime is not installed.
        UnreadableFile: if the graphs are damaged, do not belong together, or are none of ours.
    """

    def __init__(self, path: Path | str, *, threads: int = 1) -> None:
        if find_spec("onnxruntime") is None:
            raise MissingExtra("playing a model's exported graphs", "onnx")
        folder = Path(path)
        if not folder.is_dir():
            raise UnreadableFile("there are no graphs here", where=str(folder), expected="a folder that lifeworld export … --as onnx made")
        self._encode, self._step = (_session(folder / f"{name}.onnx", threads) for name in ("encode", "step"))
        self._between = _session(folder / "between.onnx", threads) if (folder / "between.onnx").is_file() else None
        said = {_said(each, folder) for each in (self._encode, self._step, self._between) if each is not None}
        if len(said) != 1:
            raise UnreadableFile("these graphs are of different models", where=str(folder))
        ((text, self.identity),) = said
        self.card = read_card(text, str(folder))
        self._parts = [each.name for each in self._encode.get_outputs()]
        self.undrawn: tuple[str, ...] = ()  # its one graph for a step draws too
        sizes = {each.name: each.shape for each in self._encode.get_outputs()}
        self.embeds = int(sizes["embedding"][1]) if "embedding" in sizes else 0

    def encode(self, frames_BTCHW: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        return dict(zip(self._parts, self._encode.run(None, {"frames": frames_BTCHW}), strict=True))

    def step(self, state: dict[str, NDArray[Any]], action_BA: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        made = self._step.run(None, {"action": action_BA} | {name: part for name, part in state.items() if name != "known"})
        names = (each.name.removeprefix(NEXT) for each in self._step.get_outputs())
        return dict(zip(names, made, strict=True)) | {"known": state["known"]}

    def between(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._between is None:
            raise InputError("this model infers no actions", fix="It learned from recorded ones: give those.")
        made: NDArray[np.float32] = self._between.run(None, {"frames": frames_BTCHW})[0]
        return made

    def ahead(
        self, state: dict[str, NDArray[Any]], actions_BTA: NDArray[np.float32]
    ) -> tuple[dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.float32]]:
        """As `PlayerTorch.ahead`, one by one: what is drawn meanwhile is in the state too."""
        said, doubted = [], []
        for action in np.moveaxis(actions_BTA, 1, 0):
            state = self.step(state, np.ascontiguousarray(action))
            said.append(state["embedding"])
            doubted.append(state["doubt"])
        return state, np.stack(said, 1), np.stack(doubted, 1)

    def embed(self, frames_BTCHW: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embeddings (B, T, D) of pictures, each by itself: as of a world that stands still."""
        batch, count = frames_BTCHW.shape[:2]
        still = np.repeat(frames_BTCHW.reshape(batch * count, 1, *frames_BTCHW.shape[2:]), self.card.shape.context, axis=1)
        said: NDArray[np.float32] = self.encode(still)["embedding"].reshape(batch, count, -1)
        return said

    def drawn(self, state: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The state: it is drawn."""
        return state


def _session(file: Path, threads: int) -> Any:
    onnxruntime: Any = import_module("onnxruntime")  # it ships no types
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    # A thread that waits for a step's next matrix does so in a loop, since being woken takes as long as multiplying; but it leaves its core
    # to others when that lasts, and between steps.
    for entry, value in (("intra_op.spin_duration_us", "200"), ("force_spinning_stop", "1")):
        options.add_session_config_entry(f"session.{entry}", value)
    try:
        return onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])
    except FileNotFoundError as error:
        raise UnreadableFile("a graph is missing", where=str(file), fix="Export the model again.") from error
    except Exception as error:  # the errors of ONNX Runtime have no common root but this
        raise UnreadableFile("this graph is damaged, or no ONNX", where=str(file), got=str(error).splitlines()[0]) from error


def _said(session: Any, folder: Path) -> tuple[str, str]:
    said = session.get_modelmeta().custom_metadata_map
    if CARD not in said or IDENTITY not in said:
        raise UnreadableFile(
            "these graphs do not say what they are", where=str(folder), expected="graphs made by lifeworld export --as onnx"
        )
    return said[CARD], said[IDENTITY]
