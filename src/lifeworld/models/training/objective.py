"""What is learned and how: an Objective holds the model, and says which clips it needs and what they cost.

    class Mine(Objective):
        def need(self, step): return 20, 8                       # pictures in a window, windows in this step
        def loss(self, window, step): ...                        # of the clips that fell to this process

Everything in it that is a buffer or a parameter is kept with the training, so that a run goes on to the bit. What it draws is drawn by
`draw`, which gives each clip the same numbers however many processes share the step.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from lifeworld.core.seed import child_seed
from lifeworld.models.data.footage import Window
from lifeworld.models.data.tensors import tensors
from lifeworld.models.training.plan import Plan


class Objective(nn.Module):
    """See the head of this file.

    `model` has its sizes as `shape`, a frozen dataclass. It is trained and averaged, and the average of it becomes `model.safetensors`.
    `settings` are numbers and words of the objective's own: a run goes on only where they are the same.
    """

    model: nn.Module

    def __init__(self, model: nn.Module, plan: Plan, **settings: float | str) -> None:
        super().__init__()
        self.model, self.plan, self.settings = model, plan, settings

    @abstractmethod
    def need(self, step: int) -> tuple[int, int]:
        """How many pictures are in a window of this step, and how many windows all processes together learn from."""
        raise NotImplementedError

    @abstractmethod
    def loss(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        """What these clips cost, a mean over them to be differentiated; and what is logged beside it.

        A window may be a part of the step's clips only (see `Window`): a statistic over all of them is had by `shard.mean`.
        """
        raise NotImplementedError

    def optimiser(self) -> torch.optim.Optimizer:
        """What moves the parameters that learn; the loop sets its learning rate at every step."""
        learned = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.AdamW(learned, lr=self.plan.rate, weight_decay=0.01, betas=(0.9, 0.98), eps=1e-10)

    def forward(self, window: Window, step: int) -> tuple[Tensor, dict[str, float]]:
        return self.loss(window, step)

    def tensors(self, window: Window, length: int | None = None) -> tuple[Tensor, Tensor | None]:
        """`tensors`, where the model is."""
        frames, actions = tensors(window, length)
        device = next(self.parameters()).device
        return frames.to(device), None if actions is None else actions.to(device)

    def draw(self, window: Window, size: tuple[int, ...], purpose: str, step: int, *, normal: bool = True) -> Tensor:
        """Numbers (clips, *size) for the clips of a window, normal or uniform in 0..1; the plan's seed, purpose and step say which."""
        pencil = torch.Generator().manual_seed(child_seed(self.plan.seed, purpose, step))
        drawn = (torch.randn if normal else torch.rand)((window.of or len(window.frames), *size), generator=pencil)
        return drawn[window.first : window.first + len(window.frames)].to(next(self.parameters()).device)
