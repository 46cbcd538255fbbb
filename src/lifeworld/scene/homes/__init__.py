"""Rooms and homes drawn from a distribution: the same parameters and seed give the same scene, furnished, with every walkway free.

    from lifeworld.scene.homes import home, room
    scene = room("kitchen", seed=3)
    scene = home(4, seed=3)

First the plan (`plan`: rooms, doors, windows), then the building (`shell`), then furniture in ensembles that go together
(`ensemble`, `furniture`) put where doors still open and one still walks (`floor`), then small things by relations (`contents`).
What comes back has a pose for everything and rests; `settle` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from lifeworld.core.errors import LimitError, PlacementError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.core.seed import child_seed, generator
from lifeworld.scene.homes.contents import Standing, fill, free_name
from lifeworld.scene.homes.floor import Floor, Put
from lifeworld.scene.homes.furniture import ROOMS
from lifeworld.scene.homes.plan import HEIGHT_M, Plan, RoomPlan, many_rooms, one_room
from lifeworld.scene.homes.shell import shell
from lifeworld.scene.homes.style import STYLES, Style, style_of
from lifeworld.scene.room import Room
from lifeworld.scene.scene import CameraMount, Ground, Light, Scene, Thing
from lifeworld.scene.space import SPACE_KINDS, Space, SpaceKind

__all__ = ["HOMES", "STYLES", "home", "room"]

HOMES: dict[int, tuple[SpaceKind, ...]] = {
    2: ("living_room", "bedroom"),
    3: ("living_room", "kitchen", "bedroom"),
    4: ("living_room", "kitchen", "bedroom", "bathroom"),
    5: ("living_room", "kitchen", "bedroom", "bathroom", "bedroom"),
    6: ("living_room", "kitchen", "bedroom", "bathroom", "bedroom", "hall"),
    7: ("living_room", "kitchen", "bedroom", "bathroom", "bedroom", "hall", "office"),
    8: ("living_room", "kitchen", "bedroom", "bathroom", "bedroom", "hall", "office", "bathroom"),
}
"""Which rooms a home of so many has."""
MOST_THINGS = 600
PLANS = 12
"""How many plans are drawn until everything fits."""
TRIES = 4
"""How often a room is furnished anew, until all that was drawn for it fits; then the fullest is taken, or another plan drawn."""
OPTIONAL_SHARE = 0.55
"""Where a number of things is asked for, furniture takes at most about this share of it."""
EYES_M, ABOVE_DEG = 2.35, 24.0
"""How high the camera in the corner hangs; how wide the one above sees: little, so that walls hide little."""


def room(
    kind: SpaceKind,
    *,
    seed: int,
    furnished: bool = True,
    things: int | None = None,
    size_m: tuple[float, float] | None = None,
    density: float = 1.0,
    style: str | None = None,
) -> Scene:
    """A single room with walls, a door and windows; every thing placed.

    Args:
        furnished: whether there is anything in it but the building.
        things: how many things in all, walls and doors among them, as near as that can be done; None: as many as come.
        size_m: floor between the walls (x, y); drawn where not given.
        density: how full tables and shelves are, 1 being usual.
        style: one of `STYLES`; drawn where not given.

    Raises:
        UnknownName: for a kind of room or a style there is not.
        LimitError: for a size, a number or a density out of bounds.
        PlacementError: `no_room`, where what such a room must have fits in none of many ways.
    """
    if kind not in SPACE_KINDS:
        raise UnknownName("kind of room", str(kind), SPACE_KINDS)
    title = f"A {kind.replace('_', ' ')}, drawn with seed {seed}"
    wanted = _Wanted(name=kind, title=title, seed=seed, furnished=furnished, things=things, density=density, style=style)
    return _drawn(lambda rng: one_room(kind, rng, size_m), wanted)


def home(
    rooms: int | Sequence[SpaceKind] = 4,
    *,
    seed: int,
    furnished: bool = True,
    things: int | None = None,
    density: float = 1.0,
    style: str | None = None,
) -> Scene:
    """A home of 2 to 8 rooms (a number, or their kinds), connected by doors, with windows to the outside; parameters as `room`.

    Raises:
        UnknownName, LimitError, PlacementError: as `room`.
    """
    if isinstance(rooms, int):
        if rooms not in HOMES:
            raise LimitError("a home of so many rooms is not made", got=rooms, expected=f"{min(HOMES)} to {max(HOMES)}")
        rooms = HOMES[rooms]
    for kind in rooms:
        if kind not in SPACE_KINDS:
            raise UnknownName("kind of room", str(kind), SPACE_KINDS)
    if not min(HOMES) <= len(rooms) <= max(HOMES):
        raise LimitError("a home of so many rooms is not made", got=len(rooms), expected=f"{min(HOMES)} to {max(HOMES)}")
    title, kinds = f"A home of {len(rooms)} rooms, drawn with seed {seed}", tuple(rooms)
    wanted = _Wanted(name="home", title=title, seed=seed, furnished=furnished, things=things, density=density, style=style)
    return _drawn(lambda rng: many_rooms(kinds, rng), wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is asked for, beside the plan."""

    name: str
    title: str
    seed: int
    furnished: bool
    things: int | None
    density: float
    style: str | None

    def __post_init__(self) -> None:
        if not 0.0 <= self.density <= 3.0:
            raise LimitError("density is out of bounds", got=self.density, expected="0 to 3")
        if self.things is not None and not 1 <= self.things <= MOST_THINGS:
            raise LimitError("so many things are not made", got=self.things, expected=f"1 to {MOST_THINGS}")


def _drawn(plan_of: Callable[[Generator], Plan], wanted: _Wanted) -> Scene:
    """The first of several plans in whose rooms everything fits that they must have.

    Raises:
        PlacementError: what the last of them lacked.
    """
    for number in range(PLANS):
        try:
            return _scene(plan_of(generator(wanted.seed, "homes", "plan", number)), wanted)
        except PlacementError as error:
            last = error
    raise last


def _scene(plan: Plan, wanted: _Wanted) -> Scene:
    seed, furnished, things, density = wanted.seed, wanted.furnished, wanted.things, wanted.density
    style = style_of(wanted.style, generator(seed, "homes", "style"))
    taken = {r.name for r in plan.rooms} | {"front", "above", "sun"} | {f"light_{r.name}" for r in plan.rooms}
    made: list[Thing] = []
    for base, thing in shell(plan, style, generator(seed, "homes", "shell")):
        made.append(replace(thing, name=free_name(base, taken)))
        taken.add(made[-1].name)
    standing: list[Standing] = []
    floors: list[Floor] = []
    for number, each in enumerate(plan.rooms):
        most = None if things is None else max(0, round((things * OPTIONAL_SHARE - len(made)) / (len(plan.rooms) - number)))
        floor = _furnished(plan, each, style, child_seed(seed, "homes", each.name), most) if furnished else Floor(plan, each)
        floors.append(floor)
        for put in floor.put:
            for item, pose in put.items():
                thing = replace(item.thing, name=free_name(item.thing.kind, taken), pose=pose)
                taken.add(thing.name)
                made.append(thing)
                standing.append(Standing(name=thing.name, room=each.kind))
    scene = Scene(
        name=wanted.name,
        title=wanted.title,
        ground=Ground(material="stone", color="#cfd3d2") if _tiled(plan) else Ground(),
        things=tuple(made),
        cameras=_cameras(plan, floors),
        lights=_lights(plan, generator(seed, "homes", "light")),
        spaces=tuple(
            Space(name=r.name, kind=r.kind, low_m=(r.floor.x[0], r.floor.y[0]), high_m=(r.floor.x[1], r.floor.y[1]), sensitive=r.sensitive)
            for r in plan.rooms
        ),
    )
    if not furnished:
        return scene
    most = None if things is None else max(0, things - len(made))
    small = fill(Room(scene), standing, style, taken, seed=seed, most=most, density=density)
    return replace(scene, things=(*scene.things, *small))


def _furnished(plan: Plan, room: RoomPlan, style: Style, seed: int, most: int | None) -> Floor:
    """The floor of a room with what it must have, and of the rest what fits; `most` things at most, beyond what it must have.

    Raises:
        PlacementError: `no_room`.
    """
    missing = ""
    best: tuple[int, Floor] | None = None
    for attempt in range(TRIES):
        rng = generator(seed, "furnish", attempt)
        left_out = 0
        floor = Floor(plan, room)
        for wish in ROOMS[room.kind]:
            must = wish.chance >= 1
            drawn = must or rng.random() < wish.chance
            if not drawn or (not must and most is not None and sum(len(p.ensemble.items) for p in floor.put) >= most):
                continue
            put: Put | None = None
            for ensemble in wish.ways(rng, style):
                put = floor.place(ensemble, rng)
                if put is not None:
                    break
            if put is None and must:
                missing = wish.ways.__name__.replace("_", " ")
                break
            left_out += put is None
        else:
            if best is None or left_out < best[0]:
                best = left_out, floor
            if left_out == 0:
                break
    if best is not None:
        return best[1]
    raise PlacementError(
        f"the {room.name!r} ({room.floor.size_m[0]:.1f} × {room.floor.size_m[1]:.1f} m) has no room for its {missing}",
        reason="no_room",
        fix="Make it larger, or take another seed.",
    )


def _tiled(plan: Plan) -> bool:
    return all(r.kind in ("kitchen", "bathroom", "clinic_ward") for r in plan.rooms)


def _lights(plan: Plan, rng: Generator) -> tuple[Light, ...]:
    """The sun over the roofless house, and a soft light under the ceiling of every room."""
    angle = float(rng.uniform(0, 2 * np.pi))
    reach = float(rng.uniform(0.25, 0.55))
    sun = Light(name="sun", kind="sun", direction=(reach * float(np.cos(angle)), reach * float(np.sin(angle)), -1.0), intensity=0.5)
    rooms = (
        Light(
            name=f"light_{r.name}",
            kind="point",
            position_m=(*r.floor.centre_m, HEIGHT_M - 0.1),
            color="#fff3e0",
            intensity=0.35,
            shadow=False,
        )
        for r in plan.rooms
    )
    return (sun, *rooms)


def _cameras(plan: Plan, floors: Sequence[Floor]) -> tuple[CameraMount, ...]:
    """`front` looks from a corner under the ceiling over the largest room, `above` down on all of it."""
    floor = max(floors, key=lambda f: f.room.floor.area_m2)
    eye = floor.lookout(EYES_M)
    x, y = floor.room.floor.centre_m
    front = CameraMount(name="front", pose=Pose.look_at(eye, (x, y, 0.55)), fov_y_deg=72.0)
    (x, y), (wide, deep) = plan.outline.centre_m, plan.outline.size_m
    height = HEIGHT_M + 0.5 * max(deep + 0.5, (wide + 0.5) * 0.75) / float(np.tan(np.deg2rad(ABOVE_DEG / 2)))
    above = CameraMount(name="above", pose=Pose.look_at((x, y - 0.02, height), (x, y, 0.0)), fov_y_deg=ABOVE_DEG)
    return front, above
