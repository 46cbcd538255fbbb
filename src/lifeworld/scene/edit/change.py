"""The changes to things that take some geometry: turned, scaled, replaced, filled; and who goes along."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lifeworld.core.errors import EditError, PlacementError
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.along import come_along
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.body import Body, Site, body_of
from lifeworld.scene.check import CARRYING, is_asset
from lifeworld.scene.edit.values import Axis, Fill, Move
from lifeworld.scene.naming import free_name, renamed
from lifeworld.scene.place import place_one
from lifeworld.scene.relation import pieces_overlap_m, why_not_in
from lifeworld.scene.room import NEAR_M, Placed, Room, heading_rad
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.scene.shape import Vec3

Assets = Mapping[str, Assembly]
MAX_FILL = 64
LOOSE = 0.55
"""The share of a container's room that things poured into it take up, by their boxes: loose packing of balls is 0.55 to 0.6."""
FITS_M = 0.002
"""How deep a thing may be in its neighbours where it takes another's place: resting contacts are as deep."""
_UPRIGHT_RAD = math.radians(3.0)
_AXES: dict[str, Vec3] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def with_riders(scene: Scene, move: Move, *, assets: Assets | None = None) -> tuple[Move, ...]:
    """The moves of a thing and, with it, of all that stands on it, lies in it, or is held fast to it.

    Raises:
        EditError: if the thing has no pose to move from, or none to move to.
    """
    thing = scene.thing(move.name)
    if thing.pose is None or move.pose is None:
        raise EditError("only what has a pose, and gets one, takes others along", reason="no_pose", where=f"thing {move.name!r}")
    along = come_along(scene, scene.with_thing(replace(thing, pose=move.pose)), assets=assets)
    return (move, *(Move(t.name, t.pose) for t in along.scene.things if t.name in along.moved))


def riders(scene: Scene, name: str, *, assets: Assets | None = None) -> frozenset[str]:
    """The names of all that would fall or go along if the thing went."""
    return come_along(scene, scene.with_thing(replace(scene.thing(name), pose=None)), assets=assets).released


def put(scene: Scene, thing: Thing, *, assets: Assets | None = None) -> Scene:
    """The scene with this thing in the place of the one of its name, and with what goes along."""
    return come_along(scene, scene.with_thing(thing), assets=assets).scene


def turned(thing: Thing, angle_deg: float, axis: Axis, *, assets: Assets | None = None) -> Pose:
    """The pose of a thing turned where it stands: about the vertical through its origin, or about a level axis through its middle,

    and then set down so low that it reaches as deep as before.
    """
    pose = thing.pose
    assert pose is not None
    half = math.radians(angle_deg) / 2
    turn = Pose((0, 0, 0), (math.cos(half), *(math.sin(half) * c for c in _AXES[axis])))
    if axis == "z":
        return Pose(pose.position_m, (turn @ Pose((0, 0, 0), pose.quat_wxyz)).quat_wxyz)
    body = body_of(thing, assets or {})
    low, high = Placed(thing, body, pose).bounds_m
    about = Pose.from_yaw((low + high) / 2, heading_rad(pose))
    tipped = about @ turn @ about.inverse() @ pose
    sunk = low[2] - Placed(thing, body, tipped).bounds_m[0][2]
    return Pose(tipped.position_m + (0.0, 0.0, sunk), tipped.quat_wxyz)


def scaled(thing: Thing, factor: float | Vec3) -> Thing:
    """The thing with its sides times `factor`, its joints as far open as they were."""
    fx, fy, fz = factor if isinstance(factor, tuple) else (factor, factor, factor)
    x, y, z = thing.size_m if thing.size_m is not None else archetype.kind(thing.kind).size_m
    grown = replace(thing, size_m=(x * fx, y * fy, z * fz), joints=())
    if is_asset(thing) or not thing.joints:
        return replace(grown, joints=thing.joints)
    before, after = ({j.name: j.range for j in archetype.build(replace(t, joints=())).joints} for t in (thing, grown))
    joints = []
    for name, value in thing.joints:
        old, new = before.get(name), after.get(name)
        if old is not None and new is not None and old[0] != old[1]:
            value = new[0] + (value - old[0]) / (old[1] - old[0]) * (new[1] - new[0])
        joints.append((name, float(value)))
    return replace(grown, joints=tuple(joints))


def replaced(scene: Scene, old: Thing, new: Thing, seed: int, *, assets: Assets | None = None) -> Scene:
    """The scene with another thing where one was; what stood on or in that stands on or in this, as far as it can.

    Raises:
        PlacementError: where it does not fit.
    """
    if new.pose is None and not new.relations:
        new = replace(new, relations=old.relations)
    new = replace(new, attach=new.attach or old.attach)
    after = in_its_name(scene, old, new)
    if new.pose is None and old.pose is not None:
        new = replace(new, pose=_in_its_place(scene, after, old, new, seed, assets))
        after = after.with_thing(new)
    if old.pose is None or new.pose is None:
        return put_in(scene, old, new, assets=assets)
    body = _body(new, assets)
    room = Room(scene, assets)
    there = Placed(new, room.body(new), new.pose)
    low, high = room[old.name].bounds_m
    near = {o.thing.name for o in room.near(low - NEAR_M, high + NEAR_M, but=(old.name, new.name))}
    things = []
    for thing in after.things:
        site = _carrying(room, thing, old.name) if thing.name in near else None
        to = None if site is None else _like(site, there)
        if site is not None and to is not None and thing.pose is not None:
            at = site.pose.inverse() @ thing.pose
            share = np.array([*(np.asarray(to.size_m) / site.size_m), 1.0])
            thing = replace(thing, pose=to.pose @ Pose(at.position_m * share, at.quat_wxyz))
        things.append(_still_related(thing, new, body))
    return come_along(scene, replace(after, things=tuple(things)), assets=assets).scene


def filled(scene: Scene, edit: Fill, seed: int, *, assets: Assets | None = None) -> Scene:
    """The scene with as many things in a container as take up a share of its room, and at least one.

    Raises:
        PlacementError: if not even one finds room.
    """
    holder = scene.thing(edit.name)
    room = Room(scene, assets)
    site = container(room, holder, edit.container)
    x, y = site.size_m
    free_m3 = x * y * site.height_m * (math.pi / 4 if site.round else 1.0)
    each_m3 = float(np.prod(room.body(edit.thing).size_m))
    count = min(max(round(edit.amount * LOOSE * free_m3 / each_m3), 1), MAX_FILL)
    inside = Relation(kind="in", thing=holder.name, surface=edit.container)
    placed = all(t.pose is not None for t in scene.things)
    for index in range(count):
        one = replace(edit.thing, name=free_name(edit.thing.name, scene.names()), relations=(inside,))
        if placed:
            try:
                pose = place_one(room, one, seed)
            except PlacementError:
                if index == 0:
                    raise
                break
            one = replace(one, pose=pose)
            room.put(one, pose)
        scene = replace(scene, things=(*scene.things, one))
    return scene


def put_in(scene: Scene, old: Thing, new: Thing, *, assets: Assets | None = None) -> Scene:
    """The scene with the new thing in the old one's place just as it is; relations to it that it cannot fulfil are mended."""
    after, body = in_its_name(scene, old, new), _body(new, assets)
    return replace(after, things=tuple(_still_related(t, new, body) for t in after.things))


def in_its_name(scene: Scene, old: Thing, new: Thing) -> Scene:
    """The scene with the new thing in the old one's place among the things, and in whatever speaks of it."""
    index = next(i for i, t in enumerate(scene.things) if t.name == old.name)
    scene = renamed(scene, old.name, new.name)
    return replace(scene, things=(*scene.things[:index], new, *scene.things[index + 1 :]))


def container(room: Room, thing: Thing, name: str | None) -> Site:
    """The container of a thing by its name, or its largest.

    Raises:
        EditError: if it has none of the name, or none at all.
    """
    sites = room.body(thing).containers
    chosen = [s for s in sites if name in (None, s.name)]
    if not chosen:
        has = ", ".join(s.name for s in sites) or "none"
        raise EditError(
            f"{thing.name!r} has no such container to fill", reason="cannot", where=f"thing {thing.name!r}", got=name, expected=has
        )
    return max(chosen, key=lambda s: s.size_m[0] * s.size_m[1] * s.height_m)


def _in_its_place(before: Scene, after: Scene, old: Thing, new: Thing, seed: int, assets: Assets | None) -> Pose:
    """Where the old one stood, if the new one fits there; else where its relations say."""
    assert old.pose is not None
    along = riders(before, old.name, assets=assets)
    gone = tuple(replace(t, pose=None) if t.name in (*along, new.name) else t for t in after.things)
    room = Room(replace(after, things=gone), assets)
    was = Placed(old, room.body(old), old.pose)
    steep = math.acos(float(np.clip(old.pose.rotation[2, 2], -1.0, 1.0)))
    foot = old.pose.position_m if steep < _UPRIGHT_RAD else [*old.pose.position_m[:2], was.bounds_m[0][2]]
    there = Placed(new, room.body(new), old.pose if steep < _UPRIGHT_RAD else Pose.from_yaw(foot, heading_rad(old.pose)))
    low, high = there.bounds_m
    crowd = room.near(low, high)
    if all(pieces_overlap_m(there.solid, o.solid) <= max(FITS_M, pieces_overlap_m(was.solid, o.solid)) for o in crowd):
        return there.pose
    if not new.relations:
        raise PlacementError(
            f"{new.name!r} does not fit where {old.name!r} is",
            reason="no_room",
            where=f"thing {new.name!r}",
            fix="Say what it is on, or clear the place.",
        )
    return place_one(room, replace(new, relations=tuple(replace(r, at_m=None) for r in new.relations)), seed)


def _carrying(room: Room, thing: Thing, carrier: str) -> Site | None:
    """The site of the carrier that a thing is on or in; None if there is none."""
    for site in (*room[carrier].sites("container"), *room[carrier].sites("surface")):
        relation = Relation(kind="in" if site.sort == "container" else "on", thing=carrier, surface=site.name)
        if why_not_in(room, relation, room[thing.name].thing) is None:
            return site
    return None


def _like(site: Site, new: Placed) -> Site | None:
    """The site that stands for another's: of that name, else the largest of its sort, else the largest of the other sort."""
    for sort in (site.sort, "surface" if site.sort == "container" else "container"):
        own = new.sites(sort)
        if own:
            named = [s for s in own if s.name == site.name and sort == site.sort]
            return named[0] if named else max(own, key=lambda s: s.size_m[0] * s.size_m[1])
    return None


def _body(thing: Thing, assets: Assets | None) -> Body | None:
    """The body of a thing; None for an imported one whose shape is not given."""
    return None if is_asset(thing) and thing.kind.removeprefix("asset:") not in (assets or {}) else body_of(thing, assets or {})


def _still_related(thing: Thing, new: Thing, body: Body | None) -> Thing:
    """The thing with those of its relations to the new one that this can fulfil; all of them where its shape is not known."""
    if new.name not in thing.relation_targets or thing.name == new.name or body is None:
        return thing
    built = body if is_asset(new) else archetype.build(new)  # flat tops of kinds that name no surface are not named in relations
    named = {"on": {s.name for s in built.surfaces}, "in": {c.name for c in built.containers}}
    kept: list[Relation] = []
    for relation in thing.relations:
        if relation.thing == new.name and relation.kind in CARRYING:
            has: dict[str, tuple[Site, ...]] = {"on": body.surfaces, "in": body.containers}
            kind = relation.kind if has[relation.kind] else "in" if relation.kind == "on" else "on"
            if not has[kind]:
                continue
            same = kind == relation.kind and relation.surface in named[kind]
            relation = replace(relation, kind=kind, surface=relation.surface if same else None)
        kept.append(relation)
    return replace(thing, relations=tuple(dict.fromkeys(kept)))
