"""What a model is worth in a few lines, as `lifeworld learn` says it: open loop from real pictures, beside what costs nothing.

    print(score(SubjectDream("model"), footage))

The numbers are those of the report's families (`fidelity`, `control`, `certainty`), by the same definitions: every one stands beside that
of copying the last real picture and of the mean picture. PSNR [dB] is of the squared errors of all clips together, so that a few bad clips
weigh what they weigh; `by_clip` is the mean of each clip's own, which reads higher.

Bounds say where a number lies with 95 % certainty, were other episodes held out. Where fewer than five are, they are of other clips of the
same, and the words say so; of fewer than LEAST_CLIPS clips they are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.interval import LEAST_GROUPS, Intervals, of_sums
from lifeworld.core.seed import generator
from lifeworld.evaluate.certainty import calibration, ece
from lifeworld.evaluate.control import delta
from lifeworld.evaluate.fidelity import horizons
from lifeworld.evaluate.heldout import LEAST_CLIPS, HeldOut, alone, counted, taken
from lifeworld.evaluate.likeness import psnr, right, squared
from lifeworld.evaluate.roll import others, rolled, told, true_roll
from lifeworld.evaluate.subject import Subject

if TYPE_CHECKING:
    from lifeworld.models.data.footage import Footage

DELTA_AT = 4


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

    `data_sha256` is that of the clips (`HeldOut.sha256`), `seed` that of what was drawn: clips, others' actions, bounds.

    `shuffled` is the model told another clip's actions; `delta_db` what the true ones are worth `DELTA_AT` pictures ahead (whole,
    changing), and `delta_bounds_db` where that of whole pictures lies with 95 % certainty, bounded as all are; `latent` is
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
            f"PSNR [dB] after so many pictures, open loop, {counted(self.clips, self.episodes, 'held-out episode')}"
            f" (data {self.data_sha256[:12]}, seed {self.seed})",
            f"{'':<16} {'all clips together':<{width}}   {'changing pixels':<{width}}   {'mean of clips':<{width}}",
            f"{'':<16} {at}   {at}   {at}",
            row("model", self.model),
            *([bounds("  95 %: from", 0), bounds("        to", 1)] if self.bounded else []),
            row("copy the last", self.copying),
            row("mean picture", self.mean),
            row("others' actions", self.shuffled),
            *self._obedience(),
            f"copying is as good {f'after {self.break_even}' if self.break_even else f'nowhere up to {self.horizons[-1]}'} pictures",
            "calibration error " + ", ".join(f"{e:.3f}" for e in self.calibration_error),
            *self._sureness(),
        ]  # fmt: skip
        return "\n".join(lines)

    @property
    def bounded(self) -> bool:
        """Whether there are enough clips, or episodes, to say where the numbers lie."""
        return math.isfinite(self.model.whole_bounds[0][0])

    def _sureness(self) -> list[str]:
        if not self.bounded:
            what = counted(self.clips, self.episodes, "held-out episode")
            return [f"no intervals: {what} are too few; longer recordings, and more of them, hold out more"]
        return [few] if (few := alone(self.episodes)) else []

    @property
    def ignores(self) -> bool:
        """Whether actions may as well be anybody's: what they are worth is not surely above nothing."""
        return not self.delta_bounds_db[0] > 0

    def _obedience(self) -> list[str]:
        what, (low, high) = "inferred actions" if self.latent else "true actions", self.delta_bounds_db
        sure = f"95 %: {low:.2f} to {high:.2f}; " if math.isfinite(low) else ""
        worth = f"{what} are worth {self.delta_db[0]:.1f} dB after {DELTA_AT} pictures"
        lines = [f"{worth} ({sure}{self.delta_db[1]:.1f} where it changes)"]
        if self.ignores:
            more = "show more of what is done, learn longer" + (", or infer codes: --latent codes:8" if self.latent else "")
            lines.append(f"it may not obey at all: others' actions cost it nothing for certain; {more}")
        return lines


def score(subject: Subject, footage: Footage, *, horizon: int = 32, most_clips: int = 256, all_of_it: bool = False, seed: int = 0) -> Score:
    """Measure a model on the held-out clips of some footage, whose windows are `context + horizon` pictures or longer.

    `all_of_it` is for footage of which nothing was learned from.

    Raises:
        InputError: if nothing is held out.
    """
    footage = footage.cut(subject.context + horizon)
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
    return scored(subject, taken(footage, numbers, context=subject.context, seed=seed), seed=seed)


def scored(subject: Subject, heldout: HeldOut, *, seed: int = 0) -> Score:
    """The same of some held-out clips."""
    at, truth, groups = horizons(heldout), heldout.truth, heldout.episode
    ahead, actions = true_roll(subject, heldout), told(subject, heldout)
    mistold = rolled(subject, heldout, actions[others(heldout, seed=seed)]) if subject.actions else ahead
    if ahead.pictures is None or mistold.pictures is None or ahead.certainty is None:
        raise InputError("only what gives pictures, and says how sure it is of them, is scored", where=subject.name)
    guesses = [np.broadcast_to(each, truth.shape) for each in (ahead.pictures, heldout.last, heldout.mean, mistold.pictures)]
    errors = np.stack([squared(each, truth, heldout.last) for each in guesses], axis=2)  # (N, T, guess, 4)
    bounded = len(np.unique(groups)) >= LEAST_GROUPS or len(groups) >= LEAST_CLIPS

    def found(sums: NDArray[np.float64], of: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Intervals:
        each = of_sums(sums, of, groups, seed=seed)
        return each if bounded else Intervals(each.value, *(np.full_like(each.value, np.nan) for _ in range(2)))

    whole, changing = (found(errors[..., k : k + 2], psnr) for k in (0, 2))
    levels = [_level(i, at, whole, changing, psnr(errors[..., :2])) for i in range(len(guesses))]
    worth = [found(errors[:, :, [0, 3], k : k + 2], delta) for k in (0, 2)]
    i = min(DELTA_AT, heldout.horizon) - 1
    worse = np.flatnonzero(whole.value[:, 0] <= whole.value[:, 1])
    off = ece(calibration(ahead.certainty, right(ahead.pictures, truth)).sum(0))
    return Score(
        horizons=at,
        clips=len(truth),
        episodes=len(np.unique(groups)),
        data_sha256=heldout.sha256,
        seed=seed,
        model=levels[0],
        copying=levels[1],
        mean=levels[2],
        shuffled=levels[3],
        delta_db=(float(worth[0].value[i]), float(worth[1].value[i])),
        delta_bounds_db=(float(worth[0].low[i]), float(worth[0].high[i])),
        latent=subject.latent,
        break_even=int(worse[0]) + 1 if len(worse) else None,
        calibration_error=tuple(float(off[h - 1]) for h in at),
    )


def _level(guess: int, at: tuple[int, ...], whole: Intervals, changing: Intervals, single: NDArray[np.float64]) -> Level:
    """Of one guess, from intervals (T, guess) and the PSNR of each clip (N, T, guess)."""
    rows = np.array(at) - 1

    def bounds(each: Intervals) -> tuple[tuple[float, float], ...]:
        return tuple(zip(each.low[rows, guess].tolist(), each.high[rows, guess].tolist(), strict=True))

    return Level(
        whole=tuple(whole.value[rows, guess].tolist()),
        changing=tuple(changing.value[rows, guess].tolist()),
        by_clip=tuple(single[:, rows, guess].mean(0).tolist()),
        whole_bounds=bounds(whole),
        changing_bounds=bounds(changing),
    )
