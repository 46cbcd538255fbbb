"""A model as graphs that others can run: ONNX, one for encoding pictures, one for a step with its picture, one for inferring actions.

    write_onnx("model", "model.onnx")

    model.onnx/
      encode.onnx      frames (B, context, 3, H, W) in 0..1 → the parts of the state, among them frame, sure and known
      step.onnx        action (B, A) and those parts but known → next_… of each
      between.onnx     frames (B, T, 3, H, W) → latent actions (B, T - 1, A); only where actions are inferred

Each graph says its model's card in its metadata. Numbers are of 32 bits; the batch is of any size up to 256.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from lifeworld.core.errors import MissingExtra
from lifeworld.core.write import replace_folder
from lifeworld.models.dreamer import Dreamer
from lifeworld.models.play.player_onnx import CARD, IDENTITY, NEXT
from lifeworld.models.play.player_torch import identity
from lifeworld.models.zoo.card import Card, Played
from lifeworld.models.zoo.checkpoint import load

MOST_AT_ONCE = 256
_OPSET = 23


def write_onnx(model: Path | str, folder: Path | str, *, overwrite: bool = False) -> None:
    """Write the graphs of a model, whole or not at all.

    Raises:
        MissingExtra: if `onnx` and `onnxscript` are not installed.
        UnsafeFile, UnreadableFile: as `checkpoint.load`.
        InputError: if the folder holds something else.
    """
    if find_spec("onnx") is None or find_spec("onnxscript") is None:
        raise MissingExtra("exporting a model as ONNX", "onnx")
    network, card = load(model)
    shape = card.shape
    card = msgspec.structs.replace(card, shape=Played.of(shape))
    frames = torch.rand(2, shape.context, 3, shape.height, shape.width)
    with torch.no_grad():
        state = network.encode(frames)
    parts: Any = state
    names = list(parts._fields)
    with replace_folder(folder, overwrite=overwrite) as beside:

        def write(name: str, module: nn.Module, given: tuple[Tensor, ...], inputs: list[str], outputs: list[str]) -> None:
            _write(beside / f"{name}.onnx", module, given, inputs, outputs, card=card, weights=identity(network))

        write("encode", _Encode(network), (frames,), ["frames"], [*names, "known"])
        step_given = (torch.zeros(2, shape.actions), *state)
        write("step", _Step(network, type(state)), step_given, ["action", *names], [NEXT + name for name in names])
        if shape.latent and shape.actions:
            write("between", _Between(network), (frames,), ["frames"], ["actions"])


class _Encode(nn.Module):
    def __init__(self, model: Dreamer) -> None:
        super().__init__()
        self.model = model

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        state = self.model.encode(frames)
        return _apart((*state, self.model.known(state)), (frames,))


class _Step(nn.Module):
    def __init__(self, model: Dreamer, kind: type[Any]) -> None:
        super().__init__()
        self.model, self.kind = model, kind

    def forward(self, action: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
        state: Any = self.model.step(self.kind(*parts), action)
        return _apart(state._replace(frame=state.frame.clamp(0, 1)), (action, *parts))


class _Between(nn.Module):
    def __init__(self, model: Dreamer) -> None:
        super().__init__()
        self.model = model

    def forward(self, frames: Tensor) -> Tensor:
        return self.model.between(frames)


def _apart(made: Iterable[Tensor], given: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """What comes out, copied where it went in or came out before: in a graph one tensor has one name."""
    taken, apart = {id(part) for part in given}, list[Tensor]()
    for part in made:
        apart.append(part.clone() if id(part) in taken else part)
        taken.add(id(part))
    return tuple(apart)


def _write(
    path: Path, module: nn.Module, given: tuple[Tensor, ...], inputs: list[str], outputs: list[str], *, card: Card, weights: str
) -> None:
    batch = torch.export.Dim("batch", min=1, max=MOST_AT_ONCE)
    sizes: list[dict[int, Any]] = [{0: batch} for _ in given]
    if path.stem == "between":
        sizes[0][1] = torch.export.Dim("pictures", min=2, max=4096)
    with warnings.catch_warnings(), _quietly("torch.onnx"):
        warnings.simplefilter("ignore")  # the exporter's own, about itself
        program = torch.onnx.export(
            module.eval(),
            given,
            dynamo=True,
            verbose=False,
            optimize=False,  # ONNX Runtime does that itself, when it opens them, in a hundredth of the time
            opset_version=_OPSET,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=(sizes[0], tuple(sizes[1:])) if isinstance(module, _Step) else tuple(sizes),
        )
    assert program is not None
    program.model.metadata_props[CARD] = msgspec.json.encode(card).decode()
    program.model.metadata_props[IDENTITY] = weights
    program.save(str(path))


@contextmanager
def _quietly(name: str) -> Iterator[None]:
    """Only errors are logged in here by what is called so."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
