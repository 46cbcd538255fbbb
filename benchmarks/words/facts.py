"""What a plan of edits says, as facts of a few words each, so that a person can write down what is to come of a sentence.

    add a glass and place it on the magazine      add glass; +glass on magazine

A fact begins with a verb ("add glass", "remove can", "open drawers/drawer_1", "scale mug 2", "shift mug left 0.2") or with a thing and says
a relation or a value of it ("mug left_of bowl", "mug on table centre", "mug.color blue"); `+KIND` is a new thing of that kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

from lifeworld.core.pose import Pose
from lifeworld.scene.edit import values as edits
from lifeworld.scene.edit.plan import EditPlan
from lifeworld.scene.edit.values import Edit
from lifeworld.scene.scene import Relation, Scene, Thing
from lifeworld.scene.words.grounding.view import sideways, viewer_of

Fact = tuple[str, ...]
_NEVER = ("name", "kind", "pose", "relations", "joints")


def facts(plan: EditPlan, scene: Scene) -> list[Fact]:
    """The facts of a plan for a scene, in order; what goes along with a thing that is moved is not told."""
    called = {thing.name: thing.name for thing in scene.things}
    kinds = {thing.name: thing.kind for thing in scene.things}
    out: list[Fact] = []
    moved: set[str] = set()
    for edit in plan:
        if isinstance(edit, edits.Move):
            goes_along = next((t for t in scene.things if t.name == edit.name and moved.intersection(t.relation_targets)), None)
            moved.add(edit.name)
            if goes_along is not None:
                continue
        if isinstance(edit, edits.Add | edits.Replace):
            kinds[edit.thing.name], called[edit.thing.name] = edit.thing.kind, f"+{edit.thing.kind}"
        elif isinstance(edit, edits.Copy):
            kinds[edit.copy], called[edit.copy] = kinds[edit.name], f"+{kinds[edit.name]}"
        out += _of(edit, scene, lambda name: called.get(name, name))
    return out


def accepts(wanted: str, told: Iterable[Fact]) -> bool:
    """Whether facts are those of a line of patterns: "; " between them, a number before one that is wanted so many times,

    `*` for anything, alone for whatever else there is, `a|b` for either; "add KIND anywhere" leaves open where the new thing is.
    """
    left = list(told)
    patterns: list[tuple[str, ...]] = []
    lines = wanted.split("; ")
    for line in lines:
        if line == "*":
            continue
        words = line.split()
        count = "1"
        if words[0].isdigit() or (words[0] == "*" and words[1] in ("add", "+" + words[-1]) and len(words) > 2):
            count, *words = words
        if words[-1] == "anywhere":
            words = words[:-1]
            new = tuple("+" + kind for kind in words[1].split("|"))
            left = [fact for fact in left if not (fact[0] in new and len(fact) > 2)]
        patterns += [tuple(words)] * (1 if count == "*" else int(count))
    for pattern in sorted(patterns, key=lambda p: sum("*" in word for word in p)):
        found = next((fact for fact in left if _fits(pattern, fact)), None)
        if found is None:
            return False
        left.remove(found)
    return not left or "*" in lines


def _fits(pattern: Fact, fact: Fact) -> bool:
    """Whether the first three words of a fact, or all it has, are those wanted, and every further wanted word is among the rest."""
    if len(pattern) > len(fact):
        return False
    head = all(_same(p, f) for p, f in zip(pattern[:3], fact[:3], strict=False))
    return head and all(any(_same(p, f) for f in fact[3:]) for p in pattern[3:])


def _same(pattern: str, word: str) -> bool:
    for one in pattern.split("|"):
        if "," in one and sorted(one.split(",")) == sorted(word.split(",")):
            return True
        if fnmatchcase(word, one) or fnmatchcase(word, one + "/*"):
            return True
        try:
            if math.isclose(float(one), float(word), rel_tol=0.02, abs_tol=1e-3):
                return True
        except ValueError:
            continue
    return False


def _of(edit: Edit, scene: Scene, name: Callable[[str], str]) -> Iterator[Fact]:
    match edit:
        case edits.Add(thing=thing):
            yield "add", thing.kind
            yield from _values(name(thing.name), thing)
            yield from _relations(name(thing.name), thing.relations, name)
            yield from _in_room(scene, thing.pose, name(thing.name))
        case edits.Replace(name=old, thing=thing):
            yield "replace", name(old), thing.kind
            yield from _values(name(thing.name), thing)
        case edits.Copy(name=old, copy=new, relations=relations):
            yield "copy", name(old)
            yield from _relations(name(new), relations or (), name)
        case edits.Rename(name=old, to=new):
            yield "rename", name(old), new
        case edits.Fill(name=holder, thing=thing):
            yield "fill", name(holder), thing.kind
        case edits.Place(name=one, relations=()):
            yield name(one), "on", "floor"
        case edits.Place(name=one, relations=relations):
            yield from _relations(name(one), relations or (), name)
        case edits.Move(name=one, pose=pose):
            elsewhere = list(_in_room(scene, pose, name(one)))
            was = next((t.pose for t in scene.things if t.name == one), None)
            yield from [_shift(scene, edit, name(one))] if elsewhere == list(_in_room(scene, was, name(one))) else elsewhere
        case edits.Rotate(name=one, angle_deg=angle, axis=axis):
            yield "rotate", name(one), f"{angle:g}", axis
        case edits.Scale(name=one, factor=factor):
            yield "scale", name(one), f"{factor:g}" if isinstance(factor, float | int) else ",".join(f"{f:g}" for f in factor)
        case edits.Set(name=one):
            given = edit.given()
            if given.get("material") is not None and given.get("color", "") is None:
                del given["color"]  # the new material's own
            for key, value in given.items():
                yield f"{name(one)}.{key.removesuffix('_m')}", _word(value)
        case edits.Open(name=one, joint=joint, fraction=fraction):
            yield "open", name(one) + (f"/{joint}" if joint else ""), *([f"{fraction:g}"] if fraction != 1.0 else [])
        case edits.Close(name=one, joint=joint):
            yield "close", name(one) + (f"/{joint}" if joint else "")
        case edits.TurnOn(name=one) | edits.TurnOff(name=one) | edits.Remove(name=one) | edits.Detach(name=one):
            verb = {edits.TurnOn: "turn_on", edits.TurnOff: "turn_off", edits.Remove: "remove", edits.Detach: "detach"}[type(edit)]
            yield verb, name(one)
        case edits.Attach(name=one, to=to):
            yield "attach", name(one), name(to)
        case edits.Relate() | edits.SetGroup(group=None) | edits.SetGoal(goal=None):
            return  # what was said of a thing before and is so no more: kept in order, not asked for
        case edits.SetGroup(group=group) if group is not None:
            yield "group", ",".join(sorted(name(m) for m in group.members))
        case edits.SetGoal(goal=goal) if goal is not None:
            yield "goal", goal.predicate, name(goal.thing), *([name(goal.to)] if goal.to else [])
        case edits.SetEvent(event=event) if event is not None:
            trigger = f"{event.at_s:g}" if event.at_s is not None else "when"
            deeds = [" ".join(fact) for one in event.edits for fact in _of(one, scene, name)] + [
                f"{type(deed).__name__.lower()} {getattr(deed, 'thing', '')}".rstrip() for deed in event.deeds
            ]
            yield "event", trigger, ", ".join(deeds)
        case edits.SetTime(hour=hour):
            yield "time", f"{hour:g}"
        case edits.SetLight(name=one):
            yield "light", one
        case edits.SetCamera(name=one):
            yield "camera", one
        case edits.SetScene():
            for key, value in edit.given().items():
                yield (key.removesuffix("_m_s2"), f"{value[2]:g}" if key == "gravity_m_s2" else _word(value))
        case _:
            yield type(edit).__name__.lower(), getattr(edit, "name", "")


def _values(one: str, thing: Thing) -> Iterator[Fact]:
    """What is said of a new thing, where it is not as its kind has it."""
    plain = Thing(name=thing.name, kind=thing.kind)
    for key in Thing.__dataclass_fields__:
        value = getattr(thing, key)
        if key not in _NEVER and value != getattr(plain, key):
            yield f"{one}.{key.removesuffix('_m')}", _word(value)


def _relations(one: str, relations: Iterable[Relation], name: Callable[[str], str]) -> Iterator[Fact]:
    for r in relations:
        to = name(r.thing) + (f"/{r.surface}" if r.surface else "")
        if r.and_thing is not None:
            to = ",".join(sorted((to, name(r.and_thing))))
        more = [str(r.spot)] if r.spot is not None else []
        more += [f"{r.distance_m:g}"] if r.distance_m is not None else []
        yield one, r.kind, to, *more


def _in_room(scene: Scene, pose: Pose | None, one: str) -> Iterator[Fact]:
    """The room of several that a pose is in."""
    if pose is not None and len(scene.spaces) > 1:
        x, y = pose.position_m[:2]
        rooms = (s.name for s in scene.spaces if s.low_m[0] <= x <= s.high_m[0] and s.low_m[1] <= y <= s.high_m[1])
        yield from ((one, "in", room) for room in rooms)


def _shift(scene: Scene, move: edits.Move, one: str) -> Fact:
    """A move as the viewer sees it: the way that it goes farthest, and how far [m]."""
    before = next((t.pose for t in scene.things if t.name == move.name), None)
    if before is None or move.pose is None:
        return "move", one
    way = move.pose.position_m - before.position_m
    right, away = sideways(viewer_of(scene, None)[1], float(way[0]), float(way[1]))
    far = {"right": right, "left": -right, "back": away, "front": -away, "up": float(way[2]), "down": -float(way[2])}
    most = max(far, key=lambda key: far[key])
    return "shift", one, most, f"{far[most]:.4g}"


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_word(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
