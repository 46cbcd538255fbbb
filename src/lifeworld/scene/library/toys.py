"""Balls, blocks, dominoes, dice, a duck, a car, a bear: what is played with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, Surface, root
from lifeworld.scene.form import (
    ALONG_X,
    ALONG_Y,
    TO_FRONT,
    Array,
    fit,
    hoop,
    joined,
    loft,
    look,
    moved,
    plan,
    rounded,
    slab,
    smooth,
    taper,
    touch,
)
from lifeworld.scene.shape import Box, Capsule, Cylinder, Ellipsoid, Mesh, Sphere, Vec3, lathe, rounded_box

BRIGHT = ("red", "blue", "yellow", "green", "orange", "purple", "teal", "pink", "white")


@archetype(
    "ball",
    category="toy",
    size_m=(0.08, 0.08, 0.08),
    scale=(0.2, 4.0),
    material="rubber",
    color="red",
    materials=("rubber", "plastic", "wood", "steel", "foam"),
    colors=BRIGHT,
    affordances=("grasp", "roll"),
    synonyms=("bouncy ball", "sphere", "play ball"),
)
def ball(size_m: Vec3) -> Assembly:
    """A solid ball with two seams, so that its rolling can be seen."""
    r = 0.04
    seams = hoop([(r * np.cos(a), r * np.sin(a), 0.0) for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)], 0.0009, segments=6)
    both = joined(seams, moved(seams, (0, 0, 0), ALONG_X))
    return fit(
        Assembly(parts=(root([Geom(shape=Sphere(r), pose=Pose((0, 0, r))), look(both, (0, 0, r), color="#f5f5f2")]),)),
        (0.08, 0.08, 0.08),
        size_m,
    )


@archetype(
    "football",
    category="toy",
    size_m=(0.22, 0.22, 0.22),
    scale=(0.3, 1.5),
    material="leather",
    color="white",
    materials=("leather", "rubber", "plastic"),
    colors=("white", "yellow", "orange"),
    mass_kg=0.43,
    affordances=("grasp", "roll"),
    synonyms=("soccer ball", "big ball"),
)
def football(size_m: Vec3) -> Assembly:
    """A football with twelve dark patches."""
    r, g = 0.11, (1 + np.sqrt(5)) / 2
    corners = np.array([v for a in (-1, 1) for b in (-g, g) for v in ((0, a, b), (a, b, 0), (b, 0, a))]) / np.sqrt(1 + g * g)
    patches = []
    for n in corners:
        side = np.cross(n, (0.3, 0.5, 0.8))
        side /= np.linalg.norm(side)
        up = np.cross(n, side)
        rims = []
        for tilt in (0.03, 0.12, 0.21, 0.29, 0.36):
            a = 2 * np.pi * np.arange(5) / 5
            points = np.cos(tilt) * n + np.sin(tilt) * (np.cos(a)[:, None] * side + np.sin(a)[:, None] * up)
            rims.append(
                np.concatenate(
                    [[p, _mid(p, q, 0.25), _mid(p, q, 0.5), _mid(p, q, 0.75)] for p, q in zip(points, np.roll(points, -1, 0), strict=True)]
                )
                * (r * 1.006)
            )
        patches.append(loft(rims))
    return fit(
        Assembly(parts=(root([Geom(shape=Sphere(r), pose=Pose((0, 0, r))), look(joined(*patches), (0, 0, r), color="#1c1c1e")]),)),
        (0.22, 0.22, 0.22),
        size_m,
    )


@archetype(
    "marble",
    category="toy",
    size_m=(0.016, 0.016, 0.016),
    scale=(0.5, 2.0),
    material="glass",
    color="#3f7fb078",
    materials=("glass", "steel"),
    colors=("blue", "green", "red", "yellow", "white"),
    affordances=("grasp", "roll"),
    synonyms=("glass marble",),
)
def marble(size_m: Vec3) -> Assembly:
    """A glass marble with a twist of colour inside."""
    twist = [[(0.0052 * k * np.cos(a + 160 * h), 0.0022 * k * np.sin(a + 160 * h), h) for a in np.linspace(0, 2 * np.pi, 8, endpoint=False)]
             for h, k in ((-0.0065, 0.1), (-0.004, 0.8), (-0.0015, 1.0), (0.0015, 1.0), (0.004, 0.8), (0.0065, 0.1))]  # fmt: skip
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(loft(twist), (0, 0, 0.008), color="#f1c40f", material="plastic"),
                        Geom(shape=Sphere(0.008), pose=Pose((0, 0, 0.008))),
                    ]
                ),
            )
        ),
        (0.016, 0.016, 0.016),
        size_m,
    )


@archetype(
    "block",
    category="toy",
    size_m=(0.045, 0.045, 0.045),
    scale=(0.3, 3.0),
    material="wood",
    materials=("wood", "painted_wood", "plastic", "foam"),
    colors=BRIGHT,
    affordances=("grasp", "support"),
    synonyms=("toy block", "wooden block"),
)
def block(size_m: Vec3) -> Assembly:
    """A wooden building block."""
    x, y, z = size_m
    edge = 0.03 * min(size_m)
    return Assembly(
        parts=(root([touch(Box(size_m), (0, 0, z / 2)), look(slab(size_m, edge, edge_m=edge))]),),
        surfaces=(Surface(name="top", size_m=(x, y), pose=Pose((0, 0, z))),),
    )


@archetype(
    "domino",
    category="toy",
    size_m=(0.024, 0.0075, 0.048),
    scale=(0.5, 4.0),
    material="plastic",
    color="ivory",
    materials=("plastic", "wood", "painted_wood"),
    colors=("ivory", "black", "red", "blue", "green", "yellow"),
    mass_kg=0.012,
    affordances=("grasp",),
    synonyms=("domino tile",),
    options={"high": (0, 6), "low": (0, 6)},
)
def domino(size_m: Vec3, *, high: int = 4, low: int = 3) -> Assembly:
    """A domino, standing on its short side; `high` and `low` are its pips."""
    x, y, z = 0.024, 0.0075, 0.048
    dots = [(px, z * 0.73 + pz) for px, pz in _pips(high, 0.0066)] + [(px, z * 0.27 + pz) for px, pz in _pips(low, 0.0066)]
    pips = [moved(_dot(0.0022), (px, -y / 2, pz), TO_FRONT) for px, pz in dots]
    line = look(Box((0.86 * x, 0.0004, 0.0008)), (0, -y / 2, z / 2), color="#26262a")
    seen = [look(joined(*pips), color="#26262a")] if pips else []
    return fit(
        Assembly(
            parts=(root([touch(Box((x, y, z)), (0, 0, z / 2)), look(moved(rounded_box((x, y, z), 0.0012), (0, 0, z / 2))), line, *seen]),)
        ),
        (x, y, z),
        size_m,
    )


@archetype(
    "die",
    category="toy",
    size_m=(0.016, 0.016, 0.016),
    scale=(0.5, 5.0),
    material="plastic",
    color="white",
    materials=("plastic", "wood"),
    colors=("white", "ivory", "red", "black", "blue"),
    mass_kg=0.0048,
    affordances=("grasp", "roll"),
    synonyms=("dice",),
)
def die(size_m: Vec3) -> Assembly:
    """A six-sided die, the six on top."""
    s, half = 0.016, 0.008
    faces = {  # pips → the turn of +Z to the face; opposite faces add up to seven
        6: (1.0, 0.0, 0.0, 0.0),
        1: (0.0, 1.0, 0.0, 0.0),
        2: TO_FRONT,
        5: (np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0),
        3: (np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0),
        4: (np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0),
    }
    dots = []
    for count, turn in faces.items():
        face = Pose((0, 0, half), turn)
        dots += [moved(_dot(0.0016 if count > 1 else 0.0022), tuple(face.apply((px, py, half))), turn) for px, py in _pips(count, 0.0042)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        touch(Box((s, s, s)), (0, 0, half)),
                        look(moved(rounded_box((s, s, s), 0.0018), (0, 0, half))),
                        look(joined(*dots), color="#26262a"),
                    ]
                ),
            )
        ),
        (s, s, s),
        size_m,
    )


@archetype(
    "building_brick",
    category="toy",
    size_m=(0.064, 0.032, 0.023),
    scale=(0.3, 3.0),
    material="plastic",
    color="red",
    materials=("plastic",),
    colors=BRIGHT,
    mass_kg=0.011,
    affordances=("grasp", "support"),
    synonyms=("toy brick", "plastic brick", "stud brick"),
)
def building_brick(size_m: Vec3) -> Assembly:
    """A plastic brick with two rows of four studs."""
    x, y, z, stud = 0.064, 0.032, 0.0192, 0.0038
    at = [((i - 1.5) * 0.016, (j - 0.5) * 0.016) for i in range(4) for j in range(2)]
    seen = joined(
        *(moved(lathe(rounded([(0, 0), (0.0048, 0), (0.0048, stud), (0, stud)], 0.0005), segments=20), (sx, sy, z)) for sx, sy in at)
    )
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        touch(Box((x, y, z)), (0, 0, z / 2)),
                        look(slab((x, y, z), 0.0006, edge_m=0.0005)),
                        look(seen),
                        *(touch(Cylinder(0.0048, stud), (sx, sy, z + stud / 2)) for sx, sy in at),
                    ]
                ),
            ),
            surfaces=(Surface(name="top", size_m=(x - 0.006, y - 0.006), pose=Pose((0, 0, z + stud))),),
        ),
        (x, y, 0.023),
        size_m,
    )


@archetype(
    "duck",
    category="toy",
    size_m=(0.088, 0.102, 0.092),
    scale=(0.5, 3.0),
    material="rubber",
    color="#f4c92a",
    materials=("rubber", "plastic"),
    colors=("yellow", "pink", "cyan", "white"),
    mass_kg=0.06,
    affordances=("grasp",),
    synonyms=("rubber duck", "bath duck"),
)
def duck(size_m: Vec3) -> Assembly:
    """A rubber duck that looks to the front."""
    body = [(0.0, 0.0), (0.026, 0.0), (0.036, 0.006), (0.042, 0.018), (0.040, 0.032), (0.029, 0.044), (0.012, 0.050), (0.0, 0.051)]
    hull = lathe(rounded(body, 0.006), segments=32)
    v = hull.vertices_m * (1.0, 1.17, 1.0)
    tail = taper(smooth([(0, 0.030, 0.034), (0, 0.046, 0.043), (0, 0.0555, 0.057)]), np.linspace(0.022, 0.003, 13), flat=1.3)
    wings = [look(Ellipsoid((0.008, 0.027, 0.0165)), (s * 0.0375, 0.012, 0.031)) for s in (-1, 1)]
    beak = loft([[(0.012 * w * np.cos(a), -y, 0.066 + 0.0052 * t * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 14, endpoint=False)]
                 for y, w, t in ((0.034, 0.85, 1.1), (0.044, 0.95, 0.85), (0.050, 0.95, 0.65), (0.0525, 0.6, 0.3))])  # fmt: skip
    eyes = [look(Sphere(0.0042), (s * 0.0125, -0.0345, 0.0770), color="#1c1c1e", material="plastic") for s in (-1, 1)]
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        look(Mesh(v, hull.faces), (0, 0.002, 0)),
                        look(Ellipsoid((0.0245, 0.0245, 0.0235)), (0, -0.016, 0.068)),
                        look(tail),
                        *wings,
                        look(beak, color="#e0702a"),
                        *eyes,
                        touch(Cylinder(0.030, 0.006), (0, 0.0, 0.003)),
                        touch(Ellipsoid((0.042, 0.0485, 0.0245)), (0, 0.002, 0.0262)),
                        touch(Ellipsoid((0.0245, 0.0245, 0.0235)), (0, -0.016, 0.068)),
                        touch(Box((0.018, 0.014, 0.006)), (0, -0.0455, 0.066)),
                    ]
                ),
            )
        ),
        (0.088, 0.102, 0.092),
        size_m,
    )


@archetype(
    "toy_car",
    category="toy",
    size_m=(0.066, 0.135, 0.05),
    scale=(0.4, 3.0),
    material="plastic",
    color="red",
    materials=("plastic", "steel", "wood"),
    colors=BRIGHT,
    mass_kg=0.12,
    affordances=("grasp", "roll"),
    synonyms=("car", "model car"),
)
def toy_car(size_m: Vec3) -> Assembly:
    """A toy car that faces the front, on wheels that turn."""
    chassis = [
        (-0.0675, 0.014, 0.026),
        (-0.066, 0.011, 0.029),
        (-0.030, 0.0095, 0.0335),
        (0.040, 0.0095, 0.034),
        (0.064, 0.011, 0.0325),
        (0.0675, 0.014, 0.030),
    ]
    lower = loft([[(x, y, z) for x, z in ((-0.027, low), (-0.030, (low + high) / 2), (-0.0275, high), (0.0275, high), (0.030,
        (low + high) / 2), (0.027, low))] for y, low, high in chassis], smooth=False)  # fmt: skip
    cabin = loft(
        [
            plan(0.054, 0.078, 0.006, 0.033),
            plan(0.053, 0.074, 0.006, 0.036),
            plan(0.043, 0.046, 0.007, 0.0485),
            plan(0.038, 0.040, 0.007, 0.05),
        ]
    )
    glass = loft([plan(0.0542, 0.0755, 0.007, 0.0365), plan(0.0458, 0.0535, 0.007, 0.0460)], smooth=False)
    body = [
        look(lower),
        look(cabin, (0, 0.010, 0)),
        look(glass, (0, 0.010, 0), color="#2c3e50", material="plastic"),
        look(Box((0.056, 0.003, 0.005)), (0, -0.0675, 0.0135), color="#c8c8c8"),
        *(look(Ellipsoid((0.005, 0.002, 0.004)), (s * 0.020, -0.0668, 0.0225), color="#fdf6d8") for s in (-1, 1)),
        *(look(Box((0.010, 0.002, 0.004)), (s * 0.020, 0.0668, 0.0225), color="#7b1a12") for s in (-1, 1)),
        touch(Box((0.057, 0.130, 0.019)), (0, 0, 0.0215)),
        touch(Box((0.042, 0.044, 0.018)), (0, 0.010, 0.041)),
    ]
    tyre = lathe(rounded([(0.005, -0.0055), (0.014, -0.0055), (0.014, 0.0055), (0.005, 0.0055), (0.005, -0.0055)], 0.002), segments=28)
    parts = [root(body)]
    for name, x, y in (("front_left", -1, -1), ("front_right", 1, -1), ("rear_left", -1, 1), ("rear_right", 1, 1)):
        wheel = (
            look(tyre, (0, 0, 0), ALONG_X, color="#222225", material="rubber"),
            look(Cylinder(0.0075, 0.010), (0, 0, 0), ALONG_X, color="silver", material="steel"),
            look(Box((0.0112, 0.0022, 0.012)), color="dark_grey", material="steel"),
            touch(Cylinder(0.014, 0.011), (0, 0, 0), ALONG_X, material="rubber"),
        )
        # Dry friction in the axle: enough that a car on a level floor stays, little enough that it runs down a ramp.
        axle = Joint(name=f"{name}_wheel", kind="hinge", axis=(1.0, 0.0, 0.0), damping=1e-6, friction=2e-5)
        parts.append(Part(name=f"{name}_wheel", geoms=wheel, parent="body", pose=Pose((x * 0.0275, y * 0.040, 0.014)), joint=axle))
    return fit(Assembly(parts=tuple(parts)), (0.066, 0.135, 0.05), size_m)


@archetype(
    "teddy",
    category="toy",
    size_m=(0.19, 0.15, 0.247),
    scale=(0.4, 2.5),
    material="fabric",
    color="#a9784a",
    materials=("fabric",),
    colors=("brown", "beige", "white", "pink", "grey"),
    mass_kg=0.25,
    affordances=("grasp",),
    synonyms=("teddy bear", "bear", "soft toy", "plush"),
)
def teddy(size_m: Vec3) -> Assembly:
    """A teddy bear, sitting."""
    pale, dark = "#d9b98c", "#241a14"
    blobs: list[tuple[Vec3, Vec3]] = [
        ((0.062, 0.054, 0.068), (0, 0.008, 0.068)),  # trunk
        ((0.056, 0.050, 0.050), (0, 0.000, 0.178)),  # head
    ]
    for s in (-1, 1):
        ear, arm, foot = (s * 0.045, 0.003, 0.226), (s * 0.072, -0.027, 0.098), (s * 0.050, -0.072, 0.035)
        blobs += [((0.021, 0.012, 0.021), ear), ((0.022, 0.038, 0.022), arm), ((0.031, 0.016, 0.034), foot)]
    seen = [Geom(shape=Ellipsoid(radii), pose=Pose(at)) for radii, at in blobs]
    seen += [look(Ellipsoid((0.013, 0.006, 0.013)), (s * 0.045, -0.0065, 0.227), color=pale) for s in (-1, 1)]
    seen += [look(Ellipsoid((0.019, 0.004, 0.021)), (s * 0.050, -0.0855, 0.036), color=pale) for s in (-1, 1)]
    seen += [
        look(Ellipsoid((0.040, 0.012, 0.045)), (0, -0.0365, 0.067), color=pale),
        look(Ellipsoid((0.025, 0.020, 0.020)), (0, -0.045, 0.166), color=pale),
    ]
    seen += [
        look(Ellipsoid((0.0085, 0.0055, 0.0065)), (0, -0.0630, 0.175), color=dark, material="plastic"),
        look(Box((0.0015, 0.002, 0.010)), (0, -0.0642, 0.164), color=dark),
    ]
    seen += [look(Sphere(0.0058), (s * 0.0215, -0.0455, 0.1885), color=dark, material="plastic") for s in (-1, 1)]
    bow = [look(Ellipsoid((0.017, 0.006, 0.011)), (s * 0.015, -0.047, 0.132), color="red") for s in (-1, 1)] + [
        look(Sphere(0.007), (0, -0.051, 0.132), color="red")
    ]
    # Its legs reach back under the trunk, so that it sits and does not fall over backwards.
    legs = [Geom(shape=Capsule(0.028, 0.090), pose=Pose((s * 0.046, -0.018, 0.028), ALONG_Y)) for s in (-1, 1)]
    return fit(
        Assembly(parts=(root([replace(g, pose=Pose((0, 0.0135, 0)) @ g.pose) for g in (*seen, *bow, *legs)]),)), (0.19, 0.15, 0.247), size_m
    )


def _mid(p: Array, q: Array, share: float) -> Array:
    """A point between two of the unit sphere, on it."""
    between = (1 - share) * p + share * q
    return between / np.linalg.norm(between)


def _pips(count: int, step: float) -> list[tuple[float, float]]:
    """Where the pips of a face are, as on every die."""
    corners = [(-step, -step), (step, step), (-step, step), (step, -step), (-step, 0.0), (step, 0.0)]
    return [*corners[: count - count % 2], *([(0.0, 0.0)] if count % 2 else [])]


def _dot(radius: float) -> Mesh:
    return lathe([(0.0, -0.0002), (radius, -0.0002), (radius, 0.0002), (0.0, 0.0002)], segments=14)
