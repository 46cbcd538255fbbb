"""Forms that small things share: curves, skins over cross-sections, walls of round vessels, and stretching to another size.

Pictures come from smooth meshes, touch from few convex pieces that stay inside them (to 2 mm). Lengths in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifeworld.core.errors import ShapeError
from lifeworld.core.pose import Pose, quat_from_matrix
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Shape, Sphere, Vec3, extrude, lathe

Array = NDArray[np.float64]
Outline = list[tuple[float, float]]
Quat = tuple[float, float, float, float]

_HALF = float(np.sqrt(0.5))
UPRIGHT: Quat = (1.0, 0.0, 0.0, 0.0)
ALONG_X: Quat = (_HALF, 0.0, _HALF, 0.0)
"""Lays a shape's z axis along +X."""
ALONG_Y: Quat = (_HALF, -_HALF, 0.0, 0.0)
"""Lays a shape's z axis along +Y."""
TO_FRONT: Quat = (_HALF, _HALF, 0.0, 0.0)
"""Turns a shape's z axis to the front, its y axis up."""


class Paint(TypedDict, total=False):
    """A colour and a material, to be handed on by name: `look(shape, **STALK)`."""

    color: str
    material: str


SPARE_M = 0.0012  # how far the corners of a wall may stand out of the round it approximates


LIFT_M = 0.0005  # walls start this much above the floor: the base alone touches it, with few contact points


def smooth(points: ArrayLike, *, steps: int = 6) -> Array:
    """A curve (m, d) through points (n, d): Catmull–Rom, `steps` pieces between neighbours, straight on at the ends."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.arange(steps)[:, None] / steps
    out = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*out, p[-2:-1]])


def pairs(points: ArrayLike) -> Outline:
    """Points (n, 2) as the list that outlines are made of."""
    return [(float(r), float(z)) for r, z in np.asarray(points, dtype=np.float64)]


def rounded(outline: Sequence[tuple[float, float]], radius_m: float, *, steps: int = 3) -> Outline:
    """An open outline with its inner corners rounded by about `radius_m`: smooth shading then keeps edges crisp."""
    p = np.asarray(outline, dtype=np.float64)
    out = [p[0]]
    for before, corner, after in zip(p[:-2], p[1:-1], p[2:], strict=True):
        back, on = before - corner, after - corner
        cut = min(radius_m, 0.45 * float(np.linalg.norm(back)), 0.45 * float(np.linalg.norm(on)))
        a, b = corner + back / np.linalg.norm(back) * cut, corner + on / np.linalg.norm(on) * cut
        t = np.linspace(0, 1, steps + 1)[:, None]
        out += list((1 - t) ** 2 * a + 2 * t * (1 - t) * corner + t**2 * b)
    return pairs([*out, p[-1]])


def loft(rings_m: ArrayLike, *, smooth: bool = True) -> Mesh:
    """A closed skin over cross-sections (n, m, 3), each a loop; flat lids at both ends. Any turning sense will do."""
    rings = np.asarray(rings_m, dtype=np.float64)
    if rings.ndim != 3 or rings.shape[2] != 3 or rings.shape[0] < 2 or rings.shape[1] < 3:
        raise ShapeError("a skin needs cross-sections", got=rings.shape, expected="(n ≥ 2, m ≥ 3, 3)")
    n, m = rings.shape[:2]
    i, k = np.meshgrid(np.arange(m), np.arange(n - 1))
    a, b = k * m + i, k * m + (i + 1) % m
    sides = np.concatenate([np.stack([a, b, b + m], -1).reshape(-1, 3), np.stack([a, b + m, a + m], -1).reshape(-1, 3)])
    # Lids have corners of their own, so that their edge is shaded sharp.
    first, last = n * m, n * m + m
    vertices = np.concatenate(
        [rings.reshape(-1, 3), rings[0], rings[-1], rings[0].mean(0, keepdims=True), rings[-1].mean(0, keepdims=True)]
    )
    at = np.arange(m)
    to = (at + 1) % m
    low = np.stack([np.full(m, n * m + 2 * m), first + to, first + at], -1)
    high = np.stack([np.full(m, n * m + 2 * m + 1), last + at, last + to], -1)
    faces = np.concatenate([sides, low, high])
    corners = vertices[faces]
    volume = np.einsum(
        "ij,ij->i", corners[:, 0] - vertices.mean(0), np.cross(corners[:, 1] - vertices.mean(0), corners[:, 2] - vertices.mean(0))
    ).sum()
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    faces = faces[area > 1e-14]  # pointed ends repeat a point
    return Mesh(vertices, (faces if volume > 0 else faces[:, ::-1]).astype(np.int32), smooth=smooth)


def taper(path_m: ArrayLike, radii_m: ArrayLike, *, flat: float = 1.0, segments: int = 12) -> Mesh:
    """A bar along a path (n, 3) whose radius changes, (n,); `flat` squeezes it across the path's plane normal (or z for a straight one)."""
    path, radii = np.asarray(path_m, dtype=np.float64), np.broadcast_to(np.asarray(radii_m, dtype=np.float64), (len(np.asarray(path_m)),))
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    up = np.cross(tangents[0], tangents[-1])  # the plane a bent path lies in
    if np.linalg.norm(up) < 1e-3:
        up = np.array([0.0, 0.0, 1.0]) if abs(tangents[0][2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    rings = []
    for point, tangent, radius in zip(path, tangents, radii, strict=True):
        second = up - tangent * (up @ tangent)
        second /= np.linalg.norm(second)
        rings.append(point + radius * (np.cos(angles)[:, None] * np.cross(second, tangent) + flat * np.sin(angles)[:, None] * second))
    return loft(rings)


def hoop(loop_m: ArrayLike, radius_m: float, *, segments: int = 8) -> Mesh:
    """A bar of `radius_m` along a level closed loop (n, 3): rims, rings, wickerwork."""
    loop = np.asarray(loop_m, dtype=np.float64)
    n = len(loop)
    along = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
    out = np.column_stack([along[:, 1], -along[:, 0], np.zeros(n)])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    around = np.cos(angles)[None, :, None] * out[:, None] + np.sin(angles)[None, :, None] * np.array([0.0, 0.0, 1.0])
    i, k = (index.ravel() for index in np.meshgrid(np.arange(segments), np.arange(n)))
    j, m = (i + 1) % segments, (k + 1) % n
    a, b, c, d = k * segments + i, m * segments + i, m * segments + j, k * segments + j
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    return Mesh((loop[:, None] + radius_m * around).reshape(-1, 3), faces.astype(np.int32))


def upright_hoop(centre_m: Vec3, radius_m: float, thick_m: float, *, segments: int = 14) -> Mesh:
    """A ring that stands in the x–z plane: binding wire, key rings."""
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    level = hoop(radius_m * np.column_stack([np.cos(angles), np.sin(angles), 0 * angles]), thick_m, segments=6)
    return moved(level, centre_m, (_HALF, _HALF, 0.0, 0.0))


def plan(x_m: float, y_m: float, corner_m: float, z_m: float = 0.0, *, steps: int = 5) -> Array:
    """A level rectangle (4 · steps, 3) with rounded corners, counter-clockwise."""
    t = np.linspace(0, np.pi / 2, steps)
    r = min(corner_m, x_m / 2, y_m / 2)
    corners = [
        (sx * (x_m / 2 - r) + r * np.cos(t + turn), sy * (y_m / 2 - r) + r * np.sin(t + turn))
        for sx, sy, turn in ((1, 1, 0), (-1, 1, np.pi / 2), (-1, -1, np.pi), (1, -1, 3 * np.pi / 2))
    ]
    flat = np.concatenate([np.column_stack(pair) for pair in corners])
    return np.column_stack([flat, np.full(len(flat), z_m)])


def slab(size_m: Vec3, corner_m: float, *, edge_m: float = 0.001, z_m: float = 0.0, steps: int = 5) -> Mesh:
    """A plate of full sizes on `z_m` with corners rounded in plan and edges broken by `edge_m`: phones, boards, books."""
    x, y, z = size_m
    cuts = ((1.0, 0.0), (0.3, 0.3), (0.0, 1.0))  # how an edge is broken: inset and height, in shares of it
    levels = [(e, h * edge_m) for e, h in cuts] + [(e, z - h * edge_m) for e, h in reversed(cuts)]
    return loft([plan(x - 2 * e * edge_m, y - 2 * e * edge_m, max(corner_m - e * edge_m, 1e-4), z_m + h, steps=steps) for e, h in levels])


def tile(size_m: Vec3, corner_m: float) -> list[Geom]:
    """What can be touched of a `slab` on z = 0: a box and two strips, leaving its rounded corners out."""
    x, y, z = size_m
    cut = 0.6 * corner_m
    strips = [touch(Box((x - 2 * cut, cut, z - LIFT_M)), (0, s * (y - cut) / 2, (z + LIFT_M) / 2)) for s in (-1, 1)]
    return [touch(Box((x, y - 2 * cut, z)), (0, 0, z / 2)), *strips]


def moved(mesh: Mesh, by_m: Vec3 = (0.0, 0.0, 0.0), quat_wxyz: Quat = UPRIGHT) -> Mesh:
    """The mesh turned, then shifted."""
    return Mesh(Pose(by_m, quat_wxyz).apply(mesh.vertices_m), mesh.faces, smooth=mesh.smooth)


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one, for looks: tines on a fork, leaves on a stem."""
    starts = np.cumsum([0, *(len(m.vertices_m) for m in meshes[:-1])])
    faces = np.concatenate([m.faces + int(s) for m, s in zip(meshes, starts, strict=True)])
    return Mesh(np.concatenate([m.vertices_m for m in meshes]), faces, smooth=meshes[0].smooth)


def wall(
    levels: Sequence[tuple[float, float, float, float]],
    *,
    pieces: int = 12,
    at_m: tuple[float, float] = (0.0, 0.0),
    material: str | None = None,
) -> list[Geom]:
    """What can be touched of a round wall: wedges between levels of (outer radius, z, inner radius, z), upwards.

    The wedges' corners stand out of the round by at most SPARE_M, so that their flats lie as near to it as may be.
    """
    turn = np.cos(np.pi / pieces)
    angles = 2 * np.pi * np.arange(pieces + 1) / pieces
    out = []
    for low, high in pairwise(levels):
        for a, b in pairwise(angles):
            corners = []
            for outer, z_outer, inner, z_inner in (low, high):
                for angle in (a, b):
                    for radius, z in ((outer, z_outer), (inner, z_inner)):
                        r = min(radius / turn, radius + SPARE_M)
                        corners.append((at_m[0] + r * np.cos(angle), at_m[1] + r * np.sin(angle), z))
            # order: low a outer, low a inner, low b outer, low b inner, then high likewise
            faces = [
                (0, 2, 6),
                (0, 6, 4),
                (3, 1, 5),
                (3, 5, 7),
                (1, 3, 2),
                (1, 2, 0),
                (4, 6, 7),
                (4, 7, 5),
                (1, 0, 4),
                (1, 4, 5),
                (2, 3, 7),
                (2, 7, 6),
            ]
            out.append(
                Geom(shape=Mesh(np.array(corners), np.array(faces, dtype=np.int32), smooth=False), role="collision", material=material)
            )
    return out


def feet(radius_m: float, width_m: float, *, count: int = 3) -> list[Geom]:
    """Low blocks that a ring-shaped thing stands on, LIFT_M under the rest of it."""
    out = []
    for angle in 2 * np.pi * np.arange(count) / count:
        pose = Pose.from_yaw((radius_m * np.cos(angle), radius_m * np.sin(angle), 2 * LIFT_M), float(angle))
        out.append(Geom(shape=Box((width_m, width_m, 4 * LIFT_M)), pose=pose, role="collision"))
    return out


def across(radius_m: float, *, pieces: int = 12) -> float:
    """Half the width across the flats of a `wall` about this radius: how wide it is free inside, or a `ring` that fits the round."""
    return min(radius_m, (radius_m + SPARE_M) * float(np.cos(np.pi / pieces)))


def at(profile: Sequence[tuple[float, float]] | Array, z_m: float) -> float:
    """The radius of a profile of (r, z) points that rises, at a height."""
    p = np.asarray(profile, dtype=np.float64)
    return float(np.interp(z_m, p[:, 1], p[:, 0]))


def touch(shape: Shape, position_m: Vec3, quat_wxyz: Quat = UPRIGHT, *, material: str | None = None) -> Geom:
    """A geom that is only touched."""
    return Geom(shape=shape, pose=Pose(position_m, quat_wxyz), role="collision", material=material)


def look(
    shape: Shape, position_m: Vec3 = (0.0, 0.0, 0.0), quat_wxyz: Quat = UPRIGHT, *, color: str | None = None, material: str | None = None
) -> Geom:
    """A geom that is only seen."""
    return Geom(shape=shape, pose=Pose(position_m, quat_wxyz), role="visual", color=color, material=material)


def frustum(
    low_radius_m: float,
    high_radius_m: float,
    low_m: float,
    high_m: float,
    *,
    at_m: tuple[float, float] = (0.0, 0.0),
    material: str | None = None,
) -> Geom:
    """A touched piece of an upright cone between two heights, 16-sided."""
    outline = [(0.0, low_m), (low_radius_m, low_m), (high_radius_m, high_m), (0.0, high_m)]
    return touch(lathe(outline, segments=16), (*at_m, 0.0), material=material)


def inside(radius_m: float, bottom_m: float, rim_m: float, *, at_m: tuple[float, float] = (0.0, 0.0)) -> Container:
    """What a round vessel holds: an upright cylinder from its inner bottom to its rim."""
    return Container(name="inside", size_m=(2 * radius_m, 2 * radius_m, rim_m - bottom_m), pose=Pose((*at_m, bottom_m)), shape="disc")


def between(start_m: ArrayLike, end_m: ArrayLike) -> tuple[Vec3, Quat, float]:
    """Middle, turn and length of a bar whose z axis runs from one point to the other."""
    a, b = np.asarray(start_m, dtype=np.float64), np.asarray(end_m, dtype=np.float64)
    length = float(np.linalg.norm(b - a))
    along = (b - a) / length
    level = np.array([-along[1], along[0], 0.0]) if np.hypot(along[0], along[1]) > 1e-9 else np.array([1.0, 0.0, 0.0])
    level /= np.linalg.norm(level)  # x stays level, so that the box around a lying bar is no taller than the bar
    w, i, j, k = (float(q) for q in quat_from_matrix(np.column_stack([level, np.cross(along, level), along])))
    m = (a + b) / 2
    return (float(m[0]), float(m[1]), float(m[2])), (w, i, j, k), length


def bar(start_m: ArrayLike, end_m: ArrayLike, radius_m: float, *, material: str | None = None) -> Geom:
    """A touched capsule whose round ends reach exactly to the two points."""
    middle, quat, length = between(start_m, end_m)
    return touch(Capsule(radius_m, max(length - 2 * radius_m, 1e-4)), middle, quat, material=material)


def handle(points_m: ArrayLike, radius_m: float, *, flat: float = 1.0, color: str | None = None, material: str | None = None) -> list[Geom]:
    """A bent bar to hold, through points (n, 3): seen smooth, touched as capsules from point to point."""
    points = np.asarray(points_m, dtype=np.float64)
    seen = look(taper(smooth(points), radius_m, flat=flat), color=color, material=material)
    thick = radius_m * min(flat, 1.0)
    touched = []
    for i, (a, b) in enumerate(pairwise(points)):
        back = thick * (b - a) / np.linalg.norm(b - a)  # the links overlap, the free ends do not stand out
        touched.append(bar(a - back * (i > 0), b + back * (i < len(points) - 2), thick, material=material))
    return [seen, *touched]


def fit(assembly: Assembly, true_m: Vec3, size_m: Vec3) -> Assembly:
    """An assembly drawn at its true size, stretched to `size_m` side by side.

    Primitives stay primitives where the stretch allows it and become convex meshes where not (a cylinder made oval).
    Parts must not be turned on their parents, and hinges of stretched things run along an axis of the thing.
    """
    by = np.asarray(size_m, dtype=np.float64) / np.asarray(true_m, dtype=np.float64)
    if np.allclose(by, 1.0, rtol=1e-12, atol=0.0):
        return assembly
    even = bool(np.allclose(by, by[0], rtol=1e-9))
    x, y, z = (float(v) for v in by)

    def joint(j: Joint) -> Joint:
        along = float(np.abs(np.asarray(j.axis)) @ by)
        limits = j.range if j.range is None or j.kind == "hinge" else (j.range[0] * along, j.range[1] * along)
        return replace(j, anchor_m=tuple(np.asarray(j.anchor_m) * by), range=limits, rest=j.rest * (along if j.kind == "slide" else 1.0))

    def part(p: Part) -> Part:
        if not even and abs(p.pose.quat_wxyz[0]) < 1 - 1e-9:
            raise ShapeError("a turned part cannot be stretched", where=f"part {p.name!r}", fix="Turn its geoms instead.")
        pose = Pose(p.pose.position_m * by, p.pose.quat_wxyz)
        return replace(p, geoms=tuple(_stretched(g, by) for g in p.geoms), pose=pose, joint=joint(p.joint) if p.joint else None)

    return replace(
        assembly,
        parts=tuple(part(p) for p in assembly.parts),
        surfaces=tuple(
            replace(
                s,
                size_m=(s.size_m[0] * x, s.size_m[1] * y),
                pose=Pose(s.pose.position_m * by, s.pose.quat_wxyz),
                clearance_m=s.clearance_m * z,
            )
            for s in assembly.surfaces
        ),
        containers=tuple(
            replace(c, size_m=(c.size_m[0] * x, c.size_m[1] * y, c.size_m[2] * z), pose=Pose(c.pose.position_m * by, c.pose.quat_wxyz))
            for c in assembly.containers
        ),
        lamps=tuple(replace(lamp, position_m=tuple(np.asarray(lamp.position_m) * by)) for lamp in assembly.lamps),
    )


def _stretched(geom: Geom, by: Array) -> Geom:
    """A geom whose every point p of the part's frame went to by · p."""
    pose = Pose(geom.pose.position_m * by, geom.pose.quat_wxyz)
    rotation = geom.pose.rotation
    own = rotation.T @ np.diag(by) @ rotation  # the stretch in the geom's own frame
    shape = _primitive(geom.shape, np.diag(own)) if np.allclose(own, np.diag(np.diag(own)), atol=1e-9) else None
    if shape is not None:
        return replace(geom, shape=shape, pose=pose)
    skin = _skin(geom.shape)
    return replace(geom, shape=Mesh(geom.pose.apply(skin.vertices_m) * by, skin.faces, smooth=skin.smooth), pose=Pose())


def _primitive(shape: Shape, by: Array) -> Shape | None:
    x, y, z = (float(v) for v in by)
    round_still = abs(x / y - 1) < 1e-9
    match shape:
        case Box():
            return Box((shape.size_m[0] * x, shape.size_m[1] * y, shape.size_m[2] * z))
        case Mesh():
            return Mesh(shape.vertices_m * by, shape.faces, smooth=shape.smooth)
        case Sphere():
            r = shape.radius_m
            return Sphere(r * x) if round_still and abs(x / z - 1) < 1e-9 else Ellipsoid((r * x, r * y, r * z))
        case Ellipsoid():
            return Ellipsoid((shape.radii_m[0] * x, shape.radii_m[1] * y, shape.radii_m[2] * z))
        case Cylinder() if round_still:
            return Cylinder(shape.radius_m * x, shape.height_m * z)
        case Capsule() if round_still:
            length = (shape.length_m + 2 * shape.radius_m) * z - 2 * shape.radius_m * x
            return Capsule(shape.radius_m * x, length) if length > 0 else None
        case _:
            return None


def _skin(shape: Shape) -> Mesh:
    """The surface of a primitive, fine enough to be looked at."""
    match shape:
        case Mesh():
            return shape
        case Box():
            x, y, z = shape.half_m
            return moved(extrude([(-x, -y), (x, -y), (x, y), (-x, y)], 2 * z), (0.0, 0.0, -z))
        case Cylinder():
            angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            circle = shape.radius_m * np.column_stack([np.cos(angles), np.sin(angles)])
            return moved(extrude(circle, shape.height_m), (0.0, 0.0, -shape.height_m / 2))
        case Sphere():
            return _skin(Ellipsoid(shape.half_m))
        case Ellipsoid():
            t = np.linspace(-np.pi / 2, np.pi / 2, 13)
            ball = lathe([(float(np.cos(a)) if abs(a) < 1.57 else 0.0, float(np.sin(a))) for a in t], segments=20)
            return Mesh(ball.vertices_m * np.asarray(shape.radii_m), ball.faces)
        case Capsule():
            t = np.linspace(-np.pi / 2, np.pi / 2, 14)
            r, half = shape.radius_m, shape.length_m / 2
            return lathe(
                [(r * float(np.cos(a)) if abs(a) < 1.57 else 0.0, r * float(np.sin(a)) + (half if a > 0 else -half)) for a in t],
                segments=16,
            )
