"""Possible courses to learn from: the stories' own families, never the stories that models are judged by.

possible_to("videos", episodes=1600, seed=0)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lifeworld.core.errors import LimitError
from lifeworld.core.origin import Terms
from lifeworld.core.parallel import cores, spread
from lifeworld.core.seed import child_seed
from lifeworld.evaluate.pairs.stories import FAMILIES, story
from lifeworld.evaluate.pairs.story import PICTURE_NS, PICTURES, TICKS

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import WorldPhysics

POSSIBLE = "possible"
SECONDS = (PICTURES - 1) * PICTURE_NS * 1e-9
SIGNALS = ("rgb", "position_m", "quat_wxyz", "linear_velocity_m_s", "contacts")
MOST_EPISODES = 100_000
IN_A_JOB = 16
EXACT = ("rgb",)
"""Pictures are kept without loss, as those of the films are."""


def possible_to(
    folder: Path | str,
    *,
    episodes: int,
    seed: int,
    terms: Terms | None = None,
    anew: bool = False,
    workers: int | None = None,
    on_episode: Callable[[], None] = lambda: None,
) -> list[str]:
    """Record so many courses, the families in turn, as a bundle of episodes in which nobody acts; their uids.

    Raises:
        LimitError: for none, or too many.
        InputError: if something else lies there.
    """
    from lifeworld.episode.seal import append_to, clear, create

    folder = Path(folder)
    if not 1 <= episodes <= MOST_EPISODES:
        raise LimitError("that many episodes cannot be made", got=episodes, expected=f"1 to {MOST_EPISODES}")
    create(folder)
    if anew:
        clear(folder)
    with append_to(folder, exact=EXACT) as writer:
        uids = list[str]()
        jobs = [(str(folder), seed, first, min(IN_A_JOB, episodes - first), terms or Terms()) for first in range(0, episodes, IN_A_JOB)]
        for some in spread(_recorded, jobs, workers=min(workers or cores(), len(jobs))):
            writer.commit(some)
            uids += some
            for _ in some:
                on_episode()
    return uids


def _recorded(job: tuple[str, int, int, int, Terms]) -> list[str]:
    from lifeworld.episode.seal import stage
    from lifeworld.worlds.agent import AgentRest
    from lifeworld.worlds.record import record_from

    folder, seed, first, count, terms = job
    uids, names, world = list[str](), tuple(FAMILIES), _world()
    for number in range(first, first + count):
        family = names[number % len(names)]
        told = story(family, seed, index=number // len(names), purpose=POSSIBLE)
        episode = record_from(
            world,
            AgentRest(),
            world.reset(told.possible[0], seed=0),
            seconds=SECONDS,
            seed=child_seed(seed, POSSIBLE, number),
            signals=SIGNALS,
            title=f"{family} {number}",
            labels={"family": family, "hidden": "yes" if told.hidden else "no"},
        )
        uids.append(stage(episode.under(terms), Path(folder), exact=EXACT))
    return uids


@lru_cache(maxsize=1)
def _world() -> WorldPhysics:
    from lifeworld.worlds.physics.engine import WorldPhysics

    return WorldPhysics(quality="draft", frame_ticks=TICKS)
