"""Somebody who does a lesson with a hand: goes from place to place, as a teacher would show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lifeworld.worlds.world import Action, Observation, WorldSpec

Leg = tuple[tuple[float, float, float], float]
"""Where the palm goes [m], and at most how fast [m/s]."""
LONGEST_S = 4.0


class Pupil:
    """Goes through legs with a closed hand, each until it is there or it has taken too long; then stays."""

    def __init__(self, legs: Sequence[Leg]) -> None:
        self._legs = tuple(legs)
        self.signals: tuple[str, ...] = ("embodiment_state@hand",)

    def begin(self, spec: WorldSpec, *, seed: int) -> None:
        self._leg, self._since_ns = 0, 0

    def act(self, observation: Observation | None, *, time_ns: int) -> Action:
        assert observation is not None
        here = observation["embodiment_state@hand"][:3]
        while self._leg < len(self._legs):
            goal, speed = self._legs[self._leg]
            away = np.asarray(goal) - here
            if np.linalg.norm(away) > 0.012 and time_ns - self._since_ns < LONGEST_S * 1e9:
                wish = 6.0 * away
                wish *= min(1.0, speed / max(float(np.linalg.norm(wish)), 1e-9))
                return {"hand": np.array([*wish, 0.0, 0.0, 0.0, 0.0])}
            self._leg, self._since_ns = self._leg + 1, time_ns
        return {"hand": np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])}
