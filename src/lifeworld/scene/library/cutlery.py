"""Knife, fork, spoon and what stirs, turns and ladles: long things that lie along Y, handle to the front.

Each lies on the flat of its handle and on its head, so that it neither rocks nor rolls.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, root
from lifeworld.scene.form import ALONG_Y, LIFT_M, fit, joined, loft, look, moved, pairs, rounded, slab, smooth, touch, wall
from lifeworld.scene.shape import Box, Cylinder, Mesh, Vec3, lathe

Station = tuple[float, float, float, float]
"""Where a bar is cut across: y, half width, thickness, height of its lower side."""


def _bar(stations: list[Station], *, steps: int = 5, power: float = 3.0) -> Mesh:
    """The skin of a bar along y, its cross-sections rounded rectangles."""
    t = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    x, z = np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)
    return loft([np.column_stack([w * x, np.full(16, y), low + thick / 2 * (1 + z)]) for y, w, thick, low in smooth(stations, steps=steps)])


def _planks(stations: list[Station], *, material: str | None = None) -> list[Geom]:
    """What can be touched of a bar: a box from cut to cut."""
    out = []
    for (y0, w0, t0, z0), (y1, w1, t1, z1) in pairwise(stations):
        lean, length = np.arctan2(z1 - z0, y1 - y0), np.hypot(y1 - y0, z1 - z0)
        thick, width = min(t0, t1), 1.3 * min(w0, w1) + 0.7 * max(w0, w1)
        middle = (0.0, (y0 + y1) / 2 - np.sin(lean) * thick / 2, (z0 + z1) / 2 + np.cos(lean) * thick / 2)
        out.append(
            touch(
                Box((width, float(length), thick)), middle, (float(np.cos(lean / 2)), float(np.sin(lean / 2)), 0.0, 0.0), material=material
            )
        )
    return out


def _dish(half_x: float, half_y: float, depth: float, thick: float, at_m: Vec3, *, pieces: int = 8) -> list[Geom]:
    """The hollow head of a spoon: an oval dish with a flat of a third of its width to lie on."""
    outer = smooth([(0.36, 0.0), (0.70, 0.22 * depth), (0.91, 0.58 * depth), (1.0, depth)])
    edge = thick / half_x
    inner = smooth([(0.34, thick), (0.68 - edge / 2, 0.22 * depth + thick), (0.90 - edge, 0.60 * depth + thick / 2), (1.0 - edge, depth)])
    seen = lathe([(0.0, 0.0), *pairs(outer), *pairs(inner[::-1]), (0.0, thick)], segments=32)
    by = np.array([half_x, half_y, 1.0])
    unit = wall([(0.36 * half_x, LIFT_M, 0.34 * half_x, thick), (0.91 * half_x, 0.58 * depth, 0.90 * half_x - thick,
        0.60 * depth + thick / 2),
                 (half_x, depth, half_x - thick, depth)], pieces=pieces)  # fmt: skip
    touched = []
    for wedge in unit:
        assert isinstance(wedge.shape, Mesh)
        touched.append(touch(Mesh(wedge.shape.vertices_m * (1.0, half_y / half_x, 1.0), wedge.shape.faces, smooth=False), at_m))
    floor = touch(Box((0.62 * half_x, 0.62 * half_y, thick)), (at_m[0], at_m[1], at_m[2] + thick / 2))
    return [look(Mesh(seen.vertices_m * by, seen.faces), at_m), *touched, floor]


@archetype(
    "spoon",
    category="tableware",
    size_m=(0.042, 0.195, 0.017),
    scale=(0.6, 1.6),
    material="steel",
    materials=("steel", "wood", "plastic", "brass"),
    mass_kg=0.055,
    affordances=("grasp",),
    synonyms=("tablespoon", "teaspoon", "dessert spoon"),
)
def spoon(size_m: Vec3) -> Assembly:
    """A table spoon."""
    grip = [(-0.0975, 0.003, 0.002, 0.0), (-0.094, 0.0078, 0.0024, 0.0), (-0.085, 0.0103, 0.0028, 0.0), (-0.04, 0.006, 0.003, 0.001),
        (0.005, 0.0038, 0.0032, 0.006), (0.030, 0.0042, 0.0032, 0.0128), (0.044, 0.0085, 0.002, 0.0095)]  # fmt: skip
    return fit(
        Assembly(parts=(root([look(_bar(grip)), *_planks(grip), *_dish(0.021, 0.031, 0.0105, 0.0014, (0, 0.0665, 0))]),)),
        (0.042, 0.195, 0.017),
        size_m,
    )


@archetype(
    "fork",
    category="tableware",
    size_m=(0.026, 0.195, 0.018),
    scale=(0.6, 1.6),
    material="steel",
    materials=("steel", "wood", "plastic", "brass"),
    mass_kg=0.05,
    affordances=("grasp",),
    synonyms=("table fork",),
)
def fork(size_m: Vec3) -> Assembly:
    """A table fork with four tines."""
    grip = [(-0.0975, 0.003, 0.002, 0.0), (-0.094, 0.0078, 0.0024, 0.0), (-0.085, 0.0103, 0.0028, 0.0), (-0.04, 0.006, 0.003, 0.001),
        (0.005, 0.0038, 0.0032, 0.005), (0.022, 0.004, 0.0032, 0.0085), (0.034, 0.009, 0.0026, 0.0045), (0.043, 0.0128, 0.0022,
        0.0008)]  # fmt: skip
    palm = [grip[-1], (0.054, 0.0128, 0.0022, 0.0)]
    tips = [
        (0.052, 0.0022, 0.0021, 0.0),
        (0.068, 0.0020, 0.0020, 0.0018),
        (0.085, 0.0017, 0.0018, 0.0085),
        (0.0975, 0.0007, 0.0012, 0.0165),
    ]
    tines = [moved(_bar(tips, power=2.5), ((i - 1.5) * 0.0070, 0, 0)) for i in range(4)]
    rake = [(y, 0.0128, t, z) for y, _, t, z in (tips[1], tips[2], tips[3])]
    return fit(
        Assembly(parts=(root([look(joined(_bar(grip), _bar(palm), *tines)), *_planks(grip), *_planks([*palm, *rake])]),)),
        (0.026, 0.195, 0.018),
        size_m,
    )


@archetype(
    "knife",
    category="tableware",
    size_m=(0.021, 0.225, 0.008),
    scale=(0.6, 1.7),
    material="steel",
    materials=("steel",),
    mass_kg=0.08,
    affordances=("grasp",),
    synonyms=("table knife", "butter knife"),
)
def knife(size_m: Vec3) -> Assembly:
    """A table knife, lying on its side."""
    grip = [
        (-0.1125, 0.0040, 0.005, 0.0),
        (-0.1115, 0.0080, 0.007, 0.0),
        (-0.105, 0.0105, 0.008, 0.0),
        (-0.06, 0.0085, 0.0075, 0.0),
        (-0.012, 0.0070, 0.006, 0.0),
        (-0.004, 0.0066, 0.0035, 0.0),
    ]
    edge = smooth([(-0.006, 0.006), (0.02, 0.0095), (0.07, 0.0105), (0.098, 0.0085), (0.1125, -0.004)])
    spine = [(-0.006, -0.0062), (0.06, -0.0068), (0.1125, -0.006)]
    rings = []
    for y, x in edge:
        back = float(np.interp(y, [p[0] for p in spine], [p[1] for p in spine]))
        rings.append([(back, y, 0.0), (x, y, 0.0006), (x, y, 0.0011), (back, y, 0.0018)])
    blade = loft(rings, smooth=False)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(_bar(grip)),
                        look(blade),
                        *_planks(grip[1:5]),
                        touch(blade, (0, 0, 0)),
                    ]
                ),
            )
        ),
        (0.021, 0.225, 0.008),
        size_m,
    )


@archetype(
    "spatula",
    category="tableware",
    size_m=(0.08, 0.32, 0.028),
    scale=(0.6, 1.4),
    material="steel",
    materials=("steel", "wood", "plastic"),
    mass_kg=0.11,
    affordances=("grasp",),
    synonyms=("turner", "kitchen spatula"),
)
def spatula(size_m: Vec3) -> Assembly:
    """A kitchen turner with slots."""
    dark = "#26262a"
    blade = [(0.060, 0.024, 0.0018, 0.0), (0.080, 0.037, 0.0018, 0.0), (0.120, 0.0400, 0.0018, 0.0), (0.160, 0.0385, 0.0012, 0.0)]
    neck = [(0.066, 0.0060, 0.003, 0.0002), (0.040, 0.0040, 0.0035, 0.013), (0.010, 0.0036, 0.0035, 0.0235), (-0.03, 0.0036, 0.004, 0.020)]
    grip = [
        (-0.160, 0.008, 0.008, 0.0),
        (-0.150, 0.012, 0.012, 0.0),
        (-0.10, 0.0115, 0.013, 0.007),
        (-0.04, 0.009, 0.011, 0.0165),
        (-0.018, 0.0065, 0.008, 0.019),
    ]
    slots = [look(Box((0.0045, 0.055, 0.0004)), (x, 0.118, 0.0018), color="#4a4c50") for x in (-0.02, 0.0, 0.02)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(_bar(blade, power=8)),
                        look(_bar(neck)),
                        *slots,
                        look(_bar(grip, power=2.5), color=dark, material="plastic"),
                        touch(Box((0.076, 0.082, 0.0018)), (0, 0.118, 0.0009)),
                        *_planks([(y, w, t, z) for y, w, t, z in neck[::-1]]),
                        *_planks(grip[1:], material="plastic"),
                    ]
                ),
            )
        ),
        (0.08, 0.32, 0.028),
        size_m,
    )


@archetype(
    "ladle",
    category="tableware",
    size_m=(0.088, 0.30, 0.058),
    scale=(0.6, 1.4),
    material="steel",
    materials=("steel", "wood", "plastic"),
    mass_kg=0.14,
    affordances=("grasp", "fill", "pour"),
    synonyms=("soup ladle", "dipper"),
)
def ladle(size_m: Vec3) -> Assembly:
    """A soup ladle, resting on its bowl and the end of its handle."""
    grip = [(-0.150, 0.004, 0.003, 0.0), (-0.147, 0.0085, 0.0032, 0.0), (-0.135, 0.012, 0.0035, 0.0), (-0.09, 0.009, 0.0035, 0.022),
        (-0.03, 0.0065, 0.0035, 0.045), (0.025, 0.0055, 0.0035, 0.0545), (0.055, 0.006, 0.003, 0.047), (0.066, 0.009, 0.002,
        0.036)]  # fmt: skip
    return fit(
        Assembly(parts=(root([look(_bar(grip)), *_planks(grip), *_dish(0.044, 0.044, 0.040, 0.0016, (0, 0.106, 0), pieces=12)]),)),
        (0.088, 0.30, 0.058),
        size_m,
    )


@archetype(
    "chopstick",
    category="tableware",
    size_m=(0.008, 0.235, 0.007),
    scale=(0.7, 1.5),
    material="wood",
    materials=("wood", "dark_wood", "plastic", "steel"),
    colors=("red", "black", "brown"),
    affordances=("grasp",),
    synonyms=("chop stick",),
)
def chopstick(size_m: Vec3) -> Assembly:
    """One chopstick, square and tapering."""
    stick = slab((0.008, 0.007, 0.235), 0.0015, edge_m=0.0006)
    by = 1.0 - 0.5 * stick.vertices_m[:, 2:] / 0.235  # thinner towards the tip
    lying = np.column_stack(
        [stick.vertices_m[:, 0] * by[:, 0], stick.vertices_m[:, 2] - 0.1175, (stick.vertices_m[:, 1] + 0.0035) * by[:, 0]]
    )
    hull = [(s * w, y, z * 2 * w * 0.875) for y, w in ((-0.1175, 0.004), (0.1175, 0.002)) for s in (-1, 1) for z in (0, 1)]
    faces = [
        (0, 1, 3),
        (0, 3, 2),
        (4, 6, 7),
        (4, 7, 5),
        (0, 2, 6),
        (0, 6, 4),
        (1, 5, 7),
        (1, 7, 3),
        (2, 3, 7),
        (2, 7, 6),
        (0, 4, 5),
        (0, 5, 1),
    ]
    return fit(
        Assembly(
            parts=(
                root([look(Mesh(lying, stick.faces[:, ::-1])), touch(Mesh(np.array(hull), np.array(faces, dtype=np.int32)), (0, 0, 0))]),
            )
        ),
        (0.008, 0.235, 0.007),
        size_m,
    )


@archetype(
    "rolling_pin",
    category="tableware",
    size_m=(0.052, 0.42, 0.052),
    scale=(0.6, 1.4),
    material="wood",
    materials=("wood", "dark_wood", "stone"),
    mass_kg=0.5,
    affordances=("grasp", "roll"),
    synonyms=("dough roller",),
)
def rolling_pin(size_m: Vec3) -> Assembly:
    """A rolling pin with two grips."""
    half = [(0.026, 0.0), (0.026, 0.124), (0.024, 0.126), (0.009, 0.127), (0.008, 0.132), *pairs(smooth([(0.011, 0.142), (0.0135,
        0.175), (0.012, 0.203), (0.007, 0.21)])), (0.0, 0.21)]  # fmt: skip
    outline = [(0.0, -0.21), *[(r, -z) for r, z in half[-2:0:-1]], *half[1:]]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.0015), segments=36), (0, 0, 0.026), ALONG_Y),
                        touch(Cylinder(0.026, 0.252), (0, 0, 0.026), ALONG_Y),
                        *(touch(Cylinder(0.0115, 0.062), (0, s * 0.174, 0.026), ALONG_Y) for s in (-1, 1)),
                    ]
                ),
            )
        ),
        (0.052, 0.42, 0.052),
        size_m,
    )
