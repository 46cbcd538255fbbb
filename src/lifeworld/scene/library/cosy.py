"""What makes a room lived in: a picture on the wall, a bed for a cat or a dog."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.form import hoop, plan
from lifeworld.scene.library.joinery import Finish, cushion, panel, rounded, seen
from lifeworld.scene.shape import Cylinder, Vec3

# colour, left and right, bottom and top as shares of the canvas; what comes later lies over what came before
Patch = tuple[str, float, float, float, float]
MOTIFS: dict[str, tuple[Patch, ...]] = {
    "hills": (("#bcd7e4", 0, 1, 0.45, 1), ("#7fa58a", 0, 1, 0.25, 0.55), ("#56805f", 0, 0.62, 0.12, 0.42), ("#c9b368", 0, 1, 0, 0.2)),
    "sea": (("#e9d6b4", 0, 1, 0.55, 1), ("#3f7d9c", 0, 1, 0.18, 0.56), ("#7fb2c4", 0.1, 0.9, 0.3, 0.36), ("#e3cf9d", 0, 1, 0, 0.2)),
    "abstract": (("#efe9dc", 0, 1, 0, 1), ("#c0563f", 0.08, 0.5, 0.4, 0.92), ("#2f5d7c", 0.4, 0.92, 0.1, 0.6), ("#d9a441", 0.55, 0.8, 0.5,
        0.8)),
}  # fmt: skip


@archetype(
    "painting",
    category="decor",
    size_m=(0.7, 0.03, 0.5),
    scale=(0.3, 2.5),
    material="wood",
    mass_kg=2.5,
    fixed=True,
    hangs_m=1.5,
    options={"motif": ("hills", "sea", "abstract")},
    materials=("wood", "dark_wood", "painted_wood", "brass"),
    colors=("brown", "black", "white", "gold"),
    synonyms=("wall picture", "canvas", "artwork", "poster"),
)
def painting(size_m: Vec3, *, motif: str = "hills") -> Assembly:
    """A framed painting; its back goes against a wall."""
    x, y, z = size_m
    edge = 0.05 * min(x, z)
    wide, high = x - 2 * edge, z - 2 * edge
    geoms = [
        *(g for s in (-1, 1) for g in rounded((edge, y, z), (s * (x - edge) / 2, 0, z / 2), 0.2 * y)),
        *(g for at in (edge / 2, z - edge / 2) for g in rounded((wide, y, edge), (0, 0, at), 0.2 * y)),
        panel((wide, 0.4 * y, high), (0, 0.1 * y, z / 2), Finish("paper", "#f2eee2")),
    ]
    face = -0.1 * y
    for i, (color, left, right, low, top) in enumerate(MOTIFS[motif]):
        thick = 0.02 * y * (i + 1)
        at = ((left + right - 1) / 2 * wide, face - thick / 2, edge + (low + top) / 2 * high)
        geoms.append(panel(((right - left) * wide, thick, (top - low) * high), at, Finish("paper", color), role="visual"))
    return Assembly(parts=(root(geoms),))


@archetype(
    "pet_bed",
    category="furniture",
    size_m=(0.6, 0.5, 0.16),
    scale=(0.6, 1.8),
    material="fabric",
    color="#8d8478",
    mass_kg=1.6,
    colors=("grey", "beige", "brown", "navy", "red"),
    affordances=("support", "grasp"),
    synonyms=("cat bed", "dog bed", "pet basket", "dog basket"),
)
def pet_bed(size_m: Vec3) -> Assembly:
    """An oval bed for a cat or a dog: a padded rim around a flat cushion."""
    x, y, z = size_m
    fat = 0.42 * z
    corner = 0.49 * (min(x, y) - 2 * fat)
    rim = seen(hoop(plan(x - 2 * fat, y - 2 * fat, corner, z - fat, steps=8), fat, segments=14))
    low = 0.3 * z
    # The cushion rises to the free floor inside the rim.
    geoms = [
        rim,
        seen(hoop(plan(x - 2 * fat, y - 2 * fat, corner, fat, steps=8), fat, segments=14)),
        cushion((x - 2 * fat, y - 2 * fat, low), (0, 0, low / 2), 0.4 * low, Finish("fabric", "#d9d0c0")),
        panel((x - 2 * fat - 0.01, y - 2 * fat - 0.01, low), (0, 0, low / 2), Finish("foam"), role="collision"),
    ]
    for s in (-1, 1):
        geoms += [
            panel((x - 2 * corner, 2 * fat, z), (0, s * (y / 2 - fat), z / 2), Finish("foam"), role="collision"),
            panel((2 * fat, y - 2 * corner, z), (s * (x / 2 - fat), 0, z / 2), Finish("foam"), role="collision"),
        ]
    for sx in (-1, 1):
        for sy in (-1, 1):
            at = (sx * (x / 2 - corner / 2 - 0.3 * fat), sy * (y / 2 - corner / 2 - 0.3 * fat), z / 2)
            turn = np.pi / 4 * sx * sy
            shape = Cylinder(fat * 0.8, z)
            geoms.append(Geom(shape=shape, pose=Pose.from_yaw(at, -turn), material="foam", role="collision"))
    inner = (0.8 * (x - 4 * fat), 0.8 * (y - 4 * fat))
    return Assembly(parts=(root(geoms),), surfaces=(Surface(name="cushion", size_m=inner, pose=Pose((0, 0, low))),))
