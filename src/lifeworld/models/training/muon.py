"""Muon: what mixes channels is moved by a matrix all of whose directions are as long, everything else as by AdamW.

A step of the usual kind is nearly of rank one: the few directions that many pictures share drown the others. Here the momentum of a weight,
as a matrix from what comes in to what goes out, is replaced by the nearest one with orthogonal rows. In ten minutes on a processor that is
worth most of a decibel at every horizon.

Source: Jordan et al., Muon: An optimizer for hidden layers in neural networks (2024), with its five Newton-Schulz steps in bfloat16
where the device multiplies that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from torch import Tensor, nn

from lifeworld.models.layers.short import dtype_on
from lifeworld.models.training import shard

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
STEPS = 5


class Muon(torch.optim.Optimizer):
    """Learning rates are the plan's for what AdamW moves, and `times` that for matrices, of which a step moves every direction by as much.

    Args:
        matrices: weights of linear layers and convolutions (out, in, …) that have channels on both sides.
        others: all else that is learned.
    """

    def __init__(
        self,
        matrices: Iterable[nn.Parameter],
        others: Iterable[nn.Parameter],
        *,
        rate: float,
        times: float = 4.0,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.98),
        decay: float = 0.01,
    ) -> None:
        self.times, self.momentum, self.betas, self.decay = times, momentum, betas, decay
        groups = [{"params": list(matrices), "matrices": True}, {"params": list(others), "matrices": False}]
        super().__init__([group for group in groups if group["params"]], {"lr": rate})

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        for group in self.param_groups:
            learned = [p for p in group["params"] if p.grad is not None]
            (self._turn if group["matrices"] else self._walk)(learned, group["lr"])
        return None

    def _turn(self, parameters: list[nn.Parameter], rate: float) -> None:
        """Move matrices along their orthogonalised momentum; those of one shape together."""
        alike: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
        for parameter in parameters:
            alike[tuple(parameter.shape)].append(parameter)
        for shape, some in alike.items():
            pushes = [shard.whole(self._push(p)).permute(_inputs_last(p)).flatten(1) for p in some]
            rows, columns = pushes[0].shape
            step = -self.times * rate * max(1.0, rows / columns) ** 0.5
            for parameter, turned in zip(some, orthogonal(torch.stack(pushes)), strict=True):
                back = turned.view(shape[0], *shape[2:], shape[1]).movedim(-1, 1).float()
                parameter.mul_(1 - self.times * rate * self.decay).add_(shard.like(back, parameter), alpha=step)

    def _push(self, parameter: nn.Parameter) -> Tensor:
        """The momentum with this step's gradient looked ahead by (Nesterov)."""
        assert parameter.grad is not None
        mean = self._kept(parameter, "mean")
        mean.lerp_(parameter.grad, 1 - self.momentum)
        return parameter.grad.lerp(mean, self.momentum)

    def _walk(self, parameters: list[nn.Parameter], rate: float) -> None:
        """AdamW."""
        grads = [p.grad for p in parameters if p.grad is not None]
        means, squares = ([self._kept(p, name) for p in parameters] for name in ("mean", "square"))
        counts = [self.state[p].setdefault("count", torch.zeros(())) for p in parameters]
        first, second = self.betas
        torch._foreach_add_(counts, 1)
        torch._foreach_lerp_(means, grads, 1 - first)
        torch._foreach_mul_(squares, second)
        torch._foreach_addcmul_(squares, grads, grads, 1 - second)
        torch._foreach_mul_([*parameters], 1 - rate * self.decay)
        for parameter, mean, square, count in zip(parameters, means, squares, counts, strict=True):
            since = float(count)
            spread = (square / (1 - second**since)).sqrt_().add_(1e-10)
            parameter.addcdiv_(mean, spread, value=-rate / (1 - first**since))

    def _kept(self, parameter: nn.Parameter, name: str) -> Tensor:
        state: dict[str, Any] = self.state[parameter]
        if name not in state:
            state[name] = torch.zeros_like(parameter)
        kept: Tensor = state[name]
        return kept


def orthogonal(matrices: Tensor) -> Tensor:
    """For matrices (n, rows, columns) those with all singular values near 1 (0.7 to 1.2) and the same directions, in short numbers."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = (x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-12)).to(dtype_on(x.device))
    a, b, c = NEWTON_SCHULZ
    for _ in range(STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    turned: Tensor = x.mT if tall else x
    return turned


def _inputs_last(parameter: Tensor) -> list[int]:
    """Axes of (out, in, …) as (out, …, in): how a convolution lies in memory where its channels are last."""
    return [0, *range(2, parameter.ndim), 1]
