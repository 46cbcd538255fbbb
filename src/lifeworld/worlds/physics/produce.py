"""One episode as a job of plain values, which any process can do: a scene, who acts in it, what is recorded, and into which bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lifeworld.core.errors import Diverged, PlacementError
from lifeworld.core.origin import Terms
from lifeworld.core.seed import child_seed
from lifeworld.episode.audit import AUDITED, REJECTED, Audit, audit
from lifeworld.episode.episode import Episode
from lifeworld.episode.seal import stage
from lifeworld.scene.events import asked
from lifeworld.scene.scene import Scene
from lifeworld.scene.score import Score, score
from lifeworld.scene.text import parse
from lifeworld.worlds.agent import Agent, agent_of
from lifeworld.worlds.eventful import WorldEventful
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses.painter import Backend
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import HAPPENED, record
from lifeworld.worlds.world import World

S = TypeVar("S")

DRAWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An episode to be made. `scene` is scene text; its imported assets lie under `assets`. It is settled anew by the job's seed.

    `bundle` is the folder of a bundle that the process who asks for it has locked.
    """

    scene: str
    bundle: Path
    seed: int
    seconds: float
    streams: tuple[str, ...]
    agent: str
    renderer: Backend
    quality: str
    assets: Path
    hearing: bool
    events: str = ""
    keep_rejected: bool = False
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Made:
    """An episode that was made: its uid in the bundle (None: not kept), why it was rejected if it was, how often which event happened,

    and its score where the scene has goals.
    """

    uid: str | None
    rejected: tuple[str, ...]
    happened: dict[str, int]
    score: Score | None = None


def produce(job: Job) -> Made:
    """Make the episode and stage it for its bundle, if it can have happened.

    Raises:
        PlacementError: if no draw of the scene stands.
    """
    world = _world(job.renderer, job.quality, job.assets, job.hearing)
    start = settle_anew(world, parse(job.scene, source="the scene"), job.seed)
    alive = eventful(world, start, job.events)
    agent = agent_of(job.agent, start, assets=job.assets)
    try:
        episode, found, happened = audited(alive, agent, start, seconds=job.seconds, seed=job.seed, signals=job.streams)
    except Diverged as error:
        return Made(None, (str(error),), {})
    uid = stage(episode.under(job.terms), job.bundle) if found.ok or job.keep_rejected else None
    return Made(uid, tuple(str(finding) for finding in found.findings), happened, score_of(episode))


def eventful(world: WorldPhysics, scene: Scene, events: str) -> World[Any]:
    """The world in which what a scene says happens, and what is asked for besides (`bump:2/min,slip`); the bare one where nothing does.

    Raises:
        UnknownName, EventError, LimitError: for what cannot be asked for.
    """
    more = asked(events, taken=[*scene.names(), *(event.name for event in scene.events)]) if events else ()
    return WorldEventful(world, more) if more or scene.events else world


def audited(
    world: World[S],
    agent: Agent,
    start: Scene,
    *,
    seconds: float,
    seed: int,
    signals: Collection[str],
    on_tick: Callable[[int, int], None] | None = None,
) -> tuple[Episode, Audit, dict[str, int]]:
    """An episode of these streams, whether it can have happened, and how often which event did. The auditor sees all that it needs.

    What cannot have happened says so in its labels.
    """
    world.reset(start, seed=seed)
    kept = {*world.spec.streams(signals)}
    needed = {name for name in (*AUDITED, *(("goal_progress",) if start.goals else ())) if name in world.spec.signals}
    episode = record(world, agent, start, seconds=seconds, seed=seed, signals=kept | needed, on_tick=on_tick)
    found = audit(episode)
    scored = score_of(episode)
    labels = {**episode.labels, **(scored.labels if scored is not None else {})}
    labels |= {} if found.ok else {REJECTED: str(found.findings[0])}
    scoring = {"goal_progress"} & needed  # who has goals keeps how far they were
    streams = {name: stream for name, stream in episode.streams.items() if name in kept | scoring or name not in needed}
    return replace(episode, streams=streams, labels=labels), found, _happened(episode)


def score_of(episode: Episode) -> Score | None:
    """The score of an episode by its goals' progress; None where its scene has no goals, or nothing was recorded of them."""
    if episode.scene is None or not episode.scene.goals or "goal_progress" not in episode.streams:
        return None
    return score(episode.scene.goals, np.stack(list(episode["goal_progress"].values[:])))


def _happened(episode: Episode) -> dict[str, int]:
    """How often each event happened."""
    if HAPPENED not in episode.streams:
        return {}
    rows = np.concatenate([np.asarray(part) for part in episode[HAPPENED].values[:]])
    names = episode.legend[HAPPENED]
    return dict(Counter(names[event] for event, _ in {(int(row["event"]), int(row["time_ns"])) for row in rows}))


def settle_anew(world: WorldPhysics, scene: Scene, seed: int) -> Scene:
    """The scene settled by another seed. It has settled once, so a draw that does not stand is drawn again, a few times."""
    for draw in range(1, DRAWS):
        try:
            return settle(world, scene, seed=seed)
        except PlacementError:
            seed = child_seed(seed, "draw", draw)
    return settle(world, scene, seed=seed)


@lru_cache(maxsize=1)
def _world(renderer: Backend, quality: str, assets: Path, hearing: bool) -> WorldPhysics:
    """This process's world: what it compiles and draws with is kept from one episode to the next."""
    return WorldPhysics(renderer=renderer, quality=quality, assets=assets, hearing=hearing)
