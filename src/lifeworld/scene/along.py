"""Who comes along when things are moved by hand: what stands on them or in them, with the very surface or container that carries it.

    change = come_along(before, after)

A drawer that opens takes what lies in it, a table that grows lifts what stands on it. What the edit has moved itself stays where the edit
says. What loses what it stood on is left in the air, to fall.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lifeworld.core.pose import Pose
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Site
from lifeworld.scene.carry import carried
from lifeworld.scene.check import CARRYING
from lifeworld.scene.relation import why_not_in
from lifeworld.scene.room import Placed, Room
from lifeworld.scene.scene import Scene, Thing

REACH_M = 0.01
"""How far past the bounds of a thing what it carries may begin."""


@dataclass(frozen=True, slots=True)
class Along:
    """The scene with what came along where it now is; `moved` are those, `released` those that lost what carried them."""

    scene: Scene
    moved: frozenset[str]
    released: frozenset[str]


def geometry(thing: Thing) -> tuple[object, ...]:
    """What decides where the surfaces of a thing are: equal for two things that carry alike."""
    return thing.kind, thing.size_m, thing.options, thing.joints, thing.pose


def come_along(before: Scene, after: Scene, *, assets: Mapping[str, Assembly] | None = None) -> Along:
    """What an edit that led from one scene to another takes along, and what it leaves without a hold."""
    now = {t.name: t for t in after.things}
    changed = [t.name for t in before.things if t.pose is not None and (t.name not in now or geometry(t) != geometry(now[t.name]))]
    if not changed:
        return Along(after, frozenset(), frozenset())
    room = Room(before, assets)
    moved: dict[str, Thing] = {}
    released: set[str] = set()
    met, queue = set(changed), list(changed)
    while queue:
        name = queue.pop(0)
        carrier = None if name in released else moved.get(name, now.get(name))
        for rider, site in _riders(room, room[name]):
            if rider in met or rider not in now:
                continue
            step = None if carrier is None else _step(room, room[name], carrier, site)
            if step is None:
                released.add(rider)
            elif step != Pose():
                moved[rider] = replace(now[rider], pose=step @ room[rider].pose)
            else:
                continue
            met.add(rider)
            queue.append(rider)
    things = tuple(moved.get(t.name, t) for t in after.things)
    return Along(replace(after, things=things) if moved else after, frozenset(moved), frozenset(released))


def _riders(room: Room, carrier: Placed) -> Iterator[tuple[str, Site | None]]:
    """Who is carried by a thing, each with the world site that carries it; None for what is held fast to it as a whole."""
    low, high = carrier.bounds_m
    for other in room.near(low - REACH_M, high + REACH_M, but=(carrier.thing.name,)):
        if other.thing.attach == carrier.thing.name:
            yield other.thing.name, None
            continue
        if other.thing.attach is not None or _held_elsewhere(room, other, carrier.thing.name):
            continue
        found = [(abs(bottom), site.sort, site.name, site) for bottom, site in _under(other, carrier)]
        if found:
            yield other.thing.name, min(found, key=lambda f: f[:3])[3]


def _under(placed: Placed, carrier: Placed) -> Iterator[tuple[float, Site]]:
    """The sites of a carrier that a thing is on or in, with how high [m] over each it is."""
    for sort in ("container", "surface"):
        for site in carrier.sites(sort):
            gives = carrier.body.size_m[2] if carrier.body.soft and sort == "surface" else 0.0
            bottom, fits, over = carried(placed.body, site, site.pose.inverse() @ placed.pose, gives_m=gives)
            if fits and over:
                yield bottom, site


def _held_elsewhere(room: Room, placed: Placed, name: str) -> bool:
    """Whether a thing is on or in another, as its own relations say: the apple in a bowl is not the table's."""
    others = [r for r in placed.thing.relations if r.kind in CARRYING and r.thing != name]
    return any(why_not_in(room, r, placed.thing) is None for r in others)


def _step(room: Room, before: Placed, after: Thing, site: Site | None) -> Pose | None:
    """How (after_from_before, world) a site of a thing has moved, the whole thing if None; None where it is no more."""
    if after.pose is None:
        return None
    was, now = before.pose, after.pose
    if site is not None:
        there = [s for s in Placed(after, room.body(after), after.pose).sites(site.sort) if s.name == site.name]
        if not there:
            return None
        nth = [s.pose for s in before.sites(site.sort) if s.name == site.name].index(site.pose)
        was, now = site.pose, there[min(nth, len(there) - 1)].pose
    return Pose() if was == now else now @ was.inverse()
