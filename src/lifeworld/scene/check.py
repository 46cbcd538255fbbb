"""Whether a scene makes sense beyond its own values: kinds, sizes, options, joints and surfaces exist; nothing stands on itself.

A Scene's own checks need no library of kinds; these do. Imported things (`asset:NAME`) are checked where their folder is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lifeworld.core.errors import LifeworldError, LimitError, RelationCycle, SceneError, UnknownName
from lifeworld.scene import archetype
from lifeworld.scene.condition import GROUND, Condition
from lifeworld.scene.goal import Goal
from lifeworld.scene.lines import Path
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.scene import RELATIONS, Relation, Scene, Thing

CARRYING = ("on", "in")
"""The relations that name who carries the thing; they make no rings."""
SIDED = ("left_of", "right_of", "in_front_of", "behind")
TAKES: dict[str, tuple[str, ...]] = {
    "surface": CARRYING,
    "at_m": CARRYING,
    "yaw_deg": tuple(kind for kind in RELATIONS if kind not in ("facing", "around", "aligned_with")),
    "and_thing": ("between",),
    "spot": (*CARRYING, "against"),
    "distance_m": ("above", "beside", "near", "far_from", *SIDED, "around"),
    "frame_yaw_deg": (*CARRYING, *SIDED, "against", "aligned_with"),
}
"""Which relations take which of the values that not all of them take."""


def check(scene: Scene) -> None:
    """Raise the first thing that is wrong.

    Raises:
        UnknownName: for a kind, option, joint or surface that does not exist.
        LimitError: for a size, option or joint position out of the kind's range.
        RelationCycle: for things that stand on each other in a ring.
        SceneError: for relations that say what they cannot.
    """
    for _, error in problems(scene, build=True):
        raise error


def problems(scene: Scene, *, build: bool) -> Iterator[tuple[Path, LifeworldError]]:
    """Everything that is wrong, with the way to it; without `build`, only what can be told before things are built.

    Things with joints, and those whose surfaces are named, are built in any case.
    """
    things = {thing.name: thing for thing in scene.things}
    broken = set()
    for i, thing in enumerate(scene.things):
        if not is_asset(thing):
            for key, error in _thing_problems(thing, build=build or bool(thing.joints)):
                broken.add(thing.name)
                yield ("thing", i, *key), error
    for i, thing in enumerate(scene.things):
        for relation in thing.relations:
            target = things[relation.thing]
            wrong = _relation_problem(thing, relation, None if is_asset(target) or target.name in broken else target)
            if wrong is not None:
                yield ("thing", i, relation.kind), wrong
    for path, wanted, where in _wanted(scene):
        wrong = wanted_problem(wanted, things[wanted.thing], where) if wanted.thing in things.keys() - broken else None
        wrong = wrong or _nobody_problem(wanted, scene, where)
        if wrong is not None:
            yield (*path, "joint" if wanted.joint else "predicate"), wrong
    if scene.events:
        from lifeworld.scene.events.drawn import event_problems  # which ask kinds and conditions, that are about scenes

        yield from event_problems(scene, whom=build)
    ring = carrying_ring(scene)
    if ring:
        index = [t.name for t in scene.things].index(ring[0])
        kind = next(r.kind for r in scene.things[index].relations if r.kind in CARRYING and r.thing == ring[1])
        yield ("thing", index, kind), ring_error(ring)


def check_wanted(scene: Scene) -> None:
    """Raise where a goal, or what an event waits for, can never become so.

    Raises:
        SceneError, UnknownName: as `check`.
    """
    things = {thing.name: thing for thing in scene.things}
    for _, wanted, where in _wanted(scene):
        wrong = wanted_problem(wanted, things[wanted.thing], where) if wanted.thing in things else None
        if wrong is not None:
            raise wrong


def check_thing(scene: Scene, thing: Thing) -> None:
    """Raise the first thing that is wrong with one thing of a scene whose others are right.

    Raises:
        UnknownName, LimitError, RelationCycle, SceneError: as `check`.
    """
    if not is_asset(thing):
        archetype.build(thing)
    for relation in thing.relations:
        target = scene.thing(relation.thing)
        wrong = _relation_problem(thing, relation, None if is_asset(target) else target)
        if wrong is not None:
            raise wrong
    ring = carrying_ring(scene)
    if ring:
        raise ring_error(ring)


def is_asset(thing: Thing) -> bool:
    """Whether the thing is an imported one, whose shape lies in a folder."""
    return thing.kind.startswith("asset:")


def carrying_ring(scene: Scene) -> list[str]:
    """Names that stand on or in each other in a ring, the first again at the end; empty when there is none."""
    carriers = {t.name: [r.thing for r in t.relations if r.kind in CARRYING] for t in scene.things}
    done: set[str] = set()
    for start in carriers:
        way: list[str] = []
        stack = [(start, iter(carriers[start]))] if start not in done else []
        if stack:
            way.append(start)
        while stack:
            step = next(stack[-1][1], None)
            if step is None:
                stack.pop()
                done.add(way.pop())
            elif step in way:
                return [*way[way.index(step) :], step]
            elif step not in done:
                way.append(step)
                stack.append((step, iter(carriers[step])))
    return []


def ring_error(ring: list[str]) -> RelationCycle:
    """The error that names a ring of things."""
    return RelationCycle(
        f"things stand on each other in a ring: {' on '.join(ring)}", where=f"thing {ring[0]!r}", fix="Let one of them stand elsewhere."
    )


def _thing_problems(thing: Thing, *, build: bool) -> Iterator[tuple[Path, LifeworldError]]:
    try:
        if build:
            archetype.build(thing)
        else:
            archetype.check(thing)
        return
    except LifeworldError as error:
        whole = error
    # To tell which key it is, the thing is tried with one of its own settings at a time.
    bare = Thing(name=thing.name, kind=thing.kind)
    tries: list[tuple[Path, Thing]] = [(("kind",), bare), (("size_m",), replace(bare, size_m=thing.size_m))]
    tries += [(("options", name), replace(bare, options=((name, value),))) for name, value in thing.options]
    sized = replace(bare, size_m=thing.size_m, options=thing.options)
    tries += [(("joints", name), replace(sized, joints=((name, value),))) for name, value in thing.joints]
    found = False
    for key, one in tries:
        try:
            if one.joints:
                archetype.build(one)
            else:
                archetype.check(one)
        except LifeworldError as error:
            yield key, error
            found = True
            if key in (("kind",), ("size_m",)):
                return
    if not found:
        yield (), whole


def _relation_problem(thing: Thing, relation: Relation, target: Thing | None) -> LifeworldError | None:
    where = f"thing {thing.name!r}"
    if thing.name in relation.targets:
        return RelationCycle(f"{thing.name!r} cannot be {relation.kind} itself", where=where)
    for key, kinds in TAKES.items():
        if getattr(relation, key) is not None and relation.kind not in kinds:
            only = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
            fix = f"Only {only} {'does' if len(kinds) == 1 else 'do'}."
            return SceneError(
                f"{relation.kind!r} takes no {key}", where=where, fix=f"It says the turn itself. {fix}" if key == "yaw_deg" else fix
            )
    if relation.kind == "between" and relation.and_thing in (None, relation.thing):
        return SceneError("between what and what?", where=where, got=relation.targets, expected='two things: between = ["a", "b"]')
    if relation.at_m is not None and relation.spot is not None:
        return SceneError("at_m and spot say one thing twice", where=where, fix="Take away one of them.")
    if relation.frame_yaw_deg is not None and relation.kind in (*CARRYING, "against") and relation.spot is None:
        return SceneError(
            f"{relation.kind!r} has no sides to be seen in a frame", where=where, fix="Say the spot, or take away frame_yaw_deg."
        )
    if relation.kind == "against" and relation.spot not in (None, "left", "right", "front", "back"):
        return SceneError("not a side to stand against", where=where, got=relation.spot, expected="left, right, front or back")
    if relation.surface is None or target is None:
        return None
    assembly = archetype.build(target)
    places = assembly.surfaces if relation.kind == "on" else assembly.containers
    if relation.surface in {p.name for p in places}:
        return None
    sort = "surface" if relation.kind == "on" else "container"
    return UnknownName(f"{sort} of a {target.kind}", relation.surface, (p.name for p in places), where=where, fix=_there_are(places))


def _wanted(scene: Scene) -> Iterator[tuple[Path, Goal | Condition, str]]:
    """What is wanted or waited for, with the way to it and what it is called."""
    for i, goal in enumerate(scene.goals):
        yield ("goal", i), goal, f"goal {goal.name!r}"
    for i, event in enumerate(scene.events):
        if event.when is not None:  # about a thing that may be brought only later
            yield ("event", i, "when"), event.when, f"event {event.name!r}"
        if event.expects is not None:
            yield ("event", i, "expects"), event.expects, f"event {event.name!r}"


def wanted_problem(goal: Goal | Condition, thing: Thing, where: str) -> LifeworldError | None:
    """What keeps a goal or a condition from ever becoming so: what opens nothing, a joint that is not there or does not go so far."""
    if goal.predicate == "beyond":
        return _beyond_problem(goal, thing, where)
    if goal.predicate not in ("open", "closed"):
        return None
    known = () if is_asset(thing) else tuple(joint.name for joint in opening_joints(archetype.build(thing)))
    if not known:
        return SceneError(f"{thing.name!r} has nothing that opens", where=where, expected="a thing with a door, a drawer or a lid")
    if goal.joint is not None and goal.joint not in known:
        return UnknownName(f"door, drawer or lid of a {thing.kind}", goal.joint, known, where=where, fix=f"It has {', '.join(known)}.")
    return None


def _nobody_problem(wanted: Goal | Condition, scene: Scene, where: str) -> LifeworldError | None:
    """What keeps it from becoming so where nobody is there to do it, or nothing to be on."""
    if wanted.predicate == "held" and not any(e.kind == "hand" for e in scene.embodiments):
        return SceneError("nobody here can hold anything", where=where, fix='Add an embodiment of the kind "hand".')
    if wanted.to == GROUND and scene.ground is None and all(t.name != GROUND for t in scene.things):
        return SceneError("this scene has no ground", where=where)
    return None


def _beyond_problem(goal: Goal | Condition, thing: Thing, where: str) -> LifeworldError | None:
    if is_asset(thing):
        return None
    joints = {joint.name: joint for joint in archetype.build(thing).joints}
    if goal.joint not in joints:
        return UnknownName(f"joint of a {thing.kind}", str(goal.joint), joints, where=where)
    most = max(abs(end) for end in archetype.reach(joints[goal.joint]))
    if goal.amount is not None and goal.amount > most:
        return LimitError(f"{goal.joint!r} does not go so far", where=where, got=goal.amount, expected=f"at most {most:.3g}")
    return None


def _there_are(places: tuple[object, ...]) -> str:
    names = ", ".join(str(getattr(p, "name", p)) for p in places)
    return f"It has {names}." if names else "It has none."
