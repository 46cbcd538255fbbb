"""A model's turn: learn clips of pictures of 64 × 64 for a while, then play picture by picture, one dream at a time; all on one thread.

Every peer's script is run by the peer's own Python, so this file needs PyTorch alone. On the clock is the processor time of this process:
others on the machine do not count. Learning is a whole update (gradients, AdamW) of a batch of `CLIPS` clips of `PICTURES` pictures with
two actions between them; a sample is one clip. Playing is a step and its picture as an array of bytes, from a few real pictures on.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch

CLIPS, PICTURES, CONTEXT, SIDE = 8, 8, 4, 64


@dataclass(kw_only=True)
class Said:
    """What came of a turn; `played_per_s` is None where the peer shows no pictures, `usual_per_s` where it learns from whole ones only."""

    name: str
    version: str
    numbers: float
    samples_per_s: float
    played_per_s: float | None
    usual_per_s: float | None = None
    note: str = ""


def clips() -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (CLIPS, PICTURES, 3, SIDE, SIDE) in 0..1 of squares that move as they are told, and the actions between them."""
    pencil = torch.Generator().manual_seed(0)
    actions = torch.rand(CLIPS, PICTURES - 1, 2, generator=pencil) * 2 - 1
    at = torch.cat([torch.full((CLIPS, 1, 2), 28.0), 28 + 4 * actions.cumsum(1)], 1).round().long().clamp(0, SIDE - 8)
    frames = torch.full((CLIPS, PICTURES, 3, SIDE, SIDE), 0.15)
    for clip in range(CLIPS):
        for time_at in range(PICTURES):
            x, y = at[clip, time_at].tolist()
            frames[clip, time_at, :, y : y + 8, x : x + 8] = torch.tensor([0.9, 0.7, 0.2])[:, None, None]
    return frames, actions


def per_second(work: Callable[[], object], *, seconds: float, least: int = 3) -> float:
    """How often a second of this process's processor time something is done."""
    work()
    begin, count = time.process_time(), 0
    while count < least or time.process_time() - begin < seconds:
        work()
        count += 1
    return count / (time.process_time() - begin)


def updates(modules: list[torch.nn.Module], loss: Callable[[], torch.Tensor]) -> Callable[[], object]:
    """A whole update of what is learned."""
    learned = [p for module in modules for p in module.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=1e-4)

    def update() -> None:
        optimiser.zero_grad(set_to_none=True)
        loss().backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()

    return update


def millions(*modules: torch.nn.Module) -> float:
    """How many numbers have been learned, in millions: those that a loss reached."""
    return sum({id(p): p.numel() for module in modules for p in module.parameters() if p.grad is not None}.values()) / 1e6


def seconds() -> float:
    """How long each thing is measured [s], as the table asks."""
    torch.set_num_threads(1)
    return float(sys.argv[1])


def say(said: Said) -> None:
    """Tell the table."""
    print(json.dumps(asdict(said)), flush=True)
