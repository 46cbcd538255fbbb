"""What an edit makes of a scene, and which edits take that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from lifeworld.core.errors import EditError, SceneError, UnknownName
from lifeworld.core.pose import Pose
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly, Joint
from lifeworld.scene.check import CARRYING, check_thing, is_asset
from lifeworld.scene.edit.values import (
    Add,
    Close,
    Edit,
    Edits,
    Move,
    Open,
    Place,
    Relate,
    Remove,
    Set,
    SetCamera,
    SetLight,
    SetScene,
)
from lifeworld.scene.place import place_one
from lifeworld.scene.room import Room
from lifeworld.scene.scene import CameraMount, Light, Scene, Thing

Named = TypeVar("Named", bound=CameraMount | Light)
Assets = Mapping[str, Assembly]


def apply(scene: Scene, edit: Edits, *, seed: int = 0, assets: Assets | None = None) -> Scene:
    """The scene after an edit, or after several in a row; `seed` is for what has to be placed.

    Raises:
        EditError: for an edit that does not fit.
        UnknownName: for things, kinds, joints … that do not exist.
        LimitError, RelationCycle, PlacementError: as the scene's own.
    """
    if isinstance(edit, Sequence):
        for one in edit:
            scene = apply(scene, one, seed=seed, assets=assets)
        return scene
    try:
        return _applied(scene, edit, seed, assets)
    except SceneError as error:
        if type(error) is not SceneError:
            raise
        raise EditError(error.what, where=error.where, got=error.got, expected=error.expected, fix=error.fix) from error


def inverse(scene: Scene, edit: Edits, *, seed: int = 0, assets: Assets | None = None) -> tuple[Edit, ...]:
    """The edits that lead back to `scene` from `apply(scene, edit, seed=seed)`, exactly.

    Raises:
        EditError, SceneError: as `apply`.
    """
    if isinstance(edit, Sequence):
        back: tuple[Edit, ...] = ()
        for one in edit:
            back = (*inverse(scene, one, seed=seed, assets=assets), *back)
            scene = apply(scene, one, seed=seed, assets=assets)
        return back
    match edit:
        case Add(thing):
            return (Remove(thing.name),)
        case Remove(name):
            index = _index(scene, name)
            related = (Relate(t.name, t.relations) for t in scene.things if name in t.relation_targets and t.name != name)
            return (Add(scene.things[index], index, solve=False), *related)
        case Move(name):
            return (Move(name, scene.thing(name).pose),)
        case Relate(name):
            return (Relate(name, scene.thing(name).relations),)
        case Place(name):
            thing = scene.thing(name)
            return (Relate(name, thing.relations), Move(name, thing.pose))
        case Set(name):
            return (Set(name, **{k: getattr(scene.thing(name), k) for k in edit.given()}),)
        case Open(name) | Close(name):
            return (Set(name, joints=scene.thing(name).joints),)
        case SetCamera(name):
            at = next((i for i, c in enumerate(scene.cameras) if c.name == name), None)
            return (SetCamera(name, None if at is None else scene.cameras[at], at),)
        case SetLight(name):
            at = next((i for i, light in enumerate(scene.lights) if light.name == name), None)
            return (SetLight(name, None if at is None else scene.lights[at], at),)
        case SetScene():
            return (SetScene(**{k: getattr(scene, k) for k in edit.given()}),)


def with_riders(scene: Scene, move: Move) -> tuple[Move, ...]:
    """The moves of a thing and, rigidly with it, of all that stands on it or in it by relation.

    Raises:
        EditError: if the thing has no pose to move from, or none to move to.
    """
    start = scene.thing(move.name).pose
    if start is None or move.pose is None:
        raise EditError("only what has a pose, and gets one, takes others along", where=f"thing {move.name!r}")
    after_from_before = move.pose @ start.inverse()
    along = {move.name}
    while True:
        more = {t.name for t in scene.things if any(r.kind in CARRYING and r.thing in along for r in t.relations)} - along
        if not more:
            break
        along |= more
    riders = (t for t in scene.things if t.name in along and t.name != move.name and t.pose is not None)
    return (move, *(Move(t.name, after_from_before @ t.pose) for t in riders if t.pose is not None))


def _applied(scene: Scene, edit: Edit, seed: int, assets: Assets | None) -> Scene:
    match edit:
        case Add(thing, index, solve):
            if any(t.name == thing.name for t in scene.things):
                raise EditError(f"there is a thing {thing.name!r} already", fix="Choose another name.")
            after = replace(scene, things=_inserted(scene.things, thing, index))
            return _solved(after, thing, seed, assets) if solve else _checked(after, thing)
        case Remove(name):
            return _without(scene, scene.thing(name))
        case Move(name, pose):
            return scene.with_thing(_posed(scene.thing(name), pose))
        case Relate(name, relations):
            thing = replace(scene.thing(name), relations=relations)
            return _checked(scene.with_thing(thing), thing)
        case Place(name, asked):
            thing = scene.thing(name)
            thing = replace(thing, pose=None, relations=thing.relations if asked is None else asked)
            return _solved(scene.with_thing(thing), thing, seed, assets)
        case Set(name):
            thing = replace(scene.thing(name), **edit.given())
            return _checked(scene.with_thing(thing), thing)
        case Open(name, joint, fraction):
            if not 0.0 <= fraction <= 1.0:
                raise EditError("fraction is out of bounds", where=f"thing {name!r}", got=fraction, expected="0 (closed) to 1 (open)")
            return scene.with_thing(_jointed(scene.thing(name), joint, fraction, every=False))
        case Close(name, joint):
            return scene.with_thing(_jointed(scene.thing(name), joint, 0.0, every=True))
        case SetCamera(name, camera, index):
            return replace(scene, cameras=_put(scene.cameras, "camera", name, camera, index))
        case SetLight(name, light, index):
            return replace(scene, lights=_put(scene.lights, "light", name, light, index))
        case SetScene():
            return replace(scene, **edit.given())
        case _:
            raise EditError("not an edit", got=edit)


def _solved(scene: Scene, thing: Thing, seed: int, assets: Assets | None) -> Scene:
    """The scene with the thing placed, if it has no pose yet and everybody else has."""
    _checked(scene, thing)
    if thing.pose is not None or any(t.pose is None for t in scene.things if t.name != thing.name):
        return scene
    return scene.with_thing(replace(thing, pose=place_one(Room(scene, assets), thing, seed)))


def _checked(scene: Scene, thing: Thing) -> Scene:
    check_thing(scene, thing)
    return scene


def _without(scene: Scene, thing: Thing) -> Scene:
    for sort, mounted in (("camera", scene.cameras), ("sensor", scene.sensors)):
        for one in mounted:
            if one.attach == thing.name:
                how = "SetCamera" if sort == "camera" else "SetScene(sensors=…)"
                raise EditError(
                    f"the {sort} {one.name!r} is attached to {thing.name!r}", fix=f"Attach it elsewhere, or take it away first: {how}."
                )
    for goal in scene.goals:
        if thing.name in goal.targets:
            raise EditError(f"the goal {goal.name!r} is about {thing.name!r}", fix="Take the goal away first: SetScene(goals=…).")
    left = (t for t in scene.things if t.name != thing.name)
    freed = (
        replace(t, relations=tuple(r for r in t.relations if r.thing != thing.name)) if thing.name in t.relation_targets else t
        for t in left
    )
    return replace(scene, things=tuple(freed))


def _posed(thing: Thing, pose: Pose | None) -> Thing:
    if pose is not None and pose.position_m.shape != (3,):
        raise EditError(
            "a thing has one pose", where=f"thing {thing.name!r}", got=pose.position_m.shape, expected="a position of shape (3,)"
        )
    return replace(thing, pose=pose)


def _jointed(thing: Thing, joint: str | None, fraction: float, *, every: bool) -> Thing:
    where = f"thing {thing.name!r}"
    if is_asset(thing):
        raise EditError("the joints of an imported thing are not known here", where=where, fix="Set its joints by position instead.")
    joints = {j.name: j for j in archetype.build(thing).joints if j.range is not None}
    if joint is not None and joint not in joints:
        raise UnknownName(f"joint of a {thing.kind} that opens", joint, joints, where=where)
    if not joints:
        raise EditError(f"a {thing.kind} has nothing to open or close", where=where)
    chosen = [joint] if joint is not None else list(joints) if every else list(joints)[:1]
    return replace(thing, joints=tuple({**dict(thing.joints), **{n: _position(joints[n], fraction) for n in chosen}}.items()))


def _position(joint: Joint, fraction: float) -> float:
    closed, opened = joint.range if joint.range is not None else (0.0, 0.0)
    return float(opened if fraction == 1.0 else closed + fraction * (opened - closed))


def _inserted(items: tuple[Thing, ...], item: Thing, index: int | None) -> tuple[Thing, ...]:
    at = _place(len(items), index)
    return (*items[:at], item, *items[at:])


def _put(items: tuple[Named, ...], sort: str, name: str, item: Named | None, index: int | None) -> tuple[Named, ...]:
    """The items with the one of this name replaced, taken away, or put in."""
    if item is not None and item.name != name:
        raise EditError(f"the {sort} is called otherwise", got=item.name, expected=name)
    at = next((i for i, each in enumerate(items) if each.name == name), None)
    if at is not None:
        return (*items[:at], *([] if item is None else [item]), *items[at + 1 :])
    if item is None:
        raise UnknownName(sort, name, (i.name for i in items))
    at = _place(len(items), index)
    return (*items[:at], item, *items[at:])


def _place(length: int, index: int | None) -> int:
    if index is not None and not 0 <= index <= length:
        raise EditError("there is no such place in the list", got=index, expected=f"0 to {length}")
    return length if index is None else index


def _index(scene: Scene, name: str) -> int:
    scene.thing(name)  # raises for an unknown one
    return next(i for i, t in enumerate(scene.things) if t.name == name)
