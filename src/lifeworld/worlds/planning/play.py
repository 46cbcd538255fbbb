"""Plays of an arena as a bundle of episodes, to learn from: pictures at the pace of decisions, and what was done.

    play_to("data", named("tworoom"), episodes=300, seed=0)

The same seed plays the same, on however many processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lifeworld.core.errors import LimitError, UnknownName
from lifeworld.core.origin import Terms
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import append_to, clear, create, stage
from lifeworld.worlds.agent import AGENTS, Agent
from lifeworld.worlds.planning.arena import Arena
from lifeworld.worlds.planning.arenas import named
from lifeworld.worlds.planning.held import AgentHeld
from lifeworld.worlds.record import check_seconds, record_from
from lifeworld.worlds.world import World

PLAYER = "player"
IN_A_JOB = 10
"""Episodes that a process makes at a time."""
TRIES = 2
"""Workers that may die of an episode, of want of memory most often, before the others' work is given up too."""
MOST_EPISODES = 100_000


def play(arena: Arena, world: World[Any], *, seed: int, seconds: float, agent: str = PLAYER, number: int = 0) -> Episode:
    """One play from its beginning on, by the arena's player or somebody of `AGENTS`, with the arena's signals.

    Raises:
        UnknownName: if there is no such agent.
        LimitError: for a duration that no episode has.
    """
    state = arena.begin(world, seed=seed)
    return record_from(
        world,
        _who(arena, world, agent),
        state,
        seconds=seconds,
        seed=seed,
        signals=arena.signals,
        title=f"{arena.name} {number}",
        labels={"arena": arena.name, "agent": agent},
    )


def play_to(
    folder: Path,
    arena: Arena,
    *,
    episodes: int,
    seed: int,
    seconds: float | None = None,
    agent: str = PLAYER,
    variation: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
    anew: bool = False,
    workers: int | None = None,
    on_episode: Callable[[], None] = lambda: None,
) -> list[str]:
    """Play so many times and keep all in a bundle; the uids of what was made.

    Raises:
        LimitError: for none, too many, or a duration that no episode has.
        UnknownName: if there is no such agent.
        InputError: if something else lies there.
    """
    if not 1 <= episodes <= MOST_EPISODES:
        raise LimitError("that many episodes cannot be made", got=episodes, expected=f"1 to {MOST_EPISODES}")
    world, lasts = arena.world(**variation or {}), arena.seconds if seconds is None else seconds
    check_seconds(lasts, world.spec.tick_ns)
    _who(arena, world, agent)  # what cannot be is said before anything is written
    create(folder)
    if anew:
        clear(folder)
    jobs = [range(first, min(first + IN_A_JOB, episodes)) for first in range(0, episodes, IN_A_JOB)]
    work = partial(_plays, folder, arena.name, dict(variation or {}), lasts, agent, terms, seed)
    made = []
    with append_to(folder) as bundle:
        for uids in spread(work, jobs, workers=min(workers or cores(), len(jobs)), tries=TRIES):
            bundle.commit(uids)
            made += uids
            for _ in uids:
                on_episode()
    return made


def _plays(
    folder: Path, name: str, variation: Mapping[str, Any], seconds: float, agent: str, terms: Terms | None, seed: int, numbers: range
) -> list[str]:
    """Play some of the episodes and stage them; their uids."""
    arena = named(name)
    world = arena.world(**variation)
    uids = []
    for number in numbers:
        episode = play(arena, world, seed=child_seed(seed, "episode", number), seconds=seconds, agent=agent, number=number)
        uids.append(stage(episode if terms is None else episode.under(terms), folder))
    return uids


def _who(arena: Arena, world: World[Any], agent: str) -> Agent:
    if agent == PLAYER:
        return arena.player(world)
    if agent not in AGENTS:
        raise UnknownName("agent", agent, (PLAYER, *AGENTS))
    return AgentHeld(AGENTS[agent](), hold=arena.hold)
