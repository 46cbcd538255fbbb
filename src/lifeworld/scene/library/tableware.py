"""Glasses, mugs, cups, bowls, plates: what a table is laid with."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, ring, root
from lifeworld.scene.form import LIFT_M, across, fit, handle, inside, look, pairs, rounded, smooth, touch, wall
from lifeworld.scene.shape import Cylinder, Vec3, lathe

CHINA = ("white", "ivory", "blue", "teal", "red", "yellow", "grey", "navy")


@archetype(
    "glass",
    category="tableware",
    size_m=(0.075, 0.075, 0.12),
    scale=(0.6, 1.6),
    material="glass",
    materials=("glass", "plastic"),
    affordances=("grasp", "fill", "pour"),
    synonyms=("tumbler", "drinking glass"),
)
def glass(size_m: Vec3) -> Assembly:
    """A plain drinking glass, a little wider at the rim."""
    true = (0.075, 0.075, 0.12)
    radius, foot, height, thick, base = 0.0375, 0.031, 0.12, 0.003, 0.008
    outer = [(0.0, 0.0), (foot, 0.0), (radius, height)]
    inner = [(radius - thick, height), (foot - thick + 0.0005, base), (0.0, base)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded([*outer, *inner], 0.0015), segments=40)),
                        touch(Cylinder(foot, base), (0, 0, base / 2)),
                        *ring(foot, height - base, thick, z_m=base, top_radius_m=radius),
                    ]
                ),
            ),
            containers=(inside(foot - thick, base, height),),
        ),
        true,
        size_m,
    )


@archetype(
    "wine_glass",
    category="tableware",
    size_m=(0.08, 0.08, 0.21),
    scale=(0.7, 1.4),
    material="glass",
    affordances=("grasp", "fill", "pour"),
    synonyms=("goblet", "stem glass"),
    mass_kg=0.17,
)
def wine_glass(size_m: Vec3) -> Assembly:
    """A wine glass on a stem."""
    height, thick, bottom = 0.21, 0.0025, 0.112
    outer = pairs(smooth([(0.005, 0.100), (0.0215, 0.112), (0.034, 0.130), (0.040, 0.150), (0.0385, 0.180), (0.034, height)]))
    inner = [(r - thick, z) for r, z in pairs(smooth([(0.0215, 0.1145), (0.034, 0.131), (0.040, 0.151), (0.0385, 0.180), (0.034, height)]))]
    foot = [(0.0, 0.0), (0.036, 0.0), (0.036, 0.0015), *smooth([(0.012, 0.005), (0.0045, 0.014), (0.0038, 0.05), (0.0042, 0.09)])]
    outline = [*foot, *outer, *inner[::-1], (0.0, bottom)]
    levels = [
        (0.0190, 0.110, 0.0165, 0.1145),
        (0.0335, 0.130, 0.0310, 0.1315),
        (0.040, 0.152, 0.0365, 0.152),
        (0.034, height, 0.0305, height),
    ]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(pairs(outline), segments=36)),
                        touch(Cylinder(0.036, 0.004), (0, 0, 0.002)),
                        touch(Cylinder(0.0045, 0.104), (0, 0, 0.056)),
                        touch(Cylinder(0.0165, 0.006), (0, 0, 0.1105)),
                        *wall(levels, pieces=10),
                    ]
                ),
            ),
            containers=(inside(across(0.0310, pieces=10), 0.1315, height),),
        ),
        (0.08, 0.08, 0.21),
        size_m,
    )


@archetype(
    "mug",
    category="tableware",
    size_m=(0.115, 0.085, 0.095),
    scale=(0.6, 1.6),
    material="ceramic",
    materials=("ceramic", "plastic", "steel"),
    colors=CHINA,
    mass_kg=0.35,
    affordances=("grasp", "fill", "pour"),
    synonyms=("coffee mug", "beaker"),
)
def mug(size_m: Vec3) -> Assembly:
    """A straight cup with a handle."""
    radius, height, thick, base, x = 0.0425, 0.095, 0.004, 0.006, -0.015
    outline = [(0.0, 0.002), (radius - 0.008, 0.002), (radius - 0.0075, 0.0), (radius - 0.004, 0.0), (radius, 0.006), (radius, height),
               (radius - thick, height), (radius - thick, base + 0.004), (radius - thick - 0.004, base), (0.0, base)]  # fmt: skip
    grip = [
        (radius - 0.002, 0, 0.078),
        (0.057, 0, 0.079),
        (0.068, 0, 0.066),
        (0.0685, 0, 0.045),
        (0.060, 0, 0.027),
        (radius - 0.002, 0, 0.020),
    ]
    side = across(radius)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.002), segments=40), (x, 0, 0)),
                        touch(Cylinder(radius - 0.001, base), (x, 0, base / 2)),
                        *(_shift(g, x) for g in ring(side, height - base, thick, z_m=base)),
                        *handle(np.add(grip, (x, 0, 0)), 0.0045, flat=1.5),
                    ]
                ),
            ),
            containers=(inside(side - thick, base, height, at_m=(x, 0)),),
        ),
        (0.115, 0.085, 0.095),
        size_m,
    )


@archetype(
    "cup",
    category="tableware",
    size_m=(0.11, 0.09, 0.062),
    scale=(0.6, 1.5),
    material="ceramic",
    materials=("ceramic",),
    colors=CHINA,
    mass_kg=0.2,
    affordances=("grasp", "fill", "pour"),
    synonyms=("teacup", "coffee cup"),
)
def cup(size_m: Vec3) -> Assembly:
    """A tea cup, wide at the rim, with a small handle."""
    height, x = 0.062, -0.010
    outer = smooth([(0.025, 0.004), (0.0345, 0.014), (0.041, 0.032), (0.045, height)])
    inner = smooth([(0.024, 0.0075), (0.0315, 0.016), (0.038, 0.033), (0.0425, height)])
    outline = [(0.0, 0.002), (0.021, 0.002), (0.022, 0.0), (0.025, 0.0), *outer, *inner[::-1], (0.0, 0.0075)]
    grip = [(0.0425, 0, 0.049), (0.053, 0, 0.051), (0.0612, 0, 0.042), (0.058, 0, 0.029), (0.0375, 0, 0.019)]
    levels = [(0.025, 0.004, 0.024, 0.0075), (0.0345, 0.014, 0.0315, 0.016), (0.041, 0.032, 0.038, 0.033), (0.045, height, 0.0425, height)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(pairs(outline), segments=40), (x, 0, 0)),
                        touch(Cylinder(0.025, 0.0075), (x, 0, 0.00375)),
                        *wall(levels, at_m=(x, 0)),
                        *handle(np.add(grip, (x, 0, 0)), 0.0034, flat=1.4),
                    ]
                ),
            ),
            containers=(inside(across(0.0315), 0.016, height, at_m=(x, 0)),),
        ),
        (0.11, 0.09, 0.062),
        size_m,
    )


@archetype(
    "bowl",
    category="tableware",
    size_m=(0.16, 0.16, 0.07),
    scale=(0.6, 2.0),
    material="ceramic",
    materials=("ceramic", "wood", "glass", "steel"),
    colors=CHINA,
    mass_kg=0.45,
    affordances=("grasp", "fill", "pour"),
    synonyms=("basin", "cereal bowl"),
)
def bowl(size_m: Vec3) -> Assembly:
    """A round bowl, open to the top."""
    height, base = 0.07, 0.008
    outer = smooth([(0.042, 0.004), (0.060, 0.017), (0.073, 0.039), (0.080, height)])
    inner = smooth([(0.044, base), (0.057, 0.019), (0.0695, 0.041), (0.0765, height)])
    outline = [(0.0, 0.003), (0.037, 0.003), (0.0385, 0.0), (0.042, 0.0), *outer, *inner[::-1], (0.0, base)]
    levels = [(0.042, 0.004, 0.0405, base), (0.060, 0.017, 0.057, 0.019), (0.073, 0.039, 0.0695, 0.041), (0.080, height, 0.0765, height)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(pairs(outline), segments=48)),
                        touch(Cylinder(0.042, base), (0, 0, base / 2)),
                        *wall(levels),
                    ]
                ),
            ),
            containers=(inside(across(0.0405), base, height),),
        ),
        (0.16, 0.16, 0.07),
        size_m,
    )


@archetype(
    "plate",
    category="tableware",
    size_m=(0.26, 0.26, 0.024),
    scale=(0.5, 1.4),
    material="ceramic",
    materials=("ceramic", "glass", "wood", "plastic"),
    colors=CHINA,
    mass_kg=0.55,
    affordances=("grasp", "support"),
    synonyms=("dinner plate", "dish"),
)
def plate(size_m: Vec3) -> Assembly:
    """A dinner plate with a raised rim."""
    return fit(_plate(0.13, 0.088, 0.024, 0.006), (0.26, 0.26, 0.024), size_m)


@archetype(
    "saucer",
    category="tableware",
    size_m=(0.155, 0.155, 0.02),
    scale=(0.6, 1.4),
    material="ceramic",
    materials=("ceramic",),
    colors=CHINA,
    mass_kg=0.19,
    affordances=("grasp", "support"),
    synonyms=("small plate",),
)
def saucer(size_m: Vec3) -> Assembly:
    """The small plate under a cup."""
    return fit(_plate(0.0775, 0.046, 0.02, 0.005), (0.155, 0.155, 0.02), size_m)


def _plate(radius: float, well: float, height: float, base: float) -> Assembly:
    """A flat well of radius `well` on a low foot, and a rim that rises outwards."""
    foot, thick = well - 0.006, 0.0045
    lip = (radius, height - 0.003)
    outline = [(0.0, 0.002), (foot - 0.005, 0.002), (foot - 0.004, 0.0), (foot, 0.0), (well + 0.003, 0.0035),
        (radius * 0.8 + well * 0.2, height * 0.66),
               lip, (radius - 0.002, height), (radius * 0.75 + well * 0.25, height * 0.80 + 0.001), (well + 0.006, base + 0.002),
                   (well, base), (0.0, base)]  # fmt: skip
    levels = [
        (foot, LIFT_M, well, base),
        (radius * 0.5 + well * 0.5, height * 0.5 - 0.002, radius * 0.5 + well * 0.5, height * 0.5 + thick - 0.002),
        (*lip, radius - 0.002, height),
    ]
    return Assembly(
        parts=(
            root(
                [
                    look(lathe(rounded(outline, 0.004), segments=48)),
                    touch(Cylinder(well, base), (0, 0, base / 2)),
                    *wall(levels),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(2 * well, 2 * well), pose=Pose((0, 0, base)), shape="disc"),),
    )


def _shift(geom: Geom, x: float) -> Geom:
    return Geom(shape=geom.shape, pose=Pose((x, 0, 0)) @ geom.pose, material=geom.material, color=geom.color, role=geom.role)
