"""What a model is worth on clips it never saw: open loop from real pictures with the true actions, beside what costs nothing.

    print(score(model, footage))

Every number stands beside that of copying the last real picture and of the mean picture. PSNR [dB] is of the squared errors of all clips
together, so that a few bad clips weigh what they weigh; `by_clip` is the mean of each clip's own, which reads higher. *Changing* pixels are
those with a colour that differs by more than a tenth from the last real picture.

Bounds say where a number lies with 95 % certainty, were other episodes held out.

Source: Δ_t PSNR: Bruce et al., Genie (2024), 4.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lifeworld.core.errors import InputError
from lifeworld.core.interval import CONFIDENCE, DRAWS
from lifeworld.core.seed import generator
from lifeworld.models.data import Footage
from lifeworld.models.dreamer import Dreamer, right
from lifeworld.models.dreamer import roll as open_loop
from lifeworld.models.objective import tensors
from lifeworld.models.probe import worth

HORIZONS = (1, 2, 4, 8, 16, 32, 64)
CHANGING = 0.1
DELTA_AT = 4
AT_ONCE = 32


class Level(NamedTuple):
    """PSNR [dB] at each horizon: pooled, of changing pixels, and the mean of the clips' own; low and high bounds of the first two."""

    whole: tuple[float, ...]
    changing: tuple[float, ...]
    by_clip: tuple[float, ...]
    whole_bounds: tuple[tuple[float, float], ...]
    changing_bounds: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A model beside copying and the mean picture, at `horizons` pictures ahead, over `clips` clips of `episodes` episodes.

    `data_sha256` is a hash of what was measured on (the uids of the episodes, and their pictures' stream, size and pace), `seed` that of
    what was drawn: clips, others' actions, bounds.

    `shuffled` is the model told another clip's actions; `delta_db` what the true ones are worth `DELTA_AT` pictures ahead (whole,
    changing), and `delta_bounds_db` where that of whole pictures lies with 95 % certainty, were other episodes held out; `latent` is
    whether the true ones are those inferred from the truth; `break_even` the first horizon at which copying is as good, None if there is
    none; `calibration_error` the expected one of its certainty by horizon, 0 to 1.
    """

    horizons: tuple[int, ...]
    clips: int
    episodes: int
    data_sha256: str
    seed: int
    model: Level
    copying: Level
    mean: Level
    shuffled: Level
    delta_db: tuple[float, float]
    delta_bounds_db: tuple[float, float]
    latent: bool
    break_even: int | None
    calibration_error: tuple[float, ...]

    def named(self) -> dict[str, float]:
        """The numbers by name: `psnr_db@8`, `changing_psnr_db@8`, those of copying behind `copy_` …"""
        said = {"delta4_db": self.delta_db[0], "delta4_changing_db": self.delta_db[1], "clips": float(self.clips)}
        said |= {"delta4_low_db": self.delta_bounds_db[0], "delta4_high_db": self.delta_bounds_db[1]}
        for i, horizon in enumerate(self.horizons):
            for before, level in (("", self.model), ("copy_", self.copying), ("mean_", self.mean)):
                said[f"{before}psnr_db@{horizon}"] = level.whole[i]
                said[f"{before}changing_psnr_db@{horizon}"] = level.changing[i]
            said[f"psnr_low_db@{horizon}"], said[f"psnr_high_db@{horizon}"] = self.model.whole_bounds[i]
            said[f"changing_psnr_low_db@{horizon}"], said[f"changing_psnr_high_db@{horizon}"] = self.model.changing_bounds[i]
            said[f"calibration_error@{horizon}"] = self.calibration_error[i]
        return {name: value for name, value in said.items() if math.isfinite(value)}  # where nothing changes there is no number

    def __str__(self) -> str:
        def row(name: str, level: Level) -> str:
            whole, changing, by_clip = (" ".join(f"{v:5.1f}" for v in values) for values in level[:3])
            return f"{name:<16} {whole}   {changing}   {by_clip}"

        def bounds(name: str, end: int) -> str:
            both = (" ".join(f"{each[end]:5.1f}" for each in values) for values in self.model[3:])
            return f"{name:<16} {'   '.join(both)}"

        width = 6 * len(self.horizons) - 1
        at = " ".join(f"{h:5d}" for h in self.horizons)
        lines = [
            f"PSNR [dB] after so many pictures, open loop, {self.clips} clips of {self.episodes} held-out episodes"
            f" (data {self.data_sha256[:12]}, seed {self.seed})",
            f"{'':<16} {'all clips together':<{width}}   {'changing pixels':<{width}}   {'mean of clips':<{width}}",
            f"{'':<16} {at}   {at}   {at}",
            row("model", self.model),
            bounds("  95 %: from", 0),
            bounds("        to", 1),
            row("copy the last", self.copying),
            row("mean picture", self.mean),
            row("others' actions", self.shuffled),
            *self._obedience(),
            f"copying is as good {f'after {self.break_even}' if self.break_even else f'nowhere up to {self.horizons[-1]}'} pictures",
            "calibration error " + ", ".join(f"{e:.3f}" for e in self.calibration_error),
        ]  # fmt: skip
        return "\n".join(lines)

    @property
    def ignores(self) -> bool:
        """Whether actions may as well be anybody's: what they are worth is not surely above nothing."""
        return not self.delta_bounds_db[0] > 0

    def _obedience(self) -> list[str]:
        what, (low, high) = "inferred actions" if self.latent else "true actions", self.delta_bounds_db
        worth = f"{what} are worth {self.delta_db[0]:.1f} dB after {DELTA_AT} pictures (95 %: {low:.2f} to {high:.2f};"
        lines = [f"{worth} {self.delta_db[1]:.1f} where it changes)"]
        if self.ignores:
            more = "show more of what is done, learn longer" + (", or infer codes: --latent codes:8" if self.latent else "")
            lines.append(f"it may not obey at all: others' actions cost it nothing for certain; {more}")
        return lines


def score(model: Dreamer, footage: Footage, *, horizon: int = 32, most_clips: int = 256, all_of_it: bool = False, seed: int = 0) -> Score:
    """Measure a model on the held-out clips of some footage, whose windows are `context + horizon` pictures or longer.

    `all_of_it` is for footage of which nothing was learned from.

    Raises:
        InputError: if nothing is held out.
    """
    context = model.shape.context
    sides = (True, False) if all_of_it else (True,)
    numbers = np.sort(np.concatenate([footage.numbers(held_out=side, hop=horizon) for side in sides]))
    if len(numbers) < 2:
        raise InputError(
            "too little is held out to measure anything",
            where=str(footage.bundle.path),
            got=f"{len(numbers)} clips of {footage.length} pictures",
        )
    if len(numbers) > most_clips:
        numbers = np.sort(generator(seed, "score").choice(numbers, most_clips, replace=False))
    frames, actions = tensors(footage.windows(numbers), context + horizon)
    if actions is None:  # as Genie does: those inferred from the truth
        with torch.no_grad():
            actions = torch.cat([model.between(some) for some in torch.split(frames, AT_ONCE)])
    others = np.roll(generator(seed, "others").permutation(len(numbers)), 1)
    mean = _mean_picture(footage, seed)
    truth, last = frames[:, context:], frames[:, context - 1 : context]
    rolled, sure = roll(model, frames[:, :context], actions[:, context - 1 :])
    shuffled, _ = roll(model, frames[:, :context], actions[others][:, context - 1 :])
    horizons = tuple(h for h in HORIZONS if h <= horizon)
    groups = footage.episodes(numbers)
    guesses = (rolled, last.expand_as(truth), mean.expand_as(truth), shuffled)
    levels = [_level(each, truth, last, horizons, groups, seed) for each in guesses]
    whole = [((each - truth) ** 2).mean((0, 2, 3, 4)) for each in (rolled, last)]
    worse = np.flatnonzero((whole[0] >= whole[1]).numpy())
    at = min(DELTA_AT, horizon)
    i = horizons.index(at)
    by_clip = [(each[:, at - 1] - truth[:, at - 1]).square().mean((1, 2, 3)).double().numpy() for each in (rolled, shuffled)]
    delta = worth(by_clip[0], by_clip[1], groups, seed=seed)
    return Score(
        horizons=horizons,
        clips=len(numbers),
        episodes=len(np.unique(groups)),
        data_sha256=hashed(footage, groups),
        seed=seed,
        model=levels[0],
        copying=levels[1],
        mean=levels[2],
        shuffled=levels[3],
        delta_db=(levels[0].whole[i] - levels[3].whole[i], levels[0].changing[i] - levels[3].changing[i]),
        delta_bounds_db=(delta.low, delta.high),
        latent=bool(model.shape.latent),
        break_even=int(worse[0]) + 1 if len(worse) else None,
        calibration_error=tuple(_calibration(sure[:, h - 1], right(rolled[:, h - 1], truth[:, h - 1])) for h in horizons),
    )


@torch.no_grad()
def roll(model: Dreamer, frames: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
    """Rolls of many clips, pictures kept within 0..1, and how sure it is of each pixel, 0..1."""
    parts = []
    for some, told in zip(torch.split(frames, AT_ONCE), torch.split(actions, AT_ONCE), strict=True):
        with torch.autocast("cpu", torch.bfloat16):
            rolled, sure = open_loop(model, some, told)
        parts.append((rolled.float().clamp(0, 1), sure.float().sigmoid()))
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def hashed(footage: Footage, episodes: NDArray[np.int64]) -> str:
    """A hash of some episodes of some footage as they are measured on."""
    said = [*(footage.bundle.uids[e] for e in np.unique(episodes).tolist()), footage.stream, str(footage.size), str(footage.frame_ns)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _level(guess: Tensor, truth: Tensor, last: Tensor, horizons: Sequence[int], groups: NDArray[np.int64], seed: int) -> Level:
    by_clip, sums = [], []
    for horizon in horizons:
        squared = (guess[:, horizon - 1] - truth[:, horizon - 1]).square().mean(1)
        changed = (truth[:, horizon - 1] - last[:, 0]).abs().amax(1) > CHANGING
        by_clip.append(float(np.mean([_psnr(each.mean()) for each in squared])))
        counts = torch.full((len(squared),), squared[0].numel()), changed.sum((1, 2))
        sums.append([squared.sum((1, 2)), counts[0], (squared * changed).sum((1, 2)), counts[1]])
    errors = np.stack([[each.double().numpy() for each in some] for some in sums])  # horizon, (sum, pixels of all; of changing), clip
    whole, changing = (_bounded(errors[:, first], errors[:, first + 1], groups, seed) for first in (0, 2))
    return Level(whole[0], changing[0], tuple(by_clip), whole[1], changing[1])


def _bounded(
    errors: NDArray[np.float64], counts: NDArray[np.float64], groups: NDArray[np.int64], seed: int
) -> tuple[tuple[float, ...], tuple[tuple[float, float], ...]]:
    """PSNR of squared errors summed over so many pixels (horizons, clips), and its bounds, were other groups of clips drawn."""
    names = np.unique(groups)
    by_group = np.stack([[each[:, groups == name].sum(1) for name in names] for each in (errors, counts)])
    drawn = generator(seed, "bounds").multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):  # where nothing changes there is no number
        decibels = [-10 * np.log10(np.maximum(1e-10, s / n)) for s, n in (by_group.sum(1), drawn @ by_group)]
        low, high = np.percentile(decibels[1], [50 - 50 * CONFIDENCE, 50 + 50 * CONFIDENCE], axis=0)
    return tuple(decibels[0].tolist()), tuple(zip(low.tolist(), high.tolist(), strict=True))


def _psnr(squared: Tensor) -> float:
    return float(-10 * torch.log10(squared.clamp_min(1e-10)))


def _calibration(sure: Tensor, correct: Tensor) -> float:
    """The expected calibration error: how far, in ten bins of what it says, the share of right pixels is from what it says."""
    bins = (sure * 10).long().clamp(0, 9).flatten()
    count = torch.bincount(bins, minlength=10).double()
    said, was = (torch.bincount(bins, each.flatten().double(), 10) for each in (sure, correct))
    return float((said - was).abs().sum() / count.sum())


def _mean_picture(footage: Footage, seed: int) -> Tensor:
    numbers = footage.numbers(held_out=False)
    some = generator(seed, "mean").choice(numbers, min(len(numbers), 256), replace=False)
    return torch.from_numpy(footage.windows(some).frames.mean((0, 1), dtype=np.float64)).movedim(-1, -3).float() / 255
