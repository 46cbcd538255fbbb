"""What an edit makes of a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from lifeworld.core.errors import EditError, InputError, SceneError
from lifeworld.scene.assembly import Assembly, Joint
from lifeworld.scene.check import CARRYING, check_wanted
from lifeworld.scene.edit.change import filled, put, put_in, replaced, riders, scaled, turned
from lifeworld.scene.edit.daylight import daylight
from lifeworld.scene.edit.describe import describe
from lifeworld.scene.edit.needs import moving_joints, needs
from lifeworld.scene.edit.plan import Edits, edits_of
from lifeworld.scene.edit.values import (
    Add,
    Attach,
    Close,
    Copy,
    Detach,
    Edit,
    Fill,
    Move,
    Open,
    Place,
    Relate,
    Remove,
    Rename,
    Replace,
    Rotate,
    Scale,
    Set,
    SetCamera,
    SetEvent,
    SetGoal,
    SetGroup,
    SetLight,
    SetScene,
    SetTime,
    TurnOff,
    TurnOn,
)
from lifeworld.scene.naming import free_name, renamed
from lifeworld.scene.place import place_one
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, Scene, Thing

Item = TypeVar("Item")
Assets = Mapping[str, Assembly]
STILL = (0.0, 0.0, 0.0)


def apply(scene: Scene, edits: Edits, *, seed: int = 0, assets: Assets | None = None) -> Scene:
    """The scene after an edit, a plan, or several edits in a row.

    `seed` is for what has to be placed, `assets` gives the shapes of imported things by name. All or nothing: where one edit of several
    does not fit, the error says which, and there is no new scene.

    Raises:
        EditError: for an edit that does not fit.
        UnknownName: for things, kinds, joints … that do not exist.
        LimitError, RelationCycle, PlacementError: as the scene's own.
    """
    each = edits_of(edits)
    for index, edit in enumerate(each):
        try:
            scene = step(scene, edit, seed=seed, assets=assets)
        except InputError as error:
            if len(each) > 1:
                error.at(f"edit {index + 1} of {len(each)} ({describe(edit)})")
            raise
    return scene


def step(scene: Scene, edit: Edit, *, seed: int, assets: Assets | None) -> Scene:
    """The scene after one edit; raises as `apply`."""
    for error in needs(scene, edit, assets=assets):
        raise error
    try:
        after = _effect(scene, edit, seed, assets)
        if isinstance(edit, Set | Replace | SetGoal | SetEvent | SetScene):
            check_wanted(after)
        return after
    except SceneError as error:
        if type(error) is not SceneError:
            raise
        raise EditError(error.what, where=error.where, got=error.got, expected=error.expected, fix=error.fix) from error


def _effect(scene: Scene, edit: Edit, seed: int, assets: Assets | None) -> Scene:
    match edit:
        case Add(thing, index, solve):
            scene = replace(scene, things=_inserted(scene.things, thing, index))
            return _solved(scene, thing, seed, assets) if solve else scene
        case Copy(name, copy, asked, index, solve):
            thing = _like(scene.thing(name), copy, asked)
            scene = replace(scene, things=_inserted(scene.things, thing, index))
            return _solved(scene, thing, seed, assets) if solve else scene
        case Remove(name):
            return _without(scene, name)
        case Replace(name, thing, solve):
            old = scene.thing(name)
            return replaced(scene, old, thing, seed, assets=assets) if solve else put_in(scene, old, thing, assets=assets)
        case Rename(name, to):
            return renamed(scene, name, to)
        case Fill():
            return filled(scene, edit, seed, assets=assets)
        case SetTime(hour):
            others = tuple(light for light in scene.lights if light.kind != "sun")
            taken = set(replace(scene, lights=others).names())
            suns = tuple(replace(light, name=free_name(light.name, taken)) for light in daylight(hour))
            return replace(scene, lights=(*suns, *others))
        case SetScene():
            return replace(scene, **edit.given())
        case SetCamera(name, item, index):
            return replace(scene, cameras=_put(scene.cameras, name, item, index))
        case SetLight(name, light, index):
            return replace(scene, lights=_put(scene.lights, name, light, index))
        case SetGroup(name, group, index):
            return replace(scene, groups=_put(scene.groups, name, group, index))
        case SetGoal(name, goal, index):
            return replace(scene, goals=_put(scene.goals, name, goal, index))
        case SetEvent(name, event, index):
            return replace(scene, events=_put(scene.events, name, event, index))
        case Place(name, asked):
            return _placed(scene, scene.thing(name), asked, seed, assets)
        case Rotate(name, angle, axis):
            thing = scene.thing(name)
            return put(scene, replace(thing, pose=turned(thing, angle, axis, assets=assets)), assets=assets)
        case Scale(name, factor):
            return put(scene, scaled(scene.thing(name), factor), assets=assets)
        case _:
            return scene.with_thing(_changed(scene.thing(edit.name), edit))


def _changed(thing: Thing, edit: Edit) -> Thing:
    """What an edit makes of the one thing it is about, where it is about nothing else."""
    match edit:
        case Move(_, pose):
            return replace(thing, pose=pose)
        case Relate(_, relations):
            return replace(thing, relations=relations)
        case Set():
            return replace(thing, **edit.given())
        case TurnOn() | TurnOff():
            return replace(thing, turned_on=isinstance(edit, TurnOn))
        case Open(_, joint, fraction):
            return _jointed(thing, joint, fraction, every=False)
        case Close(_, joint):
            return _jointed(thing, joint, 0.0, every=True)
        case Attach(_, to):
            return replace(thing, attach=to)
        case Detach():
            return replace(thing, attach=None)
        case _:
            raise EditError("not an edit of one thing", reason="not_an_edit", got=edit)


def _placed(scene: Scene, thing: Thing, asked: tuple[Relation, ...] | None, seed: int, assets: Assets | None) -> Scene:
    """The scene with a thing where its relations say, with what goes along; or waiting to be placed with the others."""
    waiting = replace(thing, pose=None, relations=thing.relations if asked is None else asked)
    if any(t.pose is None for t in scene.things if t.name != thing.name):
        return scene.with_thing(waiting)
    near = {name for relation in waiting.relations for name in relation.targets}
    along = set(riders(scene, thing.name, assets=assets)) - near if thing.pose is not None else set()
    gone = replace(scene.with_thing(waiting), things=tuple(_off(t) if t.name in along else t for t in scene.with_thing(waiting).things))
    return put(scene, replace(waiting, pose=place_one(Room(gone, assets), waiting, seed)), assets=assets)


def _off(thing: Thing) -> Thing:
    return replace(thing, pose=None)


def _solved(scene: Scene, thing: Thing, seed: int, assets: Assets | None) -> Scene:
    """The scene with the thing placed, if it has no pose yet and everybody else has."""
    if thing.pose is not None or any(t.pose is None for t in scene.things if t.name != thing.name):
        return scene
    return scene.with_thing(replace(thing, pose=place_one(Room(scene, assets), thing, seed)))


def _like(thing: Thing, name: str, asked: tuple[Relation, ...] | None) -> Thing:
    """A thing like another, at rest; where nothing is asked, beside it on what it stands on."""
    if asked is None:
        carriers = tuple(replace(r, at_m=None, yaw_deg=None) for r in thing.relations if r.kind in CARRYING)
        beside = () if any(r.kind == "in" for r in carriers) else (Relation(kind="beside", thing=thing.name),)
        asked = (*carriers, *beside)
    return replace(thing, name=name, pose=None, relations=asked, attach=None, linear_velocity_m_s=STILL, angular_velocity_rad_s=STILL)


def _without(scene: Scene, name: str) -> Scene:
    """The scene without a thing, its members and those it held."""
    left = tuple(_freed(t, name) for t in scene.things if t.name != name)
    groups = tuple(replace(g, members=tuple(m for m in g.members if m != name)) for g in scene.groups if g.members != (name,))
    return replace(scene, things=left, groups=groups)


def _freed(thing: Thing, name: str) -> Thing:
    if thing.attach == name:
        thing = replace(thing, attach=None)
    if name in thing.relation_targets:
        thing = replace(thing, relations=tuple(r for r in thing.relations if name not in r.targets))
    return thing


def _jointed(thing: Thing, joint: str | None, fraction: float, *, every: bool) -> Thing:
    joints = moving_joints(thing)
    chosen = [joint] if joint is not None else list(joints) if every else list(joints)[:1]
    return replace(thing, joints=tuple({**dict(thing.joints), **{n: _position(joints[n], fraction) for n in chosen}}.items()))


def _position(joint: Joint, fraction: float) -> float:
    closed, opened = joint.range if joint.range is not None else (0.0, 0.0)
    return float(opened if fraction == 1.0 else closed + fraction * (opened - closed))


def _inserted(items: tuple[Item, ...], item: Item, index: int | None) -> tuple[Item, ...]:
    at = len(items) if index is None else index
    return (*items[:at], item, *items[at:])


def _put(items: tuple[Any, ...], name: str, item: Any, index: int | None) -> tuple[Any, ...]:
    """The items with the one of this name replaced, taken away, or put in."""
    at = next((i for i, each in enumerate(items) if each.name == name), None)
    if at is None:
        return _inserted(items, item, index)
    return (*items[:at], *([] if item is None else [item]), *items[at + 1 :])
