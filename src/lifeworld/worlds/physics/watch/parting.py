"""Terms of what comes away from others: falls off, leaves, spills."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.condition import Condition
from lifeworld.scene.space import Space
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.tell.happenings import SPILLS_RAD
from lifeworld.worlds.physics.watch.moment import Company, Moment
from lifeworld.worlds.physics.watch.term import Memory, Truth, Unmoved, numbers
from lifeworld.worlds.physics.watch.where import Carried, Inside

Array = NDArray[np.float64]

OFF_M = 0.02
"""What fell off has its centre of mass lower than what it stood on by this."""
OUT_M = 0.02
"""What left a thing has its centre of mass out of the box around it by this."""


class FallsOff:
    """Was on a thing, by way of others too, and now has its centre of mass below where that bore it, and outside of it."""

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.conditions = (condition,)
        self._on = Carried(compiled, replace(condition, predicate="on"))
        self._in = Carried(compiled, replace(condition, predicate="in"))
        self._company, self._a, self._b = self._on.company, self._on.a, self._on.b

    def begin(self, rows: Array) -> Memory:
        fell = np.zeros((len(rows), 1), dtype=bool)
        return self._stood(fell, np.full(len(rows), -1, dtype=np.int64), np.full((len(rows), len(self._company.qpos)), np.inf), rows)

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        fell, site, places = memory
        maybe = np.flatnonzero((site >= 0) & ~fell[:, 0])
        if len(maybe):
            moment = Moment(self._company, rows[maybe])
            low = moment.site_heights_m(self._a, site[maybe]) < -OFF_M
            if low.any():
                fell = fell.copy()
                moment, maybe = Moment(self._company, rows[maybe[low]]), maybe[low]
                fell[maybe, 0] = _outside(moment, self._a, self._b, up_m=0.0)
        return self._stood(fell, site, places, rows)

    def _stood(self, fell: Truth, site: NDArray[np.int64], places: Array, rows: Array) -> Memory:
        """With where it stands, for rows in which it is not known to have stood on it yet and something moved."""
        now = np.asarray(self._company.kinematics.layout.view(rows, "qpos")[:, self._company.qpos])
        ask = np.flatnonzero((site < 0) & (np.abs(now - places) > 2e-5).any(axis=1))
        if len(ask):
            site, places = site.copy(), places.copy()
            _, first, of = np.unique(now[ask], axis=0, return_index=True, return_inverse=True)
            moment = Moment(self._company, rows[ask[first]])
            found, which = self._on.where(moment)
            also, within = self._in.where(moment)
            site[ask] = np.where(found, which, np.where(also, within, -1))[of.ravel()]
            places[ask] = now[ask]
        return fell, site, places


class Leaves:
    """Was on or in a thing or a space, and is out of it: out of a space, or out of the box around the thing and what stands on it."""

    def __init__(self, compiled: Compiled, condition: Condition, space: Space | None) -> None:
        self.conditions = (condition,)
        bare = replace(condition, predicate="in")
        self._was: tuple[Unmoved, ...]
        if space is not None:
            self._was = (Inside(compiled, bare, space),)
        else:
            self._was = (Carried(compiled, bare), Carried(compiled, replace(condition, predicate="on")))
        self._space, (self._a, self._b) = space, numbers(compiled, condition)
        self._company = self._was[0].company

    def begin(self, rows: Array) -> Memory:
        inner = [term.begin(rows) for term in self._was]
        was = np.any([memory[0] for memory in inner], axis=0)
        return (np.zeros_like(was), was, *[part for memory in inner for part in memory])

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        left, was = memory[:2]
        inner = [term.after(memory[2 + 2 * i : 4 + 2 * i], rows, seconds) for i, term in enumerate(self._was)]
        now = np.any([m[0] for m in inner], axis=0)
        away = np.flatnonzero((was & ~now & ~left)[:, 0])
        if len(away):
            left = left.copy()
            left[away, 0] = self._space is not None or _outside(Moment(self._company, rows[away]), self._a, self._b)
        return (left, was | now, *[part for m in inner for part in m])


class Spills:
    """Something that was in it left it after it was tilted."""

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.conditions = (condition,)
        self._b, _ = numbers(compiled, condition)
        names = [t.name for t in compiled.scene.things]
        free = [i for i, bound in enumerate(compiled.bounds) if i != self._b and (bound.qpos >= 0 or bound.soft >= 0)]
        self._in = [Carried(compiled, Condition(predicate="in", thing=names[i], to=condition.thing)) for i in free]
        self._company = Company(compiled, [self._b])

    def begin(self, rows: Array) -> Memory:
        moment = Moment(self._company, rows)
        inside = np.column_stack([np.zeros((len(rows), 0), dtype=bool), *[term.begin(rows)[0] for term in self._in]])
        return np.zeros((len(rows), 1), dtype=bool), moment.tilt_rad[:, 0] > SPILLS_RAD, inside

    def after(self, memory: Memory, rows: Array, seconds: float) -> Memory:
        spilt, tilted, inside = memory
        tilted = tilted | (Moment(self._company, rows).tilt_rad[:, 0] > SPILLS_RAD)
        for i in np.flatnonzero(inside.any(axis=0)).tolist():
            maybe = np.flatnonzero(tilted & inside[:, i] & ~spilt[:, 0])
            if len(maybe):
                spilt = spilt.copy()
                spilt[maybe, 0] = _outside(Moment(self._in[i].company, rows[maybe]), self._in[i].a, self._b)
        return spilt, tilted, inside


def _outside(moment: Moment, a: int, b: int, up_m: float | None = None) -> Truth:
    """Whether (n,) the centre of mass of a is beside or below the box around b, or higher over it than `up_m` (None: than a is tall)."""
    low, high = moment.bounds_m(b)
    centre = moment.centre_m[:, moment.company.local[a]]
    beside = ((centre < low - OUT_M) | (centre > high + OUT_M))[:, :2].any(axis=1)
    below = centre[:, 2] < low[:, 2] - OUT_M
    if up_m is not None:
        return np.asarray(beside | below)
    own_low, own_high = moment.bounds_m(a)
    return np.asarray(beside | below | (centre[:, 2] > high[:, 2] + OUT_M + (own_high - own_low).max(axis=1)))
