"""Terms of where things are to each other: on, in, beside, nearer, touching, held."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.carry import ON_M
from lifeworld.scene.condition import Condition
from lifeworld.scene.convex import gap_m
from lifeworld.scene.space import Space
from lifeworld.worlds.physics.compile import Compiled
from lifeworld.worlds.physics.senses.tell.goals import aside
from lifeworld.worlds.physics.watch.moment import Alone, Company, Moment, cached_cast
from lifeworld.worlds.physics.watch.term import Truth, Unmoved, numbers

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_M = 0.005
"""What touches is no farther apart than this: the engine's contacts begin at none."""
FLAT_M = 0.05
"""What lies on a carpet no thicker than this lies on the ground."""
REACH_M = 0.12
"""A finger that holds something has its middle no farther from it than this."""
SETTLED = 1e-7
"""Whether two touch hangs on much less than where they are to each other."""


class Carried(Unmoved):
    """On or in: by itself, or by way of others that are on or in it."""

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.a, self.b = numbers(compiled, condition)
        self.container = condition.predicate == "in"
        super().__init__((condition,), Company(compiled, [self.a] if self.b < 0 else [self.a, self.b]))
        self._ways = Ways(compiled)

    def holds(self, moment: Moment) -> Truth:
        return self.where(moment)[0][:, None]

    def where(self, moment: Moment) -> tuple[Truth, Ints]:
        """Whether (n,) it is carried, and the site (n,) that carries it or what it is on; −1 where there is none."""
        if self.b < 0:
            return self._grounded(moment), np.full(len(moment), -1, dtype=np.int64)
        out, site = moment.carried(self.a, self.b, container=self.container)
        over = np.flatnonzero(~out & self._over(moment))
        if len(over):
            out[over], site[over] = self._ways.carried(moment.rows[over], self.a, self.b, container=self.container, but=frozenset({self.a}))
        return out, site

    def _over(self, moment: Moment) -> Truth:
        """Which rows (n,) have it over the other at all: what is beside or below that is carried by nobody on it."""
        low, high = moment.bounds_m(self.b)
        mine, _ = moment.bounds_m(self.a)
        centre = moment.centre_m[:, moment.company.local[self.a]]
        spare = 0.5 * (high - low).max(axis=1, initial=0.0)[:, None]  # what it is on may hang over
        return np.asarray(((low - spare <= centre) & (centre <= high + spare))[:, :2].all(axis=1) & (mine[:, 2] >= low[:, 2] - ON_M))

    def _grounded(self, moment: Moment) -> Truth:
        bottom = moment.bounds_m(self.a)[0][:, 2]
        out = np.abs(bottom) <= ON_M
        for row in np.flatnonzero(~out & (bottom > 0) & (bottom <= FLAT_M + ON_M)).tolist():
            low, high = moment.alone(row).stage.bounds_m
            flat = np.flatnonzero((high[:, 2] <= FLAT_M) & (np.abs(low[:, 2]) <= ON_M))
            on = [self._ways.carried(moment.rows[[row]], self.a, b, container=False)[0].any() for b in flat.tolist() if b != self.a]
            out[row] = any(on)
        return np.asarray(out)


class Ways:
    """Who carries whom by way of others. Two are held against each other only where they are near enough, in all rows together."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._all: Company | None = None
        self._pairs: dict[tuple[int, int], Company] = {}

    def carried(self, rows: Array, a: int, b: int, *, container: bool, but: frozenset[int] = frozenset()) -> tuple[Truth, Ints]:
        """Whether (n,) a is carried by b, and the site (n,) of b; by way of others, and where `but` is not empty of others only."""
        out, site = np.zeros(len(rows), dtype=bool), np.full(len(rows), -1, dtype=np.int64)
        if not but:
            out, site = Moment(self._pair(a, b), rows).carried(a, b, container=container)
            but = frozenset({a})
        near = self._near(rows, a)
        for c in np.flatnonzero(near.any(axis=0)).tolist():
            if c == b or c in but:
                continue
            maybe = np.flatnonzero(near[:, c] & ~out)
            moment = Moment(self._pair(a, c), rows[maybe])
            maybe = maybe[moment.carried(a, c, container=False)[0] | moment.carried(a, c, container=True)[0]]
            if len(maybe):
                found, where = Moment(self._pair(c, b), rows[maybe]).carried(c, b, container=container)
                rest = np.flatnonzero(~found)
                if len(rest):
                    found[rest], where[rest] = self.carried(rows[maybe[rest]], c, b, container=container, but=but | {c})
                out[maybe], site[maybe] = found, where
        return out, site

    def _near(self, rows: Array, a: int) -> Truth:
        """Which things (n, things) are near enough to a, and lower, to carry it."""
        if self._all is None:
            self._all = Company(self._compiled, range(len(self._compiled.bounds)))
        centre, reach = Moment(self._all, rows).centre_m, self._all.reach_m
        apart = np.linalg.norm(centre - centre[:, a : a + 1], axis=2)
        return np.asarray(apart <= reach + reach[a] + ON_M)

    def _pair(self, a: int, b: int) -> Company:
        if (a, b) not in self._pairs:
            self._pairs[a, b] = Company(self._compiled, [a, b])
        return self._pairs[a, b]


class Inside(Unmoved):
    """In a space: the centre of mass within its rectangle."""

    def __init__(self, compiled: Compiled, condition: Condition, space: Space) -> None:
        self._low, self._high = np.array(space.low_m), np.array(space.high_m)
        super().__init__((condition,), Company(compiled, [numbers(compiled, condition)[0]]))

    def holds(self, moment: Moment) -> Truth:
        at = moment.centre_m[:, 0, :2]
        return np.asarray(((self._low <= at) & (at <= self._high)).all(axis=1))[:, None]


class Aside(Unmoved):
    """Under, facing, beside, left of …: what goals call reached."""

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.a, self.b = numbers(compiled, condition)
        super().__init__((condition,), Company(compiled, [self.a, self.b]))

    def holds(self, moment: Moment) -> Truth:
        reached = [aside(self.conditions[0].predicate, _Seen(moment.alone(row)), self.a, self.b) == 1.0 for row in range(len(moment))]
        return np.array(reached, dtype=bool)[:, None]


class _Seen:
    """One row as goals are reckoned from."""

    def __init__(self, alone: Alone) -> None:
        self.cast, self.stage, (self.on, self.inside) = alone.company.cast, alone.stage, alone.carriers


class Apart(Unmoved):
    """How far two things, or one and the ground, are from each other."""

    def __init__(self, compiled: Compiled, condition: Condition, *, spare: float = SETTLED) -> None:
        self.a, self.b = numbers(compiled, condition)
        super().__init__((condition,), Company(compiled, [self.a] if self.b < 0 else [self.a, self.b]), spare=spare)

    def holds(self, moment: Moment) -> Truth:
        raise NotImplementedError

    def near(self, moment: Moment, most_m: float) -> Truth:
        """Whether (n,) the two are nearer than so much to each other by the boxes around them."""
        low, high = moment.bounds_m(self.a)
        if self.b < 0:
            return np.asarray(low[:, 2] < most_m)
        other_low, other_high = moment.bounds_m(self.b)
        return np.asarray(((low < other_high + most_m) & (other_low < high + most_m)).all(axis=1))

    def gap_m(self, moment: Moment) -> Array:
        """The distance (n,) [m] between their pieces; 0 where they meet. Of soft things that between the boxes around them."""
        low, high = moment.bounds_m(self.a)
        if self.b < 0:
            return np.asarray(np.maximum(low[:, 2], 0.0))
        company = moment.company
        if company.any_soft:
            other_low, other_high = moment.bounds_m(self.b)
            return np.asarray(np.linalg.norm(np.maximum(np.maximum(other_low - high, low - other_high), 0.0), axis=1))
        solid, start, w = moment.stage.solid, moment.stage.cast.start, len(company.things)
        i, j = (np.arange(start[company.local[t]], start[company.local[t] + 1]) for t in (self.a, self.b))
        each, rows = int(start[w]), np.arange(len(moment))
        first = (rows[:, None, None] * each + i[:, None] + 0 * j).ravel()
        second = (rows[:, None, None] * each + 0 * i[:, None] + j).ravel()
        return np.asarray(gap_m(solid.take(first), solid.take(second)).reshape(len(moment), -1).min(axis=1, initial=np.inf))


class Nearer(Apart):
    """Nearer to each other than an amount."""

    def holds(self, moment: Moment) -> Truth:
        much = self.conditions[0].much
        out = self.near(moment, much)
        rows = np.flatnonzero(out)
        if len(rows):
            out[rows] = self.gap_m(Moment(self.company, moment.rows[rows])) < much
        return out[:, None]


class Touching(Apart):
    """A contact between them, by the engine; only asked of rows where they are near."""

    def holds(self, moment: Moment) -> Truth:
        out = self.near(moment, NEAR_M)
        for row in np.flatnonzero(out).tolist():
            out[row] = moment.alone(row).touching(self.a + 1, self.b + 1)  # the background is 0
        return out[:, None]


class Held(Unmoved):
    """Between the fingers of a hand, by the engine's contacts; only asked of rows where both fingers are near."""

    def __init__(self, compiled: Compiled, condition: Condition) -> None:
        self.a, _ = numbers(compiled, condition)
        names = [t.name for t in compiled.scene.things] + [e.name for e in compiled.scene.embodiments]
        cast = cached_cast(compiled)
        self._hands = [hand for hand in cast.hands if condition.to in (None, names[hand[0] - 1])]
        super().__init__((condition,), Company(compiled, [self.a], [f for _, *two in self._hands for f in two]), spare=SETTLED)

    def holds(self, moment: Moment) -> Truth:
        out = np.zeros(len(moment), dtype=bool)
        low, high = moment.bounds_m(self.a)
        place, row_of = moment.frames[0], self.company.kinematics.row
        for hand, *fingers in self._hands:
            near = np.ones(len(moment), dtype=bool)
            for finger in fingers:
                at = place[:, row_of[finger]]
                near &= ((low - REACH_M < at) & (at < high + REACH_M)).all(axis=1)
            for row in np.flatnonzero(near & ~out).tolist():
                out[row] = (self.a + 1, hand) in moment.alone(row).grips
        return out[:, None]
