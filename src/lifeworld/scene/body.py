"""A kind built for geometry: its convex pieces, its centre of mass, and the sites where other things may stand or be put.

Built once for equal kinds, sizes, options and joint positions; everything is in the thing's frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import SceneError
from lifeworld.core.pose import IDENTITY, Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly, Geom
from lifeworld.scene.check import is_asset
from lifeworld.scene.convex import Solid
from lifeworld.scene.footprint import disc, rectangle
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.scene import Thing
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Sphere

Array = NDArray[np.float64]
FRONTED = {"furniture", "appliance", "opening", "electronics", "structure"}
"""Categories whose things have a front, so that left and right of them are theirs."""
LEAST_TOP_M = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A level place of full sizes `size_m` (x, y) [m]: a surface, a container's bottom, the ground, or a height in the air to hang at.

    `pose` is frame_from_site, the origin in its middle, +Z up from it. `height_m` is what stands free above: a surface's
    clearance, a container's depth. `opening` is a container's, and `under_m` how far down its own part reaches: what is lower is not in it.
    """

    name: str
    sort: Literal["surface", "container", "ground", "air"]
    pose: Pose
    size_m: tuple[float, float]
    height_m: float
    round: bool = False
    opening: Literal["top", "front"] = "top"
    under_m: float = np.inf

    @property
    def endless(self) -> bool:
        """Whether it has no edge: the ground, or the air."""
        return self.sort in ("ground", "air")

    def outline(self) -> Array:
        """Its outline (k, 2) [m], counter-clockwise, in its own frame."""
        return disc(min(self.size_m)) if self.round else rectangle(self.size_m)

    def holds(self, points_m: Array, *, spare_m: float = 0.0) -> NDArray[np.bool_]:
        """Whether points (n, 2) [m] of its frame are within its outline, grown by `spare_m`."""
        if self.round:
            return np.asarray(np.linalg.norm(points_m, axis=-1) <= min(self.size_m) / 2 + spare_m)
        return np.asarray((np.abs(points_m) <= np.asarray(self.size_m) / 2 + spare_m).all(axis=-1))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Body:
    """`solid` (n,) convex pieces, `com_m` (3,) centre of mass by volume and density, `low_m`, `high_m` (3,) bounds: all thing frame [m]."""

    solid: Solid
    com_m: Array
    low_m: Array
    high_m: Array
    surfaces: tuple[Site, ...]
    containers: tuple[Site, ...]
    has_front: bool
    soft: bool

    @property
    def size_m(self) -> Array:
        return np.asarray(self.high_m - self.low_m)


def body_of(thing: Thing, assets: Mapping[str, Assembly]) -> Body:
    """The body of a thing; imported kinds are looked up in `assets` (name → assembly).

    Raises:
        SceneError: for an imported thing whose assembly is not given; as `archetype.build` for others.
    """
    if not is_asset(thing):
        archetype.build(thing)  # refuses what the kind cannot be
        return _body(thing.kind, thing.size_m, thing.options, thing.joints, thing.material)
    name = thing.kind.removeprefix("asset:")
    if name not in assets:
        raise SceneError(f"the shape of asset {name!r} is not known here", where=f"thing {thing.name!r}", fix="Give its assembly.")
    return _make(assets[name], dict(thing.joints), thing.material or "plastic", has_front=False)


@lru_cache(maxsize=2048)
def _body(
    kind: str,
    size_m: tuple[float, float, float] | None,
    options: tuple[tuple[str, int | float | str | bool], ...],
    joints: tuple[tuple[str, float], ...],
    material: str | None,
) -> Body:
    what = archetype.kind(kind)
    assembly = archetype.build(Thing(name="x", kind=kind, size_m=size_m, options=options))
    return _make(assembly, dict(joints), material or what.material, has_front=what.category in FRONTED)


def _make(assembly: Assembly, joints: Mapping[str, float], material: str, *, has_front: bool) -> Body:
    if assembly.soft is not None:
        x, y, z = assembly.soft.size_m
        z = max(z, assembly.soft.thickness_m)
        geoms = [(IDENTITY, Geom(shape=Box((x, y, z)), pose=Pose((0, 0, z / 2))))]
    else:
        parts = assembly.part_poses(dict(joints))
        geoms = [(parts[part.name], geom) for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    owners = [part.name for part in assembly.parts for geom in part.geoms if geom.role != "visual"]
    if not geoms:  # only to be looked at: a point, that nothing can meet
        geoms = [(IDENTITY, Geom(shape=Sphere(1e-6), pose=Pose((0, 0, 1e-6))))]
    solid = _solid(geoms)
    low, high = (f(b, axis=0) for f, b in zip((np.min, np.max), solid.bounds(), strict=True))
    weights = np.array([MATERIALS[g.material or material].density_kg_m3 * g.shape.volume_m3 for _, g in geoms])
    com = (weights[:, None] * solid.centre_m).sum(axis=0) / weights.sum() if weights.sum() > 0 else (low + high) / 2
    surfaces, containers = _sites(assembly, dict(joints))
    root = assembly.parts[0].name if assembly.parts else None
    for k, container in enumerate(assembly.containers):
        own = np.array([owner == (container.part or root) for owner in owners], dtype=bool)
        if own.any():
            containers[k] = replace(containers[k], under_m=_under_m(containers[k], solid.take(own)))
    return Body(
        solid=solid,
        com_m=com,
        low_m=low,
        high_m=high,
        surfaces=tuple(surfaces) or tuple(_tops(solid, float(high[2]))),
        containers=tuple(containers),
        has_front=has_front,
        soft=assembly.soft is not None,
    )


def _solid(geoms: list[tuple[Pose, Geom]]) -> Solid:
    part = Pose(np.array([p.position_m for p, _ in geoms]), np.array([p.quat_wxyz for p, _ in geoms]))
    geom = Pose(np.array([g.pose.position_m for _, g in geoms]), np.array([g.pose.quat_wxyz for _, g in geoms]))
    poses = part @ geom
    n = len(geoms)
    most = max((len(g.shape.vertices_m) for _, g in geoms if isinstance(g.shape, Mesh)), default=1)
    centre, half, round_, corners, is_hull = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros((n, 3)), np.zeros((n, most, 3)), np.zeros(n, bool)
    for i, (_, g) in enumerate(geoms):
        shape = g.shape
        if isinstance(shape, Mesh):
            low, high = shape.bounds_m
            centre[i], half[i], is_hull[i] = (low + high) / 2, (high - low) / 2, True
            corners[i] = shape.vertices_m[0] - centre[i]
            corners[i, : len(shape.vertices_m)] = shape.vertices_m - centre[i]
        elif isinstance(shape, Box):
            half[i] = shape.half_m
        elif isinstance(shape, Ellipsoid):
            round_[i] = shape.radii_m
        elif isinstance(shape, Sphere):
            round_[i] = shape.radius_m
        elif isinstance(shape, Cylinder):
            half[i, 2], round_[i, :2] = shape.height_m / 2, shape.radius_m
        elif isinstance(shape, Capsule):
            half[i, 2], round_[i] = shape.length_m / 2, shape.radius_m
    return Solid(poses.apply(centre), poses.rotation, half, round_, corners, is_hull)


def _sites(assembly: Assembly, joints: dict[str, float]) -> tuple[list[Site], list[Site]]:
    parts = assembly.part_poses(joints)
    root = assembly.parts[0].name if assembly.parts else None
    poses: dict[str | None, Pose] = {None: parts[root] if root is not None else IDENTITY}
    poses.update(parts)
    surfaces = [
        Site(name=s.name, sort="surface", pose=poses[s.part] @ s.pose, size_m=s.size_m, height_m=s.clearance_m, round=s.shape == "disc")
        for s in assembly.surfaces
    ]
    containers = [
        Site(
            name=c.name,
            sort="container",
            pose=poses[c.part] @ c.pose,
            size_m=(c.size_m[0], c.size_m[1]),
            height_m=c.size_m[2],
            round=c.shape == "disc",
            opening=c.opening,
        )
        for c in assembly.containers
    ]
    return surfaces, containers


def _under_m(site: Site, solid: Solid) -> float:
    """How far down from a site pieces reach [m]."""
    return -float(solid.moved(site.pose.inverse()).bounds()[0][:, 2].min())


def _tops(solid: Solid, top_m: float) -> Iterator[Site]:
    """Flat tops of a thing whose kind names no surface: upright boxes and cylinders that reach its greatest height."""
    for i in np.flatnonzero(~solid.hull):
        up = solid.axes[i][2]  # how much each axis of the piece points upwards
        axis = int(np.argmax(np.abs(up)))
        half, radii = solid.half_m[i], solid.round_m[i]
        level = abs(up[axis]) > 1 - 1e-9 and radii[axis] == 0
        if not level or solid.centre_m[i][2] + half[axis] < top_m - 0.002:
            continue
        site = Site(
            name="top",
            sort="surface",
            pose=Pose((*solid.centre_m[i][:2], solid.centre_m[i][2] + half[axis])),
            size_m=(0, 0),
            height_m=np.inf,
        )
        across = [(axis + 1) % 3, (axis + 2) % 3]
        if radii.any() and not half[across].any() and min(radii[across]) * 2 >= LEAST_TOP_M:
            yield replace(site, size_m=(2 * min(radii[across]),) * 2, round=True)
        elif not radii.any() and min(half[across]) * 2 >= LEAST_TOP_M:
            along = solid.axes[i][:, across[0]]
            turned = Pose.from_yaw(site.pose.position_m, float(np.arctan2(along[1], along[0])))
            yield replace(site, pose=turned, size_m=(2 * float(half[across[0]]), 2 * float(half[across[1]])))
