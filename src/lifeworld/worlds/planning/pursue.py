"""The loop: plan, follow the plan for a while in the true world, look where one is, plan again.

mind = Inside(world, hold=5)
pursuit = pursue(world, start, mind=mind, planner=ICEM(hold=5), cost=mind.wanting(world, goal), reached=…, hold=5, budget=50, seed=3)
pursuit.moderate, pursuit.decisions
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lifeworld.core.errors import InputError
from lifeworld.core.seed import child_seed
from lifeworld.worlds.planning.arena import Reached
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.mind import Mind
from lifeworld.worlds.planning.planner import Planned, Planner
from lifeworld.worlds.world import World

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pursuit:
    """What came of it: `states` of the true world from the start on, a decision apart, the `actions` of each decision (d, size) by name.

    `moderate` and `strict` are the decision in which the goal was reached, by each rule, None for never; `plans` were made, which took
    `plan_s` seconds of processor time and `steps` ticks of tried futures each.
    """

    states: tuple[object, ...]
    actions: dict[str, NDArray[np.float64]]
    moderate: int | None
    strict: int | None
    plans: tuple[Planned, ...]
    plan_s: tuple[float, ...]

    @property
    def decisions(self) -> int:
        """How many were taken."""
        return len(self.states) - 1


def pursue(
    true: World[S],
    start: S,
    *,
    mind: Mind,
    planner: Planner,
    cost: Cost,
    reached: Callable[[S], Reached],
    hold: int,
    budget: int,
    seed: int,
    follow: int = 1,
    steady: int = 1,
) -> Pursuit:
    """Go for what costs least until it is reached by both rules, or `budget` decisions are spent.

    Neither rule follows from the other: the strict one may ask for a finger or a block alone, the moderate one for the whole arm, or for
    who pushes too.

    Args:
        true: the world that it is about.
        mind: where is planned.
        reached: the rules; asked after every tick of the true world.
        hold: ticks of the true world that an action is held.
        follow: decisions of each plan that are followed before the next one.
        steady: ticks in a row for which the strict rule has to hold.

    Raises:
        InputError: if the two worlds take other actions, or the goal is reached before anything is done.
    """
    check_same(true, mind.world)
    if not 1 <= follow <= planner.horizon:
        raise InputError("a plan is followed for some of its decisions", got=follow, expected=f"1 to {planner.horizon}")
    if reached(start).moderate:
        raise InputError("the goal is reached before anything is done, so nothing would be judged", fix="Choose another start or goal.")
    state, course, states, kept = start, [start], [start], 0
    done: list[dict[str, NDArray[np.float64]]] = []
    plans: list[Planned] = []
    spent: list[float] = []
    before: Planned | None = None
    planned: Planned | None = None
    moderate: int | None = None
    strict: int | None = None
    while len(done) < budget and (moderate is None or strict is None):
        if planned is None or len(done) % follow == 0:
            begin = _clock(mind.world)
            here = mind.enter(true, course)
            planned = planner.plan(mind.world, here, cost, seed=child_seed(seed, "plan", len(plans)), before=before)
            spent.append(_clock(mind.world) - begin)
            plans.append(planned)
            before = planned.rest(follow * mind.hold)
        at = len(done) % follow * mind.hold
        action = {name: value[at] for name, value in planned.actions.items()}
        done.append(action)
        for _ in range(hold):
            state = true.step(state, action)
            course.append(state)
            how = reached(state)
            moderate = len(done) if moderate is None and how.moderate else moderate
            kept = kept + 1 if how.strict else 0
            strict = len(done) if strict is None and kept >= steady else strict
            if moderate is not None and strict is not None:
                break
        states.append(state)
    return Pursuit(
        states=tuple(states),
        actions={name: np.stack([action[name] for action in done]) for name in done[0]},
        moderate=moderate,
        strict=strict,
        plans=tuple(plans),
        plan_s=tuple(spent),
    )


def _clock(world: World[object]) -> float:
    """Processor time [s]: ours, and that of a model which computes in a process of its own and says how long (`elsewhere_s`)."""
    return time.process_time() + float(getattr(world, "elsewhere_s", 0.0))


def check_same(true: World[S], planned: World[object]) -> None:
    """Raise where two worlds do not take the same actions.

    Raises:
        InputError: saying how they differ.
    """
    mine, theirs = ({spec.name: spec.size for spec in world.spec.actions} for world in (true, planned))
    if mine != theirs:
        raise InputError(
            "who plans knows other actions than the world that it is about",
            got=_said(theirs),
            expected=_said(mine),
            fix="Learn from episodes of this world, with its actions.",
        )


def _said(actions: dict[str, int]) -> str:
    return ", ".join(f"{name} ({size} numbers)" for name, size in actions.items()) or "nobody who acts"
