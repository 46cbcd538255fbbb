"""Failures and how they are mended: a demonstration is done again with something going wrong as one of its phases begins.

The demonstration is recorded first, and its `phase` stream says when each phase began. Then the same start, seed and expert are recorded
once more for each mishap, as an event of the scene at such a time. Up to there the two histories are the same to the bit: the second is a
fork of the first. The expert is not told; it sees that what has to hold does not, and plans again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import generator
from lifeworld.episode.episode import Episode
from lifeworld.scene.deed import Deed, Fault, Latch, Push, Turn
from lifeworld.scene.event import Event
from lifeworld.scene.scene import Scene
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.experts.expert import AgentExpert
from lifeworld.worlds.experts.phase import PhaseName
from lifeworld.worlds.experts.task import Task, TaskKind, task_of
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.record import record_from

GOAL = "task"
HELD_S = 0.5
"""What was to be reached holds for so long at the end, or it does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """Something that goes wrong `after_s` [s] into a phase: deeds drawn for a task, by a direction (unit vector, level)."""

    name: str
    phase: PhaseName
    deeds: Callable[[Task, AgentExpert, NDArray[np.float64]], tuple[Deed, ...]]
    after_s: float = 0.1


def _bumped(task: Task, _: AgentExpert, way: NDArray[np.float64]) -> tuple[Deed, ...]:
    """What is to be taken is pushed aside."""
    return (Push(thing=task.thing, velocity_m_s=_vec(0.55 * way)),)


def _slips(_: Task, expert: AgentExpert, __: NDArray[np.float64]) -> tuple[Deed, ...]:
    """The fingers open for a moment, whatever they are told."""
    return tuple(
        Fault(embodiment=expert.name, label=label, gain=0.0, bias=number, duration_s=0.3) for label, number in expert.limb.grip(1.0).items()
    )


def _swept(task: Task, _: AgentExpert, way: NDArray[np.float64]) -> tuple[Deed, ...]:
    """What was put down is pushed off again."""
    return (Push(thing=task.thing, velocity_m_s=_vec(1.0 * way)),)


def _moved(task: Task, _: AgentExpert, way: NDArray[np.float64]) -> tuple[Deed, ...]:
    """Where it is to go is pushed away."""
    assert task.to is not None
    return (Push(thing=task.to, velocity_m_s=_vec(1.2 * way)),)


def _tugged(task: Task, _: AgentExpert, __: NDArray[np.float64]) -> tuple[Deed, ...]:
    """The drawer or door jerks, the way it is not yet."""
    assert task.joint is not None
    return (Turn(thing=task.thing, joint=task.joint, speed=0.8 if task.kind == "open" else -0.8),)


def _yanked(task: Task, _: AgentExpert, __: NDArray[np.float64]) -> tuple[Deed, ...]:
    """It is torn the other way, out of the grip."""
    assert task.joint is not None
    return (Turn(thing=task.thing, joint=task.joint, speed=-3.0 if task.kind == "open" else 3.0, duration_s=0.2),)


def _jams(task: Task, _: AgentExpert, __: NDArray[np.float64]) -> tuple[Deed, ...]:
    """It sticks for a while."""
    assert task.joint is not None
    return (Latch(thing=task.thing, joint=task.joint, duration_s=2.5),)


MISHAPS: Mapping[TaskKind, tuple[Mishap, ...]] = {
    "pick_and_place": (
        Mishap(name="bump", phase="descend", deeds=_bumped),
        Mishap(name="slip", phase="lift", deeds=_slips, after_s=0.3),
        Mishap(name="goal_moves", phase="carry", deeds=_moved, after_s=0.3),
        Mishap(name="slip_late", phase="lower", deeds=_slips, after_s=0.2),
        Mishap(name="swept", phase="watch", deeds=_swept, after_s=0.2),
    ),
    "open": (
        Mishap(name="jerk", phase="descend", deeds=_tugged),
        Mishap(name="slip", phase="pull", deeds=_slips, after_s=0.3),
        Mishap(name="yank", phase="pull", deeds=_yanked, after_s=0.4),
        Mishap(name="jam", phase="pull", deeds=_jams, after_s=0.2),
        Mishap(name="slam", phase="watch", deeds=_yanked, after_s=0.2),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Recovery:
    """An episode in which `mishap` befell the expert at `at_s` [s]: what `broke` and when (None: nothing), if the goal held at last."""

    mishap: str
    phase: PhaseName
    at_s: float
    broke: str | None
    broke_s: float | None
    reached: bool
    episode: Episode

    @property
    def verified(self) -> bool:
        """Something broke after the mishap, and the goal was reached in spite of it."""
        return self.broke is not None and self.reached


def demonstrate(
    world: WorldPhysics, task: Task | str, scene: Scene, *, seconds: float, seed: int, signals: Collection[str] = (),
    embodiment: str | None = None, events: Iterable[Event] = (), labels: Mapping[str, str] | None = None,
) -> Episode:  # fmt: skip
    """One episode of an expert at a task, from a scene whose things have their poses.

    The task's goal is among the scene's goals (`task`), so that `goal_progress` tells how far it is.
    """
    what = task if isinstance(task, Task) else task_of(task, scene)
    goal = what.goal(GOAL)
    goals = (*(g for g in scene.goals if g.name != GOAL), *((goal,) if goal is not None else ()))
    start = replace(scene, goals=goals, events=(*scene.events, *events))
    alive = WorldEventful(world)
    expert = AgentExpert(what, start, assets=world.assets, embodiment=embodiment)
    wanted = dict.fromkeys((*signals, "goal_progress", "relations", "happened"))
    return record_from(
        alive,
        expert,
        alive.reset(start, seed=seed),
        seconds=seconds,
        seed=seed,
        signals=tuple(wanted),
        title=start.title or start.name,
        labels={"task": _words(what), **(labels or {})},
    )


def recoveries(
    world: WorldPhysics, task: Task | str, scene: Scene, *, seconds: float = 10.0, spare_s: float = 12.0, seed: int,
    signals: Collection[str] = (), embodiment: str | None = None, mishaps: Iterable[Mishap] | None = None,
) -> tuple[Episode, Iterator[Recovery]]:  # fmt: skip
    """The demonstration of `seconds`, and one episode, longer by `spare_s`, for each mishap.

    Raises:
        InputError: if the expert does not manage even undisturbed, or there is no mishap for such a task.
    """
    what = task if isinstance(task, Task) else task_of(task, scene)
    chosen = tuple(MISHAPS.get(what.kind, ()) if mishaps is None else mishaps)
    if not chosen:
        raise InputError("nothing is known that could go wrong with this task", got=what.kind, expected=", ".join(MISHAPS))
    base = demonstrate(world, what, scene, seconds=seconds, seed=seed, signals=signals, embodiment=embodiment)
    if not reached(base):
        raise InputError("the expert does not manage this undisturbed", got=_words(what), fix="Give it more time, or another scene.")

    def each() -> Iterator[Recovery]:
        expert = AgentExpert(what, scene, assets=world.assets, embodiment=embodiment)
        alive = WorldEventful(world)
        alive.reset(scene, seed=seed)
        expert.begin(alive.spec, seed=seed)
        for mishap in chosen:
            begun_s = _begins_s(base, mishap.phase)
            if begun_s is None:
                continue
            angle = generator(seed, "mishap", mishap.name).uniform(0.0, 2.0 * np.pi)
            deeds = mishap.deeds(what, expert, np.array([np.cos(angle), np.sin(angle), 0.0]))
            event = Event(name=mishap.name, at_s=begun_s + mishap.after_s, deeds=deeds)
            episode = demonstrate(
                world, what, scene, seconds=seconds + spare_s, seed=seed, signals=signals, embodiment=embodiment, events=(event,),
                labels={"mishap": mishap.name, "mishap_phase": mishap.phase},
            )  # fmt: skip
            yield _judged(mishap, begun_s + mishap.after_s, episode)

    return base, each()


def reached(episode: Episode) -> bool:
    """Whether the task's goal held during all of the end of an episode, as the tell sense has it."""
    stream = episode.streams["goal_progress"]
    progress = np.asarray(stream.values)[:, -1]
    times = np.asarray(stream.times_ns)
    return bool((progress[times >= times[-1] - HELD_S * 1e9] == 1.0).all())


def _judged(mishap: Mishap, at_s: float, episode: Episode) -> Recovery:
    stream = next(s for name, s in episode.streams.items() if name.startswith("phase@"))
    times_s = np.asarray(stream.times_ns) * 1e-9
    rows = np.array([np.asarray(value)[0] for value in stream.values])
    broken = np.flatnonzero((times_s >= at_s) & (rows["status"] == episode.legend["status"].index("failed")))
    first = int(broken[0]) if len(broken) else None
    return Recovery(
        mishap.name,
        mishap.phase,
        at_s,
        episode.legend["broken"][int(rows["broken"][first])] if first is not None else None,
        float(times_s[first]) if first is not None else None,
        reached(episode),
        episode,
    )


def _begins_s(episode: Episode, phase: PhaseName) -> float | None:
    """When a phase begins first [s]."""
    stream = next(s for name, s in episode.streams.items() if name.startswith("phase@"))
    wanted = episode.legend["phase"].index(phase)
    for time_ns, value in zip(stream.times_ns, stream.values, strict=True):
        if int(np.asarray(value)["phase"][0]) == wanted:
            return float(time_ns) * 1e-9
    return None


def _words(task: Task) -> str:
    about = [task.thing, *([task.to] if task.to else []), *([task.joint] if task.joint else [])]
    return f"{task.kind}:{','.join(about)}"


def _vec(value: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = value.tolist()
    return (x, y, z)
