"""From where a scene is seen: whose left and right a sentence means."""

from __future__ import annotations

import math

from lifeworld.core.errors import UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene.scene import Scene


def viewer_of(scene: Scene, viewer: str | None) -> tuple[str | None, float | None]:
    """The camera that is looked through (the one named `viewer`, else the first) and the yaw [deg] of its frame, +X its right.

    Both None where there is no camera, or it hangs on something that has no place yet.

    Raises:
        UnknownName: if there is no such camera.
    """
    camera = next((c for c in scene.cameras if viewer in (None, c.name)), None)
    if camera is None:
        if viewer is not None:
            raise UnknownName("camera", viewer, (c.name for c in scene.cameras))
        return None, None
    if camera.attach is None:
        return camera.name, yaw_of(camera.pose)
    holders = {t.name: t.pose for t in scene.things} | {e.name: e.pose for e in scene.embodiments}
    holder = holders.get(camera.attach)
    return (None, None) if holder is None else (camera.name, yaw_of(holder @ camera.pose))


def yaw_of(world_from_camera: Pose) -> float:
    """The yaw [deg] of the upright frame whose +X is the camera's right."""
    right = world_from_camera.rotation[:, 0]
    return round(math.degrees(math.atan2(right[1], right[0])), 3) + 0.0


def sideways(yaw_deg: float | None, x_m: float, y_m: float) -> tuple[float, float]:
    """A point or a way (x, y) [m] of the world, as (to the viewer's right, away from the viewer)."""
    turn = math.radians(yaw_deg or 0.0)
    return math.cos(turn) * x_m + math.sin(turn) * y_m, -math.sin(turn) * x_m + math.cos(turn) * y_m


def worldwards(yaw_deg: float | None, right_m: float, away_m: float) -> tuple[float, float]:
    """The way back of `sideways`."""
    turn = math.radians(yaw_deg or 0.0)
    return math.cos(turn) * right_m - math.sin(turn) * away_m, math.sin(turn) * right_m + math.cos(turn) * away_m
