"""Pans, pots, jugs, kettles, trays and boards: what a kitchen works with."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Surface, box, root
from lifeworld.scene.form import (
    LIFT_M,
    Paint,
    across,
    at,
    fit,
    frustum,
    handle,
    inside,
    look,
    moved,
    pairs,
    rounded,
    slab,
    smooth,
    taper,
    tile,
    touch,
    wall,
)
from lifeworld.scene.shape import Cylinder, Mesh, Vec3, lathe, rounded_box, tube


@archetype(
    "pan",
    category="tableware",
    size_m=(0.47, 0.28, 0.085),
    scale=(0.6, 1.4),
    material="cast_iron",
    materials=("cast_iron", "aluminium", "steel"),
    mass_kg=1.3,
    affordances=("grasp", "fill"),
    synonyms=("frying pan", "skillet"),
)
def pan(size_m: Vec3) -> Assembly:
    """A frying pan with a long handle."""
    height, x = 0.05, -0.095
    outline = [
        (0.0, 0.0),
        (0.1095, 0.0),
        (0.1140, 0.006),
        (0.1385, height),
        (0.136, height),
        (0.1125, 0.010),
        (0.1085, 0.004),
        (0.0, 0.004),
    ]
    levels = [(0.110, LIFT_M, 0.108, 0.004), (0.1385, height, 0.1355, height)]
    grip = smooth([(0.134, 0, 0.036), (0.165, 0, 0.050), (0.23, 0, 0.068), (0.325, 0, 0.075)])
    widths = np.interp(np.linspace(0, 1, len(grip)), [0, 0.12, 0.3, 0.9, 1], [0.011, 0.008, 0.011, 0.0125, 0.008])
    grip = np.add(grip, (x, 0, 0))
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.003), segments=56), (x, 0, 0)),
                        look(taper(grip, widths, flat=0.75), color="#1c1c1e", material="plastic"),
                        look(Cylinder(0.108, 0.0006), (x, 0, 0.0042), color="#232326"),
                        touch(Cylinder(0.110, 0.004), (x, 0, 0.002)),
                        *wall(levels, pieces=16, at_m=(x, 0)),
                        *handle(grip[[0, 6, 12, 18]], 0.0095, material="plastic")[1:],
                    ]
                ),
            ),
            containers=(inside(across(0.108, pieces=16), 0.0045, height, at_m=(x, 0)),),
        ),
        (0.47, 0.28, 0.085),
        size_m,
    )


@archetype(
    "pot",
    category="tableware",
    size_m=(0.30, 0.23, 0.13),
    scale=(0.5, 1.6),
    material="steel",
    materials=("steel", "aluminium", "cast_iron"),
    mass_kg=1.4,
    affordances=("grasp", "fill", "pour"),
    synonyms=("saucepan", "cooking pot", "stock pot"),
)
def pot(size_m: Vec3) -> Assembly:
    """A cooking pot with two ears."""
    radius, height, thick, base = 0.115, 0.13, 0.003, 0.005
    outline = [(0.0, 0.0), (radius - 0.004, 0.0), (radius - 0.002, 0.008), (radius - 0.002, height - 0.004), (radius, height),
        (radius - thick, height),
               (radius - thick - 0.002, height - 0.006), (radius - thick - 0.002, base), (0.0, base)]  # fmt: skip
    ear = np.array(
        [
            (radius - 0.006, -0.042, 0.098),
            (radius + 0.020, -0.040, 0.103),
            (radius + 0.030, 0.0, 0.105),
            (radius + 0.020, 0.040, 0.103),
            (radius - 0.006, 0.042, 0.098),
        ]
    )
    side = radius - 0.002
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.003), segments=56)),
                        touch(Cylinder(radius - 0.003, base), (0, 0, base / 2)),
                        *wall([(side, base, side - thick, base), (side, height, side - thick, height)], pieces=16),
                        *handle(ear, 0.0052),
                        *handle(ear * (-1, 1, 1), 0.0052),
                    ]
                ),
            ),
            containers=(inside(across(side - thick, pieces=16), base, height),),
        ),
        (0.30, 0.23, 0.13),
        size_m,
    )


@archetype(
    "jug",
    category="tableware",
    size_m=(0.17, 0.12, 0.22),
    scale=(0.5, 1.5),
    material="ceramic",
    materials=("ceramic", "glass", "plastic", "steel"),
    colors=("white", "ivory", "blue", "teal", "yellow"),
    mass_kg=0.8,
    affordances=("grasp", "fill", "pour"),
    synonyms=("pitcher", "water jug", "ewer"),
)
def jug(size_m: Vec3) -> Assembly:
    """A jug with a lip and a handle."""
    height, thick, base, x = 0.22, 0.004, 0.007, -0.025
    outer = smooth([(0.045, 0.0), (0.056, 0.035), (0.060, 0.08), (0.052, 0.13), (0.043, 0.175), (0.049, height)])
    inner = outer[outer[:, 1] > 0.012] - (thick, 0)
    body = lathe([(0.0, 0.0), *pairs(outer), *pairs(inner[::-1]), (0.034, base), (0.0, base)], segments=48)
    v = body.vertices_m.copy()
    around = np.arctan2(v[:, 1], -v[:, 0])  # 0 towards −X, where the lip is
    v[:, 0] -= 0.013 * np.clip((v[:, 2] - 0.185) / 0.035, 0, 1) ** 1.5 * np.exp(-((around / 0.38) ** 2))
    grip = [(0.040, 0, 0.185), (0.066, 0, 0.196), (0.094, 0, 0.175), (0.103, 0, 0.130), (0.090, 0, 0.082), (0.0575, 0, 0.058)]
    levels = [(at(outer, z), z, at(outer, z) - thick, max(z, base)) for z in (LIFT_M, 0.04, 0.08, 0.175, height)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(Mesh(v, body.faces), (x, 0, 0)),
                        touch(Cylinder(0.044, base), (x, 0, base / 2)),
                        *wall(levels, at_m=(x, 0)),
                        *handle(np.add(grip, (x, 0, 0)), 0.006, flat=1.3),
                    ]
                ),
            ),
            containers=(inside(across(0.039), base, height, at_m=(x, 0)),),
        ),
        (0.17, 0.12, 0.22),
        size_m,
    )


@archetype(
    "kettle",
    category="tableware",
    size_m=(0.22, 0.156, 0.245),
    scale=(0.7, 1.3),
    material="steel",
    materials=("steel", "plastic", "glass"),
    mass_kg=1.1,
    affordances=("grasp", "fill", "pour", "turn_on", "turn_off"),
    synonyms=("electric kettle", "water boiler"),
)
def kettle(size_m: Vec3) -> Assembly:
    """An electric kettle on its base, lid shut."""
    x = -0.026
    dark: Paint = {"color": "#222226", "material": "plastic"}
    body = [(0.0, 0.022), (0.074, 0.022), (0.076, 0.028), (0.074, 0.07), (0.066, 0.15), (0.059, 0.2), (0.057, 0.206), (0.0, 0.206)]
    lid = [(0.0, 0.204), (0.0565, 0.204), (0.055, 0.213), (0.040, 0.223), (0.014, 0.227), (0.013, 0.236), (0.011, 0.244), (0.0, 0.245)]
    spout = taper(np.add([(-0.048, 0, 0.150), (-0.066, 0, 0.178), (-0.082, 0, 0.205)], (x, 0, 0)), [0.016, 0.019, 0.0115], flat=1.0)
    grip = [
        (0.050, 0, 0.206),
        (0.085, 0, 0.216),
        (0.122, 0, 0.203),
        (0.130, 0, 0.160),
        (0.122, 0, 0.105),
        (0.108, 0, 0.062),
        (0.068, 0, 0.050),
    ]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(
                            lathe([(0.0, 0.0), (0.077, 0.0), (0.078, 0.012), (0.072, 0.022), (0.0, 0.022)], segments=48), (x, 0, 0), **dark
                        ),
                        look(lathe(rounded(body, 0.004), segments=48), (x, 0, 0)),
                        look(lathe(rounded(lid, 0.002), segments=40), (x, 0, 0), **dark),
                        look(spout),
                        look(moved(rounded_box((0.012, 0.018, 0.006), 0.002), (0.095 + x, 0, 0.054)), color="#c0392b", material="plastic"),
                        touch(Cylinder(0.077, 0.022), (x, 0, 0.011), material="plastic"),
                        frustum(0.0755, 0.073, 0.022, 0.08, at_m=(x, 0)),
                        frustum(0.073, 0.058, 0.08, 0.206, at_m=(x, 0)),
                        frustum(0.055, 0.015, 0.206, 0.226, at_m=(x, 0), material="plastic"),
                        touch(Cylinder(0.012, 0.02), (x, 0, 0.235), material="plastic"),
                        touch(
                            lathe([(0, 0), (0.014, 0), (0.0105, 0.045), (0, 0.045)], segments=10),
                            (-0.058 + x, 0, 0.164),
                            (0.956, 0, -0.293, 0),
                        ),
                        *handle(np.add(grip, (x, 0, 0)), 0.0095, flat=1.2, **dark),
                    ]
                ),
            ),
        ),
        (0.22, 0.156, 0.245),
        size_m,
    )


@archetype(
    "teapot",
    category="tableware",
    size_m=(0.245, 0.144, 0.145),
    scale=(0.5, 1.4),
    material="ceramic",
    colors=("white", "ivory", "blue", "teal", "brown", "red"),
    mass_kg=0.75,
    affordances=("grasp", "fill", "pour"),
    synonyms=("tea pot",),
)
def teapot(size_m: Vec3) -> Assembly:
    """A round teapot with spout, handle and lid."""
    x = 0.007
    belly = smooth([(0.046, 0.003), (0.066, 0.025), (0.072, 0.052), (0.062, 0.086), (0.036, 0.112)])
    lid = [
        (0.0365, 0.110),
        (0.038, 0.114),
        *pairs(smooth([(0.035, 0.117), (0.020, 0.124), (0.007, 0.127)])),
        (0.006, 0.131),
        *pairs(smooth([(0.009, 0.135), (0.010, 0.140), (0.006, 0.1445)])),
        (0.0, 0.145),
    ]
    spout = np.add(smooth([(-0.056, 0, 0.040), (-0.088, 0, 0.056), (-0.102, 0, 0.088), (-0.126, 0, 0.112)]), (x, 0, 0))
    radii = np.interp(np.linspace(0, 1, len(spout)), [0, 0.4, 0.8, 1], [0.020, 0.013, 0.0085, 0.008])
    grip = [(0.056, 0, 0.095), (0.080, 0, 0.102), (0.105, 0, 0.085), (0.105, 0, 0.055), (0.086, 0, 0.033), (0.060, 0, 0.027)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe([(0.0, 0.0), (0.044, 0.0), *pairs(belly), *lid], segments=48), (x, 0, 0)),
                        look(taper(spout, radii)),
                        touch(Cylinder(0.045, 0.004), (x, 0, 0.002)),
                        touch(lathe([(0.0, 0.001), *pairs(belly[::4]), (0.036, 0.115), (0.0, 0.125)], segments=16), (x, 0, 0)),
                        touch(Cylinder(0.008, 0.022), (x, 0, 0.134)),
                        *handle(spout[[0, 5, 9, 18]], 0.0085)[1:],
                        *handle(np.add(grip, (x, 0, 0)), 0.006, flat=1.2),
                    ]
                ),
            ),
        ),
        (0.245, 0.144, 0.145),
        size_m,
    )


@archetype(
    "tray",
    category="tableware",
    size_m=(0.42, 0.30, 0.05),
    scale=(0.5, 1.6),
    material="wood",
    materials=("wood", "dark_wood", "plastic", "aluminium"),
    colors=("white", "teal", "red", "black"),
    mass_kg=0.9,
    affordances=("grasp", "support"),
    synonyms=("serving tray", "salver"),
)
def tray(size_m: Vec3) -> Assembly:
    """A serving tray with a rim and two grips."""
    x, y, z = size_m
    base, t, rim = 0.008, 0.010, 0.6 * z
    bow = tube(smooth([(0, -0.06, 0), (0, -0.05, z - rim - 0.004), (0, 0.05, z - rim - 0.004), (0, 0.06, 0)]), 0.004)
    sides = [
        box((x, y, base), (0, 0, base / 2)),
        *(box((t, y, rim - base), (s * (x - t) / 2, 0, (rim + base) / 2)) for s in (-1, 1)),
        *(box((x - 2 * t, t, rim - base), (0, s * (y - t) / 2, (rim + base) / 2)) for s in (-1, 1)),
    ]
    grips = [look(bow, (s * (x - t) / 2, 0, rim), material="steel") for s in (-1, 1)]
    held = [
        touch(Cylinder(0.004, 0.10), (s * (x - t) / 2, 0, z - 0.004), (0.7071067811865476, 0.7071067811865476, 0, 0), material="steel")
        for s in (-1, 1)
    ]
    inner = (x - 2 * t, y - 2 * t)
    return Assembly(
        parts=(root([*sides, *grips, *held]),),
        surfaces=(Surface(name="top", size_m=inner, pose=Pose((0, 0, base))),),
    )


@archetype(
    "cutting_board",
    category="tableware",
    size_m=(0.38, 0.24, 0.02),
    scale=(0.5, 1.5),
    material="wood",
    materials=("wood", "dark_wood", "plastic"),
    mass_kg=1.2,
    affordances=("grasp", "support"),
    synonyms=("chopping board", "board"),
)
def cutting_board(size_m: Vec3) -> Assembly:
    """A board to cut on, with a hole to hang it by."""
    x, y, z = size_m
    corner = 0.08 * min(x, y)
    hole = 0.06 * min(x, y)
    return Assembly(
        parts=(
            root(
                [
                    look(slab(size_m, corner, edge_m=0.1 * z)),
                    look(Cylinder(hole, 0.0004), (x / 2 - 2.2 * hole, 0, z + 0.0001), color="#2a211b", material="painted_wood"),
                    *tile(size_m, corner),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(x - corner, y - corner), pose=Pose((0, 0, z))),),
    )
