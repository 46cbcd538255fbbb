"""Why something came about: each possible cause is taken away in turn, and the same world is gone through again without it.

    found = because(world, scene, actions, outcome=falls, seconds=5.0)
    found.causes                      # ("bump",): without it, it does not fall

That is an intervention, not a correlation: everything else is the same to the bit, what is drawn too, since each event draws from its own
seed. A cause is what it does not come about without. Where there is no such one, because two would each have been enough, it is the
one without which it comes about at another time (the other was only ready), or, if that is so of both or neither, both.

Source: Halpern & Pearl, Causes and Explanations: A Structural-Model Approach (2005), but-for causes and preemption.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from lifeworld.core.errors import LimitError, SceneError
from lifeworld.scene.edit import SetEvent
from lifeworld.scene.outcome import MAX_NAME, Outcome
from lifeworld.scene.scene import Scene
from lifeworld.worlds.whatif.change import Change
from lifeworld.worlds.whatif.follow import Following, Result
from lifeworld.worlds.world import Action

if TYPE_CHECKING:
    from lifeworld.worlds.whatif.whatif import WhatIf

MOST_CAUSES = 32
SHIFT_S = 0.06
"""What comes about so much sooner or later comes about otherwise; less may be the solver's last digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why an outcome came about, and how that was found out.

    `causes` by name; `enough`: each of them alone would have done it, otherwise it took them all. `ready`: what would have done it, had a
    cause not. `hastened`: without it, it comes about at another time. `without` is what came of it without each of those tried, by name
    (two names with " and " between them where both were taken away). `prevented`: what `outcome` is the staying away of.
    """

    outcome: Outcome
    result: Result
    causes: tuple[str, ...]
    enough: bool
    ready: tuple[str, ...]
    hastened: tuple[str, ...]
    without: tuple[tuple[str, Result], ...]
    prevented: Outcome | None = None

    def as_json(self) -> dict[str, Any]:
        """As one object for programs."""
        return {
            "outcome": self.outcome.name if self.prevented is None else self.prevented.name,
            "prevented": self.prevented is not None,
            "came": self.result.came,
            "time_s": self.result.time_s,
            "because": list(self.causes),
            "each_enough": self.enough,
            "ready": list(self.ready),
            "hastened": list(self.hastened),
            "without": {name: {"came": result.came, "time_s": result.time_s} for name, result in self.without},
            "told": self.told,
        }

    @property
    def told(self) -> str:
        """In a sentence."""
        if not self.result.came:
            return f"it did not come about: {self.outcome.name}"
        if self.prevented is not None and self.causes:
            by = (" or " if self.enough and len(self.causes) > 1 else " and ").join(self.causes)
            return f"{self.prevented.name} is prevented by {by}: without that it comes about"
        what = self.outcome.name + ("" if self.result.time_s is None else f" ({self.result.time_s:.2f} s)")
        if not self.causes:
            tried = ", ".join(name for name, _ in self.without if " and " not in name)
            return f"{what}, and not because of {tried or 'anything that happened'}: it comes about without that too"
        more = f"; {' and '.join(self.hastened)} only changed when" if self.hastened else ""
        if self.ready:
            return f"{what} because of {' and '.join(self.causes)}; without that {' and '.join(self.ready)} would have done it{more}"
        if self.enough:
            return f"{what} because of {' or '.join(self.causes)}: each alone would have been enough{more}"
        why = "without that it does not come about" if len(self.causes) == 1 else "it takes them all"
        return f"{what} because of {' and '.join(self.causes)}: {why}{more}"


def because(
    world: Any,
    start: Scene | Any,
    actions: Sequence[Action],
    *,
    outcome: Outcome,
    seconds: float,
    seed: int = 0,
    changes: Sequence[tuple[int, str, Change]] = (),
    causes: Sequence[str] | None = None,
    on_roll: Callable[[], None] | None = None,
) -> Because:
    """Why `outcome` came about in a world that begins at `start` (a scene and `seed`, or a state) with these actions.

    What may be a cause are the scene's events and `changes` (the tick before which each is made, its name, and what it is); `causes` names
    those of them that are tried (None: all). `on_roll` is told of each future that was gone through.

    Raises:
        SceneError: if a cause is named that there is not, or two have one name.
        LimitError: for more than MOST_CAUSES causes.
    """
    scene = start if isinstance(start, Scene) else world.scene(start)
    known = [*(event.name for event in scene.events), *(name for _, name, _ in changes)]
    tried = known if causes is None else list(causes)
    if len(set(known)) < len(known) or not set(tried) <= set(known):
        raise SceneError("causes are told apart by name", got=", ".join(tried), expected=f"some of {', '.join(known) or 'none'}, each once")
    if len(tried) > MOST_CAUSES:
        raise LimitError("too many possible causes", got=len(tried), expected=f"at most {MOST_CAUSES}", fix="Name some of them: causes=…")

    def rolled(*without: str) -> Result:
        result = _rolled(world, start, actions, outcome, seconds, seed, changes, _with_followers(scene, set(without)))
        if on_roll is not None:
            on_roll()
        return result

    whole = rolled()
    if not whole.came:
        return Because(outcome=outcome, result=whole, causes=(), enough=False, ready=(), hastened=(), without=())
    without = {name: rolled(name) for name in tried}
    needed = tuple(name for name, result in without.items() if not result.came)
    shifted = tuple(name for name, result in without.items() if result.came and _otherwise(whole, result))
    if needed:
        return Because(
            outcome=outcome, result=whole, causes=needed, enough=False, ready=(), hastened=shifted, without=tuple(without.items())
        )
    pairs = {(a, b): rolled(a, b) for a, b in combinations(tried, 2)}
    said = (*without.items(), *((f"{a} and {b}", result) for (a, b), result in pairs.items()))
    enough = {name for pair, result in pairs.items() if not result.came for name in pair}
    first = tuple(name for name in tried if name in enough and name in shifted)
    both = not first or len(first) == len(enough)
    return Because(
        outcome=outcome,
        result=whole,
        causes=tuple(name for name in tried if name in enough) if both else first,
        enough=True,
        ready=() if both else tuple(name for name in tried if name in enough and name not in first),
        hastened=tuple(name for name in shifted if name not in enough),
        without=said,
    )


def why(found: WhatIf) -> tuple[Because, ...]:
    """Because of which step of the change, or which event of the scene, each outcome came about in the branch.

    Of those that came true in the base alone: because of what they did not.
    """
    change, fork = found.change, found.fork
    steps = [Change(steps=(step,), said=change.said, told=change.told) for step in change.steps]
    names = [change.said] if len(steps) == 1 else [f"{change.said}, {i}" for i in range(1, len(steps) + 1)]
    out = []
    for outcome, one, other in zip(found.outcomes, found.base_results, found.branch_results, strict=True):
        came, stayed_away = other is not None and other.came, one is not None and one.came and outcome.how == "ever"
        if other is None or not (came or stayed_away):
            continue
        reason = because(
            fork.world,
            fork.state,
            fork.actions,
            outcome=outcome if came else replace(outcome, how="never", name=f"not: {outcome.name}"[:MAX_NAME]),
            seconds=found.base.duration_ns * 1e-9,
            changes=[(0, name, step) for name, step in zip(names, steps, strict=True)],
        )
        out.append(reason if came else replace(reason, prevented=outcome))
    return tuple(out)


def _rolled(
    world: Any,
    start: Scene | Any,
    actions: Sequence[Action],
    outcome: Outcome,
    seconds: float,
    seed: int,
    changes: Sequence[tuple[int, str, Change]],
    without: set[str],
) -> Result:
    """What comes of an outcome without some events and changes."""
    if isinstance(start, Scene):
        state = world.reset(replace(start, events=tuple(event for event in start.events if event.name not in without)), seed=seed)
    else:
        gone = tuple(SetEvent(event.name, None) for event in world.scene(start).events if event.name in without)
        state = world.edit(start, gone) if gone else start
    following = Following([outcome], state)
    for tick in range(round(seconds * 1e9 / world.spec.tick_ns)):
        for at, name, change in changes:
            if at == tick and name not in without:
                state = change.made(world, state)
        following.see(state)
        if following.decided:
            break
        state = world.step(state, actions[tick] if tick < len(actions) else {})
    else:
        following.see(state)
    [result] = following.results()
    assert result is not None, "the outcome speaks of the scene it begins with"
    return result


def _with_followers(scene: Scene, names: set[str]) -> set[str]:
    """Some events and all those that happen only after one of them."""
    while more := {event.name for event in scene.events if event.after in names} - names:
        names = names | more
    return names


def _otherwise(one: Result, other: Result) -> bool:
    """Whether an outcome came true at another time."""
    if one.time_s is None or other.time_s is None:
        return one.time_s is not other.time_s
    return not math.isclose(one.time_s, other.time_s, abs_tol=SHIFT_S)
