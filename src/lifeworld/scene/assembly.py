"""What a thing is built of: parts on joints, each part a few geoms; where things may stand on it and in it.

Frame of every thing: origin at the centre of its footprint, z = 0 where it rests, +X to the right, front towards −Y.
Mass comes from the geoms that collide (density of their material times volume), so hollow things weigh what walls weigh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import IDENTITY, Pose
from lifeworld.scene.shape import Box, Mesh, Shape, Vec3

Role = Literal["both", "visual", "collision"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geom:
    """A shape on a part. `role`: seen and touched (`both`), only seen, only touched.

    None for `material` or `color` means the thing's own.
    """

    shape: Shape
    pose: Pose = IDENTITY  # part_from_geom
    material: str | None = None
    color: str | None = None
    role: Role = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """How a part moves on its parent: `hinge` [rad] or `slide` [m], along `axis` through `anchor_m` (part frame).

    `range` is (closed, open); `damping` [N·m·s/rad or N·s/m], `friction` [N·m or N] dry, `spring` [N·m/rad or N/m] towards `rest`.
    """

    name: str
    kind: Literal["hinge", "slide"]
    axis: Vec3
    anchor_m: Vec3 = (0.0, 0.0, 0.0)
    range: tuple[float, float] | None = None
    damping: float = 0.1
    friction: float = 0.0
    spring: float = 0.0
    rest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rigid piece. The first part of an assembly is its root.

    The others hang on `parent` at `pose` (parent_from_part) by `joint`, or rigidly.
    """

    name: str
    geoms: tuple[Geom, ...]
    parent: str | None = None
    pose: Pose = IDENTITY
    joint: Joint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Where things may stand: a level rectangle `size_m` (x, y) [m], or a disc of that diameter, at `pose` on a part.

    `clearance_m` is free above it.
    """

    name: str
    size_m: tuple[float, float]
    pose: Pose
    part: str | None = None  # None: the root part
    shape: Literal["rectangle", "disc"] = "rectangle"
    clearance_m: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Where things may be put in: free inside of `size_m` (x, y, z) [m] above the inner bottom at `pose` on a part.

    It is open to `opening`.
    """

    name: str
    size_m: Vec3
    pose: Pose
    part: str | None = None
    shape: Literal["rectangle", "disc"] = "rectangle"
    opening: Literal["top", "front"] = "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light that the thing carries, shining while it is turned on; `position_m` and `direction` in the part's frame.

    `spread_deg` is the whole angle of its cone; 180 shines all around.
    """

    position_m: Vec3
    direction: Vec3 = (0.0, 0.0, -1.0)
    color: str = "#ffe8c4"
    intensity: float = 0.6
    spread_deg: float = 80.0
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Soft:
    """A soft body: a `cloth` sheet (count x × y) or an elastic `solid` (count x × y × z), block or ellipsoid, filling `size_m` from z = 0.

    `mass_kg`; `young_pa`, `poisson` elasticity; `thickness_m` of a sheet; `damping` [s] of the material (Kelvin–Voigt time).
    """

    kind: Literal["cloth", "solid"]
    shape: Literal["block", "ellipsoid"] = "block"
    size_m: Vec3
    count: tuple[int, int, int]
    mass_kg: float
    young_pa: float
    poisson: float = 0.2
    thickness_m: float = 0.004
    damping: float = 0.01
    color: str | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A thing as built: parts (the first is the root), surfaces, containers, lamps; or one soft body and no parts."""

    parts: tuple[Part, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    containers: tuple[Container, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    soft: Soft | None = None

    @property
    def joints(self) -> tuple[Joint, ...]:
        return tuple(part.joint for part in self.parts if part.joint is not None)

    def part_poses(self, joints: dict[str, float] | None = None) -> dict[str, Pose]:
        """thing_from_part of every part, with `joints` (name → rad or m) set and the others at rest."""
        joints = joints or {}
        poses: dict[str, Pose] = {}
        for part in self.parts:
            pose = part.pose
            if part.joint is not None:
                pose = pose @ joint_motion(part.joint, joints.get(part.joint.name, part.joint.rest))
            poses[part.name] = poses[part.parent] @ pose if part.parent is not None else pose
        return poses

    def boxes(self, joints: dict[str, float] | None = None) -> list[tuple[Pose, Vec3]]:
        """Oriented boxes (thing_from_box, half sizes [m]) around every geom that collides; the whole block for a soft body."""
        if self.soft is not None:
            x, y, z = self.soft.size_m
            z = max(z, self.soft.thickness_m)
            return [(Pose((0.0, 0.0, z / 2)), (x / 2, y / 2, z / 2))]
        poses = self.part_poses(joints)
        out: list[tuple[Pose, Vec3]] = []
        for part in self.parts:
            for geom in part.geoms:
                if geom.role != "visual":
                    centre, half = box_of(geom.shape)
                    out.append((poses[part.name] @ geom.pose @ Pose(centre), half))
        return out

    def bounds(self, joints: dict[str, float] | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and greatest corner (3,) [m] of the colliding geoms' boxes, thing frame."""
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for pose, half in self.boxes(joints):
            reach = np.abs(pose.rotation) @ np.asarray(half)
            low, high = np.minimum(low, pose.position_m - reach), np.maximum(high, pose.position_m + reach)
        return low, high


def joint_motion(joint: Joint, value: float) -> Pose:
    """The motion of a part when its joint stands at `value` [rad or m]."""
    axis = np.asarray(joint.axis, dtype=np.float64)
    axis = axis / np.linalg.norm(axis)
    if joint.kind == "slide":
        return Pose(axis * value)
    turn = Pose((0, 0, 0), np.concatenate([[np.cos(value / 2)], np.sin(value / 2) * axis]))
    anchor = Pose(joint.anchor_m)
    return anchor @ turn @ anchor.inverse()


def box_of(shape: Shape) -> tuple[Vec3, Vec3]:
    """Centre and half sizes [m] of the box around a shape, in its own frame."""
    if isinstance(shape, Mesh):
        low, high = shape.bounds_m
        c, h = (low + high) / 2, (high - low) / 2
        return (float(c[0]), float(c[1]), float(c[2])), (float(h[0]), float(h[1]), float(h[2]))
    return (0.0, 0.0, 0.0), shape.half_m


def box(size_m: Vec3, at_m: Vec3, *, material: str | None = None, color: str | None = None, role: Role = "both") -> Geom:
    """A box geom of full sizes centred at `at_m`: most furniture is made of these."""
    return Geom(shape=Box(size_m), pose=Pose(at_m), material=material, color=color, role=role)


def ring(
    radius_m: float, height_m: float, thickness_m: float, *, z_m: float = 0.0, pieces: int = 12, top_radius_m: float | None = None,
    material: str | None = None, color: str | None = None, role: Role = "collision",
) -> list[Geom]:  # fmt: skip
    """The wall of a round hollow thing as `pieces` boxes standing in a ring: outer radius `radius_m` at `z_m`, `top_radius_m` above."""
    top = radius_m if top_radius_m is None else top_radius_m
    lean = np.arctan2(top - radius_m, height_m)
    middle = (radius_m + top) / 2 - thickness_m / 2
    width = 2 * np.tan(np.pi / pieces) * (max(radius_m, top))
    out = []
    for i in range(pieces):
        angle = 2 * np.pi * (i + 0.5) / pieces
        turn = Pose.from_yaw((0, 0, 0), angle)
        tilt = Pose((middle, 0.0, z_m + height_m / 2), (np.cos(lean / 2), 0.0, np.sin(lean / 2), 0.0))
        out.append(
            Geom(shape=Box((thickness_m, width, height_m / np.cos(lean))), pose=turn @ tilt, material=material, color=color, role=role)
        )
    return out


def walls(size_m: Vec3, thickness_m: float, *, z_m: float = 0.0, bottom: bool = True, sides: str = "lrfb", material: str | None = None,
          color: str | None = None, role: Role = "both") -> list[Geom]:  # fmt: skip
    """An open-topped box of outer `size_m` with its bottom at `z_m`: `sides` names left, right, front, back walls to make."""
    x, y, z = size_m
    t = thickness_m
    made: list[Geom] = []
    low = t if bottom else 0.0
    if bottom:
        made.append(box((x, y, t), (0, 0, z_m + t / 2), material=material, color=color, role=role))
    mid, h = z_m + low + (z - low) / 2, z - low
    places: dict[str, tuple[Vec3, Vec3]] = {
        "l": ((t, y, h), (-x / 2 + t / 2, 0, mid)),
        "r": ((t, y, h), (x / 2 - t / 2, 0, mid)),
        "f": ((x - 2 * t, t, h), (0, -y / 2 + t / 2, mid)),
        "b": ((x - 2 * t, t, h), (0, y / 2 - t / 2, mid)),
    }
    made += [box(*places[side], material=material, color=color, role=role) for side in sides]
    return made


def root(geoms: Iterable[Geom], *, name: str = "body") -> Part:
    """The root part from its geoms."""
    return Part(name=name, geoms=tuple(geoms))


def legs(size_m: Vec3, height_m: float, thickness_m: float, *, inset_m: float = 0.03, material: str | None = None) -> Sequence[Geom]:
    """Four square legs under a top of `size_m`."""
    x, y = size_m[0] / 2 - inset_m - thickness_m / 2, size_m[1] / 2 - inset_m - thickness_m / 2
    return [
        box((thickness_m, thickness_m, height_m), (sx * x, sy * y, height_m / 2), material=material) for sx in (-1, 1) for sy in (-1, 1)
    ]
