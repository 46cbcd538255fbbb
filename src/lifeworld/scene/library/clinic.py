"""What stands in a ward: hospital bed, drip stand, privacy screen."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.library.joinery import CHROME, RUBBER, WHITE_PLASTIC, Finish, cushion, panel, rod, rounded, seen
from lifeworld.scene.shape import Cylinder, Vec3, rounded_box

TUBE = Finish("plastic", "#d5dade")  # painted steel tube: hollow, so about as light as solid plastic


@archetype(
    "hospital_bed",
    category="furniture",
    size_m=(0.98, 2.12, 1.0),
    scale=(0.7, 1.3),
    material="plastic",
    color="#e9ecee",
    mass_kg=110.0,
    colors=("white", "ivory", "light_grey"),
    affordances=("sit", "support"),
    synonyms=("sickbed", "clinic bed", "ward bed", "patient bed"),
)
def hospital_bed(size_m: Vec3) -> Assembly:
    """A hospital bed on castors, with boards at head and foot and rails at its sides."""
    x, y, z = size_m
    wheel, board, rail = 0.06 * z, 0.035, 0.02
    frame_low, frame_top, lying = 0.4 * z, 0.46 * z, 0.6 * z
    long = y - 2 * board
    sheet, blanket = Finish("fabric", "#f6f7f6"), Finish("fabric", "#8fb3c7")
    geoms = [
        *rounded((x, board, z - 0.3 * z), (0, (y - board) / 2, 0.65 * z), 0.014, WHITE_PLASTIC),
        *rounded((x, board, 0.55 * z), (0, -(y - board) / 2, 0.575 * z), 0.014, WHITE_PLASTIC),
        panel((0.94 * x, long, frame_top - frame_low), (0, 0, (frame_top + frame_low) / 2), TUBE),
        panel((0.5 * x, 0.62 * y, 0.08 * z), (0, 0, 0.2 * z), TUBE),
        cushion((0.9 * x, long - 0.02, lying - frame_top), (0, 0, (lying + frame_top) / 2), 0.045, sheet, puff_m=0.002),
        panel((0.9 * x, long - 0.02, lying - frame_top), (0, 0, (lying + frame_top) / 2), Finish("foam"), role="collision"),
    ]
    cover, soft = 0.6 * long, 0.3 * long / 2
    geoms.append(
        seen(
            rounded_box((0.95 * x, cover, 0.8 * (lying - frame_top)), 0.04, steps=3),
            blanket,
            (0, (cover - long) / 2 + 0.03, lying - 0.4 * (lying - frame_top) + 0.006),
        )
    )
    at = long / 2 - 0.06 - soft / 2
    geoms += [
        cushion((0.6 * x, soft, 0.12 * z), (0, at, lying + 0.05 * z), 0.045, Finish("fabric", "#fdfdfb"), puff_m=0.025),
        panel((0.56 * x, soft - 0.03, 0.08 * z), (0, at, lying + 0.04 * z), Finish("foam"), role="collision"),
    ]
    for sx in (-1, 1):
        # Side rails in their raised place, at the head's half.
        geoms += [rod(0.012, (sx * (x / 2 - rail), a, 0.72 * z), (sx * (x / 2 - rail), b, 0.72 * z), CHROME) for a, b in ((0.0, 0.4 * y),)]
        geoms += [
            rod(0.009, (sx * (x / 2 - rail), a, frame_top), (sx * (x / 2 - rail), a, 0.72 * z), CHROME, role="visual")
            for a in (0.02, 0.13 * y, 0.26 * y, 0.39 * y)
        ]
        for sy in (-1, 1):
            foot = (sx * 0.4 * x, sy * 0.42 * y)
            geoms += [
                panel((0.04, 0.04, frame_low - wheel), (*foot, (frame_low + wheel) / 2), TUBE),
                Geom(
                    shape=Cylinder(wheel, 0.03),
                    pose=Pose((*foot, wheel), (np.sqrt(0.5), 0, np.sqrt(0.5), 0)),
                    material=RUBBER.material,
                    role="visual",
                ),
                panel((0.03, 1.2 * wheel, 2 * wheel), (*foot, wheel), Finish("rubber"), role="collision"),
            ]
    room = long - soft - 0.12
    top = Surface(name="mattress", size_m=(0.74 * x, room - 0.06), pose=Pose((0, -long / 2 + room / 2, lying)))
    return Assembly(parts=(root(geoms),), surfaces=(top,))


@archetype(
    "drip_stand",
    category="furniture",
    size_m=(0.56, 0.56, 1.9),
    scale=(0.7, 1.2),
    material="steel",
    mass_kg=6.0,
    affordances=("grasp",),
    synonyms=("iv stand", "iv pole", "infusion stand", "drip"),
)
def drip_stand(size_m: Vec3) -> Assembly:
    """A pole on five castors with a bag hanging from one of its two hooks."""
    x, y, z = size_m
    wheel = 0.028
    hub, reach = (0.0, 0.0, 3.2 * wheel), 0.5
    geoms = [
        rod(0.012, hub, (0, 0, z - 0.01), CHROME),
        rod(0.006, (-0.11, 0, z - 0.012), (0.11, 0, z - 0.012), CHROME),
        panel((0.09, 0.09, 0.04), (0, 0, 3.2 * wheel), CHROME),
    ]
    for i in range(5):
        angle = 2 * np.pi * i / 5 - np.pi / 2
        # The five ends touch the sides of the footprint.
        end = (reach * x * np.cos(angle) / np.cos(np.pi / 10) * 0.93, reach * y * np.sin(angle) * 0.93, 1.6 * wheel)
        geoms += [
            rod(0.011, hub, end, CHROME),
            Geom(shape=Cylinder(0.036 * y, 2 * wheel), pose=Pose((end[0], end[1], wheel)), material="rubber", role="collision"),
            Geom(
                shape=Cylinder(wheel, 0.02),
                pose=Pose((end[0], end[1], wheel), (np.sqrt(0.5), np.sqrt(0.5), 0, 0)),
                material="rubber",
                role="visual",
            ),
        ]
    bag = Finish("plastic", "#dfeef2b0")
    geoms += [
        seen(rounded_box((0.12, 0.045, 0.2), 0.02, steps=3), bag, (0.1, 0, z - 0.15)),
        panel((0.1, 0.035, 0.18), (0.1, 0, z - 0.15), bag, role="collision"),
        rod(0.003, (0.1, 0, z - 0.25), (0.1, 0, 0.55 * z), Finish("plastic", "#e8f2f4c0"), role="visual"),
    ]
    return Assembly(parts=(root(geoms),))


@archetype(
    "privacy_screen",
    category="furniture",
    size_m=(1.7, 0.46, 1.75),
    scale=(0.5, 1.4),
    material="fabric",
    color="#a9c7c0",
    mass_kg=14.0,
    colors=("teal", "blue", "light_grey", "green", "beige"),
    synonyms=("curtain", "medical screen", "hospital curtain", "folding screen"),
)
def privacy_screen(size_m: Vec3) -> Assembly:
    """A cloth between two posts on broad feet, to stand between beds."""
    x, y, z = size_m
    post, low, sheet = 0.03, 0.16 * z, 0.012
    geoms = [
        panel((x, post, post), (0, 0, z - post / 2), TUBE),
        panel((x - 2 * post, 0.02, 0.02), (0, 0, low), TUBE),
        panel((x - 2 * post, sheet, z - post - low - 0.02), (0, 0, (z - post + low) / 2), role="collision"),
    ]
    for s in (-1, 1):
        at = s * (x - post) / 2
        geoms += [panel((post, post, z - post), (at, 0, (z - post) / 2), TUBE), panel((post, y, 0.035), (at, 0, 0.0175), TUBE)]
    folds = max(6, round(x / 0.11))
    wide = (x - 2 * post) / folds
    for i in range(folds):  # the cloth falls in folds, one this way and one that
        at = -(x - 2 * post) / 2 + (i + 0.5) * wide
        turn = Pose.from_yaw((at, 0, (z - post + low) / 2), 0.22 if i % 2 else -0.22)
        geoms.append(Geom(shape=rounded_box((1.04 * wide, 0.008, z - post - low), 0.003, steps=2), pose=turn, role="visual"))
    return Assembly(parts=(root(geoms),))
