"""What is so at one moment, as rows of FACT_DTYPE: a function of the state alone. The predicates are those of `vocabulary.PREDICATES`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.core.signal import FACT_DTYPE
from lifeworld.scene.carry import ON_M
from lifeworld.scene.convex import gap_m
from lifeworld.worlds.physics.senses.contact import Raw, solve
from lifeworld.worlds.physics.senses.poser import Poser
from lifeworld.worlds.physics.senses.tell.cast import Cast, Ints, Truth
from lifeworld.worlds.physics.senses.tell.neighbours import joined, neighbours
from lifeworld.worlds.physics.senses.tell.stage import Stage
from lifeworld.worlds.physics.senses.tell.touches import bearers, grips, touches
from lifeworld.worlds.physics.senses.tell.vocabulary import PREDICATE

Array = NDArray[np.float64]
Found = tuple[str, Ints, Ints]
"""A predicate and the instance ids a (k,) and b (k,) it is told of, each pair once."""

OPEN, CLOSED = 0.1, 0.02
UPRIGHT_RAD, TOPPLED_RAD = float(np.deg2rad(15.0)), float(np.deg2rad(60.0))
STILL_M_S, STILL_RAD_S = 0.005, 0.05  # those of `settle`
MOVING = 10.0  # times as fast as still: what settling calls still moving
FALLING_M_S = 0.3
CLEAR_M = 0.005
"""What falls has nothing as near as this: what rolls and slides leaves the ground for moments too."""


class Told:
    """The facts of one moment, and the numbers they come from; each reckoned when first asked for."""

    def __init__(self, cast: Cast, data: mujoco.MjData, poser: Poser) -> None:
        self.cast, self.stage, self.data = cast, Stage(cast, data), data
        linear = data.cvel[cast.body, 3:]  # of the centre of mass: the frame of a ball that rolls goes round and round
        for thing, bodies in poser.soft.items():
            linear[thing] = data.cvel[bodies, 3:].mean(axis=0)
        self.linear_m_s = np.asarray(linear)
        self.speed_m_s = np.linalg.norm(linear, axis=1)
        self.spin_rad_s = np.linalg.norm(poser.angular_velocity_rad_s(data.cvel), axis=1)
        self.down_m_s = linear @ cast.down
        solved = solve(Raw.of(data), cast.compiled.model.ngeom)
        self.touches = touches(cast, solved)
        self.openness = np.asarray(opened(cast, data.qpos))
        self.grips = dict(grips(cast, solved))
        self.on, self.inside = carriers(self.stage)
        self._here = list(self._found())

    @cached_property
    def pairs(self) -> dict[str, list[tuple[int, int]]]:
        """Predicate → its (a, b), in order; but for those of `sides`, which no event and few sentences need."""
        return _by_name(self._here)

    @cached_property
    def sides(self) -> dict[str, list[tuple[int, int]]]:
        """As `pairs`: under, beside, left_of …"""
        return _by_name(self._sides)

    @cached_property
    def _sides(self) -> list[Found]:
        return list(neighbours(self.stage, self.on, self.inside))

    @property
    def rows(self) -> NDArray[np.void]:
        """Every fact (n,) in FACT_DTYPE, sorted."""
        found = [(PREDICATE[name], a, b) for name, a, b in self._here + self._sides if len(a)]
        out = np.zeros(sum(len(a) for _, a, _ in found), dtype=FACT_DTYPE)
        if found:
            out["predicate"] = np.repeat([p for p, _, _ in found], [len(a) for _, a, _ in found])
            out["a"] = np.concatenate([a for _, a, _ in found])
            out["b"] = np.concatenate([b for _, _, b in found])
        return out[np.lexsort((out["b"], out["a"], out["predicate"]))]

    @cached_property
    def quickest_m_s(self) -> Array:
        """The velocity (things, 3) [m/s] of the centre of mass of each thing's fastest part."""
        model, data, cast = self.cast.compiled.model, self.data, self.cast
        every = data.cvel[:, 3:] + np.cross(data.cvel[:, :3], data.xipos - data.subtree_com[model.body_rootid])
        out = self.linear_m_s.copy()
        for body in np.argsort(np.linalg.norm(every, axis=1), kind="stable").tolist():  # the fastest comes last and stays
            out[cast.body == model.body_rootid[body]] = every[body]
        return out

    def force_n(self, a: int, b: int) -> float:
        """The normal force [N] between two instances; 0 where they do not touch."""
        where = (self.touches.a == min(a, b)) & (self.touches.b == max(a, b))
        return float(self.touches.force_n[where].sum())

    def _found(self) -> Iterator[Found]:
        cast, touch = self.cast, self.touches
        yield "touching", np.where(touch.a == 0, touch.b, touch.a), np.where(touch.a == 0, 0, touch.b)
        on, inside = self.on, self.inside
        for name, matrix in (("on", on), ("in", inside)):
            a, b = np.nonzero(matrix)
            yield name, a + 1, b
        bears = bearers(cast, touch)
        yield "rests_on", *_columns(bears)
        for name, truth in self._alone():
            a = np.flatnonzero(truth) + 1
            yield name, a, np.zeros_like(a)
        held = list(self.grips)
        yield "held", *_columns(held)
        carried = {a for a, _ in bears} | set((np.flatnonzero((on | inside).any(axis=1)) + 1).tolist())
        yield "lifted", *_columns([(a, b) for a, b in held if a not in carried])
        yield "turned_on", (lit := np.flatnonzero(cast.turned_on) + 1), np.zeros_like(lit)

    def _alone(self) -> Iterator[tuple[str, Truth]]:
        cast = self.cast
        most = np.full(cast.count, -np.inf)
        np.maximum.at(most, cast.joint_thing, self.openness)
        yield "open", most > OPEN
        yield "closed", (most < CLOSED) & np.isfinite(most)
        yield "upright", cast.stands & (self.stage.tilt_rad < UPRIGHT_RAD)
        yield "toppled", cast.stands & (self.stage.tilt_rad > TOPPLED_RAD)
        yield "moving", cast.free & ((self.speed_m_s > MOVING * STILL_M_S) | (self.spin_rad_s > MOVING * STILL_RAD_S))
        yield "still", cast.free & (self.speed_m_s < STILL_M_S) & (self.spin_rad_s < STILL_RAD_S)
        alone = np.ones(cast.instances, dtype=bool)
        alone[self.touches.a] = alone[self.touches.b] = False
        falling = np.zeros(cast.count, dtype=bool)
        maybe = np.flatnonzero(cast.free & alone[1 : cast.count + 1] & (self.down_m_s > FALLING_M_S))
        falling[[i for i in maybe.tolist() if clear_m(self.stage, i) > CLEAR_M]] = True
        yield "falling", falling


def clear_m(stage: Stage, thing: int) -> float:
    """How far [m] a thing is from the nearest other and the ground; anything farther than CLEAR_M may be told as without end."""
    cast, (low, high) = stage.cast, stage.piece_bounds_m
    mine = np.arange(cast.start[thing], cast.start[thing + 1])
    ground = float(stage.bounds_m[0][thing, 2]) if cast.ground else np.inf
    near = np.asarray(((low[mine][:, None] <= high + CLEAR_M) & (low <= high[mine][:, None] + CLEAR_M)).all(axis=2))
    near[:, mine] = False
    a, b = np.nonzero(near)
    gap = gap_m(stage.solid.take(mine[a]), stage.solid.take(b)) if len(a) else np.zeros(0)
    return float(min(gap.min(initial=np.inf), ground))


def opened(cast: Cast, qpos: Array) -> Array:
    """How far (joints,) each joint that opens something is on its way from closed (0) to open (1)."""
    return (qpos[cast.joint_qpos] - cast.joint_closed) / (cast.joint_open - cast.joint_closed)


def carriers(stage: Stage) -> tuple[Truth, Truth]:
    """Who is on whom and who is in whom, (things, instance ids of things, 0 the ground)."""
    cast = stage.cast
    on, inside = np.zeros((2, cast.count, cast.count + 1), dtype=bool)
    thing, site = stage.near_sites()
    if len(thing):
        fits = stage.carried(thing, site).fits
        thing, site = thing[fits], site[fits]
        container = cast.sites.container[site]
        inside[thing[container], cast.sites.thing[site[container]] + 1] = True
        on[thing[~container], cast.sites.thing[site[~container]] + 1] = True
    if cast.ground and cast.count:
        on[:, 0] = np.abs(stage.bounds_m[0][:, 2]) <= ON_M
    # Thin things let what is on them be near what is below them: that is on the thin thing, not on both.
    return on & ~joined((on | inside)[:, 1:], on), inside


def _by_name(found: list[Found]) -> dict[str, list[tuple[int, int]]]:
    out: dict[str, list[tuple[int, int]]] = {name: [] for name in PREDICATE}
    for name, a, b in found:
        out[name] = sorted(zip(a.tolist(), b.tolist(), strict=True))
    return out


def _columns(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
