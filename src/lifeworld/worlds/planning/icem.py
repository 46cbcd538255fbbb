"""iCEM: CEM with fewer plans, drawn smooth in time, of which the best are kept from round to round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.worlds.planning.cem import NARROWEST, check_counts
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.decisions import Decisions, tried
from lifeworld.worlds.planning.planner import Planned
from lifeworld.worlds.world import World

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class ICEM:
    """As `CEM`, with noise whose power falls with frequency as f^-`colour` (0 is white), `kept` of the elites drawn again in the next
    round, and rounds that shrink by `shrink`.

    Source: C. Pinneri et al., Sample-efficient cross-entropy method for real-time planning (2020); the colour, the share of elites that is
    kept and the shrinking are theirs.
    """

    horizon: int = 5
    hold: int = 1
    samples: int = 96
    rounds: int = 4
    elites: int = 10
    spread: float = 0.5
    colour: float = 2.0
    kept: float = 0.3
    shrink: float = 1.25

    def __post_init__(self) -> None:
        check_counts(horizon=self.horizon, hold=self.hold, samples=self.samples, rounds=self.rounds, elites=self.elites, shrink=self.shrink)
        if self.elites > self.samples:
            raise InputError("the best are some of those drawn", got=f"{self.elites} elites", expected=f"at most {self.samples}")

    def plan(self, world: World[S], state: S, cost: Cost, *, seed: int, before: Planned | None = None) -> Planned:
        decisions, rng = Decisions.of(world.spec, hold=self.hold), generator(seed, "planner", "icem")
        mean = np.tile(decisions.rest, (self.horizon, 1)) if before is None else decisions.heard(before.actions, self.horizon)
        wide = np.broadcast_to(self.spread * decisions.half, mean.shape)
        again, count, steps = mean[None], float(self.samples), 0
        for _ in range(self.rounds):
            fresh = max(round(count), 2 * self.elites) - len(again)
            drawn = (mean + wide * coloured(rng, (fresh, *mean.shape), self.colour)).clip(decisions.low, decisions.high)
            drawn = np.concatenate([mean[None], again, drawn])
            costs = tried(world, state, drawn, cost, decisions)
            steps += len(drawn) * self.horizon * self.hold
            best = np.argsort(costs, kind="stable")[: self.elites]
            again = drawn[best[: max(round(self.kept * self.elites), 1)]]
            mean = drawn[best].mean(axis=0)
            wide = np.maximum(drawn[best].std(axis=0), NARROWEST * decisions.half)
            count /= self.shrink
        return decisions.planned(drawn[best[0]], cost=float(costs[best[0]]), steps=steps)


def coloured(rng: np.random.Generator, shape: tuple[int, int, int], colour: float) -> NDArray[np.float64]:
    """Noise (n, d, A) of unit variance whose power falls with frequency as f^-colour along d.

    Source: J. Timmer & M. König, On generating power law noise (1995).
    """
    n, length, size = shape
    if length == 1:
        return rng.standard_normal(shape)
    strength = np.maximum(np.fft.rfftfreq(length), 1.0 / length) ** (-colour / 2)
    real, imaginary = rng.standard_normal((2, n, size, len(strength)))
    imaginary[..., 0] = 0.0
    real[..., 0] *= np.sqrt(2.0)
    if length % 2 == 0:
        imaginary[..., -1] = 0.0
        real[..., -1] *= np.sqrt(2.0)
    power = 2 * np.square(strength).sum() - (0 if length % 2 else np.square(strength[-1])) - np.square(strength[0])
    # each of the frequencies between carries its power twice, as cosine and sine; the first and an even length's last only once
    wave = np.fft.irfft((real + 1j * imaginary) * strength, n=length, axis=-1) * length / np.sqrt(2 * power)
    return np.asarray(wave.transpose(0, 2, 1))
