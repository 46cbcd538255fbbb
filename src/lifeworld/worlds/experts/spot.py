"""Where a thing in the grip can be put down: a free place on a surface or in a container, as low as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.truth import Truth

Array = NDArray[np.float64]

ABOVE_M = 0.12
"""How far above it comes first."""
SETTLE_M = 0.002
DROPS_M = {False: (0.0, 0.004, 0.008), True: tuple(np.arange(0.0, 0.13, 0.008).tolist())}
"""From how far above where it will lie a thing may be let go, on surfaces and in containers."""
TURNS_RAD = (0.0, np.pi / 4, -np.pi / 4, np.pi / 2, -np.pi / 2, np.pi)
GRID = 11
MOST_SPOTS = 400
EDGE_M = 0.004
"""So near to the edge of a site its centre may come to lie: only where there is no room farther in."""
OPENS = 0.3
"""So much wider the grip is opened to let go."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it will be let go (world_from_thing, world_from_grip), and the grip above it; `share`: how far the fingers are open then."""

    world_from_thing: Pose
    world_from_grip: Pose
    above: Pose
    share: float


def place_for(
    truth: Truth, limb: Limb, thing: str, to: str, *, inside: bool, rest_quat: Array, share: float, most: int = 400
) -> Place | None:
    """The best place for the held thing on (or `inside`) another, standing as it did at `rest_quat`; None if nothing is free.

    `share` is how far the grip that holds it is open.
    """
    thing_from_grip = truth.pose(thing).inverse() @ truth.grip_pose()
    opened = min(share + OPENS, 1.0)
    held_yaw = _yaw(truth.pose(thing).rotation) - _yaw(Pose((0, 0, 0), rest_quat).rotation)
    ignore = frozenset({truth.number(thing)})
    for turn, spot in list(_spots(truth, to, inside=inside))[:MOST_SPOTS]:
        upright = Pose.from_yaw((0, 0, 0), held_yaw + turn) @ Pose((0, 0, 0), rest_quat)
        there = truth.imagine(moved={thing: upright})
        low, high = there.box_m(truth.geoms(thing))
        middle, bottom = (low + high)[:2] / 2, low[2]
        for drop in DROPS_M[inside]:
            at = np.array([*(spot[:2] - middle), spot[2] - bottom + SETTLE_M + drop])
            world_from_thing = Pose(at, upright.quat_wxyz)
            if truth.collides(truth.imagine(moved={thing: world_from_thing}), carried=thing):
                continue
            own = limb.posture(world_from_thing @ thing_from_grip)
            if own is None:
                break
            if truth.collides(truth.imagine(own=truth.opened(own, opened), moved={thing: world_from_thing}), ignore=ignore):
                continue
            grip = world_from_thing @ thing_from_grip
            above = Pose(grip.position_m + (0, 0, ABOVE_M), grip.quat_wxyz)
            if limb.posture(above, own) is not None:
                return Place(world_from_thing, grip, above, opened)
            break
    return None


def _spots(truth: Truth, to: str, *, inside: bool) -> Iterator[tuple[float, Array]]:
    """Turns [rad] and points (3,) [m] on the sites of a thing, the middle and no turn first."""
    sites, number, out = truth.cast.sites, truth.things[to], []
    for s in np.flatnonzero((sites.thing == number) & (sites.container == inside)).tolist():
        frame = truth.now.body_pose(int(sites.frame[s]))
        half = np.maximum(sites.half_m[s] - EDGE_M, 0.0)
        grid = np.array(np.meshgrid(*(np.linspace(-h, h, GRID) for h in half))).reshape(2, -1).T
        if sites.disc[s]:
            grid = grid[np.linalg.norm(grid, axis=1) <= half[0] * 1.001]
        local = sites.centre_m[s] + np.column_stack([grid, np.zeros(len(grid))]) @ sites.axes[s].T
        for point, off in zip(frame.apply(local), np.linalg.norm(grid, axis=1), strict=True):
            out += [(float(off) + 0.02 * abs(turn), turn, point) for turn in TURNS_RAD]
    out.sort(key=lambda o: o[0])
    yield from ((turn, point) for _, turn, point in out)


def _yaw(turn: Array) -> float:
    return float(np.arctan2(turn[1, 0], turn[0, 0]))
