"""Bottles, jars, cans, boxes, buckets, baskets: what other things are kept in."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, box, ring, root, walls
from lifeworld.scene.form import (
    Paint,
    across,
    fit,
    frustum,
    hoop,
    inside,
    joined,
    loft,
    look,
    pairs,
    plan,
    rounded,
    slab,
    smooth,
    taper,
    touch,
    wall,
)
from lifeworld.scene.shape import Box, Cylinder, Vec3, arc, lathe


@archetype(
    "bottle",
    category="container",
    size_m=(0.075, 0.075, 0.30),
    scale=(0.5, 1.5),
    material="glass",
    color="#2f5d3ad0",
    materials=("glass", "plastic"),
    colors=("green", "dark_green", "brown", "blue", "white"),
    mass_kg=0.9,
    affordances=("grasp", "pour"),
    synonyms=("wine bottle", "water bottle", "flask"),
)
def bottle(size_m: Vec3) -> Assembly:
    """A closed bottle with a label."""
    shoulder = smooth([(0.0375, 0.180), (0.034, 0.205), (0.020, 0.232), (0.0145, 0.250)])
    outline = [
        (0.0, 0.003),
        (0.028, 0.003),
        (0.030, 0.0),
        (0.034, 0.0),
        (0.0375, 0.005),
        *pairs(shoulder),
        (0.0140, 0.280),
        (0.0158, 0.281),
        (0.0158, 0.290),
        (0.0, 0.290),
    ]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.002), segments=40)),
                        look(
                            lathe([(0.0372, 0.055), (0.0379, 0.055), (0.0379, 0.150), (0.0372, 0.150)], segments=40),
                            color="#efe6cf",
                            material="paper",
                        ),
                        look(
                            lathe([(0.0372, 0.075), (0.0380, 0.075), (0.0380, 0.092), (0.0372, 0.092)], segments=40),
                            color="#7b241c",
                            material="paper",
                        ),
                        look(
                            lathe(rounded([(0.0, 0.270), (0.0165, 0.270), (0.0165, 0.300), (0.0, 0.300)], 0.001)),
                            color="#7b241c",
                            material="plastic",
                        ),
                        touch(Cylinder(0.037, 0.185), (0, 0, 0.0925)),
                        frustum(0.0365, 0.0165, 0.185, 0.245),
                        touch(Cylinder(0.0155, 0.055), (0, 0, 0.2725)),
                    ]
                ),
            )
        ),
        (0.075, 0.075, 0.30),
        size_m,
    )


@archetype(
    "jar",
    category="container",
    size_m=(0.085, 0.085, 0.12),
    scale=(0.5, 1.8),
    material="glass",
    materials=("glass", "ceramic", "plastic"),
    affordances=("grasp", "fill", "pour"),
    synonyms=("jam jar", "mason jar"),
    mass_kg=0.3,
    options={"closed": (True, False)},
)
def jar(size_m: Vec3, *, closed: bool = False) -> Assembly:
    """A preserving jar, open or with its lid on."""
    height, thick, base = 0.12, 0.0035, 0.006
    rim = 0.0365
    top = height - 0.003 if closed else height
    outer = [(0.0, 0.0), (0.036, 0.0), (0.0415, 0.005), (0.0415, 0.088), (rim, 0.103), (rim, top)]
    inner = [(rim - thick, top), (rim - thick, 0.103), (0.038, 0.087), (0.038, 0.009), (0.034, base), (0.0, base)]
    side, neck = across(0.0415), across(rim)
    geoms = [
        look(lathe(rounded([*outer, *inner], 0.004), segments=40)),
        touch(Cylinder(0.0405, base), (0, 0, base / 2)),
        *ring(side, 0.090 - base, thick, z_m=base),
        *ring(side, 0.013, thick, z_m=0.090, top_radius_m=neck),
        *ring(neck, top - 0.103, thick, z_m=0.103),
    ]
    if closed:
        cap = [(0.0, 0.098), (0.0400, 0.098), (0.0400, height), (0.0, height)]
        geoms += [
            look(lathe(rounded(cap, 0.0015), segments=40), color="gold", material="brass"),
            touch(Cylinder(0.0398, 0.018), (0, 0, height - 0.009)),
        ]
    return fit(
        Assembly(parts=(root(geoms),), containers=() if closed else (inside(neck - thick, base, height),)),
        (0.085, 0.085, 0.12),
        size_m,
    )


@archetype(
    "can",
    category="container",
    size_m=(0.066, 0.066, 0.122),
    scale=(0.6, 1.8),
    material="aluminium",
    color="red",
    materials=("aluminium", "steel"),
    colors=("red", "blue", "green", "orange", "yellow", "black", "silver"),
    mass_kg=0.36,
    affordances=("grasp", "pour", "roll"),
    synonyms=("tin", "soda can", "tin can", "drink can"),
)
def can(size_m: Vec3) -> Assembly:
    """A full drink can, closed."""
    shine: Paint = {"color": "silver", "material": "aluminium"}
    low = [(0.0, 0.002), (0.024, 0.002), (0.0255, 0.0), (0.028, 0.001), (0.033, 0.010)]
    high = [(0.033, 0.108), (0.0275, 0.119), (0.0278, 0.1215), (0.0265, 0.122), (0.0258, 0.1185), (0.0, 0.1185)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded([*low, *high[:2], (0.0, 0.119)], 0.0015), segments=40)),
                        look(lathe([(0.0, 0.117), (0.0276, 0.1185), *high[2:]], segments=40), **shine),
                        look(
                            lathe([(0.0, 0.0015), (0.0240, 0.0015), (0.0255, -0.0), (0.0278, 0.0008), (0.0, 0.004)], segments=40), **shine
                        ),
                        look(slab((0.012, 0.022, 0.0012), 0.0055), (0, -0.007, 0.1188), **shine),
                        look(
                            lathe([(0.0328, 0.040), (0.0332, 0.040), (0.0332, 0.078), (0.0328, 0.078)], segments=40),
                            color="#f5f5f2",
                            material="paper",
                        ),
                        touch(Cylinder(0.0265, 0.005), (0, 0, 0.0025)),
                        touch(Cylinder(0.033, 0.104), (0, 0, 0.057)),
                        touch(Cylinder(0.0275, 0.013), (0, 0, 0.1155)),
                    ]
                ),
            )
        ),
        (0.066, 0.066, 0.122),
        size_m,
    )


@archetype(
    "box",
    category="container",
    size_m=(0.32, 0.24, 0.22),
    scale=(0.2, 2.5),
    material="cardboard",
    materials=("cardboard", "wood", "plastic"),
    colors=("white", "brown", "blue"),
    mass_kg=0.9,
    affordances=("grasp", "support"),
    synonyms=("cardboard box", "carton", "package", "parcel"),
)
def closed_box(size_m: Vec3) -> Assembly:
    """A closed cardboard box, taped."""
    x, y, z = size_m
    tape: Paint = {"color": "#d9c39a", "material": "plastic"}
    wide = 0.2 * y
    seam = look(Box((x + 0.0004, 0.0012, 0.0004)), (0, 0, z), color="#6d5233", material="cardboard")
    return Assembly(
        parts=(
            root(
                [
                    box((x, y, z), (0, 0, z / 2)),
                    seam,
                    look(Box((x + 0.0004, wide, 0.0006)), (0, 0, z), **tape),
                    *(look(Box((0.0006, wide, 0.3 * z)), (s * x / 2, 0, 0.85 * z), **tape) for s in (-1, 1)),
                    look(Box((0.35 * x, 0.0006, 0.3 * z)), (0.2 * x, -y / 2, 0.6 * z), color="#f5f5f2", material="paper"),
                    look(Box((0.28 * x, 0.0008, 0.05 * z)), (0.2 * x, -y / 2, 0.66 * z), color="#4a4a4a", material="paper"),
                    look(Box((0.20 * x, 0.0008, 0.03 * z)), (0.16 * x, -y / 2, 0.56 * z), color="#8c8c8c", material="paper"),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
    )


@archetype(
    "open_box",
    category="container",
    size_m=(0.34, 0.26, 0.22),
    scale=(0.3, 2.5),
    material="cardboard",
    materials=("cardboard", "wood", "plastic"),
    colors=("white", "brown", "blue"),
    mass_kg=0.4,
    affordances=("grasp", "fill"),
    synonyms=("open cardboard box", "bin", "crate"),
)
def open_box(size_m: Vec3) -> Assembly:
    """A cardboard box with its flaps folded outwards."""
    x, y, z = size_m
    t = 0.015 * min(x, y)
    flare, flap = 3 * t, 0.42 * min(y, z)  # the flaps hang outside, leaning out by `flare`
    inner = (x - 2 * flare - 2 * t, y - 2 * flare - 2 * t, z - t)
    tilt = float(np.arctan2(flare - t, flap))
    c, s = float(np.cos(tilt / 2)), float(np.sin(tilt / 2))
    drop, out = flap * np.cos(tilt) / 2, (flare - t) / 2
    flaps: list[Geom] = []
    for side in (-1, 1):
        long = Pose((side * (inner[0] / 2 + t + t / 2 + out), 0, z - drop - t / 4), (c, 0, -side * s, 0))
        wide = Pose((0, side * (inner[1] / 2 + t + t / 2 + out), z - drop - t / 4), (c, side * s, 0, 0))
        flaps += [Geom(shape=Box((t, inner[1] + t, flap)), pose=long), Geom(shape=Box((inner[0] + t, t, flap)), pose=wide)]
    body = walls((x - 2 * flare, y - 2 * flare, z), t)
    return Assembly(
        parts=(root([*body, *flaps]),),
        containers=(Container(name="inside", size_m=inner, pose=Pose((0, 0, t))),),
    )


@archetype(
    "egg_carton",
    category="container",
    size_m=(0.165, 0.112, 0.075),
    scale=(0.8, 1.5),
    material="cardboard",
    color="#b9b2a6",
    materials=("cardboard", "plastic"),
    colors=("light_grey", "grey", "green", "blue"),
    mass_kg=0.045,
    affordances=("grasp", "fill", "open", "close"),
    synonyms=("egg box",),
)
def egg_carton(size_m: Vec3) -> Assembly:
    """A carton with sockets for six eggs and a hinged lid."""
    x, y, z, t, low = 0.165, 0.112, 0.075, 0.002, 0.036
    cells = [(cx, cy) for cy in (-0.0265, 0.0265) for cx in (-0.053, 0.0, 0.053)]
    bump = rounded([(0.0, 0.0), (0.017, 0.0), (0.0272, low - 0.002), (0.0252, low - 0.002), (0.0150, t), (0.0, t)], 0.003)
    dividers = [box((t, y - 2 * t, 0.020), (dx, 0, 0.018)) for dx in (-0.0265, 0.0265)] + [box((x - 2 * t, t, 0.020), (0, 0, 0.018))]
    flange = [box((x, 0.005, 0.004), (0, s * (y - 0.005) / 2, low - 0.002), role="visual") for s in (-1, 1)]
    flange += [box((0.005, y, 0.004), (s * (x - 0.005) / 2, 0, low - 0.002), role="visual") for s in (-1, 1)]
    body = [
        *walls((x, y, low - 0.016), t, z_m=0.016, bottom=False),
        *(touch(Cylinder(0.0165, t), (cx, cy, t / 2)) for cx, cy in cells),
        *dividers,
        *flange,
        *(look(lathe(bump, segments=24), (cx, cy, 0)) for cx, cy in cells),
    ]
    h, taper_m = z - low, 0.004  # the lid's skin runs from its ceiling down the inside, round the edge and up to the roof
    skin = [plan(x - 2 * (t + taper_m), y - 2 * (t + taper_m), 0.006, h - t), plan(x - 2 * t, y - 2 * t, 0.006, 0.0), plan(x, y, 0.008,
        0.0),
            plan(x - 2 * taper_m, y - 2 * taper_m, 0.008, h - 0.004), plan(x - 2 * taper_m - 0.006, y - 2 * taper_m - 0.006,
                0.006, h)]  # fmt: skip
    lid = [
        look(loft(skin, smooth=False), (0, -y / 2, 0)),
        look(Box((0.7 * x, 0.55 * y, 0.0006)), (0, -y / 2, h), color="#8aa58c", material="paper"),
        touch(Box((x - 2 * taper_m, y - 2 * taper_m, t)), (0, -y / 2, h - t / 2)),
        *(touch(Box((t, y, h - t)), (s * (x - t - taper_m) / 2, -y / 2, (h - t) / 2)) for s in (-1, 1)),
        *(touch(Box((x - 2 * t, t, h - t)), (0, at, (h - t) / 2)) for at in (-(t + taper_m) / 2, -y + (t + taper_m) / 2)),
    ]
    hinge = Joint(name="lid", kind="hinge", axis=(-1.0, 0.0, 0.0), range=(0.0, 2.6), damping=0.0005, friction=0.002)
    return fit(
        Assembly(
            parts=(root(body), Part(name="lid", geoms=tuple(lid), parent="body", pose=Pose((0, y / 2, low)), joint=hinge)),
            containers=tuple(
                Container(name=f"socket_{i + 1}", size_m=(0.048, 0.048, low - t), pose=Pose((cx, cy, t)), shape="disc")
                for i, (cx, cy) in enumerate(cells)
            ),
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "bucket",
    category="container",
    size_m=(0.30, 0.30, 0.27),
    scale=(0.4, 1.5),
    material="plastic",
    color="blue",
    materials=("plastic", "steel"),
    colors=("blue", "red", "green", "yellow", "grey", "white"),
    mass_kg=0.7,
    affordances=("grasp", "fill", "pour"),
    synonyms=("pail",),
)
def bucket(size_m: Vec3) -> Assembly:
    """A bucket, its bow folded down."""
    height, base, thick, foot, rim = 0.27, 0.005, 0.004, 0.105, 0.143
    outline = [(0.0, 0.004), (foot - 0.008, 0.004), (foot - 0.006, 0.0), (foot, 0.0), (rim, height - 0.014),
        (rim + 0.006, height - 0.013), (rim + 0.006, height),
               (rim - thick, height), (foot - thick, base + 0.002), (0.0, base + 0.002)]  # fmt: skip
    bow = arc(rim + 0.004, np.pi + 0.0, 2 * np.pi, points=19)
    wire = np.column_stack([bow[:, 0], bow[:, 1] * 0.98, 0.255 - 0.09 * np.sin(np.linspace(0, np.pi, 19))])
    wire[:, 1] *= 0.93 + 0.07 * np.abs(np.cos(np.linspace(0, np.pi, 19)))
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.0025), segments=56)),
                        look(taper(wire, 0.0028), material="steel"),
                        look(taper(wire[7:12], 0.007), color="#f5f5f2", material="plastic"),
                        touch(Cylinder(foot, base + 0.002), (0, 0, base / 2 + 0.001)),
                        *wall([(foot + 0.0006, 0.004, foot - thick, base + 0.002), (rim + 0.001, height, rim - thick, height)], pieces=16),
                    ]
                ),
            ),
            containers=(inside(across(foot - thick, pieces=16), base + 0.002, height),),
        ),
        (0.30, 0.30, 0.27),
        size_m,
    )


@archetype(
    "basket",
    category="container",
    size_m=(0.38, 0.28, 0.19),
    scale=(0.4, 1.6),
    material="wood",
    color="#b98d54",
    materials=("wood", "plastic"),
    colors=("beige", "brown", "white"),
    mass_kg=0.6,
    affordances=("grasp", "fill"),
    synonyms=("wicker basket", "hamper"),
)
def basket(size_m: Vec3) -> Assembly:
    """A wicker basket with two grips."""
    x, y, z = size_m
    t, rim = 0.010, 0.92 * z
    rods = max(6, round(rim / 0.014))
    corner, step = 0.045 * min(x, y), rim / rods
    loops = [hoop(plan(x - t - (i % 2) * 0.003, y - t - (i % 2) * 0.003, corner, (i + 0.5) * step), 0.55 * step) for i in range(rods)]
    loops.append(hoop(plan(x - t, y - t, corner, rim), 0.5 * t))
    grips = [
        taper(
            smooth(
                [
                    (s * (x - t) / 2, -0.16 * y, rim),
                    (s * (x - t) / 2, -0.11 * y, z - 0.006),
                    (s * (x - t) / 2, 0.11 * y, z - 0.006),
                    (s * (x - t) / 2, 0.16 * y, rim),
                ]
            ),
            0.006,
        )
        for s in (-1, 1)
    ]
    held = [touch(Box((0.010, 0.22 * y, 0.010)), (s * (x - t) / 2, 0, z - 0.006)) for s in (-1, 1)]
    return Assembly(
        parts=(
            root(
                [
                    look(joined(*loops)),
                    look(joined(*grips), color="#8f6737"),
                    look(Box((x - t, y - t, 0.006)), (0, 0, 0.004)),
                    *walls((x - 0.001, y - 0.001, rim), t, role="collision"),
                    *held,
                ]
            ),
        ),
        containers=(Container(name="inside", size_m=(x - 2 * t - 0.001, y - 2 * t - 0.001, rim - t), pose=Pose((0, 0, t))),),
    )
