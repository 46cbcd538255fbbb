"""Boxes with a hinged lid: a storage box, a wooden chest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, root, walls
from lifeworld.scene.library.joinery import BLACK_METAL, Finish, merged, panel, rounded, seen
from lifeworld.scene.shape import Box, Vec3, extrude

IRON = Finish("cast_iron", "#3a3b3f")


def lid_part(geoms: list[Geom], at_m: Vec3, *, friction: float, damping: float) -> Part:
    """A lid whose geoms reach towards −Y from its hinge; it opens upwards, past upright, and stays there."""
    joint = Joint(name="lid", kind="hinge", axis=(-1, 0, 0), range=(0.0, 1.9), damping=damping, friction=friction)
    return Part(name="lid", geoms=tuple(geoms), parent="body", pose=Pose(at_m), joint=joint)


@archetype(
    "box_with_lid",
    category="container",
    size_m=(0.4, 0.3, 0.24),
    scale=(0.3, 2.5),
    material="cardboard",
    materials=("cardboard", "wood", "plastic", "painted_wood"),
    colors=("beige", "white", "blue", "green", "red", "grey"),
    affordances=("open", "close", "fill", "grasp", "support"),
    synonyms=("storage box", "lidded box", "case"),
)
def box_with_lid(size_m: Vec3) -> Assembly:
    """A plain box with a hinged lid."""
    x, y, z = size_m
    wall = min(0.008, 0.04 * min(size_m))
    cap = 2.2 * wall
    room = z - cap - 0.001
    inset = 0.5 * wall
    body = walls((x - 2 * inset, y - 2 * inset, room), wall)
    lid = [
        *rounded((x, y, 1.2 * wall), (0, -y / 2, cap - 0.6 * wall), 0.3 * wall),
        seen(
            merged(
                [
                    ((x, wall, cap), (0, -y + wall / 2, cap / 2)),
                    *(((wall, y, cap), (side * (x - wall) / 2, -y / 2, cap / 2)) for side in (-1, 1)),
                ]
            )
        ),
    ]
    label = seen(merged([((0.3 * x, 0.001, 0.22 * z), (0, -y / 2 + inset - 0.0005, 0.5 * room))]), Finish("paper"))
    inner = (x - 2 * inset - 2 * wall, y - 2 * inset - 2 * wall, room - wall)
    return Assembly(
        parts=(root([*body, label]), lid_part(lid, (0, y / 2, z - cap), friction=0.02, damping=0.02)),
        surfaces=(Surface(name="lid", part="lid", size_m=(x - 0.02, y - 0.02), pose=Pose((0, -y / 2, cap))),),
        containers=(Container(name="inside", size_m=inner, pose=Pose((0, 0, wall))),),
    )


@archetype(
    "chest",
    category="furniture",
    size_m=(0.9, 0.46, 0.5),
    scale=(0.3, 1.6),
    options={"lid": ("flat", "round")},
    materials=("wood", "dark_wood", "painted_wood"),
    colors=("brown", "white", "green", "blue"),
    affordances=("open", "close", "fill", "support", "sit"),
    synonyms=("trunk", "treasure chest", "blanket chest", "toy box", "coffer"),
)
def chest(size_m: Vec3, *, lid: str = "flat") -> Assembly:
    """A wooden chest with iron bands and a heavy lid, flat or round."""
    x, y, z = size_m
    wall, foot = min(0.02, 0.045 * z), 0.05 * z
    cap = 0.3 * z if lid == "round" else 1.6 * wall
    room = z - cap - 0.002
    inset = 0.3 * wall
    bx, by = x - 2 * inset, y - 2 * inset
    body = walls((bx, by, room - foot), wall, z_m=foot)
    body += [panel((0.08 * x, 0.1 * x, foot), (sx * 0.44 * x, sy * (y / 2 - 0.07 * x), foot / 2)) for sx in (-1, 1) for sy in (-1, 1)]
    band, proud = 0.05 * x, 0.003
    places = (-0.34 * x, 0.34 * x)
    strips: list[tuple[Vec3, Vec3]] = [((band, proud, room - foot), (at, -by / 2 - proud / 2, (room + foot) / 2)) for at in places]
    strips += [((0.09 * x, proud, 0.14 * z), (0, -by / 2 - proud / 2, room - 0.07 * z))]
    body.append(seen(merged(strips), IRON))
    if lid == "flat":
        top = [
            *rounded((x, y, cap), (0, -y / 2, cap / 2), 0.2 * cap),
            seen(merged([((band, y - 0.004, proud), (at, -y / 2, cap - 0.0005)) for at in places]), IRON),
        ]
    else:
        top = _round_lid(x, y, cap, wall, band, places)
    top.append(panel((0.03, 0.006, 0.07 * z), (0, -y + inset - 0.004, -0.01 * z), BLACK_METAL, role="visual"))
    surfaces = (Surface(name="lid", part="lid", size_m=(x - 0.02, y - 0.02), pose=Pose((0, -y / 2, cap))),) if lid == "flat" else ()
    inner = (bx - 2 * wall, by - 2 * wall, room - foot - wall)
    return Assembly(
        parts=(root(body), lid_part(top, (0, y / 2, z - cap), friction=0.3 * x, damping=0.5 * x)),
        surfaces=surfaces,
        containers=(Container(name="inside", size_m=inner, pose=Pose((0, 0, foot + wall))),),
    )


def _round_lid(x: float, y: float, cap: float, wall: float, band: float, places: tuple[float, ...]) -> list[Geom]:
    """Staves over a low arch, closed at both ends, with iron bands."""
    staves = 6
    turns = np.linspace(0, np.pi, staves + 1)
    arch = np.column_stack([-y / 2 + y / 2 * np.cos(turns), cap * np.sin(turns)])
    out: list[Geom] = []
    for a, b in pairwise(arch):
        mid, along = (a + b) / 2, b - a
        angle = float(np.arctan2(along[1], along[0]))
        quat = (np.cos(angle / 2), np.sin(angle / 2), 0.0, 0.0)
        out_of = np.array([np.sin(angle), -np.cos(angle)])
        middle = mid - out_of * wall / 2
        out.append(Geom(shape=Box((x, float(np.linalg.norm(along)), wall)), pose=Pose((0.0, *middle), quat)))
        iron = Box((band, float(np.linalg.norm(along)), 0.006))
        out += [Geom(shape=iron, pose=Pose((at, *mid), quat), material=IRON.material, color=IRON.color, role="visual") for at in places]
    end = extrude(np.column_stack([arch[:, 0] * 0.99 - 0.005 * y, arch[:, 1] * 0.96]), wall)
    # The outline lies in (y, z): turn x → y, y → z, z → x.
    out += [Geom(shape=end, pose=Pose((at, 0, 0), (0.5, 0.5, 0.5, 0.5))) for at in (-x / 2 + 0.002, x / 2 - wall - 0.002)]
    return out
