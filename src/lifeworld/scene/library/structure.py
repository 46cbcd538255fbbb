"""The building: walls with and without openings, a room, a floor, a pillar. All fixed; lengths are along X, thickness along Y."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Surface, root
from lifeworld.scene.library.joinery import OWN, Finish, frustum, panel
from lifeworld.scene.shape import Cylinder, Vec3

WALL_COLORS = ("white", "ivory", "beige", "grey", "light_grey", "teal", "green", "blue", "yellow")
SKIRTING = Finish("painted_wood", "#d6d0c4")
SKIRTING_M = (0.012, 0.07)  # how far it stands out, how high it is
Opening = tuple[float, float, float, float]  # middle x, width, bottom, height


def pierced(length: float, thick: float, height: float, opening: Opening | None = None, *, sides: str = "fb") -> list[Geom]:
    """A wall standing on z = 0, centred on the origin, around one opening; skirting on its front and back as `sides` says."""
    if opening is None:
        pieces = [((length, thick, height), (0.0, 0.0, height / 2))]
        runs = [(-length / 2, length / 2)]
    else:
        at, wide, low, tall = opening
        left, right, top = at - wide / 2, at + wide / 2, low + tall
        pieces = [
            ((left + length / 2, thick, height), ((left - length / 2) / 2, 0.0, height / 2)),
            ((length / 2 - right, thick, height), ((right + length / 2) / 2, 0.0, height / 2)),
            ((wide, thick, height - top), (at, 0.0, (height + top) / 2)),
        ]
        if low > 0:
            pieces.append(((wide, thick, low), (at, 0.0, low / 2)))
        runs = [(-length / 2, left), (right, length / 2)] if low <= 0 else [(-length / 2, length / 2)]
    proud, high = SKIRTING_M
    strips = [
        panel((b - a, proud, high), ((a + b) / 2, sign * (thick + proud) / 2, high / 2), SKIRTING, role="visual")
        for a, b in runs
        for side, sign in (("f", -1.0), ("b", 1.0))
        if side in sides and b - a > 0.01
    ]
    return [panel(size, place) for size, place in pieces if min(size) > 1e-6] + strips


def placed(length: float, wide: float, share: float) -> float:
    """The middle of an opening: `share` −1 puts it at the left end, 0 in the middle, 1 at the right end; a hand's breadth of wall stays."""
    return share * max(0.0, (length - wide) / 2 - 0.08)


@archetype(
    "wall",
    category="structure",
    size_m=(3.0, 0.12, 2.5),
    scale=(0.1, 4.0),
    material="plaster",
    materials=("plaster", "stone", "wood", "glass"),
    colors=WALL_COLORS,
    fixed=True,
    synonyms=("partition", "divider"),
)
def wall(size_m: Vec3) -> Assembly:
    """A plain wall."""
    x, y, z = size_m
    top = Surface(name="top", size_m=(x - 0.2 * y, 0.8 * y), pose=Pose((0, 0, z)))
    return Assembly(parts=(root(pierced(x, y, z)),), surfaces=(top,))


@archetype(
    "wall_with_doorway",
    category="structure",
    size_m=(3.0, 0.12, 2.5),
    scale=(0.35, 4.0),
    material="plaster",
    options={"opening_width": (0.6, 2.2), "opening_height": (1.8, 2.2), "opening_at": (-1.0, 1.0)},
    materials=("plaster", "stone", "wood"),
    colors=WALL_COLORS,
    fixed=True,
    synonyms=("doorway", "wall with a door opening", "passage"),
)
def wall_with_doorway(size_m: Vec3, *, opening_width: float = 0.92, opening_height: float = 2.06, opening_at: float = 0.0) -> Assembly:
    """A wall with an open doorway, a lintel above it; a `door` fits in."""
    x, y, z = size_m
    opening_width, opening_height = min(opening_width, x - 0.1), min(opening_height, z - 0.05)  # some wall stays around it
    at = placed(x, opening_width, opening_at)
    top = Surface(name="top", size_m=(x - 0.2 * y, 0.8 * y), pose=Pose((0, 0, z)))
    return Assembly(parts=(root(pierced(x, y, z, (at, opening_width, 0.0, opening_height))),), surfaces=(top,))


@archetype(
    "wall_with_window",
    category="structure",
    size_m=(3.0, 0.12, 2.5),
    scale=(0.35, 4.0),
    material="plaster",
    options={"opening_width": (0.4, 2.2), "opening_height": (0.4, 1.2), "sill": (0.3, 1.0), "opening_at": (-1.0, 1.0)},
    materials=("plaster", "stone", "wood"),
    colors=WALL_COLORS,
    fixed=True,
    affordances=("support",),
    synonyms=("wall with a window opening",),
)
def wall_with_window(
    size_m: Vec3, *, opening_width: float = 1.02, opening_height: float = 1.12, sill: float = 0.9, opening_at: float = 0.0
) -> Assembly:
    """A wall with a window opening and a sill of stone; a `window` fits in."""
    x, y, z = size_m
    opening_width, sill = min(opening_width, x - 0.1), min(sill, 0.45 * z)  # some wall stays around it
    opening_height = min(opening_height, z - sill - 0.05)
    at, board = placed(x, opening_width, opening_at), 0.02
    geoms = pierced(x, y, z, (at, opening_width, sill, opening_height))
    geoms.append(
        panel((opening_width - 0.002, y + 0.002, board), (at, 0, sill - board / 2 + 0.001), Finish("stone", "#d8d5cd"), role="visual")
    )
    return Assembly(
        parts=(root(geoms),),
        surfaces=(
            Surface(name="top", size_m=(x - 0.2 * y, 0.8 * y), pose=Pose((0, 0, z))),
            Surface(name="sill", size_m=(opening_width - 0.02, 0.9 * y), pose=Pose((at, 0, sill)), clearance_m=opening_height),
        ),
    )


@archetype(
    "room",
    category="structure",
    size_m=(4.0, 4.0, 2.6),
    scale=(0.4, 5.0),
    material="plaster",
    options={
        "door": ("front", "back", "left", "right", "none"),
        "window": ("front", "back", "left", "right", "none"),
        "open_side": ("front", "back", "left", "right", "none"),
        "ceiling": (False, True),
    },
    materials=("plaster", "stone", "wood"),
    colors=WALL_COLORS,
    fixed=True,
    synonyms=("chamber", "house"),
)
def room(size_m: Vec3, *, door: str = "front", window: str = "none", open_side: str = "none", ceiling: bool = False) -> Assembly:
    """A floor and four walls with a doorway; one side may be open to look in.

    Each side is one of these: open, else with the door, else with the window, else plain.
    """
    x, y, z = size_m
    thick, floor = 0.12, 0.04
    high = z - floor - (thick if ceiling else 0.0)
    geoms = [panel((x, y, floor), (0, 0, floor / 2), Finish("wood", "#b58c63"))]
    inner_y = y - 2 * thick
    # In its own frame every wall has its outside in front (−Y); its inside gets the skirting.
    places: dict[str, tuple[float, Vec3, float]] = {
        "front": (x, (0, -(y - thick) / 2, floor), 0.0),
        "back": (x, (0, (y - thick) / 2, floor), np.pi),
        "left": (inner_y, (-(x - thick) / 2, 0, floor), -np.pi / 2),
        "right": (inner_y, ((x - thick) / 2, 0, floor), np.pi / 2),
    }
    for side, (length, centre, yaw) in places.items():
        if side == open_side:
            continue
        clear = length - 2 * thick if side in ("front", "back") else length
        opening: Opening | None = None
        if side == door:
            opening = (0.0, min(0.92, 0.5 * clear), 0.0, min(2.06, 0.85 * high))
        elif side == window:
            opening = (0.0, min(1.02, 0.6 * clear), min(0.9, 0.36 * high), min(1.12, 0.45 * high))
        pose = Pose.from_yaw(centre, yaw)
        geoms += [
            Geom(shape=g.shape, pose=pose @ g.pose, material=g.material, color=g.color, role=g.role)
            for g in pierced(length, thick, high, opening, sides="b")
        ]
    if ceiling:
        geoms.append(panel((x, y, thick), (0, 0, z - thick / 2), OWN))
    return Assembly(
        parts=(root(geoms),),
        surfaces=(
            Surface(
                name="floor",
                size_m=(x - 2 * thick - 0.04, inner_y - 0.04),
                pose=Pose((0, 0, floor)),
                clearance_m=high if ceiling else float("inf"),
            ),
        ),
    )


@archetype(
    "floor_slab",
    category="structure",
    size_m=(4.0, 4.0, 0.1),
    scale=(0.1, 6.0),
    material="stone",
    materials=("stone", "wood", "plaster", "rubber"),
    colors=("grey", "light_grey", "beige", "brown"),
    fixed=True,
    affordances=("support",),
    synonyms=("slab", "platform", "stage", "podium"),
)
def floor_slab(size_m: Vec3) -> Assembly:
    """A flat slab to stand on."""
    x, y, z = size_m
    edge = 0.01 * min(x, y)
    return Assembly(
        parts=(root([panel(size_m, (0, 0, z / 2))]),),
        surfaces=(Surface(name="top", size_m=(x - 2 * edge, y - 2 * edge), pose=Pose((0, 0, z))),),
    )


@archetype(
    "pillar",
    category="structure",
    size_m=(0.3, 0.3, 2.5),
    scale=(0.2, 2.5),
    material="stone",
    options={"shape": ("round", "square")},
    materials=("stone", "plaster", "wood"),
    colors=("grey", "white", "beige"),
    fixed=True,
    affordances=("support",),
    synonyms=("column", "post", "pedestal"),
)
def pillar(size_m: Vec3, *, shape: str = "round") -> Assembly:
    """A pillar with a foot and a head."""
    x, y, z = size_m
    end = 0.04 * z
    shaft = z - 2 * end
    middle: list[Geom]
    if shape == "round":
        middle = [Geom(shape=frustum((0.84 * x, 0.84 * y), (0.74 * x, 0.74 * y), shaft, sides=32), pose=Pose((0, 0, end)), role="visual")]
        touch = Cylinder(0.4 * min(x, y), shaft)
        middle.append(Geom(shape=touch, pose=Pose((0, 0, z / 2)), role="collision"))
    else:
        middle = [panel((0.8 * x, 0.8 * y, shaft), (0, 0, z / 2))]
    ends = [panel((x, y, end), (0, 0, at)) for at in (end / 2, z - end / 2)]
    return Assembly(parts=(root([*middle, *ends]),), surfaces=(Surface(name="top", size_m=(0.92 * x, 0.92 * y), pose=Pose((0, 0, z))),))
