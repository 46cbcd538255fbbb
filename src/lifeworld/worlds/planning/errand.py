"""Errands: where one begins and what is to be reached, by an arena's rules or in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lifeworld.core.errors import InputError, PlacementError
from lifeworld.core.seed import child_seed
from lifeworld.scene.scene import Scene
from lifeworld.scene.words.understand import understand
from lifeworld.worlds.planning.arena import Arena, Reached
from lifeworld.worlds.planning.cost import Cost
from lifeworld.worlds.planning.cost_goal import CostGoal, all_so, wanted
from lifeworld.worlds.planning.mind import Mind
from lifeworld.worlds.world import World

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import PhysicsState, WorldPhysics
    from lifeworld.worlds.planning.manifest import Manifest

MOST_SOLVED = 100
MOST_DRAWN = 20
"""For each errand in words that is asked for, so many scenes are drawn at most: what is so from the start is no errand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errand:
    """From `start` to where `reached` says so. `goal` is a state that is as good, if there is one; `wanting` what not being there costs."""

    start: Any
    goal: Any | None
    reached: Callable[[Any], Reached]
    wanting: Callable[[Mind], Cost]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How an errand is gone about: each decision is held for `hold` ticks, there are `budget` of them, and the strict rule has to hold for

    `still` ticks in a row.
    """

    hold: int
    budget: int
    still: int = 1


def pace_of(arena: Arena) -> Pace:
    """That of an arena's rules."""
    return Pace(hold=arena.hold, budget=arena.budget, still=arena.still)


def errand_to(arena: Arena, world: World[Any], start: Any, goal: Any, *, seed: int) -> Errand:
    """From a state of an arena's world to another."""
    return Errand(
        start=start,
        goal=goal,
        reached=lambda state: arena.reached(world, state, goal),
        wanting=partial(_like, world, goal),
        seed=seed,
    )


def errands_of(arena: Arena, world: World[Any], *, count: int, seed: int) -> Iterator[Errand]:
    """So many errands drawn by an arena's rules, one by one; the first of many are those of few.

    They are those that a manifest of the same seed has: starts that are where the goal is are left out.

    Raises:
        InputError: if most starts are.
    """
    made = 0
    for number in range(2 * count + MOST_SOLVED):
        if made == count:
            return
        own = child_seed(seed, "errand", number)
        start = arena.start(world, seed=own)
        goal = arena.goal(world, start, seed=own)
        if not any(arena.reached(world, start, goal)):
            made += 1
            yield errand_to(arena, world, start, goal, seed=own)
    if made < count:
        raise InputError("most starts are solved already", where=arena.name, got=f"{made} of {2 * count + MOST_SOLVED} are not")


def errands_frozen(manifest: Manifest, world: World[Any]) -> Iterator[Errand]:
    """Those of a manifest, in its world.

    Raises:
        StateError: if they are of another version of the engine.
    """
    arena = manifest.arena()
    for start, goal, seed in manifest.errands(world):
        yield errand_to(arena, world, start, goal, seed=seed)


def errands_in_words(words: str, world: WorldPhysics, scene: Scene, *, count: int, seed: int, pictured: bool = False) -> Iterator[Errand]:
    """So many times what words ask for, in a scene whose things are placed anew and come to rest each time.

    With `pictured` the goal is a picture: of the same scene with the change made, as an edit in words makes it. Without, it is that what
    was asked for is so. Either way it is reached when it is so.

    Raises:
        WordsError: for words that ask for no state of things.
        InputError: if what they ask for is nearly always so from the start, or there is never room for it.
    """
    from lifeworld.worlds.physics.settle import settle

    made = 0
    for number in range(MOST_DRAWN * count):
        if made == count:
            return
        own = child_seed(seed, "errand", number)
        state = world.reset(wanted(words, settle(world, scene, seed=own)), seed=own)
        if all_so(world, state).moderate:
            continue
        if not pictured:
            cost = CostGoal.for_goals(world.scene(state))
            yield Errand(start=state, goal=None, reached=partial(all_so, world), wanting=partial(_always, cost), seed=own)
        elif (goal := _changed(words, world, state)) is not None:
            yield Errand(start=state, goal=goal, reached=partial(all_so, world), wanting=partial(_like, world, goal), seed=own)
        else:
            continue
        made += 1
    if made < count:
        raise InputError(
            "what is wanted is so from the start, or finds no room, most of the time",
            got=f"{made} of {MOST_DRAWN * count} scenes where it can be wanted",
            expected=str(count),
            fix="Ask for something that is not so yet, and could be.",
        )


def _changed(words: str, world: WorldPhysics, state: PhysicsState) -> PhysicsState | None:
    """The state with what words ask for made so by an edit; None where there is no room, or it would not stay."""
    try:
        goal = world.edit(state, understand(words, world.scene(state)).plan)
    except PlacementError:
        return None
    return goal if all_so(world, goal).moderate else None


def _always(cost: Cost, mind: Mind) -> Cost:
    return cost


def _like(world: World[Any], goal: Any, mind: Mind) -> Cost:
    return mind.wanting(world, goal)
