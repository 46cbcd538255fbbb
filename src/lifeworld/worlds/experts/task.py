"""What an expert is asked to do: a task by its name, the things it is about, and the goal that says when it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from lifeworld.core.errors import InputError, SceneError, UnknownName
from lifeworld.scene import archetype
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.goal import Goal, GoalPredicate
from lifeworld.scene.opening import opening_joints
from lifeworld.scene.scene import Scene

TaskKind = Literal["reach", "push", "pick_and_place", "open", "close", "pour"]
TASK_KINDS: tuple[TaskKind, ...] = get_args(TaskKind)
OF_TWO: frozenset[str] = frozenset({"push", "pick_and_place", "pour"})
_BY_PREDICATE: dict[GoalPredicate, TaskKind] = {
    "on": "pick_and_place",
    "in": "pick_and_place",
    "open": "open",
    "closed": "close",
    "beside": "push",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`kind` of a task with `thing`, towards `to` where it takes two; `joint` where something opens; `inside`: into `to`, not on it."""

    kind: TaskKind
    thing: str
    to: str | None = None
    joint: str | None = None
    inside: bool = False

    def goal(self, name: str = "task") -> Goal | None:
        """What has to become so; None for a reach, which is about the expert itself, and a pour, which is about many things."""
        match self.kind:
            case "pick_and_place":
                return Goal(name=name, predicate="in" if self.inside else "on", thing=self.thing, to=self.to)
            case "open" | "close":
                return Goal(name=name, predicate="open" if self.kind == "open" else "closed", thing=self.thing, joint=self.joint)
            case "push":
                return Goal(name=name, predicate="beside", thing=self.thing, to=self.to)
            case _:
                return None


def is_task(words: str) -> bool:
    """Whether words name a task of an expert."""
    return words.partition(":")[0] in TASK_KINDS


def task_of(words: str, scene: Scene) -> Task:
    """The task in words like `pick_and_place:apple,plate`; without things, what the first goal of the scene asks for.

    Raises:
        UnknownName: for another kind of task, thing or joint.
        InputError: if things are too many or too few, or no goal is left to say which.
        SceneError: if what is to be opened does not open, or nothing can be put where it is to go.
    """
    kind, _, rest = words.partition(":")
    if kind not in TASK_KINDS:
        raise UnknownName("task", kind, TASK_KINDS)
    names = [name.strip() for name in rest.split(",") if name.strip()]
    if not names:
        return _from_goals(words, scene)
    known = {t.name for t in scene.things}
    most = 2 if kind in OF_TWO or kind in ("open", "close") else 1
    if len(names) > most or (kind in OF_TWO and len(names) != 2):
        asks = "thing,to" if kind in OF_TWO else "thing[,joint]" if most == 2 else "thing"
        raise InputError(f"{kind} is about other things", got=words, expected=f"{kind}:{asks}")
    for name in names[: 2 if kind in OF_TWO else 1]:
        if name not in known:
            raise UnknownName("thing", name, known, where=words)
    if kind in ("open", "close"):
        return Task(kind=kind, thing=names[0], joint=_joint(names, scene))
    to = names[1] if len(names) > 1 else None
    return Task(kind=kind, thing=names[0], to=to, inside=kind == "pour" or (to is not None and _takes_in(to, scene)))


def tasks_of(scene: Scene) -> Iterable[Task]:
    """What the goals of a scene ask for, in their order, as far as experts do such things."""
    for goal in scene.goals:
        kind = _BY_PREDICATE.get(goal.predicate)
        if kind in ("open", "close"):
            joint = goal.joint or _joint([goal.thing], scene)
            yield Task(kind=kind, thing=goal.thing, joint=joint)
        elif kind is not None:
            yield Task(kind=kind, thing=goal.thing, to=goal.to, inside=goal.predicate == "in")


def _from_goals(words: str, scene: Scene) -> Task:
    for task in tasks_of(scene):
        if task.kind == words.rstrip(":"):
            return task
    raise InputError(
        f"no goal of the scene asks for this task: {words}",
        expected=", ".join(sorted({f"{t.kind}:{t.thing}" + (f",{t.to}" if t.to else "") for t in tasks_of(scene)})) or "a goal",
        fix=f"Say what it is about: {words}:thing" + (",to" if words in OF_TWO else ""),
    )


def _joint(names: list[str], scene: Scene) -> str:
    """The joint that is meant: the one named, else the first that opens."""
    joints = [j.name for j in opening_joints(_assembly(names[0], scene))]
    if not joints:
        raise SceneError("this does not open", where=f"thing {names[0]!r}")
    if len(names) > 1 and names[1] not in joints:
        raise UnknownName("joint", names[1], joints, where=f"thing {names[0]!r}")
    return names[1] if len(names) > 1 else joints[0]


def _takes_in(to: str, scene: Scene) -> bool:
    """Whether things are put into it rather than on it."""
    if scene.thing(to).kind.startswith("asset:"):
        return False
    built = _assembly(to, scene)
    return any(c.opening == "top" and c.part is None for c in built.containers) and not any(s.part is None for s in built.surfaces)


def _assembly(name: str, scene: Scene) -> Assembly:
    thing = scene.thing(name)
    if thing.kind.startswith("asset:"):
        raise SceneError("experts know of joints and places of our own kinds only", where=f"thing {name!r}", got=thing.kind)
    return archetype.build(thing)
