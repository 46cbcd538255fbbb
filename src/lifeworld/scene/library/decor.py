"""Candle, picture frame, vase, soap: what stands about in rooms."""

from __future__ import annotations

import numpy as np

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Lamp, root
from lifeworld.scene.form import (
    LIFT_M,
    across,
    at,
    fit,
    inside,
    joined,
    loft,
    look,
    moved,
    pairs,
    plan,
    rounded,
    smooth,
    taper,
    touch,
    wall,
)
from lifeworld.scene.shape import Box, Cylinder, Ellipsoid, Vec3, lathe, rounded_box


@archetype(
    "candle",
    category="decor",
    size_m=(0.07, 0.07, 0.10),
    scale=(0.4, 2.5),
    material="wax",
    materials=("wax",),
    colors=("ivory", "white", "red", "green", "beige", "purple"),
    affordances=("grasp", "turn_on", "turn_off"),
    synonyms=("pillar candle",),
)
def candle(size_m: Vec3) -> Assembly:
    """A thick candle; it gives light while it is turned on."""
    outline = [(0.0, 0.0), (0.035, 0.0), (0.035, 0.098), (0.033, 0.100), (0.029, 0.0975), (0.010, 0.0965), (0.0, 0.0965)]
    wick = taper(smooth([(0, 0, 0.092), (0.0003, 0, 0.101), (0.002, 0, 0.107)]), 0.0012, segments=8)
    runs = [taper(smooth([(0.0345 * np.cos(a), 0.0345 * np.sin(a), 0.098), (0.0358 * np.cos(a), 0.0358 * np.sin(a), 0.098 - 0.5 * d),
        (0.0355 * np.cos(a), 0.0355 * np.sin(a), 0.098 - d)]), np.linspace(0.002, 0.003, 13), segments=8)
            for a, d in ((0.4, 0.030), (2.1, 0.045), (3.9, 0.022), (5.2, 0.034))]  # fmt: skip
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.0015), segments=40)),
                        look(joined(*runs)),
                        look(wick, color="#2b2622", material="fabric"),
                        touch(Cylinder(0.035, 0.0985), (0, 0, 0.04925)),
                    ]
                ),
            ),
            lamps=(Lamp(position_m=(0, 0, 0.125), color="#ffb45a", intensity=0.35, spread_deg=180.0),),
        ),
        (0.07, 0.07, 0.10),
        size_m,
    )


@archetype(
    "vase",
    category="decor",
    size_m=(0.13, 0.13, 0.26),
    scale=(0.4, 2.0),
    material="ceramic",
    color="#5b8d8f",
    materials=("ceramic", "glass", "brass"),
    colors=("teal", "white", "blue", "yellow", "dark_red", "black"),
    mass_kg=0.9,
    affordances=("grasp", "fill", "pour"),
    synonyms=("flower holder", "urn"),
)
def vase(size_m: Vec3) -> Assembly:
    """An empty vase with a narrow neck."""
    height, base, thick = 0.26, 0.007, 0.0045
    outer = smooth([(0.040, 0.0), (0.058, 0.050), (0.065, 0.105), (0.050, 0.165), (0.034, 0.210), (0.042, height)])
    inner = outer[outer[:, 1] > 0.015] - (thick, 0)
    levels = [(at(outer, z), z, at(outer, z) - thick, max(z, base)) for z in (LIFT_M, 0.050, 0.105, 0.165, 0.210, height)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe([(0.0, 0.0), *pairs(outer), *pairs(inner[::-1]), (0.036, base), (0.0, base)], segments=48)),
                        touch(Cylinder(0.040, base), (0, 0, base / 2)),
                        *wall(levels, pieces=10),
                    ]
                ),
            ),
            containers=(inside(across(0.034 - thick, pieces=10), base, height),),
        ),
        (0.13, 0.13, height),
        size_m,
    )


@archetype(
    "picture_frame",
    category="decor",
    size_m=(0.18, 0.11, 0.23),
    scale=(0.4, 2.5),
    material="dark_wood",
    materials=("dark_wood", "wood", "painted_wood", "brass"),
    colors=("black", "white", "gold"),
    mass_kg=0.4,
    affordances=("grasp",),
    synonyms=("photo frame", "picture", "photograph"),
)
def picture_frame(size_m: Vec3) -> Assembly:
    """A picture in a frame that leans back on its stand."""
    lean, wide, high, edge, deep = 0.20, 0.18, 0.232, 0.020, 0.016
    # Drawn lying, its foot at the origin and its face up, then raised to the front.
    turn = (np.pi / 2 - lean) / 2
    quat = (float(np.cos(turn)), float(np.sin(turn)), 0.0, 0.0)
    lift = deep / 2 * float(np.sin(lean))
    foot = (0.0, -0.0500, lift)

    def plate(w: float, h: float, at_x: float, at_y: float, low: float, thick: float, color: str) -> Geom:
        return look(
            moved(loft([plan(w, h, 0.0004, low, steps=2), plan(w, h, 0.0004, low + thick, steps=2)], smooth=False), (at_x, at_y, 0)),
            foot,
            quat,
            color=color,
            material="paper",
        )

    bars = [
        (Box((wide, edge, deep)), (0.0, edge / 2, 0.0)),
        (Box((wide, edge, deep)), (0.0, high - edge / 2, 0.0)),
        (Box((edge, high - 2 * edge, deep)), (-(wide - edge) / 2, high / 2, 0.0)),
        (Box((edge, high - 2 * edge, deep)), ((wide - edge) / 2, high / 2, 0.0)),
    ]
    middle = high / 2
    hills = loft([[(-0.065, middle - 0.075, h), (0.065, middle - 0.075, h), (0.065, middle - 0.002, h), (0.030, middle + 0.022, h),
        (-0.005, middle - 0.006, h), (-0.035, middle + 0.010, h), (-0.065, middle - 0.018, h)] for h in (0.0048,
        0.0052)], smooth=False)  # fmt: skip
    sun = moved(lathe([(0.0, 0.0048), (0.014, 0.0048), (0.014, 0.0052), (0.0, 0.0052)], segments=24), (-0.028, middle + 0.042, 0))
    leg_top, leg_foot = np.array([0.0, -0.050 + 0.155 * np.sin(lean), 0.150 * np.cos(lean)]), np.array([0.0, 0.0520, 0.003])
    pitch, leg_middle = float(np.arctan2(leg_foot[1] - leg_top[1], leg_top[2] - leg_foot[2])), float(leg_top[2] + leg_foot[2]) / 2
    leg_long = 2 * (leg_middle - 0.0025 * float(np.sin(pitch))) / float(np.cos(pitch))  # its lower edge stands on the floor
    leg = taper([leg_top, leg_foot], 0.010, flat=0.25, segments=8)
    seen = [look(moved(rounded_box(shape.size_m, 0.003), where), foot, quat) for shape, where in bars]
    board = Box((wide, high, deep))
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        *seen,
                        plate(wide - edge, high - edge, 0, middle, 0.001 - deep / 2, deep - 0.005, "#f5f2e8"),
                        plate(0.130, 0.168, 0, middle, 0.0042, 0.0004, "#8fc0dd"),
                        look(hills, foot, quat, color="#4f8a4b", material="paper"),
                        look(sun, foot, quat, color="#f4c430", material="paper"),
                        look(leg),
                        touch(board, (0.0, foot[1] + float(middle * np.sin(lean)), float(lift + middle * np.cos(lean))), quat),
                        touch(
                            Box((0.018, 0.005, leg_long)),
                            (0.0, float(leg_top[1] + leg_foot[1]) / 2, leg_middle),
                            (float(np.cos(pitch / 2)), float(np.sin(pitch / 2)), 0.0, 0.0),
                        ),
                    ]
                ),
            )
        ),
        (0.18, 0.11, 0.23),
        size_m,
    )


@archetype(
    "soap",
    category="decor",
    size_m=(0.088, 0.058, 0.028),
    scale=(0.4, 2.0),
    material="wax",
    color="#d9e3c8",
    materials=("wax",),
    colors=("ivory", "white", "pink", "lime", "beige"),
    mass_kg=0.11,
    friction=0.2,
    affordances=("grasp",),
    synonyms=("bar of soap",),
)
def soap(size_m: Vec3) -> Assembly:
    """A bar of soap: slippery."""
    x, y, z = 0.088, 0.058, 0.028
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(moved(rounded_box((x, y, z), 0.012, steps=5), (0, 0, z / 2))),
                        look(Ellipsoid((0.030, 0.017, 0.0012)), (0, 0, z - 0.0002), color="#c9d6b4"),
                        touch(Box((x - 0.014, y - 0.014, z)), (0, 0, z / 2)),
                        touch(Box((x, y - 0.018, z - 0.014)), (0, 0, z / 2)),
                        touch(Box((x - 0.018, y, z - 0.014)), (0, 0, z / 2)),
                    ]
                ),
            )
        ),
        (x, y, z),
        size_m,
    )
