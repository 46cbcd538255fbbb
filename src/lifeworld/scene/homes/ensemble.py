"""Ensembles: furniture that belongs together, laid out once and then put somewhere as a whole.

Frame of an ensemble: the wall it stands against is y = 0, +X to its right, −Y into the room; one that stands free has its middle there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.body import body_of
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Vec3

Array = NDArray[np.float64]
SKIRTING_M = 0.016
"""How far from the wall itself the back of furniture stands: the skirting is 12 mm thick."""
REACH_M = 0.75
"""Floor kept free before what is opened, sat at or washed at: a walkway and a little more."""
REST_M = 0.0002
"""How far above the ground a thing is set down."""
NAMELESS = "nameless"
"""Things of an ensemble get their names when they come into a scene."""
Option = int | float | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of an ensemble: `pose` is ensemble_from_thing; `low_m`, `high_m` (3,) its bounds in the ensemble's frame."""

    thing: Thing
    pose: Pose
    low_m: Array
    high_m: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """What is put up as a whole. `access` are rectangles (2, 2) [m] of floor that stay free and that one must be able to walk to.

    `anchor`: back to a `wall`, to a wall in a `corner`, or `free` in the room. `prefers` the middle of a wall or its ends;
    `faces` the kind of a thing it should look at.
    """

    items: tuple[Item, ...]
    anchor: Literal["wall", "corner", "free"] = "wall"
    prefers: Literal["middle", "ends", ""] = ""
    access: tuple[Array, ...] = ()
    faces: str = ""

    @property
    def boxes_m(self) -> Array:
        """Bounds (n, 2, 3) of its things, least and greatest corner."""
        return np.array([(i.low_m, i.high_m) for i in self.items])


@dataclass(slots=True)
class Draft:
    """An ensemble in the making."""

    items: list[Item] = field(default_factory=list)

    def put(
        self,
        kind: str,
        x: float,
        y: float | None = None,
        z: float = REST_M,
        *,
        yaw_deg: float = 0.0,
        size_m: Vec3 | None = None,
        color: str | None = None,
        material: str | None = None,
        turned_on: bool = False,
        options: Sequence[tuple[str, Option]] = (),
    ) -> Item:
        """A thing with its middle at x, y; without y its back stands against the wall."""
        thing = Thing(name=NAMELESS, kind=kind, size_m=size_m, color=color, material=material, turned_on=turned_on, options=tuple(options))
        self.items.append(_item(thing, x, y, z, yaw_deg))
        return self.items[-1]

    def row(self, things: Sequence[Thing], *, gap_m: float = 0.003) -> None:
        """Things side by side against the wall, the whole of them centred."""
        items: list[Item] = []
        at = 0.0
        for thing in things:
            item = _item(thing, 0.0, None, REST_M, 0.0)
            items.append(_shifted(item, np.array([at - item.low_m[0], 0.0, 0.0])))
            at += float(item.high_m[0] - item.low_m[0]) + gap_m
        self.items += [_shifted(item, np.array([-(at - gap_m) / 2, 0.0, 0.0])) for item in items]

    def made(
        self,
        *,
        anchor: Literal["wall", "corner", "free"] = "wall",
        prefers: Literal["middle", "ends", ""] = "",
        access: Sequence[tuple[float, float, float, float]] = (),
        faces: str = "",
    ) -> Ensemble:
        """The ensemble; `access` as (x, y) least and (x, y) greatest."""
        return Ensemble(
            items=tuple(self.items),
            anchor=anchor,
            prefers=prefers,
            access=tuple(np.array([a[:2], a[2:]]) for a in access),
            faces=faces,
        )


def before(item: Item, *, depth_m: float = REACH_M) -> tuple[float, float, float, float]:
    """The floor before a thing's front, as wide as it is."""
    return float(item.low_m[0]), float(item.low_m[1]) - depth_m, float(item.high_m[0]), float(item.low_m[1])


def _item(thing: Thing, x: float, y: float | None, z: float, yaw_deg: float) -> Item:
    turned = Pose.from_yaw((0, 0, 0), np.deg2rad(yaw_deg))
    low, high = body_of(thing, {}).solid.moved(turned).bounds()
    low, high = low.min(axis=0), high.max(axis=0)
    if y is None:
        y = -SKIRTING_M - float(high[1])
    at = np.array([x, y, z])
    return Item(thing=thing, pose=Pose.from_yaw((x, y, z), np.deg2rad(yaw_deg)), low_m=low + at, high_m=high + at)


def _shifted(item: Item, by_m: Array) -> Item:
    pose = Pose(item.pose.position_m + by_m, item.pose.quat_wxyz)
    return Item(thing=item.thing, pose=pose, low_m=item.low_m + by_m, high_m=item.high_m + by_m)
