"""Bodies to act through, for a scene that has none: one who walks, where there is floor, and a hand over what there is to take.

    scene = embodied(settled)

Both stand free of everything: `me` on the widest free floor of a room, looking at what most stands on, and `hand` above that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.naming import free_name
from lifeworld.scene.room import Placed, Room
from lifeworld.scene.scene import Embodiment, EmbodimentKind, Scene

Array = NDArray[np.float64]

GRID_M = 0.1
WALKER_M, WALKER_HIGH_M = 0.3, 1.9
"""Half of the side of the square that stays free around who walks, and how high."""
HAND_M, HAND_LOW_M, HAND_HIGH_M = 0.12, 0.1, 0.5
"""Half of the side of the square that stays free around a hand; from what height above a surface, to what."""
HAND_OVER_M = 0.3
LARGEST_M, HEAVIEST_ON = 0.45, 12
"""What is smaller than this can be taken; of more of them on one place the rest does not count."""


def embodied(scene: Scene, *, assets: Mapping[str, Assembly] | None = None) -> Scene:
    """The scene with a body in it, two where there is a room to walk in; itself if it has one, or there is nowhere to be.

    Every thing has a pose: settle the scene first.
    """
    if scene.embodiments:
        return scene
    room = Room(scene, assets)
    boxes = np.concatenate([np.stack(p.piece_bounds_in(Pose()), 1) for p in room.placed.values()] or [np.zeros((0, 2, 3))])
    taken, bodies = set(scene.names()), list[Embodiment]()
    at = _laden(room)
    if (hand := _hand(at, boxes)) is not None:
        bodies.append(_body("hand", "hand", hand, taken))
    towards = None if at is None else (at.bounds_m[0] + at.bounds_m[1])[:2] / 2
    if (me := _walker(scene, boxes, towards)) is not None:
        bodies.insert(0, _body("me", "walker", me, taken))
    return replace(scene, embodiments=tuple(bodies))


def _body(name: str, kind: EmbodimentKind, pose: Pose, taken: set[str]) -> Embodiment:
    return Embodiment(name=free_name(name, taken), kind=kind, pose=pose)


def _laden(room: Room) -> Placed | None:
    """What most of the small things stand on, or over; the first by name of equals."""
    small = [p for p in room.placed.values() if not p.built and not p.thing.fixed and max(p.bounds_m[1] - p.bounds_m[0]) < LARGEST_M]
    best, most = None, 0
    for name in sorted(room.placed):
        low, high = room.placed[name].bounds_m
        if room.placed[name].built or max(high - low) < LARGEST_M:
            continue
        over = [p for p in small if (p.com_m[:2] > low[:2]).all() and (p.com_m[:2] < high[:2]).all() and p.com_m[2] > low[2]]
        if min(len(over), HEAVIEST_ON) > most:
            best, most = room.placed[name], min(len(over), HEAVIEST_ON)
    return best


def _hand(over: Placed | None, boxes: Array) -> Pose | None:
    """A pose above the middle of a thing, as near to it as nothing is in the way."""
    if over is None:
        return None
    low, high = over.bounds_m
    tops = [site.pose.position_m[2] for site in over.sites("surface")]
    top = max([z for z in tops if z <= high[2]], default=float(high[2]))
    places = _grid(low[:2], high[:2])
    free = _free(places, HAND_M, top + HAND_LOW_M, top + HAND_HIGH_M, boxes)
    if not free.any():
        return None
    middle = (low[:2] + high[:2]) / 2
    x, y = min(places[free].tolist(), key=lambda xy: (round(float(np.hypot(*(np.array(xy) - middle))), 6), xy))
    return Pose((x, y, round(float(top) + HAND_OVER_M, 4)))


def _walker(scene: Scene, boxes: Array, towards: Array | None) -> Pose | None:
    """A pose on the floor of the room that holds what is looked at, or the first one: where most is free around."""
    rooms = [s for s in scene.spaces if towards is not None and (towards > s.low_m).all() and (towards < s.high_m).all()]
    for space in (*rooms, *scene.spaces):
        places = _grid(np.array(space.low_m) + WALKER_M, np.array(space.high_m) - WALKER_M)
        for half in (2 * WALKER_M, WALKER_M):
            free = places[_free(places, half, 0.02, WALKER_HIGH_M, boxes)]
            if not len(free):
                continue
            look = (np.array(space.low_m) + np.array(space.high_m)) / 2 if towards is None else towards
            x, y = min(free.tolist(), key=lambda xy: (abs(float(np.hypot(*(np.array(xy) - look))) - 1.5), xy))
            return Pose.from_yaw((x, y, 0.0), float(np.arctan2(look[1] - y, look[0] - x)))
    return None


def _grid(low: Array, high: Array) -> Array:
    """Places (n, 2) [m] of a rectangle, its middle among them."""
    xs, ys = (
        m + GRID_M * np.arange(-int(h / GRID_M), int(h / GRID_M) + 1) for m, h in zip((low + high) / 2, (high - low) / 2, strict=True)
    )
    return np.stack(np.meshgrid(xs, ys, indexing="ij"), -1).reshape(-1, 2).round(4)


def _free(places: Array, half_m: float, low_m: float, high_m: float, boxes: Array) -> NDArray[np.bool_]:
    """Whether a column around each place (n, 2) holds nothing of the boxes (k, 2, 3)."""
    met = (
        (boxes[None, :, 0, :2] < places[:, None] + half_m).all(-1)
        & (boxes[None, :, 1, :2] > places[:, None] - half_m).all(-1)
        & (boxes[:, 0, 2] < high_m)
        & (boxes[:, 1, 2] > low_m)
    )
    free: NDArray[np.bool_] = np.logical_not(np.any(met, axis=1))
    return free
