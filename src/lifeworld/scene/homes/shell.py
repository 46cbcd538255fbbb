"""The building of a plan: walls around their openings, doors and windows in them. All of it is fixed and stands exactly where it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from lifeworld.core.pose import Pose
from lifeworld.scene.homes.plan import HEIGHT_M, WALL_M, Opening, Plan, RoomPlan, WallPlan
from lifeworld.scene.homes.style import Style
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3

AIR_M = 0.02
"""How much larger an opening is than what stands in it."""
AJAR_RAD = 1.5
"""How far an inner door stands open when it does."""
LONGEST_M = 11.0
"""Of a piece of wall; the kinds with openings are made up to 12 m."""
EDGE_M = 0.08
"""Wall that the kinds with openings keep at each end (`structure.placed`)."""


def shell(plan: Plan, style: Style, rng: Generator) -> list[tuple[str, Thing]]:
    """(base name, thing) of every wall, door and window."""
    out: list[tuple[str, Thing]] = []
    for wall in plan.walls:
        out += [("wall", _segment(wall, low, high, opening, style)) for low, high, opening in _pieces(wall)]
        out += [(o.sort, _filling(plan, wall, o, style, rng)) for o in wall.openings]
    return out


def _pieces(wall: WallPlan) -> Iterator[tuple[float, float, Opening | None]]:
    """The wall from end to end in pieces (from, to, opening) with one opening at most, none longer than walls are made."""
    cuts = [wall.ends_m[0], *((a.span_m[1] + b.span_m[0]) / 2 for a, b in pairwise(wall.openings)), wall.ends_m[1]]
    for i, (low, high) in enumerate(pairwise(cuts)):
        opening = wall.openings[i] if i < len(wall.openings) else None
        # What is too long is cut beside the opening, where most of it is plain.
        while high - low > LONGEST_M:
            if opening is None or opening.at_m > (low + high) / 2:
                yield low, low + LONGEST_M / 3, None
                low += LONGEST_M / 3
            else:
                yield high - LONGEST_M / 3, high, None
                high -= LONGEST_M / 3
        yield low, high, opening


def _segment(wall: WallPlan, low: float, high: float, opening: Opening | None, style: Style) -> Thing:
    """A piece of wall with at most one opening."""
    middle, long = (low + high) / 2, high - low
    size: Vec3 = (long, WALL_M, HEIGHT_M)
    pose = Pose.from_yaw(_at(wall, middle), 0.0 if wall.axis == 0 else np.pi / 2)
    if opening is None:
        return Thing(name="x", kind="wall", size_m=size, color=style.wall, pose=pose)
    most = (long - opening.width_m) / 2 - EDGE_M
    share = (opening.at_m - middle) / most if most > 1e-9 else 0.0
    options: dict[str, float] = {
        "opening_width": opening.width_m,
        "opening_height": opening.height_m,
        "opening_at": float(np.clip(share, -1.0, 1.0)),
    }
    if opening.sort == "window":
        options["sill"] = opening.sill_m
    kind = "wall_with_doorway" if opening.sort == "door" else "wall_with_window"
    return Thing(name="x", kind=kind, size_m=size, color=style.wall, pose=pose, options=tuple(options.items()))


def _filling(plan: Plan, wall: WallPlan, opening: Opening, style: Style, rng: Generator) -> Thing:
    """The door or window that stands in an opening, its front to the room it opens into."""
    toward = 1 if opening.into in [name for name, _ in wall.high] else -1
    yaw = _facing(wall.axis, toward)
    size: Vec3 = (opening.width_m - AIR_M, 0.16, opening.height_m - AIR_M / 2)
    if opening.sort == "window":
        sashes = 1 if opening.width_m < 0.8 else 2
        pose = Pose.from_yaw(_at(wall, opening.at_m, opening.sill_m + AIR_M / 4), yaw)
        size = (opening.width_m - AIR_M, 0.14, opening.height_m - AIR_M)
        return Thing(name="x", kind="window", size_m=size, color=style.frame, pose=pose, options=(("sashes", sashes),))
    right = (np.cos(yaw), np.sin(yaw))[wall.axis]  # which way along the wall the door's own right lies
    hinge = "left" if (opening.hinge == "low") == (right > 0) else "right"
    inside = opening.other is not None and _may_stand_open(plan.room(opening.into), plan.room(opening.other))
    angle = AJAR_RAD if inside and rng.random() < 0.7 else 0.0
    return Thing(
        name="x",
        kind="door",
        size_m=size,
        color=style.door,
        pose=Pose.from_yaw(_at(wall, opening.at_m), yaw),
        joints=(("leaf", angle),) if angle else (),
        options=(("hinge", hinge), ("style", style.door_style)),
    )


def _may_stand_open(a: RoomPlan, b: RoomPlan) -> bool:
    return not (a.sensitive or b.sensitive)


def _at(wall: WallPlan, along: float, z: float = 0.0) -> Vec3:
    return (along, wall.line_m, z) if wall.axis == 0 else (wall.line_m, along, z)


def _facing(axis: int, toward: int) -> float:
    """The yaw [rad] with which a thing's front looks to the lower (−1) or higher (1) side of a wall along `axis`."""
    if axis == 0:
        return 0.0 if toward < 0 else np.pi
    return np.pi / 2 if toward > 0 else -np.pi / 2
