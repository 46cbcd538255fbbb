"""One episode as a job of plain values, which any process can do: a scene, who acts in it, what is recorded, and into which bundle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lifeworld.core.errors import PlacementError
from lifeworld.core.seed import child_seed
from lifeworld.episode.seal import stage
from lifeworld.scene.scene import Scene
from lifeworld.scene.text import parse
from lifeworld.worlds.agent import AGENTS
from lifeworld.worlds.physics.engine import WorldPhysics
from lifeworld.worlds.physics.senses.painter import Backend
from lifeworld.worlds.physics.settle import settle
from lifeworld.worlds.record import record

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


def produce(job: Job) -> str:
    """Make the episode and stage it for its bundle; its uid.

    Raises:
        PlacementError: if no draw of the scene stands.
    """
    world = _world(job.renderer, job.quality, job.assets, job.hearing)
    start = settle_anew(world, parse(job.scene, source="the scene"), job.seed)
    episode = record(world, AGENTS[job.agent](), start, seconds=job.seconds, seed=job.seed, signals=job.streams)
    return stage(episode, job.bundle)


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
