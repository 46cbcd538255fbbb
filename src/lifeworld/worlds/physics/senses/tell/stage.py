"""The stage at one moment: where every piece and every site of the cast is, and what lies how high over which site, for many at once.

What on, in, left of … mean is written in `scene/carry.py` and `scene/relation.py`; here the same is asked of all things together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import mujoco
import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.carry import probes
from lifeworld.scene.convex import Solid
from lifeworld.worlds.physics.senses.tell.cast import Cast, Ints, Sites, Truth, vertices

Array = NDArray[np.float64]

BLOCK = 256
"""So many things are held against all sites at a time: what bounds the memory of a scene of thousands."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Of each asked pair of a thing and a site (k,): the height [m] of the thing's lowest and highest point over the site, whether that

    is on or in it, its centre of mass (k, 2) [m] in the site's frame, and whether that is over the site.
    """

    bottom_m: Array
    top_m: Array
    fits: Truth
    centre_m: Array
    over: Truth


class Stage:
    """The cast where it stands at the state that `data` is forwarded to."""

    def __init__(self, cast: Cast, data: mujoco.MjData) -> None:
        self.cast, self.data = cast, data
        self.position_m, self.turn = data.xpos, data.xmat.reshape(-1, 3, 3)
        self.soft: dict[int, Array] = {}
        if cast.soft:
            places, turns = np.zeros((cast.count, 3)), np.zeros((cast.count, 3, 3))
            for row, (thing, flex, place, turn, middle) in enumerate(cast.soft):
                self.soft[thing] = vertices(cast.compiled.model, data, flex).copy()
                places[row], turns[row] = place + self.soft[thing].mean(axis=0) - middle, turn
            self.position_m, self.turn = np.concatenate([self.position_m, places]), np.concatenate([self.turn, turns])

    @cached_property
    def solid(self) -> Solid:
        """The pieces (p,) of all things, in the world."""
        own, frame = self.cast.pieces, self.cast.piece_frame
        turn = self.turn[frame]
        centre = (turn @ own.centre_m[:, :, None])[:, :, 0] + self.position_m[frame]
        return Solid(centre, turn @ own.axes, own.half_m, own.round_m, own.corners_m, own.hull)

    @cached_property
    def piece_bounds_m(self) -> tuple[Array, Array]:
        """Least and greatest corner (p, 3) [m] of every piece, world frame."""
        solid, start = self.solid, self.cast.corner_start
        reach = np.einsum("nij,nj->ni", np.abs(solid.axes), solid.half_m)
        reach += np.sqrt(np.einsum("nij,nj->ni", solid.axes**2, solid.round_m**2))
        low, high = solid.centre_m - reach, solid.centre_m + reach
        hull = np.flatnonzero(solid.hull)
        if len(hull):
            low[hull] = np.minimum.reduceat(self.corners_m, start[hull])
            high[hull] = np.maximum.reduceat(self.corners_m, start[hull])
        return low, high

    @cached_property
    def corners_m(self) -> Array:
        """The corners (c, 3) [m] of all hulls, in the world."""
        cast = self.cast
        frame = np.repeat(cast.piece_frame, np.diff(cast.corner_start))
        return np.asarray((self.turn[frame] @ cast.corners_m[:, :, None])[:, :, 0] + self.position_m[frame])

    @cached_property
    def box_m(self) -> tuple[Array, Array]:
        """Least and greatest corner (things, 3) [m] of every thing's pieces, world frame; a soft thing is taken for its block."""
        if not self.cast.count:
            return np.zeros((0, 3)), np.zeros((0, 3))
        low, high = self.piece_bounds_m
        return np.minimum.reduceat(low, self.cast.start[:-1]), np.maximum.reduceat(high, self.cast.start[:-1])

    @cached_property
    def bounds_m(self) -> tuple[Array, Array]:
        """As `box_m`, a soft thing as it is."""
        low, high = (corner.copy() for corner in self.box_m)
        for thing, points in self.soft.items():
            low[thing], high[thing] = points.min(axis=0), points.max(axis=0)
        return low, high

    @cached_property
    def centre_m(self) -> Array:
        """The centre of mass (things, 3) [m] by volume and density, world frame; of a soft thing the middle of its vertices."""
        cast = self.cast
        if not cast.count:
            return np.zeros((0, 3))
        total = np.add.reduceat(cast.weight, cast.start[:-1])
        out = np.add.reduceat(cast.weight[:, None] * self.solid.centre_m, cast.start[:-1]) / total[:, None]
        for thing, points in self.soft.items():
            out[thing] = points.mean(axis=0)
        return np.asarray(out)

    @cached_property
    def place_m(self) -> Array:
        """The origin (things, 3) [m] of every thing's frame."""
        return np.asarray(self.position_m[self.frame])

    @cached_property
    def frame(self) -> Ints:
        """The frame of each thing's root."""
        out = self.cast.body.copy()
        for row, (thing, *_) in enumerate(self.cast.soft):
            out[thing] = len(self.data.xpos) + row
        return out

    @cached_property
    def heading_rad(self) -> Array:
        """The angle (things,) about +Z of every thing's X axis, as `room.heading_rad`."""
        turn = self.turn[self.frame]
        x, y = turn[:, :, 0], turn[:, :, 1]
        level = np.hypot(x[:, 0], x[:, 1]) > 0.1
        return np.asarray(np.where(level, np.arctan2(x[:, 1], x[:, 0]), np.arctan2(-y[:, 0], y[:, 1])))

    @cached_property
    def tilt_rad(self) -> Array:
        """How far (things,) [rad] every thing's Z axis is from up."""
        return np.asarray(np.arccos(np.clip(self.turn[self.frame][:, 2, 2], -1.0, 1.0)))

    @cached_property
    def sites(self) -> tuple[Array, Array]:
        """The middle (s, 3) [m] and the axes (s, 3, 3) of every site, world frame."""
        own = self.cast.sites
        turn = self.turn[own.frame]
        return (turn @ own.centre_m[:, :, None])[:, :, 0] + self.position_m[own.frame], turn @ own.axes

    def near_sites(self) -> tuple[Ints, Ints]:
        """Every pair (k,) of a thing and a site that may carry it: its centre of mass over it, and not clearly too high or too low."""
        parts = [self._near_sites(np.arange(first, min(first + BLOCK, self.cast.count))) for first in range(0, self.cast.count, BLOCK)]
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        thing, site = (np.concatenate(column) for column in zip(*parts, strict=True))
        return thing, site

    def _near_sites(self, things: Ints) -> tuple[Ints, Ints]:
        own, (middle, axes) = self.cast.sites, self.sites
        low, high = self.bounds_m
        reach = np.linalg.norm(high - low, axis=1)[things, None]  # no point of a thing is farther from its centre of mass
        away = self.centre_m[things, None] - middle
        height = np.einsum("nsi,si->ns", away, axes[:, :, 2])
        maybe = (height - reach <= own.most_m) & (height + reach >= own.least_m) & (things[:, None] != own.thing)
        row, site = np.nonzero(maybe)
        over = _over(own.take(site), (away[row, site][:, None, :] @ axes[site])[:, 0, :2])
        return things[row[over]], site[over]

    def carried(self, thing: Ints, site: Ints) -> Carried:
        """How things (k,) lie over sites (k,), pair by pair, as `carry.carried` has it."""
        own, (middle, axes) = self.cast.sites.take(site), self.sites
        middle, axes = middle[site], axes[site]
        centre = ((self.centre_m[thing] - middle)[:, None, :] @ axes)[:, 0, :2]
        bottom, top = np.zeros(len(thing)), np.zeros(len(thing))
        rigid = np.ones(len(thing), dtype=bool)
        for k in np.flatnonzero(np.isin(thing, list(self.soft))).tolist() if self.soft else ():
            points = (self.soft[int(thing[k])] - middle[k]) @ axes[k]
            over = _over(own.take(np.full(len(points), k)), points[:, :2])
            heights = points[over, 2] if over.any() else points[:, 2]
            thick = float(self.cast.compiled.model.flex_radius[self.cast.compiled.bounds[int(thing[k])].soft])
            bottom[k], top[k], rigid[k] = heights.min() - thick, heights.max() + thick, False
        rows = np.flatnonzero(rigid)
        if len(rows):
            pieces, of, begin = self._pieces(thing[rows])
            at = rows[of]
            turn = np.swapaxes(axes[at], 1, 2)
            shift = -(turn @ middle[at][:, :, None])[:, :, 0]
            low, high = self._bounds(pieces, turn, shift)
            low, high = np.minimum.reduceat(low, begin), np.maximum.reduceat(high, begin)
            bottom[rows], top[rows] = low[:, 2], high[:, 2]
            # What does not reach past the outline bears with its lowest point; what does, with the lowest of its points within.
            past = np.flatnonzero(~_within(own.take(rows), low, high))
            if len(past):
                some = np.isin(of, past)
                points = probes(_moved(self.solid.take(pieces[some]), turn[some], shift[some]))
                owner = np.repeat(at[some], points.shape[1])
                flat = points.reshape(-1, 3)
                over = _over(own.take(owner), flat[:, :2])
                over |= ~np.isin(owner, owner[over])  # of all its points, where none is over it
                heights = flat[over, 2]
                starts = np.flatnonzero(np.diff(owner[over], prepend=-1))
                bottom[rows[past]], top[rows[past]] = np.minimum.reduceat(heights, starts), np.maximum.reduceat(heights, starts)
        fits = (own.least_m <= bottom) & (bottom <= own.most_m) & (top <= own.top_m)
        return Carried(bottom, top, fits, centre, _over(own, centre))

    def bounds_in(self, thing: Ints, yaw_rad: Array) -> tuple[Array, Array]:
        """Least and greatest corner (k, 3) [m] of things (k,) along the axes of an upright frame turned by `yaw_rad` (k,), from the

        world's origin.
        """
        lows, highs = self.box_m[0][thing], self.box_m[1][thing]
        turned = np.flatnonzero(yaw_rad)
        if len(turned):
            low, high, _, begin = self.piece_bounds_in(thing[turned], yaw_rad[turned])
            lows[turned], highs[turned] = np.minimum.reduceat(low, begin), np.maximum.reduceat(high, begin)
        return lows, highs

    def piece_bounds_in(self, thing: Ints, yaw_rad: Array) -> tuple[Array, Array, Ints, Ints]:
        """As `bounds_in`, of each piece: corners (r, 3) twice, whose of the (k,) it is (r,), and where each one's begin (k,)."""
        pieces, of, begin = self._pieces(thing)
        turn = _about_z(-yaw_rad)[of]
        low, high = self._bounds(pieces, turn, np.zeros((len(pieces), 3)))
        return low, high, of, begin

    def _bounds(self, pieces: Ints, turn: Array, shift_m: Array) -> tuple[Array, Array]:
        """Least and greatest corner (r, 3) [m] of pieces (r,), each turned by its own (r, 3, 3) and shifted by its own (r, 3)."""
        solid = self.solid
        axes = turn @ solid.axes[pieces]
        reach = (np.abs(axes) @ solid.half_m[pieces, :, None])[:, :, 0]
        reach += np.sqrt((axes**2 @ (solid.round_m[pieces, :, None] ** 2))[:, :, 0])
        centre = (turn @ solid.centre_m[pieces, :, None])[:, :, 0] + shift_m
        low, high = centre - reach, centre + reach
        hull = np.flatnonzero(solid.hull[pieces])
        if len(hull):
            start = self.cast.corner_start
            corner, of, begin = _ranges(start[pieces[hull]], start[pieces[hull] + 1])
            points = (turn[hull[of]] @ self.corners_m[corner, :, None])[:, :, 0] + shift_m[hull[of]]
            low[hull], high[hull] = np.minimum.reduceat(points, begin), np.maximum.reduceat(points, begin)
        return low, high

    def _pieces(self, thing: Ints) -> tuple[Ints, Ints, Ints]:
        """The pieces (r,) of things (k,), one after the other; which of the (k,) each belongs to; where each one's begin (k,)."""
        return _ranges(self.cast.start[thing], self.cast.start[thing + 1])


def _moved(solid: Solid, turn: Array, shift_m: Array) -> Solid:
    """Pieces (n,), each turned by its own (n, 3, 3) and then shifted by its own (n, 3) [m]."""
    centre = (turn @ solid.centre_m[:, :, None])[:, :, 0] + shift_m
    return Solid(centre, turn @ solid.axes, solid.half_m, solid.round_m, solid.corners_m, solid.hull)


def _ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints, Ints]:
    """All numbers (r,) from start to stop (k,), range after range; which range each is of (r,); where each range begins (k,)."""
    counts = stop - start
    begin = np.cumsum(counts) - counts
    of = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(of)) - begin[of] + start[of], of, begin


def _over(sites: Sites, points_m: Array) -> Truth:
    """Whether points (k, 2) [m], each in its own site's frame, are within that site's outline, as `Site.holds` with what is to spare."""
    spare = sites.spare_m
    box = (np.abs(points_m) <= sites.half_m + spare[:, None]).all(axis=1)
    if not sites.disc.any():
        return np.asarray(box)
    return np.where(sites.disc, np.hypot(points_m[:, 0], points_m[:, 1]) <= sites.half_m[:, 0] + spare, box)


def _within(sites: Sites, low_m: Array, high_m: Array) -> Truth:
    """Whether boxes (k, 3) [m], each in its own site's frame, lie wholly over that site."""
    return _over(sites, np.maximum(np.abs(low_m), np.abs(high_m))[:, :2])


def _about_z(yaw_rad: Array) -> Array:
    """Turns (k, 3, 3) about +Z."""
    out = np.zeros((len(yaw_rad), 3, 3))
    out[:, 0, 0] = out[:, 1, 1] = np.cos(yaw_rad)
    out[:, 1, 0] = np.sin(yaw_rad)
    out[:, 0, 1] = -out[:, 1, 0]
    out[:, 2, 2] = 1.0
    return out
