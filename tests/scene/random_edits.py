"""Hypothesis strategies for edits of every type: of a scene, and fitting it but for the luck of being placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args

from hypothesis import strategies as st
from random_scenes import events, numbers, poses, scenes, things

from lifeworld.scene import archetype
from lifeworld.scene.edit import (
    UNSET,
    Add,
    Attach,
    Close,
    Copy,
    Detach,
    Edit,
    EditPlan,
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
    apply,
    unmet,
)
from lifeworld.scene.goal import Goal
from lifeworld.scene.group import Group
from lifeworld.scene.naming import free_name
from lifeworld.scene.scene import CameraMount, Light, Scene, Thing

EDITS = get_args(Edit)
_OF_NO_THING = (Add, SetCamera, SetLight, SetScene, SetTime)


@st.composite
def edits_of_any_type(draw: st.DrawFn, scene: Scene) -> Edit:
    """An edit that is meant for a scene; it may not fit it."""
    sort = draw(st.sampled_from(EDITS if scene.things else _OF_NO_THING))
    if sort in (SetCamera, SetLight, SetScene, SetTime, Add):
        return draw(_MADE[sort](scene, None))
    return draw(_MADE[sort](scene, draw(st.sampled_from(scene.things))))


@st.composite
def scenes_and_edits(draw: st.DrawFn) -> tuple[Scene, Edit]:
    """A scene and an edit that fits it, but for its luck in being placed."""
    scene = draw(scenes())
    edit = draw(edits_of_any_type(scene))
    if isinstance(edit, Remove):
        scene = replace(scene, cameras=(), sensors=(), goals=(), events=())
    return scene, edit


@st.composite
def plans(draw: st.DrawFn, scene: Scene, *, most: int = 6) -> EditPlan:
    """A plan of up to `most` edits, each meant for what the ones before make of the scene; it may be refused."""
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, most))):
        edit = draw(edits_of_any_type(scene))
        edits.append(edit)
        if unmet(scene, edit):
            break
        scene = apply(scene, edit)
    return EditPlan(tuple(edits), said=draw(st.text(max_size=20)), evidence=tuple(draw(st.lists(st.text(max_size=10), max_size=2))))


def _new(scene: Scene, base: str = "new") -> str:
    return free_name(base, scene.names())


@st.composite
def _add(draw: st.DrawFn, scene: Scene, _: Any) -> Edit:
    index = draw(st.none() | st.integers(0, len(scene.things)))
    return Add(draw(things(_new(scene), list(scene.things))), index, solve=draw(st.booleans()))


@st.composite
def _set_scene(draw: st.DrawFn, scene: Scene, _: Any) -> Edit:
    other = draw(scenes(most=0))
    free = set(other.names()).isdisjoint(scene.names())
    lists = {f.name for f in fields(SetScene) if isinstance(getattr(other, f.name), tuple)} - {"gravity_m_s2"}
    left = {"embodiments", "assets"} if free else lists
    given = {f.name: draw(st.just(UNSET) | st.just(getattr(other, f.name))) for f in fields(SetScene) if f.name not in left}
    return SetScene(**given)


@st.composite
def _set_camera(draw: st.DrawFn, scene: Scene, _: Any) -> Edit:
    name = draw(st.sampled_from([_new(scene), *(c.name for c in scene.cameras)]))
    camera = CameraMount(name=name, pose=draw(poses()))
    return SetCamera(name, camera if name == _new(scene) else draw(st.sampled_from([None, camera])), 0)


@st.composite
def _set_light(draw: st.DrawFn, scene: Scene, _: Any) -> Edit:
    name = draw(st.sampled_from([_new(scene), *(light.name for light in scene.lights)]))
    light = Light(name=name, intensity=draw(numbers(0, 10)))
    return SetLight(name, light if name == _new(scene) else draw(st.sampled_from([None, light])), 0)


@st.composite
def _set_group(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    name = draw(st.sampled_from([_new(scene), *(g.name for g in scene.groups)]))
    members = draw(st.lists(st.sampled_from([t.name for t in scene.things]), min_size=1, max_size=3, unique=True))
    group = Group(name=name, members=tuple(members))
    return SetGroup(name, group if name == _new(scene) else draw(st.sampled_from([None, group])), 0)


@st.composite
def _set_goal(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    name = draw(st.sampled_from([_new(scene), *(g.name for g in scene.goals)]))
    goal = Goal(name=name, predicate="upright", thing=some.name)
    return SetGoal(name, goal if name == _new(scene) else draw(st.sampled_from([None, goal])), 0)


@st.composite
def _set_event(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    name = draw(st.sampled_from([_new(scene), *(e.name for e in scene.events)]))
    camera, body, before = (
        next((one.name for one in held if one.name != name), None) for held in (scene.cameras, scene.embodiments, scene.events)
    )
    event = draw(events(name, some.name, camera, body, before))
    return SetEvent(name, event if name == _new(scene) else draw(st.sampled_from([None, event])), 0)


@st.composite
def _replace(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    name = draw(st.sampled_from([some.name, _new(scene)]))
    others = [t for t in scene.things if t.name != some.name]
    thing = draw(things(name, others))
    if draw(st.booleans()):
        thing = replace(thing, pose=None, relations=())
    return Replace(some.name, thing, solve=draw(st.booleans()))


@st.composite
def _copy(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    relations = draw(st.none() | st.just(()) | things("x", list(scene.things)).map(lambda t: t.relations))
    return Copy(some.name, _new(scene), relations, draw(st.none() | st.just(0)), draw(st.booleans()))


@st.composite
def _rename(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    return Rename(draw(st.sampled_from(sorted(scene.names()))), _new(scene, draw(st.sampled_from(["new", "table", "a"]))))


@st.composite
def _fill(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    grain = Thing(name="grain", kind="ball", size_m=(0.04, 0.04, 0.04))
    holders = [t.name for t in scene.things if archetype.build(t).containers]
    return Fill(draw(st.sampled_from(holders)) if holders else some.name, grain, draw(st.sampled_from([0.0, 0.02, 0.1])))


@st.composite
def _set(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    others = [t for t in scene.things if t is not some]
    other = replace(draw(things(some.name, others)), kind=some.kind, size_m=some.size_m, options=some.options, joints=())
    given = {
        f.name: draw(st.just(UNSET) | st.just(getattr(other, f.name))) for f in fields(Set) if f.name not in ("name", "size_m", "options")
    }
    return Set(some.name, **given)


@st.composite
def _place(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    relations = draw(things(some.name, [t for t in scene.things if t is not some])).relations
    return Place(some.name, draw(st.sampled_from([None, relations])))


@st.composite
def _relate(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    return Relate(some.name, draw(things(some.name, [t for t in scene.things if t is not some])).relations)


@st.composite
def _open(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    able = [t for t in scene.things if any(j.range is not None for j in archetype.build(t).joints)] or [some]
    thing = draw(st.sampled_from(able))
    joint = draw(st.sampled_from([None, *(j.name for j in archetype.build(thing).joints if j.range is not None)]))
    return draw(st.sampled_from([Open(thing.name, joint, draw(st.floats(0, 1))), Close(thing.name, joint)]))


@st.composite
def _attach(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    return Attach(some.name, draw(st.sampled_from([t.name for t in scene.things])))


@st.composite
def _scale(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    return Scale(some.name, draw(st.sampled_from([1.0, 1.1, 0.9, (1.0, 1.2, 1.0)])))


@st.composite
def _rotate(draw: st.DrawFn, scene: Scene, some: Thing) -> Edit:
    return Rotate(some.name, draw(st.floats(-720, 720)), draw(st.sampled_from(["x", "y", "z"])))


def _simple(sort: Callable[..., Any]) -> Callable[[Scene, Any], st.SearchStrategy[Edit]]:
    return lambda scene, some: st.just(sort(some.name))


def _on_or_off(sort: Callable[..., Any]) -> Callable[[Scene, Any], st.SearchStrategy[Edit]]:
    return lambda scene, some: st.sampled_from([sort(t.name) for t in scene.things if t.kind == "lamp"] or [sort(some.name)])


_MADE: dict[Any, Callable[[Scene, Any], st.SearchStrategy[Edit]]] = {
    Add: _add,
    Remove: _simple(Remove),
    Replace: _replace,
    Copy: _copy,
    Rename: _rename,
    Fill: _fill,
    Move: lambda scene, some: st.builds(Move, st.just(some.name), st.none() | poses()),
    Relate: _relate,
    Place: _place,
    Rotate: _rotate,
    Scale: _scale,
    Set: _set,
    TurnOn: _on_or_off(TurnOn),
    TurnOff: _on_or_off(TurnOff),
    Open: _open,
    Close: _open,
    Attach: _attach,
    Detach: _simple(Detach),
    SetCamera: _set_camera,
    SetLight: _set_light,
    SetGroup: _set_group,
    SetGoal: _set_goal,
    SetEvent: _set_event,
    SetTime: lambda scene, some: st.builds(SetTime, numbers(0, 24)),
    SetScene: _set_scene,
}
assert set(_MADE) == set(EDITS)
