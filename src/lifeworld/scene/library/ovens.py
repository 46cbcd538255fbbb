"""What heats: oven, stove, microwave. Each has a hollow cavity behind a door."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.joinery import (
    BLACK_METAL,
    BLACK_PLASTIC,
    CHROME,
    DARK_GLASS,
    STEEL,
    Finish,
    bar_handle,
    hinged,
    merged,
    panel,
    rod,
    rounded,
    seen,
)
from lifeworld.scene.library.kitchen import burners
from lifeworld.scene.shape import Cylinder, Vec3

ENAMEL = Finish("steel", "#3d4046")
REACH_M = 0.035


def oven_box(x: float, y_m: tuple[float, float], z_m: tuple[float, float]) -> tuple[list[Geom], Part, Surface, Container]:
    """An oven between `y_m` (face of the door, back) and `z_m`: walls, a door hinged below, the rack inside and the room above it."""
    face, rear = y_m
    low, high = z_m
    door, wall = 0.035, 0.05
    front = face + door + 0.002
    tall, depth, mid = high - low, rear - front, (rear + front) / 2
    inner, room = x - 2 * wall, tall - 2 * wall
    geoms = [
        *(panel((wall, depth, tall), (s * (x - wall) / 2, mid, low + tall / 2)) for s in (-1, 1)),
        panel((inner, depth, wall), (0, mid, low + wall / 2)),
        panel((inner, depth, wall), (0, mid, high - wall / 2)),
        panel((inner, wall, room), (0, rear - wall / 2, low + tall / 2)),
    ]
    skin = 0.001
    deep = depth - wall
    lining: list[tuple[Vec3, Vec3]] = [
        *(((skin, deep, room), (s * (inner - skin) / 2, front + deep / 2, low + tall / 2)) for s in (-1.0, 1.0)),
        ((inner, deep, skin), (0, front + deep / 2, low + wall + skin / 2)),
        ((inner, deep, skin), (0, front + deep / 2, high - wall - skin / 2)),
        ((inner, skin, room), (0, rear - wall - skin / 2, low + tall / 2)),
    ]
    geoms.append(seen(merged(lining), ENAMEL))
    rack = low + wall + 0.25 * room
    bars: list[tuple[Vec3, Vec3]] = [((inner, 0.005, 0.005), (0, front + 0.03 + i * (deep - 0.05) / 9, rack)) for i in range(10)]
    bars += [((0.005, deep - 0.03, 0.005), (s * (inner / 2 - 0.01), front + deep / 2, rack - 0.003)) for s in (-1.0, 1.0)]
    geoms += [seen(merged(bars), CHROME), panel((inner, deep - 0.03, 0.006), (0, front + deep / 2, rack), STEEL, role="collision")]
    leaf = x - 0.004
    part = Part(
        name="door",
        parent="body",
        pose=Pose((0, face, low + 0.001)),
        geoms=(
            *rounded((leaf, door, tall - 0.002), (0, door / 2, tall / 2), 0.006, DARK_GLASS, touch=STEEL),
            panel((0.78 * leaf, 0.002, 0.6 * tall), (0, -0.0002, 0.44 * tall), Finish("glass", "#2a2f38"), role="visual"),
            panel((0.9 * leaf, 0.002, 0.86 * tall), (0, door + 0.0005, 0.48 * tall), ENAMEL, role="visual"),
            *bar_handle(0.8 * x, (0, 0, 0.88 * tall), reach_m=REACH_M, radius_m=0.009, finish=STEEL),
        ),
        joint=Joint(name="door", kind="hinge", axis=(1, 0, 0), range=(0.0, 1.5), damping=1.5, friction=2.0),
    )
    top = rack + 0.003
    shelf = Surface(name="rack", size_m=(inner - 0.03, deep - 0.06), pose=Pose((0, front + deep / 2, top)), clearance_m=high - wall - top)
    cavity = Container(
        name="inside", size_m=(inner - 0.004, deep - 0.034, high - wall - top), pose=Pose((0, front + deep / 2, top)), opening="front"
    )
    return geoms, part, shelf, cavity


def controls(x: float, face: float, z: float, knobs: int, *, tall: float) -> list[Geom]:
    """A row of knobs and a clock on a panel whose face is at y = `face`, centred at height z."""
    radius = min(0.021, 0.36 * tall)
    geoms = [panel((0.16 * x, 0.002, 0.45 * tall), (0, face - 0.0005, z), Finish("glass", "#0c0f14"), role="visual")]
    half = knobs // 2
    for i in range(knobs):
        at = (-0.42 + 0.12 * i) * x if i < half else (0.42 - 0.12 * (knobs - 1 - i)) * x
        geoms += [
            rod(radius, (at, face, z), (at, face - 0.024, z), BLACK_PLASTIC),
            panel((0.003, 0.002, radius), (at, face - 0.0245, z + 0.5 * radius), CHROME, role="visual"),
        ]
    clock: list[tuple[Vec3, Vec3]] = [
        ((0.006, 0.001, 0.014), (k * 0.011 + (0.003 if k > 0 else -0.003), face - 0.002, z)) for k in (-2, -1, 1, 2)
    ]
    geoms.append(seen(merged(clock), Finish("plastic", "#7fd6c2")))
    return geoms


@archetype(
    "oven",
    category="appliance",
    size_m=(0.6, 0.6, 0.6),
    scale=(0.6, 1.5),
    material="steel",
    colors=("silver", "white", "black"),
    mass_kg=34.0,
    affordances=("open", "close", "turn_on", "turn_off", "fill", "support"),
    synonyms=("baking oven", "built-in oven"),
)
def oven(size_m: Vec3) -> Assembly:
    """An oven with a door hinged below, a rack, and a row of knobs above."""
    x, y, z = size_m
    face = -y / 2 + REACH_M
    low, high = 0.1 * z, 0.82 * z
    geoms, door, rack, inside = oven_box(x, (face, y / 2), (low, high))
    front = face + 0.01
    deep, mid = y / 2 - front, (y / 2 + front) / 2
    geoms += [
        *rounded((x, deep, z - high), (0, mid, (z + high) / 2), 0.004),
        panel((x, deep - 0.04, low), (0, mid + 0.02, low / 2), BLACK_METAL),
        *controls(x, front, (z + high) / 2, 4, tall=z - high),
    ]
    top = Surface(name="top", size_m=(x - 0.04, deep - 0.04), pose=Pose((0, mid, z)))
    return Assembly(parts=(root(geoms), door), surfaces=(top, rack), containers=(inside,))


@archetype(
    "stove",
    category="appliance",
    size_m=(0.6, 0.64, 0.9),
    scale=(0.6, 1.5),
    material="steel",
    color="#eceae4",
    colors=("white", "silver", "black"),
    mass_kg=48.0,
    affordances=("open", "close", "turn_on", "turn_off", "support", "fill"),
    synonyms=("cooker", "range", "kitchen stove"),
)
def stove(size_m: Vec3) -> Assembly:
    """A standing cooker: four plates on top, knobs in front, an oven below."""
    x, y, z = size_m
    face = -y / 2 + REACH_M
    base, low, high, glass = 0.06 * z, 0.2 * z, 0.85 * z, 0.02
    geoms, door, rack, inside = oven_box(x, (face, y / 2), (low, high))
    front = face + 0.01
    deep, mid = y / 2 - front, (y / 2 + front) / 2
    rings, plates = burners(x, deep, z, mid)
    geoms += [
        *rounded((x, deep, z - glass - high), (0, mid, (z - glass + high) / 2), 0.004),
        *rounded((x, y / 2 - face, glass), (0, (y / 2 + face) / 2, z - glass / 2), 0.006, DARK_GLASS),
        *controls(x, front, (z - glass + high) / 2, 6, tall=z - glass - high),
        *rounded((x - 0.004, 0.02, low - base - 0.008), (0, face + 0.012, (low + base) / 2), 0.004),
        panel((x, deep - 0.02, low - base), (0, mid + 0.01, (low + base) / 2)),
        panel((x - 0.02, deep - 0.06, base), (0, mid + 0.03, base / 2), BLACK_METAL),
        *rings,
    ]
    return Assembly(parts=(root(geoms), door), surfaces=(*plates, rack), containers=(inside,))


@archetype(
    "microwave",
    category="appliance",
    size_m=(0.49, 0.38, 0.29),
    scale=(0.6, 1.5),
    material="steel",
    color="#c9ccd0",
    colors=("silver", "white", "black", "red"),
    mass_kg=12.0,
    affordances=("open", "close", "turn_on", "turn_off", "fill", "support", "press"),
    synonyms=("microwave oven",),
)
def microwave(size_m: Vec3) -> Assembly:
    """A microwave oven: a door with a turntable behind it, buttons at the right."""
    x, y, z = size_m
    foot, wall, door = 0.035 * z, 0.02, 0.028
    face, rear = -y / 2 + 0.03, y / 2
    front = face + door + 0.002
    wide = 0.76 * x  # the door and the cavity behind it
    keys = x - wide
    tall, depth, mid = z - foot, rear - front, (rear + front) / 2
    cavity = wide - wall
    at = -x / 2 + wall + cavity / 2
    room, deep = tall - 2 * wall, depth - wall
    centre = front + deep / 2
    geoms = [
        *rounded((x, depth, wall), (0, mid, z - wall / 2), 0.004),
        panel((x, depth, wall), (0, mid, foot + wall / 2)),
        panel((wall, depth, room), (-x / 2 + wall / 2, mid, foot + tall / 2)),
        panel((cavity, wall, room), (at, rear - wall / 2, foot + tall / 2)),
        panel((keys, depth, room), (x / 2 - keys / 2, mid, foot + tall / 2)),
        *(
            panel((0.04, 0.04, foot), (sx * (x / 2 - 0.04), mid + sy * (depth / 2 - 0.04), foot / 2), BLACK_PLASTIC)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
    ]
    skin = 0.001
    lining: list[tuple[Vec3, Vec3]] = [
        *(((skin, deep, room), (at + s * (cavity - skin) / 2, centre, foot + tall / 2)) for s in (-1.0, 1.0)),
        ((cavity, deep, skin), (at, centre, foot + wall + skin / 2)),
        ((cavity, deep, skin), (at, centre, z - wall - skin / 2)),
        ((cavity, skin, room), (at, rear - wall - skin / 2, foot + tall / 2)),
    ]
    plate, radius = 0.006, 0.46 * min(cavity, deep)
    bottom = foot + wall + 0.008 + plate
    board = x / 2 - keys / 2
    geoms += [
        seen(merged(lining), Finish("plastic", "#eceae2")),
        rod(0.02, (at, centre, foot + wall), (at, centre, bottom - plate), BLACK_PLASTIC, role="visual"),
        Geom(shape=Cylinder(radius, plate), pose=Pose((at, centre, bottom - plate / 2)), material="glass", color="#d5ecf0a0"),
        panel((cavity, deep, 0.008), (at, centre, foot + wall + 0.004), role="collision"),
        *rounded((keys - 0.002, door, tall), (board, face + door / 2 + 0.001, foot + tall / 2), 0.005, BLACK_PLASTIC),
        panel((0.7 * keys, 0.002, 0.14 * tall), (board, face, foot + 0.84 * tall), Finish("glass", "#0a1714"), role="visual"),
    ]
    buttons: list[tuple[Vec3, Vec3]] = [
        ((0.18 * keys, 0.003, 0.07 * tall), (board + (c - 1) * 0.25 * keys, face, foot + (0.66 - 0.11 * r) * tall))
        for r in range(4)
        for c in range(3)
    ]
    digits: list[tuple[Vec3, Vec3]] = [
        ((0.006, 0.001, 0.012), (board + k * 0.011, face - 0.0015, foot + 0.84 * tall)) for k in (-1.5, -0.5, 0.5, 1.5)
    ]
    geoms += [
        seen(merged(buttons), Finish("plastic", "#6d7178")),
        seen(merged(digits), Finish("plastic", "#6ee7c8")),
        *rounded((0.6 * keys, 0.006, 0.12 * tall), (board, face - 0.002, foot + 0.12 * tall), 0.003, Finish("plastic", "#8b9097")),
    ]
    leaf = wide - 0.004
    part = hinged(
        "door",
        (-x / 2 + 0.001, face, foot + 0.001),
        [
            *rounded((leaf, door, tall - 0.002), (leaf / 2, door / 2, tall / 2), 0.005, BLACK_PLASTIC, touch=STEEL),
            panel((0.7 * leaf, 0.002, 0.62 * tall), (0.46 * leaf, 0, 0.5 * tall), Finish("glass", "#2b313a"), role="visual"),
            *bar_handle(0.7 * tall, (leaf - 0.022, 0, 0.5 * tall), along="z", finish=STEEL, radius_m=0.007),
        ],
        side="left",
        open_rad=1.8,
        friction=0.25,
        damping=0.15,
    )
    box = Container(name="inside", size_m=(1.4 * radius, 1.4 * radius, z - wall - bottom), pose=Pose((at, centre, bottom)), opening="front")
    top = Surface(name="top", size_m=(x - 0.03, depth - 0.03), pose=Pose((0, mid, z)))
    turntable = Surface(
        name="turntable", size_m=(2 * radius, 2 * radius), pose=Pose((at, centre, bottom)), shape="disc", clearance_m=z - wall - bottom
    )
    return Assembly(parts=(root(geoms), part), surfaces=(turntable, top), containers=(box,))
