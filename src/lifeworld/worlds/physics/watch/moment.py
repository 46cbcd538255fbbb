"""One moment of many futures: where the things that are asked for are, how fast, and what lies on or in what.

Everything is reckoned from the state rows when it is first asked for. Rigid things are reckoned for all rows together. The places of
soft things only the engine knows: they are read row by row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.worlds.physics.compile import TICK_NS, Compiled
from lifeworld.worlds.physics.senses.contact import Raw, solve
from lifeworld.worlds.physics.senses.poser import Poser, cross
from lifeworld.worlds.physics.senses.tell.cast import Cast, cast_of
from lifeworld.worlds.physics.senses.tell.facts import carriers
from lifeworld.worlds.physics.senses.tell.stage import Stage
from lifeworld.worlds.physics.senses.tell.touches import grips, touches
from lifeworld.worlds.physics.state import FULL
from lifeworld.worlds.physics.watch.crowd import copies, first
from lifeworld.worlds.physics.watch.kinematics import BALL, FREE, SLIDE, Kinematics

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Truth = NDArray[np.bool_]

TICK_S = TICK_NS * 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames in the place of the engine's data: `xpos` (k, 3) [m], `xmat` (k, 9)."""

    xpos: Array
    xmat: Array


class Company:
    """The things (by number) that somebody watches in a compiled scene, and what of them no state changes."""

    def __init__(self, compiled: Compiled, things: Iterable[int], bodies: Iterable[int] = ()) -> None:
        self.compiled, self.model = compiled, compiled.model
        self.cast = cached_cast(compiled)
        self.things: Ints = np.array(sorted(set(things)), dtype=np.int64)
        self.local = {thing: i for i, thing in enumerate(self.things.tolist())}
        self.soft = np.array([compiled.bounds[i].soft >= 0 for i in self.things.tolist()], dtype=bool)
        bodies = tuple(bodies)
        self.any_soft = bool(self.soft.any())
        self.data, self.poser = mujoco.MjData(compiled.model), Poser(compiled)
        own = compiled.body_instance.astype(np.int64) - 1
        self._parts = [np.flatnonzero(own == thing) for thing in self.things.tolist()]
        self.qpos = _addresses(compiled.model, _joined([*self._parts, np.array(list(bodies), dtype=np.int64)]))
        self._parts = [part[:1] if soft else part for part, soft in zip(self._parts, self.soft.tolist(), strict=True)]
        sites = np.flatnonzero(np.isin(self.cast.sites.thing, self.things))
        known = [b for part in self._parts for b in part.tolist()]
        known += [int(f) for f in self.cast.sites.frame[sites] if f < self.model.nbody]
        self.kinematics = Kinematics(self.model, [*known, *bodies])
        self._rows_of = [np.array([self.kinematics.row[b] for b in part.tolist()], dtype=np.int64) for part in self._parts]
        self._share = [_shares(self.model.body_mass[part]) for part in self._parts]
        self.root: Ints = np.array([self.kinematics.row[int(b)] for b in self.cast.body[self.things]], dtype=np.int64)
        self.mass_kg = np.array([self.model.body_mass[part].sum() for part in self._parts])
        self.dof: Ints = np.array([compiled.bounds[i].dof for i in self.things.tolist()], dtype=np.int64)
        self.sites: Ints = sites
        self._one = self._small(sites)
        self._many: tuple[int, Cast] = (0, self._one)

    @cached_property
    def reach_m(self) -> Array:
        """How far (things,) [m] any point of each thing can be from its centre of mass, however its joints are."""
        return np.array([_reach_m(self.compiled, int(t), part) for t, part in zip(self.things, self._parts, strict=True)])

    def centre_m(self, place: Array, turn: Array) -> Array:
        """The centre of mass (n, things, 3) [m] of each thing, from the frames of all bodies."""
        out = np.empty((len(place), len(self.things), 3))
        for i, (rows, bodies, share) in enumerate(zip(self._rows_of, self._parts, self._share, strict=True)):
            inertial = place[:, rows] + (turn[:, rows] @ self.model.body_ipos[bodies][:, :, None])[..., 0]
            out[:, i] = np.einsum("nbi,b->ni", inertial, share)
        return out

    def crowd(self, count: int) -> Cast:
        """A cast of `count` copies of the watched things, one after the other: frame f of copy k is k · frames + f."""
        if count > self._many[0]:
            self._many = (count, copies(self._one, max(count, 2 * self._many[0]), len(self.kinematics.bodies)))
        return first(self._many[1], self._one, count)

    def _small(self, sites: Ints) -> Cast:
        """The cast of the watched things alone, its frames those of the kinematics; what it has of soft things counts for nothing."""
        cast, frame = self.cast, self.kinematics.row
        pieces = [np.arange(cast.start[t], cast.start[t + 1]) for t in self.things.tolist()]
        corners = [np.arange(cast.corner_start[p], cast.corner_start[p + 1]) for part in pieces for p in part.tolist()]
        which = _joined(pieces)
        counts = np.array([len(p) for p in pieces], dtype=np.int64)
        return replace(
            cast,
            count=len(self.things),
            pieces=cast.pieces.take(which),
            piece_frame=np.array([frame.get(int(f), 0) for f in cast.piece_frame[which]], dtype=np.int64),
            piece_thing=np.repeat(np.arange(len(self.things)), counts),
            start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            weight=cast.weight[which],
            corners_m=cast.corners_m[_joined(corners)],
            corner_start=np.cumsum([0, *(len(c) for c in corners)]),
            sites=replace(
                cast.sites.take(sites),
                thing=np.array([self.local[int(t)] for t in cast.sites.thing[sites]], dtype=np.int64),
                frame=np.array([frame.get(int(f), 0) for f in cast.sites.frame[sites]], dtype=np.int64),
            ),
            body=self.root,
            soft=(),
        )


@lru_cache(maxsize=8)
def cached_cast(compiled: Compiled) -> Cast:
    """The cast of a compiled scene, made once."""
    return cast_of(compiled)


class Moment:
    """State rows (n, size) of one compiled scene, looked at. `w` below is the number of things in the company, in its order."""

    def __init__(self, company: Company, rows: Array) -> None:
        self.company, self.rows = company, rows
        self.qpos = company.kinematics.layout.view(rows, "qpos")
        self.qvel = company.kinematics.layout.view(rows, "qvel")
        self._alone: dict[int, Alone] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def frames(self) -> tuple[Array, Array]:
        """Places (n, bodies, 3) [m] and turns (n, bodies, 3, 3) of the company's bodies."""
        return self.company.kinematics.frames(self.rows)

    @cached_property
    def centre_m(self) -> Array:
        """The centre of mass (n, w, 3) [m], world frame; of a soft thing the middle of its vertices."""
        out = self.company.centre_m(*self.frames)
        for i in np.flatnonzero(self.company.soft).tolist():
            thing = int(self.company.things[i])
            for row in range(len(self)):
                out[row, i] = self.alone(row).stage.soft[thing].mean(axis=0)
        return out

    @cached_property
    def up(self) -> Array:
        """The Z axis (n, w, 3) of each thing, world frame."""
        return np.asarray(self.frames[1][..., 2][:, self.company.root])

    @cached_property
    def tilt_rad(self) -> Array:
        """How far (n, w) [rad] each thing's Z axis is from up."""
        return np.asarray(np.arccos(np.clip(self.up[..., 2], -1.0, 1.0)))

    @cached_property
    def spin_rad_s(self) -> Array:
        """The angular velocity (n, w, 3) [rad/s] of each thing's root, world frame; what is fixed has none."""
        company = self.company
        out = np.zeros((len(self), len(company.things), 3))
        free = np.flatnonzero(company.dof >= 0)
        own = self.qvel[:, company.dof[free, None] + np.arange(3, 6)]
        out[:, free] = (self.frames[1][:, company.root[free]] @ own[..., None])[..., 0]
        return out

    @cached_property
    def velocity_m_s(self) -> Array:
        """The velocity (n, w, 3) [m/s] of the centre of mass as its root moves it, world frame; of a soft thing the mean of its nodes."""
        company = self.company
        out = np.zeros((len(self), len(company.things), 3))
        free = np.flatnonzero(company.dof >= 0)
        arm = self.centre_m[:, free] - self.frames[0][:, company.root[free]]
        out[:, free] = self.qvel[:, company.dof[free, None] + np.arange(3)] + cross(self.spin_rad_s[:, free], arm)
        for i in np.flatnonzero(company.soft).tolist():
            bodies = company.poser.soft[int(company.things[i])]
            for row in range(len(self)):
                out[row, i] = self.alone(row).moving.cvel[bodies, 3:].mean(axis=0)
        return out

    @cached_property
    def stage(self) -> Stage:
        """All watched things of all rows on one stage: thing w of row n is number n · w_count + w. Nothing soft is on it."""
        company = self.company
        place, turn = self.frames
        return Stage(company.crowd(len(self)), Frames(place.reshape(-1, 3), turn.reshape(-1, 9)))

    def bounds_m(self, thing: int) -> tuple[Array, Array]:
        """Least and greatest corner (n, 3) [m] of a thing (by its number in the scene), world frame."""
        i, w = self.company.local[thing], len(self.company.things)
        if self.company.soft[i]:
            both = [self.alone(row).stage.bounds_m for row in range(len(self))]
            return np.array([low[thing] for low, _ in both]).reshape(-1, 3), np.array([high[thing] for _, high in both]).reshape(-1, 3)
        low, high = self.stage.box_m
        return low[i::w], high[i::w]

    def carried(self, a: int, b: int, *, container: bool) -> tuple[Truth, Ints]:
        """Whether (n,) thing a lies on (or in) thing b, and which of b's sites (n,) that is; −1 where it is none."""
        company = self.company
        out, which = np.zeros(len(self), dtype=bool), np.full(len(self), -1, dtype=np.int64)
        sites = company.cast.sites
        wanted = np.flatnonzero((sites.thing == b) & (sites.container == container))
        if company.soft[company.local[a]] or company.soft[company.local[b]]:
            for row in range(len(self)):
                found = self.alone(row).stage.carried(np.full(len(wanted), a), wanted)
                fits = found.fits & found.over
                if fits.any():
                    out[row], which[row] = True, wanted[fits.argmax()]
            return out, which
        w, s = len(company.things), len(company.sites)
        for site in wanted.tolist():
            local = int(np.searchsorted(company.sites, site))
            left = np.flatnonzero(~out)
            near = left[self._near(left, company.local[a], local)]
            if len(near):
                found = self.stage.carried(near * w + company.local[a], near * s + local)
                lies = near[found.fits & found.over]
                out[lies], which[lies] = True, site
        return out, which

    def _near(self, rows: Ints, thing: int, site: int) -> Truth:
        """Which rows (k,) may have the thing at the site: what of `Stage.near_sites` is cheap."""
        own, s = self.company._one.sites, len(self.company.sites)
        middle, axes = (part[rows * s + site] for part in self.stage.sites)
        away = (self.stage.centre_m[rows * len(self.company.things) + thing] - middle)[:, None, :] @ axes
        outline = own.half_m[site] + own.spare_m[site]
        if own.disc[site]:
            return np.asarray(np.hypot(away[:, 0, 0], away[:, 0, 1]) <= outline[0])
        return np.asarray((np.abs(away[:, 0, :2]) <= outline).all(axis=1))

    def site_heights_m(self, thing: int, site: Ints) -> Array:
        """How high (n,) [m] the thing's centre of mass is over a site of each row's own (by its number in the cast)."""
        w, s = len(self.company.things), len(self.company.sites)
        at = np.arange(len(self)) * s + np.searchsorted(self.company.sites, site)
        middle, axes = (part[at] for part in self.stage.sites)
        centre = self.centre_m[:, self.company.local[thing]] if w else np.zeros((len(self), 3))
        return np.asarray(np.einsum("ni,ni->n", centre - middle, axes[:, :, 2]))

    def alone(self, row: int) -> Alone:
        """One row by itself, with everything the engine can say of it."""
        if row not in self._alone:
            self._alone[row] = Alone(self.company, self.rows[row])
        return self._alone[row]


class Alone:
    """One state of a scene and all of its things."""

    def __init__(self, company: Company, row: Array) -> None:
        self.company, self.row = company, row
        model, data = company.model, mujoco.MjData(company.model) if company.any_soft else company.data
        mujoco.mj_setState(model, data, row, FULL)
        for places in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_flex):
            places(model, data)
        soft = company.any_soft
        self._data: Any = data if soft else Frames(data.xpos.copy(), data.xmat.copy())
        self.stage = Stage(company.cast, self._data)

    @cached_property
    def moving(self) -> Any:
        """The engine's data with velocities."""
        mujoco.mj_comVel(self.company.model, self._data)
        return self._data

    @cached_property
    def carriers(self) -> tuple[Truth, Truth]:
        """As `facts.carriers`: who is on whom, who is in whom."""
        return carriers(self.stage)

    @cached_property
    def _forwarded(self) -> Any:
        """What touches, by the engine: (touches, grips)."""
        company = self.company
        mujoco.mj_setState(company.model, company.data, self.row, FULL)
        mujoco.mj_forward(company.model, company.data)
        solved = solve(Raw.of(company.data), company.model.ngeom)
        return touches(company.cast, solved), dict(grips(company.cast, solved))

    def touching(self, a: int, b: int) -> bool:
        """Whether the engine has a contact between two instances (0 the background)."""
        touch = self._forwarded[0]
        return bool(((touch.a == min(a, b)) & (touch.b == max(a, b))).any())

    @property
    def grips(self) -> dict[tuple[int, int], float]:
        """As `touches.grips`: (instance held, hand) → force [N]."""
        held: dict[tuple[int, int], float] = self._forwarded[1]
        return held


def _addresses(model: mujoco.MjModel, bodies: Ints) -> Ints:
    """Where in qpos the joints of bodies and of those they hang on are."""
    joints: set[int] = set()
    for body in bodies.tolist():
        while body:
            joints.update(range(int(model.body_jntadr[body]), int(model.body_jntadr[body]) + int(model.body_jntnum[body])))
            body = int(model.body_parentid[body])
    sizes = {FREE: 7, BALL: 4}
    return _joined([model.jnt_qposadr[j] + np.arange(sizes.get(int(model.jnt_type[j]), 1)) for j in sorted(joints)])


def _reach_m(compiled: Compiled, thing: int, bodies: Ints) -> float:
    """As far as all of a thing's bodies are from one another, each with its geoms, and as its slides go."""
    model = compiled.model
    if compiled.bounds[thing].soft >= 0:
        return float(np.linalg.norm(cached_cast(compiled).pieces.half_m[cached_cast(compiled).piece_thing == thing].sum(axis=0)) * 2)
    total = 0.0
    for body in bodies.tolist():
        geoms = np.flatnonzero(model.geom_bodyid == body)
        own = (np.linalg.norm(model.geom_pos[geoms], axis=1) + model.geom_rbound[geoms]).max(initial=0.0)
        hangs = float(np.linalg.norm(model.body_pos[body])) if body != bodies[0] else 0.0
        joints = range(int(model.body_jntadr[body]), int(model.body_jntadr[body]) + int(model.body_jntnum[body]))
        slides = sum(float(np.abs(model.jnt_range[j]).max()) for j in joints if int(model.jnt_type[j]) == SLIDE)
        total = max(total, float(own)) if body == bodies[0] else total + float(own) + hangs + slides
    return 2.0 * total


def _shares(mass_kg: Array) -> Array:
    total = mass_kg.sum()
    return np.asarray(mass_kg / total) if total > 0 else np.eye(1, len(mass_kg))[0]


def _joined(parts: list[NDArray[np.int64]]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
