"""Fitted kitchen: counter, sink with a basin, faucet, hob. The thing's own colour is that of the fronts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.joinery import (
    BLACK_METAL,
    BLACK_PLASTIC,
    CHROME,
    STEEL,
    Finish,
    bar_handle,
    frustum,
    panel,
    rod,
    rounded,
    seen,
    shifted,
)
from lifeworld.scene.shape import Vec3, lathe, tube

TOPS = {"wood": Finish("wood", "#a9784a"), "stone": Finish("stone", "#6f706e"), "steel": STEEL}
FRONT_COLORS = ("white", "grey", "navy", "dark_green", "beige", "black")
PLINTH = Finish("plastic", "#37393c")
REACH_M = 0.028


def base_unit(x: float, y: float, z: float, *, solid: bool) -> list[Geom]:
    """A closed base cupboard below a worktop: recessed plinth, body, fronts with handles; `solid` or hollow to touch."""
    plinth, front = 0.11 * z, 0.018
    face = -y / 2 + REACH_M + 0.012
    body_front = face + front
    depth, mid = y / 2 - body_front, (y / 2 + body_front) / 2
    high = z - plinth
    geoms = [panel((x - 0.01, depth - 0.04, plinth), (0, mid + 0.02, plinth / 2), PLINTH)]
    if solid:
        geoms.append(panel((x, depth, high), (0, mid, plinth + high / 2)))
    else:
        t = 0.018
        geoms += [panel((t, depth, high), (side * (x - t) / 2, mid, plinth + high / 2)) for side in (-1, 1)]
        geoms += [
            panel((x - 2 * t, t, high), (0, y / 2 - t / 2, plinth + high / 2)),
            panel((x - 2 * t, depth - t, t), (0, mid, plinth + t / 2)),
        ]
    geoms.append(panel((x, front, high), (0, face + front / 2, plinth + high / 2), role="collision"))
    doors = max(1, round(x / 0.5))
    wide = x / doors
    for i in range(doors):
        at = -x / 2 + (i + 0.5) * wide
        geoms += rounded((wide - 0.004, front, high - 0.006), (at, face + front / 2, plinth + high / 2), 0.003)[:1]
        geoms += bar_handle(min(0.5 * wide, 0.22), (at, face, z - 0.06), reach_m=REACH_M, finish=STEEL)
    return geoms


@archetype(
    "counter",
    category="furniture",
    size_m=(1.2, 0.64, 0.9),
    scale=(0.4, 3.0),
    material="painted_wood",
    options={"top": ("wood", "stone", "steel")},
    materials=("painted_wood", "wood", "dark_wood"),
    colors=FRONT_COLORS,
    fixed=True,
    affordances=("support",),
    synonyms=("kitchen counter", "worktop", "countertop", "kitchen unit"),
)
def counter(size_m: Vec3, *, top: str = "wood") -> Assembly:
    """A kitchen counter: a worktop over closed cupboards."""
    x, y, z = size_m
    thick = 0.042 * z
    return Assembly(
        parts=(root([*base_unit(x, y, z - thick, solid=True), *rounded((x, y, thick), (0, 0, z - thick / 2), 0.005, TOPS[top])]),),
        surfaces=(Surface(name="top", size_m=(x - 0.04, y - 0.04), pose=Pose((0, 0, z))),),
    )


def faucet_body(y: float, z: float, thick: float) -> tuple[list[Geom], Pose, list[Geom]]:
    """A swan-necked tap standing at (0, y/2 − thick): its geoms, where its lever sits, and the lever's geoms."""
    foot_y = y / 2 - 1.35 * thick
    reach = foot_y + y / 2 - 0.9 * thick
    bend = reach / 2
    rise = z - bend - 0.45 * thick
    turn = np.linspace(0, np.pi, 17)
    neck = np.vstack(
        [
            [0, 0, 0.2 * z],
            [0, 0, 0.6 * rise],
            *np.column_stack([np.zeros(17), -bend + bend * np.cos(turn), rise + bend * np.sin(turn)]),
            [0, -reach, rise - 0.1 * z],
        ]
    )
    r = 0.45 * thick
    tip = rise - 0.1 * z
    ends = [neck[0], neck[2], neck[6], neck[10], neck[14], neck[18], neck[19]]
    geoms = [
        seen(tube(neck, r, segments=16), CHROME, (0, foot_y, 0)),
        Geom(
            shape=frustum((2.7 * thick, 2.7 * thick), (2 * thick, 2 * thick), 0.05 * z, sides=24),
            pose=Pose((0, foot_y, 0)),
            material=CHROME.material,
            color=CHROME.color,
        ),
        rod(0.85 * thick, (0, foot_y, 0), (0, foot_y, 0.42 * z), CHROME),
        rod(1.1 * r, (0, foot_y - reach, tip - 0.01), (0, foot_y - reach, tip + 0.03), CHROME, role="visual"),
    ]
    for a, b in pairwise(ends):
        p, q = (float(a[0]), foot_y + float(a[1]), float(a[2])), (float(b[0]), foot_y + float(b[1]), float(b[2]))
        geoms.append(rod(r, p, q, CHROME, role="collision"))
    stub = 0.85 * thick
    lever = [
        rod(0.55 * thick, (0.03 * thick, 0, 0), (1.1 * thick, 0, 0), CHROME),
        rod(0.22 * thick, (0.75 * thick, 0, 0), (0.75 * thick, -0.02 * z, 0.3 * z), CHROME, round_ends=True),
    ]
    return geoms, Pose((stub, foot_y, 0.3 * z)), lever


def lever_part(pose: Pose, geoms: list[Geom]) -> Part:
    """The lever: pulled towards the front, water runs."""
    joint = Joint(name="lever", kind="hinge", axis=(1, 0, 0), range=(0.0, 0.9), damping=0.02, friction=0.06)
    return Part(name="lever", geoms=tuple(geoms), parent="body", pose=pose, joint=joint)


@archetype(
    "faucet",
    category="appliance",
    size_m=(0.08, 0.22, 0.32),
    scale=(0.6, 1.6),
    material="steel",
    colors=("silver", "black", "gold"),
    materials=("steel", "brass"),
    fixed=True,
    affordances=("turn_on", "turn_off", "open", "close"),
    synonyms=("tap", "water tap", "kitchen faucet", "mixer tap"),
)
def faucet(size_m: Vec3) -> Assembly:
    """A swan-necked water tap with a lever at its right."""
    x, y, z = size_m
    thick = min(x / 3.3, 0.11 * y)
    geoms, pose, lever = faucet_body(y, z, thick)
    aside = (-0.3 * thick, 0.0, 0.0)  # the lever stands out on the right
    return Assembly(parts=(root(shifted(geoms, aside)), lever_part(Pose(aside) @ pose, lever)))


@archetype(
    "sink",
    category="furniture",
    size_m=(1.0, 0.64, 0.9),
    scale=(0.6, 1.8),
    material="painted_wood",
    options={"top": ("wood", "stone", "steel"), "faucet": (False, True)},
    materials=("painted_wood", "wood", "dark_wood"),
    colors=FRONT_COLORS,
    fixed=True,
    affordances=("support", "fill", "turn_on", "turn_off", "open", "close"),
    synonyms=("kitchen sink", "sink unit"),
)
def sink(size_m: Vec3, *, top: str = "wood", faucet: bool = True) -> Assembly:
    """A kitchen counter with a hollow steel basin and a tap.

    z is the height of the worktop; the tap stands on it.
    """
    x, y, z = size_m
    thick, wall = 0.042 * z, 0.006
    ledge, lip = 0.19 * y, max(0.11 * y, 0.062)
    wide, deep, low = min(0.58 * x, 0.75), y - ledge - lip, 0.2 * z
    mid = -y / 2 + lip + deep / 2
    finish = TOPS[top]
    side = (x - wide) / 2
    geoms = base_unit(x, y, z - thick, solid=False)
    geoms += [
        panel((x, ledge, thick), (0, y / 2 - ledge / 2, z - thick / 2), finish),
        panel((x, lip, thick), (0, -y / 2 + lip / 2, z - thick / 2), finish),
        *(panel((side, deep, thick), (s * (wide + side) / 2, mid, z - thick / 2), finish) for s in (-1, 1)),
        panel((wide, deep, wall), (0, mid, z - low - wall / 2), STEEL),
        *(panel((wall, deep, low - 0.001), (s * (wide - wall) / 2, mid, z - (low + 0.001) / 2), STEEL) for s in (-1, 1)),
        *(panel((wide - 2 * wall, wall, low - 0.001), (0, mid + s * (deep - wall) / 2, z - (low + 0.001) / 2), STEEL) for s in (-1, 1)),
        seen(lathe([(0.032, 0.0), (0.045, 0.0), (0.045, 0.003), (0.032, 0.003)]), CHROME, (0, mid, z - low)),
        rod(0.032, (0, mid, z - low), (0, mid, z - low + 0.001), BLACK_METAL, role="visual"),
    ]
    rim, up = 0.014, 0.003
    geoms += [
        *(panel((wide + 2 * rim, rim, up), (0, mid + s * (deep + rim) / 2, z + up / 2), STEEL, role="visual") for s in (-1, 1)),
        *(panel((rim, deep, up), (s * (wide + rim) / 2, mid, z + up / 2), STEEL, role="visual") for s in (-1, 1)),
    ]
    parts = []
    if faucet:
        reach, tall = 0.34 * y, 0.33 * z
        body, pose, lever = faucet_body(reach, tall, 0.022)
        move = Pose((0, y / 2 - 0.03 - reach / 2, z))
        geoms += [Geom(shape=g.shape, pose=move @ g.pose, material=g.material, color=g.color, role=g.role) for g in body]
        parts.append(lever_part(move @ pose, lever))
    board = side - rim - 0.03
    return Assembly(
        parts=(root(geoms), *parts),
        surfaces=tuple(
            Surface(name=name, size_m=(board, y - 0.04), pose=Pose((s * (x / 2 - 0.02 - board / 2), 0, z)))
            for name, s in (("left", -1), ("right", 1))
        ),
        containers=(Container(name="basin", size_m=(wide - 2 * wall, deep - 2 * wall, low), pose=Pose((0, mid, z - low))),),
    )


def burners(x: float, y: float, z: float, mid_y: float = 0.0) -> tuple[list[Geom], list[Surface]]:
    """Four cooking plates drawn on glass at height z, two sizes crosswise."""
    geoms: list[Geom] = []
    surfaces = []
    for i, (sx, sy, big) in enumerate(((-1, -1, True), (1, -1, False), (-1, 1, False), (1, 1, True))):
        radius = (0.205 if big else 0.165) * min(x, y)
        at = (sx * 0.25 * x, mid_y + sy * 0.235 * y)
        for share, wide in ((1.0, 0.004), (0.55, 0.0025)):
            r = radius * share
            geoms.append(
                seen(
                    lathe([(r - wide, 0.0), (r, 0.0), (r, 0.0006), (r - wide, 0.0006)], segments=40), Finish("plastic", "#8b8f95"), (*at, z)
                )
            )
        surfaces.append(Surface(name=f"plate_{i + 1}", size_m=(2 * radius, 2 * radius), pose=Pose((*at, z)), shape="disc"))
    return geoms, surfaces


@archetype(
    "hob",
    category="appliance",
    size_m=(0.58, 0.51, 0.05),
    scale=(0.6, 1.5),
    material="glass",
    color="#14171c",
    mass_kg=8.0,
    friction=0.4,
    affordances=("turn_on", "turn_off", "support"),
    synonyms=("cooktop", "hot plate", "induction hob", "cooking plates"),
)
def hob(size_m: Vec3) -> Assembly:
    """Four cooking plates under one sheet of dark glass, to stand on a counter."""
    x, y, z = size_m
    glass = 0.3 * z
    rings, surfaces = burners(x, 0.86 * y, z, 0.07 * y)
    marks = [
        rod(0.012, (s * 0.05 * x, -0.43 * y, z - 0.001), (s * 0.05 * x, -0.43 * y, z + 0.0006), Finish("plastic", "#5c6066"), role="visual")
        for s in (-3, -1, 1, 3)
    ]
    return Assembly(
        parts=(
            root(
                [
                    *rounded((x, y, glass), (0, 0, z - glass / 2), 0.4 * glass),
                    panel((x - 0.03, y - 0.03, z - glass), (0, 0, (z - glass) / 2), BLACK_PLASTIC),
                    *rings,
                    *marks,
                ]
            ),
        ),
        surfaces=tuple(surfaces),
    )
