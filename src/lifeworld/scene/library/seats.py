"""Things to sit on without much padding: chair, stool, bench, office chair."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.joinery import (
    BLACK_PLASTIC,
    BLACK_TUBE,
    OWN,
    STEEL_TUBE,
    Finish,
    cushion,
    frustum,
    panel,
    rod,
    rounded,
    tapered_legs,
)
from lifeworld.scene.shape import Box, Vec3, rounded_box

WOODS = ("wood", "dark_wood", "painted_wood")
COLORS = ("white", "black", "brown", "red", "green", "blue", "yellow")


def post(foot: Vec3, top: Vec3, thick_m: float, top_thick_m: float, finish: Finish = OWN) -> Geom:
    """A square post between two points at different heights."""
    shift = (top[0] - foot[0], top[1] - foot[1])
    shape = frustum((thick_m, thick_m), (top_thick_m, top_thick_m), top[2] - foot[2], shift)
    return Geom(shape=shape, pose=Pose(foot), material=finish.material, color=finish.color)


@archetype(
    "chair",
    category="furniture",
    size_m=(0.45, 0.52, 0.86),
    options={"back": ("slats", "panel")},
    materials=(*WOODS, "plastic"),
    colors=COLORS,
    affordances=("sit", "support"),
    synonyms=("dining chair", "kitchen chair", "wooden chair"),
)
def chair(size_m: Vec3, *, back: str = "slats") -> Assembly:
    """A chair with four legs and a back of slats or one bent board."""
    x, y, z = size_m
    seat, thick, leg = 0.52 * z, 0.035 * z, min(0.048 * z, 0.1 * x)
    lean = 0.13 * y
    foot_back = y / 2 - lean
    foot_x, front_y = x / 2 - leg / 2, -y / 2 + 0.6 * leg
    depth = foot_back + leg / 2 + y / 2
    geoms = [*rounded((x, depth, thick), (0, -y / 2 + depth / 2, seat - thick / 2), 0.012)]
    for side in (-1.0, 1.0):
        geoms += [
            post((side * (foot_x - 0.2 * leg), front_y, 0), (side * (foot_x - 0.2 * leg), front_y, seat - thick), 0.65 * leg, leg),
            post((side * foot_x, foot_back - 0.02, 0), (side * foot_x, foot_back - leg / 2, seat - thick), 0.7 * leg, leg),
            post((side * foot_x, foot_back - leg / 2, seat - thick), (side * foot_x, y / 2 - 0.36 * leg, z), leg, 0.7 * leg),
            panel((0.5 * leg, depth - 2 * leg, 1.4 * leg), (side * (foot_x - 0.1 * leg), -y / 2 + depth / 2, seat - thick - 0.7 * leg)),
        ]
    geoms.append(panel((2 * foot_x - leg, 0.5 * leg, 1.4 * leg), (0, front_y, seat - thick - 0.7 * leg)))
    wide = 2 * foot_x - 0.8 * leg
    tilt = np.arctan2(y / 2 - 0.36 * leg - foot_back + leg / 2, z - seat + thick)
    rows = ((0.5, 0.1), (0.7, 0.1), (0.9, 0.16)) if back == "slats" else ((0.68, 0.6),)
    for share, part in rows:
        high = part * (z - seat)
        at_z = seat + share * (z - seat)
        at_y = foot_back - leg / 2 + np.tan(tilt) * (at_z - seat + thick)
        pose = Pose((0.0, at_y, at_z), (np.cos(tilt / 2), -np.sin(tilt / 2), 0.0, 0.0))
        size = (wide, 0.4 * leg, high)
        geoms += [
            Geom(shape=rounded_box(size, 0.006, steps=2), pose=pose, role="visual"),
            Geom(shape=Box(size), pose=pose, role="collision"),
        ]
    room = foot_back - leg + y / 2 - 0.02
    return Assembly(
        parts=(root(geoms),),
        surfaces=(Surface(name="seat", size_m=(x - 0.04, room - 0.01), pose=Pose((0, -y / 2 + 0.01 + room / 2, seat))),),
    )


@archetype(
    "stool",
    category="furniture",
    size_m=(0.36, 0.36, 0.46),
    scale=(0.6, 1.8),
    materials=(*WOODS, "plastic", "steel"),
    colors=COLORS,
    affordances=("sit", "support", "grasp"),
    synonyms=("bar stool", "footstool", "milking stool"),
)
def stool(size_m: Vec3) -> Assembly:
    """A round stool on four spread legs; a bar stool when it is made tall."""
    x, y, z = size_m
    thick, leg = min(0.08 * z, 0.035), 0.09 * min(x, y)
    splay = 0.1 * min(x, y)
    lx, ly = 0.34 * x + splay * 0.25, 0.34 * y + splay * 0.25
    high = z - thick
    share = 0.35 if z < 0.6 else 0.3
    rx, ry, rung = lx - share * splay, ly - share * splay, share * high
    return Assembly(
        parts=(
            root(
                [
                    Geom(shape=frustum((0.94 * x, 0.94 * y), (x, y), thick, sides=36), pose=Pose((0, 0, high))),
                    *tapered_legs(lx, ly, high, leg, 0.7 * leg, splay_m=splay, sides=14),
                    *(rod(0.28 * leg, (-rx, side * ry, rung), (rx, side * ry, rung), role="visual") for side in (-1, 1)),
                    *(rod(0.28 * leg, (side * rx, -ry, 1.25 * rung), (side * rx, ry, 1.25 * rung), role="visual") for side in (-1, 1)),
                ]
            ),
        ),
        surfaces=(Surface(name="seat", size_m=(min(x, y) - 0.02, min(x, y) - 0.02), pose=Pose((0, 0, z)), shape="disc"),),
    )


@archetype(
    "bench",
    category="furniture",
    size_m=(1.3, 0.38, 0.46),
    options={"back": (False, True)},
    materials=(*WOODS, "stone"),
    colors=COLORS,
    affordances=("sit", "support"),
    synonyms=("wooden bench", "garden bench", "park bench"),
)
def bench(size_m: Vec3, *, back: bool = False) -> Assembly:
    """A long seat of slats on two frames, with a back if wished.

    With a back, z is its height.
    """
    x, y, z = size_m
    seat = 0.52 * z if back else z
    depth = 0.84 * y if back else y
    thick, slats = min(0.07 * seat, 0.04), 4
    mid = (depth - y) / 2
    pitch = depth / slats
    geoms: list[Geom] = []
    for i in range(slats):
        geoms += rounded((x, 0.87 * pitch, thick), (0, -y / 2 + (i + 0.5) * pitch, seat - thick / 2), 0.006)
    for side in (-1.0, 1.0):
        at = side * (0.5 * x - 0.12 * x)
        wide = 0.12 * seat
        geoms += [
            panel((wide, 0.9 * depth, 0.12 * seat), (at, mid, seat - thick - 0.06 * seat), BLACK_TUBE),
            panel((wide, 0.14 * seat, 0.88 * seat - thick), (at, mid - 0.38 * depth, (0.88 * seat - thick) / 2), BLACK_TUBE),
            panel((wide, 0.14 * seat, 0.88 * seat - thick), (at, mid + 0.38 * depth, (0.88 * seat - thick) / 2), BLACK_TUBE),
        ]
        if back:
            geoms.append(post((at, y / 2 - 0.16 * y - 0.02, seat - thick), (at, y / 2 - 0.05, z), wide, 0.7 * wide, BLACK_TUBE))
    if back:
        for share in (0.35, 0.62, 0.89):
            at_y = y / 2 - 0.16 * y - 0.02 + share * (0.16 * y - 0.03)
            geoms += rounded((x, 0.024, 0.2 * (z - seat)), (0, at_y, seat + share * (z - seat)), 0.006)
    room = depth - (0.05 if back else 0.0)
    return Assembly(
        parts=(root(geoms),),
        surfaces=(Surface(name="seat", size_m=(x - 0.03, room - 0.03), pose=Pose((0, -y / 2 + room / 2, seat))),),
    )


@archetype(
    "office_chair",
    category="furniture",
    size_m=(0.64, 0.64, 1.0),
    scale=(0.7, 1.3),
    material="fabric",
    color="#3b4250",
    materials=("fabric", "leather"),
    colors=("black", "grey", "blue", "red"),
    mass_kg=13.0,
    affordances=("sit", "support"),
    synonyms=("desk chair", "swivel chair", "computer chair"),
)
def office_chair(size_m: Vec3) -> Assembly:
    """A padded chair that turns on a five-armed foot."""
    x, y, z = size_m
    reach, hub, seat, thick = min(x, y) / 2, 0.1 * z, 0.5 * z, 0.09 * z
    foot = [rod(0.028, (0, 0, 0.075 * z), (0, 0, seat - thick - 0.03), STEEL_TUBE)]
    for i in range(5):
        angle = 2 * np.pi * (i + 0.75) / 5
        end = ((reach - 0.03) * np.cos(angle), (reach - 0.03) * np.sin(angle))
        foot += [
            rod(0.018, (0, 0, hub), (end[0], end[1], 0.068), BLACK_PLASTIC, round_ends=True),
            Geom(
                shape=Box((0.05, 0.04, 0.055)),
                pose=Pose.from_yaw((end[0], end[1], 0.0275), angle),
                material="rubber",
                role="collision",
            ),
            rod(
                0.0275,
                (end[0] + 0.02 * np.sin(angle), end[1] - 0.02 * np.cos(angle), 0.0275),
                (end[0] - 0.02 * np.sin(angle), end[1] + 0.02 * np.cos(angle), 0.0275),
                BLACK_PLASTIC,
                role="visual",
            ),
        ]
    wide, deep, front = 0.76 * x, 0.72 * y, -0.4 * y
    back_y = front + deep + 0.02
    back_high = z - seat - 0.08
    up = Pose((0, 0, seat - thick))
    seat_part = [
        cushion((wide, deep, thick), (0, front + deep / 2, thick / 2), 0.035, puff_m=0.004),
        panel((0.96 * wide, 0.96 * deep, thick - 0.008), (0, front + deep / 2, thick / 2), role="collision"),
        panel((0.3, 0.2, 0.03), (0, 0, -0.015), BLACK_PLASTIC),
        cushion((0.9 * wide, 0.08, back_high), (0, back_y, thick + 0.08 + back_high / 2), 0.035, puff_m=0.005),
        panel((0.88 * wide, 0.065, back_high), (0, back_y, thick + 0.08 + back_high / 2), role="collision"),
        panel((0.06, 0.02, 0.32 * z), (0, back_y + 0.045, thick + 0.1 * z), BLACK_PLASTIC),
        panel((0.06, 0.2, 0.02), (0, back_y - 0.045, -0.01), BLACK_PLASTIC),
    ]
    for side in (-1.0, 1.0):
        at = side * (wide / 2 + 0.02)
        seat_part += [
            *rounded((0.055, 0.24, 0.03), (at, 0.0, 0.22 * z + thick), 0.012, BLACK_PLASTIC),
            panel((0.025, 0.05, 0.2 * z + thick), (at, 0.02, 0.11 * z + thick / 2), BLACK_PLASTIC),
        ]
    turn = Joint(name="turn", kind="hinge", axis=(0, 0, 1), damping=0.3, friction=0.4)
    room = back_y - 0.04 - front
    return Assembly(
        parts=(root(foot), Part(name="seat", geoms=tuple(seat_part), parent="body", pose=up, joint=turn)),
        surfaces=(Surface(name="seat", part="seat", size_m=(wide - 0.06, room - 0.04), pose=Pose((0, front + room / 2, thick - 0.004))),),
    )
