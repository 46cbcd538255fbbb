"""What opens in a wall, and the switch beside it: door, window, light switch. All are fixed; only leaves, handles and rockers move."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Geom, Joint, Part, root
from lifeworld.scene.library.joinery import CLEAR_GLASS, Finish, hinged, merged, mirrored, panel, rod, rounded, seen
from lifeworld.scene.shape import Cylinder, Vec3, rounded_box

NICKEL = Finish("aluminium", "#aeb3b8")
Side = Literal["left", "right"]


def leaf_face(width: float, height: float, thick: float, style: str) -> list[Geom]:
    """The leaf of a room door from x = 0, seen from both sides: four sunk panels, flat, or a tall pane."""
    w, h, t = width, height, thick
    if style == "slab":
        return rounded((w, t, h), (w / 2, t / 2, h / 2), 0.003)
    stile, top, bottom = min(0.12, 0.16 * w), 0.06 * h, 0.1 * h
    if style == "glass":
        blocks: list[tuple[Vec3, Vec3]] = [
            ((stile, t, h), (stile / 2, t / 2, h / 2)),
            ((stile, t, h), (w - stile / 2, t / 2, h / 2)),
            ((w - 2 * stile, t, top), (w / 2, t / 2, h - top / 2)),
            ((w - 2 * stile, t, 2 * bottom), (w / 2, t / 2, bottom)),
        ]
        pane = (w - 2 * stile, 0.006, h - top - 2 * bottom)
        return [*(panel(size, at) for size, at in blocks), panel(pane, (w / 2, t / 2, (h - top + 2 * bottom) / 2), CLEAR_GLASS)]
    middle = 0.44 * h
    sunk = 0.012
    blocks = [
        ((stile, t, h), (stile / 2, t / 2, h / 2)),
        ((stile, t, h), (w - stile / 2, t / 2, h / 2)),
        ((stile, t, middle - stile / 2 - bottom), (w / 2, t / 2, (middle - stile / 2 + bottom) / 2)),
        ((stile, t, h - top - middle - stile / 2), (w / 2, t / 2, (h - top + middle + stile / 2) / 2)),
    ]
    blocks += [((w - 2 * stile, t, high), (w / 2, t / 2, at)) for high, at in ((bottom, bottom / 2), (stile, middle), (top, h - top / 2))]
    blocks.append(((w - 2 * stile, t - 2 * sunk, h - bottom - top), (w / 2, t / 2, (h + bottom - top) / 2)))
    cell = (w - 3 * stile) / 2
    for sx in (-1, 1):
        for low, high in ((bottom, middle - stile / 2), (middle + stile / 2, h - top)):
            blocks.append(((cell - 0.05, t - 0.012, high - low - 0.05), (w / 2 + sx * (cell + stile) / 2, t / 2, (low + high) / 2)))
    return [seen(merged(blocks)), panel((w, t, h), (w / 2, t / 2, h / 2), role="collision")]


@archetype(
    "door",
    category="opening",
    size_m=(0.9, 0.16, 2.05),
    scale=(0.7, 1.5),
    material="painted_wood",
    fixed=True,
    options={"hinge": ("left", "right"), "style": ("panel", "slab", "glass")},
    materials=("painted_wood", "wood", "dark_wood"),
    colors=("white", "brown", "green", "navy", "red", "grey"),
    affordances=("open", "close"),
    synonyms=("room door", "front door"),
)
def door(size_m: Vec3, *, hinge: str = "left", style: str = "panel") -> Assembly:
    """A door in its frame with a lever handle; it opens towards the front."""
    x, y, z = size_m
    jamb, thick, air, grip = 0.04, min(0.04, 0.3 * y), 0.004, 0.009
    deep, stop = 0.66 * y, 0.015
    geoms = [
        *(panel((jamb, deep, z), (s * (x - jamb) / 2, 0, z / 2)) for s in (-1, 1)),
        panel((x - 2 * jamb, deep, jamb), (0, 0, z - jamb / 2)),
    ]
    strips: list[tuple[Vec3, Vec3]] = []
    rebate = thick / 2 + 0.002 + stop / 2
    strips += [((stop, stop, z - jamb), (s * (x / 2 - jamb - stop / 2), rebate, (z - jamb) / 2)) for s in (-1, 1)]
    strips.append(((x - 2 * jamb, stop, stop), (0, rebate, z - jamb - stop / 2)))
    geoms.append(seen(merged(strips)))
    side: Side = "left" if hinge == "left" else "right"
    sign = 1.0 if side == "left" else -1.0
    wide, tall = x - 2 * jamb - 2 * air, z - jamb - 0.008 - air
    leaf = leaf_face(wide, tall, thick, style)
    plates: list[tuple[Vec3, Vec3]] = [((0.04, 0.004, 0.2), (wide - 0.06, face, 0.49 * tall - 0.04)) for face in (-0.002, thick + 0.002)]
    leaf += [seen(merged(plates), NICKEL)]
    leaf += [
        rod(0.008, (0.0, -0.006, share * tall - 0.04), (0.0, -0.006, share * tall + 0.04), NICKEL, role="visual") for share in (0.12, 0.88)
    ]
    part = hinged("leaf", (-sign * (x / 2 - jamb - air), -thick / 2, 0.008), leaf, side=side, open_rad=1.6, friction=1.0, damping=2.0)
    reach = y / 2 - grip
    lever: list[Geom] = [rod(grip, (0, -reach, 0), (0, reach, 0), NICKEL)]
    for face in (-reach, reach):
        lever.append(rod(grip, (grip, face, 0), (-0.12, face, 0), NICKEL, round_ends=True))
    handle = Part(
        name="handle",
        parent="leaf",
        geoms=tuple(lever if side == "left" else [mirrored(g) for g in lever]),
        pose=Pose((sign * (wide - 0.06), thick / 2, 0.49 * tall)),
        joint=Joint(name="handle", kind="hinge", axis=(0, -sign, 0), range=(0.0, 0.7), damping=0.05, friction=0.02, spring=6.0),
    )
    return Assembly(parts=(root(geoms), part, handle))


@archetype(
    "window",
    category="opening",
    size_m=(1.0, 0.14, 1.1),
    scale=(0.4, 2.2),
    material="painted_wood",
    fixed=True,
    options={"sashes": (1, 2)},
    materials=("painted_wood", "wood", "dark_wood", "plastic"),
    colors=("white", "brown", "grey", "green"),
    affordances=("open", "close"),
    synonyms=("casement", "window frame"),
)
def window(size_m: Vec3, *, sashes: int = 2) -> Assembly:
    """A window with one or two glazed sashes; they open towards the front."""
    x, y, z = size_m
    knob, bar, thick, air = 0.035, min(0.045, 0.1 * min(x, z)), min(0.045, 0.3 * y), 0.003
    face, rear = -y / 2 + knob, y / 2
    deep, mid = rear - face, (rear + face) / 2
    geoms = [
        *(panel((bar, deep, z), (s * (x - bar) / 2, mid, z / 2)) for s in (-1, 1)),
        *(panel((x - 2 * bar, deep, bar), (0, mid, at)) for at in (bar / 2, z - bar / 2)),
    ]
    inner, tall = x - 2 * bar - 2 * air, z - 2 * bar - 2 * air
    wide = inner / sashes - (air / 2 if sashes == 2 else 0.0)
    parts = []
    pairs: tuple[tuple[str, Side], ...] = (("sash_left", "left"), ("sash_right", "right")) if sashes == 2 else (("sash", "left"),)
    for name, side in pairs:
        rail = 0.9 * bar
        leaf = [
            *(panel((rail, thick, tall), (at, thick / 2, tall / 2)) for at in (rail / 2, wide - rail / 2)),
            *(panel((wide - 2 * rail, thick, rail), (wide / 2, thick / 2, at)) for at in (rail / 2, tall - rail / 2)),
            panel((wide - 2 * rail, 0.006, tall - 2 * rail), (wide / 2, thick / 2, tall / 2), CLEAR_GLASS),
        ]
        if side == "left":
            at = wide - rail / 2
            leaf += [
                rod(0.007, (at, 0, tall / 2), (at, -knob + 0.006, tall / 2), NICKEL, role="visual"),
                *rounded((0.018, 0.012, min(0.11, 0.3 * tall)), (at, -knob + 0.006, tall / 2 - min(0.045, 0.12 * tall)), 0.005, NICKEL),
            ]
        edge = x / 2 - bar - air
        parts.append(
            hinged(name, (-edge if side == "left" else edge, face, bar + air), leaf, side=side, open_rad=1.6, friction=0.8, damping=0.6)
        )
    return Assembly(parts=(root(geoms), *parts))


@archetype(
    "light_switch",
    category="opening",
    size_m=(0.085, 0.022, 0.085),
    scale=(0.7, 2.0),
    material="plastic",
    color="#f5f4ef",
    fixed=True,
    hangs_m=1.05,
    colors=("white", "ivory", "black", "silver"),
    affordances=("press", "turn_on", "turn_off"),
    synonyms=("switch", "wall switch"),
)
def light_switch(size_m: Vec3) -> Assembly:
    """A rocker on a plate, its back against a wall; pressed at the bottom it is on."""
    x, y, z = size_m
    plate, swing = 0.45 * y, 0.2
    thick = 0.55 * y
    wide, tall = 0.48 * x, 0.66 * z
    geoms = [
        *rounded((x, plate, z), (0, y / 2 - plate / 2, z / 2), 0.3 * plate, steps=3),
        seen(merged([((wide + 0.003, 0.0006, tall + 0.003), (0, y / 2 - plate, z / 2))]), Finish("plastic", "#9b9b97")),
    ]
    rocker = [
        Geom(shape=rounded_box((wide, thick, tall), 0.15 * thick), role="visual"),
        panel((wide, thick, tall), (0, 0, 0), role="collision"),
        Geom(
            shape=Cylinder(0.05 * tall, 0.001),
            pose=Pose((0, -thick / 2, 0.34 * tall), (np.sqrt(0.5), np.sqrt(0.5), 0, 0)),
            color="#c0392b",
            role="visual",
        ),
    ]
    tilt = swing / 2
    part = Part(
        name="rocker",
        parent="body",
        geoms=tuple(rocker),
        pose=Pose((0, y / 2 - plate - 0.1 * thick, z / 2), (np.cos(tilt / 2), -np.sin(tilt / 2), 0, 0)),
        joint=Joint(name="rocker", kind="hinge", axis=(1, 0, 0), range=(0.0, swing), damping=0.002, friction=0.01),
    )
    return Assembly(parts=(root(geoms), part))
