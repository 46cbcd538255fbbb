"""How familiar pictures are: whether a model has any business with what it is shown, learned from what it learned from.

    model.familiar = familiarised(model, footage)
    model.known(state)                    # (B,): 1 for what is as usual, towards 0 for what is stranger than all that it learned from

How sure a model is of a pixel it learns from its own errors, and those are errors in the world it knows. In a world it never saw it can be
as sure as ever and wrong. So the numbers that a state is summed up in (`Dreamer.features`) are taken of many clips, a normal distribution
is laid through them, and how far out a state lies is compared with clips of other episodes than it was laid through: if fewer than one in
twenty lay farther out, what is said to be certain is taken back in proportion.

Those are episodes that were learned from, a fifth of them at a time: on what the footage holds out a model's certainty is measured.

Source: Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples (2018); the shrunk covariance: Ledoit & Wolf
(2004); the share of clips left out as a measure: Vovk et al., Algorithmic Learning in a Random World (2005), conformal prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lifeworld.core.seed import generator
from lifeworld.models.data.footage import Footage
from lifeworld.models.data.tensors import tensors

if TYPE_CHECKING:
    from lifeworld.models.dreamer import Dreamer

RARE = 0.05
"""A clip is strange if a smaller share of those left out is as far out."""
CLIPS, AT_ONCE = 2048, 64
FOLDS = 5
LEVELS = 256
"""How many distances of clips left out are kept."""


class Familiar(nn.Module):
    """The distribution of features (F,): their mean, what makes them white (F, F), and how far out clips left out lie (Q,), ascending."""

    mean: Tensor
    white: Tensor
    usual: Tensor

    def __init__(self, mean: Tensor, white: Tensor, usual: Tensor) -> None:
        super().__init__()
        for name, value in (("mean", mean), ("white", white), ("usual", usual)):
            self.register_buffer(name, value)

    @classmethod
    def like(cls, tensors: Mapping[str, Tensor]) -> Familiar | None:
        """One of these sizes, if they are all there: to be filled."""
        parts = [tensors.get(f"familiar.{name}") for name in ("mean", "white", "usual")]
        found = [torch.zeros_like(part) for part in parts if part is not None]
        return cls(*found) if len(found) == len(parts) else None

    def distance(self, features_BF: Tensor) -> Tensor:
        """How far out (B,) features lie."""
        return ((features_BF.float() - self.mean) @ self.white).square().mean(1)

    def forward(self, features_BF: Tensor) -> Tensor:
        """How familiar (B,) they are: 1 but for the strangest twentieth, and towards 0 in it."""
        farther = (self.usual >= self.distance(features_BF)[:, None]).float().mean(1)
        return (farther / RARE).clamp(max=1.0)


@torch.no_grad()
def familiarised(model: Dreamer, footage: Footage, *, seed: int = 0) -> Familiar:
    """What is familiar to a model that learned from this footage: clips of what it learned from."""
    context = model.shape.context
    short = footage.cut(context)
    numbers = np.sort(generator(seed, "familiar").permutation(short.numbers(held_out=False))[:CLIPS])
    features, fold = _features(model, short, numbers, context), _folds(short.episodes(numbers))
    far = torch.cat([_normal(features[fold != i]).distance(features[fold == i]) for i in np.unique(fold).tolist()])
    made = _normal(features)
    made.usual.copy_(torch.from_numpy(np.quantile(far.numpy(), (np.arange(LEVELS) + 0.5) / LEVELS)))
    return made


@torch.no_grad()
def sureness(model: Dreamer, frames_BTCHW: Tensor, *, horizon: int = 4) -> tuple[Tensor, Tensor]:
    """How sure a model is on average (B,) of what comes after pictures, all acting as usual: as it says, and without what is familiar."""
    state = model.encode(frames_BTCHW)
    known, action, said = model.known(state), model.action_mean.expand(len(frames_BTCHW), -1), []
    for _ in range(horizon):
        state = model.step(state, action)
        said.append(state.sure.float().sigmoid().mean((1, 2)))
    alone = torch.stack(said).mean(0)
    return alone * known, alone


def told_apart(higher: Tensor, lower: Tensor) -> float:
    """The chance that one of the first is higher than one of the second (AUROC): 1 if all are, 0.5 if nothing tells them apart."""
    above = (higher[:, None] > lower).double() + 0.5 * (higher[:, None] == lower).double()
    return float(above.mean())


def _folds(episodes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which clips (n,) are left out together: those of whole episodes; of one alone, stretches of it."""
    names, numbers = np.unique(episodes, return_inverse=True)
    return numbers % FOLDS if len(names) > 1 else np.arange(len(episodes)) * FOLDS // len(episodes)


def _normal(features: Tensor) -> Familiar:
    """The distribution of features (n, F), of which nobody knows yet how far out is usual."""
    mean = features.mean(0)
    return Familiar(mean.float(), _white((features - mean).numpy()), torch.zeros(LEVELS))


def _features(model: Dreamer, footage: Footage, numbers: NDArray[np.int64], context: int) -> Tensor:
    parts = []
    for first in range(0, len(numbers), AT_ONCE):
        frames, _ = tensors(footage.windows(numbers[first : first + AT_ONCE]), context)
        parts.append(model.features(model.encode(frames.to(model.action_mean.device))).double().cpu())
    return torch.cat(parts)


def _white(centred: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Tensor:
    """What makes centred rows (n, F) white, their covariance drawn towards a multiple of the identity as far as the sample is small."""
    n, size = centred.shape
    scale = centred.std(axis=0) + 1e-6  # each feature in its own unit, else the identity means nothing
    rows = centred / scale
    covariance = rows.T @ rows / n
    level = np.trace(covariance) / size
    off = ((covariance - level * np.eye(size)) ** 2).sum()
    noise = ((rows**2).sum(axis=1) ** 2).sum() / n**2 - (covariance**2).sum() / n
    drawn = float(np.clip(noise / max(off, 1e-12), 0.01, 1.0))
    values, vectors = np.linalg.eigh((1 - drawn) * covariance + drawn * level * np.eye(size))
    return torch.from_numpy((vectors / np.sqrt(values)) / scale[:, None]).float()
