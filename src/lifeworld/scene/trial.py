"""Trying many poses of one thing at once: which of them are free, on their place, and as the relations ask.

Everything is in the frame of the site: obstacles are turned into it once, so that a shelf's boards and what lies along them have
tight boxes along the axes however the shelf stands in the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.aside import asides
from lifeworld.scene.body import Site
from lifeworld.scene.convex import Solid, any_collide, collide, joined, meeting
from lifeworld.scene.footprint import clip, hull, within_m
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Thing
from lifeworld.scene.stance import TOUCH_M, Stance

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

GAP_M = 0.0002
"""How far above its place a thing is set down."""
BATCH = 12


@dataclass(slots=True, eq=False)
class Tally:
    """How many poses were tried, on their place, as the relations ask, free but tipping, and good: tells why none was."""

    tried: int = 0
    placed: int = 0
    related: int = 0
    tipping: int = 0
    free: int = 0


class Trial:
    """One thing in one stance at one site: tries poses against what is around."""

    def __init__(self, room: Room, thing: Thing, stance: Stance, site: Site, *, reach_m: tuple[Array, Array]) -> None:
        """`reach_m` bounds (3,) [m] in the site's frame all poses that will be tried."""
        self.room, self.thing, self.stance, self.site = room, thing, stance, site
        self.tally = Tally()
        self._wished: Pose | None = None
        self.asides = asides(room, room.body(thing), thing.relations, site)
        corners = np.array(np.meshgrid(*zip(*reach_m, strict=True), indexing="ij")).reshape(3, -1).T
        world = site.pose.apply(corners)
        self._near = room.near(world.min(axis=0), world.max(axis=0), but=(thing.name,))
        boxes = [p.piece_bounds_in(site.pose) for p in self._near] or [(np.zeros((0, 3)), np.zeros((0, 3)))]
        # Whom it is to be close to, by so much: from these no margin is kept.
        close = {r.thing for r in thing.relations if r.kind == "against" or r.distance_m is not None}
        pieces = np.array([len(p.solid) for p in self._near], dtype=np.intp)
        self._margin = np.repeat(np.array([p.thing.name not in close for p in self._near], dtype=np.float64), pieces)
        self._low, self._high = (np.concatenate(b) for b in zip(*boxes, strict=True))

    @cached_property
    def around(self) -> Solid:
        """The pieces (m,) of all that is near, in the site's frame; many trials end before they are needed."""
        return joined([p.solid for p in self._near]).moved(self.site.pose.inverse())

    def solids(self, poses: Pose) -> Solid:
        """The pieces (k, n) at poses (k,), site_from_stance."""
        return self.stance.solid.moved(poses)

    def first(
        self, poses: Pose, *, margin_m: float = 0.0, exact: bool = True, overhang: bool = False, open_sky: bool = False
    ) -> Pose | None:
        """The first good one of poses (k,), as site_from_thing; None when none is.

        With a margin, others but those it is to be close to keep off by it sideways, judged by boxes along the axes; `exact` then judges
        those that come nearer by their pieces.
        `overhang` lets a thing stand out over the edge as far as it is stable. `open_sky` wants nothing above it either.
        """
        k = len(poses.position_m)
        self.tally.tried += k
        low, high = self.bounds(poses)
        good = self._on_site(poses, low, high, overhang=overhang)
        self.tally.placed += int(good.sum())
        things = poses @ _repeated(self.stance.pose, k)
        for aside in self.asides:
            some = np.flatnonzero(good)
            if len(some):
                turn = aside.frame_from_site
                box = self.bounds(turn @ _taken(poses, some))
                good[some] = aside.fits(*box, turn @ _taken(things, some))
        self.tally.related += int(good.sum())
        some = np.flatnonzero(good)
        if len(some):
            self._wished = _taken(poses, some[:BATCH])
        low, high = low[some], high[some]
        if open_sky:
            high = np.where(np.array([False, False, True]), np.inf, high)
        meets = meeting(low[:, None], high[:, None], self._low, self._high, margin_m=margin_m * self._margin)
        boxes_meet = meets.any(axis=1)
        found = self._choose(poses, some[~boxes_meet], overhang)
        rest = np.flatnonzero(boxes_meet) if exact and found is None else np.zeros(0, dtype=np.intp)
        for start in range(0, len(rest), BATCH):
            batch = rest[start : start + BATCH]
            hit = self._hits(self.solids(_taken(poses, some[batch])), meets[batch])
            found = self._choose(poses, some[batch[~hit]], overhang)
            if found is not None:
                break
        return None if found is None else Pose(things.position_m[found], things.quat_wxyz[found])

    def bounds(self, poses: Pose) -> tuple[Array, Array]:
        """Least and greatest corner (k, 3) [m] of the stance at poses (k,) that turn it about the vertical only."""
        outline = np.einsum("kij,pj->kpi", poses.rotation[:, :2, :2], self.stance.outline_m)
        xy, z = poses.position_m[:, :2], poses.position_m[:, 2:]
        low, high = outline.min(axis=1) + xy, outline.max(axis=1) + xy
        return np.concatenate([low, z + self.stance.low_m[2]], axis=1), np.concatenate([high, z + self.stance.height_m], axis=1)

    def free(self, solids: Solid) -> Truth:
        """Which of the pieces (k, n) meet nothing, exactly."""
        low, high = solids.bounds()
        return ~self._hits(solids, meeting(low.min(axis=1)[:, None], high.max(axis=1)[:, None], self._low, self._high))

    def lowered(self, solids: Solid, most_m: float, *, steps: int = 8) -> Array:
        """How far (k,) [m] free pieces (k, n) can sink, `most_m` at most, before they touch something."""
        k = len(solids.centre_m)

        def clear(by: Array) -> Truth:
            return self.free(solids.moved(Pose(np.column_stack([np.zeros((k, 2)), -by]), np.tile((1.0, 0, 0, 0), (k, 1)))))

        low, high = np.zeros(k), np.zeros(k)
        for reach in (0.001, *np.linspace(0.0, most_m, 13)[1:]):  # the first millimetre decides for all that lies flat
            falling = clear(np.full(k, reach)) & (high == low)
            high = np.where(high > low, high, reach)
            low, high = np.where(falling, reach, low), np.where(falling, reach, high)
            if not falling.any():
                break
        for _ in range(steps):
            middle = (low + high) / 2
            free = clear(middle)
            low, high = np.where(free, middle, low), np.where(free, high, middle)
        return low

    def touching(self, solid: Solid) -> Array:
        """About where (c, 2) [m] pieces (n,) would touch what is around if they sank by TOUCH_M: the middles of where boxes meet."""
        sunk = solid.moved(Pose((0.0, 0.0, -TOUCH_M)))
        low, high = sunk.bounds()
        i, j = np.nonzero(meeting(low[:, None], high[:, None], self._low, self._high))
        met = collide(sunk.take(i), self.around.take(j))
        i, j = i[met], j[met]
        return np.asarray((np.maximum(low[i], self._low[j]) + np.minimum(high[i], self._high[j]))[:, :2] / 2)

    def free_m2(self) -> float:
        """About how much of the site [m²] is not covered by anything as low as the thing is high."""
        x, y = (np.linspace(-0.5, 0.5, 41)[:-1] + 0.0125) * np.asarray(self.site.size_m)[:, None]
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        points = points[self.site.holds(points)]
        tall = (self._high[:, 2] > GAP_M) & (self._low[:, 2] < self.stance.height_m)
        covered = np.any(np.all((self._low[tall, :2] < points[:, None]) & (points[:, None] < self._high[tall, :2]), axis=2), axis=1)
        return float((~covered).sum() * self.site.size_m[0] * self.site.size_m[1] / 1600)

    def in_the_way(self, poses: Pose | None = None) -> list[str]:
        """The things that the pieces at poses (k,) meet, by name; of those last tried that would have been as asked, if none are given."""
        poses = self._wished if poses is None else poses
        if poses is None:
            return []
        low, high = self.bounds(poses)
        met = np.flatnonzero(meeting(low[:, None], high[:, None], self._low, self._high).any(axis=0))
        owners = [p.thing.name for p in self._near for _ in range(len(p.solid))]
        return list(dict.fromkeys(owners[i] for i in met))

    def _choose(self, poses: Pose, free: NDArray[np.intp], overhang: bool) -> int | None:
        """The first of the free poses, by number, that does not tip."""
        for i in free.tolist():
            if not overhang or self._bears(poses, i):
                self.tally.free += 1
                return int(i)
            self.tally.tipping += 1
        return None

    def _hits(self, solids: Solid, meets: Truth) -> Truth:
        """Which of the pieces (k, n) meet something, given which obstacles (k, m) come near the whole of each."""
        k, j = np.nonzero(meets)
        low, high = solids.bounds()
        pair, i = np.nonzero(meeting(low[k], high[k], self._low[j][:, None], self._high[j][:, None]))
        k, j = k[pair], j[pair]
        mine = Solid(*[a[k, i] for a in solids.arrays()])
        return any_collide(mine, self.around.take(j), k, len(meets))

    def _on_site(self, poses: Pose, low: Array, high: Array, *, overhang: bool) -> Truth:
        site, k = self.site, len(low)
        if site.endless:
            return np.ones(k, dtype=bool)
        if overhang:
            return site.holds(poses.apply(np.broadcast_to(self.stance.com_m, (k, 3)))[:, :2])
        if not site.round:
            half = np.asarray(site.size_m) / 2 + 1e-9
            return np.asarray(((low[:, :2] >= -half) & (high[:, :2] <= half)).all(axis=1))
        # The outline of contact within the disc, and the middle of the whole: its rim may stand out, as a plate's does.
        feet = np.einsum("kij,fj->kfi", poses.rotation[:, :2, :2], self.stance.contact_m) + poses.position_m[:, None, :2]
        return np.asarray(site.holds(feet).all(axis=1) & site.holds((low + high)[:, :2] / 2))

    def _bears(self, poses: Pose, i: int) -> bool:
        pose = Pose(poses.position_m[i], poses.quat_wxyz[i])
        turn, outline = pose.rotation[:2, :2], self.site.outline()
        carried = [clip(foot @ turn.T + pose.position_m[:2], outline) for foot in self.stance.feet_m]
        width = float(min(self.stance.high_m[:2] - self.stance.low_m[:2]))
        inside = within_m(hull(np.concatenate(carried)), pose.apply(self.stance.com_m)[:2])
        return inside >= min(0.15 * width, 0.02)


def _repeated(pose: Pose, k: int) -> Pose:
    return Pose(np.broadcast_to(pose.position_m, (k, 3)), np.broadcast_to(pose.quat_wxyz, (k, 4)))


def _taken(poses: Pose, which: NDArray[np.intp]) -> Pose:
    return Pose(poses.position_m[which], poses.quat_wxyz[which])
