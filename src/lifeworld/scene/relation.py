"""What on, in, under, beside, left of, facing … mean in metres, and whether they hold; and how deep two things are in each other.

Frame of a thing: +X its right, −Y its front. `left_of` a sofa is at its −X side, as somebody sees it who stands before it and
looks at it. A thing without a front (a mug, a ball) takes left and right from what carries it, or from the world.

    on         the lowest point it has over a surface of the other is within 5 mm of it, its centre of mass over that surface
    in         the lowest point it has over a container of the other is in it, its centre of mass over that container (+ an eighth)
    under      its centre is over the other's outline and a part of the other is above it
    beside     its bottom is on the other's level (± 3 cm), sideways no farther than half the longer of the two
    left_of …  it is past that side of the other (± 1 cm), and no more aside than far
    facing     its front points to the other's centre, ± 15°, seen from above
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import body_of
from lifeworld.scene.carry import ON_M, carried
from lifeworld.scene.convex import Solid, collide, depth_m, meeting
from lifeworld.scene.room import NEAR_M, Placed, Room
from lifeworld.scene.scene import Relation, RelationKind, Scene, Thing

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]
Assets = Mapping[str, Assembly]

SPARE_M = 0.01
FACING_RAD = float(np.deg2rad(15.0))
SIDES: dict[str, tuple[int, int]] = {"left_of": (0, -1), "right_of": (0, 1), "in_front_of": (1, -1), "behind": (1, 1)}
"""Which axis of the other's frame, and which way along it."""


def holds(relation: Relation, scene: Scene, *, thing: str, assets: Assets | None = None) -> bool:
    """Whether a relation of `thing` is true of the poses the scene has."""
    return why_not(relation, scene, thing=thing, assets=assets) is None


def why_not(relation: Relation, scene: Scene, *, thing: str, assets: Assets | None = None) -> str | None:
    """What keeps a relation from being true, in words; None when it is true.

    Raises:
        UnknownName: if the scene has no such thing, or its kind does not exist.
    """
    return why_not_in(Room(_around(scene, {thing, relation.thing}), assets), relation, scene.thing(thing))


def why_not_in(room: Room, relation: Relation, thing: Thing) -> str | None:
    """As `why_not`, in a room that is there already."""
    for name in (thing.name, relation.thing):
        if name not in room.placed:
            return f"{name!r} has no pose yet"
    placed, other = room[thing.name], room[relation.thing]
    if relation.kind in ("on", "in"):
        return _not_carried(relation, placed, other)
    if relation.kind == "facing":
        turn = off_facing_rad(placed.pose.position_m[None], placed.pose.rotation[None], _middle(other))[0]
        return None if turn <= FACING_RAD else f"its front points {np.rad2deg(turn):.0f}° past {relation.thing!r}"
    frame = room.frame(relation.thing)
    low, high = placed.bounds_in(frame)
    if relation.kind == "under":
        return None if is_under(other.solid.moved(frame.inverse()), low[None], high[None])[0] else f"{relation.thing!r} is not above it"
    fits = is_aside(relation.kind, *other.bounds_in(frame), low[None], high[None])[0]
    return None if fits else f"it is not {relation.kind.replace('_', ' ')} {relation.thing!r}"


def is_aside(kind: RelationKind, low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes (n, 3) are beside, left of … a box (3,), or each its own (n, 3); all bounds [m] in the frame of the latter."""
    if kind == "beside":
        gaps = np.maximum(np.maximum(low_m - highs_m, lows_m - high_m), 0.0)[:, :2]
        centre = (lows_m + highs_m)[:, :2] / 2
        outside = ((centre < low_m[..., :2]) | (centre > high_m[..., :2])).any(axis=1)
        level = np.abs(lows_m[:, 2] - low_m[..., 2]) <= NEAR_M
        return np.asarray(outside & level & (np.linalg.norm(gaps, axis=1) <= beside_reach_m(low_m, high_m, lows_m, highs_m)))
    axis, way = SIDES[kind]
    gap = lows_m[:, axis] - high_m[..., axis] if way > 0 else low_m[..., axis] - highs_m[:, axis]
    across = 1 - axis
    off = np.abs((lows_m + highs_m)[:, across] - (low_m + high_m)[..., across]) / 2
    far = np.abs((lows_m + highs_m)[:, axis] - (low_m + high_m)[..., axis]) / 2
    widths = ((highs_m - lows_m)[:, across] + (high_m - low_m)[..., across]) / 2
    return np.asarray((gap >= -SPARE_M) & (off <= np.maximum(widths, far)))


def beside_reach_m(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Array:
    """How far (n,) [m] beside goes: half the longest side of the two, and never less than 15 cm."""
    longest = np.maximum((highs_m - lows_m)[:, :2].max(axis=1), (high_m - low_m)[..., :2].max(axis=-1))
    return np.asarray(np.maximum(0.5 * longest, 0.15))


def is_under(other: Solid, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes (n, 3) [m] have pieces of the other above their middles."""
    low, high = other.bounds()
    return np.asarray(is_below(low, high, lows_m[:, None], highs_m[:, None]).any(axis=1))


def is_below(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes [m] have a box above their middles, arrays (..., 3) broadcasting."""
    middle = (lows_m + highs_m)[..., :2] / 2
    over = ((low_m[..., :2] <= middle) & (middle <= high_m[..., :2])).all(axis=-1)
    return np.asarray(over & (low_m[..., 2] >= highs_m[..., 2] - ON_M))


def off_facing_rad(positions_m: Array, rotations: Array, target_m: Array) -> Array:
    """The angle (n,) [rad], seen from above, between the fronts of poses (n, 3) with (n, 3, 3) and the way to a point (3,)."""
    front = -rotations[:, :2, 1]
    way = target_m[:2] - positions_m[:, :2]
    cross = front[:, 0] * way[:, 1] - front[:, 1] * way[:, 0]
    turn = np.abs(np.arctan2(cross, (front * way).sum(axis=1)))
    return np.where(np.linalg.norm(way, axis=1) < SPARE_M, np.pi, turn)


def overlap_m(a: Thing, b: Thing, *, assets: Assets | None = None) -> float:
    """How deep [m] two placed things are in each other: the least way to push one out of the deepest pair of their pieces; 0 if apart.

    Exact for boxes and balls; for other shapes at most a tenth too deep.

    Raises:
        SceneError: if one has no pose.
    """
    solids = []
    for thing in (a, b):
        if thing.pose is None:
            raise SceneError("a thing without a pose meets nothing", where=f"thing {thing.name!r}", fix="Place the scene first.")
        solids.append(body_of(thing, assets or {}).solid.moved(thing.pose))
    return pieces_overlap_m(solids[0], solids[1])


def collisions(scene: Scene, *, over_m: float = 0.0005, assets: Assets | None = None) -> list[tuple[str, str, float]]:
    """Pairs of placed things that are in each other by more than `over_m` [m], with the depth, deepest first."""
    room = Room(scene, assets)
    seen: set[str] = set()
    found = []
    for name, placed in room.placed.items():
        seen.add(name)
        low, high = placed.bounds_m
        for other in room.near(low, high, but=seen):
            depth = pieces_overlap_m(placed.solid, other.solid)
            if depth > over_m:
                found.append((name, other.thing.name, depth))
    return sorted(found, key=lambda f: -f[2])


def pieces_overlap_m(a: Solid, b: Solid) -> float:
    """The depth [m] of the deepest pair of pieces (n,) and (m,); 0 when all are apart."""
    (low_a, high_a), (low_b, high_b) = a.bounds(), b.bounds()
    i, j = np.nonzero(meeting(low_a[:, None], high_a[:, None], low_b, high_b))
    if not len(i):
        return 0.0
    left, right = a.take(i), b.take(j)
    hit = np.flatnonzero(collide(left, right))
    if not len(hit):
        return 0.0
    left, right = left.take(hit), right.take(hit)
    depth = depth_m(left, right)
    hulls = np.flatnonzero(left.hull | right.hull)
    for k in hulls:
        depth[k] = min(depth[k], _hull_depth_m(left.take(hulls[hulls == k]), right.take(hulls[hulls == k])))
    return float(depth.max(initial=0.0))


def _hull_depth_m(a: Solid, b: Solid) -> float:
    """The depth [m] of one pair of pieces with true corners: the least shadow overlap over directions, found by walking downhill."""
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, 7)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid[np.abs(grid).max(axis=1) > 0.99]
    lines = np.concatenate([grid, a.axes[0].T, b.axes[0].T, -a.axes[0].T, -b.axes[0].T])
    lines = lines / np.linalg.norm(lines, axis=1, keepdims=True)

    def shadow(directions: Array) -> tuple[Array, Array]:
        many = np.zeros(len(directions), dtype=np.intp)
        reach = a.take(many).support(directions) - b.take(many).support(-directions)
        return np.einsum("ki,ki->k", reach, directions), reach

    depth, reach = shadow(lines)
    best = np.argsort(depth)[:8]
    lines, depth, reach = lines[best], depth[best], reach[best]
    step = np.full(len(lines), 0.3)
    for _ in range(40):
        slope = reach - np.einsum("ki,ki->k", reach, lines)[:, None] * lines  # downhill on the sphere
        slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
        tried = lines - step[:, None] * slope
        tried /= np.linalg.norm(tried, axis=1, keepdims=True)
        new, new_reach = shadow(tried)
        better = new < depth
        lines, depth, reach = (
            np.where(better[:, None], tried, lines),
            np.where(better, new, depth),
            np.where(better[:, None], new_reach, reach),
        )
        step = np.where(better, step * 1.2, step * 0.6)
    return max(float(depth.min()), 0.0)


def _not_carried(relation: Relation, placed: Placed, other: Placed) -> str | None:
    sort = "surface" if relation.kind == "on" else "container"
    sites = [s for s in other.sites(sort) if relation.surface in (None, s.name)]
    if not sites:
        return f"{relation.thing!r} has no {sort}" + (f" {relation.surface!r}" if relation.surface else "")
    told = []
    for site in sites:
        gives = other.body.size_m[2] if other.body.soft and relation.kind == "on" else 0.0
        bottom, fits, over = carried(placed.body, site, site.pose.inverse() @ placed.pose, gives_m=gives)
        if fits and over:
            return None
        what = f"{site.name!r} of {relation.thing!r}" if relation.kind == "on" else f"the bottom of {site.name!r} of {relation.thing!r}"
        if fits:
            told.append((0.0, f"its centre is not over {what}"))
        else:
            told.append((abs(bottom), f"its bottom is {abs(bottom) * 1000:.0f} mm {'above' if bottom > 0 else 'below'} {what}"))
    return min(told)[1]


def _middle(placed: Placed) -> Array:
    low, high = placed.bounds_m
    return np.asarray((low + high) / 2)


def _around(scene: Scene, names: set[str]) -> Scene:
    """The scene with only these things and what carries them: enough to tell how they are to each other."""
    known = {t.name: t for t in scene.things}
    wanted: dict[str, Thing] = {}
    queue = [scene.thing(name) for name in sorted(names)]
    while queue:
        thing = queue.pop()
        if thing.name not in wanted:
            wanted[thing.name] = thing
            queue += [known[r.thing] for r in thing.relations]
    return Scene(name="around", ground=scene.ground, things=tuple(t for t in scene.things if t.name in wanted), assets=scene.assets)
