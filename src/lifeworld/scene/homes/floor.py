"""The floor of one room while it is furnished: what stands, what stays free, and whether one can still walk.

Walls, doors and furniture are boxes along the axes; a walker is a square of 0.7 m. So a way is free where the walker's middle is in
none of the boxes grown by half of that, which a flood over a grid of 5 cm finds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.homes.ensemble import Ensemble, Item
from lifeworld.scene.homes.plan import DOOR_M, LANDING_M, SWING_M, Plan, RoomPlan

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

WALKWAY_M = 0.7
STEP_M, SLIDE_M = 0.05, 0.1
"""Of the grid that is walked over; how far apart places along a wall are that are tried."""
OVERHEAD_M = 1.95
"""What hangs higher than this is walked under."""
GAP_M = 0.002
WINDOW_DEEP_M = 0.45
"""So far from a window nothing stands that is higher than its sill."""
LEAF_M, HANDLE_M, JAMB_M = 0.19, 0.06, 0.04
"""What an open leaf takes of its doorway, with its handle; how far the handle stands out behind it; the frame."""
SEES = 0.8
"""The cosine of how far aside something may be and still be looked at."""
TRIES = 24
"""Places that are walked through before an ensemble is given up."""


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """An ensemble where it came to stand: `pose` is world_from_ensemble."""

    ensemble: Ensemble
    pose: Pose

    def items(self) -> list[tuple[Item, Pose]]:
        """Its things with their poses in the world."""
        return [(item, self.pose @ item.pose) for item in self.ensemble.items]


class Floor:
    """One room's floor. Grows while the room is furnished; belongs to one search."""

    def __init__(self, plan: Plan, room: RoomPlan) -> None:
        self.room = room
        self.area = np.array([(room.floor.x[0], room.floor.y[0]), (room.floor.x[1], room.floor.y[1])])
        self.put: list[Put] = []
        self._boxes = np.zeros((0, 2, 3))
        self._free = np.zeros((0, 2, 2))  # doors' swings and landings, and the floor before furniture
        self._access: list[Array] = []
        self._glazed = np.zeros((0, 2, 3))
        self._leaves = np.zeros((0, 2, 2))
        self._landings: list[Array] = []
        for wall in plan.walls:
            for opening in wall.openings:
                if room.name not in (opening.into, opening.other):
                    continue
                side = 1 if room.name in [name for name, _ in wall.high] else -1
                edge = self.area[0 if side > 0 else 1][1 - wall.axis]
                low, high = opening.span_m
                if opening.sort == "window":
                    strip = _strip(wall.axis, low, high, edge, side, WINDOW_DEEP_M)
                    self._glazed = np.concatenate([self._glazed, [np.column_stack([strip, (opening.sill_m, 9.0)])]])
                    continue
                swings = room.name == opening.into
                deep = SWING_M if swings else LANDING_M
                # An open leaf stands across the wall at its hinge, and its handle stands out behind it.
                behind = (HANDLE_M, 0.0) if opening.hinge == "low" else (0.0, HANDLE_M)
                kept = (low - behind[0], high + behind[1]) if swings else (low, high)
                self._free = np.concatenate([self._free, [_strip(wall.axis, *kept, edge, side, deep)]])
                # Where the middle of a walker is who comes in past the open leaf.
                taken = LEAF_M if swings else JAMB_M
                least, most = (taken, JAMB_M) if opening.hinge == "low" else (JAMB_M, taken)
                half = WALKWAY_M / 2
                self._landings.append(_strip(wall.axis, low + least + half, high - most - half, edge, side, half + 4 * STEP_M))
                if swings:
                    leaf = (low, low + LEAF_M) if opening.hinge == "low" else (high - LEAF_M, high)
                    self._leaves = np.concatenate([self._leaves, [_strip(wall.axis, *leaf, edge, side, DOOR_M)]])

    # -- putting -----------------------------------------------------------------------------------------------------------

    def place(self, ensemble: Ensemble, rng: Generator) -> Put | None:
        """Put an ensemble up where it fits, where it likes to stand first; None where it fits nowhere."""
        poses, wishes = self._candidates(ensemble, rng)
        walked = 0
        for i in np.argsort(wishes, kind="stable"):
            if not np.isfinite(wishes[i]):
                break
            boxes, access = _moved(ensemble, poses[i])
            if not self._fits(ensemble, boxes, access):
                continue
            walked += 1
            if self._walkable(boxes, access):
                put = Put(ensemble, poses[i])
                self.put.append(put)
                self._boxes = np.concatenate([self._boxes, boxes])
                self._free = np.concatenate([self._free, access])
                self._access += list(access)
                return put
            if walked == TRIES:
                break
        return None

    def _candidates(self, ensemble: Ensemble, rng: Generator) -> tuple[list[Pose], Array]:
        """Poses world_from_ensemble, and how little each is wished for."""
        low, high = ensemble.boxes_m[:, 0].min(axis=0), ensemble.boxes_m[:, 1].max(axis=0)
        (x0, y0), (x1, y1) = self.area
        poses: list[Pose] = []
        wishes: list[float] = []
        if ensemble.anchor == "free":
            for _ in range(160):
                yaw = float(rng.integers(4)) * np.pi / 2
                at = rng.uniform((x0, y0), (x1, y1))
                poses.append(Pose.from_yaw((at[0], at[1], 0.0), yaw))
                off = float(np.linalg.norm((at - self.area.mean(axis=0)) / (self.area[1] - self.area[0])))
                wishes.append((off if ensemble.prefers == "middle" else 0.0) + float(rng.random()) * 0.3)
            return poses, np.array(wishes) + self._not_facing(ensemble, poses)
        sides = ((0.0, 0, y1, 1.0), (np.pi, 0, y0, -1.0), (np.pi / 2, 1, x0, 1.0), (-np.pi / 2, 1, x1, -1.0))
        for yaw, axis, line, way in sides:
            # The ensemble's +X lies along the wall: `way` says whether towards its higher end.
            least = self.area[0][axis] + (-low[0] if way > 0 else high[0]) + GAP_M + 0.013
            most = self.area[1][axis] - (high[0] if way > 0 else -low[0]) - GAP_M - 0.013
            if most < least:
                continue
            steps = np.array([least, most]) if ensemble.anchor == "corner" else np.unique([*np.arange(least, most, SLIDE_M), least, most])
            middle, half = (least + most) / 2, max((most - least) / 2, 1e-6)
            bias = float(rng.random())
            for s in steps:
                off = abs(s - middle) / half
                wish = off if ensemble.prefers == "middle" else 1 - off if ensemble.prefers == "ends" else 0.0
                poses.append(Pose.from_yaw((s, line, 0.0) if axis == 0 else (line, s, 0.0), yaw))
                wishes.append(wish + bias + 0.25 * float(rng.random()))
        return poses, np.array(wishes) + self._not_facing(ensemble, poses)

    def _not_facing(self, ensemble: Ensemble, poses: list[Pose]) -> Array:
        """How badly each pose looks at the thing the ensemble faces and that at it; 0 where there is none, infinite out of sight."""
        target = next((pose for p in self.put for item, pose in p.items() if item.thing.kind == ensemble.faces), None)
        if target is None:
            return np.zeros(len(poses))
        out = []
        for pose in poses:
            way = (target.position_m - pose.position_m)[:2]
            way = way / max(float(np.linalg.norm(way)), 1e-6)
            mine, theirs = -pose.rotation[:2, 1], -target.rotation[:2, 1]
            seen = min(float(mine @ way), -float(theirs @ way))
            out.append(3.0 * (1.0 - seen) if seen > SEES else np.inf)
        return np.array(out)

    def _fits(self, ensemble: Ensemble, boxes: Array, access: Array) -> bool:
        (x0, y0), (x1, y1) = self.area
        if (boxes[:, 0, :2] < (x0, y0)).any() or (boxes[:, 1, :2] > (x1, y1)).any():
            return False
        if len(access) and ((access[:, 0] < (x0 - 1e-6, y0 - 1e-6)).any() or (access[:, 1] > (x1 + 1e-6, y1 + 1e-6)).any()):
            return False
        if _overlap(boxes, self._boxes).any() or _overlap(boxes, self._glazed).any():
            return False
        standing = boxes[boxes[:, 0, 2] < OVERHEAD_M][:, :, :2]
        there = self._boxes[self._boxes[:, 0, 2] < OVERHEAD_M][:, :, :2]
        return not (_overlap(standing, self._free).any() or _overlap(access, there).any())

    def lookout(self, height_m: float) -> tuple[float, float, float]:
        """A place in the corner that least stands in, to look over the room from."""
        inset = 0.3
        (x0, y0), (x1, y1) = self.area + [(inset, inset), (-inset, -inset)]
        corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
        tall = self._boxes[self._boxes[:, 1, 2] > 1.2][:, :, :2].mean(axis=1)

        def clear(corner: tuple[float, float]) -> float:
            return float(np.linalg.norm(tall - corner, axis=1).min()) if len(tall) else 9.0

        x, y = max(corners, key=clear)
        return x, y, height_m

    # -- walking -----------------------------------------------------------------------------------------------------------

    def _walkable(self, boxes: Array, access: Array) -> bool:
        """Whether all doors and all that is used can still be walked to, with these boxes and this access too."""
        solid = np.concatenate([self._boxes, boxes])
        solid = solid[solid[:, 0, 2] < OVERHEAD_M][:, :, :2]
        return walkable(self.area, np.concatenate([solid, self._leaves]), [*self._landings, *self._access, *access])


def walkable(area: Array, solid: Array, wanted: list[Array]) -> bool:
    """Whether a walker reaches all of the `wanted` rectangles (2, 2) from the first, on an area (2, 2) with `solid` (n, 2, 2) on it [m]."""
    if not wanted:
        return True
    half = WALKWAY_M / 2
    least, most = area[0] + half, area[1] - half
    if (most < least).any():
        return False
    xs, ys = (np.arange(a, b + 1e-9, STEP_M) for a, b in zip(least, most, strict=True))
    inside = np.ones((len(xs), len(ys)), dtype=bool)
    for low, high in solid:
        in_x = (low[0] - half < xs) & (xs < high[0] + half)
        in_y = (low[1] - half < ys) & (ys < high[1] + half)
        inside &= ~(in_x[:, None] & in_y)
    goals = [
        inside & ((low[0] <= xs) & (xs <= high[0]))[:, None] & ((low[1] <= ys) & (ys <= high[1])) for low, high in wanted
    ]  # fmt: skip
    if not all(goal.any() for goal in goals):
        return False
    reached = flood(goals[0], inside)
    return all(bool((goal & reached).any()) for goal in goals)


def flood(start: Truth, open_: Truth) -> Truth:
    """All open cells (n, m) that hang together with the start by their sides."""
    reached = start & open_
    while True:
        wider = reached.copy()
        wider[1:] |= reached[:-1]
        wider[:-1] |= reached[1:]
        wider[:, 1:] |= wider[:, :-1]
        wider[:, :-1] |= wider[:, 1:]
        wider &= open_
        if (wider == reached).all():
            return reached
        reached = wider


def _moved(ensemble: Ensemble, pose: Pose) -> tuple[Array, Array]:
    """Boxes (n, 2, 3) and access (k, 2, 2) in the world, for a pose turned by quarters."""
    turn = np.round(pose.rotation)
    boxes = ensemble.boxes_m @ turn.T + pose.position_m
    boxes = np.stack([boxes.min(axis=1), boxes.max(axis=1)], axis=1)
    access = np.array(ensemble.access).reshape(-1, 2, 2) @ turn[:2, :2].T + pose.position_m[:2]
    return boxes, np.stack([access.min(axis=1), access.max(axis=1)], axis=1)


def _overlap(a: Array, b: Array) -> Truth:
    """Which boxes (n, 2, d) and (m, 2, d) overlap, (n, m)."""
    return np.asarray(((a[:, None, 0] < b[None, :, 1] - 1e-9) & (b[None, :, 0] < a[:, None, 1] - 1e-9)).all(axis=-1))


def _strip(axis: int, low: float, high: float, edge: float, side: int, deep: float) -> Array:
    """A rectangle (2, 2) of floor along a wall from `low` to `high`, `deep` into the room at its side."""
    across = (edge, edge + deep) if side > 0 else (edge - deep, edge)
    box = [(low, high), across] if axis == 0 else [across, (low, high)]
    return np.array(box).T
