"""Bins and baskets: what stands on the floor and takes things in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, root
from lifeworld.scene.library.hollow import oval_floor, oval_wall, turned, woven
from lifeworld.scene.library.joinery import BLACK_PLASTIC, Finish, frustum, merged, panel, rod, rounded, seen
from lifeworld.scene.shape import Box, Vec3, lathe, tube


def inscribed(half: tuple[float, float], wall_m: float) -> tuple[float, float]:
    """The full sizes of the free inside of an oval wall."""
    return (2 * (half[0] - wall_m), 2 * (half[1] - wall_m))


@archetype(
    "waste_bin",
    category="container",
    size_m=(0.28, 0.28, 0.32),
    material="plastic",
    color="#4a5560",
    materials=("plastic", "steel"),
    colors=("grey", "black", "white", "green", "blue", "red"),
    affordances=("fill", "grasp", "pour"),
    synonyms=("trash can", "wastebasket", "rubbish bin", "waste paper basket", "garbage can"),
)
def waste_bin(size_m: Vec3) -> Assembly:
    """An open bin, wider at the rim."""
    x, y, z = size_m
    wall, floor = min(0.004, 0.02 * min(x, y)), 0.006
    a, b = x / 2, y / 2
    rim = 0.012
    foot = 0.76
    outline = [
        (0.0, 0.0), (foot * a - 0.004, 0.0), (foot * a, 0.004), (a - rim / 2, z - rim), (a, z - rim), (a, z - 0.003), (a - 0.003, z),
        (a - rim / 2 - wall, z), (foot * a - wall, floor), (0.0, floor),
    ]  # fmt: skip
    inner = inscribed((foot * a, foot * b), wall)
    return Assembly(
        parts=(
            root(
                [
                    turned(outline, y / x),
                    *oval_wall((foot * a, foot * b), (a - rim / 4, b - rim / 4), z, wall),
                    *oval_floor((foot * a, foot * b), floor),
                ]
            ),
        ),
        containers=(Container(name="inside", size_m=(*inner, z - floor), pose=Pose((0, 0, floor)), shape="disc"),),
    )


@archetype(
    "pedal_bin",
    category="container",
    size_m=(0.27, 0.32, 0.45),
    scale=(0.6, 1.6),
    material="steel",
    mass_kg=2.2,
    materials=("steel", "plastic"),
    colors=("silver", "white", "black", "red"),
    affordances=("fill", "open", "close", "press"),
    synonyms=("kitchen bin", "step bin", "bin with a lid"),
)
def pedal_bin(size_m: Vec3) -> Assembly:
    """A round bin with a hinged lid and a pedal in front."""
    x, y, z = size_m
    pedal = 0.045
    a = min(x, y - pedal) / 2
    wall, cap, base = 0.005, 0.09 * z, 0.05 * z
    mid = y / 2 - a
    body = z - cap - 0.002
    outline = [
        (0.0, base),
        (a - 0.006, base),
        (a - 0.006, body),
        (a - 0.006 - wall, body),
        (a - 0.006 - wall, base + 0.006),
        (0.0, base + 0.006),
    ]
    lid = [(0.0, 0.0), (a, 0.0), (a, 0.3 * cap), (0.93 * a, 0.72 * cap), (0.6 * a, cap), (0.0, cap)]
    at = Pose((0, mid, 0))
    stand: list[Geom] = [
        turned(outline, 1.0),
        Geom(
            shape=frustum((2 * a, 2 * a), (2 * a - 0.006, 2 * a - 0.006), base, sides=36),
            material="plastic",
            color="#26272a",
            role="visual",
        ),
        *oval_wall((a - 0.004, a - 0.004), (a - 0.004, a - 0.004), body, wall),
        *oval_floor((a - 0.006, a - 0.006), base + 0.006, finish=BLACK_PLASTIC),
    ]
    front = [
        *rounded((0.09, pedal, 0.012), (0, -y / 2 + pedal / 2, 0.03), 0.005, BLACK_PLASTIC),
    ]
    moved = [Geom(shape=g.shape, pose=at @ g.pose, material=g.material, color=g.color, role=g.role) for g in stand]
    top = Part(
        name="lid",
        geoms=(
            seen(lathe(lid, segments=40), at_m=(0, -a, 0)),
            *(
                panel((2 * a * s, 2 * a * float(np.sqrt(1 - s**2)), 0.55 * cap), (0, -a, 0.275 * cap), role="collision")
                for s in (0.45, 0.89)
            ),
            panel((a, a, cap), (0, -a, cap / 2), role="collision"),
        ),
        parent="body",
        pose=Pose((0, y / 2, z - cap)),
        joint=Joint(name="lid", kind="hinge", axis=(-1, 0, 0), range=(0.0, 1.4), damping=0.15, friction=0.5),
    )
    inner = 2 * (a - 0.004 - wall)
    return Assembly(
        parts=(root([*moved, *front]), top),
        containers=(Container(name="inside", size_m=(inner, inner, body - base - 0.008), pose=Pose((0, mid, base + 0.006)), shape="disc"),),
    )


@archetype(
    "picnic_basket",
    category="container",
    size_m=(0.4, 0.3, 0.36),
    material="wood",
    color="#c49a63",
    materials=("wood", "plastic"),
    colors=("beige", "brown", "white", "grey"),
    mass_kg=0.7,
    affordances=("fill", "grasp", "pour"),
    synonyms=("basket with a handle", "shopping basket"),
)
def picnic_basket(size_m: Vec3) -> Assembly:
    """An oval wicker basket with an arched handle."""
    x, y, z = size_m
    high = 0.55 * z
    a, b = x / 2, y / 2
    wall, floor, foot, rim, r = 0.012, 0.012, 0.8, 0.009, 0.008
    turns = np.linspace(0, 2 * np.pi, 49)
    hoop = np.column_stack([(a - rim) * np.cos(turns), (b - rim) * np.sin(turns), np.full(49, high - rim)])
    bow = np.linspace(0, np.pi, 25)
    arch = np.column_stack([(a - 2 * r) * np.cos(bow), np.zeros(25), 0.6 * high + (z - r - 0.6 * high) * np.sin(bow) ** 0.8])
    picks = arch[[4, 8, 12, 16, 20]]
    dark = Finish(None, "#a97f4b")
    geoms = [
        seen(woven((foot * a, foot * b), (a - rim / 2, b - rim / 2), high - rim, rows=max(4, round((high - rim) / 0.016)))),
        seen(tube(hoop, rim, segments=10), dark),
        seen(tube(arch, r), dark),
        *oval_wall((foot * a, foot * b), (a - 0.003, b - 0.003), high - 0.001, wall, z_m=0.001),
        *oval_floor((foot * a, foot * b), floor),
        *(rod(r, (float(p[0]), 0.0, float(p[2])), (float(q[0]), 0.0, float(q[2])), role="collision") for p, q in pairwise(picks)),
    ]
    inner = inscribed((foot * a, foot * b), wall)
    return Assembly(
        parts=(root(geoms),),
        containers=(Container(name="inside", size_m=(*inner, high - floor), pose=Pose((0, 0, floor)), shape="disc"),),
    )


@archetype(
    "laundry_basket",
    category="container",
    size_m=(0.58, 0.4, 0.3),
    scale=(0.6, 1.6),
    material="plastic",
    color="#dfe6ea",
    colors=("white", "blue", "green", "pink", "grey"),
    mass_kg=0.9,
    affordances=("fill", "grasp", "pour"),
    synonyms=("washing basket", "clothes basket"),
)
def laundry_basket(size_m: Vec3) -> Assembly:
    """A plastic basket with slits and two grips."""
    x, y, z = size_m
    wall, floor = 0.005, 0.006
    lean, rim = 0.06 * x, 0.02
    geoms = list(rounded((x - 2 * lean, y - 2 * lean, floor), (0, 0, floor / 2), 0.003))
    length = float(np.hypot(lean - rim, z - rim))
    tilt = float(np.arctan2(lean - rim, z - rim))
    corner = frustum((0.024, 0.024), (0.024, 0.024), z - rim / 2, (lean - rim, lean - rim))
    for i, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        at = Pose.from_yaw((sx * (x / 2 - lean - 0.012), sy * (y / 2 - lean - 0.012), 0), i * np.pi / 2)
        geoms.append(Geom(shape=corner, pose=at, role="visual"))
    for i, (wide, reach) in enumerate(((y - 2 * rim, x / 2), (x - 2 * rim, y / 2)) * 2):
        yaw = i * np.pi / 2
        low = wide - 2 * lean + 2 * rim
        turn = Pose.from_yaw((0, 0, 0), yaw)
        place = turn @ Pose((reach - (lean + rim) / 2 - wall / 2, 0, (z - rim) / 2 + 0.0008), (np.cos(tilt / 2), 0, np.sin(tilt / 2), 0))
        geoms.append(Geom(shape=Box((wall, (wide + low) / 2, length)), pose=place, role="collision"))
        bars = max(3, round(low / 0.05))
        slats: list[tuple[Vec3, Vec3]] = [
            ((wall, low, 0.22 * length), (0, 0, -0.39 * length)),
            ((wall, 0.95 * wide, 0.2 * length), (0, 0, 0.4 * length)),
        ]
        slats += [((wall, 0.022, 0.6 * length), (0, (k + 0.5) * low / bars - low / 2, 0)) for k in range(bars)]
        geoms.append(Geom(shape=merged(slats), pose=place, role="visual"))
        edge = turn @ Pose((reach - rim / 2, 0, z - rim / 2))
        geoms.append(Geom(shape=Box((rim, wide + (2 * rim if i % 2 == 0 else 0.0), rim)), pose=edge))
    inner = (x - 2 * lean - 2 * wall, y - 2 * lean - 2 * wall)
    return Assembly(
        parts=(root(geoms),),
        containers=(Container(name="inside", size_m=(*inner, z - floor), pose=Pose((0, 0, floor))),),
    )
