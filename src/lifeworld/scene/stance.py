"""The ways to set a thing down: upright, on another of its sides, or leaning; what it then touches and whether that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.body import Body
from lifeworld.scene.convex import Solid
from lifeworld.scene.footprint import hull, within_m

Array = NDArray[np.float64]

TOUCH_M = 0.0015
"""Points this little above the lowest one carry too."""
LEAST_TIP = 0.07
"""On another side than its own, a thing must bear to be tipped this far (tangent of the angle)."""

ROUND = 0.9
"""Whose outline comes this near to a circle is round: a square has 0.71."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stance:
    """A body turned by `pose` (stance_from_thing), its lowest point at z = 0; `feet_m` outline (k, 2) the pieces it touches with,

    `contact_m` all those together, and `outline_m` the whole thing, seen from above.
    """

    pose: Pose
    solid: Solid
    com_m: Array
    low_m: Array
    high_m: Array
    feet_m: tuple[Array, ...]
    contact_m: Array
    outline_m: Array
    upright: bool

    @property
    def height_m(self) -> float:
        return float(self.high_m[2])

    @property
    def stable(self) -> bool:
        """Whether it keeps standing so on a level place. Upright, balls and what rolls are taken for stable: they rest on a point."""
        inside = within_m(self.contact_m, self.com_m[:2])
        return inside >= -TOUCH_M if self.upright else inside >= LEAST_TIP * float(self.com_m[2])


@lru_cache(maxsize=1024)
def upright(body: Body) -> Stance:
    """As its kind stands."""
    return _stance(body, np.eye(3), upright=True)


@lru_cache(maxsize=1024)
def has_heading(body: Body) -> bool:
    """Whether it shows how it is turned: it has a front, or is not round as seen from above."""
    away = np.linalg.norm(upright(body).outline_m - body.low_m[:2] / 2 - body.high_m[:2] / 2, axis=1)
    return body.has_front or bool(away.min() < ROUND * away.max())


def sides(body: Body) -> Iterator[Stance]:
    """The five other sides, the lowest first, each with the middle of its box over the origin."""
    x, y, z = np.eye(3)
    turns = [np.column_stack(c) for c in ((y, z, x), (-y, -z, x), (x, z, -y), (x, -z, y), (x, -y, -z))]
    turns.sort(key=lambda t: float((np.abs(t) @ body.size_m)[2]))
    for turn in turns:
        yield _stance(body, turn, upright=False)


def upended(body: Body) -> tuple[Array, Array]:
    """Rotations (2, 3, 3) that put the longest side upright, heavy end down first, and the thinnest along x: the starts of leaning.

    Leaning to +x then shows its top to the bottom: bent as spoons and forks are, they lie better on that side.
    """
    thin, _, long = np.argsort(body.size_m, kind="stable")
    turns = []
    for way in (1.0, -1.0):
        turn = np.zeros((3, 3))
        turn[2, long], turn[0, thin] = way, -1.0
        turn[1] = np.cross(turn[2], turn[0])
        turns.append(turn)
    middle = (body.low_m + body.high_m) / 2
    if (turns[0] @ (body.com_m - middle))[2] > 0:
        turns.reverse()
    return turns[0], turns[1]


def _stance(body: Body, turn: Array, *, upright: bool) -> Stance:
    turned = Pose((0, 0, 0), quat_from_matrix(turn))
    low, high = (f(b, axis=0) for f, b in zip((np.min, np.max), body.solid.moved(turned).bounds(), strict=True))
    # Upright keeps the thing's own origin, so that a spot asked for is where its origin comes to be.
    shift = np.array([0.0, 0.0, -low[2]]) if upright else np.array([*(-(low + high)[:2] / 2), -low[2]])
    pose = Pose(shift, turned.quat_wxyz)
    solid = body.solid.moved(pose)
    each = feet(solid)
    return Stance(
        pose=pose,
        solid=solid,
        com_m=pose.apply(body.com_m),
        low_m=low + shift,
        high_m=high + shift,
        feet_m=each,
        contact_m=hull(np.concatenate(each)),
        outline_m=outline(solid),
        upright=upright,
    )


def feet(solid: Solid) -> tuple[Array, ...]:
    """The outlines (k, 2) [m] with which pieces (n,) touch a level place under them, one a piece: points within TOUCH_M of the lowest."""
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    # A little aside of straight down, so that flat bottoms show their corners and rims.
    down = np.column_stack([0.02 * np.cos(angles), 0.02 * np.sin(angles), np.full(16, -1.0)])
    n = len(solid)
    points = solid.take(np.repeat(np.arange(n), 16)).support(np.tile(down, (n, 1))).reshape(n, 16, 3)
    low = points[..., 2] <= points[..., 2].min() + TOUCH_M
    return tuple(hull(points[i, low[i], :2]) for i in np.flatnonzero(low.any(axis=1)))


def outline(solid: Solid, *, directions: int = 64) -> Array:
    """The convex outline (k, 2) [m] of pieces (n,) seen from above; round ones by a polygon around them."""
    angles = np.linspace(0, 2 * np.pi, directions, endpoint=False) + 0.01  # no box edge lies along one of these
    around = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(directions)])
    n = len(solid)
    every = np.repeat(np.arange(n), directions)
    points = solid.take(every).support(np.tile(around, (n, 1)))[:, :2]
    centre = solid.centre_m[every, :2]
    is_round = np.any(solid.round_m > 0, axis=1)
    grown = np.where(is_round, 1 / np.cos(np.pi / directions), 1.0)
    return hull(centre + (points - centre) * grown[every, None])
