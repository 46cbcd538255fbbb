"""What is looked at: television, laptop, whiteboard."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.joinery import BLACK_PLASTIC, OWN, RUBBER, STEEL_TUBE, Finish, merged, panel, rod, rounded, seen
from lifeworld.scene.shape import Box, Vec3

SCREEN = Finish("glass", "#0b0e13")


@archetype(
    "tv",
    category="electronics",
    size_m=(1.23, 0.26, 0.78),
    scale=(0.5, 1.6),
    material="plastic",
    color="#1d1e21",
    colors=("black", "white", "silver"),
    mass_kg=16.0,
    affordances=("turn_on", "turn_off"),
    synonyms=("television", "telly", "flat screen"),
)
def tv(size_m: Vec3) -> Assembly:
    """A flat television on two feet."""
    x, y, z = size_m
    foot, thick, edge = 0.09 * z, min(0.045, 0.3 * y), 0.012
    tall = z - foot
    geoms = [
        *rounded((x, 0.55 * thick, tall), (0, -0.22 * thick, foot + tall / 2), 0.006),
        *rounded((0.7 * x, thick, 0.55 * tall), (0, 0.25 * thick, foot + 0.34 * tall), 0.012),
        panel((x - 2 * edge, 0.002, tall - 2.6 * edge), (0, -0.5 * thick, foot + tall / 2 + 0.3 * edge), SCREEN, role="visual"),
        panel((0.008, 0.002, 0.003), (0.4 * x, -0.5 * thick, foot + 0.6 * edge), Finish("plastic", "#c0392b"), role="visual"),
    ]
    for side in (-1.0, 1.0):
        at = side * 0.34 * x
        for lean in (-1.0, 1.0):
            slope = np.arctan2(foot - 0.012, y / 2 - 0.02)
            geoms.append(
                Geom(
                    shape=Box((0.022, (y / 2 - 0.02) / np.cos(slope), 0.01)),
                    pose=Pose((at, -lean * (y / 4 - 0.005), foot / 2 + 0.004), (np.cos(slope / 2), lean * np.sin(slope / 2), 0, 0)),
                    role="visual",
                )
            )
        geoms += [
            panel((0.022, y, 0.01), (at, 0, 0.005)),
            panel((0.022, thick, foot), (at, 0, foot / 2), role="collision"),
        ]
    return Assembly(parts=(root(geoms),))


@archetype(
    "laptop",
    category="electronics",
    size_m=(0.31, 0.22, 0.018),
    scale=(0.7, 1.4),
    material="aluminium",
    materials=("aluminium", "plastic"),
    colors=("silver", "grey", "black"),
    mass_kg=1.4,
    affordances=("open", "close", "turn_on", "turn_off", "grasp", "support"),
    synonyms=("notebook computer", "portable computer"),
)
def laptop(size_m: Vec3) -> Assembly:
    """A laptop whose lid opens backwards; closed at first."""
    x, y, z = size_m
    pad, lid = 0.09 * z, 0.33 * z
    base = z - lid - pad
    low = pad + base
    corner = 0.25 * base
    geoms = [*rounded((x, y, base), (0, 0, pad + base / 2), corner)]
    geoms.append(
        seen(merged([((0.05 * x, 0.05 * y, pad), (sx * 0.42 * x, sy * 0.42 * y, pad / 2)) for sx in (-1, 1) for sy in (-1, 1)]), RUBBER)
    )
    geoms.append(panel((0.9 * x, 0.9 * y, pad), (0, 0, pad / 2), RUBBER, role="collision"))
    flush = 0.0003
    rows, columns, key_y = 5, 14, 0.1 * y
    keys: list[tuple[Vec3, Vec3]] = []
    pitch = 0.86 * x / columns
    for r in range(rows):
        for c in range(columns):
            if r == 0 and 3 <= c <= 9:
                continue
            keys.append(((0.84 * pitch, 0.84 * key_y, 2 * flush), (-0.43 * x + (c + 0.5) * pitch, -0.11 * y + (r + 0.5) * key_y, low)))
    keys.append(((6.9 * pitch, 0.84 * key_y, 2 * flush), (-0.43 * x + 6.5 * pitch, -0.11 * y + 0.5 * key_y, low)))
    geoms += [
        panel((0.9 * x, 0.53 * y, flush), (0, 0.14 * y, low - 0.0001), Finish("plastic", "#50545a"), role="visual"),
        seen(merged(keys), Finish("plastic", "#191a1d")),
        panel((0.36 * x, 0.26 * y, flush), (0, -0.3 * y, low), Finish("plastic", "#9fa4aa"), role="visual"),
    ]
    top = [
        *rounded((x, y, lid), (0, -y / 2, lid / 2), 0.3 * lid),
        panel((x - 0.004, y - 0.006, flush), (0, -y / 2, 0.0), BLACK_PLASTIC, role="visual"),
        panel((0.93 * x, 0.86 * y, flush), (0, -0.52 * y, -0.0002), Finish("glass", "#1b2a3a"), role="visual"),
        rod(0.06 * y, (0, -0.5 * y, lid), (0, -0.5 * y, lid + 0.0002), Finish("plastic", "#eef0f2"), role="visual"),
    ]
    joint = Joint(name="lid", kind="hinge", axis=(-1, 0, 0), range=(0.0, 2.3), damping=0.05, friction=0.6)
    return Assembly(
        parts=(root(geoms), Part(name="lid", geoms=tuple(top), parent="body", pose=Pose((0, y / 2, low + 0.0005)), joint=joint)),
        surfaces=(Surface(name="lid", part="lid", size_m=(x - 0.02, y - 0.02), pose=Pose((0, -y / 2, lid))),),
    )


@archetype(
    "whiteboard",
    category="furniture",
    size_m=(1.3, 0.56, 1.8),
    scale=(0.6, 1.4),
    material="plastic",
    color="#fafaf8",
    mass_kg=17.0,
    affordances=("support", "read"),
    synonyms=("blackboard", "flip chart", "dry erase board"),
)
def whiteboard(size_m: Vec3) -> Assembly:
    """A whiteboard on a stand, with a tray for pens."""
    x, y, z = size_m
    low, frame, thick = 0.44 * z, 0.022, 0.02
    tall = z - low
    tray = 0.09
    geoms = [
        panel((x - 2 * frame, thick, tall - 2 * frame), (0, 0, low + tall / 2), OWN),
        *(panel((frame, 1.4 * thick, tall), (s * (x - frame) / 2, 0, low + tall / 2), STEEL_TUBE) for s in (-1, 1)),
        *(panel((x - 2 * frame, 1.4 * thick, frame), (0, 0, at), STEEL_TUBE) for at in (low + frame / 2, z - frame / 2)),
        panel((0.6 * x, tray, 0.006), (0, -0.7 * thick - tray / 2, low + 0.006), STEEL_TUBE),
        panel((0.6 * x, 0.004, 0.016), (0, -0.7 * thick - tray + 0.002, low + 0.017), STEEL_TUBE),
    ]
    for side in (-1.0, 1.0):
        at = side * (x / 2 - 0.1)
        geoms += [
            panel((0.035, 0.03, low + 0.5 * tall), (at, 0.5 * thick + 0.02, (low + 0.5 * tall) / 2 + 0.02), STEEL_TUBE),
            panel((0.045, y, 0.03), (at, 0, 0.035), STEEL_TUBE),
            *(panel((0.03, 0.05, 0.02), (at, s * (y / 2 - 0.025), 0.01), RUBBER) for s in (-1, 1)),
        ]
    geoms.append(panel((x - 0.2, 0.02, 0.03), (0, 0.5 * thick + 0.02, 0.22 * z), STEEL_TUBE))
    for at, color in ((-0.28, "#c0392b"), (-0.17, "#2e6db4"), (-0.06, "#1c1c1e")):
        where = (at * x, -0.7 * thick - 0.4 * tray, low + 0.0165)
        geoms.append(rod(0.0075, where, (where[0] + 0.13, where[1] - 0.008, where[2]), Finish("plastic", color), role="visual"))
    ink: list[tuple[Vec3, Vec3]] = []
    for row, words in enumerate(((6, 3, 8, 5), (4, 7, 2, 6), (8, 3, 5), (5, 6))):  # strokes that look like writing
        cursor = -0.36
        for letters in words:
            word = 0.011 * letters
            ink.append(((word * x, 0.001, 0.01), ((cursor + word / 2) * x, -0.5 * thick - 0.0003, low + (0.8 - 0.11 * row) * tall)))
            cursor += word + 0.025
    geoms.append(seen(merged(ink), Finish("plastic", "#2e4a7d")))
    free = 0.24 * x  # the right end of the tray; pens lie on the left
    return Assembly(
        parts=(root(geoms),),
        surfaces=(
            Surface(
                name="tray",
                size_m=(free - 0.01, tray - 0.024),
                pose=Pose((0.29 * x - free / 2, -0.7 * thick - 0.5 * tray + 0.002, low + 0.009)),
            ),
        ),
    )
