"""Spaces: which part of the floor is which room, and whether what is seen there is nobody else's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.scene.bounds import check_name, finite

SpaceKind = Literal["kitchen", "living_room", "bedroom", "bathroom", "office", "clinic_ward", "hall"]
SPACE_KINDS: tuple[SpaceKind, ...] = get_args(SpaceKind)
FARTHEST_M = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A room as a place: the rectangle of floor from `low_m` to `high_m` (x, y) [m] between its walls, world frame.

    `sensitive` marks where people undress, wash or are ill: recordings from there need more care.
    """

    name: str
    kind: SpaceKind
    low_m: tuple[float, float]
    high_m: tuple[float, float]
    sensitive: bool = False

    def __post_init__(self) -> None:
        check_name(self.name, "space")
        where = f"space {self.name!r}"
        if self.kind not in SPACE_KINDS:
            raise UnknownName("kind of space", str(self.kind), SPACE_KINDS, where=where)
        finite("low_m", self.low_m, most=FARTHEST_M, where=where)
        finite("high_m", self.high_m, most=FARTHEST_M, where=where)
        if not (self.low_m[0] < self.high_m[0] and self.low_m[1] < self.high_m[1]):
            raise LimitError("a space has an area", where=where, got=f"{self.low_m} to {self.high_m}", expected="low_m below high_m")
