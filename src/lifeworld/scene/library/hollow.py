"""Round and oval hollow things: walls of boxes to touch, turned or woven skins to see. No kinds here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.pose import Pose
from lifeworld.scene.assembly import Geom
from lifeworld.scene.library.joinery import OWN, Finish, scaled
from lifeworld.scene.shape import Box, Mesh, lathe

Half = tuple[float, float]


def oval_wall(low_m: Half, high_m: Half, height_m: float, thick_m: float, *, z_m: float = 0.0, pieces: int = 12,
              finish: Finish = OWN) -> list[Geom]:  # fmt: skip
    """The wall of an oval vessel as boxes: outer semi-axes `low_m` at the bottom and `high_m` at the top, at the middle of each box."""
    made = []
    for i in range(pieces):
        ends = 2 * np.pi * np.array([i, i + 1]) / pieces
        ring = np.column_stack([np.cos(ends), np.sin(ends)]) / np.cos(np.pi / pieces)  # outside: its sides touch the oval
        low, high = ring * low_m, ring * high_m
        foot, rim = np.append(low.mean(axis=0), z_m), np.append(high.mean(axis=0), z_m + height_m)
        wide = max(np.linalg.norm(low[1] - low[0]), np.linalg.norm(high[1] - high[0]))
        along = np.append(high[1] - high[0], 0.0)
        along /= np.linalg.norm(along)
        up = rim - foot
        long = float(np.linalg.norm(up))
        up = up / long
        up = up - along * (along @ up)
        up /= np.linalg.norm(up)
        out = np.cross(along, up)
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([along, -out, up], axis=1)
        matrix[:3, 3] = (foot + rim) / 2 - out * thick_m / 2
        made.append(
            Geom(
                shape=Box((float(wide), thick_m, long)),
                pose=Pose.from_matrix(matrix),
                material=finish.material,
                color=finish.color,
                role="collision",
            )
        )
    return made


def oval_floor(half_m: Half, thick_m: float, *, z_m: float = 0.0, finish: Finish = OWN) -> list[Geom]:
    """The floor of an oval vessel as three crossing boards that stay within the oval."""
    a, b = half_m
    made = []
    for share in (0.38, 0.71, 0.93):
        size = (2 * a * share, 2 * b * float(np.sqrt(1 - share**2)), thick_m)
        made.append(
            Geom(shape=Box(size), pose=Pose((0, 0, z_m + thick_m / 2)), material=finish.material, color=finish.color, role="collision")
        )
    return made


def turned(profile: list[tuple[float, float]], y_over_x: float, finish: Finish = OWN, *, z_m: float = 0.0, segments: int = 40) -> Geom:
    """A lathed skin stretched along y; `profile` as for `lathe`."""
    mesh = scaled(lathe(profile, segments=segments), (1.0, y_over_x, 1.0))
    return Geom(shape=mesh, pose=Pose((0, 0, z_m)), material=finish.material, color=finish.color, role="visual")


def woven(
    low_m: Half, high_m: Half, height_m: float, *, rows: int = 12, ribs: int = 28, depth_m: float = 0.004, thick_m: float = 0.012
) -> Mesh:
    """A wicker vessel: withies that pass before and behind upright ribs, bulging by `depth_m`; the inside is smooth."""
    columns = ribs * 4
    angles = 2 * np.pi * np.arange(columns) / columns
    levels = np.linspace(0, 1, rows * 4 + 1)
    rings = []
    for level in levels:
        row = min(int(level * rows), rows - 1)
        round_ = np.abs(np.sin(np.pi * level * rows))  # a withy is round
        side = np.sin(ribs / 2 * angles * 2 + np.pi * row)
        bulge = depth_m * round_ * (0.55 + 0.45 * side)
        a = low_m[0] + (high_m[0] - low_m[0]) * level - depth_m + bulge
        b = low_m[1] + (high_m[1] - low_m[1]) * level - depth_m + bulge
        rings.append(np.column_stack([a * np.cos(angles), b * np.sin(angles), np.full(columns, level * height_m)]))
    for z, (a, b) in ((height_m, high_m), (thick_m, low_m)):
        rings.append(np.column_stack([(a - thick_m) * np.cos(angles), (b - thick_m) * np.sin(angles), np.full(columns, z)]))
    vertices = np.concatenate([*rings, [[0.0, 0.0, thick_m], [0.0, 0.0, 0.0]]])
    i = np.arange(columns)
    j = (i + 1) % columns
    faces = []
    for k in range(len(rings) - 1):
        low, high = k * columns, (k + 1) * columns
        faces += [np.column_stack([low + i, low + j, high + j]), np.column_stack([low + i, high + j, high + i])]
    last, middle = (len(rings) - 1) * columns, len(vertices) - 2
    faces += [np.column_stack([last + i, last + j, np.full(columns, middle)]), np.column_stack([j, i, np.full(columns, middle + 1)])]
    return Mesh(vertices, np.concatenate(faces).astype(np.int32))


def loop(x_m: float, y_m: float, z_m: float, power: float = 2.0, *, y_at_m: float = 0.0, points: int = 56) -> NDArray[np.float64]:
    """A level ring (points, 3) [m] of full sizes x, y: an oval at `power` 2, ever more a rectangle with round corners above it."""
    turns = 2 * np.pi * np.arange(points) / points
    c, s = np.cos(turns), np.sin(turns)
    bend = 2.0 / power
    x = x_m / 2 * np.sign(c) * np.abs(c) ** bend
    y = y_m / 2 * np.sign(s) * np.abs(s) ** bend + y_at_m
    return np.column_stack([x, y, np.full(points, z_m)])


def lofted(loops: list[NDArray[np.float64]]) -> Mesh:
    """A closed skin through rings of equal length, from the outside's bottom over the rim to the inside's bottom."""
    n = len(loops[0])
    ends = [loops[0].mean(axis=0), loops[-1].mean(axis=0)]
    vertices = np.concatenate([*loops, ends])
    i = np.arange(n)
    j = (i + 1) % n
    faces = []
    for k in range(len(loops) - 1):
        low, high = k * n, (k + 1) * n
        faces += [np.column_stack([low + i, low + j, high + j]), np.column_stack([low + i, high + j, high + i])]
    last, first = (len(loops) - 1) * n, np.full(n, len(vertices) - 2)
    faces += [np.column_stack([j, i, first]), np.column_stack([last + i, last + j, first + 1])]
    return Mesh(vertices, np.concatenate(faces).astype(np.int32))
