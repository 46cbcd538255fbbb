"""What washes: washing machine, dishwasher."""

from __future__ import annotations

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Joint, Part, Surface, root
from lifeworld.scene.library.hollow import oval_wall
from lifeworld.scene.library.joinery import (
    BLACK_PLASTIC,
    CHROME,
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
from lifeworld.scene.shape import Mesh, Vec3, lathe

TOWARDS_FRONT = Pose((0, 0, 0), (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))  # +Z of a lathed thing becomes −Y
DRUM = Finish("steel", "#9fa4aa")


def plate_with_hole(width_m: float, height_m: float, radius_m: float, thick_m: float) -> Mesh:
    """A front with a round hole in its middle: x from −width/2, z from 0, face at y = 0, back at `thick_m`; flat-shaded."""
    w, h = width_m / 2, height_m / 2
    corner = np.arctan2(h, w)
    angles = np.sort(
        np.unique(
            np.concatenate([np.linspace(0, 2 * np.pi, 48, endpoint=False), [corner, np.pi - corner, np.pi + corner, -corner % (2 * np.pi)]])
        )
    )
    ray = np.column_stack([np.cos(angles), np.sin(angles)])
    reach = 1 / np.maximum(np.abs(ray[:, 0]) / w, np.abs(ray[:, 1]) / h)
    inner, outer = radius_m * ray + (0, h), reach[:, None] * ray + (0, h)
    n = len(angles)
    points = np.concatenate([inner, outer])
    front = np.column_stack([points[:, 0], np.zeros(2 * n), points[:, 1]])
    back = front + (0, thick_m, 0)
    i = np.arange(n)
    j = (i + 1) % n
    face = np.concatenate([np.column_stack([i, n + i, n + j]), np.column_stack([i, n + j, j])])
    sides = []
    for ring, flip in ((0, False), (n, True)):
        a, b, c, d = 4 * n + ring + i, 4 * n + ring + j, 6 * n + ring + j, 6 * n + ring + i
        quads = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
        sides.append(quads[:, ::-1] if flip else quads)
    faces = np.concatenate([face, face[:, ::-1] + 2 * n, *sides])
    return Mesh(np.concatenate([front, back, front, back]), faces.astype(np.int32), smooth=False)


def lying(geom: Geom, at_m: Vec3, turn_rad: float = 0.0) -> Geom:
    """A lathed geom or ring laid down so that its axis runs from back (its bottom) to front, its bottom's middle at `at_m`."""
    pose = Pose(at_m) @ TOWARDS_FRONT @ Pose.from_yaw((0, 0, 0), turn_rad) @ geom.pose
    return Geom(shape=geom.shape, pose=pose, material=geom.material, color=geom.color, role=geom.role)


@archetype(
    "washing_machine",
    category="appliance",
    size_m=(0.6, 0.62, 0.85),
    scale=(0.6, 1.4),
    material="steel",
    color="#f1f1ee",
    colors=("white", "silver", "black"),
    mass_kg=68.0,
    affordances=("open", "close", "turn_on", "turn_off", "fill", "support"),
    synonyms=("washer", "clothes washer", "laundry machine"),
)
def washing_machine(size_m: Vec3) -> Assembly:
    """A washing machine with a round door and a hollow drum behind it."""
    x, y, z = size_m
    foot, wall, bulge, sheet = 0.02 * z, 0.02, 0.05, 0.02
    front, rear = -y / 2 + bulge, y / 2
    tall, depth, mid = z - foot, rear - front, (rear + front) / 2
    board = 0.16 * tall
    centre, hole = foot + 0.46 * tall, 0.25 * min(x, tall)
    drum, deep = 1.16 * hole, depth - 0.12
    back = rear - 0.06
    geoms = [
        *(panel((wall, depth - sheet, tall), (s * (x - wall) / 2, mid + sheet / 2, foot + tall / 2)) for s in (-1, 1)),
        panel((x - 2 * wall, depth - sheet, wall), (0, mid + sheet / 2, foot + wall / 2)),
        *rounded((x, depth, 0.035), (0, mid, z - 0.0175), 0.006),
        panel((x - 2 * wall, wall, tall - wall), (0, rear - wall / 2, foot + tall / 2)),
        *(
            panel((0.05, 0.05, foot), (sx * (x / 2 - 0.05), mid + sy * (depth / 2 - 0.05), foot / 2), BLACK_PLASTIC)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ),
    ]
    plate_low, plate_high = foot, z - 0.035
    plate = plate_with_hole(x, 2 * (centre - plate_low), hole, sheet)
    geoms.append(seen(plate, at_m=(0, front, plate_low)))
    above = 2 * centre - plate_low
    geoms.append(panel((x, sheet, plate_high - above), (0, front + sheet / 2, (plate_high + above) / 2), role="visual"))
    geoms += [
        *(
            panel(
                (x / 2 - hole, sheet, plate_high - plate_low),
                (s * (x / 2 + hole) / 2, front + sheet / 2, (plate_high + plate_low) / 2),
                role="collision",
            )
            for s in (-1, 1)
        ),
        panel((2 * hole, sheet, centre - hole - plate_low), (0, front + sheet / 2, (centre - hole + plate_low) / 2), role="collision"),
        panel((2 * hole, sheet, plate_high - centre - hole), (0, front + sheet / 2, (plate_high + centre + hole) / 2), role="collision"),
    ]
    flat = np.pi / 8
    skin = [(0.0, 0.0), (drum, 0.0), (drum, deep), (drum - 0.004, deep), (drum - 0.004, 0.004), (0.0, 0.004)]
    seal = [(hole, 0.0), (drum, 0.0), (drum, 0.02), (hole, 0.02)]
    geoms += [
        lying(seen(lathe(skin, segments=40), DRUM), (0, back, centre)),
        lying(seen(lathe(seal, segments=40), Finish("rubber", "#55585c")), (0, back - deep, centre)),
        *(lying(g, (0, back, centre), flat) for g in oval_wall((drum, drum), (drum, drum), deep, 0.006, pieces=8, finish=DRUM)),
        panel((1.8 * drum, 0.012, 1.8 * drum), (0, back + 0.006, centre), DRUM, role="collision"),
    ]
    head = z - 0.035 - board / 2
    geoms += [
        *rounded((0.32 * x, 0.012, 0.66 * board), (-0.3 * x, front, head), 0.004),
        rod(0.3 * board, (0.02 * x, front, head), (0.02 * x, front - 0.025, head), CHROME),
        panel((0.004, 0.002, 0.2 * board), (0.02 * x, front - 0.0255, head + 0.15 * board), BLACK_PLASTIC, role="visual"),
        panel((0.26 * x, 0.003, 0.4 * board), (0.28 * x, front, head), Finish("glass", "#0c0f14"), role="visual"),
        seen(
            merged([((0.012, 0.004, 0.012), (0.19 * x + i * 0.03, front, head - 0.36 * board)) for i in range(5)]),
            Finish("plastic", "#9a9da2"),
        ),
    ]
    rim = 1.16 * hole
    bow = [(0.0, 0.006), (0.74 * hole, 0.0), (0.8 * hole, 0.03), (0.76 * hole, 0.042), (0.0, 0.028)]
    band = [(0.76 * hole, 0.008), (rim, 0.008), (rim, 0.03), (0.97 * rim, 0.042), (0.8 * hole, 0.042)]
    at = (rim, bulge - 0.003, 0.0)
    leaf = [
        lying(seen(lathe(band, segments=44), CHROME), at),
        lying(seen(lathe(bow, segments=44), Finish("glass", "#2b3138c8")), at),
        panel((2 * rim, 0.032, 1.1 * rim), (rim, 0.025, 0), role="collision"),
        panel((1.2 * rim, 0.032, 1.9 * rim), (rim, 0.025, 0), role="collision"),
        *rounded((0.03, 0.02, 0.12), (1.88 * rim, 0.008, 0), 0.006, BLACK_PLASTIC),
    ]
    door = hinged("door", (-rim, -y / 2, centre), leaf, side="left", open_rad=2.4, friction=0.3, damping=0.2)
    free = drum - 0.006  # to the flat sides of the eight-sided drum; one of them lies below
    inside = Container(
        name="inside", size_m=(0.8 * free, deep - 0.03, 1.3 * free), pose=Pose((0, back - deep / 2, centre - free)), opening="front"
    )
    top = Surface(name="top", size_m=(x - 0.04, depth - 0.04), pose=Pose((0, mid, z)))
    return Assembly(parts=(root(geoms), door), surfaces=(top,), containers=(inside,))


@archetype(
    "dishwasher",
    category="appliance",
    size_m=(0.6, 0.62, 0.85),
    scale=(0.6, 1.4),
    material="steel",
    colors=("silver", "white", "black"),
    mass_kg=42.0,
    affordances=("open", "close", "turn_on", "turn_off", "fill", "support"),
    synonyms=("dish washer", "dish washing machine"),
)
def dishwasher(size_m: Vec3) -> Assembly:
    """A dishwasher: a door hinged below, two wire racks inside."""
    x, y, z = size_m
    plinth, wall, door, reach = 0.12 * z, 0.025, 0.05, 0.035
    face, rear = -y / 2 + reach, y / 2
    front = face + door + 0.002
    depth, mid, inner = rear - front, (rear + front) / 2, x - 2 * wall
    tall = z - plinth
    geoms = [
        *(panel((wall, depth, tall), (s * (x - wall) / 2, mid, plinth + tall / 2)) for s in (-1, 1)),
        panel((inner, depth, wall), (0, mid, plinth + wall / 2)),
        *rounded((x, y / 2 - face, wall), (0, (y / 2 + face) / 2, z - wall / 2), 0.005),
        panel((inner, wall, tall - 2 * wall), (0, rear - wall / 2, plinth + tall / 2)),
        panel((x - 0.01, depth - 0.03, plinth), (0, mid + 0.015, plinth / 2), BLACK_PLASTIC),
    ]
    deep = depth - wall - 0.02
    at = rear - wall - deep / 2
    surfaces = [Surface(name="top", size_m=(x - 0.04, depth - 0.04), pose=Pose((0, mid, z)))]
    rooms = []
    levels = (plinth + wall + 0.04, plinth + wall + 0.52 * (tall - wall))
    ceiling = z - wall
    for i, level in enumerate(levels):
        above = levels[1] - 0.006 if i == 0 else ceiling
        wires: list[tuple[Vec3, Vec3]] = [
            ((inner - 0.02, 0.004, 0.004), (0, at - deep / 2 + (k + 0.5) * deep / 12, level - 0.002)) for k in range(12)
        ]
        wires += [((0.004, deep, 0.004), ((k - 2) * (inner - 0.024) / 4, at, level - 0.004)) for k in range(5)]
        wires += [((inner - 0.02, 0.004, 0.004), (0, at + s * (deep / 2 - 0.004), level + 0.09)) for s in (-1, 1)]
        wires += [((0.004, deep, 0.004), (s * (inner / 2 - 0.012), at, level + 0.09)) for s in (-1, 1)]
        wires += [
            ((0.004, 0.004, 0.09), (s * (inner / 2 - 0.012), at + (k - 2) * (deep - 0.01) / 4, level + 0.045))
            for s in (-1, 1)
            for k in range(5)
        ]
        geoms += [
            seen(merged(wires), Finish("plastic", "#aeb6bf")),
            panel((inner - 0.02, deep, 0.006), (0, at, level - 0.003), STEEL, role="collision"),
        ]
        surfaces.append(
            Surface(name=f"rack_{i + 1}", size_m=(inner - 0.06, deep - 0.05), pose=Pose((0, at, level)), clearance_m=above - level)
        )
        rooms.append(
            Container(name=f"rack_{i + 1}", size_m=(inner - 0.03, deep - 0.01, above - level), pose=Pose((0, at, level)), opening="front")
        )
    leaf_x, leaf_z = x - 0.004, tall - wall - 0.004
    part = Part(
        name="door",
        parent="body",
        pose=Pose((0, face, plinth + 0.001)),
        geoms=(
            *rounded((leaf_x, door, leaf_z), (0, door / 2, leaf_z / 2), 0.006),
            panel((leaf_x - 0.01, 0.002, 0.11 * leaf_z), (0, 0.0, 0.935 * leaf_z), BLACK_PLASTIC, role="visual"),
            panel((0.9 * leaf_x, 0.002, 0.9 * leaf_z), (0, door, 0.5 * leaf_z), Finish("plastic", "#c4c8cc"), role="visual"),
            *bar_handle(0.7 * x, (0, 0, 0.84 * leaf_z), reach_m=reach, radius_m=0.008, finish=CHROME),
        ),
        joint=Joint(name="door", kind="hinge", axis=(1, 0, 0), range=(0.0, 1.5), damping=1.5, friction=2.0),
    )
    return Assembly(parts=(root(geoms), part), surfaces=tuple(surfaces), containers=tuple(rooms))
