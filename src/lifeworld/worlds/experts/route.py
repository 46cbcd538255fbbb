"""How the grip gets from one pose to another without running into anything: straight, or over, or around."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose, rotation_angle, slerp
from lifeworld.worlds.experts.grasp import back
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.truth import Truth

Array = NDArray[np.float64]

STEP_M, STEP_RAD = 0.04, 0.3
RISES_M = (0.06, 0.12, 0.2, 0.3)
ASIDE_M = (0.15, 0.3)


def route(
    truth: Truth,
    limb: Limb,
    end: Pose,
    *,
    share: float,
    carried: str | None = None,
    ignore: frozenset[int] = frozenset(),
    start: Pose | None = None,
) -> tuple[Pose, ...] | None:
    """Poses (world_from_grip) to pass through, `end` the last; None if no way is free.

    The fingers are open by `share`; what is `carried` moves along; `ignore` (instances) may be touched.
    """
    begin = start or truth.grip_pose()
    for way in sorted(_ways(begin, end), key=lambda way: _length_m(begin, way)):
        if all(_is_free(truth, limb, a, b, share, carried, ignore) for a, b in pairwise((begin, *way))):
            return tuple(way)
    return None


def _ways(start: Pose, end: Pose) -> Iterator[list[Pose]]:
    """Ways worth trying: straight, over, out from one and in to the other, around."""
    yield [end]
    for rise in RISES_M:
        top = max(float(start.position_m[2]), float(end.position_m[2])) + rise - 0.06
        yield [_at_height(start, top), _at_height(end, top), end]
    for aside in ASIDE_M:
        yield [back(end, aside), end]
        yield [back(start, aside), end]
        yield [back(start, aside), back(end, aside), end]
        yield [_moved(start, (0, 0, aside)), _moved(back(end, aside), (0, 0, aside)), back(end, aside), end]
    for aside in ASIDE_M:
        for side in (-1.0, 1.0):
            shift = (side * aside, 0.0, 0.1)
            yield [_moved(start, shift), _moved(end, shift), end]


def _is_free(truth: Truth, limb: Limb, a: Pose, b: Pose, share: float, carried: str | None, ignore: frozenset[int]) -> bool:
    """Whether nothing is in the way from a to b; where it begins in touch with something, it may at first leave that."""
    far = float(np.linalg.norm(b.position_m - a.position_m))
    steps = max(int(np.ceil(max(far / STEP_M, float(rotation_angle(a.quat_wxyz, b.quat_wxyz)) / STEP_RAD))), 1)
    grip_from_thing = truth.grip_pose().inverse() @ truth.pose(carried) if carried is not None else None
    near: Array | None = None
    for k in range(1, steps + 1):
        pose = slerp(a, b, k / steps)
        own = limb.posture(pose, near)
        if own is None or (near is not None and limb.leaps(near, own)):
            return False
        near = own
        moved = {carried: pose @ grip_from_thing} if carried is not None and grip_from_thing is not None else {}
        if truth.collides(truth.imagine(own=truth.opened(own, share), moved=moved), carried=carried, ignore=ignore):
            return False
    return True


def _length_m(start: Pose, way: list[Pose]) -> float:
    return sum(float(np.linalg.norm(b.position_m - a.position_m)) for a, b in pairwise((start, *way)))


def _at_height(pose: Pose, z_m: float) -> Pose:
    return Pose((*pose.position_m[:2], max(z_m, float(pose.position_m[2]))), pose.quat_wxyz)


def _moved(pose: Pose, by_m: tuple[float, float, float]) -> Pose:
    return Pose(pose.position_m + np.asarray(by_m), pose.quat_wxyz)
