"""Tables and desks: a top on legs, some with drawers below and boards between."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Part, Surface, root
from lifeworld.scene.library.joinery import (
    BLACK_METAL,
    BLACK_TUBE,
    BOARD_M,
    GAP_M,
    OWN,
    STEEL,
    bar_handle,
    carcass,
    drawer,
    frustum,
    knob,
    panel,
    rod,
    rounded,
    tapered_legs,
)
from lifeworld.scene.shape import Vec3

WOODS = ("wood", "dark_wood", "painted_wood")


def apron(width_m: float, depth_m: float, height_m: float, z_m: float, *, thick_m: float = 0.02) -> list[Geom]:
    """Four boards under a top, outer `width_m` × `depth_m`, their upper edge at `z_m`."""
    z = z_m - height_m / 2
    return [
        *(panel((width_m, thick_m, height_m), (0, side * (depth_m - thick_m) / 2, z)) for side in (-1, 1)),
        *(panel((thick_m, depth_m - 2 * thick_m, height_m), (side * (width_m - thick_m) / 2, 0, z)) for side in (-1, 1)),
    ]


def top_surface(
    x_m: float, y_m: float, z_m: float, *, name: str = "top", edge_m: float = 0.02, at_m: tuple[float, float] = (0.0, 0.0)
) -> Surface:
    """The upper side of a board `x_m` × `y_m`, less an edge all round."""
    return Surface(name=name, size_m=(x_m - 2 * edge_m, y_m - 2 * edge_m), pose=Pose((*at_m, z_m)))


@archetype(
    "table",
    category="furniture",
    size_m=(1.4, 0.8, 0.74),
    materials=(*WOODS, "glass", "steel", "plastic"),
    colors=("white", "black", "brown", "beige"),
    affordances=("support",),
    synonyms=("dining table", "kitchen table"),
)
def table(size_m: Vec3) -> Assembly:
    """A rectangular table on four tapered legs."""
    x, y, z = size_m
    top, leg = 0.042 * z, min(0.08 * z, 0.1 * min(x, y))
    inset = 0.04 * min(x, y)
    lx, ly = x / 2 - inset - leg / 2, y / 2 - inset - leg / 2
    return Assembly(
        parts=(
            root(
                [
                    *rounded((x, y, top), (0, 0, z - top / 2), 0.2 * top),
                    *apron(2 * lx + 0.4 * leg, 2 * ly + 0.4 * leg, 0.11 * z, z - top),
                    *tapered_legs(lx, ly, z - top, leg, 0.62 * leg),
                ]
            ),
        ),
        surfaces=(top_surface(x, y, z),),
    )


@archetype(
    "round_table",
    category="furniture",
    size_m=(1.0, 1.0, 0.74),
    materials=(*WOODS, "glass", "stone"),
    colors=("white", "black", "brown"),
    affordances=("support",),
    synonyms=("round dining table", "bistro table", "pedestal table"),
)
def round_table(size_m: Vec3) -> Assembly:
    """A round table on a pillar with a heavy foot; oval when its sides differ."""
    x, y, z = size_m
    top, foot = 0.04 * z, 0.03 * z
    neck = 0.05 * min(x, y)
    return Assembly(
        parts=(
            root(
                [
                    Geom(shape=frustum((x, y), (x, y), top, sides=48), pose=Pose((0, 0, z - top))),
                    Geom(shape=frustum((0.56 * x, 0.56 * y), (0.54 * x, 0.54 * y), foot, sides=40), material="cast_iron"),
                    Geom(
                        shape=frustum((4.4 * neck, 4.4 * neck), (2 * neck, 2 * neck), 0.07 * z, sides=20),
                        pose=Pose((0, 0, foot)),
                        material="cast_iron",
                        role="visual",
                    ),
                    rod(neck, (0, 0, foot), (0, 0, z - top), BLACK_METAL, role="visual"),
                    panel((1.6 * neck, 1.6 * neck, z - top - foot), (0, 0, (z - top + foot) / 2), OWN, role="collision"),
                    Geom(
                        shape=frustum((2 * neck, 2 * neck), (6 * neck, 6 * neck), 0.06 * z, sides=20),
                        pose=Pose((0, 0, z - top - 0.06 * z)),
                        material="cast_iron",
                        role="visual",
                    ),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(min(x, y) - 0.04, min(x, y) - 0.04), pose=Pose((0, 0, z)), shape="disc"),),
    )


@archetype(
    "coffee_table",
    category="furniture",
    size_m=(1.1, 0.6, 0.42),
    options={"board": (False, True)},
    materials=(*WOODS, "glass", "stone"),
    colors=("white", "black", "brown"),
    affordances=("support",),
    synonyms=("low table", "sofa table", "occasional table"),
)
def coffee_table(size_m: Vec3, *, board: bool = True) -> Assembly:
    """A low table, with a board for magazines between its legs."""
    x, y, z = size_m
    top, leg, low = 0.08 * z, 0.1 * z, 0.3 * z
    lx, ly = x / 2 - leg, y / 2 - leg
    geoms = [
        *rounded((x, y, top), (0, 0, z - top / 2), 0.012),
        *apron(2 * lx, 2 * ly, 0.12 * z, z - top),
        *tapered_legs(lx, ly, z - top, leg, 0.8 * leg),
    ]
    surfaces = [top_surface(x, y, z)]
    if board:
        bx, by = 2 * lx - 0.98 * leg, 2 * ly
        geoms += rounded((bx, by, 0.05 * z), (0, 0, low), 0.004)
        surfaces.append(
            Surface(
                name="board",
                size_m=(bx - 0.02, by - 0.02),
                pose=Pose((0, 0, low + 0.025 * z)),
                clearance_m=z - top - 0.12 * z - low - 0.025 * z,
            )
        )
    return Assembly(parts=(root(geoms),), surfaces=tuple(surfaces))


@archetype(
    "desk",
    category="furniture",
    size_m=(1.4, 0.7, 0.75),
    scale=(0.6, 1.6),
    mass_kg=38.0,
    options={"drawers": (0, 4)},
    materials=WOODS,
    colors=("white", "black", "brown", "beige"),
    affordances=("support", "open", "close"),
    synonyms=("writing desk", "office desk", "computer desk"),
)
def desk(size_m: Vec3, *, drawers: int = 3) -> Assembly:
    """A writing desk; its drawers are under the right end of the top."""
    x, y, z = size_m
    top, leg = 0.037 * z, 0.055
    wide, deep, high = min(0.32 * x, 0.46), y - 0.06, z - top
    geoms = list(rounded((x, y, top), (0, 0, z - top / 2), 0.006))
    parts: list[Part] = []
    hollows: list[Container] = []
    feet = [(-1, -1), (-1, 1)] + ([] if drawers else [(1, -1), (1, 1)])
    post = frustum((0.7 * leg, 0.7 * leg), (leg, leg), high)
    geoms += [
        Geom(shape=post, pose=Pose((sx * (x / 2 - leg), sy * (y / 2 - leg), 0)), material=BLACK_TUBE.material, color=BLACK_TUBE.color)
        for sx, sy in feet
    ]
    cx = x / 2 - wide / 2 - 0.02
    right = cx - wide / 2 if drawers else x / 2 - 1.5 * leg
    left = -x / 2 + 1.5 * leg
    geoms.append(panel((right - left, BOARD_M, 0.4 * high), ((right + left) / 2, y / 2 - leg, 0.76 * high)))
    if drawers:
        rear = deep / 2 + 0.01
        face = -deep / 2 - 0.01 + 0.028
        front = face + BOARD_M + 0.001
        lift = 0.03
        body = carcass(wide, high - lift, (front, rear), z_m=lift)
        geoms += [Geom(shape=g.shape, pose=Pose((cx, 0, 0)) @ g.pose, material=g.material, color=g.color, role=g.role) for g in body]
        geoms.append(panel((wide - 0.04, deep - 0.09, lift), (cx, 0.02, lift / 2), BLACK_METAL))
        each = (high - lift - 2 * GAP_M) / drawers
        for i in range(drawers):
            part, hollow = drawer(
                f"drawer_{i + 1}",
                (cx, face, high - GAP_M - (i + 1) * each + GAP_M / 2),
                (wide - 2 * GAP_M, each - GAP_M),
                (wide - 2 * BOARD_M - 0.01, rear - front - 0.03, min(each - 0.055, 0.2)),
                lift_m=0.024,
                pull=bar_handle(0.4 * wide, (0, 0, each - 0.045), reach_m=0.026),
            )
            parts.append(part)
            hollows.append(hollow)
    return Assembly(parts=(root(geoms), *parts), surfaces=(top_surface(x, y, z),), containers=tuple(hollows))


@archetype(
    "bedside_table",
    category="furniture",
    size_m=(0.45, 0.4, 0.5),
    scale=(0.7, 1.7),
    materials=WOODS,
    colors=("white", "black", "brown"),
    affordances=("support", "open", "close"),
    synonyms=("nightstand", "night table", "side table"),
)
def bedside_table(size_m: Vec3) -> Assembly:
    """A small table beside the bed: one drawer, an open shelf below it."""
    x, y, z = size_m
    foot, reach = 0.28 * z, 0.025
    face, rear = -y / 2 + reach, y / 2
    front = face + BOARD_M + 0.001
    high = z - foot
    shelf = foot + 0.5 * high
    inner = x - 2 * BOARD_M
    part, hollow = drawer(
        "drawer",
        (0, face, shelf + GAP_M),
        (x - 2 * GAP_M, z - shelf - 2 * GAP_M),
        (inner - 0.01, rear - front - 0.03, z - shelf - BOARD_M - 0.035),
        lift_m=0.018,
        pull=knob((0, 0, 0.5 * (z - shelf)), reach_m=reach),
    )
    return Assembly(
        parts=(
            root(
                [
                    *carcass(x, high, (front, rear), z_m=foot),
                    panel((inner, rear - front - 0.01, 0.012), (0, (rear + front) / 2, shelf)),
                    *tapered_legs(x / 2 - 0.04, min(y / 2 - 0.05, rear - 0.05), foot, 0.036, 0.022, splay_m=0.006),
                ]
            ),
            part,
        ),
        surfaces=(
            top_surface(x, rear - front, z, at_m=(0, (rear + front) / 2)),
            Surface(
                name="shelf",
                size_m=(inner - 0.02, rear - front - 0.03),
                pose=Pose((0, (rear + front) / 2, foot + BOARD_M)),
                clearance_m=shelf - 0.006 - foot - BOARD_M,
            ),
        ),
        containers=(hollow,),
    )


@archetype(
    "workbench",
    category="furniture",
    size_m=(1.5, 0.65, 0.88),
    scale=(0.6, 1.6),
    materials=("wood", "dark_wood", "steel"),
    affordances=("support",),
    synonyms=("work bench", "joiner's bench", "bench with a vise"),
)
def workbench(size_m: Vec3) -> Assembly:
    """A joiner's bench: a thick top, heavy legs, a vise in front and a board below."""
    x, y, z = size_m
    jaw = 0.05
    depth, mid = y - jaw, jaw / 2
    top, leg, low = 0.075 * z, 0.09 * z, 0.2 * z
    lx, ly = x / 2 - 0.09 * x, depth / 2 - 0.6 * leg
    geoms = [
        *rounded((x, depth, top), (0, mid, z - top / 2), 0.004),
        *rounded((0.14 * x, 0.04, 0.14 * z), (-0.28 * x, -y / 2 + 0.02, z - 0.07 * z), 0.004),
    ]
    geoms += [panel((leg, leg, z - top), (sx * lx, mid + sy * ly, (z - top) / 2)) for sx in (-1, 1) for sy in (-1, 1)]
    geoms += [panel((0.6 * leg, 2 * ly - leg, leg), (sx * lx, mid, low - 0.5 * leg)) for sx in (-1, 1)]
    geoms += [
        panel((2 * lx, 0.3 * leg, 1.2 * leg), (0, mid + ly, z - top - 1.4 * leg)),
        *rounded((2 * lx, 2 * ly - 1.1 * leg, 0.02), (0, mid, low + 0.01), 0.003),
    ]
    screw = z - 0.1 * z
    geoms += [
        rod(0.012, (-0.28 * x, -y / 2 + 0.03, screw), (-0.28 * x, -y / 2 + jaw + 0.12, screw), STEEL, role="visual"),
        rod(0.02, (-0.28 * x, -y / 2, screw), (-0.28 * x, -y / 2 - 0.02, screw), BLACK_METAL, role="visual"),
        rod(
            0.007,
            (-0.28 * x - 0.09, -y / 2 - 0.012, screw),
            (-0.28 * x + 0.09, -y / 2 - 0.012, screw),
            STEEL,
            role="visual",
            round_ends=True,
        ),
    ]
    return Assembly(
        parts=(root(geoms),),
        surfaces=(
            top_surface(x, depth, z, at_m=(0, mid)),
            Surface(
                name="board",
                size_m=(2 * lx - leg - 0.02, 2 * ly - 1.2 * leg),
                pose=Pose((0, mid, low + 0.02)),
                clearance_m=z - top - low - 0.02,
            ),
        ),
    )
