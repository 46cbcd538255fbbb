"""Padded furniture: armchair, sofa, ottoman, bed. Seen as rounded cushions, touched as boxes; masses are those of real ones."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Surface, root
from lifeworld.scene.library.joinery import Finish, cushion, panel, rounded, seen, tapered_legs
from lifeworld.scene.shape import Vec3, rounded_box

DARK_WOOD = Finish("dark_wood")
FABRIC_COLORS = ("grey", "blue", "navy", "green", "beige", "red", "brown", "teal")


def couch(size_m: Vec3, seats: int) -> Assembly:
    """An armchair or sofa of so many seats: base, arms, back, one cushion a seat below and behind."""
    x, y, z = size_m
    foot, arm, arm_high = 0.13 * z, min(0.11 * z + 0.08, 0.2 * x), 0.74 * z
    seat, back = 0.53 * z, 0.24 * y
    soft = 0.2 * z
    inner = x - 2 * arm
    base_top = seat - soft
    geoms = [
        *tapered_legs(x / 2 - 0.07, y / 2 - 0.07, foot, 0.05, 0.032, splay_m=0.004, finish=DARK_WOOD, sides=12),
        seen(rounded_box((x - 0.02, y - 0.02, base_top - foot), 0.02), at_m=(0, 0, (base_top + foot) / 2)),
        panel((inner, y - back, seat - foot - 0.006), (0, -back / 2, (seat - 0.006 + foot) / 2), role="collision"),
    ]
    for side in (-1.0, 1.0):
        at = (side * (x - arm) / 2, 0.0, (arm_high + foot) / 2)
        geoms += [cushion((arm, y, arm_high - foot), at, 0.05, puff_m=0.006), panel((arm, y, arm_high - foot), at, role="collision")]
    geoms += [
        cushion((x - 0.9 * arm, 0.62 * back, z - foot - 0.02), (0, y / 2 - 0.31 * back, (z + foot) / 2 - 0.01), 0.05, puff_m=0.004),
        panel((inner, back, z - foot - 0.015), (0, (y - back) / 2, (z - 0.015 + foot) / 2), role="collision"),
    ]
    wide = inner / seats
    for i in range(seats):
        cx = -inner / 2 + (i + 0.5) * wide
        geoms += [
            cushion((wide - 0.006, y - 0.6 * back, soft + 0.01), (cx, -0.3 * back - 0.004, seat - soft / 2), 0.045, puff_m=0.012),
            cushion((wide - 0.012, 0.6 * back, z - seat + 0.02), (cx, y / 2 - 0.72 * back, (z + seat) / 2 + 0.01), 0.06, puff_m=0.018),
        ]
    room = y - back
    return Assembly(
        parts=(root(geoms),),
        surfaces=(Surface(name="seat", size_m=(inner - 0.06, room - 0.06), pose=Pose((0, -y / 2 + room / 2, seat - 0.006))),),
    )


@archetype(
    "sofa",
    category="furniture",
    size_m=(2.0, 0.9, 0.82),
    scale=(0.6, 1.5),
    material="fabric",
    options={"seats": (2, 4)},
    materials=("fabric", "leather"),
    colors=FABRIC_COLORS,
    mass_kg=55.0,
    affordances=("sit", "support"),
    synonyms=("couch", "settee", "three-seater"),
)
def sofa(size_m: Vec3, *, seats: int = 3) -> Assembly:
    """A padded sofa with arms and loose cushions."""
    return couch(size_m, seats)


@archetype(
    "armchair",
    category="furniture",
    size_m=(0.85, 0.85, 0.85),
    scale=(0.6, 1.5),
    material="fabric",
    color="#8a6a4f",
    materials=("fabric", "leather"),
    colors=FABRIC_COLORS,
    mass_kg=26.0,
    affordances=("sit", "support"),
    synonyms=("easy chair", "lounge chair"),
)
def armchair(size_m: Vec3) -> Assembly:
    """A padded chair with arms."""
    return couch(size_m, 1)


@archetype(
    "ottoman",
    category="furniture",
    size_m=(0.6, 0.5, 0.42),
    material="fabric",
    color="#b08d57",
    materials=("fabric", "leather"),
    colors=FABRIC_COLORS,
    mass_kg=9.0,
    affordances=("sit", "support"),
    synonyms=("pouffe", "footrest", "hassock"),
)
def ottoman(size_m: Vec3) -> Assembly:
    """A padded block on short legs, for feet or as a seat."""
    x, y, z = size_m
    foot = 0.22 * z
    return Assembly(
        parts=(
            root(
                [
                    *tapered_legs(x / 2 - 0.06, y / 2 - 0.06, foot, 0.045, 0.03, finish=DARK_WOOD, sides=12),
                    cushion((x, y, z - foot), (0, 0, (z + foot) / 2), 0.05, puff_m=0.006),
                    panel((x - 0.01, y - 0.01, z - foot - 0.006), (0, 0, (z - 0.006 + foot) / 2), role="collision"),
                ]
            ),
        ),
        surfaces=(Surface(name="top", size_m=(x - 0.1, y - 0.1), pose=Pose((0, 0, z - 0.006))),),
    )


@archetype(
    "bed",
    category="furniture",
    size_m=(1.6, 2.08, 1.0),
    scale=(0.5, 1.4),
    material="wood",
    options={"pillows": (0, 2)},
    materials=("wood", "dark_wood", "painted_wood", "fabric"),
    colors=("white", "black", "brown", "grey"),
    mass_kg=75.0,
    affordances=("sit", "support"),
    synonyms=("double bed", "single bed", "cot"),
)
def bed(size_m: Vec3, *, pillows: int = 2) -> Assembly:
    """A bed with a mattress, a blanket and pillows; its head is at the back."""
    x, y, z = size_m
    head, rail = 0.05, 0.03
    foot, frame_top, lying = 0.12 * z, 0.32 * z, 0.52 * z
    front, rear = -y / 2, y / 2 - head
    long, mid = rear - front, (front + rear) / 2
    sheet, blanket = Finish("fabric", "#f3f0e8"), Finish("fabric", "#5c7a99")
    geoms = [
        *rounded((x, head, z - foot), (0, y / 2 - head / 2, (z + foot) / 2), 0.015),
        *tapered_legs(x / 2 - 0.05, y / 2 - 0.05, foot, 0.06, 0.045),
        *rounded((x, long, frame_top - foot), (0, mid, (frame_top + foot) / 2), 0.012),
        cushion(
            (x - 2 * rail, long - 2 * rail, lying - frame_top + 0.03), (0, mid, (lying + frame_top - 0.03) / 2), 0.05, sheet, puff_m=0.002
        ),
        panel((x - 2 * rail, long - 2 * rail, lying - frame_top), (0, mid, (lying + frame_top) / 2), Finish("foam"), role="collision"),
    ]
    cover = 0.66 * long
    geoms.append(
        seen(
            rounded_box((x - 0.4 * rail, cover, 0.7 * (lying - frame_top)), 0.045, steps=3),
            blanket,
            (0, front + 0.6 * rail + cover / 2, lying - 0.35 * (lying - frame_top) + 0.006),
        )
    )
    geoms.append(
        seen(
            rounded_box((x - 0.3 * rail, 0.16 * long, 0.72 * (lying - frame_top)), 0.045, steps=3),
            Finish("fabric", "#e6e0d2"),
            (0, front + cover, lying - 0.35 * (lying - frame_top) + 0.008),
        )
    )
    soft = 0.26 * 0.5 * (y / 2.08) * 1.4
    room = long
    for i in range(pillows):
        wide = min(0.66, 0.46 * x if pillows == 2 else 0.7 * x)
        cx = 0.0 if pillows == 1 else (i - 0.5) * 0.48 * x
        at = (cx, rear - rail - soft, lying + 0.05)
        geoms += [
            cushion((wide, 2 * soft - 0.02, 0.13), at, 0.05, Finish("fabric", "#fbfaf6"), puff_m=0.03),
            panel((wide - 0.04, 2 * soft - 0.06, 0.085), (cx, at[1], lying + 0.0425), Finish("foam"), role="collision"),
        ]
        room = long - 2 * soft - rail
    return Assembly(
        parts=(root(geoms),),
        surfaces=(Surface(name="mattress", size_m=(x - 0.16, room - 0.12), pose=Pose((0, front + room / 2, lying))),),
    )
