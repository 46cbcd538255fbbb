"""Stories as films: pictures of what is possible, of what is not, and of a change of colour where nothing else is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lifeworld.evaluate.pairs.story import Course, Story

if TYPE_CHECKING:
    from lifeworld.worlds.physics.engine import WorldPhysics

CHANGED_PX = 6
"""A picture differs if so many pixels do, by more than `BY` of 255 in some colour."""
BY = 25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Films:
    """The films of a story, uint8 (T, H, W, 3) each. `seen` is the first picture of the impossible one that looks different."""

    possible: NDArray[np.uint8]
    impossible: NDArray[np.uint8]
    visual: NDArray[np.uint8]
    seen: int


def draw(story: Story) -> Films:
    """The three films of a story; what they share is drawn once."""
    possible = filmed(story.possible)
    cut = story.moment
    impossible = np.concatenate([possible[:cut], filmed(story.impossible[cut:])])
    visual = np.concatenate([possible[:cut], filmed(_recoloured(story.possible[cut:], story.control, story.otherwise))])
    differs = different(possible, impossible)
    return Films(possible=possible, impossible=impossible, visual=visual, seen=int(np.argmax(differs)) if differs.any() else len(possible))


def different(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pictures (T,) of two films look different."""
    changed = np.abs(one.astype(np.int16) - other).max(-1) > BY
    return np.asarray(changed.sum((1, 2)) >= CHANGED_PX)


def filmed(scenes: Course) -> NDArray[np.uint8]:
    """A picture of each scene."""
    world = _world()
    return np.stack([world.observe(world.reset(scene, seed=0), ["rgb@eye"])["rgb@eye"] for scene in scenes])


def _recoloured(scenes: Course, name: str, color: str) -> Course:
    return tuple(scene.with_thing(replace(scene.thing(name), color=color)) for scene in scenes)


@lru_cache(maxsize=1)
def _world() -> WorldPhysics:
    from lifeworld.worlds.physics.engine import WorldPhysics

    return WorldPhysics(quality="draft")  # without shadows: they would tell what a screen hides
