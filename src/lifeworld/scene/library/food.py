"""Fruit, vegetables, bread, eggs, cheese: what is eaten.

Round fruit stands on a small flat (a low disc under the ball). Real fruit is dented and comes to rest; a perfect ball on a table that is
not perfectly level would creep for ever, and no scene with an apple in it would settle.
"""

from __future__ import annotations

import numpy as np

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, root
from lifeworld.scene.form import ALONG_X, LIFT_M, Paint, bar, feet, fit, joined, loft, look, moved, pairs, smooth, taper, touch, wall
from lifeworld.scene.shape import Box, Cylinder, Ellipsoid, Mesh, Sphere, Vec3, extrude, lathe

STALK: Paint = {"color": "#5a4326", "material": "wood"}
LEAF: Paint = {"color": "#4f7d33", "material": "plant"}


@archetype(
    "apple",
    category="food",
    size_m=(0.076, 0.076, 0.07),
    scale=(0.6, 1.5),
    material="food",
    color="#b3271e",
    materials=("food", "wax"),
    colors=("red", "green", "lime", "yellow", "dark_red"),
    mass_kg=0.18,
    affordances=("grasp", "roll"),
)
def apple(size_m: Vec3) -> Assembly:
    """An apple with its stalk and a leaf."""
    skin = smooth(
        [
            (0.002, 0.006),
            (0.008, 0.0015),
            (0.015, 0.0),
            (0.026, 0.006),
            (0.0345, 0.022),
            (0.038, 0.042),
            (0.034, 0.058),
            (0.023, 0.0685),
            (0.012, 0.068),
            (0.003, 0.058),
        ]
    )
    stalk = taper(smooth([(0, 0, 0.056), (0.001, 0, 0.066), (0.005, 0.001, 0.078)]), 0.0014, segments=8)
    geoms = [
        look(lathe([(0.0, 0.006), *pairs(skin), (0.0, 0.0575)], segments=36)),
        look(stalk, **STALK),
        look(_leaf((0.003, 0, 0.071), 0.022, 0.006), **LEAF),
        *_ball(0.038, 0.038, 0.0345, 0.0355, 0.014),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.076, 0.076, 0.07), size_m)


@archetype(
    "tomato",
    category="food",
    size_m=(0.07, 0.07, 0.056),
    scale=(0.5, 1.5),
    material="food",
    color="#d13a22",
    colors=("red", "orange", "yellow"),
    mass_kg=0.13,
    affordances=("grasp", "roll"),
)
def tomato(size_m: Vec3) -> Assembly:
    """A tomato with its green star."""
    skin = smooth([(0.003, 0.0005), (0.014, 0.0), (0.027, 0.008), (0.035, 0.027), (0.029, 0.047), (0.015, 0.0555), (0.003, 0.051)])
    star = [moved(_leaf((0, 0, 0), 0.021, 0.0045, droop=0.6), (0, 0, 0.0525), _yaw(2 * np.pi * i / 5)) for i in range(5)]
    geoms = [
        look(lathe([(0.0, 0.0005), *pairs(skin), (0.0, 0.051)], segments=32)),
        look(joined(*star), **LEAF),
        look(taper([(0, 0, 0.05), (0.001, 0, 0.057), (0.003, 0, 0.062)], 0.0017, segments=8), **LEAF),
        *_ball(0.035, 0.035, 0.0275, 0.0285, 0.014),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.07, 0.07, 0.056), size_m)


@archetype(
    "orange",
    category="food",
    size_m=(0.076, 0.076, 0.074),
    scale=(0.6, 1.5),
    material="food",
    color="#e8841a",
    colors=("orange",),
    mass_kg=0.2,
    affordances=("grasp", "roll"),
    synonyms=(
        "tangerine",
        "mandarin",
    ),
)
def orange(size_m: Vec3) -> Assembly:
    """An orange."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 19)[1:-1]
    skin = np.column_stack([0.038 * np.cos(t), np.maximum(0.0, 0.0375 * (1 + np.sin(t)) - 0.001)])
    geoms = [
        look(lathe([(0.0, 0.0), *pairs(skin), (0.0, 0.0715)], segments=36)),
        look(lathe([(0.0, 0.070), (0.0045, 0.0722), (0.003, 0.0738), (0.0, 0.0732)], segments=5), color="#6d7a35", material="plant"),
        *_ball(0.038, 0.038, 0.0365, 0.0375, 0.012),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.076, 0.076, 0.074), size_m)


@archetype(
    "pear",
    category="food",
    size_m=(0.07, 0.07, 0.098),
    scale=(0.6, 1.5),
    material="food",
    color="#b9bf4a",
    colors=("lime", "yellow", "green"),
    mass_kg=0.19,
    affordances=("grasp", "roll"),
)
def pear(size_m: Vec3) -> Assembly:
    """A pear, standing."""
    skin = smooth(
        [
            (0.003, 0.004),
            (0.014, 0.0),
            (0.027, 0.008),
            (0.035, 0.031),
            (0.029, 0.053),
            (0.019, 0.074),
            (0.014, 0.090),
            (0.006, 0.0975),
            (0.002, 0.096),
        ]
    )
    geoms = [
        look(lathe([(0.0, 0.004), *pairs(skin), (0.0, 0.0955)], segments=32)),
        look(taper(smooth([(0, 0, 0.094), (0.001, 0, 0.104), (0.006, 0, 0.115)]), 0.0016, segments=8), **STALK),
        *_ball(0.0345, 0.0345, 0.031, 0.0320, 0.014),
        touch(lathe([(0.0, 0.050), (0.0285, 0.052), (0.018, 0.075), (0.0135, 0.090), (0.0, 0.097)], segments=12), (0, 0, 0)),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.07, 0.07, 0.098), size_m)


@archetype(
    "lemon",
    category="food",
    size_m=(0.092, 0.058, 0.058),
    scale=(0.6, 1.4),
    material="food",
    color="#ecd02e",
    colors=("yellow", "lime", "green"),
    mass_kg=0.12,
    affordances=("grasp", "roll"),
    synonyms=("citrus",),
)
def lemon(size_m: Vec3) -> Assembly:
    """A lemon, lying."""
    skin = smooth(
        [
            (0.003, -0.0455),
            (0.0065, -0.040),
            (0.014, -0.034),
            (0.0255, -0.017),
            (0.029, 0.0),
            (0.0255, 0.017),
            (0.014, 0.034),
            (0.0060, 0.041),
            (0.002, 0.046),
        ]
    )
    geoms = [
        look(lathe([(0.0, -0.0455), *pairs(skin), (0.0, 0.046)], segments=28), (0, 0, 0.029), ALONG_X),
        touch(Ellipsoid((0.0405, 0.029, 0.0285)), (0, 0, 0.0295)),
        touch(Cylinder(0.0055, 0.088), (0, 0, 0.029), ALONG_X),
        touch(Box((0.020, 0.011, 0.004)), (0, 0, 0.002)),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.092, 0.058, 0.058), size_m)


@archetype(
    "egg",
    category="food",
    size_m=(0.057, 0.044, 0.044),
    scale=(0.6, 2.0),
    material="food",
    color="#e9c9a3",
    materials=("food", "wood", "stone", "plastic"),
    colors=("beige", "white", "ivory", "brown"),
    mass_kg=0.06,
    affordances=("grasp", "roll"),
    synonyms=("chicken egg",),
)
def egg(size_m: Vec3) -> Assembly:
    """An egg, lying, its blunt end to the left."""
    t = np.linspace(0, np.pi, 17)
    blunt = 0.022 * np.sin(t) * (1 + 0.13 * np.cos(t)) / 1.0085  # an oval, fuller towards −x
    skin = [(max(float(r), 0.0), -0.0285 * float(np.cos(a))) for r, a in zip(blunt, t, strict=True)]
    geoms = [
        look(lathe(skin, segments=28), (0, 0, 0.022), ALONG_X),
        touch(Sphere(0.0213), (-0.0065, 0, 0.0222)),
        touch(Ellipsoid((0.0278, 0.0212, 0.0212)), (0.0005, 0, 0.0222)),
        touch(Box((0.012, 0.006, 0.002)), (-0.004, 0, 0.001)),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.057, 0.044, 0.044), size_m)


@archetype(
    "banana",
    category="food",
    size_m=(0.178, 0.072, 0.0335),
    scale=(0.6, 1.4),
    material="food",
    color="#efcf3d",
    colors=("yellow", "lime"),
    mass_kg=0.13,
    affordances=("grasp",),
)
def banana(size_m: Vec3) -> Assembly:
    """A banana, lying on its side."""
    bend = [
        (-0.092, 0.036),
        (-0.079, 0.026),
        (-0.064, 0.003),
        (-0.036, -0.016),
        (0.0, -0.0215),
        (0.036, -0.016),
        (0.066, 0.004),
        (0.085, 0.027),
        (0.092, 0.036),
    ]
    radii = [0.0050, 0.0065, 0.0125, 0.0165, 0.0175, 0.0165, 0.0125, 0.0065, 0.0035]
    line = smooth([(x, y, r, r) for (x, y), r in zip(bend, radii, strict=True)])
    geoms = [
        look(taper(line[5:-4, :3], line[5:-4, 3], segments=10)),
        look(taper(line[:7, :3], line[:7, 3] * 1.03, segments=10), color="#8f8a2e"),
        look(taper(line[-6:, :3], line[-6:, 3] * 1.04, segments=10), color="#4a3a1c"),
    ]
    for i in range(1, 7):
        wide = max(min(radii[i : i + 2]), 0.5 * sum(radii[i : i + 2]) - 0.0015)
        a, b = (*bend[i], wide), (*bend[i + 1], wide)
        back = 0.6 * wide * np.subtract(b, a) / np.linalg.norm(np.subtract(b, a))
        geoms.append(bar(np.subtract(a, back if i > 1 else 0.0), np.add(b, back if i < 6 else 0.0), wide))
    geoms.append(touch(Box((0.045, 0.012, 0.003)), (0, -0.020, 0.0015)))
    return fit(Assembly(parts=(root(geoms),)), (0.178, 0.072, 0.0335), size_m)


@archetype(
    "carrot",
    category="food",
    size_m=(0.175, 0.034, 0.034),
    scale=(0.5, 1.5),
    material="food",
    color="#e2762b",
    colors=("orange", "purple", "yellow"),
    mass_kg=0.08,
    affordances=("grasp",),
    synonyms=("vegetable",),
)
def carrot(size_m: Vec3) -> Assembly:
    """A carrot with some green, lying."""
    line = smooth(
        [(-0.0875, 0.0115), (-0.082, 0.0160), (-0.066, 0.0170), (-0.02, 0.0140), (0.03, 0.0105), (0.07, 0.0062), (0.0875, 0.0015)]
    )
    octagon = np.pi / 8 + np.pi / 4 * np.arange(8)  # lies on one of eight flats, so that it does not roll
    hull = [[(x, r * 1.05 * np.cos(a), r + r * np.sin(a) / np.cos(np.pi / 8) * 1.0) for a in octagon] for x, r in line[[0, 6, 12, 24, 36]]]
    grooves = [
        look(moved(Mesh(ring.vertices_m, ring.faces)), color="#b95a1c")
        for ring in (taper([(x - 0.0006, 0, r), (x + 0.0006, 0, r)], r * 1.012, segments=20) for x, r in line[[9, 14, 19, 27]])
    ]
    greens = [
        taper(
            smooth([(-0.083, 0, 0.016), (-0.10, 0.008 * k, 0.016 + 0.004 * abs(k - 1)), (-0.125, 0.016 * (k - 0.3), 0.010 + 0.005 * k)]),
            0.0022,
            segments=6,
        )
        for k in (-1.0, 0.0, 1.0, 2.0)
    ]
    geoms = [
        look(loft([[(x, r * np.cos(a), r + r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)] for x, r in line])),
        *grooves,
        look(joined(*greens), **LEAF),
        touch(loft(hull, smooth=False), (0, 0, 0)),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.175, 0.034, 0.034), size_m)


@archetype(
    "bread",
    category="food",
    size_m=(0.255, 0.12, 0.105),
    scale=(0.4, 1.5),
    material="food",
    color="#b97a3c",
    colors=("brown", "beige"),
    mass_kg=0.6,
    affordances=("grasp",),
    synonyms=("loaf", "loaf of bread"),
)
def bread(size_m: Vec3) -> Assembly:
    """A loaf of bread, cut into along its top."""
    section = smooth(
        [
            (-0.040, 0.0),
            (-0.056, 0.014),
            (-0.060, 0.040),
            (-0.052, 0.072),
            (-0.028, 0.097),
            (0.0, 0.105),
            (0.028, 0.097),
            (0.052, 0.072),
            (0.060, 0.040),
            (0.056, 0.014),
            (0.040, 0.0),
        ]
    )
    ends = [
        (-0.130, 0.50),
        (-0.127, 0.66),
        (-0.117, 0.82),
        (-0.09, 0.95),
        (-0.04, 1.0),
        (0.04, 1.0),
        (0.09, 0.95),
        (0.117, 0.82),
        (0.127, 0.66),
        (0.130, 0.50),
    ]
    rings = [
        np.column_stack([np.full(len(section), x), section[:, 0] * k, section[:, 1] * (0.62 + 0.38 * k) + 0.035 * (1 - k) ** 2])
        for x, k in ends
    ]
    cuts = [
        taper(
            smooth([(x - 0.018, -0.030, 0.0925), (x, 0.0, 0.1030), (x + 0.018, 0.030, 0.0925)]),
            [0.002] + [0.0055] * 11 + [0.002],
            flat=2.2,
            segments=8,
        )
        for x in (-0.07, -0.024, 0.024, 0.07)
    ]
    geoms = [
        look(loft(rings)),
        look(joined(*cuts), color="#ecd3a2"),
        touch(Box((0.204, 0.082, 0.016)), (0, 0, 0.008)),
        touch(Box((0.192, 0.110, 0.046)), (0, 0, 0.039)),
        touch(Box((0.250, 0.070, 0.056)), (0, 0, 0.045)),
        touch(Cylinder(0.049, 0.200), (0, 0, 0.0555), ALONG_X),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.255, 0.12, 0.105), size_m)


@archetype(
    "cheese",
    category="food",
    size_m=(0.13, 0.10, 0.05),
    scale=(0.4, 1.6),
    material="food",
    color="#efc050",
    colors=("yellow", "beige", "orange"),
    mass_kg=0.28,
    affordances=("grasp",),
    synonyms=("cheese wedge",),
)
def cheese(size_m: Vec3) -> Assembly:
    """A wedge of cheese with holes and a rind."""
    curve = [(0.130 * np.cos(a) - 0.066, 0.130 * np.sin(a)) for a in np.linspace(-0.393, 0.393, 9)]
    wedge = np.array([(-0.065, 0.0), *curve])
    wedge[:, 0] = np.clip(wedge[:, 0], -0.065, 0.0645)
    edge = wedge[1:]
    rind = np.concatenate([np.add(edge, (0.0006, 0.0)), np.subtract(edge[::-1], (0.003, 0.0))])
    normal = np.array([-0.385, -0.923])  # of the cut side towards −Y
    holes = []
    for along, z, r in ((0.035, 0.030, 0.008), (0.065, 0.016, 0.010), (0.085, 0.037, 0.006), (0.108, 0.022, 0.007), (0.05, 0.011, 0.005)):
        x, y = -0.065 + along * 0.923, -along * 0.385
        holes.append(moved(lathe([(0.0, -0.0005), (r, -0.0005), (r, 0.0002), (0.0, 0.0002)], segments=16), (x, y, z), _towards(normal)))
    for x, y, r in ((-0.005, 0.004, 0.006), (0.025, -0.018, 0.009), (0.04, 0.02, 0.006)):
        holes.append(moved(lathe([(0.0, 0.0), (r, 0.0), (r, 0.0003), (0.0, 0.0003)], segments=16), (x, y, 0.05)))
    geoms = [
        Geom(shape=extrude(wedge, 0.05)),
        look(loft([np.column_stack([rind, np.full(len(rind), z)]) for z in (-0.0, 0.0503)], smooth=False), color="#c98f2a"),
        look(joined(*holes), color="#c9922f"),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.13, 0.10, 0.05), size_m)


@archetype(
    "doughnut",
    category="food",
    size_m=(0.092, 0.092, 0.034),
    scale=(0.5, 1.6),
    material="food",
    color="#c98a4b",
    mass_kg=0.06,
    affordances=("grasp",),
    synonyms=("donut", "ring doughnut"),
    options={"icing": ("pink", "brown", "white", "none")},
)
def doughnut(size_m: Vec3, *, icing: str = "pink") -> Assembly:
    """A ring doughnut, iced."""
    t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    dough = [(0.029 + 0.017 * float(np.cos(a)), 0.017 + 0.017 * float(np.sin(a))) for a in t]
    top = [(0.029 + 0.0178 * float(np.cos(a)), 0.0175 + 0.0172 * float(np.sin(a))) for a in np.linspace(0.15, np.pi - 0.15, 12)]
    geoms = [
        look(lathe(dough, segments=36)),
        *wall(
            [(0.036, LIFT_M, 0.022, LIFT_M), (0.0455, 0.011, 0.0125, 0.011), (0.0455, 0.023, 0.0125, 0.023), (0.036, 0.034, 0.022, 0.034)],
            pieces=10,
        ),
    ]
    geoms += feet(0.029, 0.012)
    if icing != "none":
        geoms.append(look(lathe([*top, (0.0145, 0.017), (0.043, 0.017)], segments=36), color=icing))
        sprinkles = []
        for i in range(22):
            a, r = 2.4 * i, 0.029 + 0.008 * np.sin(1.7 * i)
            x, y, z = r * np.cos(a), r * np.sin(a), 0.0175 + 0.0174 * np.cos((r - 0.029) / 0.0178)
            sprinkles.append(
                taper(
                    [
                        (x - 0.0025 * np.cos(3 * a), y - 0.0025 * np.sin(3 * a), z),
                        (x + 0.0025 * np.cos(3 * a), y + 0.0025 * np.sin(3 * a), z),
                    ],
                    0.0007,
                    segments=6,
                )
            )
        geoms += [look(joined(*sprinkles[k::3]), color=color) for k, color in enumerate(("white", "yellow", "cyan"))]
    return fit(Assembly(parts=(root(geoms),)), (0.092, 0.092, 0.034), size_m)


def _ball(rx: float, ry: float, rz: float, centre: float, flat: float) -> list[Geom]:
    """A round body and the low disc it stands on."""
    return [touch(Ellipsoid((rx, ry, rz)), (0, 0, centre)), touch(Cylinder(flat, 0.004), (0, 0, 0.002))]


def _leaf(at_m: Vec3, length: float, half: float, *, droop: float = 0.35) -> Mesh:
    """A pointed leaf from a stalk at `at_m` along +X."""
    s = np.linspace(0, 1, 7)
    rings = []
    for t in s:
        wide = half * np.sin(np.pi * min(max(t, 0.02), 0.985)) ** 0.8
        x, z = length * t, 0.3 * length * t * (1 - droop * 2.2 * t)
        rings.append([(x, -wide, z + 0.15 * wide), (x, 0.0, z), (x, wide, z + 0.15 * wide), (x, 0.0, z - 0.0006)])
    return moved(loft(rings), at_m)


def _yaw(angle: float) -> tuple[float, float, float, float]:
    return (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))


def _towards(normal: np.ndarray) -> tuple[float, float, float, float]:
    """The turn that lays +Z along a level direction (2,)."""
    x, y = normal / np.linalg.norm(normal)
    return (float(np.sqrt(0.5)), float(-y * np.sqrt(0.5)), float(x * np.sqrt(0.5)), 0.0)
