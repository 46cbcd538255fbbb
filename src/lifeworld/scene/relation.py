"""Whether a relation holds, or why not; and how deep two things are in each other.

Frame of a thing: +X its right, −Y its front. `left_of` a sofa is at its −X side, as somebody sees it who stands before it and
looks at it. A thing without a front (a mug, a ball) takes left and right from what carries it, or from the world. A relation with
`frame_yaw_deg` is seen in that frame instead.

    on          the lowest point it has over a surface of the other is within 5 mm of it, its centre of mass over that surface
    in          the lowest point it has over a container of the other is in it, its centre of mass over that container (+ an eighth)
    … spot      of where it can be on that surface its middle is in the middle third, an outer third, or a quarter from the edge
    under       its centre is in the other's outline and a part of the other is above it; before a wall, if that hangs there
    above       its bottom is over the other's top, its middle over the other or within 30 cm of that
    beside      its bottom is on the other's level (± 3 cm), sideways no farther than half the longer of the two
    near        no farther than the longer of the two is long (0.25 to 1.5 m); far_from: farther
    left_of …   it is past that side of the other (± 1 cm), and no more aside than far
    between     its middle is in the outline around both, over neither, on a level with one of them
    against     a side of the other goes up along it, within 6 cm
    around      beside, and what has a front faces the other (± 15°)
    facing      its front points to the other's centre, ± 15°, seen from above
    aligned_with  its middle and the other's are in one row, and it is turned as the other is, or by quarters (± 5°)

The numbers stand in `measure.py`; a `distance_m` is kept to 1 cm or a tenth.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.core.pose import Pose
from lifeworld.scene.aside import Aside, aside
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Site, body_of
from lifeworld.scene.carry import carried
from lifeworld.scene.check import CARRYING
from lifeworld.scene.convex import Solid, collide, depth_m, meeting
from lifeworld.scene.measure import gaps_m, off_facing_rad
from lifeworld.scene.room import Placed, Room, ground_site
from lifeworld.scene.scene import Relation, Scene, Thing

Array = NDArray[np.float64]
Assets = Mapping[str, Assembly]


def holds(relation: Relation, scene: Scene, *, thing: str, assets: Assets | None = None) -> bool:
    """Whether a relation of `thing` is true of the poses the scene has."""
    return why_not(relation, scene, thing=thing, assets=assets) is None


def why_not(relation: Relation, scene: Scene, *, thing: str, assets: Assets | None = None) -> str | None:
    """What keeps a relation from being true, in words; None when it is true.

    Raises:
        UnknownName: if the scene has no such thing, or its kind does not exist.
    """
    return why_not_in(Room(_around(scene, {thing, *relation.targets}), assets), relation, scene.thing(thing))


def why_not_in(room: Room, relation: Relation, thing: Thing) -> str | None:
    """As `why_not`, in a room that is there already."""
    for name in (thing.name, *relation.targets):
        if name not in room.placed:
            return f"{name!r} has no pose yet"
    placed, other = room[thing.name], room[relation.thing]
    if relation.kind in CARRYING:
        return _not_carried(room, relation, placed, other)
    asked = aside(room, placed.body, relation, ground_site())
    low, high = placed.bounds_in(asked.frame)
    pose = asked.frame_from_site @ placed.pose
    if asked.fits(low[None], high[None], Pose(pose.position_m[None], pose.quat_wxyz[None]))[0]:
        return None
    return _told(relation, asked, low, high, pose)


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


def _told(relation: Relation, asked: Aside, low: Array, high: Array, pose: Pose) -> str:
    """What keeps a relation from being true of a box (3,) to (3,) [m] at a pose in the frame it is asked in."""
    if relation.kind == "facing":
        middle = (asked.other_m[0] + asked.other_m[1]) / 2
        turn = off_facing_rad(pose.position_m[None], pose.rotation[None], middle)[0]
        return f"its front points {np.rad2deg(turn):.0f}° past {relation.thing!r}"
    if relation.kind == "under":
        return f"{relation.thing!r} is not above it"
    whom = " and ".join(repr(name) for name in relation.targets)
    if relation.distance_m is not None or relation.kind in ("near", "far_from"):
        gap = gaps_m(*asked.other_m, low[None], high[None])[0]
        return f"it is not {relation.kind.replace('_', ' ')} {whom}{_by(relation)}, but {gap:.2g} m away"
    return f"it is not {relation.kind.replace('_', ' ')} {whom}"


def _by(relation: Relation) -> str:
    return f" by {relation.distance_m:g} m" if relation.distance_m is not None else ""


def _not_carried(room: Room, relation: Relation, placed: Placed, other: Placed) -> str | None:
    sort = "surface" if relation.kind == "on" else "container"
    sites = [s for s in other.sites(sort) if relation.surface in (None, s.name)]
    if not sites:
        return f"{relation.thing!r} has no {sort}" + (f" {relation.surface!r}" if relation.surface else "")
    told = []
    for site in sites:
        gives = other.body.size_m[2] if other.body.soft and relation.kind == "on" else 0.0
        bottom, fits, over = carried(placed.body, site, site.pose.inverse() @ placed.pose, gives_m=gives)
        if fits and over and _is_at(room, relation, placed, site):
            return None
        what = f"{site.name!r} of {relation.thing!r}" if relation.kind == "on" else f"the bottom of {site.name!r} of {relation.thing!r}"
        if fits and over:
            told.append((-1.0, f"it is not at the {str(relation.spot).replace('_', ' ')} of {what}"))
        elif fits:
            told.append((0.0, f"its centre is not over {what}"))
        else:
            told.append((abs(bottom), f"its bottom is {abs(bottom) * 1000:.0f} mm {'above' if bottom > 0 else 'below'} {what}"))
    return min(told)[1]


def _is_at(room: Room, relation: Relation, placed: Placed, site: Site) -> bool:
    """Whether it is in the part of the site that is asked for."""
    asked = aside(room, placed.body, relation, site)
    low, high = placed.bounds_in(site.pose)
    return bool(asked.fits(low[None], high[None], Pose(np.zeros((1, 3)), np.array([[1.0, 0.0, 0.0, 0.0]])))[0])


def _around(scene: Scene, names: set[str]) -> Scene:
    """The scene with only these things and what carries them: enough to tell how they are to each other."""
    known = {t.name: t for t in scene.things}
    wanted: dict[str, Thing] = {}
    queue = [scene.thing(name) for name in sorted(names)]
    while queue:
        thing = queue.pop()
        if thing.name not in wanted:
            wanted[thing.name] = thing
            queue += [known[name] for name in thing.relation_targets]
    return Scene(name="around", ground=scene.ground, things=tuple(t for t in scene.things if t.name in wanted), assets=scene.assets)
