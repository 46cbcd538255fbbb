"""Open shelves: bookcase, shelf on a wall, coat rack, clothes rail."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.library.joinery import BLACK_METAL, BLACK_TUBE, BOARD_M, OWN, frustum, panel, rod, rounded
from lifeworld.scene.shape import Box, Vec3, tube

WOODS = ("wood", "dark_wood", "painted_wood")


@archetype(
    "shelf",
    category="furniture",
    size_m=(0.8, 0.3, 1.8),
    scale=(0.4, 1.5),
    options={"levels": (2, 8), "back": (False, True)},
    materials=WOODS,
    colors=("white", "black", "brown", "grey"),
    affordances=("support",),
    synonyms=("bookcase", "bookshelf", "rack", "shelves"),
)
def shelf(size_m: Vec3, *, levels: int = 5, back: bool = True) -> Assembly:
    """A bookcase: boards between two sides, the lowest on a plinth, and its top."""
    x, y, z = size_m
    t, plinth, rear = BOARD_M, min(0.06, 0.05 * z), 0.006 if back else 0.0
    inner, depth = x - 2 * t, y - rear
    mid = -rear / 2
    geoms = [panel((t, y, z), (side * (x - t) / 2, 0, z / 2)) for side in (-1, 1)]
    geoms += rounded((inner, y, t), (0, 0, z - t / 2), 0.002)
    geoms.append(panel((inner, t, plinth), (0, -y / 2 + 0.02 + t / 2, plinth / 2)))
    if back:
        geoms.append(panel((inner, rear, z - t - plinth), (0, (y - rear) / 2, (z - t + plinth) / 2)))
    pitch = (z - t - plinth) / levels
    surfaces = []
    for i in range(levels):
        bottom = plinth + i * pitch
        geoms.append(panel((inner, depth - 0.004, t), (0, mid + 0.002, bottom + t / 2)))
        surfaces.append(
            Surface(name=f"level_{i + 1}", size_m=(inner - 0.02, depth - 0.02), pose=Pose((0, mid, bottom + t)), clearance_m=pitch - t)
        )
    surfaces.append(Surface(name="top", size_m=(x - 0.02, y - 0.02), pose=Pose((0, 0, z))))
    return Assembly(parts=(root(geoms),), surfaces=tuple(surfaces))


@archetype(
    "wall_shelf",
    category="furniture",
    size_m=(0.8, 0.22, 0.16),
    fixed=True,
    hangs_m=1.4,
    materials=WOODS,
    colors=("white", "black", "brown"),
    affordances=("support",),
    synonyms=("hanging shelf", "floating shelf", "ledge"),
)
def wall_shelf(size_m: Vec3) -> Assembly:
    """One board on two brackets; its back goes against a wall."""
    x, y, z = size_m
    t = min(0.025, 0.2 * z)
    geoms = list(rounded((x, y, t), (0, 0, z - t / 2), 0.003))
    for side in (-1.0, 1.0):
        at = side * 0.32 * x
        geoms += [
            panel((0.022, 0.006, z - t), (at, y / 2 - 0.003, (z - t) / 2), BLACK_METAL),
            panel((0.022, 0.8 * y, 0.006), (at, 0.1 * y, z - t - 0.003), BLACK_METAL, role="visual"),
            rod(0.005, (at, y / 2 - 0.006, 0.12 * z), (at, -0.22 * y, z - t - 0.004), BLACK_METAL, role="visual"),
        ]
    return Assembly(parts=(root(geoms),), surfaces=(Surface(name="top", size_m=(x - 0.02, y - 0.02), pose=Pose((0, 0, z))),))


@archetype(
    "coat_rack",
    category="furniture",
    size_m=(0.5, 0.5, 1.75),
    scale=(0.6, 1.3),
    material="dark_wood",
    materials=WOODS,
    colors=("white", "black", "brown"),
    affordances=("support",),
    synonyms=("coat stand", "hat stand"),
)
def coat_rack(size_m: Vec3) -> Assembly:
    """A post with hooks for coats above and four feet below."""
    x, y, z = size_m
    thick = 0.022 * z
    geoms = [
        rod(thick / 2, (0, 0, 0.1 * z), (0, 0, z - 0.02)),
        Geom(shape=frustum((thick, thick), (0.3 * thick, 0.3 * thick), 0.03, sides=16), pose=Pose((0, 0, z - 0.03)), role="visual"),
    ]
    geoms.append(panel((0.04, 0.04, 0.1 * z), (0, 0, 0.08 * z)))
    for i in range(4):
        turn = Pose.from_yaw((0, 0, 0), i * np.pi / 2)
        reach = (x if i % 2 == 0 else y) / 2
        geoms += [
            Geom(
                shape=tube(
                    [(0, 0, 0.12 * z), (0.4 * reach, 0, 0.105 * z), (0.8 * reach, 0, 0.05 * z), (reach - 0.02, 0, 0.015)],
                    0.36 * thick,
                    segments=12,
                ),
                pose=turn,
                role="visual",
            ),
            Geom(
                shape=Box((reach - 0.02, 0.03, 0.02)),
                pose=turn @ Pose((reach / 2 - 0.01, 0, 0.055 * z), (np.cos(0.054 * z / reach), 0, np.sin(0.054 * z / reach), 0)),
                role="collision",
            ),
            Geom(shape=Box((0.05, 0.03, 0.03)), pose=turn @ Pose((reach - 0.025, 0, 0.015)), role="collision"),
            Geom(
                shape=tube([(0, 0, 0.86 * z), (0.07, 0, 0.87 * z), (0.12, 0, 0.9 * z), (0.135, 0, 0.935 * z)], 0.3 * thick),
                pose=turn @ Pose((0, 0, 0.03 * (i % 2) * z)),
                role="visual",
            ),
            Geom(
                shape=Box((0.13, 0.012, 0.012)),
                pose=turn @ Pose((0.065, 0, (0.885 + 0.03 * (i % 2)) * z), (np.cos(0.2), 0, -np.sin(0.2), 0)),
                role="collision",
            ),
        ]
    return Assembly(parts=(root(geoms),))


@archetype(
    "clothes_rail",
    category="furniture",
    size_m=(1.1, 0.45, 1.55),
    scale=(0.6, 1.4),
    material="plastic",
    color="#2b2d31",
    colors=("black", "white", "silver"),
    mass_kg=7.0,
    affordances=("support",),
    synonyms=("clothes rack", "garment rack"),
)
def clothes_rail(size_m: Vec3) -> Assembly:
    """A rail on two posts, with a board for shoes near the floor."""
    x, y, z = size_m
    r, low = 0.014, 0.16 * z
    px = 0.44 * x
    geoms = [rod(r, (-x / 2, 0, z - r), (x / 2, 0, z - r), OWN)]
    for side in (-1.0, 1.0):
        geoms += [
            rod(r, (side * px, 0, 0.03), (side * px, 0, z - 2 * r), OWN),
            panel((2 * r, y, 0.03), (side * px, 0, 0.015), BLACK_TUBE),
        ]
    geoms += rounded((2 * px - 2 * r, 0.8 * y, 0.015), (0, 0, low), 0.003, touch=None)
    geoms += [panel((0.02, 0.8 * y, 0.02), (side * (px - r), 0, low - 0.015), role="visual") for side in (-1, 1)]
    return Assembly(
        parts=(root(geoms),),
        surfaces=(
            Surface(name="board", size_m=(2 * px - 0.08, 0.74 * y), pose=Pose((0, 0, low + 0.0075)), clearance_m=z - 2 * r - low - 0.0075),
        ),
    )
