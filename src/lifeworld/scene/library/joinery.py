"""How furniture is put together: finishes, bevelled boards, legs, handles, carcasses, drawers and hinged doors.

No kinds here: the families build on this. Everything is a few boxes to touch and, where it shows, a rounded mesh to see.
A moving front stands 2 mm away from its neighbours, so that it moves freely and never starts inside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.assembly import Container, Geom, Joint, Part, Role, box
from lifeworld.scene.shape import Capsule, Cylinder, Mesh, Vec3, rounded_box

GAP_M = 0.002  # between moving fronts and what stands beside them
BOARD_M = 0.018  # the usual board


@dataclass(frozen=True, slots=True)
class Finish:
    """What a geom is made of and its colour; None means the thing's own, or the material's own colour when a material is named."""

    material: str | None = None
    color: str | None = None


OWN = Finish()
STEEL = Finish("steel")
CHROME = Finish("steel", "#d3d7db")
BLACK_METAL = Finish("steel", "#2b2d31")
BLACK_TUBE = Finish("plastic", "#2b2d31")  # painted steel tube: hollow, so about as light as solid plastic
STEEL_TUBE = Finish("plastic", "#b4b9be")
BLACK_PLASTIC = Finish("plastic", "#26272a")
WHITE_PLASTIC = Finish("plastic", "#f2f1ec")
DARK_GLASS = Finish("glass", "#14171c")
CLEAR_GLASS = Finish("glass", "#cfe8ee55")
RUBBER = Finish("rubber")


def panel(size_m: Vec3, at_m: Vec3, finish: Finish = OWN, *, role: Role = "both") -> Geom:
    """A plain board of full sizes, centred at `at_m`."""
    return box(size_m, at_m, material=finish.material, color=finish.color, role=role)


def seen(mesh: Mesh, finish: Finish = OWN, at_m: Vec3 = (0.0, 0.0, 0.0)) -> Geom:
    """A mesh that is only looked at."""
    return Geom(shape=mesh, pose=Pose(at_m), material=finish.material, color=finish.color, role="visual")


def rounded(size_m: Vec3, at_m: Vec3, radius_m: float, finish: Finish = OWN, *, steps: int = 2, touch: Finish | None = None) -> list[Geom]:
    """A block with soft edges: a rounded mesh to see and a box to touch (of `touch`, when it weighs or grips differently)."""
    return [seen(rounded_box(size_m, radius_m, steps=steps), finish, at_m), panel(size_m, at_m, touch or finish, role="collision")]


def cushion(size_m: Vec3, at_m: Vec3, radius_m: float, finish: Finish = OWN, *, puff_m: float = 0.0) -> Geom:
    """A padded block to see: edges rounded by `radius_m`, every face swollen by up to `puff_m` in its middle."""
    half = np.asarray(size_m) / 2 - puff_m
    radius = min(radius_m, *(half * 0.98))
    bend = np.linspace(0.0, 1.0, 4) * radius
    sides = [np.unique(np.concatenate([-h + bend, np.linspace(-h + radius, h - radius, 5), h - bend]).round(9)) for h in half]
    points, faces, count = [], [], 0
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        grid_u, grid_v = np.meshgrid(sides[u], sides[v], indexing="ij")
        n, m = grid_u.shape
        for sign in (-1.0, 1.0):
            face = np.zeros((n * m, 3))
            face[:, axis], face[:, u], face[:, v] = sign * half[axis], grid_u.ravel(), grid_v.ravel()
            i = (np.arange(n - 1)[:, None] * m + np.arange(m - 1)).ravel() + count
            quads = np.concatenate([np.column_stack([i, i + m, i + m + 1]), np.column_stack([i, i + m + 1, i + 1])])
            faces.append(quads if sign > 0 else quads[:, ::-1])
            points.append(face)
            count += n * m
    cube = np.concatenate(points)
    inner = np.clip(cube, -(half - radius), half - radius)
    out = cube - inner
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    share = 1 - (inner / (half - radius + 1e-9)) ** 2  # 1 in the middle of the block, 0 at its edges
    swell = puff_m * np.stack([share[:, (k + 1) % 3] * share[:, (k + 2) % 3] * out[:, k] for k in range(3)], axis=1)
    vertices, index = np.unique((inner + radius * out + swell).round(7), axis=0, return_inverse=True)
    return seen(Mesh(vertices, index.reshape(-1)[np.concatenate(faces)].astype(np.int32)), finish, at_m)


def rod(radius_m: float, start_m: Vec3, end_m: Vec3, finish: Finish = OWN, *, role: Role = "both", round_ends: bool = False) -> Geom:
    """A round bar between two points; with `round_ends` the caps lie within the length."""
    a, b = np.asarray(start_m, dtype=np.float64), np.asarray(end_m, dtype=np.float64)
    length = float(np.linalg.norm(b - a))
    shape = Capsule(radius_m, length - 2 * radius_m) if round_ends and length > 2 * radius_m else Cylinder(radius_m, length)
    return Geom(shape=shape, pose=Pose((a + b) / 2, quat_to((b - a) / length)), material=finish.material, color=finish.color, role=role)


def quat_to(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shortest turn (wxyz) that takes +Z to the unit vector `direction`."""
    x, y, z = direction
    return np.array([1.0, 0.0, 0.0, 0.0] if z > 1 - 1e-12 else [0.0, 1.0, 0.0, 0.0] if z < -1 + 1e-12 else [1 + z, -y, x, 0.0])


def merged(blocks: Iterable[tuple[Vec3, Vec3]]) -> Mesh:
    """Many boxes (full sizes, centre) as one flat-shaded mesh: keys, slats, panels with rails."""
    vertices: list[NDArray[np.float64]] = []
    faces: list[list[int]] = []
    for size, at in blocks:
        half = np.asarray(size) / 2
        for axis in range(3):
            for sign in (-1.0, 1.0):
                u, v = (axis + 1) % 3, (axis + 2) % 3
                corners = np.zeros((4, 3))
                corners[:, axis] = sign
                corners[:, u], corners[:, v] = (-1, 1, 1, -1), (-1, -1, 1, 1)
                first = 4 * len(vertices)
                vertices.append(corners * half + np.asarray(at))
                order = (0, 1, 2, 3) if sign > 0 else (3, 2, 1, 0)
                faces += [[first + order[0], first + order[1], first + order[2]], [first + order[0], first + order[2], first + order[3]]]
    return Mesh(np.concatenate(vertices), np.array(faces, dtype=np.int32), smooth=False)


def frustum(foot_m: tuple[float, float], top_m: tuple[float, float], height_m: float, shift_m: tuple[float, float] = (0.0, 0.0), *,
            sides: int = 4) -> Mesh:  # fmt: skip
    """A convex post from a foot (full x, y) at z = 0 to a top at `height_m` moved aside by `shift_m`; four-sided or round."""
    turn = np.pi / sides if sides == 4 else 0.0
    angles = np.arange(sides) * 2 * np.pi / sides + turn
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) / (2 * np.cos(np.pi / 4) if sides == 4 else 2.0)
    low = np.column_stack([ring * foot_m, np.zeros(sides)])
    high = np.column_stack([ring * top_m + np.asarray(shift_m), np.full(sides, height_m)])
    vertices, faces = [low[::-1], high], []
    faces += [(0, i, i + 1) for i in range(1, sides - 1)] + [(sides, sides + i, sides + i + 1) for i in range(1, sides - 1)]
    if sides == 4:  # sharp: each side has its own corners
        for i in range(4):
            j = (i + 1) % 4
            k = 8 + 4 * i
            vertices.append(np.stack([low[i], low[j], high[j], high[i]]))
            faces += [(k, k + 1, k + 2), (k, k + 2, k + 3)]
    else:
        vertices += [low, high]
        for i in range(sides):
            j = (i + 1) % sides
            a, b = 2 * sides + i, 2 * sides + j
            faces += [(a, b, b + sides), (a, b + sides, a + sides)]
    return Mesh(np.concatenate(vertices), np.array(faces, dtype=np.int32), smooth=sides != 4)


def tapered_legs(x_m: float, y_m: float, height_m: float, top_m: float, foot_m: float, *, splay_m: float = 0.0, finish: Finish = OWN,
                 sides: int = 4, z_m: float = 0.0) -> list[Geom]:  # fmt: skip
    """Four legs whose feet stand at (±x, ±y): `top_m` thick above, `foot_m` below, leaning inwards by `splay_m` on the way up."""
    mesh = frustum((foot_m, foot_m), (top_m, top_m), height_m, (-splay_m, -splay_m), sides=sides)
    turns = ((1, 1, 0.0), (-1, 1, np.pi / 2), (-1, -1, np.pi), (1, -1, -np.pi / 2))
    return [
        Geom(shape=mesh, pose=Pose.from_yaw((sx * x_m, sy * y_m, z_m), yaw), material=finish.material, color=finish.color)
        for sx, sy, yaw in turns
    ]


def bar_handle(length_m: float, at_m: Vec3, *, along: Literal["x", "z"] = "x", reach_m: float = 0.03, finish: Finish = BLACK_METAL,
               radius_m: float = 0.005) -> list[Geom]:  # fmt: skip
    """A bar on two posts in front of a face at `at_m` (the face is at its y, the front towards −Y); it reaches `reach_m` forward."""
    x, y, z = at_m
    bar_y = y - reach_m + radius_m
    dx, dz = (length_m / 2, 0.0) if along == "x" else (0.0, length_m / 2)
    posts = [(x - 0.8 * dx, z - 0.8 * dz), (x + 0.8 * dx, z + 0.8 * dz)]
    return [
        rod(radius_m, (x - dx, bar_y, z - dz), (x + dx, bar_y, z + dz), finish, round_ends=True),
        *(rod(0.7 * radius_m, (px, y, pz), (px, bar_y, pz), finish, role="visual") for px, pz in posts),
    ]


def knob(at_m: Vec3, *, reach_m: float = 0.03, finish: Finish = BLACK_METAL, radius_m: float = 0.014) -> list[Geom]:
    """A round knob in front of a face at `at_m`."""
    x, y, z = at_m
    head = 0.5 * reach_m
    return [
        rod(radius_m, (x, y - reach_m, z), (x, y - reach_m + head, z), finish),
        rod(0.45 * radius_m, (x, y - reach_m + head, z), (x, y, z), finish, role="visual"),
    ]


def carcass(width_m: float, height_m: float, y_m: tuple[float, float], *, z_m: float = 0.0, board_m: float = BOARD_M,
            back_m: float = 0.008, finish: Finish = OWN, lining: Finish | None = None, top: bool = True) -> list[Geom]:  # fmt: skip
    """A cupboard open to the front, from `y_m` front to back: two sides, bottom, back and top; `lining` colours the inside."""
    front, rear = y_m
    depth, mid = rear - front, (front + rear) / 2
    t = board_m
    inner = width_m - 2 * t
    made = [panel((t, depth, height_m), (side * (width_m - t) / 2, mid, z_m + height_m / 2), finish) for side in (-1.0, 1.0)]
    made.append(panel((inner, depth, t), (0, mid, z_m + t / 2), finish))
    if top:
        made.append(panel((inner, depth, t), (0, mid, z_m + height_m - t / 2), finish))
    high = height_m - (2 * t if top else t)
    made.append(panel((inner, back_m, high), (0, rear - back_m / 2, z_m + t + high / 2), finish))
    if lining is not None:
        s, d = 0.001, depth - back_m
        y, z = front + d / 2, z_m + t + high / 2
        skins: list[tuple[Vec3, Vec3]] = [
            ((s, d, high), (-(inner - s) / 2, y, z)),
            ((s, d, high), ((inner - s) / 2, y, z)),
            ((inner, d, s), (0, y, z_m + t + s / 2)),
            ((inner, s, high), (0, rear - back_m - s / 2, z)),
        ]
        if top:
            skins.append(((inner, d, s), (0, y, z_m + height_m - t - s / 2)))
        made.append(seen(merged(skins), lining))
    return made


def drawer(name: str, at_m: Vec3, front_m: tuple[float, float], box_m: Vec3, *, parent: str = "body", lift_m: float = 0.012,
           front_thick_m: float = BOARD_M, wall_m: float = 0.012, finish: Finish = OWN, inside: Finish = OWN, pull: Sequence[Geom] = (),
           ) -> tuple[Part, Container]:  # fmt: skip
    """A drawer on a slide towards −Y and its hollow. `at_m`: bottom middle of the front's face; `box_m`: outer box behind the front.

    `pull` are the geoms of its handle in the drawer's frame: face at y = 0, middle of the bottom edge at the origin.
    """
    width, height = front_m
    bx, by, bz = box_m
    t, w, floor = front_thick_m, wall_m, 0.008
    mid = lift_m + floor + (bz - floor) / 2
    geoms = [
        *rounded((width, t, height), (0, t / 2, height / 2), 0.003, finish),
        panel((bx, by, floor), (0, t + by / 2, lift_m + floor / 2), inside),
        panel((w, by, bz - floor), (-(bx - w) / 2, t + by / 2, mid), inside),
        panel((w, by, bz - floor), ((bx - w) / 2, t + by / 2, mid), inside),
        panel((bx - 2 * w, w, bz - floor), (0, t + by - w / 2, mid), inside),
        *pull,
    ]
    joint = Joint(name=name, kind="slide", axis=(0, -1, 0), range=(0.0, 0.85 * by), damping=12.0, friction=2.0)
    part = Part(name=name, geoms=tuple(geoms), parent=parent, pose=Pose(at_m), joint=joint)
    hollow = Container(name=name, part=name, size_m=(bx - 2 * w, by - w, bz - floor), pose=Pose((0, t + (by - w) / 2, lift_m + floor)))
    return part, hollow


def door_face(width_m: float, height_m: float, thick_m: float, *, style: Literal["slab", "shaker", "glass"] = "slab",
              finish: Finish = OWN, rail_m: float = 0.06, pane: Finish = CLEAR_GLASS) -> list[Geom]:  # fmt: skip
    """A leaf from x = 0 to `width_m`, face at y = 0, bottom at z = 0: flat, with a sunk panel, or with a pane in a frame."""
    w, h, t, r = width_m, height_m, thick_m, min(rail_m, 0.2 * width_m, 0.2 * height_m)
    rails: list[tuple[Vec3, Vec3]] = [
        ((r, t, h), (r / 2, t / 2, h / 2)),
        ((r, t, h), (w - r / 2, t / 2, h / 2)),
        ((w - 2 * r, t, r), (w / 2, t / 2, r / 2)),
        ((w - 2 * r, t, r), (w / 2, t / 2, h - r / 2)),
    ]
    if style == "slab":
        return rounded((w, t, h), (w / 2, t / 2, h / 2), 0.003, finish)
    if style == "shaker":
        sunk = ((w - 2 * r, 0.5 * t, h - 2 * r), (w / 2, 0.7 * t, h / 2))
        return [seen(merged([*rails, sunk]), finish), panel((w, t, h), (w / 2, t / 2, h / 2), finish, role="collision")]
    return [*(panel(size, at, finish) for size, at in rails), panel((w - 2 * r, 0.3 * t, h - 2 * r), (w / 2, t / 2, h / 2), pane)]


def hinged(name: str, at_m: Vec3, geoms: Sequence[Geom], *, side: Literal["left", "right"], parent: str = "body", open_rad: float = 1.9,
           friction: float = 0.4, damping: float = 0.3) -> Part:  # fmt: skip
    """A leaf on an upright hinge at `at_m`, opening towards −Y. `geoms` run from x = 0 to +width; on the right side they are mirrored.

    The hinge stands at the face's outer edge, so that an open leaf stays within the width of its cupboard.
    """
    sign = 1.0 if side == "left" else -1.0
    shown = tuple(geoms) if side == "left" else tuple(mirrored(geom) for geom in geoms)
    joint = Joint(name=name, kind="hinge", axis=(0, 0, -sign), range=(0.0, open_rad), damping=damping, friction=friction)
    return Part(name=name, geoms=shown, parent=parent, pose=Pose(at_m), joint=joint)


def mirrored(geom: Geom) -> Geom:
    """The geom on the other side of the plane x = 0."""
    w, x, y, z = geom.pose.quat_wxyz
    px, py, pz = geom.pose.position_m
    shape = geom.shape
    if isinstance(shape, Mesh):
        shape = Mesh(shape.vertices_m * (-1.0, 1.0, 1.0), shape.faces[:, ::-1], smooth=shape.smooth)
    return Geom(shape=shape, pose=Pose((-px, py, pz), (w, x, -y, -z)), material=geom.material, color=geom.color, role=geom.role)


def shifted(geoms: Iterable[Geom], by_m: Vec3) -> list[Geom]:
    """The geoms moved by `by_m`."""
    move = Pose(by_m)
    return [Geom(shape=g.shape, pose=move @ g.pose, material=g.material, color=g.color, role=g.role) for g in geoms]


def scaled(mesh: Mesh, by: Vec3) -> Mesh:
    """The mesh stretched along the axes: lathed things become oval."""
    return Mesh(mesh.vertices_m * np.asarray(by), mesh.faces, smooth=mesh.smooth)
