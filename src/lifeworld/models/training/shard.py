"""Learning on many processors at once: each process takes its share of every step's clips, and all keep parts of one model.

    torchrun --nproc-per-node 2 -m lifeworld learn bundle/ -o model/

What torchrun says in the environment is all there is to set. Weights, averages and what the optimiser remembers are cut into parts
(FSDP2), gathered for a step and cut again; the clips of a step are the same as in one process, so that the losses agree but for rounding.
What is kept is whole: a run of one process goes on in eight, and the other way round. Without torchrun nothing here does anything.

Source: Zhao et al., PyTorch FSDP (2023); `torch.distributed.fsdp.fully_shard`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, distributed, nn

from lifeworld.core.errors import InputError, LimitError
from lifeworld.models.data.footage import Window

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor


@contextmanager
def processes() -> Iterator[torch.device]:
    """Join the processes that torchrun started, if it did; gives where this one works.

    Raises:
        InputError: if the environment is only half of what torchrun says.
    """
    cuda = torch.cuda.is_available()
    if "RANK" not in os.environ:
        yield torch.device("cuda" if cuda else "cpu")
        return
    try:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
        distributed.init_process_group("nccl" if cuda else "gloo")
    except (ValueError, RuntimeError) as error:
        raise InputError("these processes do not find each other", got=str(error), fix="Start them with torchrun.") from error
    if cuda:
        torch.cuda.set_device(device)
    try:
        yield device
    finally:
        distributed.destroy_process_group()


def rank() -> int:
    """The number of this process, 0 for the one that writes."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def count() -> int:
    """How many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def share(clips: int) -> range:
    """Which of a step's clips fall to this process.

    Raises:
        LimitError: if there are fewer clips than processes.
    """
    if clips < count():
        raise LimitError("a step has fewer clips than there are processes", got=f"{clips} for {count()}", fix="Start fewer.")
    return range(clips * rank() // count(), clips * (rank() + 1) // count())


def mean(value: Tensor, window: Window) -> Tensor:
    """The mean over all clips of a step, of what this process knows of its own."""
    if count() == 1:
        return value
    whole = value.detach() * (len(window.frames) / (window.of or len(window.frames)))
    distributed.all_reduce(whole)
    return whole


def joint(value: Tensor, window: Window) -> Tensor:
    """As `mean`, and a loss of it in every process slopes as it would in one."""
    if count() == 1:
        return value
    joined: Tensor = _Joint.apply(  # type: ignore[no-untyped-call]
        value, len(window.frames) / (window.of or len(window.frames))
    )
    return joined


class _Joint(torch.autograd.Function):
    """A mean over processes, each weighed by its share of the clips; what it costs each of them is felt by all."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, part: float) -> Tensor:
        ctx.part = part
        whole = value * part
        distributed.all_reduce(whole)
        return whole

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None]:
        whole = slope.contiguous().clone()
        distributed.all_reduce(whole)
        return whole * ctx.part, None


def agreed(yes: bool) -> bool:
    """Whether any process says so."""
    if count() == 1:
        return yes
    said = torch.tensor(float(yes), device="cuda" if torch.cuda.is_available() else "cpu")
    distributed.all_reduce(said, distributed.ReduceOp.MAX)
    return bool(said)


def of_first(value: float) -> float:
    """What the first process says, in all of them."""
    if count() == 1:
        return value
    said = torch.tensor(value, dtype=torch.float64, device="cuda" if torch.cuda.is_available() else "cpu")
    distributed.broadcast(said, 0)
    return float(said)


@contextmanager
def first_alone() -> Iterator[None]:
    """What is in here the first process does before the others."""
    if count() > 1 and rank():
        distributed.barrier()
    yield
    if count() > 1 and not rank():
        distributed.barrier()


def spread(module: nn.Module) -> None:
    """Cut the parameters of a module into parts, one in each process."""
    if count() == 1:
        return
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    for parameter in module.parameters():
        parameter.data = parameter.data.contiguous()  # what lies channels last cannot be cut
    fully_shard(module, mesh=init_device_mesh(next(module.parameters()).device.type, (count(),)))


def gather(module: nn.Module, plain: nn.Module) -> None:
    """Put the whole of a module that was cut into one that was not."""
    plain.load_state_dict({name: whole(t) for name, t in module.state_dict().items()})


def whole(tensor: Tensor) -> Tensor:
    """All of a tensor, of which this process may hold only a part. All processes ask at once."""
    cut = _cut(tensor)
    return tensor if cut is None else cut.full_tensor()


def here(tensor: Tensor) -> Tensor:
    """The part of a tensor that this process holds."""
    cut = _cut(tensor)
    return tensor if cut is None else cut.to_local()


def like(value: Tensor, tensor: Tensor) -> Tensor:
    """A whole value laid out, placed and cut as a tensor is."""
    cut = _cut(tensor)
    if cut is None:
        return torch.empty_like(tensor).copy_(value)
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(value.to(cut.device), cut.device_mesh, cut.placements)


def _cut(tensor: Tensor) -> DTensor | None:
    """The tensor, if it is one that was cut. One process alone does not load what knows of these: it takes as long as half of PyTorch."""
    if count() == 1:
        return None
    from torch.distributed.tensor import DTensor

    return tensor if isinstance(tensor, DTensor) else None
