"""Books, magazines, notebooks and piles of books: what is read, and what other things are put down on.

They lie shut with the front cover up, their backs to the left and the heads of their pages to the rear.
"""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.form import Paint, joined, loft, look, slab, touch, upright_hoop
from lifeworld.scene.shape import Box, Mesh, Vec3, arc

PAGES = "#f3ecd9"
CLOTH = ("navy", "dark_red", "dark_green", "brown", "teal", "purple", "grey", "orange", "beige", "black")


@archetype(
    "book",
    category="decor",
    size_m=(0.155, 0.235, 0.032),
    scale=(0.4, 2.0),
    material="paper",
    color="navy",
    materials=("paper", "leather"),
    colors=CLOTH,
    affordances=("grasp", "read", "support"),
    synonyms=("novel", "hardcover", "textbook"),
    mass_kg=0.65,
)
def book(size_m: Vec3) -> Assembly:
    """A hardcover book, lying shut."""
    x, y, z = size_m
    return Assembly(
        parts=(root([touch(Box(size_m), (0, 0, z / 2)), *_volume(size_m)]),),
        surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
    )


@archetype(
    "book_stack",
    category="decor",
    size_m=(0.19, 0.26, 0.13),
    scale=(0.5, 2.0),
    material="paper",
    color="navy",
    materials=("paper",),
    affordances=("support",),
    synonyms=("pile of books", "stack of books"),
    mass_kg=2.6,
    options={"count": (2, 8)},
)
def book_stack(size_m: Vec3, *, count: int = 4) -> Assembly:
    """A pile of books of several sizes, as one thing."""
    x, y, z = size_m
    share = 1.0 + 0.35 * np.sin(2.4 * np.arange(count) + 0.7)  # thick and thin in turn, the same on every machine
    thick = z * share / share.sum()
    geoms: list[Geom] = []
    top = Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z)))
    low, swing = 0.0, 0.10 * min(1.0, 1.35 * x / y, 1.35 * y / x)  # slim books turn less, or they would stick out
    for i in range(count):
        height, yaw = float(thick[i]), swing * float(np.sin(1.9 * i + 0.4)) * (i > 0)
        small = (0.95, 0.95) if i == 0 else (0.86 - 0.02 * (i % 3), 0.88 - 0.025 * (i % 2))
        size = (x * small[0], y * small[1], height)
        pose = Pose.from_yaw((0.0, 0.0, low), yaw)
        geoms.append(Geom(shape=Box(size), pose=pose @ Pose((0, 0, height / 2)), role="collision"))
        geoms += _volume(size, pose=pose, color=None if i == 0 else CLOTH[(3 * i + 1) % len(CLOTH)])
        low += height
        top = Surface(name="top", size_m=size[:2], pose=Pose.from_yaw((0.0, 0.0, low), yaw))
    return Assembly(parts=(root(geoms),), surfaces=(top,))


@archetype(
    "magazine",
    category="decor",
    size_m=(0.21, 0.28, 0.006),
    scale=(0.5, 1.6),
    material="paper",
    color="red",
    materials=("paper",),
    colors=("red", "blue", "teal", "yellow", "pink", "white", "black", "orange"),
    affordances=("grasp", "read", "support"),
    synonyms=("journal", "newspaper", "comic", "brochure"),
    mass_kg=0.22,
)
def magazine(size_m: Vec3) -> Assembly:
    """A glossy magazine, lying shut."""
    x, y, z = size_m
    cover = min(0.0006, 0.2 * z)

    def print_on(width: float, height: float, at_x: float, at_y: float, color: str, *, layer: int = 0) -> Geom:
        return look(Box((width * x, height * y, 0.0004)), (at_x * x, at_y * y, z + 0.0004 * layer), color=color, material="paper")

    return Assembly(
        parts=(
            root(
                [
                    touch(Box(size_m), (0, 0, z / 2)),
                    look(Box((x - 0.001, y - 0.001, z - 2 * cover)), (0, 0, z / 2), color="#f5f5f2", material="paper"),
                    look(slab((x, y, cover), 0.001, edge_m=0.2 * cover)),
                    look(slab((x, y, cover), 0.001, edge_m=0.2 * cover), (0, 0, z - cover)),
                    look(Box((0.0012, y, z - 0.2 * cover)), (0.0006 - x / 2, 0, z / 2)),
                    print_on(0.84, 0.13, 0.0, 0.40, "#f5f5f2"),
                    print_on(0.84, 0.54, 0.0, 0.03, "#2b3a4a"),
                    print_on(0.40, 0.30, 0.08, -0.02, "#e3b58f", layer=1),
                    print_on(0.20, 0.14, -0.24, 0.16, "#f1c40f", layer=1),
                    print_on(0.50, 0.025, -0.17, -0.32, "#f5f5f2"),
                    print_on(0.34, 0.025, -0.25, -0.37, "#f5f5f2"),
                    print_on(0.16, 0.07, 0.33, -0.41, "#f5f5f2"),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
    )


@archetype(
    "notebook",
    category="decor",
    size_m=(0.155, 0.21, 0.016),
    scale=(0.5, 1.6),
    material="paper",
    color="teal",
    materials=("paper", "leather"),
    colors=("teal", "black", "red", "yellow", "green", "blue"),
    affordances=("grasp", "read", "support"),
    synonyms=("notepad", "spiral notebook", "diary"),
    mass_kg=0.3,
)
def notebook(size_m: Vec3) -> Assembly:
    """A spiral notebook, lying shut."""
    x, y, z = size_m
    radius = 0.42 * z
    board = min(0.0012, 0.12 * z)
    body, rings = x - radius, max(4, round(y / 0.0125))
    low, high = 0.12 * z, 0.88 * z
    left = x / 2 - body / 2
    loops = [
        upright_hoop((radius - x / 2 + 0.0012, (i - (rings - 1) / 2) * 0.94 * y / rings, 0.5 * z), radius, min(0.0009, 0.08 * z))
        for i in range(rings)
    ]
    return Assembly(
        parts=(
            root(
                [
                    touch(Box((body, y, z)), (left, 0, z / 2)),
                    look(Box((body - 0.003, y - 0.004, high - low)), (left, 0, (low + high) / 2), color=PAGES, material="paper"),
                    look(slab((body, y, board + low), 0.006, edge_m=0.3 * board), (left, 0, 0)),
                    look(slab((body, y, board + z - high), 0.006, edge_m=0.3 * board), (left, 0, high - board)),
                    look(
                        slab((0.5 * body, 0.14 * y, 0.0004), 0.003, edge_m=0.0001),
                        (left, 0.22 * y, z - 0.0001),
                        color=PAGES,
                        material="paper",
                    ),
                    look(joined(*loops), color="silver", material="steel"),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(body, y), pose=Pose((left, 0, z))),),
    )


def _volume(size_m: Vec3, *, pose: Pose | None = None, color: str | None = None) -> list[Geom]:
    """What is seen of a hardcover book: two boards, a round back, pages between them, a title in gold."""
    x, y, z = size_m
    board, inset = min(0.0028, 0.15 * z), min(0.004, 0.03 * x)
    back = 0.22 * z  # how far the back bulges
    middle, wide = back / 2, x - back
    print_on: Paint = {"color": "gold", "material": "paper"}
    geoms = [
        look(slab((wide, y, board), 0.0015, edge_m=0.2 * board), (middle, 0, 0), color=color),
        look(slab((wide, y, board), 0.0015, edge_m=0.2 * board), (middle, 0, z - board), color=color),
        look(_back(back, y, z, board), (back - x / 2, 0, 0), color=color),
        look(Box((wide - inset, y - 2 * inset, z - 2 * board)), (middle - inset / 2, 0, z / 2), color=PAGES, material="paper"),
        look(Box((0.62 * wide, 0.09 * y, 0.0004)), (middle, 0.24 * y, z), **print_on),
        look(Box((0.40 * wide, 0.025 * y, 0.0004)), (middle, 0.14 * y, z), **print_on),
        look(Box((0.34 * wide, 0.02 * y, 0.0004)), (middle, -0.36 * y, z), **print_on),
    ]
    return [Geom(shape=g.shape, pose=pose @ g.pose, color=g.color, material=g.material, role="visual") for g in geoms] if pose else geoms


def _back(bulge: float, y: float, z: float, board: float) -> Mesh:
    """The back of a book: half a flat pipe, open to the right, its edges over the boards."""
    outer = arc(1.0, np.pi / 2, 3 * np.pi / 2, points=13) * (bulge, z / 2) + (0, z / 2)
    inner = arc(1.0, 3 * np.pi / 2, np.pi / 2, points=13) * (bulge - 0.7 * board, z / 2 - 0.7 * board) + (0, z / 2)
    rim = np.concatenate([outer, inner])
    return loft([np.column_stack([rim[:, 0], np.full(len(rim), end), rim[:, 1]]) for end in (-y / 2, y / 2)])
