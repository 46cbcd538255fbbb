"""What if: a past is forked at a tick, one thing is changed, and both futures are gone through with the same actions.

    found = whatif(bundle[3], at_s=4.2, change="push the glass at 0.3 m/s")
    found.base, found.branch              # two episodes that begin at the fork
    print(told(found))                    # what came of it (`report.py`)
    because(found)                        # and why (`cause.py`)

Who acts does what they did: their actions are those of the recording, and rest where it is over. The base is the recording again; that
it is so to the bit is checked against every state that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lifeworld.core.errors import InputError, UnknownName
from lifeworld.episode.episode import Episode
from lifeworld.scene.assembly import Assembly
from lifeworld.scene.condition import Condition
from lifeworld.scene.edit import SetCamera
from lifeworld.scene.outcome import Outcome
from lifeworld.scene.possible import why_never
from lifeworld.scene.predicate import PredicateName
from lifeworld.scene.scene import MAX_TITLE, Scene
from lifeworld.worlds.record import record_from
from lifeworld.worlds.replay import AgentRecorded, Past, open_past, replay
from lifeworld.worlds.whatif.change import Asked, Change, change_of
from lifeworld.worlds.whatif.divergence import NEEDED, Divergence, Side, divergence
from lifeworld.worlds.whatif.follow import Following, Result, physical
from lifeworld.worlds.world import Action

LEAST_PX = 640
"""How wide the pictures of a fork are at least: those of recordings are made for learning, these for looking."""
SEEN = ("rgb", "instance_ids", "camera_pose", "camera_intrinsics_px")
"""What is kept of the camera that looks on."""
USUAL: tuple[PredicateName, ...] = ("falls", "tips_over", "opens", "closes")
"""What is asked of every thing of which it can become so, where nobody asks for an outcome."""


@dataclass(frozen=True, slots=True)
class Fork:
    """A world, its state where it is forked, the actions that follow, and the past it is of, if any."""

    world: Any
    state: Any
    actions: Sequence[Action]
    at_s: float = 0.0
    tick: int = 0
    past: Past[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Two futures of one state: as it was, and with a change. `fork` is where they part; `camera` looks on, None where there is none.

    `outcomes` are what was asked of both, `base_results` and `branch_results` what came of it (None: it is about what is not there).
    `exact`: the base went through the states of the recording, to the bit; None where there are none to hold it against.
    """

    fork: Fork
    base: Episode
    branch: Episode
    at_s: float
    change: Change
    divergence: Divergence
    camera: str | None
    exact: bool | None
    outcomes: tuple[Outcome, ...]
    base_results: tuple[Result | None, ...]
    branch_results: tuple[Result | None, ...]


def whatif(
    past: Episode | Past[Any] | tuple[Any, Any, Sequence[Action]],
    *,
    at_s: float = 0.0,
    change: Asked,
    seconds: float | None = None,
    outcomes: Sequence[Outcome] | None = None,
    camera: str | None = None,
    pictures: bool = True,
    assets: Path | str = ".",
    renderer: str = "auto",
    seed: int = 0,
    anew: bool = False,
    parent: str | None = None,
    on_tick: Callable[[int, int], None] | None = None,
) -> WhatIf:
    """Fork a recorded episode (or a world, its state and the actions to come) `at_s` [s] after its beginning, and change something.

    Both futures last `seconds` [s] (None: to the end of the recording, at least 1 s). Of `outcomes` it is asked whether they come true;
    None asks who falls, tips over, opens or closes, and keeps what differs. `camera` looks on (None: the first), unless there are to be
    no `pictures`. `anew` goes through the episode again from its scene first, where its states are of another engine or missing. `parent`
    is the uid of the episode that is forked. `on_tick(tick, ticks)` is told how far both are together.

    Raises:
        InputError: if the episode has no such moment.
        StateError: if it keeps no states, or they are of another engine.
        WordsError, EditError, SceneError, PlacementError: if the change cannot be made; LimitError for a duration out of bounds.
        UnknownName: for a camera that is not there.
    """
    fork = _fork(past, at_s, assets, renderer, anew)
    world, start = _eventful(fork.world, fork.state, seed)
    scene = world.scene(start)
    asked = change_of(change, scene, now_s=start.time_ns * 1e-9, viewer=camera, assets=_shapes(world, scene))
    camera, start = _looking(world, start, camera) if pictures else (None, start)
    wanted = usual(world, start) if outcomes is None else tuple(outcomes)
    changed = asked.made(world, start)
    if seconds is None:
        seconds = max(len(fork.actions) * world.spec.tick_ns * 1e-9, 1.0)
    held = _Held(fork)

    def rolled(side: Side, state: Any, asking: Following) -> Episode:
        said, late = ("as it was", 0) if side == "base" else (asked.said, 1)

        def see(now: Any) -> None:
            asking.see(now)
            if side == "base":
                held.see(now)

        world.edit(state, ())  # what a world says of itself is of the state that was edited last
        return record_from(
            world,
            AgentRecorded(fork.actions),
            state,
            seconds=seconds,
            seed=seed,
            signals=_signals(world, state, camera),
            title=f"{scene.title or scene.name}: {said}"[:MAX_TITLE],
            labels={"side": side, "forked_at_s": f"{fork.at_s:.9g}", "change": asked.said, "understood": asked.told},
            parents=() if parent is None else (parent,),
            on_tick=None if on_tick is None else lambda tick, ticks: on_tick(late * (ticks + 1) + tick, 2 * ticks + 1),
            on_state=see,
        )

    asking = (Following(wanted, start), Following(wanted, changed))
    base, branch = rolled("base", start, asking[0]), rolled("branch", changed, asking[1])
    results = asking[0].results(), asking[1].results()
    shown = [i for i in range(len(wanted)) if outcomes is not None or differ(results[0][i], results[1][i])]
    return WhatIf(
        fork=replace(fork, world=world, state=start),
        base=base,
        branch=branch,
        at_s=fork.at_s,
        change=asked,
        divergence=divergence(base, branch),
        camera=camera,
        exact=held.exact,
        outcomes=tuple(wanted[i] for i in shown),
        base_results=tuple(results[0][i] for i in shown),
        branch_results=tuple(results[1][i] for i in shown),
    )


# -- below -----------------------------------------------------------------------------------------------------------------


def _fork(
    past: Episode | Past[Any] | tuple[Any, Any, Sequence[Action]], at_s: float, assets: Path | str, renderer: str, anew: bool
) -> Fork:
    if isinstance(past, tuple):
        if at_s:
            raise InputError("a state is a moment already", got=f"at_s={at_s:g}", fix="Fork an episode, or leave at_s out.")
        return Fork(*past)
    if isinstance(past, Episode):
        past = replay(past, assets=assets, renderer=renderer).past if anew else open_past(past, assets=assets, renderer=renderer)
    tick = past.tick_at(at_s)
    return Fork(past.world, past.at(tick), past.course.actions[tick : past.ticks], tick * past.world.spec.tick_ns * 1e-9, tick, past)


def _eventful(world: Any, state: Any, seed: int) -> tuple[Any, Any]:
    """The same in a world in which events can happen; those of a scene that was recorded without them do not."""
    from lifeworld.worlds.eventful import EventfulState, WorldEventful

    return (world, state) if hasattr(world, "inject") else (WorldEventful(world), EventfulState(state, seed))


def _looking(world: Any, state: Any, camera: str | None) -> tuple[str | None, Any]:
    """The camera that looks on, and the state in which its pictures are large enough to be looked at."""
    known = [stream.partition("@")[2] for stream, signal in world.spec.signals.items() if signal == "rgb"]
    if camera is not None and camera not in known:
        raise UnknownName("camera", camera, known)
    if not known:
        return None, state
    camera = camera or known[0]
    mount = next((each for each in world.scene(state).cameras if each.name == camera), None)
    if mount is None or mount.width_px >= LEAST_PX or world.spec.renderer == "rays":  # which take a second for so large a picture
        return camera, state
    larger = replace(mount, width_px=LEAST_PX, height_px=round(mount.height_px * LEAST_PX / mount.width_px))
    return camera, world.edit(state, SetCamera(camera, larger))


def _signals(world: Any, state: Any, camera: str | None) -> list[str]:
    signals = [*NEEDED, *(["happened"] if "happened" in world.spec.signals else [])]
    return signals + ([] if camera is None else [f"{signal}@{camera}" for signal in SEEN])


def usual(world: Any, state: Any) -> tuple[Outcome, ...]:
    """What may become of each thing: it falls off what it is on, falls, tips over, opens or closes."""
    scene = world.scene(state)
    shown = world.observe(state, ["relations"])["relations"]
    names, words = world.spec.legend["instance_ids"], world.spec.legend["relations"]
    conditions = [
        Condition(predicate="falls_off", thing=names[row["a"]], to=names[row["b"]])
        for row in shown
        if words[row["predicate"]] == "on" and row["b"]
    ]
    conditions += [Condition(predicate=predicate, thing=thing.name) for predicate in USUAL for thing in scene.things]
    shapes = _shapes(world, scene)
    able = [c for c in conditions if why_never(c, scene, shapes) is None]
    return tuple(Outcome(name=_named(c), conditions=(c,)) for c in able)


def _shapes(world: Any, scene: Scene) -> Mapping[str, Assembly]:
    from lifeworld.worlds.physics.asset import stand_ins

    return stand_ins(scene, Path(world.assets))


def _named(condition: Condition) -> str:
    return " ".join(filter(None, (condition.thing, condition.predicate.replace("_", " "), condition.to)))


class _Held:
    """Whether the base goes through the states of the recording."""

    def __init__(self, fork: Fork) -> None:
        self._keys = {} if fork.past is None else fork.past.course.keys
        self._tick, self.exact = fork.tick, None if fork.past is None else True

    exact: bool | None

    def see(self, state: Any) -> None:
        if self._tick in self._keys:
            self.exact = bool(self.exact) and np.array_equal(physical(self._keys[self._tick]).vector, physical(state).vector)
        self._tick += 1


def differ(one: Result | None, other: Result | None) -> bool:
    """Whether an outcome came true on one side alone; of who is not there, nothing does."""
    return (one is not None and one.came) != (other is not None and other.came)
