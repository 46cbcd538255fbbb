"""Plays of a game as a bundle of episodes: somebody holds keys, each game from its beginning to its end is an episode.

    play_to("data", "coinrun", minutes=30.0, seed=0)

What was broken off is gone on with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from lifeworld.core.errors import InputError, LimitError
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.episode.bundle import open_bundle
from lifeworld.episode.episode import Episode
from lifeworld.episode.head import is_bundle
from lifeworld.episode.seal import append_to, stage
from lifeworld.worlds.game.agent import AgentSticky
from lifeworld.worlds.game.engine import WorldGame
from lifeworld.worlds.record import record_from

SESSION_S = 60.0
"""How long somebody plays at a time [s]."""
LEAST_S = 1.5
"""A game that was over sooner is not kept [s]: there is nothing to be learned from its end."""
MOST_MINUTES = 10_000.0


def sessions(minutes: float) -> int:
    """How many sessions so many minutes are.

    Raises:
        LimitError: for none, or too many.
    """
    if not 0.1 <= minutes <= MOST_MINUTES:
        raise LimitError("so long nobody plays", got=f"{minutes} minutes", expected=f"0.1 to {MOST_MINUTES:g}")
    return math.ceil(minutes * 60 / SESSION_S)


def play_to(folder: Path, game: str, *, minutes: float, seed: int, on_session: Callable[[], None] = lambda: None) -> Path:
    """Play, `minutes` in all, and keep what was seen and done in `folder`; sessions that lie there already are not played again.

    Raises:
        InputError: if something else lies there, or no game lasts.
        UnknownName, MissingExtra, EngineError: if there is no such game, or it cannot be played here.
    """
    count, seconds, said = sessions(minutes), min(SESSION_S, minutes * 60), {"game": game, "seed": str(seed)}
    done = _done(folder, said)
    if not done:
        WorldGame(game).close()  # what cannot be played is said before anything is written
    missing = [number for number in range(count) if number not in done]
    for _ in range(count - len(missing)):
        on_session()
    with append_to(folder) as bundle:
        for uids in spread(partial(_session, folder, said, seconds), missing, workers=min(cores(), len(missing))):
            bundle.commit(uids)
            on_session()
    if not len(open_bundle(folder)):
        raise InputError(f"every game of {game} was over within {LEAST_S:g} s", where=str(folder), fix="Play longer.")
    return folder


def _done(folder: Path, said: dict[str, str]) -> set[int]:
    """The sessions that lie there.

    Raises:
        InputError: if anything else does.
    """
    found = set[int]()
    for manifest in map(open_bundle(folder).manifest, range(len(open_bundle(folder)))) if is_bundle(folder) else ():
        there = {name: manifest.labels.get(name, "") for name in said}
        if there != said:
            got, expected = (", ".join(f"{name} {value or '-'}" for name, value in each.items()) for each in (there, said))
            raise InputError("something else was recorded here", where=str(folder), got=got, expected=expected, fix="Name another folder.")
        found.add(int(manifest.labels["session"]))
    return found


def games(episode: Episode) -> list[Episode]:
    """The games in what was recorded of several, each without its last picture: there some games show the next one already."""
    times, streams = episode["rgb@screen"].times_ns, episode.streams
    over = [name for name in ("terminated", "truncated") if name in streams]
    ends = np.flatnonzero(np.any([episode[name].values for name in over], axis=0)).tolist()
    kept = {name: streams[name] for name in ("rgb@screen", "reward", *(n for n in streams if n.startswith("action@")))}
    plain = replace(episode, streams=kept, legend={name: words for name, words in episode.legend.items() if name in kept})
    found = list[Episode]()
    for first, last in zip([0, *(end + 1 for end in ends)], [*ends, len(times)], strict=True):
        if last - first > 1 and times[last - 1] - times[first] >= LEAST_S * 1e9:
            part = plain.between(int(times[first]), int(times[last - 1]) + 1)
            shifted = {n: replace(s, times_ns=s.times_ns - int(times[first])) for n, s in part.streams.items()}
            found.append(replace(part, streams=shifted, title=f"{episode.title} {len(found)}"))
    return found


def _session(folder: Path, said: dict[str, str], seconds: float, number: int) -> list[str]:
    """Play once and stage the games; their uids."""
    world, seed = WorldGame(said["game"]), child_seed(int(said["seed"]), "session", number)
    try:
        start, signals = world.reset(None, seed=seed), ["rgb", "reward", "terminated", "truncated"]
        labels = {**said, "session": str(number)}
        episode = record_from(world, AgentSticky(), start, seconds=seconds, seed=seed, signals=signals, title=said["game"], labels=labels)
    finally:
        world.close()
    return [stage(part, folder) for part in games(episode)]
