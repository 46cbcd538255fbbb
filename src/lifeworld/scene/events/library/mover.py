"""Who comes by: a pet, a person, a machine. They walk by forces, no faster than such bodies do; what stands in the way is touched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lifeworld.core.pose import Pose
from lifeworld.scene.body import Body
from lifeworld.scene.deed import Push, Walk
from lifeworld.scene.edit.values import Add
from lifeworld.scene.event import Who
from lifeworld.scene.events.choose import riders
from lifeworld.scene.events.draw import Array, Draw, vec3
from lifeworld.scene.events.kind import Done, event_kind
from lifeworld.scene.events.takes import grounded, laden
from lifeworld.scene.events.way_in import amid_m, colored, flight, floor_m, is_on_floor, is_seen, is_way_free, leaves_m, new_body, straight
from lifeworld.scene.magnitude import Magnitude
from lifeworld.scene.mass import mass_of
from lifeworld.scene.scene import Thing

TRIES, SEEN_FIRST = 60, 30
SMALL_KG = 2.5
"""What weighs less does not keep a cat from landing where it stands."""
CAT_KG, DOG_KG, PERSON_KG, VACUUM_KG = 4.5, 18.0, 68.0, 3.6
HIGHEST_M, LANDS_M = 1.2, 0.3
"""How high a cat jumps, and how wide and how high a place has to be for it to land on."""
LEAP_S, LAG_S = 0.08, 0.1
"""How long a leap takes, and how far who walks is behind where they want to be."""
AHEAD_M = 0.002
"""How far over the floor somebody begins."""
GLIDES = 0.05
"""The friction of who walks or rolls: feet are lifted and wheels turn, they do not rub along."""


@event_kind(
    "pet_jumps_up",
    befalls="thing",
    takes=laden,
    who=Who(category="furniture"),
    strength=Magnitude(law="uniform", a=0.8, b=1.6),
    unit="m/s",
    means="how fast it comes running",
    by=("add", "walk", "push"),
    safety="caution",
    rate_per_min=2.0,
    synonyms=("pet", "cat", "cat_jumps", "dog_jumps"),
)
def pet_jumps_up(draw: Draw) -> Done:
    """A cat comes running, jumps onto a table and walks over it among what stands there."""
    target = draw.placed(draw.thing)
    tops = [s for s in target.sites("surface") if s.pose.position_m[2] < HIGHEST_M and min(s.size_m) > LANDS_M and s.height_m > LANDS_M]
    if not tops:
        raise draw.refusal("no_room", f"on {draw.thing.name!r} is no place that a cat can jump to")
    top = max(tops, key=lambda s: (s.pose.position_m[2], s.size_m[0] * s.size_m[1]))
    height = float(top.pose.position_m[2])
    pet = colored(draw, Thing(name=draw.name("cat"), kind="cat"))
    body = new_body(draw, pet)
    floor = floor_m(draw) + AHEAD_M
    low, high = target.bounds_m
    g = max(draw.g_m_s2, 1.0)
    small = {one.name for one in riders(draw.room, draw.thing.name) if (mass_of(one) or 0.0) < SMALL_KG}
    for way in _ways(draw, 2 * TRIES):
        # It leaps from so far that its nose is over the edge only when its paws are.
        back, over, yaw = draw.between(0.62, 0.75), draw.between(0.25, 0.35), _heading(way)
        runs_m, strolls_m = draw.between(0.5, 1.4), draw.between(0.05, 0.35)
        aim = top.pose.apply(np.array([draw.between(-0.35, 0.35) * top.size_m[0], draw.between(-0.15, 0.15) * top.size_m[1], 0.0]))
        edge, beyond_m = leaves_m(low, high, aim, -way), leaves_m(low, high, aim, way)
        before = np.array([*(aim - way * (edge + back))[:2], floor])
        start = before - way * runs_m
        within = min(0.35, edge)
        onto = before + way * (back + within)
        up = math.sqrt(2 * g * (height - floor + over))
        aloft_s = up / g + math.sqrt(2 * over / g)
        speed = max((back + within) / aloft_s, draw.strength)
        arc = flight(before, way * speed + (0.0, 0.0, up), g, 0.95 * aloft_s, yaw)
        if not is_on_floor(draw, start) or not is_way_free(draw, body, straight(start, before, yaw)):
            continue
        if not is_way_free(draw, body, arc[1:], but=small, margin_m=0.0):
            continue
        runs_s = runs_m / draw.strength
        on = before + way * draw.strength * LAG_S  # it does not slow down before it leaps
        # A jump is a push of the hind legs, which carry its weight meanwhile; it leaps as fast as it runs, and faster where it has to.
        leap = way * (speed - draw.strength) + (0.0, 0.0, up + g * LEAP_S)
        yield Add(replace(pet, pose=_facing(start, way), friction=GLIDES), solve=False)
        yield _walk(pet.name, body, [start, before, on], draw.strength, begins_s=0.0, kg=CAT_KG)
        yield Push(thing=pet.name, velocity_m_s=vec3(leap), duration_s=LEAP_S, delay_s=round(runs_s + LAG_S, 6))
        beyond = onto + way * max(min(strolls_m, edge + beyond_m - within - 0.2), 0.01)
        yield _walk(pet.name, body, [onto, beyond], 0.35, begins_s=runs_s + LAG_S + LEAP_S + aloft_s, kg=CAT_KG, comes=True)
        return
    raise draw.refusal("no_room", f"nowhere around is the floor free for a cat to come to {draw.thing.name!r}")


@event_kind(
    "dog_runs_by",
    befalls="scene",
    needs=grounded,
    strength=Magnitude(law="uniform", a=1.0, b=2.5),
    unit="m/s",
    means="how fast it runs",
    by=("add", "walk"),
    safety="caution",
    rate_per_min=2.0,
    synonyms=("dog", "dog_passes"),
)
def dog_runs_by(draw: Draw) -> Done:
    """A dog runs through the scene, close by what stands there."""
    yield from _passes(draw, Thing(name=draw.name("dog"), kind="dog"), kg=DOG_KG, near_m=(0.2, 0.9))


@event_kind(
    "person_passes",
    befalls="scene",
    needs=grounded,
    strength=Magnitude(law="uniform", a=0.7, b=1.5),
    unit="m/s",
    means="how fast they walk",
    by=("add", "walk"),
    rate_per_min=2.0,
    synonyms=("person", "somebody_passes", "walker"),
)
def person_passes(draw: Draw) -> Done:
    """Somebody walks past."""
    yield from _passes(draw, Thing(name=draw.name("person"), kind="person"), kg=PERSON_KG, near_m=(0.6, 1.6))


@event_kind(
    "vehicle_passes",
    befalls="scene",
    needs=grounded,
    strength=Magnitude(law="uniform", a=0.25, b=0.6),
    unit="m/s",
    means="how fast it goes",
    by=("add", "walk"),
    rate_per_min=2.0,
    synonyms=("vehicle", "robot_vacuum", "vacuum", "car"),
)
def vehicle_passes(draw: Draw) -> Done:
    """A robot vacuum cleaner drives through, over the floor and against what is in its way."""
    yield from _passes(draw, Thing(name=draw.name("robot_vacuum"), kind="robot_vacuum"), kg=VACUUM_KG, near_m=(0.0, 0.6), pushes=True)


@event_kind(
    "occluder_passes",
    befalls="camera",
    strength=Magnitude(law="uniform", a=0.6, b=1.4),
    unit="m/s",
    means="how fast they walk",
    by=("add", "walk"),
    rate_per_min=2.0,
    synonyms=("occluder", "blocks_view", "in_the_way"),
)
def occluder_passes(draw: Draw) -> Done:
    """Somebody walks between a camera and what it looks at."""
    camera = draw.camera
    if camera.attach is not None:
        raise draw.refusal("no_camera", f"{camera.name!r} moves with {camera.attach!r}: nobody can know where to walk")
    eye, ahead = camera.pose.position_m, camera.pose.rotation[:, 2]
    person = colored(draw, Thing(name=draw.name("person"), kind="person"))
    body = new_body(draw, person)
    level = np.array([ahead[0], ahead[1], 0.0])
    if np.linalg.norm(level) < 0.15:
        raise draw.refusal("no_room", f"{camera.name!r} looks straight down: nobody walks between it and what it sees")
    level /= np.linalg.norm(level)
    across = np.array([-level[1], level[0], 0.0]) * (1.0 if draw.between(0, 1) < 0.5 else -1.0)
    floor = floor_m(draw) + AHEAD_M
    for _ in range(TRIES):
        middle = np.array([*(eye + level * draw.between(0.5, 2.6))[:2], floor])
        half = across * draw.between(0.45, 1.3)
        lifted = body.solid.bounds()[1][:, 2].max() + floor
        sight = eye[2] + ahead[2] / max(float(np.hypot(ahead[0], ahead[1])), 1e-6) * float((middle - eye)[:2] @ level[:2])
        if sight < lifted and _goes(draw, body, middle - half, middle + half):
            yield from _enters(draw, person, body, [middle - half, middle + half], kg=PERSON_KG)
            return
    raise draw.refusal("no_room", f"nobody can walk between {camera.name!r} and what it sees: the floor is not free there")


def _passes(draw: Draw, thing: Thing, *, kg: float, near_m: tuple[float, float], pushes: bool = False) -> Done:
    """Something comes in, goes past the middle of the scene at some distance, and leaves. `pushes`: what is in its way does not keep it."""
    thing = colored(draw, thing)
    body = new_body(draw, thing)
    aim, floor = amid_m(draw), floor_m(draw) + AHEAD_M
    for n, way in enumerate(_ways(draw)):
        side = np.array([-way[1], way[0], 0.0]) * (1.0 if draw.between(0, 1) < 0.5 else -1.0)
        by = np.array([aim[0], aim[1], floor]) + side * draw.between(*near_m)
        start, end = by - way * draw.between(0.7, 2.2), by + way * draw.between(0.6, 2.0)
        begin = start + way * 0.4
        if n < SEEN_FIRST and not is_seen(draw, by + (0.0, 0.0, 0.5 * float(body.size_m[2]))):
            continue  # rather where a camera looks, if there is such a way
        enters = _goes(draw, body, start, begin) and is_on_floor(draw, start) and is_on_floor(draw, end)
        if enters and (pushes or _goes(draw, body, begin, end)):
            yield from _enters(draw, thing, body, [start, end], kg=kg)
            return
    raise draw.refusal("no_room", f"nowhere is a way free for a {thing.kind.replace('_', ' ')} to pass")


def _enters(draw: Draw, thing: Thing, body: Body, places: list[Array], *, kg: float) -> Done:
    way = (places[1] - places[0]) / np.linalg.norm(places[1] - places[0])
    yield Add(replace(thing, pose=_facing(places[0], way), friction=GLIDES), solve=False)
    yield _walk(thing.name, body, places, draw.strength, begins_s=0.0, kg=kg)


def _goes(draw: Draw, body: Body, start: Array, end: Array) -> bool:
    way = end - start
    return is_way_free(draw, body, straight(start, end, _heading(way / np.linalg.norm(way))), margin_m=0.02)


def _walk(name: str, body: Body, places: list[Array], speed_m_s: float, *, begins_s: float, kg: float, comes: bool = False) -> Walk:
    """Along places at a speed, by forces of up to six tenths of its weight; `comes` from wherever it is to the first of them."""
    path, time_s = [], 0.08 if comes else 0.0
    for i, place in enumerate(places):
        if i:
            time_s += float(np.linalg.norm(place - places[i - 1])) / speed_m_s
        way = places[min(i + 1, len(places) - 1)] - places[min(i, len(places) - 2)]
        yaw = math.degrees(_heading(way))
        path.append((round(time_s, 6), round(float(place[0]), 6), round(float(place[1]), 6), round(yaw, 6)))
    return Walk(
        thing=name, path=tuple(path), most_m_s=round(speed_m_s * 1.3, 6), most_n=round(0.6 * 9.81 * kg, 3), delay_s=round(begins_s, 6)
    )


def _ways(draw: Draw, tries: int = TRIES) -> Iterator[Array]:
    for _ in range(tries):
        yield draw.way()


def _heading(way: Array) -> float:
    """The yaw [rad] of a thing whose front, −Y, looks along a level way."""
    return math.atan2(float(way[1]), float(way[0])) + math.pi / 2


def _facing(place: Array, way: Array) -> Pose:
    return Pose.from_yaw(vec3(place), _heading(way))
