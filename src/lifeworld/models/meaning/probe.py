"""What latent actions know of true ones, by linear probes.

    found = probed(model, footage)                 # footage with recorded actions; the model infers its own from the pictures alone
    found.r2["steering"], found.nmi("left", "right")

A probe is fitted to the latents of some episodes and judged on those of others. For numbers it is a ridge regression, judged by R², the
share of the variance that it explains. For keys it is a multinomial logistic regression, judged by the mutual information of what it says
and what was pressed, as a share of the mean of both entropies: 0 for independent ones, 1 where each follows from the other.

Source: Alain & Bengio, Understanding intermediate layers using linear classifier probes (2017); Strehl & Ghosh, Cluster ensembles (2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from lifeworld.core.errors import InputError, ShapeError
from lifeworld.core.interval import Interval, interval
from lifeworld.core.ridge import ridge
from lifeworld.core.seed import generator
from lifeworld.models.data.footage import Footage
from lifeworld.models.data.tensors import tensors
from lifeworld.models.dreamer import Dreamer

RIDGE = 1e-3
AT_ONCE = 32
LONG = 16
"""Pictures in a clip that latents are inferred from."""
MOST_CLIPS = 600


def worth(true: NDArray[np.float64], others: NDArray[np.float64], groups: NDArray[np.int64], *, seed: int) -> Interval:
    """How many dB the true actions are worth: PSNR of the squared errors (n,) with them less that with others', all clips together."""
    return interval(lambda rows: float(10 * np.log10(max(others[rows].mean(), 1e-10) / max(true[rows].mean(), 1e-10))), groups, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """Latents (clips, moments, A) and true actions (clips, moments, K), each of episodes to fit a probe to and of others to judge it on.

    `names` are those of the true numbers; `episodes` (clips,) says of which episode each clip is. What is done shows late: a motor turns
    after a tenth of a second, a runner takes a few to be fast. So a probe may be shown the latents of some moments `after` the action too.
    """

    names: tuple[str, ...]
    latents: tuple[NDArray[np.float64], NDArray[np.float64]]
    actions: tuple[NDArray[np.float64], NDArray[np.float64]]
    episodes: tuple[NDArray[np.int64], NDArray[np.int64]]

    def r2(self, *, after: int = 0) -> dict[str, float]:
        """R² of each number on held-out episodes; of those that vary there."""
        (seen, shown), (known, true) = self._rows(after)
        said = ridge(seen, known)(shown)
        return {name: r2(said[:, i], true[:, i]) for i, name in enumerate(self.names) if true[:, i].std() > 1e-9}

    def nmi(self, *keys: str, after: int = 0) -> float:
        """Normalised mutual information of what a probe says of these keys together and which of them were pressed."""
        if unknown := set(keys) - set(self.names):
            raise InputError("no such key", got=", ".join(sorted(unknown)), expected=", ".join(self.names))
        (seen, shown), actions = self._rows(after)
        pressed = [pressed_of(each[:, [self.names.index(key) for key in keys]]) for each in actions]
        return nmi(classified(seen, pressed[0], shown), pressed[1])

    def _rows(self, after: int) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
        """Latents of each moment with those after it beside it, and its actions, for fitting and for judging."""
        moments = self.latents[0].shape[1] - after
        if not 0 <= after < self.latents[0].shape[1]:
            raise InputError("clips are not so long", got=after, expected=f"0 to {self.latents[0].shape[1] - 1} moments after")
        seen = [np.concatenate([each[:, i : i + moments] for i in range(after + 1)], axis=2) for each in self.latents]
        flat = [[each.reshape(-1, each.shape[2]) for each in pair] for pair in (seen, [a[:, :moments] for a in self.actions])]
        return flat[0], flat[1]


def probed(model: Dreamer, footage: Footage, *, seed: int = 0) -> Probed:
    """Infer the latents of clips that were learned from and of clips held out, beside what was truly done.

    Raises:
        InputError: if nothing was recorded, or nothing is held out.
    """
    if footage.doing is None:
        raise InputError("there are no true actions to compare with", where=str(footage.bundle.path))
    some, of = footage.cut(LONG), list[NDArray[np.int64]]()
    latents, actions = list[NDArray[np.float64]](), list[NDArray[np.float64]]()
    for held_out in (False, True):
        numbers = some.numbers(held_out=held_out, hop=LONG)
        if not len(numbers):
            raise InputError("too little is held out to measure anything", where=str(footage.bundle.path))
        chosen = np.sort(generator(seed, "probe", int(held_out)).permutation(numbers)[:MOST_CLIPS])
        found = [inferred(model, some, part) for part in np.array_split(chosen, -(-len(chosen) // AT_ONCE))]
        latents.append(np.concatenate([each[0] for each in found]))
        actions.append(np.concatenate([each[1] for each in found]))
        of.append(some.episodes(chosen))
    names = tuple(name for part in footage.doing.names for name in part)
    return Probed(names=names, latents=(latents[0], latents[1]), actions=(actions[0], actions[1]), episodes=(of[0], of[1]))


def inferred(model: Dreamer, footage: Footage, numbers: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latents and true actions (clips, moments, …) between pictures, but for the first, before which nobody saw anything."""
    frames, actions = tensors(footage.windows(numbers))
    assert actions is not None
    with torch.inference_mode():
        said = model.between(frames)
    return said[:, 1:].double().numpy(), actions[:, 1:].double().numpy()


def r2(said: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """The share of the variance that is explained."""
    return float(1 - ((said - true) ** 2).sum() / ((true - true.mean()) ** 2).sum())


def classified(x: NDArray[np.float64], classes: NDArray[np.int64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """The classes that a multinomial logistic regression from x (n, A) gives other x (m, A)."""
    middle, spread = x.mean(0), x.std(0) + 1e-9
    names, numbers = np.unique(classes, return_inverse=True)
    rows, aim = torch.from_numpy((x - middle) / spread), torch.from_numpy(numbers)
    weights = torch.zeros(rows.shape[1] + 1, len(names), dtype=torch.float64, requires_grad=True)
    rule = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        rule.zero_grad()
        cost = F.cross_entropy(rows @ weights[:-1] + weights[-1], aim) + RIDGE * weights[:-1].square().sum()
        cost.backward()  # type: ignore[no-untyped-call]
        return cost

    with torch.enable_grad():
        rule.step(loss)  # type: ignore[no-untyped-call]
    found = (torch.from_numpy((at - middle) / spread) @ weights[:-1] + weights[-1]).argmax(1).numpy()
    chosen: NDArray[np.int64] = names[found]
    return chosen


def nmi(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Mutual information of two namings of the same rows, as a share of the mean of their entropies; 0 if either says always the same."""
    if len(a) != len(b) or not len(a):
        raise ShapeError("two namings are of the same rows", got=(len(a), len(b)))
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    joint = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(joint, (a, b), 1 / len(a))
    both = -sum(_entropy(joint.sum(axis)) for axis in (0, 1))
    mean = -both / 2
    return 0.0 if mean < 1e-12 else float((-both - _entropy(joint.ravel())) / mean)


def _entropy(shares: NDArray[np.float64]) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def pressed_of(keys: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which of the keys (n, K) were pressed most of the time, as one number a row."""
    return ((keys >= 0.5) @ (1 << np.arange(keys.shape[1]))).astype(np.int64)
