"""Where a thing can be taken hold of: poses of the open grip at which nothing is in the way and both fingers meet the thing squarely.

Poses are proposed from the thing's own shape and tried in the model: no grasp is written down for any kind of thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.worlds.experts.limb import Limb
from lifeworld.worlds.experts.truth import Truth
from lifeworld.worlds.physics.gripper import PAD_M

Array = NDArray[np.float64]

DOWN = np.array([0.0, 0.0, -1.0])
TILTED = tuple(
    np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), -np.cos(tilt)])
    for tilt in (np.deg2rad(30), np.deg2rad(55))
    for turn in np.arange(8) * np.pi / 4
)
"""Ways to come: from above, or leaning to any side."""
ROLLS = 12
LEVELS = 5
BEFORE_M = 0.09
"""How far before the thing the grip is brought first."""
SQUARELY = 0.93
"""The cosine, at least, between the way a finger moves and the surface it meets."""
CLEAR_M = 0.002
MOST_TRIED, FEW_TRIED = 3_000, 150
"""So many grips are tried along the first way, and along each other."""
MOST_BEYOND = 40
"""So many poses on end that the limb does not reach, and the others of that way are left out."""


@dataclass(frozen=True, slots=True)
class Grasp:
    """A grip on something: world_from_grip, and how far (0 to 1) it is open before, and when the fingers meet the thing."""

    world_from_grip: Pose
    open: float
    closed: float

    @property
    def before(self) -> Pose:
        """world_from_grip at a distance, straight behind."""
        return back(self.world_from_grip, BEFORE_M)


def back(world_from_grip: Pose, by_m: float) -> Pose:
    """The grip drawn back from where it points to."""
    return world_from_grip @ Pose((0.0, 0.0, -by_m))


def grasp(
    truth: Truth,
    limb: Limb,
    geoms: Sequence[int],
    *,
    ways: Sequence[Array] = (DOWN,),
    spots_m: Array | None = None,
    most: int = MOST_TRIED,
) -> Grasp | None:
    """The best grip on these geoms that can be had, coming along the first of the `ways` (unit vectors) that allows one; None if none does.

    `spots_m` (k, 3) are points to grip; None: over the middle of the thing and of each of its geoms, at a few heights. At most `most` grips
    are tried along the first way.
    """
    spots = _spots(truth, list(geoms)) if spots_m is None else spots_m
    for way in ways:
        beyond = 0
        for tried, (pose, share) in enumerate(_proposed(truth, spots, way), 1):
            own = limb.posture(pose)
            beyond = 0 if own is not None else beyond + 1
            if beyond >= MOST_BEYOND:
                break
            found = _tried(truth, limb, list(geoms), pose, own, share) if own is not None else None
            if found is not None:
                return found
            if tried >= (most if way is ways[0] else FEW_TRIED):
                break
    return None


def facing(forward: Array, roll_rad: float) -> Array:
    """A turn (3, 3) whose +Z is `forward`; at roll 0 its +X is level."""
    side = np.cross(forward, (0.0, 0.0, 1.0))
    if np.linalg.norm(side) < 1e-6:
        side = np.array([1.0, 0.0, 0.0])
    side = side / np.linalg.norm(side)
    up = np.cross(forward, side)
    x = np.cos(roll_rad) * side + np.sin(roll_rad) * up
    return np.column_stack([x, np.cross(forward, x), forward])


def pose_of(turn: Array, place: Array) -> Pose:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, place
    return Pose.from_matrix(matrix)


def _spots(truth: Truth, geoms: list[int]) -> Array:
    """Points (k, 3) [m] where a thing may be gripped, the middle of the thing first."""
    low, high = truth.now.box_m(geoms)
    centres, _ = truth.now.boxes_m(geoms)
    middle = (low + high) / 2
    # From where the fingertips just clear what the thing lies on, to where they just reach over its top.
    lowest = float(low[2]) + PAD_M + 2 * CLEAR_M
    levels = np.linspace(lowest, max(lowest, float(high[2]) - 0.5 * PAD_M), LEVELS)
    levels = levels[np.argsort(np.abs(levels - middle[2]), kind="stable")]
    over = np.concatenate([middle[None, :2], centres[:, :2]])
    return np.array([[*spot, level] for spot in over for level in levels])


def _proposed(truth: Truth, spots_m: Array, way: Array) -> Iterator[tuple[Pose, float]]:
    """Grips (world_from_grip, share open), the likeliest first: near the first spot, by little turning, the fingers wide open."""
    here = truth.grip_pose().rotation
    scored = []
    for roll in np.arange(ROLLS) * np.pi / ROLLS:
        both = [facing(way, roll), facing(way, roll + np.pi)]  # the fingers are alike
        both.sort(key=lambda turn: -float(np.trace(here.T @ turn)))
        for other, turn in enumerate(both):
            turned = float(np.arccos(np.clip((np.trace(here.T @ turn) - 1) / 2, -1, 1)))
            for spot, off in zip(spots_m, np.abs(spots_m - spots_m[0]), strict=True):
                worth = float(2.0 * np.hypot(off[0], off[1]) + 0.5 * off[2]) + 0.02 * turned + 0.05 * other
                scored += [(worth, turn, spot, 1.0), (worth + 0.05, turn, spot, 0.55)]
    scored.sort(key=lambda s: s[0])
    yield from ((pose_of(turn, spot), share) for _, turn, spot, share in scored)


def _tried(truth: Truth, limb: Limb, geoms: list[int], pose: Pose, own: Array, share: float) -> Grasp | None:
    """This grip, moved sideways so that both fingers meet the thing at once; None if something is in the way or a finger meets nothing."""
    if truth.collides(truth.imagine(own=truth.opened(own, share))):
        return None
    met = _met(truth, geoms, own, share)
    if met is None:
        return None
    sideways, closed = met
    pose = pose @ Pose((sideways, 0.0, 0.0))
    final = limb.posture(pose, own)
    before = limb.posture(back(pose, BEFORE_M), own)
    if final is None or before is None:
        return None
    for at in (-CLEAR_M, 0.0, 0.25 * BEFORE_M, 0.5 * BEFORE_M, BEFORE_M):
        there = limb.posture(back(pose, at), final)
        if there is None or truth.collides(truth.imagine(own=truth.opened(there, share))):
            return None
    itself = frozenset(truth.compiled.geom_instance[geoms].tolist())
    for between in (share, (share + closed) / 2, closed):  # nothing else comes between the fingers
        if truth.collides(truth.imagine(own=truth.opened(final, between)), ignore=itself):
            return None
    return Grasp(pose, share, closed)


def _met(truth: Truth, geoms: list[int], own: Array, share: float) -> tuple[float, float] | None:
    """How far the thing is off the middle of the grip along its +X [m], and the share at which both fingers touch it.

    None where a finger meets nothing, or not squarely.
    """
    model, gripper = truth.model, truth.gripper
    across = (truth.imagine(own=own).body_pose(gripper.palm) @ gripper.palm_from_grip).rotation[:, 0]
    onset = []
    for finger, way in zip(gripper.fingers, (1.0, -1.0), strict=True):
        side = [g for g in range(model.ngeom) if _under(truth, int(model.geom_bodyid[g]), finger)]

        def gap(share: float, side: list[int] = side) -> tuple[float, Array]:
            return truth.imagine(own=truth.opened(own, share)).gap_m(side, geoms)

        low, high = 0.0, share
        if gap(low)[0] > 0:
            return None
        for _ in range(9):
            half = (low + high) / 2
            low, high = (half, high) if gap(half)[0] <= 0 else (low, half)
        _, towards = gap(min(high + 0.02, 1.0))
        if way * float(towards @ across) < SQUARELY * float(np.linalg.norm(towards)):
            return None
        onset.append(high)
    return gripper.widest_m / 4 * (onset[1] - onset[0]), (onset[0] + onset[1]) / 2


def _under(truth: Truth, body: int, root: int) -> bool:
    while body > root:
        body = int(truth.model.body_parentid[body])
    return body == root
