"""Desk lamp, floor lamp, table lamp: they shine while they are turned on."""

from __future__ import annotations

import numpy as np

from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Lamp, root
from lifeworld.scene.form import Paint, Quat, bar, fit, frustum, handle, look, moved, pairs, rounded, smooth, taper, touch, wall
from lifeworld.scene.shape import Cylinder, Mesh, Sphere, Vec3, lathe

BULB: Paint = {"color": "#fff6d8", "material": "glass"}
SHADES = ("ivory", "beige", "white", "orange", "red", "teal", "grey")


@archetype(
    "lamp",
    category="electronics",
    size_m=(0.17, 0.33, 0.43),
    scale=(0.5, 1.6),
    material="steel",
    color="#2f4858",
    materials=("steel", "brass", "plastic"),
    colors=("black", "white", "red", "teal", "yellow", "silver"),
    mass_kg=1.5,
    affordances=("grasp", "turn_on", "turn_off", "press"),
    synonyms=("desk lamp", "reading lamp"),
)
def lamp(size_m: Vec3) -> Assembly:
    """A desk lamp on a bent arm that shines down to the front."""
    y0 = 0.080  # the foot is at the rear, the shade hangs out to the front
    arm = smooth(
        [
            (0, y0 + 0.030, 0.015),
            (0, y0 + 0.034, 0.20),
            (0, y0 + 0.015, 0.345),
            (0, y0 - 0.060, 0.410),
            (0, y0 - 0.125, 0.398),
            (0, y0 - 0.155, 0.375),
        ]
    )
    tilt = 0.55  # of the shade, to the front
    turn = (float(np.cos(-tilt / 2)), float(np.sin(-tilt / 2)), 0.0, 0.0)
    at = (0.0, y0 - 0.172, 0.337)
    outer = [(0.016, 0.040), (0.020, 0.036), (0.030, 0.030), (0.048, 0.000), (0.066, -0.048)]
    shade = [*outer[::-1], (0.0, 0.041), (0.0, 0.038), *[(r - 0.0015, z - 0.0015) for r, z in outer]]
    button = lathe(rounded([(0.0, 0.0), (0.010, 0.0), (0.010, 0.006), (0.0, 0.006)], 0.002), segments=20)
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(
                            lathe(rounded([(0.0, 0.0), (0.083, 0.0), (0.085, 0.004), (0.080, 0.015), (0.0, 0.019)], 0.003), segments=48),
                            (0, y0, 0),
                        ),
                        look(taper(arm, 0.0065)),
                        look(button, (0, y0 - 0.05, 0.016), color="#f5f5f2", material="plastic"),
                        look(lathe(shade, segments=40), at, turn),
                        look(Sphere(0.024), at, turn, **BULB),
                        touch(Cylinder(0.083, 0.014), (0, y0, 0.007)),
                        *handle(arm[[0, 6, 9, 12, 15, 18, 21, 24, 27, 30]], 0.0065)[1:],
                        *_shade(
                            [(0.066, -0.048, 0.0645, -0.0495), (0.048, 0.0, 0.0465, -0.0015), (0.030, 0.030, 0.0285, 0.0285)], at, turn
                        ),
                        touch(
                            moved(lathe([(0.0, 0.028), (0.030, 0.028), (0.018, 0.038), (0.0, 0.040)], segments=12), at, turn),
                            (0, 0, 0),
                            material="plastic",
                        ),
                    ]
                ),
            ),
            lamps=(
                Lamp(position_m=(0.0, y0 - 0.205, 0.275), direction=(0.0, -float(np.sin(tilt)), -float(np.cos(tilt))), spread_deg=100.0),
            ),
        ),
        (0.17, 0.33, 0.43),
        size_m,
    )


@archetype(
    "table_lamp",
    category="electronics",
    size_m=(0.28, 0.28, 0.44),
    scale=(0.4, 1.6),
    material="ceramic",
    color="#3f6f73",
    materials=("ceramic", "wood", "brass", "glass"),
    colors=("teal", "white", "blue", "beige", "grey"),
    mass_kg=1.6,
    affordances=("grasp", "turn_on", "turn_off"),
    synonyms=("bedside lamp", "shade lamp"),
    options={"shade": SHADES},
)
def table_lamp(size_m: Vec3, *, shade: str = "ivory") -> Assembly:
    """A round-bellied table lamp with a cloth shade."""
    belly = smooth([(0.062, 0.012), (0.058, 0.022), (0.074, 0.070), (0.070, 0.115), (0.038, 0.160), (0.018, 0.185), (0.014, 0.205)])
    cloth = [(0.140, 0.230), (0.095, 0.440), (0.0925, 0.440), (0.1375, 0.230)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe([(0.0, 0.0), (0.066, 0.0), (0.066, 0.008), *pairs(belly), (0.0, 0.205)], segments=48)),
                        look(Cylinder(0.006, 0.075), (0, 0, 0.235), color="gold", material="brass"),
                        look(Sphere(0.030), (0, 0, 0.305), **BULB),
                        look(lathe(cloth, segments=48), color=shade, material="fabric"),
                        *(
                            look(
                                lathe([(r, z), (r + 0.0012, z), (r + 0.0012, z + 0.006), (r, z + 0.006)], segments=48),
                                color="gold",
                                material="brass",
                            )
                            for r, z in ((0.1386, 0.230), (0.0952, 0.434))
                        ),
                        touch(Cylinder(0.066, 0.012), (0, 0, 0.006)),
                        frustum(0.060, 0.073, 0.012, 0.070),
                        frustum(0.073, 0.068, 0.070, 0.118),
                        frustum(0.066, 0.016, 0.118, 0.190),
                        touch(Cylinder(0.010, 0.06), (0, 0, 0.215)),
                        *wall([(0.139, 0.230, 0.1365, 0.230), (0.096, 0.440, 0.0935, 0.440)], material="fabric"),
                    ]
                ),
            ),
            lamps=(Lamp(position_m=(0, 0, 0.30), direction=(0.0, 0.0, -1.0), spread_deg=180.0, intensity=0.5),),
        ),
        (0.28, 0.28, 0.44),
        size_m,
    )


@archetype(
    "floor_lamp",
    category="electronics",
    size_m=(0.38, 0.38, 1.55),
    scale=(0.5, 1.3),
    material="steel",
    color="#2a2b2e",
    materials=("steel", "brass", "wood"),
    colors=("black", "silver", "gold", "white"),
    mass_kg=5.0,
    affordances=("turn_on", "turn_off"),
    synonyms=("standing lamp", "standard lamp"),
    options={"shade": SHADES},
)
def floor_lamp(size_m: Vec3, *, shade: str = "ivory") -> Assembly:
    """A floor lamp with a cloth shade."""
    cloth = [(0.190, 1.27), (0.130, 1.55), (0.127, 1.55), (0.187, 1.27)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(
                            lathe(
                                rounded(
                                    [
                                        (0.0, 0.0),
                                        (0.148, 0.0),
                                        (0.150, 0.006),
                                        (0.140, 0.020),
                                        (0.03, 0.028),
                                        (0.013, 0.06),
                                        (0.011, 0.12),
                                        (0.011, 1.30),
                                        (0.0, 1.30),
                                    ],
                                    0.006,
                                ),
                                segments=48,
                            )
                        ),
                        look(
                            lathe(rounded([(0.0, 1.30), (0.020, 1.30), (0.020, 1.345), (0.0, 1.345)], 0.003), segments=24),
                            color="gold",
                            material="brass",
                        ),
                        look(Sphere(0.040), (0, 0, 1.385), **BULB),
                        look(lathe(cloth, segments=56), color=shade, material="fabric"),
                        touch(Cylinder(0.148, 0.02), (0, 0, 0.01)),
                        bar((0, 0, 0.015), (0, 0, 1.30), 0.011),
                        *wall([(0.189, 1.27, 0.1865, 1.27), (0.1305, 1.55, 0.128, 1.55)], material="fabric"),
                    ]
                ),
            ),
            lamps=(Lamp(position_m=(0, 0, 1.40), direction=(0.0, 0.0, -1.0), spread_deg=180.0, intensity=0.6),),
        ),
        (0.38, 0.38, 1.55),
        size_m,
    )


def _shade(levels: list[tuple[float, float, float, float]], at_m: Vec3, quat_wxyz: Quat) -> list[Geom]:
    """The wall of a shade that hangs askew."""
    out = []
    for wedge in wall(levels, pieces=8, material="plastic"):
        assert isinstance(wedge.shape, Mesh)
        out.append(touch(moved(wedge.shape, at_m, quat_wxyz), (0, 0, 0), material="plastic"))
    return out
