"""Pendulum, seesaw, scale, weight, plain cube and cylinder: things to try the laws of motion with."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, Surface, box, root
from lifeworld.scene.form import ALONG_Y, TO_FRONT, Paint, fit, joined, loft, look, moved, rounded, slab, touch
from lifeworld.scene.shape import Box, Cylinder, Sphere, Vec3, lathe


@archetype(
    "pendulum",
    category="science",
    size_m=(0.26, 0.17, 0.46),
    scale=(0.5, 3.0),
    material="steel",
    fixed=True,
    affordances=("grasp",),
    synonyms=("bob pendulum",),
)
def pendulum(size_m: Vec3) -> Assembly:
    """A bob on a thin rod that swings left and right; next to no friction."""
    top, length, bob = 0.44, 0.32, 0.026
    stand: Paint = {"color": "#6b4429", "material": "dark_wood"}
    frame = [
        touch(Box((0.26, 0.17, 0.02)), (0, 0, 0.01), material="dark_wood"),
        look(slab((0.26, 0.17, 0.02), 0.005, edge_m=0.002), **stand),
        Geom(shape=Cylinder(0.009, 0.44), pose=Pose((0, 0.065, 0.24))),
        Geom(shape=Cylinder(0.006, 0.105), pose=Pose((0, 0.0225, top), ALONG_Y)),
        look(Sphere(0.012), (0, 0.065, top), color="gold", material="brass"),
    ]
    swing = Joint(name="swing", kind="hinge", axis=(0.0, -1.0, 0.0), damping=1e-5)
    arm = (
        Geom(shape=Cylinder(0.0016, length - bob), pose=Pose((0, 0, -(length - bob) / 2)), material="aluminium"),
        Geom(shape=Sphere(bob), pose=Pose((0, 0, -length)), color="gold", material="brass"),
        look(Cylinder(0.008, 0.012), (0, 0, 0), ALONG_Y),
    )
    return fit(
        Assembly(parts=(root(frame), Part(name="arm", geoms=arm, parent="body", pose=Pose((0, -0.015, top)), joint=swing))),
        (0.26, 0.17, 0.46),
        size_m,
    )


@archetype(
    "seesaw",
    category="science",
    size_m=(0.60, 0.14, 0.105),
    scale=(0.4, 4.0),
    material="wood",
    color=None,
    materials=("wood", "painted_wood", "plastic"),
    colors=("red", "blue", "green", "yellow"),
    mass_kg=1.6,
    affordances=("grasp", "support"),
    synonyms=("teeter totter", "balance board", "lever"),
)
def seesaw(size_m: Vec3) -> Assembly:
    """A plank that tips left and right over its foot."""
    x, y, z, t = 0.60, 0.14, 0.105, 0.016
    pivot = z - t / 2
    side = loft([[(-0.055, 0.0, 0.0), (0.055, 0.0, 0.0), (0.014, 0.0, pivot + 0.006), (-0.014, 0.0, pivot + 0.006)], [(-0.055, 0.010,
        0.0), (0.055, 0.010, 0.0), (0.014, 0.010, pivot + 0.006), (-0.014, 0.010, pivot + 0.006)]], smooth=False)  # fmt: skip
    cheeks = [Geom(shape=moved(side, (0, at_y, 0)), material="dark_wood", color="#6b4429") for at_y in (-y / 2, y / 2 - 0.010)]
    foot = [
        *cheeks,
        box((0.11, y, 0.012), (0, 0, 0.006), material="dark_wood", color="#6b4429"),
        look(Cylinder(0.005, y), (0, 0, pivot), ALONG_Y, color="silver", material="steel"),
    ]
    plank = (
        touch(Box((x, y - 0.024, t)), (0, 0, 0)),
        look(slab((x, y - 0.024, t), 0.005, edge_m=0.002, z_m=-t / 2)),
        *(
            look(Box((0.003, y - 0.03, 0.0004)), (s * k * x, 0, t / 2), color="#4a3526", material="dark_wood")
            for s in (-1, 1)
            for k in (0.15, 0.30, 0.45)
        ),
    )
    # Neutral in itself, so a little dry friction keeps the empty plank level; range: until an end touches the floor.
    reach = float(np.arcsin((pivot - t / 2) / (x / 2)))
    tip = Joint(name="tip", kind="hinge", axis=(0.0, 1.0, 0.0), range=(-reach, reach), damping=0.005, friction=0.004)
    wide = 0.42 * x
    surfaces = tuple(
        Surface(name=name, size_m=(wide, y - 0.03), pose=Pose((s * (x - wide) / 2, 0, t / 2)), part="plank")
        for name, s in (("left", -1), ("right", 1))
    )
    return fit(
        Assembly(
            parts=(root(foot), Part(name="plank", geoms=plank, parent="body", pose=Pose((0, 0, pivot)), joint=tip)), surfaces=surfaces
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "spring_scale",
    category="science",
    size_m=(0.22, 0.24, 0.13),
    scale=(0.5, 1.6),
    material="plastic",
    color="white",
    materials=("plastic", "steel"),
    colors=("white", "red", "teal", "yellow", "black"),
    mass_kg=1.1,
    affordances=("grasp", "support", "read", "press"),
    synonyms=("scale", "kitchen scale", "balance"),
)
def spring_scale(size_m: Vec3) -> Assembly:
    """A kitchen scale: its plate sinks one millimetre under 200 grams."""
    x, y, z, sink = 0.22, 0.24, 0.13, 0.020
    low = 0.085
    rings = []
    for h, inset in ((0.0, 0.004), (0.004, 0.0), (0.05, 0.006), (low - 0.004, 0.020), (low, 0.024)):
        front = 0.030 * h / low  # the face leans back
        wide = x / 2 - 0.01 - inset
        rings.append(
            [
                (sx * wide, (-y / 2 + 0.012 + inset + front) if sy < 0 else (y / 2 - 0.012 - inset), h)
                for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
        )
    lean = float(np.arctan2(0.030 + 0.014, low)) / 2
    up = Pose((0, 0, 0), (float(np.cos(-lean)), float(np.sin(-lean)), 0, 0)) @ Pose((0, 0, 0), TO_FRONT)
    centre = Pose((0.0, -0.0885, 0.045), up.quat_wxyz)
    dial = [
        look(
            lathe(rounded([(0, 0), (0.034, 0), (0.034, 0.002), (0, 0.002)], 0.0005), segments=40),
            tuple(centre.position_m),
            tuple(centre.quat_wxyz),
            color="#f7f4ea",
            material="paper",
        )
    ]
    marks = [loft([[(k * np.cos(a) - s * 0.0006 * np.sin(a), k * np.sin(a) + s * 0.0006 * np.cos(a), h) for k, s in ((0.027, -1),
        (0.032, -1), (0.032, 1), (0.027, 1))] for h in (0.002, 0.0024)], smooth=False) for a in np.linspace(0, 2 * np.pi,
        20, endpoint=False)]  # fmt: skip
    hand = loft(
        [[(-0.0012, -0.007, h), (0.0012, -0.007, h), (0.0005, 0.027, h), (-0.0005, 0.027, h)] for h in (0.0026, 0.0032)], smooth=False
    )
    for mesh, color in ((joined(*marks), "#26262a"), (hand, "#c0392b")):
        dial.append(look(mesh, tuple(centre.position_m), tuple(centre.quat_wxyz), color=color, material="plastic"))
    body = [Geom(shape=loft(rings, smooth=False)), *dial]
    dish = rounded([(0.0, 0.0), (0.102, 0.0), (0.110, 0.004), (0.110, 0.010), (0.106, 0.010), (0.100, 0.006), (0.0, 0.006)], 0.002)
    plate = (
        look(lathe(dish, segments=48), (0, 0.010, 0), color="silver", material="steel"),
        look(Cylinder(0.022, 0.045), (0, 0.010, -0.0225), color="#3a3b3f"),
        touch(Cylinder(0.108, 0.006), (0, 0.010, 0.003), material="aluminium"),
        touch(Cylinder(0.110, 0.004), (0, 0.010, 0.008 - 0.002), material="aluminium"),
    )
    slide = Joint(name="plate", kind="slide", axis=(0.0, 0.0, 1.0), range=(-sink, 0.0), damping=8.0, spring=1962.0)
    surface = Surface(name="top", size_m=(0.196, 0.196), pose=Pose((0, 0.010, 0.008)), part="plate", shape="disc")
    return fit(
        Assembly(
            parts=(root(body), Part(name="plate", geoms=plate, parent="body", pose=Pose((0, 0, z - 0.010)), joint=slide)),
            surfaces=(surface,),
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "weight",
    category="science",
    size_m=(0.052, 0.052, 0.082),
    scale=(0.3, 3.0),
    material="brass",
    materials=("brass", "steel", "cast_iron"),
    mass_kg=1.0,
    affordances=("grasp", "support"),
    synonyms=("brass weight", "calibration weight"),
)
def weight(size_m: Vec3) -> Assembly:
    """A brass weight of one kilogram, with a knob."""
    knob = [(0.008, 0.060), (0.009, 0.066), (0.0165, 0.072), (0.0165, 0.078), (0.012, 0.082), (0.0, 0.082)]
    outline = [(0.0, 0.0), (0.026, 0.0), (0.026, 0.056), (0.012, 0.060), *knob]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(lathe(rounded(outline, 0.002), segments=40)),
                        touch(Cylinder(0.026, 0.057), (0, 0, 0.0285)),
                        touch(Cylinder(0.016, 0.0105), (0, 0, 0.07675)),
                        touch(Cylinder(0.0095, 0.018), (0, 0, 0.065)),
                    ]
                ),
            )
        ),
        (0.052, 0.052, 0.082),
        size_m,
    )


@archetype(
    "cube",
    category="science",
    size_m=(0.10, 0.10, 0.10),
    scale=(0.1, 20.0),
    material="plastic",
    color="#d8b04a",
    materials=("plastic", "wood", "steel", "aluminium", "foam", "rubber", "stone"),
    colors=("yellow", "red", "blue", "green", "white", "grey", "black"),
    affordances=("grasp", "support"),
    synonyms=("cuboid", "test cube"),
    options={"marked": (True, False)},
)
def cube(size_m: Vec3, *, marked: bool = False) -> Assembly:
    """A plain solid cube or cuboid; `marked` colours its sides, to see it turn."""
    x, y, z = size_m
    geoms = [box((x, y, z), (0, 0, z / 2))]
    if marked:
        thin = 0.004 * min(size_m)
        sides = (("red", 0, 1), ("orange", 0, -1), ("green", 1, 1), ("blue", 1, -1), ("white", 2, 1), ("yellow", 2, -1))
        for color, axis, s in sides:
            size, at_m = [0.7 * x, 0.7 * y, 0.7 * z], [0.0, 0.0, z / 2]
            at_m[axis] += s * size_m[axis] / 2
            size[axis] = thin
            geoms.append(look(Box((size[0], size[1], size[2])), (at_m[0], at_m[1], at_m[2]), color=color))
    return Assembly(parts=(root(geoms),), surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),))


@archetype(
    "cylinder",
    category="science",
    size_m=(0.08, 0.08, 0.10),
    scale=(0.1, 20.0),
    material="plastic",
    color="#4a8fb8",
    materials=("plastic", "wood", "steel", "aluminium", "foam", "rubber", "stone"),
    colors=("blue", "red", "green", "yellow", "white", "grey", "black"),
    affordances=("grasp", "roll", "support"),
    synonyms=("rod", "drum", "disc"),
)
def cylinder(size_m: Vec3) -> Assembly:
    """A plain solid cylinder, standing."""
    return fit(
        Assembly(
            parts=(root([Geom(shape=Cylinder(0.04, 0.10), pose=Pose((0, 0, 0.05)))]),),
            surfaces=(Surface(name="top", size_m=(0.08, 0.08), pose=Pose((0, 0, 0.10)), shape="disc"),),
        ),
        (0.08, 0.08, 0.10),
        size_m,
    )
