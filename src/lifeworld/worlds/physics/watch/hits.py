"""The term of blows: two come together, and what moves freely of them is given an impulse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.condition import Condition
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.watch.moment import Moment
from lifeworld.worlds.physics.watch.term import Memory
from lifeworld.worlds.physics.watch.where import Apart

Array = NDArray[np.float64]

APART_M = 0.001
"""Farther from each other than this, two do not touch."""
FELT_M_S = 0.1
"""A blow changes the velocity of what is hit by this at least: what is laid down softly hits nothing."""
RESTS_M_S = 0.001
"""Slower against each other than this, two stay as far apart as they are."""
BLOW_TICKS = 2
"""A blow is over after so many ticks: contacts last some 16 ms, which may begin at the end of one."""


class Hits:
    """Two that were apart come together, and a free one of them is given an impulse.

    The impulse is m·Δv over the tick they meet in and the next, less what applied forces give, with the mass of the scene as it was
    compiled; with gravity's part or without, whichever is less, so that neither what falls past nor what is put down is hit. So it may be
    short by what gravity gives in two ticks.
    """

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.conditions = (condition,)
        self._apart = Apart(compiled, condition)
        company = self._company = self._apart.company
        free = [t for t in (self._apart.a, self._apart.b) if t >= 0 and compiled.bounds[t].dof >= 0]
        self._free, self._body = company.local[free[0]], compiled.bounds[free[0]].body
        self._mass_kg = float(company.mass_kg[self._free])
        self._gravity = np.asarray(compiled.scene.gravity_m_s2)
        self._least_n_s = max(condition.much, FELT_M_S * self._mass_kg)

    def begin(self, rows: Array) -> Memory:
        moment = Moment(self._company, rows)
        n = len(rows)
        gap = self._gap_m(moment, np.full(n, np.inf), np.full(n, np.inf), APART_M)
        return np.zeros((n, 1), dtype=bool), gap, moment.velocity_m_s, np.zeros(n, dtype=np.int64), np.zeros((n, 2, 3))

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        hit, gap, velocity, age, given = memory
        moment = Moment(self._company, rows)
        now = moment.velocity_m_s
        closing = np.maximum(self._closing_m_s(velocity), self._closing_m_s(now))
        bridged = APART_M + closing * seconds
        gap_now = self._gap_m(moment, gap, closing, bridged)
        met = (gap > APART_M) & (np.minimum(gap, gap_now) <= bridged)
        age = np.where(met, 1, np.where((age > 0) & (age < BLOW_TICKS), age + 1, 0))
        force_n = self._company.kinematics.layout.view(rows, "xfrc_applied")[:, 6 * self._body : 6 * self._body + 3]
        gained = self._mass_kg * (now - velocity)[:, self._free] - force_n * seconds
        both = np.stack([gained, gained - self._mass_kg * self._gravity * seconds], axis=1)
        given = np.where((age > 0)[:, None, None], np.where((age > 1)[:, None, None], given, 0.0) + both, 0.0)
        blow = np.linalg.norm(given, axis=2).min(axis=1) > self._least_n_s
        return hit | blow[:, None], gap_now, now, age, given

    def _closing_m_s(self, velocity_m_s: Array) -> Array:
        """How fast (n,) the free one moves against the other."""
        other = velocity_m_s[:, 1 - self._free] if velocity_m_s.shape[1] == 2 else 0.0
        return np.asarray(np.linalg.norm(velocity_m_s[:, self._free] - other, axis=1))

    def _gap_m(self, moment: Moment, before_m: Array, closing_m_s: Array, most_m: Array | float) -> Array:
        """How far (n,) [m] they are apart, as before where neither moves; farther than `most_m` by the boxes around them is without end."""
        near = self._apart.near(moment, float(np.max(most_m, initial=APART_M)))
        out = np.where(near, before_m, np.inf)
        ask = np.flatnonzero(near & ((closing_m_s > RESTS_M_S) | ~np.isfinite(before_m)))
        if len(ask):
            out[ask] = self._apart.gap_m(Moment(self._company, moment.rows[ask]))
        return out
