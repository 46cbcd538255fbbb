"""The laws of the World protocol, each a function of its own, so that a test suite can report them one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lifeworld.core.errors import ActionError, EditError, LifeworldError, SignalUnavailable, StateError
from lifeworld.core.origin import Origin
from lifeworld.core.signal import SIGNALS
from lifeworld.scene import edit as edits
from lifeworld.scene.text import parse, to_text
from lifeworld.testing.trial import LawBroken, Trial, close, free_pose
from lifeworld.worlds.world import World

Law = Callable[[Trial], None]


def check_world(world: World[Any], start: Any, **how: Any) -> None:
    """Put a world through every law from one start (what its `reset` takes).

    Args:
        how: `seed`, `ticks`, `tolerance` (what a repeat may differ by), `signals` (None: all), `edit` (None: a block appears
            above everything).

    Raises:
        LawBroken: naming the law.
    """
    trial = Trial(world, start, **how)
    for law in WORLD_LAWS:
        law(trial)


def law_spec_is_true(t: Trial) -> None:
    """Every stream named in the spec is there, has the shape and type its signal promises, and says its origin."""
    seen = t.world.observe(t.first, t.signals)
    if set(seen.values) != set(t.signals):
        raise LawBroken(f"spec is true: asked for {sorted(t.signals)}, got {sorted(seen.values)}")
    if seen.origin != t.spec.origin:
        raise LawBroken(f"spec is true: an observation says {seen.origin}, the spec {t.spec.origin}")
    if t.spec.actions and seen.origin is Origin.MEASURED:
        raise LawBroken("spec is true: what somebody can act in was not measured")
    names = tuple(thing.name for thing in t.world.scene(t.first).things)
    if names != t.spec.things:
        raise LawBroken(f"spec is true: the scene has the things {names}, the spec {t.spec.things}")
    if seen.origin is Origin.DREAMED and set(seen.certainty) != set(seen.values):
        raise LawBroken("spec is true: a dreamed observation says how sure it is of every stream")
    for stream, value in seen.values.items():
        try:
            SIGNALS[t.spec.signals[stream]].check(value)
        except LifeworldError as error:
            raise LawBroken(f"spec is true: {stream}: {error}") from error


def law_unknown_signal_is_refused(t: Trial) -> None:
    """A signal not in the spec raises SignalUnavailable naming those there are."""
    try:
        t.world.observe(t.first, ["smell_of_coffee"])
    except SignalUnavailable as error:
        if not set(t.spec.signals.values()) <= set(error.available):
            raise LawBroken("unknown signal: the error does not name the signals there are") from error
        return
    raise LawBroken("unknown signal: nothing was raised")


def law_parts_are_the_whole(t: Trial) -> None:
    """A stream observed alone shows what it shows among all."""
    middle, _ = t.run(t.first, t.actions("before"))
    together = t.world.observe(middle, t.signals)
    for stream in t.signals:
        alone = t.world.observe(middle, [stream])
        if set(alone.values) != {stream} or not close(alone[stream], together[stream], t.tolerance):
            raise LawBroken(f"parts are the whole: {stream} alone differs from {stream} among all")


def law_clock(t: Trial) -> None:
    """Time is 0 at a reset and goes on by one tick a step; edits, saving and loading take none."""
    state, seen = t.run(t.first, t.actions())
    times = [t.world.observe(t.first, t.signals).time_ns, *(o.time_ns for o in seen)]
    if times != [i * t.spec.tick_ns for i in range(len(times))]:
        raise LawBroken(f"clock: the times are {times} ns, one tick is {t.spec.tick_ns} ns")
    others = {"loading": t.world.load(t.bytes_of(state))}
    if t.spec.editable:
        others["an edit"] = t.world.edit(state, t.change(state))
    for what, other in others.items():
        time_ns = t.world.observe(other, [next(iter(t.world.spec.signals))]).time_ns
        if time_ns != times[-1]:
            raise LawBroken(f"clock: {what} took it from {times[-1]} to {time_ns} ns")


def law_scene_can_be_written(t: Trial) -> None:
    """The scene at a state is text and back, and the scene of a state saved and loaded."""
    middle, _ = t.run(t.first, t.actions("before"))
    here = t.world.scene(middle)
    try:
        again = parse(to_text(here))
    except LifeworldError as error:
        raise LawBroken(f"scene can be written: its text cannot be read: {error}") from error
    if again != here:
        raise LawBroken("scene can be written: its text says another scene")
    if t.world.scene(t.world.load(t.bytes_of(middle))) != here:
        raise LawBroken("scene can be written: a state saved and loaded stands for another scene")


def law_rest_and_bounds(t: Trial) -> None:
    """An embodiment left out rests; numbers beyond its bounds count as the bounds."""
    rest = {a.name: np.array(a.rest, dtype=np.float64) for a in t.spec.actions}
    most = {a.name: np.array(a.high, dtype=np.float64) for a in t.spec.actions}
    beyond = {name: value + 1e3 for name, value in most.items()}
    for what, one, other in (("left out and at rest", {}, rest), ("beyond its bounds and at them", beyond, most)):
        seen, also = (t.world.observe(t.world.step(t.first, action), t.signals) for action in (one, other))
        t.same("rest and bounds", seen, also, f"between an action {what}")


def law_repeats(t: Trial) -> None:
    """The same start, seed and actions give the same observations."""
    _, once = t.run(t.first, t.actions())
    _, again = t.run(t.world.reset(t.start, seed=t.seed), t.actions())
    for i, (a, b) in enumerate(zip(once, again, strict=True)):
        t.same("repeats", a, b, f"at tick {i + 1}")


def law_state_is_a_value(t: Trial) -> None:
    """Stepping and observing leave the state they were given as it was; observing twice shows the same."""
    before = t.bytes_of(t.first)
    first = t.world.observe(t.first, t.signals)
    t.run(t.first, t.actions())
    t.same("state is a value", first, t.world.observe(t.first, t.signals), "after others were stepped")
    if t.bytes_of(t.first) != before:
        raise LawBroken("state is a value: stepping or observing changed the state it was given")


def law_forks(t: Trial) -> None:
    """A kept state, gone on from twice with the same actions, gives the same future; with others another (when it has actions)."""
    middle, _ = t.run(t.first, t.actions("before"))
    one, first = t.run(middle, t.actions("after"))
    two, second = t.run(middle, t.actions("after"))
    for i, (a, b) in enumerate(zip(first, second, strict=True)):
        t.same("forks", a, b, f"{i + 1} ticks after the fork")
    if t.tolerance == 0.0 and t.bytes_of(one) != t.bytes_of(two):
        raise LawBroken("forks: the same actions lead to other states")
    if t.spec.actions and t.bytes_of(t.run(middle, t.actions("otherwise"))[0]) == t.bytes_of(one):
        raise LawBroken("forks: other actions lead to the same state")


def law_saves(t: Trial) -> None:
    """load(save(state)) goes on identically."""
    middle, _ = t.run(t.first, t.actions("before"))
    data = t.bytes_of(middle)
    back = t.world.load(data)
    if t.bytes_of(back) != data:
        raise LawBroken("saves: saving what was loaded gives other bytes")
    _, kept = t.run(middle, t.actions("after"))
    _, loaded = t.run(back, t.actions("after"))
    for i, (a, b) in enumerate(zip(kept, loaded, strict=True)):
        t.same("saves", a, b, f"{i + 1} ticks after loading")


def law_edit_is_a_fork(t: Trial) -> None:
    """An edit changes the new state only; the new state's scene is the old one with the edit applied. Who cannot be edited says so."""
    if not t.spec.editable:
        try:
            t.world.edit(t.first, t.change(t.first))
        except EditError as error:
            if error.reason == "cannot":
                return
        raise LawBroken('edit is a fork: a world that is not editable refuses with EditError(reason="cannot")')
    middle, _ = t.run(t.first, t.actions("before"))
    before, seen, here = t.bytes_of(middle), t.world.observe(middle, t.signals), t.world.scene(middle)
    edit = t.change(middle)
    there = t.world.edit(middle, edit)
    if t.edit is None and t.world.scene(there) != edits.apply(here, edit):
        raise LawBroken("edit is a fork: the scene afterwards is not the scene with the edit applied")
    if t.world.spec.things != tuple(thing.name for thing in t.world.scene(there).things):
        raise LawBroken("edit is a fork: the spec does not name the things there are afterwards")
    t.run_on(there)
    if t.bytes_of(middle) != before:
        raise LawBroken("edit is a fork: the state it was given has changed")
    t.same("edit is a fork", seen, t.world.observe(middle, t.signals), "in the state it was given")


def law_edit_and_back(t: Trial) -> None:
    """An edit, then its inverse before any step, changes nothing: the same observations now and later."""
    if not t.spec.editable:
        return
    middle, _ = t.run(t.first, t.actions("before"))
    here = t.world.scene(middle)
    moves = [edits.Move(thing.name, free_pose(here)) for thing in here.things[:1]]
    recolored = [edits.Set(thing.name, color="#12ab34") for thing in here.things[-1:]]
    _, kept = t.run(middle, t.actions("after"))
    for edit in (t.change(middle), *moves, *recolored):
        there = t.world.edit(middle, edit)
        t.world.observe(there, [next(iter(t.world.spec.signals))])
        back = t.world.edit(there, edits.inverse(here, edit))
        t.same("edit and back", t.world.observe(middle, t.signals), t.world.observe(back, t.signals), f"right after {edit}")
        _, returned = t.run(back, t.actions("after"))
        for i, (a, b) in enumerate(zip(kept, returned, strict=True)):
            t.same("edit and back", a, b, f"{i + 1} ticks after {edit}")


def law_failure_changes_nothing(t: Trial) -> None:
    """What fails (a wrong action, edit or byte string) raises a typed error and leaves the state byte-identical."""
    before = t.bytes_of(t.first)
    attempts: list[tuple[str, Callable[[], object], type[LifeworldError]]] = [
        ("an action of nobody", lambda: t.world.step(t.first, {"nobody": np.zeros(3)}), ActionError),
        ("removing what is not there", lambda: t.world.edit(t.first, edits.Remove(name="nothing_of_this_name")), LifeworldError),
        ("loading noise", lambda: t.world.load(b"\x00 not a state"), StateError),
    ]
    for spec in t.spec.actions:
        attempts.append(("a NaN action", lambda s=spec: t.world.step(t.first, {s.name: np.full(s.size, np.nan)}), ActionError))  # type: ignore[misc]
        attempts.append(("a long action", lambda s=spec: t.world.step(t.first, {s.name: np.zeros(s.size + 1)}), ActionError))  # type: ignore[misc]
    for what, attempt, expected in attempts:
        try:
            attempt()
        except expected:
            pass
        else:
            raise LawBroken(f"failure changes nothing: {what} was accepted")
        if t.bytes_of(t.first) != before:
            raise LawBroken(f"failure changes nothing: {what} changed the state")


def law_rollout_is_stepping(t: Trial) -> None:
    """A rollout of several futures gives what stepping each alone gives."""
    signals = [s for s in t.signals if SIGNALS[t.spec.signals[s]].per != "camera"]
    plans = [t.actions("left"), t.actions("right"), t.actions("left")]
    stacked = {a.name: np.array([[step[a.name] for step in plan] for plan in plans]) for a in t.spec.actions}
    ends, together = t.world.rollout([t.first] * len(plans), stacked, signals, ticks=t.ticks)
    if (together.origin, together.time_ns) != (t.spec.origin, t.ticks * t.spec.tick_ns):
        raise LawBroken(f"rollout is stepping: it says {together.origin} at {together.time_ns} ns")
    for i, plan in enumerate(plans):
        end, alone = t.run(t.first, plan)
        if t.tolerance == 0.0 and t.bytes_of(ends[i]) != t.bytes_of(end):
            raise LawBroken(f"rollout is stepping: future {i} ends in another state")
        for stream in signals:
            for tick, seen in enumerate(alone):
                if not close(together[stream][i][tick], seen[stream], t.tolerance):
                    raise LawBroken(f"rollout is stepping: {stream} of future {i} differs at tick {tick + 1}")


def law_looks_ahead(t: Trial) -> None:
    """What is told of the frame to come is told of the state given as the next: of the same state, that nothing moves."""
    ahead = [s for s in t.signals if SIGNALS[t.spec.signals[s]].forward]
    middle, _ = t.run(t.first, t.actions("before"))
    later, _ = t.run(middle, t.actions("after"))
    before = t.bytes_of(middle), t.bytes_of(later)
    once = t.world.observe(middle, ahead, then=later)
    t.same("looks ahead", once, t.world.observe(middle, ahead, then=later), "when looked at twice")
    if (t.bytes_of(middle), t.bytes_of(later)) != before:
        raise LawBroken("looks ahead: looking changed a state")
    standing = t.world.observe(middle, ahead, then=middle)
    for stream in ahead:
        if t.spec.signals[stream] in ("flow_forward", "scene_flow_m") and np.nanmax(np.abs(standing[stream]), initial=0.0) > 1e-2:
            raise LawBroken(f"looks ahead: {stream} moves between a state and itself")


WORLD_LAWS: tuple[Law, ...] = (
    law_spec_is_true,
    law_unknown_signal_is_refused,
    law_parts_are_the_whole,
    law_clock,
    law_scene_can_be_written,
    law_rest_and_bounds,
    law_repeats,
    law_state_is_a_value,
    law_forks,
    law_saves,
    law_edit_is_a_fork,
    law_edit_and_back,
    law_failure_changes_nothing,
    law_rollout_is_stepping,
    law_looks_ahead,
)
