"""Hammer, screwdriver, wrench, scissors, tape, torch, pencil, ruler: what is worked with. Long ones lie along Y, grip to the front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Lamp, Part, ring, root
from lifeworld.scene.form import (
    ALONG_X,
    ALONG_Y,
    LIFT_M,
    Paint,
    across,
    feet,
    fit,
    handle,
    hoop,
    joined,
    loft,
    look,
    moved,
    rounded,
    slab,
    smooth,
    touch,
)
from lifeworld.scene.shape import Box, Cylinder, Mesh, Vec3, extrude, lathe

_EIGHT = np.pi / 8 + np.pi / 4 * np.arange(8)


def _eightfold(stations: list[tuple[float, float]], centre_m: float, *, material: str | None = None) -> Geom:
    """A touched eight-sided bar along y through (y, radius) cuts: it lies on a flat, so it does not roll."""
    turn = np.cos(np.pi / 8)
    return touch(
        loft([[(r * np.cos(a), y, centre_m + r * np.sin(a) / turn) for a in _EIGHT] for y, r in stations]),
        (0, 0, 0),
        material=material,
    )


def _turned(geom: Geom, pose: Pose) -> Geom:
    """A geom moved; a mesh moves in its own vertices, so that the box around it stays close."""
    if isinstance(geom.shape, Mesh):
        own = pose @ geom.pose
        return replace(geom, shape=Mesh(own.apply(geom.shape.vertices_m), geom.shape.faces, smooth=geom.shape.smooth), pose=Pose())
    return replace(geom, pose=pose @ geom.pose)


@archetype(
    "hammer",
    category="tool",
    size_m=(0.128, 0.32, 0.034),
    scale=(0.6, 1.4),
    material="steel",
    materials=("steel", "cast_iron"),
    mass_kg=0.65,
    affordances=("grasp",),
    synonyms=("claw hammer",),
)
def hammer(size_m: Vec3) -> Assembly:
    """A claw hammer with a wooden handle, lying on its side."""
    z, top = 0.0165, 0.142
    grip = smooth(
        [
            (-0.160, 0.0125, 0.0135),
            (-0.150, 0.0145, 0.0165),
            (-0.10, 0.0135, 0.0165),
            (-0.02, 0.0105, 0.014),
            (0.06, 0.0095, 0.0125),
            (0.13, 0.0105, 0.013),
            (0.1595, 0.0105, 0.013),
        ]
    )
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    wood = loft([np.column_stack([w * np.cos(a), np.full(16, y), z + h * np.sin(a)]) for y, w, h in grip])
    face = rounded([(0.0, 0.0), (0.0155, 0.0), (0.0165, 0.003), (0.0165, 0.016), (0.0115, 0.022), (0.0105, 0.034), (0.0, 0.034)], 0.001)
    claw = smooth(
        [
            (0.012, top, 0.0120, 0.0110),
            (0.030, top + 0.002, 0.0110, 0.0120),
            (0.048, top - 0.001, 0.0065, 0.0135),
            (0.064, top - 0.011, 0.0020, 0.0130),
        ]
    )
    tines = []
    for k in (-1, 1):
        rings = []
        for x, y, half, wide in claw:
            gap = 0.0045 * np.clip((x - 0.025) / 0.03, 0, 1)
            rings.append([(x, y - half, z + k * gap), (x, y - half, z + k * wide), (x, y + half, z + k * wide), (x, y + half, z + k * gap)])
        tines.append(loft(rings, smooth=False))
    metal: Paint = {"color": "#8d9196"}
    geoms = [
        look(wood, color="#c08a4e", material="wood"),
        look(lathe(face, segments=28), (-0.064, top, z), ALONG_X, **metal),
        look(slab((0.034, 0.032, 2 * z), 0.005, edge_m=0.003), (-0.010, top, 0), **metal),
        look(joined(*tines), **metal),
        touch(Cylinder(0.0165, 0.020), (-0.054, top, z), ALONG_X),
        touch(Cylinder(0.0105, 0.026), (-0.034, top, z), ALONG_X),
        touch(Box((0.034, 0.030, 2 * z)), (-0.010, top, z)),
        touch(Box((0.034, 0.018, 0.022)), (0.024, top, z)),
        touch(Box((0.022, 0.008, 0.023)), (0.050, top - 0.003, z), (float(np.cos(-0.24)), 0, 0, float(np.sin(-0.24)))),
        touch(Box((0.013, 0.125, 2 * z)), (0, -0.0935, z), material="wood"),
        touch(Box((0.025, 0.13, 0.016)), (0, -0.092, z), material="wood"),
        touch(Box((0.017, 0.16, 0.018)), (0, 0.050, z), material="wood"),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.128, 0.32, 0.034), size_m)


@archetype(
    "screwdriver",
    category="tool",
    size_m=(0.030, 0.22, 0.036),
    scale=(0.5, 1.5),
    material="plastic",
    color="red",
    materials=("plastic", "wood"),
    colors=("red", "yellow", "blue", "orange", "green"),
    mass_kg=0.11,
    affordances=("grasp",),
    synonyms=("screw driver",),
)
def screwdriver(size_m: Vec3) -> Assembly:
    """A screwdriver with a flat blade, lying."""
    z = 0.016
    profile = smooth(
        [
            (-0.110, 0.009),
            (-0.106, 0.0135),
            (-0.095, 0.0155),
            (-0.055, 0.0152),
            (-0.032, 0.0120),
            (-0.018, 0.0115),
            (-0.010, 0.0135),
            (-0.005, 0.0115),
        ]
    )
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    flutes = [
        np.column_stack(
            [
                r * (1 + 0.05 * np.cos(8 * a) * (-0.1 < y < -0.03)) * np.cos(a),
                np.full(48, y),
                z + r * (1 + 0.05 * np.cos(8 * a) * (-0.1 < y < -0.03)) * np.sin(a),
            ]
        )
        for y, r in profile
    ]
    tip = loft([[(sx * w, y, z + sz * t) for sx, sz in ((-1, -1), (1, -1), (1, 1), (-1, 1))] for y, w, t in ((0.088, 0.0026, 0.0026),
        (0.098, 0.0042, 0.0016), (0.106, 0.0038, 0.0008), (0.110, 0.0036, 0.0005))], smooth=False)  # fmt: skip
    geoms = [
        look(loft(flutes)),
        look(
            lathe(rounded([(0.0, -0.112), (0.0085, -0.112), (0.0085, -0.107), (0.0, -0.107)], 0.001)), (0, 0, z), ALONG_Y, color="#26262a"
        ),
        look(Cylinder(0.003, 0.098), (0, 0.042, z), ALONG_Y, material="steel"),
        look(tip, material="steel"),
        _eightfold([(-0.110, 0.0115), (-0.103, 0.0155), (-0.096, 0.0160), (-0.055, 0.0160), (-0.006, 0.0118)], z),
        touch(Cylinder(0.003, 0.093), (0, 0.0415, z), ALONG_Y, material="steel"),
        touch(Box((0.0074, 0.022, 0.0014)), (0, 0.099, z), material="steel"),
    ]
    # Its blade is too heavy for its grip: it lies on the front edge of the grip's flat and on the tip of the blade.
    lean = -float(np.arctan2(z - 0.0007, 0.110 + 0.055))
    lying = Pose((0, 0, 0), (np.cos(lean / 2), np.sin(lean / 2), 0.0, 0.0))
    lying = Pose((0, 0, -float(lying.apply((0.0, -0.055, 0.0))[2]))) @ lying
    geoms = [_turned(g, lying) for g in geoms]
    return fit(Assembly(parts=(root(geoms),)), (0.030, 0.22, 0.036), size_m)


@archetype(
    "wrench",
    category="tool",
    size_m=(0.046, 0.20, 0.009),
    scale=(0.5, 1.8),
    material="steel",
    materials=("steel", "aluminium"),
    mass_kg=0.16,
    affordances=("grasp",),
    synonyms=("spanner",),
)
def wrench(size_m: Vec3) -> Assembly:
    """A wrench, one end a jaw, the other a ring, lying flat."""
    z = 0.009
    shank = [(-0.066, 0.0085, 0.0010), (-0.05, 0.0065, 0.0018), (0.03, 0.0070, 0.0018), (0.060, 0.0105, 0.0010)]
    handle_mesh = loft([[(sx * w, y, h) for sx, h in ((-1, lift + 0.0015), (-0.7, lift), (0.7, lift), (1, lift + 0.0015),
        (1, z - lift - 0.0015), (0.7, z - lift), (-0.7, z - lift), (-1, z - lift - 0.0015))]
        for y, w, lift in shank], smooth=False)  # fmt: skip
    cheek = [(0.0, 0.050), (0.011, 0.054), (0.0190, 0.063), (0.0225, 0.0720), (0.0, 0.0720)]
    prong = [(0.0115, 0.0700), (0.0225, 0.0700), (0.0230, 0.080), (0.0195, 0.0935), (0.0140, 0.100), (0.0105, 0.0985)]
    jaw = [extrude(cheek, z), extrude(prong, z)]
    jaw += [Mesh(m.vertices_m * (-1, 1, 1), m.faces[:, ::-1], smooth=False) for m in jaw]
    eye = rounded(
        [(0.0105, 0.0006), (0.0175, 0.0), (0.019, 0.0012), (0.019, z - 0.0012), (0.0175, z), (0.0105, z - 0.0006), (0.0105, 0.0006)], 0.0006
    )
    side = across(0.019, pieces=10)
    geoms = [
        look(joined(handle_mesh, *jaw)),
        look(lathe(eye[:-1], segments=36), (0, -0.081, 0)),
        touch(Box((0.013, 0.125, z)), (0, -0.002, z / 2)),
        *(touch(moved(piece, (0, 0, LIFT_M)), (0, 0, 0)) for piece in jaw),
        *(
            Geom(shape=g.shape, pose=Pose((0, -0.081, 0)) @ g.pose, role="collision")
            for g in ring(side, z - LIFT_M, side - 0.0112, z_m=LIFT_M, pieces=10)
        ),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.046, 0.20, 0.009), size_m)


@archetype(
    "scissors",
    category="tool",
    size_m=(0.090, 0.178, 0.0095),
    scale=(0.6, 1.6),
    material="steel",
    mass_kg=0.09,
    affordances=("grasp", "open", "close"),
    synonyms=("pair of scissors", "shears"),
    options={"grips": ("orange", "black", "blue", "red", "green")},
)
def scissors(size_m: Vec3, *, grips: str = "orange") -> Assembly:
    """A pair of scissors, lying flat; the joint opens one blade."""

    def half(s: int, low: float) -> list[Geom]:
        edge = [
            (-0.0040 * s, -0.018),
            (0.0050 * s, -0.018),
            (0.0062 * s, 0.004),
            (0.0058 * s, 0.04),
            (0.0012 * s, 0.086),
            (0.0, 0.087),
            (-0.0020 * s, 0.03),
            (-0.0042 * s, 0.006),
        ]
        outline = np.array(edge if s > 0 else edge[::-1])
        a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        loop = np.column_stack([-s * 0.0255 + 0.0145 * np.cos(a), -0.064 + 0.0215 * np.sin(a), np.full(24, 0.0046)])
        links = np.concatenate([loop[::3], loop[:1]])
        shank = handle(
            [(0.0, -0.006, 0.0046), (-0.005 * s, -0.024, 0.0046), (-0.014 * s, -0.046, 0.0046)],
            0.0042,
            color=grips,
            material="plastic",
        )
        return [
            look(loft([np.column_stack([outline, np.full(len(outline), h)]) for h in (low, low + 0.0018)], smooth=False)),
            look(hoop(loop, 0.0046, segments=10), color=grips, material="plastic"),
            *shank,
            touch(Box((0.0095, 0.060, 0.0017)), (0.0005 * s, 0.012, low + 0.0009)),
            touch(Box((0.0050, 0.042, 0.0017)), (0.0015 * s, 0.063, low + 0.0009)),
            *handle(links, 0.0046, material="plastic")[1:],
        ]

    screw = look(Cylinder(0.0034, 0.0056), (0, 0, 0.0047), color="#8d9196")
    hinge = Joint(name="blade", kind="hinge", axis=(0.0, 0.0, 1.0), range=(0.0, 0.9), damping=0.0005, friction=0.01)
    return fit(
        Assembly(parts=(root([*half(1, 0.0028), screw]), Part(name="blade", geoms=tuple(half(-1, 0.0047)), parent="body", joint=hinge))),
        (0.090, 0.178, 0.0095),
        size_m,
    )


@archetype(
    "tape_roll",
    category="tool",
    size_m=(0.11, 0.11, 0.048),
    scale=(0.5, 1.5),
    material="plastic",
    color="#9aa0a3",
    materials=("plastic", "paper"),
    colors=("grey", "beige", "blue", "yellow", "black"),
    mass_kg=0.18,
    affordances=("grasp", "roll"),
    synonyms=("tape", "roll of tape", "duct tape"),
)
def tape_roll(size_m: Vec3) -> Assembly:
    """A roll of tape, lying flat."""
    outer, inner, height = 0.055, 0.038, 0.048
    side = across(outer)
    tape = rounded([(inner + 0.002, 0.0005), (outer, 0.0), (outer, height), (inner + 0.002, height - 0.0005)], 0.0008)
    core = [(inner, 0.0), (inner + 0.0025, 0.0), (inner + 0.0025, height), (inner, height)]
    layers = [
        look(
            hoop(
                [(r * np.cos(a), r * np.sin(a), height - 0.0001) for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)], 0.0003, segments=4
            ),
            color="#7d8386",
        )
        for r in (0.0445, 0.049, 0.0525)
    ]
    geoms = [
        look(lathe(tape, segments=48)),
        look(lathe(core, segments=40), color="#c19a6b", material="cardboard"),
        *layers,
        *ring(side, height - LIFT_M, side - inner - 0.0005, z_m=LIFT_M),
        *feet(0.046, 0.012),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.11, 0.11, 0.048), size_m)


@archetype(
    "flashlight",
    category="tool",
    size_m=(0.048, 0.19, 0.048),
    scale=(0.5, 1.6),
    material="plastic",
    color="#2a2b2f",
    materials=("plastic", "aluminium"),
    colors=("black", "red", "yellow", "blue", "silver"),
    mass_kg=0.22,
    affordances=("grasp", "turn_on", "turn_off", "press"),
    synonyms=("torch", "pocket lamp"),
)
def flashlight(size_m: Vec3) -> Assembly:
    """A flashlight, lying, that shines to the front."""
    z = 0.024
    profile = [
        (0.0, -0.090),
        (0.0205, -0.090),
        (0.0218, -0.0945),
        (0.0240, -0.0945),
        (0.0240, -0.060),
        (0.0165, -0.040),
        (0.0160, 0.060),
        (0.0232, 0.070),
        (0.0238, 0.092),
        (0.021, 0.095),
        (0.0, 0.095),
    ]
    ribs = [
        look(
            lathe(rounded([(0.015, y), (0.0168, y), (0.0168, y + 0.005), (0.015, y + 0.005)], 0.0006), segments=28),
            (0, 0, z),
            ALONG_Y,
            color="#151517",
        )
        for y in np.arange(-0.02, 0.06, 0.010)
    ]
    geoms = [
        look(lathe(rounded(profile, 0.001), segments=36), (0, 0, z), ALONG_Y),
        *ribs,
        look(
            lathe([(0.0, -0.0925), (0.0208, -0.0925), (0.0208, -0.0895), (0.0, -0.0895)], segments=32),
            (0, 0, z),
            ALONG_Y,
            color="#fff3c9",
            material="glass",
        ),
        look(slab((0.010, 0.018, 0.004), 0.004, edge_m=0.001), (0, -0.030, z + 0.0150), color="#c0392b"),
        _eightfold([(-0.0945, 0.0235), (-0.060, 0.0235), (-0.042, 0.0165)], z - 0.0005),
        _eightfold([(-0.042, 0.0160), (0.061, 0.0160)], z),
        _eightfold([(0.061, 0.0165), (0.070, 0.0232), (0.092, 0.0235)], z - 0.0005),
    ]
    lamp = Lamp(position_m=(0, -0.096, z), direction=(0.0, -1.0, 0.0), color="#fff4d6", intensity=0.7, spread_deg=40.0)
    return fit(Assembly(parts=(root(geoms),), lamps=(lamp,)), (0.048, 0.19, 0.048), size_m)


@archetype(
    "pencil",
    category="tool",
    size_m=(0.008, 0.18, 0.007),
    scale=(0.5, 2.0),
    material="wood",
    color="#e5b32b",
    materials=("wood",),
    colors=("yellow", "red", "green", "blue", "black"),
    affordances=("grasp",),
    synonyms=("pen", "crayon"),
)
def pencil(size_m: Vec3) -> Assembly:
    """A six-sided pencil with a rubber at its end."""
    z, r = 0.0035, 0.00404
    six = np.pi / 3 * np.arange(6)  # flats above and below

    def cut(y: float, radius: float) -> list[tuple[float, float, float]]:
        return [(radius * float(np.cos(a)), y, z + radius * float(np.sin(a))) for a in six]

    geoms = [
        look(loft([cut(-0.0680, r), cut(0.070, r)], smooth=False)),
        look(loft([cut(0.070, r), cut(0.085, 0.0012)], smooth=False), color="#dcb98a", material="wood"),
        look(loft([cut(0.085, 0.0012), cut(0.090, 0.0002)]), color="#2a2a2c", material="stone"),
        look(Cylinder(0.0037, 0.010), (0, -0.073, z), ALONG_Y, color="silver", material="aluminium"),
        look(Cylinder(0.0035, 0.012), (0, -0.084, z), ALONG_Y, color="#d98c8c", material="rubber"),
        touch(loft([cut(-0.090, r), cut(0.070, r), cut(0.090, 0.0006)], smooth=False), (0, 0, 0)),
    ]
    return fit(Assembly(parts=(root(geoms),)), (0.008, 0.18, 0.007), size_m)


@archetype(
    "ruler",
    category="tool",
    size_m=(0.31, 0.034, 0.003),
    scale=(0.3, 2.0),
    material="wood",
    materials=("wood", "plastic", "steel", "aluminium"),
    affordances=("grasp", "read"),
    synonyms=("straightedge", "measuring stick"),
)
def ruler(size_m: Vec3) -> Assembly:
    """A ruler of thirty centimetres with marks."""
    x, y, z = 0.31, 0.034, 0.003
    marks = []
    for i in range(61):
        long = 0.009 if i % 10 == 0 else 0.006 if i % 2 == 0 else 0.0035
        marks.append(loft([[(0.005 * i - 0.15 + sx * 0.0003, -y / 2 + 0.0005 + (long if sy > 0 else 0.0), h) for sx, sy in ((-1, -1),
            (1, -1), (1, 1), (-1, 1))] for h in (z - 0.0002, z + 0.0002)], smooth=False))  # fmt: skip
    return fit(
        Assembly(
            parts=(
                root(
                    [
                        touch(Box((x, y, z)), (0, 0, z / 2)),
                        look(slab((x, y, z), 0.0015, edge_m=0.0006)),
                        look(joined(*marks), color="#26262a"),
                    ]
                ),
            )
        ),
        (x, y, z),
        size_m,
    )
