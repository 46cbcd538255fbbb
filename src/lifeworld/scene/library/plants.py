"""Potted plants, a cactus, cut flowers. Stalks can be touched, leaves and petals give way and are only seen."""

from __future__ import annotations

import numpy as np

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, root
from lifeworld.scene.form import Array, bar, fit, frustum, joined, loft, look, moved, pairs, rounded, smooth, taper, touch
from lifeworld.scene.shape import Capsule, Cylinder, Ellipsoid, Mesh, Sphere, Vec3, lathe

GOLDEN_RAD = float(np.pi * (3 - np.sqrt(5)))
GREENS = ("#3f6d2f", "#4d7c3a", "#5d8f45")
POTS = ("brown", "white", "grey", "teal", "navy", "orange")


VASE: Array = smooth([(0.036, 0.0), (0.050, 0.045), (0.048, 0.095), (0.030, 0.145), (0.036, 0.175)])
"""The outside of the flowers' vase, (r, z)."""


@archetype(
    "plant",
    category="decor",
    size_m=(0.34, 0.34, 0.46),
    scale=(0.4, 2.5),
    material="ceramic",
    color="#b5653a",
    materials=("ceramic", "plastic"),
    colors=POTS,
    mass_kg=2.4,
    affordances=("grasp",),
    synonyms=("potted plant", "house plant", "pot plant"),
)
def plant(size_m: Vec3) -> Assembly:
    """A leafy plant in a pot."""
    geoms = _pot(0.066, 0.090, 0.15)
    leaves: tuple[list[Mesh], ...] = ([], [], [])
    stalks = []
    tiers = [(0.0, 6, 0.172, 0.245), (0.5, 5, 0.118, 0.335), (0.1, 2, 0.050, 0.430)]
    places = [
        (start + 2 * np.pi * k / count, reach + 0.006 * np.sin(5.0 * k), high + 0.018 * np.cos(3.0 * k))
        for start, count, reach, high in tiers
        for k in range(count)
    ]
    for i, (turn, reach, high) in enumerate(places):
        out = np.array([np.cos(turn), np.sin(turn)])
        foot, knee = 0.02 * out, 0.45 * reach * out
        tip = np.array([*(reach * out), high])
        line = smooth(
            [(*foot, 0.13), (*knee, 0.13 + 0.78 * (high - 0.13)), tip - (*(0.30 * reach * out), 0.012), tip - (0, 0, 0.2 * reach)]
        )
        stalks.append(taper(line[:10], np.linspace(0.0032, 0.0018, 10), segments=8))
        leaves[i % 3].append(_blade(line[5:], 0.037 + 0.006 * np.sin(1.3 * i), out))
        geoms += [bar(line[0], line[5], 0.004, material="plant"), bar(line[5], line[9], 0.004, material="plant")]
        geoms += [bar(line[9], line[13], 0.004, material="plant"), bar(line[13], line[-1], 0.004, material="plant")]
    geoms.append(look(joined(*stalks), color="#6b8f4a", material="plant"))
    geoms += [look(joined(*group), color=color, material="plant") for group, color in zip(leaves, GREENS, strict=True)]
    return fit(Assembly(parts=(root(geoms),)), (0.34, 0.34, 0.46), size_m)


@archetype(
    "cactus",
    category="decor",
    size_m=(0.115, 0.10, 0.215),
    scale=(0.4, 3.0),
    material="ceramic",
    color="#b5653a",
    materials=("ceramic", "plastic"),
    colors=POTS,
    mass_kg=0.6,
    affordances=("grasp",),
)
def cactus(size_m: Vec3) -> Assembly:
    """A ribbed cactus with one arm and a flower, in a pot."""
    body = smooth(
        [(0.0, 0.020, 0.060), (0.0, 0.030, 0.085), (0.0, 0.033, 0.130), (0.0, 0.028, 0.175), (0.0, 0.015, 0.199), (0.0, 0.002, 0.206)]
    )
    trunk = _ribbed([(0.0, 0.0, z) for _, _, z in body], body[:, 1], 11)
    bend = smooth([(0.026, 0, 0.112), (0.046, 0, 0.114), (0.0505, 0, 0.132), (0.0505, 0, 0.158)])
    arm = taper(bend, np.concatenate([np.full(13, 0.0115), np.linspace(0.0115, 0.0100, 6)]), segments=18)
    flower = [_petal(0.016, 0.0055, 0.9, 2 * np.pi * i / 7) for i in range(7)]
    geoms = [
        *_pot(0.036, 0.050, 0.078),
        look(trunk, color="#4d7c3a", material="plant"),
        look(arm, color="#568743", material="plant"),
        look(Sphere(0.0100), (0.0505, 0, 0.158), color="#568743", material="plant"),
        look(moved(joined(*flower), (0, 0, 0.203)), color="pink", material="plant"),
        look(Sphere(0.005), (0, 0, 0.207), color="yellow", material="plant"),
        touch(Capsule(0.030, 0.086), (0, 0, 0.118), material="plant"),
        touch(Cylinder(0.006, 0.012), (0, 0, 0.209), material="plant"),
        bar((0.020, 0, 0.114), (0.058, 0, 0.114), 0.0105, material="plant"),
        bar((0.0505, 0, 0.105), (0.0505, 0, 0.168), 0.0105, material="plant"),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.115, 0.10, 0.215), size_m)


@archetype(
    "flowers",
    category="decor",
    size_m=(0.205, 0.19, 0.365),
    scale=(0.5, 1.6),
    material="ceramic",
    color="#dfe6ea",
    materials=("ceramic", "glass"),
    colors=("white", "blue", "teal", "yellow", "navy"),
    mass_kg=0.9,
    affordances=("grasp",),
    synonyms=("flower vase", "bouquet", "vase of flowers"),
    options={"petals": ("red", "yellow", "pink", "white", "purple", "orange")},
)
def flowers(size_m: Vec3, *, petals: str = "red") -> Assembly:
    """A vase of cut flowers."""
    geoms = [
        look(lathe([(0.0, 0.0), (0.036, 0.0), *pairs(VASE), *pairs(VASE[::-1] - (0.003, 0.0)), (0.030, 0.005), (0.0, 0.005)], segments=40)),
        look(Cylinder(0.028, 0.002), (0, 0, 0.15), color="#8fa9b5", material="water"),
        touch(Cylinder(0.036, 0.01), (0, 0, 0.005)),
        *(
            frustum(VASE[i][0] - 0.0005, VASE[j][0] - 0.0005, VASE[i][1] + (0.001 if i == 0 else 0.0), VASE[j][1])
            for i, j in ((0, 6), (6, 12), (12, 18), (18, 24))
        ),
    ]
    stalks, leaves, heads, hearts = [], [], [], []
    for i in range(7):
        turn = GOLDEN_RAD * i + 0.4
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        reach, high = (0.0, 0.352) if i == 0 else (0.075 + 0.008 * np.sin(2.0 * i), 0.285 + 0.022 * np.cos(2.6 * i))
        line = smooth(
            [
                0.008 * out + (0, 0, 0.05),
                0.016 * out + (0, 0, 0.19),
                0.6 * reach * out + (0, 0, 0.25 + 0.3 * (high - 0.25)),
                reach * out + (0, 0, high),
            ]
        )
        stalks.append(taper(line, 0.0022, segments=8))
        lean = 0.75 * reach / 0.075
        axis = np.array([-out[1], out[0], 0.0]) * np.sin(lean / 2)
        quat = (float(np.cos(lean / 2)), float(axis[0]), float(axis[1]), 0.0)
        at = (float(line[-1][0]), float(line[-1][1]), float(line[-1][2]))
        heads.append(
            moved(
                joined(
                    *(_petal(0.031, 0.0095, up, 2 * np.pi * k / 8 + 0.39 * ring) for ring, up in enumerate((0.22, 0.55)) for k in range(8))
                ),
                at,
                quat,
            )
        )
        hearts.append(moved(_dome(0.0095), at, quat))
        leaves.append(_blade(smooth([line[10], line[10] + 0.02 * out + (0, 0, 0.03), line[10] + 0.05 * out + (0, 0, 0.032)]), 0.010, out))
        geoms += [bar(line[8], line[-1], 0.004, material="plant"), touch(Ellipsoid((0.024, 0.024, 0.012)), at, quat, material="plant")]
    geoms += [
        look(joined(*stalks, *leaves), color="#4d7c3a", material="plant"),
        look(joined(*heads), color=petals, material="plant"),
        look(joined(*hearts), color="#e8b923", material="plant"),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.205, 0.19, 0.365), size_m)


def _pot(foot: float, rim: float, height: float) -> list[Geom]:
    """A flower pot with a collar, filled with soil to a little under its rim."""
    collar, soil = 0.80 * height, height - 0.004
    edge = foot + (rim - foot) * 0.80
    outline = [
        (0.0, 0.0),
        (foot, 0.0),
        (edge - 0.003, collar),
        (rim - 0.002, collar),
        (rim, height),
        (rim - 0.006, height),
        (rim - 0.007, soil),
        (0.0, soil),
    ]
    return [
        look(lathe(rounded(outline, 0.002), segments=40)),
        look(
            lathe(
                [(0.0, soil - 0.004), (rim - 0.0065, soil - 0.004), (rim - 0.0065, soil), (0.4 * rim, soil + 0.004), (0.0, soil + 0.005)],
                segments=32,
            ),
            color="#4a3526",
            material="soil",
        ),
        touch(Cylinder(foot, 0.5 * height), (0, 0, 0.25 * height)),
        frustum(foot, edge - 0.003, 0.001, collar),
        frustum(rim - 0.002, rim, collar, soil),
        touch(Cylinder(rim - 0.002, height - soil), (0, 0, (height + soil) / 2)),
    ]


def _blade(line: Array, half: float, out: Array) -> Mesh:
    """A broad pointed leaf along a curve (n, 3), folded a little along its middle."""
    side = np.array([-out[1], out[0], 0.0])
    rings, thin = [], np.array([0.0, 0.0, 0.0006])
    for k, point in enumerate(line):
        t = k / (len(line) - 1)
        wide = half * np.sin(np.pi * np.clip(t, 0.02, 0.985) ** 0.75) ** 0.8
        lift = np.array([0.0, 0.0, 0.22 * wide])
        rings.append([point - wide * side + lift, point - thin, point + wide * side + lift, point + thin])
    return loft(rings)


def _petal(length: float, half: float, up: float, turn: float) -> Mesh:
    line = np.array([(length * t * np.cos(up), 0.0, length * (t * np.sin(up) + 0.12 * np.sin(np.pi * t))) for t in np.linspace(0, 1, 6)])
    petal = _blade(line, half, np.array([1.0, 0.0, 0.0]))
    return moved(petal, (0, 0, 0), (float(np.cos(turn / 2)), 0.0, 0.0, float(np.sin(turn / 2))))


def _ribbed(path: list[tuple[float, float, float]], radii: Array, ribs: int) -> Mesh:
    a = np.linspace(0, 2 * np.pi, 6 * ribs, endpoint=False)
    wave = 1 + 0.07 * np.cos(ribs * a)
    return loft(
        [
            np.column_stack([x + r * wave * np.cos(a), y + r * wave * np.sin(a), np.full(len(a), z)])
            for (x, y, z), r in zip(path, radii, strict=True)
        ]
    )


def _dome(radius: float) -> Mesh:
    t = np.linspace(0, np.pi / 2, 6)
    return lathe(
        [(0.0, -0.2 * radius), *[(radius * float(np.cos(a)), 0.6 * radius * float(np.sin(a))) for a in t[:-1]], (0.0, 0.6 * radius)],
        segments=16,
    )
