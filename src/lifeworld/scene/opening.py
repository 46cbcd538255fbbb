"""Which joints of a thing open it: those of doors, drawers and lids, from closed to open."""

from __future__ import annotations

from lifeworld.scene.assembly import Assembly, Joint

OPENING = ("drawer", "door", "freezer_door", "lid", "leaf", "sash", "blade")
"""What such joints are called, before their numbers and sides. Handles, levers and wheels open nothing."""


def opening_joints(assembly: Assembly) -> tuple[Joint, ...]:
    """The joints whose positions say how far the thing is open; each has a range (closed, open)."""
    return tuple(joint for joint in assembly.joints if joint.range is not None and _stem(joint.name) in OPENING)


def _stem(name: str) -> str:
    return name.removesuffix("_left").removesuffix("_right").rstrip("0123456789").rstrip("_")
