"""How relations are measured: one table of thresholds, and the tests themselves on boxes.

Boxes are (n, 3) least and greatest corners [m] in the frame of the other thing: +X its right (or the viewer's), −Y its front.
Distances are gaps between boxes, not between middles: "20 cm left of" leaves 20 cm of air.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.scene.carry import ON_M
from lifeworld.scene.convex import Solid
from lifeworld.scene.footprint import inside
from lifeworld.scene.room import NEAR_M
from lifeworld.scene.scene import RelationKind

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

SPARE_M = 0.01
"""So much on the wrong side of a line is forgiven."""
FACING_RAD = float(np.deg2rad(15.0))
"""Facing: LayoutVLM's point_towards and Holodeck's face to leave the angle open; 15° is what looks straight."""
ALIGNED_RAD = float(np.deg2rad(5.0))
BESIDE_LEAST_M, BESIDE_SHARE = 0.15, 0.5
"""Beside: within half the longest side of the two, 15 cm at least."""
NEAR_LEAST_M, NEAR_MOST_M = 0.25, 1.5
"""Near: tabletop grammars have 0.05 to 0.25 m, rooms 0.5 to 1.5 m (Holodeck, prompts.py): as far as the longer of the two is long, between
the two bounds. Far is what is not near (Holodeck: from 1.5 m on)."""
AGAINST_M = 0.06
"""Against: furniture stands off a wall by its skirting and a finger (LayoutVLM's against_wall asks for 0)."""
AGAINST_TALL_M = 0.1
"""What a thing is against goes up along it for so much, or for half the height of the lower one."""
ABOVE_ASIDE_M = 0.3
"""Above and under: over the other, or so far beside it: what hangs on a wall is above the sofa that stands before the wall."""
ROW_M, ROW_SHARE = 0.02, 0.05
"""Aligned: the middles are off one line by 2 cm at most, or a twentieth of the wider one."""
GIVEN_M, GIVEN_SHARE = 0.01, 0.1
"""A distance that was given is kept to a centimetre, or a tenth."""

SIDES: dict[str, tuple[int, int]] = {"left_of": (0, -1), "right_of": (0, 1), "in_front_of": (1, -1), "behind": (1, 1)}
"""Which axis of the other's frame, and which way along it."""
WAYS = ((0, -1), (0, 1), (1, -1), (1, 1))


def is_aside(kind: RelationKind, low_m: Array, high_m: Array, lows_m: Array, highs_m: Array, *, distance_m: float | None = None) -> Truth:
    """Whether boxes (n, 3) are beside, left of … a box (3,), or each its own (n, 3); with a gap of `distance_m` if that is given."""
    if kind == "beside":
        level = np.abs(lows_m[:, 2] - low_m[..., 2]) <= NEAR_M
        gap = gaps_m(low_m, high_m, lows_m, highs_m, axes=2)
        close = gap <= beside_reach_m(low_m, high_m, lows_m, highs_m) if distance_m is None else is_given(gap, distance_m)
        return np.asarray(is_outside(low_m, high_m, lows_m, highs_m) & level & close)
    axis, way = SIDES[kind]
    gap = lows_m[:, axis] - high_m[..., axis] if way > 0 else low_m[..., axis] - highs_m[:, axis]
    across = 1 - axis
    off = np.abs((lows_m + highs_m)[:, across] - (low_m + high_m)[..., across]) / 2
    far = np.abs((lows_m + highs_m)[:, axis] - (low_m + high_m)[..., axis]) / 2
    widths = ((highs_m - lows_m)[:, across] + (high_m - low_m)[..., across]) / 2
    given = gap >= -SPARE_M if distance_m is None else is_given(gap, distance_m)
    return np.asarray(given & (off <= np.maximum(widths, far)))


def beside_reach_m(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Array:
    """How far (n,) [m] beside goes: half the longest side of the two, and never less than 15 cm."""
    return np.asarray(np.maximum(BESIDE_SHARE * _longest_m(low_m, high_m, lows_m, highs_m), BESIDE_LEAST_M))


def near_reach_m(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Array:
    """How far (n,) [m] near goes."""
    return np.asarray(np.clip(_longest_m(low_m, high_m, lows_m, highs_m), NEAR_LEAST_M, NEAR_MOST_M))


def is_near(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array, *, distance_m: float | None = None) -> Truth:
    """Whether boxes (n, 3) are not over a box (3,), and no farther from it than near goes, or than `distance_m`."""
    most = near_reach_m(low_m, high_m, lows_m, highs_m) if distance_m is None else distance_m + given_m(distance_m)
    return np.asarray(is_outside(low_m, high_m, lows_m, highs_m) & (gaps_m(low_m, high_m, lows_m, highs_m) <= most))


def is_far(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array, *, distance_m: float | None = None) -> Truth:
    """Whether boxes (n, 3) are farther from a box (3,) than near goes, or than `distance_m`."""
    least = near_reach_m(low_m, high_m, lows_m, highs_m) if distance_m is None else distance_m - given_m(distance_m)
    return np.asarray(gaps_m(low_m, high_m, lows_m, highs_m) >= least)


def is_above(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array, *, distance_m: float | None = None) -> Truth:
    """Whether boxes (n, 3) have their bottoms over the top of a box (3,), and their middles over it or hardly aside."""
    middle = (lows_m + highs_m)[:, :2] / 2
    over = ((low_m[:2] - ABOVE_ASIDE_M <= middle) & (middle <= high_m[:2] + ABOVE_ASIDE_M)).all(axis=1)
    gap = lows_m[:, 2] - high_m[2]
    return np.asarray(over & (gap >= -ON_M if distance_m is None else is_given(gap, distance_m)))


def is_beneath(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes (n, 3) have their tops under the bottom of a box (3,) that hangs on a wall, and stand at that place of the wall."""
    return np.asarray((highs_m[:, 2] <= low_m[2] + ON_M) & (gaps_m(low_m, high_m, lows_m, highs_m, axes=2) <= ABOVE_ASIDE_M))


def is_between(corridor_m: Array, ends_m: tuple[Array, Array], lows_m: Array, highs_m: Array, *, heights_m: tuple[float, float]) -> Truth:
    """Whether boxes (n, 3) have their middles in the outline (k, 2) around two others and over neither's own, on a level with one."""
    middle = (lows_m + highs_m)[:, :2] / 2
    level = (lows_m[:, 2] <= heights_m[1]) & (highs_m[:, 2] >= heights_m[0])
    return np.asarray(inside(corridor_m, middle) & ~inside(ends_m[0], middle) & ~inside(ends_m[1], middle) & level)


def is_against(piece_low_m: Array, piece_high_m: Array, lows_m: Array, highs_m: Array, ways: tuple[tuple[int, int], ...]) -> Truth:
    """Whether boxes (n, 3) are close to an upright side of one of the pieces (m, 3) of the other, on one of its `ways`.

    Their middles lie before that side, and a good part of their height along it.
    """
    low, high = lows_m[:, None], highs_m[:, None]
    shared = np.minimum(high[..., 2], piece_high_m[:, 2]) - np.maximum(low[..., 2], piece_low_m[:, 2])
    along = shared >= np.minimum(AGAINST_TALL_M, np.minimum((highs_m - lows_m)[:, None, 2], (piece_high_m - piece_low_m)[:, 2]) / 2)
    fits = np.zeros(along.shape, dtype=bool)
    for axis, way in ways:
        gap = low[..., axis] - piece_high_m[:, axis] if way > 0 else piece_low_m[:, axis] - high[..., axis]
        middle = (low + high)[..., 1 - axis] / 2
        before = (piece_low_m[:, 1 - axis] - SPARE_M <= middle) & (middle <= piece_high_m[:, 1 - axis] + SPARE_M)
        fits |= (gap >= -SPARE_M) & (gap <= AGAINST_M) & before
    return np.asarray((fits & along).any(axis=1))


def is_in_row(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether the middles of boxes (n, 3) lie in one line with that of a box (3,), along an axis of its frame."""
    off = np.abs((lows_m + highs_m)[:, :2] - (low_m + high_m)[:2]) / 2
    wide = np.maximum((highs_m - lows_m)[:, :2], (high_m - low_m)[:2])
    return np.asarray((off <= np.maximum(ROW_M, ROW_SHARE * wide)).any(axis=1))


def is_turned_along(rotations: Array) -> Truth:
    """Whether things turned so (n, 3, 3) in the other's frame are turned as it is, or by quarters."""
    turn = np.arctan2(rotations[:, 1, 0], rotations[:, 0, 0])
    return np.asarray(np.abs((turn + np.pi / 4) % (np.pi / 2) - np.pi / 4) <= ALIGNED_RAD)


def is_under(other: Solid, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes (n, 3) [m] have pieces of the other above their middles."""
    low, high = other.bounds()
    return np.asarray(is_below(low, high, lows_m[:, None], highs_m[:, None]).any(axis=1))


def is_below(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether boxes [m] have a box above their middles, arrays (..., 3) broadcasting."""
    middle = (lows_m + highs_m)[..., :2] / 2
    over = ((low_m[..., :2] <= middle) & (middle <= high_m[..., :2])).all(axis=-1)
    return np.asarray(over & (low_m[..., 2] >= highs_m[..., 2] - ON_M))


def off_facing_rad(positions_m: Array, rotations: Array, targets_m: Array) -> Array:
    """The angle (n,) [rad], seen from above, between the fronts of poses (n, 3) with (n, 3, 3) and the way to points (3,) or (n, 3)."""
    front = -rotations[:, :2, 1]
    way = targets_m[..., :2] - positions_m[:, :2]
    cross = front[:, 0] * way[:, 1] - front[:, 1] * way[:, 0]
    turn = np.abs(np.arctan2(cross, (front * way).sum(axis=1)))
    return np.where(np.linalg.norm(way, axis=1) < SPARE_M, np.pi, turn)


def faces_box(low_m: Array, high_m: Array, positions_m: Array, rotations: Array, *, within_rad: float) -> Truth:
    """Whether the fronts of poses (n, 3) with (n, 3, 3) point at a box (3,): at its middle, or straight at its nearest side."""
    middle, nearest = (low_m + high_m) / 2, np.clip(positions_m, low_m, high_m)
    return np.asarray(np.minimum(*(off_facing_rad(positions_m, rotations, at) for at in (middle, nearest))) <= within_rad)


def is_outside(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Truth:
    """Whether the middles of boxes (n, 3), seen from above, are outside of a box (3,)."""
    middle = (lows_m + highs_m)[:, :2] / 2
    return np.asarray(((middle < low_m[..., :2]) | (middle > high_m[..., :2])).any(axis=1))


def gaps_m(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array, *, axes: int = 3) -> Array:
    """The gaps (n,) [m] between boxes (n, 3) and a box (3,), along the first `axes` axes; 0 where they meet."""
    gaps = np.maximum(np.maximum(low_m - highs_m, lows_m - high_m), 0.0)[..., :axes]
    return np.asarray(np.linalg.norm(gaps, axis=1))


def given_m(distance_m: float) -> float:
    """How exactly [m] a distance that was given is kept."""
    return max(GIVEN_M, GIVEN_SHARE * distance_m)


def is_given(gaps: Array, distance_m: float) -> Truth:
    """Whether gaps (n,) [m] are what was asked for."""
    return np.asarray(np.abs(gaps - distance_m) <= given_m(distance_m))


def _longest_m(low_m: Array, high_m: Array, lows_m: Array, highs_m: Array) -> Array:
    return np.asarray(np.maximum((highs_m - lows_m)[:, :2].max(axis=1), (high_m - low_m)[..., :2].max(axis=-1)))
