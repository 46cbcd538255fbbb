"""Which edits take an edit back, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, overload

from lifeworld.scene.assembly import Assembly
from lifeworld.scene.edit.apply import step
from lifeworld.scene.edit.change import riders
from lifeworld.scene.edit.needs import LISTS
from lifeworld.scene.edit.plan import EditPlan, Edits, edits_of
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
from lifeworld.scene.scene import Scene, Thing

Assets = Mapping[str, Assembly]


@overload
def inverse(scene: Scene, edits: EditPlan, *, seed: int = 0, assets: Assets | None = None) -> EditPlan: ...
@overload
def inverse(scene: Scene, edits: Edit | Sequence[Edit], *, seed: int = 0, assets: Assets | None = None) -> tuple[Edit, ...]: ...
def inverse(scene: Scene, edits: Edits, *, seed: int = 0, assets: Assets | None = None) -> EditPlan | tuple[Edit, ...]:
    """The edits that lead back to `scene` from `apply(scene, edits, seed=seed)`, exactly; a plan for a plan.

    Raises:
        EditError, SceneError: as `apply`.
    """
    each = edits_of(edits)
    back: tuple[Edit, ...] = ()
    for index, edit in enumerate(each):
        now = scene
        after = cache(lambda before=now, one=edit: step(before, one, seed=seed, assets=assets))
        back = (*_back(scene, edit, after, seed, assets), *back)
        if index + 1 < len(each):
            scene = after()
    return EditPlan(back) if isinstance(edits, EditPlan) else back


def _back(scene: Scene, edit: Edit, after: Callable[[], Scene], seed: int, assets: Assets | None) -> tuple[Edit, ...]:
    match edit:
        case Add(thing):
            return (Remove(thing.name),)
        case Copy(_, copy):
            return (Remove(copy),)
        case Remove(name):
            return _added_again(scene, scene.thing(name))
        case Replace(name, thing):
            again = Replace(thing.name, scene.thing(name), solve=False)
            return (again, *_things_again(scene, step(after(), again, seed=seed, assets=assets)))
        case Rename(name, to):
            return (Rename(to, name),)
        case Fill():
            known = {t.name for t in scene.things}
            return tuple(Remove(t.name) for t in reversed(after().things) if t.name not in known)
        case Move(name):
            return (Move(name, scene.thing(name).pose),)
        case Relate(name):
            return (Relate(name, scene.thing(name).relations),)
        case Place(name):
            thing = scene.thing(name)
            along = riders(scene, name, assets=assets) if thing.pose is not None and all(t.pose is not None for t in scene.things) else ()
            moves = (Move(t.name, t.pose) for t in scene.things if t.name in along)
            return (Relate(name, thing.relations), Move(name, thing.pose), *moves)
        case Rotate() | Scale():
            return _things_again(scene, after())
        case Set(name):
            return (Set(name, **{k: getattr(scene.thing(name), k) for k in edit.given()}),)
        case TurnOn(name) | TurnOff(name):
            return (Set(name, turned_on=scene.thing(name).turned_on),)
        case Open(name) | Close(name):
            return (Set(name, joints=scene.thing(name).joints),)
        case Attach(name) | Detach(name):
            return (Set(name, attach=scene.thing(name).attach),)
        case SetCamera() | SetLight() | SetGroup() | SetGoal() | SetEvent():
            items = getattr(scene, LISTS[type(edit)])
            at = next((i for i, item in enumerate(items) if item.name == edit.name), None)
            return (type(edit)(edit.name, None if at is None else items[at], at),)
        case SetTime():
            return (SetScene(lights=scene.lights),)
        case SetScene():
            return (SetScene(**{k: getattr(scene, k) for k in edit.given()}),)


def _added_again(scene: Scene, thing: Thing) -> tuple[Edit, ...]:
    """What puts a thing back that was removed, and into all that lost it."""
    index = next(i for i, t in enumerate(scene.things) if t.name == thing.name)
    others = [t for t in scene.things if t.name != thing.name]
    return (
        Add(thing, index, solve=False),
        *(Relate(t.name, t.relations) for t in others if thing.name in t.relation_targets),
        *(Set(t.name, attach=thing.name) for t in others if t.attach == thing.name),
        *(SetGroup(g.name, g, i) for i, g in enumerate(scene.groups) if thing.name in g.members),
    )


def _things_again(scene: Scene, now: Scene) -> tuple[Edit, ...]:
    """What makes the things of `now` those of `scene`, where places, relations, sizes and joints may differ."""
    return tuple(edit for before, thing in zip(scene.things, now.things, strict=True) for edit in _thing_again(before, thing))


def _thing_again(before: Thing, now: Thing) -> Iterator[Edit]:
    values: dict[str, Any] = {k: getattr(before, k) for k in ("size_m", "joints") if getattr(before, k) != getattr(now, k)}
    if values:
        yield Set(now.name, **values)
    if before.relations != now.relations:
        yield Relate(now.name, before.relations)
    if before.pose != now.pose:
        yield Move(now.name, before.pose)
