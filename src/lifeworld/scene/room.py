"""The things of a scene that have a pose, as bodies in the world: who stands where, and what is near."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body, Site, body_of
from lifeworld.scene.check import CARRYING, is_asset
from lifeworld.scene.convex import Solid
from lifeworld.scene.scene import Scene, Thing

Array = NDArray[np.float64]
NEAR_M = 0.03
"""Bottoms this much apart in height still count as one level."""
FLOOR = "floor"
"""What the surface inside of a room is called."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A thing where it stands: its body, moved by its pose."""

    thing: Thing
    body: Body
    pose: Pose
    _seen_in: dict[Pose, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    @cached_property
    def solid(self) -> Solid:
        return self.body.solid.moved(self.pose)

    @cached_property
    def bounds_m(self) -> tuple[Array, Array]:
        """Least and greatest corner (3,) [m], world frame."""
        low, high = self.solid.bounds()
        return low.min(axis=0), high.max(axis=0)

    @property
    def com_m(self) -> Array:
        return self.pose.apply(self.body.com_m)

    def piece_bounds_in(self, frame: Pose) -> tuple[Array, Array]:
        """Least and greatest corner (n, 3) [m] of each piece in a frame given as world_from_frame; kept for the next who asks."""
        if frame not in self._seen_in:
            self._seen_in[frame] = self.solid.moved(frame.inverse()).bounds()
        return self._seen_in[frame]

    def bounds_in(self, frame: Pose) -> tuple[Array, Array]:
        """Least and greatest corner (3,) [m] in a frame given as world_from_frame."""
        low, high = self.piece_bounds_in(frame)
        return low.min(axis=0), high.max(axis=0)

    def sites(self, sort: str) -> tuple[Site, ...]:
        """Its surfaces or containers, in the world."""
        own = self.body.surfaces if sort == "surface" else self.body.containers
        return tuple(replace(site, pose=self.pose @ site.pose) for site in own)

    @property
    def built(self) -> bool:
        """Whether it is part of the building: a wall, a room, a door."""
        return not is_asset(self.thing) and archetype.kind(self.thing.kind).category in ("structure", "opening")

    @property
    def hangs(self) -> bool:
        """Whether it is fixed on a wall, or in one: what is under it stands before it."""
        if is_asset(self.thing):
            return False
        kind = archetype.kind(self.thing.kind)
        return kind.hangs_m is not None or kind.category == "opening"

    @property
    def floor(self) -> Site | None:
        """The floor inside of it, in the world, if it is a room of its own."""
        return next((site for site in self.sites("surface") if site.name == FLOOR), None)


class Room:
    """The placed things of a scene, by name. Grows while things are placed; belongs to one search and is never shared."""

    def __init__(self, scene: Scene, assets: Mapping[str, Assembly] | None = None) -> None:
        self.scene = scene
        self._assets = assets or {}
        self._things = {t.name: t for t in scene.things}
        self.placed: dict[str, Placed] = {}
        self._low, self._high = np.zeros((0, 3)), np.zeros((0, 3))
        for thing in scene.things:
            if thing.pose is not None:
                self.put(thing, thing.pose)

    def body(self, thing: Thing) -> Body:
        return body_of(thing, self._assets)

    def put(self, thing: Thing, pose: Pose) -> Placed:
        """Let the thing stand at `pose` from now on."""
        placed = Placed(thing, self.body(thing), pose)
        self.take_away(thing.name)
        self.placed[thing.name] = placed
        low, high = placed.bounds_m
        self._low, self._high = np.vstack([self._low, low]), np.vstack([self._high, high])
        return placed

    def take_away(self, name: str) -> None:
        """Forget where a thing stands, if it stands anywhere."""
        if name in self.placed:
            row = list(self.placed).index(name)
            del self.placed[name]
            self._low, self._high = np.delete(self._low, row, axis=0), np.delete(self._high, row, axis=0)

    def __getitem__(self, name: str) -> Placed:
        if name not in self.placed:
            raise UnknownName("placed thing", name, self.placed)
        return self.placed[name]

    def near(self, low_m: Array, high_m: Array, *, but: Collection[str] = ()) -> list[Placed]:
        """The things whose bounds meet a box (3,) to (3,) [m] in the world."""
        meets = np.asarray(((self._low <= high_m) & (low_m <= self._high)).all(axis=1)).tolist()
        return [p for p, m in zip(self.placed.values(), meets, strict=True) if m and p.thing.name not in but]

    def frame(self, name: str) -> Pose:
        """world_from_frame of left, right, front and behind of a thing: upright, at its place, turned as its front is.

        What has no front (a mug, a ball) has the frame of what it stands on; on the ground, that of the world.
        """
        placed = self[name]
        turned, seen = placed, {name}
        while not turned.body.has_front:
            carrier = next((r.thing for r in turned.thing.relations if r.kind in CARRYING and r.thing in self.placed), None)
            if carrier is None or carrier in seen:
                return Pose(placed.pose.position_m)
            seen.add(carrier)
            turned = self.placed[carrier]
        return Pose.from_yaw(placed.pose.position_m, heading_rad(turned.pose))

    def support(self, name: str) -> Site | None:
        """The world site a thing stands on: by its relations, else the first surface or ground just under it; None when it hangs."""
        placed = self[name]
        for relation in placed.thing.relations:
            if relation.kind in CARRYING and relation.thing in self.placed:
                sort = "surface" if relation.kind == "on" else "container"
                sites = self.placed[relation.thing].sites(sort)
                named = [s for s in sites if relation.surface in (None, s.name)]
                if named:
                    return min(named, key=lambda s: abs(self._above(placed, s)))
        bottom = placed.bounds_m[0][2]
        if self.scene.ground is not None and abs(bottom) < NEAR_M:
            return ground_site()
        for other in self.placed.values():
            if other.thing.name != name:
                for site in other.sites("surface"):
                    over = bool(site.holds(site.pose.inverse().apply(placed.com_m)[None, :2])[0])
                    if over and abs(self._above(placed, site)) < NEAR_M:
                        return site
        return None

    def _above(self, placed: Placed, site: Site) -> float:
        return float(placed.bounds_in(site.pose)[0][2])


def heading_rad(pose: Pose) -> float:
    """The angle [rad] about +Z of a pose's X axis as seen from above (of its Y axis when X points up)."""
    x, y = pose.rotation[:, 0], pose.rotation[:, 1]
    return float(np.arctan2(x[1], x[0]) if np.hypot(x[0], x[1]) > 0.1 else np.arctan2(-y[0], y[1]))


def ground_site() -> Site:
    """The ground, without end."""
    return Site(name="ground", sort="ground", pose=Pose(), size_m=(np.inf, np.inf), height_m=np.inf)
