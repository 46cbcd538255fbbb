"""What going on with a training needs, on the disk: `training.safetensors`, whole or not at all.

It holds the objective with its model and buffers, the averaged weights, what the optimiser remembers and the step. Which clips and which
noise come next follows from the step and the plan's seed. Its head says what it is the training of; it goes on as nothing else.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import Tensor, nn

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.models.data.footage import Footage
from lifeworld.models.training import shard, weights
from lifeworld.models.training.objective import Objective
from lifeworld.models.training.plan import Plan

if TYPE_CHECKING:
    from lifeworld.models.training.train import Run

FORMAT = 2


class _Said(msgspec.Struct):
    """The head, as JSON."""

    format: int
    plan: Plan
    settings: dict[str, float | str]
    model: str
    shape: dict[str, Any]
    data_sha256: str


def said(objective: Objective, footage: Footage) -> str:
    """What a training is of, in words that are equal only if it can go on as this one."""
    shape: Any = objective.model.shape
    head = _Said(FORMAT, objective.plan, objective.settings, type(objective.model).__name__, asdict(shape), footage.sha256)
    return msgspec.json.encode(head).decode()


def planned(folder: Path) -> Plan | None:
    """The plan of the training that a folder holds, or None.

    Raises:
        UnreadableFile: if it is damaged or of another version.
    """
    path = folder / weights.TRAINING
    return _head(weights.read_tensors(path)[1], path).plan if path.is_file() else None


def keep(run: Run, folder: Path, what: str) -> None:
    """Put where a run is on the disk, in place of where it was.

    Raises:
        StorageError: if the disk is full; what was kept before is whole.
    """
    state: dict[str, Tensor] = {"step": torch.tensor(run.step)}
    for part, module in (("objective", run.objective), ("average", run.average)):
        state |= {f"{part}.{name}": shard.whole(t) for name, t in module.state_dict().items()}
    for name, parameter in run.objective.named_parameters():
        for key, value in run.optimiser.state.get(parameter, {}).items():
            state[f"optimiser.{key}.{name}"] = shard.whole(torch.as_tensor(value))
    if shard.rank() == 0:
        weights.write_tensors(folder / weights.TRAINING, state, what)


def resume(run: Run, folder: Path, what: str) -> None:
    """Go on where the training in a folder was, if there is one.

    Raises:
        UnreadableFile: if it is damaged or of another version.
        InputError: if it is of another plan, size or data.
    """
    path = folder / weights.TRAINING
    if not path.is_file():
        return
    state, then = weights.read_tensors(path)
    _head(then, path)
    if then != what:
        raise InputError(
            "the training in this folder is of another plan, size or data",
            where=str(path),
            fix="Give its options again, or another folder.",
        )
    run.step = int(state["step"])
    for part, module in (("objective", run.objective), ("average", run.average)):
        _fill(module, {name.removeprefix(f"{part}."): t for name, t in state.items() if name.startswith(f"{part}.")}, str(path))
    parameters = dict(run.objective.named_parameters())
    for name, value in state.items():
        part, key, of = (*name.split(".", 2), "", "")[:3]
        if part == "optimiser":
            parameter = parameters[of]
            run.optimiser.state[parameter][key] = shard.like(value, parameter) if value.shape == parameter.shape else value


@torch.no_grad()
def _fill(module: nn.Module, tensors: dict[str, Tensor], where: str) -> None:
    own = module.state_dict()
    weights.same_names(own, tensors, where=where)
    for name, value in tensors.items():
        shard.here(own[name]).copy_(shard.here(shard.like(value, own[name])))


def _head(text: str, path: Path) -> _Said:
    try:
        found = msgspec.json.decode(text)
        if isinstance(found, dict) and found.get("format") == FORMAT:
            return msgspec.convert(found, _Said)
    except (msgspec.DecodeError, msgspec.ValidationError):
        pass
    raise UnreadableFile(
        "this training was begun by another version of lifeworld",
        where=str(path),
        fix=f"Finish it with that one; or delete {weights.TRAINING} and {weights.WEIGHTS} and begin anew.",
    )
