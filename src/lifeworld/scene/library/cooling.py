"""What keeps things cold: the refrigerator, with its freezer."""

from __future__ import annotations

from lifeworld.core.pose import Pose
from lifeworld.scene.archetype import archetype
from lifeworld.scene.assembly import Assembly, Container, Geom, Part, Surface, root
from lifeworld.scene.library.joinery import BLACK_PLASTIC, CLEAR_GLASS, STEEL, Finish, bar_handle, hinged, merged, panel, rounded, seen
from lifeworld.scene.shape import Vec3

LINER = Finish("plastic", "#f4f6f6")
REACH_M = 0.035
RACK_M = 0.075  # how far the racks stand out from the inside of the door


def cold_room(
    name: str, x: float, y_m: tuple[float, float], z_m: tuple[float, float], shelves: int, rack_m: float
) -> tuple[list[Geom], list[Surface], list[Container]]:
    """The inside of a compartment between `z_m`: lining, glass shelves that leave room for the racks of the door, and the bays between."""
    front, rear = y_m
    low, high = z_m
    tall, deep, mid = high - low, rear - front, (rear + front) / 2
    skin, glass = 0.001, 0.006
    lining: list[tuple[Vec3, Vec3]] = [
        *(((skin, deep, tall), (s * (x - skin) / 2, mid, low + tall / 2)) for s in (-1.0, 1.0)),
        ((x, deep, skin), (0, mid, low + skin / 2)),
        ((x, deep, skin), (0, mid, high - skin / 2)),
        ((x, skin, tall), (0, rear - skin / 2, low + tall / 2)),
    ]
    geoms = [seen(merged(lining), LINER)]
    depth = deep - rack_m - 0.03
    at = rear - depth / 2
    pitch = (tall + glass) / (shelves + 1)
    surfaces, rooms = [], []
    for i in range(shelves + 1):
        floor = low + i * pitch
        room = pitch - glass
        if i:
            geoms += [
                panel((x, depth, glass), (0, at, floor - glass / 2), CLEAR_GLASS),
                panel((x, 0.008, 0.014), (0, rear - depth - 0.004, floor - glass / 2), LINER, role="visual"),
            ]
        surfaces.append(Surface(name=f"{name}_{i + 1}", size_m=(x - 0.02, depth - 0.03), pose=Pose((0, at, floor)), clearance_m=room))
        rooms.append(Container(name=f"{name}_{i + 1}", size_m=(x - 0.004, depth, room), pose=Pose((0, at, floor)), opening="front"))
    return geoms, surfaces, rooms


def rack(width: float, at: Vec3, depth: float, tall: float) -> list[Geom]:
    """A rack on the inside of a door: a floor, a lip, two ends; `at` is the middle of its floor at the door."""
    x, y, z = at
    return [
        panel((width, depth, 0.005), (x, y + depth / 2, z + 0.0025), LINER),
        panel((width, 0.005, tall), (x, y + depth - 0.0025, z + tall / 2), CLEAR_GLASS),
        *(
            panel((0.005, depth - 0.005, tall), (x + s * (width - 0.005) / 2, y + (depth - 0.005) / 2, z + tall / 2), LINER, role="visual")
            for s in (-1, 1)
        ),
    ]


@archetype(
    "fridge",
    category="appliance",
    size_m=(0.6, 0.68, 1.8),
    scale=(0.5, 1.4),
    material="steel",
    color="#dfe2e4",
    options={"shelves": (1, 4), "hinge": ("left", "right")},
    colors=("silver", "white", "black", "red", "beige"),
    mass_kg=65.0,
    affordances=("open", "close", "fill", "support"),
    synonyms=("refrigerator", "icebox", "fridge freezer"),
)
def fridge(size_m: Vec3, *, shelves: int = 3, hinge: str = "right") -> Assembly:
    """A refrigerator above a freezer; shelves and door racks inside."""
    x, y, z = size_m
    wall, door, foot = 0.08 * x, 0.09 * x, 0.03 * z
    face, rear = -y / 2 + REACH_M, y / 2
    front = face + door + 0.002
    split = foot + 0.34 * (z - foot)
    depth, mid, inner = rear - front, (rear + front) / 2, x - 2 * wall
    geoms = [
        *(panel((wall, depth, z - foot), (s * (x - wall) / 2, mid, (z + foot) / 2)) for s in (-1, 1)),
        *rounded((x, depth, wall), (0, mid, z - wall / 2), 0.006),
        panel((inner, depth, wall), (0, mid, foot + wall / 2)),
        panel((inner, depth - wall, wall), (0, mid - wall / 2, split)),
        panel((inner, wall, z - foot - 2 * wall), (0, rear - wall / 2, (z + foot) / 2)),
        panel((0.94 * x, 0.86 * depth, foot), (0, mid + 0.05 * depth, foot / 2), BLACK_PLASTIC),
    ]
    room_y = (front, rear - wall)
    cold, surfaces, rooms = cold_room("shelf", inner, room_y, (split + wall / 2, z - wall), shelves, RACK_M)
    ice, more, boxes = cold_room("freezer", inner, room_y, (foot + wall, split - wall / 2), 1, 0.0)
    side = "left" if hinge == "left" else "right"
    edge = -(x / 2) if side == "left" else x / 2
    parts: list[Part] = []
    for name, low, high in (("door", split + 0.002, z), ("freezer_door", foot + 0.004, split - 0.002)):
        tall = high - low
        leaf = [
            *rounded((x, door, tall), (x / 2, door / 2, tall / 2), 0.012, touch=Finish(None)),
            panel((0.9 * inner, 0.004, tall - 2 * wall), (x / 2, door, tall / 2), LINER, role="visual"),
            *bar_handle(
                min(0.5, 0.55 * tall),
                (0.92 * x, 0, 0.3 * tall if name == "door" else 0.68 * tall),
                along="z",
                reach_m=REACH_M,
                finish=STEEL,
                radius_m=0.009,
            ),
        ]
        if name == "door":
            clear = tall - wall - 0.05
            for i in range(3):
                at = (x / 2, door + 0.002, wall + 0.02 + i * clear / 3)
                leaf += rack(0.84 * inner, at, RACK_M, min(0.06, 0.25 * clear / 3))
                gap = clear / 3 - 0.005 if i < 2 else tall - wall - at[2] - 0.01
                sign = 1.0 if side == "left" else -1.0
                surfaces.append(
                    Surface(
                        name=f"rack_{i + 1}",
                        part="door",
                        size_m=(0.84 * inner - 0.03, RACK_M - 0.012),
                        pose=Pose((sign * x / 2, at[1] + RACK_M / 2 - 0.003, at[2] + 0.005)),
                        clearance_m=gap,
                    )
                )
        parts.append(
            hinged(name, (edge, face, low), leaf, side="left" if side == "left" else "right", friction=0.8, damping=0.8, open_rad=2.0)
        )
    top = Surface(name="top", size_m=(x - 0.04, depth - 0.04), pose=Pose((0, mid, z)))
    return Assembly(parts=(root(geoms + cold + ice), *parts), surfaces=(*surfaces, *more, top), containers=(*rooms, *boxes))
