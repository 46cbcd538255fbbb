"""What an edit needs of the scene it is made to: everything that keeps it from fitting, found before anything changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial

from lifeworld.core.errors import EditError, InputError, SceneError, UnknownName
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly, Joint
from lifeworld.scene.body import body_of
from lifeworld.scene.bounds import check_name, finite
from lifeworld.scene.check import check_thing, is_asset
from lifeworld.scene.condition import GROUND
from lifeworld.scene.edit.change import container, in_its_name, scaled
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
from lifeworld.scene.naming import free_name
from lifeworld.scene.room import Room
from lifeworld.scene.scene import Relation, Scene, Thing

Assets = Mapping[str, Assembly]
HELD_M = 0.02
"""How far apart, box from box, two things may be that are to hold each other."""
MAX_TURN_DEG = 36_000.0
LISTS = {SetCamera: "cameras", SetLight: "lights", SetGroup: "groups", SetGoal: "goals", SetEvent: "events"}
"""Which list of a scene the edits of one of its items are about."""


def needs(scene: Scene, edit: Edit, *, assets: Assets | None = None) -> Iterator[InputError]:
    """The errors that keep an edit from fitting, those about names first; none when it fits, but for the luck of being placed."""
    match edit:
        case Add(thing, index):
            taken = list(_free(scene, thing.name))
            yield from taken
            yield from _index(len(scene.things), index)
            yield from () if taken else _joins(scene, thing)
            return
        case SetCamera() | SetLight() | SetGroup() | SetGoal() | SetEvent():
            yield from _item(scene, edit)
            return
        case SetTime(hour):
            yield from _tried(lambda: finite("hour", (hour,), least=0.0, most=24.0))
            return
        case SetScene():
            return
        case Rename(name, to):
            if name not in set(scene.names()):
                yield UnknownName("thing", name, scene.names())
            yield from _tried(lambda: check_name(to, "thing"))
            if to in set(scene.names()) or _means_the_ground(scene, to):
                yield EditError(f"the name {to!r} is taken", reason="name_taken", fix="Choose another name.")
            return
    try:
        thing = scene.thing(edit.name)
    except UnknownName as error:
        yield error
        return
    yield from _of_thing(scene, thing, edit, assets)


def moving_joints(thing: Thing) -> dict[str, Joint]:
    """The joints of a thing that have a range, by name.

    Raises:
        EditError: for an imported thing.
    """
    if is_asset(thing):
        raise EditError(
            "the joints of an imported thing are not known here",
            reason="imported",
            where=f"thing {thing.name!r}",
            fix="Set its joints by position instead.",
        )
    return {j.name: j for j in archetype.build(thing).joints if j.range is not None}


def _of_thing(scene: Scene, thing: Thing, edit: Edit, assets: Assets | None) -> Iterator[InputError]:
    where = f"thing {thing.name!r}"
    match edit:
        case Remove():
            yield from _holders(scene, thing)
        case Replace(_, new):
            taken = list(_free(scene, new.name, but=thing.name))
            if new.name != thing.name and _means_the_ground(scene, new.name):
                taken.append(EditError(f"the name {new.name!r} is taken", reason="name_taken", fix="Choose another name."))
            yield from taken
            yield from () if taken else _tried(lambda: check_thing(in_its_name(scene, thing, new), new))
        case Copy(_, copy, relations, index):
            yield from _free(scene, copy)
            yield from _index(len(scene.things), index)
            yield from _tried(lambda: check_name(copy, "thing"))
            if relations is not None:
                yield from _related(scene, thing, relations)
        case Fill(_, new, amount, name):
            yield from _tried(lambda: finite("amount", (amount,), least=0.0, most=1.0, where=where))
            if new.pose is not None or new.relations:
                yield EditError("what a thing is filled with finds its place itself", where=where, fix="Leave out its pose and relations.")
            yield from _tried(lambda: container(Room(Scene(name="room"), assets), thing, name))
            yield from _joins(scene, replace(new, name=free_name(new.name, scene.names()), relations=(), pose=None))
        case Move(_, pose):
            if pose is not None and pose.position_m.shape != (3,):
                yield EditError("a thing has one pose", where=where, got=pose.position_m.shape, expected="a position of shape (3,)")
            else:
                yield from _tried(lambda: replace(thing, pose=pose))
        case Relate(_, relations):
            yield from _related(scene, thing, relations)
        case Place(_, relations):
            yield from _related(scene, thing, thing.relations if relations is None else relations)
        case Rotate(_, angle, axis):
            yield from _tried(lambda: finite("angle_deg", (angle,), most=MAX_TURN_DEG, where=where))
            if axis not in ("x", "y", "z"):
                yield UnknownName("axis", str(axis), ("x", "y", "z"), where=where)
            if thing.pose is None:
                yield EditError("what has no pose cannot be turned", reason="no_pose", where=where, fix="Place it first.")
        case Scale(_, factor):
            yield from _scales(thing, factor)
        case Set():
            yield from _values(scene, thing, edit)
        case TurnOn() | TurnOff():
            if is_asset(thing):
                yield EditError("whether an imported thing can shine is not known here", reason="imported", where=where)
            elif not {"turn_on", "turn_off"} & set(archetype.kind(thing.kind).affordances):
                yield EditError(f"a {_called(thing)} has nothing to turn on or off", reason="cannot", where=where)
        case Open(_, joint, fraction):
            if not 0.0 <= fraction <= 1.0:
                yield EditError(
                    "fraction is out of bounds", reason="out_of_bounds", where=where, got=fraction, expected="0 (closed) to 1 (open)"
                )
            yield from _opens(thing, joint)
        case Close(_, joint):
            yield from _opens(thing, joint)
        case Attach(_, to):
            yield from _holds(scene, thing, to, assets)
        case Detach():
            if thing.attach is None:
                yield EditError(f"{thing.name!r} is not held by anything", reason="not_attached", where=where)


def _tried(make: Callable[[], object]) -> Iterator[InputError]:
    """The error of making something, if it makes one; a plain error of the scene is one of the edit."""
    try:
        make()
    except SceneError as error:
        if type(error) is not SceneError:
            yield error
        else:
            yield EditError(error.what, where=error.where, got=error.got, expected=error.expected, fix=error.fix)
    except InputError as error:
        yield error


def _free(scene: Scene, name: str, *, but: str | None = None) -> Iterator[InputError]:
    if name != but and any(t.name == name for t in scene.things):
        yield EditError(f"there is a thing {name!r} already", reason="name_taken", fix="Choose another name.")
    elif name != but and name in set(scene.names()):
        yield EditError(f"two things are called {name!r}", reason="name_taken", fix="Names are unique in a scene: choose another.")


def _means_the_ground(scene: Scene, name: str) -> bool:
    """Whether an event waits for something at the ground, and a thing of this name would be meant instead."""
    return name == GROUND and any(event.speaks_of_ground for event in scene.events)


def _index(length: int, index: int | None) -> Iterator[InputError]:
    if index is not None and not 0 <= index <= length:
        yield EditError("there is no such place in the list", reason="out_of_bounds", got=index, expected=f"0 to {length}")


def _joins(scene: Scene, thing: Thing) -> Iterator[InputError]:
    """What is wrong with a thing that comes to those of the scene."""
    yield from _tried(lambda: check_thing(replace(scene, things=(*scene.things, thing)), thing))


def _related(scene: Scene, thing: Thing, relations: tuple[Relation, ...]) -> Iterator[InputError]:
    """What is wrong with each of the relations, and then with all of them together."""
    found = False
    for relation in relations:
        for error in _tried(partial(_checked_with, scene, thing, (relation,))):
            found = True
            yield error
    if not found:
        yield from _tried(lambda: _checked_with(scene, thing, relations))


def _checked_with(scene: Scene, thing: Thing, relations: tuple[Relation, ...]) -> None:
    _checked(scene, replace(thing, relations=relations))


def _checked(scene: Scene, thing: Thing) -> None:
    check_thing(scene.with_thing(thing), thing)


def _values(scene: Scene, thing: Thing, edit: Set) -> Iterator[InputError]:
    given = edit.given()
    found = False
    for key, value in given.items():
        for error in _tried(partial(replace, thing, **{key: value})):
            found = True
            yield error
    if not found:
        yield from _tried(lambda: _checked(scene, replace(thing, **given)))
        if "options" in given:
            yield from _tried(lambda: _still_bears(scene.with_thing(replace(thing, **given)), thing.name))


def _still_bears(scene: Scene, name: str) -> None:
    """Raise where something stands on a surface, or lies in a container, that a thing has no more."""
    for other in scene.things:
        if name in other.relation_targets:
            check_thing(scene, other)


def _scales(thing: Thing, factor: float | tuple[float, ...]) -> Iterator[InputError]:
    where = f"thing {thing.name!r}"
    sides = factor if isinstance(factor, tuple) else (factor,)
    wrong = list(_tried(lambda: finite("factor", sides, least=1e-4, most=1e4, where=where)))
    if isinstance(factor, tuple) and len(factor) != 3:
        wrong.append(EditError("factor is one number or three", where=where, got=factor))
    if is_asset(thing) and thing.size_m is None:
        wrong.append(EditError("how large an imported thing is is not known here", reason="imported", where=where, fix="Set its size_m."))
    yield from wrong
    if not wrong:
        by = (factor[0], factor[1], factor[2]) if isinstance(factor, tuple) else factor
        yield from _tried(lambda: _built(scaled(thing, by)))


def _built(thing: Thing) -> None:
    if not is_asset(thing):
        archetype.build(thing)


def _opens(thing: Thing, joint: str | None) -> Iterator[InputError]:
    where = f"thing {thing.name!r}"
    try:
        joints = moving_joints(thing)
    except InputError as error:
        yield error
        return
    if joint is not None and joint not in joints:
        yield UnknownName(f"joint of a {thing.kind} that opens", joint, joints, where=where)
    elif not joints:
        yield EditError(f"a {_called(thing)} has nothing to open or close", reason="cannot", where=where)


def _holders(scene: Scene, thing: Thing) -> Iterator[InputError]:
    """What of the scene is about a thing and would be about nothing without it."""
    for sort, mounted in (("camera", scene.cameras), ("sensor", scene.sensors)):
        for one in mounted:
            if one.attach == thing.name:
                how = f"SetCamera({one.name!r}, None)" if sort == "camera" else "SetScene(sensors=…)"
                yield EditError(
                    f"the {sort} {one.name!r} is attached to {thing.name!r}",
                    reason="needed",
                    fix=f"Attach it elsewhere, or take it away first: {how}.",
                )
    for goal in scene.goals:
        if thing.name in goal.targets:
            yield EditError(
                f"the goal {goal.name!r} is about {thing.name!r}",
                reason="needed",
                fix=f"Take the goal away first: SetGoal({goal.name!r}, None).",
            )
    brought = {name for event in scene.events for name in event.brings}
    for event in scene.events:
        if thing.name in event.targets - brought:
            yield EditError(
                f"the event {event.name!r} is about {thing.name!r}",
                reason="needed",
                fix=f"Take the event away first: SetEvent({event.name!r}, None).",
            )


def _holds(scene: Scene, thing: Thing, to: str, assets: Assets | None) -> Iterator[InputError]:
    where = f"thing {thing.name!r}"
    try:
        other = scene.thing(to)
    except UnknownName as error:
        yield error
        return
    chain = [to]
    while chain[-1] != thing.name and (after := scene.thing(chain[-1]).attach) is not None and after not in chain:
        chain.append(after)
    if chain[-1] == thing.name:
        yield EditError("things would be held by each other in a ring", where=where, got=" by ".join([thing.name, *chain]))
        return
    for one in (thing, other):
        if not is_asset(one) and archetype.build(one).soft is not None:
            yield EditError(f"{one.name!r} is soft: nothing holds it fast", reason="soft", where=where)
    if thing.pose is None or other.pose is None:
        return
    if any(is_asset(t) and t.kind.removeprefix("asset:") not in (assets or {}) for t in (thing, other)):
        return
    (low, high), (low_b, high_b) = (
        (p.min(axis=0), q.max(axis=0)) for p, q in (body_of(t, assets or {}).solid.moved(t.pose).bounds() for t in (thing, other) if t.pose)
    )
    gap = math.hypot(*(max(float(a), float(b), 0.0) for a, b in zip(low_b - high, low - high_b, strict=True)))
    if gap > HELD_M:
        yield EditError(
            f"{thing.name!r} and {to!r} are too far from each other to be held",
            reason="too_far",
            where=where,
            got=f"{gap:.3g} m",
            expected=f"at most {HELD_M:g} m",
            fix="Place it on or beside the other first.",
        )


def _item(scene: Scene, edit: SetCamera | SetLight | SetGroup | SetGoal | SetEvent) -> Iterator[InputError]:
    name = LISTS[type(edit)]
    sort, items = name.removesuffix("s"), getattr(scene, name)
    item = getattr(edit, fields(edit)[1].name)
    if item is not None and item.name != edit.name:
        yield EditError(f"the {sort} is called otherwise", got=item.name, expected=edit.name)
    if edit.name in {one.name for one in items}:
        return
    if item is None:
        yield UnknownName(sort, edit.name, (one.name for one in items))
    else:
        yield from _index(len(items), edit.index)


def _called(thing: Thing) -> str:
    return thing.kind.replace("_", " ")
