"""Gives every thing without a pose one, by its relations; or says why there is none.

    scene = place(parse(text), seed=7)

Who carries comes first. A thing without relations goes to a free spot on the ground near the middle. What is drawn for a thing
hangs on the seed and its name, so that one thing more moves no other (unless the room gets so full that all must be placed anew,
the large ones first). Nothing begins inside another: pieces keep apart, resting ones by 0.2 mm. Relations stay beside the poses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from lifeworld.core.errors import PlacementError
from lifeworld.core.pose import Pose
from lifeworld.core.seed import generator
from lifeworld.scene import archetype
from lifeworld.scene.aside import first_of, frame_of
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body, Site
from lifeworld.scene.check import CARRYING, check, is_asset
from lifeworld.scene.insert import find_inside
from lifeworld.scene.material import MATERIALS
from lifeworld.scene.measure import NEAR_MOST_M
from lifeworld.scene.offer import FARTHER_M
from lifeworld.scene.order import Step, placing_order
from lifeworld.scene.refusal import refusal
from lifeworld.scene.relation import why_not_in
from lifeworld.scene.room import Room, ground_site, heading_rad
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.scene.spot import ROOMY, find_spot
from lifeworld.scene.stance import upright
from lifeworld.scene.trial import GAP_M, Trial

LEVEL_RAD = float(np.deg2rad(1.5))
STEEPEST_RAD = float(np.deg2rad(60.0))
MAIN = ("top", "seat")
REACH_UP_M = 1.4
BEFORE_M = 0.3
"""So near to a wall, things stand before it."""
HANGING_M = 0.3
"""So much air is under what hangs above something, if nothing else is said."""


def place(scene: Scene, *, seed: int, assets: Mapping[str, Assembly] | None = None) -> Scene:
    """The scene with a pose for every thing; those that have one keep it. `assets` gives the assemblies of imported kinds by name.

    Raises:
        PlacementError: with the reason `no_room`, `too_tall`, `unstable` or `no_surface`, and the numbers behind it.
        RelationCycle: for things that wait for each other.
        SceneError: for what does not make sense at all, as `check`.
    """
    if all(t.pose is not None for t in scene.things):
        return scene
    check(scene)
    room = Room(scene, assets)
    try:
        _place_all(room, placing_order(scene), seed)
    except PlacementError as error:
        areas = {t.name: float(np.prod(room.body(t).size_m[:2])) for t in scene.things if t.pose is None}
        order = placing_order(scene, first=lambda name: -areas[name])
        if error.reason != "no_room" or order == placing_order(scene):
            raise
        room = Room(scene, assets)
        try:
            _place_all(room, order, seed)
        except PlacementError:
            raise error from None
    return replace(scene, things=tuple(replace(t, pose=room[t.name].pose) for t in scene.things))


def place_one(room: Room, thing: Thing, seed: int) -> Pose:
    """A pose (world_from_thing) for one thing in a room where all it relates to stands already.

    Raises:
        PlacementError: as `place`.
    """
    body = room.body(thing)
    thing = _on_a_wall(room, thing)
    rng = generator(seed, "place", thing.name)
    where = f"thing {thing.name!r}"
    carriers = [r for r in thing.relations if r.kind in CARRYING]
    if len(carriers) > 1:
        raise PlacementError(
            f"{thing.name!r} cannot be {' and '.join(f'{r.kind} {r.thing!r}' for r in carriers)} at once",
            reason="no_surface",
            where=where,
            fix="Keep one of them, or give it a pose.",
        )
    carrier = carriers[0] if carriers else None
    stance = upright(body)
    failed: list[Trial] = []
    low: list[Site] = []
    for site in _sites(room, thing, carrier, rng):
        _check_slope(room, thing, site)
        if carrier is not None and carrier.kind == "in":
            found, trial = find_inside(room, thing, body, site, carrier, rng)
        else:
            if not stance.stable and not is_fixed(thing):
                raise PlacementError(
                    f"{thing.name!r} does not stand by itself: its centre of mass is not over what it touches",
                    reason="unstable",
                    where=where,
                    fix="Put it in a container, fix it, or give it a pose.",
                )
            if stance.height_m + GAP_M > site.height_m:
                low.append(site)
                continue
            trial = Trial(room, thing, stance, site, reach_m=_reach(room, thing, body, site))
            found = find_spot(trial, thing, body, carrier, rng, ROOMY)
        if found is not None:
            return site.pose @ found
        failed.append(trial)
    raise refusal(thing, body, carrier, failed, low)


def _place_all(room: Room, order: list[Step], seed: int) -> None:
    things = {t.name: t for t in room.scene.things}
    for step in order:
        thing = things[step.name]
        now = replace(thing, relations=tuple(r for r in thing.relations if r not in step.later))
        room.put(thing, place_one(room, now, seed))
    for step in order:
        for relation in step.later:
            thing = things[step.name]
            if relation.kind == "facing":
                room.put(thing, _turned(room, thing, seed))
            broken = why_not_in(room, relation, thing)
            if broken is not None:
                raise PlacementError(
                    f"{thing.name!r} and {relation.thing!r} wait for each other, and then {broken}",
                    reason="no_room",
                    where=f"thing {thing.name!r}",
                    fix="Give one of them a pose.",
                )


def _turned(room: Room, thing: Thing, seed: int) -> Pose:
    """Its pose, turned on its spot to what it faces."""
    site = room.support(thing.name) or ground_site()
    body, rng = room.body(thing), generator(seed, "turn", thing.name)
    spot = site.pose.inverse().apply(room[thing.name].pose.position_m)
    facing = tuple(r for r in thing.relations if r.kind == "facing")
    trial = Trial(room, replace(thing, relations=facing), upright(body), site, reach_m=_reach(room, thing, body, site))
    at = Relation(kind="on", thing=thing.name, at_m=(float(spot[0]), float(spot[1])))
    found = find_spot(trial, thing, body, at, rng, ())
    return site.pose @ found if found is not None else room[thing.name].pose


def _sites(room: Room, thing: Thing, carrier: Relation | None, rng: Generator) -> list[Site]:
    """Where the thing may stand, the likeliest first.

    Raises:
        PlacementError: `no_surface`, when there is nothing of the sort.
    """
    where = f"thing {thing.name!r}"
    if carrier is not None:
        sort = "surface" if carrier.kind == "on" else "container"
        other = room[carrier.thing]
        sites = [s for s in other.sites(sort) if carrier.surface in (None, s.name)]
        if not sites:
            has = "no flat top to stand on" if sort == "surface" else "no container to be put in"
            raise PlacementError(
                f"{'an' if other.thing.kind[0] in 'aeiou' else 'a'} {other.thing.kind} ({carrier.thing!r}) has {has}",
                reason="no_surface",
                where=where,
                fix=f"Choose another thing for {thing.name!r} to be {carrier.kind}.",
            )
        base = other.bounds_m[0][2]
        main = [s for s in sites if s.name in MAIN and s.pose.position_m[2] - base < REACH_UP_M]
        rest = [s for s in sites if s not in main]
        return [*main, *(rest[i] for i in rng.permutation(len(rest)))]
    guide = first_of(thing.relations)
    if any(r.kind == "above" for r in thing.relations) or (guide is not None and guide.kind == "against" and _hangs(thing)):
        return [_in_the_air(room, thing)]
    if guide is not None and guide.kind == "against" and room[guide.thing].floor is not None:
        return [floor for floor in [room[guide.thing].floor] if floor is not None]
    site = room.support(guide.thing) if guide is not None else None
    if guide is not None and site is not None and site.sort != "ground":
        return [site, *_bases(room, guide.thing)]
    floors = [p.floor for p in room.placed.values() if p.floor is not None] if site is None else []
    if room.scene.ground is None and not floors:
        raise PlacementError(
            f"there is no ground for {thing.name!r} to stand on",
            reason="no_surface",
            where=where,
            fix="Say what it is on, or give it a pose.",
        )
    if room.scene.ground is None:
        return floors
    # The ground as it lies to the thing beside: so that boxes along the axes fit both tightly.
    turn = heading_rad(frame_of(room, guide)) if guide is not None else 0.0
    return [*floors, replace(ground_site(), pose=Pose.from_yaw((0, 0, 0), turn))]


def _bases(room: Room, name: str) -> list[Site]:
    """What carries that which a thing stands on, and so on down: left of the bread is beside its board, where the board is full."""
    sites: list[Site] = []
    seen = {name}
    while True:
        carrier = next((r.thing for r in room[name].thing.relations if r.kind in CARRYING and r.thing in room.placed), None)
        site = room.support(carrier) if carrier is not None and carrier not in seen else None
        if carrier is None or site is None or site.sort == "ground":
            return sites
        sites.append(site)
        seen.add(carrier)
        name = carrier


def _in_the_air(room: Room, thing: Thing) -> Site:
    """Where a thing that is fixed hangs: at the height of its kind, over what it is to be above.

    Raises:
        PlacementError: `unstable`, for one that would fall.
    """
    above = next((r for r in thing.relations if r.kind == "above"), None)
    if above is not None and not is_fixed(thing):
        raise PlacementError(
            f"{thing.name!r} would fall: nothing holds it above {above.thing!r}",
            reason="unstable",
            where=f"thing {thing.name!r}",
            fix="Put it on something, or say fixed = true for what hangs from the ceiling.",
        )
    base, guide = 0.0, first_of(thing.relations)
    floor = room[guide.thing].floor if guide is not None else None
    if floor is not None:
        base = float(floor.pose.position_m[2])
    hangs = archetype.kind(thing.kind).hangs_m if _hangs(thing) else None
    bottom = base + hangs - float(room.body(thing).size_m[2]) / 2 if hangs is not None else base
    if above is not None:
        top = float(room[above.thing].bounds_m[1][2])
        gap = above.distance_m if above.distance_m is not None else HANGING_M
        bottom = top + gap if above.distance_m is not None or hangs is None else max(bottom, top + 0.5 * HANGING_M)
    turn = heading_rad(frame_of(room, guide)) if guide is not None else 0.0
    return Site(name="the air", sort="air", pose=Pose.from_yaw((0, 0, bottom), turn), size_m=(np.inf, np.inf), height_m=np.inf)


def _on_a_wall(room: Room, thing: Thing) -> Thing:
    """What hangs on walls, and is to be above something that stands before one, is to be against that wall."""
    above = next((r for r in thing.relations if r.kind == "above"), None)
    if above is None or not _hangs(thing) or any(r.kind == "against" for r in thing.relations):
        return thing
    low, high = room[above.thing].bounds_m
    walls = [p for p in room.near(low - BEFORE_M, high + BEFORE_M, but=(thing.name, above.thing)) if p.built]
    gaps = [float(np.linalg.norm(np.maximum(np.maximum(p.bounds_m[0] - high, low - p.bounds_m[1]), 0.0)[:2])) for p in walls]
    if not walls:
        return thing
    wall = walls[int(np.argmin(gaps))].thing.name
    return replace(thing, relations=(*thing.relations, Relation(kind="against", thing=wall)))


def _hangs(thing: Thing) -> bool:
    return is_fixed(thing) and not is_asset(thing) and archetype.kind(thing.kind).hangs_m is not None


def is_fixed(thing: Thing) -> bool:
    """Whether the thing is part of the building and cannot fall."""
    if thing.fixed is not None:
        return thing.fixed
    return not is_asset(thing) and archetype.kind(thing.kind).fixed


def _check_slope(room: Room, thing: Thing, site: Site) -> None:
    """Raise where the thing would slide or roll off, unless motion is the point of the scene."""
    slope = 0.0 if is_fixed(thing) else float(np.arccos(np.clip(site.pose.rotation[2, 2], -1.0, 1.0)))
    where = f"thing {thing.name!r}"
    if slope > STEEPEST_RAD:
        raise PlacementError(
            f"{site.name!r} is turned over by {np.rad2deg(slope):.0f}°: nothing stands on it", reason="no_surface", where=where
        )
    if slope <= LEVEL_RAD or room.scene.moving:
        return
    friction, rolls = thing.friction, False
    if not is_asset(thing):
        what = archetype.kind(thing.kind)
        rolls = "roll" in what.affordances
        if friction is None:
            friction = what.friction if what.friction is not None else MATERIALS[thing.material or what.material].friction
    if rolls or (friction is not None and np.tan(slope) > friction):
        raise PlacementError(
            f"{thing.name!r} would {'roll' if rolls else 'slide'} off {site.name!r}, which slopes by {np.rad2deg(slope):.0f}°",
            reason="unstable",
            where=where,
            fix="Set moving = true if it should.",
        )


def _reach(room: Room, thing: Thing, body: Body, site: Site) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (3,) [m] in the site's frame of all that the thing can take up there."""
    long = float(np.linalg.norm(np.maximum(np.abs(body.low_m), np.abs(body.high_m))))
    tall = np.array([0.0, 0.0, body.size_m[2] + 1.0])
    if not site.endless:
        half = np.array([*site.size_m, 0.0]) / 2 + (long, long, 0.02)
        return -half, half + tall
    guide = first_of(thing.relations)
    if guide is None:
        half = np.array([8.0 + long, 8.0 + long, 0.02])
        return -half, half + tall
    both = [room[name].bounds_in(site.pose) for name in guide.targets]
    low, high = np.min([b[0] for b in both], axis=0), np.max([b[1] for b in both], axis=0)
    far = {"near": NEAR_MOST_M, "far_from": NEAR_MOST_M + FARTHER_M}.get(guide.kind, 0.2) + (guide.distance_m or 0.0)
    spare = 3 * long + float(np.linalg.norm((high - low)[:2])) + far
    return np.array([*(low[:2] - spare), -0.02]), np.array([*(high[:2] + spare), 0.02]) + tall
