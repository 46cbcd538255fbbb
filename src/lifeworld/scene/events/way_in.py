"""Where something can come in: poses at which it meets nothing, and ways along which nothing is in the way.

Judged by the same convex pieces by which things are placed; bodies of agents are kept clear of by a ball around where they began.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.body import Body, body_of
from lifeworld.scene.convex import Solid
from lifeworld.scene.events.draw import Draw, vec3
from lifeworld.scene.possible import is_fixed
from lifeworld.scene.relation import pieces_overlap_m
from lifeworld.scene.scene import Thing

Array = NDArray[np.float64]
AGENT_M = {"hand": 0.2, "pusher": 0.15, "walker": 0.45, "robot": 0.8}
"""How far from where an agent's body stands something may not come in."""
STEP_M = 0.08
"""How far apart on a way it is tried whether something is in it."""


def is_free(draw: Draw, body: Body, pose: Pose, *, margin_m: float = 0.005, but: Collection[str] = ()) -> bool:
    """Whether a body at a pose (world_from_thing) meets nothing: no thing, not the ground, no agent."""
    solid = body.solid.moved(pose)
    low, high = (f(b, axis=0) for f, b in zip((np.min, np.max), solid.bounds(), strict=True))
    if draw.scene.ground is not None and low[2] < 0.0:
        return False
    for agent in draw.scene.embodiments:
        reach = AGENT_M.get(agent.kind)
        if reach is not None and np.linalg.norm(np.clip(agent.pose.position_m, low, high) - agent.pose.position_m) < reach:
            return False
    grown = _grown(solid, margin_m)
    return not any(pieces_overlap_m(grown, other.solid) > 0.0 for other in draw.room.near(low - margin_m, high + margin_m, but=but))


def is_way_free(draw: Draw, body: Body, poses: Sequence[Pose], *, margin_m: float = 0.01, but: Collection[str] = ()) -> bool:
    """Whether a body meets nothing along poses one after the other."""
    return all(is_free(draw, body, pose, margin_m=margin_m, but=but) for pose in poses)


def straight(start_m: Array, end_m: Array, yaw_rad: float = 0.0) -> list[Pose]:
    """Upright poses from one place (3,) to another, close enough to each other that nothing slips through between them."""
    length = float(np.linalg.norm(end_m - start_m))
    count = max(2, math.ceil(length / STEP_M) + 1)
    return [Pose.from_yaw(start_m + (end_m - start_m) * s, yaw_rad) for s in np.linspace(0.0, 1.0, count)]


def flight(start_m: Array, velocity_m_s: Array, g_m_s2: float, duration_s: float, yaw_rad: float = 0.0) -> list[Pose]:
    """Where something thrown is on its way, upright."""
    steps = max(2, math.ceil(float(np.linalg.norm(velocity_m_s)) * duration_s / STEP_M))
    fall = np.array([0.0, 0.0, -0.5 * g_m_s2])
    return [Pose.from_yaw(start_m + velocity_m_s * t + fall * t * t, yaw_rad) for t in np.linspace(0.0, duration_s, steps)]


def new_body(draw: Draw, thing: Thing) -> Body:
    """The body of a thing that is to come in."""
    return body_of(thing, draw.assets)


def let_go(thing: Thing, body: Body, pose: Pose, velocity_m_s: Array, spin_rad_s: Array) -> Thing:
    """A thing let go at a pose with the velocity (3,) of its middle and its spin (3,), world frame; a thing's own is that of its origin."""
    arm = pose.apply(body.com_m) - pose.position_m
    origin = velocity_m_s - np.cross(spin_rad_s, arm)
    return replace(thing, pose=pose, linear_velocity_m_s=vec3(origin), angular_velocity_rad_s=vec3(spin_rad_s))


def colored(draw: Draw, thing: Thing) -> Thing:
    """The thing in one of the colours of its kind."""
    colors = archetype.kind(thing.kind).colors
    return replace(thing, color=draw.one_of(*colors)) if colors else thing


def floor_m(draw: Draw) -> float:
    """How high [m] the floor is on which people stand: that of the lowest room, else the ground."""
    floors = [p.floor.pose.position_m[2] for p in draw.room.placed.values() if p.floor is not None]
    return float(min(floors, default=0.0))


def is_on_floor(draw: Draw, place_m: Array) -> bool:
    """Whether a place is over the ground, or inside one of the rooms where there are rooms."""
    floors = [p.floor for p in draw.room.placed.values() if p.floor is not None]
    if not floors:
        return draw.scene.ground is not None
    return any(bool(site.holds(site.pose.inverse().apply(place_m)[None, :2])[0]) for site in floors)


def is_seen(draw: Draw, point_m: Array) -> bool:
    """Whether a point lies in what one of the cameras that stand by themselves looks at, however much is before it; with none, always."""
    standing = [c for c in draw.scene.cameras if c.attach is None]
    for camera in standing:
        x, y, z = camera.pose.inverse().apply(point_m)
        half = math.tan(math.radians(camera.fov_y_deg) / 2)
        if z > 0.1 and abs(y) < half * z and abs(x) < half * z * camera.width_px / camera.height_px:
            return True
    return not standing


def amid_m(draw: Draw) -> Array:
    """The middle (3,) [m] of all that is free; of all there is, if nothing is."""
    free = [p for p in draw.room.placed.values() if not is_fixed(p.thing)]
    some = free or list(draw.room.placed.values())
    return np.mean([p.com_m for p in some], axis=0) if some else np.zeros(3)


def leaves_m(low_m: Array, high_m: Array, point_m: Array, way: Array) -> float:
    """How far [m] it is from a point in a box to where one leaves it along a level way."""
    ends = np.where(way > 0, high_m, low_m)
    return min(float((ends[i] - point_m[i]) / way[i]) if abs(way[i]) > 1e-6 else math.inf for i in (0, 1))


def to_side_m(size_m: Array, way: Array) -> float:
    """How far [m] from its middle a box of some size ends along a level way."""
    return min(float(size_m[i]) / 2 / abs(float(way[i])) if abs(way[i]) > 1e-6 else math.inf for i in (0, 1))


def _grown(solid: Solid, margin_m: float) -> Solid:
    """The pieces, larger by a margin to all sides."""
    hull = solid.hull[:, None]
    stretched = solid.corners_m * (1.0 + margin_m / np.maximum(solid.half_m, 1e-3))[:, None, :]
    return replace(solid, round_m=np.where(hull, solid.round_m, solid.round_m + margin_m), corners_m=stretched)
