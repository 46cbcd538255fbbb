"""The edits between two scenes: few, and in an order in which each fits the scene the ones before it made."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from lifeworld.scene.check import wanted_problem
from lifeworld.scene.edit.apply import apply
from lifeworld.scene.edit.plan import EditPlan
from lifeworld.scene.edit.values import (
    Add,
    Edit,
    Move,
    Relate,
    Remove,
    Set,
    SetCamera,
    SetEvent,
    SetGoal,
    SetGroup,
    SetLight,
    SetScene,
)
from lifeworld.scene.scene import Scene, Thing

_SETTABLE = tuple(f.name for f in fields(Set) if f.name != "name")
_LISTS = ("cameras", "lights", "embodiments", "sensors", "goals", "spaces", "groups")
_ONE = (("cameras", SetCamera), ("lights", SetLight), ("groups", SetGroup), ("goals", SetGoal), ("events", SetEvent))


def diff(before: Scene, after: Scene) -> EditPlan:
    """A plan with `apply(before, diff(before, after)) == after`; an empty one when the scenes are equal.

    Raises:
        SceneError: if `after` is no scene that `check` lets pass.
    """
    edits: list[Edit] = []
    now = before

    def do(edit: Edit) -> None:
        nonlocal now
        now = apply(now, edit)
        edits.append(edit)

    target = {t.name: t for t in after.things}
    names = [t.name for t in after.things]
    kept = _in_order([t.name for t in before.things if t.name in target and t.kind == target[t.name].kind], names)
    in_the_way = _in_the_way(before, after, kept)
    if in_the_way:
        do(SetScene(**in_the_way))
    for thing in before.things:
        if thing.name not in kept:
            do(Remove(thing.name))
    # From here on every relation is one of the final ones: so no ring can come up that `after` does not have.
    for thing in now.things:
        same = tuple(r for r in thing.relations if r in target[thing.name].relations)
        if same != thing.relations:
            do(Relate(thing.name, same))
    for thing in now.things:
        final = target[thing.name]
        values = {k: getattr(final, k) for k in _SETTABLE if not _same(getattr(thing, k), getattr(final, k))}
        if values.get("attach") in names and values["attach"] not in kept:
            del values["attach"]  # to what comes later
        if values:
            do(Set(thing.name, **values))
        if thing.pose != final.pose:
            do(Move(thing.name, final.pose))
    for i, name in enumerate(names):
        if name not in kept:
            do(Add(_possible(target[name], now), i, solve=False))
    for thing in now.things:
        if thing.relations != target[thing.name].relations:
            do(Relate(thing.name, target[thing.name].relations))
        if thing.attach != target[thing.name].attach:
            do(Set(thing.name, attach=target[thing.name].attach))
    for edit in _whole(now, after):
        do(edit)
    return EditPlan(tuple(edits))


def _in_the_way(before: Scene, after: Scene, kept: set[str]) -> dict[str, Any]:
    """What must be otherwise before things come and go: names that things need, cameras on what goes, assets that things bring."""
    coming = {t.name for t in after.things} - kept
    bodies = {None, *kept, *(e.name for e in before.embodiments)}
    values: dict[str, Any] = {}
    final = {t.name: t for t in after.things}
    for name in _LISTS:
        items = getattr(before, name)
        stays = tuple(
            i for i in items if i.name not in coming and getattr(i, "attach", None) in bodies and kept.issuperset(getattr(i, "targets", ()))
        )
        if name == "goals":
            stays = tuple(g for g in stays if wanted_problem(g, final[g.thing], "") is None)
        if stays != items:
            values[name] = stays
    lost = {e.name for e in before.embodiments} - {e.name for e in values.get("embodiments", before.embodiments)}
    for name in ("cameras", "sensors") if lost else ():
        values[name] = tuple(c for c in values.get(name, getattr(before, name)) if c.attach not in lost)
    left = {t.name for t in before.things} & kept
    left.update(i.name for name in _LISTS for i in values.get(name, getattr(before, name)))
    waits = [w for e in before.events for w in (e.when, e.expects) if w is not None and w.thing in final]
    gone = any(event.name in coming or not left.issuperset(event.targets & set(before.names())) for event in before.events)
    if gone or any(wanted_problem(when, final[when.thing], "") is not None for when in waits):
        values["events"] = ()  # all of them, since one may speak of what another brings
    missing = tuple(a for a in after.assets if a.name not in {b.name for b in before.assets})
    if missing:
        values["assets"] = (*before.assets, *missing)
    return values


def _whole(now: Scene, after: Scene) -> list[Edit]:
    """What is left to set once the things are right."""
    values = {
        f.name: getattr(after, f.name)
        for f in fields(Scene)
        if f.name != "things" and not _same(getattr(now, f.name), getattr(after, f.name))
    }
    edits: list[Edit] = []
    if not {"embodiments", "assets"} & set(values):  # a camera may hang on an embodiment that comes now
        for name, one in _ONE:
            changed = _one_changed(getattr(now, name), values.get(name, ()))
            if changed is not None:
                edits.append(one(changed.name, changed))
                del values[name]
    return [SetScene(**values), *edits] if values else edits


def _one_changed(now: Sequence[Any], after: Sequence[Any]) -> Any:
    """The one item that differs between two lists of the same names; None when it is not just one."""
    changed = [b for a, b in zip(now, after, strict=False) if a != b]
    return changed[0] if len(changed) == 1 and [a.name for a in now] == [b.name for b in after] else None


def _possible(thing: Thing, now: Scene) -> Thing:
    """The thing with those of its relations whose others are there already."""
    here = {t.name for t in now.things}
    relations = tuple(r for r in thing.relations if here.issuperset(r.targets))
    return replace(thing, relations=relations, attach=thing.attach if thing.attach in here else None)


def _same(a: object, b: object) -> bool:
    """Equal, and of equal types all through: 1, 1.0 and True are three values of an option."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return a == b and (type(a) is type(b) or isinstance(a, float) != isinstance(b, float))


def _in_order(names: Sequence[str], order: Sequence[str]) -> set[str]:
    """As many of the names as stand in one order in both lists: those can stay where they are.

    Source: the longest increasing subsequence by patience sorting (Fredman 1975).
    """
    rank = {name: i for i, name in enumerate(order)}
    tails: list[int] = []
    ends: list[str] = []
    before: dict[str, str | None] = {}
    for name in names:
        at = bisect_left(tails, rank[name])
        tails[at : at + 1] = [rank[name]]
        ends[at : at + 1] = [name]
        before[name] = ends[at - 1] if at else None
    kept: set[str] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept
