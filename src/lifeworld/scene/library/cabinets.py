"""Cupboards that open: drawer unit, cabinet, wall cabinet, wardrobe, television stand."""

from __future__ import annotations

from typing import Literal, cast

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Part, Surface, root
from lifeworld.scene.library.joinery import (
    BOARD_M,
    CHROME,
    GAP_M,
    Finish,
    bar_handle,
    carcass,
    door_face,
    drawer,
    hinged,
    panel,
    rod,
    shifted,
    tapered_legs,
)
from lifeworld.scene.shape import Vec3

WOODS = ("wood", "dark_wood", "painted_wood")
COLORS = ("white", "grey", "black", "brown", "green", "navy")
BLACK_PLINTH = Finish("wood", "#2c2a28")
REACH_M = 0.03  # how far handles stand out
Style = Literal["slab", "shaker", "glass"]


@archetype(
    "drawer_unit",
    category="furniture",
    size_m=(0.8, 0.48, 0.8),
    scale=(0.5, 1.6),
    options={"drawers": (1, 6)},
    materials=WOODS,
    colors=COLORS,
    affordances=("support", "open", "close"),
    synonyms=("chest of drawers", "dresser", "commode", "drawers"),
)
def drawer_unit(size_m: Vec3, *, drawers: int = 3) -> Assembly:
    """A chest of hollow drawers, one above the other; `drawer_1` is the top one."""
    x, y, z = size_m
    foot = min(0.1, 0.12 * z)
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + BOARD_M + 0.001
    top = BOARD_M + 0.004
    high = z - top - foot
    parts, hollows = [], []
    each = (high - GAP_M) / drawers
    for i in range(drawers):
        part, hollow = drawer(
            f"drawer_{i + 1}",
            (0, face, z - top - (i + 1) * each),
            (x - 2 * GAP_M, each - GAP_M),
            (x - 2 * BOARD_M - 0.008, rear - front - 0.02, max(each - 0.05, 0.4 * each)),
            lift_m=0.02 if each > 0.1 else 0.2 * each,
            pull=bar_handle(min(0.3 * x, 0.24), (0, 0, 0.5 * each), reach_m=REACH_M),
        )
        parts.append(part)
        hollows.append(hollow)
    body = [
        *carcass(x, high, (front, rear), z_m=foot, top=False),
        panel((x, y - REACH_M + 0.004, top), (0, (y - (y - REACH_M + 0.004)) / 2, z - top / 2)),
        *tapered_legs(x / 2 - 0.05, 0.5 * (rear - front) - 0.05, foot, 0.045, 0.03, splay_m=0.004),
    ]
    return Assembly(
        parts=(root(body), *parts),
        surfaces=(Surface(name="top", size_m=(x - 0.03, y - REACH_M - 0.03), pose=Pose((0, REACH_M / 2, z))),),
        containers=tuple(hollows),
    )


def bays(
    heights_m: list[float], width_m: float, depth_m: float, y_mid_m: float, ceiling_m: float, *, board_m: float
) -> tuple[list[Geom], list[Surface], list[Container]]:
    """Boards with upper sides at `heights_m` (the lowest, the floor, is made elsewhere) and the rooms above them up to `ceiling_m`."""
    geoms: list[Geom] = []
    surfaces: list[Surface] = []
    rooms: list[Container] = []
    for i, height in enumerate(heights_m):
        if i:
            geoms.append(panel((width_m, depth_m, board_m), (0, y_mid_m, height - board_m / 2)))
        above = heights_m[i + 1] - board_m if i + 1 < len(heights_m) else ceiling_m
        at = Pose((0, y_mid_m, height))
        surfaces.append(Surface(name=f"shelf_{i + 1}", size_m=(width_m - 0.02, depth_m - 0.02), pose=at, clearance_m=above - height))
        rooms.append(Container(name=f"bay_{i + 1}", size_m=(width_m, depth_m, above - height), pose=at, opening="front"))
    return geoms, surfaces, rooms


def leaves(
    width_m: float,
    height_m: float,
    face_m: float,
    z_m: float,
    count: int,
    style: Style,
    *,
    thick_m: float = BOARD_M,
    names: tuple[str, str] = ("door_left", "door_right"),
) -> list[Part]:
    """One door (hinge on the left) or two that meet in the middle, before a cupboard `width_m` wide."""
    each = width_m / count - GAP_M
    handle = min(0.16, 0.3 * height_m)
    out = []
    sides: tuple[Literal["left", "right"], ...] = ("left", "right") if count == 2 else ("left",)
    for side, name in zip(sides, names if count == 2 else ("door",), strict=True):
        face = [
            *door_face(each, height_m - 2 * GAP_M, thick_m, style=style),
            *bar_handle(handle, (each - 0.03, 0, 0.5 * height_m), along="z", reach_m=REACH_M),
        ]
        edge = -(width_m / 2 - GAP_M / 2) if side == "left" else width_m / 2 - GAP_M / 2
        out.append(hinged(name, (edge, face_m, z_m + GAP_M), face, side=side))
    return out


@archetype(
    "cabinet",
    category="furniture",
    size_m=(0.8, 0.42, 0.85),
    scale=(0.5, 2.0),
    options={"doors": (1, 2), "shelves": (0, 4), "style": ("slab", "shaker", "glass")},
    materials=WOODS,
    colors=COLORS,
    affordances=("support", "open", "close"),
    synonyms=("cupboard", "sideboard", "locker"),
)
def cabinet(size_m: Vec3, *, doors: int = 2, shelves: int = 1, style: str = "shaker") -> Assembly:
    """A cupboard with one or two hinged doors and shelves inside."""
    x, y, z = size_m
    foot = min(0.08, 0.1 * z)
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + BOARD_M + 0.001
    body = [
        *carcass(x, z - foot, (front, rear), z_m=foot),
        *tapered_legs(x / 2 - 0.045, 0.5 * (rear - front) - 0.045, foot, 0.04, 0.028, splay_m=0.003),
    ]
    floor, ceiling = foot + BOARD_M, z - BOARD_M
    inner, depth = x - 2 * BOARD_M, rear - 0.008 - front - 0.01
    heights = [floor + i * (ceiling - floor + BOARD_M) / (shelves + 1) for i in range(shelves + 1)]
    boards, surfaces, rooms = bays(heights, inner, depth, rear - 0.008 - depth / 2, ceiling, board_m=BOARD_M)
    top = Surface(name="top", size_m=(x - 0.02, rear - front - 0.02), pose=Pose((0, (rear + front) / 2, z)))
    return Assembly(
        parts=(root(body + boards), *leaves(x, z - foot, face, foot, doors, cast(Style, style))),
        surfaces=(top, *surfaces),
        containers=tuple(rooms),
    )


@archetype(
    "wall_cabinet",
    category="furniture",
    size_m=(0.8, 0.37, 0.7),
    scale=(0.5, 1.6),
    material="painted_wood",
    fixed=True,
    hangs_m=1.75,
    options={"doors": (1, 2), "style": ("slab", "shaker", "glass")},
    materials=WOODS,
    colors=COLORS,
    affordances=("support", "open", "close"),
    synonyms=("hanging cupboard", "kitchen wall unit", "medicine cabinet"),
)
def wall_cabinet(size_m: Vec3, *, doors: int = 2, style: str = "slab") -> Assembly:
    """A cupboard that hangs with its back on the wall, a shelf inside."""
    x, y, z = size_m
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + BOARD_M + 0.001
    inner, depth = x - 2 * BOARD_M, rear - 0.008 - front - 0.01
    boards, surfaces, rooms = bays([BOARD_M, z / 2 + BOARD_M / 2], inner, depth, rear - 0.008 - depth / 2, z - BOARD_M, board_m=BOARD_M)
    top = Surface(name="top", size_m=(x - 0.02, rear - front - 0.02), pose=Pose((0, (rear + front) / 2, z)))
    return Assembly(
        parts=(root(carcass(x, z, (front, rear)) + boards), *leaves(x, z, face, 0.0, doors, cast(Style, style))),
        surfaces=(top, *surfaces),
        containers=tuple(rooms),
    )


@archetype(
    "wardrobe",
    category="furniture",
    size_m=(1.2, 0.62, 2.0),
    scale=(0.5, 1.4),
    options={"style": ("slab", "shaker")},
    materials=WOODS,
    colors=COLORS,
    affordances=("open", "close", "support"),
    synonyms=("closet", "armoire", "clothes cupboard"),
)
def wardrobe(size_m: Vec3, *, style: str = "shaker") -> Assembly:
    """A tall cupboard for clothes: two doors, a rail, a board above it."""
    x, y, z = size_m
    foot = 0.03 * z
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + BOARD_M + 0.001
    inner, depth = x - 2 * BOARD_M, rear - 0.008 - front - 0.01
    mid = rear - 0.008 - depth / 2
    hat, rail = 0.84 * z, 0.79 * z
    floor = foot + BOARD_M
    boards, surfaces, _ = bays([floor, hat], inner, depth, mid, z - BOARD_M, board_m=BOARD_M)
    body = [
        *carcass(x, z - foot, (front, rear), z_m=foot),
        *boards,
        rod(0.0125, (-inner / 2, mid, rail), (inner / 2, mid, rail), CHROME),
        *(panel((x - 0.02, BOARD_M, foot), (0, at, foot / 2), BLACK_PLINTH) for at in (front + 0.03, rear - 0.02)),
    ]
    under = rail - 0.0125 - floor
    surfaces[0] = Surface(name="shelf_1", size_m=surfaces[0].size_m, pose=surfaces[0].pose, clearance_m=under)
    rooms = (
        Container(name="inside", size_m=(inner, depth, under), pose=Pose((0, mid, floor)), opening="front"),
        Container(name="hat_shelf", size_m=(inner, depth, z - BOARD_M - hat), pose=Pose((0, mid, hat)), opening="front"),
    )
    top = Surface(name="top", size_m=(x - 0.02, rear - front - 0.02), pose=Pose((0, (rear + front) / 2, z)))
    return Assembly(
        parts=(root(body), *leaves(x, z - foot, face, foot, 2, cast(Style, style))),
        surfaces=(top, *surfaces),
        containers=rooms,
    )


@archetype(
    "tv_stand",
    category="furniture",
    size_m=(1.5, 0.42, 0.5),
    scale=(0.6, 1.5),
    materials=WOODS,
    colors=COLORS,
    affordances=("support", "open", "close"),
    synonyms=("media console", "lowboard", "credenza"),
)
def tv_stand(size_m: Vec3) -> Assembly:
    """A low board for a television: cupboards at its ends, open bays between."""
    x, y, z = size_m
    foot = 0.24 * z
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + BOARD_M + 0.001
    floor, ceiling = foot + BOARD_M, z - BOARD_M
    third = x / 3
    depth = rear - 0.008 - front - 0.01
    mid = rear - 0.008 - depth / 2
    body = [
        *carcass(x, z - foot, (front, rear), z_m=foot),
        *(panel((BOARD_M, depth, ceiling - floor), (side * third / 2, mid, (ceiling + floor) / 2)) for side in (-1, 1)),
        *tapered_legs(x / 2 - 0.12, 0.5 * (rear - front) - 0.07, foot, 0.045, 0.026, splay_m=-0.02),
    ]
    inner = third - BOARD_M
    boards, surfaces, rooms = bays([floor, (floor + ceiling + BOARD_M) / 2], inner, depth, mid, ceiling, board_m=BOARD_M)
    side_room = (x - third) / 2 - 1.5 * BOARD_M
    parts: list[Part] = []
    for side, sign in (("left", -1.0), ("right", 1.0)):
        at = sign * (third / 2 + BOARD_M / 2 + side_room / 2)
        rooms.append(
            Container(name=f"inside_{side}", size_m=(side_room, depth, ceiling - floor), pose=Pose((at, mid, floor)), opening="front")
        )
        leaf = third - GAP_M
        part = hinged(
            f"door_{side}",
            (sign * (x / 2 - GAP_M / 2), face, foot + GAP_M),
            [
                *door_face(leaf, z - foot - 2 * GAP_M, BOARD_M),
                *shifted(bar_handle(0.12, (0, 0, 0), along="z", reach_m=REACH_M), (leaf - 0.03, 0, (z - foot) / 2)),
            ],
            side=cast(Literal["left", "right"], side),
        )
        parts.append(part)
    top = Surface(name="top", size_m=(x - 0.02, rear - front - 0.02), pose=Pose((0, (rear + front) / 2, z)))
    return Assembly(parts=(root(body + boards), *parts), surfaces=(top, *surfaces), containers=tuple(rooms))
